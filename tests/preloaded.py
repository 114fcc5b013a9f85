"""What the process imports from which programs are forked; see tests/processes.py. Nothing here may
start a thread.
"""

import gc
import importlib
import sys

MODULES = (
    *(
        "hub.api",
        "hub.cli",
        "hub.console",
        "uvicorn",
        "sandbox.serving",
        "tests.pipeline.partners",
        "tests.pipeline.small",
    ),
    # what `hub` finds by their entry points: half of the CPU of a `hub verify` of a small database
    *(f"connectors.{name}" for name in ("files", "odbc", "rest", "soap", "sql", "sql_exchange")),
    *(f"sandbox.{name}" for name in ("approval", "declared.together", "investment")),
)

if __name__ == "__main__":  # a test asks what is there already
    sys.stdout.write(f"{[name for name in MODULES if name not in sys.modules]}\n")
else:
    for name in MODULES:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # so that no collection in a child copies what it shares with the others
