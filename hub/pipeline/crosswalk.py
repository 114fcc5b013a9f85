"""Crosswalk: gives a record without a project code its project by a number that it shares.

Exact match only, learnt from golden records: a number gives a project when every record that
carries it agrees.
"""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from hub.db import crosswalk, records, runs
from hub.db.crosswalk import DEEPEST, NamedProjects, Taught, links
from hub.db.database import Transaction
from hub.db.records import Golden, SourceRow
from hub.domain.contracts import Contracts, Entity, PullFlow
from hub.domain.keys import (
    DECIDED,
    ESTATE_UNIT,
    PARCEL,
    number_tokens,
    own_token,
    project_kind,
    project_token,
)
from hub.domain.survivorship import fields_of_system, settle
from hub.model import Record


@dataclass(frozen=True, slots=True)
class LinkResult:
    """The project code found and the token that gave it, or the tokens to wait for.

    A wanted token marked "?" is known but ambiguous: it names several projects, or contradicts the
    next token.
    """

    project_code: str | None = None
    lent_by: str | None = None
    wants: tuple[str, ...] = ()


def homes(tx: Transaction, flow: PullFlow, said: Sequence[tuple[str, Record]]) -> list[LinkResult]:
    """One LinkResult per (source key, values); empty where code and parent are known already.

    Locks out changes of the crosswalk until the transaction ends (`crosswalk.borrowing`).
    """
    tokens = [
        () if values.get("project_code") else _tokens(flow, key, values) for key, values in said
    ]
    if any(tokens):
        crosswalk.borrowing(tx)
    known = crosswalk.named(tx, {token for some in tokens for token in some})
    refused = links.refused(
        tx, flow.name, [key for (key, _), some in zip(said, tokens, strict=True) if some]
    )
    found = [
        _resolve(some, known, refused.get(key, frozenset()))
        for (key, _), some in zip(said, tokens, strict=True)
    ]
    if flow.parent is None:
        return found
    codes = [
        None if home.wants else home.project_code or values.get("project_code")
        for home, (_, values) in zip(found, said, strict=True)
    ]
    parents = {code: project_token(flow.parent, code) for code in codes if isinstance(code, str)}
    there = crosswalk.named(tx, set(parents.values()))
    return [
        home
        if not isinstance(code, str) or parents[code] in there
        else LinkResult(wants=(parents[code],))
        for home, code in zip(found, codes, strict=True)
    ]


def learn(
    tx: Transaction,
    contracts: Contracts,
    entity: Entity,
    rows: Sequence[Golden],
    landings: Mapping[int, int],
) -> None:
    """Store the numbers of these golden records; re-check records linked by a number that changed.

    landings: record id -> landing of the claim that its project code comes from.
    """
    if rows and lenders(contracts, entity):
        found = crosswalk_entries(tx, contracts, entity, rows, landings)
        call_back(tx, contracts, crosswalk.put(tx, [row.record_id for row in rows], found))


def crosswalk_entries(
    tx: Transaction,
    contracts: Contracts,
    entity: Entity,
    rows: Sequence[Golden],
    landings: Mapping[int, int],
) -> Iterator[Taught]:
    """The crosswalk entries of these golden records: token, record, project code, depth."""
    fields = lenders(contracts, entity)
    depths = (
        crosswalk.borrowed_depths(tx, entity, [landings.get(row.record_id, 0) for row in rows])
        if fields
        else {}
    )
    for row in rows:
        if not row.deleted:
            depth = depths.get((landings.get(row.record_id, 0), row.record_id), 0)
            yield from _entries(fields, row.record_id, row.values, depth=depth)


def learn_new(
    tx: Transaction, contracts: Contracts, flow: PullFlow, rows: Sequence[SourceRow]
) -> None:
    """`learn` for source records that are the only claim of a new record: nothing is read back."""
    known = frozenset(fields_of_system(flow.entity, flow.system.name))
    fields = {name: kind for name, kind in lenders(contracts, flow.entity).items() if name in known}
    if not fields or "project_code" not in known:
        return
    depths = crosswalk.borrowed_depths(
        tx, flow.entity, [row.landing_id for row in rows if row.lent_by is not None]
    )
    found = [
        one
        for row in rows
        for one in _entries(
            fields, row.record_id, row.values, depth=depths.get((row.landing_id, row.record_id), 0)
        )
    ]
    call_back(tx, contracts, crosswalk.add(tx, found))


def call_back(tx: Transaction, contracts: Contracts, changed: AbstractSet[str]) -> None:
    """Send records linked by a changed token back to waiting, then those linked through these.

    Records sent back teach nothing until they are applied again.
    """
    there = _borrowers(contracts) if changed else {}
    borrowers = {
        name: kinds
        for name, kinds in there.items()
        if crosswalk.borrows(tx, contracts.entities[name])
    }
    while changed and borrowers:
        lost: list[int] = []
        kind_of = {token: _kind(token) for token in changed}
        for name, kinds in borrowers.items():
            tokens = [token for token, kind in kind_of.items() if kind in kinds]
            lost += crosswalk.call_back(tx, contracts.entities[name], tokens) if tokens else []
        changed = crosswalk.forget(tx, lost)


def renew(tx: Transaction, contracts: Contracts, entity: Entity) -> None:
    """Relearn all records of an entity when its contracts declare other numbers than before."""
    fields = lenders(contracts, entity)
    said = ",".join(f"{name}:{kind}" for name, kind in sorted(fields.items()))
    if not fields or not runs.adopt(tx, f"crosswalk.{entity.name}", said):
        return
    after = 0
    while ids := records.record_ids(tx, entity, after=after, most=5_000):
        claims = records.claims(tx, entity, ids)
        landings = {
            record: settle(entity, some).provenance.get("project_code", 0)
            for record, some in claims.items()
        }
        learn(
            tx,
            contracts,
            entity,
            list(records.golden(tx, entity, ids, traced=False).values()),
            landings,
        )
        after = ids[-1]


def lenders(contracts: Contracts, entity: Entity) -> dict[str, str]:
    """Fields of this entity that teach the crosswalk: field -> kind of number."""
    wanted = frozenset[str]().union(*_borrowers(contracts).values())
    found = {
        name: kind
        for name, field in entity.fields.items()
        if (kind := field.identifies) and kind in wanted
    }
    parent = any(flow.parent == entity.name for flow in contracts.pulls.values())
    return found | ({"project_code": project_kind(entity.name)} if parent else {})


def _entries(
    fields: Mapping[str, str], record_id: int, values: Record, *, depth: int
) -> Iterator[Taught]:
    code = values.get("project_code")
    if code is not None and depth <= DEEPEST:
        for token in number_tokens(fields, values):
            yield token, record_id, str(code), depth


def _borrowers(contracts: Contracts) -> dict[str, frozenset[str]]:
    """Entities whose records may lack a project code -> kinds of numbers they are found by."""
    found: dict[str, frozenset[str]] = {}
    for flow in contracts.pulls.values():
        if not flow.codeless:
            continue
        kinds = {DECIDED, *flow.links.values()}
        also = {ESTATE_UNIT, PARCEL} if kinds & {ESTATE_UNIT, PARCEL} else set[str]()
        found[flow.entity.name] = found.get(flow.entity.name, frozenset()) | kinds | also
    return found


def _kind(token: str) -> str:
    kind = token.partition("=")[0]
    return DECIDED if kind.startswith(f"{DECIDED}.") else kind


def _tokens(flow: PullFlow, key: str, values: Record) -> tuple[str, ...]:
    """Tokens by which a record may be linked: its numbers, then its own (for decisions).

    None for records that belong to no project: they are never linked, and never wait.
    """
    if not flow.entity.of_project:
        return ()
    return (*number_tokens(flow.links, values), own_token(flow.name, key))


def may_borrow(flow: PullFlow, key: str, values: Record, token: str) -> bool:
    """Whether this record, by its own values, may be linked by this token."""
    return not values.get("project_code") and token in _tokens(flow, key, values)


def may_wait_for(flow: PullFlow, key: str, values: Record) -> set[str]:
    """Every token that a record can wait for: its numbers, its parent, or a forced re-check."""
    code = values.get("project_code")
    parent = (
        {project_token(flow.parent, code)} if flow.parent and isinstance(code, str) else set[str]()
    )
    return {"*", *_tokens(flow, key, values)} | parent


def _resolve(
    tokens: tuple[str, ...], known: Mapping[str, NamedProjects], refused: frozenset[str]
) -> LinkResult:
    """The one project that all known tokens allow and one of them names alone; decisions win.

    The same rule in SQL picks which waiting records are looked at again: `COME` in
    hub/db/landing/__init__.py. Change both together.
    """
    if not tokens:
        return LinkResult()
    found = {token: known[token].projects - refused for token in tokens if token in known}
    own = found.get(tokens[-1])
    common = own or (frozenset.intersection(*found.values()) if found else frozenset())
    sure = (
        [tokens[-1]] if own else [token for token, projects in found.items() if projects == common]
    )
    if len(common) == 1 and sure:
        return LinkResult(next(iter(common)), min(sure, key=lambda token: known[token].depth))
    return LinkResult(wants=tuple(f"?{token}" if token in found else token for token in tokens))
