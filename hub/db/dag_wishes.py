"""Airflow DAGs: which of them people want paused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hub.db.database import Transaction, as_rows

WISHES = "select dag, paused, version from hub.dag_wish order by dag"
NOTE = """
    insert into hub.dag_wish (dag, paused, version)
    select dag, paused, version from json_to_recordset(%s) as n (dag text, paused boolean,
        version text)
    on conflict (dag) do update set paused = excluded.paused, version = excluded.version,
        noted_at = now()
     where (hub.dag_wish.paused, hub.dag_wish.version) is distinct from (excluded.paused,
         excluded.version)
"""


@dataclass(frozen=True, slots=True)
class Switch:
    """A DAG: whether it is paused, and its first version known to Airflow's database."""

    dag: str
    paused: bool
    version: str


def wishes(tx: Transaction) -> Mapping[str, Switch]:
    """Stored switches, by DAG."""
    return {dag: Switch(dag, paused, version) for dag, paused, version in tx.execute(WISHES)}


def note(tx: Transaction, switches: Sequence[Switch]) -> None:
    """Store these switches, replacing earlier ones of the same DAGs."""
    if switches:
        tx.execute(NOTE, (as_rows(switches),))
