"""What a partner has masked is told at intake and never counts as said."""

from tests.pipeline.conftest import Small
from tests.pipeline.partners import Desk, Source
from tests.pipeline.small import CODE

PLAN, BUILD = "pull.plan.project", "pull.build.project"


def project(name: str, at: str = "1") -> dict[str, object]:
    return {"id": "1", "code": CODE, "name": name, "at": at}


def test_a_masked_value_is_a_finding_and_leaves_the_record_incomplete(small: Small):
    assert small.pull(PLAN, Source([project("贵州**公司")])) == {"read": 1, "created": 1}
    (golden,) = small.golden().values()
    assert golden["incomplete"] == ["name"]
    (row,) = small.rows("select findings from source.project")
    assert [one["code"] for one in row["findings"]] == ["record.masked"]  # type: ignore[attr-defined]


def test_a_later_system_of_lower_rank_with_the_value_itself_wins(small: Small):
    small.pull(PLAN, Source([project("贵州**公司")]))
    small.pull(BUILD, Source([{"id": "b", "code": CODE, "name": "贵州大方公司"}]))
    (golden,) = small.golden().values()
    assert (golden["name"], golden["incomplete"]) == ("贵州大方公司", [])
    assert small.rows("select from hub.disagreement where closed_at is null") == []


def test_a_target_that_needs_the_value_is_not_given_its_mask(small: Small):
    small.pull(PLAN, Source([project("***")]))
    assert small.push("push.desk.project", Desk()) == {"due": 1, "withheld": 1}
