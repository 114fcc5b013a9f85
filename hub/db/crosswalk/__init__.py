"""The crosswalk: tokens that name a project (permit=..., project.project_code=...,
link.<flow>=...).

A row says which record teaches a token, and its depth: 0 for a record with a code of its own. A
record that was linked teaches its numbers one step deeper. A lender must be less deep than its
borrower, so that no two records keep each other's code alive once the one that carried it is gone.
Record 0 is a manual decision.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from psycopg import sql

from hub.db import entity_tables
from hub.db.database import Transaction
from hub.domain.contracts import Entity

DEEPEST = 2
DECISION = 0

NAMED = """
    select token, array_agg(distinct project_code), min(depth) from hub.crosswalk
        where token = any(%s) group by token
"""
HELD = "select token, record_id, project_code, depth from hub.crosswalk where record_id = any(%s)"
LOOKED_AT_AGAIN = """
    select s.record_id from {source} s join hub.waiting w on w.flow = s.flow
        and w.key = s.source_key
     where s.record_id = any(%s) and w.wants = array['*']
"""
FORGET = """
    delete from hub.crosswalk c using unnest(%s::text[], %s::bigint[]) as g (token, record_id)
     where c.token = g.token and c.record_id = g.record_id
"""
INTO = sql.SQL("hub.crosswalk (token, record_id, project_code, depth)")
BORROWED = """
    select s.landing_id, s.record_id, coalesce(min(c.depth), %(deepest)s) + 1
      from {source} s
      left join hub.crosswalk c
             on c.token = s.lent_by and c.project_code = s.project_code
                 and c.record_id <> s.record_id
     where s.lent_by is not null and s.landing_id = any(%(landings)s)
     group by s.landing_id, s.record_id
"""
# A linked record keeps its code while the token names that project only, taught by a record less
# deep than itself (else two could keep each other's code alive).
CALL_BACK = """
    with lost as (
    select s.flow, s.source_key, s.landing_id, s.lent_by, s.record_id from {source} s
     where s.lent_by = any(%(tokens)s)
       and (exists (select from hub.crosswalk c where c.token = s.lent_by
           and c.project_code <> s.project_code)
            or not exists (select from hub.crosswalk c
                            where c.token = s.lent_by and c.project_code = s.project_code
                              and c.record_id <> s.record_id
                              and c.depth < coalesce((select min(o.depth) from hub.crosswalk o
                                                       where o.record_id = s.record_id),
                                                           %(deepest)s + 1)))
    ), again as (
        insert into hub.waiting (flow, key, landing_id, wants)
        select flow, source_key, landing_id, array['*'] from lost
        on conflict (flow, key) do update set wants = excluded.wants
         where waiting.landing_id = excluded.landing_id)
    select record_id from lost
"""
FORGET_RECORDS = "delete from hub.crosswalk where record_id = any(%s) returning token"
# Race: a record being linked must not miss that the entry it uses is deleted at the same moment.
# So linking takes the lock alone; writers of entries share it.
LEND = "select pg_advisory_xact_lock_shared(hashtextextended('crosswalk', 0))"
BORROW = "select pg_advisory_xact_lock(hashtextextended('crosswalk', 0))"


Taught: TypeAlias = tuple[str, int, str, int]
"""One crosswalk entry: token, record id, project code, depth."""


@dataclass(frozen=True, slots=True)
class NamedProjects:
    """Projects that a token names, and the least depth of the records that teach it."""

    projects: frozenset[str]
    depth: int


def borrowing(tx: Transaction) -> None:
    """Lock out teachers of the crosswalk until this transaction ends (advisory lock)."""
    tx.execute(BORROW)


def named(tx: Transaction, tokens: Iterable[str]) -> dict[str, NamedProjects]:
    """The known ones of these tokens, each with its projects."""
    wanted = list(tokens)
    rows = tx.execute(NAMED, (wanted,)).fetchall() if wanted else []
    return {token: NamedProjects(frozenset(projects), depth) for token, projects, depth in rows}


def project_codes(tx: Transaction, tokens: Iterable[str]) -> dict[str, frozenset[str]]:
    """Known token -> project codes."""
    return {token: found.projects for token, found in named(tx, tokens).items()}


def borrowed_depths(
    tx: Transaction, entity: Entity, landing_ids: Sequence[int]
) -> Mapping[tuple[int, int], int]:
    """(landing, record) -> depth, for records linked through the crosswalk by these landings.

    By record too, since the parts of one landing are linked each by itself.
    """
    if not landing_ids:
        return {}
    query = sql.SQL(BORROWED).format(source=entity_tables.table("source", entity))
    rows = tx.execute(query, {"landings": list(landing_ids), "deepest": DEEPEST})
    return {(landing_id, record_id): depth for landing_id, record_id, depth in rows}


def held(tx: Transaction, record_ids: Sequence[int]) -> set[Taught]:
    """All entries that these records teach."""
    return set(tx.execute(HELD, (list(record_ids),)).fetchall())


def looked_at_again(tx: Transaction, entity: Entity, record_ids: Sequence[int]) -> set[int]:
    """Those of these records that wait to be re-checked, and teach nothing meanwhile."""
    query = sql.SQL(LOOKED_AT_AGAIN).format(source=entity_tables.table("source", entity))
    return {row[0] for row in tx.execute(query, (list(record_ids),))}


def put(tx: Transaction, record_ids: Sequence[int], taught: Iterable[Taught]) -> set[str]:
    """Replace all entries of these records; gives the tokens that changed."""
    tx.execute(LEND)
    stand, wanted = held(tx, record_ids), set(taught)
    gone, new = stand - wanted, wanted - stand
    if gone:
        tx.execute(FORGET, ([one[0] for one in gone], [one[1] for one in gone]))
    if new:
        entity_tables.copy_in(tx, INTO, new)
    return {one[0] for one in gone | new}


def add(tx: Transaction, taught: Sequence[Taught]) -> set[str]:
    """Add the entries of new records; gives their tokens."""
    if taught:
        tx.execute(LEND)
        entity_tables.copy_in(tx, INTO, taught)
    return {one[0] for one in taught}


def borrows(tx: Transaction, entity: Entity) -> bool:
    """Whether any record of this entity is linked through the crosswalk."""
    query = sql.SQL("select exists (select from {} where lent_by is not null)").format(
        entity_tables.table("source", entity)
    )
    row = tx.execute(query).fetchone()
    return bool(row and row[0])


def call_back(tx: Transaction, entity: Entity, tokens: Sequence[str]) -> list[int]:
    """Send records linked by these tokens that may not keep their code to waiting; gives ids."""
    query = sql.SQL(CALL_BACK).format(source=entity_tables.table("source", entity))
    return [row[0] for row in tx.execute(query, {"tokens": list(tokens), "deepest": DEEPEST})]


def forget(tx: Transaction, record_ids: Sequence[int]) -> set[str]:
    """Delete all entries of these records; gives their tokens."""
    return (
        {row[0] for row in tx.execute(FORGET_RECORDS, (list(record_ids),))} if record_ids else set()
    )
