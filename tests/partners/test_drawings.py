"""The digital drawing review as it runs: lists in lists, and drawings that are passed through."""

import hashlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from hub import auth
from hub.auth.context import RequestContext, operating
from hub.errors import FlowError, RecordError
from hub.pipeline.file_store import FileStore
from hub.services import files
from hub.services.prefill import prefilled
from hub.services.projects import project
from tests.filled import payload
from tests.partners.joined import Joined, joined
from tests.postgres import DatabaseServer

FLOWS = (
    "approval_document",
    "drawing_review",
    "opinion",
    "opinion.violation",
    "drawing",
    "project_person",
    "case_step",
)


@pytest.fixture(scope="module")
def review(
    database_server: DatabaseServer, filled_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Joined]:
    with joined(
        "drawing",
        database_server=database_server,
        template=filled_template,
        state=tmp_path_factory.mktemp("review"),
        projects=80,
        files=tmp_path_factory.mktemp("files"),
    ) as found:
        found.partner.arm("expired_token", where="reviews")
        found.counts = {name: found.pull(name) for name in FLOWS}
        found.release()
        yield found


def balance(review: Joined, stem: str) -> dict[str, object]:
    """Wholes and parts of a flow's first run."""
    (row,) = review.rows(
        "select sum(read)::int as read, sum(exploded)::int as exploded, sum(empty)::int as empty,"
        " sum(parts)::int as parts, sum(parts_created + parts_waiting)::int as fates"
        " from hub.batch where flow = %s",
        f"pull.drawing.{stem}",
    )
    return row


def test_every_review_has_one_outcome_and_its_lists_balance(review: Joined) -> None:
    offered = review.offered("opinion")
    assert len(offered) == review.partner.shared()["reviews"] > 20
    assert {counts["read"] for counts in review.counts.values()} == {len(offered)}
    trades = [trade for one in offered for trade in one["trades"]]
    violations = [item for trade in trades for item in trade["violations"]]
    assert {sum(len(one["violations"]) for one in found["trades"]) for found in offered} == {
        11,
        2,
        0,
    }
    for stem, parts in (("opinion", trades), ("opinion.violation", violations)):
        told = balance(review, stem)
        assert told["read"] == len(offered)
        assert int(str(told["exploded"])) + int(str(told["empty"])) == len(offered)
        assert told["parts"] == told["fates"] == len(parts)
    for stem, parts in (("opinion", trades), ("opinion.violation", violations)):
        (row,) = review.rows(
            "select count(*) filter (where state = 'current') as current,"
            " count(*) filter (where state = 'waiting') as waiting from hub.head"
            " where flow = %s and key like '%%|%%'",
            f"pull.drawing.{stem}",
        )
        assert row["current"] > row["waiting"] > 0
        assert row["current"] + row["waiting"] == len(parts)


def test_a_review_without_a_code_finds_its_project_by_its_certificate(review: Joined) -> None:
    one = next(
        found
        for found in review.offered("drawing")
        if not found["projectCode"] and found["sheets"] and found["trades"]
    )
    query = "select project_code from golden.{} where {} = %s and deleted_at is null"
    places = (
        ("drawing_review", "number", 1),
        ("drawing", "review_number", len(one["sheets"])),
        ("opinion", "case_number", 4),
    )
    for entity, field, _ in places:
        assert review.rows(query.format(entity, field), one["reviewNo"]) == []
    (row,) = review.rows(
        "select min(project_code) as code from golden.project where deleted_at is null"
    )
    flow, certificate = "pull.licence.approval_document", one["certificateNo"].strip()
    said = {"licenceId": "SL1", "licenceNo": certificate, "licenceType": "05"}
    review.world.pull(flow, payload(flow, projectCode=row["code"], **said))  # type: ignore[arg-type]
    for _ in range(3):  # the review by its certificate, then what hangs on the review
        review.release()
    for entity, field, least in places:
        rows = review.rows(query.format(entity, field), one["reviewNo"])
        assert len(rows) >= least
        assert {found["project_code"] for found in rows} == {row["code"]}


def test_a_malformed_review_is_set_aside_and_closed_once_corrected(review: Joined) -> None:
    review.partner.tick()
    review.partner.arm("malformed_record", where="reviews")
    review.pull("drawing_review")
    (key,) = review.quarantined("drawing_review")
    review.partner.edit("reviews", key, {"bimLevel": "LOD200"})
    review.pull("drawing_review")
    assert review.quarantined("drawing_review") == []


def drawing(review: Joined) -> dict[str, object]:
    return review.rows(
        "select g.record_id, g.project_code, g.file_hash, g.file from golden.drawing g"
        " join hub.file_want w on w.record_id = g.record_id where g.project_code is not null"
        " and g.deleted_at is null order by g.record_id limit 1"
    )[0]


def test_a_drawing_is_passed_on_to_who_holds_the_grant_and_never_kept(review: Joined) -> None:
    done = review.fetch("fetch.drawing.drawing")
    assert done["wanted"] == done["pending"] > 20
    one = drawing(review)
    sha256, record = str(one["file_hash"]), int(str(one["record_id"]))
    clerk, other = clerk_of(review, "shuiwu", "drawing"), clerk_of(review, "bieren", "opinion")
    found = files.opened(clerk, sha256, record=record)
    assert found.content.startswith(b"%PDF")
    assert hashlib.sha256(found.content).hexdigest() == sha256
    with pytest.raises(FlowError) as refused:
        files.opened(other, sha256, record=record)
    assert refused.value.code in {"ask.file_unknown", "ask.entity_not_granted"}
    store = FileStore(Path(review.world.environ["HUB_FILES"]))
    assert sha256 not in store.names()
    again = review.fetch("fetch.drawing.drawing")
    assert again == {"wanted": done["wanted"], "passed_on": 1, "pending": done["wanted"] - 1}


def test_a_drawing_with_another_digest_is_not_passed_on(review: Joined) -> None:
    one = drawing(review)
    clerk = clerk_of(review, "qingnian", "drawing")
    for fault, code in (
        ("wrong_hash", "attachment.hash_differs"),
        ("html_file", "attachment.page"),
        ("empty_file", "attachment.empty"),
    ):
        review.partner.arm(fault, where="papers")
        with pytest.raises(RecordError) as caught:
            files.opened(clerk, str(one["file_hash"]), record=int(str(one["record_id"])))
        assert caught.value.code == code


def clerk_of(review: Joined, account: str, entity: str) -> RequestContext:
    """A clerk who holds a grant on one entity, public and internal."""
    hub = review.world.hub
    with hub.database.write() as tx:
        token = auth.open_account(tx, account, "department", department="某局")
        for name in ("project", entity):
            auth.grant(
                *(tx, hub.contracts.granted, account, name),
                classes=("public", "internal"),
                purpose="核查",
                valid_from=date(2020, 1, 1),
                valid_until=date(2099, 1, 1),
            )
        (found,) = auth.readers(tx, [token])
    assert found is not None
    return RequestContext(hub, found)


def test_the_page_and_the_forms_show_the_review(review: Joined) -> None:
    context = operating(review.world.hub, "li")
    code = str(drawing(review)["project_code"])
    view = project(context, code)
    assert {"drawing_review", "drawing", "opinion"} <= {one.entity for one in view.records}
    filled, _ = prefilled(context, "construction_permit", code)
    answers = {one.question.name: one.value for one in filled.answers}
    assert str(answers["drawing_reviewer"]).endswith("建设工程施工图审查中心")
    assert answers["mandatory_breaches"] is not None
    held = {one.asked.name for one in filled.wanted if one.held}
    assert "design" in held


def test_planning_permits_arrive_once_under_every_fault(review: Joined) -> None:
    held = review.handed_over("approval_document", "permits", "http_429", "lost_answer")
    assert all(one["opType"] in {"ADD", "DEL"} for one in held)
