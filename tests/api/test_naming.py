"""A name or number that nothing bears is 404 or 422 with the nearest names, on every route: never
an empty answer.
"""

from fastapi.routing import APIRoute

from hub.api import failures, operations, reconciling
from hub.api.auditing import routes as auditing
from hub.api.granting import routes as granting
from hub.api.routes import routes
from tests.api.conftest import Client, Opened
from tests.filled import CODE

WRONG = {
    "flow": ("pull.investment.projct", "pull.investment.project"),
    "cause": ("record.code_unknow /xmlx", "record.code_unknown /xmlx"),
    "state": ("runing", ""),
    "kind": ("lost_pus", "lost_push"),
    "outcome": ("quarantind", "quarantined"),
    "account": ("nobdy", ""),
    "form": ("construction_permt", ""),
    "entity": ("projekt", "project"),
    "lang": ("fr", ""),
    "scenario": ("land_then_strat", "land_then_start"),
    "scope": ("stag", ""),
    "light": ("rde", ""),
}
"""A wrong value of each parameter that names something, and what the answer must say."""

RIGHT = {
    "cause": "record.code_unknown /xmlx",
    "code": CODE,
    "field": "name",
    "project_code": CODE,
    "flow": "pull.investment.project",
    "form": "permit",
    "scenario": "land_then_start",
    "scope": "stage",
    "light": "red",
}
NAMES_NOTHING = {
    *(
        "q",
        "limit",
        "since",
        "until",
        "before",
        "after",
        "closed",
        "decided",
        "value",
        "department",
        "asked",
    ),
    "county",  # leading digits
    *("region", "stage", "flow_kind"),
    *("moment_asked", "as_of", "project_code", "checkpoint", "refused"),
}
"""Parameters of which no value is a slip: what is sought, how much, since when."""

ROUTERS = (routes, auditing, granting, operations.routes, failures.routes, reconciling.routes)
ASKED = [one for router in ROUTERS for one in router.routes if isinstance(one, APIRoute)]
READ = [
    one
    for one in ASKED
    # What a unit hands in and fetches is its own: nothing is told of other names (test_supply.py).
    if one.methods == {"GET"} and not one.path.startswith(("/v1/supply", "/v1/news"))
]


def parameters(route: APIRoute) -> list[str]:
    query = [
        name
        for one in route.dependant.query_params
        for name in getattr(
            one.field_info.annotation, "model_fields", {one.name: None}
        )  # of a model, its fields
    ]
    return [*query, *(one.name for one in route.dependant.path_params)]


def test_every_parameter_of_every_route_is_tried_or_names_nothing():
    named = {name for route in READ for name in parameters(route) if not name.endswith("_id")}
    assert named - WRONG.keys() - NAMES_NOTHING - {"code", "field"} == set()


def test_a_mistyped_name_is_an_error_with_the_nearest_names_and_never_an_empty_answer(
    client: Client, opened: Opened
):
    token, met = opened("ops", "administrator", "project"), {}
    for route in READ:
        for name in parameters(route):
            if name not in WRONG:
                continue
            wrong, nearest = WRONG[name]
            rest = {one: RIGHT.get(one, "1") for one in parameters(route) if one != name}
            path = route.path.format_map({**rest, name: wrong})
            asked_for = [one for one in route.dependant.query_params if one.name in rest]
            required = {one.name for one in asked_for if one.field_info.is_required()} - {name}
            asked = [f"{one}={rest[one]}" for one in sorted(required)]
            asked += [] if f"{{{name}}}" in route.path else [f"{name}={wrong}"]
            answer = client.get(f"{path}?{'&'.join(asked)}", token)
            if answer.status_code not in {404, 422} or nearest not in answer.text:
                met[route.path, name] = answer.status_code, answer.text[:300]
    assert not met, "\n".join(map(str, met.items()))


def test_a_number_that_nothing_has_is_an_error(client: Client, opened: Opened):
    token, met = opened("ops", "administrator", "project"), {}
    for route in READ:
        numbers = [one.name for one in route.dependant.path_params if one.name.endswith("_id")]
        if numbers:
            path = route.path.format_map({**RIGHT, **dict.fromkeys(numbers, "987654")})
            if (answer := client.get(path, token)).status_code not in {404, 409, 422}:
                met[route.path] = answer.status_code, answer.text[:200]
    assert not met, "\n".join(map(str, met.items()))
