"""Environment of a process: HUB_* variables, partners' connections among them."""

import os
from collections.abc import Mapping
from pathlib import Path

from hub.settings import HOME

CONNECTION = "HUB_CONN_"
CONNECTIONS_FILE = "HUB_CONNECTIONS_FILE"
ENVIRONMENT_FILE = "HUB_ENV_FILE"


def hub_variables() -> Mapping[str, str]:
    """The HUB_* variables of this process.

    Where none of them names a database, the file HUB_ENV_FILE (by default .run/hub.env of the
    supervisor) fills the rest.
    """
    written = Path(os.environ.get(ENVIRONMENT_FILE) or HOME / ".run" / "hub.env")
    if "HUB_DATABASE_URL" in os.environ or not written.exists():
        return with_connections(os.environ)
    return {**with_connections(lines_of(written)), **os.environ}


def with_connections(variables: Mapping[str, str]) -> dict[str, str]:
    """These variables, with connections from HUB_CONNECTIONS_FILE as it is now.

    The file outranks the environment of a long-running process: new partners need no restart.
    """
    place = variables.get(CONNECTIONS_FILE, "")
    given = lines_of(Path(place)) if place else {}
    return {
        **variables,
        **{name: uri for name, uri in given.items() if name.startswith(CONNECTION)},
    }


def addresses(variables: Mapping[str, str]) -> dict[str, str]:
    """{system: URI of its connection}."""
    return {
        name.removeprefix(CONNECTION).lower(): uri
        for name, uri in variables.items()
        if name.startswith(CONNECTION)
    }


def lines_of(file: Path) -> dict[str, str]:
    """NAME=value lines of a file; blank lines and comments (#) are skipped. {} without a file."""
    if not file.exists():
        return {}
    lines = (
        line
        for line in file.read_text(encoding="utf-8").splitlines()
        if not line.lstrip().startswith("#")
    )
    found = (line.removeprefix("export ").partition("=") for line in lines)
    return {name.strip(): value.strip() for name, sign, value in found if sign}
