"""What `hub verify` covers, table by table, and its results."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hub.auth.context import RequestContext
from hub.db.ledger import verifications
from hub.db.ledger.verifications import Verification
from hub.domain.contracts import Contracts
from hub.pipeline import verify as verifying
from hub.pipeline.verify import Progress
from hub.pipeline.verify.coverage import CoveredColumn, CoveredTable, coverage
from hub.texts import both

__all__ = [
    "Proven",
    "RowFinding",
    "TableView",
    "VerificationView",
    "proven",
    "tables",
    "verify",
]


@dataclass(frozen=True, slots=True)
class OpenColumns:
    """Columns that no check covers, and why."""

    columns: list[str]
    why_zh: str
    why_en: str


@dataclass(frozen=True, slots=True)
class TableView:
    """One table: columns rebuilt and compared, columns checked against seals, columns left open.

    way: derived, sealed, both, or open. checks: those that look at it. wrong: rows found by the
    last verification with these checks, None where there was none.
    """

    table: str
    way: str
    derived: list[str]
    sealed: list[str]
    open: list[OpenColumns]
    checks: list[str]
    wrong: int | None


@dataclass(frozen=True, slots=True)
class RowFinding:
    """One wrong row: found and expected, and both in words.

    kind: the check. what: code of what is wrong. found, expected: figures, states or columns.
    """

    kind: str
    table: str
    key: str
    what: str
    found: str
    expected: str
    said_zh: str
    said_en: str


@dataclass(frozen=True, slots=True)
class VerificationView:
    """One verification: by whom and when, checks made and skipped, rows checked and wrong.

    listed: the first wrong rows; `wrong` counts all.
    """

    id: int
    started_at: datetime
    ended_at: datetime | None
    by: str
    state: str
    wrong: int
    made: list[str]
    skipped: list[str]
    unfinished: list[str]
    checked: dict[str, int]
    by_table: dict[str, int]
    listed: list[RowFinding]


@dataclass(frozen=True, slots=True)
class Proven:
    """Every table of the hub, and the last verifications, newest first."""

    tables: list[TableView]
    verifications: list[VerificationView]


def proven(context: RequestContext, *, most: int = 10) -> Proven:
    """What is covered and how, and the last verifications."""
    with context.hub.database.read() as tx:
        last = verifications.latest(tx, most)
    return Proven(tables(context.hub.contracts, last), [_view(one) for one in last])


def tables(contracts: Contracts, last: Sequence[Verification] = ()) -> list[TableView]:
    """Every table and how it is covered, derived from the checks."""
    return [_table(one, last) for one in coverage(verifying.CHECKS, contracts.entities.values())]


def verify(
    context: RequestContext,
    progress: Progress = lambda _kind, _count: None,
    *,
    only: Sequence[str] = (),
) -> VerificationView:
    """Rebuild what can be derived and check what is sealed, by all checks or these."""
    hub = context.hub
    found = verifying.noted(
        hub.database, hub.contracts, hub.settings, by=context.by, progress=progress, only=only
    )
    with hub.database.read() as tx:
        return _view(verifications.one(tx, found.number))


def _table(one: CoveredTable, last: Sequence[Verification]) -> TableView:
    checks = list(dict.fromkeys(name for column in one.columns for name in column.checks))
    by = next(
        (row for row in last if row.state == "complete" and set(checks) & set(row.made)), None
    )
    ways = one.ways
    return TableView(
        one.name,
        "open" if not ways else "both" if len(ways) > 1 else ways[0],
        [column.name for column in one.columns if "derived" in column.ways],
        [column.name for column in one.columns if "sealed" in column.ways],
        _open(one.open),
        checks,
        by.by_table.get(one.name, 0) if by and checks else None,
    )


def _open(columns: Sequence[CoveredColumn]) -> list[OpenColumns]:
    by_why: dict[str, list[str]] = {}
    for column in columns:
        by_why.setdefault(column.why, []).append(column.name)
    return [OpenColumns(names, *both(f"{why}|uncovered")) for why, names in by_why.items()]


def _view(row: Verification) -> VerificationView:
    return VerificationView(
        row.id,
        row.started_at,
        row.ended_at,
        row.by,
        row.state,
        row.wrong,
        row.made,
        row.skipped,
        row.unfinished,
        row.checked,
        row.by_table,
        [_finding(verifying.VerifyFinding(**one)) for one in row.findings],
    )


def _finding(one: verifying.VerifyFinding) -> RowFinding:
    return RowFinding(
        one.kind,
        one.table,
        one.key,
        one.what,
        one.found,
        one.expected,
        one.told("zh"),
        one.told("en"),
    )
