"""Folders of files, over SFTP or on this machine."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol, TypeVar

import asyncssh

from connectors.files.sessions import FAILURES, log_in, meaning
from hub.errors import FlowError, TransientError
from hub.model import Connection

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Entry:
    """A file: its name, its size in bytes, when it was last changed (seconds since 1970)."""

    name: str
    size: int
    changed: float


class Store(Protocol):
    """Where the files are."""

    def entries(self, folder: str) -> list[Entry]:
        """The files of a folder, in order of their names."""

    def read(self, folder: str, name: str) -> bytes:
        """The whole content of a file."""

    def write(self, folder: str, name: str, content: bytes) -> None:
        """Put a file there at once: nobody sees it before it is whole."""

    def close(self) -> None:
        """Give back connections; safe to call twice."""


def store_of(connection: Connection, *, timeout: float) -> Store:
    """Give the store that a connection names: sftp://USER:SECRET@HOST:PORT/PATH?host_key=SHA256:... or file:///PATH."""
    if connection.scheme == "file":
        return LocalStore(connection)
    if connection.scheme == "sftp":
        return SftpStore(connection, timeout=timeout)
    raise FlowError("system.protocol", system=connection.system, detail=f"files: {connection.scheme}://")


class LocalStore:
    """Folders on this machine or mounted into it."""

    def __init__(self, connection: Connection) -> None:
        self._system = connection.system
        self._root = Path(connection.path)

    def entries(self, folder: str) -> list[Entry]:
        with _local(self._system, folder):
            found = [(path.name, path.stat()) for path in (self._root / folder).iterdir() if path.is_file()]
        return sorted((Entry(name, stat.st_size, stat.st_mtime) for name, stat in found), key=lambda e: e.name)

    def read(self, folder: str, name: str) -> bytes:
        with _local(self._system, folder):
            return (self._root / folder / name).read_bytes()

    def write(self, folder: str, name: str, content: bytes) -> None:
        with _local(self._system, folder):
            unfinished = self._root / folder / f".{name}.part"
            unfinished.write_bytes(content)
            unfinished.replace(self._root / folder / name)

    def close(self) -> None:
        """Nothing is kept open."""


class _local:  # noqa: N801 - read as a statement
    """Tells a failed access to a local folder in the hub's terms."""

    def __init__(self, system: str, folder: str) -> None:
        self._system = system
        self._folder = folder

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, PermissionError):
            raise FlowError("system.credentials", system=self._system, detail=self._folder) from None
        if isinstance(error, FileNotFoundError | NotADirectoryError):
            raise FlowError("system.protocol", system=self._system, detail=self._folder) from None
        if isinstance(error, OSError):
            raise TransientError("system.unavailable", system=self._system, detail=self._folder) from None


class SftpStore:
    """Folders of an SFTP server whose host key is known beforehand."""

    def __init__(self, connection: Connection, *, timeout: float) -> None:
        self._connection = connection
        self._timeout = timeout
        self._root = PurePosixPath("/") / connection.path
        self._loop: asyncio.AbstractEventLoop | None = None
        self._client: asyncssh.SFTPClient | None = None
        self._session: asyncssh.SSHClientConnection | None = None

    def entries(self, folder: str) -> list[Entry]:
        async def ask(client: asyncssh.SFTPClient) -> list[Entry]:
            found = await client.readdir(str(self._root / folder))
            return [
                Entry(str(one.filename), one.attrs.size or 0, float(one.attrs.mtime or 0))
                for one in found
                if one.attrs.type in {asyncssh.FILEXFER_TYPE_REGULAR, asyncssh.FILEXFER_TYPE_UNKNOWN}
            ]

        return sorted(self._run(folder, ask), key=lambda entry: entry.name)

    def read(self, folder: str, name: str) -> bytes:
        async def ask(client: asyncssh.SFTPClient) -> bytes:
            async with client.open(str(self._root / folder / name), "rb") as file:
                content: bytes = await file.read()
                return content

        return self._run(folder, ask)

    def write(self, folder: str, name: str, content: bytes) -> None:
        unfinished, path = str(self._root / folder / f".{name}.part"), str(self._root / folder / name)

        async def ask(client: asyncssh.SFTPClient) -> None:
            async with client.open(unfinished, "wb") as file:
                await file.write(content)
            with suppress(asyncssh.SFTPNoSuchFile):  # an earlier attempt may lie there: plain SFTP renames over nothing
                await client.remove(path)
            await client.rename(unfinished, path)

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
        """Ask the server; after a failure the next call connects anew."""
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
