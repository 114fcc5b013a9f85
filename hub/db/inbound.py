"""Bodies handed in by partners and people: stored with a receipt, read by pull flows, then dropped.

Numbers of one database are given in the order of their commits, since one transaction at a time
gives them: who reads up to a number has missed none before it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from psycopg.types.json import Jsonb

from hub.db.database import Transaction, as_rows
from hub.db.rows import first_row, rows
from hub.model import Json

IN_TURN = "select pg_advisory_xact_lock(hashtextextended('hub.inbound', 0))"
COLUMNS = """
    i.id as receipt, i.system, i.resource, i.records, i.source, i.origin, i.received_at,
    i.taken_at, i.times
"""
PUT = f"""
    insert into hub.inbound as i (system, resource, digest, later, content, charset, records,
        source, origin)
    select %(system)s, %(resource)s, %(digest)s, coalesce(max(o.later)
               + (max(o.received_at) < clock_timestamp() - %(repeats)s * interval '1 s')::int, 0),
           %(content)s, %(charset)s, %(records)s, %(source)s, %(origin)s
      from hub.inbound o
     where o.system = %(system)s and o.resource = %(resource)s and o.digest = %(digest)s
    on conflict (system, resource, digest, later) do update
       set times = i.times + 1, last_at = clock_timestamp()
    returning {COLUMNS}
"""  # noqa: S608 -- made of this module's own constants
NONCE = """
    insert into hub.inbound_nonce (system, digest, until) values (%s, %s, %s) on conflict do nothing
"""
OLD_NONCES = "delete from hub.inbound_nonce where until < now()"
DUE = """
    select id as receipt, encode(digest, 'hex') as digest, length(content) as bytes
      from hub.inbound
     where system = %s and resource = %s and taken_at is null and id > %s order by id limit %s
"""
CONTENT = """
    select id as receipt, content, charset, records from hub.inbound
     where id = any(%s) and content is not null order by id
"""
TAKEN = """
    insert into hub.inbound_taking as t (flow, inbound_id, records, run_id, batch_id)
    select %s, n.receipt, n.records, %s, %s
      from json_to_recordset(%s) as n (receipt bigint, records bigint)
    on conflict (inbound_id, flow) do update
       set records = excluded.records, run_id = excluded.run_id, batch_id = excluded.batch_id,
           taken_at = clock_timestamp()
"""
# A body that a flow holds, or could not read under its contract of now, is wanted again.
DROP = """
    update hub.inbound i set content = null, taken_at = clock_timestamp()
     where i.taken_at is null and i.system = %(system)s and i.resource = %(resource)s
       and (select count(*) from hub.inbound_taking t
              join hub.source_file f on f.flow = t.flow and f.name = %(prefix)s
                       || lpad(t.inbound_id::text, %(digits)s, '0')
             where t.inbound_id = i.id and t.flow = any(%(flows)s)
               and f.state in ('read', 'empty', 'dropped')) = cardinality(%(flows)s::text[])
"""
ONE = f"select {COLUMNS} from hub.inbound i where i.id = %s"  # noqa: S608 -- likewise
KNOWN = f"""
    select {COLUMNS} from hub.inbound i where i.system = %s and i.resource = %s and i.digest = %s
     order by i.later desc limit 1
"""  # noqa: S608 -- likewise
LISTED = f"""
    select {COLUMNS} from hub.inbound i
     where i.system = %(system)s and i.resource = %(resource)s
       and (%(before)s::bigint is null or i.id < %(before)s) order by i.id desc limit %(most)s
"""  # noqa: S608 -- likewise
OUTCOMES = """
    select l.position, l.disposition, q.faults
      from hub.inbound_taking t
      join hub.landing l on l.batch_id = t.batch_id and l.flow = t.flow
       and starts_with(l.position, %s)
      left join hub.quarantine q on q.flow = l.flow and q.landing_id = l.id and q.state = 'open'
     where t.flow = %s and t.inbound_id = %s
"""
HAS_TAKEN = "select exists (select from hub.inbound_taking where flow = %s and inbound_id = %s)"
STANDING = """
    select system, resource, count(*) filter (where taken_at is null) as due,
           count(*) filter (where taken_at is not null) as taken, sum(times - 1)::bigint as repeats,
           coalesce(extract(epoch from now() - min(received_at) filter (where taken_at is null)), 0)
               ::float8 as oldest
      from hub.inbound group by system, resource order by system, resource
"""

PREFIX, DIGITS = "r", 19


@dataclass(frozen=True, slots=True)
class NewBody:
    """A body as it came in. digest: keyed, of the content. source: who handed it in.

    repeats_seconds: for how long the same body is the same again; later it is a new one, since what
    was said once may be said again after something else.
    """

    system: str
    resource: str
    digest: bytes
    content: bytes = field(repr=False)
    charset: str
    records: int
    source: str
    repeats_seconds: int
    origin: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class InboundReceipt:
    """What is known of a body. times: how often it came; taken_at: None while it waits."""

    receipt: int
    system: str
    resource: str
    records: int
    source: str
    origin: Mapping[str, Json]
    received_at: datetime
    taken_at: datetime | None
    times: int


@dataclass(frozen=True, slots=True)
class DueBody:
    """A body that waits, by its number. digest: its version; bytes: its length."""

    receipt: int
    digest: str
    bytes: int


@dataclass(frozen=True, slots=True)
class StoredBody:
    """The content of a body that waits."""

    receipt: int
    content: bytes
    charset: str
    records: int


@dataclass(frozen=True, slots=True)
class LandedOutcome:
    """What became of one record that landed. faults: of an open quarantine entry, else None."""

    position: str
    disposition: str
    faults: list[Mapping[str, Json]] | None


@dataclass(frozen=True, slots=True)
class InboundStanding:
    """Bodies of one resource: waiting, taken, repeats; age of the oldest waiting one (seconds)."""

    system: str
    resource: str
    due: int
    taken: int
    repeats: int
    oldest: float


def name_of(receipt: int) -> str:
    """The name of a body, as of a file of its source: in the order of the numbers."""
    return f"{PREFIX}{receipt:0{DIGITS}}"


def number_of(name: str) -> int:
    """The receipt number in a body's name."""
    return int(name.removeprefix(PREFIX))


def put(tx: Transaction, bodies: Sequence[NewBody]) -> list[InboundReceipt]:
    """Store bodies and give their receipts; one that has come lately gets its former one."""
    tx.execute(IN_TURN)
    given = []
    for body in bodies:
        row = {
            "system": body.system,
            "resource": body.resource,
            "digest": body.digest,
            "content": body.content,
            "charset": body.charset,
            "records": body.records,
            "source": body.source,
            "repeats": body.repeats_seconds,
            "origin": Jsonb(dict(body.origin)),
        }
        given += rows(tx, InboundReceipt, PUT, row)
    return given


def use_nonce(tx: Transaction, system: str, digest: bytes, *, until: datetime) -> bool:
    """Note a text that a partner signed with; whether it is new."""
    return tx.execute(NONCE, (system, digest, until)).rowcount == 1


def drop_old_nonces(tx: Transaction) -> int:
    """Forget those with which no signature is fresh any more; how many."""
    return tx.execute(OLD_NONCES).rowcount


def due(tx: Transaction, system: str, resource: str, *, after: int = 0, most: int) -> list[DueBody]:
    """Bodies of a resource that some flow has yet to take, by number."""
    return rows(tx, DueBody, DUE, (system, resource, after, most))


def bodies(tx: Transaction, receipts: Sequence[int]) -> list[StoredBody]:
    """The contents of these bodies, by number, as far as they are still there."""
    return rows(tx, StoredBody, CONTENT, (list(receipts),))


def taken(
    tx: Transaction, flow: str, records: Mapping[int, int], *, run_id: int, batch_id: int
) -> None:
    """Note that a batch read these bodies (number -> records).

    The database refuses another number of records than was counted when the body came.
    """
    if records:
        said = [{"receipt": number, "records": count} for number, count in records.items()]
        tx.execute(TAKEN, (flow, run_id, batch_id, as_rows(said)))


def drop(tx: Transaction, system: str, resource: str, flows: Sequence[str]) -> int:
    """Drop the contents that all of these flows have taken; how many."""
    asked = {"system": system, "resource": resource, "flows": list(flows)}
    return tx.execute(DROP, asked | {"prefix": PREFIX, "digits": DIGITS}).rowcount


def one(tx: Transaction, receipt: int) -> InboundReceipt | None:
    """A body by its number."""
    return first_row(tx, InboundReceipt, ONE, (receipt,))


def known(tx: Transaction, system: str, resource: str, digest: bytes) -> InboundReceipt | None:
    """The last body of this content, None where it has not come yet."""
    return first_row(tx, InboundReceipt, KNOWN, (system, resource, digest))


def listed(
    tx: Transaction, system: str, resource: str, *, before: int | None = None, most: int
) -> list[InboundReceipt]:
    """Bodies of a resource, the newest first."""
    asked = {"system": system, "resource": resource, "before": before, "most": most}
    return rows(tx, InboundReceipt, LISTED, asked)


def has_taken(tx: Transaction, flow: str, receipt: int) -> bool:
    """Whether a flow has read a body."""
    row = tx.execute(HAS_TAKEN, (flow, receipt)).fetchone()
    return bool(row and row[0])


def outcomes(tx: Transaction, flow: str, receipt: int) -> list[LandedOutcome]:
    """What became of those records of a body that landed; the others were known already."""
    return rows(tx, LandedOutcome, OUTCOMES, (f"{name_of(receipt)} row ", flow, receipt))


def standing(tx: Transaction) -> list[InboundStanding]:
    """How bodies of every resource stand."""
    return rows(tx, InboundStanding, STANDING)
