"""Answers end: in bytes, unpacked or not, and in time, whatever a partner sends."""

import gzip
import socket
import time
import tracemalloc
import zlib
from threading import Event

import pytest
import requests

from connectors.web import AnswerLimits, LostAnswerError, Timeout, TooLargeError, Web, WebOptions
from hub.errors import FlowError, HubError
from tests.connectors.raw_server import Say, raw_server

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def asked(say: Say, *, most: int = 1_000_000, seconds: float = 30.0, read: float = 20.0) -> bytes:
    """What a partner's answer is read as."""
    limits = AnswerLimits(bytes=most, seconds=seconds)
    web = Web("gas", WebOptions(answer=limits, timeout=Timeout(read=read)))
    try:
        with raw_server(say) as port:
            return web.call(requests.Request("GET", f"http://127.0.0.1:{port}/x")).content
    finally:
        web.close()


def whole(body: bytes, *headers: bytes) -> Say:
    head = HEAD + b"".join(header + b"\r\n" for header in headers)
    return lambda one, _: one.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)


def packed(body: bytes, coding: bytes = b"gzip") -> Say:
    return whole(body, b"Content-Encoding: " + coding)


def bare(text: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(text) + packer.flush()


@pytest.mark.parametrize(
    "say",
    [
        whole(b"[1, 2]"),
        packed(gzip.compress(b"[1, 2]")),
        packed(gzip.compress(b"[1,") + gzip.compress(b" 2]")),
        packed(gzip.compress(b"[1, 2]") + b"\0" * 20),
        packed(zlib.compress(b"[1, 2]"), b"deflate"),
        packed(bare(b"[1, 2]"), b"deflate"),
        packed(gzip.compress(gzip.compress(b"[1, 2]")), b"gzip, GZIP"),
        packed(b"[1, 2]", b"identity"),
    ],
)
def test_an_answer_is_read_however_it_is_packed(say: Say) -> None:
    assert asked(say) == b"[1, 2]"


MEMBER = gzip.compress(b"[" * 50_000_000)
BOMB = MEMBER * 50
"""Two and a half gigabytes in two and a half megabytes: a file of gzip may consist of several."""


def test_the_bomb_holds_gigabytes() -> None:
    told = int.from_bytes(MEMBER[-4:], "little")  # of each member its unpacked size
    assert told * BOMB.count(MEMBER[-8:]) > 2 << 30
    assert len(BOMB) < 2_500_000
    assert gzip.decompress(MEMBER) == b"[" * told


@pytest.mark.parametrize("coding", [b"gzip", b"gzip, gzip"])
def test_what_unpacks_to_gigabytes_is_not_unpacked(coding: bytes) -> None:
    content = BOMB if coding == b"gzip" else gzip.compress(BOMB)
    tracemalloc.start()
    try:
        with pytest.raises(TooLargeError) as told:
            asked(packed(content, coding), most=3_000_000)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 10_000_000
    facts = told.value.facts
    assert facts == {"system": "gas", "most": "3000000", "option": "connect.answer.bytes"}


def endless(piece: bytes, head: bytes = HEAD + b"\r\n", pause: float = 0.0) -> Say:
    """Sends a piece again and again until nobody listens."""

    def say(one: socket.socket, over: Event) -> None:
        one.sendall(head)
        while not over.wait(pause):
            one.sendall(piece)

    return say


CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
NOTHING = (
    b"\x00\x00\x00\xff\xff" * 10_000
)  # stored blocks of no length: packed bytes that unpack to none


@pytest.mark.parametrize(
    "say",
    [
        endless(b"x" * 50_000),
        endless(b"c350\r\n" + b"x" * 50_000 + b"\r\n", CHUNKED),
        endless(NOTHING, HEAD + b"Content-Encoding: deflate\r\n\r\n"),
        whole(b"", b"Content-Length: 99999999999"),
        lambda one, _: one.sendall(HEAD + b"Content-Length: 99999999999999999999999999\r\n\r\n"),
        lambda one, _: one.sendall(CHUNKED + b"FFFFFFFFFF\r\n" + b"x" * 2_000_000),
    ],
)
def test_a_body_without_an_end_is_given_up(say: Say) -> None:
    with pytest.raises(HubError) as told:
        asked(say, most=1_000_000)
    assert told.value.code in {"system.answer_too_large", "system.protocol"}


@pytest.mark.parametrize("size", [b"-1", b"-5", b"-FFFFFFFF"])
def test_a_piece_of_less_than_nothing_is_no_piece(size: bytes) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(LostAnswerError) as told:
            asked(endless(b"x" * 500_000, CHUNKED + size + b"\r\n"), seconds=20)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert told.value.code == "system.unavailable"
    assert peak < 8_000_000


OK = HEAD + b"Content-Length: %d\r\n\r\n%s"


def test_hints_that_come_before_an_answer_are_not_the_answer() -> None:
    def say(one: socket.socket, over: Event) -> None:
        for text in (b"one", b"two"):
            one.sendall(
                b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n"
            )
            one.sendall(OK % (3, text))
            one.recv(65536)

    web = Web("gas", WebOptions())
    try:
        with raw_server(say) as port:
            asking = requests.Request("GET", f"http://127.0.0.1:{port}/x")
            assert [
                (one.status_code, one.content) for one in (web.call(asking), web.call(asking))
            ] == [
                (200, b"one"),
                (200, b"two"),
            ]
    finally:
        web.close()


def test_who_wants_to_speak_otherwise_has_not_taken_anything() -> None:
    with pytest.raises(FlowError) as told:
        asked(lambda one, _: one.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"))
    assert (told.value.code, told.value.facts["status"]) == ("system.http_status", "101")


def test_an_address_to_go_on_to_that_is_no_text_is_told() -> None:
    with pytest.raises(LostAnswerError):
        asked(
            lambda one, _: one.sendall(
                b"HTTP/1.1 302 Found\r\nLocation: http://x\xff/\r\nContent-Length: 0\r\n\r\n"
            )
        )


def test_cookies_do_not_grow_from_call_to_call() -> None:
    numbers = iter(range(1000))

    def say(one: socket.socket, _: Event) -> None:
        cookies = b"".join(
            b"Set-Cookie: k%d=%s\r\n" % (next(numbers), b"v" * 500) for _ in range(10)
        )
        one.sendall(HEAD + cookies + b"Connection: close\r\nContent-Length: 2\r\n\r\n{}")

    web = Web("gas", WebOptions(answer=AnswerLimits(cookies=12_000)))
    try:
        with raw_server(say) as port:
            kept = []
            for _ in range(6):
                web.call(requests.Request("GET", f"http://127.0.0.1:{port}/x"))
                kept.append(len(web.session.cookies))
    finally:
        web.close()
    assert kept == [10, 20, 0, 10, 20, 0]


@pytest.mark.parametrize(
    "say",
    [
        endless(b"x", pause=0.02),
        endless(b"1\r\nx\r\n", CHUNKED, pause=0.02),
        endless(b"0", CHUNKED, pause=0.02),  # the length of a piece, sign by sign
        endless(b"X", HEAD, pause=0.02),  # a header, sign by sign
        endless(b"X-A: b\r\n", HEAD, pause=0.02),
        endless(b" ", b"", pause=0.02),  # not even a status
    ],
)
def test_an_answer_that_drips_is_over_at_its_deadline(say: Say) -> None:
    begin = time.monotonic()
    with pytest.raises(LostAnswerError) as told:
        asked(say, seconds=0.3)
    assert told.value.code == "system.answer_slow"
    assert time.monotonic() - begin < 10


def test_a_handshake_that_drips_is_over_at_its_deadline() -> None:
    web = Web("gas", WebOptions(answer=AnswerLimits(seconds=0.3)))
    say = endless(b"\x16", b"\x16\x03\x03\x40\x00", pause=0.02)
    with raw_server(say) as port, pytest.raises(LostAnswerError) as told:
        web.call(requests.Request("GET", f"https://127.0.0.1:{port}/x"))
    assert told.value.code == "system.answer_slow"


def test_a_partner_that_hangs_still_meets_the_time_out_of_each_piece() -> None:
    with pytest.raises(LostAnswerError) as told:
        asked(
            lambda one, over: (one.sendall(HEAD + b"Content-Length: 9\r\n\r\nx"), over.wait(9))[0],
            read=0.2,
        )
    assert told.value.code == "system.timeout"


@pytest.mark.parametrize(
    ("say", "code"),
    [
        (packed(b"x", b"br"), "system.answer_unreadable"),
        (packed(b"x", b"zstd"), "system.answer_unreadable"),
        (packed(b"x", b"gzip, gzip, gzip"), "system.answer_unreadable"),
        (packed(b"no gzip at all"), "system.protocol"),
        (packed(gzip.compress(b"[1, 2]" * 1000)[:-20]), "system.protocol"),
        (endless(b"X-A: b\r\n" * 200, HEAD), "system.unavailable"),
        (endless(b"X" * 70_000, HEAD), "system.unavailable"),
    ],
)
def test_what_nobody_can_read_is_told(say: Say, code: str) -> None:
    with pytest.raises(HubError) as told:
        asked(say)
    assert told.value.code == code


def test_a_connection_is_used_again_after_an_answer_that_was_whole() -> None:
    met = list[int]()

    def say(one: socket.socket, over: Event) -> None:
        for _ in range(3):
            met.append(one.fileno())
            one.sendall(HEAD + b"Content-Length: 2\r\n\r\n{}")
            if over.is_set() or not one.recv(65536):
                return

    web = Web("gas", WebOptions())
    with raw_server(say) as port:
        for _ in range(3):
            assert web.call(requests.Request("GET", f"http://127.0.0.1:{port}/x")).content == b"{}"
        web.close()
    assert len(met) == 3
    assert len(set(met)) == 1
