"""A declared partner over HTTP, in JSON or SOAP: its routes, its pages, its verdicts."""

import hashlib
import re
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from sandbox.declared.admission import Tokens, admission
from sandbox.declared.calls import Answers, Call, RefusedError, filled, reached
from sandbox.declared.papers import paper
from sandbox.declared.serving import Serving
from sandbox.declared.words import Ask, Http, Said
from sandbox.declared.wsdl import wsdl
from sandbox.forms import MILLISECONDS, Form, Refusal
from sandbox.shelf import Offered, Page
from sandbox.state import Record
from sandbox.world.clock import BEIJING

RECEIPTS, LOGIN, PAPERS, HELD = "receipts", "login", "papers", "held"
HOURS_CLOSED = 4
NIGHT = "<html><body>系统升级维护中，请明日再试</body></html>".encode()
SERVICE = "service"  # the path of a SOAP service, below its description
MEDIA = {"pdf": "application/pdf", "ofd": "application/ofd", "png": "image/png"}


@dataclass(frozen=True, slots=True)
class Route:
    """One method and path below the base; {key} in it is given on."""

    resource: str
    method: str
    pattern: re.Pattern[str]

    @classmethod
    def of(cls, resource: str, said: str) -> "Route":
        method, _, path = said.partition(" ")
        named = re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+?)", re.escape(path))
        return cls(resource, method, re.compile(named))


class Rest:
    """Answers the calls of one partner."""

    def __init__(self, partner: Serving, http: Http, *, user: str, secret: str) -> None:
        self._partner, self._http = partner, http
        self._answers = partial(Answers, http)
        self._asked = (0, 0)  # the tick, and how many records were asked for in it
        self._key = hashlib.md5(secret.encode(), usedforsecurity=False).digest()
        self._admission = admission(http, user=user, secret=secret)
        declaration = partner.declaration
        said = {name: f"GET {name}" for name in declaration.shares}
        said |= {name: f"POST {name}" for name in declaration.takes} | http.routes
        self._routes = [Route.of(name, route) for name, route in said.items()]
        if isinstance(self._admission, Tokens):
            self._routes.append(Route.of(LOGIN, self._admission.auth.route))
        if http.papers:
            self._routes.append(Route.of(PAPERS, http.papers.route))
        if http.held:
            self._routes.append(Route.of(HELD, http.held.route))

    def resource_at(self, path: str) -> str | None:
        """Name what a path stands for: where faults of the wire strike."""
        below = self._below(path)
        if self._http.soap:  # its description is spared
            return SERVICE if below == SERVICE else None
        return next((one.resource for one in self._routes if one.pattern.fullmatch(below)), None)

    def _below(self, path: str) -> str:
        return path.removeprefix(self._http.base).strip("/")

    def mount(self, app: FastAPI) -> None:
        async def answer(request: Request) -> Response:
            scope = request.scope
            call = Call(
                method=request.method,
                path=str(scope.get("whole", scope["path"])),
                route=self._below(scope["path"]),
                query=scope["query_string"].decode("latin-1"),
                headers=dict(request.headers),
                body=await request.body(),
                key=self._key,
            )
            return await run_in_threadpool(self._answer, call)

        def describe(request: Request) -> Response:
            path = f"{request.scope.get('whole', request.scope['path'])}/{SERVICE}"
            address = str(request.url.replace(path=path, query=""))
            operations = [(one.resource, one.pattern.pattern) for one in self._routes]
            text = wsdl(self._partner.declaration, operations, address)
            return Response(text, media_type="text/xml")

        if self._http.soap:
            app.add_route(self._http.base, describe, methods=["GET"])
        app.add_route(f"{self._http.base}/{{rest:path}}", answer, methods=["GET", "POST", "PUT"])

    def _answer(self, call: Call) -> Response:
        try:
            return self._done(call)
        except RefusedError as error:
            return self._answers(call).refused(error.kind, error.about)

    def _done(self, call: Call) -> Response:
        if self._http.soap:
            call.open_soap(self._http.soap)
        known = dict(call.parameters)
        if any(known.get(name) != value for name, value in self._http.query.items()):
            raise RefusedError("version")
        found = self._found(call)
        resource, named = found or ("", {})
        if not self._http.soap:
            opened = "" if resource == LOGIN else self._http.opened
            call.open(opened, self._http.cipher)
        if resource == LOGIN and isinstance(self._admission, Tokens):
            return self._login(self._admission, call)
        if self._partner.faults.take("expired_token", where=resource):
            self._admission.expire()
        self._admission.admit(call)
        if not found:
            raise RefusedError("route", call.route)
        if self._partner.faults.take("closed", where=resource):
            opens = datetime.now(BEIJING) + timedelta(hours=HOURS_CLOSED)
            raise RefusedError("closed", f"{opens:%H:%M}")
        fixed = self._http.fixed.get(resource, {})
        for name, value in fixed.items():
            header = name.removeprefix("header:")
            if str((call.asked if name == header else call.headers).get(header)) != value:
                raise RefusedError("request", header)
        return self._handler(resource)(resource, call, named)

    def _handler(self, resource: str) -> Callable[[str, Call, Mapping[str, str]], Response]:
        if resource in self._http.by_key:
            return self._one
        if resource in self._partner.declaration.shares:
            return self._list
        if resource in self._partner.declaration.takes:
            return self._take
        return {PAPERS: self._paper, HELD: self._held}.get(resource, self._receipt)

    def _found(self, call: Call) -> tuple[str, Mapping[str, str]] | None:
        for route in self._routes:
            match = route.pattern.fullmatch(call.route)
            if match and route.method == call.method:
                return route.resource, match.groupdict()
        return None

    def _login(self, tokens: Tokens, call: Call) -> Response:
        data = filled(tokens.auth.data, tokens.login(call))
        return (
            self._answers(call).bare(data) if tokens.auth.bare else self._answers(call).good(data)
        )

    def _list(self, resource: str, call: Call, _: Mapping[str, str]) -> Response:
        ask, size = self._http.ask, self._size(call)
        since, until = self._window(ask, call.asked)
        total = self._partner.shelf.count(resource, since=since, until=until)
        skip = self._skip(resource, call.asked, size, total)
        after = _position(str(call.asked.get(ask.token) or ""), ask.token)
        page = Page(size, since=since, until=until, skip=skip, after=after)
        found = self._partner.page(resource, page)
        records = self._partner.told(resource, found)
        if not records and self._http.none != 200:  # noqa: PLR2004  the ordinary status
            return self._answers(call).empty(self._http.none)
        number = skip // size + 1
        values: Record = {
            "list": records,
            "total": total,
            "page": number,
            "pages": -(-total // size),
            "size": size,
            "offset": skip,
            "next": self._next(call, number) if skip + size < total else None,
            "token": self._token(resource, call, found, size) if ask.token else None,
        }
        return self._answers(call).good(filled(self._http.page, values), route=resource)

    def _one(self, resource: str, call: Call, _: Mapping[str, str]) -> Response:
        """One record by its key, as often as the quota of the day allows."""
        if self._partner.faults.take("night_page", where=resource):
            return Response(NIGHT, media_type="text/html")
        today = self._partner.tick
        self._asked = self._asked if self._asked[0] == today else (today, 0)
        if self._http.quota and self._asked[1] >= self._http.quota:
            raise RefusedError("quota")
        self._asked = (today, self._asked[1] + 1)
        found = self._partner.shelf.one(
            resource, str(call.asked.get(self._http.by_key[resource]) or "")
        )
        if found is None:
            raise RefusedError("none")
        record = self._partner.told(resource, self._partner.troubled(resource, [found]))[0]
        return self._answers(call).good(record, route=resource)

    def _size(self, call: Call) -> int:
        size = _count(call.asked, self._http.ask.size, self._http.ask.default)
        if not 1 <= size <= self._http.ask.most:
            raise RefusedError("request", self._http.ask.size)
        return size

    def _token(self, resource: str, call: Call, found: Sequence[Offered], size: int) -> str | None:
        """How to go on behind a page; a repeated one leads back to itself."""
        said = str(call.asked.get(self._http.ask.token) or "")
        if said and self._partner.faults.take("repeated_page", where=resource):
            return said
        if len(found) < size:
            return None
        last = found[size - 1]
        return urlsafe_b64encode(f"{last.at.isoformat()} {last.key}".encode()).decode()

    def _held(self, _: str, call: Call, __: Mapping[str, str]) -> Response:
        """What was taken, each as it stands now; the token is how many were given before."""
        held, size = self._http.held, self._size(call)
        if held is None:
            raise RefusedError("route", call.route)
        skip = _count(call.asked, self._http.ask.token, 0)
        every = self._partner.state.received(held.of)
        take = self._partner.declaration.takes[held.of]
        records = [
            {name: one[name] for name in take.fields if name in one}
            for one in every[skip : skip + size]
        ]
        token = str(skip + size) if skip + size < len(every) else None
        known = {"list": records, "total": len(every), "token": token}
        return self._answers(call).good(filled(self._http.page, known))

    def _skip(self, resource: str, asked: Record, size: int, total: int) -> int:
        """How many records come before the page that is asked for."""
        ask = self._http.ask
        if ask.offset:
            skip = _count(asked, ask.offset, 0)
            again = skip > 0 and self._partner.faults.take("repeated_page", where=resource)
            return max(0, skip - size) if again else skip
        page = _count(asked, ask.page, 1)
        if page < 1:
            raise RefusedError("request", ask.page)
        if page > 1 and self._partner.faults.take("repeated_page", where=resource):
            page -= 1
        if self._http.reasonable:
            page = min(page, max(1, -(-total // size)))
        return (page - 1) * size

    def _next(self, call: Call, page: int) -> str:
        parameters = {**dict(call.parameters), self._http.ask.page: str(page + 1)}
        return f"{call.path}?{urlencode(parameters)}"

    def _window(self, ask: Ask, asked: Record) -> tuple[str, str]:
        since = _moment(ask, asked, ask.since)
        until = _moment(ask, asked, ask.until) if ask.until else None
        if ask.days and since is None:
            raise RefusedError("request", ask.since)
        if ask.days and until is None:
            raise RefusedError("request", ask.until)
        if since and until and ask.days and not 0 <= (until - since).days < ask.days:
            raise RefusedError("window", str(ask.days))
        if until and "%H" not in ask.format and ask.format != MILLISECONDS:
            until += timedelta(days=1)  # a day that is named is in, to its end
        elif until:
            until += timedelta(seconds=1)
        return since.isoformat() if since else "", until.isoformat() if until else "~"

    def _take(self, resource: str, call: Call, _: Mapping[str, str]) -> Response:
        form = self._partner.form(resource)
        for name in self._http.envelope:
            if not isinstance(call.asked.get(name), str):
                raise RefusedError("request", name)
        records = reached(self._http.records, call.asked)
        if isinstance(records, dict):
            records = [records]
        if not isinstance(records, list) or not all(isinstance(one, dict) for one in records):
            raise RefusedError("request", self._http.records)
        if self._http.per_record:
            said = [self._verdict(form, one) for one in records]
            return self._answers(call).good(filled(self._http.verdicts, {"verdicts": said}))
        if len(records) != 1:
            raise RefusedError("request", self._http.records)
        refusal = self._partner.intake.take(form, records[0])
        if refusal is None:
            return self._answers(call).good(None)
        return self._answers(call).verdict_alone(self._http.refusals[refusal.kind], refusal.field)

    def _verdict(self, form: Form, record: Record) -> object:
        key = str(record.get(form.key) or "")
        return self._worded(key, self._partner.intake.take(form, record))

    def _worded(self, key: str, refusal: Refusal | None) -> object:
        said: Said = self._http.refusals[refusal.kind] if refusal else self._http.ok
        text = said.text.replace("{}", refusal.field if refusal else "")
        return filled(self._http.verdict, {"key": key, "code": said.code, "text": text})

    def _receipt(self, _: str, call: Call, named: Mapping[str, str]) -> Response:
        key = named.get("key") or str(call.asked.get(self._http.receipt))
        known, refusal = self._partner.intake.receipt(key)
        if not known and "unknown" in self._http.errors:
            raise RefusedError("unknown", key)
        if self._http.soap:
            said = [self._worded(key, refusal)] if known else []
            return self._answers(call).good(filled(self._http.verdicts, {"verdicts": said}))
        if not self._http.per_record:
            meant = self._http.refusals[refusal.kind] if refusal else self._http.ok
            return self._answers(call).verdict_alone(meant, refusal.field if refusal else "")
        return self._answers(call).good(self._worded(key, refusal))

    def _paper(self, _: str, __: Call, named: Mapping[str, str]) -> Response:
        papers, key, faults = self._http.papers, named["key"], self._partner.faults
        if (
            papers is None
            or self._partner.shelf.project_of(papers.of, re.split("[-/]", key)[0]) is None
        ):
            raise RefusedError("unknown", key)
        text = f"{self._partner.name}/{papers.of}/{key}"  # as the field of its record
        content, media = paper(papers.kind, text), MEDIA[papers.kind]
        if faults.take("empty_file", where=PAPERS):
            content = b""
        elif faults.take("html_file", where=PAPERS):
            content = "<html><body>会话已过期，请重新登录</body></html>".encode()
        elif faults.take("wrong_hash", where=PAPERS):
            content = paper(papers.kind, f"{text}!")
        return Response(content, media_type=media)


def _count(asked: Record, name: str, default: int) -> int:
    value = asked.get(name, default) if name else default
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise RefusedError("request", name)
    return value


def _moment(ask: Ask, asked: Record, name: str) -> datetime | None:
    value = asked.get(name)
    if value in (None, ""):
        return None
    try:
        if ask.format == MILLISECONDS:
            return datetime.fromtimestamp(int(str(value)) / 1000, BEIJING)
        if ask.format == "iso":
            at = datetime.fromisoformat(str(value))
        else:
            at = datetime.strptime(str(value), ask.format)  # noqa: DTZ007  its zone comes now
        return at.astimezone(BEIJING) if at.tzinfo else at.replace(tzinfo=BEIJING)
    except (ValueError, OverflowError, OSError) as error:
        raise RefusedError("request", name) from error


def _position(token: str, name: str) -> tuple[str, str]:
    """The update time and key that a token stands for."""
    if not token:
        return "", ""
    try:
        at, blank, key = b64decode(token, altchars=b"-_", validate=True).decode().partition(" ")
    except ValueError:
        blank = ""
    if not blank:
        raise RefusedError("request", name)
    return at, key
