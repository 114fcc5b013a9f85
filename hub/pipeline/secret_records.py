"""Records that may be secret -> nothing of them is kept: not what comes, nor what was kept of them
before.

Every record of a partner is asked here before anything else is done with it (`boundary`), and every
landed payload when it is read again (`PullFlow.fields`). What is withheld goes on as a note of why.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from hub.db import erasing, landing, records
from hub.db.database import Transaction
from hub.db.erasing import ErasableLanding
from hub.db.ledger import evidence
from hub.domain import secrecy
from hub.domain.contracts import PullFlow
from hub.domain.payload import bare, keyed_hash, open_embedded, unread
from hub.domain.validation import LONGEST_KEY
from hub.errors import Fault, RecordError
from hub.model import STEWARD, Json, Page, Raw
from hub.pipeline import apply
from hub.pipeline.apply import PreparedRecord
from hub.pipeline.golden import ApplyContext, merge
from hub.settings import Settings

PROJECT = "project"
QUOTED = "引用了涉密或不能确认其非涉密的记录 / it quoted a record that may be secret"
BY, REASON = (
    "hub",
    "来源标为涉密，或不能确认其非涉密 / its source classes it secret, or does not show that it is not",
)

_COUNTED = re.compile(r"(?s)(.*) (row \d+|#\d+)", re.ASCII)


def withheld(raw: Raw, flow: PullFlow, settings: Settings) -> Raw | None:
    """What goes on in place of a record that may be secret; None where its flag shows that it is
    not.

    It holds why, and a digest that nobody can guess without the hub's key: of the source's key, so
    that the record stays one however it changes, else of the bytes.
    """
    if flow.secrecy.none:
        return None
    if raw.unread is not None:
        fault = secrecy.unreadable(flow.secrecy, raw.unread.code)
    elif (found := flow.withheld(raw.payload)) is not None:
        fault = found
    else:
        return None
    key = "" if raw.unread is not None else key_of(flow, raw.payload)
    mark = mark_of(flow, key, settings) if key else keyed_hash(raw.payload, settings.hash_key).hex()
    note = unread(fault, mark.encode())
    item = raw.item if raw.unread is not None and raw.item else mark
    return Raw(note, _safe_position(raw.position), fault, item, key)


def sealed(page: Page, flow: PullFlow, settings: Settings, records: tuple[Raw, ...]) -> Page:
    """A page with its records as they may be kept; digests of a file that may hold secrets are
    keyed.

    Who guesses what a file says cannot tell by its digest whether he is right.
    """
    ends, snapshot = page.ends, page.snapshot
    if not flow.secrecy.none and ends is not None and ends.digest:
        ends = replace(ends, digest=keyed_hash(ends.digest.encode(), settings.hash_key).hex())
    if not flow.secrecy.none and snapshot is not None:
        name, _, digest = snapshot.name.rpartition(" ")
        snapshot = replace(
            snapshot, name=f"{name} {keyed_hash(digest.encode(), settings.hash_key).hex()[:16]}"
        )
    return replace(page, records=records, ends=ends, snapshot=snapshot)


def mark_of(flow: PullFlow, key: str, settings: Settings) -> str:
    """What stands for the key of a record of which nothing may be kept."""
    return keyed_hash(f"{flow.name}\0{key}".encode(), settings.hash_key).hex()


def key_of(flow: PullFlow, payload: bytes) -> str:
    """The source key in a payload of which nothing else is read; "" where there is none to be
    read.
    """
    try:
        record = bare(payload, form=flow.form)
        for path in flow.form.embedded_json:
            _opened(record, path)
        key = flow.mapper.source_key(record)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 -- a record that cannot be read has no key
        return ""
    return key if len(key) <= LONGEST_KEY and key.isprintable() else ""


def _opened(record: dict[str, Json], path: str) -> None:
    try:
        open_embedded(record, path)
    except RecordError:
        return


def _safe_position(position: str) -> str:
    """Where it stood, without what a position tells of a row's own values: its table, or its file
    and line.
    """
    counted = _COUNTED.fullmatch(position)
    said = position if counted is not None else position.partition(" ")[0]
    return said if said.isprintable() else ""


def under(raw: Raw, stand_in: str, standing: Collection[str]) -> str:
    """The key under which a withheld record goes: its own where something stands there already,
    else a stand-in.
    """
    return raw.withheld if raw.withheld and raw.withheld in standing else stand_in


def shut(arrival: PreparedRecord, fault: Fault) -> PreparedRecord:
    """An arrival of which nothing is read, for this reason."""
    closed = replace(
        arrival.mapped,
        deleted=False,
        skipped=None,
        values={},
        faults=(fault,),
        warnings=(),
        parts=None,
    )
    return replace(arrival, mapped=closed)


def keys_of(arrivals: Iterable[PreparedRecord]) -> list[str]:
    """The keys of the records of which nothing may stay, among these."""
    return sorted({at.whole or at.key for at in arrivals if at.mapped.is_secret})


def forget(tx: Transaction, context: ApplyContext, keys: Sequence[str]) -> None:
    """Withdraw what was made of these source keys, and erase all that was kept of it, in the
    caller's transaction.

    Their targets are told as of any deletion. Each record is written down as an erasure.
    """
    if not keys:
        return
    flow, entity = context.flow, context.flow.entity
    rows = erasing.kept_under(tx, flow.name, keys)
    parts = sorted(landing.parts_of(tx, flow.name, keys))
    _, dropped = records.drop_sources(tx, entity, flow.name, [*keys, *parts])
    touched = sorted(dropped | erasing.spoken_of(tx, entity, [row.id for row in rows]))
    if not rows and not touched:
        return
    rows += _decisions(tx, context, touched)
    landing.stop_waiting(tx, flow.name, [*keys, *parts])
    landing.close(
        tx, flow.name, parts, stage="intake", state=context.closing, run_id=context.run_id
    )
    landing.forget_heads(tx, flow.name, parts)
    landing.vacate_heads(tx, flow.name, keys)
    erasing.forget_disagreements(tx, touched)
    merge(tx, context, touched)
    if entity.name == PROJECT:
        erasing.forget_subjects(tx, touched, context.batch_id)
    erasing.blank_payloads(tx, rows, run_id=context.run_id, by=BY, reason=REASON)
    _forget_quotes(tx, context, touched)
    ids = [row.id for row in rows]
    for record_id in touched:
        erasing.blank_whole(tx, entity, record_id)
        erasing.add(
            tx,
            context.run_id,
            record_id=record_id,
            landing_ids=ids,
            by=BY,
            reason=REASON,
            secret=True,
        )
    if not touched:
        erasing.add(
            tx, context.run_id, record_id=None, landing_ids=ids, by=BY, reason=REASON, secret=True
        )
    evidence.forget_former(tx)


def _decisions(
    tx: Transaction, context: ApplyContext, touched: Sequence[int]
) -> list[ErasableLanding]:
    """Take back what people have decided about these records, in their own words or the source's;
    give what landed.
    """
    named, flow = erasing.keys_of(tx, touched), f"pull.{STEWARD}.{context.flow.entity.name}"
    records.drop_sources(tx, context.flow.entity, flow, named)
    return erasing.kept_under(tx, flow, named)


def _forget_quotes(tx: Transaction, context: ApplyContext, touched: Sequence[int]) -> None:
    """Erase what deliveries of other records quote of these; the next push replaces it at its
    target, or takes it back.

    A body quotes fields of its project; a form may quote any record of its project.
    """
    entity = context.flow.entity
    codes = erasing.projects_of(tx, entity, touched)
    for push in context.contracts.pushes.values() if codes else ():
        if push.quotes and (entity.name == PROJECT or push.form is not None):
            ids = sorted(set(erasing.of_projects(tx, push.entity, codes)) - set(touched))
            erasing.blank_deliveries(tx, ids, flows=[push.name])
            for record in erasing.handed(tx, push.name, ids):
                erasing.add(
                    tx, context.run_id, record_id=record, landing_ids=[], by=BY, reason=QUOTED
                )


def reopened(
    tx: Transaction, context: ApplyContext, settings: Settings, keys: Iterable[str]
) -> None:
    """These records are shown to be open now: the entries of what was withheld of them wait for
    nobody any more.
    """
    flow = context.flow
    waiting = landing.withheld_keys(tx, flow.name, sorted(secrecy.CODES))
    if not waiting:
        return
    again = {apply.stand_in_of(mark_of(flow, key, settings)) for key in keys} & waiting
    landing.close(
        tx, flow.name, sorted(again), stage="intake", state="overtaken", run_id=context.run_id
    )
    landing.forget_heads(tx, flow.name, sorted(again))
