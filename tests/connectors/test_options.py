"""The cursor as partners write it and as the hub keeps it; options that are wrong."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from connectors.options import CursorOptions, read_options
from connectors.rest import RestSystem
from hub.errors import FlowError
from hub.model import Number


@pytest.mark.parametrize(
    ("shape", "written", "kept"),
    [
        ("iso", "2026-01-02T03:04:05+0800", "2026-01-02T03:04:05+0800"),
        # as drivers give it
        ("iso", datetime(2026, 1, 2, 3, 4, 5, 6), "2026-01-02T03:04:05.000006"),  # noqa: DTZ001
        ("iso", date(2026, 1, 2), "2026-01-02"),
        ("%Y%m%d%H%M%S", "20260102030405 ", "2026-01-02T03:04:05"),
        ("%Y-%m-%d %H:%M:%S.%f", "2026-01-02 03:04:05.5", "2026-01-02T03:04:05.500000"),
        ("number", "1767294245000", 1767294245000),
        ("number", 7, 7),
        ("iso", Decimal("12.00"), 12),
        ("text", "A-7", "A-7"),
        ("iso", "待定", None),
        ("%Y%m%d%H%M%S", "99999999999999", None),
        ("number", "约三百", None),
        ("iso", None, None),
        ("iso", True, None),
        ("text", "A\x007", None),
        ("iso", 10**400, None),
        ("number", "9" * 5_000, None),
        ("number", Number("1e999999999"), None),
        ("number", Decimal("NaN"), None),
        ("number", float("inf"), None),
        ("number", 2**63, None),
    ],
)
def test_a_cursor_value_is_kept_in_one_form_and_rubbish_is_none(
    shape: str, written: object, kept: str | int | None
) -> None:
    assert CursorOptions(cursor="gxsj", cursor_format=shape).shared(written) == kept


def test_rubbish_does_not_move_the_cursor() -> None:
    options = CursorOptions(cursor="gxsj", cursor_format="%Y%m%d%H%M%S")
    assert (
        options.high(["20260102030405", "待定", None], so_far="2025-12-31T00:00:00")
        == "2026-01-02T03:04:05"
    )
    assert options.high(["待定"], so_far=None) is None


def test_the_partner_is_asked_in_its_own_form() -> None:
    options = CursorOptions(cursor="gxsj", cursor_format="%Y/%m/%d %H:%M:%S")
    assert options.asked("2026-01-02T03:04:05") == "2026/01/02 03:04:05"
    assert CursorOptions(cursor="n", cursor_format="number").asked(7) == 7


def test_a_wrong_option_is_named() -> None:
    with pytest.raises(FlowError) as caught:
        read_options(
            RestSystem,
            {"auth": {"kind": "none"}, "ping": {"resource": "x"}, "tiemout": 3},
            system="gas",
        )
    assert caught.value.facts["system"] == "gas"
    assert "tiemout" in caught.value.facts["detail"]
