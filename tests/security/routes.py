"""`python -m tests.security.routes`: every route of the site and of Airflow's plugins, one JSON
list.

A process of its own, since the console's pages stand in one place of a process.
"""

import ast
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Mount, Route

from hub import wiring
from hub.api import make_app
from hub.console import make_console
from hub.console.layout import PAGES

PLUGINS = Path(__file__).parent.parent.parent / "deploy/airflow_plugins"
SERVING = {
    "fastapi_apps",
    "fastapi_root_middlewares",
    "flask_blueprints",
    "appbuilder_views",
    "react_apps",
}
"""By which a plugin of Airflow could answer requests."""


def walk(routes: Iterable[BaseRoute], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Method and path of every route, mounted applications included; a mount that is no router is
    one route.
    """
    for route in routes:
        path = prefix + getattr(route, "path", "?")
        if isinstance(route, Mount) and route.routes:
            yield from walk(route.routes, path)
        elif isinstance(route, Route):
            yield from ((method, path) for method in (route.methods or {"*"}) - {"HEAD"})
        else:
            yield "*", path


def queries(routes: Iterable[BaseRoute]) -> dict[str, list[str]]:
    """What must stand in the query of a route."""
    found = {}
    for route in routes:
        found |= queries(route.routes) if isinstance(route, Mount) else {}
        if isinstance(route, APIRoute):
            found[route.path] = [
                one.name for one in route.dependant.query_params if one.field_info.is_required()
            ]
    return {path: names for path, names in found.items() if names}


def plugins() -> Iterator[tuple[str, str]]:
    """What plugins of Airflow would serve themselves: file and attribute."""
    for file in PLUGINS.glob("*.py"):
        for made in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(made, ast.ClassDef):
                names = (
                    name
                    for name in ast.walk(made)
                    if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
                )
                yield from ((file.name, name.id) for name in names if name.id in SERVING)


if __name__ == "__main__":
    hub = wiring.start()
    api, console = make_app(hub).routes, make_console(hub).routes
    site = {
        "api": sorted(walk(api)),
        "console": sorted(walk(console)),
        "queries": queries([*api, *console]),
        "plugins": sorted(plugins()),
        "pages": {path: sorted(page.roles) for path, page in PAGES.items()},
    }
    sys.stdout.write(json.dumps(site))
