"""Programs of others that tests start: when they listen."""

import socket
import subprocess
import time
from pathlib import Path

WAIT_SECONDS = 60


def wait_for(process: "subprocess.Popen[bytes]", port: int, *, log: Path) -> None:
    """Return once a program listens on a port; fail with its log where it has ended or takes too
    long.
    """
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except OSError:
            assert process.poll() is None, log.read_text(errors="replace")
            assert time.monotonic() < deadline, log.read_text(errors="replace")
            time.sleep(0.05)
        else:
            return
