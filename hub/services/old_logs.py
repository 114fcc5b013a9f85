"""Deletes Airflow's old log files; nothing else in its log folder, and nothing outside of it."""

import os
import re
import stat
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from hub.errors import FlowError

LOG = re.compile(r"\.log(\.[0-9]{1,9})?\Z")
OWN = re.compile(r"(dag_id=|dag_processor|scheduler)")
"""Beginnings of the folders that Airflow makes for tasks and components."""


@dataclass(slots=True)
class Deleted:
    """files, bytes: deleted; kept: younger log files; refused: files that could not be deleted."""

    before: datetime
    files: int = 0
    bytes: int = 0
    kept: int = 0
    refused: int = 0


def delete(folder: Path, *, before: datetime) -> Deleted:
    """Delete log files of Airflow last written before a moment, and folders that are then empty.

    Raises FlowError (airflow.no_log_folder) where there is no such folder.
    """
    done = Deleted(before)
    try:
        places = [
            one
            for one in os.scandir(folder)
            if one.is_dir(follow_symlinks=False) and OWN.match(one.name)
        ]
    except OSError as error:
        raise FlowError(
            "airflow.no_log_folder", folder=str(folder), reason=error.strerror or ""
        ) from None
    for place in places:
        # Every step goes from an open folder to a name in it, and no link is followed: a folder
        # replaced by a link meanwhile (a race) leads nowhere else.
        top = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            old: set[int] = set()
            for _, folders, files, here in os.fwalk(place.name, topdown=False, dir_fd=top):
                about = os.fstat(here)
                if about.st_mtime < before.timestamp():
                    old.add(about.st_ino)
                _files(here, files, done)
                _folders(here, folders, old)
            _folders(top, [place.name], old)
        finally:
            os.close(top)
    return done


def _files(here: int, names: list[str], done: Deleted) -> None:
    for name in filter(LOG.search, names):
        try:
            found = os.stat(name, dir_fd=here, follow_symlinks=False)
            if not stat.S_ISREG(found.st_mode):
                continue
            if found.st_mtime >= done.before.timestamp():
                done.kept += 1
                continue
            os.unlink(name, dir_fd=here)
        except FileNotFoundError:  # already deleted by another process
            continue
        except OSError:
            done.refused += 1
            continue
        done.files += 1
        done.bytes += found.st_size


def _folders(here: int, names: list[str], old: set[int]) -> None:
    """Remove folders that are empty and old: a task may be about to write into a new one."""
    for name in names:
        with suppress(OSError):  # not empty, or a link
            if os.stat(name, dir_fd=here, follow_symlinks=False).st_ino in old:
                os.rmdir(name, dir_fd=here)
