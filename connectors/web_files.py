"""Files of a partner over HTTP: by a value that a record gives, below the connection's address."""

import base64
import binascii
import re
from http import HTTPStatus
from urllib.parse import quote, urljoin, urlsplit

from pydantic import Field, JsonValue, model_validator

from connectors.exchange import Exchange
from connectors.file_names import refuse_path
from connectors.options import ContradictionError, Options
from connectors.verdicts import as_text, pick
from connectors.web import RefusedError, TooLargeError
from hub import exact
from hub.errors import AttachmentError, FlowError
from hub.model import Json

PLACE = "{value}"
GONE = {str(int(status)) for status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)}
ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]{0,20}:|//")
BASE64_GROWTH = 2
"""Bytes of an answer for each of the file that it holds as base64, with what stands around it."""
AROUND = 100_000


class RestFile(Options):
    """REST: where a file is fetched."""

    resource: str = Field(
        description=(
            "Address below the connection's path, with {value} for what the record says; a record "
            "may say a whole address of the same host instead"
        )
    )
    parameters: dict[str, JsonValue] = Field(
        default_factory=dict, description="Parameters of the call; {value} stands for the value"
    )
    content: str = Field(
        default="",
        description=(
            "Path in the answer's JSON where the file stands as base64; empty: the answer is the "
            "file"
        ),
    )
    sid: str = Field(default="", description="Number of this resource at a gateway")

    @model_validator(mode="after")
    def _places(self) -> "RestFile":
        said = [self.resource, *(str(one) for one in self.parameters.values())]
        if not any(PLACE in one for one in said):
            raise ContradictionError(
                zh="resource 或 parameters 中须有 {value}", en="resource or parameters want {value}"
            )
        return self


def fetch(exchange: Exchange, source: RestFile, value: str, *, most: int) -> bytes:
    """The content of a file; RecordError (attachment.*) where this one cannot be had."""
    refuse_path(value)
    url = _address(exchange, source, value)
    asked: dict[str, Json] = {
        name: one.replace(PLACE, value) if isinstance(one, str) else _plain(one)
        for name, one in source.parameters.items()
    }
    limit = most + 1 if not source.content else BASE64_GROWTH * most + AROUND
    try:
        response = exchange.fetched(url, asked, sid=source.sid, most=limit)
    except TooLargeError:
        raise AttachmentError("attachment.too_large", bytes=f">{most}", most=most) from None
    except FlowError as error:
        raise _of_file(error) or error from None
    return _inside(response.content, source.content) if source.content else response.content


def _plain(value: JsonValue) -> Json:
    return value if isinstance(value, bool | int | str) or value is None else str(value)


def _of_file(error: FlowError) -> AttachmentError | None:
    """The error as one of this file; None where it is the partner's."""
    status = error.facts.get("status", "")
    if status in GONE:
        return AttachmentError("attachment.missing", status=status)
    if isinstance(error, RefusedError):
        return AttachmentError("attachment.missing", status=error.said)
    if error.code == "system.http_status" and status.startswith("3"):
        return AttachmentError("attachment.redirected", status=status)
    return None


def _address(exchange: Exchange, source: RestFile, value: str) -> str:
    if not ADDRESS.match(value):
        path = source.resource.replace(PLACE, quote(value.strip("/"), safe="/"))
        return f"{exchange.base}/{path}"
    try:
        near = exchange.near(value, f"{exchange.base}/")
    except FlowError as error:
        raise AttachmentError("attachment.foreign", place=error.facts.get("place", "")) from None
    base = urlsplit(exchange.base)
    if not near.startswith(f"{base.path.rstrip('/')}/"):
        raise AttachmentError("attachment.foreign", place=urlsplit(near).path[:100])
    return urljoin(exchange.base, near)


def _inside(content: bytes, path: str) -> bytes:
    """The file in an answer's JSON, as base64."""
    try:
        text = as_text(pick(exact.read_loosely(content), path))
    except ValueError:
        raise AttachmentError("attachment.unreadable") from None
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise AttachmentError("attachment.unreadable") from None
