"""The hub inside Airflow's pages: an entry in the menu, and a tab on every DAG, DAG run and task
instance.

The tabs show the console's own pages, to whom the console lets in: no data passes through Airflow,
which fills in only what stands in braces. Where nobody says how people reach the console, there are
none.
"""

import os
from base64 import b64encode
from pathlib import Path
from typing import Any

from airflow.plugins_manager import AirflowPlugin

NAME = "一码贯通"
SIGN = Path(__file__).parent.parent.parent / "hub/console/favicon.svg"
OFFSET = 4  # of the console's port, from HUB_PORT_BASE (docs/settings.md)
TABS = {
    "dag": "/airflow/{DAG_ID}",
    "dag_run": "/airflow/{DAG_ID}/{RUN_ID}",
    "task_instance": "/airflow/{DAG_ID}/{RUN_ID}?task={TASK_ID}",
}


def console_address() -> str:
    """Where people reach the console: HUB_PUBLIC_URL, else where `make up` serves it."""
    base = os.environ.get("HUB_PORT_BASE")
    here = f"http://127.0.0.1:{int(base) + OFFSET}" if base else ""
    return os.environ.get("HUB_PUBLIC_URL", here).rstrip("/")


def views(console: str) -> list[dict[str, Any]]:
    """What Airflow shows of the console at this address. The menu's entry opens all of it, in a
    window of its own.
    """
    if not console:
        return []
    shown = {
        "name": NAME,
        "icon": "data:image/svg+xml;base64," + b64encode(SIGN.read_bytes()).decode(),
    }
    entry = shown | {"destination": "nav", "href": f"{console}/", "nav_top_level": True}
    tabs = [
        shown | {"destination": place, "href": console + path, "url_route": f"onecode-{place}"}
        for place, path in TABS.items()
    ]
    return [entry, *tabs]


class Inside(AirflowPlugin):
    name = "onecode_inside"
    external_views = views(console_address())
