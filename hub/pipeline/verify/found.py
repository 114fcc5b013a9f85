"""Findings of a verification, and its reading loop: by portions; a broken row does not end it."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal, TypeVar

import psycopg
from psycopg import sql

from hub.db import entity_tables
from hub.db.crosschecks import Crosscheck
from hub.db.database import Database, Transaction
from hub.db.keyset import portions
from hub.domain.contracts import Contracts, Entity
from hub.errors import FlowError, TransientError
from hub.settings import Settings
from hub.texts import Language, tell, word

PORTION = 2_000
UNHEARD = (MemoryError, TransientError, psycopg.OperationalError)
"""Errors that no row causes: these end the verification."""

Progress = Callable[[str, int], None]
Way = Literal["derived", "sealed"]
K = TypeVar("K", int, str)


@dataclass(frozen=True, slots=True)
class VerifyFinding:
    """One row that differs from its rebuilt value.

    kind: the check. table: schema and name. key: the row's, as people name it. what: code of the
    text. found, expected: figures, states or column names; never values of a record.
    """

    kind: str
    table: str
    key: str
    what: str
    found: str = ""
    expected: str = ""

    @property
    def where(self) -> str:
        """The row's key, as people name it."""
        return self.key

    @property
    def detail(self) -> str:
        """The finding in English."""
        return self.told("en")

    def told(self, lang: Language) -> str:
        """What is wrong with the row, what was found and what was expected."""
        said = [word(self.what, lang)]
        if self.found:
            said.append(tell("现为 {found}", lang, found=self.found))
        if self.expected:
            said.append(tell("应为 {expected}", lang, expected=self.expected))
        return tell("；", lang).join(said)


@dataclass(slots=True)
class Verified:
    """Rows checked by kind; the first findings, and the number of all by table (`by_table`).

    number: of its stored row, 0 without one. made, skipped: checks run, and not asked for;
    unfinished: those that exceeded the statement limit.
    """

    most: int = 1_000
    checked: Counter[str] = field(default_factory=Counter)
    by_table: Counter[str] = field(default_factory=Counter)
    findings: list[VerifyFinding] = field(default_factory=list)
    made: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)
    number: int = 0

    @property
    def wrong(self) -> int:
        """Number of rows with findings."""
        return self.by_table.total()

    def add(self, finding: VerifyFinding) -> None:
        """Count a finding; keep it if it is among the first."""
        self.by_table[finding.table] += 1
        if len(self.findings) < self.most:
            self.findings.append(finding)


@dataclass(frozen=True, slots=True)
class VerifyContext:
    """What every check works with."""

    database: Database
    contracts: Contracts
    settings: Settings
    found: Verified
    progress: Progress = lambda _kind, _count: None

    def note(
        self,
        kind: str,
        table: str,
        key: object,
        what: str,
        found: object = "",
        expected: object = "",
    ) -> None:
        """Add a finding."""
        self.found.add(VerifyFinding(kind, table, str(key), what, str(found), str(expected)))

    def count(self, kind: str, rows: int = 1) -> None:
        """Add to the rows of a kind that were checked."""
        self.found.checked[kind] += rows
        self.progress(kind, self.found.checked[kind])


@dataclass(frozen=True, slots=True)
class VerifyCheck:
    """One check, and its coverage: table -> column names, `*` for the fields of an entity table."""

    name: str
    way: Way
    run: Callable[[VerifyContext], None]
    covers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RowsReading:
    """How rows of a kind are read: table, keys by portion, check of a portion.

    scratch: it needs temporary tables.
    """

    kind: str
    table: str
    keys: Callable[[Transaction, Any, int], Sequence[Any]]
    check: Callable[[Transaction, Sequence[Any]], None]
    name: Callable[[Any], str] = str
    scratch: bool = False


def walk(work: VerifyContext, reading: RowsReading, first: K) -> None:
    """Check all rows in key order, each portion in one snapshot.

    A portion that raises is halved until the bad row is alone: that is a finding, and the rest is
    checked.
    """
    found = portions(
        partial(work.database.read, snapshot=True, scratch=reading.scratch),
        lambda tx, after: reading.keys(tx, after, PORTION),
        lambda tx, keys: _halved(work, reading, tx, keys),
        key=lambda key: key,
        first=first,
    )
    for _ in found:  # each has been dealt with by then
        pass


def _halved(
    work: VerifyContext, reading: RowsReading, tx: Transaction, keys: Sequence[Any]
) -> None:
    before = Verified(work.found.most, Counter(work.found.checked), Counter(work.found.by_table))
    kept = len(work.found.findings)
    try:
        with tx.transaction():
            reading.check(tx, keys)
    except UNHEARD:
        raise
    # any error of a row is a finding
    except Exception as error:  # noqa: BLE001
        work.found.checked, work.found.by_table = before.checked, before.by_table
        del work.found.findings[kept:]
        if len(keys) == 1:
            work.note(
                reading.kind,
                reading.table,
                reading.name(keys[0]),
                "unreadable",
                type(error).__name__,
            )
            return
        for some in (keys[: len(keys) // 2], keys[len(keys) // 2 :]):
            _halved(work, reading, tx, some)


def ask(
    work: VerifyContext,
    question: Crosscheck,
    entity: Entity | None = None,
    *,
    bound: Mapping[str, object] | None = None,
) -> None:
    """Run a cross-check; each row that it gives is a finding. entity: whose tables it is about."""
    table = question.table.replace("*", entity.name if entity else "*")
    names = (
        {
            "source": entity_tables.table("source", entity),
            "golden": entity_tables.table("golden", entity),
        }
        if entity
        else {}
    )
    asked = {"entity": entity.name if entity else "", **(bound or {})}
    with (
        guarded(work, question.kind, table),
        work.database.read(snapshot=True) as tx,
        tx.cursor(name="verify") as cursor,
    ):
        cursor.itersize = PORTION
        for key, found, expected in cursor.execute(sql.SQL(question.query).format(**names), asked):
            work.note(question.kind, table, key, question.what, found or "", expected or "")
    work.count("questions")


@contextmanager
def guarded(work: VerifyContext, kind: str, table: str) -> Iterator[None]:
    """An error of a whole check (a missing table, column or partition) becomes a finding."""
    try:
        yield
    except UNHEARD:
        raise
    except FlowError as error:
        work.note(kind, table, "*", "uncheckable", error.facts.get("sqlstate", error.code))
    except psycopg.Error as error:
        said = (
            (error.diag.message_primary or "")
            if error.sqlstate and error.sqlstate.startswith("42")
            else ""
        )
        work.note(kind, table, "*", "uncheckable", " ".join(filter(None, [error.sqlstate, said])))
    except Exception as error:  # noqa: BLE001 -- likewise
        work.note(kind, table, "*", "uncheckable", type(error).__name__)
