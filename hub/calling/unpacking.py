"""The body of an answer, piece by piece: as it came, and unpacked, both within bounds.

What two megabytes unpack to may be gigabytes; it is unpacked here and not by the HTTP library, so
that never more than one piece of it is in memory before it is counted.
"""

import zlib
from collections.abc import Iterable, Iterator

from requests.exceptions import ContentDecodingError, InvalidHeader

PIECE = 1 << 18
PLAIN = frozenset({"", "identity"})
ACCEPTED = "gzip, deflate"
"""What is asked for: other ways (br, zstd) are unpacked by nobody here."""
_GZIP_OR_ZLIB, _BARE = zlib.MAX_WBITS + 32, -zlib.MAX_WBITS
_GZIP = b"\x1f\x8b"
MOST_LAYERS = 2


class CodingError(InvalidHeader):
    """A body is packed in a way that nobody here unpacks; `coding` names it."""

    def __init__(self, coding: str) -> None:
        super().__init__(coding)
        self.coding = coding


def codings(header: str) -> list[str]:
    """How a body is packed, the last way first; CodingError for one that is not known, or too
    many.
    """
    named = [name.strip().lower() for name in header.split(",")]
    found = [name for name in named if name not in PLAIN]
    strange = next((one for one in found if one not in {"gzip", "x-gzip", "deflate"}), "")
    if strange or len(found) > MOST_LAYERS:
        raise CodingError(strange[:40] or header[:40])
    return found[::-1]


def unpacked(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The content of a packed body, in pieces of a bounded size; ContentDecodingError where it is
    damaged or cut.
    """
    decoder, begun = zlib.decompressobj(_GZIP_OR_ZLIB), b""
    try:
        for piece in pieces:
            if not begun:
                begun = piece[:1]
                decoder = _decoder_for(piece)
            rest = piece
            while rest:
                if decoder.eof:
                    if not rest.startswith(_GZIP[:1]):
                        return  # padding behind the end
                    decoder = zlib.decompressobj(_GZIP_OR_ZLIB)
                yield decoder.decompress(rest, PIECE)
                rest = decoder.unused_data if decoder.eof else decoder.unconsumed_tail
    except zlib.error:
        raise ContentDecodingError from None
    if begun and not decoder.eof:
        raise ContentDecodingError


def _decoder_for(piece: bytes) -> "zlib._Decompress":
    """What reads gzip, zlib, or deflate without a head, as some servers send it."""
    decoder = zlib.decompressobj(_GZIP_OR_ZLIB)
    try:
        decoder.copy().decompress(piece, 1)
    except zlib.error:
        return zlib.decompressobj(_BARE)
    return decoder
