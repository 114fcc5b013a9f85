"""What is told of a fault of the console's own."""

from hub.console.faults import unforeseen

NUMBER = "张三 13800000000"


def test_the_log_says_where_a_page_failed_and_no_value(caplog):
    try:
        int(NUMBER)
    except ValueError as error:
        told = unforeseen(error)
    assert (told.code, told.facts) == ("hub.failed", {"reason": "ValueError"})
    assert "test_faults.py" in caplog.text
    assert "138" not in caplog.text
