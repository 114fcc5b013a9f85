"""A partner as its declaration says: what it offers, what it takes, and the protocol that it
speaks.
"""

import asyncio
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from fastapi import FastAPI

from sandbox.admin import PREFIX
from sandbox.declared.caller import Caller
from sandbox.declared.declaration import read_declaration
from sandbox.declared.exchange import Exchange
from sandbox.declared.fields import Telling, braced, record
from sandbox.declared.nouns import beside, fits, follow, heads, parts, singular, things
from sandbox.declared.rest import Rest
from sandbox.declared.tables import Tables
from sandbox.declared.words import Share, Take
from sandbox.faults import FAULTS
from sandbox.forms import Form
from sandbox.partner import Settings
from sandbox.sftp import SftpServer, keep_host_key
from sandbox.shelf import Given, Offer, Offered, Page, ShelfPartner, Traps
from sandbox.state import Record
from sandbox.world.clock import time_of_edit
from sandbox.world.life_record import Life

CELL = "cell"  # an update time as a cell of a workbook
NO_TRAPS = Traps(spoilt={}, twin={})


class DeclaredPartner(ShelfPartner):
    """One partner of `sandbox/partners/`; alone, or beside others behind common ports."""

    def __init__(self, name: str, settings: Settings, *, sftp: SftpServer | None = None) -> None:
        """sftp: the server that it shares with others; None: it has one of its own."""
        self.name = name
        self.declaration = read_declaration(name)
        self.resources = tuple(self.declaration.shares)
        self.forms = tuple(_form(name, take) for name, take in self.declaration.takes.items())
        self.faults_known = frozenset(self.declaration.faults or FAULTS)
        super().__init__(settings)
        self._forms = {form.resource: form for form in self.forms}
        self._traps = {
            name: Traps(spoilt=trap.spoilt, twin=trap.twin)
            for name, trap in self.declaration.traps.items()
        }
        self._lent = TemporaryDirectory()  # for a partner that is to remember nothing
        self._folder = settings.state or Path(self._lent.name)
        self._rest, self._exchange, self._tables = self._protocol()
        self._alone = sftp is None
        self._sftp = sftp or SftpServer(keep_host_key(self._folder))

    def _protocol(self) -> tuple[Rest | None, Exchange | None, Tables | None]:
        declared, login = self.declaration, (self.settings.user, self.settings.secret)
        rest = Rest(self, declared.http, user=login[0], secret=login[1]) if declared.http else None
        exchange = Exchange(self, declared.files, self._folder) if declared.files else None
        url = self.settings.database_url
        if declared.tables and not url:
            sys.exit(f"{self.name}: --database-url")
        tables = Tables(self, declared.tables, url, login) if declared.tables and url else None
        return rest, exchange, tables

    def form(self, resource: str) -> Form:
        return self._forms[resource]

    def offers(self, life: Life, given: Given) -> Iterator[Offer]:
        for resource, share in self.declaration.shares.items():
            head = singular(share.of)
            for thing in things(life, share.of):
                roots = heads(life, share.of, thing)
                if fits(roots, head, share.where):
                    roots |= {name: beside(life, one, roots) for name, one in share.beside.items()}
                    telling = Telling(
                        roots, given, life.project.code, (self.world.seed, life.project.index, "")
                    )
                    yield from self._told(resource, share, telling)

    def _told(self, resource: str, share: Share, telling: Telling) -> Iterator[Offer]:
        told: list[Telling] = [telling]
        if share.each:
            told = [
                telling.with_part(share.each.as_, part, at)
                for at, part in enumerate(parts(share.each.of, telling.roots), start=1)
            ]
        for one in told:
            if share.when and follow(share.when, one.roots) is None:
                continue
            key = braced(share.key if "{" in share.key else f"{{{share.key}}}", one.roots)
            at = follow(share.at or f"{singular(share.of)}.updated_at", one.roots)
            named = one.of_record(f"{self.name}/{resource}/{key}")
            rare = share.one_in > 1 and not named.chance("").one_in(share.one_in)
            if isinstance(at, datetime) and not rare:  # what has not happened yet is not offered
                yield Offer(resource, key, at, record(share.fields, named, empty=share.empty))

    def page(self, resource: str, page: Page) -> list[Offered]:
        return self.read(resource, page, self._traps.get(resource, NO_TRAPS))

    def troubled(self, resource: str, records: list[Offered]) -> list[Offered]:
        return self.with_faults(resource, records, self._traps.get(resource, NO_TRAPS))

    def told(self, resource: str, records: Sequence[Offered]) -> list[Record]:
        fields = self.declaration.shares[resource].fields
        return [
            {
                name: _late(rule.at, one, ordinal) if rule.late else one.body[name]
                for name, rule in fields.items()
                if rule.late or name in one.body
            }
            | one.body
            for ordinal, one in enumerate(records, start=1)
        ]

    def stamp(self, resource: str, column: str) -> str:
        now = time_of_edit(self.tick, ordinal=self.state.edit_count())
        return now.strftime(self.declaration.shares[resource].fields[column].at or "")

    def shared(self) -> dict[str, int]:
        return self._tables.shared() if self._tables else super().shared()

    def mount(self, app: FastAPI) -> None:
        if self._rest:
            self._rest.mount(app)
        if self._exchange:

            @app.get(f"{PREFIX}/host_key")
            def host_key() -> dict[str, str]:
                return {"host_key": self._sftp.fingerprint}

        if (calls := self.declaration.calls) is not None:
            login = {"user": self.settings.user, "secret": self.settings.secret}
            caller = Caller(self, calls, **login, folder=self._folder)
            app.post(f"{PREFIX}/call")(caller.round)
            caller.keep_calling(os.environ.get("SANDBOX_HUB", ""))

    def resource_at(self, path: str) -> str | None:
        return self._rest.resource_at(path) if self._rest else super().resource_at(path)

    async def start(self) -> None:
        if self._tables:
            await asyncio.to_thread(self._tables.open)
            await super().start()
            await asyncio.to_thread(self._tables.write_out)
            self._tables.watch()
            return
        if not self._exchange:
            await super().start()
            return
        self._exchange.open()
        await super().start()
        self._exchange.write_out()
        self._sftp.add(
            self.settings.user,
            self.settings.secret,
            root=self._exchange.root,
            fault=lambda fault, where: self.faults.take(fault, where=where),
            interactive=bool(self.declaration.files and self.declaration.files.interactive),
            folders=bool(self.declaration.files and self.declaration.files.bundle),
        )
        if self._alone:
            await self._sftp.listen(self.settings.sftp_port or 0, host=self.settings.host)
        self._exchange.watch()

    async def stop(self) -> None:
        if self._tables:
            await self._tables.close()
        if self._exchange:
            await self._exchange.close()
            if self._alone:
                self._sftp.close()
        self._lent.cleanup()
        await super().stop()

    def move_to(self, tick: int) -> None:
        super().move_to(tick)
        if self._exchange:
            self._exchange.next_day()
        if self._tables:
            now = time_of_edit(self.tick, ordinal=self.state.edit_count())
            self._tables.heal(now.isoformat())
            self._tables.write_out()

    def edit(self, resource: str, key: str, changes: Mapping[str, object]) -> None:
        super().edit(resource, key, changes)
        if self._exchange:
            self._exchange.correct()
        if self._tables:
            # A row may be spoilt though the shelf holds what the correction says.
            now = time_of_edit(self.tick, ordinal=self.state.edit_count())
            self.shelf.touch(resource, key, at=now.isoformat())
            self._tables.write_out()


def _form(resource: str, take: Take) -> Form:
    operation = take.operation
    return Form(
        resource=resource,
        key=take.key,
        code=take.code,
        business=take.business,
        required=take.required,
        dates={name: (pattern,) for name, pattern in take.dates.items()},
        credit_code=take.credit_code,
        operation=operation.field if operation else None,
        valid=operation.valid if operation else "",
        withdrawn=operation.withdrawn if operation else "",
        lists=take.lists,
    )


def _late(pattern: str | None, offered: Offered, ordinal: int) -> object:
    if pattern is None:
        return ordinal
    if pattern == CELL:
        return offered.at.replace(tzinfo=None)
    if pattern == "milliseconds":
        return int(offered.at.timestamp() * 1000)
    return offered.at.strftime(pattern)
