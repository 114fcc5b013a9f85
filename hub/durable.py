"""Files that outlive a loss of power: replaced whole or appended to, and synced to disk."""

import errno
import os
from pathlib import Path


def replace_file(path: Path, content: bytes, *, beside: str) -> None:
    """Put content in place of a file: readers see the old one or the new one, never a part.

    beside: name of the unfinished file in the same folder. Raises OSError; the old file stays then.
    """
    unfinished = path.with_name(beside)
    # Security: whoever else may write to the folder could have put a link of that name there.
    unfinished.unlink(missing_ok=True)
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666)
    try:
        try:
            write_all(handle, content)
            # Without it a loss of power could leave the new name on an empty file.
            os.fsync(handle)
        finally:
            os.close(handle)
        unfinished.replace(path)
    except OSError:
        unfinished.unlink(missing_ok=True)  # a full disk is not kept full by half a file
        raise
    sync_folder(path.parent)


def error_name(error: OSError) -> str:
    """Name of a failed system call's error, e.g. ENOSPC on a full disk."""
    return errno.errorcode.get(error.errno or 0, type(error).__name__)


def append_line(path: Path, line: str) -> None:
    """Append a line to a file that only grows. Raises OSError.

    What an earlier attempt left unfinished stays as a line of its own: nothing is ever taken out.
    """
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        size = os.fstat(handle).st_size
        write_all(handle, (b"\n" if size and _torn(path) else b"") + f"{line}\n".encode())
        os.fsync(handle)
        if not size:
            sync_folder(path.parent)
    finally:
        os.close(handle)


def _torn(path: Path) -> bool:
    """Whether the last line of a file was left unfinished."""
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) != b"\n"


def write_all(handle: int, content: bytes) -> None:
    """Write all of it: the system may take less at once, on a disk that fills up say."""
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(handle, rest) :]


def sync_folder(folder: Path) -> None:
    """A new name is kept once its folder is; not every file system mounted offers it."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    except OSError:
        return
    finally:
        os.close(handle)
