"""Whatever an identity provider answers, or whoever sits in its place: signing in ends in time, and
says so.
"""

import json
import socket
from threading import Event

import pytest
from joserfc.jwk import ECKey

from hub.auth import oidc
from hub.errors import HubError, TransientError
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
