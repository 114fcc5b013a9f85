"""A database whose driver raises, when it connects, what no database says."""

from typing import NoReturn

from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

RAISED: list[Exception] = []


class RaisingDialect(SQLiteDialect_pysqlite):
    """Raises what the test wants."""

    driver = "raising"
    supports_statement_cache = True

    def connect(self, *_: object, **__: object) -> NoReturn:
        raise RAISED[-1]
