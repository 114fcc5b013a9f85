"""Sign-in at an identity provider: OpenID Connect, code flow with PKCE, state and nonce.

All three are derived from one random seed in a cookie of the browser; nothing is stored here. Who
returns is admitted where an administrator has opened the account for it, or by a group's role.
"""

import secrets
import time
from collections.abc import Mapping
from hashlib import sha256
from threading import Lock
from urllib.parse import parse_qs, urlencode

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from hub import auth
from hub.calling.client import HttpLimits, bound, calling
from hub.db.access import identities
from hub.db.database import Transaction
from hub.domain.rights import ROLES
from hub.domain.storable import strange
from hub.errors import FlowError, TransientError
from hub.model import Json
from hub.settings import Oidc

DISCOVERY = "/.well-known/openid-configuration"
CHALLENGE = "S256"
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]
LEEWAY = 60
LONGEST = 1000
"""Characters of a claim that is kept: subject, name, unit."""
NOT_MEANT = (ValueError, TypeError, LookupError, AttributeError, RecursionError)
"""What parsing raises for an answer that is no JSON, of another shape, or nested too deep."""


class Provider:
    """The identity provider; its discovery document and keys are cached (HUB_OIDC_KEYS_SECONDS)."""

    def __init__(self, oidc: Oidc, public_url: str) -> None:
        self.oidc = oidc
        self.back = f"{public_url}/oidc/back"
        self._limits = HttpLimits(oidc.answer_bytes, oidc.timeout_seconds)
        self._lock = Lock()
        self._known: dict[str, Json] = {}
        self._keys: KeySet | None = None
        self._read_at = 0.0

    def start(self, seed: str) -> str:
        """The address at the provider to which the browser is redirected to sign in."""
        place = self._endpoint("authorization_endpoint")
        try:
            with self._session() as session:
                address, _ = session.create_authorization_url(
                    place,
                    state=_derived("state", seed),
                    nonce=_derived("nonce", seed),
                    code_verifier=_derived("verifier", seed),
                )
        except NOT_MEANT as error:
            raise TransientError("access.oidc_away", reason=type(error).__name__) from None
        return str(address)

    def finish(self, seed: str, query: str) -> Mapping[str, Json]:
        """The verified claims of the ID token for the code in this query of the redirect back.

        Raises FlowError (access.oidc_failed) where something does not verify, TransientError
        (access.oidc_away) where the provider cannot be reached.
        """
        asked = parse_qs(query)
        # As bytes: of texts it takes ASCII only, and anybody may write anything in an address.
        given = asked.get("state", [""])[0].encode(errors="replace")
        if not seed or not secrets.compare_digest(given, _derived("state", seed).encode()):
            raise FlowError("access.oidc_failed", why="state")
        if asked.get("iss", [self.oidc.issuer])[0] != self.oidc.issuer:  # RFC 9207: mix-up
            raise FlowError("access.oidc_failed", why="iss")
        if "code" not in asked:
            raise FlowError("access.oidc_failed", why=asked.get("error", ["no code"])[0][:100])
        try:
            with self._session() as session:
                tokens = session.fetch_token(
                    self._endpoint("token_endpoint"),
                    code=asked["code"][0],
                    code_verifier=_derived("verifier", seed),
                    timeout=self.oidc.timeout_seconds,
                )
        except AuthlibBaseError as error:
            raise FlowError("access.oidc_failed", why=str(error.error)[:100]) from None
        except (requests.RequestException, *NOT_MEANT) as error:
            raise TransientError("access.oidc_away", reason=type(error).__name__) from None
        return self._claims(str(tokens.get("id_token", "")), nonce=_derived("nonce", seed))

    def goodbye(self, onward: str) -> str:
        """The provider's address for signing out; `onward` where it offers none."""
        self._read()
        place = self._known.get("end_session_endpoint")
        if not isinstance(place, str) or not place.startswith(("https://", "http://")):
            return onward
        asked = {"client_id": self.oidc.client_id, "post_logout_redirect_uri": onward}
        return f"{place}?{urlencode(asked)}"

    def _session(self) -> OAuth2Session:
        session = OAuth2Session(
            self.oidc.client_id,
            self.oidc.client_secret,
            scope=self.oidc.scope,
            redirect_uri=self.back,
            code_challenge_method=CHALLENGE,
        )
        bound(session, self._limits)
        return session

    def _claims(self, token: str, *, nonce: str) -> Mapping[str, Json]:
        """The claims of an ID token; signature, issuer, audience, nonce and expiry are checked."""
        self._read()
        rules = jwt.JWTClaimsRegistry(
            leeway=LEEWAY,
            iss={"essential": True, "value": self.oidc.issuer},
            aud={"essential": True, "value": self.oidc.client_id},
            nonce={"essential": True, "value": nonce},
            exp={"essential": True},
            sub={"essential": True},
        )
        try:
            try:
                read = jwt.decode(token, self._key_set(), algorithms=ALGORITHMS)
            except (JoseError, ValueError):
                # A key that is not known: the provider may have rotated its keys since.
                self._read(again=True)
                read = jwt.decode(token, self._key_set(), algorithms=ALGORITHMS)
            rules.validate(read.claims)
        except (JoseError, ValueError) as error:
            raise FlowError("access.oidc_failed", why=type(error).__name__) from None
        if read.claims.get("azp", self.oidc.client_id) != self.oidc.client_id:
            raise FlowError("access.oidc_failed", why="azp")
        return dict(read.claims)

    def _endpoint(self, name: str) -> str:
        """An address of the discovery document, over HTTP."""
        self._read()
        place = self._known.get(name)
        if not isinstance(place, str) or not place.startswith(("https://", "http://")):
            raise FlowError("access.oidc_failed", why=name)
        return place

    def _key_set(self) -> KeySet:
        if self._keys is None:
            raise FlowError("access.oidc_failed", why="no keys")
        return self._keys

    def _read(self, *, again: bool = False) -> None:
        """Fetch the discovery document and keys, unless they are fresh."""
        with self._lock:
            if (
                not again
                and self._known
                and time.monotonic() - self._read_at < self.oidc.keys_seconds
            ):
                return
            try:
                known = self._get(f"{self.oidc.issuer}{DISCOVERY}")
                keys = KeySet.import_key_set(self._get(str(known["jwks_uri"])))  # type: ignore[arg-type]
            except (requests.RequestException, JoseError, *NOT_MEANT) as error:
                raise TransientError("access.oidc_away", reason=type(error).__name__) from None
            if known.get("issuer") != self.oidc.issuer:
                raise FlowError("access.oidc_failed", why="issuer")
            self._known, self._keys = known, keys
            self._read_at = time.monotonic()

    def _get(self, address: str) -> dict[str, Json]:
        with calling(self._limits) as session:
            answer = session.get(address, timeout=self.oidc.timeout_seconds)
        answer.raise_for_status()
        return dict(answer.json())


def new_seed() -> str:
    """A random value for the cookie that a browser holds during sign-in."""
    return secrets.token_urlsafe(32)


def admit(tx: Transaction, oidc: Oidc, claims: Mapping[str, Json]) -> str:
    """The account for these claims; FlowError (access.oidc_unknown) where there is none.

    An account opened for the provider is bound to the first subject that comes under its name.
    Without one, an account is made where a group gives a role.
    """
    subject, name = f"{oidc.issuer} {claims['sub']}", str(claims.get(oidc.account_claim) or "")
    role, unit = _role(oidc, claims), str(claims.get(oidc.department_claim) or "")
    if any(strange(said) or len(said) > LONGEST for said in (subject, name, unit)):
        raise FlowError("access.oidc_failed", why="claims")
    known = identities.of_subject(tx, subject)
    if known is not None and known.by_groups and not known.ended:
        if role is None:
            raise FlowError("access.oidc_unknown", account=known.name)
        identities.follow(tx, known.name, role=role, department=unit)
    if known is not None:
        if known.ended:
            raise FlowError("access.oidc_unknown", account=known.name)
        return known.name
    if name and identities.bind(tx, name, subject):
        return name
    if name and role is not None:
        auth.check_name(tx, name)
    made = (
        name
        and role is not None
        and identities.make(tx, name, role, department=unit, subject=subject)
    )
    if not made:
        raise FlowError("access.oidc_unknown", account=name)
    return name


def expect(tx: Transaction, account: str) -> None:
    """Let an account sign in at the identity provider only; its password no longer works."""
    if not identities.expect(tx, account):
        raise FlowError("access.account_unknown", account=account)


def _role(oidc: Oidc, claims: Mapping[str, Json]) -> str | None:
    """The role of the first configured group that the claims name."""
    said = claims.get(oidc.role_claim)
    groups = {str(one) for one in said} if isinstance(said, list) else {str(said)}
    return next((role for group, role in oidc.roles if group in groups and role in ROLES), None)


def _derived(kind: str, seed: str) -> str:
    return sha256(f"{kind} {seed}".encode()).hexdigest()
