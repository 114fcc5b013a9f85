"""Project codes: the published ones first, wrong ones among them, then invented ones without
end.
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sandbox.world.chance import mixed

DATA = Path(__file__).parent.parent / "data"
PROVINCES = {
    "14": "山西省",
    "32": "江苏省",
    "33": "浙江省",
    "44": "广东省",
    "51": "四川省",
    "52": "贵州省",
    "13": "河北省",
}
SERIALS = 900_000
STRIDE = 7_919  # has no factor in common with SERIALS, so that it visits every serial once
WRONG_EVERY = 5


@dataclass(frozen=True, slots=True)
class Registered:
    """One code with what its publication says: a name may be missing."""

    code: str
    name: str
    region_code: str
    region_name: str
    malformed: bool


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _region(code: str, published: str) -> tuple[str, str]:
    region = code[5:11] if code[5:11].isdigit() else "520100"
    if published and not published.startswith("("):
        return region, published
    return region, PROVINCES.get(region[:2], "贵州省") + "经济开发区"


@cache
def published() -> tuple[Registered, ...]:
    """Give the published codes in a fixed order, a wrong one after every fourth right one."""
    wrong = [
        Registered(row["code"], "", *_region(row["code"], ""), malformed=True)
        for row in _rows("project_codes_malformed.csv")
    ]
    found: list[Registered] = []
    for row in _rows("project_codes.csv"):
        if wrong and len(found) % WRONG_EVERY == WRONG_EVERY - 1:
            found.append(wrong.pop(0))
        found.append(
            Registered(
                row["code"], row["name"], *_region(row["code"], row["region"]), malformed=False
            )
        )
    return tuple(found)


@cache
def _regions() -> tuple[tuple[str, str], ...]:
    """Give county-level regions of published codes, to invent further projects in."""
    return tuple(
        sorted(
            {
                (r.region_code, r.region_name)
                for r in published()
                if not r.malformed and r.region_code[:2] == "52"
            }
        )
    )


@cache
def _index_by_code() -> dict[str, int]:
    return {registered.code: index for index, registered in enumerate(published())}


class CodeBook:
    """Codes by index and back, without a list of them."""

    def __init__(self, *, seed: int, projects: int) -> None:
        self.size = projects or len(published())
        self._seed = seed

    def at(self, index: int) -> Registered:
        if index < len(published()):
            return published()[index]
        draw = mixed(self._seed, index, 1)
        region_code, region_name = _regions()[draw % len(_regions())]
        months = 67 - draw // 1_000 % 67  # 2101 .. 2607
        kind = ("04-01", "04-01", "04-01", "04-05", "04-02", "07-02")[draw // 100_000 % 6]
        serial = 100_000 + index * STRIDE % SERIALS
        year, month = divmod(months - 1, 12)
        code = f"{21 + year}{month + 1:02d}-{region_code}-{kind}-{serial}"
        return Registered(code, "", region_code, region_name, malformed=False)

    def index_of(self, code: str) -> int | None:
        """Find the project that carries this code."""
        known = _index_by_code().get(code)
        if known is not None:
            return known if known < self.size else None
        serial = code[-6:]
        if not (serial.isascii() and serial.isdigit()):
            return None
        first = (int(serial) - 100_000) * pow(STRIDE, -1, SERIALS) % SERIALS
        return next(
            (index for index in range(first, self.size, SERIALS) if self.at(index).code == code),
            None,
        )
