"""Files of a source that have been read, each with the version that was read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hub.db.database import Transaction
from hub.model import File

NOTED = "select exists (select from hub.source_file where flow = %s)"
ADOPT = """
    insert into hub.source_file (flow, name, stamp, digest, state)
    select %s, n.name, n.stamp, '', 'read' from unnest(%s::text[], %s::text[]) as n (name, stamp)
    on conflict do nothing
"""
# A file that could not be read is not known under another contract: what was wrong may have been
# the mapping.
KNOWN = """
    select name, stamp, digest, case state when 'dropped' then 'read' else state end
      from hub.source_file
     where flow = %s and name = any(%s) and (state <> 'unreadable' or contract_id = %s)
"""
BEFORE = "select name, digest, state from hub.source_file where flow = %s and name = any(%s)"
GREATEST = """
    select max(name collate "C") from hub.source_file where flow = %s and run_id is distinct from %s
"""
PUT = """
    insert into hub.source_file as f (flow, name, stamp, digest, state, contract_id, run_id,
        batch_id)
    select %s, n.name, n.stamp, n.digest, n.state, %s, %s, %s
      from unnest(%s::text[], %s::text[], %s::text[], %s::text[]) as n (name, stamp, digest, state)
    on conflict (flow, name) do update
       set stamp = excluded.stamp, digest = excluded.digest, state = excluded.state,
           run_id = excluded.run_id,
           contract_id = excluded.contract_id, batch_id = excluded.batch_id,
               read_at = clock_timestamp()
"""
# Records under stand-in keys: without a key of their own, or unreadable.
NAMELESS = """
    select q.key from hub.quarantine q join hub.landing l on l.id = q.landing_id
     where q.flow = %s and q.stage = 'intake' and q.state = 'open' and starts_with(q.key, '#')
       and starts_with(l.position, %s) and q.key <> all(%s)
"""
DECIDE = "update hub.source_file set state = %s where batch_id = %s and state = 'held'"
FORGET = """
    delete from hub.source_file
    where flow = %s and (%s::text is null or name collate "C" > %s)
"""


@dataclass(frozen=True, slots=True)
class FileReader:
    """Who reads files: flow, contract, run and batch."""

    flow: str
    contract: int
    run: int
    batch: int


def is_noted(tx: Transaction, flow: str) -> bool:
    """Whether any file of a flow is stored."""
    row = tx.execute(NOTED, (flow,)).fetchone()
    return bool(row and row[0])


def adopt(tx: Transaction, flow: str, listed: Mapping[str, str]) -> None:
    """Store listed files (name -> stamp) as read, for sources read before files were stored."""
    tx.execute(ADOPT, (flow, list(listed), list(listed.values())))


def known(tx: Transaction, flow: str, names: Sequence[str], *, contract: int) -> dict[str, File]:
    """Those of these files that have been read under this contract, as they were read."""
    return {row[0]: File(*row) for row in tx.execute(KNOWN, (flow, list(names), contract))}


def before(tx: Transaction, flow: str, names: Sequence[str]) -> dict[str, tuple[str, str]]:
    """File name -> (digest, state) as stored."""
    return {
        name: (digest, state) for name, digest, state in tx.execute(BEFORE, (flow, list(names)))
    }


def greatest(tx: Transaction, flow: str, *, but: int) -> str:
    """The greatest stored file name (by code point), except of one run; "" without any."""
    row = tx.execute(GREATEST, (flow, but)).fetchone()
    return str(row[0]) if row and row[0] is not None else ""


def put(tx: Transaction, reader: FileReader, files: Sequence[File]) -> None:
    """Store these files as read now."""
    columns = [
        [getattr(one, name) for one in files] for name in ("name", "stamp", "digest", "state")
    ]
    tx.execute(PUT, (reader.flow, reader.contract, reader.run, reader.batch, *columns))


def nameless(tx: Transaction, flow: str, within: str, *, but: Sequence[str]) -> list[str]:
    """Stand-in keys of open entries at positions that begin so, except these."""
    return [key for (key,) in tx.execute(NAMELESS, (flow, within, list(but)))]


def decide(tx: Transaction, batch: int, state: str) -> None:
    """Store that files of a held batch were accepted ("read") or "dropped"."""
    tx.execute(DECIDE, (state, batch))


def forget(tx: Transaction, flow: str, *, after: str | None) -> None:
    """Make a flow read files behind a name again; None: all of them."""
    tx.execute(FORGET, (flow, after, after))
