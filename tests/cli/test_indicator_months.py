"""Which month `hub indicators` takes where none is said: the last one by Beijing's calendar."""

from datetime import UTC, date, datetime, tzinfo

import pytest

from hub.cli import indicators


@pytest.mark.parametrize(
    ("now", "months"),
    [
        ("2026-12-31T16:30:00", (date(2026, 12, 1), date(2026, 12, 31))),  # 1 January in Beijing
        ("2026-12-31T15:59:00", (date(2026, 11, 1), date(2026, 11, 30))),
        ("2028-02-29T16:00:00", (date(2028, 2, 1), date(2028, 2, 29))),
    ],
)
def test_the_last_month_is_the_one_that_has_ended_in_beijing(
    monkeypatch: pytest.MonkeyPatch, now: str, months: tuple[date, date]
) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Clock":
            return cls.fromisoformat(now).replace(tzinfo=UTC).astimezone(tz)

    monkeypatch.setattr(indicators, "datetime", Clock)
    assert indicators._months(None, None) == months
