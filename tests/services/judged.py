"""The vocabulary of indicators in plain Python: what a row of facts is judged to be."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from operator import ge, gt, le, lt
from zoneinfo import ZoneInfo

from hub.domain.indicators import Bound, Indicator, Tree, branch, facts_of

Row = Mapping[str, object]
ZONE = ZoneInfo("Asia/Shanghai")
COMPARE = {"at_least": ge, "at_most": le, "above": gt, "below": lt}


def holds(tree: Tree, row: Row) -> bool | None:
    """Whether a condition is so; None where it cannot be known."""
    if "all" in tree:
        return every([holds(branch(one), row) for one in _several(tree["all"])])
    if "any" in tree:
        found = [holds(branch(one), row) for one in _several(tree["any"])]
        return True if True in found else None if None in found else False
    if "not" in tree:
        inner = holds(branch(tree["not"]), row)
        return None if inner is None else not inner
    value = row[str(tree["fact"])]
    if "known" in tree or "unknown" in tree:
        return (value is not None) == ("known" in tree)
    if value is None:
        return None
    return _compared(tree, value, row)


def every(found: Sequence[bool | None]) -> bool | None:
    return False if False in found else None if None in found else True


def _compared(tree: Tree, value: object, row: Row) -> bool | None:
    word = next(word for word in tree if word != "fact")
    than = tree[word]
    if word == "same_as":
        other = row[str(than)]
        return None if other is None else value == other
    if word in COMPARE:
        return bool(COMPARE[word](Decimal(str(value)), Decimal(str(than))))
    if word == "is":
        return value == than
    return (value in _several(than)) == (word == "in")


def _several(value: object) -> list[object]:
    assert isinstance(value, list)
    return value


def state(one: Indicator, row: Row) -> tuple[str, str, Decimal | None] | None:
    """(state, reason or exclusion, what is measured); None: not of those judged."""
    population = every([holds(tree, row) for tree in one.where])
    if population is False or not _binds(one, row):
        return None
    for out in one.exclude:
        if True in [holds(tree, row) for tree in out.any]:
            return "excluded", out.id, None
    missing = _missing(one, row)
    if population is None:
        names = [name for tree in one.where for name in facts_of(tree)]
        return "not_judged", next(name for name in names if row[name] is None), None
    if missing is not None:
        return "not_judged", missing, None
    value = measured(one, row)
    return ("not_judged", "measure", None) if value is None else ("judged", "", value)


def _missing(one: Indicator, row: Row) -> str | None:
    """The first fact that is needed and not known, also by what may be left out."""
    undecided = [
        name
        for out in one.exclude
        for tree in out.any
        if holds(tree, row) is None
        for name in facts_of(tree)
    ]
    return next((name for name in (*_needed(one), *undecided) if row[name] is None), None)


def _needed(one: Indicator) -> list[str]:
    return [*one.needs, *one.facts, *(name for tree in one.counted for name in facts_of(tree))]


def _binds(one: Indicator, row: Row) -> bool:
    moment = _moment(one, row)
    if moment is None:
        return False
    day = moment.astimezone(ZONE).date()
    within = not one.regions or str(row["county"] or "").startswith(one.regions)
    return (
        within
        and (one.since is None or day >= one.since)
        and (one.until is None or day <= one.until)
    )


def _moment(one: Indicator, row: Row) -> datetime | None:
    """What puts a row into a month: of what has begun and lacks a fact, the judgement's own."""
    moment = row[one.at]
    lacks = _missing(one, row) is not None
    population = every([holds(tree, row) for tree in one.where])
    if moment is None and population and lacks and row.get("accepted_at", row) is not None:
        moment = row["today"]
    assert moment is None or isinstance(moment, datetime)
    return moment


def measured(one: Indicator, row: Row) -> Decimal | None:
    if one.measure == "excess":
        fact, over = (Decimal(str(row[name])) for name in one.facts)
        return fact / over if over else None
    if one.measure == "share":
        return Decimal(every([holds(tree, row) for tree in one.counted]) is True)
    if one.measure in {"count", "distinct"}:
        return Decimal(1)
    return Decimal(str(row[one.facts[0]]))


def level(bounds: Sequence[Bound], value: Decimal, row: Row) -> str | None:
    """The gravest level that is met."""
    for one in bounds:
        met = every([holds(tree, row) for tree in one.where])
        if met and COMPARE[one.word](value, Decimal(str(one.than))):
            return one.level
    return None


def judge(one: Indicator, rows: Sequence[Row]) -> list[tuple[object, ...]]:
    """(record, state, detail, value, level) of each row that counts, in order of records."""
    found = [(row, told) for row in rows if (told := state(one, row)) is not None]
    if one.measure in {"count", "distinct"}:
        found = _grouped(one, found)
    lines = []
    for row, (kind, detail, value) in found:
        beyond = None
        if kind == "judged" and one.measure in {"fact", "excess", "count"} and value is not None:
            beyond = level(one.bounds, value, row)
        lines.append((row["record_id"], kind, detail, value, beyond))
    return sorted(lines, key=lambda line: (str(line[0]), str(line[1])))


Found = tuple[Row, tuple[str, str, Decimal | None]]


def _grouped(one: Indicator, found: list[Found]) -> list[Found]:
    """Of a group the row with the most within its window, the last of several; of what is distinct
    the first of each month.
    """
    kept = [each for each in found if each[1][0] != "judged"]
    groups: dict[tuple[object, ...], list[Row]] = {}
    for row, told in found:
        if told[0] == "judged":
            groups.setdefault(_key(one, row), []).append(row)
    for several in groups.values():
        ordered = sorted(several, key=lambda row: (_at(one, row), row["record_id"]))
        if one.measure == "distinct":
            kept.append((ordered[0], ("judged", "", Decimal(1))))
            continue
        within = [
            (sum(_since(one, row) <= _at(one, other) <= _at(one, row) for other in ordered), place)
            for place, row in enumerate(ordered)
        ]
        n, place = max(within)
        kept.append((ordered[place], ("judged", "", Decimal(n))))
    return kept


def _key(one: Indicator, row: Row) -> tuple[object, ...]:
    if one.measure == "distinct":
        month = _at(one, row).astimezone(ZONE)
        return row["project_code"], row[one.facts[0]], month.year, month.month
    return tuple(row[name] for name in dict.fromkeys(("project_code", *one.group)))


def _since(one: Indicator, row: Row) -> datetime:
    return _at(one, row) - timedelta(days=one.window or 100_000)


def _at(one: Indicator, row: Row) -> datetime:
    moment = _moment(one, row)
    assert moment is not None
    return moment
