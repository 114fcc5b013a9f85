"""Files that records name: what is wanted, what is held, and the balance of each fetch."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from psycopg import sql
from psycopg.types.json import Jsonb

from hub.db.database import Transaction
from hub.db.rows import first_row, rows
from hub.domain.contracts import FileRule, PullFlow
from hub.model import Json

# What the records of a flow name now: counted from the records, never from the wants.
SAID = """
    select s.source_key, {name}::text as field, v.value, s.record_id, s.landing_id,
           lower({told}) as told, {keep}::boolean as keep
      from source.{table} s cross join lateral (select distinct n.value from {values}) v
     where s.flow = %(flow)s and v.value is not null
"""
FOLLOW = """
    with said as ({said}),
    gone as (
        delete from hub.file_want w
         where w.flow = %(flow)s
           and not exists (select from said s where (s.source_key, s.field, s.value)
                               = (w.source_key, w.field, w.value)))
    insert into hub.file_want as w (flow, source_key, field, value, record_id, landing_id, told,
        keep)
    select %(flow)s, source_key, field, value, record_id, landing_id, told, keep from said
    on conflict (flow, source_key, field, value) do update
       set record_id = excluded.record_id, landing_id = excluded.landing_id, told = excluded.told,
           keep = excluded.keep,
           state = case when {anew} then 'pending' else w.state end,
           sha256 = case when {anew} then null else w.sha256 end,
           fault = case when {anew} then null else w.fault end,
           next_at = case when {anew} then null else w.next_at end,
           attempts = case when {anew} then 0 else w.attempts end
     where (w.record_id, w.landing_id, w.told, w.keep)
           is distinct from (excluded.record_id, excluded.landing_id, excluded.told, excluded.keep)
"""
# Another digest is another file. Where none is told, a record that was sent anew may name another
# file under the same name; one that was erased is fetched again only when its source sends it anew.
ANEW = """(w.told is distinct from excluded.told or w.keep <> excluded.keep
    or w.landing_id <> excluded.landing_id
       and (excluded.told is null or w.fault->>'code' = 'attachment.erased'))"""
COUNT = "select count(*) from ({said}) s"
STATES = "select state, count(*) from hub.file_want where flow = %s group by state"
ADD_BATCH = """
    insert into hub.fetch_batch (run_id, flow, wanted, held, passed_on, failed, pending)
    values (%(run_id)s, %(flow)s, %(wanted)s, %(held)s, %(passed_on)s, %(failed)s, %(pending)s)
"""
COLUMNS = "flow, source_key, field, value, record_id, landing_id, told, keep, attempts"
DUE = f"""
    select {COLUMNS} from hub.file_want
     where flow = %(flow)s and keep
       and (state = 'pending' or state = 'failed' and next_at <= clock_timestamp())
       and (source_key, field, value) > (%(key)s, %(field)s, %(value)s)
     order by source_key, field, value limit %(most)s
"""  # noqa: S608 -- made of this module's own constants
# Only what its own system has shown: whoever merely names a digest gets nothing by it.
KNOWN = """
    select distinct f.sha256, f.bytes, f.type from hub.file_want w
      join hub.file f on f.sha256 = w.sha256 and f.gone_at is null
     where w.sha256 = any(%s) and w.state = 'held' and split_part(w.flow, '.', 2) = %s
"""
SETTLE = """
    update hub.file_want w
       set state = n.state, sha256 = n.sha256, fault = n.fault, next_at = n.next_at,
           attempts = w.attempts + 1, settled_at = clock_timestamp()
      from jsonb_to_recordset(%s) as n (source_key text, field text, value text,
           landing_id bigint, state text, sha256 text, fault jsonb, next_at timestamptz)
     where w.flow = %s and (w.source_key, w.field, w.value) = (n.source_key, n.field, n.value)
       and w.landing_id = n.landing_id
    returning w.record_id
"""
HOLD = """
    insert into hub.file as f (sha256, bytes, type, class, first_landing)
    select sha256, bytes, type, class, landing_id
      from jsonb_to_recordset(%s) as n (sha256 text, bytes bigint, type text, class text,
           landing_id bigint)
    on conflict (sha256) do update set gone_at = null, class = case
        when 'personal' in (f.class, excluded.class) then 'personal'
        when 'internal' in (f.class, excluded.class) then 'internal' else 'public' end
"""
PLACING = "select pg_advisory_xact_lock_shared(hashtextextended('hub.file', 0))"
SWEEPING = "select pg_advisory_xact_lock(hashtextextended('hub.file', 0))"
PAYLOADS = "select id, payload from hub.landing where id = any(%s) and payload is not null"
OF_RECORDS = """
    select w.record_id, w.field, w.value, w.state, w.keep, w.sha256, w.told, w.fault,
           f.type, f.bytes
      from hub.file_want w left join hub.file f on f.sha256 = w.sha256 and f.gone_at is null
     where w.record_id = any(%s)
     order by w.record_id, w.field, w.value, w.settled_at desc nulls last
"""
NAMED = f"""
    select {COLUMNS}, state, sha256 from hub.file_want
     where record_id = %(record)s and (sha256 = %(sha256)s or not keep and told = %(sha256)s)
     order by field, value
"""  # noqa: S608 -- likewise
HELD = "select sha256, bytes, type from hub.file where sha256 = any(%s) and gone_at is null"
# What is erased stays wanted, and failed for good: its record may go on naming it.
ERASE = """
    update hub.file_want
       set state = 'failed', sha256 = null, next_at = null, settled_at = clock_timestamp(),
           fault = '{"code": "attachment.erased", "facts": {}}'
     where record_id = any(%s)
"""
DROP = "delete from hub.file_want where record_id = any(%s)"
DROP_FLOWS = "delete from hub.file_want where flow <> all(%s) returning flow"
LOOSE = """
    update hub.file f set gone_at = clock_timestamp()
     where f.gone_at is null and not exists (select from hub.file_want w where w.sha256 = f.sha256)
"""
TAKE_GONE = """
    delete from hub.file f using (
        select sha256 from hub.file where gone_at is not null order by sha256 limit %s) g
     where f.sha256 = g.sha256 returning f.sha256
"""
WALK = """
    select sha256, bytes from hub.file where gone_at is null and sha256 > %s
     order by sha256 limit %s
"""
BALANCE = """
    select b.flow, b.run_id, b.committed_at, b.wanted, b.held, b.passed_on, b.failed, b.pending
      from (select distinct on (flow) * from hub.fetch_batch order by flow, id desc) b
     order by b.flow
"""
FAILED = """
    select flow, field, fault->>'code' as code, count(*) as files, min(source_key) as example,
           (array_agg(fault->'facts' order by source_key))[1] as facts,
           min(next_at) as next_at
      from hub.file_want where state = 'failed' group by 1, 2, 3 order by files desc, 1, 2, 3
"""
STORED = """
    select count(*) as files, coalesce(sum(bytes), 0)::bigint as bytes from hub.file
     where gone_at is null
"""


@dataclass(frozen=True, slots=True)
class FileWant:
    """A file that a record of a source names. told: its digest as the source gives it."""

    flow: str
    source_key: str
    field: str
    value: str
    record_id: int
    landing_id: int
    told: str | None
    keep: bool
    attempts: int
    state: str = "pending"
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class SettledFile:
    """How a want stands from now on; fault: code and facts of a failed one."""

    source_key: str
    field: str
    value: str
    landing_id: int
    state: str
    sha256: str | None = None
    fault: dict[str, Json] | None = None
    next_at: str | None = None


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file that lies in the store; type by its bytes, class of the field that names it."""

    sha256: str
    bytes: int
    type: str
    classed: str
    landing_id: int


@dataclass(frozen=True, slots=True)
class FileOfRecord:
    """A file of a record as it stands; type and bytes where it is held."""

    record_id: int
    field: str
    value: str
    state: str
    keep: bool
    sha256: str | None
    told: str | None
    fault: dict[str, Json] | None
    type: str | None
    bytes: int | None


@dataclass(frozen=True, slots=True)
class HeldFile:
    """A file in the store."""

    sha256: str
    bytes: int
    type: str = ""


@dataclass(frozen=True, slots=True)
class FetchCounts:
    """The balance of one fetch: `wanted` equals the sum of the others (a constraint)."""

    wanted: int = 0
    held: int = 0
    passed_on: int = 0
    failed: int = 0
    pending: int = 0


FETCHED = tuple(one.name for one in fields(FetchCounts))


@dataclass(frozen=True, slots=True)
class FetchedFlow:
    """The last balance of a flow that fetches."""

    flow: str
    run_id: int
    committed_at: datetime
    wanted: int
    held: int
    passed_on: int
    failed: int
    pending: int


@dataclass(frozen=True, slots=True)
class FailedFiles:
    """Files of one field that failed for one reason; example: the source key of one of them."""

    flow: str
    field: str
    code: str
    files: int
    example: str
    facts: dict[str, Json]
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class Stored:
    """What the store holds."""

    files: int
    bytes: int


def _said(flow: PullFlow) -> sql.Composed:
    parts = [_said_in(flow, rule) for rule in flow.files.values()]
    return sql.SQL(" union all ").join(parts)


def _said_in(flow: PullFlow, rule: FileRule) -> sql.Composed:
    column = sql.SQL("s.{}").format(sql.Identifier(rule.field))
    of = sql.SQL(
        "(values ({}))" if flow.entity.fields[rule.field].kind == "string" else "unnest({})"
    )
    told = sql.SQL("s.{}").format(sql.Identifier(rule.hash_field)) if rule.hash_field else sql.NULL
    return sql.SQL(SAID).format(
        name=sql.Literal(rule.field),
        told=told,
        keep=sql.Literal(rule.keep),
        table=sql.Identifier(flow.entity.name),
        values=sql.SQL("{} as n (value)").format(of.format(column)),
    )


def follow(tx: Transaction, flow: PullFlow) -> None:
    """Let the wants of a flow be what its records name now."""
    query = sql.SQL(FOLLOW).format(said=_said(flow), anew=sql.SQL(ANEW))
    tx.execute(query, {"flow": flow.name})


def counts(tx: Transaction, flow: PullFlow) -> FetchCounts:
    """The balance of a flow: what its records name, and how each of these stands."""
    query = sql.SQL(COUNT).format(said=_said(flow))
    (wanted,) = tx.execute(query, {"flow": flow.name}).fetchone() or (0,)
    states: dict[str, int] = dict(tx.execute(STATES, (flow.name,)).fetchall())
    return FetchCounts(int(wanted), **states)


def add_batch(tx: Transaction, run_id: int, flow: str, found: FetchCounts) -> None:
    """Store the balance of a fetch; the database refuses one that does not add up."""
    tx.execute(ADD_BATCH, {"run_id": run_id, "flow": flow, **asdict(found)})


def due(tx: Transaction, flow: str, *, after: tuple[str, str, str], most: int) -> list[FileWant]:
    """The next wants to be fetched, behind one, in the order of their keys."""
    key, named, value = after
    return rows(tx, FileWant, DUE, flow=flow, key=key, field=named, value=value, most=most)


def known(tx: Transaction, digests: Sequence[str], *, system: str) -> dict[str, HeldFile]:
    """Those of these digests whose file this system has shown before, and which is held."""
    return {one.sha256: one for one in rows(tx, HeldFile, KNOWN, (list(digests), system))}


def payloads(tx: Transaction, landing_ids: Sequence[int]) -> dict[int, bytes]:
    """Landing id -> payload, of those that still have one."""
    return dict(tx.execute(PAYLOADS, (list(landing_ids),)).fetchall())


def placing(tx: Transaction) -> None:
    """Keep `take_gone` away until the end of this transaction: files are moved into the store."""
    tx.execute(PLACING)


def hold(tx: Transaction, files: Sequence[NewFile]) -> None:
    """Store that these files are held; one that was to be taken away stays."""
    said = [_named(one) for one in {one.sha256: one for one in files}.values()]
    if said:
        tx.execute(HOLD, (Jsonb(said),))


def _named(one: NewFile) -> dict[str, Any]:
    said = asdict(one)
    return {**said, "class": said.pop("classed")}


def settle(tx: Transaction, flow: str, some: Sequence[SettledFile]) -> list[int]:
    """Store how these wants stand; ids of the records. One whose record is newer is left alone."""
    if not some:
        return []
    said = Jsonb([asdict(one) for one in some])
    return [row[0] for row in tx.execute(SETTLE, (said, flow)).fetchall()]


def of_records(tx: Transaction, record_ids: Sequence[int]) -> list[FileOfRecord]:
    """The files of these records."""
    return rows(tx, FileOfRecord, OF_RECORDS, (list(record_ids),))


def named(tx: Transaction, record_id: int, sha256: str) -> list[FileWant]:
    """The wants of a record that this digest is of: found, or told where nothing is kept."""
    return rows(tx, FileWant, NAMED, record=record_id, sha256=sha256)


def held(tx: Transaction, digests: Sequence[str]) -> dict[str, HeldFile]:
    """Digest -> file, of those that are held."""
    return {one.sha256: one for one in rows(tx, HeldFile, HELD, (list(digests),))}


def erase(tx: Transaction, record_ids: Sequence[int]) -> None:
    """Let go of the files of these records; they are fetched again only when sent anew."""
    tx.execute(ERASE, (list(record_ids),))
    loosen(tx)


def drop(tx: Transaction, record_ids: Sequence[int]) -> None:
    """Forget that these records named files, and let go of them."""
    tx.execute(DROP, (list(record_ids),))
    loosen(tx)


def drop_flows(tx: Transaction, flows: Sequence[str]) -> None:
    """Forget what was wanted by flows other than these."""
    tx.execute(DROP_FLOWS, (list(flows),))


def loosen(tx: Transaction) -> None:
    """Mark files that nothing names any more."""
    tx.execute(LOOSE)


def take_gone(tx: Transaction, *, most: int) -> list[str]:
    """Forget some of the marked files; the caller takes their bytes away before it commits."""
    tx.execute(SWEEPING)
    return [row[0] for row in tx.execute(TAKE_GONE, (most,)).fetchall()]


def walk(tx: Transaction, after: str, *, most: int) -> list[HeldFile]:
    """The files behind a digest, in order."""
    return rows(tx, HeldFile, WALK, (after, most))


def balances(tx: Transaction) -> list[FetchedFlow]:
    """The last balance of each flow."""
    return rows(tx, FetchedFlow, BALANCE)


def failed(tx: Transaction) -> list[FailedFiles]:
    """Files that failed, grouped by flow, field and reason."""
    return rows(tx, FailedFiles, FAILED)


def stored(tx: Transaction) -> Stored:
    """How much is held."""
    return first_row(tx, Stored, STORED) or Stored(0, 0)


def hashes(tx: Transaction, record_ids: Sequence[int]) -> Mapping[tuple[int, str, str], str]:
    """(record, field, value) -> digest of the file that is held."""
    found = of_records(tx, record_ids)
    return {
        (one.record_id, one.field, one.value): one.sha256
        for one in found
        if one.state == "held" and one.sha256
    }
