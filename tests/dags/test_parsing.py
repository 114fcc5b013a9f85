"""Parsing a DAG file reads flows.json and nothing else, and makes one DAG a system and
direction.
"""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter

import pytest

from hub.domain.schedule import flow_of_task, flows_document
from hub.settings import HOME
from tests.dags.airflow_process import output_of


def tasks_by_dag(parsed):
    return {
        one["dag"]["dag_id"]: [task["__var"] for task in one["dag"]["tasks"]]
        for one in parsed["dags"]
    }


def dag(parsed, dag_id):
    (found,) = [one["dag"] for one in parsed["dags"] if one["dag"]["dag_id"] == dag_id]
    return found


def test_every_file_parses_with_sockets_barred(parsed):
    assert parsed["errors"] == {}


def test_flows_json_is_the_only_file_that_is_read(parsed):
    assert {name for name in parsed["read"] if not name.endswith(".py")} == {
        "dags/.airflowignore",
        "dags/flows.json",
    }
    assert {name.split("/")[0] for name in parsed["read"]} == {"dags"}


def test_parsing_loads_nothing_of_the_hub(parsed):
    assert parsed["hub_loaded"] in ([], ["hub", "hub.provider"])  # what Airflow asks a provider


def test_parsing_all_files_takes_well_under_a_second(parsed):
    assert parsed["seconds"] < 0.5


def test_parsing_hangs_on_no_clock(parsed):
    assert parsed["same_again"]


def test_flows_json_is_fresh(contracts):
    """`hub check` fails likewise, and names the cure."""
    assert (HOME / "dags/flows.json").read_text(encoding="utf-8") == flows_document(contracts)


def test_every_flow_of_the_contracts_is_in_exactly_one_dag(parsed, contracts):
    found = Counter(
        (dag_id, task["op_args"][0])
        for dag_id, tasks in tasks_by_dag(parsed).items()
        for task in tasks
        if task.get("op_args") and task["python_callable_name"] in {"pull", "fetch", "push"}
    )
    wanted = {(f"pull_{flow.system.name}", flow.name) for flow in contracts.pulls.values()}
    wanted |= {(f"fetch_{flow.system.name}", name) for name, flow in contracts.fetches.items()}
    wanted |= {(f"push_{flow.system.name}", flow.name) for flow in contracts.pushes.values()}
    assert found == Counter(wanted)


def test_receipts_are_asked_for_right_after_the_pushes_that_have_them(parsed, contracts):
    for flow in contracts.pushes.values():
        tasks = {task["task_id"]: task for task in tasks_by_dag(parsed)[f"push_{flow.system.name}"]}
        mine = [task for task in tasks.values() if task.get("op_args") == [flow.name]]
        (push,) = [task for task in mine if task["python_callable_name"] == "push"]
        receipts = [task["task_id"] for task in mine if task["python_callable_name"] == "receipts"]
        assert len(receipts) == flow.receipts
        assert set(receipts) <= set(push["downstream_task_ids"])


def test_projects_go_first_and_waiting_records_are_released_last(parsed):
    tasks = {
        task["task_id"]: task.get("downstream_task_ids")
        for task in tasks_by_dag(parsed)["pull_investment"]
    }
    assert set(tasks["project.pull"]) == {"approval_document.pull", "participant.pull", "fail_run"}
    assert set(tasks["participant.pull"]) == {"release", "fail_run"}
    assert tasks["release"] == ["fail_run"]


def test_a_task_that_fails_stops_no_other_and_fails_the_run(parsed):
    for dag_id, tasks in tasks_by_dag(parsed).items():
        if dag_id.startswith(("pull_", "fetch_", "push_")):
            assert all(
                "fail_run" in task["downstream_task_ids"]
                for task in tasks
                if task["task_id"] != "fail_run"
            )
            rules = {task["task_id"]: task["trigger_rule"] for task in tasks}
            assert rules.pop("fail_run") == "one_failed"
            assert set(rules.values()) == {"all_done"}


def test_talking_to_a_partner_takes_a_slot_of_its_pool(parsed, contracts):
    for dag_id, tasks in tasks_by_dag(parsed).items():
        for task in tasks:
            if task.get("python_callable_name") in {"pull", "fetch", "push", "receipts"}:
                assert task["pool"] == dag_id.split("_", 1)[1]


def test_tasks_that_end_at_once_tell_of_no_asset_by_one_name_and_make_none(parsed, contracts):
    """Airflow fails the slower of two that do, without another try, and starts nothing."""
    telling = {}
    for dag_id, tasks in tasks_by_dag(parsed).items():
        for task in tasks:
            for alias in (one["__var"]["name"] for one in task.get("outlets", ())):
                telling[alias] = [*telling.get(alias, ()), dag_id]
                told = {one["__var"]["name"] for one in task["inlets"]}
                assert told == {f"golden:{entity}" for entity in entities_of(contracts)}
    assert {"pull_gas", "reconcile_gas", "release", "replay", "remap"} <= {
        dag_id for (dag_id,) in telling.values()
    }
    assert {dag(parsed, dag_id)["max_active_runs"] for (dag_id,) in telling.values()} == {1}


def entities_of(contracts):
    return {flow.entity.name for flow in [*contracts.pulls.values(), *contracts.pushes.values()]}


@pytest.mark.parametrize("way", ["pull", "push"])
def test_no_two_runs_of_a_flow_overlap(parsed, contracts, way):
    flows = contracts.pulls if way == "pull" else contracts.pushes
    systems = {flow.system.name for flow in flows.values()}  # some take nothing
    assert systems
    for system in systems:
        assert dag(parsed, f"{way}_{system}")["max_active_runs"] == 1


def test_a_push_starts_on_what_it_sends_and_quotes_and_at_its_timer(parsed, contracts):
    timetable = dag(parsed, "push_registry")["timetable"]["__var"]
    assert {asset["name"] for asset in timetable["asset_condition"]["objects"]} == {
        "golden:project",
        "golden:approval_document",
        "golden:completion_filing",
    }
    assert timetable["timetable"]["__var"]["delta"] == contracts.systems["registry"].every_seconds


def test_a_pull_starts_at_the_timer_of_its_system(parsed, contracts):
    for system in contracts.systems.values():
        assert (
            dag(parsed, f"pull_{system.name}")["timetable"]["__var"]["delta"]
            == system.every_seconds
        )


def test_the_form_for_remaps_offers_every_pull_flow_and_entity(parsed, contracts):
    asked = dag(parsed, "remap")["params"]
    offered = {name: set(param["schema"]["__var"].get("enum", ())) for name, param in asked}
    assert offered["flow"] == {None, *contracts.pulls}
    assert offered["entity"] == {None, *(flow.entity.name for flow in contracts.pulls.values())}


def test_the_hub_knows_of_every_task_of_a_flow_which_flow_it_is_and_of_no_other(parsed):
    """By their names alone: a task that is killed before it begins says no more."""
    schedule = (HOME / "dags/flows.json").read_text(encoding="utf-8")
    kinds = {"pull", "fetch", "push", "receipts", "reconcile"}
    for dag_id, tasks in tasks_by_dag(parsed).items():
        for task in tasks:
            found = flow_of_task(schedule, dag_id, task["task_id"])
            kind = task.get("python_callable_name")
            assert found == ((task["op_args"][0], kind) if kind in kinds else None)


def test_a_broken_folder_of_a_partner_is_told_and_leaves_the_dags_of_all_others(parsed, tmp_path):
    """One that was sound before keeps its DAGs, which fail with the reason; one that never was has
    none.
    """
    for name in ("schemas", "mappings", "dags"):
        shutil.copytree(HOME / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for broken in ("gas", "cooling"):
        (tmp_path / "mappings" / broken).mkdir(exist_ok=True)
        (tmp_path / "mappings" / broken / "system.yaml").write_text(
            "title: {zh: 没有写完", encoding="utf-8"
        )
    shutil.copy(
        HOME / "mappings/gas/project.push.yaml", tmp_path / "mappings/cooling/project.push.yaml"
    )
    environ = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    command = [sys.executable, "-m", "hub", "check", "--write"]
    environ |= {"HUB_HOME": str(tmp_path), "HUB_LANG": "en"}
    checked = subprocess.run(
        command, cwd=HOME, env=environ, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 1
    for told in (
        "mappings/gas/system.yaml",
        "mappings/cooling/system.yaml",
        "push.cooling.project",
    ):
        assert told in checked.stdout + checked.stderr
    home = tmp_path / "airflow"
    found = json.loads(output_of("parse.py", str(tmp_path / "dags"), home=home).splitlines()[-1])
    assert found["errors"] == {}
    assert tasks_by_dag(found).keys() == tasks_by_dag(parsed).keys()
    assert not any("cooling" in dag_id for dag_id in tasks_by_dag(found))


def test_every_task_and_every_dag_run_has_a_limit(parsed):
    for one in parsed["dags"]:
        assert 0 < one["dag"]["dagrun_timeout"] <= 10_800, one["dag"]["dag_id"]
    for tasks in tasks_by_dag(parsed).values():
        assert all(0 < limit_of(task) <= 7200 for task in tasks), tasks


def limit_of(task):
    limit = task["execution_timeout"]
    return limit["__var"] if isinstance(limit, dict) else limit


def test_seal_and_watch_wait_for_nothing_that_flows_hold(parsed):
    tasks = {task["task_id"] for task in tasks_by_dag(parsed)["upkeep"]}
    assert tasks == {"seal", "watch", "fail_run"}
    assert (
        dag(parsed, "upkeep")["max_active_runs"] > 1
    )  # one that has stopped keeps no other from beginning
    assert {task["task_id"] for task in tasks_by_dag(parsed)["release"]} == {
        "release",
        "facts",
        "fail_run",
    }
