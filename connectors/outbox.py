"""Connector `outbox`: deliveries that their partner fetches, and acknowledges with a verdict."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import ClassVar, Literal

from pydantic import Field

from connectors.callers import Caller, CallerSystem
from connectors.options import Options, read_options, schema_of, span_of
from hub.contract import HandoverShelf
from hub.errors import Fault, FlowError
from hub.model import Connection, Json, Outcome, Outgoing, Page, ReadyState, Receipt


class OutboxRead(Options):
    """Nothing is read by this connector."""


class OutboxWrite(Options):
    """What is fetched at one address: /v1/deliveries/<system>/<resource>."""

    resource: str = Field(
        default="",
        pattern=r"^([a-z][a-z0-9_]*)?$",
        description="Last part of the address that the partner fetches from; empty: the entity",
    )
    key: str = Field(description="Field in which each record carries the delivery's key")
    withdraw: dict[str, str] = Field(
        default_factory=dict,
        description="Fields that say that a record is withdrawn, and their values",
    )
    term: str = Field(
        default="7d",
        pattern=r"^[1-9]\d{0,3}[mhd]$",
        description="Within how long it is to be fetched; later it is told, and still due",
    )
    receipts: Literal[True] = Field(description="Verdicts come when the partner acknowledges")


class OutboxConnector(Caller):
    """What lies ready for one partner."""

    SYSTEM: ClassVar[Mapping[str, Json]] = schema_of(CallerSystem)
    READ: ClassVar[Mapping[str, Json]] = schema_of(OutboxRead)
    WRITE: ClassVar[Mapping[str, Json]] = schema_of(OutboxWrite)

    def __init__(self, connection: Connection, connect: Mapping[str, Json]) -> None:
        super().__init__(connection, connect)
        self._shelf: HandoverShelf | None = None

    def lend(self, shelf: HandoverShelf) -> None:
        self._shelf = shelf

    def pages(
        self,
        read: Mapping[str, Json],  # noqa: ARG002 -- as the contract has it
        *,
        since: str | int | None,  # noqa: ARG002 -- likewise
        resume: Json,  # noqa: ARG002 -- likewise
    ) -> Iterator[Page]:
        raise FlowError(
            "system.not_configured", system=self._name, detail="outbox gives, inbox takes"
        )

    def send(self, write: Mapping[str, Json], items: Sequence[Outgoing]) -> Iterator[Outcome]:
        """Lay deliveries ready. Their verdicts come later; what lies too long is told."""
        options = read_options(OutboxWrite, write, system=self._name)
        shelf = self._lent()
        verdicts = {one.key: one for one in shelf.verdicts([item.key for item in items])}
        for standing in shelf.lay([item.key for item in items]):
            if said := verdicts.get(standing.key):
                state: Literal["confirmed", "rejected"] = (
                    "confirmed" if said.state == "accepted" else "rejected"
                )
                yield Outcome(standing.key, state, code=said.code, text=said.text)
                continue
            yield Outcome(
                standing.key,
                "awaiting_receipt",
                fault=_late(options, standing),
                patience=int(span_of(options.term).total_seconds()),
            )

    def shaped(self, write: Mapping[str, Json], item: Outgoing) -> dict[str, Json]:
        """A delivery as the partner gets it: the record with its key, or that it is withdrawn."""
        options = read_options(OutboxWrite, write, system=self._name)
        withdrawn = options.withdraw if item.action == "withdraw" else {}
        return {**item.body, options.key: item.key, **withdrawn}

    def receipts(
        self,
        write: Mapping[str, Json],  # noqa: ARG002 -- as the contract has it
        keys: Sequence[str],
    ) -> Sequence[Receipt]:
        """The verdicts with which these were acknowledged."""
        return self._lent().verdicts(keys)

    def _lent(self) -> HandoverShelf:
        if self._shelf is None:
            raise FlowError("system.not_configured", system=self._name, detail="no shelf lent")
        return self._shelf


def _late(options: OutboxWrite, standing: ReadyState) -> Fault | None:
    """What is told of a delivery that nobody fetched, or acknowledged, within its term."""
    if datetime.now(UTC) - standing.since < span_of(options.term):
        return None
    code = "delivery.not_fetched" if standing.state == "ready" else "delivery.not_acknowledged"
    return Fault("", code, {"term": options.term, "since": standing.since.date().isoformat()})
