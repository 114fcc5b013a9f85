"""`python -m deploy up | demo [--once] | down | clean`; the Makefile has a verb for each."""

import argparse
import os
import shutil
import signal
import sys
import time
from types import FrameType
from typing import NoReturn

from rich.console import Console

from deploy import demo, postgres, site, stack
from deploy.postgres import DatabaseFailedError
from deploy.supervisor import StartFailedError
from hub.errors import HubError
from hub.texts import say


class Clock:
    """Says what happens, and how many seconds after the start."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._started = time.monotonic()

    def __call__(self, text: str) -> None:
        self._console.print(
            f"[dim]{time.monotonic() - self._started:5.1f} s[/]  {text}",
            highlight=False,
            soft_wrap=True,
        )


def up(console: Console) -> None:
    with stack.running_hub(Clock(console)) as (here, supervisor):
        console.print(stack.addresses(here), highlight=False, soft_wrap=True)
        console.print(
            "流程首次出现时为暂停状态，在 Airflow 中打开 · flows are paused at first: switch them on in Airflow",
            soft_wrap=True,
        )
        console.print("按 Ctrl-C 停止 · Ctrl-C stops it")
        while True:
            supervisor.look_after()
            time.sleep(0.5)


def down(console: Console) -> None:
    pid = stack.running()
    if pid is None:
        console.print("没有在运行 · nothing is running")
        return
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + site.limits().down_seconds
    while stack.running() is not None:
        if time.monotonic() > deadline:
            sys.exit(f"进程 {pid} 没有停止 · process {pid} did not stop")
        time.sleep(0.2)
    console.print("已停止 · stopped")


def clean(console: Console) -> None:
    """Stop, and delete the database's folder where it lies outside the checkout."""
    down(console)
    if postgres.home() != site.RUN:
        shutil.rmtree(postgres.home(), ignore_errors=True)


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # from here on we stop, and a second Ctrl-C must not cut that short
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m deploy", description=__doc__)
    parser.add_argument("verb", choices=["up", "demo", "down", "clean"])
    parser.add_argument("--once", action="store_true", help="demo: stop after the table")
    parser.add_argument(
        "--partners",
        type=site.chosen,
        default=site.PARTNERS,
        help="demo: a set of deploy/partners.yaml, or names with commas between",
    )
    options = parser.parse_args()
    console = Console()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        match options.verb:
            case "up":
                up(console)
            case "demo":
                demo.show(console, say=Clock(console), once=options.once, partners=options.partners)
            case "down":
                down(console)
            case _:
                clean(console)
    except KeyboardInterrupt:
        pass
    except (
        stack.PlaceTakenError,
        StartFailedError,
        DatabaseFailedError,
        demo.ActFailedError,
    ) as error:
        sys.exit(f"\n{error}")
    except HubError as error:
        sys.exit(f"\n{say(error.code, error.facts, 'zh')}\n{say(error.code, error.facts, 'en')}")


if __name__ == "__main__":
    main()
