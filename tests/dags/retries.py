"""Ask the retry policy of every kind of error and print its answers as JSON."""

import json
import sys
from pathlib import Path

from hub.errors import Fault, FlowError, HeldError, RecordError, TransientError

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent / "dags"))

from onecode import HubRetryPolicy

CASES = {
    "transient, first try": (TransientError("system.timeout"), 1),
    "transient, second try": (TransientError("system.timeout"), 2),
    "transient, ninth try": (TransientError("system.timeout"), 9),
    "transient, asked to wait longer": (TransientError("system.busy", after=120), 1),
    "transient, asked to wait shorter": (TransientError("system.busy", after=1), 2),
    "flow": (FlowError("system.credentials"), 1),
    "held": (HeldError(), 1),
    "record": (RecordError(Fault("", "record.missing")), 1),
    "unexpected": (KeyError("x"), 1),
}


def main() -> None:
    answers = {}
    for name, (error, attempt) in CASES.items():
        decision = HubRetryPolicy().evaluate(error, attempt, 3)
        answers[name] = [
            decision.action.value,
            decision.retry_delay and decision.retry_delay.total_seconds(),
        ]
    print(json.dumps(answers))  # noqa: T201 - its answer


main()
