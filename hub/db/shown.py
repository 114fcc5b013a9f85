"""What a reader is shown of golden records, as PostgreSQL sees to it: policies for rows, views for fields.

`shown.<entity>` belongs to the role hub_shown, for which row-level security holds on `golden.<entity>`; the role
hub_reader, under which reads for an account run, may read the views and nothing below them. So does `asserted.<entity>`
over `source.<entity>`, for those who look into everything. The functions that say what
an account may see are in the migrations.
"""

from collections.abc import Iterable
from hashlib import sha256
from typing import LiteralString

from psycopg import sql

from hub.db import typed
from hub.db.database import Transaction
from hub.domain.contracts import Entity, Field
from hub.domain.rights import FINISHED

KEPT = "select obj_description(to_regclass(%s), 'pg_class')"
VIEW = """
    drop view if exists {view};
    create view {view} with (security_barrier) as
    select g.record_id, r.key as record_key, g.version, g.batch_id, g.deleted_at, g.incomplete, g.provenance, {columns},
           array_remove(array[{without}]::text[], null) as hidden,
           coalesce((select jsonb_object_agg(
                                d.field, case when d.field <> all({personal}) or 'personal' = any(s.classes)
                                              then d.claims else hub.masked_claims(d.claims) end)
                       from hub.disagreement d
                      where d.record_id = g.record_id and d.closed_at is null and d.field <> all({secret})
                        and (d.field <> all({internal}) or 'internal' = any(s.classes))
                        and (d.field <> all({public}) or 'public' = any(s.classes))), '{{}}') as disagreements
      from {table} g join hub.record r on r.id = g.record_id
     cross join lateral (select {classes} as classes offset 0) s;
    alter view {view} owner to hub_shown;
    grant select on {view} to hub_reader;
    grant select on {table} to hub_shown;
    alter table {table} enable row level security;
    drop policy if exists shown on {table};
    create policy shown on {table} for select to hub_shown using ({classes} <> '{{}}');
"""
# What systems assert, for those who look into everything.
ASSERTED = """
    drop view if exists {view};
    create view {view} with (security_barrier) as
    select g.flow, g.source_key, g.system, g.record_id, g.landing_id, g.version, g.contract_id, {columns}
      from {table} g
     cross join lateral (select {classes} as classes offset 0) s;
    alter view {view} owner to hub_shown;
    grant select on {view} to hub_reader;
    grant select on {table} to hub_shown;
    alter table {table} enable row level security;
    drop policy if exists asserted on {table};
    create policy asserted on {table} for select to hub_shown using ((select hub.looks_into()));
"""
MARK = "comment on view {view} is {mark}"
# Once a statement, not once a row, unless a grant of this entity is held to some projects.
CLASSES = """coalesce(
    (select nullif(coalesce(j.shown->>{entity}, j.shown->>'*'), '')::text[]
       from (select hub.identity() as shown) j),
    hub.shown_in({entity}, project_code))"""

# Where the project is, else where its code was given: its second segment is a region code.
REGION = """
    create or replace function hub.region_of(code text) returns text language plpgsql stable security definer as $$
    begin return coalesce({project}, split_part(code, '-', 2)); end $$
"""
PROJECT_REGION = "(select p.region_code from golden.project p where p.project_code = code and p.deleted_at is null)"
CASE = """
    create or replace function hub.has_open_case(unit text, code text) returns boolean
        language plpgsql stable security definer as $$
    begin return unit <> '' and ({cases}); end $$
"""
OPEN_CASES: dict[str, LiteralString] = {
    "approval_item": """
        exists (select from golden.approval_item i
                 where i.project_code = code and i.deleted_at is null and unit in (i.department, i.department_code)
                   and coalesce(i.status, '') <> all({finished}))
    """,
    "consultation": """
        exists (select from golden.consultation c join golden.approval_item i on i.number = c.item_number
                 where c.project_code = code and c.deleted_at is null and unit in (c.department, c.department_code)
                   and i.project_code = code and i.deleted_at is null and coalesce(i.status, '') <> all({finished}))
    """,
    "utility_connection": """
        exists (select from golden.utility_connection u
                 where u.project_code = code and u.deleted_at is null and unit in (u.company, u.utility)
                   and u.connected_on is null and coalesce(u.status, '') <> all({finished}))
    """,
}
"""Which cases of a unit are open: its approval items and connections without a final status, and the items on which it
is consulted."""


def migrate(tx: Transaction, entities: Iterable[Entity]) -> list[str]:
    """Make the views and policies of typed tables anew where they are not of this form; say which."""
    known = {entity.name: entity for entity in entities}
    _rules(tx, known)
    made = []
    for entity in known.values():
        made += _view(tx, sql.Identifier("shown", entity.name), _shown(entity))
        made += _view(tx, sql.Identifier("asserted", entity.name), _asserted(entity))
    return made


def _rules(tx: Transaction, known: dict[str, Entity]) -> None:
    project = sql.SQL(PROJECT_REGION if "project" in known else "null")
    tx.execute(sql.SQL(REGION).format(project=project))
    finished = sql.Literal(list(FINISHED))
    needs = {"consultation": "approval_item"}
    cases: list[sql.Composable] = [
        sql.SQL(case).format(finished=finished)
        for name, case in OPEN_CASES.items()
        if name in known and needs.get(name, name) in known
    ]
    tx.execute(sql.SQL(CASE).format(cases=sql.SQL(" or ").join(cases or [sql.SQL("false")])))


def _view(tx: Transaction, view: sql.Identifier, statements: sql.Composed) -> list[str]:
    text = statements.as_string(tx)
    mark, name = sha256(text.encode()).hexdigest(), view.as_string(tx)
    if tx.execute(KEPT, (name,)).fetchone() == (mark,):
        return []
    tx.execute(text.encode())
    tx.execute(sql.SQL(MARK).format(view=view, mark=sql.Literal(mark)))
    return [name.replace('"', "")]


def _shown(entity: Entity) -> sql.Composed:
    fields = entity.fields.values()
    names = {
        classed: sql.Literal([field.name for field in fields if field.classed == classed])
        for classed in ("public", "internal", "personal", "secret")
    }
    return sql.SQL(VIEW).format(
        view=sql.Identifier("shown", entity.name),
        table=typed.table("golden", entity),
        columns=sql.SQL(", ").join(map(_column, fields)),
        without=sql.SQL(", ").join(map(_without, fields)),
        classes=sql.SQL(CLASSES).format(entity=sql.Literal(entity.name)),
        **names,
    )


def _asserted(entity: Entity) -> sql.Composed:
    return sql.SQL(ASSERTED).format(
        view=sql.Identifier("asserted", entity.name),
        table=typed.table("source", entity),
        columns=sql.SQL(", ").join(map(_column, entity.fields.values())),
        classes=sql.SQL(CLASSES).format(entity=sql.Literal(entity.name)),
    )


def _column(field: Field) -> sql.Composed:
    """A field as it is shown. The project code is what records are asked for by: it stands in every one."""
    name = sql.Identifier(field.name)
    if field.name == "project_code":
        return sql.SQL("g.{}").format(name)
    return sql.SQL("case when {granted} then g.{name} {otherwise} end as {name}").format(
        granted=_granted(field), name=name, otherwise=_otherwise(field)
    )


def _granted(field: Field) -> sql.Composable:
    if field.classed == "secret":
        return sql.SQL("false")
    return sql.SQL("{} = any(s.classes)").format(sql.Literal(field.classed))


def _otherwise(field: Field) -> sql.Composable:
    if field.classed == "personal" and typed.TYPES[field.kind] in {"text", "text[]"}:
        return sql.SQL("else hub.masked(g.{})").format(sql.Identifier(field.name))
    return sql.SQL("")


def _without(field: Field) -> sql.Composed:
    """The name of a field that has a value which is not shown, else null."""
    name = sql.Identifier(field.name)
    shown = sql.SQL("true") if field.name == "project_code" or field.classed == "personal" else _granted(field)
    return sql.SQL("case when not {shown} and g.{name} is not null then {word} end").format(
        shown=sql.SQL("({})").format(shown), name=name, word=sql.Literal(field.name)
    )
