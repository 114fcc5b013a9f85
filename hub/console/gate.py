"""Nobody comes in who is not signed in: neither to pages nor to their socket, only to the sign-in page and scripts."""

from urllib.parse import quote

from nicegui import __version__ as nicegui_version
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from hub.console.frame import HOMES
from hub.errors import HubError
from hub.governance import Reader, sessions
from hub.store import accounts
from hub.store.accounts import Read
from hub.visiting import route_of
from hub.wiring import Hub

COOKIE = "onecode_session"
OPEN = ("/login", "/look", "/favicon.ico")
SCRIPTS = f"/_nicegui/{nicegui_version}/"
"""NiceGUI's own files, which hold nothing of ours; its socket is not among them."""


class Gate:
    """Puts hub, reader and the session's token into the request's state, or turns it away."""

    def __init__(self, app: ASGIApp, hub: Hub) -> None:
        self.app = app
        self.hub = hub

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        state["hub"] = self.hub
        path = scope["path"]
        if path in OPEN or path.startswith(SCRIPTS):
            await self.app(scope, receive, send)
            return
        state["token"] = HTTPConnection(scope).cookies.get(COOKIE, "")
        try:
            state["reader"] = await run_in_threadpool(self._reader, state["token"])
        except HubError:
            await run_in_threadpool(self._refused, scope)
            await self._turned_away(scope)(scope, receive, send)
        else:
            home = HOMES.get(state["reader"].account.role, "/account")
            elsewhere = path == "/" and home != "/" and scope["type"] == "http"
            await (RedirectResponse(home) if elsewhere else self.app)(scope, receive, send)

    def _reader(self, token: str) -> Reader:
        with self.hub.database.reading() as tx:
            return sessions.reader(tx, token, self.hub.settings)

    def _refused(self, scope: Scope) -> None:
        with self.hub.database.transaction() as tx:
            accounts.write_reads(tx, [Read("", route_of(scope.get("method", "WS"), scope["path"]), refused=True)])

    def _turned_away(self, scope: Scope) -> ASGIApp:
        if scope["type"] == "websocket":
            return _closed
        if scope["method"] != "GET" or scope["path"].startswith("/_nicegui"):
            return Response(status_code=401)
        asked = scope["path"] + (f"?{scope['query_string'].decode()}" if scope["query_string"] else "")
        return RedirectResponse(f"/login?next={quote(asked, safe='')}", status_code=303)


async def _closed(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "websocket.close", "code": 1008})
