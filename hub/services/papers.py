"""Papers that were handed in more than once."""

from collections.abc import Callable, Iterable, Sequence

from hub.db.records.projects import Known
from hub.domain.contracts import Contracts, Entity


def each_once(
    contracts: Contracts,
    known: Sequence[Known],
    whole: Callable[[Sequence[Entity]], Sequence[Known]] | None,
) -> list[Known]:
    """These records of one project, each paper once: the record that was known first.

    Two records are one paper by the field that `x-papers` calls `same`. whole: gives all records
    with all values, where these are what a reader may see: hidden values tell papers apart too.
    """
    alike = [one for one in contracts.papers if one.papers and one.papers.same]
    unseen = [
        entity
        for entity in alike
        if entity.papers
        and any(row.entity == entity.name and entity.papers.same in row.hidden for row in known)
    ]
    rows = [row for row in known if row.entity not in {entity.name for entity in unseen}]
    rows += whole(unseen) if whole and unseen else []
    again = _again(contracts, rows)
    return [row for row in known if row.record_id not in again]


def _again(contracts: Contracts, rows: Iterable[Known]) -> set[int]:
    """The ids of records that are a paper which an earlier one is."""
    first: dict[tuple[str, object], int] = {}
    found = set()
    for row in sorted(rows, key=lambda one: one.record_id):
        papers = contracts.entities[row.entity].papers
        value = row.values.get(papers.same) if papers and papers.same else None
        if value is None or row.deleted:
            continue
        if first.setdefault((row.entity, value), row.record_id) != row.record_id:
            found.add(row.record_id)
    return found
