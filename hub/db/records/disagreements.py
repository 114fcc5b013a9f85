"""Disagreements: systems with authority over a field that assert different values."""

from collections.abc import Mapping, Sequence

from hub.db.database import Transaction, as_rows
from hub.model import Json, Value

DISAGREEMENTS = (
    "select record_id, field, claims from hub.disagreement where record_id = any(%s) and "
    "closed_at is null"
)
PUT_DISAGREEMENTS = """
    with n as materialized (
        select * from json_to_recordset(%(found)s)
                   as n (record_id bigint, field text, claims jsonb)
    ), closed as (
        update hub.disagreement d set closed_at = now()
         where d.record_id = any(%(records)b::bigint[]) and d.closed_at is null
           and not exists (select from n where n.record_id = d.record_id and n.field = d.field))
    insert into hub.disagreement (record_id, field, claims)
    select n.record_id, n.field, n.claims from n
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
        {
            "record_id": record,
            "field": field,
            "claims": [{"system": whose, "value": value} for whose, value in said],
        }
        for record, fields in found.items()
        for field, said in fields.items()
    ]
    tx.execute(PUT_DISAGREEMENTS, {"records": list(record_ids), "found": as_rows(rows)})
