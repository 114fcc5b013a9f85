"""Encrypted contents (SM4), and templates filled with a connection's values."""

import base64
import binascii
import secrets
from collections.abc import Mapping

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from hub.errors import FlowError
from hub.model import Connection

BLOCK = 16


def values_of(connection: Connection, *, sid: str = "") -> dict[str, str]:
    """Values for {user}, {secret}, {sid} and the connection's own options in templates."""
    return {**connection.options, "user": connection.user, "secret": connection.secret, "sid": sid}


def filled(template: str, values: Mapping[str, str]) -> str:
    """A template with its values; braces within a value are not expanded again."""
    parts, rest = "", template
    while rest:
        before, brace, after = rest.partition("{")
        name, closed, behind = after.partition("}")
        if not (brace and closed):
            return parts + rest
        parts += before + values.get(name, f"{{{name}}}")
        rest = behind
    return parts


class Sm4:
    """SM4 in CBC mode with PKCS 7 padding, as base64."""

    def __init__(self, key: str, start: str, *, system: str) -> None:
        """key, start (IV): 16 characters or 32 hex digits; empty start: a random IV each time."""
        self._system = system
        self._key = self._bytes(key)
        self._start = self._bytes(start) if start else b""

    def _bytes(self, text: str) -> bytes:
        if len(text.encode()) == BLOCK:
            return text.encode()
        try:
            found = bytes.fromhex(text)
        except ValueError:
            found = b""
        if len(found) != BLOCK:
            detail = "envelope: a key of SM4 is 16 signs or 32 hexadecimal digits"
            raise FlowError("system.not_configured", system=self._system, detail=detail)
        return found

    def enciphered(self, content: bytes) -> str:
        start = self._start or secrets.token_bytes(BLOCK)
        padder = PKCS7(BLOCK * 8).padder()
        padded = padder.update(content) + padder.finalize()
        cipher = Cipher(algorithms.SM4(self._key), modes.CBC(start)).encryptor()
        sealed = cipher.update(padded) + cipher.finalize()
        return base64.b64encode(sealed if self._start else start + sealed).decode()

    def deciphered(self, text: str) -> bytes:
        """The plaintext. Raises ValueError for what was not encrypted with this key."""
        try:
            sealed = base64.b64decode(text, validate=True)
        except binascii.Error:
            raise ValueError(BLOCK) from None
        start, sealed = (self._start, sealed) if self._start else (sealed[:BLOCK], sealed[BLOCK:])
        cipher = Cipher(algorithms.SM4(self._key), modes.CBC(start)).decryptor()
        unpadder = PKCS7(BLOCK * 8).unpadder()
        padded = cipher.update(sealed) + cipher.finalize()
        return unpadder.update(padded) + unpadder.finalize()
