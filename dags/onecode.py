"""What the DAG files share: the flows, the retry rule, and the tasks that call the hub."""

import json
import logging
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow.sdk import (
    DAG,
    Asset,
    AssetAlias,
    AssetAny,
    AssetOrTimeSchedule,
    Context,
    DeltaTriggerTimetable,
    RetryDecision,
    RetryPolicy,
    TaskGroup,
    TriggerRule,
    XComArg,
    chain,
    get_current_context,
    task,
)

if TYPE_CHECKING:
    from hub.model import Json
    from hub.wiring import Hub

FLOWS: dict[str, Any] = json.loads(
    Path(__file__).with_name("flows.json").read_text(encoding="utf-8")
)
SYSTEMS: dict[str, dict[str, Any]] = FLOWS["systems"]
"""Made by `hub check --write` from the contracts; the only file that is read while Airflow
parses.
"""

ENTITIES = sorted(
    {flow["entity"] for says in SYSTEMS.values() for flow in says["pulls"] + says["pushes"]}
)

SINCE = datetime(2026, 1, 1, tzinfo=UTC)
"""A day in the past, as Airflow wants one; with catchup off no run is made up for."""

FIRST_WAIT = timedelta(seconds=10)
LONGEST_WAIT = timedelta(minutes=10)

RELEASE_POOL = "release"
"""Few slots: several releases at once mostly wait for each other's locks; more than one, for one
may have stopped.
"""

A_TASK_FAILED = (
    "有任务失败：原因、位置和处理方法见失败任务的日志，以及 hub runs、hub failures。 "
    "A task has failed: its log says what, where, and what to do; see also `hub runs` and `hub "
    "failures`."
)

log = logging.getLogger(__name__)


class HubRetryPolicy(RetryPolicy):
    """TransientError: again, when the partner asked for it or after ever longer waits. Any other
    HubError: a person is needed, fail at once. All else (a killed process, a bug): as the task's
    own `retries` say.
    """

    def evaluate(
        self,
        exception: BaseException,
        try_number: int,
        max_tries: int,  # noqa: ARG002 - Airflow hands it over; it keeps the count itself
        context: Context | None = None,  # noqa: ARG002 - likewise
    ) -> RetryDecision:
        from hub.errors import HubError, TransientError

        if isinstance(exception, TransientError):
            wait = min(FIRST_WAIT * 3 ** (try_number - 1), LONGEST_WAIT)
            return RetryDecision.retry(
                max(wait, timedelta(seconds=exception.after or 0)), reason=exception.code
            )
        if isinstance(exception, HubError):
            return RetryDecision.fail(reason=exception.code)
        return RetryDecision.default()


def _limit(name: str, usual: float) -> timedelta:
    """A limit of time that the environment sets, in seconds."""
    return timedelta(seconds=float(os.environ.get(name) or usual))


TASK_LIMIT, RUN_LIMIT = _limit("HUB_TASK_SECONDS", 7200), _limit("HUB_DAG_RUN_SECONDS", 10_800)
"""A task ends itself after its limit. A process that has stopped cannot: the scheduler ends it with
its DAG run.
"""
UPKEEP_LIMIT = _limit("HUB_UPKEEP_SECONDS", 600)
"""The same for each run of upkeep."""

TASK_DEFAULTS: dict[str, Any] = {
    "execution_timeout": TASK_LIMIT,
    "retries": 3,
    "retry_delay": FIRST_WAIT,
    "retry_exponential_backoff": 3.0,
    "max_retry_delay": LONGEST_WAIT,
    "retry_policy": HubRetryPolicy(),
}

FORM: dict[str, Any] = {
    "start_date": SINCE,
    "is_paused_upon_creation": False,
    "default_args": TASK_DEFAULTS,
    "dagrun_timeout": RUN_LIMIT,
    "tags": ["form"],
}
"""What a DAG is that a person starts by filling in its parameters."""

UPKEEP: dict[str, Any] = {
    "start_date": SINCE,
    "catchup": False,
    "max_active_runs": 1,
    "dagrun_timeout": RUN_LIMIT,
    "is_paused_upon_creation": False,
    "default_args": TASK_DEFAULTS | {"retries": 0},
    "tags": ["upkeep"],
}
"""What a DAG is that looks after the hub by itself; a run that fails waits for the next."""


def golden(entity: str) -> Asset:
    """The golden records of an entity, as Airflow's asset."""
    return Asset(name=f"golden:{entity}", uri=f"onecode://golden/{entity}", group="golden")


GOLDEN = [golden(one) for one in ENTITIES]
"""The inlets of tasks that tell of any of them, so that all are there before: of two tasks that end
at once and make the same one, Airflow fails one.
"""


def changed(dag_id: str) -> AssetAlias:
    """Stands for the golden records of those entities that a run of this DAG turns out to have
    changed.

    A name a DAG, whose runs follow each other: Airflow fails the slower of two tasks that end at
    once where both are the first to tell the same asset by the same name.
    """
    return AssetAlias(f"{dag_id}:changed")


def of_system(
    verb: str,
    system: str,
    says: Mapping[str, Any],
    *,
    title: str,
    does: str,
    entities: Iterable[str] = (),
) -> DAG:
    """The DAG <verb>_<system>: at the system's timer, and when golden records of one of these
    entities have changed.

    title: before the system's own, in Chinese. does: what it does, a sentence without its end.
    """
    every = timedelta(seconds=says["every_seconds"])
    known = sorted(set(entities))
    return DAG(
        f"{verb}_{system}",
        dag_display_name=f"{title} {says['title']}",
        doc_md=f"{does}; {says['owner']} answers for the data. See docs/airflow.md.",
        schedule=AssetOrTimeSchedule(
            assets=AssetAny(*map(golden, known)), timetable=DeltaTriggerTimetable(every)
        )
        if known
        else every,
        start_date=SINCE,
        catchup=False,
        max_active_runs=1,
        dagrun_timeout=RUN_LIMIT,
        default_args=TASK_DEFAULTS | {"pool": system},
        tags=[verb, system],
    )


def task_id(verb: str, flow: dict[str, Any]) -> str:
    """Name a flow's task within its entity's group: pull, or pull_<variant> for
    pull.<system>.<entity>.<variant>.
    """
    return "_".join([verb, *flow["flow"].split(".")[3:]])


def entity_groups(
    flows: list[dict[str, Any]], tasks_of: Callable[[dict[str, Any]], object]
) -> list[TaskGroup]:
    """A task group an entity: the projects' first, the others after it, for all else waits until
    its project is there.

    tasks_of makes the tasks of one flow.
    """
    groups = []
    for entity in sorted(
        {flow["entity"] for flow in flows}, key=lambda entity: (entity != "project", entity)
    ):
        with TaskGroup(entity) as group:
            for flow in flows:
                if flow["entity"] == entity:
                    tasks_of(flow)
        groups.append(group)
    first, *others = groups
    if others:
        chain(first, others)
    return groups


@task(trigger_rule=TriggerRule.ALL_DONE)
def pull(flow: str) -> int:
    """Read one source to its end; the id of the hub's run. A backfill says in its conf from where
    to read again.
    """
    wanted = get_current_context()["dag_run"].conf or {}
    with hub_task(flow) as hub:
        if wanted.get("backfill") == flow:
            hub.rewind(flow, wanted.get("since"))
        return hub.pull(flow, airflow=here())


@task(trigger_rule=TriggerRule.ALL_DONE)
def fetch(flow: str) -> int:
    """Fetch the files that records of one source name; the id of the hub's run."""
    with hub_task(flow) as hub:
        return hub.fetch(flow, airflow=here())


@task(trigger_rule=TriggerRule.ALL_DONE)
def push(flow: str) -> int:
    """Hand over what is due to one target; the id of the hub's run."""
    with hub_task(flow) as hub:
        return hub.push(flow, airflow=here())


@task(trigger_rule=TriggerRule.ALL_DONE)
def receipts(flow: str) -> int:
    """Ask a target for its verdicts; the id of the hub's run."""
    with hub_task(flow) as hub:
        return hub.receipts(flow, airflow=here())


@task(trigger_rule=TriggerRule.ALL_DONE)
def reconcile(flow: str) -> int:
    """Compare what a partner holds with what stands here, and repair by rule; the id of the hub's
    run.
    """
    with hub_task(flow) as hub:
        return hub.reconcile(flow, airflow=here())


def release(dag_id: str) -> XComArg:
    """The task of this DAG that releases what waited."""
    return _release.override(outlets=[changed(dag_id)])()


@task(task_id="release", trigger_rule=TriggerRule.ALL_DONE, pool=RELEASE_POOL, inlets=GOLDEN)
def _release() -> int:
    """Apply waiting records whose project has come; tell Airflow what this DAG run has changed,
    which starts pushes.
    """
    with hub_task("release") as hub:
        count = hub.release(airflow=here())
        announce(hub)
        return count


@task(trigger_rule=TriggerRule.ONE_FAILED, pool="default_pool", retries=0)
def fail_run() -> None:
    """Runs only when a task has failed, and fails the DAG run, which would else be judged by its
    last task alone.
    """
    from airflow.sdk.exceptions import AirflowFailException

    raise AirflowFailException(A_TASK_FAILED)


def announce(hub: "Hub", *, also: list[str] | None = None) -> None:
    """Emit an event for every entity that the hub's runs of this DAG run have changed, whichever
    try it was.
    """
    context = get_current_context()
    for entity in {
        *hub.changed(dag_id=context["ti"].dag_id, run_id=context["ti"].run_id),
        *(also or ()),
    }:
        context["outlet_events"][changed(context["ti"].dag_id)].add(golden(entity))


@contextmanager
def hub_task(flow: str) -> Iterator["Hub"]:
    """The hub for one task; an error is said in the log in both languages before it goes on to the
    retry policy.
    """
    from airflow.sdk.exceptions import AirflowSkipException

    from hub.errors import ClosedError, HubError
    from hub.texts import bilingual, cure, say
    from hub.wiring import start

    hub = start(connections=_connections(flow))
    try:
        yield hub
    except ClosedError as error:  # no failure: the next run asks again
        raise AirflowSkipException(bilingual(error.code, **error.facts)) from error
    except HubError as error:
        owner = SYSTEMS.get(_system(flow), {}).get("owner", "-")
        code, facts = error.code, error.facts
        log.error(  # noqa: TRY400 - the traceback follows
            "%s 失败：%s 处理（%s）：%s",
            flow,
            say(code, facts, "zh"),
            owner,
            cure(code, facts, "zh"),
        )
        log.error(  # noqa: TRY400 - the traceback follows
            "%s failed: %s Cure (%s): %s",
            flow,
            say(code, facts, "en"),
            owner,
            cure(code, facts, "en"),
        )
        raise
    finally:
        hub.close()


def here() -> "dict[str, Json]":
    """Where in Airflow we are, kept with the hub's run."""
    ti = get_current_context()["ti"]
    return {
        "dag_id": ti.dag_id,
        "run_id": ti.run_id,
        "task_id": ti.task_id,
        "try_number": ti.try_number,
    }


def _system(flow: str) -> str:
    """The system in pull.<system>.<name>; "" for what belongs to none."""
    return flow.split(".")[1] if "." in flow else ""


def _connections(flow: str) -> Mapping[str, str]:
    """The Airflow connection hub_<system>, where somebody has made one: its parts, as the hub reads
    them.
    """
    from airflow.sdk import Connection
    from airflow.sdk.exceptions import AirflowNotFoundException

    from hub.config.connections import PARTS

    system = _system(flow)
    try:
        made = Connection.get(f"hub_{system}") if system else None
    except AirflowNotFoundException:
        return {}
    return {system: json.dumps({name: getattr(made, name) for name in PARTS})} if made else {}
