"""Whatever answers where alerts go, telling it ends in time and takes no more memory than it
may.
"""

import time

from hub.services import notify
from tests.connectors.raw_server import Say, raw_server
from tests.connectors.test_limits import HEAD, endless, whole
from tests.services.sinks import mailbox


def told(say: Say, *, seconds: float = 60.0, most_bytes: int = 100_000_000) -> int:
    with raw_server(say) as port:
        return notify.send_notification(
            f"json://127.0.0.1:{port}/x", "题", "文", seconds=seconds, most_bytes=most_bytes
        )


def test_an_address_that_takes_a_message_is_told_so():
    assert told(whole(b"{}")) == notify.TAKEN
    with mailbox() as box:
        assert (
            notify.send_notification(box.url, "题", "文", seconds=60, most_bytes=100_000_000)
            == notify.TAKEN
        )
        assert [mail["Subject"] for mail in box.mails] == ["题"]


def test_an_address_that_nobody_can_read_is_told_as_such():
    assert (
        notify.send_notification("nowhere", "题", "文", seconds=60, most_bytes=100_000_000)
        == notify.NO_ADDRESS
    )


def test_an_answer_that_drips_is_over_at_the_limit():
    began = time.monotonic()
    assert told(endless(b"X", HEAD, pause=0.02), seconds=2) == notify.LATE
    assert time.monotonic() - began < 20


def test_an_answer_without_an_end_takes_no_more_than_its_memory():
    assert told(endless(b"x" * 500_000), most_bytes=30_000_000) == notify.NOT_TAKEN
