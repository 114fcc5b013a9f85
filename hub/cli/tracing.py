"""Commands for one project or record: everything known, and lineage."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

import typer

from hub.cli.context import asking
from hub.cli.delivering import standing_table
from hub.cli.screen import JsonFlag, Screen, screen
from hub.domain.contracts import Contracts
from hub.domain.value_text import code_words, value_words
from hub.services import lineage, projects
from hub.services.lineage import (
    DeliveryEventRow,
    FieldLineage,
    FieldSource,
    ReaderRow,
    RecordAsOf,
    RecordHead,
    RecordLineage,
)
from hub.services.prefill.told import NO_TIME
from hub.services.projects import FieldValue, Project, ProjectRecord

RecordName = Annotated[str, typer.Argument(help="记录编号或 实体:主键")]


def add_to(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    for command in (show, trace):
        app.command()(command)


def show(
    code: Annotated[str, typer.Argument(help="项目代码")],
    *,
    as_json: JsonFlag = False,
) -> None:
    """Everything known of a project code: records, disagreements, deliveries."""
    with asking("show") as context:
        found, contracts = projects.project(context, code), context.hub.contracts
    shown = screen()
    if as_json:
        shown.data(found)
        return
    _records(shown, contracts, found)
    standing_table(shown, [one for row in found.records for one in row.deliveries])


def trace(
    record: RecordName,
    field: Annotated[str | None, typer.Argument(help="字段名")] = None,
    *,
    as_of: Annotated[
        datetime | None,
        typer.Option("--as-of", help="历史时点的记录（北京时间）"),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Where a record or a field comes from, by which rule, and who has been given it or read it."""
    shown = screen()
    with asking("trace") as context:
        found: RecordLineage | FieldLineage | RecordAsOf
        if as_of is not None:
            found = lineage.record_as_of(context, record, as_of, field=field)
        elif field is None:
            found = lineage.record_lineage(context, record)
        else:
            found = lineage.field_lineage(context, record, field)
    if as_json:
        shown.data(found)
    elif isinstance(found, RecordAsOf):
        _then(shown, found)
    elif isinstance(found, RecordLineage):
        _record(shown, found)
    else:
        _field(shown, found)


def _then(shown: Screen, found: RecordAsOf) -> None:
    until = shown.t("至今") if found.until is None else shown.cell(found.until)
    shown.say(f"#{found.record_id} {found.entity}:{found.key} v{found.version}", "bold")
    shown.say(f"{shown.cell(found.since)} — {until}")
    _fields(shown, found.fields)


def _records(shown: Screen, contracts: Contracts, found: Project) -> None:
    by_entity: Mapping[str, list[ProjectRecord]] = defaultdict(list)
    for row in found.records:
        by_entity[row.entity].append(row)
    for name, rows in by_entity.items():
        entity = contracts.entities[name]
        shown.say("")
        shown.say(f"{shown.pick(entity.title_zh, entity.title_en)} ({name})", "bold")
        for row in rows:
            gone = shown.t("（已撤回）") if row.withdrawn else ""
            shown.say(f"#{row.record_id} {row.key} v{row.version}{gone}")
            for field, said in row.fields.items():
                known = entity.fields[field]
                title = shown.pick(known.title_zh, known.title_en)
                words = value_words(contracts, known, said.value)
                coded = code_words(contracts, known, said.value) is not None or known.unit
                meaning = f" ({shown.pick(*words)})" if coded else ""
                shown.say(
                    f"    {title} ({field}): "
                    f"{shown.cell(said.value)}{meaning}{_from(shown, contracts, said)}"
                )
            for field, claims in row.disagreements.items():
                told = "; ".join(f"{one.system}: {shown.cell(one.value)}" for one in claims)
                shown.say(f"    {shown.t('数据不一致|sentence')} {field}: {told}", "yellow")


def _from(shown: Screen, contracts: Contracts, said: FieldValue) -> str:
    """A value's source, its source time and arrival."""
    if not said.system:
        return ""
    system = contracts.systems.get(said.system)
    name = shown.pick(system.title_zh, system.title_en) if system else said.system
    told = shown.cell(said.source_time) if said.source_time else shown.t(NO_TIME)
    times = f"{shown.t('来源时间')} {told}, {shown.t('到达时间')}"
    return f"  — {name}, {times} {shown.cell(said.as_of)}"


def _told_at(shown: Screen, said: FieldSource) -> str:
    return shown.cell(said.source_time) if said.source_time else shown.t(NO_TIME)


def _record(shown: Screen, found: RecordLineage) -> None:
    _head(shown, found.head)
    _fields(shown, found.fields)
    landed = (
        "报文",
        "流程",
        "来源主键",
        "位置",
        "到达",
    )
    shown.table(
        (*landed, "运行"),
        [
            (row.id, row.flow, row.key, row.place, row.committed_at, row.run_id)
            for row in found.arrivals
        ],
        title=shown.t("原始报文"),
    )
    _handed(shown, list(found.handed))
    _readers(shown, list(found.readers))


def _fields(shown: Screen, fields: Mapping[str, FieldSource]) -> None:
    """Values with the landings that made them, and when their source key last repeated them."""
    columns = "字段", "值", "来源", "来源时间"
    more = "到达时间", "报文", "此后确认"
    shown.table(
        (*columns, *more),
        [
            (
                name,
                said.value,
                said.system,
                _told_at(shown, said),
                said.as_of,
                said.landing_id,
                said.confirmed_at,
            )
            for name, said in fields.items()
        ],
    )


def _field(shown: Screen, found: FieldLineage) -> None:
    _head(shown, found.head)
    title = shown.pick(found.title.zh, found.title.en)
    shown.say(f"{title} ({found.field}) = {shown.cell(found.value)}", "bold")
    why = {
        "steward": "由数据管理员裁定",
        "rank": "按权威来源顺序取值",
        "only": "只有一个来源",
        "": "没有值",
    }
    order = " > ".join(found.authority)
    shown.say(f"{shown.t('取值规则：')}{order}; {shown.t(why[found.chosen_by])}")
    columns = (
        "采用|value",
        "系统",
        "流程",
        "来源主键",
        "来源版本",
        "值",
    )
    shown.table(
        (*columns, "报文"),
        [
            (row.won, row.system, row.flow, row.source_key, row.version, row.value, row.landing_id)
            for row in found.claims
        ],
        title=shown.t("来源记录|several"),
    )
    if found.origin:
        at = found.origin.arrival
        told = shown.cell(at.source_time) if at.source_time else shown.t(NO_TIME)
        times = f"{shown.t('来源时间')} {told}, "
        times += f"{shown.t('到达时间')} {shown.cell(at.committed_at)}"
        came = f"{at.place}, {times}, {_run(shown, at.run_id, at.batch_id)}"
        shown.say(f"{shown.t('原始报文')} {at.id}: {came}")
        if (again := found.origin.confirmed) is not None:
            last = f"{shown.cell(again.at)}, {shown.t('报文')} {again.landing_id}"
            shown.say(f"{shown.t('此后确认')} {again.times}×: {last}")
        for path, value in found.origin.source.items():
            shown.say(f"    {path} = {value!r}")
        shown.say(f"{shown.t('映射规则')} ({found.origin.contract[:12]}): {found.origin.rule}")
    _handed(shown, [told.handed for told in found.told])
    _readers(shown, list(found.readers))


def _run(shown: Screen, run: int | None, batch: int) -> str:
    """The run and batch that something came with."""
    return shown.t("运行 {run}, 批次 {batch}", run=run, batch=batch)


def _head(shown: Screen, head: RecordHead) -> None:
    state = shown.t("，已撤回") if head.deleted else ""
    shown.say(f"#{head.record_id} {head.entity}:{head.key} v{head.version}{state}", "bold")
    since = f"{shown.cell(head.since)}, {_run(shown, head.run_id, head.batch_id)}"
    shown.say(f"{shown.t('项目代码')} {head.project_code or '-'}; {shown.t('此版本自')} {since}")


def _handed(shown: Screen, rows: list[DeliveryEventRow]) -> None:
    columns = (
        "目标流程",
        "结果",
        "版本",
        "时间",
        "运行",
        "对方答复",
    )
    shown.table(
        (*columns, "回执"),
        [
            (
                row.flow,
                shown.word(row.state),
                row.golden_version,
                row.at,
                row.run_id,
                f"{row.code} {row.text} {row.reference}".strip(),
                row.receipt,
            )
            for row in rows
        ],
        title=shown.t("推送与回执"),
    )


def _readers(shown: Screen, rows: list[ReaderRow]) -> None:
    columns = (
        "账号",
        "途径",
        "用途",
        "时间",
        "被拒",
    )
    shown.table(
        columns,
        [(row.account, row.route, row.purpose, row.at, row.refused or None) for row in rows],
        title=shown.t("查阅记录|record"),
    )
