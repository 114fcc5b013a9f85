"""docs/restore.md word for word: its commands bring a backup into a server that has never seen the
hub.
"""

import json
import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from deploy import postgres
from hub.db.access import accounts
from hub.pipeline import seal
from tests.filled import Filled, fill
from tests.keys import ed25519_key
from tests.pipeline.test_reconcile import HonestDesk
from tests.postgres import DatabaseServer, running_server
from tests.processes import ran

PAGE = Path(__file__).parents[2] / "docs/restore.md"
BLOCK = re.compile(r"^ *```(?:text|console)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
WATER = "push.water.project"
# Who may do what with everything that is the hub's, in words: numbers of roles differ from server
# to server.
RIGHTS = """
    select 'relation ' || c.oid::regclass::text, c.relowner::regrole::text,
           (select array_agg(coalesce(a.grantee::regrole::text, '') || a.privilege_type order by 1)
              from aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a)::text,
           (c.relrowsecurity, c.relforcerowsecurity)::text
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname !~ '^pg_|^information' and c.relkind in ('r', 'p', 'v', 'm')
     union all
    select 'column ' || c.oid::regclass::text || '.' || t.attname, '',
           (select array_agg(a.grantee::regrole::text || a.privilege_type order by 1)
              from aclexplode(t.attacl) a)::text, ''
      from pg_attribute t join pg_class c on c.oid = t.attrelid join pg_namespace n
          on n.oid = c.relnamespace
     where n.nspname !~ '^pg_|^information' and t.attacl is not null
     union all
    select 'function ' || p.oid::regprocedure::text, p.proowner::regrole::text,
           (select array_agg(a.grantee || a.privilege_type order by 1)
              from (select case grantee when 0 then '' else grantee::regrole::text end as grantee,
                  privilege_type
                      from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner)))) a)::text,
                          p.prosecdef::text
      from pg_proc p join pg_namespace n on n.oid = p.pronamespace
          where n.nspname !~ '^pg_|^information'
     union all
    select 'schema ' || n.nspname, n.nspowner::regrole::text,
           (select array_agg(a.grantee || a.privilege_type order by 1)
              from (select case grantee when 0 then '' else grantee::regrole::text end as grantee,
                  privilege_type
                      from aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner)))) a)::text, ''
      from pg_namespace n where n.nspname !~ '^pg_|^information'
     union all
    select 'policy ' || p.polname, p.polrelid::regclass::text, p.polroles::regrole[]::text,
           pg_get_expr(p.polqual, p.polrelid) from pg_policy p
     union all
    select 'session', r.rolname, s.setconfig::text, ''
      from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase join pg_roles r
          on r.oid = s.setrole
     where d.datname = current_database()
     union all
    select 'member', r.rolname, array(select m.roleid::regrole::text from pg_auth_members m
                                       where m.member = r.oid order by 1)::text, (r.rolsuper,
                                           r.rolcanlogin)::text
      from pg_roles r where r.rolname in ('hub', 'hub_reader', 'hub_shown')
     order by 1, 2
"""


def commands(heading: str) -> list[str]:
    """The commands under a heading of the page, as somebody would copy them."""
    section = (
        PAGE.read_text(encoding="utf-8").partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    )
    lines = [line.strip() for block in BLOCK.findall(section) for line in block.splitlines()]
    return [line.partition("      #")[0] for line in lines if line]


class Place:
    """A server, and the hub of that server's database `hub`, whose user is nobody special."""

    def __init__(self, server: DatabaseServer, folder: Path, key: Path) -> None:
        self.server, self.folder = server, folder
        at = server.cluster
        self.url = f"postgresql://hub:words@{at.host}:{at.port}/hub"
        self.environ = {
            "HUB_DATABASE_URL": self.url,
            "PASSWORD": "words",
            "HUB_HASH_KEY": "test",
            "HUB_SEAL_KEY": str(key),
            "HUB_DISK_WARN_BYTES": "2",
            "HUB_DISK_LEAST_BYTES": "1",
        }

    def say(self, line: str) -> str:
        """Run one line of the page, by whoever administers the server."""
        at = self.server.cluster
        administrator = {
            "PGHOST": at.host,
            "PGPORT": str(at.port),
            "PGUSER": "postgres",
            "PGPASSWORD": at.password,
        }
        path = f"{postgres.binaries()}:{os.environ['PATH']}"
        if line.startswith("hub "):
            words = [self._here(word) for word in shlex.split(line)[1:]]
            done = ran("hub", *words, environ=os.environ | self.environ)
        else:
            environ = os.environ | self.environ | administrator | {"PATH": path}
            done = subprocess.run(
                ["bash", "-c", line],
                check=False,
                capture_output=True,
                text=True,
                cwd=self.folder,
                env=environ,
            )
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        return done.stdout

    def _here(self, word: str) -> str:
        return str(self.folder / word) if (self.folder / word).is_file() else word

    def rights(self) -> list[tuple[object, ...]]:
        with psycopg.connect(self.url) as connection:
            return connection.execute(RIGHTS).fetchall()


@pytest.fixture
def old(database_server: DatabaseServer, tmp_path: Path) -> Iterator[Place]:
    """The hub as it is installed by an administrator: its user owns its database and is nobody
    special.
    """
    place = Place(database_server, tmp_path, ed25519_key(tmp_path))
    roles = [line for line in commands("Restoring") if "create role" in line]
    with psycopg.connect(database_server.cluster.url(), autocommit=True) as admin:
        known = {str(row[0]) for row in admin.execute("select rolname from pg_roles")}
        assert known.isdisjoint({"hub"})
        for line in roles:
            if "hub_reader nologin" not in line or known.isdisjoint({"hub_reader", "hub_shown"}):
                place.say(line)
        admin.execute("create database hub owner hub template template0")
        try:
            yield place
        finally:
            admin.execute("drop database hub with (force)")
            admin.execute("drop role hub")


def test_the_commands_of_the_page_bring_all_into_a_server_that_has_never_seen_the_hub(
    old: Place, tmp_path: Path
):
    old.say("hub migrate")
    world, desk = Filled(old.url, **old.environ), HonestDesk()
    fill(world)
    with world.hub.database.write() as tx:
        accounts.add(tx, "bureau", "auditor", department="", token_hash=b"1" * 32, days=30)
    world.push(WATER, desk)
    seal.seal(world.hub.database, world.hub.settings)
    (tmp_path / "kept.jsonl").write_text(old.say("hub checkpoint"), encoding="utf-8")
    before, sees = old.rights(), seen(world)
    for line in commands("Backing up"):
        old.say(line)
    world.hub.close()

    # A server as a machine without a locale makes it.
    with running_server("--builtin-locale=C", "--encoding=SQL_ASCII") as server:
        new = Place(server, tmp_path, Path(old.environ["HUB_SEAL_KEY"]))
        for line in commands("Restoring"):
            new.say(line)
        assert new.rights() == before
        came = Filled(new.url, **new.environ)
        try:
            assert signer(new.say("hub checkpoint")) == signer(
                (tmp_path / "kept.jsonl").read_text(encoding="utf-8")
            )
            assert seen(came) == sees
            sent = dict(desk.applied)
            came.push(WATER, desk)
            assert desk.applied == sent
        finally:
            came.hub.close()


def signer(checkpoint: str) -> str:
    """Whose name stands under a checkpoint."""
    return str(json.loads(checkpoint)["signed_by"])


def seen(world: Filled) -> list[tuple[object, ...]]:
    """What a department reads under the roles of the database."""
    with world.hub.database.read(reader="bureau") as tx:
        assert tx.execute("select current_user::text").fetchall() == [("hub_reader",)]
        with pytest.raises(psycopg.errors.InsufficientPrivilege), tx.transaction():
            tx.execute("select from golden.project")
        return tx.execute("select project_code, name from shown.project order by 1").fetchall()
