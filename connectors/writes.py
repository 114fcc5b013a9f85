"""Writing over HTTP: records created, changed and withdrawn, each by its method and address."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, cast
from urllib.parse import quote

from pydantic import Field, JsonValue, ValidationInfo, model_validator

from connectors.exchange import Exchange, Resource, refuse_unsigned
from connectors.options import ContradictionError, Options
from connectors.paging import WebPaging
from connectors.verdicts import Bodies, CallVerdicts, Code, as_text, pick
from connectors.web import RefusedError
from hub.errors import FlowError
from hub.model import Held, Json, Number, Outcome, Outgoing

NO_VERDICT = (
    "对方的答复没有按 key 说明这条记录的结论；如果整个答复就是结论，请写 verdict: {of: call} / "
    "the answer names no record by `key`; if it is the verdict as a whole, write verdict: {of: "
    "call}"
)
NO_ADDRESS = "地址中的字段没有值 / a field of the address has no value: {}"
_PLACES = re.compile(r"\{([^{}]+)\}")


class Lookup(Resource):
    """How to ask what became of a delivery, and what the partner holds of it."""

    parameter: str = Field(
        default="",
        description=(
            "Parameter of the key; empty: the key ends the path, unless {key} or {FIELD} stands "
            "in `resource`"
        ),
    )
    path: str = Field(default="", description="Path of the verdict in the answer")
    found: bool = Field(
        default=False,
        description="Being found is the verdict: only what was taken is known. Where it is found "
        "by {FIELD}, it must "
        "also say what was sent",
    )
    absent: tuple[Code, ...] = Field(
        default=(), description="Result codes that mean: never received (404 always does)"
    )
    content: bool = Field(
        default=False, description="The answer is the record as the partner holds it now"
    )


class Shelf(Resource):
    """How everything that the partner has from us is listed, whatever is remembered here."""

    records: str = Field(description="Path of the list in the answer")
    key: str = Field(
        default="",
        description="Path of the delivery's key in a record; empty: as `key` of what is sent",
    )
    size: int = Field(default=500, ge=1, description="Records a page")
    size_parameter: str = Field(default="", description="Parameter of the page size")
    paging: WebPaging = Field(description="How pages are turned")
    empty: tuple[Code | None, ...] = Field(
        default=(), description="What else means that there is no more, as in `read:`"
    )


class ChangeOptions(Options):
    """How a record that the partner has is changed, or taken back."""

    method: Literal["PUT", "PATCH", "POST", "DELETE"] = Field(description="Method of the call")
    resource: str = Field(
        description="Address; {FIELD} stands for a field of the body, {key} for the key of the "
        "delivery, {reference} "
        "for the partner's own number"
    )
    absent: tuple[Code, ...] = Field(
        default=(404,),
        description="HTTP statuses or result codes that mean: there is no such record. It is "
        "created then; one that "
        "was to be taken back is gone",
    )


class RestWrite(Bodies):
    """REST: one address that takes records."""

    resource: str = Field(
        description="Where to send, below the connection's path; {FIELD} stands for a field of "
        "the body, {key} for the "
        "key of the delivery"
    )
    method: Literal["POST", "PUT", "PATCH"] = Field(
        default="POST", description="Method of the call"
    )
    sid: str = Field(
        default="", description="Number of this resource at a gateway, for {sid} and the signature"
    )
    fields: dict[str, JsonValue] = Field(
        default_factory=dict, description="Fixed fields around the content"
    )
    records: str | None = Field(
        default="",
        description=(
            "Field of the list of records in the content; empty: the content is the list; null: "
            "one a call"
        ),
    )
    atomic: bool = Field(
        default=False,
        description=(
            "The partner takes a list as a whole or not at all: a refusal is found out record by "
            "record"
        ),
    )
    update: ChangeOptions | None = Field(
        default=None,
        description=(
            "How a record that the partner has taken before is changed; without it like a new one"
        ),
    )
    exists: tuple[Code, ...] = Field(
        default=(409,),
        description=(
            "HTTP statuses or result codes by which `resource` says that it has the record: "
            "`update` follows"
        ),
    )
    remove: ChangeOptions | None = Field(
        default=None,
        description=(
            "How a record is withdrawn by a call of its own, e.g. DELETE; instead of `withdraw`"
        ),
    )
    answers: str = Field(default="", description="Path of the list of verdicts in the answer")
    verdict: CallVerdicts = Field(description="How a verdict is said")
    lookup: Lookup | None = Field(default=None, description="How to find an earlier attempt")
    listing: Shelf | None = Field(
        default=None,
        description="How to list all that stands there; without it nobody sees what is there "
        "beyond ours, and after a "
        "restoration single look-ups are asked",
    )

    @model_validator(mode="after")
    def _refuse(self) -> "RestWrite":
        if (
            self.verdict.of == "call"
            and not self.atomic
            and "batch" in self.model_fields_set
            and self.batch > 1
        ):
            raise ContradictionError(
                zh="verdict 为 of: call 时 batch 大于 1 需要 atomic: true（对方整批收下或整批拒绝）",
                en=(
                    "verdict of: call with a batch over 1 needs atomic: true (taken or refused "
                    "as a whole)"
                ),
            )
        return self

    @model_validator(mode="after")
    def _signed(self, info: ValidationInfo) -> "RestWrite":
        refuse_unsigned(self.sid, info)
        return self

    @property
    def size(self) -> int:
        """Records per call."""
        ways = self.update is not None or self.remove is not None or _PLACES.search(self.resource)
        return (
            1
            if ways or self.records is None or (self.verdict.of == "call" and not self.atomic)
            else self.batch
        )

    def recognised(self, key: str, answer: dict[str, Json]) -> Held:
        """What an answer says the partner holds; withdrawn, if it has a withdrawal's fields."""
        return Held(key, answer, ended=self.ended(answer), under=as_text(answer.get(self.key)))

    def impossible(self, items: Sequence[Outgoing]) -> tuple[list[Outcome], list[Outgoing]]:
        return ([], list(items)) if self.remove is not None else super().impossible(items)


class Desk:
    """Sends records to one resource, and looks up earlier ones."""

    def __init__(
        self, exchange: Exchange, options: RestWrite, items: Sequence[Outgoing] = ()
    ) -> None:
        self._exchange = exchange
        self._options = options
        self._items = {item.key: item for item in items}

    def hand_over(self, items: Sequence[Outgoing]) -> Iterator[Outcome]:
        """Send a batch, or each record by its own call; give the outcomes."""
        options, first = self._options, items[0]
        if options.remove is not None and first.action == "withdraw":
            return self._removed(first, options.remove)
        if options.update is not None and self._is_there(first):
            return self._updated(first, options.update)
        return self._created(items)

    def _is_there(self, item: Outgoing) -> bool:
        """Whether the partner has the record, or may have it: changing it twice is harmless."""
        return item.previous is not None or item.repeat

    def _created(self, items: Sequence[Outgoing], *, again: bool = False) -> Iterator[Outcome]:
        options = self._options
        resource = _address(options.resource, items[0])
        if resource is None:
            yield _unaddressed(items[0], options.resource)
            return
        records: list[Json] = [options.shaped(item) for item in items]
        content: Json = records
        if options.records is None or _PLACES.search(options.resource):
            content = records[0]
        elif options.records:
            content = {options.records: content}
        try:
            yield from self._sent(options.method, resource, content, items)
        except FlowError as error:
            if options.update is None or again or not _says(error, options.exists):
                raise
            yield from self._updated(items[0], options.update, again=True)

    def _updated(
        self, item: Outgoing, change: ChangeOptions, *, again: bool = False
    ) -> Iterator[Outcome]:
        resource = _address(change.resource, item)
        if (
            resource is None and item.previous is None and not again
        ):  # it has probably not arrived: create it
            yield from self._created([item], again=True)
            return
        if resource is None:
            yield _unaddressed(item, change.resource)
            return
        try:
            yield from self._sent(change.method, resource, self._options.shaped(item), [item])
        except FlowError as error:
            if again or not _says(error, change.absent):
                raise
            yield from self._created([item], again=True)

    def _removed(self, item: Outgoing, change: ChangeOptions) -> Iterator[Outcome]:
        """Withdraw a record; one that the partner no longer has is confirmed."""
        resource = _address(change.resource, item)
        if resource is None:
            yield _unaddressed(item, change.resource)
            return
        body = None if change.method == "DELETE" else self._options.shaped(item)
        try:
            yield from self._sent(change.method, resource, body, [item])
        except FlowError as error:
            if not _says(error, change.absent):
                raise
            yield Outcome(item.key, "confirmed", code=error.facts.get("status", ""))

    def _sent(
        self, method: str, resource: str, content: Json, items: Sequence[Outgoing]
    ) -> list[Outcome]:
        options = self._options
        answer = self._exchange.write(
            method,
            resource,
            content,
            fields=cast("dict[str, Json]", options.fields),
            sid=options.sid,
            read=not options.verdict.by_status,
        )
        keys = [item.key for item in items]
        found = list(options.verdict.of_call(pick(answer.document, options.answers), keys))
        if len(items) == 1 and [one.state for one in found] == ["rejected"]:
            raise RefusedError(
                said=found[0].code,
                text=found[0].text,
                system=self._exchange.system,
                status=found[0].code,
            )
        # No verdict is not success: the hub asks, or sends again with the same idempotency key.
        return found or [
            Outcome(key, "unknown", code="no_verdict", text=NO_VERDICT) for key in keys
        ]

    def look_up(self, key: str) -> Outcome | None:
        """The outcome of an earlier attempt; None if the partner does not know it."""
        lookup = self._options.lookup
        answer = self.known(lookup, key) if lookup else None
        if answer is None or lookup is None:
            return None
        if not (lookup.found or self._options.verdict.by_status):
            return self._options.verdict.outcome(answer, key=key)
        item = self._items.get(key)
        if (
            item is not None
            and _of_record(lookup)
            and not _says_the_same(answer, self._options.shaped(item))
        ):
            return None
        return Outcome(key, "confirmed")

    def known(self, lookup: Lookup, key: str) -> dict[str, Json] | None:
        """The partner's record of a key; None where unknown, or the key alone is not enough."""
        asked: Resource = lookup
        if _PLACES.search(lookup.resource):
            place = _address(lookup.resource, self._items.get(key) or Outgoing(key, "upsert", {}))
            if place is None:
                return None
            asked = lookup.model_copy(update={"resource": place})
        elif not lookup.parameter:
            asked = lookup.model_copy(
                update={"resource": f"{lookup.resource}/{quote(key, safe='')}"}
            )
        try:
            found = self._exchange.ask(asked, {lookup.parameter: key} if lookup.parameter else {})
        except FlowError as error:
            if _says(error, (404, *lookup.absent)):
                return None
            raise
        answer = pick(found.document, lookup.path)
        return answer if isinstance(answer, dict) else None


def by_key_alone(lookup: Lookup | None) -> bool:
    """Whether a look-up needs only the key."""
    return lookup is not None and not _of_record(lookup)


def _of_record(lookup: Lookup) -> bool:
    return bool(set(_PLACES.findall(lookup.resource)) - {"key"})


def _says(error: FlowError, codes: Sequence[Code]) -> bool:
    return error.facts.get("status") in {str(code) for code in codes}


def _says_the_same(answer: Mapping[str, Json], sent: Mapping[str, Json]) -> bool:
    """Whether the partner's record has every field as sent."""
    return all(_plain(answer.get(name)) == _plain(value) for name, value in sent.items())


def _plain(value: Json) -> Json:
    return value.text if isinstance(value, Number) else value


def _address(template: str, item: Outgoing) -> str | None:
    """The address from a template; None where a field is missing, or would lead elsewhere."""
    known = {**(item.previous or {}), **item.body, "key": item.key, "reference": item.reference}
    values = {name: as_text(known.get(name)) for name in _PLACES.findall(template)}
    if any(value in {"", ".", ".."} for value in values.values()):
        return None
    return _PLACES.sub(lambda found: quote(values[found[1]], safe=""), template)


def _unaddressed(item: Outgoing, template: str) -> Outcome:
    names = ", ".join(_PLACES.findall(template))
    return Outcome(item.key, "rejected", code="address", text=NO_ADDRESS.format(names))
