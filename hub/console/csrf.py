"""CSRF tokens: a form carries a hash of a cookie, so that no other site's page can submit it."""

import secrets
from hashlib import sha256

from hub.errors import FlowError

COOKIE = "onecode_form"
"""Cookie of browsers not signed in; with a session its cookie is used."""


def new_secret() -> str:
    """A random value for the cookie."""
    return secrets.token_urlsafe(24)


def token(secret: str) -> str:
    """The form's token: a hash of the cookie, which other sites cannot read."""
    return sha256(b"form " + secret.encode()).hexdigest()


def check(secret: str, sent: str) -> None:
    """Raise FlowError (access.form_stale) unless the token belongs to this cookie."""
    given = sent.encode(errors="replace")  # of texts only ASCII is compared
    if not secret or not secrets.compare_digest(token(secret).encode(), given):
        raise FlowError("access.form_stale")
