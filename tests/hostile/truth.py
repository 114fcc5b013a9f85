"""The true history: what every source really holds, and what must follow from it. Knows nothing of
the hub.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Literal

START = datetime(2024, 5, 1, 8, 0, 0)  # noqa: DTZ001 -- a partner's wall clock
TableName = Literal["plan", "build", "permit", "service"]
NUMBERED = ("permit", "service")
"""Tables whose commits have numbers of a sequence instead of moments."""
Raw = dict[str, object]
REGIONS = ("520502", "520503")
"""Where projects are, the even ones first."""


@dataclass(frozen=True, slots=True)
class Row:
    """One record of one source as it is, when it was committed by the source's clock, and when
    others can see it.
    """

    key: str
    code: str | None
    name: str | None = None
    money: int | None = None
    start: str | None = None
    plot: str | None = None
    gone: bool = False
    test: bool = False
    rev: int = 1
    moment: int = 0
    visible: int = 0
    bad: str | None = None
    end: str | None = None


@dataclass
class Table:
    """A source's records: as committed, and as its readers see them."""

    rows: dict[str, Row] = field(default_factory=dict)
    seen: dict[str, Row] = field(default_factory=dict)
    before: list[dict[str, Row]] = field(default_factory=list)

    def appear(self, tick: int) -> None:
        """Commits whose time has come can be seen from now on."""
        for key, row in self.rows.items():
            if row.visible <= tick:
                self.seen[key] = row

    def pending(self, key: str) -> bool:
        """Whether the last commit of this record cannot be seen yet."""
        return self.seen.get(key) != self.rows.get(key)


class Truth:
    """All sources, the passing of their time, and everything that happens to their records."""

    def __init__(self) -> None:
        self.tables: dict[TableName, Table] = {
            "plan": Table(),
            "build": Table(),
            "permit": Table(),
            "service": Table(),
        }
        self.tick = 0
        self.setback = 0
        self.sequence = 0
        self.shape: str | None = None
        self.ever_live: set[str] = set()
        self.codes = 0

    # what the sources do

    def pass_time(self, ticks: int = 1) -> None:
        """Time passes, and late commits become visible."""
        self.tick += ticks
        for table in self.tables.values():
            table.appear(self.tick)
        self.ever_live |= set(self.projects())

    def commit(self, table: TableName, row: Row, *, late: int = 0, tied: bool = False) -> None:
        """Write one record; tied: with the moment of the one before."""
        if not tied:
            self.tick += 1
            self.sequence += 1
        moment = self.sequence if table in NUMBERED else self.tick - self.setback
        self.tables[table].rows[row.key] = replace(
            row, moment=moment, rev=row.rev + 1, visible=self.tick + late
        )
        self.pass_time(0)

    def vanish(self, table: TableName, key: str) -> None:
        """A record is gone without a word."""
        self.tables[table].rows.pop(key, None)
        self.tables[table].seen.pop(key, None)

    def remember(self) -> None:
        """Keep what a stale replica may serve later."""
        for table in self.tables.values():
            table.before.append(dict(table.seen))

    # what the sources show

    def raw(self, table: TableName, row: Row, *, fetched: int = 0) -> bytes:
        """One record as its source writes it."""
        shown: Raw
        if table == "permit":
            shown = {"number": row.key, "code": row.code, "plot": row.plot, "seq": row.moment}
            shown["op"] = "D" if row.gone else "U"
        elif table == "service":
            shown = {"number": row.key, "code": row.code, "start": row.start, "end": row.end}
            shown |= {"days": row.money, "seq": row.moment, "op": "D" if row.gone else "U"}
        else:
            shown = {"id": row.key, "code": row.code, "name": row.name, "start": row.start}
            if table == "plan":
                shown |= {"money": row.money, "rev": row.rev, "at": stamp(row.moment)}
                shown |= {"gone": "1" if row.gone else "0", "test": "1" if row.test else "0"}
            else:
                shown["fetched"] = fetched
        if row.bad is not None:
            shown[row.bad] = "不详"
        return json.dumps(self._shaped(table, shown), ensure_ascii=False).encode()

    def _shaped(self, table: TableName, shown: Raw) -> Raw:
        """The drift of the day."""
        if table == "plan" and self.shape == "renamed":
            return {"xmdm" if name == "code" else name: value for name, value in shown.items()}
        if table == "plan" and self.shape == "retyped":
            return shown | {"money": {"amount": shown["money"]}}
        if self.shape == "grown":
            return shown | {"memo": "新"}
        return shown

    # what must follow

    def live(self, table: TableName) -> Iterator[Row]:
        """Records that their source still asserts."""
        return (row for row in self.tables[table].rows.values() if not row.gone and not row.test)

    def projects(self) -> dict[str, dict[str, object]]:
        """What each project must be: names and money by plan before build, the start by build
        before plan.
        """
        plan = sorted(self.live("plan"), key=lambda row: (-row.rev, row.key))
        build = sorted(self.live("build"), key=lambda row: row.key)
        codes = {row.code for row in (*plan, *build) if row.code}
        return {
            code: {
                "name": first(code, "name", plan, build),
                "investment": money(first(code, "money", plan)),
                "planned_start": first(code, "start", build, plan),
            }
            for code in codes
        }

    def disagreements(self) -> dict[tuple[str, str], dict[str, str]]:
        """Project and field -> what plan and build say of it, where they differ."""
        plan = sorted(self.live("plan"), key=lambda row: (-row.rev, row.key))
        build = sorted(self.live("build"), key=lambda row: row.key)
        found: dict[tuple[str, str], dict[str, str]] = {}
        for code in self.projects():
            for name, attribute in (("name", "name"), ("planned_start", "start")):
                said = {
                    "plan": first(code, attribute, plan),
                    "build": first(code, attribute, build),
                }
                if None not in said.values() and len(set(said.values())) > 1:
                    found[code, name] = {system: str(value) for system, value in said.items()}
        return found

    def permits(self) -> dict[str, tuple[str | None, str | None, bool]]:
        """Each permit's project code, plot, and whether its fate is certain (else it may stand or
        wait).

        A permit without a code takes that of the one project whose permits name its plot. Where the
        project is not there (any more), a permit that had come before stays, and a later one waits.
        """
        projects = self.projects()
        lenders: dict[str, set[str]] = {}
        for row in self.live("permit"):
            if row.code in projects and row.plot:
                lenders.setdefault(row.plot, set()).add(str(row.code))
        found: dict[str, tuple[str | None, str | None, bool]] = {}
        for row in self.live("permit"):
            code = row.code
            if code is None:
                codes = lenders.get(row.plot or "", set())
                code = next(iter(codes)) if len(codes) == 1 else None
            stands = code if code in projects else None
            certain = stands is not None or (
                row.code is not None and row.code not in self.ever_live
            )
            found[row.key] = (stands, row.plot, certain)
        return found


def first(code: str, name: str, *ranked: list[Row]) -> object:
    """What the best-placed source says."""
    said = (getattr(row, name) for rows in ranked for row in rows if row.code == code)
    return next((value for value in said if value is not None), None)


def money(value: object) -> Decimal | None:
    """万元 -> 元."""
    return None if value is None else Decimal(str(value)) * 10_000


def stamp(moment: int) -> str:
    """A moment as the plan's wall clock writes it."""
    return (START + timedelta(seconds=moment)).strftime("%Y-%m-%d %H:%M:%S")


def code_of(number: int) -> str:
    """A project code."""
    return f"2405-{REGIONS[number % 2]}-04-01-1{number:05}"


# what may happen to the records of a source


def _new_project(truth: Truth, rng: Random) -> str:
    truth.codes += 1
    number = truth.codes
    where = rng.choice(("plan", "build", "both"))
    if where != "build":
        truth.commit(
            "plan",
            Row(f"p{number}", code_of(number), f"项目{number}", rng.randrange(1, 99), day(rng)),
        )
    if where != "plan":
        truth.commit(
            "build",
            Row(f"b{number}", code_of(number), rng.choice((None, f"工程{number}")), None, day(rng)),
        )
    return f"new project {number} in {where}"


def _change(truth: Truth, rng: Random, table: TableName) -> str:
    rows = [
        row for row in truth.tables[table].rows.values() if not truth.tables[table].pending(row.key)
    ]
    if not rows:
        return "nothing to change"
    row = rng.choice(rows)
    what = rng.choice(("name", "start", "money") if table != "permit" else ("plot",))
    value: object = {
        "name": f"{row.key}第{truth.tick}名",
        "start": day(rng),
        "money": rng.randrange(1, 99),
    }.get(what)
    if table == "permit":
        value = rng.choice((row.plot, f"地{rng.randrange(1, 6)}")) if row.code is None else row.plot
    truth.commit(table, replace(row, **{what: value}))
    return f"{table} {row.key} {what}={value}"


def _new_permit(truth: Truth, rng: Random) -> str:
    number = f"A{truth.sequence + 1}"
    project = rng.randrange(1, truth.codes + 3)
    lent = rng.random() < 0.4
    truth.commit("permit", Row(number, None if lent else code_of(project), plot=f"地{project}"))
    return f"permit {number} of project {project}{', by its plot' if lent else ''}"


def _delete(truth: Truth, rng: Random, table: TableName) -> str:
    rows = [
        row for row in truth.tables[table].rows.values() if not truth.tables[table].pending(row.key)
    ]
    if not rows:
        return "nothing to delete"
    row = rng.choice(rows)
    truth.commit(table, replace(row, gone=not row.gone))
    return f"{table} {row.key} {'returns' if row.gone else 'deleted'}"


def _move(truth: Truth, rng: Random) -> str:
    rows = [
        row
        for row in truth.tables["plan"].rows.values()
        if not truth.tables["plan"].pending(row.key)
    ]
    if not rows or truth.codes < 2:
        return "nothing to move"
    row, code = rng.choice(rows), code_of(rng.randrange(1, truth.codes + 1))
    truth.commit("plan", replace(row, code=code))
    return f"plan {row.key} is now {code}"


def _filter(truth: Truth, rng: Random) -> str:
    rows = [
        row
        for row in truth.tables["plan"].rows.values()
        if not truth.tables["plan"].pending(row.key)
    ]
    if not rows:
        return "nothing to filter"
    row = rng.choice(rows)
    truth.commit("plan", replace(row, test=not row.test))
    return f"plan {row.key} test={not row.test}"


def serve(truth: Truth, rng: Random) -> str:
    """A case with a limit in working days begins, ends, is opened again or is gone."""
    rows = [row for row in truth.tables["service"].rows.values() if not row.gone]
    if not rows or rng.random() < 0.5:
        number = f"S{truth.sequence + 1}"
        code = code_of(rng.randrange(1, truth.codes + 3))
        limit = rng.choice((None, 5, 10, 20))
        truth.commit("service", Row(number, code, start=day(rng), money=limit))
        return f"service {number} of {code}, {limit} days"
    row = rng.choice(rows)
    if rng.random() < 0.2:
        truth.commit("service", replace(row, gone=True))
        return f"service {row.key} deleted"
    end = None if row.end and rng.random() < 0.3 else later(str(row.start), rng.randrange(0, 40))
    truth.commit("service", replace(row, end=end))
    return f"service {row.key} end={end}"


def later(first: str, days: int) -> str:
    """So many days after a day."""
    return (date.fromisoformat(first) + timedelta(days=days)).isoformat()


def day(rng: Random) -> str:
    """Some day."""
    return f"2024-{rng.randrange(1, 13):02}-{rng.randrange(1, 28):02}"


USUAL: tuple[tuple[int, Callable[[Truth, Random], str]], ...] = (
    (5, _new_project),
    (5, lambda truth, rng: _change(truth, rng, "plan")),
    (4, lambda truth, rng: _change(truth, rng, "build")),
    (2, lambda truth, rng: _change(truth, rng, "permit")),
    (4, _new_permit),
    (1, lambda truth, rng: _delete(truth, rng, "plan")),
    (1, lambda truth, rng: _delete(truth, rng, "permit")),
    (1, _move),
    (1, _filter),
)


def happens(truth: Truth, rng: Random) -> str:
    """One thing that happens any day; says what."""
    weights = [weight for weight, _ in USUAL]
    (event,) = rng.choices([event for _, event in USUAL], weights)
    return event(truth, rng)
