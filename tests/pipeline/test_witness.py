"""The newest checkpoint leaves the machine by itself: to a file, a log server, an authority that
stamps it.
"""

import http.server
import json
import os
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from hub.db.ledger import witnesses
from hub.errors import FlowError
from hub.pipeline import ledger_check, seal, witness
from hub.services import witness_alerts
from hub.settings import Witnessing
from tests.keys import ed25519_key
from tests.pipeline.conftest import Small
from tests.ports import server_socket

GIVEN = Witnessing(
    every_seconds=0.001, stamp_seconds=0.001, timeout_seconds=5, behind_seconds=0.001
)


@pytest.fixture
def sealing(small: Small, tmp_path: Path) -> Small:
    small.with_settings(seal_key=ed25519_key(tmp_path), witnessing=GIVEN)
    return small


def grow(small: Small) -> None:
    """One more seal."""
    with small.database.write() as tx:
        tx.execute(
            "insert into hub.account (name, role, token_hash)"
            " select 'a' || count(*), 'service', sha256(('a' || count(*))::bytea) from hub.account"
        )
    seal.seal(small.database, small.settings)


def going_to(small: Small, **places: object) -> int:
    """Send the newest one there; give to how many it went."""
    small.with_settings(witnessing=replace(GIVEN, **places))  # type: ignore[arg-type]
    return witness.send(small.database, small.settings)


def alerts(small: Small) -> list[str]:
    from datetime import UTC, datetime, timedelta  # noqa: PLC0415 -- one use

    with small.database.write() as tx:
        later = datetime.now(UTC) + timedelta(hours=1)
        return [one.fault.code for one in witness_alerts.findings(tx, small.settings, later)]


def test_checkpoints_are_appended_to_a_file_and_each_once(sealing: Small, tmp_path: Path):
    file = tmp_path / "kept.jsonl"
    grow(sealing)
    assert [going_to(sealing, file=file), going_to(sealing, file=file)] == [1, 0]
    grow(sealing)
    going_to(sealing, file=file)
    kept = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert [one["seal"] for one in kept] == [1, 2]
    assert alerts(sealing) == []


def test_a_tail_that_is_cut_and_sealed_anew_is_not_what_the_file_holds(
    sealing: Small, tmp_path: Path
):
    file = tmp_path / "kept.jsonl"
    for _ in range(2):
        grow(sealing)
        going_to(sealing, file=file)
    with sealing.database.write() as tx:
        tx.execute("delete from hub.seal where id = 2")
        tx.execute("update hub.evidence set seal_id = null where seal_id = 2")
        tx.execute("delete from hub.witness")  # whoever cuts the ledger forgets nothing else
    going_to(sealing, file=file)
    assert alerts(sealing) == ["alert.ledger_differs"]  # before it is made anew
    grow(sealing)
    going_to(sealing, file=file)
    assert alerts(sealing) == ["alert.ledger_differs"]


def test_whoever_is_away_holds_up_no_seal_and_is_told(sealing: Small, tmp_path: Path):
    grow(sealing)
    assert going_to(sealing, file=tmp_path / "gone" / "kept.jsonl", syslog="tcp://127.0.0.1:1") == 0
    with sealing.database.write() as tx:
        known = {one.name: one.fault for one in witnesses.listed(tx)}
    assert known["file"] == {
        "code": "witness.away",
        "facts": {"witness": "file", "reason": "ENOENT"},
    }
    assert alerts(sealing) == ["alert.witness_behind", "alert.witness_behind"]
    grow(sealing)
    (tmp_path / "gone").mkdir()
    assert going_to(sealing, file=tmp_path / "gone" / "kept.jsonl") == 1
    assert alerts(sealing) == []


def test_a_checkpoint_that_finds_the_disk_full_is_told_so_and_written_when_there_is_room(
    sealing: Small, tmp_path: Path
):
    grow(sealing)
    assert going_to(sealing, file=Path("/dev/full")) == 0
    with sealing.database.write() as tx:
        (one,) = witnesses.listed(tx)
    assert one.fault == {"code": "witness.away", "facts": {"witness": "file", "reason": "ENOSPC"}}
    assert alerts(sealing) == ["alert.witness_behind"]
    assert going_to(sealing, file=tmp_path / "kept.jsonl") == 1
    assert alerts(sealing) == []


def test_one_that_hangs_is_given_up_and_not_called_again_meanwhile(sealing: Small, tmp_path: Path):
    os.mkfifo(fifo := tmp_path / "hangs")  # opening it for writing waits for a reader
    grow(sealing)
    assert going_to(sealing, file=fifo, timeout_seconds=0.05) == 0
    grow(sealing)
    assert going_to(sealing, file=fifo, timeout_seconds=0.05) == 0
    with sealing.database.write() as tx:
        (one,) = witnesses.listed(tx)
    assert one.fault == {"code": "witness.away", "facts": {"witness": "file", "reason": "hangs"}}
    with fifo.open("rb") as reader:
        assert reader.readline().startswith(b'{"seal":1')


def certificate(folder: Path, *options: str) -> tuple[Path, Path]:
    """A certificate of its own and its key."""
    cert, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        [
            *(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-keyout",
                key,
                "-out",
                cert,
                "-days",
                "2",
            ),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", *options),
        ],
        check=True,
        capture_output=True,
    )
    return cert, key


@pytest.mark.parametrize("way", ["udp", "tcp", "tls", "unix"])
def test_a_log_server_is_sent_one_message_of_rfc_5424(sealing: Small, tmp_path: Path, way: str):
    grow(sealing)
    kind = socket.SOCK_STREAM if way in {"tcp", "tls"} else socket.SOCK_DGRAM
    with server_socket(kind, path=tmp_path / "log" if way == "unix" else None) as server:
        server.settimeout(10)
        heard: list[bytes] = []
        context = None
        if way == "tls":
            cert, key = certificate(tmp_path)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(cert, key)

        def listen() -> None:
            if kind == socket.SOCK_DGRAM:
                heard.append(server.recv(10_000))
                return
            plain, _ = server.accept()
            with context.wrap_socket(plain, server_side=True) if context else plain as one:
                while part := one.recv(10_000):
                    heard.append(part)

        if kind == socket.SOCK_STREAM:
            server.listen()
        thread = threading.Thread(target=listen)
        thread.start()
        place = (
            f"unix://{tmp_path / 'log'}"
            if way == "unix"
            else f"{way}://localhost:{server.getsockname()[1]}"
        )
        assert (
            going_to(
                sealing, syslog=place, syslog_ca=tmp_path / "cert.pem" if way == "tls" else None
            )
            == 1
        )
        thread.join()
    said = b"".join(heard).decode()
    if kind == socket.SOCK_STREAM:
        length, said = said.split(" ", 1)
        assert int(length) == len(said)
    head, _, line = said.partition(" checkpoint - ")
    assert head.startswith("<109>1 2")
    assert json.loads(line)["seal"] == 1


CONFIG = """
[tsa]
default_tsa = own
[own]
serial = {folder}/serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1
"""


@contextmanager
def authority(folder: Path) -> Iterator[tuple[str, Path]]:
    """A time stamping authority: openssl behind a small HTTP server; its address and its
    certificate.
    """
    cert, key = certificate(folder, "-addext", "extendedKeyUsage=critical,timeStamping")
    (folder / "serial").write_text("01")
    (config := folder / "tsa.cnf").write_text(CONFIG.format(folder=folder))

    class Stamp(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            (query := folder / "query.tsq").write_bytes(
                self.rfile.read(int(self.headers["Content-Length"]))
            )
            made = subprocess.run(
                [
                    "openssl",
                    "ts",
                    "-reply",
                    "-config",
                    config,
                    "-queryfile",
                    query,
                    "-signer",
                    cert,
                    "-inkey",
                    key,
                ],
                check=True,
                capture_output=True,
            )
            self.send_response(200)
            self.end_headers()
            self.wfile.write(made.stdout)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.HTTPServer(("127.0.0.1", 0), Stamp) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/", cert
        finally:
            server.shutdown()
            thread.join()


def test_an_authority_stamps_a_checkpoint_and_openssl_agrees(sealing: Small, tmp_path: Path):
    assert shutil.which("openssl")
    grow(sealing)
    (mine := tmp_path / "mine").mkdir()
    (others := tmp_path / "others").mkdir()
    stranger, _ = certificate(others)
    with authority(mine) as (address, cert):
        with pytest.raises(FlowError, match=r"witness\.no_stamp"):
            witness.stamp(replace(GIVEN, tsa=address, tsa_ca=stranger), b"chain")
        assert going_to(sealing, tsa=address, tsa_ca=cert) == 1
    with sealing.database.write() as tx:
        (one,) = witnesses.listed(tx)
    assert one.token is not None
    assert one.chain is not None
    (mine / "token").write_bytes(one.token)
    (mine / "chain").write_bytes(one.chain)
    told = subprocess.run(
        [
            "openssl",
            "ts",
            "-verify",
            "-in",
            mine / "token",
            "-data",
            mine / "chain",
            "-CAfile",
            cert,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Verification: OK" in told.stdout + told.stderr


def test_what_is_no_stamp_is_not_taken_for_one(sealing: Small, tmp_path: Path):
    (tmp_path / "a").mkdir()
    with authority(tmp_path / "a") as (address, _):
        (tmp_path / "a" / "tsa.cnf").write_text(
            CONFIG.format(folder=tmp_path / "a").replace("sha256, sha512", "sha1")
        )
        grow(sealing)
        assert going_to(sealing, tsa=address) == 0
    with sealing.database.write() as tx:
        (one,) = witnesses.listed(tx)
    assert one.fault is not None
    assert one.fault["code"] in {"witness.no_stamp", "witness.away"}


JUNK = {
    "beyond any number": '{"seal": 1000000000000000000000000000000, "chain": "00"}',
    "infinite": '{"seal": 1e400, "chain": "00"}',
    "negative": '{"seal": -7, "chain": "00"}',
    "a number alone": '{"seal": 99}',
    "a text": '{"seal": "99", "chain": "00"}',
    "no hash": '{"seal": 99, "chain": "zz", "sealed_at": "x", "signature": "y", "signed_by": "z"}',
    "another's": (
        '{"seal": 99, "chain": "00", "sealed_at": "x", "signature": "00", "signed_by": "00"}'
    ),
    "no moment": (
        '{"seal": 99, "chain": "00", "sealed_at": "0", "signature": "00", "signed_by": "\\u0000"}'
    ),
    "deep": "[" * 10_000,
    "a list": "[7]",
    "bytes": "\x00\ufffd\x1b[2J",
}


@pytest.mark.parametrize("line", JUNK.values(), ids=JUNK)
def test_what_somebody_else_writes_into_the_file_silences_no_witness(
    sealing: Small, tmp_path: Path, line: str
):
    file = tmp_path / "kept.jsonl"
    grow(sealing)
    going_to(sealing, file=file)
    with file.open("a", encoding="utf-8") as kept:
        kept.write(f"{line}\n")
    grow(sealing)
    assert going_to(sealing, file=file) == 1
    assert json.loads(file.read_text(encoding="utf-8").splitlines()[-1])["seal"] == 2
    grow(sealing)
    assert going_to(sealing, file=file) == 1
    assert isinstance(witness.newest_outside(sealing.settings), tuple)


@pytest.mark.parametrize("left", [1, 0])
def test_a_file_that_was_put_back_to_an_earlier_state_is_told(
    sealing: Small, tmp_path: Path, left: int
):
    file = tmp_path / "kept.jsonl"
    for _ in range(3):
        grow(sealing)
        going_to(sealing, file=file)
    file.write_text("".join(f"{line}\n" for line in file.read_text().splitlines()[:left]))
    going_to(sealing, file=file)
    assert alerts(sealing) == ["alert.witness_lost"]
    grow(sealing)
    going_to(sealing, file=file)  # it is told of once; what is lost cannot be written again
    going_to(sealing, file=file)
    assert alerts(sealing) == []


def test_a_file_that_cannot_be_read_was_not_put_back(sealing: Small, tmp_path: Path):
    file = tmp_path / "kept" / "checkpoints.jsonl"
    file.parent.mkdir()
    grow(sealing)
    going_to(sealing, file=file)
    file.unlink()
    file.symlink_to(file)  # a loop: it is there, and nobody can read it
    going_to(sealing, file=file)
    assert "alert.witness_lost" not in alerts(sealing)


@pytest.mark.parametrize(
    ("name", "said"),
    [("seal", True), ("seal", 99), ("sealed_at", "\0"), ("sealed_at", "9999-12-31T23:59:59-12:00")],
)
def test_a_checkpoint_that_was_changed_is_compared_or_refused_in_words(
    sealing: Small, tmp_path: Path, name: str, said: object
):
    file = tmp_path / "kept.jsonl"
    grow(sealing)
    going_to(sealing, file=file)
    line = json.loads(file.read_text(encoding="utf-8")) | {"seal": 99} | {name: said}
    with sealing.database.write() as tx:
        try:
            (found,) = ledger_check.compare(tx, sealing.settings, json.dumps(line))
        except FlowError as error:
            assert (said, error.code) == (True, "ledger.no_checkpoint")  # noqa: PT017
        else:
            assert found.state == "unknown"
