"""A worker dies by kill -9 while batches are held or accepted: begun again, it comes to the
same.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from hub.services import held as holding
from tests.contexts import asking
from tests.pipeline.conftest import Small
from tests.pipeline.killed import BATCH, COUNT, RENAMED
from tests.pipeline.test_held_batches import kinds, verified, waiting
from tests.pipeline.test_killed import finish, held, kill_when_stuck, run

NEW = {str(row["title"]) for row in RENAMED}


@contextmanager
def braked(small: Small, event: str, *, once: str) -> Iterator[None]:
    """For as long, whoever does this, once this is so, is stuck at the table `brake`."""
    table = event.rsplit(" ", 1)[1]
    trigger = f"brake_{table.replace('.', '_')}"
    for statement in (
        "create table public.brake (id int)",
        f"""
        create function public.{trigger}() returns trigger language plpgsql as $$
        begin
            if {once} then lock table brake in access exclusive mode; end if;
            return new;
        end $$
        """,
        f"create trigger {trigger} before {event} for each row execute function {trigger}()",
    ):
        small.rows(f"{statement}; select 1")
    with held(small.url, "brake"):
        yield
    small.rows(
        f"drop trigger {trigger} on {table}; drop function public.{trigger}(); drop table "
        f"public.brake; select 1"
    )


def names(small: Small) -> set[str]:
    return {str(row["name"]) for row in small.golden().values()}


def accept(small: Small, *batches: int) -> None:
    finish(small.url, "accept", *map(str, batches))


@pytest.mark.parametrize(
    "event", ["insert on hub.landing", "insert on hub.batch", "insert on hub.held_batch"]
)
def test_intake_killed_after_a_batch_was_held_goes_on_to_the_same(small: Small, event: str):
    finish(small.url, "pull")
    before = small.rows("select cursor from hub.flow where name = 'pull.plan.project'")
    old = names(small)
    with braked(small, event, once="(select count(*) from hub.held_batch) = 1"):
        kill_when_stuck(run(small.url, "hold"), small.url, "brake")
    (first,) = waiting(small)
    assert (first.held, names(small)) == (BATCH, old)
    finish(small.url, "hold")
    views = waiting(small)
    assert [view.held for view in views] == [BATCH, BATCH, BATCH, COUNT - 3 * BATCH]
    assert views[0].batch == first.batch
    assert all(("gone", "name") in kinds(view) for view in views)
    assert small.rows("select count(*)::int as n from hub.landing where disposition = 'held'") == [
        {"n": COUNT}
    ]
    assert small.rows("select cursor from hub.flow where name = 'pull.plan.project'") == before
    assert (names(small), verified(small)) == (old, [])
    states = [row["state"] for row in small.rows("select state from hub.run order by id")]
    assert states == ["complete", "aborted", "held"]
    accept(small, *(view.batch for view in views))
    assert (waiting(small), names(small), verified(small)) == ([], NEW, [])


@pytest.mark.parametrize(
    "event",
    [
        *(
            "insert on hub.batch",
            "insert on hub.landing",
            "update on hub.head",
            "update on golden.project",
        ),
        *("insert on hub.shape", "update on hub.flow", "update on hub.held_batch"),
    ],
)
def test_an_accept_killed_in_the_middle_has_changed_nothing_and_comes_to_the_same(
    small: Small, event: str
):
    finish(small.url, "pull")
    finish(small.url, "hold")
    first, second, third, fourth = (view.batch for view in waiting(small))
    old, cursor = names(small), small.rows("select cursor from hub.flow")
    with braked(small, event, once="true"):
        kill_when_stuck(run(small.url, "accept", str(first), str(second)), small.url, "brake")
    assert [view.batch for view in waiting(small)] == [first, second, third, fourth]
    assert (names(small), small.rows("select cursor from hub.flow")) == (old, cursor)
    accept(small, first, second)
    assert [view.batch for view in waiting(small)] == [third, fourth]
    assert len(names(small) & NEW) == 2 * BATCH
    accept(small, third, fourth)
    assert (waiting(small), names(small), verified(small)) == ([], NEW, [])
    kept = small.rows("select kind, state from hub.run where kind = 'accept' order by id")
    assert [row["state"] for row in kept] == ["aborted", *["complete"] * 4]


def test_two_accepts_killed_between_them_leave_the_first_applied_and_go_on_with_the_second(
    small: Small,
):
    finish(small.url, "pull")
    finish(small.url, "hold")
    first, second, *rest = (view.batch for view in waiting(small))
    with braked(small, "update on hub.held_batch", once=f"new.batch_id = {second}"):
        kill_when_stuck(run(small.url, "accept", str(first), str(second)), small.url, "brake")
    assert [view.batch for view in waiting(small)] == [second, *rest]
    assert len(names(small) & NEW) == BATCH
    accept(small, second, *rest)
    assert (waiting(small), names(small), verified(small)) == ([], NEW, [])
    past = holding.listed(asking(small), decided=True)
    assert {view.state for view in past} == {"accepted"}
