"""Keys that a source is asked for: which are due, what was said, how many were asked today."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from psycopg import sql
from psycopg.types.json import Jsonb

from hub.db import entity_tables
from hub.db.database import Transaction
from hub.db.rows import first_row, rows
from hub.domain.contracts import AskRules, Entity
from hub.domain.storable import as_kept
from hub.model import KeyAnswer

# New keys first, then the stalest; one that failed is due again at once, behind the new ones.
DUE = """
    select w.key, w.record_ids
      from (select g.{field} as key, (array_agg(g.record_id order by g.record_id))[1:20]
                   as record_ids
              from {golden} g
             where g.deleted_at is null and g.{field} <> '' {where} group by 1) w
      left join hub.asked a on a.flow = %(flow)s and a.key = w.key
     where a.key is null or a.state = 'failed'
        or a.asked_at < now() - %(again)s * interval '1 s'
     order by a.asked_at nulls first, w.key limit %(most)s
"""
WHERE = "and g.{name} = any({values})"
STORE = """
    insert into hub.asked as a (flow, key, state, cause, run_id)
    select %s, n.key, n.state, n.cause, %s
      from jsonb_to_recordset(%s) as n (key text, state text, cause jsonb)
    on conflict (flow, key) do update
       set state = excluded.state, cause = excluded.cause, asked_at = clock_timestamp(),
           times = a.times + 1, run_id = excluded.run_id
"""
ADD_BATCH = """
    insert into hub.asked_batch (run_id, batch_id, flow, asked, answered, absent, failed)
    values (%s, %s, %s, %s, %s, %s, %s)
"""
DAY = "select asked, spent from hub.asked_day where flow = %s and day = %s"
COUNT = """
    insert into hub.asked_day as d (flow, day, asked) values (%s, %s, %s)
    on conflict (flow, day) do update set asked = d.asked + excluded.asked
"""
SPENT = """
    insert into hub.asked_day (flow, day, spent) values (%s, %s, true)
    on conflict (flow, day) do update set spent = true
"""


@dataclass(frozen=True, slots=True)
class DueKey:
    """A key to ask for, and golden records that have it."""

    key: str
    record_ids: Sequence[int]


@dataclass(frozen=True, slots=True)
class AskedToday:
    """How many keys were asked for today, and whether the partner's quota is spent."""

    asked: int
    spent: bool


def due(tx: Transaction, flow: str, rules: AskRules, entity: Entity, *, most: int) -> list[DueKey]:
    """Keys that are to be asked for, in their order."""
    where = [
        sql.SQL(WHERE).format(name=sql.Identifier(name), values=sql.Literal(list(values)))
        for name, values in rules.where.items()
    ]
    query = sql.SQL(DUE).format(
        field=sql.Identifier(rules.field),
        golden=entity_tables.table("golden", entity),
        where=sql.SQL(" ").join(where),
    )
    return rows(tx, DueKey, query, flow=flow, again=rules.again_seconds, most=most)


def today(tx: Transaction, flow: str, day: date) -> AskedToday:
    """What was asked on a day."""
    return first_row(tx, AskedToday, DAY, (flow, day)) or AskedToday(0, spent=False)


def count(tx: Transaction, flow: str, day: date, keys: int) -> None:
    """Count keys that are about to be asked for."""
    tx.execute(COUNT, (flow, day, keys))


def spend(tx: Transaction, flow: str, day: date) -> None:
    """The partner has said that its quota of this day is spent."""
    tx.execute(SPENT, (flow, day))


def store(
    tx: Transaction, flow: str, answers: Sequence[KeyAnswer], *, run_id: int, batch_id: int
) -> None:
    """Keep what was said, with a batch that balances."""
    told = [
        {
            "key": one.key,
            "state": one.state,
            "cause": as_kept([one.fault])[0] if one.fault else None,
        }
        for one in answers
    ]
    tx.execute(STORE, (flow, run_id, Jsonb(told)))
    states = [one.state for one in answers]
    counts = [states.count(state) for state in ("answered", "absent", "failed")]
    tx.execute(ADD_BATCH, (run_id, batch_id, flow, len(answers), *counts))
