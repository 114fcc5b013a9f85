"""Handing over: culprits alone, and no guess about what may have arrived."""

from collections.abc import Iterator, Sequence

import pytest

from connectors.handover import deliver
from connectors.verdicts import Bodies
from connectors.web import LostAnswerError, RefusedError
from hub.errors import TransientError
from hub.model import Outcome, Outgoing

BODIES = Bodies(key="key", withdraw={"valid": "0"})
ITEMS = [Outgoing(key, "upsert", {}) for key in ("a", "b", "c", "d")]


def sent(
    hand_over: object, *, size: int = 4, items: Sequence[Outgoing] = ITEMS, bodies: Bodies = BODIES
) -> dict[str, str]:
    outcomes = deliver(items, bodies, size=size, look_up=lambda _: None, hand_over=hand_over)  # type: ignore[arg-type]
    return {outcome.key: outcome.state for outcome in outcomes}


def test_a_batch_refused_as_a_whole_is_sent_record_by_record() -> None:
    def hand_over(some: Sequence[Outgoing]) -> Iterator[Outcome]:
        if any(item.key == "c" for item in some):
            raise RefusedError(said="400", text="报文格式不正确")
        return iter([Outcome(item.key, "confirmed") for item in some])

    assert sent(hand_over) == {
        "a": "confirmed",
        "b": "confirmed",
        "c": "rejected",
        "d": "confirmed",
    }


def test_trouble_before_anything_arrived_is_raised() -> None:
    def hand_over(_: Sequence[Outgoing]) -> Iterator[Outcome]:
        raise TransientError("system.busy")

    with pytest.raises(TransientError):
        sent(hand_over)


def test_a_lost_answer_leaves_all_unknown() -> None:
    def hand_over(_: Sequence[Outgoing]) -> Iterator[Outcome]:
        raise LostAnswerError("system.timeout")

    assert set(sent(hand_over).values()) == {"unknown"}


def test_trouble_after_a_first_batch_leaves_the_rest_unknown() -> None:
    def hand_over(some: Sequence[Outgoing]) -> Iterator[Outcome]:
        if some[0].key != "a":
            raise TransientError("system.busy")
        return iter([Outcome(item.key, "confirmed") for item in some])

    assert sent(hand_over, size=2) == {
        "a": "confirmed",
        "b": "confirmed",
        "c": "unknown",
        "d": "unknown",
    }


def test_a_partner_that_takes_no_withdrawals_is_not_asked() -> None:
    items = [Outgoing("gone", "withdraw", {})]
    assert sent(None, items=items, bodies=Bodies(key="key")) == {"gone": "rejected"}
