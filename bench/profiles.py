"""Where the time goes: Python by function (cProfile, all threads), PostgreSQL by statement
(pg_stat_statements).
"""

import io
import pstats
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

LONGEST = 30
STATEMENTS = """
    select round(total_exec_time)::int as ms, calls, rows, regexp_replace(left(query, 400), '\\s+',
        ' ', 'g')
      from pg_stat_statements where dbid = (select oid from pg_database
          where datname = current_database())
     order by total_exec_time desc limit %s
"""


@contextmanager
def statements(url: str, folder: Path | None, name: str) -> Iterator[None]:
    """Write down what PostgreSQL spent on each statement meanwhile."""
    if folder is None:
        yield
        return
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("create extension if not exists pg_stat_statements")
        connection.execute("select pg_stat_statements_reset()")
        yield
        rows = connection.execute(STATEMENTS, [LONGEST]).fetchall()
    lines = [
        f"{ms:8} ms {calls:6} calls {count:9} rows  {text[:150]}" for ms, calls, count, text in rows
    ]
    (folder / f"{name}.sql.txt").write_text("\n".join(lines) + "\n")


def told(folder: Path) -> str:
    """All profiles of a folder, the most expensive first."""
    parts = []
    for path in sorted(folder.glob("*.prof")):
        out = io.StringIO()
        stats = pstats.Stats(str(path), stream=out)
        stats.strip_dirs().sort_stats("tottime").print_stats(LONGEST)
        stats.sort_stats("cumulative").print_stats(LONGEST)
        parts.append(f"== {path.stem}\n{out.getvalue()}")
    parts += [f"== {path.name}\n{path.read_text()}" for path in sorted(folder.glob("*.sql.txt"))]
    return "\n".join(parts)
