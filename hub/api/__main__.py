"""Serve the API: `python -m hub.api`, on HUB_API_HOST (127.0.0.1) and HUB_API_PORT (HUB_PORT_BASE + 4)."""

import logging
import os
import sys

import uvicorn

from hub import wiring
from hub.api import make_app
from hub.errors import HubError
from hub.texts import cure, say

log = logging.getLogger(__name__)

BASE, OFFSET = 18_700, 4


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
        uvicorn.run(make_app(hub), host=host, port=port, access_log=False, server_header=False)
    finally:
        hub.close()


if __name__ == "__main__":
    main()
