"""Computed facts (clocks, stage ends), equal for all readers: rules, refresh, queries."""

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from psycopg import sql
from psycopg.types.json import Jsonb

from hub.db import entity_tables
from hub.db.database import Transaction
from hub.db.facts import clocks, scenarios
from hub.db.rows import first_row, rows
from hub.domain import facts as rules_of
from hub.domain import scenarios as scenario_rules
from hub.domain.contracts import Entity
from hub.domain.declared import Timing
from hub.domain.facts import EPOCH, FIRST, LAST, Workday
from hub.domain.scenarios import ScenarioRule
from hub.model import Json

PROJECT = "project"
OF_PROJECT = ("region_code", "status", "flow_kind", "finished", "finished_on")
"""Project fields that facts are computed from; without one of them none are."""

MANY = 50
"""Project count from which temporary tables are analysed: without, a join took minutes."""

PATIENCE = "select set_config('lock_timeout', %s, true)"
LOCK = "select pg_advisory_xact_lock(hashtextextended('facts', 0))"
STATE = "select rules, said, calendar, until, batch_high from fact.state"
ANY_CLOCK = "select exists (select from fact.clock)"
# Every project has one of its own, whatever entities declare.
ANY_DECLARED = "select exists (select from fact.clock where scope <> 'project')"
NOTED = """
    select c.relname from pg_trigger t join pg_class c on c.oid = t.tgrelid
     where c.relnamespace = 'golden'::regnamespace and t.tgname = 'facts_new'
"""
COLUMNS = (
    "select table_name, column_name from information_schema.columns where table_schema = 'golden'"
)
KNOWN_CALENDAR = "select from hub.calendar where version = %s"
ADD_CALENDAR = """
    insert into hub.calendar (version, zone, first, last, opens_1, closes_1, opens_2, closes_2)
    values (%s, %s, %s, %s, %s, %s, %s, %s)
"""
SET_RULES = "update fact.state set rules = %s, said = %s, calendar = %s"
TOUCH_ALL = """
    insert into fact.touched (project_code)
    select project_code from ({every}) e where project_code is not null union select project_code
        from fact.clock
"""
TRIGGERS = """
    create or replace trigger facts_new after insert on golden.{table}
        referencing new table as new_rows for each statement execute function fact.touch_new();
    create or replace trigger facts_old after delete on golden.{table}
        referencing old table as old_rows for each statement execute function fact.touch_old();
    create or replace trigger facts_both after update on golden.{table}
        referencing old table as old_rows new table as new_rows for each statement execute function
            fact.touch_both();
"""
LIBRARY_TRIGGER = """
    create or replace trigger facts_new after insert or update or delete on golden.{table}
        for each statement execute function fact.touch_all();
"""
# Oldest changes first; also stages that time has ended without a result since.
DUE = """
    select project_code
      from (select project_code, min(at) as at from fact.touched group by 1
             union all
            select project_code, without_at from fact.clock where end_basis = 'idle'
                and without_at <= %(now)s) d
     where project_code <> all(%(but)s)
     group by 1 order by min(at), 1 limit %(most)s
"""
WORK_OFF = "delete from fact.touched where project_code = any(%(codes)s)"
STILL_DUE = """
    insert into fact.touched (project_code)
    select %(code)s where not exists (select from fact.touched where project_code = %(code)s)
"""
WAITING = "select count(distinct project_code), min(at) from fact.touched where at < %s"
FORGET = "delete from fact.touched"
DROP = (
    "delete from fact.step where project_code = any(%(codes)s)",
    "delete from fact.clock where project_code = any(%(codes)s)",
    "delete from fact.item_detail where project_code = any(%(codes)s)",
    "delete from fact.case_detail where project_code = any(%(codes)s)",
    "delete from fact.document where project_code = any(%(codes)s)",
)
KEEP = (
    """
    insert into fact.step
    select record_id, project_code, item_number, status, at, w, w_next, batch_id from made_status
    """,
    "insert into fact.clock select * from made_clock",
    "insert into fact.item_detail select * from made_item_detail",
    "insert into fact.case_detail select * from made_case_detail",
    "insert into fact.document select * from made_document",
)
DETAILS = ("item_detail", "case_detail", "document")
"""Tables of what is told beside clocks: a row a record."""
MOVE_ON = """
    update fact.state set until = greatest(until, %(now)s), batch_high = (select coalesce(max(id),
        0) from hub.batch)
"""
PENDING = "select count(distinct project_code) from fact.touched"
CODES = """
    select project_code from ({every}) e where project_code > %(after)s
     group by 1 order by 1 limit %(most)s
"""
# Both ways: what should be there and is not, and what is there and should not be.
DIFFERING = """
    with touched as (select distinct project_code from fact.touched
        where project_code = any(%(codes)s)),
    must as (select * from made_clock where project_code not in (select project_code from touched)),
    stands as (select * from fact.clock where project_code = any(%(codes)s)
                                          and project_code not in (select project_code
                                              from touched))
    select scope, record_id, project_code, bool_or(must) as must, bool_or(stands) as stands
      from (select scope, record_id, project_code, true as must, false as stands
              from (select * from must except select * from stands) m
             union all
            select scope, record_id, project_code, false, true
              from (select * from stands except select * from must) s) d
     group by 1, 2, 3 order by 1, 2
"""
DIFFERING_STEPS = """
    with touched as (select distinct project_code from fact.touched
        where project_code = any(%(codes)s)),
    must as (select record_id, project_code, item_number, status, at, w, w_next, batch_id
               from made_status where project_code not in (select project_code from touched)),
    stands as (select * from fact.step where project_code = any(%(codes)s)
                                         and project_code not in (select project_code from touched))
    select distinct record_id from ((select * from must except select * from stands)
                           union all (select * from stands except select * from must)) d
"""
DIFFERING_DETAILS = """
    with touched as (select distinct project_code from fact.touched
        where project_code = any(%(codes)s)),
    must as (select * from {made} where project_code not in (select project_code from touched)),
    stands as (select * from {kept} where project_code = any(%(codes)s)
                                      and project_code not in (select project_code from touched))
    select distinct record_id from ((select * from must except select * from stands)
                           union all (select * from stands except select * from must)) d
     order by 1
"""
COUNTED = "select count(*) from made_clock"

# As they stand at this moment: all of them, or those that the account of this connection is shown.
READ = """
    select scope, record_id, received_at, began, ended, end_basis, used::float8, exact::float8,
        span::float8,
           applicant::float8, days::float8, limit_ref, others, light, stands, due, yellow_at,
               red_at, grave_at, turn,
           array(select array[lower(r), upper(r)] from unnest(pauses) r) as pauses
      from {clocks} where project_code = %s order by scope, record_id
"""
CHANGED = "select exists (select from fact.touched where project_code = %s)"
CALENDARS = (
    "select version, zone, first, last, opens_1, closes_1, opens_2, closes_2 from hub.calendar "
    "order by 1"
)
DAYS = "select n, worked, half, before from hub.workday where calendar = %s order by n"
SPAN = "select min(n), max(n) from hub.workday where calendar = %s"


@dataclass(frozen=True, slots=True)
class Axis:
    """A calendar without its days; first, last: numbers of its days."""

    version: str
    zone: str
    first: int
    last: int
    hours: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class ClockRow:
    """A clock at the moment of reading. pauses: (begin, end), end None while paused.

    () where the reader may not see them.
    """

    scope: str
    record_id: int
    received_at: datetime | None
    began: datetime | None
    ended: datetime | None
    end_basis: str | None
    used: float
    exact: float
    span: float
    applicant: float
    days: float | None
    limit_ref: str | None
    others: list[str]
    light: str
    stands: bool
    due: datetime | None
    yellow_at: datetime | None
    red_at: datetime | None
    grave_at: datetime | None
    turn: str | None
    pauses: list[list[datetime | None]]


@dataclass(frozen=True, slots=True)
class State:
    """Rules by which facts stand (None: no rules yet), until when, and the newest batch covered."""

    rules: str | None
    said: dict[str, Json] | None
    calendar: str | None
    until: datetime | None
    batch_high: int

    @property
    def timings(self) -> tuple[Timing, ...] | None:
        """The entities' roles in clocks by these rules; None for older rules, which lack them."""
        return rules_of.timings(self.said) if self.said is not None else None


@dataclass(frozen=True, slots=True)
class DifferingClock:
    """A clock that differs. must, stands: whether it should exist, and whether it does."""

    scope: str
    record_id: int
    project_code: str
    must: bool
    stands: bool


def computable(entities: Iterable[Entity]) -> bool:
    """Whether projects have every field that facts are computed from."""
    project = next((entity for entity in entities if entity.name == PROJECT), None)
    return project is not None and set(OF_PROJECT) <= project.fields.keys()


def unprepared(
    tx: Transaction, timings: Iterable[Timing], some: Iterable[ScenarioRule]
) -> list[str]:
    """The entities of which the database has no room for all that facts are computed from, or does
    not note the changes: `hub migrate` sees to both.
    """
    known = {one.entity: {*one.fields.values(), *one.unit} for one in timings}
    for entity, fields in scenarios.entities(some).items():
        known.setdefault(entity, set()).update(fields)
    wanted = {(entity, name) for entity, fields in known.items() for name in fields}
    lacking = {entity for entity, _ in wanted - {(row[0], row[1]) for row in tx.execute(COLUMNS)}}
    silent = {PROJECT, *known} - {row[0] for row in tx.execute(NOTED)}
    return sorted(lacking | silent)


def migrate(tx: Transaction, entities: Iterable[Entity], *, watched: Container[str] = ()) -> None:
    """Create the triggers that queue a project when one of its records changes.

    watched: entities that facts are computed from without a role of their own in clocks.
    """
    known = list(entities)
    if computable(known):
        for entity in known:
            if entity.clock is not None or entity.name == PROJECT or entity.name in watched:
                library = entity.clock is not None and entity.clock.role == "flow"
                made = LIBRARY_TRIGGER if library else TRIGGERS
                tx.execute(sql.SQL(made).format(table=sql.Identifier(entity.name)))


def state(tx: Transaction) -> State:
    """The rules and moment for which facts stand."""
    row = first_row(tx, State, STATE)
    return row or State(None, None, None, None, 0)


def lock(tx: Transaction, *, seconds: float) -> None:
    """Lock facts exclusively until the transaction ends; wait at most so many seconds."""
    tx.execute(PATIENCE, (f"{int(seconds * 1000)}ms",))
    tx.execute(LOCK)


def keep_calendar(
    tx: Transaction, version: str, zone: str, hours: Sequence[int], days: Iterable[Workday]
) -> None:
    """Store the days of a calendar under its version, once."""
    if tx.execute(KNOWN_CALENDAR, (version,)).fetchone() is not None:
        return
    tx.execute(ADD_CALENDAR, (version, zone, (FIRST - EPOCH).days, (LAST - EPOCH).days, *hours))
    into = sql.SQL("hub.workday (calendar, n, worked, half, before)")
    entity_tables.copy_in(tx, into, ([version, *day] for day in days))
    tx.execute("analyze hub.workday")  # every step is joined with it


def set_rules(tx: Transaction, rules: str, said: Mapping[str, Json], calendar: str) -> None:
    """Compute by these rules from now on; every project becomes due."""
    tx.execute(SET_RULES, (rules, Jsonb(dict(said)), calendar))
    tx.execute(sql.SQL(TOUCH_ALL).format(every=_every(rules_of.timings(said) or ())))


def due(tx: Transaction, *, now: datetime, most: int, but: Collection[str] = ()) -> list[str]:
    """Codes of projects to recompute, except of these."""
    asked = {"now": now, "most": most, "but": list(but)}
    return [row[0] for row in tx.execute(DUE, asked)]


def stays_due(tx: Transaction, project_code: str) -> None:
    """Queue a project again, since its facts could not be computed."""
    tx.execute(STILL_DUE, {"code": project_code})


def waiting(tx: Transaction, *, before: datetime) -> tuple[int, datetime | None]:
    """(number, oldest change) of projects changed before a moment and not recomputed since."""
    count, since = tx.execute(WAITING, (before,)).fetchone() or (0, None)
    return int(count), since


def forget(tx: Transaction) -> None:
    """Empty the queue: facts are not computed here."""
    tx.execute(FORGET)


def compute(
    tx: Transaction, codes: Sequence[str], stands: State, *, now: datetime
) -> dict[str, object]:
    """Fill temporary tables with these projects' facts; gives the parameters of queries on them."""
    zone = str(_one(tx, "select zone from hub.calendar where version = %s", stands.calendar))
    asked: dict[str, object] = {
        "codes": list(codes),
        "said": Jsonb(stands.said),
        "calendar": stands.calendar,
        "zone": zone,
        "now": now,
    }
    statements, handed = clocks.statements(stands.timings or ())
    asked |= handed
    tx.execute(clocks.TABLES)
    tx.execute(clocks.CLEAR)
    for statement in statements:
        tx.execute(statement, asked)
        if len(codes) >= MANY:
            tx.execute(
                "analyze made_project, made_status, made_handling, made_suspension, "
                "made_result, made_running, made_clock"
            )
    scenarios.compute(tx, asked, scenario_rules.rules(stands.said or {}))
    return asked


def replace(tx: Transaction, codes: Sequence[str], stands: State, *, now: datetime) -> None:
    """Recompute the facts of these projects and replace the stored ones."""
    tx.execute(
        WORK_OFF, {"codes": list(codes)}
    )  # first, before reading: changes committed from here on queue the project again
    asked = compute(tx, codes, stands, now=now)
    for statement in (*DROP, scenarios.DROP, *KEEP, scenarios.KEEP, MOVE_ON):
        tx.execute(statement, asked)


def move_on(tx: Transaction, *, now: datetime) -> None:
    """Nothing was due: facts stand for `now`."""
    tx.execute(MOVE_ON, {"now": now})


def pending(tx: Transaction) -> int:
    """Number of projects that changed since their facts were computed."""
    return int(str(_one(tx, PENDING)))


def changed(tx: Transaction, project_code: str) -> bool:
    """Whether this project has changed since its facts were computed."""
    return bool(_one(tx, CHANGED, project_code))


def read(tx: Transaction, project_code: str) -> list[ClockRow]:
    """Clocks of a project; on a confined connection those visible to its account."""
    clocks = tx.of_two(table=("fact", "clock_now"), view=("shown", "clock"))
    query = sql.SQL(READ).format(clocks=sql.Identifier(*clocks))
    return rows(tx, ClockRow, query, (project_code,))


def has_clocks(tx: Transaction) -> bool:
    """Whether any clock is stored."""
    row = tx.execute(ANY_CLOCK).fetchone()
    return bool(row and row[0])


def has_declared_clocks(tx: Transaction) -> bool:
    """Whether any clock stands of records that entities declare to have one."""
    row = tx.execute(ANY_DECLARED).fetchone()
    return bool(row and row[0])


def codes(tx: Transaction, stands: State, *, after: str, most: int) -> list[str]:
    """The next project codes that have facts or should have."""
    stored = "select project_code from fact.clock union all select project_code from fact.scenario"
    every = sql.SQL("{} union all " + stored).format(_every(stands.timings or ()))
    return [
        row[0]
        for row in tx.execute(sql.SQL(CODES).format(every=every), {"after": after, "most": most})
    ]


def differing(
    tx: Transaction, asked: Mapping[str, object]
) -> tuple[int, list[DifferingClock], list[int], dict[str, list[int]]]:
    """(clocks computed, those that differ, ids of differing steps, by table those of differing
    details), for the projects computed.

    Projects changed since are left out.
    """
    wrong = rows(tx, DifferingClock, DIFFERING, asked)
    steps = [row[0] for row in tx.execute(DIFFERING_STEPS, asked)]
    details = {name: _differing_details(tx, name, asked) for name in DETAILS}
    return int(str(_one(tx, COUNTED))), wrong, steps, details


def _differing_details(tx: Transaction, name: str, asked: Mapping[str, object]) -> list[int]:
    query = sql.SQL(DIFFERING_DETAILS).format(
        made=sql.Identifier(f"made_{name}"), kept=sql.Identifier("fact", name)
    )
    return [row[0] for row in tx.execute(query, asked)]


def _every(timings: Iterable[Timing]) -> sql.Composed:
    return sql.SQL(" union all ").join(
        sql.SQL("select project_code from golden.{}").format(sql.Identifier(name))
        for name in (PROJECT, *(one.entity for one in timings))
    )


def _one(tx: Transaction, query: LiteralString, *values: object) -> object:
    row = tx.execute(query, values or None).fetchone()
    return row[0] if row else None


def calendars(tx: Transaction) -> list[Axis]:
    """Every stored calendar."""
    return [
        Axis(version, zone, first, last, (one, two, three, four))
        for version, zone, first, last, one, two, three, four in tx.execute(CALENDARS)
    ]


def days(tx: Transaction, version: str) -> list[list[int | bool | None]]:
    """The days of a calendar, in order."""
    return [list(row) for row in tx.execute(DAYS, (version,))]


def span(tx: Transaction, version: str) -> tuple[int | None, int | None]:
    """The first and the last day of a calendar."""
    return tx.execute(SPAN, (version,)).fetchone() or (None, None)
