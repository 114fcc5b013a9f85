"""Airflow's share: its CPU and memory while nothing happens, and how long a cycle over all flows
takes.

Starts all that `make demo` starts, plays its acts (the second one is the cycle without changes),
then watches the parts of Airflow with all flows paused (idle), and with all flows on their timers
(at work).
"""

import argparse
import time
from contextlib import suppress
from datetime import UTC, datetime

import psutil
from rich.console import Console

from bench.kept import keep
from deploy import demo, stack
from deploy.airflow import Airflow
from deploy.supervisor import Supervisor
from hub.model import Json


def processes() -> dict[str, list[psutil.Process]]:
    """The processes below this one that are Airflow's, by part; tasks belong to the scheduler."""
    found: dict[str, list[psutil.Process]] = {}
    for child in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):
            line = " ".join(child.cmdline()).replace(
                "_", "-"
            )  # the API server gives itself another name
            part = next((part for part in stack.AIRFLOW if f"airflow {part}" in line), None)
            if part is not None:
                found[part] = [child, *child.children(recursive=True)]
    return found


def spent(found: dict[str, list[psutil.Process]]) -> dict[str, float]:
    """CPU seconds of each part so far, processes that have ended included."""
    seconds = {}
    for part, members in found.items():
        seconds[part] = 0.0
        for one in members:
            with suppress(psutil.NoSuchProcess):
                times = one.cpu_times()
                seconds[part] += (
                    times.user + times.system + times.children_user + times.children_system
                )
    return seconds


def memory(found: dict[str, list[psutil.Process]]) -> dict[str, int]:
    """Proportional memory of each part in MiB: what processes share counts once."""
    sums = {}
    for part, members in found.items():
        sums[part] = 0
        for one in members:
            with suppress(psutil.NoSuchProcess):
                sums[part] += one.memory_full_info().pss
    return {part: round(total / 2**20) for part, total in sums.items()}


def watch(supervisor: Supervisor, seconds: float) -> dict[str, Json]:
    """What the parts take within so many seconds."""
    before, began = spent(processes()), time.monotonic()
    while time.monotonic() - began < seconds:
        supervisor.tend()
        time.sleep(0.5)
    found, past = processes(), time.monotonic() - began
    after, held = spent(found), memory(found)
    shares: dict[str, Json] = {
        part: round((after[part] - before.get(part, 0)) / past * 100, 1) for part in after
    }
    total = round(sum(after[part] - before.get(part, 0) for part in after) / past * 100, 1)
    return {
        "percent_of_a_core": shares,
        "all_percent": total,
        "memory_mib": dict(held),
        "all_mib": sum(held.values()),
    }


def main() -> None:
    """Print and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=130)
    parser.add_argument("--idle", action="store_true", help="leave the acts out")
    asked = parser.parse_args()
    since = datetime.now(UTC)
    figures: dict[str, Json] = {}
    with stack.running_hub(print) as (here, supervisor):
        airflow = Airflow(here.address("airflow"), user="admin", password=here.secrets["admin"])
        if not asked.idle:
            stage = demo.Stage(airflow, supervisor, here.limits)
            demo.play(here, stage, Console(), since=since)
            figures["seconds_of_acts"] = {
                name: round(seconds, 1)
                for name, seconds in zip(stage.names, stage.seconds, strict=True)
            }
            figures["runs_of_acts"] = [len(act) for act in stage.acts]
            figures["on_timers"] = watch(supervisor, asked.seconds)
        airflow.pause([dag for dag in airflow.dags() if dag != "upkeep"])
        watch(supervisor, 15)
        figures["idle"] = watch(supervisor, asked.seconds)
    keep("airflow", figures)


if __name__ == "__main__":
    main()
