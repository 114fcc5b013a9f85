"""What was planted is found, and nothing else: precision and recall of every built indicator."""

from datetime import timedelta

from tests.filled import Filled
from tests.postgres import DatabaseServer
from tests.supervision import trial
from tests.supervision.planting import NOW, World
from tests.supervision.plants import PLANTS, VIOLATIONS, sow

SEEDS = (1, 2)
WITHHELD = range(1, 21)
"""`python -m tests.supervision.trial withheld 1 200` tries two hundred."""


def test_what_was_planted_is_found_and_nothing_else(database_server: DatabaseServer):
    with database_server.database() as url:
        result = trial.tried(url, [sow(World(seed)) for seed in SEEDS])
    assert not result.wrong, "\n".join(result.wrong[:40])
    assert (result.precision, result.recall) == (1, 1)


def test_every_built_indicator_has_a_violation_that_is_planted():
    world = sow(World(1), tuple(VIOLATIONS))
    found = {one.indicator for one in world.truth if one.outcome in trial.LEVELS | {"counted"}}
    built = trial.contracts().supervision.indicators
    negative = {one.id for one in built if one.file.endswith("negative.yaml")}
    assert negative <= found
    assert set(VIOLATIONS) <= set(PLANTS)


def test_nobody_is_accused_by_what_has_not_arrived(database_server: DatabaseServer):
    worlds = [trial.some(seed) for seed in WITHHELD]
    with database_server.database() as url:
        found = trial.outcomes(url, worlds)
    assert trial.unjust(worlds, found) == []
    assert sum(one.outcome in trial.LEVELS for one in found) > len(worlds)  # most is still found
    reasons = {one.outcome for one in found if one.outcome.startswith("not_judged:")}
    assert reasons >= {"not_judged:complete", "not_judged:sound", "not_judged:flow_kind"}


def test_what_goes_on_is_not_judged_while_its_source_is_late(database_server: DatabaseServer):
    names = ("running over", "still for 30 days", "no answer", "overdue by a minute")
    world = sow(World(1), names)
    with database_server.database() as url:
        filled = Filled(url)
        filled.hub.migrate()
        trial.pull(filled, [world])
        assert not trial.compared([world], trial.judged(filled, [world])).wrong
        for read, late in ((NOW - timedelta(hours=5), True), (NOW - timedelta(minutes=1), False)):
            filled.execute("update hub.flow set last_complete_at = %s", read)
            found = {(one.indicator, one.outcome) for one in trial.judged(filled, [world])}
            assert (("item_overdue", "excluded:partner_late") in found) == late
            assert (("long_unfinished", "yellow") in found) != late
            assert (("consultation_overdue", "red") in found) != late
            assert ("item_overdue", "red") in found  # what has ended was late whatever comes
        filled.hub.close()
