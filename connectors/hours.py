"""Partners that keep hours: what they say while they are closed, and when they open."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator

from hub.errors import ClosedError

PLACE = "{until}"
NEEDS_PLACE = (
    "须在时刻所在之处写 {until} / say {until} where the hour stands: 系统维护中，{until}后开放"
)
HOUR = r"([01]?\d|2[0-3])[:：]([0-5]\d)"
LONGEST = timedelta(hours=12)
"""Who says that it opens later than that has not opened when it said: that is trouble."""


def _placed(text: str) -> str:
    if text.count(PLACE) != 1:
        raise ValueError(NEEDS_PLACE)
    return text


Hours = Annotated[str, AfterValidator(_placed)]


def check_closed(
    said: str, hours: Sequence[str], *, zone: str, system: str, now: datetime | None = None
) -> None:
    """Raise ClosedError where one of `hours` stands in what was said, and its hour is near."""
    for one in hours:
        before, _, behind = one.partition(PLACE)
        found = re.search(re.escape(before) + HOUR + re.escape(behind), said, re.ASCII)
        if found is None:
            continue
        here = (now or datetime.now(ZoneInfo(zone))).astimezone(ZoneInfo(zone))
        opens = here.replace(hour=int(found[1]), minute=int(found[2]), second=0, microsecond=0)
        opens += timedelta(days=opens <= here)
        if opens - here <= LONGEST:
            after = (opens - here).total_seconds()
            raise ClosedError(opens=opens.isoformat(timespec="minutes"), after=after, system=system)
