"""Maps a batch by columns: each distinct raw value of a field goes once through verbs and schema.

Proves the well-behaved majority of a batch clean and leaves all else to the row engine
(`pull_mapping`), which alone explains: a cell is sure when the row engine, asked for this raw value
alone, would give a value without fault or warning.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import TypeAlias, cast

from hub.domain import list_verbs
from hub.domain.contracts import Mapped
from hub.domain.list_verbs import UNSURE, Cell
from hub.domain.partner_masks import any_masked, is_mask
from hub.domain.paths import Source
from hub.domain.pull_values import FieldReader, FieldRule
from hub.domain.verbs import Scope, WrongValueError
from hub.errors import Fault
from hub.model import Json, Number, Record, Value

Head: TypeAlias = tuple[str, str, tuple[Fault, ...], datetime | None]
"""Key, version, warnings and the source's own time of a record."""

MOST, LONGEST = 8_192, 64
"""Values that a column remembers, and characters of the longest."""
_REPEATS = 2
"""Raw values come so often on average, or it is not worth remembering them."""
_SCALARS = frozenset({str, int, bool, Number})


class Column:
    """One field by columns.

    valid: whether the schema passes all of these values of the field; noted: whether a named rule
    says something of one. Threads may share it: who finds what he knew gone goes row by row.
    """

    def __init__(
        self,
        reader: FieldReader,
        rule: FieldRule,
        scope: Scope,
        *,
        valid: Callable[[Sequence[Json]], bool],
        noted: Callable[[str], bool] | None,
    ) -> None:
        self.name, self.reader = reader.name, reader
        self._valid, self._noted = valid, noted
        self._known: dict[type, dict[Json, Cell]] = {}
        self._by_record = reader.memory.given_up  # a verb reads another field of the record
        plain = reader.field.kind not in {"decimal", "strings"}
        self._texts = list_verbs.texts(rule.use) if plain else None
        self._others = list_verbs.others(rule.use, scale=reader.field.scale, zone=scope.zone)

    def cells(self, sources: Sequence[Source]) -> list[Cell]:
        """The value of each record, None where it has none, UNSURE where the row engine decides."""
        key, read = self.reader.key, self.reader.read
        raws = [read(one) for one in sources] if key is None else [one.get(key) for one in sources]
        if self._by_record:
            each = zip(raws, sources, strict=True)
            return self._judged([self._value(raw, one) for raw, one in each])
        kinds = set(map(type, raws))
        if len(kinds) == 1 and kinds <= _SCALARS:
            return self._of_kind(kinds.pop(), raws)
        made: list[Cell] = [None] * len(raws)
        for kind in kinds - {type(None)}:
            places = [place for place, raw in enumerate(raws) if raw.__class__ is kind]
            some = [raws[place] for place in places]
            found = self._of_kind(kind, some) if kind in _SCALARS else self._anew(some)
            for place, cell in zip(places, found, strict=True):
                made[place] = cell
        return made

    def _of_kind(self, kind: type, raws: Sequence[Json]) -> list[Cell]:
        known = self._known.setdefault(kind, {})
        try:
            return [known[raw] for raw in raws]
        except KeyError:
            pass
        new = set(raws).difference(known)
        if len(new) * _REPEATS > len(raws):
            return self._listed(kind, raws)
        fresh = list(new)
        known.update(zip(fresh, self._listed(kind, fresh), strict=True))
        made = [known[raw] for raw in raws]
        if len(known) > MOST:
            known.clear()
        elif kind is str:
            for raw in fresh:
                if len(cast("str", raw)) > LONGEST:
                    known.pop(raw, None)
        return made

    def _listed(self, kind: type, raws: Sequence[Json]) -> list[Cell]:
        """New values: by the list form of the verbs, where they have one."""
        if self._texts is not None and kind is str:
            made = self._texts(cast("Sequence[str]", raws))
            if self.reader.numbered and any("+" in text for text in made):
                return self._anew(raws)  # digits may be lost
            return self._judged([text or None for text in made])
        if self._others is not None:
            return self._judged(self._others(raws, self._alone))
        return self._anew(raws)

    def _anew(self, raws: Collection[Json]) -> list[Cell]:
        return self._judged([self._alone(raw) for raw in raws])

    def _alone(self, raw: Json) -> Cell:
        return self._value(raw, {})

    def _value(self, raw: Json, source: Source) -> Cell:
        if raw is None:
            return None
        try:
            return self.reader.value(raw, source)
        except WrongValueError:
            return UNSURE

    def _judged(self, cells: list[Cell]) -> list[Cell]:
        """The cells, UNSURE where schema, masks or named rules have something to say."""
        sound = [cell for cell in cells if cell is not None and cell is not UNSURE]
        fine = self._valid(cast("list[Json]", sound)) and not any_masked(cast("list[Value]", sound))
        if fine and self._noted is None:
            return cells
        return [cell if cell is None or self._passes(cell, fine=fine) else UNSURE for cell in cells]

    def _passes(self, cell: Cell, *, fine: bool) -> bool:
        if cell is UNSURE:
            return False
        if not fine and not self._valid([cast("Json", cell)]):
            return False
        value = cast("Value", cell)
        if not fine and is_mask(value):
            return False
        if self._noted is None:
            return True
        return not any(
            self._noted(one)
            for one in (value if isinstance(value, list) else (value,))
            if isinstance(one, str)
        )


class ColumnMapper:
    """A pull mapping of whole records by columns.

    columns: None where the mapping must go row by row. head: what is told beside values of a
    record without fault that is neither skipped nor deleted, None for others. row: the row engine.
    """

    def __init__(
        self,
        columns: Sequence[Column] | None,
        *,
        required: Sequence[str],
        head: Callable[[dict[str, Json]], Head | None],
        row: Callable[[dict[str, Json]], Mapped],
    ) -> None:
        self._columns, self._required = columns, required
        self._head, self._row = head, row

    def map(self, sources: Sequence[dict[str, Json]]) -> list[Mapped]:
        """Each record as the row engine maps it."""
        if self._columns is None:
            return list(map(self._row, sources))
        try:
            found = self._records(self._columns, sources)
            return [
                Mapped(head[0], head[1], False, None, values, (), head[2], None, head[3])  # noqa: FBT003
                if values is not None and (head := self._head(source)) is not None
                else self._row(source)
                for source, values in zip(sources, found, strict=True)
            ]
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 -- of which record, the row engine says
            return list(map(self._row, sources))

    def _records(
        self, columns: Sequence[Column], sources: Sequence[dict[str, Json]]
    ) -> list[Record | None]:
        """The values of each record; None where the row engine must look at it."""
        found = [column.cells(sources) for column in columns]
        names = [column.name for column in columns]
        made: list[dict[str, Cell] | None] = [
            {name: cell for name, cell in zip(names, row, strict=True) if cell is not None}
            for row in zip(*found, strict=True)
        ]
        for name, cells in zip(names, found, strict=True):
            if UNSURE in cells or name in self._required:
                for place, cell in enumerate(cells):
                    if cell is UNSURE or (cell is None and name in self._required):
                        made[place] = None
        return cast("list[Record | None]", made)
