"""Hits as the acts of people leave them: told, answered, decided."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Literal

from psycopg import sql
from pydantic import JsonValue

from hub.db.database import Transaction
from hub.db.rows import rows

HitState = Literal[
    "suspected",
    "told",
    "explained",
    "disputed",
    "confirmed",
    "accepted",
    "revoked",
    "corrected",
]
HitActKind = Literal["told", "explained", "disputed", "confirmed", "accepted", "revoked"]
LAST = 9_223_372_036_854_775_807

# A hit that went away and was told to nobody is not told of.
STATED = """
      from fact.hit h
      left join lateral (
          select a.kind, a.at as last_at, a.due_at, a.seen->>'level' as told_level
            from fact.hit_acts(h) a order by a.id desc limit 1) l on true
     cross join lateral (
         select case when h.cleared_at is not null then 'corrected'
                     else coalesce(l.kind, 'suspected') end as state,
                coalesce((%(counting)s::jsonb -> h.indicator) @> to_jsonb(h.level), false)
                    as counts) s
     where (h.cleared_at is null or l.kind is not null)
       and (%(id)s::bigint is null or h.id = %(id)s)
       and h.period between %(since)s and %(until)s
       and (%(indicator)s = '' or h.indicator = %(indicator)s)
       and starts_with(h.county, %(county)s)
       and (%(unit)s = '' or h.unit = %(unit)s)
       and (%(state)s = '' or s.state = %(state)s)
"""
HITS = """
    select h.id, h.indicator, h.version, h.subject, h.kind as of, h.record_id, h.project_code,
           h.level, h.value::float8, h.bound::float8, h.at, h.period, h.unit, h.county,
           h.evidence, h.found_at, h.cleared_at, s.state, s.counts, l.kind as last_act, l.last_at,
           l.due_at, l.told_level {stated}
       and h.id < %(before)s
     order by h.id desc limit %(most)s
"""
COUNTS = """
    select coalesce({by}::text, '') as part,
           count(*) filter (where s.state = 'suspected') as suspected,
           count(*) filter (where s.state = 'told') as told,
           count(*) filter (where s.state in ('explained', 'disputed')) as answered,
           count(*) filter (where s.state = 'confirmed' and s.counts) as confirmed,
           count(*) filter (where s.state = 'accepted') as accepted,
           count(*) filter (where s.state = 'revoked') as revoked,
           count(*) filter (where s.state = 'corrected') as corrected {stated}
     group by 1 order by confirmed desc, 1
"""
ACTS = """
    select a.id, a.kind, a.by_account, a.at, a.reason, a.text, a.due_at, a.dispute_id,
           a.seen->>'level' as level, (a.seen->>'value')::float8 as value
      from fact.hit h cross join lateral fact.hit_acts(h) a
     where h.id = %s order by a.id
"""
ACT = """
    insert into hub.hit_act (indicator, subject, kind, unit, names, region, project_code,
        by_account, at, reason, text, due_at, dispute_id, seen)
    select h.indicator, h.subject, %(kind)s, h.unit, %(names)s, h.county, h.project_code, %(by)s,
           %(at)s, %(reason)s, %(text)s, %(due_at)s, %(dispute)s,
           jsonb_build_object('version', h.version, 'level', h.level, 'value', h.value,
                              'bound', h.bound, 'period', h.period, 'evidence', h.evidence)
      from fact.hit h where h.id = %(id)s
"""
HOLD = "select from fact.hit where id = %s and cleared_at is null for update"
NEWEST = "select id from fact.hit where indicator = %s and subject = %s order by id desc limit 1"
RECORD = "select entity, key from hub.record where id = %s"
DISPUTED = """
    select exists (select from hub.dispute d
                    where d.record_id = %s and d.state in ('open', 'accepted'))
"""


@dataclass(frozen=True, slots=True)
class StatedHit:
    """A hit with the state in which the acts of people leave it.

    counts: whether its level counts at all (a milder one is only on the list). state: corrected
    where the data changed after it was told; last_act then says how far it had come. told_level:
    at which level its last act was.
    """

    id: int
    indicator: str
    version: str
    subject: str
    of: str
    record_id: int | None
    project_code: str
    level: str
    value: float | None
    bound: float
    at: datetime | None
    period: date
    unit: str | None
    county: str
    evidence: dict[str, JsonValue]
    found_at: datetime
    cleared_at: datetime | None
    state: HitState
    counts: bool
    last_act: HitActKind | None
    last_at: datetime | None
    due_at: datetime | None
    told_level: str | None


@dataclass(frozen=True, slots=True)
class HitAct:
    """One act: who, when, what. level, value: of the hit as it stood then."""

    id: int
    kind: HitActKind
    by_account: str
    at: datetime
    reason: str
    text: str
    due_at: datetime
    dispute_id: int | None
    level: str
    value: float | None


@dataclass(frozen=True, slots=True)
class HitSaid:
    """An act to be kept. due_at: by when the unit may answer. dispute: what it has opened."""

    kind: HitActKind
    by: str
    at: datetime
    text: str
    due_at: datetime
    reason: str = ""
    dispute: int | None = None


@dataclass(frozen=True, slots=True)
class HitCounts:
    """How many hits of a part stand in which state; only confirmed ones count as figures.

    answered: explained or disputed, not decided yet. corrected: gone with the data that changed.
    """

    part: str
    suspected: int
    told: int
    answered: int
    confirmed: int
    accepted: int
    revoked: int
    corrected: int


def hits(tx: Transaction, asked: Mapping[str, object]) -> list[StatedHit]:
    """Hits, newest first; on a confined connection those of its reader."""
    query = sql.SQL(HITS).format(stated=sql.SQL(STATED))
    return rows(tx, StatedHit, query, dict(asked))


def counts(tx: Transaction, by: str, asked: Mapping[str, object]) -> list[HitCounts]:
    """How many are in which state, by unit, county, indicator or period."""
    query = sql.SQL(COUNTS).format(stated=sql.SQL(STATED), by=sql.Identifier("h", by))
    return rows(tx, HitCounts, query, dict(asked))


def acts(tx: Transaction, hit_id: int) -> list[HitAct]:
    """The acts of a hit, in their order."""
    return rows(tx, HitAct, ACTS, (hit_id,))


def record(tx: Transaction, record_id: int) -> tuple[str, str] | None:
    """Entity and key of a record; None where there is none."""
    row = tx.execute(RECORD, (record_id,)).fetchone()
    return (str(row[0]), str(row[1])) if row else None


def hold(tx: Transaction, hit_id: int) -> None:
    """Nobody else acts on this hit, and it does not go away, before this transaction ends."""
    tx.execute(HOLD, (hit_id,))


def disputed(tx: Transaction, record_id: int) -> bool:
    """Whether a value of this record is disputed and not settled yet."""
    row = tx.execute(DISPUTED, (record_id,)).fetchone()
    return bool(row and row[0])


def act(tx: Transaction, hit_id: int, said: HitSaid, *, names: tuple[str, ...]) -> None:
    """Add an act to a hit, with the hit as it stands. names: of the unit that may see it."""
    tx.execute(ACT, {**asdict(said), "id": hit_id, "names": list(names)})


def newest(tx: Transaction, indicator: str, subject: str) -> int | None:
    """The last hit of an indicator and a subject that the reader may see; None: there is none."""
    row = tx.execute(NEWEST, (indicator, subject)).fetchone()
    return int(row[0]) if row else None
