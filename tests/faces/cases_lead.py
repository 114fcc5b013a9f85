"""Whether the hub is well."""

from tests.faces.harness import Case
from tests.filled import Filled

CASES: list[Case] = []
NOT_SHARED = {
    "hub init": "writes files and asks no hub",
    "hub web": "serves the other two faces",
    "hub facts": "computes facts anew, as upkeep does (hub.wiring)",
    "hub indicators build": "judges anew, as upkeep does (hub.wiring)",
    "hub indicators facts": "the dictionary of the program, no hub is asked",
    "hub indicators check": "reads a file that no other face has (tests/services/test_indicators.py)",
    "hub indicators try": "reads a file that no other face has (tests/services/test_indicators.py)",
    "hub remap": "runs flows, as its DAG does (hub.wiring)",
}


def fill(_world: Filled) -> None:
    """Nothing beside what every world holds."""
