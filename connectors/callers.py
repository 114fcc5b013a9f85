"""Partners that call the hub: who may call, how much, and how they are answered."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator
from requests import PreparedRequest

from connectors.identity import Basic, FixedHeaders, proven
from connectors.options import ContradictionError, Options, read_options
from connectors.signatures import X_CA, Signature, Signer
from hub.errors import FlowError
from hub.model import Admitted, CallLimits, Connection, Json, PartnerCall

UNITS = {"": 1, "kB": 1_000, "MB": 1_000_000}
COVERING = {"body", "body_digest", "body_md5", "sorted_parameters"}
"""Parts of a signature that cover what is sent."""

CallerAuth = Annotated[Signature | Basic | FixedHeaders, Field(discriminator="kind")]


class Limits(Options):
    """What the partner's calls may take."""

    bytes: int | Annotated[str, Field(pattern=r"^[1-9]\d{0,8} ?(kB|MB)$")] = Field(
        default="5MB", description="Bytes of one body at most, such as 5MB"
    )
    records: int = Field(default=500, ge=1, description="Records of one body at most")
    per_minute: int | None = Field(
        default=None, ge=1, description="Calls a minute; empty: HUB_INTAKE_A_MINUTE"
    )
    stale: int = Field(
        default=300,
        ge=1,
        le=86_400,
        description="Seconds by which the time of a signature may differ from the hub's clock",
    )

    repeats: int = Field(
        default=86_400,
        ge=1,
        description="Seconds for which the same body is a repetition and gets the same receipt; "
        "after them it is a new one",
    )

    @property
    def size(self) -> int:
        """Bytes of one body."""
        if isinstance(self.bytes, int):
            return self.bytes
        unit = self.bytes[-2:]
        return int(self.bytes[:-2]) * UNITS[unit]


class AnswerShape(Options):
    """The partner's own shape of an answer; ours stands beside it."""

    code: str = Field(default="code", description="Name of the result code")
    text: str = Field(default="message", description="Name of the words beside it")
    ok: str = Field(default="0", description="The code that means: it worked")


class CallerSystem(Options):
    """A partner that calls the hub."""

    auth: CallerAuth | None = Field(
        default=None,
        description="How the partner proves who it is, by the recipes with which other partners "
        "are called; the connection's user and secret are its key. Empty: nobody may call, and "
        "what comes is entered by people",
    )
    limits: Limits = Field(default=Limits(), description="What its calls may take")
    charset: Literal["utf-8", "gb18030", "gbk", "gb2312"] = Field(
        default="utf-8", description="Character set of what it sends"
    )
    answer: AnswerShape | None = Field(
        default=None, description="The shape in which it wants answers; empty: the hub's own"
    )

    @model_validator(mode="after")
    def _refuse(self) -> "CallerSystem":
        if isinstance(self.auth, Signature):
            _refuse_open(self.auth)
        if isinstance(self.auth, FixedHeaders) and not any(
            "{secret}" in text for text in (*self.auth.headers.values(), *self.auth.query.values())
        ):
            raise ContradictionError(
                zh="headers 中没有 {secret}：谁都可以调用",
                en="without {secret} among the headers anybody may call",
            )
        return self


def _refuse_open(auth: Signature) -> None:
    """Refuse recipes whose signature says too little of a call that comes in."""
    if auth.in_ == "body":
        raise ContradictionError(
            zh="in: body 使同一正文每次不同：推送须把签名放在 headers 或 query",
            en="in: body makes the same body another each time: sign in headers or the query",
        )
    if auth.wants_sid:
        raise ContradictionError(
            zh="sid 是我方调用时的资源编号，验签时没有",
            en="sid is of resources that we call; there is none where a partner calls",
        )
    if auth.style == X_CA:
        return
    if not COVERING & set(auth.parts):
        raise ContradictionError(
            zh="签名不含正文（body、body_digest、body_md5 或 sorted_parameters）：正文可被替换",
            en="the signature covers no body (body, body_digest, body_md5 or sorted_parameters), "
            "which could be exchanged",
        )
    inside = "sorted_parameters" in auth.parts and auth.in_ == "query"
    for name in ("timestamp", "nonce"):
        if getattr(auth.headers, name) and name not in auth.parts and not inside:
            raise ContradictionError(
                zh=f"{name} 不在 parts 中：改了也不会被发现",
                en=f"{name} is not among the parts: nobody would notice a change of it",
            )
    if auth.headers.nonce and not auth.headers.timestamp:
        raise ContradictionError(
            zh="有 nonce 就要有 timestamp，否则须永远记住每个 nonce",
            en="a nonce wants a timestamp, or each would have to be remembered for ever",
        )


class Caller:
    """A partner as it calls: base of the connectors `inbox` and `outbox`."""

    STANDS_ALONE: ClassVar[bool] = True
    """The hub calls nobody: a connection is wanted only where the partner has a key."""

    def __init__(self, connection: Connection, connect: Mapping[str, Json]) -> None:
        self._name = connection.system
        self._connection = connection
        self._calls = read_options(CallerSystem, connect, system=connection.system)

    def limits(self) -> CallLimits:
        """What calls of this partner may take."""
        said = self._calls.limits
        return CallLimits(said.size, said.records, said.per_minute, said.repeats)

    def admit(self, call: PartnerCall, *, now: datetime) -> Admitted:
        """Prove who calls; FlowError (call.*) for anybody else, and for old signatures."""
        auth = self._calls.auth
        if auth is None:
            raise FlowError("call.nowhere", system=self._name)
        if not self._connection.secret:
            variable = f"HUB_CONN_{self._name.upper()}"
            raise FlowError("system.not_configured", system=self._name, variable=variable)
        request = PreparedRequest()
        request.prepare_headers(dict(call.headers))
        request.method, request.url, request.body = (
            call.method,
            f"http://hub{call.target}",
            call.body,
        )
        if not isinstance(auth, Signature):
            if not proven(auth, self._connection, request):
                raise FlowError("call.denied", system=self._name)
            return Admitted()
        return self._fresh(auth, request, now)

    def _fresh(self, auth: Signature, request: PreparedRequest, now: datetime) -> Admitted:
        signer = Signer(auth, self._connection)
        same, stamp, nonce = signer.proves(request)
        if not same:
            raise FlowError("call.denied", system=self._name)
        if not stamp:
            return Admitted()
        span = timedelta(seconds=self._calls.limits.stale)
        moment = signer.moment(stamp)
        if moment is None or abs(now - moment) > span:
            raise FlowError("call.stale", system=self._name, seconds=self._calls.limits.stale)
        return Admitted(nonce, moment + span + span)

    def answered(self, code: str, text: str, **more: Json) -> dict[str, Json]:
        """An answer in the partner's shape; code "": it worked."""
        shape = self._calls.answer
        own: dict[str, Json] = {shape.code: code or shape.ok, shape.text: text} if shape else {}
        return {**more, **own}

    def ping(self) -> str:
        """Nothing is reached: the partner comes by itself."""
        return "waits for calls"

    def close(self) -> None:
        """Nothing is open."""
