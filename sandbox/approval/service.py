"""The system as a process: it owns the database, serves the admin API, and looks at what it
received.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from threading import Event, Thread

import psycopg

from sandbox.approval import front, receive, share
from sandbox.faults import FaultSwitch
from sandbox.partner import Partner, Settings
from sandbox.state import Record
from sandbox.world.clock import time_of_edit

log = logging.getLogger("sandbox")
LOOK_EVERY = 0.2
STOP_SECONDS = 1.5
FIRST_TABLE = "SPGL_XMJBXXB"
SPOILING = frozenset({"repeated_page", "equal_cursor", "malformed_record", "duplicate_key"})


class DatabaseFaults(FaultSwitch):
    """Faults of statements are counted in the database, faults of data happen at once, the rest is
    the receiver's.
    """

    def __init__(
        self,
        known: frozenset[str],
        *,
        front_end: Callable[[], front.Connection],
        spoil: Callable[..., None],
    ) -> None:
        super().__init__(known)
        self._front_end = front_end
        self._spoil = spoil

    def arm(self, fault: str, *, times: int = 1, where: str | None = None) -> None:
        if fault in front.GATED:
            front.arm(self._front_end(), fault, times=times, where=where)
        elif fault in SPOILING:
            self._spoil(fault, where or FIRST_TABLE, times)
        else:
            super().arm(fault, times=times, where=where)

    def armed(self) -> list[dict[str, object]]:
        return super().armed() + front.armed(self._front_end())

    def clear(self) -> None:
        super().clear()
        front.disarm(self._front_end())


class MissingDatabaseError(SystemExit):
    """This partner keeps a database and has not been given one."""

    def __init__(self) -> None:
        super().__init__("approval: --database-url or SANDBOX_DATABASE_URL is needed")


class Approval(Partner):
    """工程建设项目审批管理系统."""

    name = "approval"

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        if settings.database_url is None:
            raise MissingDatabaseError
        self._url: str = settings.database_url
        self._db: front.Connection | None = None
        self._stopping = Event()
        self._threads = [
            Thread(target=self._attend, args=(work,)) for work in (self._look, self._cut)
        ]
        self.faults = DatabaseFaults(
            self.faults_known, front_end=lambda: self.db, spoil=self._spoil
        )

    @property
    def db(self) -> front.Connection:
        """The admin side's connection, open from start to stop; psycopg lets threads take turns on
        it.
        """
        if self._db is None or self._db.closed:
            self._db = psycopg.connect(self._url, autocommit=True)
        return self._db

    @property
    def tick(self) -> int:
        return int(front.setting(self.db, "tick") or 0)

    async def start(self) -> None:
        world = f"{self.world.seed}/{self.world.size}"
        if not front.exists(self.db) or front.setting(self.db, "world") != world:
            with self.db.transaction():
                front.create(self.db)
                share.fill(self.db, self.world, tick=0)
                front.index(self.db)
                front.set_setting(self.db, "tick", "0")
                front.set_setting(self.db, "world", world)
        front.admit(self.db, user=self.settings.user, secret=self.settings.secret)
        for thread in self._threads:
            thread.start()

    async def stop(self) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join(STOP_SECONDS)
        self.db.close()
        await super().stop()

    def move_to(self, tick: int) -> None:
        before = self.tick
        with self.db.transaction():
            share.advance(self.db, self.world, before=before, after=tick)
            front.set_setting(self.db, "tick", str(tick))

    def shared(self) -> dict[str, int]:
        return share.counts(self.db)

    def received(self, resource: str) -> list[Record]:
        return receive.received(self.db, resource.upper())

    def edit(self, resource: str, key: str, changes: Mapping[str, object]) -> None:
        with self.db.transaction():
            share.edit(self.db, resource, key, changes, at=self._now())

    def _spoil(self, fault: str, resource: str, times: int) -> None:
        with self.db.transaction():
            share.spoil(self.db, fault, resource, times=times, at=self._now())

    def _now(self) -> datetime:
        ordinal = int(front.setting(self.db, "edits") or 0)
        front.set_setting(self.db, "edits", str(ordinal + 1))
        return time_of_edit(self.tick, ordinal=ordinal).replace(tzinfo=None)

    def _attend(self, work: Callable[[front.Connection], None]) -> None:
        """Do a work until we stop; a database that goes away is waited for."""
        while not self._stopping.is_set():
            try:
                with psycopg.connect(self._url, autocommit=True) as db:
                    work(db)
            except psycopg.OperationalError as error:
                log.warning("the database has gone away: %s", error)
                self._stopping.wait(1)

    def _look(self, db: front.Connection) -> None:
        """Look again and again at what the hub has inserted."""
        while not self._stopping.wait(LOOK_EVERY):
            with db.transaction():
                receive.step(
                    db, rejects=lambda where: self.faults.take("rejected_push", where=where)
                )

    def _cut(self, db: front.Connection) -> None:
        """Cut the sessions whose answer is to be lost, as soon as what they wrote is committed."""
        db.execute(f"listen {front.CUT_CHANNEL}".encode())
        while not self._stopping.is_set():
            for notice in list(db.notifies(timeout=LOOK_EVERY, stop_after=1)):
                db.execute("select pg_terminate_backend(%s)", (int(notice.payload),))
