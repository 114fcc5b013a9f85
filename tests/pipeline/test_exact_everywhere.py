"""A number of any length arrives equal wherever it goes, or its record is set aside: in every
format, in one table.
"""

import json
import random
from collections.abc import Callable
from decimal import Decimal

import pytest
from lxml import etree

from connectors.files.shape import ReadingOptions
from connectors.files.tables import read_table, table
from connectors.table_reader import TableReader
from connectors.tables import Dialect, Rows, TableRead
from hub import exact
from hub.db.database import Database
from hub.db.records import projects
from tests.pipeline.conftest import Small, contracts_of
from tests.pipeline.partners import Desk, Source
from tests.pipeline.small import FILES

FORMATS = ("json", "json text", "csv", "xlsx text", "xml", "sql")
TRICKY = (
    *(
        "0",
        "-0",
        "0.00",
        "1.10",
        "1.1",
        "007",
        "-12.50",
        "1e3",
        "1E+2",
        "1.25E1",
        "1e-2",
        "1e999999999",
        "1e-999999999",
    ),
    *(
        "NaN",
        "Infinity",
        "-inf",
        "1_000",
        "12,34",
        "1,234",
        "1,234.5",
        "0,123",
        "1.005",
        "0.1000000000000000055",
    ),
    *(
        "12345678901234567.89",
        "123456789012345678",
        "9223372036854775807",
        "9223372036854775808",
        "2024.10",
    ),
    *(
        "18446744073709551616",
        "520102199001011234567",
        "520102199001011234568",
        "0x10",
        "1.",
        ".5",
        "--1",
        "(5)",
    ),
    *("5%", "５", "1e", "1e-999999999"),
)
MONEY = "investment: {from: money, use: [decimal, {scale: 10000}]}"
NAME = "  mc: {from: name}\n"
CHANGED = (
    (MONEY, "investment: {from: money, use: [decimal]}"),
    (NAME, NAME + "  zs: {from: investment, use: [{number: 2}]}\n  zt: {from: investment}\n"),
)


def written(seed: int, count: int) -> list[str]:
    """Texts of numbers, as partners write them and as they should not."""
    chance = random.Random(seed)  # noqa: S311 - chance that can be had again
    texts = list(TRICKY)
    for _ in range(count):
        whole = str(chance.randrange(10 ** chance.randint(1, 24)))
        places = "".join(chance.choices("0123456789", k=chance.choice([0, 0, 1, 2, 2, 3, 20])))
        mark = chance.choice(["", "", "", "e2", "E-3", "e+30"])
        texts.append(f"{chance.choice(['', '-'])}{whole}{'.' if places else ''}{places}{mark}")
    return texts


def as_number(text: str) -> str | None:
    """A text as JSON has it as a number, None where JSON knows no such number."""
    try:
        exact.read(text)
    except exact.UnreadableJsonError:
        return None
    return text if text[:1] in "-0123456789" else None


def payloads(form: str, records: list[dict[str, str]]) -> list[bytes]:
    """These records as the connectors of this format give them."""
    if form == "xml":
        return [_element(record) for record in records]
    if form == "sql":
        reader = TableReader(
            TableRead(table="t", key=("id",)),
            Dialect('"', "limit"),
            lambda _: Rows((), ()),
            system="s",
        )
        cells = [tuple(record.values()) for record in records]
        return [raw.payload for raw in reader.records(Rows(tuple(records[0]), cells))]
    if form in {"csv", "xlsx text"}:
        shape = ReadingOptions(format="csv" if form == "csv" else "xlsx", encoding="utf-8")
        return [row.payload for row in read_table(table(records, shape), shape).rows]
    return [_json(record, as_text=form == "json text") for record in records]


def _json(record: dict[str, str], *, as_text: bool) -> bytes:
    number = record["money"] if as_text else as_number(record["money"])
    text = json.dumps({**record, "money": number if as_text else "@"})
    return (text if as_text else text.replace('"@"', number or '"none"')).encode()


def _element(record: dict[str, str]) -> bytes:
    element = etree.Element("r")
    for name, value in record.items():
        etree.SubElement(element, name).text = value
    return etree.tostring(element)


def value_of(text: str) -> Decimal | None:
    """What a text says by the rules of the manual; None: it has to be set aside."""
    plain = text.replace(",", "") if text in {"1,234", "1,234.5"} else text
    try:
        number = Decimal(plain) if "_" not in plain else Decimal("nan")
    except ArithmeticError:
        return None
    if not number.is_finite() or (abs(number.adjusted()) > 17 and number):
        return None
    return number if number == number.quantize(Decimal("0.01")) else None


@pytest.mark.parametrize("form", FORMATS)
def test_a_number_arrives_equal_everywhere_or_is_set_aside(small: Small, form: str) -> None:
    files = {name: _changed(text) for name, text in FILES.items()}
    kind = {"csv": "csv", "xml": "xml"}.get(form, "json")
    pull = "mappings/plan/project.pull.yaml"
    files[pull] = files[pull].replace("format: json", f"format: {kind}")
    small.contracts = contracts_of(files)
    small.with_settings(drift_share=1.0)
    texts = {f"2405-520502-04-01-1{n:05d}": text for n, text in enumerate(written(7, 150))}
    records = [
        {"id": code[-5:], "at": "1", "code": code, "name": "桥", "money": text}
        for code, text in texts.items()
        if form != "json" or as_number(text) is not None
    ]
    source = payloads(form, records)
    sums = small.pull("pull.plan.project", Source(source))
    expected = {
        record["code"]: number
        for record in records
        if (number := value_of(record["money"])) is not None
    }
    assert sums == {
        "read": len(records),
        "created": len(expected),
        "quarantined": len(records) - len(expected),
    }
    assert _column(small, "golden") == _column(small, "source") == expected
    desk = Desk()
    small.push("push.desk.project", desk)
    bodies = {str(body["dm"]): body for _, body in desk.applied.values()}
    assert {code: Decimal(str(body["zt"])) for code, body in bodies.items()} == {
        code: number for code, number in expected.items() if code in bodies
    }
    for code, body in bodies.items():
        assert Decimal(json.dumps(body["zs"])) == expected[code]
    assert {code for code, number in expected.items() if _short(number)} <= bodies.keys()
    assert _answered(small.database, small) == {
        code: format(number or abs(number), ".2f") for code, number in expected.items()
    }


def _short(number: Decimal) -> bool:
    return len(number.normalize().as_tuple().digits) <= 15


def _changed(text: str) -> str:
    for old, new in CHANGED:
        text = text.replace(old, new)
    return text


def _column(small: Small, schema: str) -> dict[str, Decimal]:
    rows = small.rows(f"select project_code, investment from {schema}.project")  # noqa: S608 - ours
    # numeric
    return {str(row["project_code"]): row["investment"] for row in rows}  # type: ignore[misc]


def _answered(database: Database, small: Small) -> dict[str, str]:
    """What API and pages read: text, digit by digit."""
    entity = small.contracts.entities["project"]
    ids = [int(str(row["record_id"])) for row in small.rows("select record_id from golden.project")]
    with database.write() as tx:
        known: Callable[[int], projects.Known | None] = lambda record: projects.known(  # noqa: E731
            tx, entity, record
        )
        found = [one.values for record in ids if (one := known(record)) is not None]
    return {str(values["project_code"]): str(values["investment"]) for values in found}
