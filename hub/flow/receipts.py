"""delivery that awaits its verdict -> receipt -> confirmed or refused: asks one target what became of what it got."""

from collections.abc import Sequence

from hub.contract import Connector
from hub.errors import Fault
from hub.flow.running import running
from hub.model import Json
from hub.rules.contracts import PushFlow
from hub.store import outbox
from hub.store.database import Database, Transaction
from hub.store.outbox import Tally

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
                for receipt in found:
                    outbox.store_receipt(tx, flow.name, receipt)
                outbox.add_batch(tx, run.id, flow.name, match(tx, flow, keys, run_id=run.id))
    return run.id


def match(tx: Transaction, flow: PushFlow, keys: Sequence[str], *, run_id: int) -> Tally:
    """Let the verdicts kept for these keys take effect."""
    outbox.lock_keys(tx, flow.name, keys)
    confirmed = rejected = 0
    for receipt in outbox.receipts(tx, flow.name, keys):
        verdict = {"key": receipt.key, "code": receipt.code, "text": receipt.text, "reference": receipt.reference}
        if receipt.state == "accepted":
            if outbox.confirm(tx, flow.name, receipt.key, reference=receipt.reference):
                confirmed += 1
                outbox.resolve_entry(tx, flow.name, receipt.key, run_id=run_id)
                outbox.add_event(tx, run_id, flow.name, verdict | {"state": "confirmed"})
            continue
        fault = Fault("", "delivery.rejected", {"code": receipt.code, "text": receipt.text})
        if outbox.reject(tx, flow.name, receipt.key, fault):
            rejected += 1
            outbox.open_entry(tx, flow.name, receipt.key, fault=fault, owner=flow.system.owner, run_id=run_id)
            outbox.add_event(tx, run_id, flow.name, verdict | {"state": "rejected"})
    waiting = len(keys) - confirmed - rejected
    return Tally(due=len(keys), confirmed=confirmed, rejected=rejected, awaiting_receipt=waiting)
