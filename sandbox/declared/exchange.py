"""A declared partner over files: what it offers goes to its outbox, what it is given is taken from
its inbox.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from shutil import rmtree

from sandbox.declared.serving import Serving
from sandbox.declared.sheets import UnreadableFileError, sheets
from sandbox.declared.words import Files
from sandbox.forms import Form, Refusal
from sandbox.sftp import FOLDERS
from sandbox.shelf import Page
from sandbox.state import Record
from sandbox.world.clock import BEIJING, DAY

LOOK_SECONDS = 0.2
MOST_ROWS, MOST_WHOLE = 5_000, 1_000_000
FIRST = ("", "")
# Trouble with a whole file, beside those with a record.
UNREADABLE = Refusal("unreadable", "")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is answered to one record."""

    key: str
    refusal: Refusal | None


class Exchange:
    """Writes a file whenever something has changed, and answers each file that it is given by
    another.
    """

    def __init__(self, partner: Serving, files: Files, folder: Path) -> None:
        self._partner, self._files = partner, files
        self._sheets = sheets(files)
        self.root, self._taken = folder / "files", folder / "taken"
        self._again = ""  # the name of the file that is being replaced

    def open(self) -> None:
        """Make the folders; called before anything is written."""
        for folder in FOLDERS:
            (self.root / folder).mkdir(parents=True, exist_ok=True)
        self._taken.mkdir(exist_ok=True)

    def watch(self) -> None:
        """Begin to look into the inbox."""
        self._watch = asyncio.create_task(self._keep_taking())

    async def close(self) -> None:
        self._watch.cancel()
        with suppress(asyncio.CancelledError):
            await self._watch

    def next_day(self) -> None:
        """Write what has come onto the shelf, and look at what is only looked at once a day."""
        self.write_out(quiet=self._files.quiet)
        if self._files.answers.next_day:
            self._take_all()

    def correct(self) -> None:
        """Write a correction: into a new file, or in place of the last one under its name."""
        state = self._partner.state
        if self._files.replaced and (name := state.setting("name")):
            after, self._again = (state.setting("before") or "").partition(" ")[::2], name
            self._write_from(after, size=MOST_ROWS)
            self._again = ""
        else:
            self.write_out()

    def write_out(self, *, quiet: bool = False) -> None:
        """Write what has come onto the shelf since the last file; quiet: an empty file if none."""
        resource, shelf, files = self._files.resource, self._partner.shelf, self._partner.state
        before = files.setting("files")
        if self._partner.faults.take("equal_cursor", where=resource):
            shelf.level(resource)
            self._write_from(FIRST, size=max(1, shelf.count(resource) // 2))
        elif self._partner.faults.take("empty_file", where=resource):
            self._publish("outbox", self._next_name(), b"", rows=0)
        elif self._files.whole:
            self._write_from(FIRST, size=MOST_WHOLE)
        else:
            self._write_from(self._written(), size=MOST_ROWS)
        if quiet and files.setting("files") == before:
            self._publish("outbox", self._next_name(), b"", rows=0)

    def _written(self) -> tuple[str, str]:
        at, _, key = (self._partner.state.setting("written") or " ").partition(" ")
        return at, key

    def _write_from(self, after: tuple[str, str], *, size: int) -> None:
        resource, state = self._files.resource, self._partner.state
        while records := self._partner.shelf.page(resource, Page(size, after=after)):
            before, after = after, (records[-1].at.isoformat(), records[-1].key)
            told = self._partner.told(resource, self._partner.troubled(resource, records))
            for other in self._files.also:
                told += self._partner.told(other, self._partner.page(other, Page(size)))
            content = self._content(told)
            name = self._again or self._next_name()
            self._publish("outbox", name, content, rows=len(told))
            for setting, value in (("before", before), ("written", after), ("name", (name,))):
                state.set_setting(setting, " ".join(value))
            if self._partner.faults.take("repeated_page", where=resource):
                self._publish("outbox", self._next_name(), content, rows=len(told))

    def _content(self, told: list[Record]) -> bytes:
        columns = list(self._partner.declaration.shares[self._files.resource].fields)
        told.sort(key=lambda row: [str(row.get(name)) for name in self._files.merged])
        lines = [[row.get(column, "") for column in columns] for row in told]
        wrong = self._partner.faults.take("wrong_count", where=self._files.resource)
        tail = self._files.tail.replace("{rows}", str(len(told) + wrong))
        content = self._sheets.written(self._files.title, columns, lines)
        return content + tail.encode(self._files.charset)

    def _next_name(self) -> str:
        state, files = self._partner.state, self._files
        number = int(state.setting("files") or 0) + 1
        state.set_setting("files", str(number))
        now = datetime.now(BEIJING) - DAY * bool(files.late and number % files.late == 0)
        said = {"partner": self._partner.name, "now": now, "number": number}
        return files.name.format(**said, format=files.format)

    def _publish(self, folder: str, name: str, content: bytes, *, rows: int) -> None:
        """Write a file, then the small one that says that it is whole."""
        path = self.root / folder / name
        path.write_bytes(content)
        if self._files.marker:
            digest = hashlib.sha256(content).hexdigest()
            path.with_name(f"{name}{self._files.marker}").write_text(
                f"rows={rows} bytes={len(content)} sha256={digest}\n"
            )

    async def _keep_taking(self) -> None:
        while True:
            if not self._files.answers.next_day:
                await asyncio.to_thread(self._take_all)
            await asyncio.sleep(LOOK_SECONDS)

    def _take_all(self) -> None:
        for mark in sorted((self.root / "inbox").glob("*.ok")):
            path = mark.with_suffix("")
            if path.exists():
                self._take(path)
                rmtree(self._taken / path.name, ignore_errors=True)
                path.replace(self._taken / path.name)
            mark.unlink()

    def _form_of(self, name: str) -> Form | None:
        for resource, take in self._partner.declaration.takes.items():
            if name.startswith(f"{take.file or resource.removesuffix('s')}_"):
                return self._partner.form(resource)
        return None

    def _take(self, path: Path) -> None:
        form = self._form_of(path.name)
        column = self._files.answers.key
        try:
            table = self._table(path)
            rows = self._sheets.read(table.read_bytes(), column=column) if form else None
        except UnreadableFileError:
            rows = None
        if form is None or rows is None:
            verdicts = [Verdict("", UNREADABLE)]
        else:
            verdicts = [
                Verdict(
                    str(row.get(form.key) or ""),
                    self._amiss(path, row) or self._partner.intake.take(form, row),
                )
                for row in rows
            ]
        where = form.resource if form else None
        if not self._partner.faults.take("lost_answer", where=where):
            content = self._answered(verdicts)
            name = f"{path.stem}.{self._files.format}"
            self._publish("answers", name, content, rows=len(verdicts))

    def _table(self, path: Path) -> Path:
        bundle = self._files.bundle
        return path / f"{bundle.table}.{self._files.format}" if bundle and path.is_dir() else path

    def _amiss(self, path: Path, row: Record) -> Refusal | None:
        """What is wrong with the file that goes with a row."""
        bundle, faults = self._files.bundle, self._partner.faults
        name = row.get(bundle.name) if bundle else None
        if not bundle or not name:
            return None
        content = (path / str(name)).read_bytes() if (path / str(name)).is_file() else None
        if content is None or faults.take("empty_file", where="papers"):
            return Refusal("absent", str(name))
        spoilt = faults.take("wrong_hash", where="papers")
        right = hashlib.sha256(content).hexdigest() == row.get(bundle.hash) and not spoilt
        return None if right else Refusal("digest", str(name))

    def _answered(self, verdicts: Sequence[Verdict]) -> bytes:
        answers = self._files.answers
        header = (answers.key, answers.code, answers.text)
        return self._sheets.written(answers.title, header, map(self._answer, verdicts))

    def _answer(self, verdict: Verdict) -> list[object]:
        refusal, answers = verdict.refusal, self._files.answers
        if refusal is None:
            return [verdict.key, *answers.taken]
        text = self._files.refusals[refusal.kind].replace("{}", refusal.field)
        again = answers.again and refusal.kind in ("absent", "digest")
        return [verdict.key, answers.again if again else answers.refused, text]
