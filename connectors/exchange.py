"""One call to a JSON over HTTP partner: address, authentication, envelope, result codes."""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal, TypeVar, cast
from urllib.parse import SplitResult, parse_qsl, urlencode, urljoin, urlsplit

from pydantic import Field, JsonValue, ValidationError, ValidationInfo, model_validator
from requests import Request, Response

from connectors import slices
from connectors.canonical import canonical
from connectors.charset import in_utf8
from connectors.ciphers import Sm4, filled, values_of
from connectors.identity import Auth, Bearer, Success, proof
from connectors.options import ContradictionError, Options, read_options
from connectors.signatures import Signature
from connectors.verdicts import pick
from connectors.web import (
    RefusedError,
    Web,
    WebOptions,
    WebPageError,
    address,
    as_text,
    check_status,
    unreadable,
)
from hub import exact
from hub.errors import FlowError
from hub.model import Connection, Json

PORTS = {"http": 80, "https": 443}
T = TypeVar("T")


class Envelope(Options):
    """How the body of a POST is wrapped."""

    fields: dict[str, JsonValue] = Field(
        default_factory=dict, description="Fixed fields around the content"
    )
    content: str = Field(
        default="", description="Field that holds the content; empty: the content is the body"
    )
    base64: bool = Field(default=False, description="The content is written as base64 of its JSON")
    cipher: Literal["none", "sm4-cbc"] = Field(
        default="none",
        description="The content is enciphered, and so is that of answers at `base64`",
    )
    key: str = Field(
        default="{secret}",
        description="Key of the cipher: 16 signs or 32 hexadecimal digits; {NAME} stands for an "
        "option of the "
        "connection, {secret} for its secret",
    )
    start: str = Field(
        default="",
        description=(
            "Initial vector, likewise; empty: a random one stands before each enciphered text"
        ),
    )


class Resource(Options):
    """One address of the partner's."""

    resource: str = Field(
        description="Address below the connection's path, without a slash before it"
    )
    method: Literal["GET", "POST"] = Field(
        default="GET", description="POST sends the parameters as content"
    )
    send: Literal["auto", "query", "content", "form"] = Field(
        default="auto",
        description="How parameters are sent: in the query, as JSON content (also of a GET), or "
        "as a form; auto: in "
        "the query of a GET, as content of a POST",
    )
    parameters: dict[str, JsonValue] = Field(default_factory=dict, description="Fixed parameters")
    sid: str = Field(
        default="", description="Number of this resource at a gateway, for {sid} and the signature"
    )


class RestSystem(WebOptions):
    """REST: how this partner is called."""

    auth: Auth = Field(description="Proof of who we are")
    ping: Resource = Field(description="A cheap call that needs the credentials")
    query: dict[str, str] = Field(
        default_factory=dict, description="Query parameters of every call"
    )
    headers: dict[str, str] = Field(
        default_factory=dict,
        description="Fixed headers of every call, e.g. a tenant's number; no secrets",
    )
    envelope: Envelope = Field(default=Envelope(), description="Wrapping of what is POSTed")
    success: Success | None = Field(
        default=None, description="Where the answer says whether it worked"
    )
    base64: str = Field(
        default="", description="Path of the answer's content where that is base64 of JSON"
    )
    embedded_json: str | tuple[str, ...] = Field(
        default="",
        description="Path of the answer's content where that is a text that holds JSON, e.g. data; "
        "of several layers a list, the outer first, e.g. [data, data.body]",
    )
    encoding: str = Field(
        default="",
        description=(
            "Charset of answers whose Content-Type says none, or one that they do not keep to, "
            "e.g. gbk"
        ),
    )

    @model_validator(mode="after")
    def _signed(self) -> "RestSystem":
        if isinstance(self.auth, Signature) and self.auth.wants_sid and not self.ping.sid:
            raise _without_sid()
        return self


def refuse_unsigned(sid: str, info: ValidationInfo) -> None:
    """Raise ContradictionError for a resource without the sid that its signature needs."""
    around = info.context.get("connect") if isinstance(info.context, dict) else None
    recipe = around.get("auth") if isinstance(around, dict) else None
    if not sid and isinstance(recipe, dict) and recipe.get("kind") == "signature":
        try:
            wanted = Signature.model_validate(recipe).wants_sid
        except ValidationError:
            return  # reported at its own place
        if wanted:
            raise _without_sid()


def _without_sid() -> ContradictionError:
    return ContradictionError(
        zh="签名方案包含 sid，而这个资源没有写 sid",
        en="the recipe of the signature has sid, and this resource says none",
    )


@dataclass(frozen=True)
class AnswerContent:
    """The content of an answer.

    records: items of the list as bytes, where they could be cut out. link: next page by the HTTP
    header Link. url: the address asked.
    """

    document: Json
    records: list[bytes] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    link: str = ""
    url: str = ""


class EmptyAnswerError(FlowError):
    """An answer without a body."""

    default = "system.answer_unreadable"


class Exchange:
    """Calls to one partner."""

    def __init__(self, connection: Connection, connect: Mapping[str, Json]) -> None:
        self.system = connection.system
        self.options = read_options(RestSystem, connect, system=self.system)
        self.base = address(connection)
        self.web = Web(self.system, self.options)
        self._connection = connection
        self._proof = proof(self.options.auth, connection, base=self.base, ask=self._token_answer)

    def ask(
        self, resource: Resource, parameters: Mapping[str, Json], *, records: str | None = None
    ) -> AnswerContent:
        """Call a resource with its fixed parameters and these; None removes one."""
        together: dict[str, Json] = {**cast("dict[str, Json]", resource.parameters), **parameters}
        asked: dict[str, Json] = {
            name: value for name, value in together.items() if value is not None
        }
        url = f"{self.base}/{resource.resource}"
        way = resource.send
        if way == "auto":
            way = "query" if resource.method == "GET" else "content"
        if way == "query":
            request = Request(resource.method, url, params=self._query(as_text(asked)))
        elif way == "form":
            request = Request(resource.method, url, params=self._query({}), data=as_text(asked))
        else:
            request = Request(
                resource.method, url, params=self._query({}), json=self.wrapped(asked, {})
            )
        return self.send(request, sid=resource.sid, records=records)

    def follow(self, link: str, resource: Resource, *, records: str) -> AnswerContent:
        """Call the address that the partner gave for the next page, on the same host."""
        url = urljoin(self.base, self.near(link, f"{self.base}/{resource.resource}"))
        had = {name for name, _ in parse_qsl(urlsplit(url).query, keep_blank_values=True)}
        more = {name: value for name, value in self.options.query.items() if name not in had}
        return self.send(
            Request(resource.method, url, params=more), sid=resource.sid, records=records
        )

    def near(self, link: str, asked: str) -> str:
        """A partner's link as path and query, without our credentials.

        Raises FlowError for another host or port, and for http after https.
        """
        try:
            whole = urlsplit(urljoin(asked, link))
            same = _origin_of(whole) == _origin_of(urlsplit(self.base))
        except ValueError:
            raise FlowError(
                "system.foreign_link", system=self.system, place="(unreadable)"
            ) from None
        if not same:
            raise FlowError(
                "system.foreign_link",
                system=self.system,
                place=f"{whole.scheme}://{whole.hostname or ''}",
            )
        ours = self._proof.names if self._proof else set()
        pairs = [
            pair for pair in parse_qsl(whole.query, keep_blank_values=True) if pair[0] not in ours
        ]
        return SplitResult(
            "", "", whole.path, urlencode(pairs) if ours else whole.query, ""
        ).geturl()

    def _query(self, more: Mapping[str, list[str]]) -> dict[str, str | list[str]]:
        return {**self.options.query, **more}

    def write(
        self,
        method: str,
        resource: str,
        content: Json,
        *,
        fields: Mapping[str, Json],
        sid: str,
        read: bool,
    ) -> AnswerContent:
        """Send content; read: the answer has more to say than its HTTP status."""
        request = Request(method, f"{self.base}/{resource}", params=self._query({}))
        if content is not None:
            request.json = self.wrapped(content, fields)
        return self.send(request, sid=sid, read=read)

    def wrapped(self, content: Json, fields: Mapping[str, Json]) -> Json:
        """Content in the partner's envelope."""
        envelope = self.options.envelope
        around = {**cast("dict[str, Json]", envelope.fields), **fields}
        if cipher := self._cipher():
            content = cipher.enciphered(canonical(content))
        elif envelope.base64:
            content = base64.b64encode(canonical(content)).decode()
        if envelope.content:
            return {**around, envelope.content: content}
        return {**around, **content} if isinstance(content, dict) else content

    def _cipher(self) -> Sm4 | None:
        envelope = self.options.envelope
        if envelope.cipher == "none":
            return None
        values = values_of(self._connection)
        return Sm4(filled(envelope.key, values), filled(envelope.start, values), system=self.system)

    def send(
        self, request: Request, *, sid: str = "", records: str | None = None, read: bool = True
    ) -> AnswerContent:
        """Call once, and once more with a fresh token where the partner rejects ours."""
        return self._tried(
            request, sid, lambda: self._content(self.web.call(request), records, read=read)
        )

    def fetched(self, url: str, parameters: Mapping[str, Json], *, sid: str, most: int) -> Response:
        """Get a file; its answer has a good status, and at most so many bytes."""
        request = Request("GET", url, params=self._query(as_text(parameters)))

        def got() -> Response:
            response = self.web.call(request, most=most)
            self._check_status(response)
            if self._denied_in(response.content):
                raise FlowError("system.credentials", system=self.system, status="denied_in")
            return response

        return self._tried(request, sid, got)

    def _denied_in(self, content: bytes) -> bool:
        """Whether a file's answer is the partner's word that our token has expired."""
        if not (isinstance(self._proof, Bearer) and content[:1] == b"{"):
            return False
        try:
            return self._proof.refuses(exact.read_loosely(content))
        except ValueError:
            return False

    def _tried(self, request: Request, sid: str, call: Callable[[], T]) -> T:
        request.headers = {**self.options.headers, **(request.headers or {})}
        if self._proof is not None:
            request.auth = partial(self._proof, sid=sid)
        try:
            return call()
        except FlowError as error:
            if error.code != "system.credentials" or not (
                isinstance(self._proof, Bearer) and self._proof.forget()
            ):
                raise self._kept(error) from None
        try:
            return call()
        except FlowError as error:
            raise self._kept(error) from None

    def _kept(self, error: FlowError) -> FlowError:
        """The error without our secrets: some partners echo what they refuse."""
        secrets = {
            self._connection.secret,
            *(self._proof.secrets if isinstance(self._proof, Bearer) else ()),
        } - {""}
        if isinstance(error, RefusedError):
            for secret in secrets:
                error.text = error.text.replace(secret, "***")
        return error

    def _token_answer(self, request: Request) -> Json:
        request.headers = {**self.options.headers, **(request.headers or {})}
        request.params = {**self.options.query, **(request.params or {})}
        response = self.web.call(request)
        check_status(response, system=self.system)
        return self._read(response, self._text(response))[0]

    def _content(self, response: Response, records: str | None, *, read: bool) -> AnswerContent:
        """Check an answer's status and result code, unpack it, and cut out its records if asked."""
        self._check_status(response)
        around = AnswerContent(
            None,
            headers=response.headers,
            link=response.links.get("next", {}).get("url", ""),
            url=response.url,
        )
        if not read:
            return around
        content = self._text(response)
        if not content.strip():
            raise EmptyAnswerError(
                system=self.system, status=response.status_code, detail="no content"
            )
        if records is not None and not (self.options.base64 or self.options.embedded_json):
            document, items = slices.cut(content, records) or (None, None)
            if items is not None:
                self._check_code(document)
                return replace(around, document=document, records=items)
        document, found = self._read(response, content, records)
        self._check_code(document)
        said = self.options.embedded_json
        packed: list[tuple[str, Callable[[str], bytes]]] = [(self.options.base64, self._decoded)]
        packed += [(path, str.encode) for path in ((said,) if isinstance(said, str) else said)]
        for path, decoded in packed:
            if path:
                found = self._unpack(document, path, decoded, records) or found
        return replace(around, document=document, records=found)

    def _text(self, response: Response) -> bytes:
        said = response.headers.get("Content-Type", "")
        return in_utf8(response.content, said, otherwise=self.options.encoding, system=self.system)

    def _read(
        self, response: Response, content: bytes, records: str | None = None
    ) -> tuple[Json, list[bytes] | None]:
        """An answer's JSON, leniently: NaN as text for the mapping to judge, JSON within a text.

        Also the records' bytes, where they had to be cut out because one cannot be read.
        """
        try:
            found = exact.read_loosely(content)
            inside = isinstance(found, str) and found.strip()[:1] in {"{", "["}
            return (
                _opened(str(found).encode("utf-8", "surrogatepass"), records)
                if inside
                else (found, None)
            )
        except ValueError:
            begins = response.content.lstrip()[:1]
            if begins == b"<":
                raise WebPageError(system=self.system) from None
            cut = begins in {b"{", b"["}
            raise unreadable(system=self.system, cut=cut) from None

    def _check_status(self, response: Response) -> None:
        """Raise for an HTTP status; the text of a refusal is taken from `success.text`."""
        try:
            check_status(response, system=self.system)
        except RefusedError as error:
            path = self.options.success.text if self.options.success else ""
            error.text = _words(response, path, self.options.encoding) or error.text
            raise

    def _check_code(self, document: Json) -> None:
        """Raise for the partner's result code, unless it is success."""
        if isinstance(self._proof, Bearer) and self._proof.refuses(document):
            raise FlowError("system.credentials", system=self.system, status="denied_in")
        if self.options.success is None:
            return
        try:
            self.options.success.check(document, system=self.system)
        except RefusedError as error:
            self.web.check_closed(error.text)
            raise

    def _unpack(
        self, document: Json, path: str, decoded: Callable[[str], bytes], records: str | None
    ) -> list[bytes] | None:
        """Replace the text at a path by the JSON within it; a blank one is null.

        Gives the records' bytes, where they had to be cut out because one cannot be read.
        """
        *above, name = path.split(".")
        holder = pick(document, ".".join(above))
        if not (isinstance(holder, dict) and isinstance(packed := holder.get(name), str)):
            return None
        within = None
        if records is not None and (records == path or records.startswith(f"{path}.")):
            within = records[len(path) + 1 :]
        try:
            holder[name], found = (
                _opened(decoded(packed), within) if packed.strip() else (None, None)
            )
        except (binascii.Error, ValueError):
            raise unreadable(system=self.system, cut=True) from None
        return found

    def _decoded(self, packed: str) -> bytes:
        """Base64 decoded, and decrypted where there is a cipher."""
        cipher = self._cipher()
        return cipher.deciphered(packed) if cipher else base64.b64decode(packed, validate=True)


def _opened(content: bytes, records: str | None) -> tuple[Json, list[bytes] | None]:
    """JSON within a text; the list at `records` is cut out where an item cannot be read."""
    try:
        return exact.read_loosely(content), None
    except ValueError:
        found = None if records is None else slices.salvaged(content, records)
        if found is None:
            raise
        return found


def _origin_of(parts: SplitResult) -> tuple[str, str, int | None]:
    return parts.scheme, parts.hostname or "", parts.port or PORTS.get(parts.scheme)


def _words(response: Response, path: str, encoding: str) -> str:
    """The partner's error text in an answer, as far as it can be read."""
    try:
        content = in_utf8(
            response.content,
            response.headers.get("Content-Type", ""),
            otherwise=encoding,
            system="",
        )
        words = pick(exact.read_loosely(content), path) if path else None
    except (ValueError, FlowError):
        return ""
    return words if isinstance(words, str) else ""
