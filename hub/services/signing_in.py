"""Sign-in by password or identity provider, and sign-out; every attempt is in the access log."""

from hub.auth import access_log, oidc, sessions
from hub.auth.access_log import AccessEntry
from hub.auth.oidc import Provider
from hub.domain.storable import storable
from hub.errors import FlowError
from hub.runtime import Runtime

NAME = 100
"""Length to which the access log cuts an unknown name."""


def sign_in(hub: Runtime, name: str, password: str, *, address: str) -> str:
    """Open a session by name and password; give the cookie's value. address: the client's."""
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
    """Open a session for whom the identity provider has authenticated; give the cookie's value.

    seed: from the browser's cookie. query: of the provider's redirect.
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
    """End a session, or all sessions of the account."""
    with hub.database.write() as tx:
        if everywhere:
            sessions.sign_out_everywhere(tx, account)
        else:
            sessions.sign_out(tx, token)
