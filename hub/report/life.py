"""The whole life of one project code: what is known of it, put in order, with the clocks of its stages.

Pure: made of records as their reader is shown them, so a clock tells no more than that reader may know.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hub.model import Value
from hub.rules import clock
from hub.rules.clock import Handling, Limit, Reading, Scope, Span
from hub.rules.contracts import Contracts
from hub.rules.times import HUB_ZONE
from hub.store.projects import Known

WORKING_DAYS = "1"
"""Of limit_kind: a special procedure's own limit is in working days; else in days."""


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock of a project. others: further limits of its kind that hold here, drafts among them.

    shared: the days come from the source itself, because no document in force says any.
    """

    reading: Reading
    shared: bool
    others: tuple[Limit, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One approval item with its clock and the times in which it stood."""

    known: Known
    clock: Clock | None
    suspended: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage with its clock and its items; known is None for the items that name no stage."""

    known: Known | None
    clock: Clock | None
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Life:
    """The project, its stages in order, the connections with their clocks, and every record by entity."""

    code: str
    project: Known | None
    clock: Clock | None
    stages: tuple[Stage, ...]
    connections: tuple[Item, ...]
    records: Mapping[str, tuple[Known, ...]]


def life(contracts: Contracts, code: str, known: Iterable[Known], *, now: datetime) -> Life:
    """Put the records of a project in order and read its clocks."""
    by_entity: dict[str, list[Known]] = defaultdict(list)
    for row in known:
        if not row.deleted:
            by_entity[row.entity].append(row)
    project = next(iter(by_entity["project"]), None)
    watch = _Watch(contracts, project, now)
    items = [watch.item(row, by_entity) for row in sorted(by_entity["approval_item"], key=_number)]
    stages = [
        watch.stage(row, [one for one in items if one.known.values.get("stage_number") == row.values.get("number")])
        for row in sorted(by_entity["stage"], key=lambda row: (str(row.values.get("ordinal", "")), row.record_id))
    ]
    placed = {one.known.record_id for stage in stages for one in stage.items}
    loose = tuple(one for one in items if one.known.record_id not in placed)
    return Life(
        code,
        project,
        watch.whole(stages, loose),
        stages=(*stages, *([Stage(None, None, loose)] if loose else [])),
        connections=tuple(watch.connection(row) for row in by_entity["utility_connection"]),
        records={name: tuple(rows) for name, rows in by_entity.items() if rows},
    )


class _Watch:
    """Reads the clocks of one project at one moment."""

    def __init__(self, contracts: Contracts, project: Known | None, now: datetime) -> None:
        self.contracts = contracts
        self.rules = contracts.clock
        self.now = now
        self.about = {f"project.{name}": _text(value) for name, value in (project.values if project else {}).items()}
        self.region = self.about.get("project.region_code", "")

    def item(self, row: Known, by_entity: Mapping[str, Sequence[Known]]) -> Item:
        if self.rules is None:
            return Item(row, None, ())
        number = row.values.get("number")
        mine = {
            name: [one for one in by_entity.get(name, ()) if one.values.get("item_number") == number]
            for name in ("approval_step", "special_procedure")
        }
        steps = [(str(one.values["status"]), _moment(one.values["at"])) for one in mine["approval_step"]]
        held = clock.handling(self.rules, steps)
        more = [self._procedure(one, held) for one in mine["special_procedure"]]
        held = replace(held, suspended=(*held.suspended, *more))
        reading = self._read("item", str(row.values.get("standard_code", "")), row, [held], over=bool(held.finished))
        return Item(row, reading, tuple(clock.joined(held.suspended)))

    def stage(self, row: Known, items: Sequence[Item]) -> Stage:
        """The time in which one of its items was handled; without items, from application to end."""
        ordinal = str(row.values.get("ordinal", ""))
        ran = [one for one in (_ran(item) for item in items) if one is not None]
        applied, finished = row.values.get("applied_at"), row.values.get("finished_at")
        if not ran and applied is not None:
            ran = [Handling(_moment(applied), _moment(finished) if finished is not None else None, ())]
        over = finished is not None or (bool(ran) and all(one.finished for one in ran))
        return Stage(row, self._read("stage", ordinal, row, ran, over=over), tuple(items))

    def whole(self, stages: Sequence[Stage], loose: Sequence[Item]) -> Clock | None:
        """The project's own clock: every stage that counts, what overlaps once."""
        if self.rules is None:
            return None
        counting = [
            stage for stage in stages if stage.known and stage.known.values.get("ordinal") not in self.rules.parallel
        ]
        ran = [one for stage in counting for one in (_ran(item) for item in stage.items) if one is not None]
        ran += [one for one in (_ran(item) for item in loose) if one is not None]
        for stage in counting:
            if not stage.items and stage.clock and stage.clock.reading.began:
                ran.append(Handling(stage.clock.reading.began, stage.clock.reading.ended, ()))
        over = self.about.get("project.finished") == "true"
        return self._read("project", "", None, ran, over=over or (bool(ran) and all(one.finished for one in ran)))

    def connection(self, row: Known) -> Item:
        applied, connected = row.values.get("applied_on"), row.values.get("connected_on")
        if applied is None:
            return Item(row, None, ())
        ran = Handling(_moment(applied), _moment(connected) if connected is not None else None, ())
        utility = str(row.values.get("utility", ""))
        return Item(row, self._read("utility", utility, row, [ran], over=connected is not None), ())

    def _procedure(self, row: Known, held: Handling) -> Span:
        """A special procedure ends with the item's own step, else with its own limit, else it goes on."""
        begun = _moment(row.values["started_at"])
        told = next((end for since, end in held.suspended if since <= begun and (end is None or begun < end)), begun)
        days = row.values.get("limit_days")
        if told != begun or not isinstance(days, int) or self.rules is None:
            return begun, told if told != begun else held.finished
        calendar = self.rules.calendar
        if str(row.values.get("limit_kind", WORKING_DAYS)) == WORKING_DAYS:
            return begun, calendar.after(calendar.next_day(begun), days)
        return begun, calendar.next_day(begun) + timedelta(days=days)

    def _parallel(self, scope: Scope, row: Known) -> bool:
        """Whether this is a stage beside the others, for whose whole no limit is meant."""
        return scope == "stage" and self.rules is not None and row.values.get("ordinal") in self.rules.parallel

    def _read(self, scope: Scope, of: str, row: Known | None, ran: Sequence[Handling], *, over: bool) -> Clock | None:
        ran = [one for one in ran if one.spans]
        if self.rules is None or not ran:
            return None
        running = clock.joined(span for one in ran for span in clock.running(one.spans, one.suspended))
        began = min(span[0] for one in ran for span in one.spans)
        facts = self.about | {name: _text(value) for name, value in (row.values if row else {}).items()}
        on = began.astimezone(self.rules.calendar.zone).date()
        found = clock.binding(self.contracts.limits, scope, of, facts=facts, region=self.region, on=on)
        binding = next((limit for limit in found if limit.status == "in_force"), None)
        own = row.values.get("limit_days") if row and not self._parallel(scope, row) else None
        days = binding.days if binding else float(own) if isinstance(own, int) else None
        reading = clock.read(self.rules, running, over=over, days=days, limit=binding, now=self.now)
        ends = [one.finished for one in ran if one.finished]
        reading = replace(reading, began=began, ended=max(ends, default=reading.ended) if over else None)
        return Clock(reading, binding is None and days is not None, tuple(one for one in found if one is not binding))


def _ran(item: Item) -> Handling | None:
    if item.clock is None or item.clock.reading.began is None:
        return None
    return Handling(item.clock.reading.began, item.clock.reading.ended, item.suspended)


def _number(row: Known) -> tuple[str, int]:
    return str(row.values.get("number", "")), row.record_id


def _moment(value: Value) -> datetime:
    """An instant, or the beginning of a day here."""
    moment = datetime.fromisoformat(str(value))
    return moment if moment.tzinfo else moment.replace(tzinfo=HUB_ZONE)


def _text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
