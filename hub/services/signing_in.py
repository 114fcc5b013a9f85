"""Signing in, with a password or at the identity provider, and out again; every attempt is in the
access log.
"""

from hub.auth import access_log, oidc, sessions
from hub.auth.access_log import AccessEntry
from hub.auth.oidc import Provider
from hub.domain.storable import storable
from hub.errors import FlowError
from hub.runtime import Runtime

NAME = 100
"""Characters of a name that nobody has, as far as the access log keeps them."""


def sign_in(hub: Runtime, name: str, password: str, *, address: str) -> str:
    """Open a session for name and password; give the value of its cookie. address: where it is
    asked from.
    """
    name = storable(name.replace("\0", ""), most=NAME)
    refused = True
    try:
        token = sessions.sign_in(hub.database, hub.settings, name, password, address=address)
        refused = False
        return token
    finally:
        access_log.write(
            hub.database, [AccessEntry(name, "POST /login", refused=refused, address=address)]
        )


def come_back(
    hub: Runtime, provider: Provider | None, seed: str, query: str, *, address: str
) -> str:
    """Open a session for whom the identity provider has named; give the value of its cookie.

    seed: what the browser held while it was away. query: with which the provider has sent it back.
    """
    name, refused = "", True
    try:
        if provider is None:
            raise FlowError("ask.no_such_route")
        claims = provider.finish(seed, query)
        with hub.database.write() as tx:
            name = oidc.admit(tx, provider.oidc, claims)
            token = sessions.open_session(tx, name)
        refused = False
        return token
    finally:
        access_log.write(
            hub.database, [AccessEntry(name, "GET /oidc/back", refused=refused, address=address)]
        )


def sign_out(hub: Runtime, token: str, account: str, *, everywhere: bool) -> None:
    """End a session, or all of the account."""
    with hub.database.write() as tx:
        if everywhere:
            sessions.sign_out_everywhere(tx, account)
        else:
            sessions.sign_out(tx, token)
