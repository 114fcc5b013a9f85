"""Witnesses: the newest checkpoint -> append-only file, syslog, time stamping authority (RFC 3161).

What has left this machine cannot be rewritten here. Sealing never waits for a witness; one that is
away is retried, and raises an alert.
"""

import hashlib
import logging
import os
import socket
import ssl
import stat
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as Late
from datetime import UTC, datetime
from threading import Thread
from urllib.parse import urlsplit

import orjson

from hub.db.database import Database, Transaction
from hub.db.ledger import seals, witnesses
from hub.db.ledger.seals import Seal
from hub.durable import append_line, error_name
from hub.errors import Fault, FlowError, HubError, TransientError
from hub.pipeline import ledger_check
from hub.settings import Settings, Witnessing

log = logging.getLogger(__name__)

NOTICE_OF_AUDIT = 13 * 8 + 5
"""RFC 5424 priority: facility log audit, severity notice."""
LOCAL = "unix"
_busy: dict[str, Thread] = {}
"""Threads of calls given up, by witness: none is called again while its thread is alive."""


def send(database: Database, settings: Settings) -> int:
    """Send the newest signed checkpoint to every witness that is due; gives how many took it."""
    calls = dict(_calls(settings.witnessing))
    with database.write() as tx:
        newest, known = seals.newest(tx, signed=True), witnesses.known(tx, list(calls))
    if not known:
        return 0
    kept = _last_checkpoints(settings, settings.witnessing.compared)
    with database.write() as tx:
        witnesses.differing(tx, _differing(tx, settings, kept), lacking=_lacking(tx, kept))
    if newest is None:
        return 0
    told, now = 0, datetime.now(UTC)
    for name, call in calls.items():
        at = known[name].at
        wait = (
            settings.witnessing.stamp_seconds
            if name == "tsa"
            else settings.witnessing.every_seconds
        )
        if known[name].seal_id == newest.id or (
            at is not None and (now - at).total_seconds() < wait
        ):
            continue
        told += _hand_over(database, settings, name, call, newest)
    return told


def _calls(given: Witnessing) -> Iterator[tuple[str, Callable[[Seal], bytes | None]]]:
    if given.file is not None:
        path = given.file
        yield "file", lambda seal: append_line(path, line_of(seal))
    if given.syslog:
        yield "syslog", lambda seal: to_syslog(given, line_of(seal))
    if given.tsa:
        yield "tsa", lambda seal: stamp(given, seal.chain)


def _hand_over(
    database: Database,
    settings: Settings,
    name: str,
    call: Callable[[Seal], bytes | None],
    seal: Seal,
) -> bool:
    """Call one witness within the time limit and store the result; no transaction is open then."""
    try:
        token = _within(settings.witnessing.timeout_seconds, name, lambda: call(seal))
    except HubError as error:
        log.warning("a checkpoint was not taken", extra={"witness": name, "code": error.code})
        with database.write() as tx:
            witnesses.failed(tx, name, Fault("", error.code, error.facts))
        return False
    with database.write() as tx:
        witnesses.sent(tx, name, seal.id, seal.chain, token)
    return True


def _within(seconds: float, name: str, work: Callable[[], bytes | None]) -> bytes | None:
    """Run in a daemon thread (a dead share may block for ever); TransientError after `seconds`."""
    if name in _busy and _busy[name].is_alive():
        raise TransientError("witness.away", witness=name, reason="hangs")
    done: Future[bytes | None] = Future()

    def run() -> None:
        try:
            done.set_result(work())
        except HubError as error:
            done.set_exception(error)
        except Exception as error:  # noqa: BLE001 -- whatever a peer or a share makes of it
            reason = type(error).__name__
            if isinstance(error, OSError) and not isinstance(error, ssl.SSLError):
                reason = error_name(error)
            done.set_exception(TransientError("witness.away", witness=name, reason=reason))

    _busy[name] = Thread(target=run, name=f"witness {name}", daemon=True)
    _busy[name].start()
    try:
        return done.result(timeout=seconds)
    except Late:
        raise TransientError("witness.away", witness=name, reason="timeout") from None


def line_of(seal: Seal) -> str:
    """A checkpoint as one line of JSON."""
    return orjson.dumps(ledger_check.checkpoint(seal)).decode()


def to_syslog(given: Witnessing, line: str) -> None:
    """One message of RFC 5424; over TCP and TLS counted by octets (RFC 6587, 5425)."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    said = (
        f"<{NOTICE_OF_AUDIT}>1 {now} {socket.gethostname()} onecode-hub {os.getpid()} checkpoint "
        f"- {line}"
    ).encode()
    where = urlsplit(given.syslog)
    if where.scheme == LOCAL:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as local:
            local.settimeout(given.timeout_seconds)
            local.connect(where.path)
            local.send(said)
        return
    if not where.hostname or not where.port or where.scheme not in {"udp", "tcp", "tls"}:
        raise FlowError("settings.invalid", name="HUB_WITNESS_SYSLOG", value=where.scheme)
    if where.scheme == "udp":
        family, kind, _, _, address = socket.getaddrinfo(
            where.hostname, where.port, type=socket.SOCK_DGRAM
        )[0]
        with socket.socket(family, kind) as sender:
            sender.sendto(said, address)
        return
    with socket.create_connection(
        (where.hostname, where.port), timeout=given.timeout_seconds
    ) as plain:
        framed = b"%d %s" % (len(said), said)
        if where.scheme == "tcp":
            plain.sendall(framed)
            return
        trusted = ssl.create_default_context(
            cafile=str(given.syslog_ca) if given.syslog_ca else None
        )
        with trusted.wrap_socket(plain, server_hostname=where.hostname) as secured:
            secured.sendall(framed)


def stamp(given: Witnessing, content: bytes) -> bytes:
    """A time stamp of RFC 3161 over this content: the authority's whole answer, checked."""
    # slow imports, only needed with a time stamping authority
    from cryptography import x509  # noqa: PLC0415
    from rfc3161_client import (  # noqa: PLC0415
        TimestampRequestBuilder,
        VerificationError,
        VerifierBuilder,
        decode_timestamp_response,
    )

    from hub.calling.client import HttpLimits, calling  # noqa: PLC0415

    asked = TimestampRequestBuilder().data(content).build()
    kind = {"Content-Type": "application/timestamp-query"}
    with calling(HttpLimits(given.answer_bytes, given.timeout_seconds)) as session:
        answer = session.post(
            given.tsa, data=asked.as_bytes(), headers=kind, timeout=given.timeout_seconds
        )
    answer.raise_for_status()
    raw = answer.content
    try:
        made = decode_timestamp_response(raw)
        if made.status != 0 or made.tst_info.nonce != asked.nonce:
            raise FlowError("witness.no_stamp", reason=f"status {made.status}")
        if made.tst_info.message_imprint.message != hashlib.sha512(content).digest():
            raise FlowError("witness.no_stamp", reason="imprint")
        if given.tsa_ca is not None:
            builder = VerifierBuilder.from_request(asked)
            for root in x509.load_pem_x509_certificates(given.tsa_ca.read_bytes()):
                builder = builder.add_root_certificate(root)
            builder.build().verify_message(made, content)
    except (ValueError, VerificationError) as error:
        raise FlowError("witness.no_stamp", reason=type(error).__name__) from None
    return raw


def _differing(
    tx: Transaction, settings: Settings, kept: Sequence[tuple[int, str]] | None
) -> dict[str, list[int]]:
    """Witnesses that hold another chain than the database, with seal numbers.

    kept: the file's lines; None: it cannot be read, or there is no such witness.
    """
    known, lines = witnesses.listed(tx), kept or ()
    stands = seals.chains(tx, [*(one.seal_id for one in known), *(number for number, _ in lines)])
    found = {
        one.name: [one.seal_id]
        for one in known
        if one.chain and stands.get(one.seal_id) != one.chain
    }
    if wrong := [line for number, line in lines if not _same(stands.get(number), line)]:
        compared = ledger_check.compare(tx, settings, "\n".join(wrong))
        found["file"] = [one.seal for one in compared if one.state in {"differs", "unknown"}]
    return {name: numbers for name, numbers in found.items() if numbers}


def _lacking(tx: Transaction, kept: Sequence[tuple[int, str]] | None) -> dict[str, int]:
    """The newest seal that the file took, where it was put back, cut or exchanged since."""
    newest = max((number for number, _ in kept or ()), default=0)
    took = next((one.seal_id for one in witnesses.listed(tx) if one.name == "file"), 0)
    return {"file": took} if kept is not None and newest < took else {}


def _same(stands: bytes | None, line: str) -> bool:
    return stands is not None and f'"{stands.hex()}"' in line


def _last_checkpoints(settings: Settings, most: int) -> list[tuple[int, str]] | None:
    """(seal number, line) of the file's last checkpoints; None where it cannot be read.

    Whatever else stands in the file is skipped: a line broken by a crash, or somebody else's.
    """
    path = settings.witnessing.file
    if path is None:
        return None

    def read() -> bytes:
        try:
            if not stat.S_ISREG(path.stat().st_mode):
                return b""
        except FileNotFoundError:
            return b""
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - most * 1000))
            return file.read()

    try:
        tail = _within(settings.witnessing.timeout_seconds, "reading", read) or b""
    except HubError:
        return None
    lines = tail.decode(errors="replace").split("\n")[-most - 1 :]
    ours = [line for line in lines if ledger_check.is_ours(settings, line)]
    return [(int(orjson.loads(line)["seal"]), line) for line in ours]


def newest_outside(settings: Settings) -> tuple[int, str]:
    """(seal number, chain) of the newest checkpoint in the file; (0, "") without one."""
    kept = _last_checkpoints(settings, settings.witnessing.compared) or ()
    number, line = max(kept, default=(0, "{}"))
    return number, str(orjson.loads(line).get("chain", ""))
