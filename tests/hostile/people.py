"""What people do in the hostile world: decide about held batches, restore the database, answer what
the hub asks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hub.pipeline import held_decisions, restoration, surplus
from hub.pipeline.steward import DecidedBy
from tests.hostile import names as named
from tests.hostile.faults import Strikes
from tests.hostile.oracle import plain

if TYPE_CHECKING:
    from hub.db.database import Database
    from tests.hostile.truth import Row
    from tests.hostile.world import World

FIRST_HELD = """
    select distinct on (flow) flow, batch_id from hub.held_batch where state = 'waiting'
        order by flow, batch_id
"""
UNCERTAIN = """
    select d.flow, d.record_id, r.key from hub.delivery d join hub.record r on r.id = d.record_id
     where d.uncertain and d.word is null and d.state = 'blocked'
         and d.note->>'code' = 'delivery.uncertain'
     order by d.flow, r.key
"""
SURPLUS = (
    "select id, flow from hub.difference where class = 'surplus_there' and closed_at is null "
    "order by id"
)

PROJECT = """
    select project_code as dm, name as mc, investment as tz, planned_start::text as ks,
        deleted_at is null as live
      from golden.project
"""
PERMIT = """
    select number as bh, project_code as dm, plot as dk, deleted_at is null as live
        from golden.permit
"""


class People:
    """Those who answer. said: batch -> what was said of it (state, who, why); heard: what the hub
    has confirmed.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.said: dict[int, set[tuple[str, str, str]]] = {}
        self.heard: dict[int, tuple[str, str, str]] = {}
        self.asked_again: set[str] = set()
        self.taught_otherwise = False
        """Whether somebody has accepted that a number is an object: then a number is news."""
        self._kept: tuple[Any, ...] | None = None
        self._then: dict[str, Row] = {}
        """What the plan's source said when the backup was made."""

    # held batches

    def decide(self, database: Database) -> str:
        """Accept or drop the first batch that a flow holds, before or after its contract was
        mended.
        """
        world = self.world
        waiting = world.rows(FIRST_HELD)
        if not waiting:
            return "nothing is held"
        batch = int(world.rng.choice(waiting)["batch_id"])
        if world.truth.shape == "renamed" and world.rng.random() < 0.5:
            world.mend()
        return self._decide(database, batch, "accepted" if world.rng.random() < 0.6 else "dropped")

    def _decide(self, database: Database, batch: int, state: str) -> str:
        world = self.world
        word = DecidedBy(f"值班员{len(self.said)}", f"第{world.truth.tick}刻已核实")
        self.said.setdefault(batch, set()).add((state, word.by, word.reason))
        if state == "accepted":
            self.taught_otherwise |= world.truth.shape == "retyped"
            held_decisions.accept(database, world.contracts, world.settings, batch, word=word)
        else:
            self.asked_again |= {str(row["key"]) for row in world.rows(_payloads(batch))}
            held_decisions.drop(database, world.settings, batch, word=word)
        self.heard[batch] = (state, word.by, word.reason)
        return f"batch {batch} {state}"

    def ask_again(self) -> None:
        """What was dropped comes only once its source has written it again."""
        table = self.world.truth.tables["plan"]
        for key in sorted(self.asked_again & table.rows.keys()):
            self.world.truth.commit("plan", table.rows[key])
        if self.asked_again:
            self.world.truth.pass_time(200)

    def decide_the_rest(self) -> None:
        """In half of these worlds what is held is accepted once the contract is mended; else it is
        read again.
        """
        world = self.world
        if "held_decided" not in world.plan.faults or world.rng.random() < 0.5:
            return
        while waiting := world.rows(FIRST_HELD):
            world.note(self._decide(world.server.other, int(waiting[0]["batch_id"]), "accepted"))

    def accept_first(self) -> str:
        """Accept the first batch that is held, though the source is only as it was at first."""
        (held, *_) = self.world.rows(FIRST_HELD)
        return self._decide(self.world.server.other, int(held["batch_id"]), "accepted")

    # a restored database

    def backs_up_or_restores(self, *, at_last: bool = False) -> str:
        """Once a backup, later once the way back to it; what the hub was told in between is
        forgotten.
        """
        world = self.world
        if self._kept is None and not at_last:
            self._delivers()
            world.server.back_up()
            self._kept = world.keep()
            self._then = dict(world.truth.tables["plan"].rows)
            return "backed up"
        if not self._kept or (world.rng.random() < 0.5 and not at_last):
            return "not restored"
        self._delivers()
        again = self._goes_back()
        self._delivers()
        world.put_back(self._kept)
        self._kept = ()
        world.server.restore()
        return f"restored; {', '.join(self._goes_on(again)) or 'nothing comes again'}"

    def _goes_back(self) -> list[Row]:
        """A source goes back to what it said when the backup was made, of some records; gives what
        it said until now.
        """
        table = self.world.truth.tables["plan"]
        rows = [row for row in table.rows.values() if not (row.gone or table.pending(row.key))]
        changed = [row for row in rows if (then := self._then.get(row.key)) and then.rev < row.rev]
        for row in changed[:2]:
            self.world.truth.commit("plan", replace(self._then[row.key], rev=row.rev))
        return changed[:2]

    def _goes_on(self, again: list[Row]) -> Iterator[str]:
        """It says that again, which its target was given under a key of before, and deletes a
        record that the hub has forgotten.
        """
        truth, table = self.world.truth, self.world.truth.tables["plan"]
        for row in again:
            truth.commit("plan", replace(row, rev=table.rows[row.key].rev))
            yield f"plan {row.key} comes again"
        new = [row for row in table.rows.values() if row.key not in self._then]
        for row in [row for row in new if not (row.gone or table.pending(row.key))][:1]:
            truth.commit("plan", replace(row, gone=True))
            yield f"plan {row.key} deleted"

    def _delivers(self) -> None:
        """What is known is delivered, so that a target has something that a backup has or lacks."""
        for flow in (named.PLAN, named.DESK, self.world.rng.choice(named.PUSHES)):
            self.world.note(f"{flow} {self.world.run(flow, Strikes())}")

    def settle(self) -> None:
        """Answer what the hub asks about a target: by what stands there, and what should."""
        world = self.world
        if "restored" not in world.plan.faults:
            return
        word = DecidedBy("值班员", "已向对方核实")
        for row in world.rows(UNCERTAIN):
            flow = str(row["flow"])
            stands = world.cabinets[flow].held.get(str(row["key"]))
            send = plain(stands) != self._shown(flow, int(row["record_id"]))
            world.note(f"{flow} {row['key']}: {'send' if send else 'sent'}")
            restoration.settle(
                world.server.other,
                world.settings,
                flow,
                [int(row["record_id"])],
                send=send,
                word=word,
            )
        ids = [int(row["id"]) for row in world.rows(SURPLUS)]
        if ids:
            world.note(f"surplus {ids}: taken back")
            surplus.settle(world.server.other, world.settings, ids, withdraw=True, word=word)

    def _shown(self, flow: str, record: int) -> dict[str, Any] | None:
        """A record as the hub shows it, in the target's words."""
        query = PERMIT if "permit" in flow else PROJECT
        (row,) = self.world.rows(f"{query} where record_id = {record}") or [{"live": False}]
        return row if row.pop("live") else None


def _payloads(batch: int) -> str:
    return f"select key from hub.landing where batch_id = {batch}"  # noqa: S608 -- a number
