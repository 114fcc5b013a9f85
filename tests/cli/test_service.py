"""The integrated service platform, files alone: it pushes cases and ratings by a bearer token, asks
for the form before, and has a server for results, held papers and its library of items.
"""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from hub import wiring
from hub.auth.context import on_behalf, operating
from hub.services.prefill import prefilled
from hub.services.projects import project
from tests.api.conftest import asking
from tests.cli.conftest import Command
from tests.cli.file_partners import invested, run
from tests.filled import CODE, Filled, payload
from tests.sandbox_processes import SECRET, USER, PartnerProcess, running_partner
from tests.supply.conftest import open_clerk

PROJECTS = 24
OF_CASES = ("service_case", "project", "material", "commitment")


class Platform:
    """The platform, and the hub that it calls."""

    def __init__(self, partner: PartnerProcess, address: str, state: Path) -> None:
        self.partner, self.address, self.state = partner, address, state

    def calls(self) -> dict[str, int]:
        """One round of its calls: how often the hub said what."""
        told = self.partner.ask(f"call?hub={quote(self.address)}", method="POST")
        assert isinstance(told, dict)
        return told


@pytest.fixture
def platform(tmp_path: Path, filled: Filled, monkeypatch: pytest.MonkeyPatch) -> Iterator[Platform]:
    state = tmp_path / "platform"
    with running_partner("service", state=state, projects=PROJECTS) as partner:
        place = f"http://{USER}:{SECRET}@127.0.0.1:{partner.port}/zwfw/api"
        monkeypatch.setenv("HUB_CONN_SERVICE", place)
        hub = wiring.start(environ=filled.environ, connections={"service": place})
        try:
            filled.hub = hub
            with asking(filled) as client:
                yield Platform(partner, client.address, state)
        finally:
            hub.close()


def test_a_case_waits_for_its_code_comes_once_and_its_answers_never_win(
    tmp_path: Path,
    command: Command,
    filled: Filled,
    platform: Platform,
    monkeypatch: pytest.MonkeyPatch,
):
    offered = platform.partner.shared()
    before = filled.rows("select count(*)::int as n from golden.project")
    told = platform.calls()
    assert told["same receipt"] > 0  # of bodies whose answer was lost
    bodies = filled.rows("select count(*)::int as n, sum(records)::int as r from hub.inbound")
    assert bodies == [{"n": told["receipt"], "r": offered["cases"] + offered["ratings"]}]

    # one code alone has been issued yet: the others wait, and no answer makes a project
    for entity in OF_CASES:
        read = run(command, f"pull.service.{entity}")
        assert read["read"] == offered["cases"] > 40
    waiting = filled.rows(
        "select flow, count(*)::int as n from hub.waiting group by flow having count(*) > 5"
    )
    assert {one["flow"] for one in waiting} >= {f"pull.service.{one}" for one in OF_CASES}
    here = filled.rows("select distinct project_code from golden.service_case")
    assert here == [{"project_code": CODE}]
    assert filled.rows("select count(*)::int as n from golden.project") == before
    rated = run(command, "pull.service.rating")
    assert rated["waiting"] + rated.get("created", 0) == offered["ratings"]
    assert rated["waiting"] > 5

    with invested(tmp_path, command, monkeypatch):
        filled.hub.release()
        cases = filled.rows("select * from golden.service_case where deleted_at is null")
        (still,) = filled.rows(
            "select count(*)::int as n from hub.waiting where flow = 'pull.service.service_case'"
        )
        assert len(cases) + still["n"] == offered["cases"]  # some projects are secret, or withdrawn
        assert len(cases) > 40
        assert all(one["stage_number"] and one["items"] and one["escort"] != "" for one in cases)
        assert {one["stage"] for one in cases} <= {"1", "2", "3", "4"}

        # what the applicant wrote otherwise stands beside the register's value
        (other,) = filled.rows(
            "select s.address as said, g.address as stands, g.project_code, g.record_id"
            " from source.project s join golden.project g using (project_code)"
            " where s.system = 'service' and s.address <> g.address"
            " and s.project_code <> %s limit 1",
            CODE,  # which two registers speak of
        )
        context = operating(filled.hub, "li")
        view = project(context, str(other["project_code"]))
        (basics,) = [one for one in view.records if one.entity == "project"]
        assert basics.values["address"] == other["stands"]
        assert basics.fields["address"].system == "investment"
        assert [(one.system, one.value) for one in basics.disagreements["address"]] == [
            ("investment", other["stands"]),
            ("service", other["said"]),
        ]

        # papers that are owed stand with their days, ratings by department
        owed = filled.rows("select * from golden.commitment where kind = 'tolerated'")
        assert owed
        assert all(one["due_on"] and one["owed_material"] for one in owed)
        code = str(owed[0]["project_code"])
        form, _ = prefilled(context, "construction_permit", code)
        answers = {one.question.name: one for one in form.answers}
        assert answers["papers_owed"].value
        assert "escort" in answers

        # a later word on a case changes it, and is no second one
        key = str(cases[0]["number"]).removeprefix("YB")
        platform.partner.edit("cases", key, {"ajzt": "补正", "bdby": "陶然"})
        platform.calls()
        assert run(command, "pull.service.service_case")["changed"] == 1
        (changed,) = filled.rows(
            "select state, escort from golden.service_case where number = %s", cases[0]["number"]
        )
        assert changed == {"state": "6", "escort": "陶然"}


def test_a_paper_seen_before_by_its_content_is_one(
    tmp_path: Path,
    command: Command,
    filled: Filled,
    platform: Platform,
    monkeypatch: pytest.MonkeyPatch,
):
    with invested(tmp_path, command, monkeypatch):
        platform.calls()
        told = run(command, "pull.service.material")
        (paper,) = filled.rows("select * from golden.material where item_number like 'SL%' limit 1")
        assert told["exploded"] > 40
        code = str(paper["project_code"])
        approved = payload("pull.approval.material", gcdm=f"{code}-001", clid="P-1", lsh=900)
        filled.pull("pull.approval.material", approved | {"clhx": paper["hash"]})
        rows = filled.rows("select record_id from golden.material where hash = %s", paper["hash"])
        assert len(rows) == 2  # each handing-in stays what it is
        context = operating(filled.hub, "li")
        shown = [
            one for one in project(context, code).records if one.values.get("hash") == paper["hash"]
        ]
        assert [one.record_id for one in shown] == [paper["record_id"]]
        form, _ = prefilled(context, "construction_permit", code)
        held = [one.record_id for one in form.materials]
        assert {one["record_id"] for one in rows} & {*held} == {paper["record_id"]}

        # also for a reader who is not shown what tells papers apart
        open_clerk(filled, "reader", entities=("project", "material"), classes=("public",))
        seen = project(on_behalf(filled.hub, "reader"), code).records
        assert {one["record_id"] for one in rows} & {one.record_id for one in seen} == {
            paper["record_id"]
        }


def test_the_form_is_asked_for_before_and_counted_and_a_wrong_token_is_refused(
    tmp_path: Path,
    command: Command,
    filled: Filled,
    platform: Platform,
    monkeypatch: pytest.MonkeyPatch,
):
    with invested(tmp_path, command, monkeypatch):
        entities = ("project", "approval_document", "participant", "credit_record")
        token = open_clerk(filled, "platform", entities=entities, classes=("public", "internal"))
        (platform.state / "token").write_text(token)
        platform.partner.arm("bad_signature")
        told = platform.calls()
        assert told["POST 401"] == 1
        assert told["GET 200"] == 10
        meter = filled.rows("select sum(submissions)::int as n from hub.once_only")
        assert meter == [{"n": 10}]
        read = run(command, "pull.service.service_case")
        assert read["read"] == platform.partner.shared()["cases"]


def test_results_are_taken_one_a_call_and_the_library_of_items_comes_whole(
    tmp_path: Path,
    command: Command,
    filled: Filled,
    platform: Platform,
    monkeypatch: pytest.MonkeyPatch,
):
    with invested(tmp_path, command, monkeypatch):
        run(command, "pull.investment.approval_document")
        for fault in ("lost_answer", "rejected_push", "http_500"):
            platform.partner.arm(fault, where="results")
            run(command, "push.service.approval_document")
            filled.execute("update hub.delivery set due = now() where state = 'retrying'")
        run(command, "push.service.approval_document")
        states = filled.rows(
            "select state, count(*)::int as n from hub.delivery"
            " where flow = 'push.service.approval_document' group by state order by state"
        )
        held = platform.partner.received("results")
        assert states == [{"state": "confirmed", "n": len(held)}, {"state": "rejected", "n": 1}]
        assert len(held) > 5
        assert {one["applied"] for one in held} == {1}
        library = {
            "item_definition": "items",
            "item_definition.controls": "controls",
            "material_definition": "catalogue",
        }
        for entity, resource in library.items():
            read = run(command, f"pull.service.{entity}")
            assert read["read"] == platform.partner.shared()[resource] > 20
            assert not read.keys() & {"quarantined", "waiting"}
        rows = filled.rows("select * from golden.item_definition")
        assert len(rows) == platform.partner.shared()["items"]
        assert all(one["result_kind"] == "10" and one["legal_limit"] for one in rows)
        asked = filled.rows(
            "select count(*)::int as n from golden.material_definition m"
            " where not exists (select from golden.item_definition i"
            " where i.item_code = m.item_code)"
        )
        assert asked == [{"n": 0}]
