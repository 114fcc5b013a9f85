"""Manual decisions in force: the current payloads of the source `steward`."""

from psycopg import sql

from hub.db import entity_tables
from hub.db.database import Transaction
from hub.domain.contracts import Entity

STANDING = """
    select s.record_id, s.source_key, l.payload from {source} s join hub.landing l
        on l.id = s.landing_id
     where s.flow = %(flow)s and (%(record)s::bigint is null or s.record_id = %(record)s)
     order by hub.event_order(l.id) desc
"""


def standing(
    tx: Transaction, entity: Entity, flow: str, record_id: int | None = None
) -> list[tuple[int, str, bytes | None]]:
    """(record id, key, payload) of an entity's decisions, newest first; None: erased."""
    query = sql.SQL(STANDING).format(source=entity_tables.table("source", entity))
    return tx.execute(query, {"flow": flow, "record": record_id}).fetchall()
