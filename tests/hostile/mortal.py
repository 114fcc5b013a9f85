"""A database handle that dies when told: a worker killed between two statements, a connection or commit lost."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg

from hub.errors import TransientError
from hub.store.database import Database, Transaction


class Killed(BaseException):
    """The process is gone; nothing that runs after this reaches the database."""


class Mortal(Database):
    """Counts statements and transactions, and lets something happen at the one that was drawn.

    `at_statement` and `at_transaction` hold what happens at which number, counted from `arm`.
    """

    def __init__(self, url: str, *, reaper: psycopg.Connection[Any]) -> None:
        super().__init__(url)
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

    def arm(
        self,
        *,
        at_statement: tuple[int, Callable[[Transaction | None], None]] | None = None,
        at_transaction: tuple[int, Callable[[], None]] | None = None,
        unanswered: int = 0,
    ) -> None:
        """Start counting anew, with what is to happen. unanswered: the commit whose answer is lost."""
        self.statements = self.transactions = self.commits = 0
        self._at_statement, self._at_transaction, self._unanswered = at_statement, at_transaction, unanswered

    @contextmanager
    def transaction(self, *, snapshot: bool = False) -> Iterator[Transaction]:
        """As the hub's own; every boundary counts."""
        self.step(None)
        self.transactions += 1
        if self._at_transaction is not None and self._at_transaction[0] == self.transactions:
            _, happens = self._at_transaction
            self._at_transaction = None
            happens()
        with super().transaction(snapshot=snapshot) as tx:
            self._open.append(tx)
            tx.cursor_factory = self._cursor
            try:
                yield tx
                self.step(tx)
            finally:
                self._open.remove(tx)
        self.commits += 1
        self.step(None)
        if self.commits == self._unanswered:
            raise TransientError("database.unavailable", reason="the answer to the commit was lost")

    def step(self, tx: Transaction | None) -> None:
        """One boundary: before a statement, before a commit, between transactions."""
        if self.dead:
            raise Killed
        self.statements += 1
        if self._at_statement is not None and self._at_statement[0] == self.statements:
            self._at_statement[1](tx)

    def die(self, _tx: Transaction | None = None) -> None:
        """As `kill -9` does: every connection is gone at once, and nothing is tidied up."""
        self.dead = True
        for tx in self._open:
            self._end(tx)
        raise Killed

    def lose(self, tx: Transaction | None) -> None:
        """The database ends one connection."""
        if tx is not None:
            self.reaper.execute("select pg_terminate_backend(%s, 5000)", (tx.info.backend_pid,))

    def _end(self, tx: Transaction) -> None:
        pid = tx.info.backend_pid
        with suppress(psycopg.Error):
            tx.close()
        self.reaper.execute("select pg_terminate_backend(%s, 5000)", (pid,))
