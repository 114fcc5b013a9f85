"""In which encoding a file of text is, if not in the one that was said."""

from connectors.files.troubles import UnreadableFileError

MARKS = {b"\xff\xfe\x00\x00": "UTF-32", b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}
"""What files begin with whose characters are of two bytes and more: their lines cannot be told by
bytes.
"""
OTHERS = ("utf-8", "gb18030")
_CJK = "\u2e80"
_SURE, _FEW = 0.9, 2


def refuse_other(content: bytes, said: str, *, header: bytes) -> None:
    """Raise UnreadableFileError where a file is as a whole in another encoding than `said`.

    A file of which only some lines are not in it is none of these: those lines are set aside alone.
    """
    for mark, found in MARKS.items():
        if content.startswith(mark):
            raise UnreadableFileError("file.encoding", said=said, found=found)
    if content.isascii():
        return
    if is_other(content, said, least=_FEW):
        raise UnreadableFileError("file.encoding", said=said, found="UTF-8")
    if decodes(content, said):
        return
    strange = (line for line in content.splitlines() if not line.isascii())
    if not decodes(header, said) or not any(decodes(line, said) for line in strange):
        found = next((other for other in OTHERS if other != said and decodes(content, other)), "?")
        raise UnreadableFileError("file.encoding", said=said, found=found.upper())


def is_other(content: bytes, said: str, *, least: int = 4) -> bool:
    """Whether text that is said to be in a Chinese encoding is UTF-8.

    That takes nearly any bytes; of these it would make other characters in silence. A few
    characters of it may be UTF-8 by chance; then they are not Chinese.
    """
    if content.isascii() or said.lower().replace("_", "-") in {"utf-8", "utf8", "utf-8-sig"}:
        return False
    try:
        strange = [one for one in content.decode("utf-8") if not one.isascii()]
    except UnicodeDecodeError:
        return False
    chinese = sum(one >= _CJK for one in strange)
    return chinese >= least and chinese >= _SURE * len(strange)


def decodes(content: bytes, encoding: str) -> bool:
    """Whether all of a text is in an encoding."""
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
