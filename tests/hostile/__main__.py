"""`python -m tests.hostile --seeds N [--seed S] [--fault NAME]`: as many hostile worlds as you like.

`--every-statement`: one history, lived once for each statement at which a worker can be killed.
"""

import argparse
import logging
import sys
import time
from collections.abc import Iterator

from tests.hostile.faults import FAULTS
from tests.hostile.lives import live
from tests.hostile.server import Server, running_server
from tests.hostile.walk import boundaries, killed_at
from tests.hostile.world import Plan


def main() -> int:
    """Live through seeds; show progress; say how each failing one is repeated."""
    ask = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__)
    ask.add_argument("--seeds", type=int, default=1000)
    ask.add_argument("--seed", type=int, help="this one only, with its event log")
    ask.add_argument("--first", type=int, default=1, help="the first seed")
    ask.add_argument("--fault", choices=sorted(FAULTS), action="append", default=[], help="every seed has it")
    ask.add_argument("--every-statement", action="store_true", help="kill a worker at each boundary of one history")
    ask.add_argument("--until-failure", action="store_true", help="stop at the first life that fails")
    said = ask.parse_args()
    logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)  # connections break here by design
    with running_server() as server:
        lives = walked(server) if said.every_statement else lived(server, said)
        return watch(*lives, until_failure=said.until_failure)


def lived(server: Server, said: argparse.Namespace) -> tuple[int, Iterator[tuple[str, list[str]]]]:
    """Seed after seed: how many, and of each how to repeat it and what is wrong."""
    seeds = [said.seed] if said.seed is not None else range(said.first, said.first + said.seeds)
    more = "".join(f" --fault {name}" for name in said.fault)

    def lives() -> Iterator[tuple[str, list[str]]]:
        for seed in seeds:
            world, wrong = live(server, Plan.of(seed, forced=said.fault))
            if said.seed is not None:
                print(*world.log, sep="\n")
            yield f"seed {seed}; repeat it: tools/run python -m tests.hostile --seed {seed}{more}", wrong

    return len(seeds), lives()


def walked(server: Server) -> tuple[int, Iterator[tuple[str, list[str]]]]:
    """Boundary after boundary."""
    found = boundaries(server)
    return len(found), ((str(boundary), list(killed_at(server, boundary))) for boundary in found)


def watch(count: int, lives: Iterator[tuple[str, list[str]]], *, until_failure: bool = False) -> int:
    """Show progress and what failed."""
    failed, began = 0, time.monotonic()
    for done, (name, wrong) in enumerate(lives, 1):
        if wrong:
            failed += 1
            print(f"\nFAILED: {name}", *wrong, sep="\n  ", flush=True)
            if until_failure:
                return 1
        if sys.stderr.isatty() or done % 100 == 0:
            took = time.monotonic() - began
            print(
                f"\r{done} of {count}, {failed} failed, {took / done:.2f} s each", end="", file=sys.stderr, flush=True
            )
    print(f"\n{count} lives, {failed} failed, {time.monotonic() - began:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
