"""OpenSSH's own server, by whoever runs the tests, on host keys of its own: SFTP by public key.

Run by root it would want a user and folders of this machine.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncssh

from hub.model import Connection
from tests.peers.listening import WAIT_SECONDS, wait_for
from tests.peers.unpacked import hand_over, lowered, owner, program, unpacked
from tests.ports import reserve_port

KINDS = ("ssh-rsa", "ecdsa-sha2-nistp256", "ssh-ed25519")
PASSPHRASE = "open-sesame"  # noqa: S105 - of a key that is thrown away


@dataclass(frozen=True)
class OpenSsh:
    """A server that runs. fingerprints: by kind of host key. key, locked: files of keys that it
    lets in.
    """

    port: int
    user: str
    folder: Path
    fingerprints: dict[str, str]
    key: Path
    locked: Path

    def connection(self, host: str = "127.0.0.1", **options: str) -> Connection:
        return Connection("f", "sftp", host, self.port, self.user, "", str(self.folder), options)


@contextmanager
def openssh(*settings: str, kinds: Sequence[str] = KINDS) -> Iterator[OpenSsh]:
    """A server with host keys of these kinds and these further lines of its configuration."""
    user = owner()
    base = Path(tempfile.mkdtemp(prefix="sshd-"))
    keys = {kind: asyncssh.generate_private_key(kind) for kind in kinds}
    for kind, key in keys.items():
        key.write_private_key(base / kind)
        (base / kind).chmod(0o600)
    mine = asyncssh.generate_private_key("ssh-ed25519")
    mine.write_private_key(base / "key")
    mine.write_private_key(base / "locked", passphrase=PASSPHRASE, rounds=1, ignore_few_rounds=True)
    mine.write_public_key(base / "authorized")
    for secret in ("key", "locked"):
        (base / secret).chmod(0o600)
    (base / "files").mkdir()
    port = reserve_port()
    lines = [
        f"Port {port}",
        "ListenAddress 127.0.0.1",
        *(f"HostKey {base / kind}" for kind in kinds),
        f"AuthorizedKeysFile {base / 'authorized'}",
        "StrictModes no",
        "UsePAM no",
        "PasswordAuthentication no",
        "PidFile none",
        "Subsystem sftp internal-sftp",
        "ForceCommand internal-sftp",
        *(f"{name}Path {path}" for name, path in _parts()),
        *settings,
    ]
    (base / "config").write_text("\n".join(lines) + "\n", encoding="utf-8")
    hand_over(base)
    with (base / "log").open("wb") as log:
        process = subprocess.Popen(
            [program("sshd"), "-D", "-e", "-f", base / "config"],
            stdout=log,
            stderr=log,
            **lowered("sshd"),
        )
    try:
        wait_for(process, port, log=base / "log")
        prints = {kind: key.convert_to_public().get_fingerprint() for kind, key in keys.items()}
        yield OpenSsh(port, user.pw_name, base / "files", prints, base / "key", base / "locked")
    finally:
        process.terminate()
        process.wait(WAIT_SECONDS)
        shutil.rmtree(base, ignore_errors=True)


def _parts() -> Iterator[tuple[str, Path]]:
    """Where the programs are that newer servers consist of, if they do not lie where they were
    built for.
    """
    for setting, name in (("SshdSession", "sshd-session"), ("SshdAuth", "sshd-auth")):
        if (path := unpacked("sshd") / "usr/lib/openssh" / name).exists():
            yield setting, path
