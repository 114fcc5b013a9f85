"""Spelling hints: an unknown name -> the nearest known ones."""

from collections.abc import Iterable
from difflib import get_close_matches

from hub.texts import both

NEAREST = 3
LISTED = 40
"""Above this number known names are not listed."""
_LIKE = 0.5


def nearest(name: str, known: Iterable[str]) -> list[str]:
    """The most similar known names, best first."""
    by_small = {one.casefold(): one for one in sorted(known, reverse=True)}
    small = name.casefold()
    found = get_close_matches(small, by_small, n=NEAREST, cutoff=_LIKE)
    held = sorted(
        one
        for one in by_small
        if small and one not in found and (small in one.split(".") or one in small)
    )
    return [by_small[one] for one in [*found, *held][:NEAREST]]


def hint(name: str, known: Iterable[str]) -> dict[str, str]:
    """Facts to add to an error, zh and en; {} without known names."""
    names = list(dict.fromkeys(known))
    if not names:
        return {}
    near = nearest(name, names)
    said = [both("最接近的是 {names_zh}。", **_listed(near))] if near else []
    if len(names) <= LISTED:
        said.append(both("可用：{names_zh}。", **_listed(names)))
    return {"hint_zh": "".join(zh for zh, _ in said), "hint_en": "".join(en for _, en in said)}


def _listed(names: list[str]) -> dict[str, str]:
    return {"names_zh": "、".join(names), "names_en": ", ".join(names)}
