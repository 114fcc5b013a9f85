"""Request validation before anything else: address, headers and body, each within limits.

Whatever is refused here is the caller's error: 4xx, with a text.
"""

import asyncio
import re
from email.message import Message as Header
from urllib.parse import parse_qsl, unquote_to_bytes

from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope

from hub import exact
from hub.errors import FlowError
from hub.settings import RequestLimits
from hub.texts import reason

WRITING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
"""A NUL escape in JSON text; not one behind an escaped backslash."""


class GoneError(Exception):
    """The client has hung up."""


def check_address(scope: Scope) -> None:
    """Refuse a path or query that is not UTF-8, holds NUL, or repeats a parameter."""
    query: bytes = scope["query_string"]
    for part in (scope.get("raw_path") or b"", query):
        try:
            text = unquote_to_bytes(part).decode()
        except UnicodeDecodeError:
            raise FlowError("ask.unreadable", **reason("地址不是 UTF-8")) from None
        if "\0" in text:
            raise FlowError("ask.unreadable", **reason("地址中有 NUL 字符"))
    if "\0" in scope["path"]:
        raise FlowError("ask.unreadable", **reason("地址中有 NUL 字符"))
    names = [name for name, _ in parse_qsl(query.decode("latin-1"), keep_blank_values=True)]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise FlowError("ask.twice", name=", ".join(twice))


async def whole_body(scope: Scope, receive: Receive, limits: RequestLimits) -> bytes:
    """The request body, within limits of bytes and seconds; GoneError when the client hangs up."""
    said = Headers(scope=scope).get("content-length", "")
    if (
        said.isascii()
        and said.isdigit()
        and len(said) < len(str(2**63))
        and int(said) > limits.body_bytes
    ):
        raise FlowError("ask.too_large", most=limits.body_bytes)
    try:
        return await asyncio.wait_for(_gathered(receive, limits.body_bytes), limits.body_seconds)
    except TimeoutError:
        raise FlowError("ask.too_slow", seconds=limits.body_seconds) from None


def given(body: bytes, receive: Receive) -> Receive:
    """A `receive` that hands out a body read before."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def once() -> Message:
        return waiting.pop() if waiting else await receive()

    return once


def check_json(scope: Scope, body: bytes) -> None:
    """Refuse a body that is not UTF-8 JSON, repeats a name, is nested too deep, or holds NUL."""
    header = Header()
    header["content-type"] = Headers(scope=scope).get("content-type", "")
    kind = header.get_content_type()
    charset = str(header.get_param("charset") or "utf-8").lower()
    if not (kind == "application/json" or kind.endswith("+json")) or charset not in {
        "utf-8",
        "utf8",
    }:
        raise FlowError("ask.media_type", given=f"{kind}; charset={charset}"[:100])
    try:
        exact.read(body)
    except exact.UnreadableJsonError as error:
        said = reason("正文不是可用的 JSON：{why}", why=error.why)
        raise FlowError("ask.unreadable", **said) from None
    if _NUL.search(body.decode()):
        raise FlowError("ask.unreadable", **reason("正文中有 NUL 字符"))


async def _gathered(receive: Receive, most: int) -> bytes:
    parts, length, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise GoneError
        parts.append(message.get("body", b""))
        length += len(parts[-1])
        if length > most:
            raise FlowError("ask.too_large", most=most)
        more = message.get("more_body", False)
    return b"".join(parts)
