"""What should be told to an administrator now, by the oracle's own reckoning, and what the hub's
alerts say otherwise.

Shares no code with the hub. Of runs it goes by what whoever started them was told.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

ALERTS = "select cause, code, times from hub.alert where closed_at is null"
HELD = """
    select h.flow, sum(b.held)::int as n from hub.held_batch h join hub.batch b on b.id = h.batch_id
     where h.state = 'waiting' group by 1
"""
SET_ASIDE = "select flow, count(*)::int as n from hub.quarantine where state = 'open' group by 1"
DOUBTED = """
    select flow, count(*)::int as n from hub.delivery
     where state = 'blocked' and uncertain and word is null
       and note->>'code' = 'delivery.uncertain' group by 1
"""
RECORDS = {"held": HELD, "quarantine": SET_ASIDE, "uncertain": DOUBTED}
"""First word of an alert's name -> flows with what is to be told of, and how many records."""


class Watched(Protocol):
    """What has been lived through.

    ended: (flow, kind of run) -> the code with which its last run failed, None where it did not;
    missing where whoever started it does not know.
    """

    ended: Mapping[tuple[str, str], str | None]

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Rows of the hub's database."""


def differences(world: Watched) -> Iterator[str]:
    """Every alert that is missing, should not be, or counts something else; just after a round of
    them.
    """
    alerts = world.rows(ALERTS)
    for word, query in RECORDS.items():
        told: dict[str, int] = {}
        for row in alerts:
            about, _, rest = row["cause"].partition(" ")
            if about == word:
                flow = rest.partition(" ")[0]
                told[flow] = told.get(flow, 0) + row["times"]
        must = {row["flow"]: row["n"] for row in world.rows(query)}
        if told != must:
            yield f"alerts of {word}: {told}, must be {must}"
    failed = {tuple(row["cause"].split(" ")[1:]) for row in alerts if row["cause"][:4] == "run "}
    for (flow, kind), code in world.ended.items():
        stand = {why for name, how, why in failed if (name, how) == (flow, kind)}
        if stand != ({code} if code else set()):
            yield f"alerts of {flow} {kind}: {stand or 'none'}, it ended with {code}"
