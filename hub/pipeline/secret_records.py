"""Secret records: nothing of them is kept, neither what arrives nor what was kept before.

Asked for every record before anything else is done with it (`connector_boundary`), and for every
landed payload read again (`PullFlow.fields`). What goes on instead is a note of why.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from hub.db import erasing, files, landing, records
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
from hub.texts import bilingual

PROJECT = "project"
QUOTED = "引用了涉密或不能确认其非涉密的记录"
BY, REASON = "hub", "来源标为涉密，或不能确认其非涉密"

_COUNTED = re.compile(r"(?s)(.*) (row \d+|#\d+)", re.ASCII)


def withheld(raw: Raw, flow: PullFlow, settings: Settings) -> Raw | None:
    """The substitute for a record that may be secret; None where its flag shows that it is open.

    Holds the reason and a keyed digest: of the source key, so that it stays one record however it
    changes, else of the bytes. Without the hub's key nobody can confirm a guess by it.
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
    """A page with storable records; digests of files that may hold secrets are keyed.

    An unkeyed digest would confirm a guess of the content.
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
    """Keyed digest that stands for the key of a withheld record."""
    return keyed_hash(f"{flow.name}\0{key}".encode(), settings.hash_key).hex()


def key_of(flow: PullFlow, payload: bytes) -> str:
    """The source key in a payload of which nothing else is read; "" where it cannot be read."""
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
    """A position without values of its row: its table, or file and line."""
    counted = _COUNTED.fullmatch(position)
    said = position if counted is not None else position.partition(" ")[0]
    return said if said.isprintable() else ""


def under(raw: Raw, stand_in: str, standing: Collection[str]) -> str:
    """The storage key of a withheld record: its own where that has a head, else its stand-in."""
    return raw.withheld if raw.withheld and raw.withheld in standing else stand_in


def shut(arrival: PreparedRecord, fault: Fault) -> PreparedRecord:
    """The arrival without any values, with this fault."""
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
    """Source keys of the secret records among these (of parts: of their whole)."""
    return sorted({at.whole or at.key for at in arrivals if at.mapped.is_secret})


def forget(tx: Transaction, context: ApplyContext, keys: Sequence[str]) -> None:
    """Withdraw and erase all that was made of these source keys, in the caller's transaction.

    Targets get a withdrawal as for any deletion. Each record is logged as an erasure.
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
    erasing.blank_payloads(tx, rows, run_id=context.run_id, by=BY, reason=bilingual(REASON))
    _forget_quotes(tx, context, touched)
    ids = [row.id for row in rows]
    files.drop(tx, touched)
    for record_id in touched:
        erasing.blank_whole(tx, entity, record_id)
        erasing.add(
            tx,
            context.run_id,
            record_id=record_id,
            landing_ids=ids,
            by=BY,
            reason=bilingual(REASON),
            secret=True,
        )
    if not touched:
        erasing.add(
            tx,
            context.run_id,
            record_id=None,
            landing_ids=ids,
            by=BY,
            reason=bilingual(REASON),
            secret=True,
        )
    evidence.forget_former(tx)


def _decisions(
    tx: Transaction, context: ApplyContext, touched: Sequence[int]
) -> list[ErasableLanding]:
    """Take back people's decisions about these records; gives their landings, to be erased."""
    named, flow = erasing.keys_of(tx, touched), f"pull.{STEWARD}.{context.flow.entity.name}"
    records.drop_sources(tx, context.flow.entity, flow, named)
    return erasing.kept_under(tx, flow, named)


def _forget_quotes(tx: Transaction, context: ApplyContext, touched: Sequence[int]) -> None:
    """Erase what deliveries of other records quote of these; the next push replaces it.

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
                    tx,
                    context.run_id,
                    record_id=record,
                    landing_ids=[],
                    by=BY,
                    reason=bilingual(QUOTED),
                )


def reopened(
    tx: Transaction, context: ApplyContext, settings: Settings, keys: Iterable[str]
) -> None:
    """Close entries of withheld records that are shown to be open now."""
    flow = context.flow
    waiting = landing.withheld_keys(tx, flow.name, sorted(secrecy.CODES))
    if not waiting:
        return
    again = {apply.stand_in_of(mark_of(flow, key, settings)) for key in keys} & waiting
    landing.close(
        tx, flow.name, sorted(again), stage="intake", state="overtaken", run_id=context.run_id
    )
    landing.forget_heads(tx, flow.name, sorted(again))
