"""The reform office: what its role shows of its regions, by PostgreSQL and by the service alike."""

import pytest

from hub import auth
from hub.auth.context import RequestContext
from hub.db.records import projects
from hub.domain.contracts import Entity
from hub.domain.rights import Ground, Rights
from hub.errors import FlowError
from hub.services import facts
from hub.services.projects import project
from tests.api.conftest import EVERYWHERE, Client, asking
from tests.auth.conftest import Opens
from tests.auth.test_rows import CONTRACTS, PHONE, seen
from tests.filled import CODE, Filled

REGION = "140108"
COUNTY = (REGION,)
NEIGHBOUR = ("140109",)
CITY = ("1401",)


@pytest.fixture(autouse=True)
def _placed(filled: Filled) -> None:
    """The project lies in the region that its code names."""
    filled.execute("update golden.project set region_code = %s", REGION)


def entities() -> list[Entity]:
    return [*CONTRACTS.entities.values()]


@pytest.mark.parametrize(("regions", "shown"), [(COUNTY, 4), (CITY, 4), (NEIGHBOUR, 0)])
def test_a_county_sees_its_county_and_the_city_all_with_persons_masked(
    filled: Filled, opens: Opens, regions: tuple[str, ...], shown: int
):
    opens(role="supervisor", supervised=regions)
    found = seen(filled)
    assert len(found) == shown
    for row in found.values():
        assert row.values.get("manager_phone") in {None, "***"}
    if shown:
        assert found["project"].values["flow_code"]  # of class internal
        assert found["project"].hidden == ()


def test_python_says_the_same_as_postgresql_of_every_region(filled: Filled, opens: Opens):
    reader = opens(role="supervisor", supervised=COUNTY)
    for region in (REGION, "140109", "14", "520502"):
        filled.execute("update golden.project set region_code = %s", region)
        rights = reader.rights.on(Ground(region, open_case=True))
        assert rights.whole == (region == REGION) == bool(seen(filled)), region
        with filled.hub.database.read(reader="bureau") as tx:
            assert auth.rights_on(tx, reader, CODE) == rights


def test_a_record_without_a_project_is_shown_beside_those_of_its_regions():
    mine = Rights.of("supervisor", (), COUNTY)
    here, there = (mine.on(Ground(region, open_case=False)) for region in (REGION, "140109"))
    assert mine.beside("credit_record", [there, here]).sees("credit_record")
    assert not mine.beside("credit_record", [there]).sees("credit_record")
    assert mine.may_see("credit_record")
    assert not mine.sees("credit_record")


def test_without_regions_nothing_is_shown(filled: Filled, opens: Opens):
    opens(role="supervisor", supervised=COUNTY)
    filled.execute("update hub.account set regions = '{}'")
    assert seen(filled) == {}
    with filled.hub.database.read() as tx:
        reader = auth.reader_named(tx, "bureau")
    assert reader is not None
    assert reader.rights == Rights()
    with pytest.raises(FlowError, match=r"access\.no_grant"):
        project(RequestContext(filled.hub, reader), CODE)


def test_no_source_record_and_no_payload_leaves_the_database(filled: Filled, opens: Opens):
    opens(role="supervisor", supervised=CITY)
    with filled.hub.database.read(reader="bureau") as tx:
        for table in ("asserted.project", "hub.landing", "hub.history", "hub.delivery"):
            assert tx.execute(f"select count(*) from {table}").fetchone() == (0,), table  # noqa: S608 -- our words
        row = tx.execute("select string_agg(key || position || version, '') from shown.arrival")
        assert row.fetchone() in {(None,), ("",)}


def test_a_supervisor_holds_no_grants_even_if_there_were_some(filled: Filled, opens: Opens):
    with pytest.raises(FlowError, match=r"access\.grant_supervisor"):
        opens("project", role="supervisor", supervised=NEIGHBOUR)
    opens("participant", classes=("public", "personal"))
    filled.execute("update hub.account set role = 'supervisor', regions = '{140108}'")
    assert seen(filled)["participant"].values["manager_phone"] == "***"
    filled.execute("update hub.account set regions = '{520502}'")
    assert seen(filled) == {}
    assert PHONE not in str(seen(filled))


@pytest.mark.parametrize(
    ("role", "regions", "code"),
    [
        ("supervisor", (), "access.regions_needed"),
        ("supervisor", ("市辖区",), "access.region_malformed"),
        ("department", ("14",), "access.regions_not_here"),
    ],
)
def test_regions_belong_to_supervisors_and_are_digits(
    filled: Filled, role: str, regions: tuple[str, ...], code: str
):
    with filled.hub.database.write() as tx, pytest.raises(FlowError) as met:
        auth.open_account(tx, "office", role, department="", regions=regions)
    assert met.value.code == code


def test_regions_are_changed_and_hold_at_the_next_look(filled: Filled, opens: Opens):
    opens(role="supervisor", supervised=NEIGHBOUR)
    assert seen(filled) == {}
    with filled.hub.database.write() as tx:
        auth.set_regions(tx, "bureau", CITY)
    assert len(seen(filled)) == 4


def test_the_api_shows_a_county_its_own_projects_and_their_clocks_only(filled: Filled):
    with asking(filled) as client:
        for regions, status in ((EVERYWHERE, 200), (NEIGHBOUR, 403)):
            _asks(filled, client, regions, status)


def _asks(filled: Filled, client: Client, regions: tuple[str, ...], status: int) -> None:
    with filled.hub.database.write() as tx:
        name = f"office-{status}"
        token = auth.open_account(tx, name, "supervisor", department="", regions=regions)
        reader = auth.reader_named(tx, name)
    for path in (f"/v1/projects/{CODE}", f"/v1/projects/{CODE}/clocks"):
        assert client.get(path, token).status_code == status, path
    found = client.get(f"/v1/projects?q={CODE}", token).json()
    assert [one["project_code"] for one in found] == ([CODE] if status == 200 else [])
    assert reader is not None
    if status == 200:
        assert facts.clocks(RequestContext(filled.hub, reader), CODE).denied == ()


def test_projects_in_sql_of_other_regions_are_not_read_around_the_service(
    filled: Filled, opens: Opens
):
    opens(role="supervisor", supervised=NEIGHBOUR)
    with filled.hub.database.read(reader="bureau") as tx:
        assert projects.known_of_project(tx, entities(), CODE) == []
        assert tx.execute("select count(*) from shown.clock").fetchone() == (0,)
