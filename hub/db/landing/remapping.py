"""Remapping: landings under another contract than today's, and the last rules of settling."""

from collections.abc import Sequence

from psycopg import sql

from hub.db import entity_tables
from hub.db.database import Transaction
from hub.db.landing import Place
from hub.domain.contracts import PullFlow

# Erased payloads cannot be remapped: their records stay. Parts are remapped with their whole.
OF_HEADS = """
      from hub.head h join hub.landing l on l.id = h.landing_id
     where h.flow = %(flow)s and h.contract_id <> %(contract)s and l.payload is not null
         and h.whole is null
"""
COUNT = "select count(*)" + OF_HEADS
HEADS = (
    "select h.key, h.landing_id" + OF_HEADS + " and h.key > %(after)s order by h.key limit %(most)s"
)
# The good version before a head that could not be applied.
STANDING = """
    select s.source_key, s.landing_id
      from {source} s join hub.head h on h.flow = s.flow and h.key = s.source_key
          and h.landing_id <> s.landing_id
      join hub.landing l on l.id = s.landing_id
     where s.flow = %(flow)s and s.contract_id <> %(contract)s and l.payload is not null
         and s.source_key > %(after)s
     order by s.source_key limit %(most)s
"""
ADOPTED = "select contract from hub.flow where name = %s"


def count(tx: Transaction, flow: PullFlow, contract: int) -> int:
    """Number of heads of a flow under another contract."""
    row = tx.execute(COUNT, {"flow": flow.name, "contract": contract}).fetchone()
    return int(row[0]) if row else 0


def heads(
    tx: Transaction, flow: PullFlow, contract: int, *, after: str, most: int
) -> Sequence[Place]:
    """The next heads under another contract, by source key."""
    return tx.execute(HEADS, _bound(flow, contract, after, most)).fetchall()


def standing(
    tx: Transaction, flow: PullFlow, contract: int, *, after: str, most: int
) -> Sequence[Place]:
    """The next source records under another contract whose head is quarantined or waiting."""
    query = sql.SQL(STANDING).format(source=entity_tables.table("source", flow.entity))
    return tx.execute(query, _bound(flow, contract, after, most)).fetchall()


def adopted(tx: Transaction, name: str) -> str | None:
    """The contract last stored under this name by `runs.adopt`."""
    row = tx.execute(ADOPTED, (name,)).fetchone()
    return row[0] if row else None


def _bound(flow: PullFlow, contract: int, after: str, most: int) -> dict[str, object]:
    return {"flow": flow.name, "contract": contract, "after": after, "most": most}
