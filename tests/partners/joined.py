"""A hub that reads a declared partner of the sandbox as it runs, beside the partners that name its
projects.
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import cast
from urllib.parse import quote, urlsplit

import psycopg
from psycopg.rows import dict_row

from connectors.rest import RestConnector
from hub.config.connections import connection_from
from hub.db.runs.reading import run_rows
from hub.errors import TransientError
from hub.model import Json
from sandbox.declared.declaration import read_declaration
from tests.filled import Filled
from tests.postgres import DatabaseServer
from tests.sandbox_processes import SECRET, USER, PartnerProcess, running_partner

PATIENCE = 30.0  # seconds


def until(done: Callable[[], bool]) -> None:
    """Return once this holds."""
    deadline = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.05)


class Joined:
    """The hub, the partner, and what its flows come to."""

    def __init__(self, world: Filled, partner: PartnerProcess, database_url: str = "") -> None:
        """database_url: the partner's own database, as its owner, where it has one."""
        self.beside: dict[str, PartnerProcess] = {}
        self.world, self.partner, self.database_url = world, partner, database_url
        self.counts: dict[str, dict[str, int]] = {}
        self.code, self.state = "", Path()
        self.papers: dict[str, bytes | Exception] = {}
        self.numbers: list[str] = []

    def pull(self, entity: str, *, of: str = "") -> dict[str, int]:
        """Run a pull of the partner; its outcomes that are not nothing."""
        return self._done(self.world.hub.pull(f"pull.{of or self.partner.name}.{entity}"))

    def fetch(self, name: str) -> dict[str, int]:
        """Fetch the files that records name; its outcomes that are not nothing."""
        return self._done(self.world.hub.fetch(name))

    def push(self, entity: str, *, to: str = "") -> dict[str, int]:
        """Run a push to the partner, or another; its outcomes that are not nothing."""
        return self._done(self.world.hub.push(f"push.{to or self.partner.name}.{entity}"))

    def reconcile(self, name: str) -> dict[str, int]:
        """Compare a flow with the partner; the classes that are not empty."""
        run = self.world.hub.reconcile(f"{name.replace('.', f'.{self.partner.name}.', 1)}")
        return self._done(run)

    def receipts(self, entity: str) -> dict[str, int]:
        """Ask the partner for its verdicts; their outcomes that are not nothing."""
        return self._done(self.world.hub.receipts(f"push.{self.partner.name}.{entity}"))

    def theirs(self, query: str, *values: object) -> list[dict[str, object]]:
        """Rows of the partner's own database."""
        with psycopg.connect(self.database_url, autocommit=True) as owner:
            cursor = owner.cursor(row_factory=dict_row)
            return cursor.execute(query.encode(), values).fetchall()

    def do(self, statement: str) -> None:
        """Do something in the partner's own database, as its owner."""
        with psycopg.connect(self.database_url, autocommit=True) as owner:
            owner.execute(statement.encode())

    def release(self) -> None:
        """Let those in that waited for a project or a number that has come."""
        self.world.hub.release()

    def offered(self, entity: str) -> list[dict[str, Json]]:
        """Every record that the partner gives to a pull of it, as it gives them now."""
        flow = self.world.hub.contracts.pulls[f"pull.{self.partner.name}.{entity}"]
        name = flow.system.name
        connection = connection_from(name, self.world.environ[f"HUB_CONN_{name.upper()}"])
        with closing(RestConnector(connection, flow.system.connect["rest"])) as connector:
            pages = connector.pages(flow.read, since=None, resume=None)
            return [json.loads(raw.payload) for page in pages for raw in page.records]

    def quarantined(self, entity: str) -> list[str]:
        """Keys of what stands in quarantine of a pull."""
        flow = f"pull.{self.partner.name}.{entity}"
        rows = self.rows("select key from hub.quarantine where flow = %s and state = 'open'", flow)
        return [str(row["key"]) for row in rows]

    def handed_over(self, entity: str, resource: str, *faults: str) -> list[dict[str, object]]:
        """What the partner holds once every push under these faults is through, each applied once.

        The faults strike at the resource, one after another, each at one call.
        """
        for fault in faults:
            self.partner.arm(fault, where=resource)
        for _ in range(len(faults) + 1):
            with suppress(TransientError):
                self.push(entity)
            self.world.execute("update hub.delivery set due = now() where state = 'retrying'")
        held = self.partner.received(resource)
        assert [one for one in held if one["applied"] != 1] == []
        return held

    def rows(self, query: str, *values: object) -> list[dict[str, object]]:
        return self.world.rows(query, *values)

    def _done(self, run: int) -> dict[str, int]:
        with self.world.hub.database.write() as tx:
            (row,) = run_rows(tx, run_id=run)
        assert row.balanced is True
        return {name: count for name, count in row.counts.items() if count}


def _address(login: str, partner: PartnerProcess) -> str:
    """Where a partner without a database is reached."""
    declared = read_declaration(partner.name)
    if declared.files:
        key = quote(str(cast(dict[str, str], partner.ask("host_key"))["host_key"]), safe="")
        return f"sftp://{login}:{partner.sftp_port}/?host_key={key}"
    return f"http://{login}:{partner.port}{declared.http.base if declared.http else ''}"


@contextmanager
def joined(
    name: str,
    *,
    database_server: DatabaseServer,
    template: str,
    state: Path,
    projects: int = 0,
    home: Path | None = None,
    files: Path | None = None,
    beside: str = "",
) -> Iterator[Joined]:
    """Serve a partner and the investment platform, with a hub that knows its projects.

    beside: another partner, without a database, that is served too. home: whose contract files the
    hub goes by, those of the checkout unless said. files: where it holds files.
    """
    login = f"{USER}:{SECRET}@127.0.0.1"
    declared = read_declaration(name)
    with ExitStack() as stack:
        theirs = stack.enter_context(database_server.database()) if declared.tables else ""
        investment, partner = (
            stack.enter_context(
                running_partner(one, state=state / one, projects=projects, database_url=url)
            )
            for one, url in (("investment", ""), (name, theirs))
        )
        at = urlsplit(theirs)
        address = f"postgresql://{login}:{at.port}{at.path}" if theirs else _address(login, partner)
        environ = {
            "HUB_CONN_INVESTMENT": f"http://{login}:{investment.port}/api",
            f"HUB_CONN_{name.upper()}": address,
        }
        other = (
            stack.enter_context(running_partner(beside, state=state / beside, projects=projects))
            if beside
            else None
        )
        if other:
            environ[f"HUB_CONN_{beside.upper()}"] = _address(login, other)
        environ |= {"HUB_FILES": str(files)} if files else {}
        url = stack.enter_context(database_server.database(template=template))
        world = Filled(url, **environ, **({"HUB_HOME": str(home)} if home else {}))
        stack.callback(world.hub.close)
        if home:
            world.hub.migrate()
            assert world.hub.contracts.problems == ()
        found = Joined(world, partner, theirs)
        found.beside = {beside: other} if other else {}
        found.pull("project", of="investment")
        found.pull("approval_document", of="investment")
        yield found
