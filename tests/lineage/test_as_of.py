"""As of a past moment: what stood then, and what an account could see then."""

from datetime import UTC, date, datetime, timedelta

import pytest

from hub import auth
from hub.domain.rights import Rights, operator
from hub.errors import FlowError
from hub.services.lineage import as_of
from tests.filled import CODE, CONTRACTS, NAME, Filled, payload

ALL = operator(CONTRACTS.entities)
PROJECT = f"project:{CODE}"


def now(world: Filled) -> datetime:
    found = world.rows("select clock_timestamp() as at")[0]["at"]
    assert isinstance(found, datetime)
    return found


@pytest.fixture
def renamed(filled: Filled) -> tuple[Filled, datetime]:
    """A project whose name has changed, and the moment before it did."""
    before = now(filled)
    filled.pull(
        "pull.investment.project",
        payload(
            "pull.investment.project", id=1, xmdm=CODE, xmmc="新名称", gxsj="2026-11-01 00:00:00"
        ),
    )
    return filled, before


def test_a_record_is_shown_as_it_stood_with_who_said_so(renamed: tuple[Filled, datetime]):
    world, before = renamed
    with world.hub.database.write() as tx:
        then = as_of.record_at(tx, CONTRACTS, PROJECT, before, rights=ALL)
        today = as_of.record_at(tx, CONTRACTS, PROJECT, now(world), rights=ALL)
    assert (then.fields["name"].value, then.fields["name"].system) == (NAME, "investment")
    assert then.until == today.since
    assert (today.fields["name"].value, today.until) == ("新名称", None)
    assert today.version == then.version + 1
    # A field that did not change comes from the payload that brought it then.
    assert then.fields["engineering_code"].landing_id == today.fields["engineering_code"].landing_id


def test_what_was_not_known_yet_is_said_so(filled: Filled):
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    with filled.hub.database.write() as tx:
        for name in (PROJECT, str(filled.record("participant"))):
            with pytest.raises(FlowError, match=r"^ask\.then_unknown"):
                as_of.record_at(tx, CONTRACTS, name, long_ago, rights=ALL)
        with pytest.raises(FlowError, match=r"^ask\.then_unknown"):
            as_of.project_at(tx, CONTRACTS, CODE, long_ago, rights=ALL)
        with pytest.raises(FlowError, match=r"^ask\.record_unknown"):
            as_of.record_at(tx, CONTRACTS, "project:none", long_ago, rights=ALL)


def test_a_project_is_shown_with_every_record_that_belonged_to_it_then(
    renamed: tuple[Filled, datetime],
):
    world, before = renamed
    with world.hub.database.write() as tx:
        then, watcher = as_of.project_at(tx, CONTRACTS, CODE, before, rights=ALL)
    assert watcher is None
    assert {row.entity for row in then} >= {
        "project",
        "participant",
        "approval_document",
        "material",
    }
    assert {row.fields["name"].value for row in then if row.entity == "project"} == {NAME}

    # A record that has moved to another project since belonged to this one then.
    (document,) = [row for row in then if row.entity == "approval_document"]
    world.execute(
        f"""insert into hub.history (id, record_id, version, body, provenance, batch_id, until_batch)
            select hub.event_base(now()) + nextval('hub.event_seq'), g.record_id, g.version,
                   jsonb_build_object('project_code', g.project_code, 'number', g.number),
                       g.provenance, g.batch_id,
                   (select max(id) from hub.batch)
              from golden.approval_document g where record_id = {document.record_id};
            update golden.approval_document
               set project_code = 'X', version = version + 1, batch_id = (select max(id)
                   from hub.batch)
             where record_id = {document.record_id}"""  # noqa: S608
    )
    with world.hub.database.write() as tx:
        again, _ = as_of.project_at(tx, CONTRACTS, CODE, before, rights=ALL)
        today, _ = as_of.project_at(tx, CONTRACTS, CODE, now(world), rights=ALL)
    assert document.record_id in {row.record_id for row in again}
    assert document.record_id not in {row.record_id for row in today}


def test_persons_stay_masked_in_the_past(filled: Filled):
    name = str(filled.record("participant"))
    with filled.hub.database.write() as tx:
        then = as_of.record_at(tx, CONTRACTS, name, now(filled), rights=Rights(whole=True))
    assert "13800003503" not in repr(then)
    assert then.fields["manager_phone"].value == "***"


def _grant(world: Filled, entity: str, *classes: str, **terms: object) -> int:
    term = {"valid_from": date(2020, 1, 1), "valid_until": date(2099, 1, 1)} | terms
    with world.hub.database.write() as tx:
        return auth.grant(
            *(tx, CONTRACTS.entities, "water", entity),
            classes=classes,
            purpose="报装",
            **term,  # type: ignore[arg-type]
        )


def test_what_an_account_could_see_follows_the_grants_of_that_moment(filled: Filled):
    with filled.hub.database.write() as tx:
        auth.open_account(tx, "water", "department", department="市供水公司")
    nothing = now(filled)
    grant = _grant(filled, "project", "public")
    granted = now(filled)
    with filled.hub.database.write() as tx:
        auth.end_grant(tx, grant)
    _grant(filled, "project", "public", valid_from=date(2098, 1, 1))
    ended = now(filled)

    def sight(at: datetime) -> str:
        with filled.hub.database.write() as tx:
            rows, watcher = as_of.project_at(tx, CONTRACTS, CODE, at, rights=ALL, account="water")
        assert watcher is not None
        return next(row.sights["name"] for row in rows if row.entity == "project")

    assert [sight(at) for at in (nothing, granted, ended)] == ["hidden", "shown", "hidden"]
    with filled.hub.database.write() as tx, pytest.raises(FlowError, match=r"^ask\.then_unknown"):
        as_of.project_at(
            tx, CONTRACTS, CODE, nothing - timedelta(hours=1), rights=ALL, account="water"
        )


def test_limits_to_regions_and_open_cases_count_as_they_stood(filled: Filled):
    with filled.hub.database.write() as tx:
        auth.open_account(tx, "water", "department", department="市供水公司")
    _grant(filled, "project", "public", regions=("99",))
    _grant(filled, "approval_document", "public", open_case_only=True)
    (project,) = filled.rows(
        f"select region_code from golden.project where project_code = '{CODE}'"  # noqa: S608
    )
    _grant(filled, "material", "public", "internal", regions=(str(project["region_code"])[:4],))
    with filled.hub.database.write() as tx:
        rows, _ = as_of.project_at(tx, CONTRACTS, CODE, now(filled), rights=ALL, account="water")
    sights = {row.entity: set(row.sights.values()) for row in rows}
    assert sights["project"] == {"hidden"}
    assert sights["approval_document"] == {"hidden"}
    assert "shown" in sights["material"]
