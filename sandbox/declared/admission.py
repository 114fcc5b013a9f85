"""Who may call: tokens, signatures, fixed headers."""

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Iterator
from typing import Protocol
from urllib.parse import parse_qsl, unquote

from sandbox.declared.calls import Call, RefusedError
from sandbox.declared.words import Headers, Http, Login, Signature, Token
from sandbox.state import Record

MOST_NONCES = 10_000


class Admission(Protocol):
    """Lets a call in, or raises RefusedError."""

    def admit(self, call: Call) -> None:
        """Look at a call before anything of it is done."""

    def expire(self) -> None:
        """Forget whom it has let in."""


def admission(http: Http, *, user: str, secret: str) -> Admission:
    """Give the door that a declaration wants."""
    match http.auth:
        case Token() as auth:
            return Tokens(auth, user, secret)
        case Signature() as auth:
            return Signatures(auth, user, secret)
        case Login():
            return Logins(user, secret)
        case auth:
            return FixedHeaders(auth, user, secret)


def _same(said: str, expected: str) -> bool:
    return hmac.compare_digest(said.encode(), expected.encode())


class FixedHeaders:
    """Every call carries the same headers."""

    def __init__(self, auth: Headers, user: str, secret: str) -> None:
        known = {"user": user, "secret": secret}
        self._wanted = {name.lower(): text.format_map(known) for name, text in auth.headers.items()}

    def admit(self, call: Call) -> None:
        for name, text in self._wanted.items():
            if not _same(call.headers.get(name, ""), text):
                raise RefusedError("denied")

    def expire(self) -> None:
        """Nothing is remembered."""


class Logins:
    """Every call says user and password."""

    def __init__(self, user: str, secret: str) -> None:
        self._user, self._secret = user, secret

    def admit(self, call: Call) -> None:
        user, secret = call.login
        if not (_same(user, self._user) & _same(secret, self._secret)):
            raise RefusedError("denied")

    def expire(self) -> None:
        """Nothing is remembered."""


class Tokens:
    """The tokens that are out, and until when each is good."""

    def __init__(self, auth: Token, user: str, secret: str) -> None:
        self.auth = auth
        self._user, self._secret = user, secret
        self._until: dict[str, float] = {}

    def login(self, call: Call) -> Record:
        """Give what stands for $names in the answer to a login."""
        said = [call.asked.get(name) for name in (self.auth.user, self.auth.secret)]
        for name, value in zip((self.auth.user, self.auth.secret), said, strict=True):
            if not isinstance(value, str):
                raise RefusedError("request", name)
        user, secret = map(str, said)
        if not (_same(user, self._user) & _same(secret, self._secret)):
            raise RefusedError("login")
        token = secrets_token()
        self._until[token] = time.monotonic() + self.auth.seconds
        return {"token": token, "seconds": self.auth.seconds}

    def admit(self, call: Call) -> None:
        said = call.headers.get(self.auth.header.lower(), "")
        token = said.removeprefix(self.auth.prefix)
        if self._until.get(token, 0.0) <= time.monotonic():
            raise RefusedError("denied")

    def expire(self) -> None:
        self._until.clear()


def secrets_token() -> str:
    return secrets.token_hex(16)


class Signatures:
    """Every call is signed, of this minute, and with a nonce only once."""

    def __init__(self, auth: Signature, user: str, secret: str) -> None:
        self._auth = auth
        self._user, self._secret = user, secret
        self._seen: dict[str, None] = {}

    def expire(self) -> None:
        """Nothing expires but by the clock."""

    def admit(self, call: Call) -> None:
        gateway = self._auth.style == "x-ca"
        signed = self._gateway(call) if gateway else self.signed(call)
        names = GATEWAY if gateway else self._auth.headers
        said = self._said(call, names.signature)
        if not _same(said, signed) or not self._known(call, names.key):
            raise RefusedError("denied")
        self._fresh(self._said(call, names.timestamp) if names.timestamp else "")
        if names.nonce:
            self._once(self._said(call, names.nonce))

    def _known(self, call: Call, name: str) -> bool:
        return not name or _same(self._said(call, name), self._user)

    def _said(self, call: Call, name: str) -> str:
        if self._auth.style != "x-ca" and self._auth.in_ == "query":
            return dict(call.parameters).get(name, "")
        return call.headers.get(name.lower(), "")

    def _fresh(self, clock: str) -> None:
        if not clock and not self._auth.headers.timestamp and self._auth.style != "x-ca":
            return
        if not (clock.isascii() and clock.isdigit()):
            raise RefusedError("request", "timestamp")
        unit = 1000 if self._auth.timestamp == "milliseconds" else 1
        if abs(time.time() - int(clock) / unit) > self._auth.seconds:
            raise RefusedError("expired")

    def _once(self, nonce: str) -> None:
        if not nonce or nonce in self._seen:
            raise RefusedError("denied")
        self._seen[nonce] = None
        if len(self._seen) > MOST_NONCES:
            self._seen.pop(next(iter(self._seen)))

    def signed(self, call: Call) -> str:
        """The signature over the declared parts of a call."""
        names = self._auth.headers
        known = {
            "key": self._user,
            "secret": self._secret,
            "timestamp": self._said(call, names.timestamp),
            "nonce": self._said(call, names.nonce),
            "method": call.method,
            "path": call.path,
            "query": call.query,
            "body": call.body.decode(errors="replace"),
            "body_digest": hashlib.sha256(call.body).hexdigest(),
        }
        text = self._auth.joined.join(
            known[part] if part in known else self._part(call, part) for part in self._auth.parts
        )
        return self._sealed(text)

    def _part(self, call: Call, part: str) -> str:
        if part.startswith("="):
            return part[1:]
        if part.startswith("header:"):
            return call.headers.get(part.removeprefix("header:"), "")
        if part == "sorted_parameters":
            found = sorted(_pairs(call))
            own = self._auth.headers.signature
            return "&".join(f"{name}={value}" for name, value in found if value and name != own)
        field = part.removeprefix("body.")
        document = call.document if isinstance(call.document, dict) else {}
        return str(document.get(field, ""))

    def _sealed(self, text: str) -> str:
        auth = self._auth
        name = auth.digest.removeprefix("hmac-")
        if auth.digest.startswith("hmac-"):
            seal = hmac.new(self._secret.encode(), text.encode(), name).digest()
        else:
            seal = hashlib.new(name, text.encode(), usedforsecurity=False).digest()
        if auth.encoding == "base64":
            return base64.b64encode(seal).decode()
        return seal.hex().upper() if auth.case == "upper" else seal.hex()

    def _gateway(self, call: Call) -> str:
        """Sign as a gateway does: method, four headers, the signed ones, the path with sorted
        parameters.
        """
        if call.body and not call.is_form:
            digest = hashlib.md5(call.body, usedforsecurity=False).digest()
            if not _same(call.headers.get("content-md5", ""), base64.b64encode(digest).decode()):
                raise RefusedError("denied")
        names = filter(None, call.headers.get("x-ca-signature-headers", "").lower().split(","))
        pairs = dict(reversed(call.parameters))
        if call.is_form:
            pairs |= dict(parse_qsl(call.body.decode(), keep_blank_values=True))
        query = "&".join(f"{one}={value}" if value else one for one, value in sorted(pairs.items()))
        lines = [
            call.method,
            *(call.headers.get(one, "") for one in GATEWAY_LINES),
            *(f"{one}:{call.headers.get(one, '')}" for one in sorted(names)),
            unquote(call.path) + (f"?{query}" if query else ""),
        ]
        seal = hmac.new(self._secret.encode(), "\n".join(lines).encode(), "sha256").digest()
        return base64.b64encode(seal).decode()


class _Gateway:
    key, signature = "x-ca-key", "x-ca-signature"
    timestamp, nonce = "x-ca-timestamp", "x-ca-nonce"


GATEWAY = _Gateway()
GATEWAY_LINES = ("accept", "content-md5", "content-type", "date")


def _pairs(call: Call) -> Iterator[tuple[str, str]]:
    """The parameters of a call: of its query, of a form, and the fields of a JSON body."""
    yield from call.parameters
    if call.is_form:
        yield from parse_qsl(call.body.decode(), keep_blank_values=True)
    elif isinstance(call.document, dict):
        for name, value in call.document.items():
            yield name, value if isinstance(value, str) else _compact(value)


def _compact(value: object) -> str:
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
