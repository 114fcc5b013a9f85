"""REST, one thing a call: asked for by its key, for partners that give no list."""

from urllib.parse import quote

from pydantic import Field, ValidationInfo, model_validator

from connectors.canonical import canonical
from connectors.exchange import Exchange, Resource, refuse_unsigned
from connectors.options import ContradictionError
from connectors.verdicts import Code, pick
from connectors.web import WebPageError
from hub.errors import Fault, FlowError, HubError, TransientError
from hub.model import Json, KeyAnswer, Raw

KEY = "{key}"
"""Where a key stands in an address."""


class RestAsk(Resource):
    """REST: one thing a call, asked for by its key (`ask:`)."""

    parameter: str = Field(
        default="", description="Parameter that carries the key; left out: `{key}` in `resource`"
    )
    record: str = Field(
        default="",
        description="Path of what is answered, one record or a list; left out: all of it",
    )
    absent: tuple[Code | None, ...] = Field(
        default=(),
        description="What means that there is no such thing: HTTP statuses or result codes such as "
        "404 and -1; null for an answer in which the record is null or missing",
    )
    spent: tuple[Code, ...] = Field(
        default=(),
        description="What means that today's quota is spent: HTTP statuses or result codes; "
        "nothing is asked before the next day then",
    )

    @model_validator(mode="after")
    def _keyed(self, info: ValidationInfo) -> "RestAsk":
        refuse_unsigned(self.sid, info)
        if bool(self.parameter) == (KEY in self.resource):
            raise ContradictionError(
                zh="须写 parameter，或在 resource 中写 {key}，二者其一",
                en="say parameter, or {key} in resource, one of them",
            )
        return self


def answer_to(exchange: Exchange, options: RestAsk, key: str) -> KeyAnswer:
    """Ask for one key; FlowError (ask.spent) at the quota, TransientError where it is away."""
    resource = options.model_copy(
        update={"resource": options.resource.replace(KEY, quote(key, safe=""))}
    )
    asked: dict[str, Json] = {options.parameter: key} if options.parameter else {}
    try:
        document = exchange.ask(resource, asked).document
    except WebPageError:  # a page for people, with whatever status: the service is not there
        raise TransientError("system.unavailable", system=exchange.system, detail="HTML") from None
    except HubError as error:
        return _said(exchange, options, key, error)
    found = pick(document, options.record)
    if found is None and None in options.absent:
        return KeyAnswer(key, "absent")
    records = found if isinstance(found, list) else [found]
    if not all(isinstance(one, dict) for one in records):
        place = options.record or "/"
        facts = {"system": exchange.system, "detail": f"{place}: no record"}
        return KeyAnswer(key, "failed", fault=Fault("", "system.answer_unreadable", facts))
    raws = [Raw(canonical(one), f"{options.resource} {key}") for one in records]
    return KeyAnswer(key, "answered" if raws else "absent", tuple(raws))


def _said(exchange: Exchange, options: RestAsk, key: str, error: HubError) -> KeyAnswer:
    """What a refusal means; raises what concerns more than this key."""
    code = error.facts.get("status", "")
    if code in map(str, options.spent):
        raise FlowError("ask.spent", system=exchange.system, said=code) from None
    if code in {str(one) for one in options.absent if one is not None}:
        return KeyAnswer(key, "absent")
    if isinstance(error, TransientError) or error.code == "system.credentials":
        raise error
    return KeyAnswer(key, "failed", fault=Fault("", error.code, dict(error.facts)))
