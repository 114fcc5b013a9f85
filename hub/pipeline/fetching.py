"""Fetches the files that records of a pull name: judged by their content, held once per digest.

A portion is fetched outside any transaction, written beside the store, then placed and noted in one
transaction: what the database calls held lies whole on disk.
"""

import hashlib
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

from hub.contract import Connector, Fetching
from hub.db import files, records
from hub.db.database import Database, Transaction
from hub.db.deliveries import outbox
from hub.db.files import FileWant, HeldFile, NewFile, SettledFile
from hub.domain import attachments, blame, paths
from hub.domain.contracts import Contracts, FileRule, PullFlow
from hub.domain.file_types import judged
from hub.domain.storable import storable_facts
from hub.errors import AttachmentError, Fault, FlowError, HubError, RecordError
from hub.model import Json
from hub.pipeline import connector_boundary
from hub.pipeline.file_store import FileStore, Unplaced
from hub.pipeline.inline_files import unpacked
from hub.pipeline.run_lifecycle import running
from hub.settings import Settings

log = logging.getLogger(__name__)

AT_ONCE = 200
"""Files of a portion; they lie on disk meanwhile, and one of them at a time in memory."""
AGAIN = timedelta(hours=1)
LONGEST = timedelta(days=7)

Opening = Callable[[str], Connector]
"""The connector of a way, made when first needed."""


@dataclass(slots=True)
class Fetch:
    """What one fetch works with."""

    contracts: Contracts
    flow: PullFlow
    settings: Settings
    opened: Opening
    store: FileStore


@dataclass(slots=True)
class Portion:
    """What became of a portion: wants as they stand, new files, and those still to be placed."""

    settled: list[SettledFile] = field(default_factory=list)
    new: list[NewFile] = field(default_factory=list)
    unplaced: list[Unplaced] = field(default_factory=list)


def fetch(
    database: Database,
    contracts: Contracts,
    flow: PullFlow,
    *,
    opened: Opening,
    settings: Settings,
    airflow: Json = None,
) -> int:
    """Fetch what is due of the files that a pull's records name; gives the run's id.

    Raises TransientError or FlowError where the partner is away or refuses us: what was fetched
    stays, the rest is pending.
    """
    work = Fetch(contracts, flow, settings, opened, FileStore(settings.files_folder))
    adding = partial(blame.hint, flow=flow, files=contracts.sound)
    with running(database, flow.fetch, "fetch", airflow=airflow, adding=adding) as (run, fenced):
        _follow(fenced, flow)
        fault: HubError | None = None
        try:
            _fetch_all(fenced, work)
        except HubError as error:
            fault = error
        with fenced.write() as tx:
            records.lock_entity(tx, flow.entity.name)  # so that records and wants are of one moment
            files.follow(tx, flow)
            found = files.counts(tx, flow)
            files.add_batch(tx, run.id, flow.fetch, found)
            outbox.mark_ready(tx, _sending(work), flow.name)
        log.info("files fetched", extra={"run": run.id, "flow": flow.fetch, "held": found.held})
        if fault is not None:
            raise fault
    return run.id


def _follow(database: Database, flow: PullFlow) -> None:
    with database.write() as tx:
        records.lock_entity(tx, flow.entity.name)
        files.follow(tx, flow)


def _fetch_all(database: Database, work: Fetch) -> None:
    after = ("", "", "")
    while True:
        with database.read() as tx:
            wants = files.due(tx, work.flow.name, after=after, most=AT_ONCE)
            told = sorted({one.told for one in wants if one.told})
            known = files.known(tx, told, system=work.flow.system.name)
            inside = _inside(tx, work, wants)
        if not wants:
            return
        made = Portion()
        fault: HubError | None = None
        try:
            for want in wants:
                _settle(work, want, made, known=known, inside=inside)
        except HubError as error:  # of the partner: what came before it is kept
            fault = error
        try:
            _write_down(database, work, made)
        finally:
            work.store.discard(made.unplaced)
        if fault is not None:
            raise fault
        last = wants[-1]
        after = last.source_key, last.field, last.value


def _inside(tx: Transaction, work: Fetch, wants: Sequence[FileWant]) -> dict[int, bytes]:
    """Payloads of the records whose file stands in them."""
    rules = work.flow.files
    ids = [
        one.landing_id
        for one in wants
        if (rule := rules.get(one.field)) and rule.source.via == attachments.RECORD
    ]
    return files.payloads(tx, ids) if ids else {}


def _settle(
    work: Fetch,
    want: FileWant,
    made: Portion,
    *,
    known: Mapping[str, HeldFile],
    inside: dict[int, bytes],
) -> None:
    """Fetch and judge one file; what can be held is written beside the store."""
    rule = work.flow.files[want.field]
    seen = known.get(want.told or "")
    if seen and seen.type in rule.types and rule.source.via != attachments.RECORD:
        made.settled.append(_settled(want, sha256=want.told))
        return
    try:
        content = _content(work, rule, want, inside)
        kind = checked(content, rule, want)
    except RecordError as error:
        fault = Fault("", error.code, error.facts)
        log.warning(
            "file refused",
            extra={"flow": work.flow.fetch, "record": want.record_id, "code": fault.code},
        )
        made.settled.append(_settled(want, fault=fault, attempts=work.settings.attempts))
        return
    written = work.store.write(content)
    made.unplaced.append(written)
    classed = work.flow.entity.fields[want.field].classed
    made.new.append(NewFile(written.sha256, len(content), kind, classed, want.landing_id))
    made.settled.append(_settled(want, sha256=written.sha256))


def _content(work: Fetch, rule: FileRule, want: FileWant, inside: dict[int, bytes]) -> bytes:
    if rule.source.via == attachments.RECORD:
        payload = inside.get(want.landing_id)
        if payload is None:
            raise AttachmentError("attachment.missing", status="-")
        said = paths.reader(rule.path)(work.flow.fields(payload))
        return unpacked(said, most=rule.most)
    return fetched(work.flow, rule, want.value, opened=work.opened)


def fetched(flow: PullFlow, rule: FileRule, value: str, *, opened: Opening) -> bytes:
    """A file from its partner, not yet judged."""
    connector = opened(rule.source.via)
    if not isinstance(connector, Fetching):
        raise FlowError("flow.connector_unknown", connector=rule.source.via)
    giving: Fetching = connector
    return connector_boundary.translated(
        flow.system.name, lambda: giving.fetch(rule.source.options, value, most=rule.most)
    )


def checked(content: bytes, rule: FileRule, want: FileWant) -> str:
    """The type of a file that is what it should be; RecordError (attachment.*) otherwise."""
    found = judged(content, types=rule.types, most=rule.most, name=want.value)
    if isinstance(found, Fault):
        raise AttachmentError(found.code, **found.facts)
    if want.told and hashlib.sha256(content).hexdigest() != want.told:
        raise AttachmentError("attachment.hash_differs")
    return found


def _settled(
    want: FileWant, *, sha256: str | None = None, fault: Fault | None = None, attempts: int = 0
) -> SettledFile:
    said: dict[str, Json] | None = None
    again: str | None = None
    if fault is not None:
        said = {"code": fault.code, "facts": {**storable_facts(fault.facts)}}
        if want.attempts + 1 < attempts:
            wait = min(AGAIN * 2 ** min(want.attempts, 16), LONGEST)
            again = (datetime.now(UTC) + wait).isoformat()
    state = "held" if fault is None else "failed"
    place = (want.source_key, want.field, want.value, want.landing_id)
    return SettledFile(*place, state, sha256, said, again)


def _write_down(database: Database, work: Fetch, made: Portion) -> None:
    """Place what was written, and store how the wants stand."""
    flow = work.flow
    with database.write() as tx:
        files.placing(tx)
        work.store.place(made.unplaced)
        files.hold(tx, made.new)
        told = files.settle(tx, flow.name, made.settled)
        if sending := _sending(work):
            outbox.mark(tx, sending, sorted(set(told)))


def _sending(work: Fetch) -> list[str]:
    """The pushes with which files of these records go."""
    fields = work.flow.files.keys()
    return [
        push.name
        for push in work.contracts.pushes_of(work.flow.entity.name)
        if any(one.field in fields for one in push.files)
    ]


def sweep(database: Database, settings: Settings) -> int:
    """Take away the bytes of files that nothing names any more; how many."""
    store, count = FileStore(settings.files_folder), 0
    while True:
        with database.write() as tx:
            gone = files.take_gone(tx, most=AT_ONCE)
            store.remove(gone)
        count += len(gone)
        if len(gone) < AT_ONCE:
            return count


def follow(tx: Transaction, contracts: Contracts) -> None:
    """Forget the wants of flows that fetch no more, and mark what nothing names."""
    kept: Iterable[str] = [flow.name for flow in contracts.fetches.values()]
    files.drop_flows(
        tx, [*kept, *(name for name in contracts.disabled if name.startswith("pull."))]
    )
    files.loosen(tx)
