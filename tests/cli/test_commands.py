import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic_core import to_jsonable_python

from hub.auth.context import operating
from hub.db.runs import OUTCOMES
from hub.services import airflow_tasks
from hub.services.verification import proven
from hub.settings import HOME
from tests.cli.conftest import Command
from tests.filled import CODE, NAME, PERMIT, Filled, payload
from tests.phases import FIRST, LINKED, ONE, OPEN, PROJECT, RIGHT, SECOND, TWO
from tests.pipeline.partners import Desk
from tests.pipeline.small import SYSTEM


def data(result: tuple[int, str, str]) -> Any:
    status, out, err = result
    assert (status, err) == (0, "")
    return json.loads(out)


def test_every_run_is_listed_with_all_outcomes_and_its_balance(command: Command):
    runs = data(command("runs", "--flow", "pull.investment.project", "--json"))
    assert [run["state"] for run in runs] == ["complete"]
    assert runs[0]["counts"] == {
        name: {"read": 2, "created": 1, "quarantined": 1}.get(name, 0) for name in OUTCOMES
    }
    assert tuple(runs[0]["counts"]) == OUTCOMES
    assert runs[0]["balanced"] is True
    assert runs[0]["causes"] == [{"cause": "record.code_unknown /xmlx", "times": 1, "example": 1}]
    status, out, _ = command("runs")
    assert status == 0
    assert "read 2 = created 1 + quarantined 1" in out


def test_runs_can_be_chosen_by_state_and_moment(command: Command):
    assert data(command("runs", "--state", "failed", "--json")) == []
    assert data(command("runs", "--since", "2100-01-01", "--json")) == []
    assert len(data(command("runs", "--limit", "2", "--json"))) == 2


def test_failures_are_grouped_by_cause(command: Command):
    found = data(command("failures", "--json"))
    (group,) = found["causes"]
    assert (group["flow"], group["cause"], group["entries"]) == (
        *("pull.investment.project", "record.code_unknown /xmlx", 1),
    )
    assert found["entries"] == []
    listed = data(command("failures", "--cause", "record.code_unknown /xmlx", "--json"))
    assert [entry["key"] for entry in listed["entries"]] == ["2"]


def test_one_failure_shows_its_payload_with_every_fault_at_its_place(command: Command):
    found = data(command("failures", "--id", "1", "--json"))
    assert len(found["faults"]) == 6
    by_pointer = {fault["pointer"]: number for number, fault in enumerate(found["faults"])}
    marked = {number: line["text"].strip() for line in found["lines"] for number in line["faults"]}
    assert marked[by_pointer["/ztze"]] == '"ztze": "约3.5亿元"'
    assert marked[by_pointer["/lerepInfo/0/unitType"]] == '"unitType": "7"'
    assert sorted(marked) == list(range(6))
    assert all(
        fault[word] for fault in found["faults"] for word in ("zh", "en", "cure_zh", "cure_en")
    )
    assert '"xmdm": "2017-510681-41-03-1655130-010"' in found["payload"]
    _, out, _ = command("failures", "--id", "1")
    assert "Rule: record.decimal_invalid" in out
    assert "Cure: " in out


def test_an_unknown_entry_is_said_in_both_languages_with_the_cure(command: Command):
    status, out, err = command("failures", "--id", "999")
    assert (status, out) == (1, "")
    assert err.splitlines() == [
        "There is no quarantine entry with the number 999.",
        "Cure: `hub failures --cause` lists the numbers.",
        "没有编号为 999 的问题数据。",
        "处理：用 hub failures --cause 列出编号。",
    ]


def test_the_balance_sums_every_outcome_by_system_and_entity(command: Command, filled: Filled):
    found = data(command("balance", "--json"))
    rows = {(row["system"], row["entity"]): row for row in found["rows"]}
    assert found["balanced"] is True
    assert rows["investment", "project"]["intake"]["read"] == 2
    assert rows["investment", "project"]["open_entries"] == 1
    assert rows["approval", "project"]["intake"]["created"] == 1
    assert rows["approval", "project"]["deliveries_now"] == {"due": 1}
    desk = Desk(receipts=True)
    before = filled.rows("select max(id) as id from hub.run")[0]["id"]
    filled.push("push.fire.project", desk)
    found = data(command("balance", "--since-run", str(before + 1), "--json"))
    rows = {(row["system"], row["entity"]): row for row in found["rows"]}
    assert rows["investment", "project"]["intake"]["read"] == 0
    assert (
        rows["fire", "project"]["delivery"]["due"]
        == rows["fire", "project"]["delivery"]["awaiting_receipt"]
        == 1
    )
    assert rows["fire", "project"]["received_back"] == {"confirmed": 0, "rejected": 0}
    assert "read 2 = created 1 + quarantined 1" in command("balance")[1]


def test_the_balance_of_a_system_is_the_sum_of_its_entities(command: Command):
    rows = data(command("balance", "--json"))["rows"]
    folded = data(command("balance", "--by-system", "--json"))
    assert folded["balanced"] is True
    assert [row["system"] for row in folded["rows"]] == list(
        dict.fromkeys(row["system"] for row in rows)
    )
    for one in folded["rows"]:
        of_system = [row for row in rows if row["system"] == one["system"]]
        for sums in ("intake", "parts", "delivery", "runs", "deliveries_now"):
            names = {name for row in of_system for name in row[sums]}
            assert one[sums] == {
                name: sum(row[sums].get(name, 0) for row in of_system) for name in names
            }
        assert one["waiting"] == sum(row["waiting"] for row in of_system)
    assert "entity" not in command("balance", "--by-system")[1].lower()


def test_show_gives_everything_known_of_a_code_however_it_is_typed(command: Command):
    found = data(command("show", f" {CODE.replace('-', '－')} ", "--json"))
    assert {row["entity"] for row in found["records"]} == {
        *("project", "participant", "approval_document", "material"),
    }
    assert "push.fire.project" in {
        sent["flow"] for row in found["records"] for sent in row["deliveries"]
    }
    _, out, _ = command("show", CODE)
    assert NAME in out
    status, _, err = command("show", "2099-000000-00-00-000000")
    assert status == 1
    assert "投资平台" in err


def test_trace_leads_from_a_value_to_its_payload_and_rule(command: Command):
    found = data(command("trace", f"project:{CODE}", "name", "--json"))
    assert found["value"] == NAME
    assert found["origin"]["source"] == {"xmmc": NAME}
    assert found["origin"]["rule"] == {"from": "xmmc", "use": ["trim", {"blank": ["无", "空"]}]}
    whole = data(command("trace", str(found["head"]["record_id"]), "--json"))
    assert whole["readers"][0]["route"] == "hub trace"
    assert command("trace", "project:none")[0] == 1
    assert command("trace", f"project:{CODE}", "nothing")[0] == 1
    assert (
        PERMIT
        in command("trace", f"approval_document:山西省尖草坪区住房和城乡建设局|{PERMIT}", "number")[
            1
        ]
    )


def test_replay_takes_an_entry_up_again_and_says_what_came_of_it(command: Command, filled: Filled):
    filled.execute(
        "update hub.landing set payload = convert_to(replace(replace(convert_from(payload, "
        "'UTF8'), "
        "'A00009', 'A00002'), 'x', 'x'), 'UTF8') where key = '2'"
    )
    done = data(command("replay", "--id", "1", "--json"))
    assert (done["applied"], done["marked"]) == (1, 0)
    assert done["runs"][0]["counts"]["quarantined"] == 1
    assert data(command("failures", "--json"))["causes"][0]["cause"] == "record.code_unknown /gbhy"


def test_discard_needs_a_reason_and_keeps_who_and_why(command: Command, filled: Filled):
    assert command("discard", "--id", "1")[0] == 2
    assert command("discard", "--reason", "no", "--by", "zhang")[0] == 2
    assert data(
        command("discard", "--id", "1", "--reason", "test record", "--by", "zhang", "--json")
    ) == {"discarded": 1}
    (row,) = filled.rows("select state, closed_by, reason from hub.quarantine")
    assert row == {"state": "discarded", "closed_by": "zhang", "reason": "test record"}


def test_what_waits_is_listed_with_the_reason(command: Command, filled: Filled):
    filled.pull(
        "pull.approval.material",
        payload("pull.approval.material", clid="M9", gcdm="2405-520502-04-01-100001-001"),
    )
    found = data(command("waiting", "--json"))
    assert found["waiting"] == {"pull.approval.material": 1}
    assert "2405-520502-04-01-100001" in command("waiting")[1]


def test_seal_and_verify_answer(command: Command):
    assert data(command("seal", "--json"))["sealed"] == 5
    assert data(command("verify", "--json"))["wrong"] == 0


def test_what_a_verification_prints_is_what_the_api_lists_of_it(command: Command, filled: Filled):
    filled.execute("update golden.project set name = '假'")
    status, out, _ = command("verify", "--only", "golden", "--json")
    assert status == 1
    (kept,) = proven(operating(filled.hub, "tester")).verifications
    assert json.loads(out) == to_jsonable_python(kept)
    (first, *_) = kept.listed
    assert (first.table, first.kind, first.what != "") == ("golden.project", "golden", True)


def test_verify_says_table_by_table_what_it_covers(command: Command, filled: Filled):
    said = to_jsonable_python(proven(operating(filled.hub, "tester")))
    assert data(command("verify", "--tables", "--json")) == said
    assert "not covered" in command("verify", "--tables")[1]


def test_a_verification_is_noted_with_who_asked_and_what_it_found(command: Command, filled: Filled):
    filled.execute("update golden.project set name = '假'")
    status, shown, _ = command("verify", "--only", "golden", "--by", "li")
    assert (
        status,
        "golden.project record" in shown,
        "假" in shown,
        "not looked at: " in shown,
    ) == (
        1,
        True,
        False,
        True,
    )
    (row,) = filled.rows("select by, state, made, wrong, findings from hub.verification")
    findings = row.pop("findings")
    assert row == {"by": "li", "state": "complete", "made": ["golden"], "wrong": len(findings)}
    assert {(one["table"], one["what"]) for one in findings} >= {
        ("golden.project", "golden.fields")
    }


def test_verify_says_how_far_it_is(command: Command):
    status, _, err = command("verify")
    assert status == 0
    assert "golden project: 1" in err.splitlines()


def test_check_names_file_line_cause_and_cure(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    broken = tmp_path / "mappings" / "plan"
    broken.mkdir(parents=True)
    says = SYSTEM.format(name="plan").strip().replace("given", "telepathy")
    (broken / "system.yaml").write_text(says, encoding="utf-8")
    monkeypatch.setenv("HUB_HOME", str(tmp_path))
    status, out, err = command("check")
    assert (status, out) == (1, "")
    assert err.startswith("mappings/plan/system.yaml:3 [flow.connector_unknown] ")
    assert "Cure: " in err


def test_check_fails_while_the_schedule_is_stale_and_writes_it_on_demand(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HUB_HOME", str(tmp_path))
    assert command("check")[0] == 1
    assert data(command("check", "--write", "--json"))["files"] == 0
    assert json.loads((tmp_path / "dags" / "flows.json").read_text()) == {"systems": {}}
    assert command("check")[0] == 0


def test_applications_are_listed_granted_and_refused(command: Command, filled: Filled):
    command("accounts", "add", "water", "--role", "department", "--json")
    filled.execute(
        "with p as (insert into hub.application (account, entities, classes, purpose, basis, "
        "valid_from, valid_until) "
        "select 'water', '{project,parcel}', '{public,internal}', '报装', '条例', current_date, "
        "current_date + 90 "
        "from generate_series(1, 2) returning id) "
        "insert into hub.application_step (application_id, state, by_account) select id, 'open', "
        "'water' from p"
    )
    second, first = (
        row["id"] for row in data(command("applications", "list", "--state", "open", "--json"))
    )
    listed = data(command("applications", "list", "--state", "open", "--json"))
    assert [(row["sharing_kind"], row["term"]["article"]) for row in listed] == [
        ("conditional", "第二十一条")
    ] * 2
    assert command("applications", "extend", str(second), "--reason", "需征求意见")[0] == 0
    assert command("applications", "extend", str(second), "--reason", "again")[0] == 1
    assert "第二十一条" in command("applications", "list")[1]
    assert (
        command("applications", "grant", str(first), "--entity", "project", "--class", "public")[0]
        == 0
    )
    (held,) = data(command("grants", "list", "water", "--json"))
    assert (held["entity"], held["classes"], held["application_id"]) == (
        "project",
        ["public"],
        first,
    )
    assert command("applications", "refuse", str(second), "--reason", "与职责不符")[0] == 0
    assert command("applications", "refuse", str(second), "--reason", "again")[0] == 1
    assert command("applications", "grant", "99")[0] == 1
    assert "refused" in command("applications", "list")[1]


def test_accounts_and_grants_come_and_go(command: Command, filled: Filled):
    made = data(
        command(
            "accounts",
            "add",
            "fire-bureau",
            "--role",
            "department",
            "--department",
            "消防",
            "--json",
        )
    )
    assert len(made["token"]) > 40
    assert made["token"] not in str(filled.rows("select * from hub.account"))
    assert command("accounts", "add", "fire-bureau", "--role", "department")[0] == 1
    assert command("accounts", "add", "x", "--role", "king")[0] == 1
    numbers = data(
        command(
            "grants",
            "add",
            "fire-bureau",
            "project",
            "participant",
            "--purpose",
            "消防验收",
            "--json",
        )
    )
    assert set(numbers) == {"project", "participant"}
    assert command("grants", "add", "fire-bureau", "nothing", "--purpose", "x")[0] == 2
    assert command("grants", "add", "nobody", "project", "--purpose", "x")[0] == 1
    command("grants", "end", str(numbers["project"]))
    assert [
        row["in_force"] for row in data(command("grants", "list", "fire-bureau", "--json"))
    ] == [True, False]
    renewed = data(command("accounts", "renew", "fire-bureau", "--json"))
    assert renewed["token"] != made["token"]
    assert command("accounts", "end", "fire-bureau")[0] == 0
    assert command("accounts", "renew", "fire-bureau")[0] == 1
    assert data(command("accounts", "list", "--json"))[0]["ended_at"] is not None


def test_alerts_are_looked_for_listed_and_tried_out(command: Command):
    assert data(command("alerts", "--json")) == []
    assert data(command("alerts", "watch", "--json"))["told"] == 0
    assert "alert.quarantine" in {
        alert["told"]["code"] for alert in data(command("alerts", "--json"))
    }
    assert "record.code_unknown /xmlx" in command("alerts")[1]
    status, _, err = command("alerts", "test")
    assert status == 1
    assert "HUB_ALERT_URLS" in err


def test_a_run_whose_process_is_gone_reads_as_such_before_anybody_has_closed_it(
    command: Command, filled: Filled
):
    filled.execute(
        "insert into hub.run (flow, kind, fence, process, lease_until) values "
        "('pull.investment.project', 'pull', 1, 'box 17 x', now() - interval '1 minute'), "
        "('pull.gas.utility_connection', 'pull', 1, 'box 18 y', now() + interval '1 minute')"
    )
    alive, dead = data(command("runs", "--limit", "2", "--json"))
    assert (alive["state"], alive["ended_at"]) == ("running", None)
    assert (dead["state"], dead["why"]["code"]) == ("aborted", "flow.process_lost")
    assert dead["ended_at"] is not None
    assert "box 17" in command("runs", "--state", "aborted")[1]


def test_a_database_that_is_not_migrated_is_said_so(
    command: Command, empty_database_url: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HUB_DATABASE_URL", empty_database_url)
    status, _, err = command("runs")
    assert status == 1
    assert "hub migrate" in err
    assert "Traceback" not in err


def test_migrate_twice_makes_nothing_the_second_time(
    command: Command, empty_database_url: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HUB_DATABASE_URL", empty_database_url)
    assert "golden.project" in data(command("migrate", "--json"))["done"]
    assert data(command("migrate", "--json"))["done"] == []


def test_a_database_that_is_away_and_a_setting_that_is_missing_are_said(
    command: Command, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HUB_DATABASE_URL", "")
    status, _, err = command("runs")
    assert status == 1
    assert "HUB_DATABASE_URL" in err


def test_chinese_is_spoken_where_the_locale_is_chinese(filled: Filled):
    environ = {**os.environ, **filled.environ, "LC_ALL": "zh_CN.UTF-8"}
    del environ["HUB_LANG"]
    done = subprocess.run(
        [sys.executable, "-m", "hub", "runs"],
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "读取 2 = 新增 1 + 问题数据 1" in done.stdout


def test_a_region_outside_the_standard_is_a_finding_and_sets_nothing_aside(
    command: Command, filled: Filled
):
    filled.pull(
        "pull.investment.project",
        payload("pull.investment.project", id=777, xmdm="2406-520555-04-01-777777"),
    )
    found = data(command("findings", "--json"))
    assert [
        (row["code"], row["times"]) for row in found if row["flow"] == "pull.investment.project"
    ] == [
        (
            "record.list_unread",
            2,
        ),  # what the projects want of water, gas and heat has no field to go to
        ("record.region_unknown", 1),
    ]
    assert command("findings")[0] == 0


def test_a_remap_names_what_it_takes_and_shows_its_runs(command: Command, filled: Filled):
    assert command("remap")[0] == 2
    assert command("remap", "--entity", "nothing")[0] == 2
    assert data(command("remap", "--entity", "project", "--json"))["runs"][0]["counts"]["read"] == 0
    filled.execute("insert into hub.contract_version (hash, flow, body) values ('old', 'x', '{}')")
    filled.execute("update hub.head set contract_id = (select max(id) from hub.contract_version)")
    status, out, err = command("remap", "pull.investment.project")
    assert status == 0
    assert "read 2 = changed 1 + quarantined 1" in out
    assert "pull.investment.project: 2 / 2" in err


def test_a_rehearsal_shows_what_a_changed_mapping_would_do_and_who_looked(
    command: Command, filled: Filled, tmp_path: Path
):
    file = HOME / "mappings/investment/project.pull.yaml"
    changed = tmp_path / "project.pull.yaml"
    changed.write_text(
        file.read_text(encoding="utf-8").replace("{from: xmmc,", "{from: xmdm,"), encoding="utf-8"
    )
    found = data(
        command("rehearse", "pull.investment.project", "--mapping", str(changed), "--json")
    )
    assert (found["read"], found["changed"], found["projects"]) == (2, 1, 1)
    (example,) = found["fields"]["name"]["examples"]
    assert (example["was"], example["would_be"]) == (NAME, CODE)
    status, out, err = command("rehearse", "pull.investment.project", "--mapping", str(changed))
    assert status == 0
    assert f"{NAME} → {CODE}" in out
    assert "pull.investment.project: 2 / 2" in err
    (read,) = filled.rows("select distinct route, record_ids from hub.access")
    assert read == {"route": "hub rehearse", "record_ids": [filled.record("project")]}
    assert command("rehearse", "pull.nobody.project")[0] == 2
    assert (
        data(
            command(
                "rehearse",
                "pull.investment.project",
                "--home",
                str(HOME),
                "--sample",
                "1",
                "--json",
            )
        )["read"]
        == 1
    )


def test_a_recall_is_found_opened_followed_and_acknowledged(command: Command, filled: Filled):
    desk = Desk()
    filled.push("push.water.project", desk)
    wanted = ("--record", f"project:{CODE}", "--field", "name")
    found = data(command("recall", "find", *wanted, "--json"))
    assert (found["value"], found["value_now"]) == (NAME, NAME)
    assert [one["flow"] for one in found["deliveries"]] == ["push.water.project"]
    assert NAME in command("recall", "find", *wanted)[1]
    assert command("recall", "find", *wanted, "--value", "没有过")[0] == 1
    made = data(
        command("recall", "open", *wanted, "--reason", "原表填错", "--by", "zhang", "--json")
    )
    assert (made["owed"], made["opened_by"]) == (1, "zhang")
    number = str(made["id"])
    assert data(command("recall", "list", "--json"))[0]["owed"] == 1
    assert "push.water.project" in command("recall", "show", number)[1]
    done = data(
        command(
            "recall",
            "acknowledge",
            number,
            "--name",
            "push.water.project",
            "--note",
            "电话",
            "--json",
        )
    )
    assert done["received"][0]["note"] == "电话"
    assert done["closed_at"] is None
    filled.pull(
        "pull.investment.project",
        payload("pull.investment.project", id=1, xmdm=CODE, xmmc="改正的名称"),
    )
    assert data(command("recall", "list", "--json")) == []
    assert "改正" not in command("recall", "list", "--closed")[1]
    assert command("recall", "show", "99")[0] == 1


def test_an_erasure_needs_one_thing_and_grounds(command: Command, filled: Filled):
    assert command("erase", "--reason", "x")[0] == 2
    assert command("erase", "--record", "1", "--landing", "1", "--reason", "x")[0] == 2
    assert command("erase", "--record", "1", "--reason", " ")[0] == 2
    done = data(
        command(
            "erase",
            "--record",
            str(filled.record("participant")),
            "--reason",
            "申请",
            "--by",
            "zhang",
            "--json",
        )
    )
    assert done["payloads"] == 1
    assert "payloads" in command("erase", "--record", f"project:{CODE}", "--reason", "申请")[1]
    assert data(command("seal", "--json"))["sealed"] == 7
    assert data(command("verify", "--json"))["checked"]["erased"] == 3


def test_a_decision_is_shown_side_by_side_made_and_taken_back(command: Command, filled: Filled):
    filled.pull(PROJECT, FIRST, SECOND)
    filled.pull(RIGHT, OPEN)
    command("release")
    shown = command("links")[1]
    assert all(word in shown for word in (ONE, TWO, "七星关区锦绣花园", "41000"))
    (question,) = data(command("links", "--json"))
    assert (
        command("link", question["key"], "--to", TWO, "--by", "王工", "--reason", "产权图")[0] == 0
    )
    assert filled.rows(LINKED) == [{"project_code": TWO}]
    assert TWO in command("unlink", question["key"], "--by", "王工", "--reason", "另一宗地")[1]
    assert filled.rows(LINKED) == []
    assert ONE in command("links", "--json")[1]
    assert ONE in command("link", question["key"], "--reject", "--reason", "都不是")[1]
    assert data(command("links", "--json")) == []
    assert command("link", question["key"], "--reason", "x")[0] == 2


def test_runs_say_first_what_keeps_others_from_beginning(filled: Filled, command: Command):
    """A task of Airflow's that fails, a DAG file that it cannot read; a flow without a connection
    is a run.
    """
    said = "SyntaxError: invalid syntax"
    airflow_tasks.dag_broken(filled.hub.database, "pull.py", said)
    lost = airflow_tasks.Try("upkeep", "1", "seal", 1)
    airflow_tasks.task_failed(filled.hub.database, lost, "gone", schedule="{}")
    status, _, _ = command("run", "pull.gas.utility_connection")
    assert status != 0
    _, shown, problems = command("runs", "--limit", "1")
    assert "pull.py" in problems
    assert said in problems
    assert "upkeep.seal" in problems
    assert "pull.gas.utility_connection" in shown
    assert "HUB_CONN_GAS" in shown


def test_a_flow_that_is_no_longer_there_is_still_asked_for_by_its_name(
    filled: Filled, command: Command
):
    filled.execute("insert into hub.flow (name) values ('pull.gone.project')")
    assert command("runs", "--flow", "pull.gone.project")[0] == 0
