"""Plants brought to the hub by its real flows, and what it makes of them held against the truth.

`python -m tests.supervision.trial 1 20` tries these seeds, `... trial FOLDER` what rows.json and
truth.json there say, `... trial 7 7 FOLDER` writes them there for a seed.
"""

import json
import sys
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from hub.db import facts as stored
from hub.db.facts import judgements
from hub.domain.clock import Limit
from hub.domain.contracts import Contracts
from hub.pipeline import facts, indicators
from tests.filled import CONTRACTS, Filled
from tests.supervision.planting import FLOWS, NOW, Truth, World
from tests.supervision.plants import sow

LEVELS = {"notice", "yellow", "red", "grave"}
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


def contracts() -> Contracts:
    """The product's own, with days for joint acceptances."""
    return replace(CONTRACTS, limits=(*CONTRACTS.limits, OF_ACCEPTANCE))


def pull(filled: Filled, worlds: Iterable[World]) -> None:
    """Bring all rows in, table by table, as runs do; what is deleted is deleted at the end."""
    several = list(worlds)
    for table, flow in FLOWS.items():
        rows = [row for world in several for row in world.rows[table]]
        filled.pull(flow, *({**row, "lsh": n, "sjyxbs": 1} for n, row in enumerate(rows, start=1)))
    rows = [row for world in several for row in world.rows["project"]]
    gone = [row for row in rows if row["sjyxbs"] == 0]
    filled.pull(FLOWS["project"], *({**row, "lsh": len(rows) + n} for n, row in enumerate(gone)))


def judged(filled: Filled) -> list[Found]:
    """Build facts, judge by every indicator (drafts too), and give every subject's outcome."""
    database, known = filled.hub.database, contracts()
    facts.adopt(database, known)
    facts.refresh(database, now=NOW)
    indicators.build(database, known, now=NOW)
    found: list[Found] = []
    with database.read(snapshot=True, scratch=True) as tx:
        names = {str(row[0]): str(row[1]) for row in tx.execute(SUBJECTS)}
        stands = {(row[0], row[1]): (row[2], row[3]) for row in tx.execute(HITS)}
        calendar = stored.state(tx).calendar
        assert calendar is not None
        asked = judgements.moment(tx, calendar, NOW)
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


def write(world: World, folder: Path) -> None:
    """Leave the rows of a world and its truth as files."""
    folder.mkdir(parents=True, exist_ok=True)
    truth = [asdict(one) for one in world.truth]
    for name, said in (("rows", world.rows), ("truth", truth)):
        text = json.dumps(said, ensure_ascii=False, indent=1)
        (folder / f"{name}.json").write_text(text, encoding="utf-8")


def read(folder: Path) -> World:
    """A world as its files say it."""
    world = World(0)
    world.rows |= json.loads((folder / "rows.json").read_text(encoding="utf-8"))
    told = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    world.truth = [Truth(**one) for one in told]
    return world


def main(arguments: list[str]) -> int:
    from tests.postgres import DatabaseServer, postgres, throwaway_cluster  # noqa: PLC0415

    if len(arguments) == 1:
        worlds = [read(Path(arguments[0]))]
    else:
        worlds = [sow(World(seed)) for seed in range(int(arguments[0]), int(arguments[1]) + 1)]
    for folder in arguments[2:]:
        write(worlds[0], Path(folder))
    with throwaway_cluster() as cluster:
        process = cluster.start(cluster.data.with_suffix(".log"))
        try:
            with closing(DatabaseServer(cluster)) as server, server.database() as url:
                result = tried(url, worlds)
        finally:
            postgres.stop(process)
    sys.stdout.write("".join(f"{line}\n" for line in result.wrong))
    sys.stdout.write(
        f"{len(worlds)} worlds, {result.planted} violations planted, {result.found} found:"
        f" precision {result.precision:.4f}, recall {result.recall:.4f},"
        f" {len(result.wrong)} outcomes differ\n"
    )
    return bool(result.wrong)


def tried(url: str, worlds: list[World]) -> Result:
    """What an empty database makes of these worlds."""
    filled = Filled(url)
    filled.hub.migrate()
    pull(filled, worlds)
    found = judged(filled)
    filled.hub.close()
    return compared(worlds, found)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
