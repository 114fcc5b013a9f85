"""Logging in to SFTP servers that nobody here wrote: OpenSSH's own by keys, one by paramiko in a
dialogue.
"""

import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import asyncssh
import pytest

from connectors.files.stores import SftpStore
from hub.config.connections import connection_from
from hub.errors import FlowError, HubError, TransientError
from hub.model import Connection
from hub.workbook.troubles import UnreadableFileError
from tests.peers.interactive import SECRET, USER, Dialogue, interactive_server
from tests.peers.sshd import KINDS, PASSPHRASE, OpenSsh, openssh
from tests.ports import reserve_port

WRONG = SECRET[::-1]


@pytest.fixture(scope="module")
def server() -> Iterator[OpenSsh]:
    with openssh() as running:
        (running.folder / "outbox").mkdir()
        (running.folder / "outbox/甲.csv").write_bytes(b"a\n1\n")
        (running.folder / "outbox/sub").mkdir()
        yield running


def guest_of(server: OpenSsh) -> socket.socket:
    """Somebody whom the server has let in as far as the door."""
    while True:
        guest = socket.create_connection(("127.0.0.1", server.port), timeout=20)
        if guest.recv(4) == b"SSH-":
            return guest
        guest.close()  # the one before is not quite gone


def names(connection: Connection) -> list[str]:
    with closing(SftpStore(connection, timeout=20, most_entries=1000)) as store:
        return [entry.name for entry in store.entries("outbox") if not entry.trouble]


@pytest.mark.parametrize("kind", KINDS)
def test_a_server_is_trusted_by_any_of_its_host_keys(server: OpenSsh, kind: str):
    assert "甲.csv" in names(
        server.connection(host_key=server.fingerprints[kind], key_file=str(server.key))
    )


def test_an_address_of_ipv6_is_reached(server: OpenSsh):
    shown = server.fingerprints["ssh-ed25519"].replace("+", "%2B")
    address = (
        f"sftp://{server.user}@[::"
        f"ffff:127.0.0.1]:{server.port}{server.folder}?host_key={shown}&key_file={server.key}"
    )
    assert names(connection_from("f", address)) == ["甲.csv"]


def test_a_host_key_may_be_given_whole_as_airflow_and_known_hosts_have_it(server: OpenSsh):
    whole = (
        asyncssh.read_private_key(server.folder.parent / "ssh-rsa")
        .export_public_key()
        .decode()
        .split()
    )
    for said in (whole[1], " ".join(whole[:2]), f"SHA256:other,{whole[1]}".replace("+", " ")):
        assert "甲.csv" in names(server.connection(host_key=said, key_file=str(server.key)))


@pytest.mark.parametrize("known", ["SHA256:other", ""], ids=["another", "none"])
def test_a_server_that_is_not_known_is_refused_with_what_every_key_of_it_shows(
    server: OpenSsh, known: str
):
    with pytest.raises(FlowError) as caught:
        names(server.connection(host_key=known, key_file=str(server.key)))
    assert caught.value.code == "system.host_key"
    offered = caught.value.facts["offered"]
    assert [
        kind for kind in server.fingerprints if f"{kind} {server.fingerprints[kind]}" not in offered
    ] == []


def test_a_misspelt_option_is_told_and_one_for_another_program_is_not(server: OpenSsh):
    with pytest.raises(FlowError, match=r"hostkey.*host_key"):
        names(
            server.connection(hostkey=server.fingerprints["ssh-ed25519"], key_file=str(server.key))
        )
    known = {"host_key": server.fingerprints["ssh-ed25519"], "key_file": str(server.key)}
    assert names(server.connection(**known, no_host_key_check="true"))


def test_a_key_with_a_passphrase_lets_in_from_a_file_and_from_the_connection_itself(
    server: OpenSsh,
):
    trusted = server.connection(
        host_key=server.fingerprints["ssh-ed25519"], private_key_passphrase=PASSPHRASE
    )
    from_file = replace(trusted, options={**trusted.options, "key_file": str(server.locked)})
    itself = server.locked.read_text().replace("\n", "\\n")  # as it stands in JSON
    inside = replace(trusted, options={**trusted.options, "private_key": itself})
    assert names(from_file) == names(inside)
    assert "甲.csv" in names(inside)
    assert itself[40:80] not in repr(inside)


@pytest.mark.parametrize(
    "options",
    [
        {"key_file": "/nowhere/key"},
        {"private_key": "no key"},
        {"key_file": "{locked}", "private_key_passphrase": "wrong"},
    ],
    ids=["no file", "no key", "wrong passphrase"],
)
def test_a_key_that_cannot_be_read_is_our_own_mistake_and_is_not_shown(
    server: OpenSsh, options: dict[str, str]
):
    said = {name: value.replace("{locked}", str(server.locked)) for name, value in options.items()}
    with pytest.raises(FlowError, match=r"system\.private_key") as caught:
        names(server.connection(host_key=server.fingerprints["ssh-rsa"], **said))
    assert "no key" not in str(caught.value)


def test_a_key_that_the_server_does_not_know_is_a_matter_of_credentials(
    server: OpenSsh, tmp_path: Path
):
    asyncssh.generate_private_key("ssh-rsa").write_private_key(tmp_path / "other")
    with pytest.raises(FlowError, match=r"system\.credentials"):
        names(
            server.connection(
                host_key=server.fingerprints["ssh-rsa"], key_file=str(tmp_path / "other")
            )
        )


def test_a_server_that_takes_no_more_guests_is_tried_again():
    with openssh("MaxStartups 1:100:1", kinds=["ssh-ed25519"]) as busy:
        trusted = busy.connection(host_key=busy.fingerprints["ssh-ed25519"], key_file=str(busy.key))
        with guest_of(busy), pytest.raises(TransientError):  # who never logs in
            names(trusted)


def test_nobody_at_the_address_is_a_refused_connection():
    nobody = Connection("f", "sftp", "::1", reserve_port(), "u", "p", "/", {"host_key": "SHA256:x"})
    with pytest.raises(TransientError, match=r"system\.(refused_connection|unavailable)"):
        names(nobody)


@pytest.fixture(scope="module")
def dialogue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dialogue]:
    root = tmp_path_factory.mktemp("interactive")
    (root / "outbox").mkdir()
    (root / "outbox/乙.csv").write_bytes(b"b\n2\n")
    with interactive_server(Dialogue(root)) as running:
        yield running


def asked(dialogue: Dialogue, *, secret: str = SECRET, **changed: object) -> Connection:
    dialogue.tried.clear()
    for name, value in {
        "prompts": (("口令：", False),),
        "methods": "keyboard-interactive",
        "bare": False,
        **changed,
    }.items():
        setattr(dialogue, name, value)
    shown = asyncssh.import_public_key(
        f"{dialogue.key.get_name()} {dialogue.key.get_base64()}"
    ).get_fingerprint()
    return Connection(
        "f", "sftp", "127.0.0.1", dialogue.port, USER, secret, "/", {"host_key": shown}
    )


@pytest.mark.parametrize(
    ("prompts", "answers"),
    [
        ((("口令：", False),), [SECRET]),
        ((("Password: ", False),), [SECRET]),
        ((("用户名：", True), ("密码：", False)), [USER, SECRET]),
        ((), []),
    ],
    ids=["in Chinese", "in English", "user and password", "nothing"],
)
def test_case_45_a_password_is_given_where_the_server_asks_for_it(
    dialogue: Dialogue, prompts: object, answers: list[str]
):
    assert names(asked(dialogue, prompts=prompts)) == ["乙.csv"]
    assert dialogue.tried == [answers]


def test_case_45_a_server_that_takes_passwords_both_ways_is_given_it_once(dialogue: Dialogue):
    assert names(asked(dialogue, methods="password,keyboard-interactive")) == ["乙.csv"]
    with pytest.raises(FlowError, match=r"system\.credentials"):
        names(asked(dialogue, secret=WRONG, methods="password,keyboard-interactive"))
    assert dialogue.tried == [[WRONG]]
    with pytest.raises(FlowError, match=r"system\.credentials"):
        names(asked(dialogue, secret=WRONG))
    assert dialogue.tried == [[WRONG]]


def test_files_of_a_server_that_does_not_say_what_they_are_are_found_and_read(dialogue: Dialogue):
    (dialogue.root / "outbox/sub").mkdir(exist_ok=True)
    with closing(SftpStore(asked(dialogue, bare=True), timeout=20, most_entries=1000)) as store:
        found = {entry.name: entry for entry in store.entries("outbox")}
        assert {name: bool(entry.trouble) for name, entry in found.items()} == {
            "sub": True,
            "乙.csv": False,
        }
        assert (found["乙.csv"].size, found["乙.csv"].changed > 0) == (4, True)
        assert store.read("outbox", found["乙.csv"], most=100) == b"b\n2\n"
        with pytest.raises(UnreadableFileError):
            store.read("outbox", found["乙.csv"], most=3)
    few = SftpStore(asked(dialogue, bare=True), timeout=20, most_entries=1)
    with closing(few), pytest.raises(FlowError, match=r"system\.listing_long"):
        few.entries("outbox")


def test_a_hanging_server_ends_within_the_time_limit():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        where = Connection(
            "f",
            "sftp",
            "127.0.0.1",
            silent.getsockname()[1],
            "u",
            "p",
            "/",
            {"host_key": "SHA256:x"},
        )
        with (
            closing(SftpStore(where, timeout=0.3, most_entries=1000)) as store,
            pytest.raises(HubError, match=r"system\.timeout"),
        ):
            store.entries("outbox")
