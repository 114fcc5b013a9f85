"""Clocks by their lights: pages by keyset of what is late or soon will be, and counts.

Two steps: the places of a page are found by index, held to the regions and the unit of who asks;
what stands at them is read as that account, so that PostgreSQL shows no more than it may see.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from psycopg import sql

from hub.db.database import Transaction
from hub.db.rows import first_row, rows

# A clock that stands or has ended keeps its light; one that runs turns as time passes.
STATES = {
    "all": "true",
    "running": "c.ended_at is null and c.began is not null and c.end_basis is null",
    "red": "c.ended_at is null and (c.light = 'red' or (c.light is null and c.red_at < %(now)s))",
    "yellow": """c.ended_at is null and (c.light = 'yellow' or (c.light is null
        and c.yellow_at <= %(now)s and coalesce(c.red_at >= %(now)s, true)))""",
    "soon": "c.light is null and c.red_at >= %(now)s and c.red_at <= %(soon)s",
}
WHICH = """
    ({all} or exists (select from unnest(%(regions)s::text[]) n where starts_with(c.region, n)))
    and (%(region)s = '' or starts_with(c.region, %(region)s))
    and (%(department)s = '' or %(department)s = any(c.units))
"""
PLACES = """
    select c.record_id, {place} as place, c.region, c.of
      from fact.clock c {project}
     where c.scope = %(scope)s and {state} and {which} and {kind} and {stage}
       and ({place}, c.record_id) > (%(place)s, %(after)s)
     order by {place}, c.record_id limit %(most)s
"""
PLACED = {
    False: "c.project_code",
    True: "coalesce(to_char(c.red_at at time zone 'UTC', 'YYYYMMDDHH24MISSUS'), '')",
}
PROJECT = "join golden.project p on p.project_code = c.project_code and p.deleted_at is null"
KIND = "p.flow_kind = %(flow_kind)s"
# Of a stage itself; of an item its own; of a project and a connection one that goes on.
STAGE = {
    "stage": "c.of = %(stage)s",
    "item": """exists (select from fact.stage s where s.project_code = c.project_code
        and s.number = c.stage_number and s.of = %(stage)s)""",
}
OTHER_STAGE = """exists (select from fact.stage s where s.project_code = c.project_code
    and s.of = %(stage)s and s.began is not null and s.ended_at is null and s.end_basis is null)"""
ROWS = """
    select c.scope, c.record_id, c.project_code, c.number, p.name as project_name, p.owner_name,
           p.flow_kind, c.units, c.turn, c.light, c.stands, c.end_basis, c.used::float8 as used,
           c.days::float8 as days, c.began, c.ended, c.due, c.yellow_at, c.red_at
      from {clocks} c
      left join {projects} p on p.project_code = c.project_code and p.deleted_at is null
     where c.scope = %(scope)s and c.record_id = any(%(records)s)
     order by array_position(%(records)s, c.record_id)
"""
COUNTS = """
    select {by} as part, count(*) as running, count(*) filter (where {red}) as red,
           count(*) filter (where {yellow}) as yellow, count(*) filter (where {soon}) as soon
      from fact.clock c {units} where c.scope = %(scope)s and c.ended_at is null
       and c.began is not null and c.end_basis is null and {which}
     group by 1 order by 3 desc, 4 desc, 1 limit %(most)s
"""
# By name: a record may name its unit by the unified social credit code as well.
UNITS = """cross join lateral (select x as unit from unnest(c.units) x
    where x !~ '^[0-9A-Z]{18}$') u"""
# As far on the axis of working time as so many days from now.
MOMENT = """
    select now() as now, coalesce(fact.reached(s.calendar, fact.now_at() + %s * 86400::bigint,
        true), now()) as soon from fact.state s
"""


@dataclass(frozen=True, slots=True)
class ClockFilter:
    """Which clocks are meant. regions: leading digits of region codes; None for all.

    region, department, flow_kind, stage: "" for all. state: of STATES.
    """

    scope: str
    state: str = "all"
    regions: Sequence[str] | None = None
    region: str = ""
    department: str = ""
    flow_kind: str = ""
    stage: str = ""


@dataclass(frozen=True, slots=True)
class ClockPlace:
    """Where a clock is found. place: its place in the order; of: the stage or code of a record."""

    record_id: int
    place: str
    region: str
    of: str


@dataclass(frozen=True, slots=True)
class LightRow:
    """A clock with its project, as far as the reader may see them."""

    scope: str
    record_id: int
    project_code: str
    number: str | None
    project_name: str | None
    owner_name: str | None
    flow_kind: str | None
    units: list[str] | None
    turn: str | None
    light: str
    stands: bool
    end_basis: str | None
    used: float
    days: float | None
    began: datetime | None
    ended: datetime | None
    due: datetime | None
    yellow_at: datetime | None
    red_at: datetime | None


@dataclass(frozen=True, slots=True)
class LightCounts:
    """Running clocks of a part (a region, or a unit), and how many are late or nearly so."""

    part: str
    running: int
    red: int
    yellow: int
    soon: int


@dataclass(frozen=True, slots=True)
class Moments:
    """Now, and so many working days from now."""

    now: datetime
    soon: datetime


def moments(tx: Transaction, *, days: int) -> Moments:
    """Now, and the moment so many working days ahead by the calendar in force."""
    found = first_row(tx, Moments, MOMENT, (days,))
    assert found is not None  # noqa: S101 -- the table has one row
    return found


def places(
    tx: Transaction, wanted: ClockFilter, at: Moments, *, after: tuple[str, int], most: int
) -> list[ClockPlace]:
    """The next places after one, in order: by the moment of turning red, else by project."""
    lit = wanted.state in {"red", "yellow", "soon"}
    query = sql.SQL(PLACES).format(
        place=sql.SQL(PLACED[lit]),
        project=sql.SQL(PROJECT if wanted.flow_kind else ""),
        state=sql.SQL(STATES[wanted.state]),
        which=_which(wanted),
        kind=sql.SQL(KIND if wanted.flow_kind else "true"),
        stage=sql.SQL(STAGE.get(wanted.scope, OTHER_STAGE) if wanted.stage else "true"),
    )
    asked = {**_asked(wanted, at), "place": after[0], "after": after[1], "most": most}
    return rows(tx, ClockPlace, query, asked)


def at_places(tx: Transaction, scope: str, records: Sequence[int]) -> list[LightRow]:
    """The clocks of these records, in their order; on a confined connection those visible."""
    query = sql.SQL(ROWS).format(
        clocks=sql.Identifier(*tx.of_two(table=("fact", "clock_now"), view=("shown", "clock"))),
        projects=sql.Identifier(*tx.of_two(table=("golden", "project"), view=("shown", "project"))),
    )
    return rows(tx, LightRow, query, {"scope": scope, "records": list(records)})


def counts(
    tx: Transaction, wanted: ClockFilter, at: Moments, *, by_unit: bool, most: int
) -> list[LightCounts]:
    """Counts by region, or by the units that handle the records; most late first."""
    query = sql.SQL(COUNTS).format(
        by=sql.SQL("u.unit" if by_unit else "c.region"),
        units=sql.SQL(UNITS if by_unit else ""),
        which=_which(wanted),
        **{name: sql.SQL(STATES[name]) for name in ("red", "yellow", "soon")},
    )
    return rows(tx, LightCounts, query, {**_asked(wanted, at), "most": most})


def _which(wanted: ClockFilter) -> sql.Composed:
    return sql.SQL(WHICH).format(all=sql.SQL("true" if wanted.regions is None else "false"))


def _asked(wanted: ClockFilter, at: Moments) -> dict[str, object]:
    return {**asdict(wanted), "regions": list(wanted.regions or ()), **asdict(at)}
