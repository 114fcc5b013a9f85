"""What a process is told from outside: HUB_* variables, and the addresses of partners among
them.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from hub.settings import HOME

CONNECTION = "HUB_CONN_"
CONNECTIONS_FILE = "HUB_CONNECTIONS_FILE"
ENVIRONMENT_FILE = "HUB_ENV_FILE"


def hub_variables() -> Mapping[str, str]:
    """The HUB_* variables of this process.

    Where the environment names no database, what stands in the file HUB_ENV_FILE stands behind it:
    without that, what the supervisor wrote to .run/hub.env.
    """
    written = Path(os.environ.get(ENVIRONMENT_FILE) or HOME / ".run" / "hub.env")
    if "HUB_DATABASE_URL" in os.environ or not written.exists():
        return with_connections(os.environ)
    return {**with_connections(lines_of(written)), **os.environ}


def with_connections(variables: Mapping[str, str]) -> dict[str, str]:
    """These variables with the connections of HUB_CONNECTIONS_FILE as it is now.

    The file is newer than the environment of a process that has run for long: a partner that joins
    is reached without a restart.
    """
    place = variables.get(CONNECTIONS_FILE, "")
    given = lines_of(Path(place)) if place else {}
    return {
        **variables,
        **{name: uri for name, uri in given.items() if name.startswith(CONNECTION)},
    }


def addresses(variables: Mapping[str, str]) -> dict[str, str]:
    """The URI of each partner, by the system's name."""
    return {
        name.removeprefix(CONNECTION).lower(): uri
        for name, uri in variables.items()
        if name.startswith(CONNECTION)
    }


def lines_of(file: Path) -> dict[str, str]:
    """A file of NAME=value lines; blank lines and those that begin with # say nothing. Nothing,
    where there is none.
    """
    if not file.exists():
        return {}
    lines = (
        line
        for line in file.read_text(encoding="utf-8").splitlines()
        if not line.lstrip().startswith("#")
    )
    found = (line.removeprefix("export ").partition("=") for line in lines)
    return {name.strip(): value.strip() for name, sign, value in found if sign}
