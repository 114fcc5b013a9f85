"""A declared partner over tables of a PostgreSQL database: others read what it offers and insert
into its inboxes, which it empties.
"""

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from threading import Event

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from sandbox.declared.serving import Serving
from sandbox.declared.words import Columns, Database
from sandbox.forms import Refusal
from sandbox.shelf import Page
from sandbox.state import Record

log = logging.getLogger("sandbox")

LOOK_SECONDS = 0.2
MOST_ROWS = 5_000
# {stamp} is the column of the update time; content strikes the first row.
RARE = (
    "update {table} set {rare} = {rare} || '𠮷', {stamp} = %s "
    "where {key} = (select min({key}) from {table} where {key} > 0)"
)
SPOILT = (
    "update {table} set ({names}) = row({values}), {stamp} = %s "
    "where {key} = (select min({key}) from {table} where {key} > 0)"
)
TWIN = (
    "insert into {table} select (jsonb_populate_record(old, to_jsonb(old) || {twin} || "
    "jsonb_build_object({name}, -old.{key}, {at}, %s::text))).* from {table} old "
    "where {key} = (select min({key}) from {table} where {key} > 0) on conflict do nothing"
)
STRUCK = (
    "select trim({named}::text) from {table} "
    "where {key} = (select min({key}) from {table} where {key} > 0)"
)
AGAIN = (
    "update {table} set {stamp} = %s where {key} in "
    "(select {key} from {table} order by {stamp} desc, {key} limit 50)"
)
LEVEL = "update {table} set {stamp} = greatest(%s, (select max({stamp}) from {table}))"
STRIKES = {
    "malformed_record": SPOILT,
    "rare_character": RARE,
    "repeated_page": AGAIN,
    "equal_cursor": LEVEL,
    "duplicate_key": TWIN,
}
HEALED = ("malformed_record", "rare_character")
"""What the next tick puts right."""
PUT = (
    "insert into {table} ({names}) values ({values}) "
    "on conflict ({key}) do update set ({names}) = row({new})"
)
NEW = """
    select to_jsonb(one) from {table} one where {state} = %s order by id limit 500
       for update skip locked
"""
SESSIONS = "select pg_terminate_backend(pid) from pg_stat_activity where usename = %s"
BUSY = SESSIONS + " and state <> 'idle'"

Connection = psycopg.Connection[tuple[object, ...]]


class Tables:
    """Keeps tables as the shelf has it, empties inboxes, and lets faults strike both."""

    def __init__(self, partner: Serving, said: Database, url: str, login: tuple[str, str]) -> None:
        self._partner, self._said, self._url = partner, said, url
        self._login, self._password = login
        self._stopping, self._full = Event(), False
        self._damaged: list[tuple[str, str]] = []

    def open(self) -> None:
        """Make schema, tables and the login of those who read, where they are missing."""
        login = sql.Identifier(self._login)
        with self._connect() as db:
            known = db.execute("select 1 from pg_roles where rolname = %s", [self._login])
            verb = "alter role {} connection limit -1" if known.fetchone() else "create role {}"
            word = sql.SQL(verb + " login password {}").format(login, sql.Literal(self._password))
            db.execute(word)
            where = "select 1 from pg_namespace where nspname = %s"
            if db.execute(where, [self._said.schema_]).fetchone():
                return
            with db.transaction():
                self._make(db, login)

    def _make(self, db: Connection, login: sql.Identifier) -> None:
        schema = sql.Identifier(self._said.schema_)
        db.execute(sql.SQL("create schema {}").format(schema))
        for table in (*self._said.shares.values(), *self._said.takes.values()):
            # the types are the declaration's own words
            columns = ", ".join(f"{name} {kind}" for name, kind in table.columns.items())
            db.execute(f"create table {self._said.schema_}.{table.table} ({columns})".encode())
        for verb in (
            "grant {0} to current_user",  # so that its sessions may be cut
            "grant usage on schema {1} to {0}",
            "grant select on all tables in schema {1} to {0}",
        ):
            db.execute(sql.SQL(verb).format(login, schema))
        for table in self._said.takes.values():
            grant = sql.SQL("grant insert on {} to {}")
            db.execute(grant.format(self._named(table), login))

        for table in self._said.shares.values():
            if table.back:
                names = sql.SQL(", ").join(map(sql.Identifier, table.back))
                grant = sql.SQL("grant update ({}) on {} to {}")
                db.execute(grant.format(names, self._named(table), login))

    def shared(self) -> dict[str, int]:
        """Count the rows of each table that is offered."""
        counts: dict[str, int] = {}
        with self._connect() as db:
            for resource, table in self._said.shares.items():
                asked = sql.SQL("select count(*) from {}").format(self._named(table))
                ((count,),) = db.execute(asked).fetchall()
                counts[resource] = int(str(count))
        return counts

    def heal(self, floor: str) -> None:
        """Put right what faults of content have spoilt; it comes with a later update time."""
        for resource, key in self._damaged:
            self._partner.shelf.touch(resource, key, at=floor)
        self._damaged.clear()

    def write_out(self) -> None:
        """Write what has come onto the shelf since the last time."""
        shelf, state = self._partner.shelf, self._partner.state
        with self._connect() as db:
            for resource, table in self._said.shares.items():
                at, _, key = (state.setting(f"written {resource}") or " ").partition(" ")
                while records := shelf.page(resource, Page(MOST_ROWS, after=(at, key))):
                    self._put(db, table, self._partner.told(resource, records))
                    at, key = records[-1].at.isoformat(), records[-1].key
                    state.set_setting(f"written {resource}", f"{at} {key}")

    def _put(self, db: Connection, table: Columns, rows: Sequence[Record]) -> None:
        names = [name for name in table.columns if name in rows[0]]
        put = self._worded(PUT, table, names=names, values=[sql.Placeholder()] * len(names))
        told = [[self._plain(row.get(name)) for name in names] for row in rows]
        with db.transaction(), db.cursor() as cursor:
            cursor.executemany(put, told)

    def _plain(self, value: object) -> object:
        """A value as the encoding of the tables can hold it."""
        if not isinstance(value, str) or not self._said.charset:
            return value
        return value.encode(self._said.charset, "replace").decode(self._said.charset)

    def watch(self) -> None:
        """Empty the inboxes and let faults strike, until stopped."""
        self._watch = asyncio.create_task(asyncio.to_thread(self._keep_taking))

    async def close(self) -> None:
        self._stopping.set()
        await self._watch

    def _connect(self) -> Connection:
        return psycopg.connect(self._url, autocommit=True)

    def _named(self, table: Columns) -> sql.Identifier:
        return sql.Identifier(self._said.schema_, table.table)

    def _worded(
        self,
        text: str,
        table: Columns,
        *,
        names: Sequence[str] = (),
        values: Sequence[sql.Composable] = (),
        **words: sql.Composable,
    ) -> sql.Composed:
        """A statement upon a table."""
        joined = sql.SQL(", ").join
        key, stamp = self._said.key, self._said.stamp
        return sql.SQL(text).format(
            table=self._named(table),
            key=sql.Identifier(key),
            name=sql.Literal(key),
            named=sql.Identifier(table.named),
            stamp=sql.Identifier(stamp),
            at=sql.Literal(stamp),
            names=joined(map(sql.Identifier, names)),
            values=joined(values),
            new=joined(sql.Identifier("excluded", name) for name in names),
            state=sql.Identifier(self._said.state.column),
            **words,
        )

    def _keep_taking(self) -> None:
        while not self._stopping.is_set():
            try:
                with self._connect() as db:
                    self._take_and_strike(db)
            except psycopg.OperationalError:
                log.warning("the database is away, trying again")
                self._stopping.wait(1)

    def _take_and_strike(self, db: Connection) -> None:
        second, faults = 0.0, self._partner.faults
        while not self._stopping.wait(LOOK_SECONDS):
            self._strike_rows(db)
            armed = any(one["fault"] == "half_page" for one in faults.armed())
            if armed and db.execute(BUSY, [self._login]).fetchall():
                faults.take("half_page", where=None)  # only when it has found a session
            if time.monotonic() - second >= 1:
                second = time.monotonic()
                self._strike_sessions(db)
            if faults.take("timeout", where=None):
                self._block(db)
            for resource, table in self._said.takes.items():
                self._take(db, resource, table)

    def _strike_rows(self, db: Connection) -> None:
        """Damage rows as the armed faults say."""
        for resource, table in self._said.shares.items():
            trap = self._partner.declaration.traps.get(resource)
            for fault, text in STRIKES.items():
                if trap is None or not self._partner.faults.take(fault, where=resource):
                    continue
                statement = self._worded(
                    text,
                    table,
                    names=list(trap.spoilt),
                    values=list(map(sql.Literal, trap.spoilt.values())),
                    twin=sql.Literal(Jsonb(trap.twin)),
                    rare=sql.Identifier(trap.rare),
                )
                db.execute(statement, [self._partner.stamp(resource, self._said.stamp)])
                if fault in HEALED:
                    ((key,),) = db.execute(self._worded(STRUCK, table)).fetchall()
                    self._damaged.append((resource, str(key)))

    def _strike_sessions(self, db: Connection) -> None:
        """Trouble the sessions of those who read for about a second; called once a second."""
        full = self._partner.faults.take("http_429", where=None)
        if full != self._full:
            limit = sql.SQL("alter role {} connection limit {}")
            db.execute(limit.format(sql.Identifier(self._login), sql.Literal(0 if full else -1)))
            self._full = full
        if full or self._partner.faults.take("http_500", where=None):
            db.execute(SESSIONS, [self._login])

    def _block(self, db: Connection) -> None:
        """Let every read hang for a second."""
        lock = sql.SQL("lock table {} in access exclusive mode")
        with db.transaction():
            for table in self._said.shares.values():
                db.execute(lock.format(self._named(table)))
            self._stopping.wait(1)

    def _take(self, db: Connection, resource: str, table: Columns) -> None:
        state, form = self._said.state, self._partner.form(resource)
        mark = sql.SQL("update {} set {} = %s, {} = %s where id = %s").format(
            self._named(table), sql.Identifier(state.column), sql.Identifier(state.reason)
        )
        with db.transaction():
            found = db.execute(self._worded(NEW, table), [state.new]).fetchall()
            for (row,) in found:
                if isinstance(row, Mapping):
                    refusal = self._partner.intake.take(form, row)
                    said = state.refused if refusal else state.taken
                    db.execute(mark, [said, self._reason(refusal), row["id"]])
        if found:
            log.info("%s: %s rows", table.table, len(found))
        if found and self._partner.faults.take("lost_answer", where=resource):
            db.execute(SESSIONS, [self._login])

    def _reason(self, refusal: Refusal | None) -> str | None:
        if refusal is None:
            return None
        return self._said.refusals[refusal.kind].replace("{}", refusal.field)
