"""Who may ask the hub, and what they may see: accounts with a token each, grants with a purpose and
a term.
"""

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
from hub.domain.rights import CLASSES, ROLES, Limited, Rights
from hub.errors import FlowError
from hub.settings import SigningIn
from hub.texts import both

TOKEN_DAYS = SigningIn().token_days
REGION = re.compile(r"[0-9]{2,12}")


@dataclass(frozen=True, slots=True)
class Reader:
    """An account in use, what it may see, and the purposes of its grants by entity."""

    account: Account
    rights: Rights
    purposes: Mapping[str, str]

    def purpose(self, entities: Sequence[str]) -> str:
        """For what purposes these entities are read."""
        return "; ".join(
            sorted({self.purposes[name] for name in entities if name in self.purposes})
        )


def open_account(
    tx: Transaction, name: str, role: str, *, department: str, days: int = TOKEN_DAYS
) -> str:
    """Open an account and give its token: it is shown this once, kept as a hash only, and good for
    so many days.
    """
    if role not in ROLES:
        raise FlowError("access.role_unknown", role=role)
    check_name(tx, name)
    token, token_hash = _new_token()
    if not accounts.add(tx, name, role, department=department, token_hash=token_hash, days=days):
        raise FlowError("access.account_exists", account=name)
    return token


def check_name(tx: Transaction, name: str) -> None:
    """Refuse a name that cannot be told from another account's, or not wholly seen."""
    if wrong := account_names.fault(name):
        zh, en = both(f"{wrong}|account name")
        raise FlowError("access.account_name", account=name, why_zh=zh, why_en=en)
    if other := account_names.alike(name, (one.name for one in accounts.accounts(tx))):
        raise FlowError("access.account_alike", account=name, other=other)


def renew_token(tx: Transaction, name: str, *, days: int = TOKEN_DAYS) -> str:
    """Give an account a new token for so many days; the old one is worth nothing at once."""
    token, token_hash = _new_token()
    if not accounts.renew(tx, name, token_hash, days=days):
        raise FlowError("access.account_unknown", account=name)
    return token


def revoke_token(tx: Transaction, name: str) -> None:
    """Let the token of an account in no more; a new one is another."""
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
    """Whose tokens these are and what those accounts may see; None where it is nobody's, or no
    longer.
    """
    hashes = [_hash(token) for token in tokens]
    found = accounts.of_tokens(tx, hashes)
    held = accounts.grants_in_force(tx, [account.name for account in found.values()])
    made = {key: reader_of(account, held.get(account.name, ())) for key, account in found.items()}
    return [made.get(key) for key in hashes]


def reader_named(tx: Transaction, name: str) -> Reader | None:
    """An account and what it may see, for what is handed to it without being asked; None where it
    is not in use.
    """
    found = next(
        (one for one in accounts.accounts(tx) if one.name == name and one.ended_at is None), None
    )
    return reader_of(found, accounts.grants_in_force(tx, [name]).get(name, ())) if found else None


def rights_on(tx: Transaction, reader: Reader, project_code: str) -> Rights:
    """What a reader may see of one project: grants that are held to regions or open cases count
    where they hold.
    """
    if not reader.rights.limited:
        return reader.rights
    return reader.rights.on(accounts.ground(tx, project_code, department=reader.account.department))


def reader_of(account: Account, held: Sequence[Grant]) -> Reader:
    """What an account may see by its role and these grants."""
    purposes: dict[str, str] = {}
    for grant in held:
        purposes[grant.entity] = "; ".join(
            filter(None, [purposes.get(grant.entity), grant.purpose])
        )
    given = ((grant.entity, grant.classes, grant.regions, grant.open_case_only) for grant in held)
    return Reader(account, Rights.of(account.role, given), purposes)


def _new_token() -> tuple[str, bytes]:
    token = secrets.token_urlsafe(32)
    return token, _hash(token)


def _hash(token: str) -> bytes:
    # 256 random bits need no slow hash.
    return sha256(token.encode()).digest()
