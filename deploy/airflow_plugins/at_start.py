"""What Airflow's parts do for the hub when they start: make its pools and load its code.

A task in a pool that does not exist waits for ever, so nobody should have to remember to make them. Tasks are forked
from the scheduler: what it has loaded, none of them loads again (0.25 instead of 0.55 s of CPU a task, as measured).
"""

import json
from contextlib import suppress
from pathlib import Path

from airflow.configuration import conf
from airflow.jobs.job import Job
from airflow.listeners import hookimpl
from airflow.models.pool import Pool
from airflow.plugins_manager import AirflowPlugin
from sqlalchemy.exc import IntegrityError


class _AtStart:
    @hookimpl
    def on_starting(self, component: object) -> None:
        """Make the pools, and set the slots of those that are there."""
        if not isinstance(component, Job):
            return  # a task starts, which may not touch Airflow's database
        flows = Path(conf.get_mandatory_value("core", "dags_folder"), "flows.json")
        systems = json.loads(flows.read_text(encoding="utf-8"))["systems"]
        pools = {"release": (1, "放行等待的记录")} | {
            name: (says["pool_slots"], says["title"]) for name, says in systems.items()
        }
        for name, (slots, title) in pools.items():
            with suppress(IntegrityError):  # another part starts too, and was quicker
                Pool.create_or_update_pool(name=name, slots=slots, description=title, include_deferred=False)
        from hub.errors import HubError  # noqa: PLC0415 - in this process only
        from hub.wiring import start  # noqa: PLC0415 - likewise

        with suppress(HubError):  # the first task says what is wrong
            _ = start().contracts


class AtStart(AirflowPlugin):
    name = "onecode_at_start"
    listeners = [_AtStart()]  # noqa: RUF012 - as Airflow declares it
