"""Files of records: opened by those who hold the grant, and how fetching stands."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from hub.auth.context import RequestContext
from hub.db import files
from hub.db.files import FailedFiles, FileOfRecord, FileWant, Stored
from hub.db.records import projects
from hub.db.rows import fault_of
from hub.domain import keys
from hub.domain.contracts import Entity, PullFlow
from hub.domain.file_types import MEDIA, SHOWN, type_of
from hub.domain.rights import Rights
from hub.errors import FlowError
from hub.model import Json, Record
from hub.pipeline.file_store import FileStore
from hub.pipeline.passing import Passing
from hub.services import failures
from hub.services.failures import FaultText
from hub.services.projects import ReadRecords, records_of

__all__ = ["Stored"]


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A file that may be shown. name: as it is saved; inline: whether a browser may show it."""

    content: bytes
    media: str
    name: str
    inline: bool


@dataclass(frozen=True, slots=True)
class FileView:
    """A file of a record: under which digest it is opened, or why not.

    state: pending, held, passed_on or failed. kept: whether it is held here. bytes, type: of one
    that is held.
    """

    field: str
    state: str
    kept: bool
    sha256: str | None
    type: str | None
    bytes: int | None
    why: FaultText | None

    @property
    def opens(self) -> bool:
        """Whether it can be opened: it is held, or passed through and its digest known."""
        return self.sha256 is not None


@dataclass(frozen=True, slots=True)
class RecordFiles:
    """The files of one record."""

    record_id: int
    entity: str
    files: list[FileView]


@dataclass(frozen=True, slots=True)
class FailedView:
    """Files of one field that failed for one reason. example: the source key of one of them."""

    field: str
    files: int
    example: str
    next_at: datetime | None
    why: FaultText


@dataclass(frozen=True, slots=True)
class FetchView:
    """The last balance of a flow that fetches: wanted = held + passed_on + failed + pending."""

    flow: str
    run_id: int | None
    at: datetime | None
    counts: dict[str, int]
    balanced: bool
    failed: list[FailedView]


@dataclass(frozen=True, slots=True)
class FilesStanding:
    """What the store holds, and how each flow that fetches stands."""

    files: int
    bytes: int
    flows: list[FetchView]


def opened(context: RequestContext, sha256: str, *, record: int) -> OpenedFile:
    """The file of a record under this digest.

    Wants the grant on that field of that record; FlowError (ask.file_unknown) where the
    record, as it stands and as far as the reader may see it, names no such file, alike for what
    there is not and what he may not see.
    """
    context.may_see(context.hub.contracts.entities)
    nothing = FlowError("ask.file_unknown", record=record)
    with context.hub.database.read() as tx:
        found = projects.find(tx, str(record))
        rights = context.rights_to(tx, str(record))
        wants = files.named(tx, record, sha256)
    entity = context.hub.contracts.entities.get(found[1]) if found else None
    if entity is None:
        raise nothing
    with context.read() as tx:
        known = projects.known(tx, entity, record)
    if known is None or known.deleted:
        raise nothing
    want = next((one for one in wants if _names(known.values, one, entity, rights)), None)
    if want is None:
        raise nothing
    context.may_see([entity.name])
    context.saw([record], project_code=str(known.values.get("project_code") or "") or None)
    hub = context.hub
    passing = Passing(hub.database, hub.contracts, hub.settings, hub.fetched)
    content = _held(context, want, sha256) if want.keep else passing.passed_on(want)
    kind = type_of(content)
    name = f"{entity.name}-{record}-{sha256[:12]}.{kind}"
    return OpenedFile(content, MEDIA.get(kind, "application/octet-stream"), name, kind in SHOWN)


def _names(values: Record, want: FileWant, entity: Entity, rights: Rights) -> bool:
    """Whether a record as the reader sees it names this file; one that lost to another does not."""
    field = entity.fields.get(want.field)
    if field is None or rights.sight(entity.name, field) != "shown":
        return False
    said = values.get(want.field)
    return want.value in said if isinstance(said, list) else want.value == said


def _held(context: RequestContext, want: FileWant, sha256: str) -> bytes:
    content = FileStore(context.hub.settings.files_folder).read(sha256)
    if content is None:
        raise FlowError("attachment.lost", record=want.record_id, field=want.field)
    return content


def of_project(
    context: RequestContext, code: str, read: ReadRecords | None = None
) -> list[RecordFiles]:
    """The files of a project's records, as far as the reader may see the fields that name them.

    FlowError (ask.project_unknown) where he may see nothing of it. read: what `records_of` gives
    of it, where it has been asked already.
    """
    contracts = context.hub.contracts
    rights, known = read or records_of(context, code)
    shown = {row.record_id: row for row in known if not row.deleted}
    found: dict[int, list[FileView]] = {}
    with context.hub.database.read() as tx:
        rows = files.of_records(tx, list(shown))
    for row in rows:
        one = shown[row.record_id]
        if _shown(row, contracts.entities[one.entity], one.values, rights):
            found.setdefault(row.record_id, []).append(_view(row))
    return [
        RecordFiles(record, shown[record].entity, _alone(views)) for record, views in found.items()
    ]


def of_papers(context: RequestContext, code: str, records: Sequence[int]) -> list[RecordFiles]:
    """The files of these records of a project: of the papers that a form finds held."""
    contracts, wanted = context.hub.contracts, list(dict.fromkeys(records))
    with context.hub.database.read() as tx:
        places = [projects.find(tx, str(one)) for one in wanted]
    names = {place[1] for place in places if place and place[1] in contracts.entities}
    with context.read() as tx:
        rights = context.rights_on(tx, keys.project_code(code), contracts.entities)
        known = [
            row
            for place in places
            if place and place[1] in names
            for row in [projects.known(tx, contracts.entities[place[1]], place[0])]
            if row is not None
        ]
    return of_project(context, code, (rights, known))


def _alone(views: Sequence[FileView]) -> list[FileView]:
    """Each file once: several sources may name the same one."""
    return list({(one.field, one.sha256, one.state): one for one in views}.values())


def _shown(row: FileOfRecord, entity: Entity, values: Record, rights: Rights) -> bool:
    field = entity.fields.get(row.field)
    if field is None or rights.sight(entity.name, field) != "shown":
        return False
    said = values.get(row.field)
    return row.value in said if isinstance(said, list) else row.value == said


def _view(row: FileOfRecord) -> FileView:
    known = row.sha256 if row.keep else row.told
    return FileView(
        row.field,
        row.state,
        row.keep,
        known if row.state != "failed" else None,
        row.type,
        row.bytes,
        _why(row.fault) if row.fault else None,
    )


def standing(context: RequestContext) -> FilesStanding:
    """What is held, and how each flow that fetches stands: its last balance, and what failed."""
    with context.hub.database.read() as tx:
        stored, last, lost = files.stored(tx), files.balances(tx), files.failed(tx)
    by_flow = {one.flow: one for one in last}
    flows = []
    for name, flow in sorted(context.hub.contracts.fetches.items()):
        one = by_flow.get(name)
        counts = {count: getattr(one, count) if one else 0 for count in files.FETCHED}
        whole, *parts = counts.values()
        flows.append(
            FetchView(
                name,
                one.run_id if one else None,
                one.committed_at if one else None,
                counts,
                whole == sum(parts),
                list(_failed(flow, lost)),
            )
        )
    return FilesStanding(stored.files, stored.bytes, flows)


def _failed(flow: PullFlow, rows: Sequence[FailedFiles]) -> Iterable[FailedView]:
    for row in rows:
        if row.flow == flow.name:
            why = _why({"code": row.code, "facts": row.facts})
            yield FailedView(row.field, row.files, row.example, row.next_at, why)


def _why(kept: Mapping[str, Json]) -> FaultText:
    return failures.fault_text(fault_of(kept))
