"""Authentication over HTTP: token, basic, fixed headers, signature."""

import base64
import hmac
import time
from collections.abc import Callable, Mapping
from typing import Annotated, Literal, Protocol
from urllib.parse import parse_qsl, urlsplit

from pydantic import Field, JsonValue
from requests import PreparedRequest, Request

from connectors.ciphers import filled, values_of
from connectors.options import Options
from connectors.signatures import Signature, Signer, with_them
from connectors.verdicts import Code, as_text, pick
from connectors.web import LostAnswerError, RefusedError
from hub.errors import FlowError
from hub.model import Connection, Json, Number


class Success(Options):
    """The partner's own result code, beside the HTTP status."""

    path: str = Field(description="Path of the code")
    ok: tuple[Code, ...] = Field(
        description="Codes that mean: it worked; every other one is an error"
    )
    text: str = Field(default="", description="Path of the words beside the code")
    denied: tuple[Code, ...] = Field(default=(), description="Codes that refuse who we are")
    retry: tuple[Code, ...] = Field(default=(), description="Codes that mean: try again later")

    def check(self, document: Json, *, system: str) -> None:
        """Raise the error that the code stands for, unless it is success."""
        code = as_text(pick(document, self.path))
        if code in map(str, self.ok):
            return
        if code in map(str, self.denied):
            raise FlowError("system.credentials", system=system, status=code)
        if code in map(str, self.retry):
            raise LostAnswerError("system.busy", system=system, status=code)
        text = as_text(pick(document, self.text)) if self.text else ""
        raise RefusedError(said=code, text=text, system=system, status=code, detail=self.path)


class DeniedIn(Options):
    """Where an answer of HTTP 200 says that the token is no longer valid."""

    path: str = Field(description="Path of the code")
    codes: tuple[Code, ...] = Field(description="Codes that say so, e.g. 401")


class Token(Options):
    """A token is fetched with the connection's user and secret; it is fetched anew when it has
    expired.
    """

    kind: Literal["token"]
    resource: str = Field(description="Where to ask for a token, below the connection's path")
    method: Literal["POST", "GET"] = Field(
        default="POST", description="GET puts the fields into the query"
    )
    user: str = Field(
        default="", description="Field of that request that takes the connection's user"
    )
    secret: str = Field(
        default="", description="Field of that request that takes the connection's secret"
    )
    fields: dict[str, JsonValue] = Field(
        default_factory=dict, description="Further fields of that request"
    )
    form: bool = Field(default=False, description="Send a form instead of JSON")
    basic: bool = Field(
        default=False, description="User and secret go as HTTP basic authentication of that request"
    )
    success: Success | None = Field(
        default=None,
        description="Where the answer that holds the token says whether it worked; `success` of "
        "the "
        "system is for other answers",
    )
    token: str = Field(description="Path of the token in the answer")
    expires: str = Field(
        default="",
        description="Path of its life in seconds; empty: it lasts until the partner refuses it",
    )
    header: str = Field(default="Authorization", description="Header that carries it")
    prefix: str = Field(
        default="Bearer ", description="What stands before the token in that header"
    )
    query: str = Field(
        default="", description="Parameter of the query that carries it instead of a header"
    )
    denied_in: DeniedIn | None = Field(
        default=None,
        description=(
            "Where an answer of HTTP 200 says that the token is known no more; it is renewed once"
        ),
    )


class Basic(Options):
    """HTTP basic authentication with the connection's user and secret."""

    kind: Literal["basic"]


class FixedHeaders(Options):
    """The same headers or query parameters with every call, such as an API key."""

    kind: Literal["headers"]
    headers: dict[str, str] = Field(
        default_factory=dict,
        description='Headers and their values, e.g. X-Api-Key: "{secret}"; {user} likewise',
    )
    query: dict[str, str] = Field(
        default_factory=dict,
        description='Query parameters and their values, e.g. key: "{secret}"; {user} likewise',
    )


class Nobody(Options):
    """No proof is asked for."""

    kind: Literal["none"]


Auth = Annotated[Signature | Token | Basic | FixedHeaders | Nobody, Field(discriminator="kind")]
Ask = Callable[[Request], Json]


class Proof(Protocol):
    """Authenticates requests. names: query parameters that it sets."""

    @property
    def names(self) -> set[str]:
        """Query parameters of ours, which must not come back in a partner's link."""

    def __call__(self, request: PreparedRequest, *, sid: str) -> PreparedRequest:
        """Add the credentials for the resource of this sid to a request."""


class Bearer:
    """Sends a token, fetched by `ask` when there is none or it has expired."""

    def __init__(self, options: Token, connection: Connection, *, url: str, ask: Ask) -> None:
        self._options = options
        self._connection = connection
        self._url = url
        self._ask = ask
        self._token = ""
        self._good_until = float("inf")

    @property
    def names(self) -> set[str]:
        return {self._options.query} - {""}

    @property
    def secrets(self) -> tuple[str, ...]:
        """Values that must not show up in any text of ours."""
        return (self._token,)

    def refuses(self, document: Json) -> bool:
        """Whether an answer says that the token is no longer valid."""
        where = self._options.denied_in
        return where is not None and as_text(pick(document, where.path)) in map(str, where.codes)

    def forget(self) -> bool:
        """Drop the token; whether there was one."""
        had = bool(self._token)
        self._token = ""
        return had

    # of every resource
    def __call__(self, request: PreparedRequest, *, sid: str) -> PreparedRequest:  # noqa: ARG002
        if not self._token or time.monotonic() > self._good_until:
            self._fetch()
        if self._options.query:
            with_them(request, {self._options.query: self._token})
        else:
            request.headers[self._options.header] = self._options.prefix + self._token
        return request

    def _fetch(self) -> None:
        answer = self._ask(self._request())
        options, system = self._options, self._connection.system
        if options.success:
            options.success.check(answer, system=system)
        self._token = as_text(pick(answer, options.token))
        if not self._token:
            raise FlowError("system.credentials", system=system, status="no token")
        life = pick(answer, options.expires) if options.expires else None
        seconds = float(life.text) if isinstance(life, Number) else _seconds(life)
        self._good_until = time.monotonic() + seconds - 5

    def _request(self) -> Request:
        options, connection = self._options, self._connection
        own = {options.user: connection.user, options.secret: connection.secret}
        fields = {**options.fields, **{name: value for name, value in own.items() if name}}
        request = Request(options.method, self._url)
        if options.basic:
            request.headers["Authorization"] = _basic(connection)
        if options.method == "GET":
            request.params = fields
        elif options.form:
            request.data = fields
        else:
            request.json = fields
        return request


class Constant:
    """Adds the same headers and query parameters to every request."""

    def __init__(
        self, connection: Connection, headers: Mapping[str, str], query: Mapping[str, str]
    ) -> None:
        self._connection = connection
        self._headers = headers
        self._query = query

    @property
    def names(self) -> set[str]:
        return set(self._query)

    def __call__(self, request: PreparedRequest, *, sid: str) -> PreparedRequest:
        values = values_of(self._connection, sid=sid)
        request.headers.update({name: filled(text, values) for name, text in self._headers.items()})
        if self._query:
            with_them(request, {name: filled(text, values) for name, text in self._query.items()})
        return request


def proof(options: Auth, connection: Connection, *, base: str, ask: Ask) -> Proof | None:
    """The authentication by these options; None where there is none."""
    match options:
        case Signature():
            return Signer(options, connection)
        case Token():
            return Bearer(options, connection, url=f"{base}/{options.resource}", ask=ask)
        case Basic():
            return Constant(connection, {"Authorization": _basic(connection)}, {})
        case FixedHeaders():
            return Constant(connection, options.headers, options.query)
        case Nobody():
            return None


def proven(options: Basic | FixedHeaders, connection: Connection, call: PreparedRequest) -> bool:
    """Whether a call that came in carries what such a call of ours would carry."""
    ours = PreparedRequest()
    ours.prepare_headers({})
    ours.url = "http://hub/"
    adding = proof(options, connection, base="", ask=lambda _request: None)
    if adding is None:
        return False
    adding(ours, sid="")
    carried = dict(parse_qsl(urlsplit(call.url or "").query, keep_blank_values=True))
    wanted = parse_qsl(urlsplit(ours.url).query, keep_blank_values=True)
    pairs = [(str(call.headers.get(name, "")), str(value)) for name, value in ours.headers.items()]
    pairs += [(carried.get(name, ""), value) for name, value in wanted]
    alike = [
        hmac.compare_digest(said.encode(errors="replace"), value.encode()) for said, value in pairs
    ]
    return bool(alike) and all(alike)


def _basic(connection: Connection) -> str:
    pair = f"{connection.user}:{connection.secret}".encode()
    return f"Basic {base64.b64encode(pair).decode()}"


def _seconds(life: Json) -> float:
    """A lifetime in seconds, as number or digits; anything else is infinite."""
    if isinstance(life, str) and life.strip().isdecimal():
        return float(life)
    return (
        float(life)
        if isinstance(life, int | float) and not isinstance(life, bool)
        else float("inf")
    )
