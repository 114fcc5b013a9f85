"""delivery that awaits its verdict -> receipt -> confirmed or refused: asks one target what became of what it got."""

from collections.abc import Sequence

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
                keys = outbox.awaited(tx, flow.name, after=after, most=ASKED)
            if not keys:
                break
            after = keys[-1]
            found = list(connector.receipts(flow.write, keys))
            with database.transaction() as tx:
                outbox.store_receipts(tx, flow.name, found)
                outbox.add_batch(tx, run.id, flow.name, match(tx, flow, keys, run_id=run.id))
    return run.id


def match(tx: Transaction, flow: PushFlow, keys: Sequence[str], *, run_id: int) -> Tally:
    """Let the verdicts kept for these keys take effect."""
    verdicts = [_verdict(receipt) for receipt in outbox.receipts(tx, flow.name, keys)]
    settled = outbox.settle(tx, flow.name, verdicts, owner=flow.system.owner, run_id=run_id)
    waiting = len(keys) - settled.total()
    return Tally(due=len(keys), confirmed=settled["confirmed"], rejected=settled["rejected"], awaiting_receipt=waiting)


def _verdict(receipt: Receipt) -> Verdict:
    accepted = receipt.state == "accepted"
    return Verdict(
        receipt.key,
        "confirmed" if accepted else "rejected",
        fault=None if accepted else Fault("", "delivery.rejected", {"code": receipt.code, "text": receipt.text}),
        code=receipt.code,
        text=receipt.text,
        reference=receipt.reference,
    )
