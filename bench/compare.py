"""Everybody on the same work in one run, interleaved: wall seconds, CPU, times COPY, peak memory;
medians.

    python -m bench.compare --records 200000 --runs 3

Each contender is a process of its own on a fresh database of one PostgreSQL; imports and
preparation are over before its time starts. CPU is that of the contender and of PostgreSQL
together; the source's own is not counted.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import psutil
import psycopg

from bench import home, profiles
from bench.database import server
from bench.kept import RESULTS, keep
from bench.source import Table
from bench.worker import Answer
from deploy import postgres
from hub.model import Json
from hub.settings import HOME

OTHERS = HOME / ".tools/bench/bin/python"
"""The environment of those that the hub is measured against."""

COPY = "copy"
TABLES = {"pull.front.approval_item", "pull.direct.approval_item", "table"}
DLT_TABLE = ("--source", "table", "--format", "parquet")
CASES = ("first", "again", "changed")


PINNED = re.compile(r"^(dlt|pandas|connectorx|pyarrow|sqlalchemy|jsonschema)==(\S+)", re.MULTILINE)
Row = dict[str, Json]


@dataclass(frozen=True)
class Contender:
    """Who, by which program, on which source; `ours`: in the hub's own environment."""

    name: str
    program: str
    options: tuple[str, ...] = ()
    cases: tuple[str, ...] = CASES
    ours: bool = False

    @property
    def table(self) -> bool:
        """Whether it reads the table."""
        return bool(TABLES & {*self.options})

    @property
    def command(self) -> list[str]:
        return [sys.executable if self.ours else str(OTHERS), "-m", self.program, *self.options]


CONTENDERS = (
    Contender(COPY, "bench.copy_side", cases=("first",), ours=True),
    Contender("hub-rest", "bench.hub_side", ours=True),
    Contender("hub-odbc", "bench.hub_side", ("--flow", "pull.front.approval_item"), ours=True),
    Contender("hub-native", "bench.hub_side", ("--flow", "pull.direct.approval_item"), ours=True),
    Contender("dlt-merge", "bench.dlt_side", ("--source", "rest")),
    Contender("dlt-tuned", "bench.dlt_side", ("--source", "arrow", "--format", "csv")),
    Contender("dlt-table", "bench.dlt_side", (*DLT_TABLE, "--disposition", "upsert")),
    Contender(
        "dlt-append", "bench.dlt_side", (*DLT_TABLE, "--disposition", "append"), cases=("first",)
    ),
    Contender("pandas", "bench.pandas_side", cases=("first", "changed")),
)


@dataclass(frozen=True)
class Measured:
    """One case of one contender. cpu: of its process and of PostgreSQL. times_copy, cpu_times_copy:
    in its round.
    """

    contender: str
    case: str
    seconds: float
    cpu: float
    peak_mib: float
    did: str
    times_copy: float | None = None
    cpu_times_copy: float | None = None


@dataclass(frozen=True)
class Ground:
    """What all stand on. process: PostgreSQL's own."""

    cluster: postgres.Cluster
    process: psutil.Process
    web: str
    table: Table
    size: Sequence[str]
    profile: Path | None


class ContenderFailedError(RuntimeError):
    """A contender's process ended before its time; what it said stands above."""

    def __init__(self, contender: str, code: int) -> None:
        super().__init__(f"{contender}: exit code {code}")


class OtherSizeError(RuntimeError):
    """Figures of another size are kept under this name."""


class Side:
    """A contender's process, told case by case."""

    def __init__(self, ground: Ground, contender: Contender, database: str) -> None:
        self._name = contender.name
        command = [*contender.command, "--database", ground.cluster.url(database)]
        command += [*ground.size, "--web", f"{ground.web}/api", "--table", ground.table.url]
        if ground.profile and contender.program == "bench.hub_side":
            command += ["--profile", str(ground.profile / contender.name)]
        self._process = subprocess.Popen(  # noqa: S603 - our own programs
            command,
            cwd=HOME,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=_environment(),
        )
        self._answer()

    def _answer(self) -> Answer:
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            raise ContenderFailedError(self._name, self._process.wait())
        return Answer(**json.loads(line))

    def do(self, case: str) -> Answer:
        """Let it do one case; what it says of it."""
        if self._process.stdin:
            print(case, file=self._process.stdin, flush=True)
        return self._answer()

    def close(self) -> None:
        self._process.communicate()


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(HOME), "RUNTIME__DLTHUB_TELEMETRY": "false"}


def _tell(ground: Ground, state: str) -> None:
    """Bring the source, as list and as table, into a state."""
    urlopen(Request(f"{ground.web}/{state}", method="POST")).close()  # noqa: S310 - our own source
    if state == "changed":
        ground.table.change()
    else:
        ground.table.reset()


def measure(ground: Ground, contender: Contender) -> Iterator[Measured]:
    """All cases of one contender, on a database of its own."""
    database = "contender"
    ground.cluster.ensure_database(database)
    _tell(ground, "reset")
    side = Side(ground, contender, database)
    try:
        for case in contender.cases:
            if case == "changed":
                _tell(ground, "changed")
            with psycopg.connect(ground.cluster.url(database), autocommit=True) as connection:
                connection.execute("checkpoint")
            before = home.cpu_of(ground.process)
            with profiles.statements(
                ground.cluster.url(database), ground.profile, f"{contender.name}-{case}"
            ):
                said = side.do(case)
            cpu = said.cpu + home.cpu_of(ground.process) - before
            yield Measured(contender.name, case, said.seconds, cpu, said.peak_mib, said.did)
    finally:
        side.close()
        ground.cluster.drop_database(database)


@contextmanager
def ground(
    asked: argparse.Namespace, cluster: postgres.Cluster, *, table: bool
) -> Iterator[Ground]:
    """The source in all its forms, beside a PostgreSQL."""
    size, work = home.size_of(asked), home.work_of(asked)
    command = [sys.executable, "-m", "bench.source", *size]
    cluster.ensure_database("front")
    with ExitStack() as stack:
        web = stack.enter_context(
            subprocess.Popen(  # noqa: S603 - our own
                command, cwd=HOME, stdout=subprocess.PIPE, text=True, env=_environment()
            )
        )
        stack.callback(cluster.drop_database, "front")
        stack.callback(web.terminate)
        rows = Table(cluster.url("front"), work if table else replace(work, records=0))
        line = web.stdout.readline() if web.stdout else ""
        port = json.loads(line)["port"]
        yield Ground(
            cluster, home.process_of(cluster), f"http://127.0.0.1:{port}", rows, size, asked.profile
        )


def run(stands: Ground, chosen: Sequence[Contender], *, runs: int) -> list[Measured]:
    """Every contender in turn, as often as asked, told on the way."""
    measured = []
    for number in range(runs):
        copied: Measured | None = None
        for contender in chosen:
            for one in measure(stands, contender):
                copied = one if contender.name == COPY else copied
                measured.append(_beside(one, copied))
                told = (
                    f"run {number + 1}: {one.contender}, {one.case}: {one.seconds:.2f} s, {one.did}"
                )
                print(told, file=sys.stderr)
    return measured


def _beside(one: Measured, copied: Measured | None) -> Measured:
    """The same, compared with COPY in the same round."""
    if copied is None:
        return one
    least = 1 / os.sysconf("SC_CLK_TCK")
    return replace(
        one,
        times_copy=one.seconds / copied.seconds,
        cpu_times_copy=one.cpu / max(copied.cpu, least),
    )


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(statistics.median(known), 2) if known else None


def medians(measured: Sequence[Measured], records: int) -> list[Row]:
    """One row a contender and case."""
    found: dict[tuple[str, str], list[Measured]] = defaultdict(list)
    for one in measured:
        found[one.contender, one.case].append(one)
    rows: list[Row] = []
    for (contender, case), several in found.items():
        seconds = statistics.median(one.seconds for one in several)
        rows.append(
            {
                "contender": contender,
                "case": case,
                "seconds": round(seconds, 3),
                "least": round(min(one.seconds for one in several), 3),
                "most": round(max(one.seconds for one in several), 3),
                "us_a_record": round(seconds / records * 1e6, 2),
                "cpu_us_a_record": round(
                    statistics.median(one.cpu for one in several) / records * 1e6, 2
                ),
                "times_copy": _median(one.times_copy for one in several),
                "cpu_times_copy": _median(one.cpu_times_copy for one in several),
                "peak_mib": round(max(one.peak_mib for one in several)),
                "did": several[-1].did,
            }
        )
    return rows


def table_of(rows: Sequence[Row]) -> str:
    """The rows as a table of Markdown."""
    names = [name for name in rows[0] if name != "did"]
    lines = [names, ["---"] * len(names), *([str(row[name]) for name in names] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def chosen(names: str) -> list[Contender]:
    """The contenders whose names hold one of these words."""
    return [
        one for one in CONTENDERS if not names or any(word in one.name for word in names.split(","))
    ]


def kept_before(name: str, size: Json) -> list[Measured]:
    """What earlier runs of the same size have kept under this name."""
    path = RESULTS / f"{name}.json"
    figures: dict[str, Any] = (
        json.loads(path.read_bytes()) if path.exists() else {"size": size, "measured": []}
    )
    if figures["size"] != size:
        raise OtherSizeError(name)
    return [Measured(**one) for one in figures["measured"]]


def main() -> None:
    """Measure, print the table, keep the figures where asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    home.add_size(parser)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument(
        "--only", default="", help="words of the contenders' names: copy,hub,dlt,pandas"
    )
    parser.add_argument(
        "--profile", type=Path, help="folder for profiles of the hub and of its SQL statements"
    )
    parser.add_argument(
        "--keep", default="", help="name of a file in bench/results to which the figures are added"
    )
    asked = parser.parse_args()
    if asked.profile:
        asked.profile.mkdir(parents=True, exist_ok=True)
    size: Json = {name: getattr(asked, name) for name in home.SIZE}
    measured = kept_before(asked.keep, size) if asked.keep else []
    contenders = chosen(asked.only)
    settings = home.STATEMENTS if asked.profile else ()
    if asked.runs:
        table = any(one.table for one in contenders)
        with server(settings=settings) as cluster, ground(asked, cluster, table=table) as stands:
            measured += run(stands, contenders, runs=asked.runs)
    rows = medians(measured, asked.records)
    if asked.profile:
        print(profiles.told(asked.profile))
    if asked.keep and asked.runs:
        others = dict(
            PINNED.findall((HOME / "requirements-bench.lock").read_text(encoding="utf-8"))
        )
        keep(
            asked.keep,
            {
                "size": size,
                "others": others,
                "rows": [*rows],
                "measured": [asdict(m) for m in measured],
            },
        )
    print(table_of(rows))


if __name__ == "__main__":
    main()
