"""A database in which everything has happened once, and what its owner changes behind our back."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from hub.db import migrate, runs
from hub.db.database import BoundedConnection, Database, Transaction
from hub.db.ledger import evidence
from hub.errors import HeldError
from hub.model import Receipt
from hub.pipeline import decisions, held_decisions, linking, recall, seal, verify
from hub.pipeline.verify.found import Verified
from hub.services import erasure
from tests.pipeline.conftest import Small, contracts_of
from tests.pipeline.partners import Desk, Source
from tests.pipeline.test_parts import ALL, whole
from tests.pipeline.test_parts import owner as part
from tests.pipeline.test_reconcile import HonestDesk, Plan, compared
from tests.postgres import DatabaseServer

PLAN, BUILD, PERMIT, OWNER = (
    "pull.plan.project",
    "pull.build.project",
    "pull.build.permit",
    "pull.plan.owner",
)
TO_PROJECT, TO_PERMIT = "push.desk.project", "push.desk.permit"


def code(number: int) -> str:
    return f"2405-520502-04-01-1{number:05}"


def project(number: int, **more: object) -> dict[str, Any]:
    return {
        "id": f"p{number}",
        "code": code(number),
        "name": f"项目{number}",
        "money": "1.5",
        "at": "1",
    } | more


def lived(url: str) -> Small:
    """Fill a database with all that can happen; sealed but for the last acts."""
    small = Small(url, replace(contracts_of(ALL), sound=ALL))
    desk, later = HonestDesk(), Desk(receipts=True)
    desk.refuses = {"项目4"}
    small.pull(PLAN, Source([*(project(n) for n in range(1, 7)), project(7, money="x")]))
    small.pull(PLAN, Source([project(8, money="y"), project(9, gone="1"), project(10, test="1")]))
    small.pull(
        BUILD,
        Source(
            [
                {"id": f"b{n}", "code": code(n), "name": f"乙{n}", "start": "2024-05-01"}
                for n in (1, 2)
            ]
        ),
    )
    permits = [{"code": code(n), "number": f"A{n}", "plot": f"P{n}"} for n in (1, 2, 3)]
    small.pull(
        PERMIT,
        Source([*permits, {"number": "B1", "plot": "P1"}, {"number": "B2"}, {"number": "B3"}]),
    )
    small.pull(OWNER, Source([whole(1, part("91A"), part("91B")), whole(2, part("91C"))]))
    small.pull(OWNER, Source([whole(1, part("91A"), at=2), whole(3, at=2)]))
    _hand_on(small, desk, later)
    seal.seal(small.database, small.settings)
    small.pull(
        PLAN,
        Source(
            [
                project(1, name="新名", at="2"),
                project(6, gone="1", at="2"),
                project(2, name="乙2", at="2"),
            ]
        ),
    )
    small.pull(PLAN, Source([project(1, name="旧名", at="1")]))
    _people(small)
    _hand_on(small, desk, later)
    compared(small, TO_PROJECT, desk)
    compared(small, PLAN, Plan([project(n, at="1") for n in range(1, 3)]), repairing=False)
    linking.renew_subjects(small.database, small.contracts, small.settings)
    _administration(small)
    seal.seal(small.database, small.settings)
    with small.database.write() as tx:
        tx.execute(
            "insert into hub.access (id, account, route) values (hub.event_base(now()) + 9, "
            "'li', 'GET /late')"
        )
    return small


def _hand_on(small: Small, desk: Desk, later: Desk) -> None:
    small.push(TO_PROJECT, desk)
    small.push(TO_PERMIT, later)
    for at, key in enumerate(list(later.applied)[:2]):
        refused = {"code": "9", "text": "退回"} if at else {}
        later.verdicts[key] = Receipt(key, "rejected" if at else "accepted", **refused)
    small.receipts(TO_PERMIT, later)


def _people(small: Small) -> None:
    """A field decided, an entry discarded, a record linked, batches held and decided, a payload
    erased, a rewind.
    """
    word = decisions.FieldStatement("人定名", "王工", "批文")
    with small.database.write() as tx:
        ((first,),) = tx.execute("select id from hub.record where key = %s", (code(3),))
        ((landing,),) = tx.execute("select id from hub.landing where key = 'p8'")
        tx.execute(
            "update hub.quarantine set state = 'discarded', closed_at = now(), closed_by = 'li', "
            "reason = '不用'"
            " where key = 'p8'"
        )
        tx.execute(
            "insert into hub.remark (flow, cause, said_by, said) values (%s, 'x', 'li', '看过')",
            (PLAN,),
        )
        runs.rewind(tx, OWNER, {"watermark": 1}, by="li")
    decisions.decide(
        small.database,
        small.contracts,
        small.settings,
        str(first),
        "name",
        word=word,
        now=datetime.now(UTC),
    )
    linking.decide(
        small.database, small.contracts, "B2", flow=PERMIT, to=code(2), by="li", reason="电话"
    )
    small.release()
    small.with_settings(drift_least=2)
    words = held_decisions.DecidedBy("li", "看过")
    for at, first in enumerate((20, 30)):
        with pytest.raises(HeldError):
            small.pull(
                PLAN,
                Source([project(n, money="坏", at=str(first)) for n in range(first, first + 4)]),
            )
        (batch,) = small.rows("select batch_id from hub.held_batch where state = 'waiting'")
        number = int(str(batch["batch_id"]))
        if at:
            held_decisions.drop(small.database, small.settings, number, word=words)
        else:
            held_decisions.accept(
                small.database, small.contracts, small.settings, number, word=words
            )
    small.with_settings(drift_least=50)
    erasure.erase_landing(small.database, small.contracts, landing, by="li", reason="不该来")
    with small.database.write() as tx:
        carried = recall.find(
            tx, small.contracts, "name", record=f"project:{code(1)}", value="项目1"
        )
        recall.open_case(tx, carried, landing_id=None, reason="名称有误", by="li")


ADMINISTRATION = """
    insert into hub.account (name, role, department, token_hash) values ('li', 'department', '住建',
        '\\x01'),
                                                                       ('wang', 'auditor', '审计',
                                                                           '\\x02');
    insert into hub.access_grant (account, entity, classes, purpose, valid_from, valid_until)
        values ('li', 'project', '{public}', '办件', '2026-01-01', '2027-01-01');
    insert into hub.session (token_hash, account) values ('\\x03', 'li');
    insert into hub.access (id, account, route, purpose, record_ids)
        select hub.event_base(now()) + n, 'li', 'GET /v1/projects', '办件', array[n]
            from generate_series(1, 3) n;
    insert into hub.unusual (account, day, code, facts) values ('li', '2026-11-30',
        'unusual.volume', '{}');
    insert into hub.application (account, entities, classes, purpose, basis, valid_from,
        valid_until)
        values ('li', '{project}', '{public}', '办件', '法规', '2026-01-01', '2027-01-01');
    insert into hub.application_step (application_id, state, by_account, reason)
        select id, 'open', 'li', '' from hub.application;
    insert into hub.dispute (record_id, field, value, proposed, reason, opened_by, department,
        system, opened_at)
        select id, 'name', '甲', '乙', '有误', 'li', '住建', 'plan', now() from hub.record
            order by id limit 1;
    insert into hub.submission (form, project_code, account, department, fields, materials)
        values ('f', 'x', 'li', '住建', '{}', '{}');
    insert into hub.job (asked, asked_by, total) values ('{}', 'li', 1);
    insert into hub.alert (cause, code, facts, times, last_at) values ('x', 'alert.test', '{}', 1,
        now());
    insert into hub.verification (by) values ('li');
"""


def _administration(small: Small) -> None:
    with small.database.write() as tx:
        for statement in ADMINISTRATION.split(";\n"):
            if statement.strip():
                tx.execute(statement)  # type: ignore[arg-type]
        path = "mappings/plan/project.pull.yaml"
        tx.execute("insert into hub.contract_file (path, body) values (%s, %s)", (path, ALL[path]))


class Alone(Database):
    """The hub's database as one open transaction of somebody with all rights shows it."""

    def __init__(self, connection: Transaction) -> None:
        self._connection = connection

    @contextmanager
    def write(self, **_how: bool) -> Iterator[Transaction]:
        with self._connection.transaction():
            yield self._connection

    read = write


class Superuser:
    """Whoever owns the database: no trigger fires, no constraint holds, no key of the hub's is
    known.
    """

    def __init__(self, small: Small) -> None:
        self._small = small
        self._connection = BoundedConnection.connect(small.url)
        self._connection.execute(
            "set time zone 'Asia/Shanghai'; set jit = off; set session_replication_role = replica"
        )
        self._connection.commit()

    @contextmanager
    def having(self, statement: str) -> Iterator[None]:
        """What stands once this was done; it is taken back."""
        try:
            done = self._connection.execute(statement, prepare=False)  # type: ignore[call-overload]
            while done.nextset():
                pass
            yield
        finally:
            self._connection.rollback()

    def verified(self, *only: str) -> Verified:
        """What a verification says of it now."""
        small = self._small
        return verify.verify(Alone(self._connection), small.contracts, small.settings, only=only)

    def found(self, statement: str, *only: str) -> list[verify.VerifyFinding]:
        """What a verification lists once this was done."""
        with self.having(statement):
            return self.verified(*only).findings

    def misses(self, table: str, statement: str, checks: Sequence[str]) -> bool:
        """Whether these checks find something once this was done; of acts, those of this table are
        asked alone.
        """
        if "acts" in checks and table != "hub.evidence":
            with self.having(statement):
                return any(evidence.every_differing(self.tx, table.partition(".")[2]))
        return bool(self.found(statement, *checks))

    @contextmanager
    def most(self, findings: int) -> Iterator[None]:
        """So many are listed."""
        was = self._small.settings
        self._small.with_settings(verify_findings=findings)
        yield
        self._small.settings = was

    @property
    def tx(self) -> Transaction:
        """The open transaction."""
        return self._connection

    def close(self) -> None:
        self._connection.close()


@pytest.fixture(scope="module")
def superuser(database_server: DatabaseServer) -> Iterator[Superuser]:
    with database_server.database() as url:
        migrate.migrate(url, contracts_of(ALL).entities.values(), key=b"test")
        small = lived(url)
        made = Superuser(small)
        try:
            yield made
        finally:
            made.close()
            small.database.close()
