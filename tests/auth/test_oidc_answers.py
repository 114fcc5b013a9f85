"""Whatever an identity provider answers, or whoever sits in its place: signing in ends in time, and
says so.
"""

import base64
import json
import socket
import time
from collections.abc import Mapping
from threading import Event

import pytest
from joserfc import jws
from joserfc.jwk import ECKey, Key, KeySet, OctKey

from hub.auth import oidc
from hub.errors import FlowError, HubError, TransientError
from hub.settings import Oidc
from tests.connectors.raw_server import Say, raw_server
from tests.connectors.test_limits import HEAD, endless, whole

SEED = "seed"
DEEP = b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
WRONG = {
    "endless": (endless(b"x" * 50_000), "AnswerTooLargeError"),
    "long": (
        lambda one, _: one.sendall(HEAD + b"Content-Length: 99999999999\r\n\r\n"),
        "AnswerTooLargeError",
    ),
    "dripping": (endless(b"X", HEAD, pause=0.02), "AnswerLateError"),
    "deep": (whole(DEEP), "RecursionError"),
    "no object": (whole(b"[7]"), "TypeError"),
}


def signing_in(say: Say, *, seconds: float, whole_description: bool = False) -> HubError:
    """How it ends where the provider answers like this, at once or when it is asked for a token."""
    with raw_server(say) as wrong, raw_server(described) as right:
        issuer = f"http://127.0.0.1:{right if whole_description else wrong}"
        WHERE.update(
            issuer=issuer,
            token=f"http://127.0.0.1:{wrong}/token",
            keys=f"http://127.0.0.1:{right}/keys",
        )
        given = Oidc(issuer, "hub", "secret", timeout_seconds=seconds, answer_bytes=300_000)
        provider = oidc.Provider(given, "http://127.0.0.1:1")
        state = oidc._derived("state", SEED)
        with pytest.raises(HubError) as told:
            provider.finish(SEED, f"state={state}&code=x")
    return told.value


WHERE: dict[str, str] = {}
KEY = ECKey.generate_key("P-256")


def described(one: socket.socket, over: Event) -> None:
    """A provider's description and keys in one."""
    keys = [KEY.as_dict(private=False)]
    said = {
        "issuer": WHERE["issuer"],
        "token_endpoint": WHERE["token"],
        "jwks_uri": WHERE["keys"],
        "keys": keys,
    }
    whole(json.dumps(said).encode())(one, over)


@pytest.mark.parametrize("kind", WRONG)
@pytest.mark.parametrize("at", ["description", "token"])
def test_an_answer_without_end_or_sense_is_told_as_a_provider_that_is_away(
    kind: str, at: str
) -> None:
    say, reason = WRONG[kind]
    # Only what drips is to be late; a busy machine may read the others slowly.
    seconds = 0.7 if kind == "dripping" else 30
    told = signing_in(say, seconds=seconds, whole_description=at == "token")
    assert isinstance(told, TransientError), told
    assert told.code == "access.oidc_away"
    assert told.facts["reason"] == (
        "ValueError" if (kind, at) == ("no object", "token") else reason
    )


@pytest.mark.parametrize("place", [None, 7, "", "javascript:alert(1)", "//other/auth", "http://["])
def test_a_description_that_leads_nowhere_sends_nobody_away(place: object) -> None:
    provider = oidc.Provider(Oidc("https://id.example.org", "hub", "secret"), "http://127.0.0.1:1")
    provider._known = {"issuer": "https://id.example.org", "authorization_endpoint": place}
    provider._read_at = time.monotonic()
    with pytest.raises(HubError) as told:
        provider.start(SEED)
    assert told.value.code in {"access.oidc_failed", "access.oidc_away"}


SOUND = {"iss": "https://id.example.org", "aud": "hub", "nonce": "n", "sub": "1"}
FORGED: dict[str, dict[str, object]] = {
    "another issuer": {"iss": "https://id.example.org/"},
    "another audience": {"aud": "other"},
    "meant for another": {"aud": ["hub", "other"], "azp": "other"},
    "another sign-in": {"nonce": "m"},
    "no nonce": {"nonce": None},
    "over": {"exp": -120},
    "not yet": {"nbf": 120},
    "from tomorrow": {"iat": 86_400},
    "no subject": {"sub": ""},
    "a subject of another type": {"sub": {"id": 1}},
    "no end": {"exp": "Infinity"},
}


@pytest.fixture
def trusting(monkeypatch: pytest.MonkeyPatch) -> oidc.Provider:
    """The hub's side of a provider whose keys it has read."""
    made = oidc.Provider(Oidc("https://id.example.org", "hub", "secret"), "http://127.0.0.1:1")
    made._known = {"issuer": "https://id.example.org"}
    made._keys = KeySet([ECKey.import_key(KEY.as_dict(private=False))])
    monkeypatch.setattr(made, "_read", lambda **_: None)
    return made


def signed(claims: Mapping[str, object], *, by: Key, **header: str) -> str:
    """An ID token; times are seconds from now."""
    now = int(time.time())
    times = {name: now + said for name, said in claims.items() if isinstance(said, int)}
    return jws.serialize_compact(
        {"alg": "ES256", **header}, json.dumps({**claims, **times}).encode(), by
    )


def test_a_token_is_believed_within_a_minute_of_its_time(trusting: oidc.Provider) -> None:
    for times in ({"exp": 300}, {"exp": -30}, {"exp": 300, "nbf": 30, "iat": 30}):
        assert trusting._claims(signed(SOUND | times, by=KEY), nonce="n")["sub"] == "1"


@pytest.mark.parametrize("kind", FORGED)
def test_a_token_that_says_otherwise_is_refused(trusting: oidc.Provider, kind: str) -> None:
    with pytest.raises(FlowError, match="oidc_failed"):
        trusting._claims(signed(SOUND | {"exp": 300} | FORGED[kind], by=KEY), nonce="n")


def test_a_token_of_another_key_or_algorithm_is_refused(trusting: oidc.Provider) -> None:
    said, other = SOUND | {"exp": 300}, ECKey.generate_key("P-256")
    public = OctKey.import_key(json.dumps(KEY.as_dict(private=False)))
    unsigned = ".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
        for part in ({"alg": "none"}, said | {"exp": 9_999_999_999})
    )
    for token in (
        f"{unsigned}.",
        signed(said, by=other),
        signed(said, by=other, kid="unknown"),
        signed(said, by=other, jwk=other.as_dict(private=False)),  # type: ignore[arg-type]
        signed(said, by=public, alg="HS256"),
        signed(said, by=KEY)[:-4] + "AAAA",
        "",
    ):
        with pytest.raises(FlowError, match="oidc_failed"):
            trusting._claims(token, nonce="n")
