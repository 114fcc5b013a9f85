"""The hub inside Airflow's pages: an entry in the menu, and a tab on every DAG, DAG run and task instance.

The tabs show the console's own pages, to whom the console lets in: no data passes through Airflow, which fills in only
what stands in braces. Without HUB_CONSOLE_URL, the address by which people reach the console, there are none.
"""

import os
from base64 import b64encode
from pathlib import Path
from typing import Any

from airflow.plugins_manager import AirflowPlugin

NAME = "一码贯通"
SIGN = Path(__file__).parent.parent.parent / "hub/console/favicon.svg"
TABS = {
    "dag": "/airflow/{DAG_ID}",
    "dag_run": "/airflow/{DAG_ID}/{RUN_ID}",
    "task_instance": "/airflow/{DAG_ID}/{RUN_ID}?task={TASK_ID}",
}


def views(console: str) -> list[dict[str, Any]]:
    """What Airflow shows of the console at this address. The menu's entry opens all of it, in a window of its own."""
    if not console:
        return []
    shown = {"name": NAME, "icon": "data:image/svg+xml;base64," + b64encode(SIGN.read_bytes()).decode()}
    entry = shown | {"destination": "nav", "href": f"{console}/", "nav_top_level": True}
    tabs = [
        shown | {"destination": place, "href": console + path, "url_route": f"onecode-{place}"}
        for place, path in TABS.items()
    ]
    return [entry, *tabs]


class Inside(AirflowPlugin):
    name = "onecode_inside"
    external_views = views(os.environ.get("HUB_CONSOLE_URL", "").rstrip("/"))
