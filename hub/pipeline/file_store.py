"""The store of files: a folder, each under its digest, whole on disk before it has its name."""

import hashlib
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from hub.durable import sync_folder, write_all
from hub.errors import FlowError

UNFINISHED = "unfinished"


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A file written beside the store: its digest, and where it lies until it is placed."""

    sha256: str
    path: Path


@dataclass(frozen=True, slots=True)
class FileStore:
    """A folder of files. Raises FlowError (attachment.store) where the disk does not do."""

    root: Path

    def path_of(self, sha256: str) -> Path:
        """Where the file of a digest lies: in one of 16 folders, each synced once a portion."""
        return self.root / sha256[:1] / sha256

    def write(self, content: bytes) -> Unplaced:
        """Write content beside the store; it is synced when it is placed."""
        folder = self.root / UNFINISHED
        path = folder / secrets.token_hex(16)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640)
            try:
                write_all(handle, content)
            finally:
                os.close(handle)
        except OSError as error:
            with suppress(OSError):  # there may be no folder at all
                path.unlink()
            raise self._failed(error) from None
        return Unplaced(hashlib.sha256(content).hexdigest(), path)

    def place(self, files: Sequence[Unplaced]) -> None:
        """Give files their names: content first, then names, each synced to disk."""
        try:
            for one in files:
                _sync(one.path)
            for one in files:
                path = self.path_of(one.sha256)
                path.parent.mkdir(exist_ok=True)
                one.path.replace(path)
            for folder in sorted({self.path_of(one.sha256).parent for one in files}):
                sync_folder(folder)
            if files:
                sync_folder(self.root)
        except OSError as error:
            raise self._failed(error) from None

    def discard(self, files: Sequence[Unplaced]) -> None:
        """Take away what was written and will not be placed."""
        for one in files:
            with suppress(OSError):
                one.path.unlink(missing_ok=True)

    def read(self, sha256: str) -> bytes | None:
        """The content of a digest, None where it is not there or no longer what it was."""
        try:
            content = self.path_of(sha256).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._failed(error) from None
        return content if hashlib.sha256(content).hexdigest() == sha256 else None

    def remove(self, digests: Sequence[str]) -> None:
        """Take files away; those that are gone already stay so."""
        try:
            for sha256 in digests:
                self.path_of(sha256).unlink(missing_ok=True)
            for folder in sorted({self.path_of(one).parent for one in digests}):
                if folder.is_dir():
                    sync_folder(folder)
        except OSError as error:
            raise self._failed(error) from None

    def names(self) -> Iterator[str]:
        """The digests of all files there, in order."""
        for folder in sorted(self.root.glob("[0-9a-f]")):
            yield from sorted(path.name for path in folder.iterdir())

    def clear_unfinished(self, *, before: float) -> None:
        """Take away what a process that died has left, older than a time (seconds since 1970)."""
        for path in (self.root / UNFINISHED).glob("*"):
            with suppress(OSError):
                if path.stat().st_mtime < before:
                    path.unlink()

    def _failed(self, error: OSError) -> FlowError:
        return FlowError(
            "attachment.store", folder=str(self.root), error=error.strerror or type(error).__name__
        )


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
