"""Hits and cells of indicators: built whole, and adjusted by the difference that projects make."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import sql
from psycopg.types.json import Jsonb

from hub.db.database import Transaction
from hub.db.facts.judging import BINNED, statement
from hub.db.rows import first_row, rows
from hub.domain.indicators import Indicator
from hub.model import Json

TABLES = """
    create temp table if not exists made_judged (
        indicator text, version text, kind text, subject text, record_id bigint, project_code text,
        at timestamptz, period date, unit text, county text, code text, flow_kind text, state text,
        detail text, value numeric, level text, bound numeric, counted boolean, responsible text,
        evidence jsonb, batch_id bigint) on commit delete rows;
    create temp table if not exists made_cell (like fact.cell) on commit delete rows
"""
CLEAR = "truncate made_judged"
CLEAR_CELLS = "truncate made_cell"
WHEN = """
    select c.zone, (select p.w from fact.placed(c.version, %(now)s) p) as w
      from hub.calendar c where c.version = %(calendar)s
"""
# tells, detail, what is summed: one row of these for each thing that a judged row says.
CELLS = """
    insert into made_cell
    select j.indicator, j.period, j.unit, j.county, j.code, j.flow_kind, t.tells, t.detail,
           %(sign)s::bigint * count(*), %(sign)s::bigint * coalesce(sum(t.total), 0)
      from made_judged j
     cross join lateral (
         values (j.state, j.detail, j.value, true),
                ('counted', '', j.value, j.counted),
                ('level', j.level, j.value, j.level is not null),
                ('bin', floor(least(greatest(j.value, 0), 100) * 10)::text, 0,
                 j.state = 'judged' and j.indicator = any(%(binned)s)))
          t (tells, detail, total, said)
     where t.said
     group by 1, 2, 3, 4, 5, 6, 7, 8
"""
SET_CELLS = "delete from fact.cell"
ADJUST = """
    insert into fact.cell as c
    select indicator, period, unit, county, code, flow_kind, tells, detail, sum(n), sum(total)
      from made_cell group by 1, 2, 3, 4, 5, 6, 7, 8
    having sum(n) <> 0 or sum(total) <> 0
        on conflict (indicator, period, unit, county, code, flow_kind, tells, detail)
        do update set n = c.n + excluded.n, total = c.total + excluded.total
"""
SWEEP = "delete from fact.cell where n = 0"
# What was found and is no longer so keeps its row, with the moment at which it was cleared.
CLEARED = """
    update fact.hit h set cleared_at = %(now)s, to_batch = %(batch)s
     where h.cleared_at is null and {whose}
       and not exists (select from made_judged j
                        where j.level is not null and j.indicator = h.indicator
                          and j.subject = h.subject)
"""
FOUND = """
    insert into fact.hit as h (indicator, version, subject, kind, record_id, project_code, level,
        value, bound, at, period, unit, county, code, flow_kind, responsible, evidence, from_batch,
        found_at)
    select j.indicator, j.version, j.subject, j.kind, j.record_id, j.project_code, j.level, j.value,
           j.bound, j.at, j.period, nullif(j.unit, ''), j.county, j.code, j.flow_kind,
           j.responsible, j.evidence, %(batch)s, %(now)s
      from made_judged j where j.level is not null
        on conflict (indicator, subject) where cleared_at is null
        do update set version = excluded.version, record_id = excluded.record_id,
            project_code = excluded.project_code, level = excluded.level, value = excluded.value,
            bound = excluded.bound, at = excluded.at, period = excluded.period,
            unit = excluded.unit, county = excluded.county, code = excluded.code,
            flow_kind = excluded.flow_kind, responsible = excluded.responsible,
            evidence = excluded.evidence
      where (h.version, h.level, h.value, h.bound, h.at, h.unit, h.county, h.code, h.flow_kind,
             h.evidence)
            is distinct from
            (excluded.version, excluded.level, excluded.value, excluded.bound, excluded.at,
             excluded.unit, excluded.county, excluded.code, excluded.flow_kind, excluded.evidence)
"""
STATE = "select rules, said, at, batch_high from fact.judgement"
SET_STATE = """
    update fact.judgement set rules = %(rules)s, said = %(said)s, at = %(now)s,
        batch_high = %(batch)s
"""
BATCH = "select coalesce(max(id), 0) from hub.batch"
FIGURES = """
    select indicator, {by} as part, tells, detail, sum(n)::bigint as n, sum(total)::float8 as total
      from {cells}
     where indicator = %(indicator)s and period between %(since)s and %(until)s
       and (%(county)s = '' or starts_with(county, %(county)s))
       and (%(unit)s::text is null or unit = %(unit)s)
       and (%(counties)s::text[] is null or exists (
            select from unnest(%(counties)s::text[]) n where starts_with(county, n)))
     group by 1, 2, 3, 4 order by 1, 2, 3, 4
"""
FOUND_OF = """
    select subject from {judged}
     where {stands} and indicator = %(indicator)s
       and period between %(since)s and %(until)s
       and (%(counties)s::text[] is null or exists (
            select from unnest(%(counties)s::text[]) n where starts_with(county, n)))
"""
DIFFERING = """
    select indicator, period, unit, county, code, flow_kind, tells, detail
      from (select * from fact.cell
             union all
            select indicator, period, unit, county, code, flow_kind, tells, detail, -sum(n),
                   -sum(total)
              from made_cell group by 1, 2, 3, 4, 5, 6, 7, 8) d
     group by 1, 2, 3, 4, 5, 6, 7, 8 having sum(n) <> 0 or sum(total) <> 0 order by 1, 2, 3, 4
"""
WRONG_HITS = """
    select coalesce(h.indicator, j.indicator), coalesce(h.subject, j.subject)
      from (select * from fact.hit where cleared_at is null and indicator = %(indicator)s) h
      full join (select * from made_judged where level is not null) j
             on j.indicator = h.indicator and j.subject = h.subject
     where (h.version, h.level, h.value, h.bound, h.at, h.evidence, h.unit, h.record_id,
            h.project_code, h.kind, h.period, h.county, h.code, h.flow_kind, h.responsible)
           is distinct from
           (j.version, j.level, j.value, j.bound, j.at, j.evidence, nullif(j.unit, ''), j.record_id,
            j.project_code, j.kind, j.period, j.county, j.code, j.flow_kind, j.responsible)
"""


@dataclass(frozen=True, slots=True)
class Judgement:
    """By which indicators hits and cells stand (hash; None: none yet), and as at which moment."""

    rules: str | None
    said: dict[str, Json] | None
    at: datetime | None
    batch_high: int


@dataclass(frozen=True, slots=True)
class CellSum:
    """A part of a figure: `tells` and `detail` of how many, and the sum of their values."""

    indicator: str
    part: str
    tells: str
    detail: str
    n: int
    total: float


def state(tx: Transaction) -> Judgement:
    """By what hits and cells stand."""
    return first_row(tx, Judgement, STATE) or Judgement(None, None, None, 0)


def moment(tx: Transaction, calendar: str, now: datetime) -> dict[str, object]:
    """The parameters that every statement is handed: the moment, its place on the axis, and that
    nothing is withheld.
    """
    asked: dict[str, object] = {"now": now, "calendar": calendar}
    row = tx.execute(WHEN, asked).fetchone()
    zone, w = row or ("UTC", 0)
    return {**asked, "zone": zone, "w": w, "late": [], "held": []}


def judge(
    tx: Transaction,
    several: Iterable[Indicator],
    asked: Mapping[str, object],
    codes: Sequence[str] | None,
) -> None:
    """Fill `made_judged` by these indicators, for these projects or for all."""
    tx.execute(TABLES)
    tx.execute(CLEAR)
    known = list(several)
    for one in known:
        rivals = [other for other in known if other.id == one.id]
        composed, own = statement(one, rivals, some=codes is not None)
        parameters = {**asked, **own} | ({"codes": list(codes)} if codes is not None else {})
        tx.execute(composed, parameters)


def count(tx: Transaction, several: Iterable[Indicator], *, sign: int) -> None:
    """Add what `made_judged` says to `made_cell`, or take it away."""
    binned = [one.id for one in several if one.measure in BINNED]
    tx.execute(CELLS, {"sign": sign, "binned": binned})


def clear_cells(tx: Transaction) -> None:
    """Nothing is in `made_cell`."""
    tx.execute(TABLES)
    tx.execute(CLEAR_CELLS)


def adjust(tx: Transaction) -> None:
    """Adjust the stored cells by `made_cell`."""
    tx.execute(ADJUST)
    tx.execute(SWEEP)


def drop_cells(tx: Transaction) -> None:
    """Forget every cell: they are built anew."""
    tx.execute(SET_CELLS)


def keep_hits(
    tx: Transaction,
    *,
    now: datetime,
    codes: Sequence[str] | None = None,
    indicators: Sequence[str] | None = None,
) -> None:
    """Bring stored hits, of these projects or of these indicators, to what `made_judged` says."""
    (batch,) = tx.execute(BATCH).fetchone() or (0,)
    asked: dict[str, object] = {"now": now, "batch": batch}
    parts: list[sql.Composable] = []
    if codes is not None:
        parts.append(sql.SQL("h.project_code = any(%(codes)s)"))
        asked["codes"] = list(codes)
    if indicators is not None:
        parts.append(sql.SQL("h.indicator = any(%(indicators)s)"))
        asked["indicators"] = list(indicators)
    whose = sql.SQL(" and ").join(parts or [sql.SQL("true")])
    tx.execute(sql.SQL(CLEARED).format(whose=whose), asked)
    tx.execute(FOUND, asked)


def clear_others(tx: Transaction, indicators: Sequence[str], *, now: datetime) -> None:
    """Clear the hits of indicators that are no longer among these."""
    (batch,) = tx.execute(BATCH).fetchone() or (0,)
    tx.execute(
        "update fact.hit set cleared_at = %s, to_batch = %s"
        " where cleared_at is null and indicator <> all(%s)",
        (now, batch, list(indicators)),
    )


def set_state(tx: Transaction, rules: str, said: Mapping[str, Json], *, now: datetime) -> None:
    """Hits and cells stand by these rules, as at this moment."""
    (batch,) = tx.execute(BATCH).fetchone() or (0,)
    tx.execute(SET_STATE, {"rules": rules, "said": Jsonb(dict(said)), "now": now, "batch": batch})


def figures(
    tx: Transaction, by: str, asked: Mapping[str, object], *, made: bool = False
) -> list[CellSum]:
    """Sums of an indicator's cells, by one of their columns (none: of all together).

    made: of `made_cell`, else of what is stored.
    """
    column = sql.SQL("{}::text").format(sql.Identifier(by)) if by else sql.SQL("''")
    cells = sql.Identifier("made_cell") if made else sql.Identifier("fact", "cell")
    return rows(tx, CellSum, sql.SQL(FIGURES).format(by=column, cells=cells), dict(asked))


def subjects(tx: Transaction, asked: Mapping[str, object], *, made: bool) -> set[str]:
    """The subjects of an indicator's hits: of `made_judged`, else of those that stand."""
    judged = sql.Identifier("made_judged") if made else sql.Identifier("fact", "hit")
    stands = sql.SQL("level is not null" if made else "cleared_at is null")
    query = sql.SQL(FOUND_OF).format(judged=judged, stands=stands)
    return {row[0] for row in tx.execute(query, dict(asked))}


def plan(tx: Transaction, composed: sql.Composed, asked: Mapping[str, object]) -> list[str]:
    """How PostgreSQL would run a statement that fills `made_judged`."""
    tx.execute(TABLES)
    told = tx.execute(sql.SQL("explain {}").format(composed), dict(asked))
    return [str(row[0]) for row in told]


def wrong_hits(tx: Transaction, indicator: str) -> list[tuple[str, str]]:
    """(indicator, subject) of stored hits that differ from what `made_judged` says."""
    return [(row[0], row[1]) for row in tx.execute(WRONG_HITS, {"indicator": indicator})]


def wrong_cells(tx: Transaction) -> list[tuple[object, ...]]:
    """Keys of stored cells that differ from the sums of `made_cell`."""
    return [tuple(row) for row in tx.execute(DIFFERING)]
