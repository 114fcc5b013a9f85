"""Documents reach the database as one parameter: no array of them passes the driver's escaping, and
each is exact.
"""

import re
from pathlib import Path

import hub.db
from hub.db.database import as_rows
from hub.errors import Fault
from tests.pipeline.conftest import Small

STORE = Path(hub.db.__file__).parent
PASSED = re.compile(r"%(?:\(\w+\))?[sbt]::jsonb?\[\]")
READ = (
    "select place, said->>'n', said from json_to_recordset(%s) as n (place text, said jsonb) "
    "order by place"
)


def test_no_statement_is_given_an_array_of_documents() -> None:
    found = [
        f"{file.relative_to(STORE)}: {line.strip()}"
        for file in sorted(STORE.rglob("*.py"))
        for line in file.read_text(encoding="utf-8").splitlines()
        if PASSED.search(line)
    ]
    assert found == []


def test_documents_arrive_exactly_whatever_they_hold(small: Small) -> None:
    said = {
        "a": {"n": 2**70, "text": '七星关区 "一" \\ \' , { } \n\t'},
        "b": {"n": -1, "deep": [[{"x": None}], True, "𠮷"]},
        "c": {"n": 0.1, "empty": ""},
    }
    rows = [{"place": place, "said": document} for place, document in said.items()]
    with small.database.write() as tx:
        found = tx.execute(READ, (as_rows(rows),)).fetchall()
    assert {place: document for place, _, document in found} == said
    assert [number for _, number, _ in found] == [str(2**70), "-1", "0.1"]


def test_dataclasses_are_rows_too_with_a_number_beyond_64_bits_or_without(small: Small) -> None:
    query = (
        "select pointer, code, facts from json_to_recordset(%s) as n (pointer text, code text, "
        "facts jsonb)"
    )
    faults = [Fault("/a", "x", {"value": "1"}), Fault("/b", "y", {"value": "2"})]
    with small.database.write() as tx:
        assert tx.execute(query, (as_rows(faults),)).fetchall() == [
            ("/a", "x", {"value": "1"}),
            ("/b", "y", {"value": "2"}),
        ]
        # facts are text, all the same
        huge = [Fault("/c", "z", {"value": 2**80})]  # type: ignore[dict-item]
        assert tx.execute(query, (as_rows(huge),)).fetchall() == [("/c", "z", {"value": 2**80})]
