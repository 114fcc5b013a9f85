"""The type of one cross-check."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Crosscheck:
    """A statement whose every row is a finding of this kind and table; what: its text's code."""

    kind: str
    table: str
    what: str
    query: str
