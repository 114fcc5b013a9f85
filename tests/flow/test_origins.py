"""A mask follows a value from where it came: no mapping, schema, count, payload or error shows it in clear."""

import orjson
import pytest

from hub.errors import FlowError
from hub.flow import recall, rehearse
from hub.report import failures
from hub.rules.contracts import Contracts
from hub.rules.rights import Rights, operator
from hub.services import causes, findings
from hub.store import reading
from tests.flow.conftest import contracts_of
from tests.flow.test_parts import (
    ALL,
    OWNER,
    PULL,
    SCHEMA,
    Owned,
    code,
    owned,
    owned_template,
    owner,
    whole,
)

__all__ = ["owned", "owned_template"]

CANARY = "赵无名甲"
ADMINISTRATOR = Rights(whole=True)
GRANTED = Rights(whole=True, classes={"owner": frozenset({"personal"})})
FILE = "mappings/plan/owner.pull.yaml"
NUMBER = "13800009999"


@pytest.fixture
def known(owned: Owned) -> Owned:
    first = owner("1", name=CANARY, phone=NUMBER, plot="P1")
    assert owned.owners(whole(1, first), whole(2, owner("2", name="钱")))["exploded"] == 2
    return owned


def changed(pull: str = PULL, schema: str = SCHEMA) -> Contracts:
    return contracts_of(ALL | {FILE: pull, "schemas/owner.json": schema})


def told(known: Owned, then: Contracts, rights: Rights = ADMINISTRATOR) -> str:
    return repr(rehearse.rehearse(known.database, known.contracts, then, name=OWNER, rights=rights))


MAPPINGS = {
    "into a public field": (PULL.replace("{from: owner.plot,", "{from: owner.name,"), CANARY),
    "as a second choice": (PULL.replace("{from: owner.plot,", "{from: [owner.none, owner.name],"), CANARY),
    "from what nobody reads today": (PULL.replace("{from: owner.plot,", "{from: owner.phone,"), NUMBER),
    "the whole element": (PULL.replace("{from: owner.plot, use: [trim]}", "{from: 'owners[0].name'}"), CANARY),
    "a former value": (PULL.replace("{from: owner.name, use", "{from: owner.phone, use"), CANARY),
}


@pytest.mark.parametrize("case", MAPPINGS)
def test_a_rehearsal_shows_a_person_to_nobody_whom_no_grant_names(known: Owned, case: str):
    pull, value = MAPPINGS[case]
    assert value not in told(known, changed(pull))


def test_a_rehearsal_shows_it_under_a_grant(known: Owned):
    then = changed(
        PULL.replace("{from: owner.plot,", "{from: owner.name,").replace(", use: [trim]}\n  plot", "}\n  plot")
    )
    assert CANARY in told(known, then, GRANTED)


def test_a_lower_class_in_the_rehearsed_schema_shows_nothing(known: Owned):
    lower = SCHEMA.replace('"x-class": "personal"', '"x-class": "public"')
    then = changed(PULL.replace("name: {from: owner.name,", "name: {from: owner.plot,"), lower)
    assert CANARY not in told(known, then)


NAMED, PLOTTED = "{from: owner.name, use: [trim]}", "{from: owner.plot, use: [trim]}"
GUESSES = {
    "a delete mark": PULL.replace('deleted_when: {gone: "1"}', f"deleted_when: {{owners: {CANARY}}}"),
    "a choice": PULL.replace(NAMED, f"{{from: owner.name, use: [{{choose: {{{CANARY}: a}}}}]}}"),
    "a blank": PULL.replace(NAMED, f"{{from: owner.name, use: [{{blank: [{CANARY}]}}]}}"),
    "what nobody reads": PULL.replace(PLOTTED, f"{{from: owner.phone, use: [{{blank: ['{NUMBER}']}}]}}"),
}


@pytest.mark.parametrize("case", GUESSES)
def test_a_rehearsal_answers_no_guess_by_its_counts(known: Owned, case: str):
    then = changed(GUESSES[case])
    with pytest.raises(FlowError, match="rehearsal_masked"):
        told(known, then)
    told(known, then, operator(known.contracts.entities))


def test_a_schema_that_limits_a_person_otherwise_answers_no_guess(known: Owned):
    then = changed(schema=SCHEMA.replace('"maxLength": 6', f'"maxLength": 6, "pattern": "^{CANARY}$"'))
    with pytest.raises(FlowError, match="rehearsal_masked"):
        told(known, then)


def test_whether_a_value_stood_is_told_to_those_only_who_may_see_it(known: Owned):
    record = f"owner:{code(1)}|1"
    for value in (CANARY, "某人"):
        with known.database.transaction() as tx, pytest.raises(FlowError) as caught:
            recall.find(tx, known.contracts, "name", record=record, value=value, rights=ADMINISTRATOR)
        assert (caught.value.code, dict(caught.value.facts)) == ("ask.value_masked", {"field": "name"})
    with known.database.transaction() as tx:
        assert recall.find(tx, known.contracts, "name", record=record, rights=ADMINISTRATOR).spans
        assert recall.find(tx, known.contracts, "name", record=record, value=CANARY, rights=GRANTED).spans


BAD = [
    whole(3, owner("3", name=CANARY * 3)),
    whole(4, owner("4", name=CANARY, plot=["x"])),
    orjson.dumps({"id": 5, "at": "x", "owners": [{"name": CANARY}]}),
    f'{{"id": 6, "owners": [{{"name": "{CANARY}"'.encode(),
]


@pytest.mark.parametrize("bad", BAD, ids=range(len(BAD)))
def test_a_failure_masks_persons_in_its_payload_its_errors_and_its_title(known: Owned, bad: object):
    known.owners(bad)  # type: ignore[arg-type]
    with known.database.transaction() as tx:
        (entry,) = reading.entries(tx)
        shown = failures.failure(known.contracts, entry, rights=ADMINISTRATOR)
        open_ = failures.failure(known.contracts, entry, rights=operator(known.contracts.entities))
        listed = causes.listed(tx, known.contracts, rights=ADMINISTRATOR, whole=True)
        found = findings.standing(tx, known.contracts, rights=ADMINISTRATOR)
    assert CANARY in repr(open_.lines)
    assert CANARY not in repr((shown.faults, shown.lines, listed, found))
    assert shown.covered
