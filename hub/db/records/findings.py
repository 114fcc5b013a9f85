"""Findings on source records: remarks by rules that are no faults."""

from collections.abc import Sequence

from psycopg import sql
from psycopg.types.json import Jsonb

from hub.db import entity_tables
from hub.db.database import Transaction
from hub.domain.contracts import Entity
from hub.errors import Fault

# Cut, since pointers come from partners' field names and replacing is quadratic in length.
FINDINGS = """
    select s.flow, (array_agg(f order by s.source_key))[1], count(*), min(s.source_key)
      from (select flow, source_key, findings from {source}
             where flow = any(%(flows)s) and findings is not null
             union all
            select flow, key, findings from hub.head where flow = any(%(flows)s)
                and findings is not null) s,
           jsonb_array_elements(s.findings) f
     group by s.flow, f->>'code', regexp_replace(left(f->>'pointer', 500), '/[0-9]+(?=/|$)', '/*',
         'g')
     order by 1, 3 desc
"""


def current_findings(
    tx: Transaction, entity: Entity, flows: Sequence[str]
) -> list[tuple[str, Fault, int, str]]:
    """(flow, example, count, its key) per finding on current records of these flows."""
    query = sql.SQL(FINDINGS).format(source=entity_tables.table("source", entity))
    rows = tx.execute(query, {"flows": list(flows)}).fetchall()
    return [
        (flow, Fault(**example), count, source_key) for flow, example, count, source_key in rows
    ]


def kept_findings(found: Sequence[Fault]) -> Jsonb | None:
    """Findings as stored, None without any."""
    said = [{"pointer": one.pointer, "code": one.code, "facts": one.facts} for one in found]
    return Jsonb(said) if found else None
