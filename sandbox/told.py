"""Tables of a partner's database told by YAML: of which noun of the world a row is, and where each
column comes from, in the words of declared partners.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import Field as Says
from pydantic import TypeAdapter

from sandbox.declared.diagnosis import Source
from sandbox.declared.fields import Telling, record
from sandbox.declared.nouns import beside, fits, follow, heads, parts, singular, things
from sandbox.declared.words import Beside, Parts, Scalar, Value, Words
from sandbox.world.life_record import Life


class Told(Words):
    """One table: a row for each thing, or each part of it, for which `when` leads to something."""

    of: str
    each: Parts | None = None
    where: Mapping[str, Scalar | tuple[Scalar, ...]] = Says(default={})
    beside: Mapping[str, Beside] = Says(default={})
    when: str = ""
    once: bool = False  # many lives tell the same row
    key: tuple[str, ...]
    columns: Mapping[str, str] = Says(default={})  # SQL types; the others are text
    fields: dict[str, Value]
    spoilt: Mapping[str, object] = Says(default={})  # what `malformed_record` writes

    @property
    def types(self) -> dict[str, str]:
        """The columns of a table that is the partner's own, with their SQL types."""
        return {name: self.columns.get(name, "text") for name in self.fields}

    def rows(self, life: Life) -> Iterator[dict[str, object]]:
        """Give the rows that tell a life."""
        for thing in things(life, self.of):
            roots = heads(life, self.of, thing) | {"life": life}
            if not fits(roots, singular(self.of), self.where):
                continue
            roots |= {name: beside(life, one, roots) for name, one in self.beside.items()}
            telling = Telling(roots, {}, life.project.code, (0, life.project.index, self.of))
            told = [telling]
            if self.each:
                found = enumerate(parts(self.each.of, roots), start=1)
                told = [telling.with_part(self.each.as_, part, at) for at, part in found]
            for one in told:
                if not self.when or follow(self.when, one.roots) is not None:
                    yield record(self.fields, one, empty=None)


def told(path: Path) -> dict[str, Told]:
    """Read the tables of a file."""
    return TypeAdapter(dict[str, Told]).validate_python(Source(path).content)
