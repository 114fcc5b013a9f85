"""Cases of supervision (督办件) and what is done in them: rows that never change."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from hub.db.database import Transaction
from hub.db.rows import first_row, rows

# One after the other: numbers of a year have no gaps, and two people do not act at once.
LOCK = "select pg_advisory_xact_lock(hashtextextended('hub.supervision', 0))"
# Numbers of a year without gaps: taken under the lock.
OPEN = """
    insert into hub.supervision_case (number, department, names, region, project_codes, about, ask,
        opened_at)
    select replace(%(series)s, '#', (count(*) + 1)::text), %(department)s, %(names)s, %(region)s,
           %(project_codes)s, %(about)s, %(ask)s, %(at)s
      from hub.supervision_case where number like replace(%(series)s, '#', '%%')
    returning id
"""
ACT = """
    insert into hub.supervision_act (case_id, kind, step, by_account, at, text, due_at)
    values (%(case_id)s, %(kind)s, %(step)s, %(by)s, %(at)s, %(text)s, %(due_at)s)
"""
# A case stands as its last act says.
CASES = """
    select c.id, c.number, c.department, c.names, c.region, c.project_codes, c.about, c.ask,
           c.opened_at, a.step, a.due_at, a.kind as last_act, a.at as last_at,
           o.by_account as opened_by,
           exists (select from hub.supervision_act e where e.case_id = c.id
               and e.kind = 'extended') as extended
      from hub.supervision_case c
     cross join lateral (select * from hub.supervision_act a where a.case_id = c.id
                          order by a.id desc limit 1) a
      join hub.supervision_act o on o.case_id = c.id and o.kind = 'opened'
     where (%(id)s::bigint is null or c.id = %(id)s)
       and (%(closed)s or a.kind <> 'accepted') and c.id < %(before)s
     order by c.id desc limit %(most)s
"""
ACTS = """
    select id, case_id, kind, step, by_account, at, text, due_at from hub.supervision_act
     where case_id = %s order by id
"""
# The clock that a case is about: whose it is, where, and of which project.
ABOUT = "select project_code, region, units from fact.clock where scope = %s and record_id = %s"
STANDS = """
    select exists (select from hub.supervision_case c
                    where c.about && %s and c.names && %s
                      and not exists (select from hub.supervision_act a
                                       where a.case_id = c.id and a.kind = 'accepted'))
"""
LAST = 9_223_372_036_854_775_807


@dataclass(frozen=True, slots=True)
class SupervisionCase:
    """A case as its last act leaves it. department: whose it is, names: under all of its names.

    about: `scope:record` of clocks, `hit:indicator:subject` of hits. step: reminder or supervision.
    last_act: opened, raised, extended, answered, sent_back, or accepted, with which it is over.
    """

    id: int
    number: str
    department: str
    names: list[str]
    region: str
    project_codes: list[str]
    about: list[str]
    ask: str
    opened_at: datetime
    step: str
    due_at: datetime
    last_act: str
    last_at: datetime
    opened_by: str
    extended: bool


@dataclass(frozen=True, slots=True)
class SupervisionAct:
    """One step of a case: who, when, what. due_at: by when the unit has to answer since then."""

    id: int
    case_id: int
    kind: str
    step: str
    by_account: str
    at: datetime
    text: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class NewCase:
    """A case to be opened. series: the number of the year's cases, # in place of its own."""

    department: str
    names: list[str]
    region: str
    project_codes: list[str]
    about: list[str]
    ask: str
    at: datetime
    series: str


@dataclass(frozen=True, slots=True)
class NewAct:
    """An act to be kept."""

    kind: str
    step: str
    by: str
    at: datetime
    text: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class AboutClock:
    """The clock that a case is about."""

    project_code: str
    region: str
    units: list[str]


def lock(tx: Transaction) -> None:
    """Let one after the other open cases and act in them."""
    tx.execute(LOCK)


def clock(tx: Transaction, scope: str, record_id: int) -> AboutClock | None:
    """The clock of a record; None without one."""
    return first_row(tx, AboutClock, ABOUT, (scope, record_id))


def is_open(tx: Transaction, about: Sequence[str], names: Sequence[str]) -> bool:
    """Whether a case of this unit about one of these is not over."""
    row = tx.execute(STANDS, (list(about), list(names))).fetchone()
    return bool(row and row[0])


def open_case(tx: Transaction, made: NewCase) -> int:
    """Store a case under the next number of the year; gives its id."""
    row = tx.execute(OPEN, asdict(made)).fetchone()
    assert row is not None  # noqa: S101 -- an aggregate gives one row
    return int(row[0])


def act(tx: Transaction, case_id: int, said: NewAct) -> None:
    """Add an act to a case."""
    tx.execute(ACT, {**asdict(said), "case_id": case_id})


def cases(
    tx: Transaction,
    *,
    case_id: int | None = None,
    closed: bool = True,
    before: int = LAST,
    most: int = 1,
) -> list[SupervisionCase]:
    """Cases, newest first; on a confined connection those of its reader."""
    asked = {"id": case_id, "closed": closed, "before": before, "most": most}
    return rows(tx, SupervisionCase, CASES, asked)


def acts(tx: Transaction, case_id: int) -> list[SupervisionAct]:
    """The acts of a case, in their order."""
    return rows(tx, SupervisionAct, ACTS, (case_id,))
