"""What Airflow's parts do for the hub: make its pools, when they start and when a partner joins,
and load its code.

A task in a pool that does not exist waits for ever, so nobody should have to remember to make them.
Tasks are forked from the scheduler: what it has loaded, none of them loads again (0.25 instead of
0.55 s of CPU a task, as measured).
"""

import json
import os
from contextlib import suppress
from pathlib import Path

from airflow.configuration import conf
from airflow.jobs.job import Job
from airflow.listeners import hookimpl
from airflow.models.pool import Pool
from airflow.plugins_manager import AirflowPlugin
from airflow.utils.session import create_session
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError


class _Pools:
    """The pools that dags/flows.json asks for."""

    def __init__(self) -> None:
        self._made_of = ""

    def renew(self) -> None:
        """Make the pools that are not there, and set the slots of all where the file says anything
        new.
        """
        flows = Path(conf.get_mandatory_value("core", "dags_folder"), "flows.json")
        text = flows.read_text(encoding="utf-8")
        pools = {"release": (int(os.environ.get("HUB_RELEASE_SLOTS") or 3), "放行等待的记录")} | {
            name: (says["pool_slots"], says["title"])
            for name, says in json.loads(text)["systems"].items()
        }
        if text == self._made_of:  # one that somebody has deleted is made again
            with create_session(scoped=False) as session:
                known = set(session.scalars(select(Pool.pool)))
            pools = {name: says for name, says in pools.items() if name not in known}
        for name, (slots, title) in pools.items():
            # A session of its own: the scheduler, which may be in the middle of a transaction,
            # shares its usual one.
            with (
                suppress(IntegrityError),
                create_session(scoped=False) as session,
            ):  # another part was quicker
                Pool.create_or_update_pool(
                    name=name,
                    slots=slots,
                    description=title,
                    include_deferred=False,
                    session=session,
                )
        self._made_of = text


class _AtStart:
    def __init__(self) -> None:
        self.pools = _Pools()

    @hookimpl
    def on_starting(self, component: object) -> None:
        """Make the pools and load the hub's code."""
        if not isinstance(component, Job):
            return  # a task starts, which may not touch Airflow's database
        self.pools.renew()
        from hub.errors import HubError  # noqa: PLC0415 - in this process only
        from hub.wiring import start  # noqa: PLC0415 - likewise

        with suppress(HubError):  # the first task says what is wrong
            _ = start().contracts

    @hookimpl
    def on_dag_run_running(self) -> None:
        """Make the pool of a partner that has joined, before the first task of its first DAG run is
        queued.

        The scheduler says this of every DAG run, at the latest of upkeep's, every two minutes.
        """
        self.pools.renew()


class AtStart(AirflowPlugin):
    name = "onecode_at_start"
    listeners = [_AtStart()]  # noqa: RUF012 - as Airflow declares it
