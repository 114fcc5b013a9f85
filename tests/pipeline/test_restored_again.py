"""What else may happen around a restoration: surplus that comes back, withdrawals, two
restorations, sleepers.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from hub.db import runs
from hub.db.database import Database
from hub.db.reconciliation import sightings
from hub.db.runs import Lease
from hub.errors import FlowError, TransientError
from hub.model import Held, Json, Outgoing, Receipt
from hub.pipeline import surplus
from hub.pipeline.run_lifecycle import running
from hub.pipeline.verify import verify
from tests.pipeline.conftest import Small, contracts_of
from tests.pipeline.partners import Desk, Source
from tests.pipeline.small import FILES
from tests.pipeline.test_delivery import PLAN, PROJECTS, load
from tests.pipeline.test_reconcile import HonestDesk, compared
from tests.pipeline.test_restoration import (
    CODES,
    KEYS,
    WORD,
    Backing,
    Recogniser,
    backed_up,
    ordinals,
)
from tests.restoring import dump, restore

__all__ = ["backed_up"]


class Shelf(HonestDesk):
    """Can be listed: shows everything that it was ever given, by its key."""

    def __init__(self) -> None:
        super().__init__()
        self.before: dict[str, str] = {}

    def send(self, write: Mapping[str, Json], items: Sequence[Outgoing]) -> list[object]:  # type: ignore[override]
        self.before |= {item.key: item.previous_key or "" for item in items}
        return super().send(write, items)  # type: ignore[return-value]

    def listed(
        self, write: Mapping[str, Json], begins: Sequence[str] | None, fields: Sequence[str]
    ) -> Iterator[Held]:
        for key, (action, body) in sorted(self.applied.items()):
            if begins is None or key.startswith(tuple(begins)):
                yield Held(key, body, ended=action == "withdraw")

    def put(self, code: str, name: str, ordinal: int, action: str = "upsert") -> str:
        """Hold what another life of this hub has sent."""
        body: dict[str, Json] = {"dm": code, "mc": name}
        key = KEYS.of(code, ordinal=ordinal, action=action, body=body)  # type: ignore[arg-type]
        self.applied[key] = (action, body)
        return key

    def said(self) -> list[tuple[int | None, str, Json]]:
        """Ordinals, actions and names, in the order in which they came."""
        return [
            (KEYS.ordinal(key), action, body.get("mc"))
            for key, (action, body) in self.applied.items()
        ]


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def surplus_of(small: Small, shelf: Shelf) -> list[int]:
    compared(small, PROJECTS, shelf)
    rows = small.rows(
        "select id from hub.difference where class = 'surplus_there' and closed_at is null"
    )
    return [int(str(row["id"])) for row in rows]


def decide(small: Small, ids: Sequence[int], *, withdraw: bool) -> None:
    surplus.settle(small.database, small.settings, ids, withdraw=withdraw, word=WORD)


def withdrawals(small: Small) -> list[tuple[object, ...]]:
    return [
        tuple(row.values())
        for row in small.rows("select state, code from hub.surplus_withdrawal order by id")
    ]


def test_what_was_taken_back_as_surplus_and_comes_again_is_sent_as_a_sending_of_its_own(
    small: Small, shelf: Shelf
):
    shelf.put(CODES[0], "甲", 1)
    decide(small, surplus_of(small, shelf), withdraw=True)
    small.push(PROJECTS, shelf)
    load(small, "甲")  # the source has it after all, and says what it said
    assert small.push(PROJECTS, shelf) == {"due": 1, "confirmed": 1}
    assert shelf.said() == [(1, "upsert", "甲"), (2, "withdraw", "甲"), (3, "upsert", "甲")]
    assert surplus_of(small, shelf) == []
    assert small.rows("select from hub.restoration") == []


def test_what_stands_there_as_surplus_and_comes_otherwise_follows_what_stands_there(
    small: Small, shelf: Shelf
):
    first = shelf.put(CODES[0], "甲", 1)
    assert len(surplus_of(small, shelf)) == 1
    load(small, "乙")
    compared(small, PROJECTS, shelf)  # before the push: it is no other hub that sends in our name
    assert small.push(PROJECTS, shelf) == {"due": 1, "confirmed": 1}
    assert shelf.said() == [(1, "upsert", "甲"), (2, "upsert", "乙")]
    assert list(shelf.before.values()) == [first]
    assert surplus_of(small, shelf) == []
    assert small.rows("select from hub.restoration") == []


def test_what_is_to_be_taken_back_and_comes_before_it_was_is_left_to_its_own_delivery(
    small: Small, shelf: Shelf
):
    shelf.put(CODES[0], "甲", 1)
    decide(small, surplus_of(small, shelf), withdraw=True)
    load(small, "甲")
    assert small.push(PROJECTS, shelf) == {"due": 1, "confirmed": 1}
    assert shelf.said() == [(1, "upsert", "甲")]
    assert withdrawals(small) == [("rejected", "delivery.overtaken")]
    assert verify(small.database, small.contracts, small.settings).findings == []


@pytest.mark.parametrize("decided", ["before", "after"])
def test_what_was_surplus_and_is_a_records_own_delivery_by_now_stays_there(
    small: Small, shelf: Shelf, decided: str
):
    shelf.put(CODES[0], "甲", 1)
    ids = surplus_of(small, shelf)
    load(small, "甲")  # its record comes after it was found, and says what stands there
    if decided == "after":
        assert small.push(PROJECTS, shelf) == {"due": 1, "confirmed": 1}
    decide(small, ids, withdraw=True)
    small.push(PROJECTS, shelf)
    assert shelf.said() == [(1, "upsert", "甲")]
    assert withdrawals(small) == [("rejected", "delivery.overtaken")]
    assert verify(small.database, small.contracts, small.settings).findings == []


@pytest.mark.parametrize(
    ("action", "became"),
    [("upsert", ("rejected", "delivery.overtaken")), ("withdraw", ("confirmed", ""))],
)
def test_a_withdrawal_that_something_newer_has_overtaken_there_is_not_sent(
    small: Small, shelf: Shelf, action: str, became: tuple[str, str]
):
    shelf.put(CODES[0], "甲", 1)
    decide(small, surplus_of(small, shelf), withdraw=True)
    shelf.put(CODES[0], "乙", 2, action)
    small.push(PROJECTS, shelf)
    assert len(shelf.applied) == 2
    assert withdrawals(small) == [became]
    assert verify(small.database, small.contracts, small.settings).findings == []


def test_a_withdrawal_that_is_not_known_here_is_found_where_its_record_rests(
    small: Small, shelf: Shelf
):
    load(small, "甲", "乙")
    small.push(PROJECTS, shelf)
    shelf.put(CODES[0], "甲", 2, "withdraw")
    shelf.put(CODES[3], "丁", 2, "withdraw")  # of a record that nobody has: as it should be
    assert surplus_of(small, shelf) == []
    assert small.push(PROJECTS, shelf) == {"due": 1, "confirmed": 1}
    assert shelf.said()[-1] == (3, "upsert", "甲")
    assert compared(small, PROJECTS, shelf) == {"same": 2}


def test_a_restoration_to_before_anything_was_delivered_asks_about_everything(
    small: Small, backed_up: Backing
):
    shelf = Shelf()
    back = backed_up()
    load(small, "甲", "乙")
    small.push(PROJECTS, shelf)
    load(small, "甲二", "乙", at="2")
    small.push(PROJECTS, shelf)
    before = dict(shelf.applied)
    back()
    load(small, "甲二", "乙", "丙", at="3")
    small.rows(
        "update hub.incarnation set xid = 'of another server' returning 1"
    )  # a copy of this server's is not seen
    assert small.push(PROJECTS, shelf) == {"due": 3, "confirmed": 3}
    assert [said for said in shelf.said() if said[2] == "丙"] == [(1, "upsert", "丙")]
    assert len(shelf.applied) == len(before) + 1


@pytest.mark.parametrize("desk", [Shelf(), HonestDesk()], ids=["listed", "asked by keys"])
def test_two_restorations_of_one_backup_in_a_row_send_nothing_twice(
    small: Small, backed_up: Backing, desk: HonestDesk
):
    load(small, "甲", "乙")
    small.push(PROJECTS, desk)
    back = backed_up()
    for at, name in ((2, "甲二"), (3, "甲三")):
        load(small, name, "乙", at=str(at))
        small.push(PROJECTS, desk)
    back()
    load(small, "甲四", "乙", at="4")
    small.push(PROJECTS, desk)
    before = dict(desk.applied)
    back()
    load(small, "甲四", "乙", at="4")
    assert small.push(PROJECTS, desk) == {"due": 1, "confirmed": 1}
    assert desk.applied == before
    load(small, "甲五", "乙", at="5")
    small.push(PROJECTS, desk)
    newest = max(desk.applied, key=lambda key: (key[:12] == KEYS.of_record(CODES[0]), key))
    assert desk.applied[newest][1]["mc"] == "甲五"


def test_a_record_that_its_target_dropped_and_got_again_by_hand_is_met_as_it_stands_there(
    small: Small, backed_up: Backing
):
    shelf = Shelf()
    load(small, "甲", "乙")
    small.push(PROJECTS, shelf)
    back = backed_up()
    first, second = shelf.applied
    shelf.applied[first] = ("upsert", {"dm": CODES[0], "mc": "手录"})  # under the key that it had
    del shelf.applied[second]  # under none of ours
    back()
    load(small, "甲二", "乙二", at="2")
    small.push(PROJECTS, shelf)
    assert sorted(shelf.said()[1:], key=str) == [(2, "upsert", "乙二"), (2, "upsert", "甲二")]
    assert sorted(shelf.before[key] for key in shelf.applied if key != first) == ["", first]


def test_a_target_that_is_asked_by_what_a_record_says_knows_one_that_was_entered_by_hand(
    small: Small, backed_up: Backing
):
    desk = Recogniser()
    load(small, "甲")
    small.push(PROJECTS, desk)
    back = backed_up()
    desk.applied = {"by-hand": ("upsert", {"dm": CODES[0], "mc": "甲二"})}
    back()
    load(small, "甲二", at="2")
    assert small.push(PROJECTS, desk) == {"due": 1, "confirmed": 1}
    assert list(desk.applied) == ["by-hand"]


@pytest.mark.parametrize("arrived", [True, False])
def test_a_withdrawal_in_flight_at_the_backup_is_made_once(
    small: Small, backed_up: Backing, *, arrived: bool
):
    shelf = Shelf()
    load(small, "甲", "乙")
    small.push(PROJECTS, shelf)
    gone = [{"id": "p1", "code": CODES[0], "name": "甲", "gone": "1", "at": "2"}]
    small.pull(PLAN, Source(gone))
    shelf.loses = 1
    small.push(PROJECTS, shelf)
    (withdrawn,) = [key for key, (action, _) in shelf.applied.items() if action == "withdraw"]
    back = backed_up()
    small.push(PROJECTS, shelf)
    back()
    if not arrived:
        del shelf.applied[withdrawn]
    small.push(PROJECTS, shelf)
    small.push(PROJECTS, shelf)
    assert [key for key, (action, _) in shelf.applied.items() if action == "withdraw"] == [
        withdrawn
    ]
    assert (
        small.rows(
            f"select from hub.delivery where key = '{withdrawn}' and state not in "
            f"('confirmed', 'superseded')"
        )
        == []
    )
    small.pull(
        PLAN, Source([{"id": "p1", "code": CODES[0], "name": "甲", "at": "3"}])
    )  # and comes again
    small.push(PROJECTS, shelf)
    assert shelf.said()[-1] == (3, "upsert", "甲")


def test_a_record_that_was_deleted_while_it_was_uncertain_is_taken_back_as_it_stands_there(
    small: Small, backed_up: Backing
):
    shelf = Shelf()
    load(small, "甲")
    small.push(PROJECTS, shelf)
    back = backed_up()
    load(small, "乙", at="2")
    small.push(PROJECTS, shelf)
    back()
    load(small, "丙", at="3")  # it is uncertain, and before anything is sent it is gone
    small.pull(PLAN, Source([{"id": "p1", "code": CODES[0], "name": "丙", "gone": "1", "at": "4"}]))
    small.push(PROJECTS, shelf)
    assert shelf.said() == [(1, "upsert", "甲"), (2, "upsert", "乙"), (3, "withdraw", "乙")]


class Talkative(Desk):
    """Gives verdicts on everything that it ever got, whatever it is asked for."""

    def receipts(self, write: Mapping[str, Json], keys: Sequence[str]) -> list[Receipt]:
        return [Receipt(key, "accepted") for key in (*self.applied, "of-somebody-else")]


def test_verdicts_on_sendings_that_nobody_remembers_are_passed_over(
    small: Small, backed_up: Backing
):
    name = "mappings/desk/project.push.yaml"
    small.contracts = contracts_of(
        FILES | {name: FILES[name].replace("batch: 2}", "batch: 2, receipts: true}")}
    )
    desk = Talkative(receipts=True)
    load(small, "甲")
    small.push(PROJECTS, desk)
    back = backed_up()
    load(small, "乙", at="2")
    small.push(PROJECTS, desk)
    back()
    assert small.receipts(PROJECTS, desk) == {"due": 1, "confirmed": 1}
    load(small, "丙", at="3")
    assert small.push(PROJECTS, desk) == {
        "due": 1,
        "blocked": 1,
    }  # verdicts on keys alone: 丙 was never sent
    assert [one["key"] for one in small.rows("select key from hub.receipt")] == [
        next(iter(desk.applied))
    ]


def test_a_program_of_before_a_restoration_writes_nothing_into_what_came_back(
    small: Small, tmp_path: Path
):
    old = Database(small.url, key=b"test")
    with pytest.raises(FlowError) as refused:
        _sleep_through_a_restoration(small, old, tmp_path)
    assert refused.value.code == "database.replaced"
    assert small.rows("select from hub.batch") == []
    (ended,) = small.rows("select state, cause->>'code' as code from hub.run")
    assert ended == {"state": "failed", "code": "database.replaced"}
    old.close()


def _sleep_through_a_restoration(small: Small, old: Database, folder: Path) -> None:
    with running(old, PROJECTS, "push") as (_, fenced):
        with fenced.write() as tx:
            tx.execute("select 1")
        backup = dump(small.url, folder / "hub.dump")  # which knows this run as under way
        small.database.close()
        restore(small.url, backup)
        small.database = Database(small.url, key=b"test")
        _written(fenced)


def _written(fenced: Database) -> None:
    """Write for a run; the first connections may still be those that the restoration has ended."""
    while True:
        try:
            with fenced.write() as tx:
                tx.execute("insert into hub.batch default values")
        except TransientError:
            continue
        return


def test_a_run_is_its_processes_own_whatever_its_number(small: Small):
    with small.database.write() as tx:
        mine = runs.start(tx, PROJECTS, "push", lease=Lease("one 1 1", 600))
        theirs = replace(mine, process="two 2 2")
        assert not runs.renew(tx, theirs, Lease("two 2 2", 600))
        with pytest.raises(FlowError):
            runs.claim(tx, theirs)
        assert runs.end(tx, theirs, "complete") == "running"
        runs.claim(tx, mine)
        assert runs.end(tx, mine, "complete") == "complete"


class Catalogue(Shelf):
    """Can be listed only: nobody may ask it for a key. What is taken back is there no more."""

    held = None  # type: ignore[assignment]

    def send(self, write: Mapping[str, Json], items: Sequence[Outgoing]) -> list[object]:
        made = super().send(write, items)
        for item in items:
            if item.action == "withdraw":
                del self.applied[item.key]
                self.applied.pop(item.previous_key or "", None)
        return made


def test_a_comparison_says_how_much_of_a_target_it_can_see(small: Small, shelf: Shelf):
    for desk, sees in ((Desk(), "nothing"), (HonestDesk(), "known"), (shelf, "all")):
        compared(small, PROJECTS, desk)
        with small.database.write() as tx:
            assert sightings.sight(tx) == {PROJECTS: sees}


def test_a_target_that_can_only_be_listed_is_compared_by_its_list(small: Small):
    removing = "batch: 2, remove: {method: DELETE}}"
    name = "mappings/desk/project.push.yaml"
    small.contracts = contracts_of(FILES | {name: FILES[name].replace("batch: 2}", removing)})
    desk = Catalogue()
    load(small, "甲", "乙", "丙")
    small.push(PROJECTS, desk)
    small.pull(PLAN, Source([{"id": "p3", "code": CODES[2], "name": "丙", "gone": "1", "at": "2"}]))
    small.push(PROJECTS, desk)
    first, second = desk.applied
    desk.applied[second] = ("upsert", {"dm": CODES[1], "mc": "改"})
    del desk.applied[first]
    desk.put(CODES[3], "丁", 1)
    # What was removed has left no trace, and is not sent again night by night.
    assert compared(small, PROJECTS, desk) == {
        "same": 1,
        "lost_push": 1,
        "foreign_edit": 1,
        "surplus_there": 1,
    }


def test_a_target_that_shows_no_trace_of_what_was_taken_back_gets_no_key_that_may_have_been_lost(
    small: Small, backed_up: Backing
):
    name = "mappings/desk/project.push.yaml"
    small.contracts = contracts_of(
        FILES | {name: FILES[name].replace("batch: 2}", "batch: 2, remove: {}}")}
    )
    desk = Catalogue()
    load(small, "甲")
    small.push(PROJECTS, desk)
    back = backed_up()
    load(small, "乙", at="2")
    small.push(PROJECTS, desk)
    lost = max(desk.applied)
    small.pull(PLAN, Source([{"id": "p1", "code": CODES[0], "name": "乙", "gone": "1", "at": "3"}]))
    small.push(PROJECTS, desk)
    desk.applied.clear()
    back()
    load(small, "乙", at="4")  # says again what was sent, and taken back, in the time that is lost
    small.push(PROJECTS, desk)
    assert lost not in desk.applied
    assert ordinals(desk) == [10]
