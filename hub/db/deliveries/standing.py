"""Current state of deliveries, by record and in groups by reason, as of the last push."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import sql

from hub.db import entity_tables
from hub.db.database import Transaction
from hub.db.rows import rows
from hub.domain.contracts import Entity
from hub.domain.delivery_states import IN_FLIGHT
from hub.model import Json, Value

# What is dirty is decided anew, whatever was decided before, unless an attempt is under way.
STATE = "case when d.dirty and d.state <> all(%(in_flight)s) then 'due' else d.state end"
ROWS = f"""
    select d.flow, d.record_id, {STATE} as state, d.attempt, d.due, d.held_until, d.action,
        d.golden_version,
           d.confirmed_at, coalesce(d.reference, '') as reference, d.note,
           d.held_body is distinct from d.confirmed_body as echoed
      from hub.delivery d where d.record_id = any(%(records)s) order by d.record_id, d.flow
"""  # noqa: S608 -- made of this module's own constants
# echoed: the target is known to hold something that we never gave it. codeless: blocked for want of
# a project code.
GROUPS = f"""
    select s.state, case when s.state = 'confirmed' then d.action end as action,
           case when s.state = 'withheld' or (s.state in ('rejected', 'dead')
                          and d.note->>'code' not in ('delivery.rejected', 'delivery.dead'))
                     or d.note->>'code' = 'delivery.uncertain'
                then d.note->>'code' end as code,
           case when s.state = 'withheld' then d.note->'facts'->>'field' end as field,
           s.state = 'unchanged' and d.held_body is distinct from d.confirmed_body as echoed,
           coalesce(s.state = 'blocked' and d.note->'facts'->>'parent' like '%% ', false)
               as codeless,
           case when s.state = 'rejected' then d.note->'facts'->>'code' end as said,
           count(*) as records, min(d.record_id) as example
      from hub.delivery d cross join lateral (select {STATE} as state) s
     where d.flow = %(flow)s
     group by 1, 2, 3, 4, 5, 6, 7 order by records desc, 1, 3, 4
"""  # noqa: S608 -- likewise
# Materialized, so that each golden record is looked up by its id and no table is read as a whole.
VALUES = """
    with withheld as materialized (
        select d.record_id from hub.delivery d
         where d.flow = %(flow)s and d.state = 'withheld' and not d.dirty
             and d.note->>'code' = %(code)s
           and d.note->'facts'->>'field' = %(field)s)
    select to_jsonb({column})::text, count(*) from withheld w join {table} g
        on g.record_id = w.record_id {project}
     group by 1 order by 2 desc, 1 limit %(most)s
"""
PROJECT = "left join golden.project p on p.project_code = g.project_code and p.deleted_at is null"
FLOWS = "select distinct flow from hub.delivery"
PARENTS = """
    select g.project_code, d.record_id from golden.project g join hub.delivery d
        on d.record_id = g.record_id
     where d.flow = %s and g.project_code = any(%s)
"""


@dataclass(frozen=True, slots=True)
class StandingRow:
    """State of one record's delivery to one target. note: the fault of the last decision."""

    flow: str
    record_id: int
    state: str
    attempt: int
    due: datetime
    held_until: datetime | None
    action: str | None
    golden_version: int | None
    confirmed_at: datetime | None
    reference: str
    note: dict[str, Json] | None
    echoed: bool


@dataclass(frozen=True, slots=True)
class GroupRow:
    """Deliveries of a flow in one state for one reason. said: the partner's code, if refused."""

    state: str
    action: str | None
    code: str | None
    field: str | None
    echoed: bool
    codeless: bool
    said: str | None
    records: int
    example: int


def of_records(tx: Transaction, record_ids: Iterable[int]) -> list[StandingRow]:
    """Deliveries of these records to every target."""
    return rows(tx, StandingRow, ROWS, records=list(record_ids), in_flight=IN_FLIGHT)


def groups(tx: Transaction, flow: str) -> list[GroupRow]:
    """A flow's deliveries grouped by state and reason, the largest group first."""
    return rows(tx, GroupRow, GROUPS, flow=flow, in_flight=IN_FLIGHT)


def values(
    tx: Transaction, flow: str, group: GroupRow, *, entity: Entity, path: Sequence[str], most: int
) -> list[tuple[Value, int]]:
    """Today's values in the field that withheld a group of records, with counts, commonest first.

    path: (field,) of the record itself, or ("project", field).
    """
    of_project = len(path) > 1
    query = sql.SQL(VALUES).format(
        column=sql.Identifier("p" if of_project else "g", path[-1]),
        table=entity_tables.table("golden", entity),
        project=sql.SQL(PROJECT if of_project else ""),
    )
    asked = {"flow": flow, "code": group.code, "field": group.field, "most": most}
    found = tx.execute(query, asked).fetchall()
    return [
        (None if said is None else json.loads(said, parse_float=str), count)
        for said, count in found
    ]


def flows(tx: Transaction) -> set[str]:
    """Every flow that has deliveries, also without contract files."""
    return {row[0] for row in tx.execute(FLOWS).fetchall()}


def parents(tx: Transaction, parent_flow: str, project_codes: Iterable[str]) -> dict[str, int]:
    """Project code -> record id, where this flow has a delivery of the project."""
    return dict(tx.execute(PARENTS, (parent_flow, list(project_codes))).fetchall())
