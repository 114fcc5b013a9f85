"""Disk, connections, clock, sealing -> what is short of its limit, in words, before it fails."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hub.db.vitals import Vitals
from hub.errors import Fault
from hub.settings import HealthBounds, Settings

GIGABYTE = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Shortage:
    """One thing that is short. about: disk, connections, clock, sealing; place: which. stops: work
    ends for it.
    """

    about: str
    place: str
    fault: Fault
    stops: bool = False


def disks(bounds: HealthBounds) -> Iterator[Shortage]:
    """File systems of this machine with little room. One that is named and not there says
    nothing.
    """
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
    """The database's connections, where most of them are in use."""
    if vitals.most and vitals.connections >= bounds.connections * vitals.most:
        facts = {"connections": str(vitals.connections), "most": str(vitals.most)}
        yield Shortage("connections", "", Fault("", "health.connections", facts))


def clock(vitals: Vitals, bounds: HealthBounds) -> Iterator[Shortage]:
    """The database's clock beside ours, and beside what it has committed."""
    # It may be right for any moment at which it can have answered.
    apart = max(
        (vitals.asked - vitals.now).total_seconds(), (vitals.now - vitals.answered).total_seconds()
    )
    if apart > bounds.clock:
        ahead = vitals.now > vitals.answered
        facts = {
            "seconds": f"{apart:.0f}",
            "way_zh": "快" if ahead else "慢",
            "way_en": "ahead of" if ahead else "behind",
        }
        yield Shortage("clock", "apart", Fault("", "health.clock_apart", facts))
    back = (vitals.last - vitals.now).total_seconds() if vitals.last else 0.0
    if vitals.last and back > bounds.clock:
        facts = {
            "seconds": f"{back:.0f}",
            "last": vitals.last.astimezone(vitals.now.tzinfo).isoformat(" ", "seconds"),
        }
        yield Shortage("clock", "back", Fault("", "health.clock_back", facts))


def sealing(vitals: Vitals, settings: Settings) -> Iterator[Shortage]:
    """A sealer that lags behind, in time to act: intake stops at the limit."""
    if vitals.unsealed > settings.seal_lag_seconds / 2:
        facts = {"seconds": str(int(vitals.unsealed)), "most": str(settings.seal_lag_seconds)}
        stops = vitals.unsealed > settings.seal_lag_seconds
        yield Shortage("sealing", "", Fault("", "alert.sealing_late", facts), stops)
