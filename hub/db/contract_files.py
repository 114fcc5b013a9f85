"""Contract files and the database: columns available, and the last sound version of each file."""

from pathlib import Path

from hub import config
from hub.db.database import Database, Transaction
from hub.domain.contracts import Contracts
from hub.domain.isolation import gone
from hub.domain.load import Files
from hub.domain.sqlstate import NOT_MIGRATED
from hub.errors import FlowError

KEPT = "select path, body from hub.contract_file order by 1"
KEEP = """
    insert into hub.contract_file (path, body)
    select * from unnest(%(paths)s::text[], %(bodies)s::text[])
    on conflict (path) do update set body = excluded.body, kept_at = now()
     where hub.contract_file.body is distinct from excluded.body
"""
FORGET = "delete from hub.contract_file where path = any(%s)"
ROOM = "select entity, array_agg(name) from hub.entity_field group by entity"


def as_kept(tx: Transaction) -> dict[str, str]:
    """The last sound files, by path."""
    return dict(tx.execute(KEPT).fetchall())


def kept(database: Database) -> dict[str, str]:
    """The same; {} on a database that was not migrated to it yet."""
    try:
        with database.read() as tx:
            return as_kept(tx)
    except FlowError as error:
        if error.code != NOT_MIGRATED:
            raise
        return {}


def room(database: Database) -> dict[str, frozenset[str]] | None:
    """Entity -> fields that have columns; None on a database that was not migrated to it yet."""
    try:
        with database.read() as tx:
            found = tx.execute(ROOM).fetchall()
    except FlowError as error:
        if error.code != NOT_MIGRATED:
            raise
        return None
    return {entity: frozenset(names) for entity, names in found} or None


def contracts_of(
    database: Database, home: Path, *, migrating: bool = False, secret: bytes = b""
) -> Contracts:
    """Contracts of a folder as far as sound; broken files fall back to their last sound version.

    migrating: missing columns are no problem, for they are about to be made; otherwise sound files
    are stored. secret: the key of digests.
    """
    files = config.contract_files(home)
    contracts = compiled(database, files, migrating=migrating, secret=secret)
    if not migrating:
        _keep(database, contracts, files)
    return contracts


def compiled(
    database: Database, files: Files, *, migrating: bool = False, secret: bytes = b""
) -> Contracts:
    """Contracts of these files with this database; nothing is stored."""
    columns = None if migrating else room(database)
    contracts = config.compiled(files, room=columns, secret=secret)
    if not (contracts.problems and (known := kept(database))):
        return contracts
    return config.compiled(files, kept=known, room=columns, secret=secret)


def _keep(database: Database, contracts: Contracts, files: Files) -> None:
    """Store the sound files, to fall back to."""
    known = kept(database)
    taken_away = gone(contracts, files, known)
    if taken_away or not contracts.sound.items() <= known.items():
        with database.write() as tx:
            tx.execute(
                KEEP, {"paths": list(contracts.sound), "bodies": list(contracts.sound.values())}
            )
            tx.execute(FORGET, (list(taken_away),))
