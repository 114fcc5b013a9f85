"""Writes what is kept in bench/results into docs/performance.md, between its marks:
`python -m bench.pages`.
"""

import json
import re
from collections.abc import Sequence
from functools import partial
from typing import cast

from bench.compare import Row
from bench.growth import AXES
from bench.kept import RESULTS
from hub.model import Json
from hub.settings import HOME

PAGE = HOME / "docs/performance.md"
MARK = re.compile(r"(<!-- (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
COLUMNS = {
    "seconds": "s",
    "us_a_record": "µs a record",
    "times_copy": "x COPY",
    "cpu_us_a_record": "CPU µs a record",
    "cpu_times_copy": "CPU x COPY",
    "peak_mib": "peak MiB",
}
FORMS, SHARE, LATE, DELIVERED = ("prefill", "anew"), 0.7, 30, 0.8
EXPLODED, RECEIVED = 1.5, 500
"""Which cases of prefill the targets are for, and the targets."""

CASES = {"first": "first load", "again": "read again, nothing changed", "changed": "1 % changed"}


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table of Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(map(_cell, line))} |\n" for line in lines)


def _cell(value: object) -> str:
    return "-" if value is None else f"{value:,.2f}" if isinstance(value, float) else str(value)


def compared(name: str) -> str:
    """Everybody, case by case."""
    rows: list[Row] = json.loads((RESULTS / f"{name}.json").read_bytes())["rows"]
    listed = [
        [title, row["contender"], *(row[column] for column in COLUMNS)]
        for case, title in CASES.items()
        for row in rows
        if row["case"] == case
    ]
    return table(["case", "who", *COLUMNS.values()], listed)


def grown(axis: str) -> str:
    """One size a line."""
    sizes = json.loads((RESULTS / "growth.json").read_bytes())["axes"][axis]
    lines = []
    for size in sizes:
        found = {(row["contender"], row["case"]): row for row in size["rows"]}
        first, again = found["hub-rest", "first"], found["hub-rest", "again"]
        copied, changed = found["copy", "first"], found["hub-rest", "changed"]
        cpu: list[Json] = [row["cpu_us_a_record"] for row in (copied, first, again)]
        lines.append(
            [
                f"{size['size']:,}",
                *cpu,
                first["seconds"],
                again["seconds"],
                changed["seconds"],
                again["peak_mib"],
            ]
        )
    head = [axis, "COPY, CPU µs a record", "first load, CPU µs", "read again, CPU µs"]
    head += ["first load s", "read again s", "1 % changed s", "peak MiB"]
    return table(head, lines)


def year() -> str:
    """With and without a year of history."""
    rows: list[Row] = json.loads((RESULTS / "growth.json").read_bytes())["axes"]["year"]
    cases = ("again", "changed", "looked")
    listed = [
        [row["contender"], row["case"], row["seconds"], row["did"]]
        for row in rows
        if row["case"] in cases
    ]
    return table(["database", "case", "s", "what it did"], listed)


def parts() -> str:
    """What the parts cost alone."""
    found = json.loads((RESULTS / "parts.json").read_bytes())["cpu_us_a_record"]
    return table(["part", "CPU µs a record"], [*found.items()])


def prefilled() -> str:
    """Forms over HTTP, beside a stored document, and what the targets say of it."""
    cases: dict[str, dict[str, float]] = json.loads((RESULTS / "prefill.json").read_bytes())[
        "cases"
    ]
    stored = cases["stored"]["answers_a_second"]
    listed: list[list[object]] = []
    for name, found in cases.items():
        rate, late = found["answers_a_second"], found["p99_ms"]
        share, wait = f"{rate / stored:.0%}", f"{late}"
        if name in FORMS:
            share, wait = (
                _against(share, reached=rate >= SHARE * stored),
                _against(wait, reached=late < LATE),
            )
        listed.append(
            [name, f"{rate:,.0f}", share, found["p50_ms"], wait, found.get("cpu_ms_an_answer")]
        )
    head = [
        "",
        "answers a second",
        "of `stored` (target 70 %)",
        "median ms",
        "99th ms (target 30)",
        "CPU ms an answer",
    ]
    return table(head, listed)


def delivered() -> str:
    """Deliveries beside a bare loop, by the partner's own time."""
    cases = json.loads((RESULTS / "delivery.json").read_bytes())["cases"]
    listed = [
        [
            f"{case['service_ms_a_batch']:.0f} ms",
            case["bare_s"],
            case["hub_s"],
            _against(f"{case['share_of_bare']:.0%}", reached=case["share_of_bare"] >= DELIVERED),
            case["hub_cpu_us_a_record"],
        ]
        for case in cases
    ]
    head = [
        "the partner's time for a batch",
        "bare loop s",
        "hub s",
        "share (target 80 %)",
        "CPU µs a record",
    ]
    return table(head, listed)


def exploded() -> str:
    """The same records flat and as parts."""
    said = json.loads((RESULTS / "explode.json").read_bytes())
    ratio = _against(f"{said['parts_over_flat']:.2f}", reached=said["parts_over_flat"] <= EXPLODED)
    line = [said["records"], said["parts_of_a_whole"], said["flat_cpu_us"], said["parts_cpu_us"]]
    head = ["records", "a whole", "flat, CPU µs a record", "as parts, CPU µs a record"]
    return table([*head, f"parts / flat (target at most {EXPLODED})"], [[*line, ratio]])


def received() -> str:
    """What is pushed, beside a bare insert."""
    cases = json.loads((RESULTS / "inbound.json").read_bytes())["cases"]
    lines = [
        [
            case["records_of_a_body"],
            _against(f"{case['records_a_second']:,}", reached=case["records_a_second"] >= RECEIVED),
            f"{case['insert_records_a_second']:,}",
            f"{case['share_of_insert']:.1%}",
            case["p50_ms"],
            case["p99_ms"],
            case["cpu_ms_a_body"],
        ]
        for case in cases
    ]
    head = [
        "records a body",
        f"records a second (target {RECEIVED})",
        "bare insert and commit",
        "share of it",
        "p50 ms",
        "p99 ms",
        "CPU ms a body",
    ]
    return table(head, lines)


def flows(name: str) -> str:
    """The product's own mappings: CPU beside COPY of the same rows, WAL and disk, a record."""
    rows: list[Row] = json.loads((RESULTS / f"{name}.json").read_bytes())["rows"]
    columns = ("copy_us", "client_us", "postgresql_us", "times_copy")
    listed = [
        [
            row["case"],
            *(row[column] for column in columns),
            *(f"{cast('float', row[column]) / 1000:.1f}" for column in ("wal_bytes", "disk_bytes")),
        ]
        for row in rows
    ]
    head = ["a record of", "COPY, CPU µs", "hub, CPU µs", "PostgreSQL, CPU µs", "CPU x COPY"]
    return table([*head, "WAL kB", "disk kB"], listed)


def _against(figure: str, *, reached: bool) -> str:
    return f"{figure}, {'reached' if reached else '**not reached**'}"


def filled(text: str) -> str:
    """The page with its marked places filled."""
    alone = {
        "year": year,
        "parts": parts,
        "prefill": prefilled,
        "delivery": delivered,
        "explode": exploded,
        "inbound": received,
    }
    alone |= {name: partial(flows, name) for name in ("flows", "flows_before")}

    def fill(match: re.Match[str]) -> str:
        name = match[2]
        content = (
            alone[name]() if name in alone else grown(name) if name in AXES else compared(name)
        )
        return f"{match[1]}{content}{match[3]}"

    return MARK.sub(fill, text)


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
