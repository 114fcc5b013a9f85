"""The structure as a file that people read, and what a migration may say."""

import ast
import subprocess
from pathlib import Path

from hub.db.migrate import migrate
from tools import schema

MIGRATIONS = Path("hub/db/migrations/versions")
# Migrations of before the rule; what came later is SQL beside its module, where long locks are
# looked for.
FORMER = "0051"
CHANGES = (
    "alter table",
    "create index",
    "create unique index",
    "drop ",
    "lock table",
    "update ",
    "delete from",
)


def test_the_schema_that_one_reads_is_what_the_migrations_come_to(empty_database_url: str) -> None:
    migrate(empty_database_url, [], key=b"test")

    stale = "python tools/schema.py writes it anew"
    assert schema.text(empty_database_url) == schema.FILE.read_text(encoding="utf-8"), stale


def test_a_migration_that_locks_for_long_is_told_and_so_is_where_to_say_why(tmp_path: Path) -> None:
    file = tmp_path / "9999_longer.sql"
    file.write_text("alter table hub.run alter column id type text;\n", encoding="utf-8")
    refused = _squawk(file)
    file.write_text(
        "-- squawk-ignore changing-column-type\n" + file.read_text(encoding="utf-8"),
        encoding="utf-8",
    )

    assert refused.returncode == 1
    assert "changing-column-type" in refused.stdout
    assert _squawk(file).returncode == 0


def test_the_sql_of_a_migration_stands_where_long_locks_are_looked_for() -> None:
    hidden = [
        f"{module.name}:{node.lineno}"
        for module in sorted(MIGRATIONS.glob("*.py"))
        if module.name >= FORMER
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if any(word in " ".join(node.value.lower().split()) for word in CHANGES)
    ]

    assert hidden == []


def _squawk(file: Path) -> subprocess.CompletedProcess[str]:
    command = ["squawk", "--reporter", "gcc", "--config", ".squawk.toml", str(file)]
    return subprocess.run(command, check=False, capture_output=True, text=True)
