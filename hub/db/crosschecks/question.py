"""One statement of `hub verify`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Crosscheck:
    """A statement whose every row is a finding of this kind in this table; what: the words
    for it.
    """

    kind: str
    table: str
    what: str
    query: str
