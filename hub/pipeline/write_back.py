"""Write-back: rows of a source learn what became of them, after the commit, at least once.

Each pass tells what has changed since the last: a row that was taken, waits, was refused with its
first reason, or whose record a target has refused since. What a crash leaves untold is due again.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import cast
from zoneinfo import ZoneInfo

from hub.contract import Connector, WritingBack
from hub.db import records, write_back
from hub.db.database import Database, Transaction
from hub.db.keyset import walked
from hub.db.rows import fault_of
from hub.db.write_back import DueVerdict, StoredVerdict
from hub.domain import blame, origins
from hub.domain.contracts import BackRules, Contracts, PullFlow
from hub.domain.failure_grouping import without_values
from hub.domain.payload import decode
from hub.domain.storable import storable
from hub.domain.write_back import LONGEST, beyond
from hub.errors import Fault, FlowError, RecordError
from hub.model import Json, Record, RowVerdict, RowWritten
from hub.pipeline import connector_boundary
from hub.pipeline.run_lifecycle import running
from hub.texts import both, say

PORTION = 500
NUMBERS = re.compile(r"[0-9*]{11,}[0-9Xx]?")
"""Numbers of persons and telephones, as words of others may quote them."""
SAID_BY_OTHERS = "delivery.rejected"


def is_due(database: Database, contracts: Contracts, flow: PullFlow) -> bool:
    """Whether any row has not learnt its outcome yet."""
    with database.read() as tx:
        return bool(write_back.due(tx, flow, pushes=_pushes(contracts, flow), after="", most=1))


def _pushes(contracts: Contracts, flow: PullFlow) -> list[str]:
    """The pushes whose refusals rows of this flow learn later."""
    if flow.back is None or "later_refused" not in flow.back.states:
        return []
    return [push.name for push in contracts.pushes_of(flow.entity.name)]


def tell(
    database: Database,
    contracts: Contracts,
    flow: PullFlow,
    *,
    connector: Connector,
    airflow: Json = None,
) -> int:
    """Write back every outcome that a row has not learnt yet; gives the run's id.

    FlowError where the login may update more than that: nothing is written then.
    """
    adding = partial(blame.hint, flow=flow, files=contracts.sound)
    with running(database, flow.name, "write_back", airflow=airflow, adding=adding) as (
        run,
        fenced,
    ):
        refuse_rights(contracts, flow, connector)
        pushes = _pushes(contracts, flow)

        def due(tx: Transaction, after: str) -> Sequence[DueVerdict]:
            return write_back.due(tx, flow, pushes=pushes, after=after, most=PORTION)

        # Writes nothing, yet `write`: it checks that the run is not over before rows are changed.
        for some in walked(fenced.write, due, key=lambda one: one.key, first=""):
            done = _told(fenced, contracts, flow, connector, some)
            with fenced.write() as tx:
                write_back.store(tx, flow.name, done, run_id=run.id)
    return run.id


def refuse_rights(contracts: Contracts, flow: PullFlow, connector: Connector) -> None:
    """FlowError where a login may update more than is written back by it."""
    system = flow.system.name
    updatable = connector_boundary.translated(system, _able(flow, connector).updatable)
    more = beyond(updatable or (), contracts, system)
    if more:
        places = ", ".join(more[:5]) + (f" (+{len(more) - 5})" if len(more) > 5 else "")  # noqa: PLR2004
        raise FlowError("back.rights", system=system, places=storable(places))


def _able(flow: PullFlow, connector: Connector) -> WritingBack:
    if isinstance(connector, WritingBack):
        return connector
    raise FlowError("system.protocol", system=flow.system.name, detail="back: cannot write back")


def _told(
    database: Database,
    contracts: Contracts,
    flow: PullFlow,
    connector: Connector,
    due: Sequence[DueVerdict],
) -> list[StoredVerdict]:
    """Write a portion; one result a row."""
    back = cast("BackRules", flow.back)
    now = datetime.now(ZoneInfo(flow.system.timezone)).replace(tzinfo=None, microsecond=0)
    hidden = _hidden_values(database, flow, due)
    reasons = [reason_of(contracts, flow, one, hidden.get(one.record_id or 0, ())) for one in due]
    keys = [_key_of(flow, back, one) for one in due]
    rows = [
        RowVerdict(key, back.states[one.outcome], one.told, reason, now)
        for one, key, reason in zip(due, keys, reasons, strict=True)
        if key is not None
    ]
    written = iter(_written(flow, back, connector, rows))
    unnamed = RowWritten("failed", "the row has no value in its key")
    made = []
    for one, key, reason in zip(due, keys, reasons, strict=True):
        result = unnamed if key is None else next(written)
        told = back.states[one.outcome] if result.state == "written" else None
        made.append(StoredVerdict(one, reason, result.state, told, storable(result.text)))
    return made


def _written(
    flow: PullFlow, back: BackRules, connector: Connector, rows: Sequence[RowVerdict]
) -> Sequence[RowWritten]:
    if not rows:
        return ()
    system, able = flow.system.name, _able(flow, connector)
    found = list(connector_boundary.given(lambda: able.write_back(back.options, rows), system))
    if len(found) != len(rows):
        raise FlowError("system.protocol", system=system, reason="not one answer for each row")
    return found


def _key_of(flow: PullFlow, back: BackRules, due: DueVerdict) -> dict[str, Json] | None:
    """The values by which a row is found; None where it has none."""
    try:
        fields = decode(due.payload, form=flow.form)
    except RecordError:
        return None
    key = {name: fields.get(name) for name in back.key}
    usable = all(isinstance(value, str | int) and value != "" for value in key.values())
    return key if usable else None


def reason_of(
    contracts: Contracts, flow: PullFlow, due: DueVerdict, hidden: Sequence[str] = ()
) -> str:
    """Why a row is not taken, in Chinese: its first reason, without values of persons.

    hidden: values that no words may repeat.
    """
    if due.outcome == "taken":
        return ""
    if due.outcome == "waiting":
        return _cut(_waits(due))
    if not due.faults:
        return _cut(both("记录未被采用")[0])
    fault = fault_of(due.faults[0])
    if due.outcome == "later_refused":
        return _cut(_of_target(contracts, due, fault, hidden))
    fault = fault if _is_public(contracts, flow, fault) else without_values(fault)
    return _cut(say(fault.code, fault.facts, "zh"))


def _waits(due: DueVerdict) -> str:
    named = any(want.startswith("project.") for want in due.wants or ())
    return (
        both("项目代码不存在，已留存，项目到来后自动采用")[0]
        if named
        else both("没有项目代码，也无法由证号找到项目，已留存等待")[0]
    )


def _of_target(contracts: Contracts, due: DueVerdict, fault: Fault, hidden: Sequence[str]) -> str:
    """A target's refusal: who refused, and in what words."""
    push = contracts.pushes.get(due.of_flow)
    words = fault.facts.get("text", "") or fault.facts.get("code", "")
    if fault.code != SAID_BY_OTHERS:
        words = say(without_values(fault).code, without_values(fault).facts, "zh")
    for value in hidden:
        words = words.replace(value, "*")
    who = push.system.title_zh if push else due.of_flow
    return both("{who}未接收：{words}", who=who, words=NUMBERS.sub("*", words))[0]


def _is_public(contracts: Contracts, flow: PullFlow, fault: Fault) -> bool:
    """Whether everything that is read from a fault's place may be seen by everybody."""
    path = origins.path_of(fault.pointer)
    read = [field for _, field in origins.readers_of(contracts, flow, path)] if path else []
    return bool(read) and all(field.classed == "public" for field in read)


def _hidden_values(
    database: Database, flow: PullFlow, due: Sequence[DueVerdict]
) -> Mapping[int, Sequence[str]]:
    """By record the values that are not public, of those that a target has refused."""
    wanted = {one.record_id for one in due if one.outcome == "later_refused" and one.record_id}
    names = [name for name, field in flow.entity.fields.items() if field.classed != "public"]
    if not wanted or not names:
        return {}
    with database.read() as tx:
        found = records.golden(tx, flow.entity, wanted, traced=False)
    return {number: list(_texts(one.values, names)) for number, one in found.items()}


def _texts(values: Record, names: Sequence[str]) -> Sequence[str]:
    said = [values.get(name) for name in names]
    every = [one for value in said for one in (value if isinstance(value, list) else [value])]
    return [str(one) for one in every if one not in {None, "", True, False}]


def _cut(text: str) -> str:
    return storable(text, most=LONGEST - 1) if len(text) > LONGEST else storable(text)
