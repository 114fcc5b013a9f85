"""A partner that calls the hub: pushes what it offers, fetches, asks its API, uploads workbooks."""

import base64
import json
import secrets
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Thread
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit
from urllib.request import ProxyHandler, Request, build_opener

from sandbox.declared.admission import Signatures
from sandbox.declared.calls import Call
from sandbox.declared.serving import Serving
from sandbox.declared.words import Asking, Calling, Signature
from sandbox.shelf import Page
from sandbox.state import Record

SECONDS = 60
PARTNERS = ("/v1/intake/", "/v1/deliveries/")
"""Addresses at which a partner is proven by its own recipe."""
OPENER = build_opener(ProxyHandler({}))


class Caller:
    """Calls the hub, a round at a time; receipts are kept with the partner's state.

    folder: where the partner's files lie, and in `token` what its account at the hub asks with.
    """

    def __init__(
        self, partner: Serving, words: Calling, *, user: str, secret: str, folder: Path
    ) -> None:
        self._partner, self._words, self._user, self._secret = partner, words, user, secret
        self._told, self._nonce, self._folder = Counter[str](), "", folder

    def round(self, hub: str) -> Record:
        """Push what is new, fetch what is ready; how often the hub said what."""
        self._told = Counter()
        for resource, route in self._words.sends.items():
            for number, body in enumerate(self._bodies(hub, resource), start=1):
                again = self._words.repeat and number % self._words.repeat == 0
                for _ in range(2 if again else 1):  # its answer was lost
                    self._push(f"{hub}{route}", body)
        for resource, route in self._words.fetches.items():
            self._fetch(resource, f"{hub}{route}")
        if self._words.uploads:
            self._upload(f"{hub}/v1/supply/{self._words.uploads}/workbook")
        return dict(self._told)

    def _ask(self, hub: str, asking: Asking, records: list[Record]) -> None:
        """Have a form filled for the projects of some records, then hand it in as answered."""
        for one in records[: asking.most]:
            code = str(one.get(asking.code) or "").strip()
            filled = self._call("GET", f"{hub}/v1/prefill/{asking.form}?project_code={quote(code)}")
            answered = filled.get("fields")
            fields = answered if isinstance(answered, list) else []
            known = {field["name"]: field["value"] for field in fields}
            said = {name: _at(one, path) for name, path in asking.answers.items()}
            body = {
                "project_code": code,
                "fields": {name: value for name, value in said.items() if value is not None},
                "prefilled": {name: known[name] for name in said if known.get(name) is not None},
            }
            if known:
                address = f"{hub}/v1/prefill/{asking.form}/submissions"
                self._call("POST", address, json.dumps(body, ensure_ascii=False).encode())

    def _upload(self, address: str) -> None:
        """Hand in the workbooks that have not been handed in, as their clerk would."""
        done = json.loads(self._partner.state.setting("uploaded") or "[]")
        for path in sorted((self._folder / "files/outbox").glob("*.xlsx")) if self._token else ():
            if path.name not in done:
                sent = {"file": path.name, "content": base64.b64encode(path.read_bytes()).decode()}
                answer = self._call("POST", address, json.dumps(sent).encode())
                self._told["taken"] += bool(answer.get("taken"))
                done.append(path.name)
                self._partner.state.set_setting("uploaded", json.dumps(done))

    @property
    def _token(self) -> str:
        """What the partner's account at the hub asks with; empty before it has one."""
        file = self._folder / "token"
        return file.read_text().strip() if file.exists() else ""

    def keep_calling(self, hub: str) -> None:
        """Call this hub every minute from now on, if there is one; one that is away is missed."""

        def call() -> None:
            while hub:
                time.sleep(SECONDS)
                with suppress(OSError, KeyError):
                    self.round(hub)

        Thread(target=call, daemon=True).start()

    def _bodies(self, hub: str, resource: str) -> Iterator[bytes]:
        """New records, alone and in lists by turns, the latest first."""
        at, key = json.loads(self._partner.state.setting(f"sent {resource}") or '["", ""]')
        found = self._partner.page(resource, Page(10**9, after=(at, key)))
        if found:
            last = json.dumps([found[-1].at.isoformat(), found[-1].key])
            self._partner.state.set_setting(f"sent {resource}", last)
        rest, size = self._partner.told(resource, found)[::-1], self._words.most
        if (asking := self._words.asks.get(resource)) and self._token:
            self._ask(hub, asking, rest)
        while rest:
            size = self._words.most if size == 1 else 1
            some, rest = rest[:size], rest[size:]
            content: object = some if size > 1 else some[0]
            for name in reversed(self._words.records.split(".")):
                content = {name: content} if name else content
            yield json.dumps(content, ensure_ascii=False).encode()

    def _push(self, address: str, body: bytes) -> None:
        faults = self._partner.faults
        if self._nonce and faults.take("stale_nonce", where=None):
            self._call("POST", address, body, nonce=self._nonce)
        if faults.take("bad_signature", where=None):
            self._call("POST", address, body, secret="guessed")  # noqa: S106 - a wrong one
        answer = self._call("POST", address, body)
        number = str(answer.get(self._words.receipt))
        before = self._partner.state.held("receipts of the hub", number)
        self._told["same receipt" if before else "receipt"] += 1
        self._partner.state.receive("receipts of the hub", number, {"receipt": number})

    def _fetch(self, resource: str, address: str) -> None:
        form, verdicts = self._partner.form(resource), list[Record]()
        for one in self._call("GET", address)["deliveries"]:  # type: ignore[attr-defined]
            no = self._partner.intake.take(form, one["record"])
            said = {"code": no.kind, "text": no.field} if no else {}
            verdicts.append({"key": one["key"], "accepted": no is None, **said})
        if verdicts:
            body = json.dumps({"verdicts": verdicts}, ensure_ascii=False).encode()
            self._call("POST", f"{address}/acknowledged", body)

    def _call(
        self, method: str, address: str, body: bytes = b"", *, nonce: str = "", secret: str = ""
    ) -> Record:
        auth, url, secret = self._words.auth, urlsplit(address), secret or self._secret
        headers = {"content-type": "application/json"}
        if not url.path.startswith(PARTNERS):  # what anybody with an account asks
            headers["authorization"] = f"Bearer {self._token}"
        elif isinstance(auth, Signature):
            self._nonce = nonce or secrets.token_hex(8)
            clock = str(int(time.time() * (1000 if auth.timestamp == "milliseconds" else 1)))
            names = auth.headers
            pairs = ((names.key, self._user), (names.timestamp, clock), (names.nonce, self._nonce))
            headers |= {name.lower(): value for name, value in pairs if name}
            call = Call(method, url.path, "", url.query, headers, body)
            headers[names.signature] = Signatures(auth, self._user, secret).signed(call)
        elif auth:
            known = {"user": self._user, "secret": secret}
            headers |= {name: text.format_map(known) for name, text in auth.headers.items()}
        # the address is the hub's, as whoever starts the partner says it
        request = Request(address, data=body or None, headers=headers, method=method)  # noqa: S310
        try:
            with OPENER.open(request, timeout=60) as answer:
                status, said = answer.status, json.load(answer)
        except HTTPError as error:
            status, said = error.code, json.load(error)
        self._told[f"{method} {status}"] += 1
        return dict(said)


def _at(record: Record, path: str) -> object:
    """What a path of dotted names leads to in a record."""
    found: object = record
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found
