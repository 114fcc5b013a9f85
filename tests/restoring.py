"""Backups of a test's database, made and loaded by PostgreSQL's own programs as docs/restore.md
says.
"""

import subprocess
from pathlib import Path

import psycopg
from psycopg import sql

from deploy import postgres


def dump(url: str, file: Path) -> Path:
    """Write a backup."""
    _run("pg_dump", "--format=custom", f"--file={file}", url)
    return file


def restore(url: str, file: Path) -> None:
    """Put a database back to what it was when the backup was made: a new one of its name, filled
    from the backup.
    """
    server, _, name = url.rpartition("/")
    with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
        admin.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))
        admin.execute(sql.SQL("create database {} template template0").format(sql.Identifier(name)))
    _run("pg_restore", "--exit-on-error", "--single-transaction", f"--dbname={url}", str(file))


def _run(program: str, *arguments: str) -> None:
    done = subprocess.run(
        [postgres.binaries() / program, *arguments], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
