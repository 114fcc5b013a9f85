"""Password rules; common passwords are data: passwords.txt beside this file."""

import unicodedata
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from hub.domain.account_names import unseen
from hub.settings import SigningIn

CLASSES: tuple[Callable[[str], bool], ...] = (
    str.islower,
    str.isupper,
    str.isdigit,
    lambda sign: not sign.isalnum() and not sign.isspace(),
)
LEAST_CLASSES = 3
DISTINCT = 5
"""A password of fewer signs than this is one sign typed again and again."""


def weakness(password: str, *, account: str, rules: SigningIn) -> str:
    """The first rule broken: short, plain, name, common, repeated, unseen; "" if none."""
    plain = _plain(password)
    if unseen(password):  # they would count as signs
        return "unseen"
    if len(password) < rules.password_length:
        return "short"
    if len(_plain(account)) > 1 and _plain(account) in plain:
        return "name"
    if len(set(plain)) < DISTINCT:
        return "repeated"
    if plain in _common() or plain.rstrip("0123456789!@#$%^&*.-_") in _common():
        return "common"
    few = sum(any(map(kind, password)) for kind in CLASSES) < LEAST_CLASSES
    return "plain" if few and len(password) < rules.passphrase_length else ""


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    lines = Path(__file__).with_suffix(".txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("# "))
