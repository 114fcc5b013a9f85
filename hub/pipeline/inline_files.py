"""Files that stand in their record, as base64."""

import base64
import binascii

from hub.errors import AttachmentError
from hub.model import Json


def unpacked(said: Json, *, most: int) -> bytes:
    """The bytes of base64, with line breaks in it or not.

    RecordError: attachment.empty for none, attachment.unreadable, attachment.too_large.
    """
    if said is None or said == "":
        raise AttachmentError("attachment.empty")
    if not isinstance(said, str):
        raise AttachmentError("attachment.unreadable")
    text = "".join(said.split())
    if len(text) * 3 // 4 > most + 2:
        raise AttachmentError("attachment.too_large", bytes=len(text) * 3 // 4, most=most)
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise AttachmentError("attachment.unreadable") from None
