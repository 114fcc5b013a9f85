"""Serve API and console: `python -m hub.web`, on HUB_API_HOST (127.0.0.1) and HUB_API_PORT (HUB_PORT_BASE + 4)."""

import logging
import os
import sys

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from hub import wiring
from hub.api import make_app
from hub.console import make_console
from hub.errors import HubError
from hub.texts import cure, say
from hub.wiring import Hub

log = logging.getLogger(__name__)

BASE, OFFSET = 18_700, 4
PROGRAMS = ("/v1/", "/healthz")


def make_site(hub: Hub) -> ASGIApp:
    """One address for both: /v1 and /healthz for programs, everything else for people."""
    api, console = make_app(hub), make_console(hub)

    async def site(scope: Scope, receive: Receive, send: Send) -> None:
        is_program = scope["type"] == "http" and scope["path"].startswith(PROGRAMS)
        await (api if is_program else console)(scope, receive, send)

    return site


def main() -> None:
    """Serve until told to stop."""
    host = os.environ.get("HUB_API_HOST", "127.0.0.1")
    port = int(os.environ.get("HUB_API_PORT") or int(os.environ.get("HUB_PORT_BASE", BASE)) + OFFSET)
    try:
        hub = wiring.start()
        log.info("contracts read", extra={"forms": len(hub.contracts.forms)})  # before the first request, not during it
    except HubError as error:
        told = (f"{say(error.code, error.facts, lang)} {cure(error.code, error.facts, lang)}" for lang in ("zh", "en"))
        sys.exit("\n".join(told))
    try:
        uvicorn.run(make_site(hub), host=host, port=port, access_log=False, server_header=False)
    finally:
        hub.close()


if __name__ == "__main__":
    main()
