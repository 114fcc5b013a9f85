"""A page of JSON that does not parse, split by its brackets: only the broken records are lost.

Nothing is guessed. Where quotes or brackets do not match, or a text in a broken record has a
bracket (so that records may have run together), the whole page is unreadable.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

import msgspec

from hub import exact
from hub.model import Json

# An unclosed text is consumed to its end at once, else each quote in it is retried (quadratic).
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+("?)|[\[\]{},:]|[^\s"\[\]{},:]++', re.DOTALL)
_UNCLOSED = b'"'
_CLOSES = {b"]": b"[", b"}": b"{"}
_OPENS = frozenset(_CLOSES.values())

Token: TypeAlias = tuple[bytes, int, int]
Found: TypeAlias = tuple[Json, list[bytes]]


@dataclass(slots=True)
class _Walk:
    """Open brackets with their names, and the last text, which may be the next name."""

    open: list[bytes] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    said: str = ""

    def step(self, text: bytes) -> bool:
        """Take one token; False where it does not fit."""
        if text in _OPENS:
            self.open.append(text)
            self.names.append(self.said)
            self.said = ""
        elif text in _CLOSES:
            if not self.open or self.open.pop() != _CLOSES[text]:
                return False
            self.names.pop()
        elif text[:1] == b'"':
            self.said = text[1:-1].decode("utf-8", "replace")
            return len(text) > 1
        elif text == b",":
            self.said = ""
        return True


def cut(content: bytes, steps: list[str]) -> Found | None:
    """The answer without the list at these steps, and its items; None where it cannot be split."""
    tokens = list(_tokens(content))
    bounds = _list(tokens, steps)
    if bounds is None:
        return None
    inner = list(_items(tokens[bounds[0] + 1 : bounds[1]]))
    if not all(inner):
        return None
    items = [content[some[0][1] : some[-1][2]] for some in inner]
    if not all(map(_stands_alone, items)):
        return None
    begin, end = tokens[bounds[0]][2], tokens[bounds[1]][1]
    try:
        return exact.read_loosely(content[:begin] + content[end:]), items
    except ValueError:
        return None


def _tokens(content: bytes) -> Iterator[Token]:
    for found in _TOKEN.finditer(content):
        yield (found[0] if found[1] != b"" else _UNCLOSED, *found.span())


def _list(tokens: list[Token], steps: list[str]) -> tuple[int, int] | None:
    """Indexes of the tokens that open and close the list; None where there is none."""
    walk, first, last = _Walk(), -1, -1
    for number, (text, _, _) in enumerate(tokens):
        depth = len(walk.open)
        if not walk.step(text):
            return None
        if first < 0 and text == b"[" and walk.names[1:] == steps:
            first = number
            level = depth
        elif first >= 0 and last < 0 and text == b"]" and len(walk.open) == level:
            last = number
    return None if walk.open or last < 0 else (first, last)


def _items(tokens: list[Token]) -> Iterator[list[Token]]:
    """The tokens of each item."""
    depth, some = 0, list[Token]()
    for token in tokens:
        if token[0] == b"," and not depth:
            yield some
            some = []
            continue
        depth += (token[0] in _OPENS) - (token[0] in _CLOSES)
        some.append(token)
    if some:
        yield some


def _stands_alone(item: bytes) -> bool:
    """Whether an item is sound, or broken in a way that cannot have swallowed its neighbour."""
    try:
        msgspec.json.decode(item, type=msgspec.Raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return not any(
            text[:1] == b'"' and set(b"{}[]") & set(text) for text, _, _ in _tokens(item)
        )
    return True
