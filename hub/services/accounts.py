"""Accounts: listed, opened, given new tokens and passwords, signed out and closed."""

from collections.abc import Sequence
from dataclasses import dataclass

from hub import auth
from hub.auth import sessions
from hub.auth.context import ADMINISTERING, RequestContext
from hub.db.access import identities
from hub.db.access.identities import Person
from hub.db.access.sessions import SignIn
from hub.errors import FlowError

__all__ = ["OwnSignIns", "Person", "Secrets", "SignIn"]


@dataclass(frozen=True, slots=True)
class Secrets:
    """New credentials of an account, returned in clear this once; "" for what was not made."""

    account: str
    token: str = ""
    password: str = ""

    @property
    def given(self) -> dict[str, str]:
        """The credentials that were made: {token, password}."""
        both = {"token": self.token, "password": self.password}
        return {kind: secret for kind, secret in both.items() if secret}


@dataclass(frozen=True, slots=True)
class OwnSignIns:
    """An account's open sessions. elsewhere: it signs in at the identity provider."""

    open: list[SignIn]
    elsewhere: bool


def listed(context: RequestContext) -> list[Person]:
    """Every account and how its people sign in, those in use first."""
    with context.hub.database.read() as tx:
        return identities.people(tx)


def one(context: RequestContext, name: str) -> Person:
    """An account; FlowError (access.account_unknown) where there is none of that name."""
    with context.hub.database.read() as tx:
        found = identities.people(tx, name=name)
    if not found:
        raise FlowError("access.account_unknown", account=name)
    return found[0]


def open_account(
    context: RequestContext,
    name: str,
    role: str,
    *,
    department: str = "",
    regions: Sequence[str] = (),
    password: bool = False,
) -> Secrets:
    """Open an account with a token, and a password where it is asked for.

    regions: of a supervisor, leading digits of the codes of the regions that he sees.
    """
    context.require(ADMINISTERING)
    days = context.hub.settings.signing_in.token_days
    with context.hub.database.write() as tx:
        token = auth.open_account(tx, name, role, department=department, days=days, regions=regions)
        return Secrets(name, token, sessions.new_password(tx, name) if password else "")


def change_regions(context: RequestContext, name: str, regions: Sequence[str]) -> None:
    """Let a supervisor see these regions from now on, and no others."""
    context.require(ADMINISTERING)
    with context.hub.database.write() as tx:
        auth.set_regions(tx, name, regions)


def new_token(context: RequestContext, name: str) -> Secrets:
    """Give an account a new token; the old one ends at once."""
    context.require(ADMINISTERING)
    with context.hub.database.write() as tx:
        return Secrets(
            name, token=auth.renew_token(tx, name, days=context.hub.settings.signing_in.token_days)
        )


def new_password(context: RequestContext, name: str) -> Secrets:
    """Give an account a new password, to be changed at the first sign-in; its sessions end."""
    context.require(ADMINISTERING)
    with context.hub.database.write() as tx:
        return Secrets(name, password=sessions.new_password(tx, name))


def revoke_token(context: RequestContext, name: str) -> None:
    """Make an account's API token invalid."""
    context.require(ADMINISTERING)
    with context.hub.database.write() as tx:
        auth.revoke_token(tx, name)


def expect(context: RequestContext, name: str) -> None:
    """Let an account sign in at the identity provider only; its password no longer works."""
    from hub.auth import oidc  # noqa: PLC0415 -- a sixth of the start-up of every other command

    context.require(ADMINISTERING)
    with context.hub.database.write() as tx:
        oidc.expect(tx, name)


def sign_out_everywhere(context: RequestContext, name: str) -> None:
    """End all sessions of an account: of one's own, or as an administrator of any."""
    if name != context.by:
        context.require(ADMINISTERING)
    with context.hub.database.write() as tx:
        sessions.sign_out_everywhere(tx, name)


def end(context: RequestContext, name: str) -> None:
    """Close an account for good."""
    context.require(ADMINISTERING)
    with context.hub.database.write() as tx:
        auth.end_account(tx, name)


def own_sign_ins(context: RequestContext, token: str) -> OwnSignIns:
    """The reader's open sessions. token: the cookie of the session that asks."""
    with context.hub.database.read() as tx:
        found = sessions.sign_ins(tx, context.by, token, context.hub.settings)
        return OwnSignIns(found, identities.signs_in_elsewhere(tx, context.by))


def change_password(context: RequestContext, token: str, old: str, new: str) -> None:
    """Change the reader's own password; its other sessions end. token: this session's cookie."""
    hub = context.hub
    sessions.change_password(hub.database, hub.settings, token, old, new, address=context.address)
