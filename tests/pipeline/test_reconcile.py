"""Every class of difference is found, repaired or queued, and gone the next night."""

import json
from collections.abc import Iterator, Mapping, Sequence

import pytest

from hub.errors import FlowError
from hub.model import Held, Json, Page, Raw
from hub.pipeline import reconcile, remap
from hub.pipeline.verify import verify
from tests.pipeline.conftest import Small, contracts_of
from tests.pipeline.partners import Desk, Source
from tests.pipeline.small import FILES

PLAN, DESK = "pull.plan.project", "push.desk.project"
NAMES = (
    *(
        "same",
        "superseded",
        "lag",
        "lost_push",
        "foreign_edit",
        "mapping_fault",
        "missing_here",
        "missing_there",
    ),
    "surplus_there",
)


def code(number: int) -> str:
    return f"2405-520502-04-01-1{number:05}"


def project(number: int, *, at: int = 1, **more: Json) -> dict[str, Json]:
    return {
        "id": number,
        "code": code(number),
        "name": f"项目{number}",
        "money": "1",
        "at": at,
        **more,
    }


class Plan(Source):
    """A source with a cursor: a pull reads what is at or after it, a comparison everything."""

    def pages(
        self, read: Mapping[str, Json], *, since: str | int | None, resume: Json
    ) -> Iterator[Page]:
        rows = [
            row
            for row in self.rows
            if isinstance(row, dict) and (since is None or int(str(row["at"])) >= int(since))
        ]
        start = resume if isinstance(resume, int) else 0
        while True:
            self.before(start)
            some = rows[start : start + self.size]
            start += len(some)
            records = tuple(Raw(json.dumps(row).encode(), f"row {row['id']}") for row in some)
            high = max((int(str(row["at"])) for row in rows[:start]), default=None)
            last = start >= len(rows)
            yield Page(records, read=len(records), resume=start, high=high, last=last)
            if last:
                return


class HonestDesk(Desk):
    """Says what it holds."""

    def held(
        self, write: Mapping[str, Json], keys: Sequence[str], fields: Sequence[str]
    ) -> list[Held]:
        return [Held(key, self.applied[key][1]) for key in keys if key in self.applied]


def compared(small: Small, name: str, partner: object, *, repairing: bool = True) -> dict[str, int]:
    """Compare a flow and give what came out."""
    flows = small.contracts.pulls | small.contracts.pushes  # type: ignore[operator]
    run = reconcile.reconcile(
        *(small.database, small.contracts, flows[name]),
        connector=partner,  # type: ignore[arg-type]
        settings=small.settings,
        repairing=repairing,
    )
    (row,) = small.rows(f"select * from hub.comparison where run_id = {run}")  # noqa: S608
    found = {outcome: int(str(row[outcome])) for outcome in NAMES if row[outcome]}
    assert row["compared"] == sum(found.values())
    return found


def differences(small: Small) -> dict[str, tuple[str, str]]:
    rows = small.rows("select key, class, state from hub.difference")
    return {str(row["key"]): (str(row["class"]), str(row["state"])) for row in rows}


@pytest.fixture
def plan(small: Small) -> Plan:
    """Nine projects that were taken in, and whose cursor stands at 9."""
    source = Plan([project(number, at=number) for number in range(1, 10)], size=4)
    small.pull(PLAN, source)
    return source


def test_what_the_source_and_the_hub_both_hold_is_the_same(small: Small, plan: Plan):
    assert compared(small, PLAN, plan) == {"same": 9}
    assert differences(small) == {}


def test_a_record_that_the_cursor_has_passed_is_taken_in_and_the_cursor_stays(
    small: Small, plan: Plan
):
    cursor = small.rows("select cursor from hub.flow where name = 'pull.plan.project'")
    plan.rows.insert(2, project(20, at=2))
    assert compared(small, PLAN, plan) == {"same": 9, "missing_here": 1}
    assert differences(small) == {"20": ("missing_here", "repaired")}
    assert small.golden()[code(20)]["name"] == "项目20"
    assert small.rows("select cursor from hub.flow where name = 'pull.plan.project'") == cursor
    assert compared(small, PLAN, plan) == {"same": 10}


def test_a_change_that_left_no_trace_in_the_cursor_is_taken_in(small: Small, plan: Plan):
    plan.rows[3] = project(4, at=4, name="悄悄改名")
    assert compared(small, PLAN, plan) == {"same": 8, "missing_here": 1}
    assert small.golden()[code(4)]["name"] == "悄悄改名"


def test_what_the_next_pull_brings_is_late_and_left_to_it(small: Small, plan: Plan):
    plan.rows.append(project(30, at=12))
    assert compared(small, PLAN, plan) == {"same": 9, "lag": 1}
    assert differences(small) == {"30": ("lag", "open")}
    assert code(30) not in small.golden()
    small.pull(PLAN, plan)
    assert compared(small, PLAN, plan) == {"same": 10}
    assert differences(small) == {"30": ("lag", "gone")}


def test_a_record_that_could_not_be_applied_is_told_from_one_that_is_missing(
    small: Small, plan: Plan
):
    plan.rows.append(project(31, at=12, money="约三亿"))
    small.pull(PLAN, plan)
    assert compared(small, PLAN, plan) == {"same": 9, "mapping_fault": 1}


def test_a_record_is_deleted_when_two_complete_listings_in_a_row_do_not_show_it(
    small: Small, plan: Plan
):
    gone = plan.rows.pop(0)
    assert compared(small, PLAN, plan) == {"same": 8, "missing_there": 1}
    assert small.golden()[code(1)]["deleted_at"] is None
    assert compared(small, PLAN, plan) == {"same": 8, "missing_there": 1}
    assert small.golden()[code(1)]["deleted_at"] is not None
    assert differences(small) == {"1": ("missing_there", "repaired")}
    assert compared(small, PLAN, plan) == {"same": 8}
    (landing,) = small.rows(
        "select disposition, position, payload from hub.landing where key = '1' and id > 0 "
        "order by id desc limit 1"
    )
    assert (landing["disposition"], landing["position"]) == ("deleted", "reconcile")
    assert verify(small.database, small.contracts, small.settings).findings == []
    plan.rows.append(gone)
    assert compared(small, PLAN, plan) == {"same": 8, "missing_here": 1}
    assert small.golden()[code(1)]["deleted_at"] is None


def test_a_record_that_shows_itself_again_counts_from_one(small: Small, plan: Plan):
    gone = plan.rows.pop(0)
    compared(small, PLAN, plan)
    plan.rows.insert(0, gone)
    compared(small, PLAN, plan)
    assert differences(small) == {"1": ("missing_there", "gone")}
    plan.rows.pop(0)
    assert compared(small, PLAN, plan) == {"same": 8, "missing_there": 1}
    assert small.golden()[code(1)]["deleted_at"] is None


def test_a_listing_that_breaks_off_deletes_nothing_and_goes_on_the_next_night(
    small: Small, plan: Plan
):
    plan.rows.pop(0)
    small.with_settings(reconcile_records=4)
    assert compared(small, PLAN, plan) == {"same": 4}
    assert compared(small, PLAN, plan) == {"same": 4, "missing_there": 1}
    assert small.rows("select times from hub.difference") == [{"times": 1}]
    assert compared(small, PLAN, plan) == {"same": 4}
    assert small.rows("select times from hub.difference") == [{"times": 1}]
    assert compared(small, PLAN, plan) == {"same": 4, "missing_there": 1}
    assert small.golden()[code(1)]["deleted_at"] is not None


def test_a_source_that_is_too_different_stops_the_comparison_and_nothing_is_repaired(
    small: Small, plan: Plan
):
    small.with_settings(drift_least=3)
    plan.rows = [project(number, at=number, name="别的库") for number in range(1, 10)]
    with pytest.raises(FlowError) as caught:
        compared(small, PLAN, plan)
    assert caught.value.code == "reconcile.too_different"
    plan.rows = [project(1, at=1)]
    with pytest.raises(FlowError):
        compared(small, PLAN, plan)
    assert differences(small) == {}
    assert small.golden()[code(3)]["name"] == "项目3"


def test_a_source_that_shows_an_older_version_is_left_to_a_person(small: Small, plan: Plan):
    plan.rows[8] = project(9, at=12, name="新名")
    small.pull(PLAN, plan)
    plan.rows[8] = project(9, at=9, name="旧名")
    assert compared(small, PLAN, plan) == {"same": 8, "superseded": 1, "foreign_edit": 1}
    assert differences(small) == {"9": ("foreign_edit", "queued")}
    assert small.golden()[code(9)]["name"] == "新名"


def test_looking_only_finds_and_repairs_nothing(small: Small, plan: Plan):
    plan.rows.insert(2, project(20, at=2))
    assert compared(small, PLAN, plan, repairing=False) == {"same": 9, "missing_here": 1}
    assert differences(small) == {"20": ("missing_here", "open")}
    assert code(20) not in small.golden()


def test_a_rule_of_the_system_leaves_a_class_to_people(small: Small, plan: Plan):
    system = (
        FILES["mappings/plan/system.yaml"]
        + "reconcile: {missing_here: queue, missing_there: queue}\n"
    )
    small.contracts = contracts_of(FILES | {"mappings/plan/system.yaml": system})
    plan.rows[0] = project(20, at=2)
    for _ in range(3):
        assert compared(small, PLAN, plan) == {"same": 8, "missing_here": 1, "missing_there": 1}
    assert differences(small) == {
        "20": ("missing_here", "queued"),
        "1": ("missing_there", "queued"),
    }


@pytest.fixture
def desk(small: Small, plan: Plan) -> HonestDesk:
    """A target that has confirmed nine projects."""
    made = HonestDesk()
    small.push(DESK, made)
    return made


def lose(desk: Desk, number: int) -> str:
    (key,) = [key for key, (_, body) in desk.applied.items() if body["dm"] == code(number)]
    del desk.applied[key]
    return key


def test_a_push_that_the_target_confirmed_and_does_not_hold_goes_out_again_under_a_new_key(
    small: Small, desk: HonestDesk
):
    assert compared(small, DESK, desk) == {"same": 9}
    lost = lose(desk, 3)
    assert compared(small, DESK, desk) == {"same": 8, "lost_push": 1}
    assert compared(small, DESK, desk) == {"same": 8, "lag": 1}
    assert small.push(DESK, desk) == {"due": 1, "confirmed": 1}
    assert compared(small, DESK, desk) == {"same": 9}
    assert lost not in desk.applied
    assert len(desk.applied) == 9


def test_what_somebody_changed_at_a_target_without_a_say_is_sent_again(
    small: Small, desk: HonestDesk
):
    key = next(key for key, (_, body) in desk.applied.items() if body["dm"] == code(5))
    desk.applied[key] = ("upsert", {"dm": code(5), "mc": "擅自改名"})
    assert compared(small, DESK, desk) == {"same": 8, "foreign_edit": 1}
    assert differences(small) == {code(5): ("foreign_edit", "repaired")}
    assert small.push(DESK, desk) == {"due": 1, "confirmed": 1}
    assert {"dm": code(5), "mc": "项目5"} in desk.bodies()
    assert compared(small, DESK, desk) == {"same": 9}


def test_a_change_at_a_target_with_a_say_waits_for_a_person(small: Small, desk: HonestDesk):
    schema = FILES["schemas/project.json"].replace(
        '["plan", "build"], "required"', '["plan", "build", "desk"], "required"'
    )
    small.contracts = contracts_of(FILES | {"schemas/project.json": schema})
    key = next(key for key, (_, body) in desk.applied.items() if body["dm"] == code(5))
    desk.applied[key] = ("upsert", {"dm": code(5), "mc": "他们的名字"})
    small.push(DESK, desk)
    assert compared(small, DESK, desk) == {"same": 8, "foreign_edit": 1}
    (row,) = small.rows("select id, state from hub.difference")
    assert row["state"] == "queued"
    assert reconcile.leave(small.database, [int(str(row["id"]))], by="张三", reason="对方正确") == 1
    assert compared(small, DESK, desk) == {"same": 8, "foreign_edit": 1}
    assert differences(small) == {code(5): ("foreign_edit", "left")}
    desk.applied[key] = ("upsert", {"dm": code(5), "mc": "又改了"})
    compared(small, DESK, desk)
    (row,) = small.rows("select id, state from hub.difference")
    assert row["state"] == "queued"
    assert (
        reconcile.send_again(
            small.database, [int(str(row["id"]))], by="张三", reason="以投资平台为准"
        )
        == 1
    )
    assert small.push(DESK, desk) == {"due": 1, "confirmed": 1}
    assert compared(small, DESK, desk) == {"same": 9}


def test_a_withdrawal_that_was_lost_goes_out_again(small: Small, plan: Plan, desk: HonestDesk):
    plan.rows.append(project(1, at=20, gone="1"))
    small.pull(PLAN, plan)
    small.push(DESK, desk)
    (key,) = [key for key, (action, _) in desk.applied.items() if action == "withdraw"]
    del desk.applied[key]
    assert compared(small, DESK, desk) == {"same": 8, "lost_push": 1}
    assert small.push(DESK, desk) == {"due": 1, "confirmed": 1}
    assert [action for action, _ in desk.applied.values()].count("withdraw") == 1
    assert compared(small, DESK, desk) == {"same": 9}


def test_a_target_is_asked_for_no_more_than_its_share_a_night(small: Small, desk: HonestDesk):
    small.with_settings(reconcile_keys=5)
    assert compared(small, DESK, desk) == {"same": 5}
    assert compared(small, DESK, desk) == {"same": 4}
    assert compared(small, DESK, desk) == {"same": 5}


def test_a_target_that_has_lost_nearly_everything_stops_the_comparison(
    small: Small, desk: HonestDesk
):
    small.with_settings(drift_least=3)
    desk.applied.clear()
    with pytest.raises(FlowError) as caught:
        compared(small, DESK, desk)
    assert caught.value.code == "reconcile.too_different"
    assert small.push(DESK, desk) == {}


def test_a_target_that_cannot_say_what_it_holds_is_not_compared(small: Small, plan: Plan):
    silent = Desk()
    small.push(DESK, silent)
    assert compared(small, DESK, silent) == {}


def test_a_record_deleted_by_absence_stays_so_under_a_new_contract(small: Small, plan: Plan):
    plan.rows.pop(0)
    compared(small, PLAN, plan)
    compared(small, PLAN, plan)
    mapping = FILES["mappings/plan/project.pull.yaml"].replace(
        "use: [decimal, {scale: 10000}]", "use: [decimal]"
    )
    small.contracts = contracts_of(FILES | {"mappings/plan/project.pull.yaml": mapping})
    remap.remap(small.database, small.contracts, small.contracts.pulls[PLAN])
    assert small.golden()[code(1)]["deleted_at"] is not None
    assert small.golden()[code(2)]["investment"] == 1
    assert small.rows("select key from hub.quarantine") == []
    assert verify(small.database, small.contracts, small.settings).findings == []
