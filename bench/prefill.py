"""Prefill over HTTP with 16 clients, against the look-up of a stored document served by the same
application.

The stored document is the answer that prefill gave, kept as bytes under its project code. `stored`
takes the same way as prefill: token, role, access row committed before the answer. `bare` is the
route without token and access row. `prefill` asks for each form again and again, as those do who
work on it; `anew` asks in a way for which no answer is kept, as it is with every form that is asked
for the first time.
"""

import argparse
import asyncio
import itertools
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import cast

import orjson
import psutil
import psycopg
import requests
import uvicorn
from fastapi import FastAPI, Response

from bench.database import free_port, server
from bench.home import cpu_of
from bench.kept import keep
from hub import auth, wiring
from hub.api import access, make_app
from hub.api.access import Visiting
from hub.auth.context import EVERYBODY
from hub.contract import Connector
from hub.model import Json, Page, Raw
from hub.pipeline import intake, replay
from hub.settings import HOME

FORM = "construction_permit"
CODE = "2405-520502-04-01-{:06}"
STORED = "select body from public.stored where code = %s"
SAMPLES = HOME / "tests/mappings"


class Rows:
    """A source that gives these rows as one page."""

    def __init__(self, rows: list[dict[str, Json]]) -> None:
        self.rows = rows

    def pages(
        self,
        read: Mapping[str, Json],  # noqa: ARG002
        *,
        since: str | int | None,  # noqa: ARG002
        resume: Json,  # noqa: ARG002
    ) -> Iterator[Page]:
        records = tuple(Raw(orjson.dumps(row), str(at)) for at, row in enumerate(self.rows))
        yield Page(records, read=len(records), resume=None, high=None, last=True)


def sample(system: str, name: str) -> dict[str, Json]:
    """The clean golden pair's input: a real record of the partner."""
    read: dict[str, Json] = orjson.loads(
        (SAMPLES / system / f"{name}.pull" / "01.in.json").read_bytes()
    )
    return read


def fill(hub: wiring.Hub, count: int) -> None:
    """Projects known to two systems, each with two papers, four participants and three
    materials.
    """
    codes = [CODE.format(n) for n in range(count)]
    project, permit = sample("approval", "project"), sample("approval", "approval_document.permit")
    participant, material = sample("approval", "participant"), sample("approval", "material")
    own, paper = sample("investment", "project"), sample("investment", "approval_document")
    given: dict[str, list[dict[str, Json]]] = {
        "pull.investment.project": [
            own | {"id": n, "xmdm": code, "xmmc": f"项目{n}"} for n, code in enumerate(codes)
        ],
        "pull.approval.project": [
            project | {"xmdm": code, "gcdm": f"{code}-001", "dfsjzj": f"p{n}"}
            for n, code in enumerate(codes)
        ],
        "pull.approval.participant": [
            participant
            | {
                "xmdm": code,
                "gcdm": f"{code}-001",
                "xkbabh": f"x{n}",
                "dwlx": role,
                "dfsjzj": f"u{n}-{role}",
            }
            for n, code in enumerate(codes)
            for role in range(1, 5)
        ],
        "pull.approval.approval_document.permit": [
            permit
            | {"xmdm": code, "gcdm": f"{code}-001", "sgxkzbh": f"5205{n:014}", "dfsjzj": f"d{n}"}
            for n, code in enumerate(codes)
        ],
        "pull.investment.approval_document": [
            paper | {"DEAL_CODE": code, "APPROVAL_NUM": f"发改〔2026〕{n}号"}
            for n, code in enumerate(codes)
        ],
        "pull.approval.material": [
            material
            | {"xmdm": code, "gcdm": f"{code}-001", "clid": f"m{n}-{at}", "dfsjzj": f"m{n}-{at}"}
            for n, code in enumerate(codes)
            for at in range(3)
        ],
    }
    for name, rows in given.items():
        flow, source = hub.contracts.pulls[name], cast("Connector", Rows(rows))
        intake.pull(hub.database, hub.contracts, flow, connector=source, settings=hub.settings)
    replay.release(hub.database, hub.contracts)


def reading_account(hub: wiring.Hub) -> str:
    """A department with a grant for all that the form asks; its token."""
    with hub.database.write() as tx:
        token = auth.open_account(tx, "bench", "department", department="市住房和城乡建设局")
        for entity in {field.entity for field in hub.contracts.forms[FORM].fields} | {"material"}:
            auth.grant(
                tx,
                hub.contracts.entities,
                "bench",
                entity,
                classes=("public", "internal"),
                purpose="核发施工许可",
                valid_from=date(2020, 1, 1),
                valid_until=date(2099, 1, 1),
            )
    return token


def serve(port: int) -> None:
    """The hub's application with the two look-ups beside it, as `python -m hub.web` serves it."""
    hub = wiring.start()
    app = make_app(hub)

    def stored(code: str, visit: Visiting) -> Response:
        visit.may_see({field.entity for field in hub.contracts.forms[FORM].fields})
        with hub.database.write() as tx:
            (body,) = tx.execute(STORED, (code,)).fetchone() or (b"",)
        visit.saw([1], project_code=code)
        return Response(body, media_type="application/json")

    def bare(code: str) -> Response:
        with hub.database.write() as tx:
            (body,) = tx.execute(STORED, (code,)).fetchone() or (b"",)
        return Response(body, media_type="application/json")

    cast("dict[str, frozenset[str]]", access.ROLES)["/v1/stored/{code}"] = EVERYBODY
    app.add_api_route("/v1/stored/{code}", stored, response_model=None)
    outer = FastAPI()
    outer.add_api_route("/bare/{code}", bare, response_model=None)
    outer.mount("/", app)
    uvicorn.run(
        outer,
        host="127.0.0.1",
        port=port,
        access_log=False,
        server_header=False,
        log_level="warning",
    )


@contextmanager
def serving(url: str) -> Iterator[int]:
    """The server as a process of its own; give its port."""
    port = free_port()
    environ = os.environ | {
        "HUB_DATABASE_URL": url,
        "HUB_HASH_KEY": "bench",
        "HUB_REQUESTS_A_MINUTE": "1000000",
    }
    command = [sys.executable, "-m", "bench.prefill", "--serve", str(port)]
    process = subprocess.Popen(command, cwd=HOME, env=environ)  # noqa: S603  our own program
    try:
        for _ in range(200):
            try:
                requests.get(f"http://127.0.0.1:{port}/healthz", timeout=5)
                break
            except requests.ConnectionError:
                time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait()


def ask(port: int, token: str, path: str) -> bytes:
    """One request, its answer whole."""
    answer = requests.get(
        f"http://127.0.0.1:{port}{path}", headers={"Authorization": f"Bearer {token}"}, timeout=30
    )
    answer.raise_for_status()
    return answer.content


async def client(
    port: int, token: str, paths: Iterator[str], *, until: float, times: list[float]
) -> None:
    """Ask one thing after the other on one connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while (began := time.perf_counter()) < until:
        writer.write(
            (
                f"GET {next(paths)} HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer {token}\r\n\r\n"
            ).encode()
        )
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(head.decode())
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        times.append(time.perf_counter() - began)
    writer.close()


async def load(
    port: int, token: str, pattern: str, *, codes: list[str], asked: argparse.Namespace
) -> list[float]:
    """So many clients at once for so long; give the seconds of every answer."""
    times: list[float] = []
    paths = (pattern.format(code) for code in itertools.cycle(codes))
    until = time.perf_counter() + asked.seconds
    await asyncio.gather(
        *(client(port, token, paths, until=until, times=times) for _ in range(asked.clients))
    )
    return times


def measure(url: str, token: str, asked: argparse.Namespace) -> dict[str, Json]:
    """All in turn, some rounds."""
    patterns = {
        "bare": "/bare/{}",
        "stored": "/v1/stored/{}",
        "prefill": f"/v1/prefill/{FORM}?project_code={{}}",
        "anew": f"/v1/prefill/{FORM}?project_code={{}}&anew=1",
    }
    found: dict[str, list[list[float]]] = {name: [] for name in patterns}
    burnt = dict.fromkeys(patterns, 0.0)
    with serving(url) as port, psycopg.connect(url) as tx:
        codes = [
            row[0]
            for row in tx.execute("select project_code from golden.project order by 1 limit 2000")
        ]
        tx.execute("create table if not exists public.stored (code text primary key, body bytea)")
        for code in codes:
            body = ask(port, token, patterns["prefill"].format(code))
            tx.execute(
                "insert into public.stored values (%s, %s) on conflict do nothing", (code, body)
            )
        tx.commit()
        for _ in range(asked.runs):
            for name, pattern in patterns.items():
                before = cpu()
                found[name].append(
                    asyncio.run(load(port, token, pattern, codes=codes, asked=asked))
                )
                burnt[name] += cpu() - before
    rates = {
        name: statistics.median(len(times) / asked.seconds for times in runs)
        for name, runs in found.items()
    }
    cases: dict[str, Json] = {
        name: {
            "answers_a_second": round(rates[name], 1),
            "p50_ms": round(statistics.median(percentile(times, 0.5) for times in runs), 2),
            "p99_ms": round(statistics.median(percentile(times, 0.99) for times in runs), 2),
            "cpu_ms_an_answer": round(burnt[name] / sum(map(len, runs)) * 1000, 2),
        }
        for name, runs in found.items()
    }
    ratios: dict[str, Json] = {
        f"{case}_of_{name}": round(rates[case] / rates[name], 3)
        for case in ("prefill", "anew")
        for name in ("stored", "bare")
    }
    return {"clients": asked.clients, "bytes": len(body), "cases": cases, **ratios}


def cpu() -> float:
    """CPU seconds so far of the clients, the server and PostgreSQL, which are this process and
    those below it.
    """
    return time.process_time() + sum(cpu_of(one) for one in psutil.Process().children())


def percentile(times: list[float], share: float) -> float:
    """So large a share is answered within so many milliseconds."""
    return sorted(times)[int(len(times) * share)] * 1000


def main() -> None:
    """Print rates, waits and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--projects", type=int, default=2_000)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--serve", type=int, metavar="PORT", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.serve:
        serve(asked.serve)
        return
    with server() as cluster:
        cluster.ensure_database("bench")
        hub = wiring.start(
            environ={"HUB_DATABASE_URL": cluster.url("bench"), "HUB_HASH_KEY": "bench"}
        )
        hub.migrate()
        fill(hub, asked.projects)
        token = reading_account(hub)
        hub.close()
        figures = measure(cluster.url("bench"), token, asked)
    keep("prefill", {"projects": asked.projects, "runs": asked.runs, **figures})


if __name__ == "__main__":
    main()
