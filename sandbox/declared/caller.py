"""A partner without a server of its own: pushes what it offers to the hub, and fetches from it."""

import json
import secrets
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from threading import Thread
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, Request, build_opener

from sandbox.declared.admission import Signatures
from sandbox.declared.calls import Call
from sandbox.declared.serving import Serving
from sandbox.declared.words import Calling, Signature
from sandbox.shelf import Page
from sandbox.state import Record

SECONDS = 60
OPENER = build_opener(ProxyHandler({}))


class Caller:
    """Calls the hub, a round at a time; receipts are kept with the partner's state."""

    def __init__(self, partner: Serving, words: Calling, *, user: str, secret: str) -> None:
        self._partner, self._words, self._user, self._secret = partner, words, user, secret
        self._told, self._nonce = Counter[str](), ""

    def round(self, hub: str) -> Record:
        """Push what is new, fetch what is ready; how often the hub said what."""
        self._told = Counter()
        for resource, route in self._words.sends.items():
            for number, body in enumerate(self._bodies(resource), start=1):
                again = self._words.repeat and number % self._words.repeat == 0
                for _ in range(2 if again else 1):  # its answer was lost
                    self._push(f"{hub}{route}", body)
        for resource, route in self._words.fetches.items():
            self._fetch(resource, f"{hub}{route}")
        return dict(self._told)

    def keep_calling(self, hub: str) -> None:
        """Call this hub every minute from now on, if there is one; one that is away is missed."""

        def call() -> None:
            while hub:
                time.sleep(SECONDS)
                with suppress(OSError, KeyError):
                    self.round(hub)

        Thread(target=call, daemon=True).start()

    def _bodies(self, resource: str) -> Iterator[bytes]:
        """New records, alone and in lists by turns, the latest first."""
        at, key = json.loads(self._partner.state.setting(f"sent {resource}") or '["", ""]')
        found = self._partner.page(resource, Page(10**9, after=(at, key)))
        if found:
            last = json.dumps([found[-1].at.isoformat(), found[-1].key])
            self._partner.state.set_setting(f"sent {resource}", last)
        rest, size = self._partner.told(resource, found)[::-1], self._words.most
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
        if isinstance(auth, Signature):
            self._nonce = nonce or secrets.token_hex(8)
            clock = str(int(time.time() * (1000 if auth.timestamp == "milliseconds" else 1)))
            names = auth.headers
            pairs = ((names.key, self._user), (names.timestamp, clock), (names.nonce, self._nonce))
            headers |= {name.lower(): value for name, value in pairs if name}
            call = Call(method, url.path, "", url.query, headers, body)
            headers[names.signature] = Signatures(auth, self._user, secret).signed(call)
        else:
            known = {"{user}": self._user, "{secret}": secret}
            headers |= {name: known.get(text, text) for name, text in auth.headers.items()}
        # the address is the hub's, as whoever starts the partner says it
        request = Request(address, data=body or None, headers=headers, method=method)  # noqa: S310
        try:
            with OPENER.open(request, timeout=60) as answer:
                status, said = answer.status, json.load(answer)
        except HTTPError as error:
            status, said = error.code, json.load(error)
        self._told[f"{method} {status}"] += 1
        return dict(said)
