"""Everything known of one project or record: golden values, provenance, deliveries; name search."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import LiteralString, cast

from psycopg import sql

from hub.db import entity_tables
from hub.db.database import Transaction
from hub.db.rows import rows
from hub.domain.contracts import Entity
from hub.domain.delivery_states import IN_FLIGHT
from hub.model import Record, Value

CONSIDERED = 200
"""Search hits compared before the best are shown; more letters typed mean fewer hits."""

KEYED = 30
"""Letters of a search key looked up in the index: ten signs tell names apart, more take longer."""

# One entity's part of one statement: the whole project comes in a single round trip. Numbers travel
# as text.
PART = """
    select {name} as entity, g.record_id, r.key, g.version, g.batch_id, g.deleted_at is not null
        as deleted,
           g.incomplete, g.provenance, to_jsonb(g)::text as body,
           coalesce((select jsonb_object_agg(d.field, d.claims) from hub.disagreement d
                      where d.record_id = g.record_id and d.closed_at is null), '{{}}')
                          as disagreements,
           '{{}}'::text[] as hidden, {ways} as ways
      from golden.{table} g join hub.record r on r.id = g.record_id
     where {which}
"""
# What a reader is shown: the view says which rows and fields.
SHOWN = """
    select {name} as entity, g.record_id, g.record_key, g.version, g.batch_id,
        g.deleted_at is not null, g.incomplete,
           g.provenance, to_jsonb(g)::text as body, g.disagreements, g.hidden, {ways} as ways
      from shown.{table} g where {which}
"""
# Records of a project, and those without one that belong to it.
HERE = "g.{column} = %(wanted)s"
BESIDE = "g.record_id in (select member from hub.belonging({name}, %(wanted)s))"
WAYS = """(select array_agg(b.way order by b.way) from hub.belonging({name}, %(wanted)s) b
            where b.member = g.record_id)"""
SHOWN_ARRIVALS = """
    select id, flow, key, position, version, batch_id, run_id, committed_at, contract_id,
        source_time
      from shown.arrival where id = any(%s)
"""
ARRIVALS = """
    select l.id, l.flow, l.key, l.position, l.version, l.batch_id, b.run_id, b.committed_at,
        b.contract_id,
           hub.source_time(l.source_time, l.version) as source_time
      from hub.landing l join hub.batch b on b.id = l.batch_id where l.id = any(%s)
"""
POINTERS = """
    select landing_id, string_agg(pointer, ' ' order by pointer) from hub.part
     where landing_id = any(%s) and record_id = %s group by landing_id
"""
DELIVERIES = """
    select flow, record_id,
           case when dirty and state <> all(%(in_flight)s) then 'due'
                else state end as state,
           action, golden_version, attempt, confirmed_at, coalesce(reference, '') as reference
      from hub.delivery where record_id = any(%(records)s) order by record_id, flow
"""
# By the scorer's index (slightly late), or by whole code at once. Each character is three letters.
SOUGHT = """
    select record_id
      from (  (select record_id, 0 as place, project_code from hub.link_subject
                where project_code like %(code)s order by project_code limit %(most)s)
             union all
              (select record_id, 0, project_code from golden.project where project_code = %(whole)s)
             union all
              (select record_id, place, project_code from (
                      select record_id, project_code, position(%(letters)s in sought) as place
                          from hub.link_subject
                       where sought like '%%' || left(%(letters)s,
                           %(keyed)s) || '%%' limit %(considered)s) named
                where place > 0 and place %% 3 = 1 order by place,
                    project_code limit %(most)s)) found
     group by record_id order by min(place), min(project_code) limit %(most)s
"""
SUGGESTED = """
    select record_id, project_code, name, owner_name, region_code, status
      from shown.project where record_id = any(%s) and deleted_at is null
     order by array_position(%s, record_id) limit %s
"""
# Which rows of the project there are, written by which transactions (xmin): it changes with
# whatever changes of them.
STAMPS = """
    select w.code, sha256(convert_to(coalesce((
             select string_agg(
                      p.record_id || '.' || p.xmin || coalesce((
                        select string_agg(d.field || '.' || d.xmin, ',' order by d.field)
                            from hub.disagreement d
                         where d.record_id = p.record_id and d.closed_at is null), ''), ' '
                             order by p.record_id)
               from ({parts}) p), ''), 'UTF8'))
      from unnest(%s::text[]) as w (code)
"""
STAMP_PART = "select g.record_id, g.xmin from golden.{table} g where g.project_code = w.code"
STAMP_BESIDE = """select g.record_id, g.xmin from golden.{table} g
    where g.record_id in (select member from hub.belonging({name}, w.code))"""
# Counts of one entity in a project: records, and disputed or disagreeing values.
FIGURES_PART = """
    select {name}, count(*), coalesce(sum(n.disagreements), 0)::bigint, coalesce(sum(n.disputes),
        0)::bigint
      from golden.{table} g
     cross join lateral (
           select (select count(*) from hub.disagreement d
                    where d.record_id = g.record_id and d.closed_at is null
                      and d.field = any({fields})) as disagreements,
                  (select count(*) from hub.dispute s
                    where s.record_id = g.record_id and s.closed_at is null
                        and s.field = any({fields})) as disputes) n
     where {which} and g.deleted_at is null
"""
KEY_OF = "select key from hub.record where id = %s"
FIND = (
    "select id, entity from hub.record where id = %(id)s or (entity = %(entity)s and key = %(key)s)"
)


@dataclass(frozen=True, slots=True)
class Known:
    """One golden record with its disagreements. provenance: field -> landing id of its value.

    hidden: fields whose value the database did not show to this reader. ways: of a record without a
    project, those by which it belongs to the project asked for.
    """

    entity: str
    record_id: int
    key: str
    version: int
    batch_id: int
    deleted: bool
    incomplete: tuple[str, ...]
    provenance: Mapping[str, int]
    values: Record
    disagreements: Mapping[str, tuple[tuple[str, Value], ...]]
    hidden: tuple[str, ...] = ()
    ways: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Counted:
    """Number of an entity's records in a project, and of their disputed values."""

    records: int
    disagreements: int
    disputes: int


@dataclass(frozen=True, slots=True)
class SuggestedProject:
    """A project as a search suggestion."""

    record_id: int
    project_code: str | None
    name: str | None
    owner_name: str | None
    region_code: str | None
    status: str | None


@dataclass(frozen=True, slots=True)
class LandedRecord:
    """Where and when a payload came in, and its contract.

    pointer: of the part that speaks of the record asked for (several joined), "" for all of it.
    source_time: the source's own time of the record.
    """

    id: int
    flow: str
    key: str
    position: str
    version: str
    batch_id: int
    run_id: int
    committed_at: datetime
    contract_id: int
    pointer: str = ""
    source_time: datetime | None = None

    @property
    def place(self) -> str:
        """Its position at the partner, and which part of it."""
        return f"{self.position} {self.pointer}".strip()

    @property
    def system(self) -> str:
        """The system that sent it: flows are called pull.<system>.<entity>."""
        return self.flow.split(".")[1]


@dataclass(frozen=True, slots=True)
class Delivery:
    """State of one delivery of a record."""

    flow: str
    record_id: int
    state: str
    action: str | None
    golden_version: int | None
    attempt: int
    confirmed_at: datetime | None
    reference: str


def known_of_project(tx: Transaction, entities: Iterable[Entity], project_code: str) -> list[Known]:
    """Golden records of these entities in a project, deleted ones included.

    On a confined connection (`Database.read(reader=...)`) those visible to its account.
    """
    chosen = list(entities)
    return _known(tx, chosen, "project_code", project_code) if chosen else []


def known(tx: Transaction, entity: Entity, record_id: int) -> Known | None:
    """One golden record, as far as visible on this connection; None: none."""
    return next(iter(_known(tx, [entity], "record_id", record_id)), None)


def figures(tx: Transaction, entities: Iterable[Entity], project_code: str) -> dict[str, Counted]:
    """By entity: counts of a project's records, for any reader. Secret fields are not counted."""
    parts = [
        sql.SQL(FIGURES_PART).format(
            name=sql.Literal(entity.name),
            table=sql.Identifier(entity.name),
            fields=sql.Literal(
                [name for name, field in entity.fields.items() if field.classed != "secret"]
            ),
            which=_which(entity.name, "project_code", projectless=entity.projectless),
        )
        for entity in entities
    ]
    rows = tx.execute(sql.SQL(" union all ").join(parts), {"wanted": project_code}).fetchall()
    return {name: Counted(*counts) for name, *counts in rows}


def sought(tx: Transaction, *, code: str, letters: str, most: int) -> list[int]:
    """Record ids of projects with this code prefix, or these letters in their name, best first."""
    like = (
        code.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_") + "%" if code else None
    )
    asked = {"code": like, "whole": code, "letters": letters or None, "most": most, "keyed": KEYED}
    return [row[0] for row in tx.execute(SOUGHT, asked | {"considered": max(CONSIDERED, most)})]


def suggested(tx: Transaction, record_ids: Sequence[int], *, most: int) -> list[SuggestedProject]:
    """These projects in this order, as far as visible to the connection's account."""
    ids = list(record_ids)
    return rows(tx, SuggestedProject, SUGGESTED, (ids, ids, most))


def stamps(
    tx: Transaction, entities: Iterable[Entity], project_codes: Iterable[str]
) -> dict[str, bytes]:
    """Project code -> stamp that changes with any record of the project (for caches)."""
    told = tuple((entity.name, entity.projectless) for entity in entities)
    return dict(tx.execute(_stamping(told), (list(project_codes),)).fetchall())


def key_of(tx: Transaction, record_id: int) -> str:
    """A record's key within its entity."""
    row = tx.execute(KEY_OF, (record_id,)).fetchone()
    return str(row[0]) if row else ""


def arrivals(
    tx: Transaction, landing_ids: Iterable[int], *, of: int | None = None
) -> dict[int, LandedRecord]:
    """Landings by id. of: the record made of them, to tell which part of each speaks of it."""
    ids = sorted(set(landing_ids))
    query = tx.of_two(table=ARRIVALS, view=SHOWN_ARRIVALS)
    found = {row.id: row for row in rows(tx, LandedRecord, query, (ids,))}
    if of is not None:
        for landing_id, pointer in tx.execute(POINTERS, (list(found), of)):
            found[landing_id] = replace(found[landing_id], pointer=pointer)
    return found


def deliveries(tx: Transaction, record_ids: Iterable[int]) -> list[Delivery]:
    """Deliveries of these records with their state."""
    return rows(tx, Delivery, DELIVERIES, records=list(record_ids), in_flight=IN_FLIGHT)


def find(tx: Transaction, name: str) -> tuple[int, str] | None:
    """(id, entity) of a record named by its id or as entity:key; None: none."""
    entity, _, key = name.partition(":")
    wanted = {"id": int(name) if name.isdecimal() else None, "entity": entity, "key": key}
    return cast("tuple[int, str] | None", tx.execute(FIND, wanted).fetchone())


def _known(tx: Transaction, entities: list[Entity], column: str, wanted: str | int) -> list[Known]:
    by_name = {entity.name: entity for entity in entities}
    part = tx.of_two(table=PART, view=SHOWN)
    told = tuple((entity.name, entity.projectless) for entity in entities)
    rows = tx.execute(_query(part, told, column), {"wanted": wanted}).fetchall()
    order = {name: entity_tables.ordinals(tx, by_name[name]) for name in {row[0] for row in rows}}
    return [
        Known(
            entity,
            record_id,
            key,
            version,
            batch_id,
            deleted,
            tuple(incomplete),
            provenance={
                name: landing_id
                for name, landing_id in zip(order[entity], provenance, strict=False)
                if landing_id
            },
            values=_values(by_name[entity], body),
            disagreements={
                field: tuple((claim["system"], claim["value"]) for claim in claims)
                for field, claims in said.items()
            },
            hidden=tuple(hidden),
            ways=tuple(ways or ()),
        )
        for (
            entity,
            record_id,
            key,
            version,
            batch_id,
            deleted,
            incomplete,
            provenance,
            body,
            said,
            hidden,
            ways,
        ) in rows
    ]


@lru_cache
def _stamping(told: tuple[tuple[str, bool], ...]) -> bytes:
    """The query for stamps, cached as bytes; told: entities, and which have no project."""
    parts = [
        sql.SQL(STAMP_BESIDE if projectless else STAMP_PART).format(
            table=sql.Identifier(name), name=sql.Literal(name)
        )
        for name, projectless in told
    ]
    return sql.SQL(STAMPS).format(parts=sql.SQL(" union all ").join(parts)).as_bytes()


@lru_cache
def _query(part: LiteralString, told: tuple[tuple[str, bool], ...], column: str) -> bytes:
    """The query for one project, cached as bytes: composing it took longer than running it.

    told: entities, and which have no project.
    """
    parts = [
        sql.SQL(part).format(
            name=sql.Literal(name),
            table=sql.Identifier(name),
            which=_which(name, column, projectless=projectless),
            ways=sql.SQL(WAYS).format(name=sql.Literal(name))
            if projectless and column == "project_code"
            else sql.SQL("null::text[]"),
        )
        for name, projectless in told
    ]
    return (sql.SQL(" union all ").join(parts) + sql.SQL(" order by record_id")).as_bytes()


def _values(entity: Entity, body: str) -> Record:
    """A golden row in shared terms; decimals keep every stored digit."""
    cells = json.loads(body, parse_float=str)
    return {
        name: str(cells[name]) if field.kind == "decimal" else cells[name]
        for name, field in entity.fields.items()
        if cells.get(name) is not None
    }


def _which(name: str, column: str, *, projectless: bool) -> sql.Composed:
    """SQL condition: records with this value, or those without a project that belong to it."""
    if projectless and column == "project_code":
        return sql.SQL(BESIDE).format(name=sql.Literal(name))
    return sql.SQL(HERE).format(column=sql.Identifier(column))


def projects_of(tx: Transaction, entity: Entity, record_id: int) -> list[str]:
    """Codes of the projects that a record without one belongs to."""
    query = "select distinct hub.projects_of(%s, %s) order by 1"
    return [row[0] for row in tx.execute(query, (entity.name, record_id))]
