"""Delivery to partners that answer at once: earlier attempts, then batches, a bad record alone."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from connectors.encodable import JSON, Format, fault
from connectors.verdicts import Bodies
from connectors.web import LostAnswerError, RefusedError
from hub.errors import TransientError
from hub.model import Outcome, Outgoing

LookUp = Callable[[str], Outcome | None]
HandOver = Callable[[Sequence[Outgoing]], Iterable[Outcome]]


def deliver(
    items: Sequence[Outgoing],
    bodies: Bodies,
    *,
    size: int,
    look_up: LookUp,
    hand_over: HandOver,
    written: Format = JSON,
) -> Iterator[Outcome]:
    """An outcome for each item; a record that the format `written` cannot hold is rejected unsent.

    look_up: the outcome of an earlier attempt, None if unknown. size: items handed over at once.
    Raises TransientError only if nothing can have arrived; what may have arrived is `unknown`, so
    that the hub asks before it sends again (at-least-once, made idempotent by the key).
    """
    rejected = {item.key: why for item in items if (why := fault(bodies.shaped(item), written))}
    for key, why in rejected.items():
        yield Outcome(key, "rejected", code=why.code, fault=why)
    undecided = {item.key: item for item in items if item.key not in rejected}
    possible = list(undecided.values())
    try:
        for outcome in _outcomes(possible, bodies, size=size, look_up=look_up, hand_over=hand_over):
            undecided.pop(outcome.key, None)
            yield outcome
    except TransientError as error:
        if len(undecided) == len(possible) and not isinstance(error, LostAnswerError):
            raise
        yield from (Outcome(key, "unknown", code=error.code, text=str(error)) for key in undecided)


def _outcomes(
    items: Sequence[Outgoing], bodies: Bodies, *, size: int, look_up: LookUp, hand_over: HandOver
) -> Iterator[Outcome]:
    refused, possible = bodies.impossible(items)
    yield from refused
    unsent = []
    for item in possible:
        earlier = look_up(item.key) if item.repeat else None
        if earlier:
            yield earlier
        else:
            unsent.append(item)
    for start in range(0, len(unsent), size):
        yield from _isolated(unsent[start : start + size], hand_over)


def _isolated(items: Sequence[Outgoing], hand_over: HandOver) -> Iterator[Outcome]:
    """Send a batch; one that is refused as a whole is sent again record by record."""
    try:
        yield from hand_over(items)
    except RefusedError as error:
        if len(items) == 1:
            yield Outcome(items[0].key, "rejected", code=error.said, text=error.text)
            return
        for item in items:
            yield from _isolated([item], hand_over)
