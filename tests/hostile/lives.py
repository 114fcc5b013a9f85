"""One seed from beginning to end."""

import traceback

from tests.hostile.oracle import differences
from tests.hostile.server import Server
from tests.hostile.world import Plan, World


def live(server: Server, plan: Plan) -> tuple[World, list[str]]:
    """One seed from beginning to end, and what is wrong in the end."""
    server.empty()
    world = World(server, plan)
    try:
        world.storm()
        world.calm()
        return world, differences(world)
    except Exception:  # noqa: BLE001 -- whatever it is, the seed must be named
        return world, [traceback.format_exc()]
