"""Splits texts: parts between marks, numbers of buildings, words of a code list."""

import re
from collections.abc import Mapping, Sequence

from hub.domain.chinese_dates import halfwidth

MOST = 500
"""A range with more numbers is a typing error."""

_BETWEEN = re.compile(r"[\s、,;/和及与]+")
_DASH = r"[-~至到]"
_MARK = r"[#号]?[楼栋幢座]?|[^\W\d_A-Za-z]{1,4}"
_ITEM = re.compile(rf"第?(\d{{1,6}})({_MARK})(?:{_DASH}第?(\d{{1,6}})({_MARK}))?")
_HASHED = re.compile(r"(?<=#)(?=\d)")
_NUMBERED, _BUILDING = "#", "楼"
_SAME = str.maketrans({"栋": "楼", "幢": "楼", "座": "楼", "#": "", "号": ""})
_DASHES = str.maketrans("～—–−", "~---")


def part(text: str, marks: Sequence[str], at: int) -> str | None:
    """The part at an index (from 0, or back from -1) of text cut at any mark; None: no part."""
    parts = re.split("|".join(map(re.escape, marks)), text)
    return parts[at].strip() or None if -len(parts) <= at < len(parts) else None


def numbers(text: str) -> list[str]:
    """Each number of a list such as `1#、2#楼`, `1-3号楼`, in order, once; ValueError where a text says
    more.

    Marks of the same kind only (1#、18层 is none), no letters at a number (A1), no decimals, no range
    that goes back.
    """
    plain = halfwidth(text).translate(_DASHES).strip()
    items = [one for part in _BETWEEN.split(plain) for one in _HASHED.split(part) if one]
    found: dict[str, None] = {}
    kinds = set()
    for item in items:
        match = _ITEM.fullmatch(item)
        if match is None:
            raise ValueError(text)
        first, mark, last, mark_after = match.groups()
        kinds |= {kind.translate(_SAME) or _NUMBERED for kind in (mark, mark_after) if kind}
        low, high = int(first), int(last or first)
        if high < low or high - low >= MOST:
            raise ValueError(text)
        found |= dict.fromkeys(map(str, range(low, high + 1)))
    if (len(kinds) > 1 and kinds != {_NUMBERED, _BUILDING}) or not 1 <= len(found) <= MOST:
        raise ValueError(text)
    return list(found)


def words(text: str, codes: Mapping[str, str], otherwise: str | None) -> list[str]:
    """The codes of the words that a text is made of, in order, once; ValueError for a word without
    a code.

    The longest word that fits is meant (给排水 before 排水). otherwise: the code of what no word says.
    """
    known = {halfwidth(word): code for word, code in codes.items() if word}
    longest = sorted(map(re.escape, known), key=len, reverse=True)
    named = [f"(?P<word>{'|'.join(longest)})"] if longest else []
    said = re.compile("|".join([*named, _BETWEEN.pattern, "(?P<other>.)"]), re.DOTALL)
    found: dict[str, None] = {}
    for match in said.finditer(halfwidth(text)):
        if word := match.groupdict().get("word"):
            found[known[word]] = None
        elif match["other"]:
            if otherwise is None:
                raise ValueError(text)
            found[otherwise] = None
    return list(found)
