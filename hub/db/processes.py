"""Which process does a piece of work, and whether it can be seen from here that it is gone."""

import os
import socket
from pathlib import Path

BOOT, SPACE = Path("/proc/sys/kernel/random/boot_id"), Path("/proc/self/ns/pid")
GONE = "ZX"
"""States of a process that runs no more, as the kernel tells them."""


def own() -> str:
    """This process: its host and number for people, and what tells it from others that had the same
    number.
    """
    return f"{socket.gethostname()} {os.getpid()} {_begun(os.getpid())} {_place()}"


def shown(process: str) -> str:
    """Host and number of a process, for people."""
    return " ".join(process.split(" ")[:2])


def is_gone(process: str) -> bool:
    """Whether a process ran where this one does, and is no more; False for one of which that cannot
    be seen.

    One that is stopped is not gone.
    """
    host, number, begun, place = (*process.split(" "), "", "", "", "")[:4]
    if not begun or (host, place) != (socket.gethostname(), _place()):
        return False
    return _begun(int(number)) != begun


def _place() -> str:
    """The start of the machine and the space of process numbers: within both, a number is one
    process at a time.
    """
    try:
        return f"{BOOT.read_text().strip()}/{SPACE.readlink()}"
    except OSError:  # no Linux: nothing is seen of others
        return ""


def _begun(number: int) -> str:
    """When a process began, in the kernel's count; "" when there is none of this number."""
    try:
        fields = Path(f"/proc/{number}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in GONE else fields[19]
