"""A crowd at the door keeps nobody else waiting."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.browser.site import _healthy
from tests.filled import Filled, filled, filled_template
from tests.ports import reserve_port
from tests.processes import Program
from tests.security.crowd import ROUTES, Asking, Crowd

__all__ = ["filled", "filled_template"]

PEOPLE = 60
THREADS = 40
"""Of the pool in which everybody else is answered."""


def until(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + 120
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@contextmanager
def killed(filled: Filled, **environ: str) -> Iterator[str]:
    """The address of a web process that is killed afterwards, whoever still waits for it."""
    port = reserve_port()
    process = Program(
        "hub.web", environ={**os.environ, **filled.environ, **environ, "HUB_API_PORT": str(port)}
    )
    address = f"http://127.0.0.1:{port}"
    try:
        until(lambda: _healthy(address))
        yield address
    finally:
        process.kill()
        process.wait(15)


def test_others_are_answered_while_a_crowd_waits_for_its_passwords_to_be_weighed(filled: Filled):
    """More sign in than that pool has threads, and each waits for the one place where passwords are
    weighed.
    """
    with killed(
        filled, HUB_SIGN_INS_A_MINUTE="1000", HUB_HASHES_AT_ONCE="1", HUB_HASHES_WAITING="100"
    ) as address:
        asking, crowd = Asking(filled.hub, address), Crowd(address, PEOPLE)
        for route in ROUTES:
            asking.once(route)
        crowd.come()
        until(lambda: crowd.statuses)  # the place has been taken
        for route in ROUTES:
            asking.once(route)
        assert crowd.waiting > THREADS, crowd.statuses


def test_those_for_whom_there_is_no_place_are_told_so_at_once(filled: Filled):
    with killed(
        filled, HUB_SIGN_INS_A_MINUTE="1000", HUB_HASHES_AT_ONCE="1", HUB_HASHES_WAITING="3"
    ) as address:
        crowd = Crowd(address, PEOPLE)
        crowd.come()
        until(lambda: not crowd.waiting)
    assert set(crowd.statuses) == {401, 503}
    assert crowd.statuses.count(503) >= PEOPLE // 2
