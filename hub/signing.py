"""The hub's own signature: an Ed25519 key from a file, named by its public half so that anyone can check it."""

from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from hub.errors import FlowError

KIND = "ed25519:"


def key_of(path: Path) -> Ed25519PrivateKey:
    """Read the key (PEM, PKCS 8, no password); FlowError when the file is none."""
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError):
        raise FlowError("settings.invalid", name="HUB_SEAL_KEY", value=path.name) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise FlowError("settings.invalid", name="HUB_SEAL_KEY", value=path.name)
    return key


def name_of(key: Ed25519PrivateKey) -> str:
    """The public key itself."""
    raw = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return KIND + raw.hex()


def signed(signature: bytes, content: bytes, *, by: str) -> bool:
    """Whether the key of this name made this signature over this content."""
    public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(by.removeprefix(KIND)))
    try:
        public.verify(signature, content)
    except InvalidSignature:
        return False
    return True
