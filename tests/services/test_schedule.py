"""What the hub did in the runs of a DAG."""

from datetime import UTC, datetime, timedelta

from hub.auth.context import operating
from hub.db.runs.reading import RunRow, run_rows
from hub.services import schedule
from hub.services.schedule import dag_runs

NINE = datetime(2026, 11, 22, 9, tzinfo=UTC)


def run(number, dag_run, *, flow="pull.water.project", kind="pull", state="complete", **counts):
    began = NINE + timedelta(minutes=number)
    ended = None if state == "running" else began + timedelta(seconds=30)
    airflow = {"dag_id": "pull_water", "run_id": dag_run}
    whole = {"read": sum(counts.values()), "created": 0, "changed": 0} | counts
    return RunRow(
        number, flow, kind, state, began, ended, None, airflow, whole, parts={}, notes={}, causes=[]
    )


def test_the_runs_of_a_dag_run_are_one_line_with_their_sums_newest_first():
    first, second = (
        run(1, "one", created=2),
        run(2, "one", flow="pull.water.parcel", created=1, changed=4),
    )
    later, earlier = dag_runs([run(3, "two"), second, first])
    assert (later.id, earlier.id) == ("two", "one")
    assert earlier.sums == [{"read": 7, "created": 3, "changed": 4}]
    assert earlier.started_at == first.started_at
    assert earlier.ended_at == second.ended_at
    assert earlier.state == "complete"


def test_what_broke_off_and_was_taken_up_again_is_well():
    (one,) = dag_runs([run(2, "one"), run(1, "one", state="aborted")])
    assert one.state == "complete"
    (one,) = dag_runs([run(2, "one", state="failed"), run(1, "one")])
    assert one.state == "failed"


def test_what_is_under_way_has_no_end():
    (one,) = dag_runs([run(2, "one", state="running"), run(1, "one")])
    assert one.ended_at is None
    assert one.state == "running"


def test_runs_are_found_by_their_dag_and_by_its_run(filled):
    with filled.hub.database.write() as tx:
        tx.execute(
            """update hub.run set airflow = '{"dag_id": "pull_water", "run_id": "one"}' where id = 1"""
        )
        tx.execute(
            """update hub.run set airflow = '{"dag_id": "pull_water", "run_id": "two"}' where id = 2"""
        )
    with filled.hub.database.read() as tx:
        assert [row.id for row in run_rows(tx, dag_run=("pull_water", None))] == [2, 1]
        assert [row.id for row in run_rows(tx, dag_run=("pull_water", "one"))] == [1]
        assert run_rows(tx, dag_run=("pull_fire", None)) == []


def test_a_dag_run_longer_than_what_is_looked_at_is_shown_all_the_same(filled, monkeypatch):
    monkeypatch.setattr(schedule, "LOOKED_AT", 2)
    filled.execute("""update hub.run set airflow = '{"dag_id": "pull_water", "run_id": "one"}'""")
    (one,) = schedule.of_dag(operating(filled.hub, "zhang"), "pull_water")
    assert (one.id, len(one.runs)) == ("one", 2)
