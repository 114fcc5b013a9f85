"""How partners spell dates: the mixed habits met in practice, chosen by the record and not by
chance.
"""

from datetime import date, datetime

DATES = ("%Y-%m-%d", "%Y/%m/%d %H:%M:%S", "%Y-%m-%d %H:%M:%S.0", "%Y年%m月%d日")


def mixed_date(day: date, habit: int) -> str:
    """Spell a day in one of four ways."""
    # a day has no zone
    return datetime(day.year, day.month, day.day).strftime(DATES[habit % len(DATES)])  # noqa: DTZ001


def seconds(when: datetime) -> str:
    """Spell an instant to the second in Beijing time, without saying so."""
    return when.strftime("%Y-%m-%d %H:%M:%S")
