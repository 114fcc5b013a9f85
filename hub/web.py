"""Serve API and console: `python -m hub.web`, on HUB_API_HOST (127.0.0.1) and HUB_API_PORT
(HUB_PORT_BASE + 4).
"""

import logging
import os
import sys

import uvicorn
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub import logs, wiring
from hub.api import make_app
from hub.console import make_console
from hub.console.error_page import without_values
from hub.console.middleware import SCRIPTS
from hub.errors import HubError
from hub.serving import Connections, Proxied, networks, protocol
from hub.settings import Settings
from hub.texts import cure, say
from hub.texts.visible import visible
from hub.wiring import Hub

log = logging.getLogger(__name__)

BASE, OFFSET = 18_700, 4
REFUSED = {401, 403, 429}
"""Status codes of refused requests."""
PROGRAMS = ("/v1/", "/healthz", "/readyz")
KEPT = (SCRIPTS, "/favicon.ico")
"""Paths that browsers may cache: they hold no data."""
# Pages are drawn by scripts of NiceGUI, which compile templates and stand in the page in part.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' "
    "'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; object-src "
    "'none'; base-uri 'self'; "
    "form-action 'self'"
)


def make_site(hub: Hub) -> ASGIApp:
    """One address for both: /v1, /healthz and /readyz for programs, everything else for people."""
    api, console = make_app(hub), make_console(hub)

    async def site(scope: Scope, receive: Receive, send: Send) -> None:
        is_program = scope["type"] == "http" and scope["path"].startswith(PROGRAMS)
        await (api if is_program else console)(scope, receive, send)

    return Guarded(site, hub.settings)


class Guarded:
    """Middleware: security headers on every answer (framing, content policy, no caching)."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        public = settings.signing_in.public_url
        self.headers = {
            "content-security-policy": (
                f"{POLICY}; frame-ancestors 'self' {settings.airflow_url}"
            ).rstrip(),
            "x-content-type-options": "nosniff",
            "referrer-policy": "same-origin",
            **(
                {"strict-transport-security": "max-age=31536000"}
                if public.startswith("https:")
                else {}
            ),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                if message["status"] in REFUSED:
                    log.info(
                        "request refused",
                        extra={"path": visible(scope["path"]), "status": message["status"]},
                    )
                headers = MutableHeaders(scope=message)
                headers.update(self.headers)
                if not scope["path"].startswith(KEPT):
                    headers["cache-control"] = "no-store"
            await send(message)

        named = Headers(scope=scope).get("traceparent", "") if scope["type"] == "http" else ""
        with logs.about(trace=logs.trace_of(named)):
            await self.app(scope, receive, guarded)


def main() -> None:
    """Serve until stopped."""
    host = os.environ.get("HUB_API_HOST", "127.0.0.1")
    port = int(
        os.environ.get("HUB_API_PORT") or int(os.environ.get("HUB_PORT_BASE", BASE)) + OFFSET
    )
    try:
        hub = wiring.start(asking=True)
        log.info(
            "contracts read", extra={"forms": len(hub.contracts.forms)}
        )  # before the first request, not during it
        for problem in hub.contracts.problems:
            log.error(
                "a contract file is wrong",
                extra={"file": problem.file, "line": problem.line, "code": problem.code},
            )
        hub.follow_contracts()
    except HubError as error:
        told = (
            f"{say(error.code, error.facts, lang)} {cure(error.code, error.facts, lang)}"
            for lang in ("zh", "en")
        )
        sys.exit("\n".join(told))
    try:
        logs.configure(hub.settings.logs)
        logging.getLogger("uvicorn.error").addFilter(without_values)
        # Below warnings the server would write the addresses of sockets, which are their keys, into
        # its log.
        uvicorn.run(
            Proxied(make_site(hub), hub.settings),
            host=host,
            port=port,
            http=protocol(
                Connections(
                    hub.settings.requests, networks(hub.settings.signing_in.trusted_proxies)
                )
            ),
            proxy_headers=False,  # it would believe whatever comes from this machine
            ws_max_size=hub.settings.requests.body_bytes,
            access_log=False,
            server_header=False,
            log_level="warning",
            log_config=None,
        )
    finally:
        hub.close()


if __name__ == "__main__":
    main()
