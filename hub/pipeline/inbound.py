"""Lends connectors what the hub keeps for them: bodies that were handed in, and the shelf of
deliveries that are fetched.
"""

from collections.abc import Iterator, Mapping, Sequence

from hub.contract import Connector, Offering, Receiving, Remembered
from hub.db import inbound
from hub.db.database import Database, Transaction
from hub.db.deliveries import handover
from hub.db.inbound import DueBody
from hub.db.keyset import walked
from hub.domain.contracts import Contracts, PullFlow, PushFlow
from hub.model import File, InboundBody, ReadyState, Receipt

LISTED = 1_000
FETCHED = 20_000_000
"""Bytes of bodies that are fetched by one statement."""


def lend(database: Database, connector: Connector, flow: PullFlow | PushFlow) -> None:
    """Lend a connector what it reads from or lays ready, where it asks for that."""
    if isinstance(connector, Receiving):
        connector.lend(LentBodies(database, flow.system.name))
    elif isinstance(connector, Offering):
        connector.lend(DeliveryShelf(database, flow.name))


def resource_of(flow: PullFlow | PushFlow) -> str:
    """The last part of the address that a flow is handed in or fetched by."""
    said = flow.read if isinstance(flow, PullFlow) else flow.write
    return str(said.get("resource") or flow.entity.name)


def drop_taken(database: Database, contracts: Contracts, system: str) -> None:
    """As `drop_in`, of one system, in a transaction of its own."""
    with database.write() as tx:
        drop_in(tx, contracts, system)


def drop_in(tx: Transaction, contracts: Contracts, system: str | None = None) -> None:
    """Drop the contents of bodies that every flow of their resource has taken.

    A disabled flow counts: its records are still to come. system: None: of all.
    """
    flows: dict[tuple[str, str], list[str]] = {}
    for flow in contracts.pulls.values():
        if "resource" in flow.read and system in {None, flow.system.name}:
            flows.setdefault((flow.system.name, resource_of(flow)), []).append(flow.name)
    inbound.drop_old_nonces(tx)
    for (name, resource), readers in flows.items():
        inbound.drop(tx, name, resource, readers)


class LentBodies:
    """The bodies of a system that wait, fetched in portions."""

    def __init__(self, database: Database, system: str) -> None:
        self._database, self._system = database, system

    def __call__(self, resource: str, known: Remembered | None) -> Iterator[InboundBody]:
        """Those of a resource that `known` does not know in this version, by their numbers."""

        def due(tx: Transaction, after: int) -> Sequence[DueBody]:
            return inbound.due(tx, self._system, resource, after=after, most=LISTED)

        for listed in walked(self._database.read, due, key=lambda one: one.receipt, first=0):
            names = {inbound.name_of(one.receipt): one.digest for one in listed}
            read = known(names) if known else {}
            wanted = [one for one in listed if not _is_read(one, read)]
            for some in _portions(wanted):
                yield from self._fetched(some)

    def _fetched(self, some: Sequence[DueBody]) -> Iterator[InboundBody]:
        versions = {one.receipt: one.digest for one in some}
        with self._database.read() as tx:
            bodies = inbound.bodies(tx, list(versions))
        for body in bodies:
            name = inbound.name_of(body.receipt)
            yield InboundBody(
                body.receipt,
                name,
                versions[body.receipt],
                content=body.content,
                charset=body.charset,
                records=body.records,
            )


class DeliveryShelf:
    """Where the deliveries of a flow lie ready."""

    def __init__(self, database: Database, flow: str) -> None:
        self._database, self._flow = database, flow

    def lay(self, keys: Sequence[str]) -> Sequence[ReadyState]:
        """Lay these ready; how they stand."""
        with self._database.write() as tx:
            found = handover.ready(tx, self._flow, keys)
        return [ReadyState(one.key, one.state, one.ready_at) for one in found.values()]

    def verdicts(self, keys: Sequence[str]) -> Sequence[Receipt]:
        """The verdicts that have come."""
        with self._database.read() as tx:
            found = handover.verdicts(tx, self._flow, keys)
        return [Receipt(one.key, one.state, code=one.code, text=one.text) for one in found]


def _is_read(body: DueBody, read: Mapping[str, File]) -> bool:
    known = read.get(inbound.name_of(body.receipt))
    return known is not None and known.state != "held" and known.stamp == body.digest


def _portions(bodies: Sequence[DueBody]) -> Iterator[Sequence[DueBody]]:
    some: list[DueBody] = []
    held = 0
    for body in bodies:
        if some and held + body.bytes > FETCHED:
            yield some
            some, held = [], 0
        some.append(body)
        held += body.bytes
    if some:
        yield some
