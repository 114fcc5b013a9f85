"""Signatures of the hub: Ed25519, and optionally SM2; keys from files, named by their public key.

The name suffices to verify. SM2 signs with SM3 and the standard's default identity (GB/T 32918.2).
"""

import base64
import binascii
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from gmssl.sm2 import CryptSM2, default_ecc_table

from hub.errors import FlowError

KIND = "ed25519:"
SM2_KIND = "sm2:"
SM2_CURVE = bytes.fromhex("06082a811ccf5501822d")
"""The curve's OID in a key file: 1.2.156.10197.1.301."""
PRIVATE = bytes.fromhex("0201010420")
"""The bytes before the 32-byte private key in a key file (SEC 1, also inside PKCS 8)."""


@dataclass(frozen=True, slots=True)
class Made:
    """Signatures over one content; None without a key."""

    ed25519: bytes | None
    sm2: bytes | None


class SigningKeys:
    """The hub's keys; either may be missing."""

    def __init__(self, ed25519: Ed25519PrivateKey | None, sm2: CryptSM2 | None) -> None:
        self._ed25519 = ed25519
        self._sm2 = sm2
        self.ed25519_name = name_of(ed25519) if ed25519 else None
        self.sm2_name = f"{SM2_KIND}{sm2.public_key}" if sm2 else None

    def sign(self, content: bytes) -> Made:
        """Sign with every key there is."""
        return Made(
            self._ed25519.sign(content) if self._ed25519 else None,
            # A number of our own: the library's default comes from a generator that is not meant
            # for secrets.
            bytes.fromhex(self._sm2.sign_with_sm3(content, secrets.token_hex(32)))
            if self._sm2
            else None,
        )


def keys_of(ed25519: Path | None, sm2: Path | None) -> SigningKeys:
    """Read the keys; FlowError naming the setting whose file holds none."""
    return SigningKeys(key_of(ed25519) if ed25519 else None, sm2_key_of(sm2) if sm2 else None)


def key_of(path: Path) -> Ed25519PrivateKey:
    """Read the key (PEM, PKCS 8, no password); FlowError when the file is none."""
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError):
        raise FlowError("settings.invalid", name="HUB_SEAL_KEY", value=path.name) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise FlowError("settings.invalid", name="HUB_SEAL_KEY", value=path.name)
    return key


def sm2_key_of(path: Path) -> CryptSM2:
    """Read the key (PEM, PKCS 8 or SEC 1, no password, named curve); FlowError if it is none."""
    try:
        lines = path.read_text(encoding="ascii").splitlines()
        der = base64.b64decode(
            "".join(line for line in lines if line and not line.startswith("-")), validate=True
        )
    except (OSError, ValueError, binascii.Error):
        raise FlowError("settings.invalid", name="HUB_SEAL_SM2_KEY", value=path.name) from None
    at = der.find(PRIVATE) + len(PRIVATE)
    private = der[at : at + 32]
    if SM2_CURVE not in der or PRIVATE not in der or not 0 < int.from_bytes(private) < _order() - 1:
        raise FlowError("settings.invalid", name="HUB_SEAL_SM2_KEY", value=path.name)
    key = _sm2("")
    key.private_key = private.hex()
    # it offers no other way
    key.public_key = key._kg(int.from_bytes(private), default_ecc_table["g"])  # noqa: SLF001
    return key


def name_of(key: Ed25519PrivateKey) -> str:
    """The name of a key: its public half."""
    raw = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return KIND + raw.hex()


def signed(signature: bytes, content: bytes, *, by: str) -> bool:
    """Whether the key named `by` made this signature over this content."""
    try:
        if by.startswith(SM2_KIND):
            return bool(_sm2(by.removeprefix(SM2_KIND)).verify_with_sm3(signature.hex(), content))
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(by.removeprefix(KIND))).verify(
            signature, content
        )
    except (InvalidSignature, ValueError):
        return False
    return True


def _sm2(public: str) -> CryptSM2:
    key = CryptSM2(private_key="", public_key="")
    key.public_key = (
        public  # set afterwards: the constructor takes leading zeros and fours for a mark of form
    )
    return key


def _order() -> int:
    return int(default_ecc_table["n"], 16)
