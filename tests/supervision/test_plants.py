"""What was planted is found, and nothing else: precision and recall of every built indicator."""

from tests.postgres import DatabaseServer
from tests.supervision import trial
from tests.supervision.planting import World
from tests.supervision.plants import PLANTS, VIOLATIONS, sow

SEEDS = range(1, 4)


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
