"""delivery that awaits its verdict -> receipt -> confirmed or refused: asks one target what became of what it got."""

from collections.abc import Mapping

from hub.contract import Connector
from hub.errors import Fault
from hub.flow.running import running
from hub.model import Json, Receipt
from hub.rules.contracts import PushFlow
from hub.store import outbox
from hub.store.database import Database, Transaction
from hub.store.outbox import Tally, Verdict

ASKED = 1_000


def collect(database: Database, flow: PushFlow, *, connector: Connector, airflow: Json = None) -> int:
    """Ask for every verdict that is still out; give the run's id. What has no verdict yet is asked for next time."""
    with running(database, flow.name, "receipts", airflow=airflow) as run:
        after = ""
        while True:
            with database.transaction() as tx:
                awaited = outbox.awaited(tx, flow.name, after=after, most=ASKED)
            if not awaited:
                break
            *_, after = awaited
            found = list(connector.receipts(flow.write, list(awaited)))
            with database.transaction() as tx:
                outbox.store_receipts(tx, flow.name, found)
                outbox.add_batch(tx, run.id, flow.name, match(tx, flow, awaited, run_id=run.id))
    return run.id


def match(tx: Transaction, flow: PushFlow, awaited: Mapping[str, int], *, run_id: int) -> Tally:
    """Let the verdicts kept for these keys, given with their records, take effect."""
    verdicts = [_verdict(receipt, awaited[receipt.key]) for receipt in outbox.receipts(tx, flow.name, list(awaited))]
    settled = outbox.settle(tx, flow.name, verdicts, owner=flow.system.owner, run_id=run_id)
    waiting = len(awaited) - settled.total()
    return Tally(
        due=len(awaited), confirmed=settled["confirmed"], rejected=settled["rejected"], awaiting_receipt=waiting
    )


def _verdict(receipt: Receipt, record_id: int) -> Verdict:
    accepted = receipt.state == "accepted"
    return Verdict(
        record_id,
        receipt.key,
        "confirmed" if accepted else "rejected",
        fault=None if accepted else Fault("", "delivery.rejected", {"code": receipt.code, "text": receipt.text}),
        code=receipt.code,
        text=receipt.text,
        reference=receipt.reference,
    )
