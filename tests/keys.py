"""Keys that sign ledgers in tests."""

import base64
import secrets
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def ed25519_key(folder: Path) -> Path:
    key = Ed25519PrivateKey.generate()
    file = folder / f"{secrets.token_hex(4)}.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return file


def sm2_key(folder: Path, *, private: bytes | None = None) -> Path:
    """PKCS 8 without the public half, as `openssl genpkey -algorithm SM2` writes it but for
    that.
    """
    private = private or secrets.token_bytes(31).rjust(32, b"\0")
    inner = bytes.fromhex("30250201010420") + private
    head = (
        bytes.fromhex("020100301306072a8648ce3d020106082a811ccf5501822d")
        + b"\x04"
        + bytes([len(inner)])
    )
    whole = b"\x30" + bytes([len(head) + len(inner)]) + head + inner
    file = folder / f"{secrets.token_hex(4)}-sm2.pem"
    body = base64.b64encode(whole).decode()
    file.write_text(
        f"-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n", encoding="ascii"
    )
    return file
