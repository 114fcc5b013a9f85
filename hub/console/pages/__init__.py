"""The pages, one file an area; importing them registers them."""

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

FAVICON = Path(__file__).parent.parent / "favicon.svg"


def load() -> None:
    """Import every page."""
    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
