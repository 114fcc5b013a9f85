"""Files that a command was asked to write."""

from pathlib import Path

from hub.durable import error_name, replace_file
from hub.errors import FlowError


def write_wanted(path: Path, content: bytes) -> None:
    """Write a file that somebody asked for by name, whole or not at all; what stood there stays.

    Devices and pipes are written to. Raises FlowError (file.not_written).
    """
    place = path.resolve()  # behind a link: the file, not the link, is replaced
    try:
        if place.exists() and not place.is_file():
            place.write_bytes(content)
        else:
            replace_file(place, content, beside=f".{place.name}.part")
    except OSError as error:
        raise FlowError("file.not_written", file=str(path), reason=error_name(error)) from None
