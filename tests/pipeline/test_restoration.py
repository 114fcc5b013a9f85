"""A database that came back older than its partners sends nothing twice, and says openly that it
came back.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from hub.db.database import Database
from hub.domain.idempotency import IdempotencyKeys
from hub.errors import FlowError
from hub.model import Held, Json, Outgoing, Receipt
from hub.pipeline import restoration
from hub.pipeline.steward import DecidedBy
from hub.services import restorations
from tests.contexts import asking
from tests.pipeline.conftest import Small, contracts_of
from tests.pipeline.partners import Desk, Source
from tests.pipeline.small import FILES
from tests.pipeline.test_delivery import BUILD, PLAN, PROJECTS, load
from tests.pipeline.test_reconcile import HonestDesk
from tests.postgres import DatabaseServer
from tests.restoring import dump, restore

CODES = [f"2405-520502-04-01-1{n:05}" for n in (1, 2, 3, 4)]
KEYS = IdempotencyKeys(b"test", PROJECTS)
WORD = DecidedBy("tester", "对方已核实")

Backing = Callable[[], Callable[[], None]]


@pytest.fixture
def backed_up(small: Small, database_server: DatabaseServer) -> Iterator[Backing]:
    """Makes a copy of the database; what it gives puts the database back to it."""
    name = small.url.rsplit("/", 1)[1]
    server = small.url.rsplit("/", 1)[0]

    def reopened(act: Callable[[], None]) -> None:
        key = small.settings.hash_key
        small.database.close()
        act()
        small.database = Database(small.url, key=key)

    with ExitStack() as stack:

        def back_up() -> Callable[[], None]:
            copies: list[str] = []
            reopened(
                lambda: copies.append(stack.enter_context(database_server.database(template=name)))
            )

            def again() -> None:
                with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
                    named, copy = sql.Identifier(name), sql.Identifier(copies[0].rsplit("/", 1)[1])
                    admin.execute(sql.SQL("drop database {} with (force)").format(named))
                    admin.execute(
                        sql.SQL("create database {} template {} strategy file_copy").format(
                            named, copy
                        )
                    )

            return lambda: reopened(again)

        yield back_up


def standing(small: Small) -> dict[str, tuple[object, ...]]:
    rows = small.rows("""
        select r.key, d.state, d.uncertain, d.serial from hub.delivery d join hub.record r
            on r.id = d.record_id
         where flow = 'push.desk.project' order by r.key
    """)
    return {str(row.pop("key"))[-1:]: tuple(row.values()) for row in rows}


def ordinals(desk: Desk) -> list[int | None]:
    return [KEYS.ordinal(key) for key in desk.applied]


def everything_read(small: Small, *names: str, at: str) -> None:
    load(small, *names, at=at)
    small.pull(BUILD, Source([]))


def test_a_loaded_dump_is_seen_and_what_a_target_has_already_is_not_sent_again(
    small: Small, tmp_path: Path
):
    desk = HonestDesk()
    load(small, "甲", "乙")
    small.push(PROJECTS, desk)
    backup = dump(small.url, tmp_path / "hub.dump")
    load(small, "甲二", "乙", "丙", at="2")
    small.push(PROJECTS, desk)
    before = dict(desk.applied)
    small.database.close()
    restore(small.url, backup)
    small.database = Database(small.url, key=b"test")
    load(small, "甲二", "乙", "丙", at="2")
    assert small.push(PROJECTS, desk) == {"due": 2, "confirmed": 2}
    assert desk.applied == before
    assert standing(small) == {
        "1": ("confirmed", False, 2),
        "2": ("confirmed", True, 1),
        "3": ("confirmed", False, 1),
    }
    (said,) = small.rows("select how, by, reason from hub.restoration")
    assert said == {"how": "seen", "by": "hub", "reason": "rows were loaded from a dump"}
    assert small.push(PROJECTS, desk) == {}


def test_where_nobody_can_ask_nothing_is_sent_and_a_person_decides(
    small: Small, backed_up: Backing
):
    desk = Desk()
    load(small, "甲", "乙", "戊")
    small.push(PROJECTS, desk)
    back = backed_up()
    load(small, "甲二", "乙二", "戊", "丙", at="2")
    small.push(PROJECTS, desk)
    back()
    load(small, "甲二", "乙二", "戊", "丙", at="2")
    before = dict(desk.applied)
    assert small.push(PROJECTS, desk) == {"due": 3, "blocked": 3}
    assert desk.applied == before
    told = restorations.waiting(asking(small))
    assert [one.key for one in told] == [CODES[0], CODES[1], CODES[3]]
    with pytest.raises(FlowError):
        restoration.settle(
            small.database, small.settings, PROJECTS, None, send=True, word=DecidedBy("", "")
        )
    first, second, third = (one.record for one in told)
    settle = lambda records, *, send: restoration.settle(  # noqa: E731 -- one line each
        small.database, small.settings, PROJECTS, records, send=send, word=WORD
    )
    assert settle([first, second], send=False) == 2
    assert settle(None, send=True) == 1  # the one that is left
    load(small, "甲二", "乙三", "戊", "丙", at="3")  # what was decided is decided no more
    assert small.push(PROJECTS, desk) == {"due": 3, "confirmed": 2, "blocked": 1}
    assert len(desk.applied) == len(before) + 1
    assert standing(small)["1"] == ("confirmed", False, 2)
    assert standing(small)["2"] == ("blocked", True, 1)
    assert standing(small)["4"] == ("confirmed", False, 9)  # beyond all that may have been sent
    assert small.rows(
        "select count(*)::int as n from hub.batch where flow = 'pull.steward.delivery'"
    ) == [{"n": 3}]
    with pytest.raises(FlowError):
        settle([first], send=True) if not third else restoration.settle(
            small.database, small.settings, "push.desk.permit", None, send=True, word=WORD
        )


def test_what_was_in_flight_at_the_backup_keeps_its_key(small: Small, backed_up: Backing):
    desk, lost = HonestDesk(), HonestDesk()
    load(small, "甲", "乙")
    lost.loses = desk.loses = 1
    small.push(PROJECTS, lost)  # nobody knows whether these have arrived
    frozen = dict(lost.applied)
    back = backed_up()
    back()
    kept = next(iter(frozen))
    desk.applied[kept] = frozen[kept]  # one of the two has
    desk.loses = 0
    load(small, "甲二", "乙", at="2")
    assert small.push(PROJECTS, desk) == {"due": 3, "confirmed": 3}
    assert small.push(PROJECTS, desk) == {}
    assert {key: desk.applied[key] for key in frozen} == frozen
    assert sorted(str(body["mc"]) for body in desk.bodies()) == ["乙", "甲", "甲二"]


def test_versions_that_were_lost_are_followed_by_the_newest_once(small: Small, backed_up: Backing):
    desk = HonestDesk()
    load(small, "甲")
    small.push(PROJECTS, desk)
    back = backed_up()
    for at, name in ((2, "乙"), (3, "甲")):
        load(small, name, at=str(at))
        small.push(PROJECTS, desk)
    back()
    load(small, "丙", at="4")
    assert small.push(PROJECTS, desk) == {"due": 1, "confirmed": 1}
    assert small.push(PROJECTS, desk) == {}
    assert [body["mc"] for body in desk.bodies()] == ["甲", "乙", "甲", "丙"]
    assert ordinals(desk) == [1, 2, 3, 10]


def test_a_withdrawal_that_was_lost_is_not_repeated_and_one_that_is_due_goes_out(
    small: Small, backed_up: Backing
):
    desk = HonestDesk()
    load(small, "甲", "乙")
    small.push(PROJECTS, desk)
    load(small, "甲", "乙", "丙", at="2")  # the third is not delivered yet
    back = backed_up()
    small.push(PROJECTS, desk)
    gone = [
        {"id": f"p{n}", "code": CODES[n - 1], "name": "乙", "gone": "1", "at": "3"} for n in (2, 3)
    ]
    small.pull(PLAN, Source(gone[:1]))
    small.push(PROJECTS, desk)
    assert [action for action, _ in desk.applied.values()] == [
        "upsert",
        "upsert",
        "upsert",
        "withdraw",
    ]
    back()
    small.pull(PLAN, Source([{"id": "p1", "code": CODES[0], "name": "甲", "at": "3"}, *gone]))
    small.push(PROJECTS, desk)
    actions = [(action, body["mc"]) for action, body in desk.applied.values()]
    assert actions[4:] == [("withdraw", "丙")]  # it had arrived after the backup


def test_a_target_that_only_judges_is_asked_for_its_verdicts(small: Small, backed_up: Backing):
    name = "mappings/desk/project.push.yaml"
    small.contracts = contracts_of(
        FILES | {name: FILES[name].replace("batch: 2}", "batch: 2, receipts: true}")}
    )
    desk = Desk(receipts=True)
    small.push(PROJECTS, desk)
    back = backed_up()
    load(small, "甲", "乙")
    small.push(PROJECTS, desk)
    first, _ = desk.applied
    desk.verdicts[first] = Receipt(first, "accepted")
    back()
    load(small, "甲", "乙")
    assert small.push(PROJECTS, desk) == {"due": 2, "awaiting_receipt": 1, "blocked": 1}
    assert desk.sent == 2
    assert small.receipts(PROJECTS, desk) == {"due": 1, "confirmed": 1}


class Recogniser(Desk):
    """Is asked by what a record says; says what it holds now, and under which key if it tells."""

    tells = True

    def recognised(self, write: Mapping[str, Json], items: Sequence[Outgoing]) -> list[Held]:
        now: dict[object, Held] = {}
        for key, (action, body) in self.applied.items():
            now[body["dm"]] = Held(
                "", body, ended=action == "withdraw", under=key if self.tells else ""
            )
        return [
            replace(now[item.body["dm"]], key=item.key) for item in items if item.body["dm"] in now
        ]


@pytest.mark.parametrize("tells", [True, False], ids=["tells its key", "tells no key"])
def test_a_target_that_is_asked_by_what_a_record_says_tells_what_stands_there(
    small: Small, backed_up: Backing, *, tells: bool
):
    desk = Recogniser()
    desk.tells = tells
    load(small, "甲", "乙")
    small.push(PROJECTS, desk)
    back = backed_up()
    for at, name in ((2, "丙"), (3, "甲二")):
        load(small, name, "乙二", "丁", at=str(at))
        small.push(PROJECTS, desk)
    before = dict(desk.applied)
    back()
    load(small, "甲二", "乙三", "丁", "戊", at="4")
    small.push(PROJECTS, desk)
    assert sorted(
        str(body["mc"]) for key, (_, body) in desk.applied.items() if key not in before
    ) == ["乙三", "戊"]
    assert small.push(PROJECTS, desk) == {}


def test_a_moved_database_is_as_it_was_when_a_person_says_so(small: Small, backed_up: Backing):
    desk = Desk()
    load(small, "甲")
    small.push(PROJECTS, desk)
    backed_up()()
    load(small, "乙", at="2")
    assert small.push(PROJECTS, desk) == {"due": 1, "blocked": 1}
    restoration.declare(small.database, small.settings, word=WORD, nothing_lost=True)
    assert small.push(PROJECTS, desk) == {"due": 1, "confirmed": 1}
    assert ordinals(desk) == [1, 2]


def test_it_is_over_once_every_source_was_read_completely(small: Small, backed_up: Backing):
    desk = Desk()
    load(small, "甲")
    small.push(PROJECTS, desk)
    backed_up()()
    load(small, "甲", at="2")
    small.push(PROJECTS, desk)
    load(small, "甲", "乙", at="3")
    assert small.push(PROJECTS, desk) == {
        "due": 1,
        "blocked": 1,
    }  # one source has not said yet what it has
    everything_read(small, "甲", "乙", at="4")
    small.push(PROJECTS, desk)
    load(small, "甲", "乙", "丙", at="5")
    assert small.push(PROJECTS, desk) == {"due": 2, "confirmed": 1, "blocked": 1}


def test_by_another_secret_than_at_the_backup_lost_sendings_cannot_be_named(
    small: Small, backed_up: Backing
):
    desk = HonestDesk()
    load(small, "甲")
    small.push(PROJECTS, desk)
    back = backed_up()
    load(small, "乙", at="2")
    small.push(PROJECTS, desk)
    back()
    small.settings = replace(small.settings, hash_key=b"another")
    load(small, "乙", at="2")
    assert small.push(PROJECTS, desk) == {"due": 1, "blocked": 1}
    assert desk.sent == 2


def test_a_machine_that_remembers_a_later_push_shows_a_data_directory_that_was_put_back(
    small: Small, tmp_path: Path
):
    small.with_settings(marker=tmp_path / "sent.json")
    desk = HonestDesk()
    load(small, "甲")
    small.push(PROJECTS, desk)
    small.push(PROJECTS, desk)
    assert small.rows("select from hub.restoration") == []
    small.rows(
        "update hub.run set started_at = started_at - interval '1 hour' where kind = 'push' "
        "returning 1"
    )
    load(small, "乙", at="2")
    assert small.push(PROJECTS, desk) == {"due": 1, "confirmed": 1}
    (said,) = small.rows("select how, reason from hub.restoration")
    assert said["how"] == "seen"
    assert "this machine remembers" in str(said["reason"])
    small.push(PROJECTS, desk)
    assert len(small.rows("select from hub.restoration")) == 1
    assert ordinals(desk) == [1, 10]


def test_a_fresh_database_on_a_machine_that_remembers_another_is_no_restoration(
    small: Small, tmp_path: Path
):
    (tmp_path / "sent.json").write_text('{"run": 4711, "started": "2026-01-01T00:00:00+08:00"}')
    small.with_settings(marker=tmp_path / "sent.json")
    load(small, "甲")
    assert small.push(PROJECTS, Desk()) == {"due": 1, "confirmed": 1}
    assert small.rows("select from hub.restoration") == []
