"""Sends one notification to one address, in a subprocess with limits of time and memory.

`python -m hub.services.notify` reads the message from standard input. One library reaches many
kinds of addresses, each in its own way; ending the process stops any of them.
"""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

HOME = Path(__file__).resolve().parents[2]
TAKEN, NOT_TAKEN, NO_ADDRESS, LATE = 0, 1, 3, 4
SECRETS = ("HUB_", "AIRFLOW_")


def send_notification(url: str, title: str, body: str, *, seconds: float, most_bytes: int) -> int:
    """Send a message; gives TAKEN, NOT_TAKEN, NO_ADDRESS, or LATE after so many seconds."""
    message = json.dumps({"url": url, "title": title, "body": body, "bytes": most_bytes})
    environ = {name: value for name, value in os.environ.items() if not name.startswith(SECRETS)}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "hub.services.notify"],
            input=message.encode(),
            cwd=HOME,
            env=environ,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return LATE
    return done.returncode if done.returncode in {TAKEN, NO_ADDRESS} else NOT_TAKEN


def main() -> int:
    """Send the message on standard input; its result is the exit status."""
    from apprise import Apprise  # noqa: PLC0415 -- only this process waits for its long import

    message = json.load(sys.stdin)
    sender = Apprise()
    if not sender.add(message["url"]):
        return NO_ADDRESS
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    most = pages * resource.getpagesize() + message["bytes"]
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    return TAKEN if sender.notify(title=message["title"], body=message["body"]) else NOT_TAKEN


if __name__ == "__main__":
    sys.exit(main())
