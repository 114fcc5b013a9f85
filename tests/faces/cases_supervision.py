"""Clocks by their lights."""

from hub.services import hits, lights, supervision_cases
from hub.services.hits import HitsAsked
from tests.faces.harness import Case
from tests.filled import Filled
from tests.hits import HIT, asked, told

PAGE = "hub.console.pages.lights"
CASE = "hub.console.pages.cases"
HITS = "hub.console.pages.hits"

CASES: list[Case] = [
    # What a running clock has used differs from one moment to the next: only that all ask one.
    Case(lights.listed, api="/v1/lights", command=("lights", "list"), pages=(PAGE,)),
    Case(
        lights.by_region,
        lights.by_region,
        "/v1/lights/regions",
        ("lights", "regions"),
        (PAGE,),
    ),
    Case(lights.by_unit, lights.by_unit, "/v1/lights/units", ("lights", "units"), (PAGE,)),
    Case(lights.exported, api="/v1/lights/xlsx", pages=(PAGE,)),
    Case(
        hits.listed,
        lambda context: hits.listed(context, HitsAsked()),
        "/v1/hits",
        ("hits", "list"),
        (HITS,),
    ),
    Case(
        hits.counts,
        lambda context: hits.counts(context, HitsAsked()),
        "/v1/hits/counts",
        ("hits", "counts"),
        (HITS,),
    ),
    Case(
        hits.one,
        lambda context: hits.one(context, HIT),
        f"/v1/hits/{HIT}",
        ("hits", "show", str(HIT)),
        (HITS,),
    ),
    *(
        Case(use, api=f"POST /v1/hits/1/{path}", command=("hits", verb), pages=(HITS,))
        for use, path, verb in (
            (hits.tell_unit, "told", "tell"),
            (hits.explain, "explanation", "explain"),
            (hits.dispute, "dispute", "dispute"),
            (hits.confirm, "confirmation", "confirm"),
            (hits.accept, "acceptance", "accept"),
            (hits.revoke, "revocation", "revoke"),
        )
    ),
    Case(
        supervision_cases.listed,
        supervision_cases.listed,
        "/v1/cases",
        ("cases", "list"),
        (CASE,),
    ),
    Case(
        supervision_cases.one,
        lambda context: supervision_cases.one(context, 1),
        "/v1/cases/1",
        ("cases", "show", "1"),
        (CASE,),
    ),
    *(
        Case(use, api=f"POST /v1/cases{path}", command=("cases", verb), pages=(CASE,))
        for use, path, verb in (
            (supervision_cases.open_case, "", "open"),
            (supervision_cases.answer, "/1/answer", "answer"),
            (supervision_cases.accept, "/1/acceptance", "accept"),
            (supervision_cases.send_back, "/1/returned", "return"),
            (supervision_cases.extend, "/1/extension", "extend"),
            (supervision_cases.raise_step, "/1/raised", "raise"),
        )
    ),
]
NOT_SHARED: dict[str, str] = {}


def fill(world: Filled) -> None:
    """A hit that a unit was told of, and a case about it."""
    told(world)
    asked(world)
