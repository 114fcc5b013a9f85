"""What stands behind the entity in a flow's name has a title, in the file of its system."""

import pytest

from hub.domain.load import ContractsInvalidError
from tests.domain.sample import PERMIT_PULL, SYSTEM, contracts
from tests.filled import CONTRACTS

TITLED = SYSTEM + "variants:\n  NAME: {zh: 补录, en: Entered later}\n"
PATHS = {"mappings/work/permit.late.pull.yaml": PERMIT_PULL}


def test_a_variant_has_a_title_in_both_languages():
    found = contracts(**{"mappings/work/system.yaml": TITLED.replace("NAME", "late")}, **PATHS)
    assert found.systems["work"].variants == {"late": ("补录", "Entered later")}


def test_a_title_of_a_variant_that_no_mapping_has_is_refused_with_the_nearest():
    with pytest.raises(ContractsInvalidError) as caught:
        contracts(**{"mappings/work/system.yaml": TITLED.replace("NAME", "lat")}, **PATHS)
    (problem,) = caught.value.problems
    assert (problem.file, problem.code) == (
        "mappings/work/system.yaml",
        "contract.variant_unknown",
    )
    assert "late" in problem.facts["hint_en"]


def test_every_variant_that_comes_with_the_hub_has_a_title():
    bare = {
        flow
        for flow in [*CONTRACTS.pulls, *CONTRACTS.pushes]
        for system, variant in [(flow.split(".")[1], flow.split(".", 3)[3:])]
        if variant and variant[0] not in CONTRACTS.systems[system].variants
    }
    assert bare == set()
