"""Detection of text files in another encoding than declared."""

from hub.workbook.troubles import UnreadableFileError

MARKS = {b"\xff\xfe\x00\x00": "UTF-32", b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}
"""Byte order marks of encodings whose lines cannot be split by bytes."""
OTHERS = ("utf-8", "gb18030")
_CJK = "\u2e80"
_SURE, _FEW = 0.9, 2


def refuse_other(content: bytes, said: str, *, header: bytes) -> None:
    """Raise UnreadableFileError where the file as a whole is in another encoding than declared.

    Single lines in another encoding do not count: they are set aside alone.
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
    """Whether text declared as a Chinese encoding is UTF-8.

    Those decode nearly any bytes, silently to wrong characters. A few characters may be valid UTF-8
    by chance; then they are not Chinese.
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
    """Whether a text decodes as a whole."""
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
