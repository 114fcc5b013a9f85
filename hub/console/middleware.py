"""Middleware of the console: without a session only sign-in and scripts, no pages and no sockets.

Requests that change something, and every socket, must have this site as Origin (CSRF), else they
are refused before anything is read.
"""

import time
from urllib.parse import quote, urlsplit

from nicegui import __version__ as nicegui_version
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from hub import requests
from hub.auth import Reader, access_log, sessions
from hub.auth.access_log import AccessEntry
from hub.auth.context import address_of, route_of
from hub.auth.rate_limit import RateLimiter
from hub.console.layout import HOMES
from hub.errors import FlowError, HubError
from hub.texts import say
from hub.wiring import Hub

COOKIE = "onecode_session"
OPEN = ("/login", "/look", "/favicon.ico", "/oidc/start", "/oidc/back")
SCRIPTS = f"/_nicegui/{nicegui_version}/"
"""NiceGUI's own static files, without its socket."""
WRONG = {"ask.too_large": 413, "ask.too_slow": 408}
CHANGING = ("/account", "/logout", "/look")
"""Pages that open while the password has to be changed first."""
HARMLESS = {"GET", "HEAD", "OPTIONS"}


class ConsoleMiddleware:
    """Puts hub, reader and session token into the request's state, or turns the request away."""

    def __init__(self, app: ASGIApp, hub: Hub) -> None:
        self.app = app
        self.hub = hub
        self.pace = RateLimiter(hub.settings.signing_in.requests_a_minute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        state, path = scope.setdefault("state", {}), scope["path"]
        state["hub"] = self.hub
        state["token"] = HTTPConnection(scope).cookies.get(COOKIE, "")
        if not self._is_of_ours(scope):
            await run_in_threadpool(self._refused, scope)
            await (_closed if scope["type"] == "websocket" else Response(status_code=403))(
                scope, receive, send
            )
            return
        try:
            requests.check_address(scope)
            if scope["type"] == "http" and scope["method"] in requests.WRITING:
                body = await requests.whole_body(scope, receive, self.hub.settings.requests)
                receive = requests.given(body, receive)
        except requests.GoneError:
            return
        except HubError as error:
            told = "\n".join(f"{say(error.code, error.facts, lang)}" for lang in ("zh", "en"))
            answer = PlainTextResponse(told, status_code=WRONG.get(error.code, 400))
            await (_closed if scope["type"] == "websocket" else answer)(scope, receive, send)
            return
        if path in OPEN or path.startswith(SCRIPTS):
            await self.app(scope, receive, send)
            return
        app = self.app
        try:
            state["reader"], state["must_change"] = await run_in_threadpool(
                self._reader, state["token"]
            )
            self.pace.step(state["reader"].account.name, now=time.time())
            home = HOMES.get(state["reader"].account.role, "/account")
            elsewhere = path not in CHANGING and not path.startswith("/_nicegui")
            if state["must_change"] and elsewhere:
                raise FlowError("access.password_change")
            if path == "/" and home != "/" and scope["type"] == "http":
                app = RedirectResponse(home, status_code=303)
        except HubError as error:
            await run_in_threadpool(self._refused, scope)
            app = self._turned_away(scope, error)
        await app(scope, receive, send)

    def _is_of_ours(self, scope: Scope) -> bool:
        """Whether the request is harmless (GET, HEAD, OPTIONS), or its Origin is this site."""
        if scope["type"] == "http" and scope["method"] in HARMLESS:
            return True
        headers = HTTPConnection(scope).headers
        asked = urlsplit(self.hub.settings.signing_in.public_url).netloc or headers.get("host", "")
        try:
            return bool(asked) and urlsplit(headers.get("origin", "")).netloc == asked
        except ValueError:  # an origin that is no address
            return False

    def _reader(self, token: str) -> tuple[Reader, bool]:
        """The reader signed in, and whether the password must be changed first."""
        found = sessions.reader(self.hub.database, token, self.hub.settings)
        with self.hub.database.read() as tx:
            return found, sessions.must_change(tx, found.account.name, self.hub.settings)

    def _refused(self, scope: Scope) -> None:
        account = scope["state"]["reader"].account.name if "reader" in scope["state"] else ""
        route, address = (
            route_of(scope.get("method", "WS"), scope["path"]),
            address_of(HTTPConnection(scope)),
        )
        access_log.write(
            self.hub.database, [AccessEntry(account, route, refused=True, address=address)]
        )

    def _turned_away(self, scope: Scope, error: HubError) -> ASGIApp:
        if scope["type"] == "websocket":
            return _closed
        if error.code == "access.too_many":
            told = "\n".join(say(error.code, error.facts, lang) for lang in ("zh", "en"))
            return PlainTextResponse(
                told, status_code=429, headers={"Retry-After": error.facts["seconds"]}
            )
        if error.code == "access.password_change":
            return (
                RedirectResponse("/account", 303)
                if scope["method"] == "GET"
                else Response(status_code=403)
            )
        if scope["method"] != "GET" or scope["path"].startswith("/_nicegui"):
            return Response(status_code=401)
        asked = scope["path"] + (
            f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else ""
        )
        return RedirectResponse(f"/login?next={quote(asked, safe='')}", status_code=303)


async def _closed(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "websocket.close", "code": 1008})
