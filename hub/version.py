"""This program's name and version, as pyproject.toml says them."""

from functools import cache
from importlib.metadata import PackageNotFoundError, version

NAME = "onecode-hub"


@cache
def program() -> str:
    """Name and version; the name alone where it is not installed as a package."""
    try:
        return f"{NAME} {version(NAME)}"
    except PackageNotFoundError:
        return NAME
