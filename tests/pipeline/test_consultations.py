"""A consultation is a record from the moment of asking, and turns into the answered one."""

from hub.config import connector_schemas, contract_files
from hub.domain.contracts import Contracts
from hub.domain.load import load
from hub.pipeline import remap, verify
from tests.filled import CODE, HOME, Filled, payload

FLOW = "pull.approval.consultation"
PENDING, ANSWERED = 3, 1
OURS = {"gcdm": f"{CODE}-001"}
SCHEMA, MAPPING = "schemas/consultation.json", "mappings/approval/consultation.pull.yaml"
BEFORE = {
    SCHEMA: (
        ('["item_number", "department", "round"]', '["item_number", "department", "answered_at"]'),
    ),
    MAPPING: (
        ("item_number, department]", "item_number, department, answered_at]"),
        ("  round:            {const: 1}\n", ""),
    ),
}


def as_it_was() -> Contracts:
    """The contracts under which only what was answered could be said."""
    files = dict(contract_files(HOME))
    for path, changes in BEFORE.items():
        for new, old in changes:
            assert new in files[path]
            files[path] = files[path].replace(new, old)
    return load(files, connector_schemas(), year=2026)


def standing(filled: Filled) -> list[dict[str, object]]:
    return filled.rows(
        "select r.key, g.asked_at, g.answered_at, g.opinion from golden.consultation g"
        " join hub.record r on r.id = g.record_id where g.deleted_at is null"
    )


def asked(filled: Filled, number: int, lsh: int) -> dict[str, int]:
    return filled.counts(filled.pull(FLOW, payload(FLOW, number, lsh=lsh, **OURS)))


def test_a_pending_consultation_is_a_record_and_its_answer_a_version_of_it(filled: Filled):
    assert asked(filled, PENDING, 1)["created"] == 1
    (pending,) = standing(filled)
    assert pending["asked_at"] is not None
    assert (pending["answered_at"], pending["opinion"]) == (None, None)
    asked_at = "2026-01-20T09:30:00"
    answer = payload(FLOW, ANSWERED, lsh=2, zqsj=asked_at, **OURS)
    assert filled.counts(filled.pull(FLOW, answer))["changed"] == 1
    (answered,) = standing(filled)
    assert (answered["key"], answered["asked_at"]) == (pending["key"], pending["asked_at"])
    assert (answered["answered_at"] is not None, answered["opinion"]) == (True, "原则同意")


def test_a_source_that_shares_only_answers_is_taken_without_the_time_of_asking(filled: Filled):
    assert "zqsj" not in payload(FLOW, ANSWERED)
    assert asked(filled, ANSWERED, 1)["created"] == 1
    (answered,) = standing(filled)
    assert (answered["asked_at"], answered["opinion"]) == (None, "原则同意")


def test_standing_answers_are_carried_over_by_a_remap_and_those_refused_before_are_taken(
    filled: Filled,
):
    filled.hub.contracts = as_it_was()
    other = {"bldwdm": "11520000CWXTJN9QT6", "bldwmc": "经济开发区水务局"}
    assert asked(filled, ANSWERED, 1)["created"] == 1
    before = filled.counts(filled.pull(FLOW, payload(FLOW, PENDING, lsh=2, **OURS, **other)))
    assert before["quarantined"] == 1
    (was,) = standing(filled)
    filled.hub.contracts = as_it_is = load(contract_files(HOME), connector_schemas(), year=2026)
    hub = filled.hub
    remap.remap(hub.database, as_it_is, as_it_is.pulls[FLOW])
    now = {str(row["key"]): row for row in standing(filled)}
    item, department = str(was["key"]).split("|")[:2]
    assert now.keys() == {f"{item}|{department}|1", f"{item}|经济开发区水务局|1"}
    kept = now[f"{item}|{department}|1"]
    assert {**kept, "key": was["key"]} == was
    assert filled.rows("select state from hub.quarantine where flow = %s", FLOW) == [
        {"state": "resolved"}
    ]
    found = verify.verify(hub.database, as_it_is, hub.settings)
    assert (found.findings, found.checked["older"]) == ([], 0)
