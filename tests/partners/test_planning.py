"""The planning platform as it runs: conditions that come before the project, red lines and control
lines that find it by where it lies.
"""

from collections.abc import Iterator

import pytest

from hub.auth.context import operating
from hub.services.prefill import prefilled
from hub.services.projects import project
from tests.filled import payload
from tests.partners.joined import Joined, joined
from tests.postgres import DatabaseServer

FLOWS = ("land_condition", "map_extent", "map_extent.control", "opinion")
SHARES = dict(zip(FLOWS, ("conditions", "redlines", "controllines", "opinions"), strict=True))


@pytest.fixture(scope="module")
def platform(
    database_server: DatabaseServer, filled_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Joined]:
    with joined(
        "planning",
        database_server=database_server,
        template=filled_template,
        state=tmp_path_factory.mktemp("platform"),
        projects=80,
    ) as found:
        found.partner.arm("malformed_record", where="redlines")
        found.counts = {name: found.pull(name) for name in FLOWS}
        yield found


def test_every_record_has_one_outcome_and_an_empty_layer_is_none(platform: Joined) -> None:
    offered = platform.partner.shared()
    for flow, share in SHARES.items():
        assert platform.counts[flow]["read"] == offered[share] > 5
    assert platform.counts["map_extent"]["quarantined"] > 1


def test_a_ring_that_does_not_close_is_set_aside_until_it_does(platform: Joined) -> None:
    flow = "pull.planning.map_extent"
    opened, whole = payload(flow, 2), payload(flow, 1)
    platform.world.pull(flow, opened)
    assert str(opened["id"]) in platform.quarantined("map_extent")
    later = f"{str(opened['updatedAt'])[:10]} 23:59:59"
    platform.world.pull(flow, whole | {"id": opened["id"], "updatedAt": later})
    assert str(opened["id"]) not in platform.quarantined("map_extent")


def test_of_a_secret_layer_nothing_is_kept(platform: Joined) -> None:
    rows = platform.rows(
        "select q.key, l.payload from hub.quarantine q left join hub.landing l"
        " on l.id = q.landing_id where q.cause like 'record.secret%'"
        " and q.flow = 'pull.planning.map_extent'"
    )
    assert rows
    assert all(row["payload"] is None for row in rows)


def test_conditions_wait_for_the_deal_that_leads_to_the_project(platform: Joined) -> None:
    assert set(platform.counts["land_condition"]) == {"read", "exploded", "waiting"} or (
        platform.rows("select from golden.land_condition where project_code is not null") == []
    )
    one = platform.offered("land_condition")[0]
    code = str(platform.rows("select min(project_code) as code from golden.project")[0]["code"])
    flow = "pull.transaction.land_deal"
    deal = {"plotNo": one["plotNo"], "parcelCode": "", "contractNo": "HT-1", "projectCode": code}
    platform.world.pull(flow, payload(flow, **deal))
    platform.release()
    rows = platform.rows(
        "select indicator, value, operator from golden.land_condition where project_code = %s"
        " order by ordinal",
        code,
    )
    told = [item for part in one["conditions"] for item in part["indicators"]]
    assert len(rows) == len(told)
    assert (rows[0]["indicator"], rows[0]["operator"]) == ("plot_ratio", "le")
    context = operating(platform.world.hub, "li")
    filled, _ = prefilled(context, "planning_permit", code)
    answers = {found.question.name: found.value for found in filled.answers}
    assert float(str(answers["plot_ratio"])) == float(told[0]["value"])
    assert "land_condition" in {found.entity for found in project(context, code).records}


def test_a_project_is_found_by_the_lines_that_it_lies_in(platform: Joined) -> None:
    context = operating(platform.world.hub, "li")
    (zone,) = platform.rows(
        "select number, title, boundary::json->'coordinates'->0->0->>0 as west,"
        " boundary::json->'coordinates'->0->0->>1 as south from golden.map_extent"
        " where kind = 'control_line' order by number limit 1"
    )
    codes = platform.rows("select project_code from golden.project order by 1 limit 2")
    flow = "pull.approval.project"
    places = {
        str(codes[0]["project_code"]): (0.05, True),
        str(codes[1]["project_code"]): (-0.05, False),
    }
    for code, (off, _) in places.items():
        place = f"{float(str(zone['west'])) + off:.6f},{float(str(zone['south'])) + 0.05:.6f}"
        said = {"xmdm": code, "gcdm": f"{code}-001", "xmjwdzb": place}
        platform.world.pull(flow, payload(flow, **said))
    for code, (_, lies_in) in places.items():
        seen = {
            str(found.values["number"])
            for found in project(context, code).records
            if found.entity == "map_extent"
        }
        assert (str(zone["number"]) in seen) is lies_in


def test_basics_and_deals_arrive_once_under_every_fault(platform: Joined) -> None:
    held = platform.handed_over("project", "projects", "http_500", "lost_answer")
    assert len(held) > 50
    platform.push("land_deal")
    deals = platform.partner.received("deals")
    assert [one["business"] for one in deals if "business" in one] or deals
