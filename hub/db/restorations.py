"""Identity of this database, its restorations, and target flows that still recover from them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from hub.db.database import Transaction
from hub.db.rows import rows

THIS = """
    select server, xid = xmin::text as own, secret, exists (select from hub.delivery
        where uncertain) as uncertain
      from hub.incarnation
"""
LOCK = "select from hub.incarnation for update"
MAY_ASK = "select has_function_privilege('pg_control_system()', 'execute')"
CLUSTER = "select system_identifier::text from pg_control_system()"
# The timeline is another after a standby was promoted or a moment was restored from the archive.
DATABASE = """
    select left(pg_walfile_name(pg_current_wal_lsn()), 8) || '/' || oid from pg_database
     where datname = current_database()
"""
# The second statement notes the transaction that wrote the row, be it a savepoint's.
CLAIM = "update hub.incarnation set server = %s, secret = coalesce(%s, secret)"
CLAIMED = "update hub.incarnation set xid = xmin::text"
ADD = """
    insert into hub.restoration (how, by, reason, seal_id, landing_id, nothing_lost)
    values (%(how)s, %(by)s, %(reason)s, %(seal)s, %(landing)s, %(nothing_lost)s) returning id
"""
UNCERTAIN = (
    "update hub.delivery set uncertain = true, word = null, word_version = null where not "
    "uncertain or word <> ''"
)
CERTAIN = """
    update hub.delivery
       set uncertain = false, word = null, word_version = null,
           dirty = dirty or state = 'blocked' and note->>'code' = 'delivery.uncertain'
     where uncertain
"""
LISTED = """
    select id, at, how, by, reason, seal_id, landing_id, nothing_lost from hub.restoration
        order by id desc limit %s
"""
RECOVERS = "select hub.recovers(%s)"
HEARD = """
    select bool_and(coalesce(f.last_complete_at > r.at, false))
      from (select at from hub.restoration order by id desc limit 1) r, unnest(%s::text[])
          as w (flow)
      left join hub.flow f on f.name = w.flow
"""
END = """
    insert into hub.recovered (flow, restoration_id) select %s, max(id) from hub.restoration
    on conflict do nothing
"""
# What was sealed behind the seal that came back, and before the restoration was noted.
COVERS = """
    select exists (select from hub.restoration
                    where not nothing_lost and %s > coalesce(seal_id, 0) and %s::timestamptz < at)
"""
TOLD = """
    select flow, count(*), min(record_id) from hub.delivery
     where uncertain and word is null and note->>'code' = 'delivery.uncertain' group by flow
         order by flow
"""


@dataclass(frozen=True, slots=True)
class Incarnation:
    """This database. own: its row was written here, not loaded from a dump.

    server: where it was when something was first sent, None before. secret: name of the hash key in
    use. uncertain: something may have been sent that it does not know of.
    """

    server: str | None
    own: bool
    secret: str | None
    uncertain: bool


@dataclass(frozen=True, slots=True)
class Restoration:
    """A restoration: the database is older than its partners. Declared by hand or detected."""

    id: int
    at: datetime
    how: Literal["said", "seen"]
    by: str
    reason: str
    seal_id: int | None
    landing_id: int
    nothing_lost: bool


def this(tx: Transaction, *, lock: bool = False) -> Incarnation:
    """The identity that this database claims; lock: locks its row until the transaction ends."""
    if lock:
        tx.execute(LOCK)
    return rows(tx, Incarnation, THIS)[0]


def server(tx: Transaction) -> str:
    """Cluster, timeline and database of this connection; without cluster where not permitted."""
    ((may_ask,),) = tx.execute(MAY_ASK).fetchall()
    cluster = tx.execute(CLUSTER).fetchall()[0][0] if may_ask else ""
    return f"{cluster}/{tx.execute(DATABASE).fetchall()[0][0]}"


def leads_to(tx: Transaction) -> str:
    """`server`, cached per connection (another database means another connection)."""
    tx.leads_to = tx.leads_to or server(tx)
    return tx.leads_to


def claim(tx: Transaction, where: str, *, secret: str | None) -> None:
    """Store that this database is the one at `where`; secret: None keeps the stored name."""
    tx.execute(CLAIM, (where, secret))
    tx.execute(CLAIMED)


def add(
    tx: Transaction,
    *,
    how: Literal["said", "seen"],
    by: str,
    reason: str,
    seal_id: int | None,
    landing_id: int,
    nothing_lost: bool,
) -> int:
    """Store a restoration; gives its number. Every delivery becomes uncertain.

    nothing_lost: every delivery becomes certain instead.
    """
    asked = {"how": how, "by": by, "reason": reason, "seal": seal_id, "landing": landing_id}
    ((made,),) = tx.execute(ADD, {**asked, "nothing_lost": nothing_lost}).fetchall()
    tx.execute(CERTAIN if nothing_lost else UNCERTAIN)
    return int(made)


def listed(tx: Transaction, *, most: int = 50) -> list[Restoration]:
    """Restorations, newest first."""
    return rows(tx, Restoration, LISTED, (most,))


def recovers(tx: Transaction, flow: str) -> bool:
    """Whether a target flow is uncertain until all its sources are read since the restoration."""
    return bool(tx.execute(RECOVERS, (flow,)).fetchall()[0][0])


def end_if_heard(tx: Transaction, flow: str, pulls: Sequence[str]) -> None:
    """End a flow's recovery if each of these sources was read completely since the restoration."""
    ((heard,),) = tx.execute(HEARD, (list(pulls),)).fetchall()
    if heard or not pulls:
        tx.execute(END, (flow,))


def told(tx: Transaction) -> list[tuple[str, int, int]]:
    """(flow, number, first record id) of deliveries that wait for a person's decision."""
    return tx.execute(TOLD).fetchall()


def covers(tx: Transaction, seal_id: int, sealed_at: str) -> bool:
    """Whether a seal of this number and time was lost in a restoration."""
    try:
        moment = datetime.fromisoformat(sealed_at)
    except ValueError:
        return False
    return moment.tzinfo is not None and bool(
        tx.execute(COVERS, (seal_id, moment)).fetchall()[0][0]
    )
