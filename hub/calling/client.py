"""The one way to call out over HTTP: an answer is read to its end, or refused at its limits of
bytes and time.

What a time-out of `requests` limits is the silence between two pieces; nothing of it limits a whole
answer.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from requests import PreparedRequest, Response, Session
from requests.exceptions import ConnectionError as BrokenOffError
from requests.exceptions import ReadTimeout, RequestException
from urllib3.exceptions import HTTPError, ReadTimeoutError

from hub.calling.deadlines import Adapter, deadline
from hub.calling.unpacking import ACCEPTED, PIECE, codings, unpacked

DIGITS = 18
"""Digits of a length that a header says: more are no length."""
REDIRECTS = 5


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """Bytes of one answer at most, as they come and unpacked; seconds from the call to its last
    byte.
    """

    bytes: int
    seconds: float


class AnswerTooLargeError(RequestException):
    """An answer is larger than its limit; it was not read to its end."""


class AnswerLateError(RequestException):
    """An answer was not complete in time; the connection was shut."""


class BoundedAdapter(Adapter):
    """Reads every answer whole, within its limits; whoever reads it afterwards finds it in
    memory.
    """

    def __init__(self, limits: HttpLimits) -> None:
        super().__init__()
        self._limits = limits

    def send(
        self,
        request: PreparedRequest,
        stream: bool = False,  # noqa: ARG002, FBT001, FBT002 -- the library's own
        *args: Any,  # noqa: ANN401 -- likewise
        **kwargs: Any,  # noqa: ANN401 -- likewise
    ) -> Response:
        """As the library's; raises also AnswerTooLargeError, AnswerLateError and CodingError."""
        call = None
        try:
            with deadline(self._limits.seconds) as call:
                answer = super().send(request, True, *args, **kwargs)  # noqa: FBT003
                with answer:
                    # so that all that reads it finds it there
                    answer._content = self._body(answer)  # noqa: SLF001

                    answer._content_consumed = True  # type: ignore[attr-defined]  # noqa: SLF001 -- likewise
        except (RequestException, HTTPError) as error:
            if call is not None and call.passed:
                raise AnswerLateError(request=request) from None
            if isinstance(error, RequestException):
                raise
            if isinstance(error, ReadTimeoutError):
                raise ReadTimeout(request=request) from None
            raise BrokenOffError(type(error).__name__, request=request) from None
        if call.passed:  # what has no length ends where the connection does
            raise AnswerLateError(request=request)
        return answer

    def _body(self, answer: Response) -> bytes:
        """The whole body, unpacked."""
        if answer.status_code == HTTPStatus.SWITCHING_PROTOCOLS:
            return b""  # what follows is no answer
        ways = codings(answer.headers.get("Content-Encoding", ""))
        said = answer.headers.get("Content-Length", "")
        if (
            said.isascii()
            and said.isdecimal()
            and (len(said) > DIGITS or int(said) > self._limits.bytes)
        ):
            raise AnswerTooLargeError(response=answer)
        pieces = self._counted(answer.raw.stream(PIECE, decode_content=False))
        for _ in ways:
            pieces = self._counted(unpacked(pieces))
        return b"".join(pieces)

    def _counted(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        done = 0
        for piece in pieces:
            done += len(piece)
            if done > self._limits.bytes:
                raise AnswerTooLargeError
            yield piece


def bound(session: Session, limits: HttpLimits) -> None:
    """Let all that a session calls keep to these limits."""
    session.mount("http://", BoundedAdapter(limits))
    session.mount("https://", BoundedAdapter(limits))
    session.headers["Accept-Encoding"] = ACCEPTED
    session.max_redirects = REDIRECTS


def calling(limits: HttpLimits, *, proxies: bool = True) -> Session:
    """A session within these limits. proxies: it may go by those that this machine's environment
    names.
    """
    session = Session()
    bound(session, limits)
    session.trust_env = proxies
    return session
