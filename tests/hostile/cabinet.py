"""What a target holds, and what each key did there. Knows nothing of the hub."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random
from typing import Any, Protocol


class Given(Protocol):
    """One record as a target is given it."""

    @property
    def key(self) -> str: ...
    @property
    def action(self) -> str: ...
    @property
    def body(self) -> dict[str, Any]: ...


@dataclass
class Cabinet:
    """What one target holds of one kind of record. effects: what each key did, in order."""

    key: str
    held: dict[str, dict[str, Any]] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    verdicts: dict[str, Any] = field(default_factory=dict)
    done: dict[str, Given] = field(default_factory=dict)
    effects: dict[str, list[tuple[str, str, Mapping[str, Any]]]] = field(default_factory=dict)
    foreign: set[str] = field(default_factory=set)

    def apply(self, item: Given) -> None:
        """Do what is asked."""
        number = str(item.body[self.key])
        self.done[item.key] = item
        self.effects.setdefault(number, []).append((item.key, item.action, item.body))
        if item.action == "withdraw":
            self.held.pop(number, None)
        else:
            self.held[number] = item.body

    def doubled(self) -> list[str]:
        """Records of which one content was applied twice running, under two keys."""
        return [
            number
            for number, effects in self.effects.items()
            for (key, *one), (other, *two) in pairwise(effects)
            if one == two and key != other and number not in self.foreign
        ]

    def edited(self, rng: Random) -> str:
        """Somebody else changes or deletes a record here."""
        if not self.held:
            return "nothing to edit"
        number = rng.choice(sorted(self.held))
        self.foreign.add(number)
        if rng.random() < 0.5:
            del self.held[number]
            return f"{number} deleted"
        self.held[number] = self.held[number] | {
            ("mc" if "mc" in self.held[number] else "dk"): "别处改的"
        }
        return f"{number} changed"
