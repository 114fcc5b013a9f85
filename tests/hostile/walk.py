"""A worker killed at every single statement boundary of every flow, one life each."""

import traceback
from collections.abc import Iterator
from dataclasses import dataclass, replace

from tests.hostile import names as named
from tests.hostile.faults import Strikes
from tests.hostile.oracle import differences
from tests.hostile.server import Server
from tests.hostile.truth import Row, code_of
from tests.hostile.world import FLOWS, Plan, World

ORDER = (
    "replay",
    *named.PULLS,
    "release",
    *(flow for flow in FLOWS if flow.startswith(("push", "receipts"))),
)
STAGES = tuple((wave, flow) for wave in range(2) for flow in ORDER)


@dataclass(frozen=True)
class Boundary:
    """Just before one statement, commit or transaction of one thread of one flow.

    last: of that thread. Whether it is reached depends on the moment: a flow may need one statement
    less.
    """

    wave: int
    flow: str
    thread: str
    number: int
    last: bool = False


def boundaries(server: Server) -> list[Boundary]:
    """All there are, counted in a life without faults, the second: a process remembers things from
    its first.
    """
    _counted(server)
    return _counted(server)


def _counted(server: Server) -> list[Boundary]:
    found = []
    world = _world(server)
    for wave, flow in STAGES:
        _happens(world, wave, flow)
        server.database.arm()
        world._flow(server.database, flow, Strikes(), seed=0)
        for thread, count in sorted(server.database.statements.items()):
            found += [
                Boundary(wave, flow, thread, number, last=number == count)
                for number in range(1, count + 1)
            ]
    return found


def killed_at(server: Server, boundary: Boundary) -> Iterator[str]:
    """Live once, killed there; everything that is wrong in the end."""
    world = _world(server)
    try:
        for wave, flow in STAGES:
            _happens(world, wave, flow)
            strikes = Strikes()
            if (wave, flow) == (boundary.wave, boundary.flow):
                strikes = Strikes({"killed": boundary.number}, thread=boundary.thread)
            ended = world.run(flow, strikes)
            if strikes.at and ended != "killed" and not boundary.last:
                yield f"was not killed: {ended}"
        world.calm()
        yield from differences(world)
    except Exception:  # noqa: BLE001 -- whatever it is, the boundary must be named
        yield traceback.format_exc()


def _world(server: Server) -> World:
    server.empty()
    return World(server, Plan(seed=0, steps=0, faults=()))


def _happens(world: World, wave: int, flow: str) -> None:
    """What the sources hold at the beginning of a wave: everything new; then changes, a bad record,
    deletes.
    """
    truth = world.truth
    if flow != ORDER[0]:
        return
    if wave == 0:
        truth.codes = 3
        for n in range(1, 4):
            truth.commit(
                "plan",
                Row(
                    f"p{n}",
                    code_of(n),
                    f"项目{n}",
                    n,
                    "2024-05-01",
                    bad="money" if n == 3 else None,
                ),
            )
            truth.commit(
                "permit", Row(f"A{n}", code_of(n) if n < 3 else None, plot=f"地{min(n, 2)}")
            )
        truth.commit("build", Row("b1", code_of(1), "工程1", None, "2024-06-01"))
        return
    plan, permit = truth.tables["plan"].rows, truth.tables["permit"].rows
    truth.commit("plan", replace(plan["p1"], name="改名", start="2024-07-01"))
    truth.commit("plan", replace(plan["p2"], name="另名"))
    truth.commit("plan", replace(plan["p3"], bad=None))
    truth.commit("permit", replace(permit["A3"], gone=True))
    truth.commit("build", replace(truth.tables["build"].rows["b1"], start="2024-08-01"))
