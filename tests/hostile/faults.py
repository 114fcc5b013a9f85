"""Every fault by name, and which of them strike one run of a flow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Literal

Where = Literal["history", "pull", "push", "receipts", "hub", "people", "whole"]

FAULTS: Mapping[str, tuple[Where, str]] = {
    # what the sources' histories are like
    "ties": ("history", "many records with one cursor value, across the edges of pages"),
    "late_commit": ("history", "a commit that becomes visible late, within the overlap"),
    "cursor_back": ("history", "a source's clock is set back, within the overlap"),
    "bad_record": ("history", "a record that cannot be read, repaired later"),
    "drift_new": ("history", "a field more than agreed"),
    "drift_missing": (
        "history",
        "a field is gone, because it has another name now; the contract is mended",
    ),
    "drift_retyped": ("history", "a number becomes an object; the source is repaired"),
    "vanish": (
        "history",
        "a record vanishes from its source without a marker; reconciliation finds it",
    ),
    "behind_cursor": ("history", "a commit far behind the cursor; reconciliation finds it"),
    "foreign_edit": (
        "history",
        "somebody else edits or deletes at a target; reconciliation finds it",
    ),
    # what happens while they are read
    "page_repeats": ("pull", "a page comes twice"),
    "page_shifts": ("pull", "records change between two pages"),
    "detail_newer": ("pull", "records change between a page and its details"),
    "stale_replica": ("pull", "a whole sweep is answered from yesterday"),
    "early_end": ("pull", "an empty page before the end"),
    "source_hangs": ("pull", "no answer in time"),
    "source_throttles": ("pull", "429 with Retry-After, several times"),
    "source_forgets": ("pull", "credentials are refused for a while"),
    # what happens while something is delivered
    "half_rejected": ("push", "every second record of a batch is refused"),
    "batch_refused": ("push", "a batch is refused as a whole, its records one by one are not"),
    "poison": ("push", "one record makes every call fail"),
    "lost_answer": ("push", "applied, and the answer is lost"),
    "half_answer": ("push", "applied, and half of the answer is lost"),
    "target_hangs": ("push", "no answer in time, nothing applied"),
    "target_throttles": ("push", "429 with Retry-After, several times"),
    "target_forgets": ("push", "credentials are refused for a while"),
    "nothing_done": ("push", "success is answered and nothing done; reconciliation finds it"),
    "early_receipt": (
        "push",
        "the verdict is asked for and given before the answer to the delivery",
    ),
    "late_receipt": ("receipts", "verdicts come much later"),
    "lost_receipt": ("receipts", "verdicts never come; the same key is handed over again"),
    "receipts_hang": ("receipts", "no answer in time"),
    # what happens to the hub itself
    "killed": ("hub", "the worker is killed at a statement boundary"),
    "connection_lost": ("hub", "the database ends a connection within a transaction"),
    "commit_unanswered": ("hub", "a commit succeeds and its answer is lost"),
    "restart": ("hub", "PostgreSQL is stopped at once and started again"),
    "overtaken": ("hub", "the same flow is run by another worker in the middle of a run"),
    "crossed": ("hub", "another flow of the same entity runs in the middle of a run"),
    "replayed": ("hub", "everything set aside is replayed and released in the middle of a run"),
    "threads": ("hub", "all flows of an entity at once"),
    # what people do
    "held_decided": ("people", "held batches are accepted or dropped, also in the middle of a run"),
    "restored": (
        "people",
        "the database is put back to an earlier moment; its partners go on from now",
    ),
    # what a whole life has or has not
    "hung": (
        "whole",
        "the worker is frozen at a statement boundary while others go on, and wakes",
    ),
    "clocks": ("whole", "cases have limits in working days"),
    "read": ("whole", "people with different grants read over the API, and grants change"),
    "watched": ("whole", "alerts are looked for all the time"),
}
WORLDS = tuple(name for name, (where, _) in FAULTS.items() if where == "people")
"""Drawn by a chance of their own, so that a seed's other faults stay what they were before these
were thought of.
"""
WHOLE = tuple(name for name, (where, _) in FAULTS.items() if where == "whole")
"""Drawn by one more chance, for the same reason."""
DRIFTS = ("drift_missing", "drift_retyped")


RECONCILED = {"vanish", "behind_cursor", "foreign_edit", "nothing_done"}
"""What no cursor and no answer shows; comparing both sides does."""


@dataclass
class Strikes:
    """The faults of one run of a flow: each at its own call (page, batch, statement or
    transaction).

    thread: whose statements and commits are meant; a push writes its outcomes down in a thread of
    its own.
    """

    at: dict[str, int] = field(default_factory=dict)
    thread: str = "main"

    def __str__(self) -> str:
        named = ", ".join(f"{name} at {at}" for name, at in self.at.items())
        return f"[{named}{'' if self.thread == 'main' else f' of {self.thread}'}]" if named else ""

    def hits(self, name: str, call: int) -> bool:
        """Whether this fault strikes at this call."""
        return self.at.get(name) == call

    def before(self, name: str, call: int) -> bool:
        """Whether a fault that lasts for some calls still lasts."""
        return call <= self.at.get(name, 0)


def drawn(rng: Random, worlds: Random, whole: Random, *, forced: Sequence[str] = ()) -> list[str]:
    """The faults of one seed. A restart takes a second, so it is rare. Without a drift nothing is
    held.
    """
    apart = {"restart", *WORLDS, *WHOLE}
    names = [name for name in FAULTS if name not in apart]
    chosen = set(rng.sample(names, rng.randrange(2, 7)))
    if rng.random() < 0.01:
        chosen.add("restart")
    if worlds.random() < 0.5:
        chosen.add(worlds.choice(WORLDS))
    if whole.random() < 0.5:
        chosen.add(whole.choice(WHOLE))
    chosen |= set(forced)
    if "held_decided" in chosen and not chosen & set(DRIFTS):
        chosen.add(worlds.choice(DRIFTS))
    return sorted(chosen)


HUB_REACH = {
    "killed": 160,
    "hung": 60,
    "connection_lost": 120,
    "commit_unanswered": 8,
    "restart": 60,
}
NOT_IN_A_RUN = {"threads", "restored"}


def striking(rng: Random, chosen: Sequence[str], *kinds: Where) -> Strikes:
    """Which of the seed's faults strike this run, and when. Of what befalls the hub itself there is
    one at a time.
    """
    strikes = Strikes()
    hub = [
        name
        for name in chosen
        if name == "hung" or (FAULTS[name][0] in {"hub", "people"} and name not in NOT_IN_A_RUN)
    ]
    for name in chosen:
        if FAULTS[name][0] in kinds and rng.random() < 0.5:
            strikes.at[name] = rng.randrange(1, 5)
    if hub and rng.random() < 0.5:
        name = rng.choice(hub)
        strikes.at[name] = rng.randrange(1, HUB_REACH.get(name, 7))
        if (
            kinds == ("push",)
            and name in {"killed", "connection_lost", "commit_unanswered", "hung"}
            and rng.random() < 0.5
        ):
            strikes.thread, strikes.at[name] = "write-down", rng.randrange(1, 14)
    return strikes
