"""Nothing of a record that may be secret is kept anywhere, whichever way it comes and whenever it
turns so.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress

import pytest

from hub.domain.rights import operator
from hub.domain.secrecy import CODES
from hub.errors import Fault, TransientError
from hub.model import Json, Outcome, Outgoing, Raw, Receipt
from hub.pipeline import remap
from hub.services import dry_run
from hub.texts import text
from tests.pipeline.conftest import Small, contracts_of
from tests.pipeline.partners import Desk, Source
from tests.pipeline.small import FILES, FLAG, FLAGGED, NO_FLAG, OTHER
from tests.pipeline.test_held_batches import accept, refused, renamed, rows, verified, waiting
from tests.pipeline.test_held_persons import kept
from tests.pipeline.test_intake import BUILD, PERMIT, PLAN, project
from tests.pipeline.test_reconcile import Plan, compared

CANARY = "某秘密工程"
PLAN_FILE = "mappings/plan/project.pull.yaml"


@pytest.fixture
def flagged(small: Small) -> Small:
    small.contracts = contracts_of(FLAGGED)
    return small


def opened(number: int, **more: object) -> dict[str, object]:
    return project(number, **{"secrecy": "0", **more})


def causes(small: Small) -> list[str]:
    found = small.rows(
        "select split_part(cause, ' ', 1) as code from hub.quarantine where state = 'open' "
        "order by id"
    )
    return [str(row["code"]) for row in found]


def held_nowhere(small: Small, *texts: str) -> None:
    assert [kept(small, text) for text in texts] == [[] for _ in texts]
    assert verified(small) == []


BROKEN: Sequence[tuple[object, str]] = [
    (project(1, name=CANARY, secrecy="2"), "record.secret"),
    (project(1, name=CANARY), "record.secrecy_missing"),
    (project(1, name=CANARY, secrecy="是"), "record.secrecy_unknown"),
    (project(1, name=CANARY, secrecy=["0"]), "record.secrecy_ambiguous"),
    (project(1, name=CANARY + "\x00", secrecy="2"), "record.secret"),
    (project(1, name=CANARY, secrecy="2", money="不是数"), "record.secret"),
    (project(1, name=CANARY, secrecy="2", note="x" * 900), "record.secret"),
    (project(1, name=CANARY, secrecy="2", gone="1"), "record.secret"),
    (project(1, name=CANARY, secrecy="2", test="1"), "record.secret"),
    (project(1, name=CANARY, secrecy="2", at="非数"), "record.secret"),
    (project(1, name=CANARY, secrecy="2", id=CANARY), "record.secret"),
    (project(1, name=CANARY, secrecy="2", id=None), "record.secret"),
    (
        f'{{"id": "p1", "secrecy": "0", "secrecy": "2", "name": "{CANARY}"}}'.encode(),
        "record.secrecy_unreadable",
    ),
    (f'{{"id": "p1", "secrecy": "0", "name": "{CANARY}'.encode(), "record.secrecy_unreadable"),
    (
        f'{{"id": "p1", "secrecy": "0", "name": "{CANARY}"}}'.encode("gb18030"),
        "record.secrecy_unreadable",
    ),
]


def test_of_what_is_not_shown_to_be_open_nothing_is_kept_but_why(
    flagged: Small, caplog: pytest.LogCaptureFixture
):
    flagged.with_settings(payload_bytes=600, drift_least=50)
    source = Source([one for one, _ in BROKEN] + [opened(9)])
    assert flagged.pull(PLAN, source) == {
        "read": len(BROKEN) + 1,
        "created": 1,
        "quarantined": len(BROKEN) - 9,
        "superseded": 9,
    }
    assert flagged.pull(PLAN, source)["read"] == len(BROKEN) + 1
    held_nowhere(flagged, CANARY, "p1")
    assert CANARY not in caplog.text


@pytest.mark.parametrize(("record", "code"), BROKEN, ids=range(len(BROKEN)))
def test_each_is_told_with_its_reason_once(flagged: Small, record: object, code: str):
    assert flagged.pull(PLAN, Source([record])) == {"read": 1, "quarantined": 1}
    assert flagged.pull(PLAN, Source([record])) == {"read": 1, "unchanged": 1}
    assert causes(flagged) == [code]
    assert flagged.rows("select count(payload)::int as kept from hub.landing") == [{"kept": 0}]


def test_what_a_connector_could_not_read_is_withheld_with_what_it_says(flagged: Small):
    fault = Fault("", "file.not_a_workbook", {"detail": CANARY})
    aside = Raw(f"PK {CANARY}".encode(), f"d.xlsx {CANARY}", fault, item="d.xlsx")

    class Files(Source):
        def pages(self, *args: object, **options: object):  # type: ignore[no-untyped-def]
            for page in super().pages(*args, **options):  # type: ignore[arg-type]
                yield type(page)(
                    (aside, *page.records), page.read + 1, page.resume, page.high, page.last
                )

    assert flagged.pull(PLAN, Files([opened(1)])) == {"read": 2, "created": 1, "quarantined": 1}
    assert causes(flagged) == ["record.secrecy_unreadable"]
    held_nowhere(flagged, CANARY)


def test_a_record_that_turns_secret_is_withdrawn_and_all_that_was_kept_of_it_erased(flagged: Small):
    desk = Desk()
    flagged.pull(PLAN, Source([opened(1, name=CANARY, money="7"), opened(2)]))
    flagged.push("push.desk.project", desk)
    flagged.pull(PLAN, Source([opened(1, name=CANARY + "二", at="2"), opened(2)]))
    flagged.push("push.desk.project", desk)
    assert flagged.pull(PLAN, Source([opened(1, name="x", secrecy="2", at="2")])) == {
        "read": 1,
        "quarantined": 1,
    }
    assert flagged.push("push.desk.project", desk)["confirmed"] == 1
    assert [action for action, _ in desk.applied.values()][-1] == "withdraw"
    held_nowhere(flagged, CANARY)
    gone, stays = flagged.golden().values()
    assert (gone["deleted_at"] is None, gone["name"], stays["deleted_at"]) == (False, None, None)
    (told,) = flagged.rows("select erased_by, cardinality(landing_ids) as n from hub.erasure")
    assert told == {"erased_by": "hub", "n": 2}


@pytest.mark.parametrize(
    "before", [{"code": OTHER}, {"gone": "1"}, {"test": "1"}], ids=lambda before: next(iter(before))
)
def test_what_was_made_of_it_under_another_key_or_before_it_went_is_erased_too(
    flagged: Small, before: dict[str, object]
):
    flagged.pull(PLAN, Source([opened(1, name=CANARY), opened(2)]))
    flagged.pull(BUILD, Source([project(1, name="某工程")]))
    flagged.pull(PLAN, Source([opened(1, name=CANARY, at="2", **before)]))
    flagged.pull(PLAN, Source([opened(1, name=CANARY, secrecy="2", at="3")]))
    held_nowhere(flagged, CANARY)
    stands = {row["name"] for row in flagged.golden().values() if row["deleted_at"] is None}
    assert stands == {"某工程", "项目2"}


def test_what_a_target_quoted_of_it_goes_from_the_report_of_the_run_too(flagged: Small):
    class Quoting(Desk):
        def send(self, write: Mapping[str, Json], items: Sequence[Outgoing]) -> list[Outcome]:
            return [
                Outcome(item.key, "rejected", code="17", text=f"名称不对 {CANARY}")
                for item in items
            ]

    flagged.pull(PLAN, Source([opened(1, name=CANARY)]))
    flagged.push("push.desk.project", Quoting())
    assert "hub.report" in kept(flagged, CANARY)
    flagged.pull(PLAN, Source([opened(1, secrecy="2", at="2")]))
    held_nowhere(flagged, CANARY)


@pytest.mark.parametrize("away", ["lost", "gone"])
def test_a_delivery_that_may_have_arrived_is_taken_back_and_not_repeated(flagged: Small, away: str):
    flagged.with_settings(attempts=10, backoff_seconds=0.001)
    desk = Desk()
    setattr(desk, *(("loses", 1) if away == "lost" else ("away", 1)))
    flagged.pull(PLAN, Source([opened(1, name=CANARY)]))
    with suppress(TransientError):
        flagged.push("push.desk.project", desk)
    flagged.pull(PLAN, Source([opened(1, secrecy="2")]))
    sent = list(desk.applied)
    flagged.push("push.desk.project", desk)
    assert [action for key, (action, _) in desk.applied.items() if key not in sent] == ["withdraw"]
    held_nowhere(flagged, CANARY)


PERMITS, PUSHED = "push.desk.permit", "mappings/desk/permit.push.yaml"
BARE = FLAGGED | {
    PUSHED: FLAGGED[PUSHED].replace("after: project\n", "").replace(", receipts: true", "")
}
QUOTING = {
    "after its project": (FLAGGED, ["withdraw"]),
    "alone": (BARE, ["upsert"]),
}


def delivered(flagged: Small, files: Mapping[str, str], desk: Desk) -> None:
    """A project and its permit, both at the desk; then a source says that the project is secret."""
    flagged.contracts = contracts_of(dict(files))
    flagged.pull(PLAN, Source([opened(1, name=CANARY), opened(2)]))
    flagged.pull(PERMIT, Source([{"number": "n1", "code": project(1)["code"], "plot": "甲"}]))
    flagged.push("push.desk.project", desk)
    flagged.push(PERMITS, desk)


def turned(flagged: Small, desk: Desk) -> list[tuple[str, dict[str, Json]]]:
    """The project turns secret; what the desk is then sent of its permit."""
    before = len(desk.applied)
    flagged.pull(PLAN, Source([opened(1, secrecy="2", at="2")]))
    flagged.push("push.desk.project", desk)
    flagged.push(PERMITS, desk)
    return [one for one in list(desk.applied.values())[before:] if "bh" in one[1]]


@pytest.mark.parametrize("case", QUOTING)
def test_what_quotes_a_project_that_turns_secret_is_replaced_or_taken_back(
    flagged: Small, case: str
):
    (files, actions), desk = QUOTING[case], Desk()
    delivered(flagged, files, desk)
    assert {"bh": "n1", "mc": CANARY} in desk.bodies()
    sent = turned(flagged, desk)
    assert [action for action, _ in sent] == actions
    if actions == ["upsert"]:
        assert sent[0][1] == {"bh": "n1", "mc": None}
    held_nowhere(flagged, CANARY)
    assert flagged.push(PERMITS, desk).keys() <= {"blocked"}
    flagged.pull(PLAN, Source([opened(1, name="某工程", at="3")]))
    flagged.push("push.desk.project", desk)
    assert flagged.push(PERMITS, desk)["confirmed"] == 1
    assert desk.bodies()[-1] == {"bh": "n1", "mc": "某工程"}
    assert verified(flagged) == []


@pytest.mark.parametrize("case", ["after its project", "alone"])
@pytest.mark.parametrize("fate", ["lost", "waits", "refused"])
def test_what_quotes_it_and_was_under_way_goes_out_no_more(flagged: Small, case: str, fate: str):
    files, actions = QUOTING[case]
    desk = Desk(receipts=fate == "waits")
    flagged.with_settings(receipt_seconds=0.001)
    flagged.contracts = contracts_of(dict(files))
    flagged.pull(PLAN, Source([opened(1, name=CANARY)]))
    flagged.pull(PERMIT, Source([{"number": "n1", "code": project(1)["code"], "plot": "甲"}]))
    flagged.push("push.desk.project", desk)
    for key in desk.applied:
        desk.verdicts[key] = Receipt(key, "accepted")
    flagged.receipts("push.desk.project", desk)
    desk.loses, desk.refuses = (
        (1, set()) if fate == "lost" else (0, {CANARY} if fate == "refused" else set())
    )
    flagged.push(PERMITS, desk)
    desk.refuses, desk.with_receipts, before = set(), False, desk.sent
    sent = turned(flagged, desk)
    assert [action for action, _ in sent] == (
        [] if fate == "refused" and actions == ["withdraw"] else actions
    )
    assert desk.sent - before == len(sent) + 1
    held_nowhere(flagged, CANARY, "名称不对")


def test_what_quotes_it_quotes_what_other_systems_say(flagged: Small):
    desk = Desk()
    delivered(flagged, FLAGGED, desk)
    flagged.pull(BUILD, Source([project(1, name="某工程")]))
    assert [body for _, body in turned(flagged, desk)] == [{"bh": "n1", "mc": "某工程"}]
    held_nowhere(flagged, CANARY)


def test_what_other_systems_say_of_it_stays(flagged: Small):
    flagged.pull(PLAN, Source([opened(1, name=CANARY)]))
    flagged.pull(BUILD, Source([project(1, name="某工程")]))
    flagged.pull(PLAN, Source([opened(1, secrecy="涉密", at="2")]))
    (row,) = flagged.golden().values()
    assert (row["deleted_at"], row["name"]) == (None, "某工程")
    held_nowhere(flagged, CANARY)


@pytest.mark.parametrize("order", [["0", "2"], ["2", "0"], ["0", "2", "0"]])
def test_within_one_batch_the_last_word_counts(flagged: Small, order: list[str]):
    sent = [
        opened(1, secrecy=flag, name=CANARY if flag == "2" or at == 0 else "某工程")
        for at, flag in enumerate(order)
    ]
    flagged.pull(PLAN, Source(sent))
    stands = [row["name"] for row in flagged.golden().values() if row["deleted_at"] is None]
    assert stands == (["某工程"] if order[-1] == "0" else [])
    held_nowhere(flagged, CANARY)


def test_an_older_version_that_is_secret_is_withdrawn_all_the_same(flagged: Small):
    flagged.pull(PLAN, Source([opened(1, name=CANARY, at="5")]))
    assert flagged.pull(PLAN, Source([opened(1, secrecy="2", at="3")])) == {
        "read": 1,
        "quarantined": 1,
    }
    assert flagged.pull(PLAN, Source([opened(1, name=CANARY, at="4")])) == {"read": 1, "stale": 1}


def test_a_record_that_is_open_again_comes_in_and_closes_its_entry(flagged: Small):
    flagged.pull(PLAN, Source([opened(1, secrecy="2"), opened(2)]))
    flagged.pull(PLAN, Source([opened(2, secrecy="2", at="2")]))
    assert causes(flagged) == ["record.secret"] * 2
    assert flagged.pull(PLAN, Source([opened(1), opened(2, at="3")])) == {"read": 2, "created": 2}
    assert causes(flagged) == []
    assert [row["deleted_at"] for row in flagged.golden().values()] == [None, None]
    assert verified(flagged) == []


def test_a_replay_and_a_comparison_neither_show_nor_repair_what_is_withheld(flagged: Small):
    source = Plan([opened(number, at=number) for number in range(1, 9)], size=4)
    flagged.pull(PLAN, source)
    source.rows[3] = opened(4, name=CANARY, secrecy="2", at=4)
    source.rows.append(opened(20, name=CANARY, secrecy="2", at=2))
    for _ in range(2):
        compared(flagged, PLAN, source)
        flagged.replay(flow=PLAN)
        held_nowhere(flagged, CANARY)
    live = [row for row in flagged.golden().values() if row["deleted_at"] is None]
    assert len(live) == 7


def test_a_contract_that_asks_takes_out_what_was_kept_before_it_asked(small: Small):
    small.pull(
        PLAN,
        Source(
            [
                opened(1, name=CANARY, secrecy="１"),
                opened(2),
                opened(3, name=CANARY, money="非数", secrecy="2"),
            ]
        ),
    )
    assert kept(small, CANARY)
    small.contracts = contracts_of(FLAGGED)
    remap.remap(small.database, small.contracts, small.contracts.pulls[PLAN])
    held_nowhere(small, CANARY)
    assert sorted(causes(small)) == ["record.secrecy_unknown", "record.secret"]
    assert [row["deleted_at"] is None for row in small.golden().values()] == [False, True]


def test_a_held_batch_is_no_place_for_secrets_and_no_reason_to_wait(flagged: Small):
    first, *others = rows(secrecy="0")
    flagged.pull(PLAN, Source([first | {"name": CANARY}, *others]))
    refused(flagged, [renamed(1)[0] | {"name": CANARY, "secrecy": "0"}, *renamed(secrecy="0")[1:]])
    assert kept(flagged, CANARY)
    refused(
        flagged,
        [renamed(1)[0] | {"name": "x", "secrecy": "2"}, *renamed(secrecy="0", name="某")[1:]],
    )
    held_nowhere(flagged, CANARY)
    accept(flagged)
    held_nowhere(flagged, CANARY)
    assert sum(row["deleted_at"] is None for row in flagged.golden().values()) == 29


def test_many_without_a_flag_are_a_change_of_the_source_and_withdraw_nothing(flagged: Small):
    flagged.pull(PLAN, Source(rows(60, secrecy="0")))
    (view,) = refused(flagged, rows(60, at="2"))
    assert [one.kind for one in view.findings] == ["flagless", "faults"]
    assert sum(row["deleted_at"] is None for row in flagged.golden().values()) == 60
    flagged.contracts = contracts_of(
        FILES | {PLAN_FILE: FILES[PLAN_FILE].replace(NO_FLAG, FLAG.replace("secrecy", "sm"))}
    )
    assert (
        flagged.pull(PLAN, Source([row | {"sm": "0"} for row in rows(60, at="2")]))["changed"] == 60
    )
    assert waiting(flagged) == []


@pytest.mark.parametrize("count", [1, 2, 49])
def test_a_batch_without_the_flag_that_others_had_is_held_whatever_its_size(
    flagged: Small, count: int
):
    flagged.pull(PLAN, Source(rows(60, secrecy="0")))
    sent = [row | {"sm": "0", "name": CANARY} for row in rows(count, at="2")]
    (view,) = refused(flagged, sent)
    assert [(one.kind, one.place) for one in view.findings] == [("flagless", "secrecy")]
    assert view.findings[0].said.zh.startswith("密级标识字段 secrecy 不见了：以前 60 条中 60 条有")
    assert sum(row["deleted_at"] is None for row in flagged.golden().values()) == 60
    assert refused(flagged, sent) == [view]
    held_nowhere(flagged, CANARY)
    flagged.contracts = contracts_of(
        FLAGGED | {PLAN_FILE: FLAGGED[PLAN_FILE].replace("field: secrecy", "field: sm")}
    )
    assert flagged.pull(PLAN, Source(sent)) == {"read": count, "changed": count}
    assert waiting(flagged) == []


def test_what_was_never_flagged_or_shows_its_flag_anywhere_is_withheld_one_by_one(flagged: Small):
    assert flagged.pull(PLAN, Source(rows(3))) == {"read": 3, "quarantined": 3}
    flagged.pull(PLAN, Source(rows(20, secrecy="0")))
    sent = [rows(1, at="2")[0], *rows(3, at="2", secrecy="0")[1:]]
    assert flagged.pull(PLAN, Source(sent)) == {"read": 3, "changed": 2, "quarantined": 1}
    assert sum(row["deleted_at"] is None for row in flagged.golden().values()) == 19


def test_where_a_flow_lets_fields_go_its_flag_is_not_let_go(flagged: Small):
    lax = FLAGGED[PLAN_FILE] + "shape: {gone: ignore, emptied: ignore}\n"
    flagged.contracts = contracts_of(FLAGGED | {PLAN_FILE: lax})
    flagged.pull(PLAN, Source(rows(3, secrecy="0")))
    assert len(refused(flagged, rows(3, at="2"))) == 1


def test_who_accepts_that_a_source_flags_nothing_any_more_has_it_withheld_from_then_on(
    flagged: Small,
):
    flagged.pull(PLAN, Source(rows(4, secrecy="0", name=CANARY)))
    refused(flagged, rows(2, at="2"))
    accept(flagged)
    assert causes(flagged) == ["record.secrecy_missing"] * 2
    assert sum(row["deleted_at"] is None for row in flagged.golden().values()) == 2
    assert flagged.pull(PLAN, Source(rows(4, at="2")[2:])) == {"read": 2, "quarantined": 2}
    held_nowhere(flagged, CANARY)


def test_a_rehearsal_of_a_laxer_contract_shows_nothing_that_today_withholds(small: Small):
    small.pull(PLAN, Source([opened(1, name=CANARY, secrecy="2")]))
    found = dry_run.rehearse(
        small.database,
        contracts_of(FLAGGED),
        contracts_of(FILES),
        name=PLAN,
        rights=operator(small.contracts.entities),
    )
    assert CANARY not in repr(found)
    assert [cause.split()[0] for cause in found.set_aside] == ["record.secret"]


def test_every_reason_is_a_text_of_its_own_with_a_cure():
    for sense in ("", "cure"):
        assert all(text(code, lang, sense) != code for code in CODES for lang in ("zh", "en"))
