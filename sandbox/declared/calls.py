"""One HTTP call as a declared partner sees it, and how its answer is shaped and packed."""

import json
import secrets
from base64 import b64decode, b64encode
from binascii import Error as NotBase64Error
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7
from starlette.responses import Response

from sandbox.declared.soap import answer, fault, read
from sandbox.declared.words import Http, Said, Soap
from sandbox.state import Record

BLOCK = 16
FORM = "application/x-www-form-urlencoded"


class RefusedError(Exception):
    """The call as a whole is refused: one of the declaration's `errors`, and what it is about."""

    def __init__(self, kind: str, about: str = "") -> None:
        super().__init__(kind)
        self.kind, self.about = kind, about


@dataclass(slots=True)
class Call:
    """What came: `path` is whole, as the caller signed it; `route` is what lies below the partner's
    base.
    """

    method: str
    path: str
    route: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    asked: Record = field(default_factory=dict)  # the request as it is opened
    document: object = None  # the body as it came
    login: tuple[str, str] = ("", "")  # user and password, where the body says them
    key: bytes = b""  # of SM4

    @property
    def parameters(self) -> list[tuple[str, str]]:
        return parse_qsl(self.query, keep_blank_values=True)

    @property
    def is_form(self) -> bool:
        return self.headers.get("content-type", "").startswith(FORM)

    def open_soap(self, soap: Soap) -> None:
        """Read who calls which operation with what, out of an envelope."""
        try:
            self.route, self.login, self.asked = read(soap, self.body)
        except ValueError as error:
            raise RefusedError("request", str(error)) from error

    def open(self, opened: str, cipher: str = "") -> None:
        """Read what is asked, out of a body that packs it, a form, JSON or the query."""
        if self.method == "GET":
            self.asked = dict(self.parameters)
            return
        if self.is_form:
            self.asked = dict(parse_qsl(self.body.decode(), keep_blank_values=True))
            return
        try:
            self.document = json.loads(self.body) if self.body else {}
            asked = self.document
            if opened:
                packed = b64decode(str(self.document[opened]), validate=True)  # type: ignore[index]
                asked = json.loads(unsealed(packed, self.key) if cipher else packed)
        except (ValueError, KeyError, TypeError, NotBase64Error) as error:
            raise RefusedError("request", "body") from error
        if isinstance(asked, list):
            asked = {"": asked}
        if not isinstance(asked, dict):
            raise RefusedError("request", "body")
        self.asked = asked


@dataclass(frozen=True, slots=True)
class Answers:
    """Shapes what a partner says to a call, as its declaration has it."""

    http: Http
    call: Call

    def good(self, data: object, *, route: str = "") -> Response:
        packed = pack(data, self.http.packs.get(route, self.http.pack), key=self.call.key)
        return self._sent(self._enveloped(self.http.ok, packed, ""), self.http.ok)

    def refused(self, kind: str, about: str) -> Response:
        said = self.http.errors.get(kind) or self.http.errors["request"]
        return self.verdict_alone(said, about)

    def verdict_alone(self, said: Said, about: str) -> Response:
        """The answer whose code is the verdict of the one record that was delivered."""
        if said.fault:
            return fault(said.fault, said.text.replace("{}", about))
        return self._sent(self._enveloped(said, None, about), said)

    def bare(self, data: object) -> Response:
        return self._sent(data, Said())

    def empty(self, status: int) -> Response:
        return Response(status_code=status)

    def _enveloped(self, said: Said, data: object, about: str) -> object:
        text = said.text.replace("{}", about)
        return filled(self.http.answer, {"code": said.code, "text": text, "data": data})

    def _sent(self, content: object, said: Said) -> Response:
        if self.http.soap:
            return answer(self.http.soap, self.call.route.partition("/")[0], content)
        charset = self.http.charset
        body = json.dumps(content, ensure_ascii=False).encode(charset, "replace")
        kind = "application/json" if charset == "utf-8" else f"application/json;charset={charset}"
        return Response(body, said.http, headers={"Content-Type": kind})


def filled(template: object, values: Mapping[str, object]) -> object:
    """Give a template with values in place of $names; "*" puts what it stands for among its
    neighbours.
    """
    if isinstance(template, str) and template.startswith("$"):
        return values[template[1:]]
    if isinstance(template, list):
        return [filled(one, values) for one in template]
    if not isinstance(template, dict):
        return template
    made: Record = {}
    for name, one in template.items():
        value = filled(one, values)
        if name != "*":
            made[name] = value
        elif isinstance(value, dict):
            made |= value
    return made


def unsealed(content: bytes, key: bytes) -> bytes:
    """Decipher SM4 in CBC mode whose first block is the start. Raises ValueError."""
    cipher = Cipher(algorithms.SM4(key), modes.CBC(content[:BLOCK])).decryptor()
    padding = PKCS7(BLOCK * 8).unpadder()
    padded = cipher.update(content[BLOCK:]) + cipher.finalize()
    return padding.update(padded) + padding.finalize()


def sealed(content: bytes, key: bytes) -> bytes:
    """Encipher so that `unsealed` reads it."""
    start, padding = secrets.token_bytes(BLOCK), PKCS7(BLOCK * 8).padder()
    cipher = Cipher(algorithms.SM4(key), modes.CBC(start)).encryptor()
    return start + cipher.update(padding.update(content) + padding.finalize()) + cipher.finalize()


def pack(data: object, ways: Sequence[str], *, key: bytes = b"") -> object:
    """Pack data: as JSON text, as base64 of that or of what is enciphered, or below a name."""
    for way in ways:
        if way == "json":
            data = json.dumps(data, ensure_ascii=False)
        elif way == "base64":
            data = b64encode(str(data).encode()).decode()
        elif way == "sm4":
            data = b64encode(sealed(str(data).encode(), key)).decode()
        else:
            data = {way: data}
    return data


def reached(path: str, content: object) -> object:
    """Give what stands at a path such as `data.list`; an empty path is the whole."""
    for step in filter(None, path.split(".")):
        content = content.get(step) if isinstance(content, dict) else None
    return content
