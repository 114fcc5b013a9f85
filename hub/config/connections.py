"""Partners' connections as written in settings: as a URI, or in parts as Airflow stores them.

    sftp://USER:SECRET@HOST:PORT/FOLDER?host_key=SHA256:...
    {"conn_type": "http", "host": "api.example", "schema": "https", "login": "...", "extra": {...}}

Parts are not read by way of Airflow's own URI: that folds an extra with a number in it into one
option, and makes http://HOST/https of the type HTTP with the schema https.
"""

import json
from collections.abc import Mapping
from typing import NamedTuple, NoReturn
from urllib.parse import parse_qsl, unquote, urlsplit

from hub.errors import FlowError
from hub.model import Connection, Json
from hub.texts import bilingual

PARTS = ("conn_id", "conn_type", "host", "login", "password", "schema", "port", "extra")
"""Airflow's names for the parts of a connection; `description` is ignored."""
OWN = "onecode_"
"""Prefix of the hub's own Airflow connection types: they choose a form, not the scheme."""
SCHEMES = {"postgres": "postgresql", "ssh": "sftp", "fs": "file", "generic": ""}
"""Airflow's connection types under other names than the hub's schemes."""
HTTP = ("http", "https")
IN_FILES = ("sqlite", "file")
FOLDED = "__extra__"
HIGHEST_PORT = 65_535

NOT_JSON = "不是 JSON"
NO_ADDRESS = "不是 scheme://user:secret@host:port/path 形式的地址"


class _Place(NamedTuple):
    """Host, port and path out of a host field that may hold a whole URI."""

    scheme: str
    host: str
    port: int | None
    path: str


class _Reader:
    """Reads one connection; errors name the connection and never its content."""

    def __init__(self, system: str, name: str) -> None:
        self.system = system
        self.name = name

    def wrong(self, why: str, part: str = "", **facts: object) -> NoReturn:
        """Refuse the connection, or a part of it. why: a text of the catalogue, with its places."""
        said = part + bilingual(why, **facts)
        raise FlowError(
            "system.connection", system=self.system, connection=self.name, why=said
        ) from None

    def address(self, text: str) -> Connection:
        """Read scheme://user:secret@host:port/path?options; parts are percent-encoded."""
        try:
            parts = urlsplit(text.strip())
            port = parts.port
        except ValueError:
            self.wrong(NO_ADDRESS)
        if not parts.scheme:
            self.wrong(NO_ADDRESS)
        options = dict(parse_qsl(parts.query, keep_blank_values=True))
        if folded := options.pop(FOLDED, ""):
            options |= _options(self.object_of(folded))
        scheme, path = SCHEMES.get(parts.scheme, parts.scheme), unquote(parts.path)
        if scheme in HTTP and path.strip("/") in HTTP:  # Airflow's way to write that
            scheme, path = "https" if "https" in {scheme, path.strip("/")} else "http", ""
        return Connection(
            system=self.system,
            scheme=scheme,
            host=unquote(parts.hostname or ""),
            port=port,
            user=unquote(parts.username or ""),
            secret=unquote(parts.password or ""),
            path=path,
            options=options,
        )

    def parts(self, said: Mapping[str, Json]) -> Connection:
        """Read the parts of a connection."""
        known = (*PARTS, "description")
        if unknown := sorted(set(said) - set(known)):
            self.wrong(
                "不认识的项 {names}，应为 {known}",
                names=", ".join(unknown),
                known=", ".join(known),
            )
        extra = self.object_of(said.get("extra"))
        kind, schema, host = (
            _text(said.get(name)).strip() for name in ("conn_type", "schema", "host")
        )
        kind = "" if kind.startswith(OWN) else kind
        kind = SCHEMES.get(kind.lower(), kind.lower()) or _text(extra.pop("scheme", None))
        place = _Place("", "", None, host) if kind in IN_FILES else self.place(host)
        scheme = self.scheme(kind, place, schema)
        folders = [
            place.path,
            _text(extra.pop("path", None)),
            "" if scheme in HTTP and schema.lower() in HTTP else schema,
        ]
        path = "/".join(filter(None, (folder.strip("/") for folder in folders)))
        return Connection(
            system=self.system,
            scheme=scheme,
            host=place.host,
            port=self.port(said.get("port")) or place.port,
            user=_text(said.get("login")),
            secret=_text(said.get("password")),
            path=f"/{path}" if path else "",
            options=_options(extra),
        )

    def object_of(self, said: Json) -> dict[str, Json]:
        """The extra, an object or JSON text of one."""
        if isinstance(said, str) and said.strip():
            try:
                said = json.loads(said)
            except (ValueError, RecursionError):
                self.wrong(NOT_JSON, "extra: ")
        if said in (None, ""):
            return {}
        if not isinstance(said, dict):
            self.wrong("不是 JSON 对象", "extra: ")
        return dict(said)

    def place(self, host: str) -> _Place:
        """A host as people type it: with scheme, port or path, or in brackets (IPv6)."""
        scheme, sign, rest = host.partition("://")
        address, _, path = (rest if sign else host).partition("/")
        if "@" in address:
            self.wrong("主机中不能写账号，请写入 login 和 password")
        if address.startswith("["):
            name, _, port = address[1:].partition("]")
        elif address.count(":") > 1:  # IPv6 without brackets
            name, port = address, ""
        else:
            name, _, port = address.partition(":")
        return _Place(scheme.lower() if sign else "", name, self.port(port.removeprefix(":")), path)

    def port(self, said: Json) -> int | None:
        text = _text(said).strip()
        if not text:
            return None
        if not (text.isascii() and text.isdecimal() and 0 < int(text) <= HIGHEST_PORT):
            self.wrong("端口不是 1 到 65535 的数")
        return int(text)

    def scheme(self, kind: str, place: _Place, schema: str) -> str:
        """The scheme; https wherever any part says so, so that no password is sent in clear."""
        said = [kind, place.scheme, schema.lower()]
        if (kind in HTTP or not kind) and "https" in said:
            return "https"
        return kind or place.scheme or self.wrong("没有类型（conn_type）")


def connection_from(system: str, said: str) -> Connection:
    """The connection of a system, from a URI or JSON of its parts."""
    reader = _Reader(system, f"HUB_CONN_{system.upper()}")
    if not said.lstrip().startswith("{"):
        return reader.address(said)
    try:
        parts: dict[str, Json] = json.loads(said)
    except (ValueError, RecursionError):
        reader.wrong(NOT_JSON)
    reader.name = _text(parts.get("conn_id")) or reader.name
    return reader.parts(parts)


def nobody(system: str) -> Connection:
    """The connection of a partner that has none."""
    return Connection(system, scheme="", host="", port=None, user="", secret="", path="")


def _options(extra: Mapping[str, Json]) -> dict[str, str]:
    """An extra as options: every value as text, nested ones as JSON."""
    return {name: _text(value) for name, value in extra.items() if value is not None}


def _text(value: Json) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
