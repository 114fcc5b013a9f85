"""Reads for a dry run of a changed mapping: heads, records, open causes, deliveries."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from psycopg import sql

from hub.db import entity_tables
from hub.db.database import Transaction
from hub.db.deliveries.outbox import MARK_COLUMNS, Mark
from hub.db.landing import Place
from hub.db.rows import rows
from hub.domain.contracts import Entity, PullFlow

OF_FLOW = """
      from hub.head h join hub.landing l on l.id = h.landing_id
     where h.flow = %(flow)s and l.payload is not null and h.whole is null
"""
COUNT = "select count(*)" + OF_FLOW
HEADS = (
    "select h.key, h.landing_id" + OF_FLOW + " and h.key > %(after)s order by h.key limit %(most)s"
)
# Payload hashes are keyed: their order says nothing of the content, so the first ones are a fair
# sample.
SAMPLE = "select h.key, h.landing_id" + OF_FLOW + " order by h.hash limit %(most)s"
RECORDS = "select source_key, record_id from {source} where flow = %s and source_key = any(%s)"
HEADERS = "select key, id from hub.record where entity = %s and key = any(%s)"
OPEN_CAUSES = """
    select key, cause from hub.quarantine
     where flow = %s and key = any(%s) and stage = 'intake' and state = 'open'
"""
MARKS = f"""
    select {MARK_COLUMNS} from hub.delivery d join hub.record r on r.id = d.record_id
     where d.flow = %s and d.record_id = any(%s)
"""  # noqa: S608 -- made of constants


def count(tx: Transaction, flow: str) -> int:
    """Number of source keys of a flow that have a payload."""
    row = tx.execute(COUNT, {"flow": flow}).fetchone()
    return int(row[0]) if row else 0


def count_records(tx: Transaction, entity: str) -> int:
    """Number of an entity's records."""
    row = tx.execute("select count(*) from hub.record where entity = %s", (entity,)).fetchone()
    return int(row[0]) if row else 0


def heads(tx: Transaction, flow: str, *, after: str, most: int) -> Sequence[Place]:
    """The next heads of a flow, by source key."""
    return tx.execute(HEADS, {"flow": flow, "after": after, "most": most}).fetchall()


def sample(tx: Transaction, flow: str, *, most: int) -> Sequence[Place]:
    """A stable sample of a flow's heads."""
    return tx.execute(SAMPLE, {"flow": flow, "most": most}).fetchall()


def stored(tx: Transaction, entity: Entity) -> Entity:
    """The entity with only those fields that have columns."""
    known = entity_tables.ordinals(tx, entity)
    return replace(
        entity, fields={name: field for name, field in entity.fields.items() if name in known}
    )


def records_of(tx: Transaction, flow: PullFlow, keys: Iterable[str]) -> dict[str, int]:
    """Source key -> record id."""
    query = sql.SQL(RECORDS).format(source=entity_tables.table("source", flow.entity))
    return dict(tx.execute(query, (flow.name, sorted(keys))).fetchall())


def headers(tx: Transaction, entity: str, keys: Iterable[str]) -> dict[str, int]:
    """Record key -> id, for known records."""
    return dict(tx.execute(HEADERS, (entity, sorted(keys))).fetchall())


def open_causes(tx: Transaction, flow: str, keys: Iterable[str]) -> dict[str, str]:
    """Source key -> cause of its open quarantine entry."""
    return dict(tx.execute(OPEN_CAUSES, (flow, sorted(keys))).fetchall())


def marks(tx: Transaction, flow: str, record_ids: Sequence[int]) -> list[Mark]:
    """Delivery state of these records; those without a delivery count as due."""
    known = {mark.record_id: mark for mark in rows(tx, Mark, MARKS, (flow, list(record_ids)))}
    return [known.get(record) or _first(record) for record in record_ids]


def _first(record: int) -> Mark:
    return Mark(
        record,
        natural_key="",
        dirty=True,
        state="due",
        attempt=0,
        serial=0,
        key=None,
        action=None,
        body=None,
        golden_version=None,
        confirmed_key=None,
        confirmed_body=None,
        held_body=None,
    )
