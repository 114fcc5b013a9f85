"""An engineer who searches for a term of the field finds the module that does it, by name or by its
first words.
"""

import ast
import subprocess
from pathlib import Path

import pytest

HOME = Path(__file__).resolve().parents[2]

TERMS = {
    "dead letter": "hub/services/quarantine.py",
    "upsert": "hub/db/records/__init__.py",
    "dedup": "hub/pipeline/prepare.py",
    "rate limit": "hub/auth/rate_limit.py",
    "csrf": "hub/console/csrf.py",
    "cache": "hub/services/prefill/cache.py",
    "pagination": "connectors/paging.py",
    "tombstone": "hub/pipeline/tombstones.py",
    "anomaly": "hub/domain/anomalies.py",
    "record linkage": "hub/domain/record_linkage.py",
    "dry run": "hub/services/dry_run.py",
    "idempotency key": "hub/domain/idempotency.py",
    "watermark": "hub/domain/cursor.py",
    "i18n": "hub/texts/__init__.py",
    "survivorship": "hub/domain/survivorship.py",
    "golden record": "hub/pipeline/golden.py",
    "outbox": "hub/db/deliveries/outbox.py",
    "schema drift": "hub/domain/schema_drift.py",
    "reconciliation": "hub/services/reconciliation.py",
    "once-only": "hub/services/once_only.py",
    "keyset pagination": "hub/db/keyset.py",
    "crosswalk": "hub/pipeline/crosswalk.py",
    "row-level security": "hub/db/row_security.py",
    "exponential backoff": "hub/domain/backoff.py",
    "middleware": "hub/console/middleware.py",
    "bulkhead": "hub/auth/hashing.py",
}
"""A term -> the module where it is done."""


def words_of(path: Path) -> str:
    """A module's name and the docstring at its head, in small letters."""
    head = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return f"{path.stem.replace('_', ' ')}\n{' '.join(head.split())}".lower()


@pytest.mark.parametrize(("term", "module"), TERMS.items(), ids=TERMS)
def test_a_term_of_the_field_stands_at_the_head_of_the_module_that_does_it(term: str, module: str):
    assert term in words_of(HOME / module)


@pytest.mark.parametrize("term", TERMS)
def test_a_search_for_a_term_of_the_field_is_answered_by_code(term: str):
    found = subprocess.run(
        ["git", "grep", "-il", term, "--", "hub", "connectors"],
        cwd=HOME,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split()
    assert TERMS[term] in found
