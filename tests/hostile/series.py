"""Lives that have ended, written down: a series that was cut goes on where it was, as long as the
code is the same.

A line for each in `.run/hostile.jsonl`: of which code and faults it was, its seed, how long it
took, what was wrong.
"""

import hashlib
import json
import os
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / ".run/hostile.jsonl"
CODE = (
    "hub",
    "connectors",
    "deploy",
    "tests/hostile",
    "tests/pipeline/small.py",
    "tests/processes.py",
    "tests/postgres.py",
)


@dataclass(frozen=True, slots=True)
class Life:
    """How one seed ended. of: which series it belongs to; commit: only for people."""

    of: str
    commit: str
    seed: int
    seconds: float
    wrong: list[str]


def series(forced: Sequence[str]) -> str:
    """A name for lives that may be counted together: of the same code, as it lies here, with the
    same faults.
    """
    planted = os.environ.get("PLANTED", "")  # a fault that is in no file: tests/hostile/planted.py
    told = hashlib.sha256(repr((sorted(forced), planted)).encode())
    for file in _files():
        told.update(f"{file.relative_to(ROOT)}\n".encode())
        told.update(hashlib.sha256(file.read_bytes()).digest())
    return told.hexdigest()[:16]


def _files() -> list[Path]:
    places = [ROOT / name for name in CODE]
    found = {file for place in places for file in (place.rglob("*") if place.is_dir() else [place])}
    return sorted(file for file in found if file.suffix in {".py", ".sql"})


def commit() -> str:
    """The commit that lies here, with a mark if something has changed since; "" where nobody
    knows.
    """
    said = ["describe", "--always", "--dirty", "--abbrev=12", "--match="]
    done = subprocess.run(["git", *said], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def kept(file: Path, of: str, seeds: Iterable[int]) -> dict[int, Life]:
    """Those of these seeds whose lives in this series have ended; a line that was cut is none."""
    if not file.exists():
        return {}
    wanted, found = set(seeds), {}
    for line in file.read_text(encoding="utf-8").splitlines():
        try:
            life = Life(**json.loads(line))
        except (ValueError, TypeError):
            continue
        if life.of == of and life.seed in wanted:
            found[life.seed] = life
    return found


def keep(file: Path, life: Life) -> None:
    """Write a life down behind the others, as one write: several series may do so at once."""
    file.parent.mkdir(exist_ok=True)
    with file.open("ab", buffering=0) as out:
        out.write(b"\n" + json.dumps(asdict(life)).encode())
