"""Reconciliation of a target: asks for confirmed deliveries by key, resends lost or edited ones.

Only deliveries at rest are asked for: due, in-flight and unconfirmed ones are late, not lost.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TypeAlias

from hub import exact
from hub.contract import Holding, Listing
from hub.db.database import Transaction
from hub.db.deliveries import confirmed
from hub.db.deliveries.confirmed import Expected
from hub.db.keyset import walked
from hub.db.reconciliation import differences, sightings
from hub.db.reconciliation.differences import Met
from hub.domain.contracts import PushFlow
from hub.domain.delivery_states import LATE, REFUSED
from hub.domain.equivalence import differing
from hub.domain.files import Rule
from hub.domain.payload import keyed_hash
from hub.model import Held, Json
from hub.pipeline import connector_boundary, surplus
from hub.pipeline.comparing.comparison import PORTION, Comparison
from hub.pipeline.delivery_inquiry import forgets

Ask: TypeAlias = Callable[[Mapping[str, Json], Sequence[str], Sequence[str]], Iterable[Held] | None]
"""(write options, keys or key prefixes, fields) -> what the target holds."""


class TargetComparison:
    """One night's comparison of one push flow."""

    def __init__(self, work: Comparison[PushFlow]) -> None:
        self._work = work
        self._flow = work.flow.name
        self._astray: list[Met] = []

    def run(self) -> None:
        """Compare within the night's budget, in record order; then repair by the system's rules."""
        work, ask = self._work, self._way()
        if ask is None:
            return
        with work.database.write() as tx:
            after = sightings.begin(tx, self._flow).place.get("after")
        reached = self._through(ask, after if isinstance(after, int) else 0)
        if reached is None:
            self._beyond()
        self._conclude()
        with work.database.write() as tx:
            if reached is None:
                sightings.finish(tx, self._flow)
            else:
                sightings.move(tx, self._flow, {"after": reached})

    def _through(self, ask: Ask, after: int) -> int | None:
        """Compare from a record id on; gives the last id reached, None when all is compared."""
        work, most = self._work, self._work.settings.reconcile_keys

        def expected(tx: Transaction, after: int) -> Sequence[Expected]:
            room = min(PORTION, most - work.counts.total())
            return confirmed.expected(tx, self._flow, after=after, most=room)

        for rows in walked(
            work.database.read, expected, key=lambda row: row.record_id, first=after
        ):
            self._compare(ask, rows)
            work.refuse_strangeness(len(self._astray), work.counts.total())
            if work.counts.total() >= most:
                return rows[-1].record_id
        return None

    def _way(self) -> Ask | None:
        """How the target can be asked, None where it cannot; notes how much that way shows."""
        flow, connector = self._work.flow, self._work.connector
        name, write = flow.system.name, flow.write
        held = connector.held if isinstance(connector, Holding) else None
        listed = connector.listed if isinstance(connector, Listing) else None
        by_key = (
            held is not None
            and connector_boundary.translated(name, partial(held, write, [], [])) is not None
        )
        whole = (
            listed is not None
            and connector_boundary.translated(name, partial(listed, write, [], [])) is not None
        )
        with self._work.database.write() as tx:
            sightings.note_sight(
                tx, self._flow, "all" if whole else "known" if by_key else "nothing"
            )
        return held if by_key else listed if whole else None

    def _beyond(self) -> None:
        """Find what is held under our keys without a delivery here; people decide about it."""
        work = self._work
        met = surplus.found(work.database, work.settings, work.flow, work.connector)
        if met is None:
            return
        work.count("surplus_there", len(met))
        with work.database.write() as tx:
            work.note(tx, met)
            differences.turn(tx, self._flow, [one.key for one in met], "queued")
            differences.gone_but(tx, self._flow, "surplus_there", [one.key for one in met])

    def _compare(self, ask: Ask, rows: Sequence[Expected]) -> None:
        """Sort a portion into late, refused and at rest; ask the target for those at rest.

        A delivery withdrawn by removal has left nothing at the target that could be asked for.
        """
        gone = forgets(self._work.flow.write)
        late = [row for row in rows if row.dirty or row.state in LATE]
        refused = [row for row in rows if not row.dirty and row.state in REFUSED]
        resting = [row for row in rows if not row.dirty and row.state not in {*LATE, *REFUSED}]
        fields = sorted({name for row in resting for name in row.body or ()})
        looked = [row for row in resting if not (row.withdrawn and gone)]
        write, keys = self._work.flow.write, [row.key for row in looked]
        asked = connector_boundary.given(
            lambda: ask(write, keys, fields) or (), self._work.flow.system.name
        )
        held = {one.key: one for one in asked}
        astray = [
            met for row in looked if (met := self._astray_of(row, held.get(row.key))) is not None
        ]
        self._work.count("lag", len(late))
        self._work.count("mapping_fault", len(refused))
        self._work.count("same", len(resting) - len(astray))
        for one in astray:
            self._work.count(one.kind)
        self._astray += astray
        strayed = {one.key for one in astray}
        with self._work.database.write() as tx:
            well = [row.record_key for row in resting if row.record_key not in strayed]
            differences.gone(tx, self._flow, well)

    def _astray_of(self, row: Expected, held: Held | None) -> Met | None:
        """The difference between a confirmed delivery and what the target holds; None if equal."""
        if held is None:
            return Met(row.record_key, "lost_push", {"key": row.key}, row.record_id)
        names = [] if held.body is None or row.withdrawn else differing(row.body, held.body)
        if not names:
            return None
        said = exact.write(
            {name: held.body.get(name) for name in names} if held.body else {}, otherwise=str
        )
        found: dict[str, Json] = {"key": row.key, "fields": [*names], "held": self._digest(said)}
        return Met(row.record_key, "foreign_edit", found, row.record_id)

    def _digest(self, said: bytes) -> str:
        """Keyed digest of the target's answer: tells an accepted difference from a new one."""
        return keyed_hash(said, self._work.settings.hash_key).hex()

    def _conclude(self) -> None:
        """Store the differences; resend by rule what the target should have."""
        work, rules = self._work, self._work.flow.system.reconcile
        with work.database.write() as tx:
            open_ = work.note(tx, self._astray)
        lost = [one for one in self._astray if one.kind == "lost_push"]
        edited = [one for one in self._astray if one.kind == "foreign_edit" and one.key in open_]
        self._again(lost, rules.lost_push, confirmed.send_lost_again)
        rule = rules.foreign_edit
        self._again(
            edited,
            self._by_authority() if rule == "authority" else rule,
            confirmed.send_edited_again,
        )

    def _again(
        self,
        chosen: Sequence[Met],
        rule: Rule,
        send: Callable[[Transaction, str, Sequence[str]], None],
    ) -> None:
        keys = [one.key for one in chosen]
        if keys and self._work.may_repair(rule, keys):
            with self._work.database.write() as tx:
                send(tx, self._flow, [str(one.found["key"]) for one in chosen])
                differences.turn(tx, self._flow, keys, "repaired")

    def _by_authority(self) -> Rule:
        """Queue for a person where the target has authority over a field that it was sent."""
        flow = self._work.flow
        own = any(flow.system.name in flow.entity.fields[name].authority for name in flow.pushed)
        return "queue" if own else "repair"
