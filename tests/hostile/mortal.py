"""A database handle that dies when told: a worker killed between two statements, a connection or
commit lost.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from threading import current_thread, get_ident
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from hub.db.database import Database, Transaction
from hub.errors import TransientError

NUMBERS = count(1)
LAPSE = "update hub.run set lease_until = '-infinity' where state = 'running' and process = %s"
TERMINATE = (
    "select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = %s"
)


class Killed(BaseException):
    """The process is gone; nothing that runs after this reaches the database."""


class Mortal(Database):
    """Counts statements and transactions, and lets something happen at the one that was drawn.

    Each thread counts for itself, so that the numbers are the same each time; the one that calls
    `arm` is "main". `at_statement`: what happens at which statement of which thread.
    `at_transaction`: likewise, of the main one.
    """

    def __init__(self, url: str, *, reaper: psycopg.Connection[Any]) -> None:
        self._name = f"mortal {next(NUMBERS)}"
        super().__init__(make_conninfo(url, application_name=self._name), key=b"test")
        self.reaper = reaper
        self._open: list[Transaction] = []
        self.dead = False
        self.arm()

        mortal = self

        class Counting(psycopg.Cursor[Any]):
            def execute(self, *args: Any, **kwargs: Any) -> "Counting":
                mortal.step(self.connection)
                super().execute(*args, **kwargs)
                return self

            def executemany(self, *args: Any, **kwargs: Any) -> None:
                mortal.step(self.connection)
                super().executemany(*args, **kwargs)

            def copy(self, *args: Any, **kwargs: Any) -> Any:
                mortal.step(self.connection)
                return super().copy(*args, **kwargs)

        self._cursor = Counting

    @property
    def process(self) -> str:
        """A worker of its own, though it shares this process with others."""
        return self._name

    def arm(
        self,
        *,
        at_statement: tuple[str, int, Callable[[Transaction | None], None]] | None = None,
        at_transaction: tuple[int, Callable[[], None]] | None = None,
        unanswered: tuple[str, int] = ("main", 0),
    ) -> None:
        """Start counting anew, with what is to happen. unanswered: the commit whose answer is
        lost.
        """
        self.statements, self.commits = Counter[str](), Counter[str]()
        self.transactions = 0
        self._thread = get_ident()
        self._at_statement, self._at_transaction, self._unanswered = (
            at_statement,
            at_transaction,
            unanswered,
        )

    @contextmanager
    def write(self, *, long: bool = False) -> Iterator[Transaction]:
        """As the hub's own; every boundary counts."""
        self.step(None)
        self._begin()
        with super().write(long=long) as tx:
            self._open.append(tx)
            tx.cursor_factory = self._cursor
            try:
                yield tx
                self.step(tx)
            finally:
                self._open.remove(tx)
        self.step(None)
        thread = self._role()
        self.commits[thread] += 1
        if (thread, self.commits[thread]) == self._unanswered:
            raise TransientError("database.unavailable", reason="the answer to the commit was lost")

    def _role(self) -> str:
        return "main" if get_ident() == self._thread else current_thread().name.partition("_")[0]

    def _begin(self) -> None:
        if self._role() != "main":
            return
        self.transactions += 1
        if self._at_transaction is not None and self._at_transaction[0] == self.transactions:
            _, happens = self._at_transaction
            self._at_transaction = None
            happens()

    def step(self, tx: Transaction | None) -> None:
        """One boundary: before a statement, before a commit, between transactions."""
        if self.dead:
            raise Killed
        thread = self._role()
        self.statements[thread] += 1
        if self._at_statement is not None and self._at_statement[:2] == (
            thread,
            self.statements[thread],
        ):
            self._at_statement[2](tx)

    def rest(self, transactions: int) -> None:
        """Wait, but not for ever, until the main thread has so many transactions behind it: then it
        is idle.

        A push goes on taking while it sends; here it does one after the other, so that each life is
        the same.
        """
        for _ in range(400):
            if self.dead or self.commits["main"] >= transactions:
                return
            time.sleep(0.005)

    def die(self, _tx: Transaction | None = None) -> None:
        """As `kill -9` does: every connection is gone at once, and nothing is tidied up."""
        self.dead = True
        for tx in list(self._open):
            tx.close()
        self.reaper.execute(TERMINATE, (self._name,))
        self.reaper.execute(LAPSE, (self._name,))
        raise Killed

    def lose(self, tx: Transaction | None) -> None:
        """The database ends one connection."""
        if tx is not None:
            self.reaper.execute("select pg_terminate_backend(%s, 5000)", (tx.info.backend_pid,))
