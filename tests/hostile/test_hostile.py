"""A few seeds of the hostile bench; `make hostile` lives through as many as you like."""

import logging
import re
from collections.abc import Iterator

import pytest

from tests.hostile.lives import live
from tests.hostile.server import Server, running_server
from tests.hostile.walk import boundaries, killed_at
from tests.hostile.world import Plan


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)  # connections break here by design
    with running_server() as server:
        yield server


@pytest.mark.parametrize("seed", range(1, 5))
def test_nothing_is_lost_or_doubled_and_every_count_balances(server: Server, seed: int):
    _, wrong = live(server, Plan.of(seed))
    assert wrong == []


def test_what_was_taken_in_outlives_a_restart_of_the_database_in_the_middle_of_a_run(
    server: Server,
):
    world, wrong = live(server, Plan.of(2, forced=["restart"]))
    assert wrong == []
    assert any("restart at" in line for line in world.log)


def test_what_is_accepted_while_its_source_is_wrong_is_set_aside_until_it_is_right(server: Server):
    world, wrong = live(server, Plan.of(50003, forced=["held_decided", "drift_retyped"]))
    assert wrong == []
    assert world.rows("select from hub.quarantine where state = 'overtaken' limit 1")
    assert any(re.search(r"meanwhile decide batch \d+ accepted", line) for line in world.log)


@pytest.mark.parametrize("seed", [3])
def test_two_lives_of_a_seed_have_the_same_event_log(server: Server, seed: int):
    first, second = (live(server, Plan.of(seed))[0].log for _ in range(2))
    assert first == second


def test_a_worker_killed_between_any_two_statements_leaves_nothing_undone_or_done_twice(
    server: Server,
):
    """Some of them; `python -m tests.hostile --every-statement` takes all."""
    chosen = boundaries(server)[::211]
    assert {boundary: list(killed_at(server, boundary)) for boundary in chosen} == {
        one: [] for one in chosen
    }
