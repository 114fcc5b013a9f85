"""Plants brought to the hub by its real flows, and what it makes of them held against the truth.

`python -m tests.supervision.trial 1 20` tries these seeds, `... trial FOLDER` what rows.json and
truth.json there say, `... trial 7 7 FOLDER` writes them there for a seed, `... trial withheld 1 200`
takes records away and looks for accusations that go beyond the truth.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from hub.db import facts as stored
from hub.db.facts import judgements
from hub.domain.clock import Limit
from hub.domain.contracts import Contracts
from hub.domain.load import indicators_of
from hub.pipeline import facts, indicators
from tests.filled import CONTRACTS, Filled
from tests.supervision.planting import FLOWS, NOW, Truth, World
from tests.supervision.plants import (
    FLOODED,
    FLOODED_BEFORE,
    IMPORTED,
    IMPORTED_BEFORE,
    PLANTS,
    sow,
)
from tests.supervision.withholding import withhold
from tests.supervision.workdays import DAY

SMALL = 12
FOLDER = Path(__file__).parents[2] / "mappings/indicators"
GRAVITY = {"notice": 0, "yellow": 1, "red": 2, "grave": 3}
LEVELS = set(GRAVITY)
OF_ACCEPTANCE = Limit(
    *("trial", "", "", "", "in_force", None, None, (), "case", "acceptance", {}, 12, "", "")
)
"""No text gives a joint acceptance days of its own; a deployment does."""
SUBJECTS = """
    select r.id::text, coalesce(g.number, '') from hub.record r
      join (select record_id, number from fact.item union all
            select record_id, number from fact.stage union all
            select record_id, project_code from fact.project union all
            select record_id, number from golden.approval_document union all
            select record_id, number from golden.acceptance union all
            select record_id, item_number from golden.consultation) g on g.record_id = r.id
"""
JUDGED = (
    "select indicator, subject, state, detail, level, counted, nullif(unit, '') from made_judged"
)
HITS = "select indicator, subject, level, unit from fact.hit where cleared_at is null"


@dataclass(frozen=True, slots=True)
class Found:
    """One judged subject by the name it has at its source. outcome: as the truth has it."""

    indicator: str
    subject: str
    outcome: str
    unit: str | None


@dataclass(frozen=True, slots=True)
class Result:
    """How many were rightly found, how many planted, how many found; and every difference."""

    right: int
    planted: int
    found: int
    wrong: tuple[str, ...]

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 1

    @property
    def recall(self) -> float:
        return self.right / self.planted if self.planted else 1


def contracts(worlds: Iterable[World] = ()) -> Contracts:
    """The product's own as a city completes them: with days for joint acceptances, and with what
    its people have named in exclusions.yaml.
    """
    texts = {
        f"mappings/indicators/{path.name}": path.read_text(encoding="utf-8")
        for path in FOLDER.glob("*.yaml")
    }
    today = datetime.now(UTC).date()
    now = {"from": f"{today - 2 * DAY}", "until": f"{today + 2 * DAY}"}
    cases: dict[str, list[dict[str, object]]] = {
        "special_works": [{"projects": [one for world in worlds for one in world.named] or ["-"]}],
        "force_majeure": [
            {"counties": [FLOODED[0]], "during": {"from": "2025-10-01", "until": "2026-11-30"}},
            {"counties": [FLOODED_BEFORE[0]], "during": {"until": "2025-09-30"}},
        ],
        "history_import": [
            {"counties": [IMPORTED[0]], "landed": now},
            {"counties": [IMPORTED_BEFORE[0]], "landed": {"until": f"{today - 2 * DAY}"}},
        ],
    }
    name = "mappings/indicators/exclusions.yaml"
    for kind, named in cases.items():
        said = json.dumps([{"source": "a file of the city", **one} for one in named])
        head, found, rest = texts[name].partition(f"id: {kind}\n")
        texts[name] = head + found + rest.replace("cases: []", f"cases: {said}", 1)
    supervision = replace(CONTRACTS.supervision, indicators=indicators_of(texts, {}).indicators)
    return replace(CONTRACTS, limits=(*CONTRACTS.limits, OF_ACCEPTANCE), supervision=supervision)


def pull(filled: Filled, worlds: Iterable[World]) -> None:
    """Bring all rows in, table by table, as runs do; what is deleted is deleted at the end."""
    several = list(worlds)
    for table, flow in FLOWS.items():
        rows = [row for world in several for row in world.rows[table]]
        filled.pull(flow, *({**row, "lsh": n, "sjyxbs": 1} for n, row in enumerate(rows, start=1)))
    rows = [row for world in several for row in world.rows["project"]]
    gone = [row for row in rows if row["sjyxbs"] == 0]
    if gone:
        begun = len(rows) + 1
        filled.pull(
            FLOWS["project"], *({**row, "lsh": n} for n, row in enumerate(gone, start=begun))
        )


def judged(filled: Filled, worlds: Iterable[World]) -> list[Found]:
    """Build facts, judge by every indicator (drafts too), and give every subject's outcome."""
    database, known = filled.hub.database, contracts(worlds)
    facts.adopt(database, known)
    facts.refresh(database, now=NOW)
    indicators.build(database, known, now=NOW)
    found: list[Found] = []
    with database.read(snapshot=True, scratch=True) as tx:
        names = {str(row[0]): str(row[1]) for row in tx.execute(SUBJECTS)}
        stands = {(row[0], row[1]): (row[2], row[3]) for row in tx.execute(HITS)}
        calendar = stored.state(tx).calendar
        assert calendar is not None
        said = judgements.state(tx).said or {}
        asked = judgements.moment(tx, calendar, NOW)
        asked |= {name: said[name] for name in ("late", "held")}
        for one in known.supervision.indicators:
            judgements.judge(tx, [one], asked, None)
            for name, subject, state, detail, level, counted, unit in tx.execute(JUDGED):
                told = names.get(subject, subject)
                share = one.measure == "share"
                outcome = level or ("counted" if counted and share else "clear")
                outcome = outcome if state == "judged" else f"{state}:{detail}"
                if one.status == "in_force" and level is not None:
                    assert stands.pop((name, subject)) == (level, unit)
                found.append(Found(name, told, outcome, unit))
    assert not stands, f"hits that no judgement gives: {stands}"
    return found


def compared(worlds: Iterable[World], found: Iterable[Found]) -> Result:
    """Hits against the truth, and every other outcome that the truth speaks of."""
    several = list(worlds)
    said = {(one.indicator, one.subject): one for world in several for one in world.truth}
    seen: Mapping[tuple[str, str], Found] = {(one.indicator, one.subject): one for one in found}
    wrong, right = [], 0
    for key, one in said.items():
        other = seen.get(key)
        outcome = other.outcome if other is not None else "none"
        same = outcome == one.outcome and (
            other is None or one.outcome not in LEVELS or other.unit == one.unit
        )
        right += same and outcome in LEVELS
        if not same:
            unit = other.unit if other is not None else None
            wrong.append(
                f"{key} is {outcome} of {unit}, and was planted {one.outcome} of {one.unit}"
            )
    accused = [one for one in seen.values() if one.outcome in LEVELS]
    wrong += [
        f"{one.indicator} {one.subject} is accused ({one.outcome}) of nothing planted"
        for one in accused
        if (one.indicator, one.subject) not in said
    ]
    planted = sum(one.outcome in LEVELS for one in said.values())
    return Result(right, planted, len(accused), tuple(sorted(wrong)))


def unjust(worlds: Sequence[World], found: Iterable[Found]) -> list[str]:
    """Accusations that go beyond what was planted: of nothing, graver, or of another unit."""
    said = {(one.indicator, one.subject): one for world in worlds for one in world.truth}
    shares = {of.indicator for world in worlds for of in world.truth if of.outcome == "counted"}
    wrong = []
    for one in found:
        truth = said.get((one.indicator, one.subject))
        planted = truth.outcome if truth is not None else "none"
        if one.outcome in LEVELS:
            just = planted in LEVELS and GRAVITY[planted] >= GRAVITY[one.outcome]
            just = just and truth is not None and one.unit in {truth.unit, None}
        else:
            just = one.outcome != "counted" or one.indicator not in shares or planted == "counted"
        if not just:
            wrong.append(f"{one} was planted {planted}")
    return wrong


def write(world: World, folder: Path) -> None:
    """Leave the rows of a world and its truth as files."""
    folder.mkdir(parents=True, exist_ok=True)
    truth = [asdict(one) for one in world.truth]
    for name, said in (("rows", world.rows), ("named", world.named), ("truth", truth)):
        text = json.dumps(said, ensure_ascii=False, indent=1)
        (folder / f"{name}.json").write_text(text, encoding="utf-8")


def read(folder: Path) -> World:
    """A world as its files say it."""
    world = World(0)
    world.rows |= json.loads((folder / "rows.json").read_text(encoding="utf-8"))
    world.named = json.loads((folder / "named.json").read_text(encoding="utf-8"))
    told = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    world.truth = [Truth(**one) for one in told]
    return world


def some(seed: int) -> World:
    """A small world of plants drawn by its seed, with records taken away."""
    world = World(seed)
    names = world.random.sample(tuple(PLANTS), SMALL)
    return withhold(sow(world, tuple(names)))


def main(arguments: list[str]) -> int:
    from tests.postgres import DatabaseServer, postgres, throwaway_cluster  # noqa: PLC0415

    withheld = arguments[0] == "withheld"
    if withheld:
        worlds = [some(seed) for seed in range(int(arguments[1]), int(arguments[2]) + 1)]
    elif len(arguments) == 1:
        worlds = [read(Path(arguments[0]))]
    else:
        worlds = [sow(World(seed)) for seed in range(int(arguments[0]), int(arguments[1]) + 1)]
    for folder in () if withheld else arguments[2:]:
        write(worlds[0], Path(folder))
    with throwaway_cluster() as cluster:
        process = cluster.start(cluster.data.with_suffix(".log"))
        try:
            with closing(DatabaseServer(cluster)) as server, server.database() as url:
                found = outcomes(url, worlds)
        finally:
            postgres.stop(process)
    if withheld:
        wrong = unjust(worlds, found)
        sys.stdout.write("".join(f"{line}\n" for line in wrong))
        accused = sum(one.outcome in LEVELS for one in found)
        reasons = Counter(one.outcome for one in found if one.outcome.startswith("not_judged"))
        sys.stdout.write(
            f"{len(worlds)} worlds, {accused} accused, {len(wrong)} unjustly;"
            f" {sum(reasons.values())} not judged: {dict(reasons.most_common())}\n"
        )
        return bool(wrong)
    result = compared(worlds, found)
    sys.stdout.write("".join(f"{line}\n" for line in result.wrong))
    sys.stdout.write(
        f"{len(worlds)} worlds, {result.planted} violations planted, {result.found} found:"
        f" precision {result.precision:.4f}, recall {result.recall:.4f},"
        f" {len(result.wrong)} outcomes differ\n"
    )
    return bool(result.wrong)


def tried(url: str, worlds: list[World]) -> Result:
    """What an empty database makes of these worlds, against what was planted."""
    return compared(worlds, outcomes(url, worlds))


def outcomes(url: str, worlds: list[World]) -> list[Found]:
    """What an empty database makes of these worlds."""
    filled = Filled(url)
    filled.hub.migrate()
    pull(filled, worlds)
    found = judged(filled, worlds)
    filled.hub.close()
    return found


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
