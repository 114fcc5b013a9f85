"""Records with a role in clocks (`x-clock`): one query over the golden tables of all entities."""

from collections.abc import Mapping, Sequence
from typing import LiteralString

from psycopg import sql

from hub.domain.declared import ClockRole, Timing

# What a field tells, its type, and how it is called here.
_TIMED = (
    ("number", "text", "number"),
    ("kind", "text", "kind"),
    ("began", "timestamptz", "began"),
    ("ended", "timestamptz", "ended"),
    ("limit", "bigint", "days"),
    ("stage", "text", "stage"),
    ("status", "text", "status"),
    ("status_at", "timestamptz", "status_at"),
)
_OF_PARENT = ("of", "text", "number")
_OF_FLOW = (("flow", "text", "flow"), ("flow_version", "text", "flow_version"))
_OF_ITEM = (
    ("code", "text", "code"),
    ("channel", "text", "channel"),
    ("handling", "text", "handling"),
    ("commitment", "boolean", "commitment"),
    ("promised", "bigint", "promised"),
    ("statutory", "bigint", "statutory"),
    ("entered", "timestamptz", "entered"),
)
_OF_CASE = (("round", "bigint", "round"), ("outcome", "text", "outcome"), ("of", "text", "item"))
TOLD: Mapping[ClockRole, Sequence[tuple[str, LiteralString, str]]] = {
    "stage": (*_TIMED, *_OF_FLOW, ("lead", "text", "lead")),
    "item": (*_TIMED, *_OF_ITEM),
    "connection": _TIMED,
    "case": (*_TIMED, *_OF_CASE),
    "step": (
        _OF_PARENT,
        ("status", "text", "status"),
        ("at", "timestamptz", "at"),
        ("entered", "timestamptz", "entered"),
    ),
    "pause": (
        _OF_PARENT,
        ("kind", "text", "kind"),
        ("began", "timestamptz", "began"),
        ("ended", "timestamptz", "ended"),
        ("limit", "bigint", "days"),
        ("limit_kind", "text", "limit_kind"),
    ),
    "result": (
        _OF_PARENT,
        ("kind", "text", "kind"),
        ("on", "date", "on_day"),
        ("status", "text", "status"),
        ("issuer", "text", "issuer"),
        ("issuer_code", "text", "issuer_code"),
        ("certificate", "text", "certificate"),
    ),
    "flow": (*_OF_FLOW, ("stage", "text", "stage"), ("code", "text", "code")),
}
RECORDS = """
    select {entity}::text as entity, {parent}::text as parent, g.record_id, g.project_code,
        g.batch_id, {told},
           array_remove(array[{unit}]::text[], null) as units, {finished}::text[] as finished,
           {failed}::text[] as failed, to_jsonb(g) as about
      from golden.{table} g where {whose} and g.deleted_at is null
"""
OF_PROJECTS = sql.SQL("g.project_code = any(%(codes)s)")
OF_ALL = sql.SQL("true")
"""The library of flows is of no project."""
NONE = """
    select null::text as entity, null::text as parent, null::bigint as record_id, null::text
        as project_code,
           null::bigint as batch_id, {told}, null::text[] as units, null::text[] as finished,
               null::text[] as failed,
           null::jsonb as about where false
"""


def of_role(timings: Sequence[Timing], role: ClockRole) -> sql.Composed:
    """All records with this role; an empty query of the same columns where no entity has it."""
    some = [
        _records(one, f"timing_{number}") for number, one in enumerate(timings) if one.role == role
    ]
    return sql.SQL(" union all ").join(some or [_none(role)])


def handed(timings: Sequence[Timing]) -> dict[str, object]:
    """Parameters of these queries, by name."""
    found: dict[str, object] = {}
    for number, one in enumerate(timings):
        codes = {"finished": list(one.finished or ()), "failed": list(one.failed or ())}
        found |= {f"timing_{number}_{name}": some for name, some in codes.items()}
        found[f"timing_{number}_kind"] = one.result
    return found


def _records(one: Timing, handed: str) -> sql.Composed:
    told = [
        sql.SQL("{} as {}").format(_told(one, what, kind, handed), sql.Identifier(name))
        for what, kind, name in TOLD[one.role]
    ]
    return sql.SQL(RECORDS).format(
        entity=sql.Literal(one.entity),
        parent=sql.Literal(one.parent.entity if one.parent else None),
        told=sql.SQL(", ").join(told),
        unit=sql.SQL(", ").join(sql.Identifier("g", name) for name in one.unit),
        finished=sql.Placeholder(f"{handed}_finished"),
        failed=sql.Placeholder(f"{handed}_failed"),
        table=sql.Identifier(one.entity),
        whose=OF_ALL if one.role == "flow" else OF_PROJECTS,
    )


def _told(one: Timing, what: str, kind: LiteralString, handed: str) -> sql.Composable:
    """A record's column as clocks read it: dates as their first moment, unmapped fields as null."""
    name = one.parent.own if what == "of" and one.parent else one.fields.get(what)
    if name is None:
        told = (
            sql.Placeholder(f"{handed}_kind") if what == "kind" and one.result else sql.SQL("null")
        )
        return sql.SQL("{}::{}").format(told, sql.SQL(kind))
    column = sql.Identifier("g", name)
    if kind == "timestamptz" and what in one.dates:
        return sql.SQL("(g.{}::timestamp at time zone %(zone)s)").format(sql.Identifier(name))
    if kind == "date" and what not in one.dates:
        return sql.SQL("(g.{} at time zone %(zone)s)::date").format(sql.Identifier(name))
    return sql.SQL("{}::{}").format(column, sql.SQL(kind))


def _none(role: ClockRole) -> sql.Composed:
    told = [
        sql.SQL("null::{} as {}").format(sql.SQL(kind), sql.Identifier(name))
        for _, kind, name in TOLD[role]
    ]
    return sql.SQL(NONE).format(told=sql.SQL(", ").join(told))
