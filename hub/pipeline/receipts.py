"""Receipts: asks one target for the verdict on unconfirmed deliveries -> confirmed or refused."""

from collections.abc import Mapping, Sequence
from functools import partial
from operator import itemgetter

from hub.contract import Connector
from hub.db.database import Database, Transaction
from hub.db.deliveries import outbox
from hub.db.deliveries.outbox import DeliveryResult, Tally
from hub.db.keyset import walked
from hub.domain import blame
from hub.domain.contracts import PushFlow
from hub.errors import Fault, FlowError, HubError
from hub.model import Json, Receipt
from hub.pipeline import connector_boundary
from hub.pipeline.run_lifecycle import running

ASKED = 1_000


def collect(
    database: Database, flow: PushFlow, *, connector: Connector, airflow: Json = None
) -> int:
    """Ask for every outstanding verdict; gives the run's id. Missing ones are asked for next time.

    Verdicts that came before an error count. An error on a portion does not stop the next; two in a
    row, or a partner that is away, end the run.
    """
    adding = partial(blame.hint, flow=flow, files={})
    with running(database, flow.name, "receipts", airflow=airflow, adding=adding) as (run, fenced):
        first: HubError | None = None
        failed = False

        def due(tx: Transaction, after: str) -> Sequence[tuple[str, int]]:
            return outbox.awaited(tx, flow.name, after=after, most=ASKED)

        # Writes nothing, yet `write`: it checks that the run is not over before anybody is asked.
        for asked in walked(fenced.write, due, key=itemgetter(0), first=""):
            awaited = dict(asked)
            found, error = _ask(connector, flow, [key for key, _ in asked])
            with fenced.write() as tx:
                outbox.store_receipts(
                    tx, flow.name, [one for one in found if one.state != "unknown"]
                )
                outbox.note(
                    tx,
                    flow.name,
                    {awaited[one.key]: _unclear(one) for one in found if one.state == "unknown"},
                )
                outbox.add_batch(tx, run.id, flow.name, match(tx, flow, awaited, run_id=run.id))
            if error is not None and (failed or not isinstance(error, FlowError)):
                raise error
            first, failed = first or error, error is not None
        if first is not None:
            raise first
    return run.id


def _ask(
    connector: Connector, flow: PushFlow, keys: Sequence[str]
) -> tuple[list[Receipt], HubError | None]:
    """The verdicts that came, and the error that ended the asking."""
    found: list[Receipt] = []
    try:
        for one in connector_boundary.receipts(
            connector, flow.write, keys, system=flow.system.name
        ):
            found.append(one)  # noqa: PERF402 -- what came before an error is kept
    except HubError as error:
        return found, error
    return found, None


def _unclear(receipt: Receipt) -> Fault:
    return Fault("", "delivery.verdict_unclear", {"code": receipt.code or "—"})


def match(tx: Transaction, flow: PushFlow, awaited: Mapping[str, int], *, run_id: int) -> Tally:
    """Apply the stored verdicts for these keys (key -> record id); gives the balanced tally."""
    verdicts = [
        _receipt_result(receipt, awaited[receipt.key])
        for receipt in outbox.receipts(tx, flow.name, list(awaited))
    ]
    settled = outbox.settle(tx, flow.name, verdicts, owner=flow.system.owner, run_id=run_id)
    waiting = len(awaited) - settled.total()
    return Tally(
        due=len(awaited),
        confirmed=settled["confirmed"],
        rejected=settled["rejected"],
        awaiting_receipt=waiting,
    )


def _receipt_result(receipt: Receipt, record_id: int) -> DeliveryResult:
    accepted = receipt.state == "accepted"
    return DeliveryResult(
        record_id,
        receipt.key,
        "confirmed" if accepted else "rejected",
        fault=None
        if accepted
        else Fault("", "delivery.rejected", {"code": receipt.code, "text": receipt.text}),
        code=receipt.code,
        text=receipt.text,
        reference=receipt.reference,
    )
