"""The exchange database itself: schemas, the hub's login and its rights, and the gate where faults
strike.

Every statement of the hub passes `sandbox.gate`: reads through a row policy, inserts through a
trigger. The number of strikes is counted by sequences, since those keep their count when the
statement fails.
"""

import psycopg
from psycopg import sql

from sandbox.approval.tables import KEYS, national, shared

Connection = psycopg.Connection[tuple[object, ...]]

RECEIVED = (
    "SPGL_XMJBXXB",
    "SPGL_XMSPSXBLXXB",
    "SPGL_JSGCXFSJSCXXB",
    "SPGL_JSGCXFYSXXB",
    "SPGL_JSGCXFYSBAXXB",
    "SPGL_XMSPSXPFWJXXB",
)
GATED = ("http_429", "http_500", "timeout", "half_page", "lost_answer")
CUT_CHANNEL = "sandbox_cut"

ANSWERED = ("SPGL_XMJBXXB", "SPGL_XMSPSXBLXXB", "SPGL_XMSPSXPFWJXXB", "SPGL_XMSQCLJQTFJXXB")
"""Tables with columns beside the national ones: what those who collect the rows say of each."""
SANDBOX = """
    create schema sandbox;
    create table sandbox.setting (name text primary key, value text not null);
    create table sandbox.fault (id serial primary key, fault text not null, resource text,
        times bigint not null);
    create function sandbox.gate(resource text, writing boolean) returns boolean
    language plpgsql volatile security definer set search_path = pg_catalog as $$
    declare struck text;
    begin
        select f.fault into struck from sandbox.fault f
         where (f.resource is null or f.resource = upper(gate.resource))
             and (f.fault <> 'lost_answer' or writing)
           and nextval(('sandbox.strikes_' || f.id)::regclass) <= f.times
         order by f.id limit 1;
        case coalesce(struck, '')
            when 'http_429' then raise exception '连接数已达上限，请稍后再试' using errcode = '53300';
            when 'http_500' then raise exception '系统内部错误' using errcode = '58030';
            when 'timeout' then perform pg_sleep(120);
            when 'half_page' then perform pg_terminate_backend(pg_backend_pid());
            when 'lost_answer' then perform pg_notify('sandbox_cut', pg_backend_pid()::text);
            else null;
        end case;
        return true;
    end $$;
    create function sandbox.gate_insert() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
    begin
        perform sandbox.gate(tg_table_name, true);
        return null;
    end $$;
"""


def exists(db: Connection) -> bool:
    return db.execute("select 1 from pg_namespace where nspname = 'sandbox'").fetchone() is not None


def setting(db: Connection, name: str) -> str | None:
    row = db.execute("select value from sandbox.setting where name = %s", (name,)).fetchone()
    return str(row[0]) if row else None


def set_setting(db: Connection, name: str, value: str) -> None:
    db.execute(
        (
            "insert into sandbox.setting values (%s, %s) on conflict (name) do update set value "
            "= excluded.value"
        ),
        (name, value),
    )


def create(db: Connection) -> None:
    """Create everything but the data, in the place of what an earlier world has left."""
    for schema in ("share", "receive", "sandbox"):
        db.execute(sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(schema)))
    db.execute("create schema share")
    db.execute("create schema receive")
    db.execute(SANDBOX)
    for name in KEYS:
        db.execute(shared(name).create("share", "bigserial").encode())
        if name in ANSWERED:
            told = "add hjzt smallint not null default 0, add hjyy varchar(200), add hjsj timestamp"
            db.execute(f"alter table share.{name} {told}".encode())
    for name in RECEIVED:
        db.execute(
            national(name)
            .create("receive", "bigint generated always as identity primary key")
            .encode()
        )
        db.execute(f"create index on receive.{name} (lsh) where sjsczt in (0, 1)".encode())
        db.execute(f"create index on receive.{name} (dfsjzj)".encode())
        db.execute(f"create index on receive.{name} (gcdm)".encode())
        if name != "SPGL_XMJBXXB":
            db.execute(f"create index on receive.{name} (spsxslbm)".encode())
        db.execute(
            (
                f"create trigger gate before insert on receive.{name} execute function "
                f"sandbox.gate_insert()"
            ).encode()
        )


def index(db: Connection) -> None:
    """Index what has been filled."""
    for name in KEYS:
        db.execute(f"alter table share.{name} add primary key (lsh)".encode())
        db.execute(f"create index on share.{name} (split_part(dfsjzj, '~', 1))".encode())
        db.execute(f"analyze share.{name}".encode())


def admit(db: Connection, *, user: str, secret: str) -> None:
    """Give the hub its login: it may read what is shared, insert what is received, and nothing
    more.
    """
    login = sql.Identifier(user)
    known = db.execute("select 1 from pg_roles where rolname = %s", (user,)).fetchone()
    verb = "alter role {} login password {}" if known else "create role {} login password {}"
    db.execute(sql.SQL(verb).format(login, sql.Literal(secret)))
    db.execute(sql.SQL("grant {} to current_user").format(login))  # so that its sessions may be cut
    for schema, rights in (("share", "select"), ("receive", "select, insert")):
        db.execute(sql.SQL("grant usage on schema {} to {}").format(sql.Identifier(schema), login))
        db.execute(
            sql.SQL("grant " + rights + " on all tables in schema {} to {}").format(
                sql.Identifier(schema), login
            )
        )
    for name in KEYS:
        table = sql.Identifier("share", name.lower())
        db.execute(sql.SQL("alter table {} enable row level security").format(table))
        db.execute(sql.SQL("drop policy if exists gate on {}").format(table))
        gate = sql.SQL(
            "create policy gate on {} for select to {} using ((select sandbox.gate({}, false)))"
        )
        db.execute(gate.format(table, login, sql.Literal(name)))
        if name in ANSWERED:
            db.execute(sql.SQL("drop policy if exists told on {}").format(table))
            told = sql.SQL("create policy told on {} for update to {} using (true)")
            db.execute(told.format(table, login))
            grant = sql.SQL("grant update (hjzt, hjyy, hjsj) on {} to {}")
            db.execute(grant.format(table, login))
    db.execute(sql.SQL("grant usage on schema sandbox to {}").format(login))


def arm(db: Connection, fault: str, *, times: int, where: str | None) -> None:
    """Let a fault strike the next statements of the hub."""
    row = db.execute(
        (
            "insert into sandbox.fault (fault, resource, times) values (%s, upper(%s), %s) "
            "returning id"
        ),
        (fault, where, times),
    ).fetchone()
    if row:
        db.execute(
            sql.SQL("create sequence {}").format(sql.Identifier("sandbox", f"strikes_{row[0]}"))
        )


def armed(db: Connection) -> list[dict[str, object]]:
    """List the faults that will still strike, with how often."""
    found: list[dict[str, object]] = []
    for number, fault, where, times in db.execute(
        "select id, fault, resource, times from sandbox.fault order by id"
    ):
        row = db.execute(
            sql.SQL("select case when is_called then last_value else 0 end from {}").format(
                sql.Identifier("sandbox", f"strikes_{number}")
            )
        ).fetchone()
        left = int(str(times)) - int(str(row[0] if row else 0))
        if left > 0:
            found.append({"fault": fault, "times": left, "where": where})
    return found


def disarm(db: Connection) -> None:
    for (number,) in db.execute("delete from sandbox.fault returning id").fetchall():
        db.execute(
            sql.SQL("drop sequence {}").format(sql.Identifier("sandbox", f"strikes_{number}"))
        )
