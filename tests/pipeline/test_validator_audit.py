"""One record in so many is judged by the reference implementation of JSON Schema besides."""

import pytest

from hub.db.quarantine import Selection
from hub.domain.reference_validator import Reference
from hub.pipeline import replay
from hub.settings import changed
from tests.filled import Filled, payload

PULL = "pull.investment.project"


@pytest.fixture
def differing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reference that finds fault with a name that is sound."""
    monkeypatch.setattr(Reference, "wrong", lambda _self, values: {"name"} & values.keys())


def pulled(world: Filled, every: int) -> list[str]:
    """Pull twenty sound projects, one in `every` audited; give the faults that stand."""
    world.hub.settings = changed(world.hub.settings, validator_audit=every)
    changes = [{"id": 100 + at, "xmdm": f"2019-140108-70-03-01{at:04}"} for at in range(20)]
    world.pull(
        PULL, *(payload(PULL, **change, xmmc=f"项目{at}") for at, change in enumerate(changes))
    )
    found = world.rows("""
        select q.key, q.faults::text as faults from hub.quarantine q
         where q.key ~ '^1[0-9]{2}$' and q.state = 'open' order by 1
    """)
    assert all("record.validators_differ" in str(row["faults"]) for row in found)
    return [str(row["key"]) for row in found]


@pytest.mark.usefixtures("differing")
def test_where_the_two_differ_the_record_is_set_aside_until_somebody_replays_it(filled: Filled):
    assert len(pulled(filled, 1)) == 20
    database, contracts = filled.hub.database, filled.hub.contracts
    replay.replay(database, contracts, Selection(flow=PULL))
    assert filled.rows("select count(*) as n from golden.project where name like '项目%'") == [
        {"n": 20}
    ]


@pytest.mark.usefixtures("differing")
def test_one_in_so_many_is_asked_about(filled: Filled):
    some = pulled(filled, 4)
    assert 0 < len(some) < 20


@pytest.mark.usefixtures("differing")
def test_none_are_asked_about_where_nobody_wants_it(filled: Filled):
    assert pulled(filled, 0) == []


def test_where_both_agree_nothing_is_set_aside(filled: Filled):
    assert pulled(filled, 1) == []
