"""Decides one delivery: golden record + dirty mark -> frozen body, closed mark, or fault."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import psycopg

from hub.contract import Connector
from hub.db import files, records
from hub.db.database import Transaction
from hub.db.deliveries import outbox
from hub.db.deliveries.outbox import Closed, Frozen, Mark
from hub.db.files import FileOfRecord
from hub.db.records import Golden
from hub.db.runs import Run
from hub.domain.contracts import Contracts, PushFlow, SentFile, Shaped
from hub.domain.file_types import KNOWN
from hub.domain.idempotency import Action, IdempotencyKeys
from hub.domain.survivorship import Claim
from hub.errors import Fault, HubError
from hub.model import Json, Record
from hub.pipeline import connector_boundary
from hub.settings import Settings

Answers: TypeAlias = Callable[[str], Record]
Contents: TypeAlias = Callable[[int, str], bytes]
"""Record and digest -> bytes of a file; RecordError (attachment.*) where it cannot be had."""

ENDS = 24
"""So much of a digest names a file."""


@dataclass(frozen=True, slots=True)
class Push:
    """What one push run works with. checkpoint: the ledger's newest, for the partner to keep.

    answers: project code -> answers of the flow's form, where it delivers a form. contents: of
    files that go with deliveries.
    """

    contracts: Contracts
    flow: PushFlow
    settings: Settings
    run: Run
    connector: Connector
    checkpoint: str = ""
    answers: Answers | None = None
    contents: Contents | None = None

    @property
    def keys(self) -> IdempotencyKeys:
        """Maker of this flow's idempotency keys."""
        return IdempotencyKeys(self.settings.hash_key, self.flow.name)


@dataclass(frozen=True, slots=True)
class DeliveryContext:
    """What the marks of one portion are decided by, read in one go.

    projects, forms: by project code; a form that could not be filled in is a fault. claims: of the
    target's own system. parents: codes of projects confirmed there, None where nobody waits for
    them. files: those that the records name, by record, where they go with deliveries.
    """

    golden: Mapping[int, Golden]
    projects: Mapping[str, Golden]
    claims: Mapping[int, Sequence[Claim]]
    parents: set[str] | None
    forms: Mapping[str, Record | Fault] = field(default_factory=dict)
    files: Mapping[int, Sequence[FileOfRecord]] = field(default_factory=dict)


def decided_alone(
    flow: PushFlow, keys: IdempotencyKeys, around: DeliveryContext, mark: Mark
) -> Frozen | Closed | Fault:
    """`decide`; an unforeseen error becomes this record's fault, so that the others go on."""
    golden = around.golden[mark.record_id]
    form = around.forms.get(str(golden.values.get("project_code") or ""))
    if isinstance(form, Fault) and not golden.deleted:
        return form
    try:
        return decide(flow, keys, around, mark)
    except (HubError, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001 -- as said above
        return Fault(
            "",
            "delivery.failed",
            {"error": type(error).__name__, "at": connector_boundary.error_location(error)},
        )


def next_key(keys: IdempotencyKeys, mark: Mark, action: Action, body: Mapping[str, Json]) -> str:
    """Idempotency key of the next attempt.

    The ordinal in it keeps a value that comes back (A, B, A) from passing for the first A.
    """
    return keys.of(mark.natural_key, ordinal=mark.serial + 1, action=action, body=body)


def surroundings(tx: Transaction, work: Push, marks: Sequence[Mark]) -> DeliveryContext:
    """Read what these marks are decided by."""
    flow, ids = work.flow, [mark.record_id for mark in marks]
    golden = records.golden(tx, flow.entity, ids, traced=False)
    projects = golden
    codes = {
        str(row.values["project_code"]) for row in golden.values() if row.values.get("project_code")
    }
    if flow.entity.name != "project":
        projects = records.golden_of_projects(tx, work.contracts.entities["project"], sorted(codes))
    parents = None
    if flow.after is not None:
        parents = outbox.confirmed_parents(
            tx, f"push.{flow.system.name}.{flow.after}", sorted(codes)
        )
    by_code = {
        str(row.values["project_code"]): row
        for row in projects.values()
        if row.values.get("project_code")
    }
    return DeliveryContext(
        golden,
        by_code,
        records.claims(tx, flow.entity, ids, system=flow.system.name),
        parents,
        _forms(work, golden, by_code),
        files_named(tx, flow, ids),
    )


def files_named(
    tx: Transaction, flow: PushFlow, ids: Sequence[int]
) -> dict[int, list[FileOfRecord]]:
    """The files that these records name, by record; none where no file goes with a delivery."""
    found: dict[int, list[FileOfRecord]] = {}
    for one in files.of_records(tx, ids) if flow.files else ():
        found.setdefault(one.record_id, []).append(one)
    return found


def _with_files(shaped: Shaped, flow: PushFlow, golden: Golden, around: DeliveryContext) -> Shaped:
    """A body that says which files go with it; withheld while one of them cannot be had."""
    if shaped.body is None or not flow.files:
        return shaped
    body = dict(shaped.body)
    for sent in flow.files:
        value = golden.values.get(sent.field)
        named = [
            one
            for one in around.files.get(golden.record_id, ())
            if (one.field, one.value) == (sent.field, value)
        ]
        ready = next((one for one in named if _digest(one)), None)
        if value is not None and ready is None:
            return Shaped(None, _absent(sent, named))
        digest = _digest(ready) if ready else None
        body |= {sent.name: _file_name(ready, digest) if ready else None, sent.digest: digest}
    return Shaped(body, None)


def _digest(one: FileOfRecord) -> str | None:
    """Under which digest a file can be had: it is held, or passed through and its digest told."""
    return one.sha256 if one.keep else one.told


def _absent(sent: SentFile, named: Sequence[FileOfRecord]) -> Fault:
    fault = next((one.fault for one in named if one.state == "failed" and one.fault), None)
    code = "delivery.file_failed" if fault else "delivery.file_pending"
    why = {"why": str(fault["code"])} if fault else {}
    return Fault(f"/{sent.field}", code, {"field": sent.field, **why})


def _file_name(one: FileOfRecord, digest: str | None) -> str:
    """A name of our own: what a record says is never a path at the target."""
    ending = one.type or one.value.rpartition(".")[2].lower()
    return f"{str(digest)[:ENDS]}.{ending}" if ending in KNOWN else str(digest)[:ENDS]


def _forms(
    work: Push, golden: Mapping[int, Golden], projects: Mapping[str, Golden]
) -> dict[str, Record | Fault]:
    """The filled form of each project with a record to deliver."""
    if work.answers is None:
        return {}
    wanted = {
        code
        for row in golden.values()
        if not row.deleted
        for code in [str(row.values.get("project_code") or "")]
        if code in projects
        and work.flow.shaper.meets(row.values, {"project": projects[code].values})
    }
    return {code: _answers(work.answers, code) for code in sorted(wanted)}


def _answers(answers: Answers, code: str) -> Record | Fault:
    try:
        return answers(code)
    except (HubError, psycopg.Error, MemoryError):
        raise
    # a form that one project cannot fill in is that project's affair
    except Exception as error:  # noqa: BLE001
        return Fault(
            "",
            "delivery.failed",
            {"error": type(error).__name__, "at": connector_boundary.error_location(error)},
        )


def decide(
    flow: PushFlow, keys: IdempotencyKeys, around: DeliveryContext, mark: Mark
) -> Frozen | Closed:
    """The newest version in the target's shape, or a closed mark with why nothing is sent."""
    golden = around.golden[mark.record_id]
    if golden.deleted:
        return _withdrawal(keys, mark, golden) or Closed(mark.record_id, "superseded")
    code = str(golden.values.get("project_code") or "")
    project = around.projects.get(code)
    form = around.forms.get(code, {})
    related = {
        "project": project.values if project else {},
        "form": {} if isinstance(form, Fault) else form,
    }
    shaped = _with_files(flow.shaper.shape(golden.values, related), flow, golden, around)
    # Privacy: data erased here must not stay at the target. It is replaced, or withdrawn where
    # nothing may replace it.
    stale = mark.erased_serial is not None and mark.confirmed_body not in (None, shaped.body)
    if shaped.body is None:
        # Withdrawn if the mapping's `when` excludes it now; what merely cannot be written today
        # stays at the target.
        unwanted = stale or (
            shaped.withheld is not None and shaped.withheld.code == "delivery.withheld_condition"
        )
        withdrawal = _withdrawal(keys, mark, golden) if unwanted else None
        return withdrawal or Closed(mark.record_id, "withheld", shaped.withheld)
    if shaped.body == mark.held_body and not stale:
        return Closed(mark.record_id, "unchanged")
    if not stale and _said_already(flow, golden.values, around.claims.get(mark.record_id, ())):
        return Closed(mark.record_id, "unchanged", held_body=shaped.body)
    if around.parents is not None and code not in around.parents:
        why = Fault("", "delivery.blocked_by_parent", {"parent": f"{flow.after} {code}"})
        withdrawal = _withdrawal(keys, mark, golden) if stale else None
        return withdrawal or Closed(mark.record_id, "blocked", why)
    key = next_key(keys, mark, "upsert", shaped.body)
    return Frozen(mark.record_id, 1, key, "upsert", shaped.body, golden.version, fresh=True)


def _withdrawal(keys: IdempotencyKeys, mark: Mark, golden: Golden) -> Frozen | None:
    """The delivery that takes back what this target has confirmed; None without that."""
    if mark.confirmed_key is None or mark.confirmed_body is None:
        return None
    key = next_key(keys, mark, "withdraw", {})
    return Frozen(
        mark.record_id, 1, key, "withdraw", mark.confirmed_body, golden.version, fresh=True
    )


def _said_already(flow: PushFlow, golden: Record, claims: Sequence[Claim]) -> bool:
    """Echo suppression: whether the target itself asserts every value that it would be sent.

    Not where a body quotes the project: the target's own record cannot assert that.
    """
    return not flow.quotes and any(
        all(
            claim.values.get(name) == golden.get(name)
            for name in flow.pushed
            if golden.get(name) is not None
        )
        for claim in claims
    )
