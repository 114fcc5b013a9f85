"""How well records without a code find their project: precision and recall over thresholds, and
what a search costs.

`--fit` fits the weights of `hub/domain/weights.py` on one seed. Without it the other seeds are
measured.
"""

import argparse
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from bench import labelled
from bench.database import server
from bench.labelled import Case, Known
from hub.config import connector_schemas, contract_files
from hub.db import migrate
from hub.db.crosswalk import links
from hub.db.database import Database, Transaction
from hub.domain import record_linkage
from hub.domain.load import load
from hub.domain.record_linkage import Match
from hub.domain.weights import WEIGHTS
from hub.pipeline.linking import LEAST_OFFERED
from hub.settings import HOME, Settings

FITTED_SEED, MEASURED_SEEDS = 1, (2, 3, 4)
PORTION = 200
SETTINGS = Settings(database_url="")


@contextmanager
def hub(projects: Sequence[Known]) -> Iterator[Database]:
    """A database in which the scorer sees these projects."""
    with server() as cluster:
        cluster.ensure_database("linking")
        url = cluster.url("linking")
        migrate.migrate(
            url, load(contract_files(HOME), connector_schemas(), year=2026).entities.values()
        )
        database = Database(url)
        with database.write() as tx:
            links.put_subjects(
                tx,
                ((number, one.code, labelled.traits(one)) for number, one in enumerate(projects)),
            )
        with database.write() as tx:
            tx.execute("analyze hub.link_subject")
        yield database
        database.close()


def searched(
    tx: Transaction, cases: Sequence[Case]
) -> Iterator[tuple[Case, list[links.LinkCandidate]]]:
    """Each case with its candidates."""
    for start in range(0, len(cases), PORTION):
        some = cases[start : start + PORTION]
        yield from zip(some, links.candidates(tx, [case.said for case in some]), strict=True)


def judged(database: Database, cases: Sequence[Case]) -> list[tuple[Case, list[Match]]]:
    """Each case with its candidates as the scorer ranks them."""
    with database.write() as tx:
        return [
            (
                case,
                record_linkage.ranked(
                    case.said, ((one.project_code, one.said, ()) for one in found)
                ),
            )
            for case, found in searched(tx, cases)
        ]


def fit(database: Database, cases: Sequence[Case]) -> tuple[float, dict[tuple[str, str], float]]:
    """The weights under which the right candidate, or none, is likeliest: conditional logit, by
    gradient ascent.
    """
    levels = [level for level in WEIGHTS if level[0] != "number"]
    place = {level: at for at, level in enumerate(levels)}
    rows: list[tuple[np.ndarray, int]] = []
    with database.write() as tx:
        for case, found in searched(tx, cases):
            table = np.zeros((len(found) + 1, len(levels) + 1))
            right = len(found)
            for at, one in enumerate(found):
                table[at, -1] = 1
                for feature in record_linkage.compare(case.said, one.said):
                    table[at, place[feature.trait, feature.level]] = 1
                if one.project_code == case.truth:
                    right = at
            rows.append((table, right))
    return climbed(rows, levels)


def climbed(
    rows: Sequence[tuple[np.ndarray, int]], levels: Sequence[tuple[str, str]]
) -> tuple[float, dict[tuple[str, str], float]]:
    """Adam on the mean log likelihood with a small pull to zero."""
    whole = np.vstack([table for table, _ in rows])
    group = np.repeat(np.arange(len(rows)), [len(table) for table, _ in rows])
    starts = np.cumsum([0] + [len(table) for table, _ in rows[:-1]])
    right = starts + np.array([at for _, at in rows])
    weights, first, second = (
        np.zeros(whole.shape[1]),
        np.zeros(whole.shape[1]),
        np.zeros(whole.shape[1]),
    )
    for step in range(1, 1501):
        score = whole @ weights
        score = np.exp(score - np.maximum.reduceat(score, starts)[group])
        share = score / np.add.reduceat(score, starts)[group]
        slope = (whole[right].sum(axis=0) - whole.T @ share) / len(rows) - 2e-4 * weights
        first, second = 0.9 * first + 0.1 * slope, 0.999 * second + 0.001 * slope**2
        weights += 0.05 * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-9)
    return float(weights[-1]), {
        level: float(weight) for level, weight in zip(levels, weights, strict=False)
    }


def written(bias: float, weights: Mapping[tuple[str, str], float]) -> str:
    """The text of hub/domain/weights.py."""
    lines = [
        f'    ("{trait}", "{level}"): {weight:.2f},' for (trait, level), weight in weights.items()
    ]
    shared = WEIGHTS["number", "shared"]
    return "\n".join(
        [
            (
                '"""Log odds of every comparison of `matching`; made by `python bench/linking.py '
                '--fit`."""'
            ),
            "",
            f"BIAS = {bias:.2f}",
            "WEIGHTS = {",
            *lines,
            (
                f'    ("number", "shared"): {shared:.2f},  # not fitted: a number that does not '
                f"decide, but speaks for it"
            ),
            "}",
            "",
        ]
    )


def curve(judgements: Sequence[tuple[Case, list[Match]]]) -> Iterator[tuple[float, float, float]]:
    """(threshold, precision, recall) of linking by itself whatever reaches the threshold."""
    homes = sum(case.truth is not None for case, _ in judgements)
    for threshold in (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.97, 0.98, 0.99, 0.995, 0.999):
        linked = [
            (case, best)
            for case, found in judgements
            if (best := record_linkage.sure(found, threshold)) is not None
        ]
        right = sum(case.truth == best.project_code for case, best in linked)
        yield threshold, right / max(len(linked), 1), right / homes


def by_trouble(judgements: Iterable[tuple[Case, list[Match]]], sure: float, maybe: float) -> None:
    """What became of each kind of trouble."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for case, found in judgements:
        best = record_linkage.sure(found, sure)
        if best is not None:
            outcome = "linked right" if best.project_code == case.truth else "linked wrong"
        elif sum(match.likelihood for match in found) >= maybe:
            offered = any(
                match.project_code == case.truth and match.likelihood >= LEAST_OFFERED
                for match in found
            )
            outcome = "asked, right among" if offered else "asked, right not among"
        else:
            outcome = "left waiting"
        counts[case.trouble][outcome] += 1
        counts[case.trouble]["found"] += any(match.project_code == case.truth for match in found)
    columns = (
        "linked right",
        "linked wrong",
        "asked, right among",
        "asked, right not among",
        "left waiting",
        "found",
    )
    print(f"{'trouble':18}" + "".join(f"{name:>24}" for name in columns))
    for trouble, outcomes in counts.items():
        print(f"{trouble:18}" + "".join(f"{outcomes[name]:>24}" for name in columns))


def cost(database: Database, cases: Sequence[Case]) -> None:
    """What a search and a ranking cost, and whether the index does it."""
    took = []
    with database.write() as tx:
        for start in range(0, len(cases), PORTION):
            some = [case.said for case in cases[start : start + PORTION]]
            began = time.perf_counter()
            found = links.candidates(tx, some)
            middle = time.perf_counter()
            for said_, ones in zip(some, found, strict=True):
                record_linkage.ranked(said_, ((one.project_code, one.said, ()) for one in ones))
            took.append(((middle - began) / len(some), (time.perf_counter() - middle) / len(some)))
    search, rank = (statistics.median(column) * 1e6 for column in zip(*took, strict=True))
    print(f"search {search:.0f} us a record, ranking {rank:.0f} us")


def drawn(curves: Mapping[str, Sequence[tuple[float, float, float]]]) -> str:
    """The curves as a picture: recall to the right, precision upwards, a point a threshold."""
    left, top, width, height, least_recall, least_precision = 70, 40, 640, 320, 0.5, 0.99

    def place(recall: float, precision: float) -> str:
        right = left + width * max(recall - least_recall, 0) / (1 - least_recall)
        share = max(precision - least_precision, 0) / (1 - least_precision)
        return f"{right:.1f},{top + height * (1 - share):.1f}"

    lines = [
        (
            '<svg xmlns="http://www.w3.org/2000/svg" width="760" height="430" '
            'font-family="sans-serif" font-size="12">'
        ),
        '<rect width="760" height="430" fill="white"/>',
        (
            '<text x="70" y="22" font-size="15">准确率与召回率 · precision and recall of linking '
            "without a number</text>"
        ),
        f'<rect x="{left}" y="{top}" width="{width}" height="{height}" fill="none" stroke="#999"/>',
    ]
    for tenth in range(6):
        recall, precision = 0.5 + tenth / 10, 0.99 + tenth / 500
        (right, _), (_, down) = place(recall, 1).split(","), place(1, precision).split(",")
        lines.append(
            f'<text x="{right}" y="{top + height + 18}" text-anchor="middle">{recall:.1f}</text>'
        )
        lines.append(f'<text x="{left - 8}" y="{down}" text-anchor="end">{precision:.3f}</text>')
    aim = place(0.97, 1).split(",")[0], place(1, 0.995).split(",")[1]
    lines.append(
        f'<path d="M{aim[0]},{top} V{aim[1]} H{left + width}" fill="none" stroke="#c33" '
        f'stroke-dasharray="4"/>'
    )
    for (name, points), colour in zip(curves.items(), ("#06c", "#093", "#a50"), strict=False):
        path = " ".join(place(recall, precision) for _, precision, recall in points)
        lines.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for threshold, precision, recall in points:
            x, y = place(recall, precision).split(",")
            title = f"{name}: {threshold} {precision:.4f} {recall:.4f}"
            lines.append(
                f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"><title>{title}</title></circle>'
            )
        at = top + 20 * (1 + list(curves).index(name))
        lines.append(f'<text x="{left + 12}" y="{at}" fill="{colour}">{name}</text>')
    lines.append(
        f'<text x="{left + width / 2}" y="{top + height + 40}" text-anchor="middle">召回率 '
        f"recall</text></svg>"
    )
    return "\n".join(lines) + "\n"


def main() -> None:
    """Fit, or measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--fit", action="store_true", help="fit the weights on the first seed and write them"
    )
    parser.add_argument("--projects", type=int, default=20_000)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--picture", type=Path, help="draw the curves into this SVG file")
    asked = parser.parse_args()
    curves: dict[str, list[tuple[float, float, float]]] = {}
    for seed in (FITTED_SEED,) if asked.fit else MEASURED_SEEDS:
        projects = list(labelled.projects(seed, asked.projects))
        cases = list(labelled.cases(seed, projects, asked.cases))
        with hub(projects) as database:
            if asked.fit:
                Path(record_linkage.__file__).with_name("weights.py").write_text(
                    written(*fit(database, cases)), encoding="utf-8"
                )
                continue
            judgements = judged(database, cases)
            print(f"seed {seed}: {len(cases)} records, {len(projects)} projects")
            for threshold, precision, recall in curve(judgements):
                print(f"  {threshold:5.3f}  precision {precision:.4f}  recall {recall:.4f}")
            by_trouble(judgements, SETTINGS.link_sure, SETTINGS.link_maybe)
            cost(database, cases[:1000])
            curves[f"seed {seed}"] = list(curve(judgements))
    if curves and asked.picture is not None:
        asked.picture.write_text(drawn(curves), encoding="utf-8")


if __name__ == "__main__":
    main()
