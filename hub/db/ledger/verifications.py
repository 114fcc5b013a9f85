"""Stored verifications: by whom, what was checked, what was found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.types.json import Jsonb

from hub.db.database import Transaction
from hub.db.rows import first_row, rows
from hub.model import Json

BEGIN = "insert into hub.verification (by) values (%s) returning id"
END = """
    update hub.verification
       set ended_at = clock_timestamp(), state = %(state)s, made = %(made)s, skipped = %(skipped)s,
           unfinished = %(unfinished)s, checked = %(checked)s, by_table = %(by_table)s,
               wrong = %(wrong)s,
           findings = %(findings)s
     where id = %(id)s and state = 'running'
"""
VERIFICATION = """
    select id, started_at, ended_at, by, state, made, skipped, unfinished, checked, by_table, wrong,
        findings
      from hub.verification
"""
ONE = f"{VERIFICATION} where id = %(id)s"
LATEST = f"{VERIFICATION} order by id desc limit %s"
LAST_WHOLE = (
    f"{VERIFICATION} where state = 'complete' and skipped = '{{}}' order by id desc limit 1"
)


@dataclass(frozen=True, slots=True)
class Verification:
    """One verification. findings: the first ones, as `hub.pipeline.verify.found.VerifyFinding`."""

    id: int
    started_at: datetime
    ended_at: datetime | None
    by: str
    state: str
    made: list[str]
    skipped: list[str]
    unfinished: list[str]
    checked: dict[str, int]
    by_table: dict[str, int]
    wrong: int
    findings: list[dict[str, str]]


def begin(tx: Transaction, by: str) -> int:
    """Store that one has begun; gives its number."""
    row = tx.execute(BEGIN, (by,)).fetchone()
    return int(row[0]) if row else 0


@dataclass(frozen=True, slots=True)
class VerificationOutcome:
    """The outcome of one; `wrong` is the sum of by_table."""

    state: str
    made: Sequence[str]
    skipped: Sequence[str]
    unfinished: Sequence[str]
    checked: Mapping[str, int]
    by_table: Mapping[str, int]
    findings: Sequence[Mapping[str, Json]]


def end(tx: Transaction, number: int, outcome: VerificationOutcome) -> None:
    """Store its outcome."""
    said = {name: Jsonb(getattr(outcome, name)) for name in ("checked", "by_table", "findings")}
    names = {name: list(getattr(outcome, name)) for name in ("made", "skipped", "unfinished")}
    wrong = sum(outcome.by_table.values())
    tx.execute(END, {"id": number, "state": outcome.state, "wrong": wrong, **said, **names})


def one(tx: Transaction, number: int) -> Verification:
    """One by its number."""
    (row,) = rows(tx, Verification, ONE, id=number)
    return row


def latest(tx: Transaction, most: int) -> list[Verification]:
    """The last ones, newest first."""
    return rows(tx, Verification, LATEST, (most,))


def last_whole(tx: Transaction) -> Verification | None:
    """The newest one that ran every check to its end."""
    return first_row(tx, Verification, LAST_WHOLE)
