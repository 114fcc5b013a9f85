"""What people have decided about records: the payloads of the source `steward` that stand."""

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
    """Record, key and payload (None: erased) of what is decided about an entity's records, the
    newest first.
    """
    query = sql.SQL(STANDING).format(source=entity_tables.table("source", entity))
    return tx.execute(query, {"flow": flow, "record": record_id}).fetchall()
