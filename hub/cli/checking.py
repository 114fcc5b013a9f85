"""Commands that prepare and check: migrate, check, ping, health, metrics."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from hub import config
from hub.cli.context import asking, contracts_folder, opened
from hub.cli.out import write_wanted
from hub.cli.screen import JsonFlag, Lines, Screen, screen
from hub.domain.contracts import Contracts
from hub.domain.documents import ContractProblem
from hub.domain.schedule import flows_document
from hub.errors import FlowError, HubError
from hub.services import compatibility
from hub.services import health as looking
from hub.services import metrics as measuring
from hub.services.contract_problems import mistakes
from hub.services.exchange_tables import exchange_tables

SCHEDULE = "dags/flows.json"


def add_to(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    for command in (migrate, health, metrics, check, ping, exchange):
        app.command()(command)


def migrate(
    *,
    check: Annotated[
        bool,
        typer.Option("--check", help="只看是否适配，不改动"),
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Bring the database up to these contracts."""
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
        shown.t(
            "数据库结构已是最新（新建表 {made} 个，新增字段 {len} 个）",
            made=len(made),
            len=len(done) - len(made),
        )
    )


def _show_fit(*, as_json: bool) -> None:
    """Show whether program and database fit; exit status 1 where they do not."""
    with opened() as hub:
        found = compatibility.fits(hub)
    shown = screen()
    if as_json:
        shown.data(found)
    elif found.told is None:
        shown.say(shown.t("数据库结构与程序一致（{head}）", head=found.head))
    else:
        shown.problem(found.told.code, found.told.facts)
    if found.told is not None:
        raise typer.Exit(1)


def health(*, as_json: JsonFlag = False) -> None:
    """Whether the hub can do its work; exit status 1 if not."""
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
    """How the hub stands, in Prometheus' text format, for a file that it collects."""
    with asking("metrics") as context:
        sys.stdout.buffer.write(measuring.text(context))


def check(
    *,
    write: Annotated[bool, typer.Option("--write", help="写出 dags/flows.json")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Check every schema and mapping; say file, line, cause, cure, and what does not run for it."""
    contracts = config.contracts_of(contracts_folder())
    path = contracts_folder() / SCHEDULE
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
    """Write the schedule, and touch the DAG files beside it, so that Airflow parses them again."""
    path.parent.mkdir(exist_ok=True)
    write_wanted(path, schedule.encode())
    for file in path.parent.glob("*.py"):
        file.touch()


def show_problems(shown: Screen, problems: Sequence[ContractProblem]) -> None:
    """Every problem with file, line and cure, and their number, on standard error."""
    for problem in problems:
        shown.problem(
            problem.code, problem.facts, place=f"{problem.file}:{problem.line} [{problem.code}] "
        )
    first = f"{problems[0].file}:{problems[0].line} {problems[0].code}"
    shown.error(FlowError("contract.invalid", count=len(problems), first=first))


def ping(
    system: Annotated[str, typer.Argument(help="系统名或 all")],
    *,
    as_json: JsonFlag = False,
) -> None:
    """Reach a partner and say what answered."""
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
                "系统",
                "连接器",
                "应答",
            ],
            rows,
        )
    for name, met in failed.items():
        shown.problem(met.code, met.facts, place=f"{name}: ")
    if failed:
        raise typer.Exit(1)


def exchange(
    system: Annotated[str, typer.Argument(help="系统名")],
    *,
    as_json: JsonFlag = False,
) -> None:
    """SQL of the exchange tables that the hub hosts for a department, with its login."""
    made = exchange_tables(config.contracts_of(contracts_folder()), system)
    if as_json:
        screen().data(made)
    else:
        sys.stdout.write(made.sql)


def _show_checked(shown: Screen, contracts: Contracts, *, as_json: bool) -> None:
    """The contracts and names of all flows; with --json also problems and what they disable."""
    counts = {
        "files": len(config.contract_files(contracts_folder())),
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
        ["系统", "流程"],
        [
            (
                f"{_title(shown, contracts, system)} {system}".strip(),
                Lines.of(name for name in every if name.split(".")[1] == system),
            )
            for system in names
        ],
    )
    said = "{files} 个契约文件无误：实体 {entities}，系统 {systems}，拉取 {pulls}，推送 {pushes}，表单 {forms}"
    shown.say(shown.t(said, **counts))


def _title(shown: Screen, contracts: Contracts, system: str) -> str:
    found = contracts.systems.get(system)
    return shown.pick(found.title_zh, found.title_en) if found else ""
