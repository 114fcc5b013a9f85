"""Conformance of targets that list what they hold: subclass `ShowingConformance`.

Give the fixture `showing`; pytest does the rest.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from hub.contract import Connector, Listing, Recognising
from hub.model import Held, Json, Outgoing


@dataclass(frozen=True)
class Showing:
    """A target that can be listed, or asked by a record's content, whatever the hub remembers.

    good(n, words): the n-th record that it accepts, with these words in its field `text`. lists,
    recognises: what the options declare. forgets: withdrawn records are not listed. many: more
    records than one page of its list.
    """

    connector: Connector
    write: Mapping[str, Json]
    good: Callable[[int, str], dict[str, Json]]
    text: str
    lists: bool = False
    recognises: bool = False
    forgets: bool = False
    many: int = 5


class ShowingConformance:
    """Each record at a target is shown as it is there, under the key of its newest delivery."""

    def test_a_list_shows_each_record_under_the_key_of_its_newest_delivery(
        self, showing: Showing
    ) -> None:
        listed = showing.connector.listed if isinstance(showing.connector, Listing) else None
        assert (listed is not None and listed(showing.write, [], []) is not None) is showing.lists
        if listed is None or not showing.lists:
            return
        sent = {f"listed-{n}-1": showing.good(n, f"甲{n}") for n in range(50, 50 + showing.many)}
        _handed(showing, [Outgoing(key, "upsert", body) for key, body in sent.items()])
        assert _newest(listed(showing.write, ["listed-"], [showing.text])) == {
            key[:9]: (key, body[showing.text]) for key, body in sent.items()
        }
        before, after = sent["listed-50-1"], showing.good(50, "乙 & <丙>")
        _handed(
            showing,
            [Outgoing("listed-50-2", "upsert", after, previous=before, previous_key="listed-50-1")],
        )
        gone = Outgoing(
            "listed-51-2", "withdraw", {}, previous=sent["listed-51-1"], previous_key="listed-51-1"
        )
        _handed(showing, [gone])
        every = list(listed(showing.write, None, []) or ())
        keys = [held.key for held in every]
        assert keys == sorted(set(keys)), "in the order of keys, each once"
        assert {"listed-50-2", "listed-52-1"} <= set(keys)
        newest = {held.key[:9]: held for held in every}
        assert newest["listed-50"].ended is False
        assert newest["listed-51"].ended if not showing.forgets else "listed-51" not in newest
        assert _newest(listed(showing.write, ["listed-50", "listed-never"], [showing.text])) == {
            "listed-50": ("listed-50-2", "乙 & <丙>")
        }

    def test_a_record_is_recognised_by_what_it_says(self, showing: Showing) -> None:
        connector = showing.connector
        recognised = connector.recognised if isinstance(connector, Recognising) else None
        assert (
            recognised is not None and recognised(showing.write, []) is not None
        ) is showing.recognises
        if recognised is None or not showing.recognises:
            return
        body = showing.good(60, "甲")
        _handed(showing, [Outgoing("known-1", "upsert", body)])
        asked = [
            Outgoing("asked-1", "upsert", {**body, showing.text: "乙"}),
            Outgoing("asked-2", "upsert", showing.good(61, "甲")),
        ]
        (held,) = list(recognised(showing.write, asked) or ())
        assert (held.key, held.ended) == ("asked-1", False)
        assert held.under in {"", "known-1"}
        assert (held.body or {}).get(showing.text) == "甲"
        _handed(
            showing, [Outgoing("known-2", "withdraw", {}, previous=body, previous_key="known-1")]
        )
        left = list(recognised(showing.write, asked[:1]) or ())
        assert left == [] if showing.forgets else [one.ended for one in left] == [True]


def _handed(showing: Showing, items: Sequence[Outgoing]) -> None:
    """Send these; being accepted is enough, no verdict is awaited."""
    outcomes = {one.key: one.state for one in showing.connector.send(showing.write, items)}
    assert outcomes.keys() == {item.key for item in items}
    assert set(outcomes.values()) <= {"confirmed", "awaiting_receipt"}, outcomes


def _newest(held: Iterable[Held] | None) -> dict[str, tuple[str, Json]]:
    """{record: (newest key, the words under it)}."""
    return {
        one.key[:9]: (one.key, next(iter((one.body or {}).values()), None)) for one in held or ()
    }
