"""Airflow's database may be lost: its DAGs come back as people had them."""

from hub.services.dag_wishes import Switch, settle
from tests.filled import Filled


def test_after_the_loss_of_airflows_database_each_dag_comes_back_as_it_was(filled: Filled):
    database = filled.hub.database
    before = [
        Switch("pull_fire", paused=False, version="1"),
        Switch("push_gas", paused=True, version="1"),
    ]
    assert settle(database, before) == []
    lost = [
        Switch("pull_fire", paused=True, version="2"),
        Switch("push_gas", paused=True, version="2"),
    ]
    assert settle(database, lost) == [Switch("pull_fire", paused=False, version="2")]
    assert settle(database, [Switch("pull_fire", paused=False, version="2")]) == []


def test_what_an_operator_switches_by_hand_is_respected_and_survives_a_loss(filled: Filled):
    database = filled.hub.database
    settle(database, [Switch("pull_fire", paused=False, version="1")])
    assert settle(database, [Switch("pull_fire", paused=True, version="1")]) == []  # by hand
    assert settle(database, [Switch("pull_fire", paused=False, version="2")]) == [
        Switch("pull_fire", paused=True, version="2")
    ]


def test_a_dag_that_nobody_has_noted_stays_as_it_is(filled: Filled):
    assert settle(filled.hub.database, [Switch("pull_new", paused=True, version="1")]) == []
