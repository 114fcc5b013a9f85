"""Keeps in the hub's database which DAGs people have paused, and puts that back where Airflow's own
was lost.

The hub notes it at each run of upkeep (hub/services/dag_wishes.py): what somebody has switched in
the last two minutes before a loss comes back as it was before.
"""

from typing import TYPE_CHECKING, Protocol

from airflow.listeners import hookimpl
from airflow.models.dag import DagModel
from airflow.models.dag_version import DagVersion
from airflow.plugins_manager import AirflowPlugin
from airflow.utils.session import create_session
from sqlalchemy import func, select, update

from deploy.airflow_plugins.unbegun import UPKEEP, hub_database

if TYPE_CHECKING:
    from hub.db.dag_wishes import Switch


class _DagRun(Protocol):
    dag_id: str


def seen() -> "list[Switch]":
    """Every DAG that Airflow has, but for the one that looks."""
    # so that parsing a DAG file loads nothing of the hub
    from hub.services.dag_wishes import Switch  # noqa: PLC0415

    first = (
        select(DagVersion.dag_id, func.min(DagVersion.created_at).label("at"))
        .group_by(DagVersion.dag_id)
        .subquery()
    )
    asked = (
        select(DagModel.dag_id, DagModel.is_paused, first.c.at)
        .join(first, first.c.dag_id == DagModel.dag_id)
        .where(~DagModel.is_stale, DagModel.dag_id != UPKEEP)
    )
    # A session of its own: the scheduler, which may be in the middle of a transaction, shares its
    # usual one.
    with create_session(scoped=False) as session:
        return [
            Switch(dag, bool(paused), at.isoformat()) for dag, paused, at in session.execute(asked)
        ]


def switch(wanted: "list[Switch]") -> None:
    """Pause and unpause these."""
    with create_session(scoped=False) as session:
        for one in wanted:
            session.execute(
                update(DagModel).where(DagModel.dag_id == one.dag).values(is_paused=one.paused)
            )


class _Wishes:
    @hookimpl
    def on_dag_run_running(self, dag_run: _DagRun) -> None:
        """Note what people have switched, and put back what was lost."""
        if dag_run.dag_id != UPKEEP:
            return
        from hub.services import dag_wishes  # noqa: PLC0415 - in this process only

        with hub_database() as database:
            switch(dag_wishes.settle(database, seen()))


class Wishes(AirflowPlugin):
    name = "onecode_wishes"
    listeners = [_Wishes()]  # noqa: RUF012 - as Airflow declares it
