"""SQL of exchange tables that the hub hosts for a department whose program can only insert rows.

Made of the system's own mappings: a table for each pull with `back:`, an inbox for each push into a
front table. Two logins: the department's may insert and change what it has to say, and touch
nothing else; the hub's may write state, reason and time, and fill the inboxes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from hub.domain import paths
from hub.domain.contracts import Contracts, PullFlow, PushFlow
from hub.domain.documents import mapping, texts
from hub.domain.write_back import table_of
from hub.errors import FlowError
from hub.model import Json

LONGEST = 63
"""Bytes of a name in PostgreSQL."""
HEAD = """\
-- Exchange tables of {system}, made by `hub exchange {system}`. Run it as the owner of a database
-- that holds nothing else:
-- createdb {system}_exchange && psql -v ON_ERROR_STOP=1 -f THIS {system}_exchange
-- Then give both logins a password: \\password {theirs}, \\password {ours}
begin;
do $$ begin execute format('revoke all on database %I from public', current_database()); end $$;
revoke all on schema public from public;
{logins}
do $$ begin
    execute format('grant connect on database %I to {theirs}, {ours}', current_database());
end $$;"""
LOGIN = """\
do $$ begin
    if not exists (select from pg_roles where rolname = {text}) then
        create role {name} login nosuperuser nocreatedb nocreaterole noinherit;
    end if;
end $$;"""
TOUCH = """\
create function {schema}.{name}() returns trigger language plpgsql as $$ begin
    if ({news}) is distinct from ({olds}) then
        new.{stamp} := clock_timestamp();
        {reset}
    end if;
    return new;
end $$;
create trigger {name} before update on {table} for each row execute function {schema}.{name}();"""


@dataclass(frozen=True)
class HostedTable:
    """A table: its columns with their types; what the department may change and what the hub may.

    touch: SQL of the trigger that notes a change, "" for none. inserts: who inserts.
    """

    name: str
    columns: Mapping[str, str]
    theirs: Sequence[str]
    ours: Sequence[str]
    inserted_by_hub: bool
    touch: str = ""
    generated: frozenset[str] = field(default_factory=frozenset)


def exchange_sql(contracts: Contracts, system: str) -> str:
    """The whole script; FlowError where a system has nothing to host, or a name is none."""
    tables = list(_tables(contracts, system))
    if not any(not one.inserted_by_hub for one in tables):
        raise FlowError("exchange.nothing", system=system)
    theirs, ours = quoted(f"{system}_program"), quoted(f"{system}_hub")
    logins = "\n".join(
        LOGIN.format(text=_text(f"{system}_{who}"), name=name)
        for who, name in (("program", theirs), ("hub", ours))
    )
    parts = [HEAD.format(system=system, theirs=theirs, ours=ours, logins=logins)]
    for schema in dict.fromkeys(_schema_of(one.name) for one in tables):
        parts.append(f"create schema if not exists {quoted(schema)};")
        parts.append(f"grant usage on schema {quoted(schema)} to {theirs}, {ours};")
    for one in tables:
        parts += _made(one, theirs=theirs, ours=ours)
    return "\n".join([*parts, "commit;", ""])


def _made(table: HostedTable, *, theirs: str, ours: str) -> Iterator[str]:
    name = quoted(table.name)
    columns = ",\n    ".join(f"{quoted(one)} {kind}" for one, kind in table.columns.items())
    yield f"create table {name} (\n    {columns});"
    yield f"grant select on {name} to {theirs}, {ours};"
    own = [one for one in table.columns if one not in {*table.ours, *table.generated}]
    if table.inserted_by_hub:
        yield f"grant insert on {name} to {ours};"
    else:
        yield f"grant insert ({_listed(own)}) on {name} to {theirs};"
    if table.theirs:
        yield f"grant update ({_listed(table.theirs)}) on {name} to {theirs};"
    if table.ours:
        yield f"grant update ({_listed(table.ours)}) on {name} to {ours};"
    if table.touch:
        yield table.touch


def _tables(contracts: Contracts, system: str) -> Iterator[HostedTable]:
    for pull in contracts.pulls.values():
        if pull.system.name == system and pull.back and table_of(pull.back.options):
            yield _read_table(pull)
    for push in contracts.pushes.values():
        if push.system.name == system and table_of(push.write) and push.write.get("key"):
            yield _inbox(push)


def _read_table(flow: PullFlow) -> HostedTable:
    """Where the department inserts: all that the mapping reads is text, its key is unique."""
    back, options = flow.back, flow.back.options if flow.back else {}
    assert back is not None  # noqa: S101 -- the caller has asked
    stamp = str(flow.read.get("cursor") or "")
    number = [one for one in texts(flow.read.get("key")) if one not in back.key]
    said = [one for one in _columns_read(flow) if one not in {stamp, *number, *back.columns}]
    content = [*dict.fromkeys([*back.key, *said])]
    guard = {name: (value or [None])[0] for name, value in _guards(options).items()}
    state = str(mapping(options.get("state")).get("column"))
    columns = dict.fromkeys(number, "bigint generated always as identity")
    columns |= {one: "text not null" if one in back.key else "text" for one in content}
    if stamp:
        columns[stamp] = "timestamp not null default clock_timestamp()"
    columns |= {
        one: f"smallint not null default {int(str(guard.get(one) or 0))}"
        if one == state
        else "varchar(200)"
        if one == options.get("reason")
        else "timestamp"
        for one in back.columns
    }
    table = table_of(options)
    first, last = content[-1], columns.popitem()
    columns[last[0]] = f"{last[1]},\n    primary key ({_listed(back.key)})"
    theirs = [one for one in content if one not in back.key]
    touch = _touch(table, theirs, stamp, state, guard) if stamp and first else ""
    generated = frozenset([*number, *([stamp] if stamp else [])])
    return HostedTable(table, columns, theirs, back.columns, False, touch, generated)  # noqa: FBT003


def _touch(
    table: str, content: Sequence[str], stamp: str, state: str, guard: Mapping[str, Json]
) -> str:
    """A change of what the department says makes the row new: its time, its state as at first."""
    name = quoted(f"touch_{table.rpartition('.')[2]}")
    values = [", ".join(f"{row}.{quoted(one)}" for one in content) for row in ("new", "old")]
    reset = f"new.{quoted(state)} := {int(str(guard.get(state) or 0))};" if state in guard else ""
    return TOUCH.format(
        schema=quoted(_schema_of(table)),
        name=name,
        news=values[0],
        olds=values[1],
        stamp=quoted(stamp),
        reset=reset,
        table=quoted(table),
    )


def _inbox(flow: PushFlow) -> HostedTable:
    """Where the hub inserts; the department says in it what it thinks of each row."""
    write = flow.write
    status = mapping(write.get("status"))
    key, serial = str(write["key"]), str(write.get("serial") or "")
    columns = {serial: "bigint generated always as identity"} if serial else {}
    columns |= {key: "text not null unique"} | dict.fromkeys(flow.shaper.fields, "text")
    column, reason = str(status.get("column") or ""), str(status.get("reason") or "")
    pending = status.get("pending")
    first = pending[0] if isinstance(pending, list) and pending else 0
    if column:
        columns[column] = f"smallint not null default {int(str(first))}"
    if reason:
        columns[reason] = "varchar(200)"
    theirs = [one for one in (column, reason) if one]
    generated = frozenset([serial] if serial else [])
    return HostedTable(table_of(write), columns, theirs, (), True, "", generated)  # noqa: FBT003


def _guards(options: Mapping[str, Json]) -> dict[str, list[Json]]:
    return {
        name: values if isinstance(values, list) else [values]
        for name, values in mapping(options.get("guard")).items()
    }


def _columns_read(flow: PullFlow) -> list[str]:
    """The columns that the mapping reads, in its order."""
    named = [
        str(paths.steps(path)[0]) for several in flow.watched.fields.values() for path in several
    ]
    return list(dict.fromkeys(named))


def _schema_of(table: str) -> str:
    return table.rpartition(".")[0] or "exchange"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(quoted, names))


def quoted(name: str) -> str:
    """A name, or the parts of one, as PostgreSQL's SQL."""
    parts = name.split(".")
    if any(not part or len(part.encode()) > LONGEST or not part.isprintable() for part in parts):
        raise FlowError("exchange.name", name=name)
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
