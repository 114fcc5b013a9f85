"""Spelling hints: an unknown name -> the nearest known ones."""

from collections.abc import Iterable
from difflib import get_close_matches

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
    zh = [f"最接近的是 {'、'.join(near)}。"] if near else []
    en = [f" Nearest: {', '.join(near)}."] if near else []
    if len(names) <= LISTED:
        zh += [f"可用：{'、'.join(names)}。"]
        en += [f" Known: {', '.join(names)}."]
    return {"hint_zh": "".join(zh), "hint_en": "".join(en)}
