"""A source that answers one key at a time: asked once, within its quota, with a purpose."""

from collections.abc import Iterator, Sequence

import pytest

from hub.domain.load import ConnectorSchemas, ContractsInvalidError, load
from hub.errors import Fault, FlowError, TransientError
from hub.model import Json, KeyAnswer, Raw
from hub.pipeline import intake
from tests.pipeline.conftest import Small
from tests.pipeline.partners import Source
from tests.pipeline.small import FILES

FLOW = "pull.build.permit"
ASK = "ask: {of: project.name, where: {}, again: 30d, per_run: 3, per_day: 5, purpose: 核对许可}"
PERMIT = FILES["mappings/build/permit.pull.yaml"]
ASKING = FILES | {
    "mappings/build/permit.pull.yaml": PERMIT.replace(
        "read: {resource: permits}", f"read: {{resource: permits, {ASK}}}"
    )
}
OPEN: dict[str, Json] = {}
GIVEN = {"given": ConnectorSchemas(system=OPEN, read=OPEN, write=OPEN, ask=OPEN)}


class Counter:
    """Answers by key; keeps what it was asked for."""

    ASK: dict[str, Json] = {}  # noqa: RUF012 -- nothing is written into it

    def __init__(self, **answers: str) -> None:
        self.how = answers
        self.asked: list[str] = []

    def answers(self, read: dict[str, Json], keys: Sequence[str]) -> Iterator[KeyAnswer]:
        assert "ask" not in read
        for key in keys:
            self.asked.append(key)
            how = self.how.get(key, "answered")
            if how == "spent":
                raise FlowError("ask.spent", system="build", said="9")
            if how == "away":
                raise TransientError("system.unavailable", system="build")
            if how == "failed":
                fault = Fault("", "system.answer_unreadable", {"system": "build"})
                yield KeyAnswer(key, "failed", fault=fault)
            elif how == "absent":
                yield KeyAnswer(key, "absent")
            else:
                code = "2502-522730-04-01-587294"
                said = f'{{"number": "许{key}", "code": "{code}"}}'.encode()
                yield KeyAnswer(key, "answered", (Raw(said, f"permits {key}"),))


@pytest.fixture
def asking(small: Small) -> Small:
    small.contracts = load(ASKING, GIVEN, year=2026)
    rows: list[dict[str, Json]] = [
        {"id": str(n), "code": f"2502-522730-04-01-58729{n}", "name": f"甲{n}", "at": "1"}
        for n in range(7)
    ]
    small.pull("pull.plan.project", Source(rows))  # type: ignore[arg-type]
    return small


def ask(small: Small, counter: Counter) -> dict[str, int]:
    return small.pull(FLOW, counter)


def balance(small: Small) -> list[tuple[object, ...]]:
    rows = small.rows("select asked, answered, absent, failed from hub.asked_batch order by id")
    return [tuple(row.values()) for row in rows]


def test_each_key_is_asked_once_and_none_is_an_answer_too(asking: Small) -> None:
    counter = Counter(甲1="absent")
    assert ask(asking, counter) == {"read": 2, "created": 2}
    assert counter.asked == ["甲0", "甲1", "甲2"]
    assert balance(asking) == [(3, 2, 1, 0)]
    # the day's quota: two more, then none until tomorrow
    ask(asking, counter)
    ask(asking, counter)
    assert counter.asked == ["甲0", "甲1", "甲2", "甲3", "甲4"]
    asking.rows("update hub.asked_day set day = day - 1 returning 1")
    ask(asking, counter)
    assert counter.asked[5:] == ["甲5", "甲6"]
    asking.rows("update hub.asked_day set day = day - 2 returning 1")
    assert ask(asking, counter) == {}
    # after thirty days the stalest first, also what was not there
    asking.rows(
        "update hub.asked set asked_at = asked_at - interval '31 days' where key <= '甲3' returning 1"
    )
    ask(asking, counter)
    assert counter.asked[7:] == ["甲0", "甲1", "甲2"]


def test_every_question_stands_in_the_access_log_with_its_purpose(asking: Small) -> None:
    ask(asking, Counter())
    rows = asking.rows("select account, route, purpose, record_ids from hub.access order by id")
    assert [row["route"] for row in rows] == ["ASK build"] * 3
    assert {row["purpose"] for row in rows} == {"核对许可"}
    assert all(row["record_ids"] for row in rows)
    assert {row["account"] for row in rows} == {FLOW}


def test_questions_that_got_no_answer_are_logged_and_asked_again(asking: Small) -> None:
    with pytest.raises(TransientError):
        ask(asking, Counter(甲0="away"))
    assert len(asking.rows("select from hub.access")) == 3
    assert balance(asking) == []
    counter = Counter()
    ask(asking, counter)
    assert counter.asked == ["甲0", "甲1"]  # three of the five are used up


def test_a_spent_quota_ends_the_day_and_keeps_what_was_answered(asking: Small) -> None:
    with pytest.raises(FlowError) as spent:
        ask(asking, Counter(甲2="spent"))
    assert spent.value.code == "ask.spent"
    assert balance(asking) == [(2, 2, 0, 0)]
    counter = Counter()
    assert ask(asking, counter) == {}
    assert counter.asked == []
    asking.rows("update hub.asked_day set day = day - 1 returning 1")
    ask(asking, counter)
    assert counter.asked == ["甲2", "甲3", "甲4"]


def test_one_unreadable_answer_is_that_keys_and_two_in_a_row_are_not(asking: Small) -> None:
    ask(asking, Counter(甲0="failed"))
    assert balance(asking) == [(3, 2, 0, 1)]
    (row,) = asking.rows("select state, cause from hub.asked where key = '甲0'")
    assert row["state"] == "failed"
    asking.rows("update hub.asked_day set day = day - 1 returning 1")
    with pytest.raises(FlowError):
        ask(asking, Counter(甲3="failed", 甲4="failed"))
    assert balance(asking)[1:] == [(2, 0, 0, 2)]


def test_the_balance_is_a_constraint_of_the_database(asking: Small) -> None:
    with pytest.raises(Exception, match="conservation"):
        asking.rows(
            "insert into hub.asked_batch (run_id, batch_id, flow, asked, absent)"
            " values (1, 1, 'x', 2, 1)"
        )


def personal(text: str) -> dict[str, str]:
    schema = FILES["schemas/project.json"].replace(
        '"x-title-zh": "名称", "type": "string", "x-class": "public"',
        '"x-title-zh": "名称", "type": "string", "x-class": "personal"',
    )
    return ASKING | {
        "schemas/project.json": schema,
        "mappings/build/permit.pull.yaml": ASKING["mappings/build/permit.pull.yaml"].replace(
            "purpose: 核对许可", text
        ),
    }


def test_personal_keys_are_asked_with_a_legal_basis_only() -> None:
    with pytest.raises(ContractsInvalidError) as refused:
        load(personal("purpose: 核对"), GIVEN, year=2026)
    assert [one.code for one in refused.value.problems] == ["contract.ask_basis"]
    load(personal("purpose: 核对, basis: 某法第十条"), GIVEN, year=2026)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("again: 30d, ", "", "contract.key_missing"),
        ("project.name", "project.planned_start", "contract.ask_no_text"),
        ("purpose: 核对许可", "purpose: ''", ""),
        ("project.name", "project.nam", "contract.field_unknown"),
        ("project.name", "projet.name", ""),
        ("where: {}", "where: {nam: [x]}", "contract.field_unknown"),
    ],
)
def test_rules_that_lead_nowhere_are_refused(old: str, new: str, code: str) -> None:
    files = ASKING | {
        "mappings/build/permit.pull.yaml": ASKING["mappings/build/permit.pull.yaml"].replace(
            old, new
        )
    }
    with pytest.raises(ContractsInvalidError) as refused:
        load(files, GIVEN, year=2026)
    codes = [one.code for one in refused.value.problems]
    assert codes
    assert not code or code in codes


def test_a_connector_that_cannot_ask_is_refused() -> None:
    with pytest.raises(ContractsInvalidError) as refused:
        load(ASKING, {"given": ConnectorSchemas(system={}, read={}, write={})}, year=2026)
    assert "contract.ask_unable" in [one.code for one in refused.value.problems]


def test_a_crash_before_the_commit_asks_again_and_doubles_nothing(
    asking: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_: object, **__: object) -> None:
        raise TransientError("system.unavailable")

    with monkeypatch.context() as patched:
        patched.setattr(intake, "_keep_answers", lost)
        with pytest.raises(TransientError):
            ask(asking, Counter())
    assert balance(asking) == []
    assert ask(asking, Counter())["created"] == 2
