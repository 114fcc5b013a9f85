"""Keys of deliveries over databases, restorations of value and upgrades."""

from hub.db import migrate
from hub.domain.idempotency import IdempotencyKeys
from hub.model import Receipt
from tests.auth.test_carried_over import upgrade
from tests.pipeline.conftest import Small, contracts_of
from tests.pipeline.partners import Desk, Source
from tests.pipeline.small import FILES
from tests.pipeline.test_delivery import PERMITS, PLAN, PROJECTS, load
from tests.postgres import DatabaseServer

CODES = [f"2405-520502-04-01-1{n:05}" for n in (1, 2, 3)]


def test_two_databases_built_from_the_same_sources_send_under_the_same_keys(
    small: Small, database_server: DatabaseServer, small_template: str
):
    first, second = Desk(), Desk()
    load(small, "甲", "乙", "丙")
    small.push(PROJECTS, first)
    with database_server.database(template=small_template) as url:
        other = Small(url, small.contracts)
        rows = [
            {"id": f"p{n}", "code": CODES[n - 1], "name": "丙乙甲"[3 - n], "at": "1"}
            for n in (3, 2, 1)
        ]
        other.pull(PLAN, Source(rows))  # in another order, so that internal ids differ
        other.push(PROJECTS, second)
        other.database.close()
    assert first.applied == second.applied
    assert len(first.applied) == 3


def test_a_value_that_comes_back_has_a_key_of_its_own_and_the_ordinals_count_the_sendings(
    small: Small,
):
    desk = Desk()
    for at, name in enumerate(("甲", "乙", "甲"), start=1):
        load(small, name, at=str(at))
        small.push(PROJECTS, desk)
    small.pull(PLAN, Source([{"id": "p1", "code": CODES[0], "name": "甲", "gone": "1", "at": "4"}]))
    small.push(PROJECTS, desk)
    load(small, "甲", at="5")
    small.push(PROJECTS, desk)
    keys = IdempotencyKeys(b"test", PROJECTS)
    assert [keys.ordinal(key) for key in desk.applied] == [1, 2, 3, 4, 5]
    assert [action for action, _ in desk.applied.values()] == [
        "upsert",
        "upsert",
        "upsert",
        "withdraw",
        "upsert",
    ]
    assert {key[:12] for key in desk.applied} == {keys.of_record(CODES[0])}


def test_a_refused_body_that_is_sent_again_on_purpose_is_a_sending_of_its_own(small: Small):
    load(small, "坏")
    desk = Desk()
    desk.refuses = {"坏"}
    small.push(PROJECTS, desk)
    (first,) = small.rows("select key, serial from hub.delivery")
    small.replay()
    small.push(PROJECTS, desk)
    (second,) = small.rows("select key, serial from hub.delivery")
    assert (first["serial"], second["serial"]) == (1, 2)
    assert first["key"] != second["key"]


OLD = "0123456789abcdef0123456789abcdef"
STANDING = """
    insert into hub.record (entity, key) values ('project', '2405-520502-04-01-100001'),
                                                ('project', '2405-520502-04-01-100002');
    insert into hub.delivery (flow, record_id, dirty, state, attempt, serial, key, action, body,
        golden_version)
    select 'push.desk.project', id, false, 'retrying', 1, 3, '0123456789abcdef0123456789abcdef',
        'upsert',
           '{"dm": "2405-520502-04-01-100001", "mc": "旧"}', 1
      from hub.record where key like '%00001';
    insert into hub.delivery (flow, record_id, dirty, state, attempt, serial, key, action, body,
        golden_version)
    select 'push.desk.permit', id, false, 'awaiting_receipt', 1, 1, 'old-receipt', 'upsert',
        '{"bh": "A1"}', 1
      from hub.record where key like '%00002';
"""


def test_what_is_in_flight_at_the_upgrade_keeps_its_key_until_it_is_definite(
    empty_database_url: str,
):
    upgrade(empty_database_url, "0035")
    small = Small(empty_database_url, contracts_of(FILES))
    small.rows(STANDING + "select 1")
    migrate.migrate(empty_database_url, small.contracts.entities.values(), key=b"test")
    load(small, "新")
    desk = Desk()
    assert small.push(PROJECTS, desk) == {"due": 1, "confirmed": 1}
    assert list(desk.applied) == [OLD]
    assert small.push(PROJECTS, desk) == {"due": 1, "confirmed": 1}
    _, new = desk.applied
    assert [body["mc"] for body in desk.bodies()] == ["旧", "新"]
    assert IdempotencyKeys(b"test", PROJECTS).ordinal(new) == 4
    desk.verdicts["old-receipt"] = Receipt("old-receipt", "accepted")
    assert small.receipts(PERMITS, desk) == {"due": 1, "confirmed": 1}
    small.database.close()
