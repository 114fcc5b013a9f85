"""Signed calls: which parts are signed, how, and where the signature goes."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Annotated, Literal
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator
from requests import PreparedRequest

from connectors.ciphers import filled, values_of
from connectors.options import ContradictionError, Options
from connectors.verdicts import as_text, pick
from hub import exact
from hub.errors import FlowError
from hub.model import Connection, Json

Part = Annotated[
    str,
    Field(
        pattern=r"^(key|secret|sid|timestamp|nonce|method|path|query|body|body_digest|body_md5"
        r"|sorted_parameters"
        r"|body\.\w+|=.*)$"
    ),
]
FORM = "application/x-www-form-urlencoded"
X_CA = "x-ca"
JSON_TYPE = "application/json"


class SignedNames(Options):
    """Names of the signature and its companions; an empty name is not sent."""

    key: str = Field(
        default="", description="Name of who we are (the connection's user); empty: not sent"
    )
    signature: str = Field(default="sign", description="Name of the signature")
    timestamp: str = Field(default="", description="Name of the time of signing; empty: not sent")
    nonce: str = Field(default="", description="Name of a random text used once; empty: not sent")

    @property
    def named(self) -> tuple[str, ...]:
        """The names that are sent."""
        every = (self.key, self.signature, self.timestamp, self.nonce)
        return tuple(name for name in every if name)


class Sorted(Options):
    """How sorted parameters are joined to be signed."""

    pair: str = Field(default="=", description="What stands between name and value")
    between: str = Field(default="&", description="What stands between two parameters")
    blanks: bool = Field(default=False, description="Parameters without a value are signed too")


class Signature(Options):
    """Every call is signed: a digest over declared parts of it, with the connection's secret."""

    kind: Literal["signature"]
    style: Literal["parts", "x-ca"] = Field(
        default="parts",
        description="x-ca: as API gateways with headers X-Ca-Key, X-Ca-Signature want it; "
        "`parts`, `digest` and the "
        "names of headers do not matter then",
    )
    headers: SignedNames = Field(
        default=SignedNames(), description="Names under which the signature travels"
    )
    in_: Literal["headers", "query", "body"] = Field(
        default="headers",
        alias="in",
        description="Where these names are: headers, the query, or fields of the body",
    )
    constants: dict[str, str] = Field(
        default_factory=dict,
        description="Further names and their fixed values beside the signature; {user}, {secret} "
        "and {sid} stand for "
        "the connection's and the resource's",
    )
    parts: tuple[Part, ...] = Field(
        default=(),
        description="What is signed, in order: key, secret, sid (of the resource), timestamp, "
        "nonce, method, path, "
        "query, body, body_digest (hex), body_md5 (base64), sorted_parameters, body.FIELD for "
        "one field of a JSON "
        "body, or =TEXT for a fixed text",
    )
    joined: str = Field(default="\n", description="What stands between the parts")
    sorted: Sorted = Field(default=Sorted(), description="How sorted_parameters are written")
    digest: Literal[
        "md5", "sha1", "sha256", "sm3", "hmac-md5", "hmac-sha1", "hmac-sha256", "hmac-sm3"
    ] = Field(
        default="sha256",
        description="Hash function. The secret is the key of an HMAC, unless it is itself among "
        "the parts: then the "
        "parts are hashed as they are",
    )
    encoding: Literal["hex", "base64"] = Field(
        default="hex", description="How the signature is written"
    )
    case: Literal["lower", "upper"] = Field(
        default="lower", description="How the letters of hex are written"
    )
    timestamp: str = Field(
        default="seconds",
        description="Unit of the timestamp: seconds, milliseconds, or a strftime format",
    )
    zone: str = Field(default="Asia/Shanghai", description="Time zone of a timestamp by a format")
    why: str = Field(default="", description="Why a weak digest is used; md5 is refused without it")

    @model_validator(mode="after")
    def _refuse(self) -> "Signature":
        if self.digest.endswith("md5") and not self.why.strip():
            raise ContradictionError(
                zh="md5 较弱：请在 why 中写明谁要求使用",
                en="md5 is weak: say in `why` who wants it",
            )
        if self.style != X_CA and not self.parts:
            raise ContradictionError(
                zh="没有 parts：签名什么也没有签", en="without `parts` nothing is signed"
            )
        return self

    @property
    def hashes_secret(self) -> bool:
        """Whether the secret is among the hashed parts: then no HMAC is used."""
        return not self.digest.startswith("hmac-") and any(
            part == "secret" or (part.startswith("=") and "{secret}" in part) for part in self.parts
        )

    @property
    def wants_sid(self) -> bool:
        """Whether each resource needs a sid."""
        return "sid" in self.parts or any(
            "{sid}" in text for text in (*self.constants.values(), *self.parts)
        )


class Signer:
    """Signs a prepared request."""

    def __init__(self, options: Signature, connection: Connection) -> None:
        self._options = options
        self._connection = connection

    @property
    def names(self) -> set[str]:
        """Query parameters of ours, which must not come back in a partner's link."""
        options = self._options
        named = options.headers
        ours = {named.key, named.signature, named.timestamp, named.nonce, *options.constants} - {""}
        return ours if options.in_ == "query" else set()

    def __call__(self, request: PreparedRequest, *, sid: str) -> PreparedRequest:
        if self._options.wants_sid and not sid:
            detail = "auth signs `sid`, and the resource has none"
            raise FlowError("system.not_configured", system=self._connection.system, detail=detail)
        if self._options.style == X_CA:
            return self._x_ca(request)
        options, names = self._options, self._options.headers
        values = values_of(self._connection, sid=sid)
        known = self._known(self._stamp(), secrets.token_hex(16), sid=sid)
        sent = {
            getattr(names, what): known[what]
            for what in ("key", "timestamp", "nonce")
            if getattr(names, what)
        }
        sent |= {name: filled(text, values) for name, text in options.constants.items()}
        _carry(request, options.in_, sent)
        _carry(request, options.in_, {names.signature: self._over(request, known, values)})
        return request

    def proves(self, request: PreparedRequest) -> tuple[bool, str, str]:
        """Whether a call carries this signature, with its timestamp and nonce ("" without).

        The mirror of signing: the same parts are put together of the call as it came.
        """
        if self._options.style == X_CA:
            return self._proves_x_ca(request)
        names = self._options.headers
        if self._options.in_ == "query":
            carried = dict(parse_qsl(urlsplit(request.url or "").query, keep_blank_values=True))
            without_them(request, {names.signature})
        else:
            carried = {name: str(request.headers.get(name, "")) for name in names.named}
        stamp, nonce = carried.get(names.timestamp, ""), carried.get(names.nonce, "")
        known = self._known(stamp, nonce, sid="")
        try:
            wanted = self._over(request, known, values_of(self._connection))
        except UnicodeDecodeError:  # the body is in another charset than one can sign as text
            return False, "", ""
        said = carried.get(names.signature, "")
        same = _alike(said, wanted, folded=self._options.encoding == "hex")
        who = not names.key or _alike(carried.get(names.key, ""), self._connection.user)
        there = bool(stamp or not names.timestamp) and bool(nonce or not names.nonce)
        return same and who and there, stamp, nonce

    def moment(self, stamp: str) -> datetime | None:
        """The time that a timestamp of a call says; None where it says none."""
        unit = "milliseconds" if self._options.style == X_CA else self._options.timestamp
        try:
            if unit in {"seconds", "milliseconds"}:
                if not (stamp.isascii() and stamp.isdecimal()):
                    return None
                return datetime.fromtimestamp(
                    int(stamp) / (1000 if unit == "milliseconds" else 1), UTC
                )
            return datetime.strptime(stamp, unit).replace(tzinfo=ZoneInfo(self._options.zone))
        except (ValueError, OverflowError, OSError):
            return None

    def _known(self, stamp: str, nonce: str, *, sid: str) -> dict[str, str]:
        who = {"key": self._connection.user, "secret": self._connection.secret}
        return {**who, "timestamp": stamp, "nonce": nonce, "sid": sid}

    def _over(
        self, request: PreparedRequest, known: Mapping[str, str], values: Mapping[str, str]
    ) -> str:
        """The signature over the declared parts of a request."""
        texts = [self._part(name, request, known, values) for name in self._options.parts]
        return self._sealed(self._options.joined.join(texts))

    def _stamp(self) -> str:
        now = datetime.now(UTC)
        match self._options.timestamp:
            case "milliseconds":
                return str(int(now.timestamp() * 1000))
            case "seconds":
                return str(int(now.timestamp()))
            case written:
                return now.astimezone(ZoneInfo(self._options.zone)).strftime(written)

    def _sealed(self, text: str) -> str:
        options = self._options
        name = options.digest.removeprefix("hmac-")
        try:
            if options.hashes_secret:
                seal = hashlib.new(name, text.encode(), usedforsecurity=False).digest()
            else:
                seal = hmac.new(self._connection.secret.encode(), text.encode(), name).digest()
        except ValueError:
            detail = f"{name}: not among the digests of this machine's OpenSSL"
            raise FlowError(
                "system.not_configured", system=self._connection.system, detail=detail
            ) from None
        if options.encoding == "base64":
            return base64.b64encode(seal).decode()
        return seal.hex().upper() if options.case == "upper" else seal.hex()

    def _part(
        self,
        name: str,
        request: PreparedRequest,
        known: Mapping[str, str],
        values: Mapping[str, str],
    ) -> str:
        """One part of what is signed."""
        if name.startswith("="):
            return filled(name[1:], values)
        if name == "sorted_parameters":
            return self._sorted(request)
        content, url = _body(request), urlsplit(request.url or "")
        parts = {**known, "method": request.method or "", "path": url.path, "query": url.query}
        if name in parts:
            return parts[name]
        if name == "body_digest":
            return hashlib.new(self._options.digest.removeprefix("hmac-"), content).hexdigest()
        if name in {"body", "body_md5"}:
            return content.decode() if name == "body" else _md5(content)
        field = name.removeprefix("body.")
        return as_text(pick(exact.read_loosely(content), field)) if content[:1] == b"{" else ""

    def _sorted(self, request: PreparedRequest) -> str:
        how = self._options.sorted
        found = sorted(_parameters(request))
        return how.between.join(
            f"{name}{how.pair}{value}" for name, value in found if value or how.blanks
        )

    def _x_ca(self, request: PreparedRequest) -> PreparedRequest:
        """X-Ca: method, Accept, Content-MD5, Content-Type, Date, signed headers, path, query."""
        headers, content = request.headers, _body(request)
        form = str(headers.get("Content-Type", "")).startswith(FORM)
        headers["Accept"] = JSON_TYPE
        headers["Date"] = format_datetime(datetime.now(UTC), usegmt=True)
        if content and not form:
            headers["Content-MD5"] = _md5(content)
        signed = {
            **{
                name.lower(): filled(text, values_of(self._connection))
                for name, text in self._options.constants.items()
            },
            "x-ca-key": self._connection.user,
            "x-ca-nonce": secrets.token_hex(16),
            "x-ca-timestamp": str(int(datetime.now(UTC).timestamp() * 1000)),
        }
        seal = self._x_ca_over(request, signed)
        headers.update(signed)
        headers["x-ca-signature-headers"] = ",".join(sorted(signed))
        headers["x-ca-signature"] = seal
        return request

    def _x_ca_over(self, request: PreparedRequest, signed: Mapping[str, str]) -> str:
        """The X-Ca signature over a request and these headers."""
        headers, url = request.headers, urlsplit(request.url or "")
        pairs = dict(
            reversed(parse_qsl(url.query, keep_blank_values=True))
        )  # the first of several values counts
        if str(headers.get("Content-Type", "")).startswith(FORM):
            pairs |= dict(parse_qsl(_body(request).decode(), keep_blank_values=True))
        query = "&".join(
            f"{name}={value}" if value else name for name, value in sorted(pairs.items())
        )
        lines = [
            *(
                str(headers.get(name, ""))
                for name in ("Accept", "Content-MD5", "Content-Type", "Date")
            ),
            *(f"{name}:{signed[name]}" for name in sorted(signed)),
            unquote(url.path) + (f"?{query}" if query else ""),
        ]
        text = "\n".join([request.method or "", *lines])
        seal = hmac.new(self._connection.secret.encode(), text.encode(), "sha256").digest()
        return base64.b64encode(seal).decode()

    def _proves_x_ca(self, request: PreparedRequest) -> tuple[bool, str, str]:
        """As `proves`. Key, time and nonce must be signed, and the body's digest be the body's."""
        headers, content = request.headers, _body(request)
        names = str(headers.get("x-ca-signature-headers", "")).lower().split(",")
        named = sorted({name.strip() for name in names if name.strip()})
        signed = {name: str(headers.get(name, "")) for name in named}
        if not {"x-ca-key", "x-ca-nonce", "x-ca-timestamp"} <= set(signed):
            return False, "", ""
        form = str(headers.get("Content-Type", "")).startswith(FORM)
        whole = not content or form or str(headers.get("Content-MD5", "")) == _md5(content)
        said = str(headers.get("x-ca-signature", ""))
        same = _alike(said, self._x_ca_over(request, signed))
        who = _alike(signed["x-ca-key"], self._connection.user)
        nonce, stamp = signed["x-ca-nonce"], signed["x-ca-timestamp"]
        return same and who and whole and bool(nonce and stamp), stamp, nonce


def _carry(request: PreparedRequest, where: str, sent: Mapping[str, str]) -> None:
    """Add these to headers, query or body; a call without a body gets the latter in its query."""
    if where == "headers":
        request.headers.update(sent)
    elif where == "body" and _body(request)[:1] == b"{":
        document = exact.read_loosely(_body(request))
        request.body = exact.write({**document, **sent} if isinstance(document, dict) else document)
    else:
        with_them(request, sent)


def _alike(said: str, wanted: str, *, folded: bool = False) -> bool:
    """Whether two texts are equal, in a time that does not tell where they differ."""
    pair = (said.lower(), wanted.lower()) if folded else (said, wanted)
    return hmac.compare_digest(pair[0].encode(errors="replace"), pair[1].encode())


def without_them(request: PreparedRequest, names: set[str]) -> None:
    """Take query parameters out of a request."""
    url = urlsplit(request.url or "")
    kept = [
        pair
        for pair in url.query.split("&")
        if pair and unquote(pair.partition("=")[0]) not in names
    ]
    request.url = url._replace(query="&".join(kept)).geturl()


def with_them(request: PreparedRequest, parameters: Mapping[str, str]) -> None:
    """Set query parameters of a request."""
    without_them(request, set(parameters))
    url = urlsplit(request.url or "")
    kept = [url.query] if url.query else []
    request.url = url._replace(
        query="&".join([*kept, urlencode(parameters, quote_via=quote)])
    ).geturl()


def _parameters(request: PreparedRequest) -> Iterator[tuple[str, str]]:
    """All parameters: of the query, a form, or a JSON body's fields."""
    yield from parse_qsl(urlsplit(request.url or "").query, keep_blank_values=True)
    content = _body(request)
    if str(request.headers.get("Content-Type", "")).startswith(FORM):
        yield from parse_qsl(content.decode(), keep_blank_values=True)
    elif content[:1] == b"{":
        document: Json = exact.read_loosely(content)
        for name, value in document.items() if isinstance(document, dict) else ():
            yield (
                name,
                exact.write(value).decode() if isinstance(value, dict | list) else _plain(value),
            )


def _plain(value: Json) -> str:
    return str(value).lower() if isinstance(value, bool) else as_text(value)


def _body(request: PreparedRequest) -> bytes:
    body = request.body or b""
    return body.encode() if isinstance(body, str) else bytes(body)


def _md5(content: bytes) -> str:
    return base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()
