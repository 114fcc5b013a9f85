"""XML nested deeper than the parser allows: what is too deep becomes a text."""

from xml.parsers import expat

DEEPEST = 2000
"""libxml2 refuses more than 2,048 levels."""
MOST = 100_000
"""Levels walked at most, as each takes memory."""
MARK = "z"


class TooDeepError(ValueError):
    """A document nested too deep even for this, or broken where it is deep."""


def shallow(text: str, sign: str) -> str:
    """The document with elements below DEEPEST as texts: sign, MARK, their UTF-8 in hex, sign.

    Raises TooDeepError.
    """
    content = text.encode()
    made, done = [], 0
    for begin, end in _spans(content):
        made += [
            content[done:begin],
            sign.encode(),
            MARK.encode(),
            content[begin:end].hex().encode(),
            sign.encode(),
        ]
        done = end
    return b"".join([*made, content[done:]]).decode()


def _spans(content: bytes) -> list[tuple[int, int]]:
    """(first byte, first byte after) of each element that is too deep."""
    depth, begin, deep, found = 0, 0, False, list[tuple[int, int]]()
    parser = expat.ParserCreate("utf-8")

    def start(_name: str, _attributes: object) -> None:
        nonlocal depth, begin, deep
        depth += 1
        if depth == DEEPEST:
            begin, deep = parser.CurrentByteIndex, False
        deep = deep or depth > DEEPEST
        if depth > MOST:
            raise TooDeepError

    def end(_name: str) -> None:
        nonlocal depth
        if (
            depth == DEEPEST and deep
        ):  # it holds others: what ends it is a tag of its own, without attributes
            found.append((begin, content.index(b">", parser.CurrentByteIndex) + 1))
        depth -= 1

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.ordered_attributes = True
    try:
        parser.Parse(content, True)  # noqa: FBT003 -- the library's own
    except expat.ExpatError:
        raise TooDeepError from None
    return found
