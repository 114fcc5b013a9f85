"""The contract files of a folder -> Contracts: read, compiled, and followed for changes."""

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from importlib.metadata import entry_points
from pathlib import Path
from threading import Event, Thread
from types import MappingProxyType

from hub.contract import Connector
from hub.domain.contracts import Contracts
from hub.domain.documents import Unread
from hub.domain.isolation import take_up
from hub.domain.load import ConnectorSchemas, Files
from hub.texts import bilingual

log = logging.getLogger(__name__)

NOT_MIGRATED = "contract.not_migrated"
CONTRACT_FILES = ("schemas/*.json", "mappings/**/*.yaml")


def contract_files(home: Path) -> dict[str, str | Unread]:
    """{path below `home`: text, or `Unread` with line and reason} of every contract file."""
    return {path.relative_to(home).as_posix(): _text(path) for path in _paths(home)}


def _paths(home: Path) -> list[Path]:
    return [path for pattern in CONTRACT_FILES for path in sorted(home.glob(pattern))]


def _text(path: Path) -> str | Unread:
    try:
        content = path.read_bytes()
    except OSError as error:
        return Unread(1, error.strerror or type(error).__name__)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return Unread(content.count(b"\n", 0, error.start) + 1, _not_utf8(content))


def _not_utf8(content: bytes) -> str:
    """The likely encoding of a file that is not UTF-8, in words."""
    saved = "UTF-16" if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else "GBK"
    try:
        content.decode("utf-16" if saved == "UTF-16" else "gb18030")
    except UnicodeDecodeError:
        return bilingual("文件不是 UTF-8 编码的文本")
    return bilingual("文件不是 UTF-8 编码（像是 {saved}），请另存为 UTF-8", saved=saved)


def mapping_file(flow: str) -> str:
    """The mapping of a flow: pull.<system>.<name> is mappings/<system>/<name>.pull.yaml.

    Files are fetched for the records of a pull.
    """
    way, system, name = [*flow.split(".", 2), "", ""][:3]
    way = "pull" if way == "fetch" else way
    return f"mappings/{system}/{name}.{way}.yaml"


def connector_schemas() -> dict[str, ConnectorSchemas]:
    """Option schemas of every installed connector, by the entry point's name."""
    found = {}
    for point in entry_points(group="hub.connectors"):
        made: type[Connector] = point.load()
        found[point.name] = ConnectorSchemas(
            system=made.SYSTEM,
            read=made.READ,
            write=made.WRITE,
            fetch=getattr(made, "FETCH", None),
            back=getattr(made, "BACK", None),
            ask=getattr(made, "ASK", None),
            carries=getattr(made, "FILES_BY", ""),
        )
    return found


def contracts_of(home: Path, *, secret: bytes = b"") -> Contracts:
    """The contracts of a folder; invalid files disable their dependents. secret: key of digests."""
    return compiled(contract_files(home), secret=secret)


def compiled(
    files: Files,
    *,
    kept: Mapping[str, str] = MappingProxyType({}),
    room: Mapping[str, frozenset[str]] | None = None,
    secret: bytes = b"",
) -> Contracts:
    """Compile these files; problems are in the result, not raised.

    kept: last valid texts by path, used in place of files that are broken now. room: columns that
    the database has by entity; None: not checked.
    """
    columns = None if room is None else tuple(sorted(room.items()))
    year = datetime.now(UTC).year
    return _compiled(tuple(files.items()), tuple(kept.items()), columns, year, secret)


_Files = tuple[tuple[str, str | Unread], ...]
_Room = tuple[tuple[str, frozenset[str]], ...] | None


@lru_cache(maxsize=4)
def _compiled(
    files: _Files, kept: tuple[tuple[str, str], ...], room: _Room, year: int, secret: bytes
) -> Contracts:
    """Cached by content: a process compiles the same files once, before it forks."""
    columns = None if room is None else dict(room)
    return take_up(
        dict(files), connector_schemas(), year=year, kept=dict(kept), columns=columns, secret=secret
    )


def stamp(home: Path) -> list[tuple[str, tuple[int, ...]]]:
    """Modification time, size, inode and mode of every contract file: differs when one changes."""
    return [(str(path), _state(path)) for path in _paths(home)]


def _state(path: Path) -> tuple[int, ...]:
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_mtime_ns, found.st_size, found.st_ino, found.st_mode


ENDING = 5.0
"""Seconds to wait for a check under way; it writes nothing."""


class Following:
    """A thread that checks the contract files every few seconds and hands changed contracts on.

    An error (such as a database that is down) is logged, and the files are read again next time.
    """

    def __init__(
        self,
        home: Path,
        seconds: float,
        read: Callable[[], Contracts],
        changed: Callable[[Contracts], None],
    ) -> None:
        self._home, self._seconds, self._read, self._changed = home, seconds, read, changed
        self._ended = Event()
        self._thread = Thread(target=self._follow, name="contracts", daemon=True)

    def begin(self) -> None:
        """Start the thread."""
        self._thread.start()

    def end(self) -> None:
        """Stop the thread and wait for it."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(self._seconds + ENDING)  # a look at the files may be under way

    def _follow(self) -> None:
        known: list[tuple[str, tuple[int, ...]]] | None = None
        while not self._ended.wait(self._seconds):
            try:
                found = stamp(self._home)
                if found != known:
                    contracts = self._read()
                    # The database makes room without any file being changed: look again until it
                    # has.
                    known = (
                        None
                        if any(one.code == NOT_MIGRATED for one in contracts.problems)
                        else found
                    )
                    self._changed(contracts)
            # a thread that ends would leave old contracts in force for ever
            except Exception as error:  # noqa: BLE001
                log.warning(
                    "the contracts could not be read again", extra={"error": type(error).__name__}
                )
                known = None
