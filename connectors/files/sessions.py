"""Logging in to an SFTP server: the host key that is trusted, and the ways to say who we are."""

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
"""The kinds of host keys, each by the algorithms that show it."""
OPTIONS = frozenset({"host_key", "private_key", "key_file", "private_key_passphrase"})
"""What a connection may say of the log-in."""
ALIKE = 0.8
MOST_WORDS = 500
KEY_START = "AAAA"
"""How every public key begins in base64."""
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
    """None of the host keys that a server has is the one on record. offered: what it has."""

    def __init__(self, offered: Sequence[str]) -> None:
        super().__init__(*offered)
        self.offered = offered


class _Guest(asyncssh.SSHClient):
    """Trusts the host keys on record, and gives its password once, in whichever way the server asks
    for it.
    """

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
        """Nothing the second time: a wrong password that is sent twice counts twice towards a
        lock.
        """
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
        """What may be seen as it is typed is the user, what may not is the password; some servers
        ask nothing.
        """
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
    """A session with a server whose host key is known, whichever of its keys it shows first.

    Not one of this machine's own keys, agents, settings or trusted hosts has a say.
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
    """An option that is nearly one of ours is told; others may be meant for other programs
    (Airflow's own).
    """
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
    """The host key of one kind; None where the server has none."""
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
    """The host keys that a connection names: fingerprints (SHA256:..., MD5:...) or whole keys,
    parted by commas.

    A blank is a plus sign that an address has lost, but for the one behind the kind of a whole key.
    """
    named = (one.strip() for one in connection.options.get("host_key", "").split(","))
    keys = (one[one.index(KEY_START) :] if f" {KEY_START}" in one else one for one in named)
    return frozenset(key.replace(" ", "+").rstrip("=") for key in keys if key)


def is_trusted(key: asyncssh.SSHKey, trusted: frozenset[str]) -> bool:
    """Whether a host key is one of those on record."""
    whole = key.export_public_key().decode("ascii").split()[1]
    shown = {key.get_fingerprint(), key.get_fingerprint("md5"), whole.rstrip("=")}
    return not trusted.isdisjoint(shown)


def _client_keys(connection: Connection) -> list[asyncssh.SSHKey]:
    """The private key that a connection brings (`private_key`) or says where it is (`key_file`)."""
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
    """Say what a failure of SSH or SFTP means."""
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
    """The code of what time does not heal, "" for all else."""
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
"""What can go wrong between us and a server."""
