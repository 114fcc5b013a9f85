"""Acts of people and runs: noted as they happen, attested by the hub's key, covered by seals."""

from collections.abc import Iterator
from datetime import UTC

import psycopg
import pytest

from hub.db.ledger import evidence
from hub.domain.ledger import chain as link
from hub.domain.sealed_tables import SEALED
from hub.pipeline import ledger_check, seal
from tests.pipeline.conftest import Small
from tests.pipeline.partners import Source
from tests.pipeline.small import CODE

WORKING = {
    *("file", "file_want", "fetch_batch"),  # verify looks at each file that is held
    "access_day",
    "applied_anew",
    "asked",
    "asked_batch",
    "asked_day",
    "calendar",
    "contract_file",
    "crosswalk",
    "delivery",
    "evidence",
    "flow",
    "head",
    "history",
    "inbound_nonce",
    "incarnation",
    "landing",
    "link_subject",
    "obstacle",
    "once_only",
    "part",
    "reconciliation",
    "record",
    "recovered",
    "report",
    "seal",
    "shape",
    "shape_change",
    "sighting",
    "sign_in_count",
    "source_file",
    "waiting",
    "witness",
    "workday",
    "write_back",
    "write_back_batch",
    "dag_wish",
    "writer",
}
"""Tables that hold payloads, what is derived of them, the ledger itself, or nothing but work under
way.
"""

ACCOUNT = "insert into hub.account (name, role, token_hash) values ('li', 'service', '\\x01')"


@pytest.fixture
def superuser(small: Small) -> Iterator[psycopg.Connection]:
    """Whoever owns the database: may do anything in it, and has no key of the hub's."""
    with psycopg.connect(small.url, autocommit=True) as connection:
        yield connection


def do(small: Small, *statements: str) -> None:
    """Let the hub write."""
    with small.database.write() as tx:
        for statement in statements:
            tx.execute(statement)  # type: ignore[call-overload]


def wrong(small: Small) -> list[str]:
    """What the chain says is wrong, and what tables say that differ from their acts."""
    with small.database.write() as tx:
        said = [
            f"{one.seal.id} {word}"
            for one in ledger_check.check(tx, small.settings, after=0)
            for word in one.wrong
        ]
        unsealed = ledger_check.strange(evidence.unsealed(tx, 1000), small.settings.hash_key)
        said += [f"strange {act.relation} {act.key}" for act in unsealed]
        said += [
            f"{one.wrong} {table} {one.key}"
            for table in SEALED
            for one in evidence.differing(tx, table, most=100)
        ]
    return said


def test_every_column_of_a_sealed_table_is_sealed_or_left_out_for_a_reason(small: Small):
    columns = small.rows(
        "select table_name::text as name, array_agg(column_name::text order by column_name::text "
        'collate "C")'
        " as columns from information_schema.columns where table_schema = 'hub' group by 1"
    )
    stands = {str(row["name"]): row["columns"] for row in columns}
    for name, one in SEALED.items():
        assert sorted([*(column.name for column in one.columns), *one.left_out]) == stands[name], (
            name
        )


def test_every_table_is_sealed_or_known_to_hold_no_act(small: Small):
    rows = small.rows(
        "select relname from pg_class where relnamespace = 'hub'::regnamespace and relkind in "
        "('r', 'p')"
        " and not relispartition"
    )
    assert {row["relname"] for row in rows} == WORKING | set(SEALED)


def test_what_the_hub_does_is_attested_and_sealed(small: Small):
    do(small, ACCOUNT, "update hub.account set role = 'auditor' where name = 'li'")
    small.pull(
        "pull.plan.project",
        Source([{"id": "p", "code": CODE, "name": "甲", "money": "1", "at": "1"}]),
    )
    assert wrong(small) == []
    seal.seal(small.database, small.settings)
    assert wrong(small) == []
    assert small.rows("select from hub.evidence where seal_id is null") == []
    kinds = small.rows(
        "select distinct op from hub.evidence where relation = 'account' order by op"
    )
    assert [row["op"] for row in kinds] == ["I", "U"]


def test_an_update_that_changes_nothing_sealed_is_no_act(small: Small):
    do(small, ACCOUNT)
    do(small, "update hub.account set role = role")
    assert len(small.rows("select from hub.evidence where relation = 'account'")) == 1


def test_what_is_rolled_back_leaves_no_act(small: Small):
    with small.database.write() as tx:
        tx.execute(ACCOUNT)
        tx.rollback()
    do(small, "select 1")
    assert small.rows("select from hub.evidence where relation = 'account'") == []


TAMPERED = (
    ("update hub.account set role = 'administrator'", "changed account li"),
    ("update hub.account set token_hash = '\\x02'", "changed account li"),
    ("delete from hub.account", "gone account li"),
    (
        "insert into hub.account (name, role, token_hash) values ('wu', 'auditor', '\\x03')",
        "unknown account wu",
    ),
)


@pytest.mark.parametrize(("tampering", "said"), TAMPERED, ids=[one[1] for one in TAMPERED])
def test_what_the_database_s_owner_changes_is_seen(
    small: Small, superuser: psycopg.Connection, tampering: str, said: str
):
    do(small, ACCOUNT)
    seal.seal(small.database, small.settings)
    superuser.execute("set session_replication_role = replica")  # no trigger notes it
    superuser.execute(tampering.encode())
    assert wrong(small) == [said]


def test_what_the_database_s_owner_lets_triggers_note_has_not_the_hub_s_word(
    small: Small, superuser: psycopg.Connection
):
    do(small, ACCOUNT)
    superuser.execute("update hub.account set role = 'administrator'")
    assert wrong(small) == ["strange account li"]
    seal.seal(small.database, small.settings)
    assert wrong(small) == ["1 seal.strange"]


def test_a_word_of_the_hub_s_stands_for_its_own_transaction_alone(
    small: Small, superuser: psycopg.Connection
):
    do(small, ACCOUNT)
    superuser.execute(
        "with a as (update hub.account set role = 'administrator' returning 1) select "
        "count(*) from a"
    )
    superuser.execute(
        "insert into hub.evidence (relation, key, op, rule, digest)"
        " select relation, key, op, rule, digest from hub.evidence where op = 'A'"
    )
    superuser.execute(
        "update hub.evidence e set tx = o.tx, at = o.at from hub.evidence o where o.op = 'I' "
        "and o.relation = 'account'"
    )
    assert "strange account li" in wrong(small)


def test_an_act_that_is_taken_out_of_its_seal_is_missed(
    small: Small, superuser: psycopg.Connection
):
    do(small, ACCOUNT)
    seal.seal(small.database, small.settings)
    superuser.execute("set session_replication_role = replica")
    superuser.execute(
        b"delete from hub.account; delete from hub.evidence where relation in ('account', '')"
    )
    assert wrong(small)[0] == "1 seal.acts"


def test_the_disposition_of_a_landing_is_sealed_with_its_batch(
    small: Small, superuser: psycopg.Connection
):
    small.pull(
        "pull.plan.project",
        Source([{"id": "p", "code": CODE, "name": "甲", "money": "1", "at": "1"}]),
    )
    (batch,) = small.rows("select id, landed from hub.batch")
    with small.database.write() as tx:
        ((landing, said),) = evidence.fingerprints(tx, int(str(batch["id"]))).items()
    assert batch["landed"] == said
    superuser.execute("update hub.landing set disposition = 'ignored'")
    with small.database.write() as tx:
        assert evidence.fingerprints(tx, int(str(batch["id"])))[landing] != said
    superuser.execute("update hub.batch set landed = '\\x00'")
    assert len(wrong(small)) == 1


def test_what_a_savepoint_takes_back_is_not_attested(small: Small):
    with small.database.write() as tx:
        tx.execute("select 1")
        with tx.transaction() as part:
            tx.execute(ACCOUNT)
            raise psycopg.Rollback(part)
    with small.database.write() as tx:
        tx.execute(ACCOUNT)
        with tx.transaction():
            tx.execute("update hub.account set role = 'auditor'")
        tx.execute("update hub.account set department = '甲'")
    assert wrong(small) == []
    assert len(small.rows("select from hub.evidence where relation = 'account'")) == 3


def test_a_seal_that_is_taken_out_leaves_a_gap(small: Small, superuser: psycopg.Connection):
    do(small, ACCOUNT)
    for _ in range(3):
        do(small, "update hub.account set department = department || '甲'")
        seal.seal(small.database, small.settings)
    second, third = small.rows("select * from hub.seal order by id")[1:]
    # Even who links the third to the first anew cannot take the second's number.
    superuser.execute("delete from hub.seal where id = 2")
    first = small.rows("select chain from hub.seal where id = 1")[0]["chain"]
    made = link(first, third["root"], third["sealed_at"].astimezone(UTC).isoformat())  # type: ignore[arg-type, attr-defined]
    superuser.execute("update hub.seal set previous = %s, chain = %s where id = 3", (first, made))
    assert "3 seal.gap" in wrong(small)
    assert second["id"] == 2


RESTORED = (
    "insert into hub.restoration (how, by, reason, landing_id) values ('said', '李', '坏盘', 1)"
)


def test_a_restored_hub_goes_on_behind_the_newest_number_and_says_so(
    small: Small, superuser: psycopg.Connection
):
    do(small, ACCOUNT)
    seal.seal(small.database, small.settings)
    superuser.execute("set session_replication_role = replica")
    superuser.execute("update hub.seal set sealed_at = sealed_at - interval '1 minute'")
    do(small, RESTORED)
    seal.seal(small.database, small.settings)
    do(small, "update hub.account set department = '甲'")
    seal.seal(small.database, small.settings)
    _, declared, next_one = small.rows("select id, kind, says from hub.seal order by id")
    said = declared["says"]
    assert (declared["kind"], said["after"], said["by"], said["reason"]) == (
        "restored",
        1,
        "李",
        "坏盘",
    )  # type: ignore[index]
    assert (
        int(str(declared["id"])) >= 62
    )  # a number for each second in which something may have been lost
    assert next_one["id"] == int(str(declared["id"])) + 1
    assert "seal.gap" not in " ".join(wrong(small))


def test_what_was_before_an_erasure_is_not_knowable_any_more(small: Small):
    do(small, ACCOUNT, "update hub.account set department = '甲' where name = 'li'")
    with small.database.write() as tx:
        tx.execute("update hub.account set department = '' where name = 'li'")
        evidence.forget_former(tx)
    seal.seal(small.database, small.settings)
    assert wrong(small) == []
    rows = small.rows(
        "select salt is null as gone from hub.evidence where relation = 'account' order by id"
    )
    assert [row["gone"] for row in rows] == [True, True, False]


def test_rows_older_than_the_evidence_are_taken_over_as_found(small: Small):
    from hub.db import migrate  # noqa: PLC0415 -- Alembic takes its time

    do(small, ACCOUNT)
    do(small, "delete from hub.evidence")  # as if the row were older than any
    migrate.migrate(small.url, small.contracts.entities.values(), key=small.settings.hash_key)
    assert wrong(small) == []
    (row,) = small.rows("select op from hub.evidence where relation = 'account'")
    assert row["op"] == "F"


def test_every_table_of_months_has_the_same_months(small: Small):
    rows = small.rows(
        "select distinct (select array_agg(right(c.relname, 6) order by c.relname)"
        "                   from pg_inherits i join pg_class c on c.oid = i.inhrelid where "
        "i.inhparent = p.partrelid)"
        " from pg_partitioned_table p where p.partrelid::regclass::text like 'hub.%'"
    )
    assert len(rows) == 1
