"""The contract files as they last were sound, and the fields that the database has room for."""

from collections.abc import Mapping, Sequence

from hub.db.database import Database, Transaction
from hub.domain.sqlstate import NOT_MIGRATED
from hub.errors import FlowError

KEPT = "select path, body from hub.contract_file"
KEEP = """
    insert into hub.contract_file (path, body)
    select * from unnest(%(paths)s::text[], %(bodies)s::text[])
    on conflict (path) do update set body = excluded.body, kept_at = now()
     where hub.contract_file.body is distinct from excluded.body
"""
FORGET = "delete from hub.contract_file where path = any(%s)"
ROOM = "select entity, array_agg(name) from hub.entity_field group by entity"


def kept(database: Database) -> dict[str, str]:
    """The files by path; none where the database has not been brought up to date yet."""
    try:
        with database.read() as tx:
            return dict(tx.execute(KEPT).fetchall())
    except FlowError as error:
        if error.code != NOT_MIGRATED:
            raise
        return {}


def room(database: Database) -> dict[str, frozenset[str]] | None:
    """The fields of each entity that have columns; None where the database has not been brought up to date yet."""
    try:
        with database.read() as tx:
            found = tx.execute(ROOM).fetchall()
    except FlowError as error:
        if error.code != NOT_MIGRATED:
            raise
        return None
    return {entity: frozenset(names) for entity, names in found} or None


def keep(tx: Transaction, sound: Mapping[str, str], gone: Sequence[str]) -> None:
    """Keep these files, and forget those that were taken away."""
    tx.execute(KEEP, {"paths": list(sound), "bodies": list(sound.values())})
    tx.execute(FORGET, (list(gone),))
