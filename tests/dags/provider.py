"""Print what Airflow knows of the hub as a provider; and of a connection of its own, what the
button Test says.
"""

import json
import os
import sys

from airflow.dag_processing.bundles.manager import DagBundlesManager
from airflow.providers_manager import ProvidersManager

from hub.provider.hooks import RestHook


def main() -> None:
    known = ProvidersManager()
    hooks = {
        name: hook.hook_name
        for name, hook in known.hooks.items()
        if hook and name.startswith("onecode_")
    }
    found = {
        "hooks": hooks,
        "asked": {name: known.field_behaviours.get(name) for name in hooks},
        "extra": sorted(name for name in known.connection_form_widgets if "onecode_" in name),
        "dags": [str(one.path) for one in DagBundlesManager().get_all_dag_bundles()],
        "tests": {name: RestHook(name).test_connection() for name in sys.argv[1:]},
    }
    print(json.dumps(found))  # noqa: T201 - its answer
    assert os.environ["HUB_DATABASE_URL"]


main()
