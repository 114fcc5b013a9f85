"""After a restoration: asks a target which deliveries it has, as surely as its protocol can."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from hub.contract import Connector, Holding, Listing, Recognising
from hub.db.deliveries.outbox import Closed, Frozen, Mark
from hub.domain.delivery_states import UNSETTLED
from hub.domain.idempotency import RECORD, IdempotencyKeys
from hub.errors import Fault
from hub.model import Held, Json, Outgoing
from hub.pipeline import connector_boundary

Decided: TypeAlias = Frozen | Closed | Fault


@dataclass(frozen=True, slots=True)
class UncertainDelivery:
    """An uncertain delivery, and what would be sent of it now; version: of the golden record.

    late: the last upsert, where the record has been deleted since.
    """

    mark: Mark
    decided: Decided
    late: Frozen | None
    version: int

    @property
    def wanted(self) -> Frozen | None:
        """What the target should hold in the end, or should have held last."""
        return self.decided if isinstance(self.decided, Frozen) else self.late

    @property
    def in_flight(self) -> bool:
        """Whether an attempt was in flight when the backup was made."""
        mark = self.mark
        return (
            mark.state in UNSETTLED
            and None not in {mark.key, mark.action}
            and mark.body is not None
        )

    @property
    def frozen(self) -> Frozen:
        """The attempt that was in flight."""
        mark = self.mark
        action, body = mark.action or "upsert", mark.body or {}
        return Frozen(
            mark.record_id, 1, mark.key or "", action, body, mark.golden_version or 0, fresh=False
        )


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a target answered about one record. known: by key; last: the newest, if it was listed.

    asked: whether silence means that it holds nothing else. exact: what it shows also tells how
    often something of the record was sent; else attempts may have been lost without a trace.
    """

    asked: bool
    known: Mapping[str, Held] = field(default_factory=dict)
    listed: bool = False
    last: Held | None = None
    exact: bool = True


NOTHING = Evidence(asked=False)
Said: TypeAlias = dict[int, Evidence]


@dataclass(frozen=True, slots=True)
class Target:
    """How a target can be asked. most: attempts per record that may be lost; fields: those sent.

    most is 0 where lost attempts cannot be named: then silence of a target asked by key proves
    nothing.
    """

    keys: IdempotencyKeys
    connector: Connector
    write: Mapping[str, Json]
    system: str
    fields: Sequence[str]
    receipts: bool
    most: int

    def candidates(self, case: UncertainDelivery) -> dict[str, int]:
        """Keys that lost attempts of the wanted body must have had -> their ordinals."""
        mark, wanted = case.mark, case.wanted
        if wanted is None:
            return {}
        ordinals = range(mark.serial + 1, mark.serial + self.most + 1)
        made = (
            (
                self.keys.of(mark.natural_key, ordinal=one, action=wanted.action, body=wanted.body),
                one,
            )
            for one in ordinals
        )
        return dict(made)

    def ask(self, cases: Sequence[UncertainDelivery]) -> Said:
        """Evidence by record id; {} where the target cannot be asked."""
        connector = self.connector
        if (
            self.most
            and isinstance(connector, Listing)
            and self._may(lambda: connector.listed(self.write, [], []))
        ):
            return self._listed(connector, cases)
        if isinstance(connector, Recognising) and self._may(
            lambda: connector.recognised(self.write, [])
        ):
            return self._recognised(connector, cases)
        if isinstance(connector, Holding) and self._may(lambda: connector.held(self.write, [], [])):
            return self._held(connector, cases)
        return self._judged(cases) if self.receipts else {}

    def _may(self, ask: Callable[[], object]) -> bool:
        """Whether the options allow this way of asking (probed with an empty request)."""
        return connector_boundary.translated(self.system, ask) is not None

    def _listed(self, connector: Listing, cases: Sequence[UncertainDelivery]) -> Said:
        """Asked by listing: the newest delivery of each record; keys of another kind by key."""
        begins = [self.keys.of_record(case.mark.natural_key) for case in cases]
        last: dict[str, Held] = {}
        for held in connector_boundary.given(
            lambda: connector.listed(self.write, begins, self.fields) or (), self.system
        ):
            before = last.get(held.key[:RECORD])
            if self.keys.ordinal(held.key) is not None and (
                before is None or held.key > before.key
            ):
                last[held.key[:RECORD]] = held
        left = [case for case, begin in zip(cases, begins, strict=True) if begin not in last]
        former = self._known(connector, [key for case in left for key in _former(case)])
        found: Said = {}
        for case, begin in zip(cases, begins, strict=True):
            held_before = [former[key] for key in _former(case) if key in former]
            newest = last.get(begin) or next(iter(held_before), None)
            exact = not forgets(self.write) or newest is not None
            found[case.mark.record_id] = Evidence(asked=True, listed=True, last=newest, exact=exact)
        return found

    def _recognised(self, connector: Recognising, cases: Sequence[UncertainDelivery]) -> Said:
        """Asked by content: what it holds of each record; a hit without key counts as the next."""
        asked = {_named(self.keys, case): case for case in cases if case.wanted or case.in_flight}
        items = [_item(key, case) for key, case in asked.items()]
        found = {
            case.mark.record_id: Evidence(asked=True, listed=True, exact=False)
            for case in asked.values()
        }
        for held in connector_boundary.given(
            lambda: connector.recognised(self.write, items) or (), self.system
        ):
            if (case := asked.get(held.key)) is not None:
                exact = self.keys.ordinal(held.under) is not None
                key = held.under if exact else held.key
                body = (
                    None
                    if held.body is None
                    else {name: held.body.get(name) for name in self.fields}
                )
                last = Held(key, body, ended=held.ended)
                found[case.mark.record_id] = Evidence(
                    asked=True, listed=True, last=last, exact=exact
                )
        return found

    def _held(self, connector: Holding, cases: Sequence[UncertainDelivery]) -> Said:
        """Asked by key: keys of known attempts, and those that lost attempts must have had."""
        asked = {case.mark.record_id: [*self.candidates(case), *_former(case)] for case in cases}
        known = self._known(connector, [key for keys in asked.values() for key in keys])
        return {
            record: Evidence(
                asked=self.most > 0, known={key: known[key] for key in keys if key in known}
            )
            for record, keys in asked.items()
        }

    def _judged(self, cases: Sequence[UncertainDelivery]) -> Said:
        """Asked for receipts: attempts with a verdict; a missing verdict proves nothing."""
        asked = {key: case for case in cases for key in (*self.candidates(case), *_former(case))}
        found: dict[int, dict[str, Held]] = {}
        for receipt in connector_boundary.receipts(
            self.connector, self.write, list(asked), system=self.system
        ):
            record = asked[receipt.key].mark.record_id
            found.setdefault(record, {})[receipt.key] = Held(receipt.key, None)
        return {record: Evidence(asked=False, known=known) for record, known in found.items()}

    def _known(self, connector: object, keys: Sequence[str]) -> dict[str, Held]:
        """What it holds under these keys, where it can be asked by key."""
        if not (keys and isinstance(connector, Holding)):
            return {}
        held = connector_boundary.given(
            lambda: connector.held(self.write, keys, self.fields) or (), self.system
        )
        return {one.key: one for one in held}


def forgets(write: Mapping[str, Json]) -> bool:
    """Whether a withdrawal leaves no trace at the target (removed by a call of its own)."""
    return write.get("remove") is not None


def _former(case: UncertainDelivery) -> list[str]:
    """Keys known here for a record: of the attempt in flight, and of what was last confirmed."""
    mark = case.mark
    return [key for key in (mark.key if case.in_flight else None, mark.confirmed_key) if key]


def _named(keys: IdempotencyKeys, case: UncertainDelivery) -> str:
    """The key that stands for a record in a question by content."""
    one = case.wanted or case.frozen
    mark = case.mark
    return keys.of(mark.natural_key, ordinal=mark.serial + 1, action=one.action, body=one.body)


def _item(key: str, case: UncertainDelivery) -> Outgoing:
    one, mark = case.wanted or case.frozen, case.mark
    return Outgoing(
        key, one.action, one.body, previous=mark.confirmed_body, reference=mark.reference
    )
