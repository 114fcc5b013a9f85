"""Row-level security on golden records: policies for rows, views for fields.

`shown.<entity>` belongs to the role hub_shown, for which row-level security holds on
`golden.<entity>`. Reads for an account run as hub_reader, which may read the views and nothing
below them; likewise `asserted.<entity>` over `source.<entity>`, for administrators and auditors.
The functions that decide what an account may see are in the migrations.
"""

from collections.abc import Iterable, Mapping
from hashlib import sha256

from psycopg import sql

from hub.db import entity_tables, places
from hub.db.database import Transaction
from hub.domain.contracts import Entity, Field
from hub.domain.declared import CaseRule, Way

KEPT = "select obj_description(to_regclass(%s), 'pg_class')"
VIEW = """
    drop view if exists {view};
    create view {view} with (security_barrier) as
    select g.record_id, r.key as record_key, g.version, g.batch_id, g.deleted_at, g.incomplete,
        g.provenance, {columns},
           array_remove(array[{without}]::text[], null) as hidden,
           coalesce((select jsonb_object_agg(
                                d.field, case when d.field <> all({personal})
                                    or 'personal' = any(s.classes)
                                              then d.claims else hub.masked_claims(d.claims) end)
                       from hub.disagreement d
                      where d.record_id = g.record_id and d.closed_at is null
                          and d.field <> all({secret})
                        and (d.field <> all({internal}) or 'internal' = any(s.classes))
                        and (d.field <> all({public}) or 'public' = any(s.classes))), '{{}}')
                            as disagreements
      from {table} g join hub.record r on r.id = g.record_id
     cross join lateral (select {classes} as classes offset 0) s;
    alter view {view} owner to hub_shown;
    grant select on {view} to hub_reader;
    grant select on {table} to hub_shown;
    alter table {table} enable row level security;
    drop policy if exists shown on {table};
    create policy shown on {table} for select to hub_shown using ({classes} <> '{{}}');
"""
# Source records, for administrators and auditors.
ASSERTED = """
    drop view if exists {view};
    create view {view} with (security_barrier) as
    select g.flow, g.source_key, g.system, g.record_id, g.landing_id, g.version, g.contract_id,
        {columns}
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

# Of a record without a project: what is shown of it next to any of its projects that is shown.
# Whoever sees all of the hub sees it without one.
BESIDE = """case when (select hub.identity()->>'@') in ('administrator', 'auditor')
    then {classes} else hub.shown_beside({entity}, record_id) end"""
# Records without a project and the projects that they belong to, by the ways of `x-belongs`.
BELONGING = """
    create or replace function hub.belonging(wanted text, code text)
        returns table (member bigint, way text) language plpgsql stable security definer as $$
    begin {members} end $$;
    create or replace function hub.projects_of(wanted text, member bigint)
        returns setof text language plpgsql stable security definer as $$
    begin {projects} end $$;
    create or replace function hub.shown_beside(wanted text, member bigint)
        returns text[] language plpgsql stable security definer as $$
    begin return (select coalesce(array_agg(distinct c), '{{}}')
                    from hub.projects_of(wanted, member) code, unnest(hub.shown_in(wanted, code)) c
                   where hub.shown_in('project', code) <> '{{}}'); end $$;
"""
MEMBERS = """
    return query select g.record_id, {name}::text
      from golden.{above} p join golden.{entity} g on {tie}
     where wanted = {word} and p.project_code = code and p.deleted_at is null;"""
PROJECTS = """
    return query select p.project_code::text
      from golden.{entity} g join golden.{above} p on {tie}
     where wanted = {word} and g.record_id = member and p.deleted_at is null
       and p.project_code is not null;"""

# Where the project is, else where its code was given: its second segment is a region code.
REGION = """
    create or replace function hub.region_of(code text) returns text language plpgsql stable
        security definer as $$
    begin return coalesce({project}, split_part(region_of.code, '-', 2)); end $$
"""
PROJECT_REGION = (
    "(select p.region_code from golden.project p where p.project_code = region_of.code and "
    "p.deleted_at is null)"
)
# Parameters by the function's name: an entity may have fields called code or unit.
CASE = """
    create or replace function hub.has_open_case(unit text, code text) returns boolean
        language plpgsql stable security definer as $$
    begin return has_open_case.unit <> '' and ({cases}); end $$
"""
OPEN = """exists (select from golden.{entity} c {parent}
                 where c.project_code = has_open_case.code and c.deleted_at is null
                     and has_open_case.unit in ({unit}) and {goes_on})"""
PARENT = (
    "join golden.{entity} p on p.{field} = c.{own} and p.project_code = has_open_case.code and "
    "p.deleted_at is null and {goes_on}"
)
# Same rule in Python, for the past: hub/domain/declared.py. Change both together.


def migrate(tx: Transaction, entities: Iterable[Entity]) -> list[str]:
    """Recreate views and policies of entity tables that differ from today's; gives their names."""
    known = {entity.name: entity for entity in entities}
    _rules(tx, known)
    made = []
    for entity in known.values():
        made += _view(tx, sql.Identifier("shown", entity.name), _shown(entity))
        made += _view(tx, sql.Identifier("asserted", entity.name), _asserted(entity))
    return made


def _rules(tx: Transaction, known: Mapping[str, Entity]) -> None:
    project = sql.SQL(PROJECT_REGION if "project" in known else "null")
    tx.execute(sql.SQL(REGION).format(project=project))
    cases = [
        _open_case(entity, entity.case, known)
        for entity in known.values()
        if entity.case is not None
    ]
    members, projects = (
        sql.SQL("").join(
            sql.SQL(part).format(
                name=sql.Literal(way.name),
                word=sql.Literal(entity.name),
                entity=sql.Identifier(entity.name),
                above=sql.Identifier(way.entity),
                tie=_tie(way),
            )
            for entity in known.values()
            for way in entity.ways
            if way.entity in known
        )
        for part in (MEMBERS, PROJECTS)
    )
    places.migrate(tx)
    tx.execute(sql.SQL(BELONGING).format(members=members, projects=projects))
    some = sql.SQL(" or ").join([*cases, sql.SQL("false")])
    tx.execute(sql.SQL(CASE).format(cases=some))


def _tie(way: Way) -> sql.Composed:
    """SQL condition: a record g without a project belongs to the project of a record p."""
    equal, lies = "g.{own} = p.{other}", "hub.place_in(p.{other}, g.{own}) = {place}"
    return sql.SQL(lies if way.place else equal).format(
        own=sql.Identifier(way.own), other=sql.Identifier(way.other), place=sql.Literal(way.place)
    )


def _open_case(entity: Entity, case: CaseRule, known: Mapping[str, Entity]) -> sql.Composable:
    """SQL condition: a unit has an open case among the records of an entity."""
    above = case.parent
    parent: sql.Composable = sql.SQL("")
    if above is not None:
        if above.entity not in known:
            return sql.SQL("false")
        parent = sql.SQL(PARENT).format(
            entity=sql.Identifier(above.entity),
            field=sql.Identifier(above.field),
            own=sql.Identifier(above.own),
            goes_on=_goes_on("p", known[above.entity].case),
        )
    return sql.SQL(OPEN).format(
        entity=sql.Identifier(entity.name),
        parent=parent,
        unit=sql.SQL(", ").join(sql.Identifier("c", name) for name in case.unit),
        goes_on=_goes_on("c", case),
    )


def _goes_on(table: str, case: CaseRule | None) -> sql.Composable:
    """SQL condition: a record, taken by itself, is an open case."""
    said: list[sql.Composable] = [sql.SQL("true")]
    if case is not None and case.status is not None and not case.final:
        return sql.SQL("false")
    if case is not None and case.status is not None:
        status, final = sql.Identifier(table, case.status), sql.Literal(list(case.final))
        said.append(sql.SQL("coalesce({}, '') <> all({}::text[])").format(status, final))
    if case is not None and case.ended is not None:
        said.append(sql.SQL("{} is null").format(sql.Identifier(table, case.ended)))
    return sql.SQL(" and ").join(said)


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
        table=entity_tables.table("golden", entity),
        columns=sql.SQL(", ").join(map(_column, fields)),
        without=sql.SQL(", ").join(map(_without, fields)),
        classes=_classes(entity),
        **names,
    )


def _asserted(entity: Entity) -> sql.Composed:
    return sql.SQL(ASSERTED).format(
        view=sql.Identifier("asserted", entity.name),
        table=entity_tables.table("source", entity),
        columns=sql.SQL(", ").join(map(_column, entity.fields.values())),
        classes=_classes(entity),
    )


def _classes(entity: Entity) -> sql.Composed:
    """SQL for the classes of fields that are shown of a record."""
    word = sql.Literal(entity.name)
    classes = sql.SQL(CLASSES).format(entity=word)
    return sql.SQL(BESIDE).format(classes=classes, entity=word) if entity.ways else classes


def _column(field: Field) -> sql.Composed:
    """A field as readers see it; the project code is always shown: records are found by it."""
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
    if field.classed == "personal" and entity_tables.TYPES[field.kind] in {"text", "text[]"}:
        return sql.SQL("else hub.masked(g.{})").format(sql.Identifier(field.name))
    return sql.SQL("")


def _without(field: Field) -> sql.Composed:
    """SQL for the field's name where its value is hidden, else null."""
    name = sql.Identifier(field.name)
    shown = (
        sql.SQL("true")
        if field.name == "project_code" or field.classed == "personal"
        else _granted(field)
    )
    return sql.SQL("case when not {shown} and g.{name} is not null then {word} end").format(
        shown=sql.SQL("({})").format(shown), name=name, word=sql.Literal(field.name)
    )
