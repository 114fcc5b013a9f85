"""`hub` on the contracts of the hostile world, as a program of its own: python -m
tests.hostile.command FOLDER verify.

The folder is a home of the hub (schemas, mappings) and holds, as installed packages do, an entry
point for the world's connector. Nothing else of the tests comes into this process.
"""

import sys

folder, *words = sys.argv[1:]
sys.path.insert(0, folder)
sys.argv = ["hub", *words]

from hub.cli import main  # noqa: E402 -- it finds connectors in what sys.path names by now

main()
