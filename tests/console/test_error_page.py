"""What is told of a fault of the console's own."""

import logging

from hub.console.error_page import unforeseen, without_values

NUMBER = "张三 13800000000"


def test_the_log_says_where_a_page_failed_and_no_value(caplog):
    try:
        int(NUMBER)
    except ValueError as error:
        told = unforeseen(error)
    assert (told.code, told.facts) == ("hub.failed", {"reason": "ValueError"})
    assert "test_error_page.py" in caplog.text
    assert "138" not in caplog.text


def test_an_error_that_the_server_logs_itself_keeps_its_place_and_loses_its_words(caplog):
    log = logging.getLogger(
        "tests.uvicorn"
    )  # of its own: others in this process have set that of the server
    log.addHandler(caplog.handler)
    log.addFilter(without_values)
    try:
        int(NUMBER)
    except ValueError:
        log.exception("Exception in ASGI application")
    finally:
        log.removeFilter(without_values)
    assert "Exception in ASGI application: ValueError" in caplog.text
    assert "test_error_page.py" in caplog.text
    assert "138" not in caplog.text
