"""Files for those who are given them: held ones from the store, others fetched and passed through.

What is only passed through is not kept: it is judged and its digest checked, then handed on.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeAlias

from hub.contract import Connector
from hub.db import files
from hub.db.database import Database
from hub.db.files import FileWant, SettledFile
from hub.domain.contracts import Contracts, FileRule, PullFlow
from hub.errors import AttachmentError, FlowError
from hub.pipeline import connector_boundary, fetching
from hub.pipeline.file_store import FileStore
from hub.settings import Settings

Fetched: TypeAlias = Callable[[PullFlow, FileRule, str], bytes]
"""A file from its partner, not judged yet."""


@dataclass(frozen=True, slots=True)
class Passing:
    """What files are taken from: the store, and the partners that have the others."""

    database: Database
    contracts: Contracts
    settings: Settings
    fetched: Fetched

    def content(self, record_id: int, sha256: str) -> bytes:
        """The file of a record under this digest; RecordError (attachment.*) where it is not to be
        had.
        """
        with self.database.read() as tx:
            wants = files.named(tx, record_id, sha256)
        wants.sort(key=lambda one: not one.keep)
        for want in wants:
            if not want.keep:
                return self.passed_on(want)
            content = FileStore(self.settings.files_folder).read(sha256)
            if content is not None:
                return content
        raise AttachmentError("attachment.missing", status="-")

    def passed_on(self, want: FileWant) -> bytes:
        """A file that is not held: fetched now, judged, and handed through."""
        flow = self.contracts.pulls.get(want.flow)
        rule = flow.files.get(want.field) if flow else None
        if flow is None or rule is None:
            raise FlowError("flow.unknown", flow=want.flow)
        content = self.fetched(flow, rule, want.value)
        fetching.checked(content, rule, want)
        settled = SettledFile(
            want.source_key, want.field, want.value, want.landing_id, "passed_on", want.told
        )
        with self.database.write() as tx:
            files.settle(tx, want.flow, [settled])
        return content


@contextmanager
def fetched_at_once(made: Callable[..., Connector]) -> Iterator[Fetched]:
    """What fetches single files, each partner reached once.

    made: (flow, via=its connection) -> connector.
    """
    reached: dict[tuple[str, str], Connector] = {}

    def fetched(flow: PullFlow, rule: FileRule, value: str) -> bytes:
        place = flow.system.name, rule.source.via
        if place not in reached:
            reached[place] = made(flow, via=rule.source.via)
        return fetching.fetched(flow, rule, value, opened=lambda _: reached[place])

    try:
        yield fetched
    finally:
        for (system, _), one in reached.items():
            connector_boundary.close(one, system)
