"""A source that changes its shape: its batch is held with its payloads, and a person decides."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import pytest

from hub.domain.isolation import take_up
from hub.domain.rights import operator
from hub.errors import FlowError, HeldError
from hub.model import Json, Page
from hub.pipeline import held_decisions, seal, verify
from hub.pipeline.steward import DecidedBy
from hub.services import held as holding
from hub.services import lineage, shapes
from hub.services.held import HeldView
from tests.contexts import asking
from tests.pipeline.conftest import OPEN, Small, contracts_of
from tests.pipeline.partners import Source
from tests.pipeline.small import FILES
from tests.pipeline.test_intake import BUILD, PERMIT, PLAN, project

WORD = DecidedBy("审计员甲", "来源改名，已核实")
FILE = "mappings/plan/project.pull.yaml"

Rows = list[dict[str, object]]


def rows(count: int = 30, **more: object) -> Rows:
    return [project(n, money="10", start="2024-03-01") | more for n in range(count)]


def without(field: str, count: int = 30, **more: object) -> Rows:
    return [
        {name: value for name, value in row.items() if name != field} | more for row in rows(count)
    ]


def keyless(row: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in row.items() if name != "id"}


def renamed(count: int = 30, **more: object) -> Rows:
    return [row | {"amount": "20", "at": "2"} | more for row in without("money", count)]


def read(small: Small, rows: Rows, *, flow: str = PLAN) -> dict[str, int]:
    return small.pull(flow, Source(rows, size=min(100, small.settings.batch_records)))  # type: ignore[arg-type]


def refused(small: Small, rows: Rows, *, flow: str = PLAN) -> list[HeldView]:
    """Read what must be held; give all that waits."""
    with pytest.raises(HeldError):
        read(small, rows, flow=flow)
    return waiting(small)


def waiting(small: Small, *, decided: bool = False) -> list[HeldView]:
    return holding.listed(asking(small), decided=decided)


def accept(small: Small, *batches: int) -> list[int]:
    chosen = batches or [view.batch for view in waiting(small)]
    return holding.accept(asking(small, WORD.by), chosen, reason=WORD.reason)


def drop(small: Small, *batches: int) -> list[int]:
    return holding.drop(asking(small, WORD.by), batches, reason=WORD.reason)


def cursor(small: Small, flow: str = PLAN) -> Json:
    (row,) = small.rows(f"select cursor from hub.flow where name = '{flow}'")  # noqa: S608
    return row["cursor"]  # type: ignore[return-value]


def investments(small: Small) -> set[str]:
    return {str(row["investment"]) for row in small.golden().values()}


def kinds(view: HeldView) -> list[tuple[str, str]]:
    return [(finding.kind, finding.place) for finding in view.findings]


def verified(small: Small) -> list[str]:
    seal.seal(small.database, small.settings)
    found = verify.verify(small.database, small.contracts, small.settings)
    return [f"{one.kind} {one.where} {one.detail}" for one in found.findings]


def mended(small: Small, old: str, new: str) -> None:
    """The mapping of the plan, changed."""
    assert old in FILES[FILE]
    small.contracts = contracts_of(FILES | {FILE: FILES[FILE].replace(old, new)})


# what is held


def test_a_renamed_field_holds_the_batch_and_empties_nothing(small: Small):
    read(small, rows())
    before = cursor(small)
    (view,) = refused(small, renamed())
    assert (view.read, view.held, kinds(view)) == (30, 30, [("gone", "money")])
    assert "30" in view.findings[0].said.zh
    assert (investments(small), cursor(small)) == ({"100000.00"}, before)
    (run,) = small.rows("select state, cause from hub.run order by id desc limit 1")
    assert (run["state"], run["cause"]["code"]) == ("held", "flow.held")
    (report,) = small.rows("select counts, balanced from hub.report order by run_id desc limit 1")
    assert (report["counts"]["read"], report["counts"]["held"], report["balanced"]) == (
        30,
        30,
        None,
    )
    assert verified(small) == []


def test_what_is_said_of_a_change_has_no_facts_hung_on_behind_it(small: Small):
    small.with_settings(batch_records=100)
    read(small, rows(100))
    refused(small, renamed(100) + rows(20, at="3"))
    (gone, behind) = (view.findings[0].said for view in waiting(small))
    assert (gone.zh[-1], gone.en[-1], behind.zh[-1], behind.en[-1]) == ("。", ".", "。", ".")


def test_an_empty_list_is_told_in_a_sentence(small: Small):
    read(small, rows(100))
    (view,) = refused(small, [])
    assert view.findings[0].said.zh.endswith("上一次有 100 条。")


def test_a_field_gone_from_two_records_that_used_to_have_it_holds_them(small: Small):
    read(small, rows(2))
    (view,) = refused(small, renamed(2))
    assert (view.held, kinds(view)) == (2, [("gone", "money")])


def test_a_field_that_one_record_no_longer_has_holds_nothing(small: Small):
    read(small, rows())
    (one,) = without("money", 1, at="2")
    assert read(small, [one]) == {"read": 1, "changed": 1}


def test_a_field_that_one_record_after_the_other_lacks_is_held_at_the_second(small: Small):
    read(small, rows())
    first, second, *_ = renamed()
    read(small, [first])
    (view,) = refused(small, [second])
    assert kinds(view) == [("gone", "money")]


def test_a_field_that_records_without_news_still_have_is_not_gone(small: Small):
    read(small, rows())
    assert read(small, [*renamed()[:5], *rows()[5:]]) == {"read": 30, "changed": 5, "unchanged": 25}


def test_delete_marks_that_say_no_more_than_the_key_hold_nothing(small: Small):
    read(small, rows())
    gone: Rows = [{"id": f"p{n}", "at": "2", "gone": "1"} for n in range(25)]
    assert read(small, gone) == {"read": 25, "deleted": 25}


def test_a_key_that_no_record_has_holds_the_batch_though_nothing_was_read_before(small: Small):
    (view,) = refused(small, [keyless(row) | {"nr": row["id"]} for row in rows(3)])
    assert ("header", "id") in kinds(view)


@pytest.mark.parametrize(
    ("was", "now", "types"),
    [
        ("10", {"amount": "10"}, ("text", "object")),
        ("10", ["10"], ("text", "list")),
        ("10", 10, ("text", "number")),
        ("10", True, ("text", "boolean")),
        (10, "10", ("number", "text")),
    ],
)
def test_a_field_of_another_type_holds_the_batch(
    small: Small, was: Json, now: Json, types: tuple[str, str]
):
    read(small, rows(4, money=was))
    (view,) = refused(small, rows(4, money=now, at="2"))
    assert kinds(view) == [("retyped", "money")]
    assert all(name in view.findings[0].said.en for name in types)


def test_a_field_that_was_filled_and_is_empty_in_twenty_records_holds_them(small: Small):
    read(small, rows())
    (view,) = refused(small, rows(20, money="", at="2"))
    assert kinds(view) == [("emptied", "money")]


def nested(small: Small, path: str) -> None:
    mended(small, "{from: money,", f'{{from: "{path}",')


@pytest.mark.parametrize(
    ("path", "was", "now", "place"),
    [
        ("detail.money", {"money": "10"}, {"amount": "20"}, "detail.money"),
        (
            "detail.sums.money",
            {"sums": {"money": "10"}},
            {"sums": {"amount": "20"}},
            "detail.sums.money",
        ),
        (
            "detail[0].money",
            [{"money": "10"}],
            [{"amount": "20"}, {"amount": "30"}],
            "detail.money",
        ),
    ],
)
def test_a_field_gone_within_an_object_or_a_list_holds_the_batch(
    small: Small, path: str, was: Json, now: Json, place: str
):
    nested(small, path)
    read(small, rows(3, detail=was))
    assert investments(small) == {"100000.00"}
    (view,) = refused(small, rows(3, detail=now, at="2"))
    assert (kinds(view), investments(small)) == ([("gone", place)], {"100000.00"})


@pytest.mark.parametrize(
    ("path", "was", "now"),
    [
        ("detail[0].money", [{"money": "10"}], []),
        ("detail.money", {"money": "10"}, {}),
        ("detail.money", {"money": "10"}, None),
    ],
)
def test_a_list_or_an_object_that_is_empty_in_twenty_records_holds_them_and_in_two_it_does_not(
    small: Small, path: str, was: Json, now: Json
):
    nested(small, path)
    read(small, rows(30, detail=was))
    assert read(small, rows(2, detail=now, at="2")) == {"read": 2, "changed": 2}
    (view,) = refused(small, rows(20, detail=now, at="3"))
    assert kinds(view) == [("emptied", "detail.money")]


def test_a_field_that_is_empty_in_nineteen_records_holds_nothing(small: Small):
    read(small, rows())
    assert read(small, rows(19, money="", at="2")) == {"read": 19, "changed": 19}


def test_a_new_field_is_told_and_holds_nothing(small: Small):
    read(small, rows())
    assert read(small, rows(note="新", at="2")) == {"read": 30, "changed": 30}
    shape = shapes.shape_of(asking(small), PLAN)
    assert [(one.kind, one.place, one.done) for one in shape.changes] == [("new", "note", "tell")]
    read(small, rows(note="再", at="3"))
    assert len(shapes.shape_of(asking(small), PLAN).changes) == 1


def test_an_empty_list_after_a_hundred_records_is_held_once(small: Small):
    read(small, rows(100))
    (view,) = refused(small, [])
    assert (view.held, kinds(view)) == (0, [("no_records", "")])
    assert len(refused(small, [])) == 1
    accept(small)
    assert read(small, []) == {}


def test_an_empty_list_after_ninety_nine_records_is_taken(small: Small):
    read(small, rows(99))
    assert read(small, []) == {}


CODED = FILES | {
    "mappings/codes/colour.yaml": """
title: {zh: 颜色, en: Colour}
source: test
values: {r: {zh: 红, en: red}, g: {zh: 绿, en: green}}
""",
    "mappings/plan/codes/colours.yaml": """
to: colour
source: test
values: {红: r, 绿: g}
otherwise: r
""",
    "schemas/project.json": FILES["schemas/project.json"].replace(
        '"investment":',
        '"colour": {"title": "Colour", "x-title-zh": "颜色", "type": "string", "x-class": "public", '
        '"x-code": "colour", "x-standard": null, "x-why": "only here"}, "investment":',
    ),
    FILE: FILES[FILE] + "  colour: {from: hue, use: [{code: colours}]}\n",
}


def coloured(small: Small) -> None:
    """The same world, with a field that has a code list whose unknown codes are taken for one that
    is known.
    """
    from hub.db import migrate  # noqa: PLC0415 -- Alembic only where it is needed

    small.contracts = contracts_of(CODED)
    migrate.migrate(small.url, small.contracts.entities.values(), key=b"test")


def test_codes_never_met_before_in_a_fifth_of_a_batch_hold_it_with_their_values(small: Small):
    coloured(small)
    read(small, rows(300, hue="红"))
    new = rows(240, hue="绿", at="2") + [
        project(n, money="10", start="2024-03-01", hue="新建", at="2") for n in range(240, 300)
    ]
    (view,) = refused(small, new)
    assert (kinds(view), view.findings[0].values) == ([("codes", "hue")], {"新建": 60})
    assert "新建 ×60" in view.findings[0].said.zh


def test_codes_of_a_field_that_is_read_from_several_places_are_watched_in_each(small: Small):
    coloured(small)
    small.contracts = contracts_of(
        CODED | {FILE: CODED[FILE].replace("from: hue", "from: [hue, shade]")}
    )
    read(small, rows(300, hue="红", shade="绿"))
    new = rows(240, hue="绿", at="2") + [
        project(n, money="10", start="2024-03-01", hue="", shade="新建", at="2")
        for n in range(240, 300)
    ]
    (view,) = refused(small, new)
    assert (kinds(view), view.findings[0].values) == ([("codes", "shade")], {"新建": 60})


def test_fewer_than_fifty_new_codes_hold_nothing(small: Small):
    coloured(small)
    read(small, rows(100, hue="红"))
    new = rows(100, hue="红", at="2")
    for row in new[:49]:
        row["hue"] = "新建"
    assert read(small, new) == {"read": 100, "changed": 100}


def test_what_is_done_about_a_change_is_said_in_the_mapping(small: Small):
    files = FILES | {FILE: FILES[FILE] + "shape: {gone: tell, retyped: ignore}\n"}
    contract = small.contracts.pulls[PLAN].contract
    small.contracts = contracts_of(files)
    assert small.contracts.pulls[PLAN].contract == contract
    read(small, rows())
    assert read(small, renamed()) == {"read": 30, "changed": 30}
    assert read(small, [row | {"amount": "30", "at": "3"} for row in renamed()]) == {
        "read": 30,
        "changed": 30,
    }
    shape = shapes.shape_of(asking(small), PLAN)
    assert [(one.kind, one.place) for one in shape.changes] == [
        ("new", "amount"),
        ("gone", "money"),
    ]
    assert read(small, rows(name=["甲"], at="4"))["read"] == 30


def test_only_the_flow_whose_source_has_changed_is_held(small: Small):
    read(small, rows())
    read(
        small,
        [{"code": row["code"], "number": row["id"], "plot": "P"} for row in rows()],
        flow=PERMIT,
    )
    refused(small, renamed())
    more: Rows = [{"code": project(1)["code"], "number": "N", "plot": "Q"}]
    assert read(small, more, flow=PERMIT)["created"] == 1


# while it is held


def test_what_comes_again_is_counted_and_not_kept_twice(small: Small):
    read(small, rows())
    refused(small, renamed())
    assert len(refused(small, renamed())) == 1
    assert small.rows("select count(*) as n from hub.landing where disposition = 'held'") == [
        {"n": 30}
    ]
    sums = small.rows("select read, held from hub.batch where held > 0 order by id")
    assert sums == [{"read": 30, "held": 30}, {"read": 30, "held": 30}]


def test_volatile_fields_make_nothing_held_twice(small: Small):
    first: Rows = [
        {"id": str(n), "code": project(n)["code"], "name": "甲", "fetched": "1"} for n in range(30)
    ]
    read(small, first, flow=BUILD)
    changed: Rows = [{"id": row["id"], "code": row["code"], "title": "乙"} for row in first]
    refused(small, [row | {"fetched": "2"} for row in changed], flow=BUILD)
    refused(small, [row | {"fetched": "3"} for row in changed], flow=BUILD)
    assert small.rows("select count(*) as n from hub.landing where disposition = 'held'") == [
        {"n": 30}
    ]


def test_later_batches_of_the_flow_are_read_and_held_behind_it(small: Small):
    small.with_settings(batch_records=10)
    read(small, rows())
    before = cursor(small)
    views = refused(small, renamed(10) + rows(20, at="3"))
    assert [view.held for view in views] == [10, 10, 10]
    assert kinds(views[1]) == [("behind", "")]
    assert str(views[0].batch) in views[1].findings[0].said.zh
    assert cursor(small) == before


def test_no_more_batches_are_held_than_the_settings_say(small: Small):
    small.with_settings(batch_records=5, shape=replace(small.settings.shape, batches=2))
    read(small, rows())
    assert len(refused(small, renamed())) == 2


def test_a_source_that_goes_back_to_its_shape_overtakes_what_is_held(small: Small):
    read(small, rows())
    refused(small, renamed())
    assert read(small, rows(money="30", at="3")) == {"read": 30, "changed": 30}
    assert waiting(small) == []
    (past,) = waiting(small, decided=True)
    assert (past.state, past.decided_by) == ("overtaken", None)
    assert verified(small) == []


def test_a_mended_mapping_takes_the_same_range_in_when_it_is_read_again(small: Small):
    read(small, rows())
    refused(small, renamed())
    mended(small, "{from: money,", "{from: [money, amount],")
    assert read(small, renamed()) == {"read": 30, "changed": 30}
    assert (waiting(small), investments(small)) == ([], {"200000.00"})


# what a person decides


def test_an_accepted_batch_is_applied_and_its_shape_is_known_from_then_on(small: Small):
    read(small, rows())
    refused(small, renamed())
    (run,) = accept(small)
    assert small.sums(run) == {"read": 31, "created": 1, "changed": 30}
    assert investments(small) == {"None"}
    assert read(small, renamed()) == {"read": 30, "unchanged": 30}
    assert read(small, renamed(at="3")) == {"read": 30, "changed": 30}
    (past,) = waiting(small, decided=True)
    assert (past.state, past.decided_by, past.reason, past.decided_run) == (
        "accepted",
        WORD.by,
        WORD.reason,
        run,
    )
    assert verified(small) == []


def test_a_batch_is_accepted_under_the_mapping_of_now(small: Small):
    read(small, rows())
    refused(small, renamed())
    mended(small, "{from: money,", "{from: [money, amount],")
    accept(small)
    assert investments(small) == {"200000.00"}
    assert verified(small) == []


def test_what_an_accepted_batch_made_is_shown_with_the_rule_that_read_it(small: Small):
    read(small, rows())
    refused(small, renamed())
    mended(small, "{from: money,", "{from: [money, amount],")
    accept(small)
    rights = operator(small.contracts.entities)
    with small.database.write() as tx:
        found = lineage.of_field(
            tx, small.contracts, f"project:{project(1)['code']}", "investment", rights=rights
        )
    assert found.origin is not None
    assert (found.origin.contract, found.origin.source["amount"]) == (
        small.contracts.pulls[PLAN].contract,
        "20",
    )


def test_a_batch_whose_key_was_renamed_is_accepted_under_its_keys(small: Small):
    read(small, rows(3))
    refused(small, [keyless(row) | {"nr": row["id"], "at": "2", "name": "新名"} for row in rows(3)])
    mended(small, "key: [id]", "key: [nr]")
    accept(small)
    assert {row["name"] for row in small.golden().values()} == {"新名"}


def test_batches_are_accepted_in_their_order_and_the_cursor_follows(small: Small):
    small.with_settings(batch_records=10)
    read(small, rows())
    first, second, third = (view.batch for view in refused(small, renamed()))
    with pytest.raises(FlowError, match=r"held\.not_first"):
        accept(small, second)
    accept(small, first)
    assert cursor(small)["resume"] == 10  # type: ignore[call-overload, index]
    accept(small, second, third)
    assert (cursor(small)["resume"], waiting(small)) == (None, [])  # type: ignore[call-overload, index]
    assert investments(small) == {"None"}


def test_a_dropped_batch_is_never_applied_and_says_who_and_why(small: Small):
    read(small, rows())
    (view,) = refused(small, renamed())
    (run,) = drop(small, view.batch)
    assert small.sums(run) == {"read": 1, "created": 1}
    assert investments(small) == {"100000.00"}
    (past,) = waiting(small, decided=True)
    assert (past.state, past.decided_by, past.reason) == ("dropped", WORD.by, WORD.reason)
    assert small.rows("select count(*) as n from hub.landing where disposition = 'held'") == [
        {"n": 30}
    ]
    assert verified(small) == []


def test_after_a_drop_a_fresh_read_is_compared_anew(small: Small):
    read(small, rows())
    (view,) = refused(small, renamed())
    drop(small, view.batch)
    (again,) = refused(small, renamed())
    assert (again.held, again.batch > view.batch) == (30, True)
    assert read(small, rows(money="30", at="3")) == {"read": 30, "changed": 30}


def test_a_decision_takes_a_name_and_a_reason(small: Small):
    read(small, rows())
    (view,) = refused(small, renamed())
    for word in (DecidedBy("", "why"), DecidedBy("who", " ")):
        with pytest.raises(FlowError, match=r"held\.unfounded"):
            held_decisions.accept(
                small.database, small.contracts, small.settings, view.batch, word=word
            )
    accept(small)
    with pytest.raises(FlowError, match=r"held\.unknown"):
        accept(small, view.batch)


def test_a_decision_that_is_rewritten_is_found(small: Small):
    read(small, rows())
    (view,) = refused(small, renamed())
    drop(small, view.batch)
    assert verified(small) == []
    small.rows("update hub.held_batch set reason = '另有原因' returning batch_id")
    assert any("is not what was landed" in line for line in verified(small))


def test_an_accepted_batch_that_was_not_applied_is_found(small: Small):
    read(small, rows())
    (view,) = refused(small, renamed())
    drop(small, view.batch)
    small.rows("update hub.held_batch set state = 'accepted' returning batch_id")
    assert any("not all of it was applied" in line for line in verified(small))


def test_an_accept_that_breaks_off_changes_nothing_and_can_be_repeated(
    small: Small, monkeypatch: pytest.MonkeyPatch
):
    read(small, rows())
    (view,) = refused(small, renamed())
    with monkeypatch.context() as patched:
        patched.setattr("hub.pipeline.held_decisions._write_down", _dies)
        with pytest.raises(FlowError, match="reason=RuntimeError"):
            accept(small)
    assert (len(waiting(small)), investments(small)) == (1, {"100000.00"})
    accept(small, view.batch)
    assert (waiting(small), investments(small)) == ([], {"None"})


def _dies(*_given: object) -> None:
    raise RuntimeError


def test_an_accept_fences_a_pull_under_way_off(small: Small):
    small.with_settings(batch_records=5)
    read(small, rows())
    (first, *_) = refused(small, renamed())
    source = Source(renamed(at="3"), size=5)  # type: ignore[arg-type]
    source.before = once(10, lambda: accept(small, first.batch))
    with pytest.raises(FlowError, match=r"flow\.fence_lost"):
        small.pull(PLAN, source)


def once(at: int, do: Callable[[], object]) -> Callable[[int], None]:
    done: list[int] = []

    def before(start: int) -> None:
        if start == at and not done:
            done.append(start)
            do()

    return before


def test_a_standing_hub_that_has_learnt_nothing_yet_knows_its_sources_by_what_stands(small: Small):
    read(small, rows())
    small.rows("delete from hub.shape returning path")
    (view,) = refused(small, renamed())
    assert kinds(view) == [("gone", "money")]


# sources that show a header, or are made of files


class Files(Source):
    """A source made of files: (name, header, rows); `resume` names the last file that is done."""

    def __init__(self, *files: tuple[str, tuple[str, ...], Rows]) -> None:
        super().__init__([])
        self.files = list(files)

    def pages(
        self, read: Mapping[str, Json], *, since: str | int | None, resume: Json
    ) -> Iterator[Page]:
        done = resume or since or ""
        todo = [file for file in self.files if file[0] > str(done)]
        if not todo:
            yield Page((), read=0, resume=done, high=done or None, last=True)
        for name, header, rows in todo:
            inner = Source(rows, size=10_000)  # type: ignore[arg-type]
            (page,) = inner.pages(read, since=None, resume=None)
            last = name == todo[-1][0]
            yield replace(page, resume=name, high=name, last=last, header=header, part=name)


OLD = ("id", "code", "name", "money", "start", "at")
NEW = ("id", "code", "name", "amount", "start", "at")


def test_a_column_gone_from_the_header_holds_its_file_and_those_behind_it(small: Small):
    with pytest.raises(HeldError):
        small.pull(
            PLAN, Files(("1", OLD, rows(2)), ("2", NEW, renamed(2)), ("3", OLD, rows(2, at="3")))
        )
    views = waiting(small)
    assert [(view.parts, kinds(view)) for view in views] == [
        (["2"], [("gone", "money")]),
        (["3"], [("behind", "")]),
    ]
    assert cursor(small)["resume"] == "1"  # type: ignore[call-overload, index]


def test_a_header_without_the_key_holds_the_file_until_it_is_read_rightly(small: Small):
    title = ("排水接入台账",)
    with pytest.raises(HeldError):
        small.pull(PLAN, Files(("1", title, [{"排水接入台账": "id"}, {"排水接入台账": "p1"}])))
    (view,) = waiting(small)
    assert ("header", "id") in kinds(view)
    assert small.rows("select from hub.quarantine") == []
    assert small.pull(PLAN, Files(("1", OLD, rows(2)))) == {"read": 2, "created": 2}
    assert waiting(small) == []


def test_a_held_file_that_is_gone_is_not_overtaken_by_the_next(small: Small):
    small.pull(PLAN, Files(("1", OLD, rows(2))))
    with pytest.raises(HeldError):
        small.pull(PLAN, Files(("1", OLD, rows(2)), ("2", NEW, renamed(2))))
    with pytest.raises(HeldError):
        small.pull(PLAN, Files(("1", OLD, rows(2)), ("3", OLD, rows(2, at="3"))))
    assert [view.parts for view in waiting(small)] == [["2"], ["3"]]


def test_a_file_without_records_after_one_of_a_hundred_holds_nothing(small: Small):
    small.pull(PLAN, Files(("1", OLD, rows(100))))
    assert small.pull(PLAN, Files(("1", OLD, rows(100)), ("2", OLD, []))) == {}
    assert waiting(small) == []


def test_a_held_batch_of_a_flow_that_is_disabled_is_not_accepted_and_the_reason_is_said(
    small: Small,
):
    read(small, rows())
    refused(small, renamed())
    broken = FILES | {FILE: "entity: ["}
    small.contracts = take_up(broken, {"given": OPEN}, year=2026, kept=FILES)
    with pytest.raises(FlowError) as refusal:
        accept(small)
    assert (refusal.value.code, refusal.value.facts["file"]) == ("flow.disabled", FILE)
    assert [view.state for view in waiting(small)] == ["waiting"]
    assert small.rows("select from hub.run where kind = 'accept'") == []
    small.contracts = contracts_of(FILES)
    accept(small)
    assert waiting(small) == []
