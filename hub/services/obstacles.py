"""Obstacles that keep flows from starting: contract files, DAG files, tasks failing early."""

from dataclasses import dataclass
from datetime import datetime

from hub.auth.context import RequestContext
from hub.db.alerts import obstacles
from hub.db.alerts.obstacles import Obstacle
from hub.db.database import Transaction
from hub.domain.contracts import Contracts
from hub.errors import Fault
from hub.services.contract_problems import mistakes
from hub.texts import say


@dataclass(frozen=True, slots=True)
class StandingObstacle:
    """One obstacle. cause: its stable name; flows: those that do not run because of it, if known.

    times: how many things depend on it, or how often it was met; since: None where unknown.
    """

    cause: str
    fault: Fault
    flows: tuple[str, ...]
    stops: bool
    times: int
    since: datetime | None = None


def listed(context: RequestContext) -> list[StandingObstacle]:
    """All obstacles of now."""
    with context.hub.database.read() as tx:
        return standing(tx, context.hub.contracts)


def standing(tx: Transaction, contracts: Contracts) -> list[StandingObstacle]:
    """All obstacles of now, with these contracts."""
    wrong = [
        StandingObstacle(
            f"contract {one.problem.file}",
            one.fault,
            one.flows,
            bool(one.flows or one.forms),
            one.count,
        )
        for one in mistakes(contracts)
    ]
    return wrong + [_of(one, contracts) for one in obstacles.standing(tx)]


def _of(one: Obstacle, contracts: Contracts) -> StandingObstacle:
    if one.kind == "dag":
        way = one.place.removesuffix(".py")
        flows = tuple(
            name for name in (*contracts.pulls, *contracts.pushes) if name.split(".")[0] == way
        )
        return StandingObstacle(
            f"dag {one.place}", one.fault, flows, stops=True, times=one.times, since=one.first_at
        )
    why = {
        "task": one.place,
        "why_zh": say(one.code, one.facts, "zh"),
        "why_en": say(one.code, one.facts, "en"),
    }
    fault = Fault("", "airflow.task_stands", why)
    return StandingObstacle(
        f"task {one.place}", fault, (), stops=True, times=one.times, since=one.first_at
    )
