"""What Airflow says that no run of the hub can: tasks and DAG files that fail before one has begun."""

from collections.abc import Mapping

from hub.texts.text import Text

AIRFLOW: Mapping[str, Text] = {
    "airflow.task_lost": Text(
        "Airflow 任务 {task} 的进程在流程开始之前就没有了。",
        "The process of Airflow's task {task} was gone before the flow began.",
        "Airflow 会自动重试；反复出现时查看该任务和调度器的日志，常见原因是内存不足或进程被终止。",
        "Airflow tries again by itself. If it happens again, see the task's log and the scheduler's: mostly memory ran "
        "out, or somebody ended the process.",
    ),
    "airflow.task_failed": Text(
        "Airflow 任务 {task} 在流程开始之前失败（{reason}）。",
        "Airflow's task {task} failed before the flow began ({reason}).",
        "查看该任务在 Airflow 中的日志；常见原因是设置、Airflow 连接或安装有误。",
        "See the task's log in Airflow: mostly a setting, an Airflow connection or the installation is wrong.",
    ),
    "airflow.task_stands": Text(
        "Airflow 任务 {task} 没有完成：{why_zh}",
        "Airflow's task {task} does not get done: {why_en}",
        "在 Airflow 中查看该任务的日志；下次成功后此条自动消失。",
        "See the task's log in Airflow. This goes by itself once the task succeeds.",
    ),
    "airflow.not_tidied": Text(
        "Airflow 数据库中的旧记录没有清理成（{task}）：{reason}",
        "Old rows of Airflow's database were not taken out ({task}): {reason}",
        "在调度器的环境中执行 airflow db clean --dry-run --clean-before-timestamp 日期，"
        "按它的报错处理；次日成功后此条自动消失。",
        "Run `airflow db clean --dry-run --clean-before-timestamp DATE` in the scheduler's environment and mend what "
        "it tells. This goes by itself once it succeeds, a day later.",
    ),
    "airflow.no_log_folder": Text(
        "Airflow 的日志目录 {folder} 无法读取（{reason}）。",
        "Airflow's log folder {folder} cannot be read ({reason}).",
        "核对 AIRFLOW__LOGGING__BASE_LOG_FOLDER，并让任务的用户可读写该目录。",
        "See to AIRFLOW__LOGGING__BASE_LOG_FOLDER, and let the user of the tasks read and write there.",
    ),
    "airflow.dag_broken": Text(
        "Airflow 无法读取 DAG 文件 {file}，其中的流程都不会运行：{reason}",
        "Airflow cannot read the DAG file {file}, so nothing in it runs: {reason}",
        "改正该文件（或重新安装），执行 hub check --write；Airflow 重新读取后此条自动消失。",
        "Mend the file (or install it anew) and run `hub check --write`. This goes by itself once Airflow has read it.",
    ),
}
