"""Answers in other charsets than UTF-8: detected and converted."""

import codecs
import re

from hub.errors import FlowError

UNSAID = {"iso8859-1", "ascii"}
"""Charsets that servers name by default. No Chinese can be written in them: they are ignored."""

WIDER = {"gb2312": "gb18030", "gbk": "gb18030"}
"""Charsets of which partners use a superset under the same name."""

NO_CHARSETS = {"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"}
"""Codecs of Python that answers cannot be written in, though it takes them for text."""

FAR = "\u0800"
"""First character of three bytes in UTF-8: such sequences hardly occur in other charsets."""

ONE_SIGN = 2
"""Spoilt bytes that are explained by one character cut in half, in one record."""

_SAID = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.ASCII | re.IGNORECASE)
_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}


def in_utf8(content: bytes, content_type: str, *, otherwise: str, system: str) -> bytes:
    """The answer in UTF-8, by its byte order mark, else the header's charset, else `otherwise`.

    Bytes invalid in that charset stay invalid, and spoil only their own record. Raises FlowError
    where most of the text is invalid, or the charset is unknown.
    """
    for mark, charset in _MARKS.items():
        if content.startswith(mark):
            return _transcoded(content[len(mark) :], charset, system=system)
    said = _SAID.search(content_type)
    named = _known(said[1], system=system) if said else ""
    declared = _known(otherwise, system=system) if otherwise else ""
    charset = named if named and named not in UNSAID else declared or "utf-8"
    if charset == declared or not declared or _is_text(content, charset):
        return _transcoded(content, charset, system=system)
    return _transcoded(content, declared, system=system)


def _known(name: str, *, system: str) -> str:
    try:
        found = codecs.lookup(name.lower().removeprefix("x-")).name
        b"x".decode(found, "replace")  # of bytes to bytes, as hex is: LookupError
        if found not in NO_CHARSETS:
            return WIDER.get(found, found)
    except (LookupError, UnicodeError):
        pass
    raise FlowError("system.charset", system=system, charset=name[:40])


def _is_text(content: bytes, charset: str) -> bool:
    try:
        content.decode(charset)
    except UnicodeDecodeError:
        return False
    return True


def _transcoded(content: bytes, charset: str, *, system: str) -> bytes:
    if content.isascii() and charset in {"utf-8", "gb18030"}:
        return content
    if charset == "utf-8" and _is_text(content, charset):
        return content
    text = content.decode(charset, "surrogateescape")
    spoilt = sum(1 for sign in text if "\udc80" <= sign <= "\udcff")
    sound = sum(1 for sign in text if sign >= FAR) - spoilt
    if spoilt > max(sound, ONE_SIGN):
        raise FlowError("system.charset", system=system, charset=charset)
    return text.encode("utf-8", "surrogateescape")
