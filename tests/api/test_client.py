"""The client of docs/users/api.md, as it stands there."""

import re
from typing import Any

from fastapi.routing import APIRoute

from hub.api import make_app
from hub.settings import HOME
from tests.api.conftest import Client, Opened
from tests.filled import CODE, Filled

EXAMPLE = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def example() -> dict[str, Any]:
    """What the page's Python defines."""
    (text,) = EXAMPLE.findall((HOME / "docs/users/api.md").read_text(encoding="utf-8"))
    defined: dict[str, Any] = {}
    exec(text, defined)  # noqa: S102 -- our own page
    return defined


def test_the_documented_client_finds_prefills_and_hands_in(
    client: Client, opened: Opened, filled: Filled
):
    filled.hub.release()
    defined = example()
    hub = defined["Hub"](
        client.address, opened("bureau", "department", "project", "approval_document")
    )
    asked_for = defined["hand_in"](
        hub, "water_connection", "三给村", {"contact": "某人", "floor_area": "1"}
    )
    assert set(asked_for) == {"contact", "floor_area"}
    assert hub.ask("metered")[0]["submissions"] == 1
    assert hub.ask("project", code=CODE)["project_code"] == CODE


def test_operations_have_names_of_their_own(filled: Filled):
    names = [
        route.unique_id for route in make_app(filled.hub).routes if isinstance(route, APIRoute)
    ]
    assert len(names) == len(set(names))
    assert {"prefilled", "submitted", "projects_found", "project", "metered"} <= set(names)
