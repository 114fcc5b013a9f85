"""Golden pairs: what a partner really sent and what it means, what we hold and what a partner is
given.

`<system>/<flow>.pull/NN.in.*` is a payload as its connector gives it, `<flow>.push/NN.in.json` a
golden record with the fields of its project; `NN.out.json` says what comes of it, every fault
included.
"""

import json
from collections import Counter
from pathlib import Path

import pytest

from hub.config import connector_schemas, contract_files
from hub.domain.contracts import Contracts, Mapped, PullFlow, PushFlow, RecordPart
from hub.domain.load import load
from hub.errors import Fault, RecordError

HERE = Path(__file__).parent
PAIRS = sorted(HERE.glob("*/*/*.in.*"))
YEAR = 2026  # the rule of project codes looks at the year


@pytest.fixture(scope="module")
def contracts() -> Contracts:
    return load(contract_files(HERE.parent.parent), connector_schemas(), year=YEAR)


def flow_name(pair: Path) -> str:
    stem, _, direction = pair.parent.name.rpartition(".")
    return f"{direction}.{pair.parent.parent.name}.{stem}"


def said(fault: Fault) -> dict[str, object]:
    return {"pointer": fault.pointer, "code": fault.code, "facts": dict(fault.facts)}


def mapped(flow: PullFlow, payload: bytes) -> dict[str, object]:
    try:
        found = flow.mapper.map(flow.fields(payload))
    except RecordError as error:
        return {"unreadable": [said(fault) for fault in error.faults]}
    return {
        "key": found.key,
        "version": found.version,
        "deleted": found.deleted,
        "skipped": found.skipped,
        **what(found),
        **({"parts": [part_said(part) for part in found.parts]} if found.parts is not None else {}),
    }


def what(found: Mapped) -> dict[str, object]:
    return {
        "values": found.values,
        "faults": [said(fault) for fault in found.faults],
        "warnings": [said(fault) for fault in found.warnings],
    }


def part_said(part: RecordPart) -> dict[str, object]:
    return {"pointer": part.pointer, "key": part.mapped.key, **what(part.mapped)}


def shaped(flow: PushFlow, content: bytes) -> dict[str, object]:
    given = json.loads(content)
    found = flow.shaper.shape(
        given["golden"], {"project": given["project"], "form": given.get("form", {})}
    )
    return {"body": found.body, "withheld": said(found.withheld) if found.withheld else None}


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{flow_name(pair)}/{pair.name[:2]}")
def test_a_mapping_gives_what_its_pair_says(contracts: Contracts, pair: Path) -> None:
    name, content = flow_name(pair), pair.read_bytes()
    found = (
        mapped(contracts.pulls[name], content)
        if name in contracts.pulls
        else shaped(contracts.pushes[name], content)
    )
    assert found == json.loads((pair.parent / f"{pair.name[:2]}.out.json").read_bytes())


def test_every_mapping_has_two_pairs_at_least(contracts: Contracts) -> None:
    pairs = Counter(map(flow_name, PAIRS))
    assert {name for name in (*contracts.pulls, *contracts.pushes) if pairs[name] < 2} == set()


def test_every_pull_has_a_pair_with_several_faults_and_one_without_any(
    contracts: Contracts,
) -> None:
    faults: dict[str, set[int]] = {name: set() for name in contracts.pulls}
    for pair in PAIRS:
        if flow_name(pair) in faults:
            answer = json.loads((pair.parent / f"{pair.name[:2]}.out.json").read_bytes())
            for one in [*answer.get("parts", ()), answer]:
                faults[flow_name(pair)].add(min(len(one.get("faults", ())), 2))
    assert {name for name, seen in faults.items() if not seen >= {0, 2}} == set()
