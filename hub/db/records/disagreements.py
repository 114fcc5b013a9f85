"""Disagreements: systems with authority over a field that assert different values."""

from collections.abc import Mapping, Sequence

from hub.db.database import Transaction, as_rows
from hub.model import Json, Value

DISAGREEMENTS = (
    "select record_id, field, claims from hub.disagreement where record_id = any(%s) and "
    "closed_at is null"
)
CLOSE_DISAGREEMENTS = """
    update hub.disagreement d set closed_at = now()
     where d.record_id = any(%s) and d.closed_at is null
       and not exists (select from unnest(%b::bigint[], %b::text[]) as n (record_id, field)
                        where n.record_id = d.record_id and n.field = d.field)
"""
SET_DISAGREEMENTS = """
    insert into hub.disagreement (record_id, field, claims)
    select n.record_id, n.field, n.claims
      from json_to_recordset(%s) as n (record_id bigint, field text, claims jsonb)
    on conflict (record_id, field) do update
       set claims = excluded.claims, closed_at = null,
           since = case when hub.disagreement.closed_at is null then hub.disagreement.since
               else now() end
     where hub.disagreement.claims <> excluded.claims or hub.disagreement.closed_at is not null
"""


def open_disagreements(tx: Transaction, ids: Sequence[int]) -> dict[tuple[int, str], Json]:
    """(record, field) -> claims, of the open disagreements on these records."""
    return {
        (record, field): claims for record, field, claims in tx.execute(DISAGREEMENTS, (list(ids),))
    }


def put_disagreements(
    tx: Transaction,
    record_ids: Sequence[int],
    found: Mapping[int, Mapping[str, Sequence[tuple[str, Value]]]],
) -> None:
    """Open, renew or close the disagreements on these records."""
    rows = [
        (record, field, said) for record, fields in found.items() for field, said in fields.items()
    ]
    ids, names = [row[0] for row in rows], [row[1] for row in rows]
    tx.execute(CLOSE_DISAGREEMENTS, (list(record_ids), ids, names))
    if rows:
        opened = [
            {
                "record_id": record,
                "field": field,
                "claims": [{"system": whose, "value": value} for whose, value in said],
            }
            for record, field, said in rows
        ]
        tx.execute(SET_DISAGREEMENTS, (as_rows(opened),))
