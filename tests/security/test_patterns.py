"""No pattern, and no scanner of ours, costs more than 2.5 times the work for twice the text,
whatever the text is.

Patterns are found by reading the code: one that nobody has classed fails here. Texts that are
hostile to it are made of the pattern itself: each thing that it repeats is long, and what would end
it does not come.
"""

import ast
import json
import re
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path

import psycopg
import pytest

from connectors import charset, hours, json_split, slices, sqlstate
from connectors.canonical import canonical
from connectors.envelopes import parsed
from connectors.files.lines import read_csv
from connectors.files.listing import counted
from connectors.files.sweep import FilesRead
from connectors.inner import Inner
from hub import exact
from hub.delimited import delimiter_of
from hub.domain import record_linkage, secrecy, split_values, storable
from hub.domain.chinese_dates import plain
from hub.domain.equivalence import differing
from hub.domain.failure_grouping import refusal_cause
from hub.domain.identifiers import CHECKS
from hub.domain.nearest_names import nearest
from hub.domain.partner_masks import is_mask
from hub.domain.payload import PayloadFormat, decode
from hub.domain.reference_validator import Reference
from hub.domain.schemas import compiled
from hub.domain.times import HUB_ZONE, datetime_text
from hub.domain.verbs import WrongValueError, number
from hub.errors import Fault, FlowError, RecordError
from sandbox.declared.rest import Route
from tests.security.patterns import (
    MOST,
    ROOT,
    Site,
    TooLongError,
    growth,
    limited,
    sites,
    superlinear,
)

OURS = {"tools/manual.py", "tools/steady.py", "bench/pages.py", "bench/compare.py"}
"""Files whose patterns read nothing but this code base: its own pages, its own tests' words."""

BUILT: dict[str, Callable[[str], object]] = {
    "hub/domain/split_values.py:part": lambda text: split_values.part(text, ["、", "ab", "a"], 0),
    "hub/domain/split_values.py:words": lambda text: split_values.words(
        text, {"给水": "1", "给": "2", "a": "3", "ab": "4"}, "0"
    ),
    "hub/domain/secrecy.py:_alike": lambda text: list(secrecy._alike({"b": text}, "a")),
    "connectors/sqlstate.py:_meanings": lambda text: sqlstate.meant(
        sqlstate.Failure("HY000", None, text, "")
    ),
    "connectors/hours.py:check_closed": lambda text: hours.check_closed(
        text, ["关闭至{until}", "closed until {until}"], zone="Asia/Shanghai", system="a"
    ),
    "sandbox/declared/rest.py:Route.of": lambda text: Route.of(
        "receipts", "GET receipts/{key}"
    ).pattern.fullmatch(f"receipts/{text}/"),
}
"""Patterns that are made while the hub runs, by where: what makes and uses them."""

FOUND = list(sites())


def _named(site: Site) -> str:
    return f"{site.place} {site.pattern!r}"


def test_every_pattern_of_the_code_base_is_found_and_linear() -> None:
    told = {}
    for site in FOUND:
        ours = site.pattern is None or site.place.partition(":")[0] in OURS
        if not ours and (why := superlinear(site.pattern, site.flags, site.ways)):
            told[_named(site)] = why
    assert told == {}


def test_no_pattern_is_made_in_a_way_that_nobody_has_classed() -> None:
    assert {site.place for site in FOUND if site.pattern is None} == set(BUILT)
    assert len(FOUND) > 90
    imports = [
        path
        for path in _sources()
        if re.search(r"\bre import |import re as", path.read_text("utf-8"))
    ]
    assert imports == []  # else there were patterns that reading does not find


@pytest.mark.parametrize(
    ("pattern", "way"),
    [
        (
            r"第?((?:(?:\d{1,3}|[一二三]{1,3}|[IVX]{1,4})号?[、,，和及至\-]?)+)(期|标段|标)",
            "findall",
        ),
        (r"“[^”]*”|[0-9A-Za-z][0-9A-Za-z.:/_-]*[0-9][0-9A-Za-z.:/_-]*|[0-9]+", "sub"),
        (r"(股份|有限责任|有限|集团|总)*公司$|有限合伙$", "sub"),
        (r'"(?:[^"\\]|\\.)*"|[\[\]{},:"]|[^\s"\[\]{},:]+', "finditer"),
        (r"\s*<\?xml\b[^>]*\?>", "sub"),
        (r"-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", "fullmatch"),
        (r"\s*([年月日号时点分秒])\s*", "sub"),
        (r"(a|a)*b", "match"),
        (r"^(.*,)*x", "match"),
        (r"(\w+)=(\S+)", "findall"),
    ],
)
def test_patterns_that_are_not_linear_are_told(pattern: str, way: str) -> None:
    assert superlinear(pattern, 0, frozenset({way}))


HOSTILE = (
    *(
        "1",
        "A",
        "一",
        "X",
        "1、",
        "第1",
        "1号",
        "期",
        "1期",
        "有限",
        "有限责任",
        "公司",
        "标段",
        "市",
    ),
    *(
        "“",
        '"',
        "'",
        "「",
        '\\"',
        '"\\',
        " ",
        "\n",
        " 年",
        "年 ",
        "2024-01-02 ",
        "*",
        "#",
        "1#",
        "a",
        "a.",
    ),
    *(
        "a1",
        ",",
        '",',
        ',"',
        '"a\n',
        '"""a\n',
        "{",
        "[",
        '{"a":',
        "]",
        '{"a":1,',
        '"a":1,',
        "<a>",
        "<a",
    ),
    *(
        "<?xml ",
        "<![CDATA[",
        "]]>",
        "&lt;",
        "&amp;",
        "&#x1;",
        "\\u0000",
        "\x00",
        "\ud800",
        "0",
        "1.",
    ),
    *("1,", "1e", "：", "、a", "(", "[("),
)
"""What texts are made of: each of these again and again."""


def _text(count: int, begin: str, pump: str) -> str:
    return begin + pump * (count // len(pump)) + "x"


def _quietly(act: Callable[[str], object]) -> Callable[[object], object]:
    def acting(text: object) -> object:
        try:
            return act(str(text))
        except (
            ValueError,
            RecordError,
            ArithmeticError,
            LookupError,
            SyntaxError,
            FlowError,
            WrongValueError,
        ):
            return None

    return acting


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _said(text: str) -> dict[str, list[str]]:
    return {trait: [text] for trait in ("name", "owner", "uscc", "region", "address")}


CSV = FilesRead(folder="", encoding="utf-8")
SCANNERS: dict[str, Callable[[str], object]] = {
    **BUILT,
    "name": record_linkage.named.__wrapped__,
    "unit name": record_linkage.unit_name.__wrapped__,
    "letters": record_linkage.letters,
    "compared": lambda text: record_linkage.compare(_said(text), _said("x" + text)),
    "refusal": lambda text: refusal_cause(Fault("", "x", {"text": text})),
    "date in Chinese": plain,
    "moment": lambda text: datetime_text(text, HUB_ZONE),
    "number": number,
    "numbers of buildings": split_values.numbers,
    "mask": is_mask,
    "storable": storable.storable,
    "likeness": lambda text: differing({"a": text}, {"a": text + "1"}),
    "nearest name": lambda text: nearest(text, ["project", "approval_item", "x" * 80]),
    "checks": lambda text: [list(check(text, 2026)) for check in CHECKS.values()],
    "json": lambda text: exact.read(_bytes(text)),
    "loose json": exact.read_loosely,
    "page of json": lambda text: slices.cut(_bytes(text), ""),
    "spoilt page of json": lambda text: json_split.cut(_bytes(text), []),
    "charset": lambda text: charset.in_utf8(_bytes(text), f"charset={text}", otherwise="", system=""),
    "xml": lambda text: parsed(_bytes(text)),
    "xml text": parsed,
    "inner document": lambda text: Inner(at="a")._read(text, system="x"),
    "inner json": lambda text: Inner(at="a", format="json")._read(text, system="x"),
    "payload of json": lambda text: decode(_bytes(text), form=PayloadFormat(embedded_json=("a",))),
    "payload of xml": lambda text: decode(_bytes(text), form=PayloadFormat("xml")),
    "payload of csv": lambda text: decode(_bytes(text), form=PayloadFormat("csv")),
    "delimiter": delimiter_of,
    "csv": lambda text: read_csv(_bytes(text), CSV),
    "file name": counted,
    "file pattern": lambda text: fnmatchcase(text, "*a*1*a*1*[!x]*?*zz"),
    "canonical": lambda text: canonical({"a": text}),
}  # fmt: skip


BEGINNINGS = {
    "page of json": '[{"a":"',
    "spoilt page of json": '[{"a":',
    "json": '{"a":',
    "loose json": '{"a":1,"a":2,',
    "payload of json": '{"a":"',
    "xml": "<a>",
    "inner document": "<a>",
    "csv": "a,b\n",
    "payload of csv": "a,b\n",
}
"""How the documents begin in which the scanners meet it."""


@pytest.mark.parametrize("name", SCANNERS)
def test_every_scanner_of_foreign_text_is_linear(name: str) -> None:
    act, told = _quietly(SCANNERS[name]), {}
    for pump in HOSTILE:
        for begin in dict.fromkeys((BEGINNINGS.get(name, ""), "")):
            making = partial(_text, begin=begin, pump=pump)
            if (times := growth(act, making, size=2048)) > MOST:
                told[begin, pump] = times
    assert told == {}


def _schema_patterns(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(found := node.get("pattern"), str):
            yield found
        for part in node.values():
            yield from _schema_patterns(part)
    elif isinstance(node, list | tuple):
        for part in node:
            yield from _schema_patterns(part)


def test_patterns_of_schemas_run_in_an_engine_that_never_goes_back() -> None:
    shared = [
        json.loads(path.read_text(encoding="utf-8")) for path in (ROOT / "schemas").glob("*.json")
    ]
    for pattern in _schema_patterns(shared):
        compiled({"pattern": pattern})
    evil = compiled({"pattern": "^(a+)+$"})
    assert growth(evil.is_valid, lambda count: "a" * count + "x") <= MOST


def test_nobody_validates_with_another_engine() -> None:
    engines = {
        path.name
        for path in _sources()
        if "Draft202012Validator(" in path.read_text(encoding="utf-8")
    }
    assert engines == {
        "schemas.py",
        "reference_validator.py",
    }  # that one reads patterns by the engine of this one
    assert not [path for path in _sources() if "regex_engine" in path.read_text(encoding="utf-8")]


def test_the_reference_reads_patterns_by_the_linear_engine() -> None:
    reference = Reference({"properties": {"name": {"pattern": "(a|a)*b"}}}, {})
    with limited():
        assert reference.wrong({"name": "a" * 64}) == {"name"}
        assert reference.wrong({"name": "a" * 64 + "b"}) == set()


def _sources() -> Iterator[Path]:
    for folder in ("hub", "connectors"):
        yield from (ROOT / folder).rglob("*.py")


def test_what_takes_for_ever_is_broken_off_while_it_matches() -> None:
    with limited(), pytest.raises(TooLongError):
        re.match(r"(a|a)*b", "a" * 64)


def test_documents_in_documents_are_opened_in_one_go() -> None:
    def nested(count: int) -> str:
        return "<![CDATA[" * (count // 12) + "{}" + "]]>" * (count // 12)

    assert SCANNERS["inner json"](nested(2048)) is not None
    assert growth(_quietly(SCANNERS["inner json"]), nested) <= MOST


ASKED_OF_DATABASE = {
    "hub/db/records/findings.py": (
        "select regexp_replace(left(%s, 500), '/[0-9]+(?=/|$)', '/*', 'g')"
    ),
    "hub/db/recalls.py": (
        "select %s !~ '^[A-Z]+ (/v1)?/(recalls|disputes(?!/new))|^hub (recall|disputes)'"
    ),
    # names of our own tables, all the same
    "hub/db/structure.py": "select %s ~ '_\\d{6}$'",
    "hub/db/schema.sql": "select %s ~ '_\\d{6}$'",
    "hub/db/places.py": (
        "select %s !~ '^ *[0-9]{1,3}([.][0-9]{1,12})? *, *[0-9]{1,2}([.][0-9]{1,12})? *$'"
    ),
    "hub/db/facts/lights.py": "select %s !~ '^[0-9A-Z]{18}$'",
    "hub/db/migrations/versions/0069_files.sql": "select %s ~ '^[0-9a-f]{64}$'",
    "hub/db/crosschecks/links.py": (
        "select %s ~ '^(landing|history|delivery_event|access|part)_\\d{6}$'"
    ),
    "hub/db/migrations/versions/0031_times_of_sources.sql": (
        "select %s ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}T'"
    ),
}
"""Where PostgreSQL matches patterns, and what it is asked there."""
_MATCHES = re.compile(
    r"regexp_\w+\(|similar to|[^<>=!@?%&|]!?~\*? ?'|rlike|\bilike\b", re.IGNORECASE
)


def test_patterns_that_the_database_matches_are_known_and_linear(empty_database_url: str) -> None:
    texts = [*_sources(), *(ROOT / "hub").rglob("*.sql")]
    found = {path.relative_to(ROOT).as_posix() for path in texts if _matches(path)}
    assert found == set(ASKED_OF_DATABASE)
    with psycopg.connect(empty_database_url) as database:
        for query in ASKED_OF_DATABASE.values():
            for pump in ("/1", "/", "1", "A", "/v1", "A /", " ", "x"):
                assert _takes(database, query, pump * 40_000) <= MOST * _takes(
                    database, query, pump * 20_000
                )


def _matches(path: Path) -> bool:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".sql":
        return any(_MATCHES.search(line.partition("--")[0]) for line in text.splitlines())
    constants = (node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant))
    return any(
        isinstance(one, str) and "select" in one and bool(_MATCHES.search(one)) for one in constants
    )


def _takes(database: psycopg.Connection, query: str, text: str) -> float:
    """Milliseconds of the database's own, the least of several; one at the least, for what is too
    quick to be told.
    """
    took = []
    for _ in range(5):
        (plan,) = database.execute(
            f"explain (analyze, format json) {query}".encode(), (text,)
        ).fetchone()  # type: ignore[misc]
        took.append(plan[0]["Execution Time"] + plan[0]["Planning Time"])
    return max(1.0, min(took))
