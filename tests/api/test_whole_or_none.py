"""What is made of a project is the same for every reader, or is not shown: counts, the latest of
several, the only one.

Asked as administrator, auditor and departments with different grants over three hundred projects.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date

import pytest

from hub import auth
from hub.auth.context import RequestContext
from hub.domain.rights import operator
from hub.services import figures
from hub.services.figures import Figures, total
from hub.services.prefill import chosen, prefill, prefilled
from hub.services.prefill.filling import FilledField
from hub.services.prefill.search import found
from tests.api.conftest import Client, asking
from tests.filled import CONTRACTS, Filled, payload
from tests.postgres import DatabaseServer

PROJECTS = 300
FORMS = ("joint_acceptance", "construction_permit", "water_connection")
ON = date(2026, 11, 1)
NOT_SHOWN = {"prefill.no_grant", "prefill.masked"}
TOKENS: dict[str, str] = {}
GRANTS: Mapping[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "boss": ("administrator", (), ()),
    "auditor": ("auditor", (), ()),
    "planning": ("department", ("project", "approval_document", "participant"), ("public",)),
    "water": (
        "department",
        ("project", "completion_filing", "participant"),
        ("internal", "personal"),
    ),
}


def codes() -> list[str]:
    return [f"2503-140108-70-03-{number:06}" for number in range(1, PROJECTS + 1)]


def fill(world: Filled) -> None:
    """Projects that two systems know, half of them by different names; papers, filings and people
    of many of them.

    What came last is the oldest, so that the order of arrival and that of dates are told apart.
    """
    rows: dict[str, list[dict[str, object]]] = {
        name: []
        for name in (
            "investment.project",
            "approval.project",
            "approval.completion_filing",
            "approval.participant",
            "approval.approval_document.permit",
        )
    }

    def put(flow: str, **said: object) -> None:
        about = (
            {"lsh": len(rows[flow]) + 1}
            if flow.startswith("approval")
            else {"id": len(rows[flow]) + 1000}
        )
        rows[flow].append(payload(f"pull.{flow}", **about, **said))  # type: ignore[arg-type]

    for number, code in enumerate(codes()):
        put("investment.project", xmdm=code, xmmc=f"项目{number}")
        put(
            "approval.project",
            xmdm=code,
            gcdm=f"{code}-001",
            xmmc=f"项目{number}" if number % 2 else f"又名{number}",
        )
        for year in range(2026, 2026 - number % 4, -1):
            filed = {
                "barq": f"{year}-09-04T00:00:00",
                "sjzj": f"{year}.5",
                "jgysbabh": f"竣备{number}-{year}",
            }
            put("approval.completion_filing", gcdm=f"{code}-001", **filed)
            permit = {"fzrq": f"{year}-01-21T00:00:00", "sgxkzbh": f"{year}{number:014}"}
            put("approval.approval_document.permit", gcdm=f"{code}-001", **permit)
        for role in range(1, 1 + number % 3):
            people = {"dwmc": f"单位{number}-{role}", "fzrxm": f"王{number}"}
            put("approval.participant", xmdm=code, gcdm=f"{code}-001", dwlx=role, **people)
    for flow, some in rows.items():
        world.pull(f"pull.{flow}", *some)  # type: ignore[arg-type]
    world.hub.release()


@pytest.fixture(scope="module")
def many(database_server: DatabaseServer, filled_template: str) -> Iterator[Filled]:
    with database_server.database(template=filled_template) as url:
        world = Filled(url)
        fill(world)
        with world.hub.database.write() as tx:
            for name, (role, entities, classes) in GRANTS.items():
                TOKENS[name] = auth.open_account(tx, name, role, department="")
                for entity in entities:
                    auth.grant(
                        *(tx, CONTRACTS.entities, name, entity),
                        classes=classes,
                        purpose="核发施工许可",
                        valid_from=date(2020, 1, 1),
                        valid_until=date(2099, 1, 1),
                    )
        yield world
        world.hub.close()


def visit(world: Filled, account: str) -> RequestContext:
    with world.hub.database.read() as tx:
        reader = auth.reader_named(tx, account)
    assert reader is not None
    return RequestContext(world.hub, reader)


def counted(world: Filled, account: str, code: str) -> Figures:
    with world.hub.database.read() as tx:
        reader = auth.reader_named(tx, account)
        assert reader is not None
        return figures.of_project(tx, CONTRACTS, code, rights=auth.rights_on(tx, reader, code))


def numbers(found: Figures) -> dict[tuple[str, str], int | None]:
    return {
        (kind, entity): number
        for kind in ("records", "disagreements", "disputes")
        for entity, number in getattr(found, kind).items()
    }


def test_a_count_is_that_of_everybody_or_none(many: Filled):
    shown: Counter[str] = Counter()
    for code in codes():
        truth = numbers(counted(many, "boss", code))
        assert truth == numbers(counted(many, "auditor", code))
        assert None not in truth.values()
        for account in ("planning", "water"):
            said = numbers(counted(many, account, code))
            assert all(number in {None, truth[key]} for key, number in said.items())
            shown[account] += sum(number is not None for number in said.values())
    assert shown["planning"] >= 3 * PROJECTS
    whole = counted(many, "boss", codes()[3])
    assert (whole.records["completion_filing"], total(whole.records)) == (
        3,
        sum(whole.records.values()),
    )  # type: ignore[arg-type]
    assert counted(many, "boss", codes()[2]).disagreements["project"]
    assert total(counted(many, "planning", codes()[3]).records) is None


def comparable(answer: FilledField) -> object:
    """A value with where it stands, or why there is none."""
    return (
        [item.record_id for item in answer.items],
        answer.value,
        answer.reason and answer.reason.code,
    )


def test_the_latest_and_the_only_one_are_those_of_everybody_or_not_shown(many: Filled):
    everything = operator(CONTRACTS.entities)
    readers = {account: visit(many, account) for account in GRANTS}
    shown: Counter[str] = Counter()
    for number, code in enumerate(codes()):
        for form in FORMS if number % 30 == 0 else FORMS[:1]:
            with many.hub.database.read() as tx:
                asked = chosen(CONTRACTS, form)
                filled = prefill(tx, CONTRACTS, asked, project_code=code, rights=everything, on=ON)
            truth = {one.question.name: comparable(one) for one in filled.answers}
            for account, looks in readers.items():
                rights = looks.reader.rights
                for one in prefilled(looks, form, code)[0].answers:
                    entity = CONTRACTS.entities.get(one.question.entity)
                    sight = (
                        rights.sight(entity.name, entity.fields[one.question.field])
                        if entity
                        else "shown"
                    )
                    if sight == "masked":
                        assert (one.reason is None) or one.reason.code in NOT_SHOWN | {
                            "prefill.not_yet_received"
                        }
                    elif one.reason is None or one.reason.code not in NOT_SHOWN:
                        assert comparable(one) == truth[one.question.name], (
                            account,
                            code,
                            form,
                            one.question.name,
                        )
                        shown[account] += 1
    assert min(shown.values()) > PROJECTS


def test_the_api_gives_the_same_numbers(many: Filled):
    with asking(many) as client:
        for code in codes()[::50]:
            truth = _figures(client, "boss", code)
            for account in GRANTS:
                said = _figures(client, account, code)
                assert all(number in {None, truth[key]} for key, number in said.items())


def _figures(client: Client, account: str, code: str) -> dict[tuple[str, str], int | None]:
    answer = client.get(f"/v1/projects/{code}", TOKENS[account])
    assert answer.status_code == 200
    return {
        (kind, entity): number
        for kind, by_entity in answer.json()["figures"].items()
        for entity, number in by_entity.items()
    }


def test_a_search_goes_on_until_it_has_found_what_the_reader_may_see(many: Filled):
    with many.hub.database.write() as tx:
        auth.open_account(tx, "south", "department", department="")
        auth.grant(
            *(tx, CONTRACTS.entities, "south", "project"),
            classes=("public",),
            regions=("5202",),
            purpose="核发施工许可",
            valid_from=date(2020, 1, 1),
            valid_until=date(2099, 1, 1),
        )
        last = codes()[-1]
        tx.execute(
            (
                "update golden.project set region_code = case when project_code = %s then "
                "'520201' else '140108' end"
            ),
            (last,),
        )
    (only,) = found(visit(many, "south"), "2503-140108", most=2)
    assert only.project_code == last
