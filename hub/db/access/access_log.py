"""The access log: queries for auditors, sums by day, and anomalies found in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from psycopg import sql

from hub.db.database import Transaction, as_rows
from hub.db.rows import rows
from hub.domain.anomalies import OWN_WORK, ReadingDay
from hub.errors import Fault
from hub.model import Json
from hub.settings import Bounds

LIST = """
    select a.id, a.at, a.account, coalesce(c.role, '') as role, coalesce(c.department, '')
        as department, a.route,
           a.purpose, a.project_code, a.record_ids, a.refused, a.address
      from {source} a left join hub.account c on c.name = a.account
     where {wanted} order by hub.event_order(a.id) desc limit %(most)s
"""
# Materialized: with the limit in sight the newest rows of all would be searched for one that fits,
# a year of them.
OF_RECORD = "(select * from hub.access where record_ids @> array[%(record)s::bigint] offset 0)"
WANTED = {
    "account": sql.SQL("a.account = %(account)s"),
    "project": sql.SQL("a.project_code = %(project)s"),
    "since": sql.SQL("a.id >= hub.event_base(%(since)s - interval '1 day') and a.at >= %(since)s"),
    "until": sql.SQL("a.id < hub.event_base(%(until)s + interval '1 month') and a.at < %(until)s"),
    "before": sql.SQL("hub.event_order(a.id) < hub.event_order(%(before)s)"),
}
# Recomputes days from the last one known on; on the first run the period that habits look at. Ids
# carry their month in UTC, so one day before is safe. Whether a case is open is checked only where
# enough projects were read, for at most twice the limit, and not for programs, which read for many.
# The hub's own reads for a push are excluded by their route: requests' begin with "/".
FIRST_DAY = """
    select coalesce(max(day), (now() at time zone 'Asia/Shanghai')::date - %s) from hub.access_day
"""
LOCK = "select pg_advisory_xact_lock(hashtextextended('hub.access_day', 0))"
FORGET_DAYS = "delete from hub.access_day where day >= %s"
SUM_UP = """
    with rows as (
        select a.id, a.account, case when c.role <> 'service' then c.department else '' end
            as department,
               (a.at at time zone 'Asia/Shanghai')::date as day,
               extract(hour from a.at at time zone 'Asia/Shanghai') as hour, a.project_code,
               cardinality(a.record_ids) as records, a.refused
          from hub.access a left join hub.account c on c.name = a.account
         where a.id >= hub.event_base(%(first)s::timestamptz - interval '1 day')
           and a.at >= %(first)s::timestamp at time zone 'Asia/Shanghai'
               and not starts_with(a.route, %(own)s)),
    islands as (
        select account, day, refused, count(*) as length
          from (select account, day, refused,
                       row_number() over (partition by account, day order by hub.event_order(id))
                     - row_number() over (partition by account, day, refused
                         order by hub.event_order(id)) as island
                  from rows) numbered
         group by account, day, refused, island),
    visited as (
        select account, day, department, project_code, count(*) over of_day as projects,
               row_number() over of_day as place
          from (select distinct account, day, department, project_code from rows
                 where project_code is not null and not refused) each
        window of_day as (partition by account, day)),
    cases as (
        select account, day, max(projects) as projects,
               count(*) filter (where case when department = '' or projects < %(projects)s
                   or place > 2 * %(projects)s
                                           then false
                                           else not hub.has_open_case(department, project_code) end)
                                               as uncased
          from visited group by account, day)
    insert into hub.access_day (account, day, reads, records, projects, uncased, off_hours, refused,
        refused_row)
    select r.account, r.day, count(*), sum(r.records), coalesce(max(p.projects), 0),
        coalesce(max(p.uncased), 0),
           count(*) filter (where hour < %(opens)s or hour >= %(closes)s),
               count(*) filter (where r.refused),
           coalesce((select max(i.length) from islands i
                      where i.account = r.account and i.day = r.day and i.refused), 0)
      from rows r left join cases p on p.account = r.account and p.day = r.day
     group by r.account, r.day
"""
DAYS = """
    select d.account, coalesce(c.role, '') as role, coalesce(c.department, '') as department, d.day,
        d.reads, d.records,
           d.projects, d.uncased, d.off_hours, d.refused, d.refused_row
      from hub.access_day d left join hub.account c on c.name = d.account
     where d.day >= %s and not d.account like 'cli:%%' order by d.day, d.account
"""
HABIT = (
    "select records from hub.access_day where account = %s and day >= %s and day < %s and "
    "records > 0"
)
NOTE = """
    insert into hub.unusual (account, day, code, facts)
    select %s, %s, n.code, n.facts from json_to_recordset(%s) as n (code text, facts jsonb)
    on conflict (account, day, code) do update set facts = excluded.facts
"""
UNUSUAL = """
    select u.id, u.account, coalesce(c.role, '') as role, coalesce(c.department, '') as department,
        u.day, u.code,
           u.facts, u.noted_at
      from hub.unusual u left join hub.account c on c.name = u.account
     where u.day >= %(since)s and (%(account)s::text is null or u.account = %(account)s)
     order by u.day desc, u.account, u.code limit %(most)s
"""


@dataclass(frozen=True, slots=True)
class AccessQuery:
    """Filter of the access log; None: any. before: only rows older than this id (for paging)."""

    account: str | None = None
    project: str | None = None
    record: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    refused: bool | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class AccessRow:
    """One read, or one that was refused."""

    id: int
    at: datetime
    account: str
    role: str
    department: str
    route: str
    purpose: str
    project_code: str | None
    record_ids: list[int]
    refused: bool
    address: str

    @property
    def own_work(self) -> bool:
        """Whether the hub read it itself, to push a form on the account's behalf."""
        return self.route.startswith(OWN_WORK)


@dataclass(frozen=True, slots=True)
class UnusualRow:
    """One anomaly in an account's reads of a day."""

    id: int
    account: str
    role: str
    department: str
    day: date
    code: str
    facts: dict[str, Json]
    noted_at: datetime

    @property
    def fault(self) -> Fault:
        """The anomaly as code and facts."""
        return Fault("", self.code, {name: str(value) for name, value in self.facts.items()})


def accesses(tx: Transaction, wanted: AccessQuery, *, most: int) -> list[AccessRow]:
    """Rows of the access log, newest first."""
    asked = {name: getattr(wanted, name) for name in AccessQuery.__slots__} | {"most": most}
    parts = [clause for name, clause in WANTED.items() if asked[name] is not None]
    if wanted.refused is not None:
        parts.append(sql.SQL("a.refused") if wanted.refused else sql.SQL("not a.refused"))
    query = sql.SQL(LIST).format(
        source=sql.SQL(OF_RECORD if wanted.record is not None else "hub.access"),
        wanted=sql.SQL(" and ").join(parts or [sql.SQL("true")]),
    )
    return rows(tx, AccessRow, query, asked)


def sum_up(tx: Transaction, bounds: Bounds) -> date:
    """Refresh the sums by day, from the last summed day on; gives that day. Takes a lock."""
    tx.execute(LOCK)
    ((first,),) = tx.execute(FIRST_DAY, (bounds.habit_days,)).fetchall()
    tx.execute(FORGET_DAYS, (first,))
    asked = {
        "opens": bounds.opens,
        "closes": bounds.closes,
        "projects": bounds.projects,
        "own": OWN_WORK,
    }
    tx.execute(SUM_UP, {"first": first, **asked})
    return cast("date", first)


def days(tx: Transaction, since: date) -> list[ReadingDay]:
    """Sums by account and day since then; commands on the hub's own machine are left out."""
    return rows(tx, ReadingDay, DAYS, (since,))


def habit(tx: Transaction, account: str, *, since: date, until: date) -> list[int]:
    """Records read by an account on each day of the period with any read."""
    return [int(row[0]) for row in tx.execute(HABIT, (account, since, until))]


def note(tx: Transaction, account: str, day: date, found: Sequence[Fault]) -> None:
    """Store anomalies of an account's day."""
    tx.execute(NOTE, (account, day, as_rows(found)))


def unusual(
    tx: Transaction, *, since: date, account: str | None = None, most: int = 200
) -> list[UnusualRow]:
    """Stored anomalies, the newest day first."""
    return rows(tx, UnusualRow, UNUSUAL, since=since, account=account, most=most)
