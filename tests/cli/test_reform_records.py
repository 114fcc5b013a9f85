"""What reform asks of the two standing systems: flows, engineerings, promises, joint acceptance,
phases, letters, merged papers, homes sold. Read from the running systems, compared with the world.
"""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from psycopg.rows import dict_row

from hub.db.records import projects
from hub.domain.rights import operator
from hub.services import catalogue
from hub.services.prefill import prefilled
from sandbox.world import World
from sandbox.world.life_record import Life
from tests.api.conftest import open_account
from tests.cli.conftest import Command, running
from tests.contexts import asking
from tests.filled import CONTRACTS, Filled
from tests.postgres import DatabaseServer
from tests.sandbox.process import eventually
from tests.sandbox_processes import SECRET, PartnerProcess, running_partner

PROJECTS = 70
FIRST = ("project", "approval_document", "approval_document.permit")
NEW = ("flow", "flow_stage", "flow_item", "engineering", "commitment", "acceptance", "opinion",
    "approval_document.reform")  # fmt: skip
PROMISES = {
    "informed": ["符合审批条件", "接受核查"],
    "tolerated": ["按期提交申请表"],
    "scheme_stable": ["方案不作重大调整"],
}
SAID = {"pass": "验收合格", "rectify": "现场问题需整改后复验"}
BRACKETS = str.maketrans("（）", "()")
Rows = dict[tuple[object, ...], dict[str, object]]


@dataclass(frozen=True)
class Site:
    """A hub of its own and the two systems that it reads."""

    hub: Filled
    approval: PartnerProcess
    registry: PartnerProcess


@pytest.fixture(scope="module")
def site(
    database_server: DatabaseServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    with ExitStack() as stack:
        environ: dict[str, str] = {}
        partners = []
        for name, options in (("approval", ""), ("registry", "?client_encoding=GBK")):
            url = stack.enter_context(database_server.database())
            login, (host, base) = f"reform_{name}", url.split("@")[-1].split("/")
            environ[f"HUB_CONN_{name.upper()}"] = (
                f"postgresql://{login}:{SECRET}@{host}/{base}{options}"
            )
            state = tmp_path_factory.mktemp(name)
            partner = running_partner(
                name, state=state, projects=PROJECTS, database_url=url, user=login
            )
            partners.append(stack.enter_context(partner))
        hub = Filled(stack.enter_context(database_server.database()), **environ)
        stack.callback(hub.hub.close)
        hub.hub.migrate()
        yield Site(hub, *partners)


@pytest.fixture
def command(
    site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    return running(site.hub, monkeypatch, capsys)


def counts(command: Command, flow: str) -> dict[str, int]:
    """What comes of a run; every run balances."""
    status, out, err = command("run", flow, "--json")
    assert status == 0, err
    (run,) = json.loads(out)["runs"]
    assert run["balanced"] is True
    return {name: count for name, count in run["counts"].items() if count}


def lives(*, tick: int = 0) -> list[Life]:
    world = World(seed=7, projects=PROJECTS)
    return [world.life(index, tick=tick) for index in range(world.size)]


def golden(site: Site, entity: str, key: tuple[str, ...], *, where: str = "true") -> Rows:
    """Golden records by some of their fields."""
    query = f"select * from golden.{entity} where deleted_at is null and {where}"  # noqa: S608
    with site.hub.hub.database.write() as tx, tx.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(query.encode()).fetchall()
    return {tuple(row[name] for name in key): row for row in rows}


def flows_of_world() -> tuple[Rows, Rows, Rows]:
    flows, stages, items = Rows(), Rows(), Rows()
    for flow in (flow for life in lives() for flow in life.flows):
        flows[flow.code, "1"] = {"name": flow.name, "standard_kind": str(flow.kind)}
        for stage in flow.stages:
            stages[flow.code, "1", stage.ordinal] = {
                "code": stage.code,
                "name": stage.name,
                "standard_stage": str(stage.ordinal),
                "limit_days": stage.limit_days,
            }
        for ordinal, code in flow.items:
            items[flow.code, "1", ordinal, code] = {"item_version": "1"}
    return flows, stages, items


def engineerings_of_world() -> Rows:
    return {
        (one.code,): {
            "project_code": life.project.code,
            "name": one.name,
            "prior_engineering_code": one.prior,
            "floor_area": one.floor_area,
            "flow_kind": str(life.project.flow_kind),
            "linear": life.project.linear,
        }
        for life in lives()
        for one in life.engineerings
    }


def commitments_of_world() -> Rows:
    return {
        (one.item_number, one.kind): {
            "project_code": life.project.code,
            "promises": PROMISES[one.kind],
            "owed_material": one.owed_material,
            "department": one.department.name,
            "signed_on": one.signed_on,
            "due_on": one.due_on,
            "extended_to": one.extended_to,
            "handed_in_on": one.handed_in_on,
            "fulfilled_on": one.fulfilled_on,
            "broken": one.broken,
            "consequence": "责令整改" if one.broken else None,
            "in_public_list": one.listed,
            "published_until": one.published_until,
        }
        for life in lives()
        for one in life.commitments
    }


def acceptances_of_world(*, tick: int = 0) -> tuple[Rows, Rows]:
    cases, opinions = Rows(), Rows()
    for life in lives(tick=tick):
        for one in life.acceptances:
            cases[(one.number,)] = {
                "project_code": life.project.code,
                "lead": one.lead.name,
                "applied_at": one.applied_at,
                "accepted_at": one.accepted_at,
                "round": one.round,
                "conclusion": one.conclusion,
                "concluded_at": one.concluded_at,
                "survey_number": f"CH{life.project.region_code}{life.project.index}",
            }
            for said in one.opinions:
                opinions[one.number, said.round, said.trade] = {
                    "department": said.department.name,
                    "asked_at": said.asked_at,
                    "on_site_at": said.on_site_at,
                    "answered_at": said.answered_at,
                    "result": said.result,
                    "text": SAID[said.result] if said.result else None,
                    "officer": said.officer,
                }
    return cases, opinions


def consultations_of_world(*, tick: int = 0) -> Rows:
    return {
        (one.item_number, one.authority.name): {
            "asked_at": one.asked_at,
            "answered_at": one.answered_at,
            "opinion": one.opinion,
            "round": 1,
        }
        for life in lives(tick=tick)
        for one in life.consultations
    }


def consultations_of(site: Site) -> Rows:
    said = ("asked_at", "answered_at", "opinion", "round")
    found = golden(site, "consultation", ("item_number", "department"))
    return {key: {name: row[name] for name in said} for key, row in found.items()}


def papers_of_world() -> Rows:
    return {
        (one.issuer.name, one.number): {
            "project_code": life.project.code,
            "kind": one.kind,
            "issued_on": one.issued_on,
            "phase": one.phase,
            "phase_scheme": one.phase_scheme,
            "phase_no": one.phase_no,
            "covers_unit_works": list(one.covers) or None,
            "stands_in_for": one.stands_in_for,
            "provisional_until": one.provisional_until,
            "replaces": one.replaces,
            "revokes": one.revokes,
            "items": list(one.items) or None,
            "status": "void" if one.void else "valid",
        }
        for life in lives()
        for one in life.papers
    }


def test_what_the_approval_system_shares_arrives_as_the_world_says(site: Site, command: Command):
    for name in FIRST:
        counts(command, f"pull.approval.{name}")
    shared = site.approval.shared()
    for name in NEW:
        table = CONTRACTS.pulls[f"pull.approval.{name}"].read["table"]
        said = counts(command, f"pull.approval.{name}")
        assert said["read"] == shared[str(table).removeprefix("share.").upper()] > 0
        assert not {"quarantined", "waiting"} & said.keys()
    flows, stages, items = flows_of_world()
    cases, opinions = acceptances_of_world()
    papers = papers_of_world()
    expected: list[tuple[str, tuple[str, ...], Rows]] = [
        ("flow", ("flow_code", "flow_version"), flows),
        ("flow_stage", ("flow_code", "flow_version", "ordinal"), stages),
        ("flow_item", ("flow_code", "flow_version", "stage_ordinal", "item_code"), items),
        ("engineering", ("engineering_code",), engineerings_of_world()),
        ("commitment", ("item_number", "kind"), commitments_of_world()),
        ("acceptance", ("number",), cases),
        ("opinion", ("case_number", "round", "trade"), opinions),
    ]
    for entity, key, must in expected:
        found = golden(site, entity, key)
        assert found.keys() == must.keys()
        for one, fields in must.items():
            assert {name: found[one][name] for name in fields} == fields
    documents = golden(site, "approval_document", ("issuer", "number"))
    assert papers.keys() <= documents.keys()
    for one, fields in papers.items():
        assert {name: documents[one][name] for name in fields} == fields


def test_flows_belong_to_no_project_and_never_wait(site: Site, command: Command):
    counts(command, "pull.approval.flow_item")
    rows = site.hub.rows("select count(*) as n, count(project_code) as named from golden.flow_item")
    assert rows[0]["n"] > 0 == rows[0]["named"]
    assert "project_code" not in CONTRACTS.entities["flow_item"].said
    asked = asking(site.hub.hub, rights=operator(CONTRACTS.entities))
    sheet = catalogue.sheet(asked, "flow")
    assert [field.name for field in sheet.every_field] == list(CONTRACTS.entities["flow"].said)


def test_a_revoked_phase_is_void_and_the_permit_that_revokes_it_names_it(
    site: Site, command: Command
):
    counts(command, "pull.approval.approval_document.reform")
    rows = golden(site, "approval_document", ("number",), where="phase is not null")
    revoking = {key: row for key, row in rows.items() if row["revokes"]}
    assert revoking
    for row in revoking.values():
        revoked = rows[(row["revokes"],)]
        assert (revoked["status"], row["status"]) == ("void", "valid")
        assert (revoked["phase"], revoked["phase_no"]) == (row["phase"], row["phase_no"])


@pytest.mark.parametrize(
    ("name", "table", "cure"),
    [
        ("flow", "SPGL_SPLCXXB", {"DYBZSPLCLX": 2}),
        ("acceptance", "GG_LHYSXXB", {"YSJL": "通过"}),
        ("opinion", "GG_LHYSYJXXB", {"FKJG": "1"}),
        ("approval_document.reform", "GG_PFWJGXXXB", {"FQ": "基础与地下室"}),
    ],
)
def test_a_bad_record_is_set_aside_and_closed_when_it_is_corrected(
    site: Site, command: Command, name: str, table: str, cure: dict[str, object]
):
    flow = f"pull.approval.{name}"
    counts(command, flow)
    site.approval.arm("malformed_record", where=table)
    assert counts(command, flow)["quarantined"] == 1
    (bad,) = site.hub.rows(
        "select key, faults from hub.quarantine where flow = %s and closed_at is null", flow
    )
    assert bad["faults"]
    right = {"GCDM": _engineering(site, str(bad["key"]))} if name != "flow" else {}
    site.approval.edit(table, str(bad["key"]).replace("|", "/"), {**cure, **right})
    counts(command, flow)
    open_ = "select count(*) as n from hub.quarantine where flow = %s and closed_at is null"
    assert site.hub.rows(open_, flow) == [{"n": 0}]


def _engineering(site: Site, key: str) -> str:
    """The engineering code that the world gives to a case or paper."""
    number = key.split("|", maxsplit=1)[0]
    return next(
        life.project.engineering_code
        for life in lives()
        if number in {one.number for one in (*life.acceptances, *life.papers)}
    )


def registrations_of_world() -> Rows:
    found = Rows()
    for sale in (sale for life in lives() for sale in life.sales):
        common = {
            "unit_number": sale.unit_number,
            "contract_number": sale.contract_number,
            "holder": sale.buyer,
            "area": sale.area,
            "mortgage": sale.mortgage,
            "seizure": sale.seizure,
        }
        found[(sale.notice_business,)] = {
            **common,
            "kind": "presale_notice",
            "certificate_number": sale.notice_number.translate(BRACKETS),
            "registered_on": sale.noticed_on,
        }
        if sale.transfer_business:
            found[(sale.transfer_business,)] = {
                **common,
                "kind": "transfer",
                "certificate_number": str(sale.certificate_number).translate(BRACKETS),
                "registered_on": sale.transferred_on,
            }
    return found


REGISTRY = ("parcel", "property_registration", "property_registration.notice",
    "property_registration.transfer")  # fmt: skip


def test_homes_sold_arrive_with_their_contracts_and_find_their_project(
    site: Site, command: Command
):
    for name in FIRST:
        counts(command, f"pull.approval.{name}")
    said = {name: counts(command, f"pull.registry.{name}") for name in REGISTRY}
    shared = site.registry.shared()
    assert said["property_registration.notice"]["read"] == shared["notices"] > 0
    assert said["property_registration.transfer"]["read"] == shared["transfers"] > 0
    must = registrations_of_world()
    where = "kind in ('transfer', 'presale_notice')"
    found = golden(site, "property_registration", ("business_number",), where=where)
    waiting = sum(one.get("waiting", 0) for one in said.values())
    assert found.keys() <= must.keys()
    assert len(found) > len(must) / 2
    assert len(must) - len(found) <= waiting
    projects_of = {sale.unit_number: life.project.code for life in lives() for sale in life.sales}
    for key, row in found.items():
        assert {name: row[name] for name in must[key]} == must[key]
        assert row["project_code"] == projects_of[str(row["unit_number"])]


def test_whether_a_home_is_mortgaged_is_seen_with_the_grant_for_it_alone(
    site: Site, command: Command
):
    for name in (*FIRST, "commitment"):
        counts(command, f"pull.approval.{name}")
    for name in REGISTRY:
        counts(command, f"pull.registry.{name}")
    (code, *_) = (
        row["project_code"]
        for row in golden(site, "property_registration", ("business_number",)).values()
        if row["kind"] == "presale_notice"
    )
    for account, classes in (("public", ("public",)), ("state", ("public", "internal"))):
        open_account(site.hub, account, "department", "property_registration", classes=classes)
        entities = [CONTRACTS.entities["property_registration"]]
        with site.hub.hub.database.read(reader=account) as tx:
            known = projects.known_of_project(tx, entities, str(code))
        assert {row.values["kind"] for row in known} & {"presale_notice"}
        shown = {name for row in known for name in ("mortgage", "seizure") if name in row.values}
        assert shown == ({"mortgage", "seizure"} if "internal" in classes else set())


def test_a_bad_registration_is_set_aside_and_closed_when_it_is_corrected(
    site: Site, command: Command
):
    flow = "pull.registry.property_registration.notice"
    counts(command, flow)
    site.registry.arm("malformed_record", where="notices")
    read = "select key, faults from hub.quarantine where flow = %s and closed_at is null"

    def bad() -> list[dict[str, object]]:
        counts(command, flow)
        return site.hub.rows(read, flow)

    assert eventually(lambda: bool(bad()))
    (one,) = site.hub.rows(read, flow)
    assert "record.code_unknown" in str(one["faults"])
    site.registry.edit("notices", str(one["key"]).split("|", maxsplit=1)[0], {"cfzt": "0"})
    assert eventually(lambda: not bad())


def test_forms_ask_for_letters_phases_and_promises(site: Site, command: Command):
    for name in (*FIRST, "approval_document.reform", "commitment", "engineering"):
        counts(command, f"pull.approval.{name}")
    open_account(site.hub, "clerk", "administrator")
    asked = asking(site.hub.hub, "clerk", rights=operator(CONTRACTS.entities))
    letters = golden(site, "approval_document", ("project_code",), where="kind = 'letter'")
    phased = golden(site, "approval_document", ("project_code",), where="phase_no = 2")
    for (code,), must in (
        *[(one, {"planning_letter": row["number"]}) for one, row in letters.items()][:2],
        *[(one, {"phases": row["phase"]}) for one, row in phased.items()][:2],
    ):
        filled, _ = prefilled(asked, "construction_permit", str(code))
        said = {
            one.question.name: {item.value for item in one.items}
            for one in filled.answers
            if one.items
        }
        reasons = {one.question.name: one.reason for one in filled.answers}
        for name, value in must.items():
            assert value in said.get(name, ()), reasons[name]


def test_items_and_stages_say_who_leads_what_was_promised_and_when_they_were_entered(
    site: Site, command: Command
):
    for name in ("project", "stage", "approval_item", "approval_step"):
        counts(command, f"pull.approval.{name}")
    stages = golden(site, "stage", ("number",))
    items = golden(site, "approval_item", ("number",))
    kinds = {row["handling_kind"] for row in items.values()}
    assert kinds == {"immediate", "promised"}
    for life in lives():
        for stage in life.stages:
            assert stages[(stage.number,)]["lead_department"] == stage.lead.name
        for item in life.items:
            row = items[(item.number,)]
            assert row["promised_days"] == item.limit_days
            assert row["statutory_days"] in {7, 15, 20}
            assert row["entered_at"] == item.applied_at
    steps = golden(site, "approval_step", ("item_number", "status", "at"))
    assert steps
    assert all(row["entered_at"] == at for (_, _, at), row in steps.items())


def test_a_second_round_asks_those_again_who_found_something_and_ends_the_case(
    site: Site, command: Command
):
    """Almost last in this file: time goes on."""
    site.approval.tick()
    site.approval.tick()
    for name in ("project", "acceptance", "opinion", "completion_filing", "consultation"):
        counts(command, f"pull.approval.{name}")
    cases, opinions = acceptances_of_world(tick=2)
    found = golden(site, "acceptance", ("number",))
    said = golden(site, "opinion", ("case_number", "round", "trade"))
    for rows, must in ((found, cases), (said, opinions)):
        assert rows.keys() == must.keys()
        for one, fields in must.items():
            assert {name: rows[one][name] for name in fields} == fields
    again = {(case, trade) for case, of, trade in said if of == 2}
    assert again
    assert again == {
        (case, trade)
        for (case, of, trade), row in said.items()
        if of == 1 and row["result"] == "rectify" and found[(case,)]["round"] == 2
    }
    filings = golden(site, "completion_filing", ("project_code",), where="rounds is not null")
    of_project = {row["project_code"]: row["round"] for row in found.values()}
    assert filings
    assert all(row["rounds"] == of_project[code] for (code,), row in filings.items())


def test_who_was_asked_and_has_not_answered_is_there_and_turns_into_the_answer(
    site: Site, command: Command
):
    """After the test before it: time goes on once more."""
    counts(command, "pull.approval.consultation")
    asked, answered = consultations_of_world(tick=2), consultations_of_world(tick=3)
    assert consultations_of(site) == asked
    pending = [key for key, row in asked.items() if row["answered_at"] is None]
    assert [key for key in pending if answered[key]["answered_at"]]
    site.approval.tick()
    counts(command, "pull.approval.consultation")
    assert consultations_of(site) == answered
