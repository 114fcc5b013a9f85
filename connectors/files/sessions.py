"""SFTP log-in: trusted host keys, password or private key."""

import asyncio
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

import asyncssh

from hub.errors import FlowError, HubError, TransientError
from hub.model import Connection

KINDS: tuple[tuple[str, ...], ...] = (
    ("ssh-ed25519",),
    ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"),
    ("rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"),
    ("ssh-ed448",),
    ("ssh-dss",),
)
"""Kinds of host keys, each with its algorithms."""
OPTIONS = frozenset({"host_key", "private_key", "key_file", "private_key_passphrase"})
"""A connection's options for the log-in."""
ALIKE = 0.8
MOST_WORDS = 500
KEY_START = "AAAA"
"""Start of every public key in base64."""
FINAL: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str], ...] = (
    (asyncssh.PermissionDenied, "system.credentials"),
    (asyncssh.HostKeyNotVerifiable, "system.host_key"),
    (
        (asyncssh.SFTPNoSuchFile, asyncssh.SFTPPermissionDenied, asyncssh.SFTPOpUnsupported),
        "system.protocol",
    ),
    ((asyncssh.KeyExchangeFailed, asyncssh.ProtocolNotSupported), "system.protocol"),
)
PASSING: tuple[tuple[type[BaseException], str], ...] = (
    (ConnectionRefusedError, "system.refused_connection"),
    (TimeoutError, "system.timeout"),
)


class UntrustedServerError(Exception):
    """No host key of a server is trusted. offered: those it has."""

    def __init__(self, offered: Sequence[str]) -> None:
        super().__init__(*offered)
        self.offered = offered


class _Guest(asyncssh.SSHClient):
    """SSH client that trusts configured host keys, and sends its password once, by any method."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._trusted = trusted_keys(connection)
        self._asked = False

    def validate_host_public_key(
        self,
        host: str,  # noqa: ARG002
        addr: str,  # noqa: ARG002
        port: int,  # noqa: ARG002
        key: asyncssh.SSHKey,
    ) -> bool:
        return is_trusted(key, self._trusted)

    def password_auth_requested(self) -> str | None:
        """None the second time: a wrong password sent twice counts twice towards a lock-out."""
        return self._once()

    def kbdint_auth_requested(self) -> str | None:
        return None if self._asked else ""

    def kbdint_challenge_received(
        self,
        name: str,  # noqa: ARG002 - the library's signature
        instructions: str,  # noqa: ARG002 - likewise
        lang: str,  # noqa: ARG002 - likewise
        prompts: Sequence[tuple[str, bool]],
    ) -> list[str] | None:
        """Answers prompts: echoed ones with the user, hidden ones with the password."""
        if not prompts:
            return []
        secret = self._once()
        if secret is None:
            return None
        return [self._connection.user if echoed else secret for _, echoed in prompts]

    def _once(self) -> str | None:
        if self._asked or not self._connection.secret:
            return None
        self._asked = True
        return self._connection.secret


async def log_in(connection: Connection) -> asyncssh.SSHClientConnection:
    """A session with a server whose host key is trusted, tried by kind of key.

    This machine's own SSH keys, agent, settings and known hosts are not used.
    """
    _refuse_misspelt(connection)
    keys = _client_keys(connection)
    try:
        return await _session(connection, keys)
    except asyncssh.HostKeyNotVerifiable:
        trusted, offered = trusted_keys(connection), []
        for algorithms in KINDS:
            key = await _host_key(connection, algorithms)
            if key is not None and is_trusted(key, trusted):
                return await _session(connection, keys, algorithms)
            if key is not None:
                offered.append(f"{key.get_algorithm()} {key.get_fingerprint()}")
        raise UntrustedServerError(offered) from None


def _refuse_misspelt(connection: Connection) -> None:
    """Raise for an option that is nearly one of ours; others may be Airflow's own."""
    for name in connection.options.keys() - OPTIONS:
        for meant in get_close_matches(name, sorted(OPTIONS), n=1, cutoff=ALIKE):
            why = f"不认识的选项 {name}，是否应为 {meant} / unknown option {name}: {meant}?"
            raise FlowError(
                "system.connection",
                system=connection.system,
                connection=f"HUB_CONN_{connection.system.upper()}",
                why=why,
            )


async def _session(
    connection: Connection, keys: Sequence[asyncssh.SSHKey], algorithms: Sequence[str] = ()
) -> asyncssh.SSHClientConnection:
    return await asyncssh.connect(
        connection.host,
        connection.port or 22,
        username=connection.user,
        client_factory=lambda: _Guest(connection),
        known_hosts=([], [], []),
        client_keys=list(keys) or None,
        agent_path=None,
        config=None,
        preferred_auth=",".join(
            [*(["publickey"] if keys else []), "password", "keyboard-interactive"]
        ),
        server_host_key_algs=list(algorithms) or (),
    )


async def _host_key(connection: Connection, algorithms: Sequence[str]) -> asyncssh.SSHKey | None:
    """A server's host key of one kind; None where it has none."""
    try:
        return await asyncssh.get_server_host_key(
            connection.host,
            connection.port or 22,
            server_host_key_algs=list(algorithms),
            config=None,
        )
    except (
        asyncssh.DisconnectError,
        OSError,
        ValueError,
    ):  # it hangs up where it has none of this kind
        return None


def trusted_keys(connection: Connection) -> frozenset[str]:
    """The connection's host keys: fingerprints (SHA256:..., MD5:...) or whole keys, by commas.

    A blank was a plus sign in a URI, except after the kind of a whole key.
    """
    named = (one.strip() for one in connection.options.get("host_key", "").split(","))
    keys = (one[one.index(KEY_START) :] if f" {KEY_START}" in one else one for one in named)
    return frozenset(key.replace(" ", "+").rstrip("=") for key in keys if key)


def is_trusted(key: asyncssh.SSHKey, trusted: frozenset[str]) -> bool:
    """Whether a host key is one of those."""
    whole = key.export_public_key().decode("ascii").split()[1]
    shown = {key.get_fingerprint(), key.get_fingerprint("md5"), whole.rstrip("=")}
    return not trusted.isdisjoint(shown)


def _client_keys(connection: Connection) -> list[asyncssh.SSHKey]:
    """The connection's private key, given (`private_key`) or in a file (`key_file`)."""
    options = connection.options
    text, path = options.get("private_key", ""), options.get("key_file", "")
    if not text and not path:
        return []
    passphrase = options.get("private_key_passphrase") or connection.secret or None
    try:
        content = text or Path(path).expanduser().read_text(encoding="utf-8")
        return [asyncssh.import_private_key(content.replace("\\n", "\n"), passphrase)]
    except (OSError, ValueError, asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
        # The texts may quote the key.
        named = "private_key" if text else f"key_file {path}"
        raise FlowError(
            "system.private_key", system=connection.system, key=named, why=type(error).__name__
        ) from None


def meaning(error: BaseException, connection: Connection, *, detail: str) -> HubError:
    """The HubError for a failure of SSH or SFTP."""
    if isinstance(error, HubError):
        return error
    system, told = connection.system, f"{detail} {type(error).__name__}".strip()
    if isinstance(error, UntrustedServerError):
        return FlowError("system.host_key", system=system, offered=", ".join(error.offered) or "-")
    if isinstance(error, asyncssh.KeyExchangeFailed):  # its reason names what each side speaks
        told = f"{told}: {error.reason[:MOST_WORDS]}"
    if final := _final(error):
        return FlowError(final, system=system, detail=told)
    return TransientError(_passing(error), system=system, detail=told)


def _final(error: BaseException) -> str:
    """The code of a permanent failure, "" for any other."""
    if isinstance(error, asyncssh.DisconnectError) and "authentication failures" in error.reason:
        return "system.credentials"
    return next((code for kinds, code in FINAL if isinstance(error, kinds)), "")


def _passing(error: BaseException) -> str:
    if (
        isinstance(error, asyncssh.DisconnectError)
        and error.code == asyncssh.DISC_TOO_MANY_CONNECTIONS
    ):
        return "system.busy"
    return next((code for kinds, code in PASSING if isinstance(error, kinds)), "system.unavailable")


FAILURES = (
    asyncssh.Error,
    OSError,
    TimeoutError,
    asyncio.IncompleteReadError,
    UntrustedServerError,
    HubError,
)
"""Exceptions of connecting and talking to a server."""
