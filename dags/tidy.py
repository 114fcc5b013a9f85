"""Once a day: Airflow's old log files go, and so do old rows of its database
(deploy/airflow_plugins/tidying.py).
"""

from datetime import timedelta

from airflow.sdk import dag, task
from onecode import UPKEEP, hub_task, log


@task
def task_logs() -> dict[str, str | int]:
    """Delete log files that are older than the setting says; what was deleted."""
    from pathlib import Path

    from airflow.configuration import conf

    with hub_task("tidy") as hub:
        done = hub.delete_airflow_logs(Path(conf.get_mandatory_value("logging", "base_log_folder")))
    told = (done.before.isoformat(), done.files, done.bytes, done.kept, done.refused)
    log.info("%s 之前的日志：删除 %s 个文件（%s 字节），保留 %s 个较新的，%s 个无权删除", *told)
    log.info(
        "logs of before %s: %s files deleted (%s bytes), %s younger ones kept, %s not allowed",
        *told,
    )
    return {
        "before": told[0],
        "files": done.files,
        "bytes": done.bytes,
        "kept": done.kept,
        "refused": done.refused,
    }


@dag(dag_display_name="每日清理", schedule=timedelta(days=1), **UPKEEP)
def tidy_daily() -> None:
    """See docs/airflow.md."""
    task_logs()


tidy_daily()
