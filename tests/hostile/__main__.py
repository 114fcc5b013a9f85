"""`python -m tests.hostile --seeds N [--seed S] [--fault NAME]`: as many hostile worlds as you like."""

import argparse
import logging
import sys
import time

from tests.hostile.faults import FAULTS
from tests.hostile.oracle import live
from tests.hostile.server import running_server
from tests.hostile.world import Plan


def main() -> int:
    """Live through seeds; show progress; say how each failing one is repeated."""
    ask = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__)
    ask.add_argument("--seeds", type=int, default=1000)
    ask.add_argument("--seed", type=int, help="this one only, with its event log")
    ask.add_argument("--first", type=int, default=1, help="the first seed")
    ask.add_argument("--fault", choices=sorted(FAULTS), action="append", default=[], help="every seed has it")
    said = ask.parse_args()
    seeds = [said.seed] if said.seed is not None else range(said.first, said.first + said.seeds)
    logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)  # connections break here by design
    failed, began = 0, time.monotonic()
    with running_server() as server:
        for done, seed in enumerate(seeds, 1):
            world, wrong = live(server, Plan.of(seed, forced=said.fault))
            if said.seed is not None:
                print(*world.log, sep="\n")
            if wrong:
                failed += 1
                again = f"python -m tests.hostile --seed {seed}" + "".join(f" --fault {name}" for name in said.fault)
                print(f"\nseed {seed} FAILED; repeat it: tools/run {again}", *wrong, sep="\n  ")
            if sys.stderr.isatty() or done % 100 == 0:
                took = time.monotonic() - began
                print(f"\r{done} seeds, {failed} failed, {took / done:.2f} s each", end="", file=sys.stderr, flush=True)
    print(f"\n{done} seeds, {failed} failed, {time.monotonic() - began:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
