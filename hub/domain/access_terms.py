"""Terms of access: whether they can be applied for, and whether a grant keeps within them."""

import re
from collections.abc import Container
from dataclasses import dataclass
from datetime import date

from hub.domain.rights import CLASSES

REGION = re.compile(r"[0-9]{2,12}")


@dataclass(frozen=True, slots=True)
class Terms:
    """What may be read and how long.

    regions: leading digits of region codes, none for all. open_case_only: only where the unit has
    an open case.
    """

    entities: tuple[str, ...]
    classes: tuple[str, ...]
    regions: tuple[str, ...]
    open_case_only: bool
    valid_from: date
    valid_until: date


def wrong(terms: Terms, entities: Container[str], *, today: date) -> list[str]:
    """Names of what is wrong with terms; [] if they can be applied for or granted."""
    found = [f"entity {name}" for name in terms.entities if name not in entities]
    found += [f"class {name}" for name in terms.classes if name not in CLASSES]
    found += [f"region {code}" for code in terms.regions if not REGION.fullmatch(code)]
    if not terms.entities:
        found.append("entities")
    if not terms.classes:
        found.append("classes")
    if terms.valid_until < max(terms.valid_from, today):
        found.append(f"{terms.valid_from} … {terms.valid_until}")
    return found


def beyond(asked: Terms, given: Terms) -> list[str]:
    """Names of what `given` has beyond `asked`; [] where it is equal or narrower."""
    found = [f"entity {name}" for name in given.entities if name not in asked.entities]
    found += [f"class {name}" for name in given.classes if name not in asked.classes]
    if asked.regions and not given.regions:
        found.append("regions")
    if asked.regions:
        found += [f"region {code}" for code in given.regions if not code.startswith(asked.regions)]
    if asked.open_case_only and not given.open_case_only:
        found.append("open_case_only")
    if given.valid_from < asked.valid_from:
        found.append(str(given.valid_from))
    if given.valid_until > asked.valid_until:
        found.append(str(given.valid_until))
    return found
