"""Fill Airflow's database with runs of long ago and of now, clean it as the scheduler would, and
print what stays.
"""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from airflow.models import DagRun, Log
from airflow.models.dag import DagModel
from airflow.models.dagbundle import DagBundleModel
from airflow.utils.db import initdb
from airflow.utils.session import create_session
from airflow.utils.types import DagRunTriggeredByType, DagRunType
from sqlalchemy import select

from deploy.airflow_plugins.tidying import clean

NOW = datetime.now(UTC)
DAYS = (400, 300, 250, 100, 1)
OURS = ("busy", "resting")


def main() -> None:
    if not (Path(os.environ["AIRFLOW_HOME"]) / "airflow.db").exists():
        initdb()
    with create_session() as session:
        session.merge(DagBundleModel(name="dags-folder"))
        session.flush()
        for name in OURS:
            session.add(
                DagModel(
                    dag_id=name, bundle_name="dags-folder", is_paused=name == "resting", fileloc="x"
                )
            )
            for days in DAYS if name == "busy" else DAYS[:2]:
                at = NOW - timedelta(days=days)
                session.add(
                    DagRun(
                        dag_id=name,
                        run_id=f"scheduled__{days}",
                        run_type=DagRunType.SCHEDULED,
                        start_date=at,
                        run_after=at,
                        logical_date=at,
                        state="success",
                        triggered_by=DagRunTriggeredByType.TIMETABLE,
                    )
                )
        for days in DAYS:
            session.add(event := Log(event=f"event {days}"))
            event.dttm = NOW - timedelta(days=days)
    why = clean(NOW - timedelta(days=200), seconds=300)
    with create_session() as session:
        ours = DagRun.dag_id.in_(OURS)  # other tests run DAGs in the same database of Airflow
        runs = sorted(
            f"{dag} {run}"
            for dag, run in session.execute(select(DagRun.dag_id, DagRun.run_id).where(ours))
        )
        events = sorted(session.scalars(select(Log.event).where(Log.event.startswith("event "))))
        dags = {
            one.dag_id: one.is_paused
            for one in session.scalars(select(DagModel).where(DagModel.dag_id.in_(OURS)))
        }
    # its answer
    print(json.dumps({"why": why, "runs": runs, "events": events, "dags": dags}))  # noqa: T201


main()
