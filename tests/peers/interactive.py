"""An SFTP server by paramiko that asks for the password in a dialogue, and lists files without
saying what they are.
"""

import os
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import paramiko

USER, SECRET = "hub", "geheim-2"


@dataclass
class Dialogue:
    """prompts: what is asked, each with whether the answer is shown. tried: passwords that came."""

    root: Path
    prompts: Sequence[tuple[str, bool]] = (("口令：", False),)
    methods: str = "keyboard-interactive"
    bare: bool = False
    port: int = 0
    key: paramiko.PKey = field(default_factory=paramiko.ECDSAKey.generate)
    tried: list[list[str]] = field(default_factory=list)


class _Door(paramiko.ServerInterface):
    def __init__(self, dialogue: Dialogue) -> None:
        self._dialogue = dialogue

    def get_allowed_auths(self, username: str) -> str:
        return self._dialogue.methods

    def check_auth_password(self, username: str, password: str) -> int:
        self._dialogue.tried.append([password])
        return self._verdict(username, [password])

    def check_auth_interactive(
        self, username: str, submethods: str
    ) -> "int | paramiko.InteractiveQuery":
        return paramiko.InteractiveQuery("", "", *self._dialogue.prompts)

    def check_auth_interactive_response(self, responses: list[str]) -> int:
        self._dialogue.tried.append([str(one) for one in responses])
        return self._verdict(
            USER,
            [
                one
                for one, (_, shown) in zip(responses, self._dialogue.prompts, strict=True)
                if not shown
            ],
        )

    def _verdict(self, username: str, secrets: list[str]) -> int:
        known = username == USER and all(one == SECRET for one in secrets)
        return paramiko.AUTH_SUCCESSFUL if known else paramiko.AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED


class _Handle(paramiko.SFTPHandle):
    def stat(self) -> "paramiko.SFTPAttributes | int":
        return paramiko.SFTPAttributes.from_stat(os.fstat(self.readfile.fileno()))  # type: ignore[attr-defined]


class _Folder(paramiko.SFTPServerInterface):
    def __init__(self, server: paramiko.ServerInterface, *, dialogue: Dialogue) -> None:
        super().__init__(server)
        self._dialogue = dialogue

    def _local(self, path: str) -> Path:
        return self._dialogue.root / path.strip("/")

    def _attributes(self, path: Path) -> paramiko.SFTPAttributes:
        return paramiko.SFTPAttributes.from_stat(path.stat(), path.name)

    def list_folder(self, path: str) -> "list[paramiko.SFTPAttributes] | int":
        found = [self._attributes(one) for one in self._local(path).iterdir()]
        for one in found if self._dialogue.bare else ():
            one.st_mode = one.st_size = one.st_uid = one.st_gid = one.st_atime = one.st_mtime = None
        return found

    def stat(self, path: str) -> "paramiko.SFTPAttributes | int":
        return self._attributes(self._local(path))

    lstat = stat

    def open(
        self, path: str, flags: int, attr: paramiko.SFTPAttributes
    ) -> "paramiko.SFTPHandle | int":
        local = self._local(path)
        if not local.is_file():
            return paramiko.SFTP_FAILURE
        handle = _Handle(flags)
        handle.readfile = os.fdopen(os.open(local, os.O_RDONLY), "rb")  # type: ignore[attr-defined]
        return handle


@contextmanager
def interactive_server(dialogue: Dialogue) -> Iterator[Dialogue]:
    """Serve the folder at a port of 127.0.0.1 for as long as it is wanted."""
    listener = socket.create_server(("127.0.0.1", 0))
    dialogue.port = listener.getsockname()[1]
    guests: list[paramiko.Transport] = []

    def serve() -> None:
        while True:
            try:
                connected, _ = listener.accept()
            except OSError:
                return
            transport = paramiko.Transport(connected)
            transport.add_server_key(dialogue.key)
            transport.set_subsystem_handler("sftp", paramiko.SFTPServer, _Folder, dialogue=dialogue)
            guests.append(transport)
            try:
                transport.start_server(server=_Door(dialogue), event=threading.Event())
            except (paramiko.SSHException, EOFError):
                transport.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield dialogue
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for guest in guests:
            guest.close()
        thread.join(10)
