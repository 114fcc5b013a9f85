"""Who may call: app key, timestamp, nonce and an HMAC-SHA256 signature over the request as sent."""

import hashlib
import hmac
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

DRIFT_SECONDS = 300


class Refused(Exception):  # noqa: N818  named for what it tells the caller
    """The request is not signed as agreed."""


@dataclass(frozen=True, slots=True)
class Signed:
    """What a signature covers."""

    method: str
    path: str
    query: str
    body: bytes


def signature(secret: str, request: Signed, *, timestamp: str, nonce: str) -> str:
    """Sign six lines: method, path, query as sent, timestamp, nonce, SHA-256 of the body in hex."""
    digest = hashlib.sha256(request.body).hexdigest()
    text = f"{request.method}\n{request.path}\n{request.query}\n{timestamp}\n{nonce}\n{digest}"
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


class Gate:
    """Checks signatures and remembers nonces for as long as their timestamps are good."""

    def __init__(self, *, app_key: str, secret: str) -> None:
        self._app_key = app_key
        self._secret = secret
        self._seen: OrderedDict[str, float] = OrderedDict()
        self._lock = Lock()

    def check(self, headers: Mapping[str, str], request: Signed) -> None:
        timestamp, nonce = headers.get("x-timestamp", ""), headers.get("x-nonce", "")
        if headers.get("x-app-key") != self._app_key:
            raise Refused("应用标识无效")
        if (
            not timestamp.isascii()
            or not timestamp.isdigit()
            or abs(time.time() - int(timestamp)) > DRIFT_SECONDS
        ):
            raise Refused("时间戳超出允许范围")
        wanted = signature(self._secret, request, timestamp=timestamp, nonce=nonce)
        given = headers.get("x-signature", "").encode()
        if not nonce or not hmac.compare_digest(wanted.encode(), given):
            raise Refused("签名不正确")
        self._use(nonce)

    def _use(self, nonce: str) -> None:
        now = time.monotonic()
        with self._lock:
            while self._seen and next(iter(self._seen.values())) < now - 2 * DRIFT_SECONDS:
                self._seen.popitem(last=False)
            if nonce in self._seen:
                raise Refused("随机数重复使用")
            self._seen[nonce] = now


class Bucket:
    """A token bucket: how many calls a second, and how many at once."""

    def __init__(self, *, rate: float, burst: int) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = float(burst)
        self._at = time.monotonic()
        self._lock = Lock()

    def wait(self) -> float:
        """Take a token and give 0, or give the seconds until there is one."""
        with self._lock:
            now = time.monotonic()
            self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
            self._at = now
            if self._tokens < 1:
                return (1 - self._tokens) / self._rate
            self._tokens -= 1
            return 0
