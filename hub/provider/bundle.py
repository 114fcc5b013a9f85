"""The hub's DAGs as a bundle: `[dag_processor] dag_bundle_config_list` names this class and no
path.
"""

from pathlib import Path
from typing import Any

from airflow.dag_processing.bundles.local import LocalDagBundle

from hub.config import environment
from hub.settings import HOME


class HubDagBundle(LocalDagBundle):
    """The folder `dags/` of the hub's home: HUB_HOME, or where Airflow was started."""

    # Airflow's own
    def __init__(self, *, path: str | None = None, **usual: Any) -> None:  # noqa: ANN401
        home = Path(environment.hub_variables().get("HUB_HOME") or HOME)
        super().__init__(path=path or str(home / "dags"), **usual)
