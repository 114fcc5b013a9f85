"""What a partner must remember over a restart: its tick, corrections at the source, what the hub
gave it.
"""

import json
import sqlite3
from pathlib import Path
from threading import RLock

Record = dict[str, object]

TABLES = """
    create table if not exists setting (name text primary key, value text not null);
    create table if not exists edit (
        ordinal integer primary key autoincrement, resource text not null, key text not null,
        at text not null, changes text not null);
    create table if not exists received (
        resource text not null, key text not null, body text not null, applied integer not null,
        ordinal integer not null, primary key (resource, key));
"""
RECEIVE = """
    insert into received (resource, key, body, applied, ordinal)
    values (:resource, :key, :body, 1, (select count(*) from received))
    on conflict (resource, key) do update set body = excluded.body, applied = applied + 1
"""


class State:
    """A small SQLite file, or memory when no folder is given; each call commits."""

    def __init__(self, folder: Path | None) -> None:
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
        path = folder / "state.sqlite3" if folder else ":memory:"
        self._lock = RLock()
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.execute("pragma journal_mode = wal")
        self._connection.executescript(TABLES)

    def close(self) -> None:
        self._connection.close()

    def setting(self, name: str) -> str | None:
        rows = self._rows("select value from setting where name = ?", (name,))
        return str(rows[0][0]) if rows else None

    def set_setting(self, name: str, value: str) -> None:
        self._rows("insert or replace into setting (name, value) values (?, ?)", (name, value))

    def edit(self, resource: str, key: str, *, at: str, changes: Record) -> None:
        """Keep a correction made at the source; a later one of the same record comes on top."""
        text = json.dumps(changes, ensure_ascii=False)
        self._rows(
            "insert into edit (resource, key, at, changes) values (?, ?, ?, ?)",
            (resource, key, at, text),
        )

    def edits(self, resource: str) -> dict[str, tuple[str, Record]]:
        """Give for each corrected record the time of the last correction and all changes
        together.
        """
        merged: dict[str, tuple[str, Record]] = {}
        for key, at, changes in self._rows(
            "select key, at, changes from edit where resource = ? order by ordinal", (resource,)
        ):
            before = merged.get(str(key), ("", {}))[1]
            merged[str(key)] = (str(at), before | json.loads(str(changes)))
        return merged

    def edit_count(self) -> int:
        return int(str(self._rows("select count(*) from edit", ())[0][0]))

    def receive(self, resource: str, key: str, body: Record) -> None:
        """Apply what the hub gave under a business key, and count that it was applied."""
        self._rows(
            RECEIVE,
            {"resource": resource, "key": key, "body": json.dumps(body, ensure_ascii=False)},
        )

    def amend(self, resource: str, key: str, changes: Record) -> bool:
        """Somebody here changes what the hub gave; False when nothing is held under this key."""
        body = {**(self.held(resource, key) or {}), **changes}
        text = json.dumps(body, ensure_ascii=False)
        sql = "update received set body = ? where resource = ? and key = ? returning key"
        return bool(self._rows(sql, (text, resource, key)))

    def received(self, resource: str) -> list[Record]:
        """Give what is held, in the order in which it first came."""
        rows = self._rows(
            "select key, body, applied from received where resource = ? order by ordinal",
            (resource,),
        )
        return [
            {"key": key, "applied": applied, **json.loads(str(body))} for key, body, applied in rows
        ]

    def held(self, resource: str, key: str) -> Record | None:
        rows = self._rows(
            "select body from received where resource = ? and key = ?", (resource, key)
        )
        return dict(json.loads(str(rows[0][0]))) if rows else None

    def _rows(self, sql: str, values: tuple[str, ...] | dict[str, str]) -> list[tuple[object, ...]]:
        with self._lock:
            return self._connection.execute(sql, values).fetchall()
