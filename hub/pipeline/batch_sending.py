"""Sends one batch; where it is refused as a whole, one by one: only the culprit is refused."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from hub.errors import FlowError, RecordError
from hub.model import Outcome, Outgoing
from hub.pipeline import connector_boundary
from hub.pipeline.outgoing import Push

UNCLEAR = {
    "system.protocol",
    "system.answer_unreadable",
    "system.answer_too_deep",
    "system.answer_too_large",
    "system.connector_failed",
}
"""Error codes of an unusable answer: what was sent may have been applied."""


def hand_over(work: Push, items: Sequence[Outgoing], outcomes: dict[str, Outcome]) -> None:
    """Send a batch; where it is refused as a whole, send one by one to find the culprit.

    An error that every single record meets is not about a record and is raised.
    """
    given: dict[str, Outcome] = {}
    try:
        for outcome in connector_boundary.send(
            work.connector, work.flow.write, items, system=work.flow.system.name
        ):
            given[outcome.key] = outcomes[outcome.key] = outcome
    except (RecordError, FlowError) as error:
        left = [
            item for item in items if item.key not in given or given[item.key].state == "unknown"
        ]
        if len(items) == 1:
            if isinstance(error, FlowError):
                raise
            outcomes[items[0].key] = _refusal(items[0], error)
            return
        refused = dict(_one_by_one(work, left, outcomes))
        if len(refused) == len(items):
            raise
        outcomes.update(refused)


def _one_by_one(
    work: Push, items: Sequence[Outgoing], outcomes: dict[str, Outcome]
) -> Iterator[tuple[str, Outcome]]:
    """Send each alone; gives the outcomes of those that fail even so."""
    for item in items:
        try:
            hand_over(work, [replace(item, repeat=True)], outcomes)
        except FlowError as single:
            # An unintelligible answer is no verdict, and a refused repeat says nothing about the
            # first attempt.
            unclear = item.repeat or single.code in UNCLEAR
            yield (
                item.key,
                Outcome(item.key, "unknown", code=single.code)
                if unclear
                else _refusal(item, single),
            )


def _refusal(item: Outgoing, error: RecordError | FlowError) -> Outcome:
    text = ", ".join(f"{name}={value}" for name, value in error.facts.items())
    return Outcome(item.key, "rejected", code=error.code, text=text)
