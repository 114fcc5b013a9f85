"""Many projects as an approval system sends them, by the real mappings: stages, items, steps, ends
of every kind.
"""

from datetime import datetime, timedelta
from random import Random

from tests.filled import Filled, payload
from tests.services.lives import put

OFFICES = ("市住建局", "市自然资源局", "市发改委")
REGIONS = ("620702", "441702", "140108")
"""One with limits in force, one with a draft, one without."""
BEGIN = datetime(2025, 3, 3, 9)  # noqa: DTZ001 -- written as the partner does, without a zone


def codes(count: int) -> list[str]:
    return [f"2503-140108-70-03-{number:06}" for number in range(1, count + 1)]


def fill(world: Filled, count: int, *, seed: int = 8) -> None:
    """So many projects with three stages each; every fifth has a connection."""
    random = Random(seed)  # noqa: S311 -- seeded on purpose
    rows: dict[str, list[dict[str, object]]] = {
        "project": [],
        "stage": [],
        "approval_item": [],
        "approval_step": [],
    }
    for code in codes(count):
        project = {
            "xmdm": code,
            "gcdm": f"{code}-001",
            "jsddxzqh": random.choice(REGIONS),
            "lsh": int(code[-6:]),
        }
        done = random.random() < 0.2
        open_end = {
            "xmsfwqbj": int(done),
            "xmwqbjsj": "2026-03-02" if done else None,
            "splclx": random.randrange(1, 8),
        }
        rows["project"].append(payload("pull.approval.project", **{**project, **open_end}))
        for ordinal in ("1", "3", "5"):
            _stage(rows, code, ordinal, random)
    for entity, some in rows.items():
        world.pull(f"pull.approval.{entity}", *some)  # type: ignore[arg-type]
    world.hub.release()
    with world.hub.database.write() as tx:
        for number, code in enumerate(codes(count)[::5]):
            said = {
                "utility": "water",
                "company": "市自来水公司",
                "applied_on": "2025-05-06",
                "outside_line": False,
            }
            put(tx, "utility_connection", project_code=code, number=f"W{number}", **said)
    world.hub.refresh_facts()


def _stage(
    rows: dict[str, list[dict[str, object]]], code: str, ordinal: str, random: Random
) -> None:
    begun = BEGIN + timedelta(
        days=60 * int(ordinal) + random.randrange(30), minutes=random.randrange(480)
    )
    number, ended = f"{code}-S{ordinal}", random.random() < 0.4
    stage = {
        "gcdm": f"{code}-001",
        "blspslbm": number,
        "dybzspjdxh": ordinal,
        "sqsj": begun.isoformat(),
        "bjsj": (begun + timedelta(days=40)).isoformat() if ended else None,
        "lsh": len(rows["stage"]) + 1,
    }
    rows["stage"].append(payload("pull.approval.stage", **stage))  # type: ignore[arg-type]
    for letter in "AB"[: random.randrange(3)]:
        item = f"{number}-{letter}"
        about = {
            "gcdm": f"{code}-001",
            "spsxslbm": item,
            "blspslbm": number,
            "spbmmc": random.choice(OFFICES),
        }
        said = payload("pull.approval.approval_item", lsh=len(rows["approval_item"]) + 1, **about)  # type: ignore[arg-type]
        rows["approval_item"].append(said)
        at = begun
        middle = random.choice((["6", "7"], ["9", "10"], ["6"], []))
        for status in ["1", "3", *middle, *random.choice((["11"], ["13"], []))]:
            step = {
                "gcdm": f"{code}-001",
                "spsxslbm": item,
                "blzt": int(status),
                "blsj": at.isoformat(),
            }
            said = payload(
                "pull.approval.approval_step", lsh=len(rows["approval_step"]) + 1, **step
            )  # type: ignore[arg-type]
            rows["approval_step"].append(said)
            at += timedelta(days=random.randrange(1, 9), minutes=random.randrange(600))
