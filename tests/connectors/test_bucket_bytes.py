"""Rows that are compared are read within a limit of bytes, however they lie in their buckets."""

from collections.abc import Callable
from contextlib import closing

import pytest

from connectors.columns import NOT_GIVEN
from connectors.tables import Rows, SelectQuery
from hub import exact
from hub.model import UNUSABLE, Bucketing, Json
from tests.connectors.databases import KINDS, WAYS, Partner

MOST = 1_000
READ: dict[str, Json] = {"table": "t", "key": ["i"], "page_bytes": MOST}


@pytest.mark.parametrize("count", [1, 7, 4096])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", KINDS)
def test_no_answer_weighs_more_and_a_value_beyond_it_is_named(
    partner: Callable[[str], Partner],
    kind: str,
    way: str,
    count: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    there = partner(kind)
    there.run("create table t (i int, name text)")
    # digits
    there.run(*(f"insert into t values ({i}, '{'x' * 200}')" for i in range(1, 13)))  # noqa: S608
    there.run(f"update t set name = '{'y' * 3_000}' where i = 7")  # noqa: S608 -- a letter
    by = Bucketing(("i",), (), count)
    weighed = list[int]()
    with closing(there.reader(way)) as connector:
        asked = connector._rows

        def rows(query: SelectQuery) -> Rows:
            found = asked(query)
            weighed.append(
                sum(len(cell) for row in found.cells for cell in row if isinstance(cell, str))
            )
            return found

        monkeypatch.setattr(connector, "_rows", rows)
        digests = connector.digests(READ, by)
        assert digests is not None
        listed = list(connector.contents(READ, by, sorted(digests)))
        pages = [
            raw.payload
            for page in connector.pages(READ, since=None, resume=None)
            for raw in page.records
        ]
    assert sorted(pages) == sorted(one.raw.payload for one in listed)
    records = {
        int(record["i"]): record["name"]
        for one in listed
        if (record := exact.read(one.raw.payload))
    }  # type: ignore[index, call-overload, arg-type]
    assert sorted(records) == list(range(1, 13))
    assert len(listed) == 12
    assert records.pop(7) == {UNUSABLE: NOT_GIVEN}
    assert set(records.values()) == {"x" * 200}
    assert max(weighed) <= MOST
    sums = dict.fromkeys(digests, 0)
    for one in listed:
        assert one.bucket is not None
        assert one.checksum is not None
        sums[one.bucket] += one.checksum
    assert sums == {bucket: total for bucket, (_, total) in digests.items()}
