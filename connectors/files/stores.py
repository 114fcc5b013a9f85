"""Stores of files: local folders and SFTP."""

import asyncio
import os
import stat
from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Protocol, TypeVar

import asyncssh

from connectors.files.listing import (
    FailedFileError,
    ListedFile,
    UnreachableFileError,
    listed,
    named,
)
from connectors.files.sessions import FAILURES, log_in, meaning
from hub.durable import error_name, replace_file
from hub.errors import FlowError, TransientError
from hub.model import Connection
from hub.workbook.troubles import UnreadableFileError

T = TypeVar("T")


NO_FILE = "not a file"
ELSEWHERE = "指向文件夹之外的链接 / a link that leads out of the folder"
"""Whoever may put a link into a folder must not be shown what only the hub may read."""
ONE_FILE = (
    asyncssh.SFTPNoSuchFile,
    asyncssh.SFTPNoSuchPath,
    asyncssh.SFTPPermissionDenied,
    asyncssh.SFTPFileIsADirectory,
    asyncssh.SFTPInvalidFilename,
    asyncssh.SFTPLinkLoop,
)
"""Errors about one file, not about the server."""
UNTYPED = {asyncssh.FILEXFER_TYPE_REGULAR, asyncssh.FILEXFER_TYPE_UNKNOWN}
"""Types of possible files: some servers state none."""


class Store(Protocol):
    """Where the files are."""

    def entries(self, folder: str) -> list[ListedFile]:
        """Entries of a folder in natural order; unreadable ones have their `trouble`."""

    def read(self, folder: str, entry: ListedFile, *, most: int) -> bytes:
        """A file's content; UnreachableFileError where only this one cannot be read.

        UnreadableFileError for more than `most` bytes, whatever its listing says: the rest is not
        read.
        """

    def keeps_inside(self, folder: str, entry: ListedFile) -> bool:
        """Whether a file lies below the connection's path, links followed; SFTP servers see to
        it.
        """

    def write(self, folder: str, name: str, content: bytes) -> None:
        """Write a file under another name, then rename it: nobody sees a part of it.

        Over SFTP a file of the same name is removed first, so that for a moment there is none.
        """

    def make(self, folder: str) -> None:
        """Make a folder below one that is there; one that is there already stays."""

    def close(self) -> None:
        """Close connections; may be called twice."""


def store_of(connection: Connection, *, timeout: float, most_entries: int) -> Store:
    """The store of a connection: sftp://USER:SECRET@HOST:PORT/PATH?host_key=... or file:///PATH."""
    if connection.scheme == "file":
        return LocalStore(connection, most_entries=most_entries)
    if connection.scheme == "sftp":
        return SftpStore(connection, timeout=timeout, most_entries=most_entries)
    raise FlowError(
        "system.protocol", system=connection.system, detail=f"files: {connection.scheme}://"
    )


def bounded(content: bytes, most: int) -> bytes:
    """The content, of which `most` + 1 bytes were asked for; UnreadableFileError if longer."""
    if len(content) > most:
        raise UnreadableFileError("file.too_big", bytes=f">{most}", most=str(most))
    return content


def refuse_long(count: int, most: int, *, system: str, folder: str) -> None:
    """Raise FlowError (system.listing_long) for more entries than allowed: a part is no listing."""
    if count > most:
        raise FlowError(
            "system.listing_long",
            system=system,
            detail=folder,
            most=most,
            option="connect.most_entries",
        )


class LocalStore:
    """Folders on this machine, mounted ones included."""

    def __init__(self, connection: Connection, *, most_entries: int) -> None:
        self._system = connection.system
        self._root = Path(connection.path)
        self._most_entries = most_entries

    def entries(self, folder: str) -> list[ListedFile]:
        with _local(self._system, folder), os.scandir(os.fsencode(self._root / folder)) as found:
            every = list(islice(found, self._most_entries + 1))
            refuse_long(len(every), self._most_entries, system=self._system, folder=folder)
            within = self._within(folder)
            return listed(_local_entry(one, within) for one in every)

    def read(self, folder: str, entry: ListedFile, *, most: int) -> bytes:
        # Path takes no bytes
        path = os.path.join(os.fsencode(self._root / folder), entry.raw)  # noqa: PTH118
        try:
            # What was listed may be something else by now: a pipe must not be waited for.
            with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:  # noqa: PTH123 - likewise
                if trouble := _trouble(path, os.fstat(file.fileno()), self._within(folder)):
                    raise UnreachableFileError(trouble)
                return bounded(file.read(most + 1), most)
        except OSError as error:
            gone = isinstance(error, FileNotFoundError)
            raise UnreachableFileError(error_name(error), gone=gone) from None

    def _within(self, folder: str) -> tuple[bytes, ...]:
        """Where files may lie: below the root, and where the folder itself leads."""
        return tuple(
            os.path.realpath(os.fsencode(place)) + b"/"
            for place in (self._root, self._root / folder)
        )

    def keeps_inside(self, folder: str, entry: ListedFile) -> bool:
        root = os.path.realpath(os.fsencode(self._root))
        path = os.path.realpath(os.path.join(os.fsencode(self._root / folder), entry.raw))  # noqa: PTH118
        return path.startswith(root + b"/")

    def write(self, folder: str, name: str, content: bytes) -> None:
        with _local(self._system, folder):
            replace_file(self._root / folder / name, content, beside=f".{name}.part")

    def make(self, folder: str) -> None:
        with _local(self._system, folder):
            (self._root / folder).mkdir(exist_ok=True)

    def close(self) -> None:
        """Nothing to close."""


def _local_entry(found: os.DirEntry[bytes], within: tuple[bytes, ...]) -> ListedFile:
    """One entry of a folder, with its own trouble."""
    try:
        state = found.stat()
    except OSError as error:
        return ListedFile(named(found.name), 0, 0, found.name, error_name(error))
    trouble = _trouble(found.path, state, within)
    if trouble == ELSEWHERE:  # not even how large it is
        return ListedFile(named(found.name), 0, 0, found.name, trouble)
    return ListedFile(named(found.name), state.st_size, state.st_mtime, found.name, trouble)


def _trouble(path: bytes, state: os.stat_result, within: tuple[bytes, ...]) -> str:
    """Why a file of this state may not be read; "" if it may."""
    if not stat.S_ISREG(state.st_mode):
        return NO_FILE
    real = os.path.realpath(path)
    here = real.startswith(within) and os.path.samestat(os.stat(real), state)  # noqa: PTH116 - bytes
    return "" if here else ELSEWHERE


class _local:  # noqa: N801 - read as a statement
    """Context manager: OSError becomes a HubError."""

    def __init__(self, system: str, folder: str) -> None:
        self._system = system
        self._folder = folder

    def __enter__(self) -> None:
        """Nothing to do."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, PermissionError):
            raise FlowError(
                "system.credentials", system=self._system, detail=self._folder
            ) from None
        if isinstance(error, FileNotFoundError | NotADirectoryError):
            raise FlowError("system.protocol", system=self._system, detail=self._folder) from None
        if isinstance(error, OSError):
            raise TransientError(
                "system.unavailable",
                system=self._system,
                detail=f"{self._folder}: {error_name(error)}",
            ) from None


LISTED = {
    b"-": asyncssh.FILEXFER_TYPE_REGULAR,
    b"d": asyncssh.FILEXFER_TYPE_DIRECTORY,
    b"l": asyncssh.FILEXFER_TYPE_SYMLINK,
}
"""First character of a line of `ls -l` -> type of entry."""


def _kind(one: asyncssh.SFTPName) -> int:
    """Type of an entry; by its `ls -l` line where the server sends no permissions."""
    line = one.longname if isinstance(one.longname, bytes) else (one.longname or "").encode()
    kind = one.attrs.type
    return LISTED.get(line[:1], kind) if kind == asyncssh.FILEXFER_TYPE_UNKNOWN else kind


class SftpStore:
    """Folders of an SFTP server with a trusted host key."""

    def __init__(self, connection: Connection, *, timeout: float, most_entries: int) -> None:
        self._connection = connection
        self._most_entries = most_entries
        self._timeout = timeout
        self._root = connection.path.encode()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._client: asyncssh.SFTPClient | None = None
        self._session: asyncssh.SSHClientConnection | None = None

    def entries(self, folder: str) -> list[ListedFile]:
        async def ask(client: asyncssh.SFTPClient) -> list[ListedFile]:
            found: list[asyncssh.SFTPName] = []
            async for one in client.scandir(self._path(folder)):
                found.append(one)
                refuse_long(
                    len(found), self._most_entries, system=self._connection.system, folder=folder
                )
            return [
                await self._entry(client, folder, one)
                for one in found
                if one.filename not in {b".", b".."}
            ]

        return listed(self._run(folder, ask))

    async def _entry(
        self, client: asyncssh.SFTPClient, folder: str, one: asyncssh.SFTPName
    ) -> ListedFile:
        """One entry; links are followed, and a dangling one is that entry's trouble."""
        raw, attrs = bytes(one.filename), one.attrs  # type: ignore[arg-type] # asked for by bytes
        kind = _kind(one)
        if kind == asyncssh.FILEXFER_TYPE_SYMLINK or attrs.size is None:
            try:
                attrs = await client.stat(self._path(folder, raw))
            except ONE_FILE as error:
                return ListedFile(named(raw), 0, 0, raw, type(error).__name__)
            kind = attrs.type if attrs.type != asyncssh.FILEXFER_TYPE_UNKNOWN else kind
        trouble = "" if kind in UNTYPED else NO_FILE
        return ListedFile(named(raw), attrs.size or 0, float(attrs.mtime or 0), raw, trouble)

    def read(self, folder: str, entry: ListedFile, *, most: int) -> bytes:
        async def ask(
            client: asyncssh.SFTPClient,
        ) -> bytes | UnreachableFileError | FailedFileError:
            try:
                async with client.open(self._path(folder, entry.raw), "rb") as file:
                    content: bytes = await file.read(most + 1)
                    return content
            except ONE_FILE as error:
                gone = isinstance(error, asyncssh.SFTPNoSuchFile | asyncssh.SFTPNoSuchPath)
                return UnreachableFileError(type(error).__name__, gone=gone)
            except asyncssh.SFTPFailure:
                return FailedFileError(
                    "system.unavailable", system=self._connection.system, detail=entry.name
                )

        content = self._run(folder, ask)
        if isinstance(content, Exception):
            raise content
        return bounded(content, most)

    def keeps_inside(self, folder: str, entry: ListedFile) -> bool:  # noqa: ARG002 - see above
        return True

    def _path(self, folder: str, raw: bytes = b"") -> bytes:
        """A path as bytes: file names need not be text in any one encoding."""
        parts = [self._root, folder.encode().strip(b"/"), raw]
        return b"/" + b"/".join(part.strip(b"/") for part in parts if part.strip(b"/"))

    def write(self, folder: str, name: str, content: bytes) -> None:
        unfinished, path = (
            self._path(folder, f".{name}.part".encode()),
            self._path(folder, name.encode()),
        )

        async def ask(client: asyncssh.SFTPClient) -> None:
            async with client.open(unfinished, "wb") as file:
                await file.write(content)
            with suppress(
                asyncssh.SFTPNoSuchFile
            ):  # an earlier attempt may lie there: plain SFTP renames over nothing
                await client.remove(path)
            await client.rename(unfinished, path)

        self._run(folder, ask)

    def make(self, folder: str) -> None:
        async def ask(client: asyncssh.SFTPClient) -> None:
            if not await client.isdir(self._path(folder)):
                await client.mkdir(self._path(folder))

        self._run(folder, ask)

    def close(self) -> None:
        if self._session is not None and self._loop is not None:
            self._session.abort()
            with suppress(Exception):  # it is given up in any case
                self._loop.run_until_complete(asyncio.wait_for(self._session.wait_closed(), 2))
        if self._loop is not None:
            self._loop.close()
        self._loop = self._session = self._client = None

    def _run(self, folder: str, ask: Callable[[asyncssh.SFTPClient], Awaitable[T]]) -> T:
        """Run a call on the server; after a failure the next call reconnects."""
        if self._loop is None:
            self._loop = asyncio.new_event_loop()

        async def asking() -> T:
            return await ask(await self._connected())

        try:
            return self._loop.run_until_complete(asyncio.wait_for(asking(), self._timeout))
        except FAILURES as error:
            said = meaning(error, self._connection, detail=folder)
            self.close()
            raise said from None

    async def _connected(self) -> asyncssh.SFTPClient:
        if self._client is None:
            self._session = await log_in(self._connection)
            self._client = await self._session.start_sftp_client()
        return self._client
