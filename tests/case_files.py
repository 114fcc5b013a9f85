"""Cases met in public: `tests/cases/NN/` holds a partner's mapping and what it sent, as found
there.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlsplit

from hub.config import connector_schemas, contract_files
from hub.db import migrate
from hub.domain.contracts import Contracts
from hub.domain.load import load
from hub.model import Connection
from tests.pipeline.conftest import Small
from tests.pipeline.partners import Source
from tests.postgres import DatabaseServer

HOME = Path(__file__).parents[1]
CASES = HOME / "tests" / "cases"
CODE = "2502-522730-04-01-587294"
PROJECT = {"id": 1, "gxsj": "2026-10-04 09:23:03", "xmdm": CODE, "xmmc": "某项目", "sfsm": "0"}


@cache
def contracts_with(number: str, system: str, **changed: str) -> Contracts:
    """The product's own contracts and this case's partner, who has a say in connections.

    changed: for a text in its mapping, what stands there instead.
    """
    files = contract_files(HOME)
    for path in sorted((CASES / number / "mapping").rglob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        for old, new in changed.items():
            text = text.replace(old, new)
        files[f"mappings/{path.relative_to(CASES / number / 'mapping')}"] = text
    schema = json.loads(files["schemas/utility_connection.json"])
    partners = {system, *(path.name for path in (CASES / number / "mapping").iterdir())}
    schema["x-authority"] = [*schema["x-authority"], *sorted(partners)]
    files["schemas/utility_connection.json"] = json.dumps(schema, ensure_ascii=False)
    return load(files, connector_schemas(), year=2026)


def folder(number: str, system: str) -> Connection:
    """The folder in which this case's partner puts its files."""
    return Connection(system, "file", "", None, "", "", str(CASES / number / "input" / system))


@contextmanager
def serving(system: str, *pages: bytes) -> Iterator[Connection]:
    """A partner that answers page 1, 2 ... with these bytes, and then with an empty list."""

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = int(parse_qs(urlsplit(self.path).query).get("page", ["1"])[0])
            body = pages[wanted - 1] if wanted <= len(pages) else b'{"data":{"list":[]}}'
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing on the screen."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Connection(system, "http", "127.0.0.1", server.server_port, "", "", "")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def listed(*records: dict[str, object], **numbers: str) -> bytes:
    """A page of these records; a text such as "@a" is replaced by the number a, digit by digit as
    given.
    """
    full = [
        {
            "项目代码": "2502-522730-04-01-587294",
            "申请单位": "某公司",
            "接入地址": "某路 1 号",
            "状态": "受理",
            "更新时间": "2026-10-09 09:30:00",
            "申请日期": "2026-10-08",
        }
        | record
        for record in records
    ]
    text = json.dumps({"data": {"list": full}}, ensure_ascii=False)
    for name, number in numbers.items():
        text = text.replace(f'"@{name}"', number)
    return text.encode()


@contextmanager
def template_with(server: DatabaseServer, number: str, system: str) -> Iterator[str]:
    """The name of a database that has room for this case and knows the project that its records
    belong to.
    """
    with server.database() as url:
        contracts = contracts_with(number, system)
        migrate.migrate(url, contracts.entities.values(), key=b"test")
        made = Small(url, contracts)
        made.pull("pull.investment.project", Source([PROJECT]))
        made.database.close()
        yield url.rsplit("/", 1)[1]


@contextmanager
def hub_with(server: DatabaseServer, template: str, number: str, system: str) -> Iterator[Small]:
    """A hub of its own on a copy of such a database."""
    with server.database(template=template) as url:
        made = Small(url, contracts_with(number, system))
        try:
            yield made
        finally:
            made.database.close()
