"""Scenarios of projects: SQL that computes them from golden records, set-based, and reads them.

Runs after the statements of `clocks`, whose temporary table of projects it reads.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from psycopg import sql

from hub.db.database import Transaction
from hub.db.rows import rows
from hub.domain.scenarios import ScenarioRecords, ScenarioRule, Wanted

MADE = """
    create temp table if not exists made_scenario (like fact.scenario) on commit delete rows;
    delete from made_scenario
"""
# The term ends with the day after whose working time it is used up, and never before the first day.
COMPUTE = """
    insert into made_scenario
    select {name}, m.project_code, m.region, b.at, t.reached,
           case when {days}::bigint is not null then greatest(
                fact.next_day(%(calendar)s, b.at, 0),
                fact.next_day(%(calendar)s,
                    fact.reached(%(calendar)s, p.w_next + {days} * 86400, false), 0)) end,
           case when array_position(t.reached, null) is null then (select max(at)
                from unnest(t.reached) at) end
      from made_project m
     cross join lateral ({starts}) b
      left join lateral fact.placed(%(calendar)s, b.at) p on true
     cross join lateral (select array[{steps}]::timestamptz[] as reached) t
     where m.record_id is not null and not m.void and b.at is not null {applies}
"""
RECORDS = """
    from golden.{entity} g where g.project_code = m.project_code and g.deleted_at is null {where}
"""
FIRST = "select min({at}) as at {records}"
ALL = "select case when bool_and(coalesce({met}, false)) then max({at}) end as at {records}"
DROP = "delete from fact.scenario where project_code = any(%(codes)s)"
KEEP = "insert into fact.scenario select * from made_scenario"
DIFFERING = """
    with touched as (select distinct project_code from fact.touched
        where project_code = any(%(codes)s)),
    must as (select * from made_scenario
        where project_code not in (select project_code from touched)),
    stands as (select * from fact.scenario where project_code = any(%(codes)s)
        and project_code not in (select project_code from touched))
    select distinct scenario, project_code
      from ((select * from must except select * from stands)
            union all (select * from stands except select * from must)) d
     order by 1, 2
"""
READ = """
    select scenario, project_code, region, began, reached, due, ended, state
      from {scenarios} where project_code = %(code)s order by scenario
"""
COUNTS = """
    select scenario, left(region, 6) as county, state, count(*) as number
      from {scenarios} where %(scenario)s in ('', scenario)
     group by 1, 2, 3 order by 1, 2, 3
"""
LISTED = """
    select scenario, project_code, region, began, reached, due, ended, state
      from {scenarios}
     where scenario = %(scenario)s and project_code > %(after)s
       and (%(county)s = '' or starts_with(region, %(county)s))
       and (%(state)s = '' or state = %(state)s)
     order by project_code limit %(most)s
"""


@dataclass(frozen=True, slots=True)
class ScenarioRow:
    """A scenario of a project as of now. reached: a moment a step, None while it is missing.

    state: running, overdue (not all done in time), complete, late (all done, too late).
    """

    scenario: str
    project_code: str
    region: str
    began: datetime
    reached: list[datetime | None]
    due: datetime | None
    ended: datetime | None
    state: str


@dataclass(frozen=True, slots=True)
class ScenarioCount:
    """How many projects of a county are in a state of a scenario."""

    scenario: str
    county: str
    state: str
    number: int


class _Values:
    """Parameters of a statement, named as they are met."""

    def __init__(self, prefix: str) -> None:
        self.prefix, self.held = prefix, dict[str, object]()

    def of(self, value: object) -> sql.Placeholder:
        name = f"{self.prefix}_{len(self.held)}"
        self.held[name] = value
        return sql.Placeholder(name)

    def met(self, wanted: Wanted, field: sql.SQL) -> Iterator[sql.Composed]:
        """Conditions, each of one field (put into `field`) and its values."""
        for name, values in wanted.items():
            named = field.format(name=sql.Identifier(name), text=sql.Literal(name))
            yield sql.SQL("{} = any({})").format(named, self.of(list(values)))


OF_RECORD = sql.SQL("g.{name}::text")
OF_PROJECT = sql.SQL("m.about->>{text}")


def entities(some: Iterable[ScenarioRule]) -> dict[str, set[str]]:
    """Entity -> fields that scenarios read."""
    found: dict[str, set[str]] = {}
    for one in some:
        steps = [(step.records, step.all) for step in one.steps]
        for records, wanted in ((one.starts, {}), *steps):
            read = {records.at, *records.where, *wanted}
            found.setdefault(records.entity, set()).update(read)
    return found


def compute(tx: Transaction, asked: Mapping[str, object], some: Iterable[ScenarioRule]) -> None:
    """Fill the temporary table with these projects' scenarios.

    asked: the parameters of the statements of `clocks`.
    """
    tx.execute(MADE)
    for number, one in enumerate(some):
        statement, values = _statement(one, f"scenario_{number}")
        tx.execute(statement, {**asked, **values})


def differing(tx: Transaction, asked: Mapping[str, object]) -> list[tuple[str, str]]:
    """(scenario, project code) of those that stand otherwise than computed."""
    return [(row[0], row[1]) for row in tx.execute(DIFFERING, asked)]


def read(tx: Transaction, project_code: str) -> list[ScenarioRow]:
    """Scenarios of a project; on a confined connection those visible to its account."""
    return rows(tx, ScenarioRow, _over(tx, READ), code=project_code)


def counts(tx: Transaction, scenario: str = "") -> list[ScenarioCount]:
    """Numbers by scenario ("" for all), county (six digits) and state."""
    return rows(tx, ScenarioCount, _over(tx, COUNTS), scenario=scenario)


def listed(
    tx: Transaction, scenario: str, *, county: str, state: str, after: str, most: int
) -> list[ScenarioRow]:
    """A page of a scenario's projects by code. county: leading digits; state: "" for all."""
    return rows(
        tx,
        ScenarioRow,
        _over(tx, LISTED),
        scenario=scenario,
        county=county,
        state=state,
        after=after,
        most=most,
    )


def _over(tx: Transaction, query: LiteralString) -> sql.Composed:
    name = tx.of_two(table=("fact", "scenario_now"), view=("shown", "scenario"))
    return sql.SQL(query).format(scenarios=sql.Identifier(*name))


def _statement(one: ScenarioRule, prefix: str) -> tuple[sql.Composed, dict[str, object]]:
    values = _Values(prefix)
    applies = [sql.SQL("and {}").format(each) for each in values.met(one.applies, OF_PROJECT)]
    steps = [sql.SQL("({})").format(_moment(step.records, step.all, values)) for step in one.steps]
    statement = sql.SQL(COMPUTE).format(
        name=values.of(one.name),
        days=values.of(one.days),
        starts=_moment(one.starts, {}, values),
        steps=sql.SQL(", ").join(steps),
        applies=sql.SQL(" ").join(applies),
    )
    return statement, values.held


def _moment(said: ScenarioRecords, wanted: Wanted, values: _Values) -> sql.Composed:
    """A query for the moment at which a record is there, or all of them as they should be."""
    at = sql.SQL("g.{}").format(sql.Identifier(said.at))
    if said.day:
        at = sql.SQL("{}::timestamp at time zone %(zone)s").format(at)
    where = [sql.SQL("and {}").format(one) for one in values.met(said.where, OF_RECORD)]
    records = sql.SQL(RECORDS).format(
        entity=sql.Identifier(said.entity), where=sql.SQL(" ").join(where)
    )
    if wanted:
        met = sql.SQL(" and ").join(list(values.met(wanted, OF_RECORD)))
        return sql.SQL(ALL).format(met=met, at=at, records=records)
    return sql.SQL(FIRST).format(at=at, records=records)
