"""Who we are, over HTTP: the kinds of proof that partners ask for with every call."""

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, JsonValue
from requests import PreparedRequest, Request
from requests.auth import AuthBase, HTTPBasicAuth

from connectors.answers import pick, said
from connectors.options import Options
from hub.errors import FlowError
from hub.model import Connection, Json, Number

Part = Annotated[str, Field(pattern=r"^(key|timestamp|nonce|method|path|query|body|body_digest|body\.\w+)$")]


class SignedHeaders(Options):
    """Names of the headers; an empty name is not sent."""

    key: str = Field(description="Header of who we are (the connection's user)")
    signature: str = Field(description="Header of the signature")
    timestamp: str = Field(default="", description="Header of the time of signing; empty: not sent")
    nonce: str = Field(default="", description="Header of a random text used once; empty: not sent")


class Signature(Options):
    """Every call is signed: HMAC over declared parts of it, with the connection's secret."""

    kind: Literal["signature"]
    headers: SignedHeaders = Field(description="Names of the headers that carry the signature")
    parts: tuple[Part, ...] = Field(
        description="What is signed, in order: key, timestamp, nonce, method, path, query, body, body_digest (hex), or "
        "body.FIELD for one field of a JSON body"
    )
    joined: str = Field(default="\n", description="What stands between the parts")
    digest: Literal["sha256", "sm3"] = Field(default="sha256", description="Hash function")
    encoding: Literal["hex", "base64"] = Field(default="hex", description="How the signature is written")
    timestamp: Literal["seconds", "milliseconds"] = Field(default="seconds", description="Unit of the timestamp")


class Token(Options):
    """A token is fetched with the connection's user and secret; it is fetched anew when it has expired."""

    kind: Literal["token"]
    resource: str = Field(description="Where to POST for a token, below the connection's path")
    user: str = Field(description="Field of that request that takes the connection's user")
    secret: str = Field(description="Field of that request that takes the connection's secret")
    fields: dict[str, JsonValue] = Field(default_factory=dict, description="Further fields of that request")
    form: bool = Field(default=False, description="Send a form instead of JSON")
    token: str = Field(description="Path of the token in the answer")
    expires: str = Field(
        default="", description="Path of its life in seconds; empty: it lasts until the partner refuses it"
    )
    header: str = Field(default="Authorization", description="Header that carries it")
    prefix: str = Field(default="Bearer ", description="What stands before the token in that header")


class Basic(Options):
    """HTTP basic authentication with the connection's user and secret."""

    kind: Literal["basic"]


class Nobody(Options):
    """No proof is asked for."""

    kind: Literal["none"]


Auth = Annotated[Signature | Token | Basic | Nobody, Field(discriminator="kind")]
Ask = Callable[[Request], Json]


class Signer(AuthBase):
    """Signs a request when it is about to go out."""

    def __init__(self, options: Signature, connection: Connection) -> None:
        self._options = options
        self._connection = connection

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        options = self._options
        now = time.time()
        stamp = str(int(now * 1000) if options.timestamp == "milliseconds" else int(now))
        nonce = secrets.token_hex(16)
        known = {"key": self._connection.user, "timestamp": stamp, "nonce": nonce}
        text = options.joined.join(self._part(name, request, known) for name in options.parts)
        seal = hmac.new(self._connection.secret.encode(), text.encode(), options.digest).digest()
        written = seal.hex() if options.encoding == "hex" else base64.b64encode(seal).decode()
        sent = {**known, "signature": written}
        for what, header in options.headers:
            if header:
                request.headers[header] = sent[what]
        return request

    def _part(self, name: str, request: PreparedRequest, known: Mapping[str, str]) -> str:
        """Give one part of what is signed."""
        body = request.body or b""
        content = body.encode() if isinstance(body, str) else body
        url = urlsplit(request.url or "")
        parts = {**known, "method": request.method or "", "path": url.path, "query": url.query}
        if name in parts:
            return parts[name]
        if name == "body_digest":
            return hashlib.new(self._options.digest, content).hexdigest()
        if name == "body":
            return content.decode()
        return said(pick(json.loads(content or b"{}"), name.removeprefix("body.")))


class Bearer(AuthBase):
    """Carries a token, fetching it through `ask` when there is none or its life is over."""

    def __init__(self, options: Token, connection: Connection, *, url: str, ask: Ask) -> None:
        self._options = options
        self._connection = connection
        self._url = url
        self._ask = ask
        self._token = ""
        self._good_until = float("inf")

    def forget(self) -> bool:
        """Drop the token, which the partner does not know any more; say whether there was one."""
        had = bool(self._token)
        self._token = ""
        return had

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        if not self._token or time.monotonic() > self._good_until:
            self._fetch()
        request.headers[self._options.header] = self._options.prefix + self._token
        return request

    def _fetch(self) -> None:
        options, connection = self._options, self._connection
        fields = {**options.fields, options.user: connection.user, options.secret: connection.secret}
        content = {"data" if options.form else "json": fields}
        answer = self._ask(Request("POST", self._url, **content))
        self._token = said(pick(answer, options.token))
        if not self._token:
            raise FlowError("system.credentials", system=connection.system, status="no token")
        life = pick(answer, options.expires) if options.expires else None
        if isinstance(life, Number):
            life = float(life.text)
        self._good_until = time.monotonic() + float(life) - 5 if isinstance(life, int | float) else float("inf")


def proof(options: Auth, connection: Connection, *, base: str, ask: Ask) -> AuthBase | None:
    """Give what proves who we are, for requests to carry."""
    match options:
        case Signature():
            return Signer(options, connection)
        case Token():
            return Bearer(options, connection, url=f"{base}/{options.resource}", ask=ask)
        case Basic():
            return HTTPBasicAuth(connection.user.encode(), connection.secret.encode())
        case Nobody():
            return None
