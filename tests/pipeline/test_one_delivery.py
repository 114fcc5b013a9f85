"""One bad record costs one delivery: it ends with a reason, the others arrive, and nothing is tried
for ever.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from openpyxl import load_workbook

from connectors.files import FilesConnector
from connectors.verdicts import Verdicts
from hub.errors import FlowError
from hub.model import Connection, Json, Outcome, Outgoing, Receipt
from tests.case_files import CODE, PROJECT, hub_with, template_with
from tests.pipeline.conftest import Small, contracts_of
from tests.pipeline.partners import Desk, Source
from tests.pipeline.small import FILES
from tests.postgres import DatabaseServer

PLAN, PROJECTS, PUSH = "pull.plan.project", "push.desk.project", "mappings/desk/project.push.yaml"
POISON = "毒"


def code(n: int) -> str:
    return f"2405-520502-04-01-1{n:05}"


def load(small: Small, names: str, at: str = "1") -> None:
    for n, name in enumerate(names):  # one by one, so that the record ids rise
        small.pull(PLAN, Source([{"id": f"p{n}", "code": code(n), "name": name, "at": at}]))


def states(small: Small) -> dict[str, str]:
    rows = small.rows(
        "select r.key, d.state from hub.delivery d join hub.record r on r.id = d.record_id "
        "where d.flow = 'push.desk.project' order by r.key"
    )
    return {str(row["key"]): str(row["state"]) for row in rows}


def lapse(small: Small) -> None:
    """Let every hold and every wait end now."""
    small.rows(
        "update hub.delivery set held_until = now() - interval '1 s' where state = 'sending'; "
        "update hub.delivery set due = now() - interval '1 s' where state = 'retrying'; select 1"
    )


@pytest.fixture(scope="module")
def template(database_server: DatabaseServer) -> Iterator[str]:
    with template_with(database_server, "22", "p01") as name:
        yield name


def test_case_22_a_control_character_costs_one_record_and_its_next_version_goes_out(
    database_server: DatabaseServer, template: str, tmp_path: Path
):
    (tmp_path / "inbox").mkdir()
    push, pull = "push.p01.project", "pull.investment.project"
    rows = [
        PROJECT | {"id": n, "xmdm": f"{CODE[:-6]}10000{n}", "xmmc": f"某项目{n}"}
        for n in range(2, 6)
    ]
    rows[2]["xmmc"] = "某\x0b项目"
    with (
        hub_with(database_server, template, "22", "p01") as hub,
        closing(
            FilesConnector(Connection("p01", "file", "", None, "", "", str(tmp_path)), {})
        ) as connector,
    ):
        hub.pull(pull, Source([PROJECT, *rows]))
        assert hub.push(push, connector) == {"due": 5, "confirmed": 4, "rejected": 1}
        (entry,) = hub.rows("select cause, faults from hub.quarantine where stage = 'delivery'")
        assert entry["cause"] == "delivery.unsayable /工程名称"
        facts = {"field": "工程名称", "character": "U+000B", "format": "XLSX"}
        assert entry["faults"] == [
            {"pointer": "/工程名称", "code": "delivery.unsayable", "facts": facts}
        ]
        assert hub.push(push, connector) == {}
        assert hub.rows("select max(attempt) as attempt from hub.delivery") == [{"attempt": 1}]
        mended = rows[2] | {"xmmc": "某项目", "gxsj": "2026-10-05 00:00:00"}
        hub.pull(pull, Source([mended]))
        assert hub.push(push, connector) == {"due": 1, "confirmed": 1}
        assert hub.rows("select state from hub.quarantine where stage = 'delivery'") == [
            {"state": "overtaken"}
        ]
    written = [
        load_workbook(path).active.max_row - 1 for path in (tmp_path / "inbox").glob("*.xlsx")
    ]
    assert sorted(written) == [1, 4]


def test_a_delivery_that_stood_as_sending_past_its_attempts_ends_and_its_next_version_goes_out(
    small: Small,
):
    load(small, "甲")

    class Dies(Desk):
        def send(self, write: Mapping[str, Json], items: Sequence[Outgoing]) -> list[Outcome]:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        small.push(PROJECTS, Dies())
    small.rows("update hub.delivery set attempt = 11; select 1")
    lapse(small)
    desk = Desk()
    assert small.push(PROJECTS, desk) == {"due": 1, "dead": 1}
    assert (desk.sent, states(small)) == (0, {code(0): "dead"})
    (entry,) = small.rows("select cause, state from hub.quarantine")
    assert entry == {"cause": "delivery.interrupted", "state": "open"}
    load(small, "乙", at="2")
    small.push(
        PROJECTS, desk
    )  # whether the old body arrived is not known: it goes once more, then the new one
    small.push(PROJECTS, desk)
    assert [body["mc"] for body in desk.bodies()] == ["甲", "乙"]
    assert small.rows("select state from hub.quarantine") == [{"state": "resolved"}]


def test_a_record_that_kills_its_process_each_time_ends_alone_and_the_others_arrive(small: Small):
    small.with_settings(attempts=4)
    load(small, f"甲{POISON}乙丙丁戊")

    class Mortal(Desk):
        deaths = 0

        def send(self, write: Mapping[str, Json], items: Sequence[Outgoing]) -> list[Outcome]:
            if any(item.body["mc"] == POISON for item in items):
                self.deaths += 1
                raise KeyboardInterrupt
            return super().send(write, items)

    desk = Mortal()
    for _ in range(8):
        lapse(small)
        try:
            small.push(PROJECTS, desk)
        except KeyboardInterrupt:
            continue
        break
    assert states(small) == {code(n): "dead" if n == 1 else "confirmed" for n in range(6)}
    assert desk.deaths == 4
    assert [row["cause"] for row in small.rows("select cause from hub.quarantine")] == [
        "delivery.interrupted"
    ]


@pytest.mark.parametrize("how", ["no answer", "an exception", "an answer that makes no sense"])
def test_a_record_that_spoils_every_batch_it_is_in_ends_alone_and_the_others_arrive(
    small: Small, how: str
):
    small.with_settings(attempts=4)
    small.contracts = contracts_of(FILES | {PUSH: FILES[PUSH].replace("batch: 2", "batch: 6")})
    load(small, f"甲{POISON}乙丙")

    class Chokes(Desk):
        def send(self, write: Mapping[str, Json], items: Sequence[Outgoing]) -> list[Outcome]:
            poisoned = any(item.body["mc"] == POISON for item in items)
            if poisoned and how == "an exception":
                return [{}[POISON]]
            if poisoned and how == "an answer that makes no sense":
                raise FlowError("system.answer_unreadable", system="desk")
            return [] if poisoned else super().send(write, items)

    desk = Chokes()
    for _ in range(6):
        lapse(small)
        try:
            small.push(PROJECTS, desk)
        except FlowError:
            continue
    assert states(small) == {code(n): "dead" if n == 1 else "confirmed" for n in range(4)}
    assert len(small.rows("select from hub.quarantine where state = 'open'")) == 1
    assert "毒" not in str(small.rows("select cause::text, faults::text from hub.quarantine"))
    # A person sends it again, and it goes out with its attempts anew.
    small.replay()
    small.push(PROJECTS, well := Desk())
    assert (len(well.applied), states(small)[code(1)]) == (1, "confirmed")


def test_outcomes_that_are_not_ours_twice_or_hold_what_no_database_keeps_harm_nothing(small: Small):
    load(small, "甲乙丙")

    class Strange(Desk):
        def send(self, write: Mapping[str, Json], items: Sequence[Outgoing]) -> Iterator[Outcome]:
            for item in items:
                yield Outcome("not-ours", "confirmed")
                yield Outcome(
                    item.key,
                    "rejected",
                    code="1\x00",
                    text="坏\ud800" + "长" * 9_000,
                    reference="\x00",
                )
                yield Outcome(item.key, "confirmed")

    assert small.push(PROJECTS, Strange()) == {"due": 3, "rejected": 3}
    (said,) = {str(row["code"]) for row in small.rows("select code from hub.delivery_event")}
    assert said == "1\\u0000"


VERDICT = Verdicts(key="k", code="c", text="t", ok=("0",), retry=("9",))


@pytest.mark.parametrize(
    ("answers", "state", "reason"),
    [
        ([{"k": "a", "c": 0}], "confirmed", ""),
        ([{"k": "a", "c": "17", "t": {"not": "text"}}], "rejected", ""),
        ([{"k": "a"}], "unknown", "delivery.verdict_unclear"),
        ([{"k": "a", "c": None}], "unknown", "delivery.verdict_unclear"),
        ([{"k": "a", "c": {"code": 0}}], "unknown", "delivery.verdict_unclear"),
        ([{"k": "a", "c": "0"}, {"k": "a", "c": "17"}], "unknown", "delivery.verdict_unclear"),
        ([{"k": "a", "c": "0"}, {"k": "a", "c": 0}], "confirmed", ""),
        ([{"k": "b", "c": "1"}, {"c": "0"}, None, "x", [], {"k": ["a"], "c": 0}], None, ""),
    ],
)
def test_a_verdict_that_nobody_understands_decides_nothing(
    answers: list[Json], state: str | None, reason: str
):
    found = list(VERDICT.outcomes(answers, ["a"]))
    told = [(one.state, one.fault.code if one.fault else "") for one in found]
    assert told == ([(state, reason)] if state else [])


def test_receipts_that_came_before_an_error_count_and_an_unclear_one_is_told_with_its_delivery(
    small: Small,
):
    small.contracts = contracts_of(
        FILES | {PUSH: FILES[PUSH].replace("batch: 2", "batch: 2, receipts: true")}
    )
    load(small, "甲乙丙丁")

    class Judge(Desk):
        def receipts(self, write: Mapping[str, Json], keys: Sequence[str]) -> Iterator[Receipt]:
            names = {str(body["mc"]): key for key, (_, body) in self.applied.items()}
            yield Receipt("not-ours", "accepted")
            yield Receipt(names["甲"], "accepted", text="\x00")
            yield Receipt(names["甲"], "rejected")
            yield Receipt(names["乙"], "rejected", code="5", text="不符")
            yield Receipt(names["丙"], "unknown", code="77")
            raise UnicodeDecodeError("gbk", b"\xff", 0, 1, "丁")

    judge = Judge(receipts=True)
    small.push(PROJECTS, judge)
    with pytest.raises(FlowError, match=r"system\.connector_failed"):
        small.receipts(PROJECTS, judge)
    assert states(small) == dict(
        zip(
            map(code, range(4)),
            ["confirmed", "rejected", "awaiting_receipt", "awaiting_receipt"],
            strict=True,
        )
    )
    (note,) = small.rows(
        "select note from hub.delivery where note->>'code' = 'delivery.verdict_unclear'"
    )
    assert note["note"] == {"code": "delivery.verdict_unclear", "facts": {"code": "77"}}


def test_what_never_gets_a_verdict_is_given_up_and_a_late_one_still_counts(small: Small):
    small.with_settings(attempts=3)
    small.contracts = contracts_of(
        FILES | {PUSH: FILES[PUSH].replace("batch: 2", "batch: 2, receipts: true")}
    )
    load(small, "甲")
    desk = Desk(receipts=True)
    tallies = []
    for _ in range(5):
        tallies.append(small.push(PROJECTS, desk))
        small.rows(
            "update hub.delivery set due = now() - interval '1 second' returning flow"
        )  # the verdict is late
    assert tallies == [{"due": 1, "awaiting_receipt": 1}] * 3 + [{"due": 1, "dead": 1}, {}]
    assert desk.sent == 3
    assert [row["cause"] for row in small.rows("select cause from hub.quarantine")] == [
        "delivery.no_verdict"
    ]
    (key,) = desk.applied
    desk.verdicts[key] = Receipt(key, "accepted")
    assert small.receipts(PROJECTS, desk) == {"due": 1, "confirmed": 1}
