"""`python -m tests.browser [PORT]`: the site on a filled hub; sign in as admin, audit, water or
stranger.
"""

import sys
from contextlib import closing, suppress

from deploy import postgres
from tests.browser.site import PASSWORD, accounts, serving
from tests.filled import Filled, fill
from tests.postgres import DatabaseServer, throwaway_cluster

with throwaway_cluster() as cluster:
    process = cluster.start(cluster.data.with_suffix(".log"))
    try:
        with closing(DatabaseServer(cluster)) as server, server.database() as url:
            world = Filled(url)
            world.hub.migrate()
            fill(world)
            accounts(world)
            with serving(world, port=int(sys.argv[1]) if len(sys.argv) > 1 else None) as address:
                sys.stdout.write(f"{address}  {PASSWORD}\n")
                sys.stdout.flush()
                with suppress(KeyboardInterrupt):
                    sys.stdin.read()
            world.hub.close()
    finally:
        postgres.stop(process)
