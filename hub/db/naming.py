"""Whether a name ever existed: flow, cause, account, project, run, entry; for "unknown" errors."""

from collections.abc import Mapping, Sequence
from typing import LiteralString

from hub.db.database import Transaction

FLOW_RAN = "select exists (select from hub.flow where name = %s)"
CAUSE_MET = "select exists (select from hub.quarantine where cause = %s)"
CAUSES = "select distinct cause from hub.quarantine where state = 'open' order by cause limit 1000"
ACCOUNT_READ = """
    select exists (select from hub.account where name = %(name)s)
        or exists (select from hub.access where account = %(name)s)
"""
ACCOUNTS = "select name from hub.account order by name"
PROJECT_KNOWN = """
    select exists (select from hub.record where entity = 'project' and key = %(code)s)
        or exists (select from hub.access where project_code = %(code)s)
"""
MISSING = {
    "run": (
        "select wanted from unnest(%s::bigint[]) wanted where not exists (select from hub.run "
        "where id = wanted)"
    ),
    "entry": "select wanted from unnest(%s::bigint[]) wanted where not exists "
    "(select from hub.quarantine where id = wanted)",
    "difference": "select wanted from unnest(%s::bigint[]) wanted where not exists "
    "(select from hub.difference where id = wanted)",
    "batch": "select wanted from unnest(%s::bigint[]) wanted where not exists "
    "(select from hub.batch where id = wanted)",
    "record": "select wanted from unnest(%s::bigint[]) wanted where not exists "
    "(select from hub.record where id = wanted)",
}
"""By kind: the query for those of given numbers that do not exist."""


def flow_ran(tx: Transaction, name: str) -> bool:
    """Whether a flow has run, also one without files today."""
    return _is(tx, FLOW_RAN, (name,))


def cause_met(tx: Transaction, cause: str) -> bool:
    """Whether a quarantine entry ever had this cause."""
    return _is(tx, CAUSE_MET, (cause,))


def open_causes(tx: Transaction) -> list[str]:
    """Causes of open entries."""
    return [row[0] for row in tx.execute(CAUSES).fetchall()]


def account_known(tx: Transaction, name: str) -> bool:
    """Whether an account exists, or reads were logged under this name (commands, for example)."""
    return _is(tx, ACCOUNT_READ, {"name": name})


def accounts(tx: Transaction) -> list[str]:
    """The names of all accounts."""
    return [row[0] for row in tx.execute(ACCOUNTS).fetchall()]


def project_known(tx: Transaction, code: str) -> bool:
    """Whether a project exists, or somebody has asked for it."""
    return _is(tx, PROJECT_KNOWN, {"code": code})


def missing(tx: Transaction, kind: str, numbers: Sequence[int]) -> list[int]:
    """Those of these numbers that do not exist."""
    return [row[0] for row in tx.execute(MISSING[kind], (list(numbers),)).fetchall()]


def _is(tx: Transaction, query: LiteralString, values: Sequence[str] | Mapping[str, str]) -> bool:
    row = tx.execute(query, values).fetchone()
    return bool(row and row[0])
