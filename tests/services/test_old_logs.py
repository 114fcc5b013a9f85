"""Airflow's old log files go, and nothing else: real files, real links."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hub.errors import FlowError
from hub.services import old_logs
from hub.settings import settings_from

BEFORE = datetime.now(UTC) - timedelta(days=200)
TASK = "dag_id=pull_gas/run_id=scheduled__2026-01-01/task_id=project.pull"


def written(folder: Path, name: str, *, days: float, text: str = "x" * 10) -> Path:
    """A file that was last written so many days ago, as its folder was."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    at = (datetime.now(UTC) - timedelta(days=days)).timestamp()
    for one in (path, *(parent for parent in path.parents if folder in parent.parents)):
        os.utime(one, (at, at))
    return path


def test_old_log_files_of_airflow_go_with_their_empty_folders(tmp_path: Path):
    old = [
        written(tmp_path, name, days=201)
        for name in (
            f"{TASK}/attempt=1.log",
            f"{TASK}/attempt=2.log.1",
            "dag_processor/2026-01-01/dags-folder/pull.py.log",
            "scheduler/2026-01-01/pull.py.log",
        )
    ]
    young = written(
        tmp_path, "dag_id=pull_gas/run_id=new/task_id=project.pull/attempt=1.log", days=199
    )
    done = old_logs.delete(tmp_path, before=BEFORE)
    assert (done.files, done.bytes, done.kept, done.refused) == (4, 40, 1, 0)
    assert not any(path.exists() or path.parent.exists() for path in old)
    assert young.exists()
    assert {path.name for path in tmp_path.iterdir()} == {"dag_id=pull_gas"}


def test_nothing_but_log_files_of_airflow_goes(tmp_path: Path):
    folder, outside = tmp_path / "logs", tmp_path / "outside"
    stays = [
        written(folder, f"{TASK}/notes.txt", days=999),
        written(folder, f"{TASK}/attempt=1.log.gz", days=999),
        written(folder, "hub/web.log", days=999),
        written(folder, "top.log", days=999),
        written(outside, "dag_id=x/far.log", days=999),
        written(outside, "near.log", days=999),
    ]
    (folder / "dag_id=link").symlink_to(outside / "dag_id=x")
    (folder / TASK / "folder").symlink_to(outside)
    (folder / TASK / "file.log").symlink_to(outside / "near.log")
    (folder / TASK / "folder.log").mkdir()
    os.mkfifo(folder / TASK / "pipe.log")
    assert old_logs.delete(folder, before=BEFORE).files == 0
    assert all(path.exists() for path in stays)
    assert (folder / "dag_id=link").is_symlink()
    assert (folder / TASK / "file.log").is_symlink()


def test_a_folder_in_which_a_task_is_about_to_write_stays(tmp_path: Path):
    (fresh := tmp_path / "dag_id=pull_gas/run_id=now/task_id=x").mkdir(parents=True)
    old_logs.delete(tmp_path, before=BEFORE)
    assert fresh.is_dir()


def test_a_log_folder_that_is_not_there_is_told(tmp_path: Path):
    with pytest.raises(FlowError, match=r"airflow\.no_log_folder"):
        old_logs.delete(tmp_path / "nowhere", before=BEFORE)


@pytest.mark.parametrize("days", ["183", "1", "-1", "x"])
def test_less_than_the_law_asks_for_is_refused(days: str):
    with pytest.raises(FlowError, match="settings"):
        settings_from({"HUB_DATABASE_URL": "postgresql://x", "HUB_AIRFLOW_KEEP_DAYS": days})


def test_so_long_they_are_kept_where_nothing_is_said():
    assert settings_from({"HUB_DATABASE_URL": "postgresql://x"}).keeping.airflow_days >= 184
