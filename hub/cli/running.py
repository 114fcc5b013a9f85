"""Commands that do something: prepare, check, reach partners, run flows, take failures up again, seal, verify."""

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from getpass import getuser
from pathlib import Path
from typing import Annotated

import typer

from hub import config
from hub.auth.context import operating
from hub.cli.opening import asking, home, opened
from hub.cli.screen import JsonFlag, Lines, Screen, screen
from hub.domain.contracts import Contracts
from hub.domain.documents import Problem
from hub.domain.schedule import flows_document
from hub.errors import FlowError, HubError
from hub.runtime import Runtime
from hub.services import fitting, naming, quarantine, runs, verification
from hub.services import health as looking
from hub.services import metrics as measuring
from hub.services.mistakes import mistakes
from hub.services.quarantine import Selection
from hub.services.runs import RunView
from hub.services.verification import Verified
from hub.texts.verifying import CHECKS
from hub.wiring import Hub

SCHEDULE = "dags/flows.json"
NOTHING_NAMED = "--id | --flow | --cause | --all"

Ids = Annotated[
    list[int] | None, typer.Option("--id", help="问题编号，可多次 · number of an entry, repeatable")
]
FlowOption = Annotated[str | None, typer.Option("--flow", help="流程名 · name of a flow")]
CauseOption = Annotated[
    str | None,
    typer.Option("--cause", help="原因，见 hub failures · a cause as hub failures shows it"),
]


def add_to(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    for command in (
        migrate,
        health,
        metrics,
        check,
        ping,
        run,
        release,
        replay,
        discard,
        verify,
        seal,
    ):
        app.command()(command)


def migrate(
    *,
    check: Annotated[
        bool,
        typer.Option(
            "--check", help="只看是否适配，不改动 · only say whether they fit; change nothing"
        ),
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """建立或升级数据库结构 · bring the database up to these contracts."""
    if check:
        _show_fit(as_json=as_json)
        return
    with opened() as hub:
        done = hub.migrate()
    shown = screen()
    if as_json:
        shown.data({"done": done})
        return
    made = [step for step in done if step.count(".") == 1]
    shown.say(
        shown.pick(
            f"数据库结构已是最新（新建表 {len(made)} 个，新增字段 {len(done) - len(made)} 个）",
            f"the database is up to date ({len(made)} tables made, {len(done) - len(made)} fields added)",
        )
    )


def _show_fit(*, as_json: bool) -> None:
    """Whether program and database fit; exit status 1 where they do not."""
    with opened() as hub:
        found = fitting.fits(hub)
    shown = screen()
    if as_json:
        shown.data(found)
    elif found.told is None:
        shown.say(
            shown.pick(
                f"数据库结构与程序一致（{found.head}）", f"database and program fit ({found.head})"
            )
        )
    else:
        shown.problem(found.told.code, found.told.facts)
    if found.told is not None:
        raise typer.Exit(1)


def health(*, as_json: JsonFlag = False) -> None:
    """能否工作：数据库、磁盘、连接、时钟、封签、契约 · whether the hub can do its work; exit status 1 if not."""
    with opened() as hub:
        found = looking.look(hub)
    shown = screen()
    if as_json:
        shown.data(found)
    else:
        shown.say(
            found.told(shown.lang),
            style={"ready": "green", "degraded": "yellow"}.get(found.status, "red"),
        )
        for one in found.checks:
            mark = "✓" if one.ok else "✗" if one.told else "—"
            shown.say(f"{mark} {shown.word(f'check.{one.name}')}")
            for said in one.told:
                shown.problem(said.code, said.facts, style="red" if one.stops else "yellow")
    if found.status == "not_ready":
        raise typer.Exit(1)


def metrics() -> None:
    """运行指标，Prometheus 文本格式 · how the hub stands, in Prometheus' text format, for a file that it collects."""
    with asking("metrics") as context:
        sys.stdout.buffer.write(measuring.text(context))


def check(
    *,
    write: Annotated[
        bool, typer.Option("--write", help=f"写出 {SCHEDULE} · write {SCHEDULE}")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """检查全部契约文件 · check every schema and mapping; say file, line, cause, cure, and what does not run for it."""
    contracts = config.contracts_of(home())
    path = home() / SCHEDULE
    stood = path.read_text(encoding="utf-8") if path.exists() else ""
    schedule = flows_document(contracts, stood)
    shown = screen()
    if write and stood != schedule:
        _write_schedule(path, schedule)
    elif stood != schedule and not contracts.problems:
        raise FlowError("contract.schedule_stale", file=SCHEDULE)
    if as_json or not contracts.problems:
        _show_checked(shown, contracts, as_json=as_json)
    if contracts.problems:
        for one in mistakes(contracts):
            if one.flows or one.forms:
                shown.problem(one.fault.code, one.fault.facts)
        show_problems(shown, contracts.problems)
        raise typer.Exit(1)


def _write_schedule(path: Path, schedule: str) -> None:
    """Write the schedule, and touch the DAG files beside it: Airflow reads at once again what has changed."""
    path.parent.mkdir(exist_ok=True)
    new = path.with_suffix(".new")
    new.write_text(schedule, encoding="utf-8")
    new.replace(path)
    for file in path.parent.glob("*.py"):
        file.touch()


def show_problems(shown: Screen, problems: Sequence[Problem]) -> None:
    """Everything that is wrong, with file, line and cure, on standard error; then how much that is."""
    for problem in problems:
        shown.problem(
            problem.code, problem.facts, place=f"{problem.file}:{problem.line} [{problem.code}] "
        )
    first = f"{problems[0].file}:{problems[0].line} {problems[0].code}"
    shown.error(FlowError("contract.invalid", count=len(problems), first=first))


def ping(
    system: Annotated[str, typer.Argument(help="系统名或 all · name of a system, or all")],
    *,
    as_json: JsonFlag = False,
) -> None:
    """测试与对接系统的连接 · reach a partner and say what answered."""
    shown = screen()
    answers: dict[str, dict[str, str]] = {}
    failed: dict[str, HubError] = {}
    with opened() as hub:
        for name in sorted(hub.contracts.systems) if system == "all" else [system]:
            try:
                answers[name] = hub.ping(name)
            except HubError as error:
                failed[name] = error
    if as_json:
        shown.data(
            {
                "answered": answers,
                "failed": {
                    name: {"code": met.code, "facts": met.facts} for name, met in failed.items()
                },
            }
        )
    elif answers:
        rows = [
            (name, connector, said)
            for name, said_by in answers.items()
            for connector, said in said_by.items()
        ]
        shown.table(
            [
                shown.pick("系统", "system"),
                shown.pick("连接器", "connector"),
                shown.pick("应答", "answer"),
            ],
            rows,
        )
    for name, met in failed.items():
        shown.problem(met.code, met.facts, place=f"{name}: ")
    if failed:
        raise typer.Exit(1)


def run(
    flows: Annotated[
        list[str], typer.Argument(help="流程名，如 pull.investment.project · names of flows")
    ],
    *,
    as_json: JsonFlag = False,
) -> None:
    """不经 Airflow 运行流程 · run pull.*, push.* or receipts.* flows here and now, in this order."""
    with opened() as hub:
        ids = [_run(hub, flow) for flow in flows]
        show_runs(hub, screen(), ids, as_json=as_json)


def release(*, as_json: JsonFlag = False) -> None:
    """放行已等到关联的记录 · apply waiting records whose project or link has come."""
    with opened() as hub:
        count = hub.release()
    shown = screen()
    if as_json:
        shown.data({"looked_at": count})
    else:
        shown.say(
            shown.pick(f"重新查看 {count} 条等待的记录", f"looked at {count} waiting records again")
        )


def replay(
    *,
    ids: Ids = None,
    flow: FlowOption = None,
    cause: CauseOption = None,
    everything: Annotated[
        bool, typer.Option("--all", help="全部未处理的 · every open entry")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """重新处理问题数据 · take quarantine entries up again: one, those of a flow or cause, or all."""
    chosen = _selection(ids, flow, cause, everything=everything)
    with opened() as hub:
        naming.refuse_unknown(operating(hub, getuser()), "entry", ids)
        done = hub.replay(chosen)
        shown = screen()
        if not as_json:
            zh = f"重新处理 {done.applied} 条接收问题；{done.marked} 条推送已标记重发"
            en = f"{done.applied} intake entries taken up again; {done.marked} deliveries marked to go out again"
            shown.say(shown.pick(zh, en))
        show_runs(
            hub,
            shown,
            done.runs,
            as_json=as_json,
            more={"applied": done.applied, "marked": done.marked},
        )


def discard(
    *,
    reason: Annotated[str, typer.Option("--reason", help="弃用理由 · why")],
    by: Annotated[
        str | None, typer.Option("--by", help="经办人，默认当前用户 · who; this user unless given")
    ] = None,
    ids: Ids = None,
    flow: FlowOption = None,
    cause: CauseOption = None,
    everything: Annotated[
        bool, typer.Option("--all", help="全部未处理的 · every open entry")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """弃用问题数据，原始报文保留 · close quarantine entries for good; the payload stays."""
    chosen = _selection(ids, flow, cause, everything=everything)
    with asking("discard", by) as context:
        naming.refuse_unknown(context, "entry", ids)
        count = quarantine.discard(context, chosen, reason=reason)
    shown = screen()
    if as_json:
        shown.data({"discarded": count})
    else:
        shown.say(shown.pick(f"已弃用 {count} 条", f"{count} entries discarded"))


def verify(
    *,
    tables: Annotated[
        bool, typer.Option("--tables", help="逐表列出核验什么 · what is covered, table by table")
    ] = False,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", help="只做这些核对，可多次 · only these checks, repeatable"),
    ] = None,
    by: Annotated[
        str | None, typer.Option("--by", help="经办人，默认当前用户 · who; this user unless given")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """由原始报文重建并核对 · rebuild all that can be derived, check what is sealed, list every row that differs."""
    shown = screen()
    if tables:
        with asking("verify") as context:
            proven = verification.proven(context)
        show_tables(shown, proven, as_json=as_json)
        return

    def progress(kind: str, count: int) -> None:
        if count and not as_json:
            shown.progress(f"{kind}: {count}")

    with opened() as hub:
        found = hub.verify(progress, by=by or getuser(), only=only or ())
    if as_json:
        listed = [
            asdict(one) | {"detail": one.detail, "where": one.where} for one in found.findings
        ]
        ways = {name: getattr(found, name) for name in ("made", "skipped", "unfinished")}
        shown.data(
            {
                "checked": found.checked,
                "wrong": found.wrong,
                "by_table": found.by_table,
                "findings": listed,
                **ways,
            }
        )
    else:
        _show_verified(shown, found)
    if found.wrong or found.unfinished:
        raise typer.Exit(1)


def _show_verified(shown: Screen, found: Verified) -> None:
    """What was checked, every row that is listed, and what was not looked at."""
    shown.table(
        [shown.pick("核对内容", "checked"), shown.pick("数量", "count")],
        sorted(found.checked.items()),
    )
    for finding in found.findings:
        shown.say(f"{finding.table} {finding.key}: {finding.told(shown.lang)}", "red")
    if found.wrong > len(found.findings):
        zh = f"只列出前 {len(found.findings)} 处（HUB_VERIFY_FINDINGS），各表共：{shown.counts(found.by_table)}"
        en = f"only the first {len(found.findings)} are listed (HUB_VERIFY_FINDINGS); {shown.counts(found.by_table)}"
        shown.say(shown.pick(zh, en))
    for names, words in (
        (found.skipped, ("未核对", "not looked at")),
        (found.unfinished, ("超时未完", "took too long")),
    ):
        if names:
            said = ", ".join(shown.pick(*CHECKS[name]) + f" ({name})" for name in names)
            shown.say(f"{shown.pick(*words)}: {said}", "yellow")
    shown.say(shown.pick(f"不一致 {found.wrong} 处", f"{found.wrong} differences"))


def show_tables(shown: Screen, proven: verification.Proven, *, as_json: bool) -> None:
    """How every table is covered, and why what is not is not."""
    if as_json:
        shown.data(proven)
        return
    columns = (
        ("表", "table"),
        ("如何核验", "how"),
        ("核对", "checks"),
        ("不核验的列及原因", "not covered, and why"),
    )
    shown.table(
        [shown.pick(*names) for names in columns],
        [
            (
                row.table,
                shown.word(f"covered.{row.way}"),
                row.checks,
                "\n".join(
                    f"{' '.join(one.columns)}: {shown.pick(one.why_zh, one.why_en)}"
                    for one in row.open
                ),
            )
            for row in proven.tables
        ],
    )


def seal(
    *,
    every: Annotated[
        float | None,
        typer.Option("--every", help="每 N 秒封签一次 · go on, every N seconds", min=1),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """封签已提交的批次 · chain and sign what intake has committed."""
    shown = screen()
    with opened() as hub:
        while True:
            count = hub.seal()
            if as_json:
                shown.data({"sealed": count})
            elif count or every is None:
                shown.say(shown.pick(f"封签 {count} 个批次", f"{count} batches sealed"))
            if every is None:
                return
            time.sleep(every)


def show_runs(
    hub: Runtime,
    shown: Screen,
    ids: Sequence[int],
    *,
    as_json: bool,
    more: Mapping[str, object] | None = None,
) -> None:
    """The runs just made."""
    rows = runs.by_numbers(operating(hub, getuser()), ids)
    if as_json:
        shown.data({"runs": rows, **(more or {})})
    elif rows:
        run_table(shown, rows)


def run_table(shown: Screen, rows: Sequence[RunView]) -> None:
    """Runs for people: every outcome, whether they balance, and what stopped the ones that failed."""
    columns = (
        ("编号", "run"),
        ("流程", "flow"),
        ("种类", "kind"),
        ("状态", "state"),
        ("开始", "started"),
        ("秒", "s"),
    )
    shown.table(
        [
            shown.pick(*names)
            for names in (*columns, ("结果", "outcomes"), ("平衡", "balances"), ("原因", "cause"))
        ],
        [
            (
                *(row.id, row.flow, shown.word(row.kind), shown.word(row.state), row.started_at),
                f"{max(0.0, (row.ended_at - row.started_at).total_seconds()):.1f}"
                if row.ended_at
                else "",
                _outcomes(shown, row),
                *(shown.balance(balanced=row.balanced), row.why.code if row.why else ""),
            )
            for row in rows
        ],
    )


def _outcomes(shown: Screen, row: RunView) -> str:
    """What was read and what became of it, the parts of what was taken apart, and what was remarkable."""
    told = [shown.sums(row.counts)]
    told += [shown.sums(row.parts)] if row.parts else []
    told += [
        f"{shown.pick('提示', 'note')}: {cause} ×{times}" for cause, times in row.notes.items()
    ]
    return Lines.of(told)


def _show_checked(shown: Screen, contracts: Contracts, *, as_json: bool) -> None:
    """What there is, and the names of all flows; for programs also what is wrong and what does not run for it."""
    counts = {
        "files": len(config.contract_files(home())),
        "entities": len(contracts.entities),
        "systems": len(contracts.systems),
        "pulls": len(contracts.pulls),
        "pushes": len(contracts.pushes),
        "forms": len(contracts.forms),
    }
    every = sorted({*contracts.pulls, *contracts.pushes, *contracts.disabled})
    if as_json:
        warned = [
            {"file": one.file, "line": one.line, "code": one.code, "facts": one.facts}
            for one in contracts.warnings
        ]
        disabled = {
            "disabled": sorted(contracts.disabled),
            "disabled_forms": sorted(contracts.disabled_forms),
        }
        shown.data(
            counts
            | {"flows": every, "warnings": warned, **disabled, "problems": contracts.problems}
        )
        return
    for one in contracts.warnings:
        shown.problem(
            one.code, one.facts, place=f"{one.file}:{one.line} [{one.code}] ", style="yellow"
        )
    names = sorted({name.split(".")[1] for name in every} | set(contracts.systems))
    shown.table(
        [shown.pick("系统", "system"), shown.pick("流程", "flows")],
        [
            (
                f"{_title(shown, contracts, system)} {system}".strip(),
                Lines.of(name for name in every if name.split(".")[1] == system),
            )
            for system in names
        ],
    )
    zh = "{files} 个契约文件无误：实体 {entities}，系统 {systems}，拉取 {pulls}，推送 {pushes}，表单 {forms}"
    en = (
        "{files} contract files are sound: {entities} entities, {systems} systems, {pulls} pulls, {pushes} pushes, "
        "{forms} forms"
    )
    shown.say(shown.pick(zh, en).format_map(counts))


def _title(shown: Screen, contracts: Contracts, system: str) -> str:
    found = contracts.systems.get(system)
    return shown.pick(found.title_zh, found.title_en) if found else ""


def _run(hub: Hub, flow: str) -> int:
    way, _, rest = flow.partition(".")
    if way == "receipts":
        return hub.receipts(f"push.{rest}")
    return hub.push(flow) if way == "push" else hub.pull(flow)


def _selection(
    ids: list[int] | None, flow: str | None, cause: str | None, *, everything: bool
) -> Selection:
    """What was named; nothing named needs --all, so that a slip does not take up everything."""
    if not (ids or flow or cause or everything):
        raise typer.BadParameter(NOTHING_NAMED)
    return quarantine.selected(ids, flow, cause, everything=everything)
