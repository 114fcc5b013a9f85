"""Whoever signs by a recipe is proven by the same recipe, and nobody else; open recipes are refused."""

from datetime import UTC, datetime, timedelta

import pytest
from requests import PreparedRequest, Request

from connectors.callers import CallerSystem
from connectors.identity import proof
from connectors.inbox import InboxConnector
from connectors.options import read_options
from hub.errors import FlowError
from hub.model import Connection, Json, PartnerCall

BODY = '{"b": "二", "a": 1}'.encode()
NAMES: dict[str, Json] = {"key": "appKey", "signature": "sign", "timestamp": "ts", "nonce": "rnd"}
RECIPES: dict[str, dict[str, Json]] = {
    "hmac over the whole call": {
        "kind": "signature",
        "parts": ["key", "timestamp", "nonce", "method", "path", "query", "body"],
        "digest": "hmac-sha256",
        "headers": NAMES,
    },
    "upper-case md5 of sorted parameters in the query": {
        "kind": "signature",
        "in": "query",
        "parts": ["sorted_parameters", "secret"],
        "joined": "",
        "digest": "md5",
        "case": "upper",
        "why": "the market wants it so",
        "timestamp": "milliseconds",
        "headers": NAMES,
    },
    "a time by a pattern, base64": {
        "kind": "signature",
        "parts": ["timestamp", "body_md5"],
        "digest": "hmac-sha1",
        "encoding": "base64",
        "timestamp": "%Y%m%d%H%M%S",
        "headers": {"signature": "sign", "timestamp": "ts"},
    },
    "a gateway": {"kind": "signature", "style": "x-ca"},
    "basic": {"kind": "basic"},
    "a key in a header": {"kind": "headers", "headers": {"X-Api-Key": "{secret}"}},
    "a key in the query": {"kind": "headers", "query": {"key": "{secret}"}},
}
NOW = datetime.now(UTC)


def _connection(secret: str = "both know it") -> Connection:  # noqa: S107 -- a made-up one
    return Connection("far", "http", "far", None, "us", secret, "")


def _called(recipe: dict[str, Json], secret: str = "both know it") -> PreparedRequest:  # noqa: S107
    """A call as the partner signs it: as we sign calls of ours."""
    url = "http://hub/v1/intake/far/things?kind=%E6%96%B0&empty="
    request = Request("POST", url, data=BODY, headers={"Content-Type": "application/json"})
    prepared = request.prepare()
    options = read_options(CallerSystem, {"auth": recipe}, system="far")
    assert options.auth is not None
    sign = proof(options.auth, _connection(secret), base="", ask=lambda _request: None)
    assert sign is not None
    return sign(prepared, sid="")


def _admitted(
    recipe: dict[str, Json],
    call: PreparedRequest,
    *,
    body: bytes = BODY,
    at: datetime | None = None,
) -> str:
    headers = {name.lower(): str(value) for name, value in call.headers.items()}
    said = PartnerCall("POST", str(call.url).removeprefix("http://hub"), headers, body)
    connector = InboxConnector(_connection(), {"auth": recipe})
    return connector.admit(said, now=at or datetime.now(UTC)).nonce


def _refused(recipe: dict[str, Json], call: PreparedRequest, **changed: object) -> str:
    with pytest.raises(FlowError) as refused:
        _admitted(recipe, call, **changed)  # type: ignore[arg-type]
    return refused.value.code


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_who_signs_by_a_recipe_is_proven_by_it(recipe: dict[str, Json]) -> None:
    call = _called(recipe)
    assert bool(_admitted(recipe, call)) == ("rnd" in str(recipe) or recipe.get("style") == "x-ca")
    assert _refused(recipe, _called(recipe, "guessed")) == "call.denied"


@pytest.mark.parametrize("recipe", [one for one in RECIPES.values() if one["kind"] == "signature"])
def test_another_body_and_another_day_are_refused(recipe: dict[str, Json]) -> None:
    call = _called(recipe)
    assert _refused(recipe, call, body=BODY.replace(b"1", b"2")) == "call.denied"
    for days in (1, -1):
        assert _refused(recipe, call, at=NOW + timedelta(days=days)) == "call.stale"


OPEN: dict[str, dict[str, Json]] = {
    "nobody": {"kind": "none"},
    "a token that we would have to give": {"kind": "token", "resource": "login", "token": "t"},
    "a signature in the body": {
        "kind": "signature",
        "in": "body",
        "parts": ["body"],
        "headers": NAMES,
    },
    "a signature that covers no body": {"kind": "signature", "parts": ["key", "path"]},
    "a time that is not signed": {
        "kind": "signature",
        "parts": ["body", "nonce"],
        "headers": NAMES,
    },
    "a nonce without a time": {
        "kind": "signature",
        "parts": ["body", "nonce"],
        "headers": {"nonce": "rnd"},
    },
    "a sid": {"kind": "signature", "parts": ["sid", "body"]},
    "headers that anybody has": {"kind": "headers", "headers": {"X-Who": "{user}"}},
}


@pytest.mark.parametrize("recipe", OPEN.values(), ids=OPEN)
def test_recipes_that_prove_too_little_are_refused(recipe: dict[str, Json]) -> None:
    with pytest.raises(FlowError) as refused:
        InboxConnector(_connection(), {"auth": recipe})
    assert refused.value.code == "system.not_configured"


def test_without_a_secret_nobody_is_let_in() -> None:
    recipe = RECIPES["a key in a header"]
    connector = InboxConnector(_connection(""), {"auth": recipe})
    with pytest.raises(FlowError) as refused:
        connector.admit(PartnerCall("POST", "/", {"x-api-key": ""}, b""), now=NOW)
    assert refused.value.code == "system.not_configured"
