"""HTTP for connectors: one session with timeouts, rate limit, size limits; errors as HubError."""

import logging
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import requests
from pydantic import Field
from urllib3.exceptions import NewConnectionError

from connectors.hours import Hours, check_closed
from connectors.options import Options
from hub.calling.client import AnswerLateError, AnswerTooLargeError, HttpLimits, calling
from hub.calling.unpacking import CodingError
from hub.errors import FlowError, HubError, TransientError
from hub.model import Connection, Json, Number, Outgoing

# It logs the address of every call, in which some partners want their key.
logging.getLogger("urllib3.connectionpool").setLevel(logging.WARNING)

DIGITS = 18
"""Most digits of a number in a header; longer ones are ignored."""

CHECKPOINT = "OneCode-Checkpoint"
"""Header with the last signed checkpoint of the ledger, for the partner to keep."""

DENIED = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
REFUSED = {
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.CONFLICT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
}


class Timeout(Options):
    """How long to wait, in seconds."""

    connect: float = Field(default=10, gt=0, description="Seconds to wait for the connection")
    read: float = Field(default=60, gt=0, description="Seconds to wait for each part of the answer")


class AnswerLimits(Options):
    """How large an answer may be, and how long it may take."""

    bytes: int = Field(
        default=200_000_000,
        ge=1,
        description="Bytes of one answer at most, as they come and when they are unpacked",
    )
    seconds: float = Field(
        default=600,
        gt=0,
        description="Seconds for one whole answer at most, from the call to its last byte",
    )
    cookies: int = Field(
        default=50_000,
        ge=0,
        description=(
            "Bytes of cookies kept from call to call at most; where they are more, all are "
            "forgotten"
        ),
    )


class Rate(Options):
    """How fast to call at most."""

    per_second: float = Field(gt=0, description="Calls a second at most")


class WebOptions(Options):
    """What holds for every call over HTTP."""

    timeout: Timeout = Field(default=Timeout(), description="How long to wait")
    answer: AnswerLimits = Field(
        default=AnswerLimits(),
        description="Limits of each answer; one beyond them is not read to its end",
    )
    rate: Rate | None = Field(default=None, description="Pace that the partner asks to keep")
    ca_file: str = Field(
        default="",
        description=(
            "Path of a file of certificates (PEM) to trust, where those of this machine do not do"
        ),
    )
    closed: tuple[Hours, ...] = Field(
        default=(),
        description="What the partner says while it is closed, with `{until}` where the hour of "
        "opening stands (`系统维护中，{until}后开放`): it is asked again then and no alert is sent",
    )
    closed_zone: str = Field(default="Asia/Shanghai", description="Time zone of that hour")


class LostAnswerError(TransientError):
    """A request was sent and no usable answer came: it may have taken effect."""


class TooLargeError(FlowError):
    """An answer larger than allowed; it was not read to its end."""

    default = "system.answer_too_large"


class WebPageError(FlowError):
    """A page for people where an answer was to come."""

    default = "system.answer_unreadable"


class RefusedError(FlowError):
    """The partner refuses the request. `said`: its code, `text`: its text."""

    default = "system.protocol"

    def __init__(self, *, said: str, text: str, **facts: str | float) -> None:
        super().__init__(self.default, **facts)
        self.said = said
        self.text = text


def address(connection: Connection) -> str:
    """The partner's base URL, without credentials."""
    port = f":{connection.port}" if connection.port else ""
    host = f"[{connection.host}]" if ":" in connection.host else connection.host  # of IPv6
    return f"{connection.scheme}://{host}{port}/{connection.path.strip('/')}".rstrip("/")


class Web:
    """A partner's HTTP endpoint."""

    def __init__(self, system: str, options: WebOptions) -> None:
        self.system = system
        self._timeout = (options.timeout.connect, options.timeout.read)
        self._limits = options.answer
        self._closed, self._zone = options.closed, options.closed_zone
        self._gap = 1 / options.rate.per_second if options.rate else 0.0
        self._next = 0.0
        # Proxies and .netrc of this machine must not change our credentials.
        self.session = calling(
            HttpLimits(options.answer.bytes, options.answer.seconds), proxies=False
        )
        self._narrow: dict[int, requests.Session] = {}
        if options.ca_file:
            self.session.verify = options.ca_file

    def narrowed(self, most: int) -> requests.Session:
        """The session for answers of at most so many bytes."""
        if most not in self._narrow:
            made = calling(HttpLimits(most, self._limits.seconds), proxies=False)
            made.headers, made.cookies = self.session.headers, self.session.cookies
            made.verify = self.session.verify
            self._narrow[most] = made
        return self._narrow[most]

    def call(self, request: requests.Request, *, most: int | None = None) -> requests.Response:
        """Send one request; give its answer, whatever the status, read to its end.

        Raises TransientError, TooLargeError, and FlowError for what is no HTTP or badly compressed.
        most: bytes of this answer, where fewer than of any.
        """
        self._keep_pace()
        session = self.session if most is None else self.narrowed(most)
        try:
            answer = session.send(
                session.prepare_request(request),
                timeout=self._timeout,
                allow_redirects=False,
                verify=session.verify,
            )
        except AnswerTooLargeError:
            raise self._too_large() from None
        except AnswerLateError:
            raise self._late() from None
        except CodingError as error:
            detail = f"Content-Encoding: {error.coding}"
            raise FlowError("system.answer_unreadable", system=self.system, detail=detail) from None
        except requests.RequestException as error:
            raise translated(error, system=self.system) from None
        except ValueError as error:  # a header that is no text, such as an address to go on to
            raise LostAnswerError(
                "system.unavailable", system=self.system, detail=type(error).__name__
            ) from None
        self._forget()
        if answer.status_code == HTTPStatus.SWITCHING_PROTOCOLS:
            raise FlowError("system.http_status", system=self.system, status=answer.status_code)
        return answer

    def _too_large(self) -> TooLargeError:
        return TooLargeError(
            system=self.system, most=self._limits.bytes, option="connect.answer.bytes"
        )

    def _late(self) -> LostAnswerError:
        return LostAnswerError(
            "system.answer_slow",
            system=self.system,
            seconds=f"{self._limits.seconds:g}",
            option="connect.answer.seconds",
        )

    def carry(self, items: Sequence[Outgoing]) -> None:
        """Send the ledger's checkpoint with the calls that follow."""
        for item in items:
            if item.checkpoint:
                self.session.headers[CHECKPOINT] = item.checkpoint

    def _forget(self) -> None:
        """Drop surplus cookies, as each call sends all of them."""
        kept = sum(len(one.name) + len(one.value or "") for one in self.session.cookies)
        if kept > self._limits.cookies:
            self.session.cookies.clear()

    def _keep_pace(self) -> None:
        wait = self._next - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        self._next = time.monotonic() + self._gap

    def check_closed(self, said: str) -> None:
        """Raise ClosedError where these words mean that the partner is closed."""
        check_closed(said, self._closed, zone=self._zone, system=self.system)

    def close(self) -> None:
        for session in (self.session, *self._narrow.values()):
            session.close()


def translated(error: requests.RequestException, *, system: str) -> HubError:
    """The HubError of a failed call, without addresses and texts, which may quote the request."""
    kind = type(error).__name__
    if isinstance(error, requests.ConnectTimeout):
        return TransientError("system.timeout", system=system, detail=kind)
    if isinstance(error, requests.Timeout):
        return LostAnswerError("system.timeout", system=system, detail=kind)
    if isinstance(error, requests.exceptions.SSLError):
        return FlowError("system.protocol", system=system, detail="TLS")
    reason = getattr(error.args[0], "reason", None) if error.args else None
    if isinstance(reason, NewConnectionError):
        return TransientError("system.refused_connection", system=system, detail=kind)
    if isinstance(error, requests.ConnectionError | requests.exceptions.ChunkedEncodingError):
        return LostAnswerError("system.unavailable", system=system, detail=kind)
    return FlowError("system.protocol", system=system, detail=kind)


def check_status(response: requests.Response, *, system: str) -> None:
    """Raise for an unsuccessful HTTP status."""
    status = response.status_code
    if status < HTTPStatus.MULTIPLE_CHOICES:
        return
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        raise TransientError(
            "system.busy", after=retry_after(response.headers), system=system, status=status
        )
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        raise LostAnswerError(
            "system.busy", after=retry_after(response.headers), system=system, status=status
        )
    if status in {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.GATEWAY_TIMEOUT}:
        raise LostAnswerError("system.timeout", system=system, status=status)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise LostAnswerError("system.unavailable", system=system, status=status)
    if status in DENIED:
        raise FlowError("system.credentials", system=system, status=status)
    if status in REFUSED:
        raise RefusedError(said=str(status), text=response.text[:500], system=system, status=status)
    raise FlowError("system.http_status", system=system, status=status)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds of a Retry-After header, given as seconds or date."""
    text = headers.get("Retry-After", "").strip()
    if not text:
        return None
    try:
        if text.isascii() and text.isdecimal():
            return float(text[:DIGITS])
        return max(0.0, (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None


def unreadable(*, system: str, cut: bool) -> HubError:
    """The error for an unreadable answer: truncated, or not as agreed."""
    if cut:
        return LostAnswerError("system.page_broken", system=system)
    return FlowError("system.answer_unreadable", system=system)


def as_text(values: Mapping[str, Json]) -> dict[str, list[str]]:
    """Query parameters as text, without None.

    A list repeats its parameter; a mapping is written with brackets: params[beginTime].
    """
    found: dict[str, list[str]] = {}
    for name, value in values.items():
        if isinstance(value, dict):
            found |= as_text({f"{name}[{inner}]": part for inner, part in value.items()})
        elif value is not None:
            found[name] = [_text(part) for part in (value if isinstance(value, list) else [value])]
    return found


def _text(value: Json) -> str:
    if isinstance(value, Number):
        return value.text
    return str(value).lower() if isinstance(value, bool) else str(value)
