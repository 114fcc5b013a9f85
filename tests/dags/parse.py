"""Parse the DAG files as Airflow does, with sockets barred, and print what came of it as JSON."""

import json
import sys
import time
from pathlib import Path
from typing import Any

from airflow.dag_processing.dagbag import DagBag
from airflow.serialization.serialized_objects import DagSerialization

CHECKOUT = Path(__file__).resolve().parent.parent.parent
DAGS = Path(sys.argv[1]) if sys.argv[1:] else CHECKOUT / "dags"


class SocketBarredError(RuntimeError):
    """The parse wanted the network."""


def parse() -> tuple[DagBag, list[dict[str, Any]]]:
    bag = DagBag(DAGS, bundle_path=DAGS, bundle_name="dags")
    return bag, [DagSerialization.to_dict(dag) for _, dag in sorted(bag.dags.items())]


def main() -> None:
    sys.path.insert(0, str(DAGS))  # as Airflow does for a folder of DAGs
    parse()  # what Airflow itself loads the first time is not our affair
    del sys.modules["onecode"]
    opened: set[str] = set()
    watching = True

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if not watching:
            return
        if event in {"socket.connect", "socket.getaddrinfo", "sqlite3.connect"}:
            raise SocketBarredError(event)
        if event == "open" and isinstance(arguments[0], str) and not arguments[0].endswith(".pyc"):
            opened.add(arguments[0])

    sys.addaudithook(watch)
    began = time.process_time()
    bag, first = parse()
    spent = time.process_time() - began
    watching = False
    _, second = parse()
    own = (Path(name) for name in opened)
    print(  # noqa: T201 - its answer
        json.dumps(
            {
                "errors": bag.import_errors,
                "read": sorted(
                    str(path.relative_to(CHECKOUT))
                    for path in own
                    if path.is_relative_to(CHECKOUT) and ".venv" not in path.parts
                ),
                "hub_loaded": sorted(
                    name for name in sys.modules if name.split(".")[0] in {"hub", "connectors"}
                ),
                "seconds": spent,
                "same_again": first == second,
                "dags": first,
            }
        )
    )


main()
