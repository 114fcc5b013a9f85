"""Whatever comes, a batch mapped by columns says what its records say one by one."""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from hub.config import connector_schemas, contract_files
from hub.domain import list_verbs
from hub.domain.contracts import Contracts, PullFlow
from hub.domain.list_verbs import UNSURE, Cell
from hub.domain.load import load
from hub.domain.pull_values import FieldReader, FieldRule
from hub.domain.verbs import Scope, WrongValueError
from hub.errors import RecordError
from hub.model import Json, Number

HERE = Path(__file__).parent
CONTRACTS = load(contract_files(HERE.parent.parent), connector_schemas(), year=2026)
ODD: tuple[Json, ...] = (
    *(None, "", " ", "　", "无", "x", True, False, 0, 1, 11, 10**25, [], ["a", "b"], {"a": 1}, {}),
    *(Number("-0.0"), Number("1e30"), Number("1.005"), Number("1.50"), Number("1.0")),
    *("1e5", "1E+11", "1.23E+15", "NaN", "a\tb", "a\\b", "x\ny", "a|b", "\u200b", "９１１", "１２"),
    *("9" * 500, "1,2,3", "1,234.5", "+5", " 12.50 ", "0012.5", "-0.00", "12.345", ".5", "5."),
    *("2024-02-30 10:00:00", "2024-13-01", "20240101", "20240230101010", "1991-07-01 12:00:00"),
    *("2024年1月2日", "2024-01-02T03:04:05Z", "2024-01-02 03:04:05.123", 1704067200000),
    *(
        "2024-01-02 24:00:00",
        "20240102240000",
        "9999-12-31 23:59:59",
        "２０２４-01-02",
        "1986-05-04",
    ),
    *("911101", "2405-520502-04-01-100000", "99", "*", "张*", "张某", "138****1234", "[[1,2],[3]]"),
    *({"onecode:unusable": "#REF!"}, "\ufefftext", "（甲）【乙】", "ab c", "1", "0"),
)


@pytest.fixture(scope="module")
def contracts() -> Contracts:
    return CONTRACTS


def of_pairs(flow: PullFlow) -> list[dict[str, Json]]:
    """What partners sent, as the flow reads it."""
    folder = HERE / flow.system.name / f"{flow.name.split('.', 2)[2]}.pull"
    found = []
    for path in sorted(folder.glob("*.in.*")):
        try:
            found.append(flow.fields(path.read_bytes()))
        except RecordError:
            continue
    return found


def another(value: Json, n: int) -> Json:
    """A value like this one, seldom the same."""
    if isinstance(value, str) and len(value) in {10, 19} and value[4:5] == "-":
        return (date(1980, 1, 1) + timedelta(days=7 * n)).isoformat() + value[10:]
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 7:
        return str(n)
    if isinstance(value, str):
        return f"{value}{n}" if n % 3 else f" {value}（{n}）"
    if isinstance(value, Number):
        return Number(f"{n}.{n % 100:02}")
    return n if value.__class__ is int else value


def records(flow: PullFlow, chance: random.Random, count: int) -> list[dict[str, Json]]:
    """Records like those of its pairs: some as they are, some varied, some spoilt."""
    given = of_pairs(flow)
    made = []
    for n in range(count):
        record = dict(chance.choice(given))
        for name in list(record):
            if n % 4:
                record[name] = another(record[name], n)
            dice = chance.random()
            if dice < 0.02 * (n % 3):
                record[name] = chance.choice(ODD)
            elif dice > 0.995:
                del record[name]
        made.append(record)
    return made


@pytest.mark.parametrize("name", sorted(CONTRACTS.pulls))
def test_each_mapping_says_by_columns_what_it_says_record_by_record(
    contracts: Contracts, name: str
) -> None:
    flow, chance = contracts.pulls[name], random.Random(name)  # noqa: S311
    batch = records(flow, chance, 360)
    # ten, then many at once, then again what is remembered
    for some in (batch[:10], batch, batch[:120], batch[100:103]):
        assert flow.mapper.map_all(some) == [flow.mapper.map(one) for one in some]


@pytest.mark.parametrize(
    "name", [name for name, flow in sorted(CONTRACTS.pulls.items()) if flow.each is None]
)
def test_sound_records_never_go_one_by_one(
    contracts: Contracts, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    flow = contracts.pulls[name]
    said = [(one, flow.mapper.map(one)) for one in of_pairs(flow)]
    sound = [one for one, as_row in said if as_row.shows and not as_row.faults + as_row.warnings]
    by_columns = flow.mapper.map_all.__self__.by_columns  # type: ignore[attr-defined]
    monkeypatch.setattr(by_columns, "_row", lambda _record: pytest.fail("one by one"))
    assert len(flow.mapper.map_all(sound * 40)) == 40 * len(sound)


CHAINS: Sequence[Sequence[Json]] = (
    ["trim"],
    ["text"],
    ["trim", "upper"],
    ["trim", "brackets"],
    ["trim", "halfwidth", "upper"],
    ["squeeze"],
    ["uscc"],
    ["trim", {"blank": ["无", "0", 1]}],
    ["trim", {"first": 3}],
)


def alone(reader: FieldReader, raw: Json) -> Cell:
    if raw is None:
        return None
    try:
        return reader.value(raw, {})
    except WrongValueError:
        return UNSURE


def reader_of(contracts: Contracts, kind: str, chain: Sequence[Json]) -> tuple[FieldReader, Scope]:
    """A reader of any field of this kind."""
    entity, field = next(
        (entity, field)
        for entity in contracts.entities.values()
        for field in entity.fields.values()
        if field.kind == kind and not (field.rule or field.identifies or field.name in entity.key)
        if field.scale == (2 if kind == "decimal" else None)
    )
    scope = Scope(ZoneInfo("Asia/Shanghai"), {}, places=field.scale)
    return FieldReader(FieldRule(field.name, ("x",), tuple(chain)), entity, scope), scope


@pytest.mark.parametrize("chain", CHAINS, ids=str)
def test_a_chain_of_text_verbs_does_to_a_list_what_it_does_to_each(
    contracts: Contracts, chain: Sequence[Json]
) -> None:
    reader, _ = reader_of(contracts, "string", chain)
    form, raws = list_verbs.texts(chain), [raw for raw in ODD if isinstance(raw, str)]
    assert form is not None
    assert [one or None for one in form(raws)] == [alone(reader, raw) for raw in raws]


@pytest.mark.parametrize(
    ("kind", "verb"), [("decimal", "decimal"), ("datetime", "datetime"), ("date", "date")]
)
def test_a_verb_does_to_a_list_what_it_does_to_each(
    contracts: Contracts, kind: str, verb: str
) -> None:
    reader, scope = reader_of(contracts, kind, [verb])
    form = list_verbs.others([verb], scale=reader.field.scale, zone=scope.zone)
    raws = [raw for raw in ODD if raw is not None and raw.__class__ not in {list, dict}]
    raws += [
        f"{year}-0{1 + year % 9}-1{year % 10} 0{year % 10}:30:00" for year in range(1980, 9999, 7)
    ]
    raws += [Number(f"{n}.{n % 7}{n % 3}") for n in range(200)]
    assert form is not None

    def one(raw: Json) -> Cell:
        return alone(reader, raw)

    assert form(raws, one) == list(map(one, raws))


def test_a_zone_with_clock_changes_has_no_list_form_of_datetimes() -> None:
    assert list_verbs.others(["datetime"], scale=None, zone=ZoneInfo("Europe/Berlin")) is None
