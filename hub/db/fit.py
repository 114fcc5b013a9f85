"""Whether program and database structure fit: old programs must not write to a newer structure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import psycopg

from hub.errors import FlowError
from hub.version import program

VERSIONS = Path(__file__).parent / "migrations/versions"
STATED = re.compile(r'^(revision|down_revision) = "([0-9a-z]{1,32})"$', re.MULTILINE)

# Asked of the catalogue first: a database that was never migrated has neither table, and that is no
# error here.
TABLES = "select to_regclass('public.migration') is not null, to_regclass('hub.writer') is not null"
REVISION = "select version_num from public.migration"
WRITERS = "select revision, program from hub.writer order by since desc, revision desc"
LEAVE = "delete from hub.writer where not revision = any(%s)"
ENTER = """
    insert into hub.writer (revision, program) values (%s, %s)
    on conflict (revision) do update set program = excluded.program
     where hub.writer.program is distinct from excluded.program
"""


@dataclass(frozen=True, slots=True)
class Fit:
    """Program and structure compared. at: the structure's revision, "" where there is none.

    head: the newest that this program knows; pending: what `hub migrate` would do. may_write: the
    structure is older or equal, or lets this program write all the same. by: the program that
    migrated it; writers: revisions of programs that may write.
    """

    at: str
    head: str
    pending: tuple[str, ...]
    may_write: bool
    by: str
    writers: tuple[str, ...] = ()

    @property
    def error(self) -> FlowError | None:
        """The FlowError where they do not fit, else None."""
        if not self.may_write:
            newer = f"{self.at} ({self.by})" if self.by else self.at
            return FlowError("database.newer", schema=newer, program=program(), known=self.head)
        return (
            FlowError("database.not_migrated", pending=", ".join(self.pending))
            if self.pending
            else None
        )


@cache
def chain() -> Mapping[str, str]:
    """Revision -> the one before it ("" for the first), as this program knows them."""
    found = {}
    for file in VERSIONS.glob("[0-9]*.py"):
        stated = dict(STATED.findall(file.read_text(encoding="utf-8")))
        found[stated["revision"]] = stated.get("down_revision", "")
    return MappingProxyType(found)


@cache
def head() -> str:
    """The newest revision that this program knows."""
    (newest,) = chain().keys() - set(chain().values())
    return newest


def since(revision: str) -> tuple[str, ...]:
    """Known revisions after this one, oldest first; "": all."""
    found, at = [], head()
    while at and at != revision:
        found.append(at)
        at = chain()[at]
    return tuple(reversed(found))


def look(connection: psycopg.Connection[Any]) -> Fit:
    """Compare this program with that database."""
    migrated, listed = connection.execute(TABLES).fetchone() or (False, False)
    at = (connection.execute(REVISION).fetchone() or ("",))[0] if migrated else ""
    writers = connection.execute(WRITERS).fetchall() if listed else []
    known = not at or at in chain()
    may_write = known or head() in {revision for revision, _ in writers}
    by = writers[0][1] if writers else ""
    return Fit(
        at,
        head(),
        since(at) if known else (),
        may_write,
        by,
        tuple(revision for revision, _ in writers),
    )


def refuse_older(connection: psycopg.Connection[Any]) -> None:
    """FlowError where the structure is newer and does not let this program write."""
    found = look(connection)
    if not found.may_write and found.error:
        raise found.error


def enter(connection: psycopg.Connection[Any], *, beside: Sequence[str] = ()) -> None:
    """Store that only programs of this revision and of `beside` may write from now on."""
    connection.execute(LEAVE, ([head(), *beside],))
    connection.execute(ENTER, (head(), program()))
