"""Accounts, API tokens and grants: whose token this is, and which data that account may read."""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from hub.db.access import accounts
from hub.db.access.accounts import Account, Grant
from hub.db.database import Transaction
from hub.domain import account_names
from hub.domain.access_terms import Terms
from hub.domain.contracts import Entity
from hub.domain.rights import CLASSES, ROLES, SUPERVISOR, Limited, Rights
from hub.errors import FlowError
from hub.settings import SigningIn
from hub.texts import both

TOKEN_DAYS = SigningIn().token_days
REGION = re.compile(r"[0-9]{2,12}")


@dataclass(frozen=True, slots=True)
class Reader:
    """An account in use, its rights, and the purposes of its grants: {entity: purpose}."""

    account: Account
    rights: Rights
    purposes: Mapping[str, str]

    def purpose(self, entities: Sequence[str]) -> str:
        """The purposes of the grants on these entities, as one text for the access log."""
        return "; ".join(
            sorted({self.purposes[name] for name in entities if name in self.purposes})
        )


def open_account(
    tx: Transaction,
    name: str,
    role: str,
    *,
    department: str,
    days: int = TOKEN_DAYS,
    regions: Sequence[str] = (),
) -> str:
    """Open an account and give its API token, in clear this once: only the hash is stored.

    days: until the token expires. regions: of a supervisor, leading digits of region codes.
    """
    if role not in ROLES:
        raise FlowError("access.role_unknown", role=role)
    _check_regions(role, regions)
    check_name(tx, name)
    token, token_hash = _new_token()
    if not accounts.add(
        tx, name, role, department=department, token_hash=token_hash, days=days, regions=regions
    ):
        raise FlowError("access.account_exists", account=name)
    return token


def check_name(tx: Transaction, name: str) -> None:
    """Refuse a name that breaks a rule of `account_names`, or looks like another account's."""
    if wrong := account_names.fault(name):
        zh, en = both(f"{wrong}|account name")
        raise FlowError("access.account_name", account=name, why_zh=zh, why_en=en)
    if other := account_names.alike(name, (one.name for one in accounts.accounts(tx))):
        raise FlowError("access.account_alike", account=name, other=other)


def set_regions(tx: Transaction, name: str, regions: Sequence[str]) -> None:
    """Let a supervisor's account see these regions from now on, and no others."""
    account = accounts.named(tx, name)
    if account is None:
        raise FlowError("access.account_unknown", account=name)
    _check_regions(account.role, regions)
    accounts.set_regions(tx, name, regions)


def renew_token(tx: Transaction, name: str, *, days: int = TOKEN_DAYS) -> str:
    """Give an account a new token, valid for so many days; the old one stops working at once."""
    token, token_hash = _new_token()
    if not accounts.renew(tx, name, token_hash, days=days):
        raise FlowError("access.account_unknown", account=name)
    return token


def revoke_token(tx: Transaction, name: str) -> None:
    """Make an account's token invalid; `renew_token` gives another."""
    if not accounts.revoke(tx, name):
        raise FlowError("access.account_unknown", account=name)


def end_account(tx: Transaction, name: str) -> None:
    """Close an account; its name is not given again."""
    if not accounts.end(tx, name):
        raise FlowError("access.account_unknown", account=name)


def grant(  # noqa: PLR0913 -- a grant has so many terms
    tx: Transaction,
    entities: Mapping[str, Entity],
    account: str,
    entity: str,
    *,
    classes: Sequence[str],
    purpose: str,
    valid_from: date,
    valid_until: date,
    regions: Sequence[str] = (),
    open_case_only: bool = False,
) -> int:
    """Let an account read these classes of an entity for a purpose and a term; give the grant's
    number.

    regions: leading digits of region codes, none for all. open_case_only: only where its unit has
    an open case.
    """
    holder = accounts.named(tx, account)
    if holder is None:
        raise FlowError("access.account_unknown", account=account)
    if holder.role == SUPERVISOR:
        raise FlowError("access.grant_supervisor", account=account)
    unknown = [name for name in classes if name not in CLASSES]
    if entity not in entities:
        raise FlowError("access.grant_invalid", why=f"entity {entity}")
    if unknown or not classes:
        raise FlowError("access.grant_invalid", why=f"classes {', '.join(unknown)}")
    if not purpose.strip():
        raise FlowError("access.grant_invalid", why="purpose")
    if valid_until < valid_from:
        raise FlowError("access.grant_invalid", why=f"{valid_from} > {valid_until}")
    if not all(REGION.fullmatch(region) for region in regions):
        raise FlowError("access.grant_invalid", why=f"regions {', '.join(regions)}")
    limits = Limited(entity, frozenset(classes), tuple(regions), open_case_only)
    made = accounts.add_grant(
        tx, account, limits, purpose=purpose, valid_from=valid_from, valid_until=valid_until
    )
    if made is None:
        raise FlowError("access.account_unknown", account=account)
    return made


def grant_terms(
    tx: Transaction, entities: Mapping[str, Entity], account: str, terms: Terms, *, purpose: str
) -> dict[str, int]:
    """Let an account read all that terms name; give the grants' numbers by entity."""
    return {
        entity: grant(
            tx,
            entities,
            account,
            entity,
            classes=terms.classes,
            purpose=purpose,
            valid_from=terms.valid_from,
            valid_until=terms.valid_until,
            regions=terms.regions,
            open_case_only=terms.open_case_only,
        )
        for entity in terms.entities
    }


def end_grant(tx: Transaction, grant_id: int) -> None:
    """End a grant at once."""
    if not accounts.end_grant(tx, grant_id):
        raise FlowError("access.grant_unknown", grant=grant_id)


def readers(tx: Transaction, tokens: Sequence[str]) -> list[Reader | None]:
    """The account and rights of each token, in order; None where it is unknown or expired."""
    hashes = [_hash(token) for token in tokens]
    found = accounts.of_tokens(tx, hashes)
    held = accounts.grants_in_force(tx, [account.name for account in found.values()])
    made = {key: reader_of(account, held.get(account.name, ())) for key, account in found.items()}
    return [made.get(key) for key in hashes]


def reader_named(tx: Transaction, name: str) -> Reader | None:
    """The account of this name and its rights; None where there is none or it has been closed."""
    found = next(
        (one for one in accounts.accounts(tx) if one.name == name and one.ended_at is None), None
    )
    return reader_of(found, accounts.grants_in_force(tx, [name]).get(name, ())) if found else None


def rights_on(tx: Transaction, reader: Reader, project_code: str) -> Rights:
    """A reader's rights on one project, with its grants limited to regions or open cases."""
    if not reader.rights.limited:
        return reader.rights
    return reader.rights.on(accounts.ground(tx, project_code, department=reader.account.department))


def rights_beside(
    tx: Transaction, reader: Reader, entity: str, project_codes: Sequence[str]
) -> Rights:
    """A reader's rights on a record without a project that belongs to these."""
    each = (rights_on(tx, reader, code) for code in project_codes)
    return reader.rights.beside(entity, each)


def reader_of(account: Account, held: Sequence[Grant]) -> Reader:
    """The reader that an account is, by its role and the grants given here."""
    purposes: dict[str, str] = {}
    for grant in held:
        purposes[grant.entity] = "; ".join(
            filter(None, [purposes.get(grant.entity), grant.purpose])
        )
    given = ((grant.entity, grant.classes, grant.regions, grant.open_case_only) for grant in held)
    return Reader(account, Rights.of(account.role, given, account.regions), purposes)


def _check_regions(role: str, regions: Sequence[str]) -> None:
    """Refuse regions of any role but the supervisor's, a supervisor without, and malformed ones."""
    if role != SUPERVISOR and regions:
        raise FlowError("access.regions_not_here", role=role)
    if role == SUPERVISOR and not regions:
        raise FlowError("access.regions_needed")
    for region in regions:
        if not REGION.fullmatch(region):
            raise FlowError("access.region_malformed", region=region)


def _new_token() -> tuple[str, bytes]:
    token = secrets.token_urlsafe(32)
    return token, _hash(token)


def _hash(token: str) -> bytes:
    # 256 random bits need no slow hash.
    return sha256(token.encode()).digest()
