"""The registry as a partner: a database of its own that others read, and two inboxes that it
empties.
"""

import asyncio
import logging
import sys
import time
from collections.abc import Iterator, Mapping
from itertools import islice
from threading import Event

import psycopg
from psycopg import sql

from sandbox.forms import Form, Intake, Refusal
from sandbox.partner import Partner, Settings, UnknownRecordError
from sandbox.registry import database
from sandbox.registry.rows import TABLES, Row, project_of, rows, stamp
from sandbox.registry.trouble import KNOWN, RESOURCES, Trouble
from sandbox.world.clock import time_of_edit

log = logging.getLogger("sandbox")

LOOK_SECONDS = 0.2
CHUNK = 5_000
KEYS = {"parcels": "zddm", "buildings": "bdcdyh"}  # of all others their `ywh`
DAY = ("%Y%m%d",)
WORDS = {
    "missing": "字段{}不能为空",
    "date": "字段{}不是yyyyMMdd格式的日期",
    "code": "项目代码格式不正确",
    "operation": "失效标识{}只能为0或1",
    "unknown": "无可撤回的记录（{}）",
    "unwilling": "登簿人员退回：{}与档案不符",
}
PERMIT = Form(
    resource="permits",
    key="yw_key",
    code="xmdm",
    business="zjbh",
    required=("xmdm", "zjbh", "fzrq"),
    dates={"fzrq": DAY},
    credit_code=None,
    operation="sxbs",
    valid="1",
    withdrawn="0",
)
FILING = Form(
    resource="filings",
    key="yw_key",
    code="xmdm",
    business="bah",
    required=("xmdm", "bah", "barq", "jsdw"),
    dates={"barq": DAY, "jgrq": DAY},
    credit_code=None,
    operation="sxbs",
    valid="1",
    withdrawn="0",
)
INBOXES = {"inbox_permit": PERMIT, "inbox_filing": FILING}


class Registry(Partner):
    """Parcels, buildings and rights; takes permits and completion filings."""

    name = "registry"
    faults_known = KNOWN

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        if settings.database_url is None:
            sys.exit("registry: --database-url")
        self._url = settings.database_url
        self._intake = Intake(self.state, self.faults)
        self._trouble = Trouble(self.faults, settings.user)
        self._stopping = Event()

    async def start(self) -> None:
        await asyncio.to_thread(self._prepare)
        self._watch = asyncio.create_task(asyncio.to_thread(self._keep_taking))

    async def stop(self) -> None:
        self._stopping.set()
        await self._watch
        await super().stop()

    def move_to(self, tick: int) -> None:
        super().move_to(tick)
        with self._connect() as db:
            self._lay_out(db, range(self.world.size))

    def shared(self) -> dict[str, int]:
        with self._connect() as db:
            counts = {}
            for resource, table in RESOURCES.items():
                row = db.execute(
                    sql.SQL("select count(*) from {}").format(sql.Identifier("djk", table))
                ).fetchone()
                counts[resource] = int(str(row[0])) if row else 0
        return counts

    def edit(self, resource: str, key: str, changes: Mapping[str, object]) -> None:
        """Change a row; the key of a right is its `ywh`."""
        if resource not in RESOURCES:
            raise UnknownRecordError(resource, key)
        with self._connect() as db:
            where = sql.SQL("select bsm from {} where trim({}) = %s and bsm > 0").format(
                sql.Identifier("djk", RESOURCES[resource]),
                sql.Identifier(KEYS.get(resource, "ywh")),
            )
            found = db.execute(where, [key]).fetchone()
            if found is None:
                raise UnknownRecordError(resource, key)
            at = time_of_edit(self.tick, ordinal=self.state.edit_count() + 1)
            self.state.edit(
                RESOURCES[resource], str(found[0]), at=at.isoformat(), changes=dict(changes)
            )
            self._lay_out(db, [project_of(RESOURCES[resource], int(str(found[0])))])

    def _connect(self) -> database.Connection:
        return psycopg.connect(self._url, autocommit=True)

    def _prepare(self) -> None:
        with self._connect() as db:
            database.prepare(db, login=self.settings.user, password=self.settings.secret)
            if not self.shared()["parcels"]:
                self._lay_out(db, range(self.world.size))

    def _stamp(self) -> str:
        return stamp(time_of_edit(self.tick, ordinal=self.state.edit_count()))

    def _lay_out(self, db: database.Connection, projects: range | list[int]) -> None:
        waiting = iter(projects)
        while chunk := list(islice(waiting, CHUNK)):
            database.lay_out(db, self._rows(chunk), floor=self._stamp())

    def _rows(self, projects: list[int]) -> Iterator[tuple[str, Row]]:
        """Tell projects as rows, with the codes that the hub has delivered and with corrections."""
        codes = {
            str(record[form.business]): str(record[form.code or ""])
            for form in INBOXES.values()
            for record in self.state.received(form.resource)
            if record["valid"] is True
        }
        edits = {table: self.state.edits(table) for table in TABLES}
        for index in projects:
            for table, row in rows(self.world.life(index, tick=self.tick), codes):
                changes = edits[table].get(str(row["bsm"]), ("", {}))[1]
                yield table, {**row, **changes}

    def _keep_taking(self) -> None:
        """Empty the inboxes and let faults strike, until the partner stops."""
        while not self._stopping.is_set():
            try:
                with self._connect() as db:
                    self._take_and_strike(db)
            except psycopg.OperationalError:
                log.warning("the database is away, trying again")
                self._stopping.wait(1)

    def _take_and_strike(self, db: database.Connection) -> None:
        second = 0.0
        while not self._stopping.wait(LOOK_SECONDS):
            self._trouble.strike_rows(db, stamp=self._stamp())
            self._trouble.strike_reading(db)
            if time.monotonic() - second >= 1:
                second = time.monotonic()
                self._trouble.strike_sessions(db)
            if self._trouble.blocks():
                self._block(db)
            self._take_all(db)

    def _block(self, db: database.Connection) -> None:
        """Let every read hang for a second."""
        with db.transaction():
            for table in TABLES:
                db.execute(
                    sql.SQL("lock table {} in access exclusive mode").format(
                        sql.Identifier("djk", table)
                    )
                )
            self._stopping.wait(1)

    def _take_all(self, db: database.Connection) -> None:
        for inbox, form in INBOXES.items():
            with db.transaction():
                found = database.waiting(db, inbox)
                for row in found:
                    database.mark(db, inbox, row, refusal=_worded(self._intake.take(form, row)))
            if found:
                log.info("%s: %s rows", inbox, len(found))
            if found and self.faults.take("lost_answer", where=form.resource):
                self._trouble.drop_sessions(db)


def _worded(refusal: Refusal | None) -> str | None:
    return None if refusal is None else WORDS[refusal.kind].format(refusal.field)
