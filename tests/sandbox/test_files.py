"""The water and the heating company as running processes, over SFTP."""

import asyncio
import contextlib
import csv
import hashlib
import io
import itertools
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import date

import asyncssh
import pytest
from openpyxl import Workbook, load_workbook

from tests.sandbox_processes import SECRET, USER, PartnerProcess, running_partner

CODE = "2017-520303-84-01-062937"
ANSWER_SECONDS = 10
Rows = list[dict[str, object]]


def read_csv(content: bytes) -> Rows:
    return list(csv.DictReader(io.StringIO(content.decode("gbk"), newline="")))


def read_xlsx(content: bytes) -> Rows:
    """Read a sheet with a title above its header."""
    _, header, *rows = load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True)
    return [dict(zip(header, row, strict=True)) for row in rows]


def write_csv(rows: Rows) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("gbk")


def write_xlsx(rows: Rows) -> bytes:
    book = Workbook()
    book.active.append(list(rows[0]))
    for row in rows:
        book.active.append(list(row.values()))
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


@dataclass(frozen=True)
class Kind:
    """One partner's habits, as its page in the README says."""

    name: str
    suffix: str
    read: Callable[[bytes], Rows]
    write: Callable[[Rows], bytes]
    key: str
    code: str
    at: str
    serial: str
    spoilt: tuple[str, str]
    twin: str
    need: dict[str, object]
    permit: dict[str, object]
    said: tuple[str, str, str]  # column of the verdict, its words for yes and no
    day: str
    bad_day: str


WATER = Kind(
    "water", ".csv", read_csv, write_csv, "报装编号", "项目代码", "更新时间", "统一受理号",
    ("日用水量(吨)", "约三百"), "用水单位",
    {"流水号": "n-1", "项目代码": CODE, "工程名称": "甲项目", "建设单位": "甲公司", "操作": "1"},
    {"流水号": "p-1", "项目代码": CODE, "证件编号": "520303", "发证日期": "2026/1/2", "操作": "1"},
    ("结果代码", "1", "0"), "发证日期", "2026-01-02",
)  # fmt: skip
HEAT = Kind(
    "heat", ".xlsx", read_xlsx, write_xlsx, "申请号", "项目编码", "最后修改", "受理流水",
    ("热负荷(兆瓦)", "待定"), "用热单位",
    {"流水号": "n-1", "项目编码": CODE, "项目名称": "甲项目", "用热单位": "甲公司", "操作": "申请"},
    {"流水号": "p-1", "项目编码": CODE, "证号": "520303", "发证日期": date(2026, 1, 2), "操作": "有效"},
    ("结果", "成功", "失败"), "发证日期", "2026-01-02",
)  # fmt: skip


class Trusting(asyncssh.SSHClient):
    """Trusts one host key, by its fingerprint."""

    def __init__(self, fingerprint: str) -> None:
        self._fingerprint = fingerprint

    def validate_host_public_key(
        self, host: str, addr: str, port: int, key: asyncssh.SSHKey
    ) -> bool:
        return key.get_fingerprint() == self._fingerprint


@dataclass
class Exchange:
    """A partner's folders, seen as the hub sees them; each call opens a session of its own."""

    kind: Kind
    partner: PartnerProcess
    numbers: Iterator[int]

    @contextlib.asynccontextmanager
    async def session(self, secret: str = SECRET) -> AsyncIterator[asyncssh.SFTPClient]:
        fingerprint = self.partner.ask("host_key")["host_key"]
        async with asyncssh.connect(
            "127.0.0.1",
            self.partner.sftp_port,
            username=USER,
            password=secret,
            client_keys=None,
            config=None,
            known_hosts=([], [], []),
            client_factory=lambda: Trusting(fingerprint),
        ) as connection:
            try:
                yield await connection.start_sftp_client()
            finally:
                connection.abort()  # a server that hangs would not answer a polite end

    def run(self, act: Callable[[asyncssh.SFTPClient], object], *, secret: str = SECRET) -> object:
        async def once() -> object:
            async with self.session(secret) as client:
                return await act(client)

        return asyncio.run(once())

    def names(self, folder: str = "outbox") -> list[str]:
        """The files that are marked as whole, oldest first."""
        found = self.run(lambda client: client.listdir(folder))
        return sorted(name.removesuffix(".ok") for name in found if name.endswith(".ok"))

    def get(self, path: str) -> bytes:
        async def act(client: asyncssh.SFTPClient) -> bytes:
            async with client.open(path, "rb") as file:
                return await file.read()

        return self.run(act)

    def put(self, path: str, content: bytes) -> None:
        async def act(client: asyncssh.SFTPClient) -> None:
            async with client.open(path, "wb") as file:
                await file.write(content)

        self.run(act)

    def newest(self) -> Rows:
        return self.kind.read(self.get(f"outbox/{self.names()[-1]}"))

    def everything(self) -> Rows:
        return [row for name in self.names() for row in self.kind.read(self.get(f"outbox/{name}"))]

    def send(self, prefix: str, content: bytes) -> str:
        """Deliver a file and its mark; give its name."""
        name = f"{prefix}_{next(self.numbers):03d}{self.kind.suffix}"
        self.put(f"inbox/{name}", content)
        self.put(f"inbox/{name}.ok", b"")
        return name

    def answer(self, name: str) -> list[tuple[object, bool]]:
        """Wait for the answers to a file: key and whether it was taken."""
        deadline = time.monotonic() + ANSWER_SECONDS
        while name not in self.names("answers"):
            assert time.monotonic() < deadline, "no answer came"
            time.sleep(0.1)
        column, yes, no = self.kind.said
        rows = self.kind.read(self.get(f"answers/{name}"))
        return [(row["流水号"] or "", {yes: True, no: False}[row[column]]) for row in rows]

    def push(self, prefix: str, *rows: dict[str, object]) -> list[tuple[object, bool]]:
        return self.answer(self.send(prefix, self.kind.write(list(rows))))

    def move(self) -> Rows:
        """Let a tick pass and give what the newest file says."""
        self.partner.tick()
        return self.newest()


@pytest.fixture(scope="module", params=[WATER, HEAT], ids=["water", "heat"])
def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Exchange]:
    kind = request.param
    with running_partner(kind.name, state=tmp_path_factory.mktemp(kind.name)) as partner:
        yield Exchange(kind, partner, itertools.count(1))


@pytest.fixture
def exchange(running: Exchange) -> Iterator[Exchange]:
    yield running
    running.partner.disarm()


def test_the_first_files_hold_every_application_once(exchange):
    rows = exchange.kind.read(exchange.get(f"outbox/{exchange.names()[0]}"))
    keys = [row[exchange.kind.key] for row in rows]
    assert len(set(keys)) == len(keys) == exchange.partner.shared()["applications"]


def test_the_mark_beside_a_file_says_what_is_in_it(exchange):
    name = exchange.names()[0]
    content = exchange.get(f"outbox/{name}")
    said = dict(part.split("=") for part in exchange.get(f"outbox/{name}.ok").decode().split())
    digest = hashlib.sha256(content).hexdigest()
    assert said == {
        "rows": str(len(exchange.kind.read(content))),
        "bytes": str(len(content)),
        "sha256": digest,
    }


def test_a_tick_writes_one_more_file_with_what_has_changed(exchange):
    before, everything = exchange.names(), exchange.partner.shared()["applications"]
    changed = exchange.move()
    assert len(exchange.names()) == len(before) + 1
    assert 0 < len(changed) < everything


def test_file_names_grow(exchange):
    numbers = [
        int(name.removesuffix(exchange.kind.suffix).rpartition("_")[2]) for name in exchange.names()
    ]
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_wrong_password_is_refused(exchange):
    with pytest.raises(asyncssh.PermissionDenied):
        exchange.run(lambda client: client.listdir("outbox"), secret=USER)


@pytest.mark.parametrize(
    "act",
    [
        lambda client: client.remove("outbox"),
        lambda client: client.mkdir("inbox/further"),
        lambda client: client.symlink("/etc", "inbox/etc"),
        lambda client: client.put(__file__, "outbox/mine.csv"),
        lambda client: client.put(__file__, "answers/mine.csv"),
    ],
)
def test_only_files_of_the_inbox_may_be_changed(exchange, act):
    with pytest.raises(asyncssh.SFTPPermissionDenied):
        exchange.run(act)


def test_verdicts_are_laid_down_among_the_results(exchange):
    exchange.run(lambda client: client.put(__file__, "results/verdict.csv"))
    assert exchange.run(lambda client: client.exists("results/verdict.csv"))


def test_nothing_outside_the_folders_can_be_seen(exchange):
    assert exchange.run(lambda client: client.exists("../../host_key")) is False


def test_a_file_without_its_mark_is_left_alone(exchange):
    exchange.put(
        f"inbox/need_unmarked{exchange.kind.suffix}", exchange.kind.write([exchange.kind.need])
    )
    exchange.push("need", exchange.kind.need)
    assert exchange.run(lambda client: client.exists(f"inbox/need_unmarked{exchange.kind.suffix}"))


def test_a_need_is_applied_once_however_often_its_key_comes(exchange):
    for _ in range(3):
        assert exchange.push("need", exchange.kind.need) == [("n-1", True)]
    assert [one["applied"] for one in exchange.partner.received("needs") if one["key"] == CODE] == [
        1
    ]


def test_one_bad_record_leaves_the_others_of_its_file_taken(exchange):
    good, kind = {**exchange.kind.permit, "流水号": "p-2"}, exchange.kind
    bad = [
        {**good, "流水号": "b-1", kind.code: "审核中"},
        {**good, "流水号": "b-2", kind.day: kind.bad_day},
        {**good, "流水号": "b-3", kind.day: None},
        {**good, "流水号": "b-4", "操作": "删除"},
        {
            **good,
            "流水号": "b-5",
            "操作": {"1": "0", "有效": "撤回"}[good["操作"]],
            kind.code: "2017-520303-84-01-000000",
        },
    ]
    number = next(field for field in ("证件编号", "证号") if field in good)
    bad[-1][number] = "never given"
    assert exchange.push("permit", good, *bad) == [
        ("p-2", True),
        *((f"b-{n}", False) for n in range(1, 6)),
    ]


@pytest.mark.parametrize("prefix", ["need", "letter"])
def test_a_file_that_cannot_be_read_gets_one_answer_without_a_key(exchange, prefix):
    assert exchange.answer(exchange.send(prefix, b"\xff\xff not a table")) == [("", False)]


def test_what_was_given_shows_in_the_application_after_the_next_tick(exchange):
    target = exchange.everything()[0]
    need = {**exchange.kind.need, "流水号": "n-9", exchange.kind.code: target[exchange.kind.code]}
    assert exchange.push("need", need) == [("n-9", True)]
    after = next(
        row for row in exchange.move() if row[exchange.kind.key] == target[exchange.kind.key]
    )
    assert (after[exchange.kind.serial], after[exchange.kind.at] > target[exchange.kind.at]) == (
        "n-9",
        True,
    )


def test_a_correction_at_the_source_is_written_at_once(exchange):
    target = exchange.everything()[0]
    exchange.partner.edit(
        "applications", target[exchange.kind.key], {exchange.kind.twin: "改正后的单位"}
    )
    [row] = exchange.newest()
    assert (row[exchange.kind.key], row[exchange.kind.twin]) == (
        target[exchange.kind.key],
        "改正后的单位",
    )


class TestFaults:
    def test_too_many_connections(self, exchange):
        exchange.partner.arm("http_429")
        with pytest.raises(asyncssh.DisconnectError) as refused:
            exchange.names()
        assert refused.value.code == asyncssh.DISC_TOO_MANY_CONNECTIONS

    def test_a_file_that_cannot_be_opened(self, exchange):
        exchange.partner.arm("http_500", where="outbox")
        with pytest.raises(asyncssh.SFTPFailure):
            exchange.newest()
        assert exchange.newest()

    def test_a_file_that_opens_never(self, exchange):
        name = exchange.names()[0]
        exchange.partner.arm("timeout")

        async def act(client: asyncssh.SFTPClient) -> None:
            await asyncio.wait_for(client.open(f"outbox/{name}", "rb"), 1)

        with pytest.raises(TimeoutError):
            exchange.run(act)

    def test_half_a_file(self, exchange):
        path = f"outbox/{exchange.names()[0]}"
        whole = exchange.get(path)
        exchange.partner.arm("half_page")
        assert exchange.get(path) == whole[: len(whole) // 2]

    def test_the_same_file_under_two_names(self, exchange):
        exchange.partner.arm("repeated_page")
        exchange.move()
        first, second = exchange.names()[-2:]
        assert exchange.get(f"outbox/{first}") == exchange.get(f"outbox/{second}")

    def test_one_update_time_over_the_edge_of_two_files(self, exchange):
        exchange.partner.arm("equal_cursor")
        exchange.move()
        files = [
            exchange.kind.read(exchange.get(f"outbox/{name}")) for name in exchange.names()[-2:]
        ]
        assert len({row[exchange.kind.at] for rows in files for row in rows}) == 1
        assert all(files)

    def test_a_malformed_record(self, exchange):
        exchange.partner.arm("malformed_record")
        column, nonsense = exchange.kind.spoilt
        assert exchange.move()[0][column] == nonsense

    def test_a_key_twice_in_one_file(self, exchange):
        exchange.partner.arm("duplicate_key")
        rows = exchange.move()
        assert rows[0][exchange.kind.key] == rows[-1][exchange.kind.key]
        assert rows[-1][exchange.kind.twin] == "（重复录入）"

    def test_a_refused_push_is_taken_when_it_comes_again(self, exchange):
        exchange.partner.arm("rejected_push")
        need = {**exchange.kind.need, "流水号": "n-77"}
        assert [exchange.push("need", need) for _ in range(2)] == [
            [("n-77", False)],
            [("n-77", True)],
        ]

    def test_a_lost_answer_comes_when_the_file_comes_again(self, exchange):
        exchange.partner.arm("lost_answer")
        content = exchange.kind.write([{**exchange.kind.need, "流水号": "n-lost"}])
        lost = exchange.send("need", content)
        assert exchange.answer(exchange.send("need", content)) == [("n-lost", True)]
        assert lost not in exchange.names("answers")
