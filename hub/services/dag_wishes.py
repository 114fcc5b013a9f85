"""Paused or active DAGs are remembered here, and restored when Airflow's database has lost them."""

from collections.abc import Sequence
from dataclasses import replace

from hub.db import dag_wishes
from hub.db.dag_wishes import Switch
from hub.db.database import Database

__all__ = ["Switch", "settle"]


def settle(database: Database, seen: Sequence[Switch]) -> list[Switch]:
    """Compare Airflow's DAG switches with those remembered; give those to be set, and how.

    A DAG that Airflow has known since then was switched by a person: that is remembered. One that
    Airflow knows anew (its database was lost, or the DAG deleted there) gets its former switch
    back. One that is not remembered stays as it is.
    """
    with database.write() as tx:
        noted = dag_wishes.wishes(tx)
        wanted = [_wanted(one, noted.get(one.dag)) for one in seen]
        dag_wishes.note(tx, wanted)
    return [one for one, was in zip(wanted, seen, strict=True) if one.paused != was.paused]


def _wanted(seen: Switch, noted: Switch | None) -> Switch:
    if noted is None or noted.version == seen.version:
        return seen
    return replace(seen, paused=noted.paused)
