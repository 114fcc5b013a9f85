"""A partner that exchanges files: what it offers goes to its outbox, what it is given is taken from its inbox."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar

from fastapi import FastAPI

from sandbox.admin import PREFIX
from sandbox.forms import Refusal
from sandbox.partner import Settings
from sandbox.sftp import FOLDERS, FileExchange, keep_host_key
from sandbox.shelf import Offered, Page, ShelfPartner, Traps
from sandbox.state import Record
from sandbox.world.clock import BEIJING

LOOK_SECONDS = 0.2
MOST_ROWS = 5_000
FIRST = ("", "")
# Kinds of trouble with a whole file, beside those with a record.
UNREADABLE = Refusal("unreadable", "")


class UnreadableFileError(Exception):
    """A file in the inbox is not what its name says."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is answered to one record."""

    key: str
    refusal: Refusal | None


class FilePartner(ShelfPartner):
    """Writes a file whenever something has changed, and answers each file that it is given by another."""

    suffix: ClassVar[str]
    traps: ClassVar[Traps]
    resource: ClassVar[str]

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._lent = TemporaryDirectory()  # for a partner that is to remember nothing
        folder = settings.state or Path(self._lent.name)
        self._root, self._taken = folder / "files", folder / "taken"
        self._exchange = FileExchange(
            self._root,
            settings.user,
            settings.secret,
            keep_host_key(folder),
            lambda fault, where: self.faults.take(fault, where=where),
        )

    def table(self, records: Sequence[Offered]) -> bytes:
        """Write what is offered as a file of this partner."""
        raise NotImplementedError

    def rows(self, content: bytes) -> list[Record]:
        """Read a file of the hub, or raise UnreadableFileError."""
        raise NotImplementedError

    def answers(self, verdicts: Sequence[Verdict]) -> bytes:
        """Write the answers to a file of the hub."""
        raise NotImplementedError

    async def start(self) -> None:
        for folder in FOLDERS:
            (self._root / folder).mkdir(parents=True, exist_ok=True)
        self._taken.mkdir(exist_ok=True)
        await super().start()
        self._write_out()
        self._server = await self._exchange.listen(
            self.settings.sftp_port or 0, host=self.settings.host
        )
        self._watch = asyncio.create_task(self._keep_taking())

    async def stop(self) -> None:
        self._watch.cancel()
        with suppress(asyncio.CancelledError):
            await self._watch
        self._server.close()
        self._lent.cleanup()
        await super().stop()

    def mount(self, app: FastAPI) -> None:
        @app.get(f"{PREFIX}/host_key")
        def host_key() -> dict[str, str]:
            return {"host_key": self._exchange.host_key.get_fingerprint()}

    def move_to(self, tick: int) -> None:
        super().move_to(tick)
        self._write_out()

    def edit(self, resource: str, key: str, changes: Mapping[str, object]) -> None:
        super().edit(resource, key, changes)
        self._write_out()

    def _write_out(self) -> None:
        """Write what has come onto the shelf since the last file."""
        if self.faults.take("equal_cursor", where=self.resource):
            self.shelf.level(self.resource)
            self._write_from(FIRST, size=max(1, self.shelf.count(self.resource) // 2))
        else:
            at, _, key = (self.state.setting("written") or " ").partition(" ")
            self._write_from((at, key), size=MOST_ROWS)

    def _write_from(self, after: tuple[str, str], *, size: int) -> None:
        while records := self.shelf.page(self.resource, Page(size, after=after)):
            after = (records[-1].at.isoformat(), records[-1].key)
            content = self.table(self.with_faults(self.resource, records, self.traps))
            self._publish("outbox", self._next_name(), content, rows=len(records))
            self.state.set_setting("written", " ".join(after))
            if self.faults.take("repeated_page", where=self.resource):
                self._publish("outbox", self._next_name(), content, rows=len(records))

    def _next_name(self) -> str:
        number = int(self.state.setting("files") or 0) + 1
        self.state.set_setting("files", str(number))
        return f"{self.name}_{datetime.now(BEIJING):%Y%m%d%H%M%S}_{number:06d}{self.suffix}"

    def _publish(self, folder: str, name: str, content: bytes, *, rows: int) -> None:
        """Write a file, then the small one that says that it is whole."""
        path = self._root / folder / name
        path.write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        path.with_name(f"{name}.ok").write_text(
            f"rows={rows} bytes={len(content)} sha256={digest}\n"
        )

    async def _keep_taking(self) -> None:
        while True:
            await asyncio.to_thread(self._take_all)
            await asyncio.sleep(LOOK_SECONDS)

    def _take_all(self) -> None:
        for mark in sorted((self._root / "inbox").glob("*.ok")):
            path = mark.with_suffix("")
            if path.exists():
                self._take(path)
                path.replace(self._taken / path.name)
            mark.unlink()

    def _take(self, path: Path) -> None:
        form = next(
            (
                form
                for form in self.forms
                if path.name.startswith(form.resource.removesuffix("s") + "_")
            ),
            None,
        )
        try:
            rows = self.rows(path.read_bytes()) if form else None
        except UnreadableFileError:
            rows = None
        if form is None or rows is None:
            verdicts = [Verdict("", UNREADABLE)]
        else:
            verdicts = [
                Verdict(str(row.get(form.key) or ""), self.intake.take(form, row)) for row in rows
            ]
        if not self.faults.take("lost_answer", where=form.resource if form else None):
            self._publish("answers", path.name, self.answers(verdicts), rows=len(verdicts))
