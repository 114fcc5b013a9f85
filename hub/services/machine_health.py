"""Health of the machine: disk, connections, clock and sealing -> shortages, before work fails."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hub.db.vitals import Vitals
from hub.errors import Fault
from hub.settings import HealthBounds, Settings
from hub.texts import both

GIGABYTE = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Shortage:
    """One shortage. about: disk, connections, clock, sealing; place: which. stops: work stops."""

    about: str
    place: str
    fault: Fault
    stops: bool = False


def disks(bounds: HealthBounds) -> Iterator[Shortage]:
    """File systems short of room, each once; a path that does not exist is ignored."""
    seen = set()
    for place in bounds.disk_paths:
        try:
            found, device = os.statvfs(place), Path(place).stat().st_dev
        except OSError:
            continue
        if device in seen:
            continue
        seen.add(device)
        free = found.f_bavail * found.f_frsize
        stops = free < bounds.disk_least
        if free < bounds.disk_warn:
            facts = {
                "place": str(place),
                "free": f"{free / GIGABYTE:.2f}",
                "limit": f"{(bounds.disk_least if stops else bounds.disk_warn) / GIGABYTE:g}",
            }
            yield Shortage(
                "disk",
                str(place),
                Fault("", "health.disk_out" if stops else "health.disk_low", facts),
                stops,
            )


def connections(vitals: Vitals, bounds: HealthBounds) -> Iterator[Shortage]:
    """A shortage where most of the database's connections are in use."""
    if vitals.most and vitals.connections >= bounds.connections * vitals.most:
        facts = {"connections": str(vitals.connections), "most": str(vitals.most)}
        yield Shortage("connections", "", Fault("", "health.connections", facts))


def clock(vitals: Vitals, bounds: HealthBounds) -> Iterator[Shortage]:
    """A database clock that differs from this machine's, or is behind what it has committed."""
    # It may be right for any moment at which it can have answered.
    # The answer took time: the clock is right if it shows any moment between question and answer.
    apart = max(
        (vitals.asked - vitals.now).total_seconds(), (vitals.now - vitals.answered).total_seconds()
    )
    if apart > bounds.clock:
        ahead = vitals.now > vitals.answered
        zh, en = both("快|clock" if ahead else "慢|clock")
        facts = {"seconds": f"{apart:.0f}", "way_zh": zh, "way_en": en}
        yield Shortage("clock", "apart", Fault("", "health.clock_apart", facts))
    back = (vitals.last - vitals.now).total_seconds() if vitals.last else 0.0
    if vitals.last and back > bounds.clock:
        facts = {
            "seconds": f"{back:.0f}",
            "last": vitals.last.astimezone(vitals.now.tzinfo).isoformat(" ", "seconds"),
        }
        yield Shortage("clock", "back", Fault("", "health.clock_back", facts))


def sealing(vitals: Vitals, settings: Settings) -> Iterator[Shortage]:
    """A sealer that lags behind: a warning at half the limit, beyond which intake stops."""
    if vitals.unsealed > settings.seal_lag_seconds / 2:
        facts = {"seconds": str(int(vitals.unsealed)), "most": str(settings.seal_lag_seconds)}
        stops = vitals.unsealed > settings.seal_lag_seconds
        yield Shortage("sealing", "", Fault("", "alert.sealing_late", facts), stops)
