"""Project search as one types: by the beginning of a code or any part of a name."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from hub.auth.context import RequestContext
from hub.db.database import Transaction
from hub.db.records import projects
from hub.domain import keys, record_linkage
from hub.model import Record

PROJECT = "project"
CODE = re.compile(r"[0-9A-Z][0-9A-Z-]{2,}")
LEAST_SIGNS = 2
BEYOND = 20
"""Factor by which more candidates are looked for where the reader may see too few of them."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A project as far as the reader may see it."""

    record_id: int
    project_code: Annotated[str | None, Field(examples=["2019-140108-70-03-013941"])]
    values: Annotated[Record, Field(description="name, owner_name, region_code, status")]


def found(context: RequestContext, text: str, *, most: int) -> list[Suggestion]:
    """Projects that a text may mean, as far as the reader may see them."""
    context.may_see([PROJECT])
    enough, farthest, rows, sought = (
        most,
        context.hub.settings.search_projects,
        list[Suggestion](),
        True,
    )
    while sought and len(rows) < most:
        with context.hub.database.read() as tx:
            ids = candidates(tx, text, most=enough)
        with context.read() as tx:
            rows = suggestions(tx, ids, most=most)
        sought = len(ids) == enough < farthest
        enough = min(enough * BEYOND, farthest)
    context.saw([row.record_id for row in rows])
    return rows


def candidates(tx: Transaction, text: str, *, most: int) -> list[int]:
    """Ids of projects for a text; none below 3 characters of a code or 2 of a name.

    Not filtered by any reader's rights.
    """
    code, name = keys.project_code(text), record_linkage.plain(text)
    by_code = code if CODE.fullmatch(code) else ""
    by_name = (
        record_linkage.letters(name)
        if len(name) >= LEAST_SIGNS and not (by_code and "-" in code)
        else ""
    )
    if not (by_code or by_name):
        return []
    return projects.sought(tx, code=by_code, letters=by_name, most=most)


def suggestions(tx: Transaction, record_ids: Sequence[int], *, most: int) -> list[Suggestion]:
    """These projects as the reader of `tx` (row-level security) sees them; others are left out."""
    found = projects.suggested(tx, record_ids, most=most) if record_ids else []
    return [Suggestion(row.record_id, row.project_code, _values(row)) for row in found]


def _values(row: projects.SuggestedProject) -> Record:
    said = {
        "name": row.name,
        "owner_name": row.owner_name,
        "region_code": row.region_code,
        "status": row.status,
    }
    return {name: value for name, value in said.items() if value is not None}
