"""One bad item costs one item: whatever its bytes do to whichever stage, the others go on and the
sums add up.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest

from connectors.sql import SqlConnector
from hub.db import migrate
from hub.domain.rights import Rights
from hub.errors import Fault, FlowError
from hub.model import Connection, Json, Page, Raw
from hub.pipeline import reconcile, remap
from hub.pipeline.verify import verify
from hub.services import dry_run
from tests.pipeline.conftest import Small, contracts_of
from tests.pipeline.partners import Desk, Source
from tests.pipeline.small import FILES

BUILD, PUSH = "pull.build.project", "push.desk.project"
PULL_FILE, SCHEMA_FILE = "mappings/build/project.pull.yaml", "schemas/project.json"
LONE = "\ud800"


def code(n: int) -> str:
    return f"2405-520502-04-01-1{n:05}"


def wide(form: str) -> dict[str, str]:
    """The small contracts, with a field of each kind, read from payloads of this form."""
    schema = json.loads(FILES[SCHEMA_FILE])
    kinds: dict[str, dict[str, object]] = {
        "units": {"type": "integer"},
        "seen_at": {"type": "string", "format": "date-time"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "outline": {"type": "string", "format": "geojson"},
        "month": {"type": "string", "format": "year-month"},
    }
    for name, kind in kinds.items():
        said = {
            "title": name,
            "x-title-zh": name,
            "x-class": "public",
            "x-standard": None,
            "x-why": "a test",
        }
        schema["properties"][name] = said | kind
    text = (
        FILES[PULL_FILE]
        .replace("format: json", f"format: {form}\nencoding: utf-8")
        .replace("ignore: [fetched]\n", "")
    )
    text += """  investment: {from: money, use: [decimal]}
  units: {from: units, use: [integer]}
  seen_at: {from: at, use: [datetime]}
  tags: {from: tags, use: [{split: ","}]}
  outline: {from: outline}
  month: {from: month, use: [trim]}
"""
    if form == "json":
        text += "embedded_json: [inner]\n"
    return FILES | {SCHEMA_FILE: json.dumps(schema), PULL_FILE: text}


VALUES: tuple[tuple[str, object], ...] = (
    ("name", "a\x00b"),
    ("name", "a\x0bb"),
    ("name", "a\ufffeb"),
    ("name", LONE),
    ("name", "长" * 100_000),
    ("name", True),
    ("name", ["list"]),
    ("id", "k" * 10_000),
    ("id", "a\x00b"),
    ("id", LONE),
    ("id", ""),
    ("code", "2405-520502-04-01-1\x0000001"),
    ("code", "甲" * 5_000),
    ("money", "1e999999999"),
    ("money", "9" * 5_000),
    ("money", "NaN"),
    ("money", "-Infinity"),
    ("units", 2**63),
    ("units", "1" * 5_000),
    ("units", 1.5),
    ("start", "0000-00-00"),
    ("start", "10000-01-01"),
    ("start", "0001-01-01"),
    ("start", "2024-02-30"),
    ("at", "0001-01-01 00:00:00"),
    ("at", "0001-01-01T00:00:00+14:00"),
    ("at", "9999-12-31T23:59:59-14:00"),
    ("at", "2024-01-01T24:00:00+99:99"),
    ("month", "0000-13"),
    ("tags", ["a\x00b"]),
    ("tags", [[["deep"]]]),
    ("tags", {"an": "object"}),
    ("outline", {"type": "Point", "coordinates": [10**400, "x"]}),
    ("outline", '{"type":"Point","coordinates":["\\u0000"]}'),
    ("inner", '{"a": "\x00"}'),
    ("inner", "not json"),
    ("extra\x00", "a name with a NUL"),
    ("x" * 100_000, "a long name"),
)


def good(n: int) -> dict[str, Json]:
    return {"id": f"good{n}", "code": code(n), "name": f"项目{n}"}


def as_json(record: Mapping[str, object]) -> bytes:
    return json.dumps(record, ensure_ascii=False).encode("utf-8", "surrogatepass")


def as_xml(record: Mapping[str, object]) -> bytes:
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in record.items())
    return f"<r>{inner}</r>".encode("utf-8", "surrogatepass")


def as_csv(record: Mapping[str, object]) -> bytes:
    row = ",".join('"' + str(value).replace('"', '""') + '"' for value in record.values())
    return f"{','.join(record)}\n{row}".encode("utf-8", "surrogatepass")


DEEP = tuple(b"[" * n + b"]" * n for n in (250, 900, 100_000))
BYTES: Mapping[str, tuple[bytes, ...]] = {
    "json": (
        *(
            b'{"id":"d%d","code":"%b","x":%b}' % (len(deep), code(9_000).encode(), deep)
            for deep in DEEP
        ),
        b'{"id":"1","id":"2"}',
        b'{"id":NaN}',
        b'{"id":1e99999999999}',
        b'{"id":"\xff\xfe"}',
        b'{"id":"\\ud800"}',
        b'{"id":"e","inner":"{\\"a\\":\\"\\u005cu0000\\"}"}',
        b"",
        b"null",
        b"[]",
        b"<html>",
        b'{"onecode:unread":"mine"}',
    ),
    "xml": (
        *(b"<r><id>d%d</id>" % n + b"<a>" * n + b"</a>" * n + b"</r>" for n in (200, 254, 100_000)),
        b'<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><r><id>&b;</id></r>',
        b"<r><id>&#0;</id></r>",
        b"<r>",
        b"",
        b"text",
    ),
    "csv": (
        b'id,code\n"open',
        b"id,code\na,b,c",
        b"id\n\xff\xfe",
        b"",
        b"\n",
        b"id,code\na\x00,b",
        b",\n,",
    ),
}
WRITERS = {"json": as_json, "xml": as_xml, "csv": as_csv}


@pytest.mark.parametrize("form", ["json", "xml", "csv"])
def test_no_payload_costs_more_than_itself_at_any_stage(small: Small, form: str):
    small.contracts = contracts_of(wide(form))
    migrate.migrate(small.url, small.contracts.entities.values(), key=b"test")
    write = WRITERS[form]
    hostile = [
        write({"id": f"h{n}", "code": code(100 + n)} | {name: value})
        for n, (name, value) in enumerate(VALUES)
    ]
    hostile += BYTES[form]
    rows = [write(good(1)), *hostile, write(good(2))]
    small.with_settings(drift_share=1.0)
    source = Source(rows, size=len(rows))
    sums = small.pull(BUILD, source)
    assert sums["read"] == len(rows) == sum(sums.values()) - sums["read"]
    assert {code(1), code(2)} <= small.golden().keys()
    assert small.pull(BUILD, source) == {"read": len(rows), "unchanged": len(rows)}
    open_entries = "select from hub.quarantine where state = 'open'"
    before = len(small.rows(open_entries))
    assert before > len(BYTES[form]) // 2
    small.replay()
    assert len(small.rows(open_entries)) == before
    looked_at_every_way(small, source, of=len(rows))
    desk = Desk()
    small.push(PUSH, desk)
    assert {code(1), code(2)} <= {body["dm"] for body in desk.bodies()}
    assert verify(small.database, small.contracts, small.settings).findings == []


CELLS = (
    *(
        "a\x00b",
        "a\x0bb",
        "长" * 100_000,
        9e999,
        -9e999,
        1e-320,
        -(2**63),
        2**63 - 1,
        b"\x00\xff",
        "",
        " ",
        "0000-00-00",
    ),
    *(
        "2024-02-30",
        "10000-01-01",
        "0001-01-01 00:00:00",
        "24:00:00",
        "838:59:59",
        "1e400",
        "NaN",
        None,
    ),
)


def test_no_row_of_a_database_costs_more_than_itself(small: Small, tmp_path: Path):
    contracts = wide("json")
    read = "read: {table: t, key: [rid], page_size: 7, cursor: rid, cursor_format: number}"
    contracts[PULL_FILE] = contracts[PULL_FILE].replace("read: {resource: projects}", read)
    small.contracts = contracts_of(contracts)
    migrate.migrate(small.url, small.contracts.entities.values(), key=b"test")
    small.with_settings(drift_share=1.0)
    names = ("id", "code", "name", "money", "units", "start", "at", "month")
    rows = [
        good(1),
        *({"id": f"h{n}", "code": code(100 + n)} for n in range(len(CELLS) * 6)),
        good(2),
    ]
    for n, cell in enumerate(cell for cell in CELLS for _ in range(6)):
        rows[n + 1][names[2 + n % 6]] = cell
    with closing(sqlite3.connect(tmp_path / "t.db")) as there:
        there.execute(f"create table t (rid integer primary key, {', '.join(names)})")
        values = [[row.get(name) for name in names] for row in rows]
        there.executemany(
            f"insert into t ({', '.join(names)}) values ({', '.join('?' * len(names))})",  # noqa: S608
            values,
        )
        there.execute("update t set name = cast(x'e9ff' as text) where id = 'h3'")
        there.commit()
    where = Connection("build", "sqlite", "", None, "", "", str(tmp_path / "t.db"))
    with closing(SqlConnector(where, {"driver": "sqlite"})) as source:
        sums = small.pull(BUILD, source)
    assert sums["read"] == len(rows) == sum(sums.values()) - sums["read"]
    assert {code(1), code(2)} <= small.golden().keys()
    before = len(small.rows("select from hub.quarantine where state = 'open'"))
    small.replay()
    assert len(small.rows("select from hub.quarantine where state = 'open'")) == before
    small.push(PUSH, desk := Desk())
    assert {code(1), code(2)} <= {body["dm"] for body in desk.bodies()}


def looked_at_every_way(small: Small, source: Source, *, of: int) -> None:
    """Compared with its source, rehearsed, mapped anew, released: nothing of it ends at a record
    that is aside.
    """
    flow, settings = small.contracts.pulls[BUILD], small.settings
    reconcile.reconcile(small.database, small.contracts, flow, connector=source, settings=settings)  # type: ignore[arg-type]
    (compared,) = small.rows(
        "select compared, same + mapping_fault + superseded as known from hub.comparison"
    )
    assert compared == {"compared": of, "known": of}
    found = dry_run.rehearse(
        small.database, small.contracts, small.contracts, name=BUILD, rights=Rights()
    )
    assert (found.read, found.set_aside, found.accepted) == (found.total, {}, {})
    text = wide(flow.form.format)[PULL_FILE].replace(
        "{from: name, use: [trim]}", "{from: name, use: [trim, halfwidth]}"
    )
    small.contracts = contracts_of(wide(flow.form.format) | {PULL_FILE: text})
    before = small.rows("select key, cause from hub.quarantine where state = 'open' order by key")
    remap.remap(small.database, small.contracts, small.contracts.pulls[BUILD])
    assert (
        small.rows("select key, cause from hub.quarantine where state = 'open' order by key")
        == before
    )
    small.release()


class Folder(Source):
    """Files by name, each with its rows, or with why it cannot be opened."""

    def __init__(self, **files: list[dict[str, Json]] | Fault) -> None:
        super().__init__([])
        self.files = files

    def pages(
        self, read: Mapping[str, Json], *, since: str | int | None, resume: Json
    ) -> Iterator[Page]:
        for name, rows in self.files.items():
            last = name == list(self.files)[-1]
            if isinstance(rows, Fault):
                raws = (Raw(b"\x00\xffno workbook", name, unread=rows, item=name),)
            else:
                raws = tuple(Raw(as_json(row), f"{name} row {n}") for n, row in enumerate(rows, 1))
            yield Page(raws, len(raws), None, None, last=last, part=name)


def test_a_file_that_cannot_be_opened_is_set_aside_alone_until_its_next_version_is_read(
    small: Small,
):
    fault = Fault("", "record.file_unreadable", {"file": "d_1", "why": "no zip file"})
    assert small.pull(BUILD, Folder(d_1=fault, d_2=[good(1)])) == {
        "read": 2,
        "created": 1,
        "quarantined": 1,
    }
    (entry,) = small.rows("select key, cause, faults, state from hub.quarantine")
    assert (entry["key"], entry["cause"]) == ("#d_1", "record.file_unreadable")
    assert small.replay().applied == 1
    assert [row["state"] for row in small.rows("select state from hub.quarantine order by id")] == [
        "overtaken",
        "open",
    ]
    assert small.pull(BUILD, Folder(d_1=fault)) == {"read": 1, "unchanged": 1}
    assert small.pull(BUILD, Folder(d_1=[good(2)])) == {"read": 1, "created": 1}
    assert small.rows("select from hub.quarantine where state = 'open'") == []
    assert verify(small.database, small.contracts, small.settings).findings == []


def test_what_the_database_refuses_of_one_record_is_found_and_set_aside_alone(small: Small):
    # A constraint of the deployment's own stands for whatever PostgreSQL may refuse.
    small.rows("alter table source.project add check (name <> '毒'); select 1")
    rows = [good(n) for n in range(1, 40)]
    rows[17] = {**rows[17], "name": "毒"}
    assert small.pull(BUILD, Source(rows)) == {"read": 39, "created": 38, "quarantined": 1}
    (entry,) = small.rows("select key, cause from hub.quarantine")
    assert (entry["key"], entry["cause"]) == ("good18", "record.not_kept")
    small.rows("alter table source.project drop constraint project_name_check; select 1")
    assert small.replay().applied == 1
    assert code(18) in small.golden()


def test_a_replay_of_many_loses_the_one_that_cannot_be_written_and_no_other(small: Small):
    small.pull(
        BUILD, Source([{"id": f"b{n}", "number": code(n), "name": f"项目{n}"} for n in range(1, 9)])
    )
    small.rows("alter table source.project add check (name <> '项目5'); select 1")
    text = FILES[PULL_FILE].replace("{from: code,", "{from: [code, number],")
    small.contracts = contracts_of(FILES | {PULL_FILE: text})
    small.replay()
    assert small.golden().keys() == {code(n) for n in range(1, 9) if n != 5}
    assert [
        row["key"] for row in small.rows("select key from hub.quarantine where state = 'open'")
    ] == ["b5"]


class Broken(Source):
    """A connector that meets what it does not expect."""

    def pages(
        self, read: Mapping[str, Json], *, since: str | int | None, resume: Json
    ) -> Iterator[Page]:
        yield Page((Raw(as_json(good(1)), "row 1"),), 1, 1, None, last=False)
        int("张三")


def test_an_exception_of_a_connector_is_an_error_of_the_tree_and_quotes_nothing(small: Small):
    with pytest.raises(FlowError) as caught:
        small.pull(BUILD, Broken([]))
    assert caught.value.code == "system.connector_failed"
    assert (caught.value.facts["error"], caught.value.__cause__, caught.value.__context__) == (
        "ValueError",
        None,
        None,
    )
    assert "张三" not in str(small.rows("select cause::text from hub.run"))


def test_an_instant_that_was_stored_and_nobody_can_read_hides_no_other_record(small: Small):
    small.contracts = contracts_of(wide("json"))
    migrate.migrate(small.url, small.contracts.entities.values(), key=b"test")
    small.pull(BUILD, Source([good(n) | {"at": "2026-01-02 03:04:05"} for n in (1, 2)]))
    strange = (
        "set seen_at = '0001-12-31 15:54:17+00 BC' where name = '项目1'"  # as .NET writes no date
    )
    small.rows(f"update source.project {strange}; update golden.project {strange}; select 1")
    small.push(PUSH, desk := Desk())
    assert {body["dm"] for body in desk.bodies()} == {code(1), code(2)}
    rows = [good(n) | {"at": "2026-01-02 03:04:05", "name": "新"} for n in (1, 2)]
    assert small.pull(BUILD, Source(rows)) == {"read": 2, "changed": 2}
    assert {row["name"] for row in small.golden().values()} == {"新"}
