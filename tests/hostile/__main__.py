"""`python -m tests.hostile --seeds N [--from SEED] [--workers N] [--fault NAME]`: as many hostile
worlds as you like.

Lives that have ended are kept in `.run/hostile.jsonl`: the same command again goes on where it was
cut, as long as the code is the same. `--seed S`: this one only, with its event log.
`--every-statement`: one history, lived once for each statement at which a worker can be killed.
"""

import argparse
import logging
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.hostile import crew, series
from tests.hostile.faults import FAULTS
from tests.hostile.lives import live
from tests.hostile.series import Life
from tests.hostile.server import running_server
from tests.hostile.walk import boundaries, killed_at
from tests.hostile.world import Plan

EVERY = 60.0  # seconds between two lines of progress where nobody looks


def main() -> int:
    """Live through seeds; show progress; say how each failing one is repeated."""
    ask = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__)
    ask.add_argument("--seeds", type=int, default=1000)
    ask.add_argument("--seed", type=int, help="this one only, with its event log")
    ask.add_argument("--from", "--first", type=int, default=1, dest="first", help="the first seed")
    ask.add_argument("--workers", type=int, default=1, help="processes that live side by side")
    ask.add_argument(
        "--fault", choices=sorted(FAULTS), action="append", default=[], help="every seed has it"
    )
    ask.add_argument(
        "--every-statement",
        action="store_true",
        help="kill a worker at each boundary of one history",
    )
    ask.add_argument(
        "--until-failure", action="store_true", help="stop at the first life that fails"
    )
    ask.add_argument("--kept", type=Path, default=series.KEPT, help="where lives are written down")
    ask.add_argument("--limit", type=float, default=900, help="seconds that a life may take")
    said = ask.parse_args()
    logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)  # connections break here by design
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that workers end with us
    if said.every_statement:
        return walk()
    return one(said.seed, said.fault) if said.seed is not None else many(said)


def one(seed: int, forced: Sequence[str]) -> int:
    """One seed, with all that happened."""
    with running_server() as server:
        world, wrong = live(server, Plan.of(seed, forced=forced))
    print(*world.log, "", *wrong, "failed" if wrong else "ended well", sep="\n")
    return 1 if wrong else 0


def many(said: argparse.Namespace) -> int:
    """All seeds that are not kept; what came of them and of those that are."""
    seeds = range(said.first, said.first + said.seeds)
    of, commit = series.series(said.fault), series.commit()
    ended = series.kept(said.kept, of, seeds)
    print(f"{len(seeds)} lives of {commit or of}, {len(ended)} of them lived before", flush=True)
    failed = [life for life in ended.values() if life.wrong]
    for life in failed:
        print(told(life, said.fault), flush=True)
    if failed and said.until_failure:
        return 1
    left = [seed for seed in seeds if seed not in ended]
    began = shown = time.monotonic()
    lives = crew.lived(left, said.fault, workers=said.workers, limit=said.limit)
    for done, (seed, seconds, wrong) in enumerate(lives, 1):
        life = ended[seed] = Life(of, commit, seed, seconds, wrong)
        series.keep(said.kept, life)
        if wrong:
            print(told(life, said.fault), flush=True)
            failed.append(life)
            if said.until_failure:
                lives.close()
                break
        if time.monotonic() - shown > (1 if sys.stderr.isatty() else EVERY):
            shown = time.monotonic()
            print(
                f"{done} of {len(left)}, {(shown - began) / done:.2f} s each",
                file=sys.stderr,
                flush=True,
            )
    print(summary(ended, failed, time.monotonic() - began))
    return 1 if failed else 0


def told(life: Life, forced: Sequence[str]) -> str:
    """What was wrong with a life, and how it is repeated."""
    more = "".join(f" --fault {name}" for name in forced)
    head = (
        f"FAILED: seed {life.seed}; repeat it: tools/run python -m tests.hostile --seed "
        f"{life.seed}{more}"
    )
    return "\n  ".join(["", head, *life.wrong]).strip("\n ")


def summary(ended: dict[int, Life], failed: Sequence[Life], took: float) -> str:
    """How many, how they ended, and which failed."""
    seconds = sum(life.seconds for life in ended.values())
    lines = [f"{len(ended)} lives, {len(failed)} failed, {took:.0f} s now, {seconds:.0f} s in all"]
    if failed:
        lines.append(
            f"failed: {' '.join(str(life.seed) for life in sorted(failed, key=lambda life: life.seed))}"
        )
    return "\n".join(lines)


def walk() -> int:
    """Boundary after boundary."""
    with running_server() as server:
        found = boundaries(server)
        failed = sum(1 for _ in _walked((str(one), list(killed_at(server, one))) for one in found))
    print(f"{len(found)} boundaries, {failed} failed")
    return 1 if failed else 0


def _walked(lives: Iterator[tuple[str, list[str]]]) -> Iterator[str]:
    for name, wrong in lives:
        if wrong:
            print(f"FAILED: {name}", *wrong, sep="\n  ", flush=True)
            yield name


if __name__ == "__main__":
    sys.exit(main())
