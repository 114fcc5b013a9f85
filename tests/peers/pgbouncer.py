"""PgBouncer before a PostgreSQL: each transaction goes to whichever of few servers is free."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from tests.peers.listening import WAIT_SECONDS, wait_for
from tests.peers.unpacked import hand_over, lowered, program
from tests.ports import reserve_port

CONFIG = """
[databases]
pooled = host={host} port={port} dbname={dbname} user={user} password={password}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listens}
auth_type = any
pool_mode = transaction
default_pool_size = {servers}
max_client_conn = 200
"""


@contextmanager
def pgbouncer(url: str, *, servers: int) -> Iterator[str]:
    """Give the URL under which the database of `url` is reached through it."""
    base = Path(tempfile.mkdtemp(prefix="pgbouncer-"))
    listens = reserve_port()
    (base / "config").write_text(
        CONFIG.format(**conninfo_to_dict(url), listens=listens, servers=servers), encoding="utf-8"
    )
    hand_over(base)
    with (base / "log").open("wb") as log:
        process = subprocess.Popen(
            [program("pgbouncer"), base / "config"], stdout=log, stderr=log, **lowered("pgbouncer")
        )
    try:
        wait_for(process, listens, log=base / "log")
        yield f"postgresql://pooled@127.0.0.1:{listens}/pooled"
    finally:
        process.terminate()
        process.wait(WAIT_SECONDS)
        shutil.rmtree(base, ignore_errors=True)
