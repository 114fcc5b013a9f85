"""Commands for changed contracts: dry run first, then remap of what has landed."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from hub.cli.context import asking, opened
from hub.cli.running import show_runs
from hub.cli.screen import JsonFlag, Lines, Screen, screen
from hub.config import mapping_file
from hub.errors import FlowError
from hub.services.dry_run import Rehearsed, dry_run
from hub.services.failure_groups import meaning

NO_FLOW_NAMED = "FLOW | --entity | --all"


def add_to(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    app.command()(rehearse)
    app.command()(remap)


def rehearse(
    flow: Annotated[str, typer.Argument(help="流程名，如 pull.partner.project")],
    *,
    mapping: Annotated[
        Path | None,
        typer.Option("--mapping", exists=True, dir_okay=False, help="改后的映射文件"),
    ] = None,
    home: Annotated[
        Path | None,
        typer.Option(
            "--home",
            exists=True,
            file_okay=False,
            help="改后的契约文件目录",
        ),
    ] = None,
    sample: Annotated[int | None, typer.Option("--sample", min=1, help="只取 N 条")] = None,
    held: Annotated[bool, typer.Option("--held", help="对整批未采用的数据")] = False,
    as_json: JsonFlag = False,
) -> None:
    """What would come of changed contracts; writes nothing."""
    shown = screen()

    def progress(done: int, of: int) -> None:
        if not as_json:
            shown.progress(f"{flow}: {done} / {of}")

    changed = (
        {mapping_file(flow): mapping.read_text(encoding="utf-8")} if mapping is not None else {}
    )
    with asking("rehearse") as context:
        found = dry_run(
            context, flow, changed, home=home, sample=sample, held_batches=held, progress=progress
        )
    if as_json:
        shown.data(found)
    else:
        _show(shown, found)


def remap(
    flows: Annotated[list[str] | None, typer.Argument(help="拉取流程名，可多个")] = None,
    *,
    entity: Annotated[str | None, typer.Option("--entity", help="此实体的全部流程")] = None,
    everything: Annotated[bool, typer.Option("--all", help="全部拉取流程")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Apply today's contracts to what landed under older ones."""
    if not (flows or entity or everything):
        raise typer.BadParameter(NO_FLOW_NAMED)
    shown = screen()

    def progress(name: str, done: int, of: int) -> None:
        if not as_json:
            shown.progress(f"{name}: {done} / {of}")

    with opened() as hub:
        of_entity = [
            flow.name
            for flow in hub.contracts.pulls.values()
            if everything or flow.entity.name == entity
        ]
        if entity and not of_entity:
            raise FlowError(
                "ask.entity_unknown", entity=entity, known=", ".join(hub.contracts.entities)
            )
        runs = hub.remap(list(dict.fromkeys([*(flows or []), *of_entity])), progress=progress)
        show_runs(hub, shown, runs, as_json=as_json)


def _show(shown: Screen, found: Rehearsed) -> None:
    if found.read < found.total:
        shown.say(
            shown.t("抽样 {read} / {total}", read=found.read, total=found.total),
            "yellow",
        )
    columns = "字段", "记录数", "例"
    shown.table(
        columns,
        [
            (
                name,
                one.times,
                Lines.of(
                    f"{ex.record}: {shown.cell(ex.was)} → {shown.cell(ex.would_be)}"
                    for ex in one.examples
                ),
            )
            for name, one in sorted(found.fields.items(), key=lambda pair: -pair[1].times)
        ],
        title=shown.t("会改变的字段"),
    )
    _causes(shown, found.set_aside, shown.t("会成为问题数据"))
    _causes(shown, found.accepted, shown.t("不再是问题数据"))
    shown.table(
        ["推送流程", "结果|several"],
        [
            (push, ", ".join(f"{shown.word(name)} {n}" for name, n in sums.items()))
            for push, sums in found.deliveries.items()
        ],
        title=shown.t("随之而来的推送"),
    )
    said = "记录：新增 {created}，变更 {changed}，撤回 {withdrawn}；涉及项目 {projects} 个。未写入任何内容。"
    counts = {
        name: getattr(found, name) for name in ("created", "changed", "withdrawn", "projects")
    }
    shown.say(shown.t(said, **counts))


def _causes(shown: Screen, causes: Mapping[str, int], title: str) -> None:
    if causes:
        rows = [
            (cause, shown.pick(*meaning(cause)), count)
            for cause, count in sorted(causes.items(), key=lambda pair: -pair[1])
        ]
        names = "原因", "说明", "条数"
        shown.table(names, rows, title=title)
