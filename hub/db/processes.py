"""Identity of a process, and whether another one on this machine has ended (Linux only)."""

import os
import socket
from pathlib import Path

BOOT, SPACE = Path("/proc/sys/kernel/random/boot_id"), Path("/proc/self/ns/pid")
GONE = "ZX"
"""Process states of /proc that mean it has ended."""


def own() -> str:
    """This process as text: host and number, then what tells it from a later one of that number."""
    return f"{socket.gethostname()} {os.getpid()} {_begun(os.getpid())} {_place()}"


def shown(process: str) -> str:
    """Host and number of a process."""
    return " ".join(process.split(" ")[:2])


def is_gone(process: str) -> bool:
    """Whether a process ran in this PID namespace and has ended; False where that cannot be seen.

    A stopped process (SIGSTOP) has not ended.
    """
    host, number, begun, place = (*process.split(" "), "", "", "", "")[:4]
    if not begun or (host, place) != (socket.gethostname(), _place()):
        return False
    return _begun(int(number)) != begun


def _place() -> str:
    """Boot id and PID namespace: within both, a number is one process at a time."""
    try:
        return f"{BOOT.read_text().strip()}/{SPACE.readlink()}"
    except OSError:  # no Linux: nothing is seen of others
        return ""


def _begun(number: int) -> str:
    """Start time of a process in kernel ticks; "" without such a process."""
    try:
        fields = Path(f"/proc/{number}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in GONE else fields[19]
