"""What a partner offers, by update time: kept in SQLite, so that a million projects need no
memory.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from threading import RLock

from sandbox.forms import Form, Intake
from sandbox.partner import Partner, Settings, UnknownRecordError
from sandbox.state import Record
from sandbox.world.clock import time_of_edit
from sandbox.world.life_record import Life

SCHEMA = """
    create table if not exists offer (
        resource text not null, key text not null, at text not null, project integer not null,
            body text not null,
        primary key (resource, key));
    create index if not exists offer_in_order on offer (resource, at, key);
"""
PUT = """
    insert into offer (resource, key, at, project, body) values (:resource, :key, :at, :project,
        :body)
    on conflict (resource, key) do update
       set body = excluded.body, at = case when excluded.at > at then excluded.at else :floor end
     where body <> excluded.body
"""
PAGE = """
    select key, at, body from offer
     where resource = :resource and at >= :since and at < :until and (at, key) > (:after_at,
         :after_key)
     order by at, key limit :size offset :skip
"""
LEVEL = """
    update offer set at = (select max(at) from offer where resource = :resource)
        where resource = :resource
"""

END = "~"  # behind every time

# What the hub has given and not withdrawn: resource -> project code -> record, and =resource ->
# number of the thing -> record.
Given = Mapping[str, Mapping[str, Record]]


@dataclass(frozen=True, slots=True)
class Offer:
    """One record that is offered, without its update time, which the shelf decides."""

    resource: str
    key: str
    at: datetime
    body: Record


@dataclass(frozen=True, slots=True)
class Offered:
    """One record as it stands on the shelf."""

    key: str
    at: datetime
    body: Record


@dataclass(frozen=True, slots=True)
class Page:
    """Which records are wanted: of `since` up to before `until`, behind `after` (update time, key),
    so many left out.
    """

    size: int
    since: str = ""
    until: str = END
    after: tuple[str, str] = ("", "")
    skip: int = 0


@dataclass(frozen=True, slots=True)
class Traps:
    """What faults of content put into a record: values that nobody can take, and a second clerk's
    wording.
    """

    spoilt: Record
    twin: Record


class Shelf:
    """Records by resource and key; a record whose content changes always gets a later update
    time.
    """

    def __init__(self, folder: Path | None) -> None:
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
        path = folder / "shelf.sqlite3" if folder else ":memory:"
        self._lock = RLock()
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.executescript(SCHEMA)

    def close(self) -> None:
        self._connection.close()

    def put(self, offers: Iterable[tuple[int, Offer]], *, floor: datetime) -> None:
        """Lay out (project, offer) pairs in one transaction; what has not changed stays as it
        is.
        """
        with self._lock, self._connection:
            self._connection.execute("begin")
            self._connection.executemany(
                PUT,
                (
                    {
                        "resource": offer.resource,
                        "key": offer.key,
                        "at": offer.at.isoformat(),
                        "project": project,
                        "body": json.dumps(offer.body, ensure_ascii=False),
                        "floor": floor.isoformat(),
                    }
                    for project, offer in offers
                ),
            )

    def page(self, resource: str, page: Page) -> list[Offered]:
        """Give records in the order of (update time, key)."""
        rows = self._rows(
            PAGE,
            {
                "resource": resource,
                "since": page.since,
                "until": page.until,
                "after_at": page.after[0],
                "after_key": page.after[1],
                "size": page.size,
                "skip": page.skip,
            },
        )
        return [
            Offered(str(key), datetime.fromisoformat(str(at)), json.loads(str(body)))
            for key, at, body in rows
        ]

    def count(self, resource: str, *, since: str = "", until: str = END) -> int:
        rows = self._rows(
            "select count(*) from offer where resource = ? and at >= ? and at < ?",
            (resource, since, until),
        )
        return int(str(rows[0][0]))

    def counts(self) -> dict[str, int]:
        rows = self._rows("select resource, count(*) from offer group by resource", ())
        return {str(resource): int(str(count)) for resource, count in rows}

    def project_of(self, resource: str, key: str) -> int | None:
        rows = self._rows(
            "select project from offer where resource = ? and key = ?", (resource, key)
        )
        return int(str(rows[0][0])) if rows else None

    def one(self, resource: str, key: str) -> Offered | None:
        sql = "select key, at, body from offer where resource = ? and key = ?"
        for name, at, body in self._rows(sql, (resource, key)):
            return Offered(str(name), datetime.fromisoformat(str(at)), json.loads(str(body)))
        return None

    def touch(self, resource: str, key: str, *, at: str) -> None:
        """Give one record a later update time."""
        sql = "update offer set at = max(at, ?) where resource = ? and key = ?"
        self._rows(sql, (at, resource, key))

    def level(self, resource: str) -> None:
        """Give all records of a resource one and the same update time."""
        self._rows(LEVEL, {"resource": resource})

    def _rows(
        self, sql: str, values: tuple[str, ...] | Mapping[str, str | int]
    ) -> list[tuple[object, ...]]:
        with self._lock:
            return self._connection.execute(sql, values).fetchall()


class ShelfPartner(Partner):
    """A partner that keeps what it offers on a shelf and lays it out anew with each tick."""

    resources: tuple[str, ...]
    forms: tuple[Form, ...]

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.shelf = Shelf(settings.state)
        self.intake = Intake(self.state, self.faults)

    def offers(self, life: Life, given: Given) -> Iterable[Offer]:
        """Give all that the partner holds of one project, in its own fields, `given` from the hub
        included.
        """
        raise NotImplementedError

    async def start(self) -> None:
        if self.state.setting("filled") is None:
            self.lay_out(range(self.world.size))
            self.state.set_setting("filled", "1")

    async def stop(self) -> None:
        self.shelf.close()
        await super().stop()

    def move_to(self, tick: int) -> None:
        super().move_to(tick)
        self.lay_out(range(self.world.size))

    def lay_out(self, projects: Iterable[int]) -> None:
        """Bring the shelf up to the tick, to what the hub has given and to corrections."""
        floor = time_of_edit(self.tick, ordinal=self.state.edit_count())
        edits = {resource: self.state.edits(resource) for resource in self.resources}
        given = {form.resource: self.intake.valid(form) for form in self.forms}
        given |= {
            f"={form.resource}": self.intake.valid(form, by=form.business) for form in self.forms
        }
        lives = ((index, self.world.life(index, tick=self.tick)) for index in projects)
        offers = ((index, offer) for index, life in lives for offer in self.offers(life, given))
        self.shelf.put(
            ((index, _corrected(offer, edits[offer.resource])) for index, offer in offers),
            floor=floor,
        )

    def shared(self) -> dict[str, int]:
        return self.shelf.counts()

    def edit(self, resource: str, key: str, changes: Mapping[str, object]) -> None:
        project = self.shelf.project_of(resource, key)
        if project is None:
            raise UnknownRecordError(resource, key)
        at = time_of_edit(self.tick, ordinal=self.state.edit_count() + 1)
        self.state.edit(resource, key, at=at.isoformat(), changes=dict(changes))
        self.lay_out([project])

    def read(self, resource: str, page: Page, traps: Traps) -> list[Offered]:
        """Give a page as the hub gets it, faults of content included."""
        if self.faults.take("equal_cursor", where=resource):
            self.shelf.level(resource)
        return self.with_faults(resource, self.shelf.page(resource, page), traps)

    def with_faults(self, resource: str, records: list[Offered], traps: Traps) -> list[Offered]:
        """Let faults of content strike some records."""
        if records and self.faults.take("malformed_record", where=resource):
            records = [replace(records[0], body=records[0].body | traps.spoilt), *records[1:]]
        if records and self.faults.take("duplicate_key", where=resource):
            records = [*records, replace(records[0], body=records[0].body | traps.twin)]
        return records


def _corrected(offer: Offer, edits: Mapping[str, tuple[str, Record]]) -> Offer:
    """Lay corrections made at the source over a record; a null takes the field away."""
    if offer.key not in edits:
        return offer
    _, changes = edits[offer.key]
    body = offer.body | changes
    return replace(
        offer,
        body={field: value for field, value in body.items() if changes.get(field, "") is not None},
    )
