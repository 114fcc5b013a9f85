"""Partners of the sandbox, one a protocol and dialect, as cases for the conformance kit: how to reach, read, write and
trouble each.
"""

import csv
import json
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

import yaml
from lxml import etree
from openpyxl import Workbook

from connectors.files import FilesConnector
from connectors.odbc import OdbcConnector
from connectors.rest import RestConnector
from connectors.soap import SoapConnector
from connectors.sql import SqlConnector
from connectors.sql_exchange import SqlExchangeConnector
from hub.contract import Connector
from hub.errors import TransientError
from hub.model import Connection, Json
from hub.testing.conformance import Oddity, Reading, Writing
from tests.sandbox_processes import HERE, SECRET, USER, PartnerProcess, running_partner

Options = Mapping[str, Json]
WIRE = ("http_429", "http_500", "timeout", "half_page")
QUICK: Options = {"timeout": {"connect": 5, "read": 1}}


@dataclass(frozen=True)
class Case:
    """One partner, to be read and to be written."""

    reading: Reading
    writing: Writing
    partner: PartnerProcess


def code(number: int) -> str:
    return f"2401-520100-04-01-{number:06d}"


def known_code() -> str:
    """A project code that the investment platform knows."""
    with (HERE / "sandbox/data/project_codes.csv").open(encoding="utf-8", newline="") as file:
        return next(iter(csv.DictReader(file)))["code"]


def json_key(*fields: str) -> Callable[[bytes], str]:
    return lambda payload: "|".join(str(json.loads(payload)[field]) for field in fields)


def arming(partner: PartnerProcess, where: str, *faults: str) -> dict[str, Callable[[], None]]:
    return {fault: lambda fault=fault: partner.arm(fault, where=where) for fault in faults}


def pair(
    make: Callable[[Connection, Options], Connector], connection: Connection, connect: Options
) -> tuple[Connector, Connector]:
    """Give the connector and a stranger: the same with a wrong secret."""
    return make(connection, connect), make(replace(connection, secret=SECRET[::-1]), connect)


def received(
    partner: PartnerProcess, resource: str, key: Callable[[int], str]
) -> Callable[[int], Mapping[str, Json]]:
    def last(number: int) -> Mapping[str, Json]:
        (one,) = (one for one in partner.received(resource) if str(one["key"]) == key(number))
        return cast("Mapping[str, Json]", one)

    return last


def applied(
    partner: PartnerProcess, resource: str, key: Callable[[int], str]
) -> Callable[[int], int]:
    def count(number: int) -> int:
        held = {str(one["key"]): int(str(one["applied"])) for one in partner.received(resource)}
        return held.get(key(number), 0)

    return count


@contextmanager
def investment(state: Path, _: str) -> Iterator[Case]:
    with running_partner("investment", state=state) as partner:
        connection = Connection(
            "investment", "http", "127.0.0.1", partner.port, USER, SECRET, "/api"
        )
        connector, stranger = pair(
            RestConnector,
            connection,
            {
                **QUICK,
                "auth": {
                    "kind": "signature",
                    "headers": {
                        "key": "X-App-Key",
                        "timestamp": "X-Timestamp",
                        "nonce": "X-Nonce",
                        "signature": "X-Signature",
                    },
                    "parts": ["method", "path", "query", "timestamp", "nonce", "body_digest"],
                },
                "ping": {"resource": "projects", "parameters": {"size": 1}},
                "success": {
                    "path": "code",
                    "ok": [200],
                    "text": "message",
                    "denied": [401],
                    "retry": [429],
                },
            },
        )
        reading = Reading(
            connector=connector,
            stranger=stranger,
            secret=SECRET,
            read={
                "resource": "projects",
                "records": "data.list",
                "cursor": "gxsj",
                "cursor_format": "%Y-%m-%d %H:%M:%S",
                "since": "since",
                "size": 100,
                "size_parameter": "size",
                "paging": {"kind": "cursor", "parameter": "cursor", "next": "data.next"},
                "short": {"parameters": {"fields": "id,gxsj"}, "one": "id"},
            },
            key=json_key("id"),
            digested=("id",),
            offered=lambda: partner.shared()["projects"],
            troubles=arming(partner, "projects", *WIRE),
            ties=lambda: partner.arm("equal_cursor", where="projects"),
            repeat=lambda: partner.arm("repeated_page", where="projects"),
            calm=partner.disarm,
        )
        project = known_code()
        writing = Writing(
            connector=connector,
            stranger=stranger,
            secret=SECRET,
            holds=True,
            write={
                "resource": "items/batch",
                "records": "records",
                "answers": "data",
                "key": "key",
                "withdraw": {"sjyxbs": "0"},
                "verdict": {"key": "key", "code": "code", "text": "message", "ok": ["0"]},
                "lookup": {"resource": "items", "path": "data", "found": True, "content": True},
            },
            good=lambda n: {
                "xmdm": project,
                "spsxslbm": f"S{n}",
                "spsxmc": "施工许可",
                "spbmmc": "住建局",
                "blzt": "11",
                "blsj": "2026-01-01 10:00:00",
            },
            bad={"xmdm": "审核中"},
            applied=applied(partner, "items", lambda n: f"S{n}"),
            received=received(partner, "items", lambda n: f"S{n}"),
            text="spsxmc",
            troubles=arming(partner, "items", "http_429", "http_500", "timeout"),
            lose_answer=lambda: partner.arm("lost_answer", where="items"),
            calm=partner.disarm,
        )
        yield Case(reading, writing, partner)


@contextmanager
def power(state: Path, _: str) -> Iterator[Case]:
    with running_partner("power", state=state, projects=400) as partner:
        connection = Connection("power", "http", "127.0.0.1", partner.port, USER, SECRET, "/api")
        connector, stranger = pair(
            RestConnector,
            connection,
            {
                **QUICK,
                "auth": {
                    "kind": "token",
                    "resource": "token",
                    "user": "clientId",
                    "secret": "clientSecret",
                    "token": "data.accessToken",
                    "expires": "data.expiresIn",
                },
                "ping": {"resource": "applications", "parameters": {"page": 1, "size": 1}},
                "envelope": {
                    "fields": {"serviceCode": "20001780", "source": "HUB", "target": "37101"},
                    "content": "data",
                },
                "success": {
                    "path": "code",
                    "ok": ["0000"],
                    "text": "msg",
                    "denied": ["4010", "4011"],
                },
            },
        )
        reading = Reading(
            connector=connector,
            stranger=stranger,
            secret=SECRET,
            read={
                "resource": "applications",
                "records": "data.list",
                "cursor": "updateTime",
                "cursor_format": "%Y-%m-%d %H:%M:%S",
                "since": "since",
                "size": 25,
                "size_parameter": "size",
                "paging": {"kind": "page", "parameter": "page", "advance": True},
            },
            key=json_key("appNo"),
            offered=lambda: partner.shared()["applications"],
            troubles=arming(partner, "applications", *WIRE),
            ties=lambda: partner.arm("equal_cursor", where="applications"),
            repeat=lambda: partner.arm("repeated_page", where="applications"),
            calm=partner.disarm,
        )
        writing = Writing(
            connector=connector,
            stranger=stranger,
            secret=SECRET,
            holds=True,
            write={
                "resource": "needs",
                "key": "serialNo",
                "answers": "data",
                "verdict": {"key": "serialNo", "code": "code", "text": "msg", "ok": ["0000"]},
                "lookup": {"resource": "receipts", "path": "data", "absent": ["4040"]},
                "withdraw": {"operateType": "05"},
            },
            good=lambda n: {
                "projectNo": code(n),
                "proName": "甲",
                "consName": "乙",
                "operateType": "01",
            },
            bad={"projectNo": "审核中", "proName": "甲", "consName": "乙", "operateType": "01"},
            applied=applied(partner, "needs", code),
            received=received(partner, "needs", code),
            text="proName",
            troubles=arming(partner, "needs", "http_429", "http_500", "timeout"),
            lose_answer=lambda: partner.arm("lost_answer", where="needs"),
            calm=partner.disarm,
        )
        yield Case(reading, writing, partner)


@contextmanager
def gas(state: Path, _: str) -> Iterator[Case]:
    with running_partner("gas", state=state, projects=400) as partner:
        connection = Connection(
            "gas", "http", "127.0.0.1", partner.port, USER, SECRET, "/com/common"
        )
        connector, stranger = pair(
            RestConnector,
            connection,
            {
                **QUICK,
                "auth": {
                    "kind": "signature",
                    "headers": {"key": "appId", "timestamp": "timestamp", "signature": "sign"},
                    "parts": ["key", "timestamp", "body.request"],
                    "joined": "",
                    "timestamp": "milliseconds",
                },
                "ping": {
                    "resource": "getInstallList",
                    "method": "POST",
                    "parameters": {"pageNo": 1, "pageSize": 1},
                },
                "query": {"authVersion": "v2"},
                "envelope": {"content": "request", "base64": True},
                "success": {
                    "path": "errcode",
                    "ok": ["0"],
                    "text": "errmsg",
                    "denied": ["1001", "1002"],
                },
                "base64": "response",
            },
        )
        reading = Reading(
            connector=connector,
            stranger=stranger,
            secret=SECRET,
            read={
                "resource": "getInstallList",
                "method": "POST",
                "records": "response.list",
                "cursor": "updateTime",
                "cursor_format": "number",
                "since": "startTime",
                "size": 25,
                "size_parameter": "pageSize",
                "paging": {"kind": "page", "parameter": "pageNo", "advance": True},
            },
            key=json_key("serialId"),
            offered=lambda: partner.shared()["installs"],
            troubles=arming(partner, "installs", *WIRE),
            ties=lambda: partner.arm("equal_cursor", where="installs"),
            repeat=lambda: partner.arm("repeated_page", where="installs"),
            calm=partner.disarm,
        )
        writing = Writing(
            connector=connector,
            stranger=stranger,
            secret=SECRET,
            holds=True,
            write={
                "resource": "saveInstall",
                "key": "serialId",
                "records": "list",
                "answers": "response.list",
                "verdict": {"key": "serialId", "code": "errcode", "text": "errmsg", "ok": ["0"]},
                "lookup": {
                    "resource": "getReceipt",
                    "method": "POST",
                    "parameter": "serialId",
                    "path": "response",
                    "absent": ["1005"],
                },
                "withdraw": {"deleted": 1},
            },
            good=lambda n: {
                "projectCode": code(n),
                "projectName": "甲",
                "customerName": "乙",
                "deleted": 0,
            },
            bad={"projectCode": "审核中", "projectName": "甲", "customerName": "乙", "deleted": 0},
            applied=applied(partner, "needs", code),
            received=received(partner, "needs", code),
            text="projectName",
            troubles=arming(partner, "needs", "http_429", "http_500", "timeout"),
            lose_answer=lambda: partner.arm("lost_answer", where="needs"),
            calm=partner.disarm,
        )
        yield Case(reading, writing, partner)


@contextmanager
def fire(state: Path, _: str) -> Iterator[Case]:
    with running_partner("fire", state=state, projects=400) as partner:
        connection = Connection("fire", "http", "127.0.0.1", partner.port, USER, SECRET, "/fire")
        connector, stranger = pair(
            SoapConnector,
            connection,
            {**QUICK, "ping": {"operation": "QueryReview", "arguments": {"size": 1}}},
        )
        reading = Reading(
            connector=connector,
            stranger=stranger,
            secret=SECRET,
            read={
                "operation": "QueryReview",
                "cursor": "GXSJ",
                "size": 40,
                "size_parameter": "size",
                "paging": {"kind": "cursor", "parameter": "token", "next": "nextToken"},
            },
            key=lambda payload: str(etree.fromstring(payload).findtext("{*}XFYWLSH")),
            offered=lambda: partner.shared()["review"],
            troubles=arming(partner, "service", *WIRE),
            ties=lambda: partner.arm("equal_cursor", where="review"),
            repeat=lambda: partner.arm("repeated_page", where="review"),
            calm=partner.disarm,
        )
        writing = Writing(
            connector=connector,
            stranger=stranger,
            secret=SECRET,
            holds=True,
            write={
                "operation": "PushProject",
                "key": "YWZJ",
                "verdict": {"key": "YWZJ", "code": "SJSCZT", "text": "SBYY", "ok": ["4"]},
                "withdraw": {"SJYXBS": "0"},
                "lookup": {"operation": "GetPush", "parameter": "YWZJ"},
            },
            good=lambda n: {"XMDM": code(n), "XMMC": "甲 & 乙", "JSDW": "丙", "SJYXBS": "1"},
            bad={"XMDM": "审核中", "XMMC": "甲", "JSDW": "丙", "SJYXBS": "1"},
            applied=applied(partner, "projects", code),
            received=received(partner, "projects", code),
            text="XMMC",
            troubles=arming(partner, "service", "http_429", "http_500", "timeout"),
            lose_answer=lambda: partner.arm("lost_answer", where="service"),
            calm=partner.disarm,
        )
        yield Case(reading, writing, partner)


@dataclass(frozen=True)
class Office:
    """A partner of SOAP whose documents stand in texts: what of it is read, and what it takes."""

    system: str
    base: str
    pull: str
    shares: str
    key: str
    push: str
    takes: str
    record: dict[str, Json]
    thing: str  # the field of the record that says which thing it is
    text: str

    def options(self, name: str, word: str) -> dict[str, Json]:
        """What the system's own mapping says to the connector."""
        file = HERE / "mappings" / self.system / f"{name}.yaml"
        said: dict[str, Json] = yaml.safe_load(file.read_text(encoding="utf-8"))[word]
        return said

    def key_of(self, payload: bytes) -> str:
        if payload[:1] == b"<":
            return str(etree.fromstring(payload).findtext(self.key))
        return str(json.loads(payload)[self.key])

    @contextmanager
    def case(self, state: Path, _: str) -> Iterator[Case]:
        with running_partner(self.system, state=state, projects=800) as partner:
            place = Connection(
                self.system, "http", "127.0.0.1", partner.port, USER, SECRET, self.base
            )
            connect = {**self.options("system", "connect"), **QUICK}
            connector, stranger = pair(SoapConnector, place, connect)
            both = {"connector": connector, "stranger": stranger, "secret": SECRET}
            reading = Reading(
                **both,
                read={**self.options(self.pull, "read"), "size": 40},
                key=self.key_of,
                offered=lambda: partner.shared()[self.shares],
                troubles=arming(partner, "service", *WIRE),
                ties=lambda: partner.arm("equal_cursor", where=self.shares),
                repeat=lambda: partner.arm("repeated_page", where=self.shares),
                calm=partner.disarm,
            )
            writing = Writing(
                **both,
                holds=True,
                write=self.options(self.push, "write"),
                good=lambda n: self.record | {self.thing: f"T{n}"},
                bad=self.record | {self.thing: ""},
                applied=applied(partner, self.takes, "T{}".format),
                received=received(partner, self.takes, "T{}".format),
                text=self.text,
                troubles=arming(partner, "service", "http_429", "http_500", "timeout"),
                lose_answer=lambda: partner.arm("lost_answer", where="service"),
                calm=partner.disarm,
            )
            yield Case(reading, writing, partner)


XML_IN_TEXT = Office(
    system="fire_rescue",
    base="/xfjd/DataService",
    pull="inspection.pull",
    shares="checks",
    key="JCBH",
    push="completion_filing.push",
    takes="filings",
    record={"XMDM": code(1), "BARQ": "2026-01-02", "CSMC": "甲 & 乙", "YXBZ": "1"},
    thing="JGYSBABH",
    text="CSMC",
)
JSON_IN_TEXT = Office(
    system="tax",
    base="/gt3/services/BdcService",
    pull="tax_clearance.pull",
    shares="clearances",
    key="wspzh",
    push="property_registration.push",
    takes="registrations",
    record={"bdcqzh": "证1", "djrq": "20260102", "zl": "甲 & 乙", "zfbz": "N"},
    thing="bdcdyh",
    text="zl",
)


def _database(url: str, system: str, user: str, **options: str) -> Connection:
    at = urlsplit(url)
    return Connection(system, "postgresql", "127.0.0.1", at.port, user, SECRET, at.path, options)


@contextmanager
def approval(state: Path, url: str) -> Iterator[Case]:
    table = "SPGL_XMJBXXB"
    with running_partner("approval", state=state, database_url=url) as partner:
        connection = _database(url, "approval", USER)
        start: Json = ["set statement_timeout = 1000"]
        connector, stranger = pair(
            OdbcConnector, connection, {"driver": "PostgreSQL Unicode", "start": start}
        )
        reading = Reading(
            connector=connector,
            stranger=stranger,
            secret=SECRET,
            read={"table": "share.spgl_xmjbxxb", "cursor": "gxsj", "key": ["lsh"], "page_size": 64},
            key=json_key("lsh"),
            digested=("xmdm",),
            offered=lambda: partner.shared()[table],
            troubles=arming(partner, table, *WIRE),
            ties=lambda: partner.arm("equal_cursor", times=5, where=table),
            repeat=lambda: partner.arm("repeated_page", where=table),
            calm=partner.disarm,
        )
        writer, outsider = pair(SqlExchangeConnector, connection, {"start": start})
        writing = Writing(
            connector=writer,
            stranger=outsider,
            secret=SECRET,
            holds=True,
            write={
                "table": "receive.spgl_xmjbxxb",
                "key": "dfsjzj",
                "serial": "lsh",
                "status": {
                    "column": "sjsczt",
                    "pending": [0, 1],
                    "accepted": [3],
                    "rejected": [2],
                    "reason": "sbyy",
                },
                "validity": {"column": "sjyxbs", "reason": "sjwxyy"},
            },
            good=lambda n: {
                "xmdm": code(n),
                "gcdm": f"{code(n)}-001",
                "xmmc": "甲",
                "ztze": "12.50",
                "nkgsj": "2026-01-01",
                "njcsj": "2027-01-01",
            },
            bad={
                "xmdm": "审核中",
                "gcdm": "审核中",
                "xmmc": "甲",
                "nkgsj": "2026-01-01",
                "njcsj": "2027-01-01",
            },
            applied=applied(partner, table, code),
            received=lambda n: {
                name.lower(): said for name, said in received(partner, table, code)(n).items()
            },
            text="xmmc",
            troubles=arming(partner, table, *WIRE),
            lose_answer=lambda: partner.arm("lost_answer", where=table),
            calm=partner.disarm,
        )
        yield Case(reading, writing, partner)


@contextmanager
def approval_natively(state: Path, url: str) -> Iterator[Reading]:
    """The same front database, read without ODBC."""
    with approval(state, url) as case:
        case.reading.connector.close()
        start: Json = ["set statement_timeout = 1000"]
        connector, stranger = pair(SqlConnector, _database(url, "approval", USER), {"start": start})
        yield replace(case.reading, connector=connector, stranger=stranger)


@contextmanager
def registry(state: Path, url: str) -> Iterator[Case]:
    with running_partner("registry", state=state, database_url=url, user="hub_registry") as partner:
        connection = _database(url, "registry", "hub_registry", client_encoding="GBK")
        connector, stranger = pair(
            OdbcConnector,
            connection,
            {
                "driver": "PostgreSQL ANSI",
                "encoding": "gb18030",
                "attributes": {"ConnSettings": "set client_encoding to 'GBK'"},
                "start": ["set statement_timeout = 500"],
            },
        )
        read: Options = {
            "table": "djk.qlt_fw_fdcq_yz",
            "cursor": "gxsj",
            "cursor_format": "%Y%m%d%H%M%S",
            "key": ["ywh", "bdcdyh"],
            "page_size": 40,
        }

        def calm() -> None:
            """Wait until the sessions are left in peace again."""
            partner.disarm()
            deadline = time.monotonic() + 10
            quiet_since = time.monotonic()
            while time.monotonic() < min(deadline, quiet_since + 1.5):
                try:
                    list(connector.pages(read, since=None, resume=None))
                except TransientError:
                    quiet_since = time.monotonic()
                time.sleep(0.1)

        def ties() -> None:
            partner.arm("equal_cursor", where="rights")
            deadline = time.monotonic() + 5
            while partner.ask("faults") and time.monotonic() < deadline:
                time.sleep(0.1)

        reading = Reading(
            connector=connector,
            stranger=stranger,
            secret=SECRET,
            read=read,
            key=json_key("ywh", "bdcdyh"),
            digested=("ywh", "bdcdyh"),
            offered=lambda: partner.shared()["rights"],
            troubles={fault: lambda fault=fault: partner.arm(fault, times=2) for fault in WIRE},
            ties=ties,
            repeat=lambda: partner.arm("repeated_page", where="rights"),
            calm=calm,
        )
        writer, outsider = pair(SqlExchangeConnector, connection, {})
        writing = Writing(
            connector=writer,
            stranger=outsider,
            secret=SECRET,
            holds=True,
            write={
                "table": "djk.inbox_permit",
                "key": "yw_key",
                "serial": "id",
                "status": {
                    "column": "zt",
                    "pending": [0],
                    "accepted": [1],
                    "rejected": [9],
                    "reason": "cwxx",
                },
                "validity": {"column": "sxbs", "copies": False},
            },
            good=lambda n: {
                "xmdm": code(n),
                "zjbh": f"施字第{n}号",
                "fzrq": "20260101",
                "jsdw": "甲",
            },
            bad={"xmdm": "审核中", "zjbh": "施字第0号", "fzrq": "20260101", "jsdw": "甲"},
            applied=applied(partner, "permits", lambda n: f"施字第{n}号"),
            received=received(partner, "permits", lambda n: f"施字第{n}号"),
            text="jsdw",
            troubles={},
            calm=calm,
        )
        yield Case(reading, writing, partner)


def oddities_of_files(outbox: Path, pattern: str) -> dict[str, Oddity]:
    """What people do with files that a hub reads: empty ones, late ones, names of any kind, what is
    no table at all.
    """
    before, _, after = pattern.partition("*")

    def sound() -> tuple[bytes, str]:
        path = min(outbox.glob(pattern), key=lambda one: one.stat().st_size)
        return path.read_bytes(), re.findall(r"rows=\d+", Path(f"{path}.ok").read_text())[0]

    def named(middle: bytes) -> Path:
        return outbox / os.fsdecode(before.encode() + middle + after.encode())

    def put(middle: bytes, content: bytes | None, *, unread: int = 0) -> Oddity:
        path = named(middle)

        def begin() -> None:
            whole, rows = (content, "rows=0") if content is not None else sound()
            path.write_bytes(whole)
            Path(f"{path}.ok").write_text(rows)

        return Oddity(begin, lambda: gone(path), unread=unread)

    def instead(middle: bytes, make: Callable[[Path], None]) -> Oddity:
        path = named(middle)

        def begin() -> None:
            make(path)
            Path(f"{path}.ok").write_text("rows=0")

        return Oddity(begin, lambda: gone(path), unread=1)

    def gone(path: Path) -> None:
        path.rmdir() if path.is_dir() else path.unlink()
        Path(f"{path}.ok").unlink()

    broken = (
        b"PK\x03\x04 and no more" if after == ".xlsx" else "编号,名称\r\n一,二\r\n".encode("utf-16")
    )
    return {
        "a late file": put(b"0000", None),
        "a name in GBK": put("测试 一".encode("gbk"), None),
        "a name in UTF-8": put("测试 二".encode(), None),
        "an empty file": put(b"1", b"" if after == ".csv" else _no_rows()),
        "what is no table": put(b"2", broken, unread=1),
        "a link that leads nowhere": instead(b"3", lambda path: path.symlink_to("nowhere")),
        "a folder of such a name": instead(b"4", Path.mkdir),
    }


def _no_rows() -> bytes:
    """A workbook without a value."""
    content = BytesIO()
    Workbook().save(content)
    return content.getvalue()


def _files(
    partner: PartnerProcess,
    state: Path,
    *,
    read: Options,
    write: Options,
    good: Callable[[int], dict[str, Json]],
    text: str,
) -> Case:
    """Build the case of a partner that exchanges files."""
    health = partner.ask("host_key")
    assert isinstance(health, dict)
    connection = Connection(
        partner.name,
        "sftp",
        "127.0.0.1",
        partner.sftp_port,
        USER,
        SECRET,
        "/",
        {"host_key": health["host_key"]},
    )
    connector, stranger = pair(FilesConnector, connection, {"timeout": 2})

    def offered() -> int:
        markers = (path.read_text() for path in (state / "files/outbox").glob("*.ok"))
        return sum(int(re.findall(r"rows=(\d+)", text)[0]) for text in markers)

    def troubles(folder: str, *faults: str) -> dict[str, Callable[[], None]]:
        def strike(fault: str) -> None:
            connector.close()  # a limit of connections is met by new ones only
            partner.arm(fault, where="connect" if fault == "http_429" else folder)

        return {fault: lambda fault=fault: strike(fault) for fault in faults}

    def written(fault: str) -> Callable[[], None]:
        def strike() -> None:
            partner.arm(fault)
            partner.tick()

        return strike

    return Case(
        Reading(
            connector=connector,
            stranger=stranger,
            secret=SECRET,
            read=read,
            key=lambda payload: payload.hex(),
            offered=offered,
            troubles=troubles("outbox", *WIRE),
            ties=written("equal_cursor"),
            repeat=written("repeated_page"),
            calm=partner.disarm,
            inclusive=False,
            oddities=oddities_of_files(state / "files/outbox", str(read["pattern"])),
        ),
        Writing(
            connector=connector,
            stranger=stranger,
            secret=SECRET,
            write=write,
            good=good,
            bad={**good(0), str(next(iter(good(0)))): "审核中"},
            applied=applied(partner, "needs", code),
            received=received(partner, "needs", code),
            text=text,
            troubles=troubles("inbox", "http_429", "http_500", "timeout"),
            lose_answer=lambda: partner.arm("lost_answer", where="needs"),
            calm=partner.disarm,
        ),
        partner,
    )


@contextmanager
def water(state: Path, _: str) -> Iterator[Case]:
    with running_partner("water", state=state, projects=400) as partner:
        yield _files(
            partner,
            state,
            read={"folder": "outbox", "pattern": "water_*.csv", "marker": ".ok", "page_size": 30},
            write={
                "folder": "inbox",
                "name": "need",
                "encoding": "gbk",
                "key": "流水号",
                "withdraw": {"操作": "0"},
                "answers": {
                    "folder": "answers",
                    "pattern": "need_*.csv",
                    "marker": ".ok",
                    "encoding": "gbk",
                },
                "verdict": {"key": "流水号", "code": "结果代码", "text": "结果说明", "ok": ["1"]},
            },
            good=lambda n: {
                "项目代码": code(n),
                "工程名称": '甲"乙",\n丙',
                "建设单位": "丁",
                "操作": "1",
            },
            text="工程名称",
        )


@contextmanager
def heat(state: Path, _: str) -> Iterator[Case]:
    with running_partner("heat", state=state, projects=400) as partner:
        yield _files(
            partner,
            state,
            read={
                "folder": "outbox",
                "pattern": "heat_*.xlsx",
                "format": "xlsx",
                "header_row": 2,
                "marker": ".ok",
                "page_size": 10,
            },
            write={
                "folder": "inbox",
                "name": "need",
                "format": "xlsx",
                "key": "流水号",
                "withdraw": {"操作": "撤回"},
                "answers": {
                    "folder": "answers",
                    "pattern": "need_*.xlsx",
                    "format": "xlsx",
                    "header_row": 2,
                    "marker": ".ok",
                },
                "verdict": {"key": "流水号", "code": "结果", "text": "说明", "ok": ["成功"]},
            },
            good=lambda n: {
                "项目编码": code(n),
                "项目名称": "甲",
                "用热单位": "乙",
                "操作": "申请",
            },
            text="项目名称",
        )


CASES = {
    case.__name__: case for case in (investment, power, gas, fire, approval, registry, water, heat)
} | {"XML in SOAP": XML_IN_TEXT.case, "JSON in SOAP": JSON_IN_TEXT.case}
