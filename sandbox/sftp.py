"""The exchange of files: an SFTP server over three folders a partner, of which the hub may write
one.

`outbox/` holds what the partner offers, `inbox/` what the hub delivers, `answers/` what is said to
that.
"""

import asyncio
import logging
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import RawIOBase
from pathlib import Path
from tempfile import TemporaryFile
from typing import NoReturn

import asyncssh

log = logging.getLogger("sandbox")
logging.getLogger("asyncssh").setLevel(logging.WARNING)

FOLDERS = ("outbox", "inbox", "answers", "results")
_WRITES = asyncssh.FXF_WRITE | asyncssh.FXF_APPEND | asyncssh.FXF_CREAT | asyncssh.FXF_TRUNC
_HANG_SECONDS = 120
_ONLY_INBOX = "只允许在 inbox 目录中写入文件"

# Whether a named fault is due at a place now; asking uses the fault up.
Fault = Callable[[str, str], bool]


@dataclass(frozen=True, slots=True)
class Login:
    """One partner's login: its folders, and the faults that strike there."""

    secret: str
    root: Path
    fault: Fault
    interactive: bool  # asks for the password as a question, and takes none unasked
    folders: bool  # what is delivered may be a folder


class _Door(asyncssh.SSHServer):
    """Lets users in, by password."""

    def __init__(self, logins: Mapping[str, Login]) -> None:
        self._logins = logins

    def begin_auth(self, username: str) -> bool:
        login = self._logins.get(username)
        self._interactive = login is not None and login.interactive
        if login and login.fault("http_429", "connect"):
            raise asyncssh.DisconnectError(
                asyncssh.DISC_TOO_MANY_CONNECTIONS, f"{username}：连接数已达上限，请稍后再试"
            )
        return True

    def password_auth_supported(self) -> bool:
        return not self._interactive

    def kbdint_auth_supported(self) -> bool:
        return self._interactive

    def get_kbdint_challenge(
        self, username: str, lang: str, submethods: str
    ) -> tuple[str, str, str, list[tuple[str, bool]]]:
        return username, "", lang or submethods, [("Password: ", False)]

    def validate_kbdint_response(self, username: str, responses: Sequence[str]) -> bool:
        return self.validate_password(username, "".join(responses))

    def validate_password(self, username: str, password: str) -> bool:
        login = self._logins.get(username)
        return login is not None and login.secret == password


class _Folders(asyncssh.SFTPServer):
    """The folders as the hub sees them: all may be read, only inbox and results written, nothing
    linked.
    """

    def __init__(
        self, channel: "asyncssh.SSHServerChannel[bytes]", logins: Mapping[str, Login]
    ) -> None:
        login = logins[channel.get_extra_info("username")]
        super().__init__(channel, chroot=str(login.root).encode())
        self._root = login.root
        self._fault, self._folders = login.fault, login.folders

    async def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
        folder, writes = self._folder(path), bool(pflags & _WRITES)
        log.info("%s %s", "write" if writes else "read", path.decode(errors="backslashreplace"))
        if writes:
            self._may_write(path)
        if self._fault("timeout", folder):
            await asyncio.sleep(_HANG_SECONDS)
        if self._fault("http_500", folder):
            raise asyncssh.SFTPFailure("服务器内部错误")
        if folder != "inbox" and not path.endswith(b".ok") and self._fault("half_page", folder):
            return _half(self._local(path))
        return super().open(path, pflags, attrs)

    def remove(self, path: bytes) -> None:
        self._may_write(path)
        super().remove(path)

    def rename(self, oldpath: bytes, newpath: bytes) -> None:
        self._may_write(oldpath)
        self._may_write(newpath)
        super().rename(oldpath, newpath)

    def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        self._may_write(oldpath)
        self._may_write(newpath)
        super().posix_rename(oldpath, newpath)

    def setstat(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        self._may_write(path)
        super().setstat(path, attrs)

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise asyncssh.SFTPPermissionDenied(_ONLY_INBOX)

    rmdir = symlink = link = _refuse

    def mkdir(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        self._may_write(path if self._folders else b"/")
        super().mkdir(path, attrs)

    def _folder(self, path: bytes) -> str:
        parts = self._local(path).relative_to(self._root).parts
        return parts[0] if parts else ""

    def _local(self, path: bytes) -> Path:
        return Path(os.fsdecode(self.map_path(path)))

    def _may_write(self, path: bytes) -> None:
        if self._folder(path) not in {"inbox", "results"}:
            self._refuse()


def _half(path: Path) -> RawIOBase:
    """Give a file whose second half is missing, as if read while it was still being written."""
    whole = path.read_bytes()
    # Unbuffered, and closed by the server as its other files are.
    half = TemporaryFile(buffering=0)  # noqa: SIM115
    half.write(whole[: len(whole) // 2])
    return half


class SftpServer:
    """One port for all who exchange files: each login sees its own folders."""

    def __init__(self, host_key: asyncssh.SSHKey) -> None:
        self._host_key = host_key
        self._logins: dict[str, Login] = {}
        self._acceptor: asyncssh.SSHAcceptor | None = None

    @property
    def fingerprint(self) -> str:
        return str(self._host_key.get_fingerprint())

    def add(
        self,
        user: str,
        secret: str,
        *,
        root: Path,
        fault: Fault,
        interactive: bool = False,
        folders: bool = False,
    ) -> None:
        """Let one more user in."""
        self._logins[user] = Login(secret, root, fault, interactive, folders)

    async def listen(self, port: int, *, host: str) -> None:
        """Serve the folders at this address, until `close`."""
        self._acceptor = await asyncssh.listen(
            host,
            port,
            server_factory=lambda: _Door(self._logins),
            server_host_keys=[self._host_key],
            sftp_factory=lambda channel: _Folders(channel, self._logins),
            encoding=None,
        )

    def close(self) -> None:
        if self._acceptor:
            self._acceptor.close()


def keep_host_key(state: Path) -> asyncssh.SSHKey:
    """Give the server's own key, made on the first start and kept: its fingerprint is what the hub
    trusts.
    """
    kept = state / "host_key"
    if kept.exists():
        return asyncssh.read_private_key(kept)
    key = asyncssh.generate_private_key("ssh-ed25519")
    state.mkdir(parents=True, exist_ok=True)
    key.write_private_key(kept)
    kept.chmod(0o600)
    return key
