"""The exchange platform as it runs: a gateway with one number a resource, a register of what is
shared, our subscriptions, legal persons asked for one by one.
"""

from collections.abc import Iterator
from contextlib import closing

import pytest

from connectors.rest import RestConnector
from hub.config.connections import connection_from
from hub.errors import FlowError
from tests.partners.joined import Joined, joined
from tests.postgres import DatabaseServer

FLOW = "pull.das.company"


@pytest.fixture(scope="module")
def platform(
    database_server: DatabaseServer, filled_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Joined]:
    with joined(
        "das",
        database_server=database_server,
        template=filled_template,
        state=tmp_path_factory.mktemp("das"),
        projects=120,
        beside="transaction",
    ) as found:
        found.partner.arm("malformed_record", where="resources")
        names = ("shared_resource", "resource_subscription")
        found.counts = {name: found.pull(name) for name in names}
        yield found


def test_registers_wait_for_no_project(platform: Joined) -> None:
    offered = platform.partner.shared()
    assert platform.counts["shared_resource"]["read"] == offered["resources"] > 0
    assert platform.counts["shared_resource"]["quarantined"] == 1
    assert platform.counts["resource_subscription"]["read"] == offered["subscriptions"] > 0
    assert "waiting" not in platform.counts["resource_subscription"]
    rows = platform.rows("select share_kind, items from golden.shared_resource")
    assert {one["share_kind"] for one in rows} <= {"unconditional", "conditional", "not_shared"}
    assert all("项目代码" in str(one["items"]) for one in rows)
    states = platform.rows("select distinct state from golden.resource_subscription")
    assert {"granted"} <= {str(one["state"]) for one in states}


def test_a_wrong_sid_is_a_clear_error_of_configuration(platform: Joined) -> None:
    flow = platform.world.hub.contracts.pulls["pull.das.shared_resource"]
    connection = connection_from("das", platform.world.environ["HUB_CONN_DAS"])
    wrong = {**flow.read, "sid": "s_999999"}
    connector = RestConnector(connection, flow.system.connect["rest"])
    with closing(connector), pytest.raises(FlowError) as refused:
        list(connector.pages(wrong, since=None, resume=None))
    assert (refused.value.code, refused.value.facts["status"]) == ("system.credentials", "301")
    platform.world.hub.ping("das")


def test_builders_are_asked_for_and_the_platform_is_named_as_the_source(platform: Joined) -> None:
    platform.pull("participant", of="transaction")
    read = platform.pull("company")
    assert read["created"] == read["read"] > 0
    rows = platform.rows("select distinct system from source.company")
    assert rows == [{"system": "das"}]
    log = platform.rows("select distinct purpose from hub.access where account = %s", FLOW)
    assert log == [{"purpose": "核对参建企业登记状态"}]


def test_a_spent_quota_waits_for_tomorrow_and_says_so(platform: Joined) -> None:
    spent = None
    for _ in range(30):
        platform.world.execute("update hub.asked set asked_at = asked_at - interval '31 days'")
        platform.world.execute("update hub.asked_day set asked = 0")
        try:
            platform.world.hub.pull(FLOW)
        except FlowError as error:
            spent = error
            break
    assert spent is not None
    assert spent.code == "ask.spent"
    assert platform.pull("company") == {}
    platform.partner.tick()
    platform.world.execute("update hub.asked_day set day = day - 1")
    platform.pull("company")
