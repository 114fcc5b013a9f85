"""What is told of a fault of the console's own."""

import logging

from hub.console.faults import unforeseen, without_values

NUMBER = "张三 13800000000"


def test_the_log_says_where_a_page_failed_and_no_value(caplog):
    try:
        int(NUMBER)
    except ValueError as error:
        told = unforeseen(error)
    assert (told.code, told.facts) == ("hub.failed", {"reason": "ValueError"})
    assert "test_faults.py" in caplog.text
    assert "138" not in caplog.text


def test_an_error_that_the_server_logs_itself_keeps_its_place_and_loses_its_words(caplog, monkeypatch):
    log = logging.getLogger("uvicorn.error")
    monkeypatch.setattr(log, "disabled", False)  # a server that ran in this process has set its own
    monkeypatch.setattr(log, "propagate", False)
    monkeypatch.setattr(log, "handlers", [caplog.handler])
    log.addFilter(without_values)
    try:
        int(NUMBER)
    except ValueError:
        log.exception("Exception in ASGI application")
    finally:
        log.removeFilter(without_values)
    assert "Exception in ASGI application: ValueError" in caplog.text
    assert "test_faults.py" in caplog.text
    assert "138" not in caplog.text
