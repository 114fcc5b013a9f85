"""What is asked for must exist: a mistyped name is an error, and no empty answer."""

from collections.abc import Sequence
from typing import Literal, TypeAlias, get_args

from hub.errors import FlowError
from hub.rules.contracts import Contracts
from hub.store import runs
from hub.store.database import Database

RunState: TypeAlias = Literal["running", "complete", "held", "failed", "aborted"]
ApplicationState: TypeAlias = Literal["open", "granted", "refused", "withdrawn"]
RUN_STATES: tuple[str, ...] = get_args(RunState)
APPLICATION_STATES: tuple[str, ...] = get_args(ApplicationState)


def known_flow(database: Database, contracts: Contracts, flow: str) -> str:
    """The name of a flow that there is, or of which there has been a run; FlowError for any other."""
    if flow not in contracts.pulls and flow not in contracts.pushes and flow not in contracts.disabled:
        with database.transaction() as tx:
            if not runs.has_flow(tx, flow):
                raise FlowError("flow.unknown", flow=flow)
    return flow


def one_of(name: str, value: str, known: Sequence[str]) -> str:
    """A word out of a list; FlowError for any other, naming the list."""
    if value not in known:
        raise FlowError("ask.word_unknown", name=name, value=value, known=", ".join(known))
    return value
