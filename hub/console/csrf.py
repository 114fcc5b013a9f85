"""CSRF tokens: what ties a form to the browser that it was shown to, so that nobody else's page can
send it.
"""

import secrets
from hashlib import sha256

from hub.errors import FlowError

COOKIE = "onecode_form"
"""Held by browsers that are not signed in; those that are have their session's cookie."""


def new_secret() -> str:
    """The value of a new cookie."""
    return secrets.token_urlsafe(24)


def token(secret: str) -> str:
    """What a form carries: it follows from the cookie, which no other site can read."""
    return sha256(b"form " + secret.encode()).hexdigest()


def check(secret: str, sent: str) -> None:
    """Refuse a form that was not shown to this browser."""
    if not secret or not secrets.compare_digest(token(secret), sent):
        raise FlowError("access.form_stale")
