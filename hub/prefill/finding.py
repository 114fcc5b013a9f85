"""What somebody types -> the projects that they may mean, by the beginning of a code or any part of a name."""

import re
from dataclasses import dataclass

from hub.model import Record
from hub.rules import keys, matching
from hub.rules.contracts import Entity
from hub.rules.rights import Rights
from hub.store import projects
from hub.store.database import Transaction

CODE = re.compile(r"[0-9A-Z][0-9A-Z-]{2,}")
LEAST_SIGNS = 2


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A project with as much of it as the reader may see."""

    record_id: int
    project_code: str
    values: Record


def suggestions(tx: Transaction, entity: Entity, text: str, *, rights: Rights, most: int) -> list[Suggestion]:
    """The projects that a text may mean; none for fewer than three characters of a code or two signs of a name."""
    code, name = keys.project_code(text), matching.plain(text)
    by_code = code if CODE.fullmatch(code) else ""
    by_name = matching.letters(name) if len(name) >= LEAST_SIGNS and not (by_code and "-" in code) else ""
    if not (by_code or by_name) or not rights.sees(entity.name):
        return []
    found = projects.sought(tx, code=by_code, letters=by_name, most=most)
    return [Suggestion(row.record_id, row.project_code, rights.seen(entity, _values(row))) for row in found]


def _values(row: projects.Named) -> Record:
    said = {"name": row.name, "owner_name": row.owner_name, "region_code": row.region_code, "status": row.status}
    return {name: value for name, value in said.items() if value is not None}
