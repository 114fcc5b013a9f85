"""A mask follows a value from where it came: no mapping, schema, count, payload or error shows it
in clear.
"""

import orjson
import pytest

from hub.db.runs import reading
from hub.domain import origins
from hub.domain.contracts import Contracts
from hub.domain.rights import Rights, operator
from hub.errors import FlowError, HeldError
from hub.pipeline import recall
from hub.services import dry_run, failure_groups, findings, quarantine
from tests.contexts import asking
from tests.pipeline.conftest import contracts_of
from tests.pipeline.partners import Desk
from tests.pipeline.small import NO_FLAG
from tests.pipeline.test_held_batches import CODED
from tests.pipeline.test_intake import PLAN
from tests.pipeline.test_parts import (
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
    return repr(dry_run.rehearse(known.database, known.contracts, then, name=OWNER, rights=rights))


MAPPINGS = {
    "into a public field": (PULL.replace("{from: owner.plot,", "{from: owner.name,"), CANARY),
    "as a second choice": (
        PULL.replace("{from: owner.plot,", "{from: [owner.none, owner.name],"),
        CANARY,
    ),
    "from what nobody reads today": (
        PULL.replace("{from: owner.plot,", "{from: owner.phone,"),
        NUMBER,
    ),
    "the whole element": (
        PULL.replace("{from: owner.plot, use: [trim]}", "{from: 'owners[0].name'}"),
        CANARY,
    ),
    "a former value": (PULL.replace("{from: owner.name, use", "{from: owner.phone, use"), CANARY),
}


@pytest.mark.parametrize("case", MAPPINGS)
def test_a_rehearsal_shows_a_person_to_nobody_whom_no_grant_names(known: Owned, case: str):
    pull, value = MAPPINGS[case]
    assert value not in told(known, changed(pull))


def test_a_rehearsal_shows_it_under_a_grant(known: Owned):
    then = changed(
        PULL.replace("{from: owner.plot,", "{from: owner.name,").replace(
            ", use: [trim]}\n  plot", "}\n  plot"
        )
    )
    assert CANARY in told(known, then, GRANTED)


def test_a_lower_class_in_the_rehearsed_schema_shows_nothing(known: Owned):
    lower = SCHEMA.replace('"x-class": "personal"', '"x-class": "public"')
    then = changed(PULL.replace("name: {from: owner.name,", "name: {from: owner.plot,"), lower)
    assert CANARY not in told(known, then)


NAMED, PLOTTED = "{from: owner.name, use: [trim]}", "{from: owner.plot, use: [trim]}"
GUESSES = {
    "a delete mark": PULL.replace(
        'deleted_when: {gone: "1"}', f"deleted_when: {{owners: {CANARY}}}"
    ),
    "a choice": PULL.replace(NAMED, f"{{from: owner.name, use: [{{choose: {{{CANARY}: a}}}}]}}"),
    "a blank": PULL.replace(NAMED, f"{{from: owner.name, use: [{{blank: [{CANARY}]}}]}}"),
    "a part": PULL.replace(
        PLOTTED, f"{{from: owner.name, use: [{{part: {{of: {CANARY}, take: 0}}}}]}}"
    ),
    "a split": PULL.replace(
        PLOTTED, f"{{from: owner.name, use: [{{split: {CANARY}}}, {{join: x}}]}}"
    ),
    "a date": PULL.replace(PLOTTED, f"{{from: owner.name, use: [{{date: '{CANARY}%Y'}}]}}"),
    "a unit": PULL.replace(
        PLOTTED,
        f"{{from: owner.no, use: [{{unit: {{by: owner.name, factors: {{{CANARY}: 1}}}}}}]}}",
    ),
    "a factor": PULL.replace(NAMED, "{from: owner.name, use: [{scale: 1000}]}"),
    "what nobody reads": PULL.replace(
        PLOTTED, f"{{from: owner.phone, use: [{{blank: ['{NUMBER}']}}]}}"
    ),
}


@pytest.mark.parametrize("case", GUESSES)
def test_a_rehearsal_answers_no_guess_by_its_counts(known: Owned, case: str):
    then = changed(GUESSES[case])
    with pytest.raises(FlowError, match="rehearsal_masked"):
        told(known, then)
    told(known, then, operator(known.contracts.entities))


BLANK = "use: [trim, {blank: [无]}]}"
TODAY = PULL.replace(PLOTTED, f"{{from: owner.plot, {BLANK}").replace(
    NAMED, f"{{from: owner.name, {BLANK}"
)
BEFORE = ("owners", "owners.no", "owners.name", "owners.plot", "owners.phone")
TAKING = {
    "what takes over": ("{from: owner.plot,", "{from: [owner.plot, owner.plot2],", None),
    "what comes first": ("{from: owner.plot,", "{from: [owner.plot2, owner.plot],", "owners.plot2"),
    "what comes instead": ("{from: owner.plot,", "{from: owner.plot2,", "owners.plot2"),
    "what was there before": (
        "{from: owner.plot,",
        "{from: [owner.plot, owner.phone],",
        "owners.phone",
    ),
    "what a person is read from": (
        "{from: owner.plot,",
        "{from: [owner.plot, owner.name],",
        "owners.name",
    ),
    "a person's": ("{from: owner.name,", "{from: [owner.name, owner.name2],", "owners.name2"),
    "another value": (
        f"owner.plot, {BLANK}",
        "[owner.plot, owner.plot2], use: [trim, {blank: [x]}]}",
        "owners.plot2",
    ),
    "another chain": (
        f"owner.plot, {BLANK}",
        "[owner.plot, owner.plot2], use: [{first: 1}, {blank: [无]}]}",
        "owners.plot2",
    ),
    "a condition": ('deleted_when: {gone: "1"}', 'deleted_when: {gone: "1", gone2: "1"}', "gone2"),
}


@pytest.mark.parametrize("case", TAKING)
def test_a_new_column_is_compared_as_the_former_one_was_where_that_is_missing_and_not_otherwise(
    case: str,
):
    old, new, refused = TAKING[case]
    assert old in TODAY
    now, then = changed(TODAY), changed(TODAY.replace(old, new))
    assert origins.asks_masked(now, then, then.pulls[OWNER], ADMINISTRATOR, BEFORE) == refused
    assert origins.asks_masked(now, then, then.pulls[OWNER], GRANTED, BEFORE) is None
    if refused is None:  # where nothing is known of the source nothing is new
        assert origins.asks_masked(now, then, then.pulls[OWNER], ADMINISTRATOR) is not None


def test_the_values_of_a_column_that_takes_over_are_masked(known: Owned):
    known.contracts = changed(TODAY)
    moved = owner("1", name=CANARY, phone=NUMBER) | {"plot2": CANARY}
    with pytest.raises(HeldError):
        known.owners(
            *(whole(n, moved, owner("2", name="钱") | {"plot2": "P"}, at="9") for n in (1, 2))
        )
    then = changed(TODAY.replace("{from: owner.plot,", "{from: [owner.plot, owner.plot2],"))
    found = dry_run.rehearse(
        known.database, known.contracts, then, name=OWNER, rights=ADMINISTRATOR, held_batches=True
    )
    assert found.fields["plot"].times > 0
    assert CANARY not in repr(found)


@pytest.mark.parametrize("file", ["mappings/codes/colour.yaml", "mappings/plan/codes/colours.yaml"])
def test_another_list_of_codes_answers_no_guess_about_a_masked_field(file: str):
    public = '"title": "Colour", "x-title-zh": "颜色", "type": "string", "x-class": "'
    assert f"{public}public" in CODED["schemas/project.json"]
    schema = CODED["schemas/project.json"].replace(f"{public}public", f"{public}personal")
    files = CODED | {"schemas/project.json": schema}
    more = files | {
        file: files[file]
        .replace("红: r", "红: r, 某: r")
        .replace("r: {", "某: {zh: 某, en: x}, r: {")
    }
    now, then = contracts_of(files), contracts_of(more)
    assert origins.asks_masked(now, now, now.pulls[PLAN], ADMINISTRATOR) is None
    assert origins.asks_masked(now, then, then.pulls[PLAN], ADMINISTRATOR) in {"hue", "colour"}


LIMITED = {
    "a pattern": SCHEMA.replace('"maxLength": 6', f'"maxLength": 6, "pattern": "^{CANARY}$"'),
    "a largest number": SCHEMA.replace(
        '"string", "x-class": "personal", "maxLength": 6',
        '"integer", "x-class": "personal", "maximum": 13800009998',
    ),
    "a rule": SCHEMA.replace('"maxLength": 6', '"maxLength": 6, "x-rule": "uscc"'),
}


@pytest.mark.parametrize("case", LIMITED)
def test_a_schema_that_limits_a_person_otherwise_answers_no_guess(known: Owned, case: str):
    with pytest.raises(FlowError, match="rehearsal_masked"):
        told(known, changed(schema=LIMITED[case]))


PUSH_FILE = "mappings/desk/owner.push.yaml"
PUSHED = """
entity: owner
write: {resource: owners}
key: [number]
fields:
  bh: {from: number}
  xm: {from: name}
"""


@pytest.fixture
def handed_on(owned: Owned) -> Owned:
    """What is known of owners was handed to the desk."""
    owned.contracts = contracts_of(ALL | {PUSH_FILE: PUSHED})
    owned.owners(whole(1, owner("1", name=CANARY, plot="P1")), whole(2, owner("2", name="钱")))
    desk = Desk()
    assert owned.push("push.desk.owner", desk)["confirmed"] == 2
    return owned


def answered(
    known: Owned, *, flow: str = OWNER, rights: Rights = ADMINISTRATOR, **files: str
) -> dry_run.Rehearsed:
    """What a rehearsal of contracts with these files tells."""
    then = contracts_of(ALL | {PUSH_FILE: PUSHED} | files)
    return dry_run.rehearse(known.database, known.contracts, then, name=flow, rights=rights)


TOUCHED = PULL.replace(PLOTTED, "{const: P9}")
CHOSEN = PUSHED.replace("{from: name}", f"{{from: name, use: [{{choose: {{{CANARY}: a}}}}]}}")
MORE_GUESSES = {
    "a value that it would be": (OWNER, {FILE: PULL.replace(NAMED, f"{{const: {CANARY}}}")}),
    "a flag of secrecy": (
        OWNER,
        {
            FILE: PULL.replace(
                NO_FLAG, f"secret: {{field: 'owners[0].name', open: [a], closed: [{CANARY}]}}\n"
            )
        },
    ),
    "a condition of a target": (
        OWNER,
        {FILE: TOUCHED, PUSH_FILE: f"{PUSHED}when: {{name: {CANARY}}}\n"},
    ),
    "a choice for a target": (
        OWNER,
        {FILE: TOUCHED, PUSH_FILE: CHOSEN},
    ),
    "what a target would be told": (
        "push.desk.owner",
        {PUSH_FILE: PUSHED.replace("{from: name}", f"{{const: {CANARY}}}")},
    ),
    "a choice for this target": (
        "push.desk.owner",
        {PUSH_FILE: CHOSEN},
    ),
}


def test_the_flag_of_secrecy_may_be_asked_under_a_new_name_and_for_no_other_values():
    flag = "secret: {field: mj, open: ['0'], closed: ['2']}\n"
    now = changed(PULL.replace(NO_FLAG, flag))
    renamed, other = flag.replace("mj", "mj2"), flag.replace("'2'", "'3'")
    for said, refused in ((renamed, None), (other, None), (other.replace("mj", "mj2"), "mj2")):
        then = changed(PULL.replace(NO_FLAG, said))
        assert origins.asks_masked(now, then, then.pulls[OWNER], ADMINISTRATOR, BEFORE) == refused


@pytest.mark.parametrize("case", MORE_GUESSES)
def test_no_value_of_the_readers_own_is_held_against_a_person(handed_on: Owned, case: str):
    flow, files = MORE_GUESSES[case]
    with pytest.raises(FlowError, match="rehearsal_masked"):
        answered(handed_on, flow=flow, **files)
    answered(handed_on, flow=flow, rights=operator(handed_on.contracts.entities), **files)


def test_what_a_target_holds_is_masked_by_what_it_was_made_of(handed_on: Owned):
    files = {PUSH_FILE: PUSHED.replace("{from: name}", "{from: number}")}
    told = answered(handed_on, flow="push.desk.owner", **files)
    assert [(one.was, one.would_be) for one in told.fields["xm"].examples] == [("***", "***")] * 2
    files = {PUSH_FILE: PUSHED.replace("xm: {from: name}", "xm: {from: plot}")}
    assert CANARY not in repr(answered(handed_on, flow="push.desk.owner", **files))


def test_no_sign_of_a_masked_value_is_told_by_cutting_it(known: Owned):
    then = changed(PULL.replace(NAMED, "{from: owner.name, use: [trim, {first: 3}]}"))
    assert "赵" not in told(known, then)


def test_whether_a_value_stood_is_told_to_those_only_who_may_see_it(known: Owned):
    record = f"owner:{code(1)}|1"
    for value in (CANARY, "某人"):
        with known.database.write() as tx, pytest.raises(FlowError) as caught:
            recall.find(
                tx, known.contracts, "name", record=record, value=value, rights=ADMINISTRATOR
            )
        assert (caught.value.code, dict(caught.value.facts)) == (
            "ask.value_masked",
            {"field": "name"},
        )
    with known.database.write() as tx:
        assert recall.find(tx, known.contracts, "name", record=record, rights=ADMINISTRATOR).spans
        assert recall.find(
            tx, known.contracts, "name", record=record, value=CANARY, rights=GRANTED
        ).spans


BAD = [
    whole(3, owner("3", name=CANARY * 3)),
    whole(4, owner("4", name=CANARY, plot=["x"])),
    orjson.dumps({"id": 5, "at": "x", "owners": [{"name": CANARY}]}),
    f'{{"id": 6, "owners": [{{"name": "{CANARY}"'.encode(),
]


@pytest.mark.parametrize("bad", BAD, ids=range(len(BAD)))
def test_a_failure_masks_persons_in_its_payload_its_errors_and_its_title(known: Owned, bad: object):
    known.owners(bad)  # type: ignore[arg-type]
    with known.database.write() as tx:
        (entry,) = reading.entries(tx)
    chief = asking(known, rights=ADMINISTRATOR)
    shown, open_ = (quarantine.entry(one, entry.id) for one in (chief, asking(known)))
    listed, found = failure_groups.listed(chief), findings.listed(chief)
    assert CANARY in repr(open_.lines)
    assert CANARY not in repr((shown.faults, shown.lines, listed, found))
    assert shown.payload is None
