"""Snapshots of connectors: a list that states the whole, proved complete by what its source says of its length."""

from collections.abc import Iterator

import pytest
from pydantic import ValidationError

from connectors.rest import RestConnector, RestRead
from hub.errors import FlowError, TransientError
from hub.model import Json, Page
from tests.connectors.answering import Asked, Partner, Reply, answering

OPEN: dict[str, Json] = {"auth": {"kind": "none"}, "ping": {"resource": "list"}}
READ: dict[str, Json] = {
    "resource": "list",
    "records": "rows",
    "paging": {"kind": "page", "parameter": "page", "total": "total"},
    "snapshot": "daily",
    "complete": "rows",
    "shrink": "2.5 %",
}


@pytest.fixture(scope="module")
def partner() -> Iterator[Partner]:
    with answering() as made:
        yield made


def five(asked: Asked) -> Reply:
    """Records 1 to 5 in pages of two."""
    start = (int(asked.query["page"]) - 1) * 2
    return Reply({"rows": [{"id": n} for n in range(1, 6)][start : start + 2], "total": 5})


def pages(partner: Partner, *, resume: Json = None) -> list[Page]:
    connector = RestConnector(partner.connection(), OPEN)
    try:
        return list(connector.pages(READ, since="2024-01-01", resume=resume))
    finally:
        connector.close()


def test_all_pages_of_a_list_belong_to_one_whole_which_the_last_ends(partner: Partner) -> None:
    partner.answer = five
    found = pages(partner)
    wholes = [page.snapshot for page in found]
    assert [whole.ends for whole in wholes if whole] == [False, False, True]
    assert len({whole.name for whole in wholes if whole}) == 1
    assert {whole.most for whole in wholes if whole} == {0.025}
    assert found[-1].resume is None  # the next run reads it whole again


def test_a_list_that_broke_off_goes_on_as_the_same_whole(partner: Partner) -> None:
    partner.answer = five
    found = pages(partner)
    rest = pages(partner, resume=found[0].resume)
    assert [len(page.records) for page in rest] == [2, 1]
    assert {page.snapshot.name for page in rest if page.snapshot} == {found[0].snapshot and found[0].snapshot.name}


def test_two_readings_are_two_wholes(partner: Partner) -> None:
    partner.answer = five
    first, second = pages(partner)[0].snapshot, pages(partner)[0].snapshot
    assert first != second


def test_a_list_shorter_than_its_total_is_no_whole(partner: Partner) -> None:
    partner.answer = lambda asked: Reply({"rows": [{"id": 1}] if asked.query["page"] == "1" else [], "total": 5})
    with pytest.raises(TransientError, match=r"system\.page_broken"):
        pages(partner)


def test_a_list_that_states_no_total_is_no_whole(partner: Partner) -> None:
    partner.answer = lambda _: Reply({"rows": []})
    with pytest.raises(FlowError, match=r"system\.answer_unreadable"):
        pages(partner)


@pytest.mark.parametrize(
    ("without", "more"),
    [("complete", {}), ("paging", {"paging": {"kind": "page", "parameter": "page"}}), ("", {"since": "from"})],
)
def test_a_snapshot_without_proof_or_of_a_part_is_refused(without: str, more: dict[str, Json]) -> None:
    with pytest.raises(ValidationError, match="snapshot"):
        RestRead.model_validate({name: value for name, value in READ.items() if name != without} | more)
