"""Commands for changed contracts: see beforehand what would come of them, then apply them to what has landed."""

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
    flow: Annotated[
        str, typer.Argument(help="流程名，如 pull.investment.project · name of a flow")
    ],
    *,
    mapping: Annotated[
        Path | None,
        typer.Option(
            "--mapping", exists=True, dir_okay=False, help="改后的映射文件 · its mapping, changed"
        ),
    ] = None,
    home: Annotated[
        Path | None,
        typer.Option(
            "--home",
            exists=True,
            file_okay=False,
            help="改后的契约目录 · folder with changed contracts",
        ),
    ] = None,
    sample: Annotated[
        int | None, typer.Option("--sample", min=1, help="只取 N 条 · only so many payloads")
    ] = None,
    held: Annotated[
        bool, typer.Option("--held", help="对整批未采用的数据 · of accepting what is held")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """预演：契约改变后会怎样，不写入任何内容 · what would come of changed contracts; writes nothing."""
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
    flows: Annotated[
        list[str] | None, typer.Argument(help="拉取流程名，可多个 · names of pull flows")
    ] = None,
    *,
    entity: Annotated[
        str | None, typer.Option("--entity", help="此实体的全部流程 · all flows of an entity")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="全部拉取流程 · every pull flow")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """按今天的契约重新映射已接收的原始报文 · apply today's contracts to what landed under older ones."""
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
            shown.pick(
                f"抽样 {found.read} / {found.total}", f"a sample: {found.read} of {found.total}"
            ),
            "yellow",
        )
    columns = ("字段", "field"), ("记录数", "records"), ("例", "examples")
    shown.table(
        [shown.pick(*names) for names in columns],
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
        title=shown.pick("会改变的字段", "fields that would change"),
    )
    _causes(shown, found.set_aside, shown.pick("会成为问题数据", "would be set aside"))
    _causes(shown, found.accepted, shown.pick("不再是问题数据", "would be set aside no more"))
    shown.table(
        [shown.pick("推送流程", "push"), shown.pick("结果", "outcomes")],
        [
            (push, ", ".join(f"{shown.word(name)} {n}" for name, n in sums.items()))
            for push, sums in found.deliveries.items()
        ],
        title=shown.pick("随之而来的推送", "deliveries that would follow"),
    )
    zh = "记录：新增 {created}，变更 {changed}，撤回 {withdrawn}；涉及项目 {projects} 个。未写入任何内容。"
    en = "Records: {created} created, {changed} changed, {withdrawn} withdrawn, {projects} projects. Nothing is written."
    counts = {
        name: getattr(found, name) for name in ("created", "changed", "withdrawn", "projects")
    }
    shown.say(shown.pick(zh, en).format_map(counts))


def _causes(shown: Screen, causes: Mapping[str, int], title: str) -> None:
    if causes:
        rows = [
            (cause, shown.pick(*meaning(cause)), count)
            for cause, count in sorted(causes.items(), key=lambda pair: -pair[1])
        ]
        names = ("原因", "cause"), ("说明", "meaning"), ("条数", "payloads")
        shown.table([shown.pick(*name) for name in names], rows, title=title)
