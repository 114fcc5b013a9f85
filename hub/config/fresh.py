"""Files of a fresh deployment: contracts, mappings and DAGs, from wheel or checkout."""

import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from hub.durable import error_name
from hub.errors import FlowError
from hub.settings.kinds import CHECKOUT

FOLDERS = ("schemas", "mappings", "dags")
BROUGHT = Path(__file__).resolve().parent.parent / "fresh"
SETTINGS = ".run/hub.env"
EXAMPLE = """\
# HUB_* 设置，每行一个；见 docs/settings.md · settings, one a line; a partner's address is HUB_CONN_<SYSTEM>
# HUB_DATABASE_URL=postgresql://hub:password@127.0.0.1:5432/hub
# HUB_HASH_KEY=
# HUB_CONN_INVESTMENT=https://user:password@investment.example/api
"""


def lay_out(folder: Path) -> list[Path]:
    """Write the files of a fresh deployment into a folder; give their paths.

    Raises FlowError (init.not_empty) before writing where one of them exists.
    """
    source = BROUGHT if BROUGHT.is_dir() else CHECKOUT
    files = [*_files(source)]
    there = [name for name in (*files, Path(SETTINGS)) if (folder / name).exists()]
    if there:
        raise FlowError(
            "init.not_empty", folder=str(folder), file=there[0].as_posix(), count=len(there)
        )
    made = [*files, Path(SETTINGS)]
    try:
        for name in files:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / name, folder / name)
        written = folder / SETTINGS
        written.parent.mkdir(parents=True, exist_ok=True)
        written.touch(mode=0o600)  # it will hold a password
        written.write_text(EXAMPLE, encoding="utf-8")
    except OSError as error:
        for name in made:  # so that the next attempt finds the folder as this one did
            with suppress(OSError):
                (folder / name).unlink()
        facts = {"file": error.filename or folder, "reason": error_name(error)}
        raise FlowError(
            "file.not_written", **{name: str(said) for name, said in facts.items()}
        ) from None
    return [folder / name for name in made]


def _files(source: Path) -> Iterator[Path]:
    for folder in FOLDERS:
        for path in sorted((source / folder).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path.relative_to(source)
