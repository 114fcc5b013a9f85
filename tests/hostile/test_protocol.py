"""The same hostility over real HTTP: storms of 429, expired tokens, calls that hang, answers cut or
lost.
"""

import json
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from threading import Event, Thread
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.rest import RestConnector
from hub.errors import TransientError
from hub.model import Connection, Json
from tests.pipeline.conftest import Small, contracts_of, small, small_template
from tests.pipeline.small import FILES

__all__ = ["small", "small_template"]

PLAN, DESK = "pull.plan.project", "push.desk.project"
CONNECT: dict[str, Json] = {
    "auth": {
        "kind": "token",
        "resource": "token",
        "user": "user",
        "secret": "secret",
        "token": "token",
    },
    "ping": {"resource": "projects"},
    "timeout": {"connect": 2, "read": 0.2},
}
READ = """read:
  resource: projects
  records: list
  cursor: at
  cursor_format: "%Y-%m-%d %H:%M:%S"
  since: since
  size: 4
  size_parameter: size
  paging: {kind: page, parameter: page, advance: true}"""
WRITE = """write:
  resource: needs
  key: key
  answers: list
  verdict: {key: key, code: code, text: text, ok: ["0"]}
  lookup: {resource: needs, path: need}
  withdraw: {gone: "1"}
  batch: 4"""
PULL_FILE, PUSH_FILE = "mappings/plan/project.pull.yaml", "mappings/desk/project.push.yaml"
OVER_HTTP = FILES | {
    PULL_FILE: FILES[PULL_FILE]
    .replace("read: {resource: projects}", READ)
    .replace("version_as: integer\n", ""),
    PUSH_FILE: FILES[PUSH_FILE].replace("write: {resource: projects, batch: 2}", WRITE),
}


class Partner(ThreadingHTTPServer):
    """Offers projects, takes needs once a key; answers each call as `script` says next, then as it
    should.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.projects: list[dict[str, Json]] = []
        self.needs: dict[str, dict[str, Json]] = {}
        self.applied: Counter[str] = Counter()
        self.script: deque[str] = deque()
        self.token = 0
        self.over = Event()

    def handle_error(self, *_: object) -> None:
        """A caller that hung up is what is wanted here."""


class Answers(BaseHTTPRequestHandler):
    """One call."""

    server: Partner

    def do_GET(self) -> None:
        self._answer(None)

    def do_POST(self) -> None:
        self._answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def _answer(self, content: Json) -> None:
        partner, place = self.server, urlsplit(self.path)
        if place.path == "/token":
            partner.token += 1
            return self._say({"token": f"t{partner.token}"})
        fault = partner.script.popleft() if partner.script else ""
        if fault == "expired":
            partner.token += 1
        if self.headers["Authorization"] != f"Bearer t{partner.token}":
            return self._say({}, status=401)
        if fault == "busy":
            return self._say({}, status=429, retry="2")
        found = self._do(place.path, parse_qs(place.query), content)
        if fault == "hangs":
            partner.over.wait(1)
        elif fault == "cut":
            self._say(found, cut=True)
        elif fault == "broken":
            self._say({}, status=503)
        elif fault != "lost":  # lost: the connection ends without a word
            self._say(found, status=404 if found is None else 200)
        return None

    def _do(self, path: str, query: dict[str, list[str]], content: Json) -> Json:
        partner = self.server
        if path == "/projects":
            rows = [
                row for row in partner.projects if str(row["at"]) >= query.get("since", [""])[0]
            ]
            start = (int(query["page"][0]) - 1) * 4
            return {"list": sorted(rows, key=lambda row: str(row["at"]))[start : start + 4]}
        if content is None:
            key = path.rpartition("/")[2]
            return {"need": {"key": key, "code": "0"}} if key in partner.needs else None
        for need in content:
            if need["key"] not in partner.needs:
                partner.applied[need["dm"]] += 1
            partner.needs[need["key"]] = need
        return {"list": [{"key": need["key"], "code": "0"} for need in content]}

    def _say(self, found: Json, *, status: int = 200, retry: str = "", cut: bool = False) -> None:
        words = json.dumps(found).encode()
        words = words[: len(words) // 2] if cut else words
        self.send_response(status)
        self.send_header("Content-Length", str(len(words)))
        if retry:
            self.send_header("Retry-After", retry)
        self.end_headers()
        self.wfile.write(words)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def partner() -> Iterator[Partner]:
    server = Partner()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.over.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def connector(partner: Partner) -> Iterator[RestConnector]:
    made = RestConnector(
        Connection("plan", "http", "127.0.0.1", partner.server_port, "hub", "s3cret", ""), CONNECT
    )
    yield made
    made.close()


def project(number: int) -> dict[str, Json]:
    code = f"2405-520502-04-01-1{number:05}"
    return {
        "id": f"p{number}",
        "code": code,
        "name": f"项目{number}",
        "at": f"2024-05-01 08:00:{number // 3:02}",
    }


def insists(
    small: Small, partner: Partner, run: str, connector: RestConnector
) -> list[TransientError]:
    """Run a flow until nothing stands in its way any more, as Airflow would; give what did."""
    met: list[TransientError] = []
    while True:
        try:
            (small.pull if run == PLAN else small.push)(run, connector)
        except TransientError as error:
            met.append(error)
            continue
        if not partner.script:
            return met


@pytest.mark.parametrize("seed", range(2))
def test_a_source_in_trouble_is_read_to_its_end(
    small: Small, partner: Partner, connector: RestConnector, seed: int
):
    small.contracts = contracts_of(OVER_HTTP)
    small.with_settings(batch_records=8)
    partner.projects = [project(number) for number in range(1, 30)]
    faults = ["busy", "busy", "busy", "expired", "hangs", "cut", "broken", "lost"]
    partner.script = deque(Random(seed).sample([*faults, "", "", "", ""], 12))
    met = insists(small, partner, PLAN, connector)
    assert {error.after for error in met if error.code == "system.busy"} >= {2.0}
    assert {row["name"] for row in small.golden().values()} == {
        row["name"] for row in partner.projects
    }
    assert small.rows("select count(*)::int as n from hub.landing") == [{"n": 29}]


@pytest.mark.parametrize("seed", range(2))
def test_a_target_in_trouble_gets_each_record_once(
    small: Small, partner: Partner, connector: RestConnector, seed: int
):
    small.contracts = contracts_of(OVER_HTTP)
    partner.projects = [project(number) for number in range(1, 15)]
    insists(small, partner, PLAN, connector)
    faults = ["busy", "busy", "expired", "hangs", "cut", "broken", "lost", "lost"]
    partner.script = deque(Random(seed).sample([*faults, "", "", ""], 11))
    insists(small, partner, DESK, connector)
    with suppress(TransientError):
        small.push(DESK, connector)
    assert partner.applied == Counter({str(row["code"]): 1 for row in partner.projects})
    assert small.rows(
        "select distinct state from hub.delivery where flow = 'push.desk.project'"
    ) == [{"state": "confirmed"}]
