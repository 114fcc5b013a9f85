"""One seed: a history, faults, flows run in any order; then calm, until nothing moves any more."""

import copy
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from hub.db.database import Database, Transaction
from hub.db.quarantine import Selection
from hub.errors import FlowError, HeldError, HubError, TransientError
from hub.pipeline import delivery, facts, intake, receipts, reconcile, replay, seal
from hub.services import alerts
from hub.settings import Settings
from tests.hostile import names as named
from tests.hostile import oracle, oracle_alerts
from tests.hostile.cabinet import Cabinet
from tests.hostile.contracts import contracts, mended
from tests.hostile.faults import RECONCILED, Strikes, drawn, striking
from tests.hostile.histories import HISTORIES
from tests.hostile.mortal import Killed, Mortal
from tests.hostile.people import People
from tests.hostile.readers import PEOPLE, Readers, Reading
from tests.hostile.server import Server
from tests.hostile.sources import PAGE, Source
from tests.hostile.targets import Table, Target
from tests.hostile.truth import TableName, Truth, code_of, happens, serve

TABLES: dict[str, TableName] = {
    named.PLAN: "plan",
    named.BUILD: "build",
    named.PERMIT: "permit",
    named.SERVICE: "service",
}
RECEIPTS = {f"receipts{name.removeprefix('push')}": name for name in named.WITH_RECEIPTS}
FLOWS = (*named.PULLS, *named.PUSHES, *RECEIPTS, "release", "replay")
COMPARISONS = tuple(f"reconcile {flow}" for flow in (*named.PULLS, *named.PUSHES))
PUSHED = 3  # commits of a push's main thread before it is idle: contract, marks, no more marks
CROSSING = {
    named.PLAN: named.BUILD,
    named.BUILD: named.PLAN,
    named.PERMIT: named.PLAN,
    named.DESK: named.PLAN,
}
CYCLES = 12
HELD_FOR = {"renamed", "retyped"}
"""Shapes of a source for which its batches are held."""
ASLEEP = 1.0
"""After so many seconds PostgreSQL ends what a frozen worker has begun."""
LONGEST_WAIT = 20.0
"""Nobody else may wait longer, on a busy machine either."""
UNSURE = ("database.", "flow.already_running", "flow.fence_lost")
"""Codes of runs that may have got no row of their own, or one that another has ended."""

EXPECTED = {
    *("flow.held", "flow.fence_lost", "system.credentials", "system.protocol", "record.invalid"),
    *("held.unknown", "held.not_first"),  # somebody else has decided meanwhile
}
"""What may stop a flow while faults are about; once it is calm nothing may."""

TIME_PASSES = """
    update hub.delivery set held_until = now() - interval '1 second' where state = 'sending';
    update hub.delivery set due = now() where state in ('awaiting_receipt', 'retrying')
"""


class NeverQuietError(AssertionError):
    """Something still moves after CYCLES rounds of all flows."""


@dataclass(frozen=True)
class Plan:
    """What one seed is made of."""

    seed: int
    steps: int
    faults: Sequence[str]

    @classmethod
    def of(cls, seed: int, *, forced: Sequence[str] = ()) -> "Plan":
        """The plan that a seed stands for."""
        rng = Random(f"{seed} plan")
        return cls(seed, rng.randrange(2, 6), _faults_of(rng, seed, forced))


def _faults_of(rng: Random, seed: int, forced: Sequence[str]) -> list[str]:
    worlds, whole = Random(f"{seed} worlds"), Random(f"{seed} whole")
    return drawn(rng, worlds, whole, forced=forced)


class World:
    """Sources, hub and targets of one seed."""

    def __init__(self, server: Server, plan: Plan) -> None:
        self.server, self.plan = server, plan
        self.rng = Random(f"{plan.seed} world")
        self.truth = Truth()
        self.cabinets = {name: Cabinet(key) for name, key in named.CABINETS.items()}
        self.settings = Settings(
            database_url=server.url,
            hash_key=b"test",
            batch_records=self.rng.choice((PAGE, 2 * PAGE)),
            drift_least=4,
            attempts=4,
            hold_seconds=600,
            backoff_seconds=1e-9,
            backoff_most=1e-9,
            reconcile_share=1,
        )
        self.clocked = "clocks" in plan.faults
        self.watched = "watched" in plan.faults
        self.restored = "restored" in plan.faults
        self.contracts = contracts(clocked=self.clocked)
        self.compares = bool((RECONCILED | {"restored"}) & set(plan.faults))
        self.calm_flows = (*FLOWS, named.SERVICE) if self.clocked else FLOWS
        self.flows = self.calm_flows + (COMPARISONS if self.compares else ())
        self.log: list[str] = []
        self.served: dict[int, int] = {}
        self.people = People(self)
        self.ended: dict[tuple[str, str], str | None] = {}
        self.wrong: list[str] = []
        self.readers: Readers | None = None
        if "read" in plan.faults:
            self.readers = Readers(server.other, self.contracts, self.settings)
        if self.clocked:
            facts.adopt(server.other, self.contracts)

    def note(self, text: str) -> None:
        """One line of the event log."""
        self.log.append(text)

    # what the oracle asks

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Rows of the hub's database."""
        return self.server.rows(query)

    @property
    def said(self) -> dict[int, set[tuple[str, str, str]]]:
        """What people have said of held batches, whether or not it reached the hub."""
        return self.people.said

    @property
    def heard(self) -> dict[int, tuple[str, str, str]]:
        """What the hub has confirmed to them of that."""
        return self.people.heard

    @property
    def readings(self) -> Sequence[Reading]:
        """Who has asked for what over the API, in their order."""
        return self.readers.told.readings if self.readers else ()

    @property
    def misshown(self) -> Sequence[str]:
        """What was shown that should not be, or not."""
        return self.readers.told.wrong if self.readers else ()

    def verified(self) -> list[str]:
        """What `hub verify` finds, as a program of its own on the contracts as they are now."""
        renamed = self.contracts is contracts(renamed=True, clocked=self.clocked)
        files = mended(renamed=renamed, clocked=self.clocked)
        return self.server.verifier.ask(self.server.url, f"{renamed=} {self.clocked=}", files)

    def mend(self) -> None:
        """The contract follows its source's new name."""
        self.contracts = contracts(renamed=True, clocked=self.clocked)

    def keep(self) -> tuple[object, ...]:
        """What is forgotten with a database that is put back."""
        told = self.readers.told if self.readers else None
        return copy.deepcopy((self.served, self.said, self.heard, self.ended, told))

    def put_back(self, kept: tuple[Any, ...]) -> None:
        """Know what was known then; what was shown wrongly stays so."""
        self.served, self.people.said, self.people.heard, self.ended, told = kept
        if self.readers:
            told.wrong = self.readers.told.wrong
            self.readers.told = told

    # the storm

    def storm(self) -> None:
        """Live through the steps of the plan, faults and all."""
        self.note(f"faults: {', '.join(self.plan.faults)}")
        for step in range(self.plan.steps):
            self.note(f"step {step}")
            self.truth.remember()
            self.truth.pass_time(self.rng.randrange(0, 60))
            for _ in range(self.rng.randrange(2, 7)):
                self.note(happens(self.truth, self.rng))
            self._whole_life()
            for fault in self.plan.faults:
                if self.rng.random() < 0.6:
                    self._history(fault)
            if self.rng.random() < 0.4:
                self.hours_pass()
            for flow in self.rng.sample(self.flows, self.rng.randrange(3, 8)):
                self._run_in_storm(flow)
                self._look()
            if self.watched and self.truth.shape in HELD_FOR:
                self._is_held()
            self._people_act()
            if "threads" in self.plan.faults:
                self._at_once(self.rng.choice(("project", "permit")))
        if "restored" in self.plan.faults:
            self.note(self.people.backs_up_or_restores(at_last=True))

    def _whole_life(self) -> None:
        """What is so in a whole life: cases with limits, grants that change."""
        if self.clocked:
            for _ in range(self.rng.randrange(2, 6)):
                self.note(serve(self.truth, self.rng))
        if self.readers and self.rng.random() < 0.5:
            self.note(self.readers.regrant(self.server.other, self.rng))

    def _look(self) -> None:
        """Somebody reads, and alerts are looked for, between two runs."""
        if self.readers:
            self.readers.read(self.server.other, self, self.truth.codes, self.rng)
        if self.watched:
            alerts.watch(self.server.other, self.contracts, self.settings)
            self.wrong += oracle_alerts.differences(self)

    def _look_at_last(self) -> None:
        """The same when all is calm: everybody asks for everything."""
        for name in PEOPLE if self.readers else ():
            for number in range(1, self.truth.codes + 2):
                assert self.readers
                self.readers.ask(self.server.other, self, name, code_of(number))
        if self.watched:
            alerts.watch(self.server.other, self.contracts, self.settings)

    def _is_held(self) -> None:
        """A source that has changed its shape says enough that a batch is held, and somebody looks
        for alerts before anybody decides.
        """
        self.note(f"ties: {HISTORIES['ties'](self)}")
        self.truth.pass_time(1)
        self.note(f"{named.PLAN} {self.run(named.PLAN, Strikes())}")
        self._look()

    def _people_act(self) -> None:
        if "held_decided" in self.plan.faults:
            self._run_in_storm("decide")
        if "restored" in self.plan.faults:
            self.note(self.people.backs_up_or_restores())

    def _history(self, fault: str) -> None:
        """A fault of the sources' own histories."""
        made = HISTORIES.get(fault)
        if made is not None:
            self.note(f"{fault}: {made(self)}")

    def _run_in_storm(self, flow: str) -> None:
        kinds = {"pull": ("pull",), "push": ("push",), "receipts": ("receipts",)}.get(
            flow.partition(".")[0], ()
        )
        strikes = striking(self.rng, self.plan.faults, *kinds)
        seed = self.rng.random()
        self.note(f"{flow} {strikes} {self.run(flow, strikes, seed=seed)}")

    def run(self, flow: str, strikes: Strikes, *, seed: float = 0) -> str:
        """Run one flow with these faults and say how it ended; a worker that was killed is
        replaced.
        """
        database = self.server.database
        self._arm(database, flow, strikes)
        usual = database.limits
        if "hung" in strikes.at:
            database.limits = replace(usual, idle=ASLEEP)
        try:
            return self._flow(database, flow, strikes, seed=seed)
        except (Killed, HubError) as error:
            if database.dead:  # a thread that read ahead may have met the closed connection first
                self.server.renew()
                return "killed"
            if isinstance(error, TransientError):
                return f"later: {error.code}"
            if not isinstance(error, FlowError) or error.code not in EXPECTED:
                raise
            return f"stopped: {error.code}"
        finally:
            database.limits = usual
            self.server.database.arm()

    def _arm(self, database: Mortal, flow: str, strikes: Strikes) -> None:
        """What befalls the hub itself in this run."""
        at = strikes.at
        if "killed" in at:
            database.arm(at_statement=(strikes.thread, at["killed"], database.die))
        elif "connection_lost" in at:
            database.arm(at_statement=(strikes.thread, at["connection_lost"], database.lose))
        elif "hung" in at:
            sleeps = Random(f"{self.plan.seed} {flow} {at['hung']}")
            frozen = (strikes.thread, at["hung"], lambda tx: self._freeze(flow, sleeps, within=tx))
            database.arm(at_statement=frozen)
        elif "restart" in at:
            database.arm(at_statement=("main", at["restart"], lambda _tx: self.server.restart()))
        elif "commit_unanswered" in at:
            database.arm(unanswered=(strikes.thread, at["commit_unanswered"]))
        elif meanwhile := self._meanwhile(flow, at):
            name, happens_then = meanwhile
            database.arm(at_transaction=(at[name], happens_then))

    def _freeze(self, flow: str, rng: Random, *, within: Transaction | None) -> None:
        """This worker stands still, whatever it holds, while others do their work; for longer than
        its lease in half the cases, and always between two of its transactions.
        """
        others = [*rng.sample(FLOWS, 2), "watch", "seal"]
        if rng.random() < 0.5 or within is None:
            self.server.lapse()
            others = [flow, *others]
        for other in others:
            began = time.monotonic()
            ended = self._other(other)
            if ended == "database.lock_held" or time.monotonic() - began > LONGEST_WAIT:
                took = f"{time.monotonic() - began:.0f} s"
                self.wrong.append(f"{other} waited {took} behind a frozen {flow}: {ended}")

    def _meanwhile(self, flow: str, at: dict[str, int]) -> tuple[str, Callable[[], None]] | None:
        """Another worker's doings between two transactions of this one; not while the sources
        change as well.
        """
        for name in ("page_shifts", "detail_newer"):
            if {"overtaken", "crossed", "replayed"} & set(at):
                at.pop(name, None)
        if "overtaken" in at:
            return "overtaken", lambda: (self.server.lapse(), self._other(flow))[1]
        if "crossed" in at:
            return "crossed", lambda: self._other(CROSSING.get(flow, named.DESK))
        if "held_decided" in at:
            return "held_decided", lambda: self._other("decide")
        if "replayed" in at:
            return "replayed", lambda: (self._other("release"), self._other("replay"))[0]
        return None

    def _other(self, flow: str) -> str:
        """Another worker runs a flow to its end; what stops it is no news here."""
        try:
            ended = self._flow(self.server.other, flow, Strikes(), seed=0)
        except HubError as error:
            if isinstance(error, FlowError) and error.code not in EXPECTED:
                raise
            ended = error.code
        self.note(f"  meanwhile {flow} {ended}")
        return ended

    def _flow(self, database: Database, flow: str, strikes: Strikes, *, seed: float) -> str:
        """Run a flow; what it ended with is noted, unless its run may have no row."""
        kind = "reconcile" if flow.startswith("reconcile") else flow.partition(".")[0]
        of = RECEIPTS.get(flow, flow.removeprefix("reconcile ")), kind
        self.ended.pop(of, None)
        try:
            ended = self._ran(database, flow, strikes, seed=seed)
        except HubError as error:
            if not error.code.startswith(UNSURE):
                self.ended[of] = None if isinstance(error, HeldError) else error.code
            raise
        if of[0].startswith(("pull.", "push.")):
            self.ended[of] = None
        return ended

    @property
    def _alone(self) -> dict[str, Callable[[Database], str]]:
        """Work that needs no partner."""
        return {
            "watch": lambda db: f"{alerts.watch(db, self.contracts, self.settings).open} alerts",
            "seal": lambda db: f"sealed {seal.seal(db, self.settings)}",
            "release": lambda db: f"{replay.release(db, self.contracts)} looked at again",
            "replay": self._replay,
            "decide": self.people.decide,
        }

    def _replay(self, database: Database) -> str:
        done = replay.replay(database, self.contracts, Selection())
        return f"{done.applied} applied, {done.marked} marked"

    def _ran(self, database: Database, flow: str, strikes: Strikes, *, seed: float) -> str:
        if flow in self._alone:
            return self._alone[flow](database)
        if flow in TABLES:
            return self._pull(database, flow, strikes, seed=seed)
        if flow.startswith("reconcile"):
            return self._compare(database, flow.removeprefix("reconcile "), strikes)
        push = RECEIPTS.get(flow, flow)
        asks = f"receipts{push.removeprefix('push')}"
        target = self._target(push, strikes, lambda: self._other(asks))
        if isinstance(database, Mortal):
            target.before = lambda: database.rest(PUSHED)
        if flow in RECEIPTS:
            run = receipts.collect(database, self.contracts.pushes[push], connector=target)
        else:
            contract = self.contracts.pushes[push]
            run = delivery.push(
                database, self.contracts, contract, connector=target, settings=self.settings
            )
        return self.server.sums("delivery_batch", run)

    def _compare(self, database: Database, flow: str, strikes: Strikes) -> str:
        """Compare one partner with the hub, and repair."""
        contract = self.contracts.pulls.get(flow) or self.contracts.pushes[flow]
        partner = (
            Source(self.truth, TABLES[flow], strikes, lambda: None)
            if flow in TABLES
            else self._target(flow, strikes, lambda: None)
        )
        run = reconcile.reconcile(
            database, self.contracts, contract, connector=partner, settings=self.settings
        )
        return self.server.compared(run)

    def _target(self, flow: str, strikes: Strikes, meanwhile: Callable[[], None]) -> Target:
        """A target as this run meets it: those that give verdicts later are asked by keys, the
        others can be read.
        """
        later = flow in named.WITH_RECEIPTS
        kind = Target if later or "restored" not in self.plan.faults else Table
        return kind(self.cabinets[flow], later, strikes, meanwhile)

    def _pull(self, database: Database, flow: str, strikes: Strikes, *, seed: float) -> str:
        rng = Random(seed)
        source = Source(self.truth, TABLES[flow], strikes, lambda: self._changes(rng))
        contract = self.contracts.pulls[flow]
        run = intake.pull(
            database, self.contracts, contract, connector=source, settings=self.settings
        )
        self.served[run] = source.served
        return self.server.sums("batch", run)

    def _changes(self, rng: Random) -> None:
        """The sources go on while they are read."""
        for _ in range(3):
            self.note(f"  meanwhile {happens(self.truth, rng)}")

    def _at_once(self, entity: str) -> None:
        """All flows of one entity in threads of their own. Who comes first is not ours to say, how
        it ends is.
        """
        flows = [name for name in (*named.PULLS, *named.PUSHES) if name.endswith(entity)] + [
            "release"
        ]
        odd: list[BaseException] = []

        def one(flow: str) -> None:
            try:
                self._flow(self.server.other, flow, Strikes(), seed=0)
            except HubError as error:
                if isinstance(error, FlowError) and error.code not in EXPECTED:
                    odd.append(error)
            except BaseException as error:  # noqa: BLE001 -- a thread's exception must not be lost
                odd.append(error)

        threads = [threading.Thread(target=one, args=(flow,)) for flow in [*flows, flows[0]]]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.ended.clear()  # whose run was the last is not ours to say
        self.note(f"at once: {', '.join(flows)}")
        if odd:
            raise odd[0]

    def hours_pass(self) -> None:
        """Holds lapse, and verdicts are overdue."""
        self.note("hours pass")
        self.server.admin.execute(TIME_PASSES)

    # the calm

    def calm(self) -> None:
        """Sources and partners behave; people repair what is theirs to repair; flows run until
        nothing moves.
        """
        self.note("calm")
        self._repair()
        self.people.ask_again()
        self.run(
            "release", Strikes()
        )  # whoever first meets a database that was away is told so; nobody after that
        absences = self.settings.reconcile_absences if self.compares else 0
        self.people.decide_the_rest()
        compared = 0
        for _ in range(CYCLES):
            self.hours_pass()
            before = self.server.mark()
            self._all(self.calm_flows)
            self.people.settle()
            if self.server.mark() == before and self.compares:
                if not compared and not RECONCILED & set(self.plan.faults):
                    self.wrong += oracle.recovered(self)
                self._all(COMPARISONS)
                compared += 1
            if self.server.mark() == before and compared >= absences:
                break
        else:
            raise NeverQuietError
        self._look_at_last()
        seal.seal(self.server.database, self.settings)

    def _all(self, flows: Sequence[str]) -> None:
        for flow in flows:
            if self.server.has_work(flow.replace("receipts", "push")):
                try:
                    self.note(f"{flow} {self._flow(self.server.database, flow, Strikes(), seed=0)}")
                except HeldError as error:
                    if not self.people.taught_otherwise:
                        raise
                    self.note(f"{flow} {error.code}; {self.people.accept_first()}")

    def _repair(self) -> None:
        """Every bad record is written anew; a drift is followed by the contract, or taken back at
        the source.
        """
        truth = self.truth
        if truth.shape == "renamed":
            self.mend()
        truth.pass_time(200)
        if truth.shape == "retyped":
            truth.shape = None
            for row in list(truth.tables["plan"].rows.values()):
                truth.commit("plan", row)
        for name, table in truth.tables.items():
            for row in list(table.rows.values()):
                if row.bad is not None:
                    truth.commit(name, replace(row, bad=None))
        truth.pass_time(200)
