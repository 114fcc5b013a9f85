"""Commands that only look: runs, failures, what waits, and the balance."""

from datetime import datetime
from typing import Annotated

import typer

from hub.cli.opening import note_read, opened
from hub.cli.running import CauseOption, FlowOption, run_data, run_table
from hub.cli.screen import ZONE, JsonFlag, Lines, Screen, one_of, screen
from hub.db import reading
from hub.db.outbox import DELIVERY_OUTCOMES
from hub.db.reading import EntryRow, Since
from hub.db.runs import OUTCOMES, PART_OUTCOMES
from hub.domain.rights import operator
from hub.errors import FlowError
from hub.services import balance as balances
from hub.services import causes, obstacles, waits
from hub.services import failures as told
from hub.services import findings as remarkable
from hub.services.causes import Cause
from hub.services.failures import Failure
from hub.services.naming import RUN_STATES, numbered
from hub.texts import cure, say

Limit = Annotated[int, typer.Option("--limit", min=1, max=10_000, help="最多几条 · at most so many")]
Moment = Annotated[
    datetime | None, typer.Option("--since", help="从此刻起（北京时间）· from this moment on (Beijing time)")
]


def add_to(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    for command in (runs, failures, waiting, findings, balance):
        app.command()(command)


def runs(
    *,
    flow: FlowOption = None,
    state: Annotated[
        str | None, typer.Option("--state", help=" | ".join(RUN_STATES), callback=one_of("state", RUN_STATES))
    ] = None,
    since: Moment = None,
    limit: Limit = 20,
    as_json: JsonFlag = False,
) -> None:
    """列出运行及全部结果 · list runs with every outcome, newest first."""
    with opened() as hub, hub.database.transaction() as tx:
        rows = reading.run_rows(tx, flow=flow, state=state, since=_moment(since), most=limit)
        stopped = obstacles.standing(tx, hub.contracts)
    shown = screen()
    for one in stopped:
        shown.problem(one.fault.code, one.fault.facts)
    if as_json:
        shown.data([run_data(row) for row in rows])
        return
    run_table(shown, rows)
    for row in rows:
        if row.fault:
            shown.say(f"{row.id}: {say(row.fault.code, row.fault.facts, shown.lang)}", "red")
            shown.say(f"    {cure(row.fault.code, row.fault.facts, shown.lang)}")


def failures(
    *,
    entry_id: Annotated[int | None, typer.Option("--id", help="一条问题的编号 · one entry")] = None,
    flow: FlowOption = None,
    cause: CauseOption = None,
    limit: Limit = 20,
    as_json: JsonFlag = False,
) -> None:
    """列出问题数据 · quarantine by cause; with --cause its entries, with --id one entry and its payload."""
    shown = screen()
    with opened() as hub, hub.database.transaction() as tx:
        if entry_id is not None:
            found = reading.entries(tx, entry_id=entry_id)
            if not found:
                raise FlowError("ask.entry_unknown", id=entry_id)
            note_read(tx, "failures", record_ids=[found[0].record_id] if found[0].record_id else [])
            _one(shown, told.failure(hub.contracts, found[0]), as_json=as_json)
            return
        rights = operator(hub.contracts.entities)
        groups = causes.listed(tx, hub.contracts, rights=rights, whole=True, flow=flow, cause=cause)
        listed = reading.entries(tx, flow=flow, cause=cause, most=limit) if cause else []
    if as_json:
        shown.data({"causes": groups, "entries": [entry_data(entry) for entry in listed]})
        return
    _groups(shown, groups)
    if listed:
        _entries(shown, listed)


def waiting(*, flow: FlowOption = None, limit: Limit = 20, as_json: JsonFlag = False) -> None:
    """列出等待关联的记录 · records that wait for their project or link, the longest first."""
    with opened() as hub, hub.database.transaction() as tx:
        count = {name: n for name, n in reading.waiting_now(tx).items() if flow in {None, name}}
        rows = reading.waiting(tx, flow=flow, most=limit)
    shown = screen()
    if as_json:
        shown.data({"waiting": count, "records": rows})
        return
    shown.table([shown.pick("流程", "flow"), shown.pick("等待", "waiting")], sorted(count.items()))
    columns = ("流程", "flow"), ("来源主键", "source key"), ("自", "since"), ("原因", "reason")
    why = {(row.flow, row.key): waits.reason(row.wants) for row in rows}
    shown.table(
        [shown.pick(*names) for names in columns],
        [
            (row.flow, row.key, row.since, say(fault.code, fault.facts, shown.lang))
            for row in rows
            for fault in [why[row.flow, row.key]]
        ],
    )


def findings(*, flow: FlowOption = None, as_json: JsonFlag = False) -> None:
    """列出值得注意而不算错误的情况 · what is remarkable and no fault, an unknown region for one."""
    with opened() as hub, hub.database.transaction() as tx:
        rows = remarkable.standing(tx, hub.contracts, flow=flow)
    shown = screen()
    if as_json:
        names = ("flow", "code", "pointer", "times", "example")
        shown.data([{name: getattr(row, name) for name in names} for row in rows])
        return
    columns = ("流程", "flow"), ("次数", "times"), ("位置", "place"), ("含义", "meaning"), ("例", "example")
    shown.table(
        [shown.pick(*names) for names in columns],
        [(row.flow, row.times, row.pointer, shown.pick(row.zh, row.en), row.example) for row in rows],
    )


def balance(
    *,
    since_run: Annotated[int | None, typer.Option("--since-run", help="从此运行起 · from this run on")] = None,
    since: Moment = None,
    as_json: JsonFlag = False,
) -> None:
    """收支平衡表 · per system and entity: every outcome, what stands where, and whether it balances."""
    with opened() as hub, hub.database.transaction() as tx:
        numbered(tx, "run", [] if since_run is None else [since_run])
        flows = [*hub.contracts.pulls, *hub.contracts.pushes]
        lines = balances.balance(tx, flows, Since(since_run, _moment(since)))
    shown = screen()
    if as_json:
        rows = [balances.as_data(line) for line in lines]
        shown.data({"balanced": balances.together(lines), "rows": rows})
        return
    columns = (
        ("系统", "system"),
        ("实体", "entity"),
        ("接收", "intake"),
        ("推送", "delivery"),
        ("收回", "received back"),
    )
    last = ("未处理问题", "open entries"), ("等待", "waiting"), ("平衡", "balances")
    shown.table(
        [shown.pick(*names) for names in (*columns, *last)],
        [
            (
                *(line.system, line.entity),
                _intake(shown, line),
                shown.sums(balances.ordered(line.delivery, DELIVERY_OUTCOMES)) if line.delivery else "",
                line.received_back["confirmed"] if line.delivery or line.receipts else "",
                *(line.open_entries, line.waiting),
                shown.balance(balanced=line.balanced, unfinished=line.unfinished),
            )
            for line in lines
            if line.runs or line.deliveries_now or line.open_entries or line.waiting
        ],
    )


def _intake(shown: Screen, line: balances.Line) -> str:
    """What was read and what became of it; under it the parts of what was taken apart."""
    told = [shown.sums(balances.ordered(line.intake, OUTCOMES))] if line.intake else []
    told += [shown.sums(balances.ordered(line.parts, PART_OUTCOMES))] if line.parts["parts"] else []
    return Lines.of(told)


def entry_data(entry: EntryRow) -> dict[str, object]:
    """A quarantine entry as plain data, without its payload."""
    left_out = {"payload", "delivery_body"}
    return {name: getattr(entry, name) for name in EntryRow.__slots__ if name not in left_out}


def failure_data(failure: Failure) -> dict[str, object]:
    """One entry with its faults in words, its payload as it came, and the lines with the faults that belong there."""
    payload = failure.entry.payload
    return entry_data(failure.entry) | {
        "faults": failure.faults,
        "payload": None if payload is None else payload.decode("utf-8", "backslashreplace"),
        "delivery_body": failure.entry.delivery_body,
        "lines": failure.lines,
    }


def _groups(shown: Screen, groups: list[Cause]) -> None:
    columns = ("条数", "entries"), ("流程", "flow"), ("环节", "stage"), ("原因", "cause"), ("说明", "meaning")
    last = ("责任人", "owner"), ("最近", "last"), ("例", "example")
    shown.table(
        [shown.pick(*names) for names in (*columns, *last)],
        [
            (
                *(group.entries, group.flow, shown.word(group.stage), group.cause, shown.pick(group.zh, group.en)),
                *(group.owner, group.last_at, f"--id {group.example}"),
            )
            for group in groups
        ],
    )


def _entries(shown: Screen, entries: list[EntryRow]) -> None:
    columns = ("编号", "id"), ("来源主键", "key"), ("自", "since"), ("错误数", "faults"), ("责任人", "owner")
    shown.table(
        [shown.pick(*names) for names in columns],
        [(entry.id, entry.key, entry.opened_at, len(entry.faults), entry.owner) for entry in entries],
    )


def _one(shown: Screen, failure: Failure, *, as_json: bool) -> None:
    if as_json:
        shown.data(failure_data(failure))
        return
    entry = failure.entry
    shown.table(
        [shown.pick("项", "what"), ""],
        [
            (shown.pick("编号", "id"), entry.id),
            (shown.pick("流程", "flow"), f"{entry.flow} ({shown.word(entry.stage)})"),
            (shown.pick("来源主键", "key"), entry.key),
            (shown.pick("状态", "state"), shown.word(entry.state)),
            (shown.pick("责任人", "owner"), entry.owner),
            (shown.pick("发现", "since"), f"{shown.cell(entry.opened_at)} (run {entry.opened_run})"),
            (shown.pick("原始位置", "position"), entry.position or entry.delivery_key),
        ],
    )
    for number, fault in enumerate(failure.faults, 1):
        shown.say(f"[{number}] {fault.pointer} {shown.pick(fault.zh, fault.en)}", "red")
        shown.say(f"    {shown.pick('规则：', 'Rule: ')}{fault.code}")
        shown.say(f"    {shown.pick('处理：', 'Cure: ')}{shown.pick(fault.cure_zh, fault.cure_en)}")
    for line in failure.lines:
        marks = "".join(f"[{number + 1}]" for number in line.faults)
        shown.say(f"{marks:>8} {line.text}", "red" if marks else "")


def _moment(given: datetime | None) -> datetime | None:
    return given.replace(tzinfo=ZONE) if given is not None and given.tzinfo is None else given
