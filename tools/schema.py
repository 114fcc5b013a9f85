"""Write hub/db/schema.sql, what all migrations come to, from a database that has just been made.

`python tools/schema.py` writes it anew. It is read by people and by a test, never run: migrations
make databases. Entities' own tables are left out (schemas/ makes them), and so are the partitions
of months.
"""

import re
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CHECKOUT))

from deploy import postgres  # noqa: E402 -- found by the line before
from hub.db.migrate import migrate  # noqa: E402
from tests.postgres import running_server  # noqa: E402

FILE = CHECKOUT / "hub/db/schema.sql"
HEAD = """\
-- Every fixed table, view, function and trigger of the hub, as the migrations leave them:
-- for reading, never run.
-- Written by `python tools/schema.py`; a test holds it against the migrations.

"""
MONTHS = "[0-9]" * 6
WORDS = (
    "--schema-only",
    "--no-owner",
    "--schema=hub",
    "--schema=fact",
    f"--exclude-table=*.*_{MONTHS}",
)
# What says which program wrote the dump, and when: the same structure must give the same text.
NOISE = re.compile(
    (
        r"^(?:--(?: Name: .*| PostgreSQL .*| Dumped .*)?|\\(?:un)?restrict .*|SET .*|SELECT "
        r"pg_catalog\.set_config.*)\n"
    ),
    re.MULTILINE,
)


def text(url: str) -> str:
    """The structure of a database as SQL, the same for the same structure."""
    command = [str(postgres.binaries() / "pg_dump"), *WORDS, url]
    # our own words
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603
    return HEAD + re.sub(r"\n{3,}", "\n\n", NOISE.sub("", said)).strip() + "\n"


def main() -> None:
    """Make a database and write its structure down."""
    with running_server() as server, server.database() as url:
        migrate(url, [], key=b"for reading only")
        FILE.write_text(text(url), encoding="utf-8")


if __name__ == "__main__":
    main()
