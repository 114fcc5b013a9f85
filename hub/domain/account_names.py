"""Account names: no invisible characters, none that looks like another account's."""

import unicodedata
from collections.abc import Iterable

LONGEST = 100
OWN = "cli:"
"""Prefix in the access log for commands on the hub's own machine."""

_UNSEEN = {"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"}
# Letters and marks that fonts show as nothing.
_BLANK = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
    + "".join(map(chr, (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
)
# Letters of other alphabets, and digits, that fonts show as letters of the Latin one.
_ALIKE = str.maketrans(
    "аеорсухіјѕһԁԛԝӏкмтвнгαορνυικχτγβεζημρ0OI1|",
    "aeopcyxijshdqwlkmtbhraopvulkxtybeznmpoolll",
)
_ALPHABETS = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC")


def unseen(text: str) -> bool:
    """Whether a text has an invisible character (two equal-looking names would differ)."""
    return any(unicodedata.category(sign) in _UNSEEN or sign in _BLANK for sign in text)


def fault(name: str) -> str:
    """The first rule broken: empty, long, unseen, blank, form, mixed, own; "" if none."""
    broken = {
        "empty": not name.strip(),
        "long": len(name) > LONGEST,
        "unseen": unseen(name),
        "blank": name.split(" ") != name.split(),
        "form": unicodedata.normalize("NFKC", name) != name,
        "mixed": len({_alphabet(sign) for sign in name} - {""}) > 1,
        "own": name.casefold().startswith(OWN),
    }
    return next((rule for rule, is_broken in broken.items() if is_broken), "")


def alike(name: str, others: Iterable[str]) -> str:
    """The first of other names that people could take for this one; "" without any."""
    mine = _pictures(name)
    return next((other for other in others if other != name and mine & _pictures(other)), "")


def _pictures(name: str) -> set[str]:
    """The shapes of a name with look-alike letters replaced: by sound, and by letter."""
    plain = unicodedata.normalize("NFKC", name)
    return {plain.casefold(), plain.translate(_ALIKE).casefold().translate(_ALIKE)}


def _alphabet(sign: str) -> str:
    """The alphabet of a letter that has look-alikes in another; "" for others, also Chinese."""
    said = unicodedata.name(sign, "") if sign.isalpha() else ""
    return next((one for one in _ALPHABETS if said.startswith(one)), "")
