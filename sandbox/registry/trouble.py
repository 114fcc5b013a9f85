"""Faults as a database shows them; those of the session last as many seconds as they are
armed for.
"""

import psycopg
from psycopg import sql

from sandbox.faults import FAULTS, FaultSwitch
from sandbox.registry.rows import BUILDINGS, NOTICES, PARCELS, RIGHTS, TRANSFERS

KNOWN = frozenset({*FAULTS, "rare_character"})
RESOURCES = {
    "rights": RIGHTS,
    "parcels": PARCELS,
    "buildings": BUILDINGS,
    "notices": NOTICES,
    "transfers": TRANSFERS,
}
# {0} is the table, the parameter the new GXSJ; content strikes the first row.
SPOILT = {
    RIGHTS: (
        "update {0} set djsj = '20241345', gxsj = %s where bsm = (select min(bsm) from {0} where "
        "bsm > 0)"
    ),
    PARCELS: (
        "update {0} set zdmj = '约十亩', gxsj = %s where bsm = (select min(bsm) from {0} where bsm "
        "> 0)"
    ),
    **dict.fromkeys(
        (NOTICES, TRANSFERS),
        "update {0} set cfzt = '9', gxsj = %s where bsm = (select min(bsm) from {0} where bsm > 0)",
    ),
    BUILDINGS: (
        "update {0} set jgrq = '20241345', gxsj = %s where bsm = (select min(bsm) from {0} where "
        "bsm > 0)"
    ),
}
RARE = (
    "update {0} set xmmc = xmmc || '𠮷', gxsj = %s where bsm = (select min(bsm) from {0} where "
    "bsm > 0)"
)
TWIN = """
    insert into {0}
    select (jsonb_populate_record(
        old, jsonb_build_object('bsm', -old.bsm, 'xmmc', old.xmmc || '（重复）', 'gxsj', %s::text))).*
      from {0} old where bsm = (select min(bsm) from {0} where bsm > 0)
        on conflict do nothing
"""
AGAIN = (
    "update {0} set gxsj = %s where bsm in (select bsm from {0} order by gxsj desc, bsm limit 50)"
)
LEVEL = "update {0} set gxsj = greatest(%s, (select max(gxsj) from {0}))"
SESSIONS = "select pg_terminate_backend(pid) from pg_stat_activity where usename = %s"
IN_THE_MIDDLE = (
    "select pg_terminate_backend(pid) from pg_stat_activity where usename = %s and state <> 'idle'"
)


class Trouble:
    """Lets armed faults strike the tables and the hub's sessions."""

    def __init__(self, faults: FaultSwitch, login: str) -> None:
        self._faults = faults
        self._login = login
        self._full = False

    def strike_rows(self, db: psycopg.Connection[tuple[object, ...]], *, stamp: str) -> None:
        """Damage rows as the armed faults say."""
        for resource, table in RESOURCES.items():
            statements = {
                "malformed_record": SPOILT[table],
                "rare_character": RARE,
                "repeated_page": AGAIN,
                "equal_cursor": LEVEL,
                "duplicate_key": TWIN,
            }
            for fault, statement in statements.items():
                if self._faults.take(fault, where=resource):
                    db.execute(sql.SQL(statement).format(sql.Identifier("djk", table)), [stamp])

    def strike_sessions(self, db: psycopg.Connection[tuple[object, ...]]) -> None:
        """Trouble the hub's sessions for about a second; called once a second."""
        full = self._faults.take("http_429", where=None)
        if full != self._full:
            limit = sql.SQL("alter role {} connection limit {}")
            db.execute(limit.format(sql.Identifier(self._login), sql.Literal(0 if full else -1)))
            self._full = full
        if full or self._faults.take("http_500", where=None):
            self.drop_sessions(db)

    def strike_reading(self, db: psycopg.Connection[tuple[object, ...]]) -> None:
        """Cut a session off in the middle of a read; the fault counts only when it finds one."""
        armed = any(one["fault"] == "half_page" for one in self._faults.armed())
        if armed and db.execute(IN_THE_MIDDLE, [self._login]).fetchall():
            self._faults.take("half_page", where=None)

    def drop_sessions(self, db: psycopg.Connection[tuple[object, ...]]) -> None:
        db.execute(SESSIONS, [self._login])

    def blocks(self) -> bool:
        """Say whether reads shall hang for the next second."""
        return self._faults.take("timeout", where=None)
