"""Print what the DAGs hand to the hub of each flow's connection, and Airflow's own address of it;
run by a test.
"""

import json
import sys
from pathlib import Path

from airflow.sdk import Connection

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent / "dags"))

from onecode import _connections


def main() -> None:
    told = {}
    for flow in sys.argv[1:]:
        told[flow] = [_connections(flow), Connection.get(f"hub_{flow.split('.')[1]}").get_uri()]
    print(json.dumps(told))  # noqa: T201 - its answer


main()
