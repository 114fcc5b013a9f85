"""Commands for auditors: proofs, checkpoints, lineage exports, the access log."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import orjson
import typer

from hub.cli.context import asking
from hub.cli.out import write_wanted
from hub.cli.reading import Limit, Moment
from hub.cli.screen import ZONE, JsonFlag, screen
from hub.cli.tracing import RecordName
from hub.errors import FlowError
from hub.services import access_log, ledger, lineage
from hub.services.access_log import AccessQuery, AccessRow, UnusualView
from hub.texts.visible import visible_json

COUNTED = "项目", "记录|several", "被拒"
Out = Annotated[Path | None, typer.Option("--out", help="写入此文件")]


def add_to(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    for command in (proof, checkpoint, prov, openlineage, access):
        app.command()(command)


def proof(
    record: RecordName,
    field: Annotated[str, typer.Argument(help="字段名")],
    *,
    reach: Annotated[
        int | None,
        typer.Option("--checkpoint", help="到此存证为止"),
    ] = None,
    out: Out = None,
) -> None:
    """A proof of a field, which verifier/verify_proof.py checks without the hub."""
    with asking("proof") as context:
        made = lineage.field_proof(context, record, field, checkpoint=reach)
    _write(made, out)


def checkpoint(
    *,
    compare: Annotated[
        Path | None,
        typer.Option("--compare", help="对方留存的检查点"),
    ] = None,
    since: Annotated[int | None, typer.Option("--from", help="起始存证")] = None,
    until: Annotated[int | None, typer.Option("--to", help="终止存证")] = None,
    out: Out = None,
    as_json: JsonFlag = False,
) -> None:
    """The end of the chain, a copy beside it, or the seals between two."""
    shown = screen()
    with asking("checkpoint") as context:
        if since is not None and until is not None:
            _write(ledger.links(context, since=since, until=until), out)
            return
        if compare is None:
            typer.echo(ledger.checkpoint(context))
            return
        found = ledger.compare(context, compare.read_text(encoding="utf-8"))
    if as_json:
        shown.data(found)
    else:
        columns = "批次存证", "存证时间", "结果"
        shown.table(
            columns,
            [(one.seal, one.sealed_at, shown.word(one.state)) for one in found],
        )
    if any(one.state != "same" for one in found):
        raise FlowError(
            "ledger.differs", seals=", ".join(str(one.seal) for one in found if one.state != "same")
        )


def prov(
    record: RecordName,
    field: Annotated[str | None, typer.Argument(help="字段名")] = None,
    *,
    out: Out = None,
) -> None:
    """The lineage of a record or field as W3C PROV (PROV-JSON)."""
    with asking("prov") as context:
        made = (
            lineage.record_prov(context, record)
            if field is None
            else lineage.field_prov(context, record, field)
        )
    _write(made, out)


def openlineage(
    run_id: Annotated[int, typer.Argument(help="运行编号")], *, out: Out = None
) -> None:
    """A run as OpenLineage events, with column lineage."""
    with asking("openlineage") as context:
        made = lineage.run_openlineage(context, run_id)
    _write(made, out)


def access(
    *,
    account: Annotated[str | None, typer.Option("--account", help="账号")] = None,
    project: Annotated[str | None, typer.Option("--project", help="项目代码")] = None,
    record: Annotated[int | None, typer.Option("--record", help="记录编号")] = None,
    since: Moment = None,
    unusual: Annotated[bool, typer.Option("--unusual", help="只看不寻常的")] = False,
    limit: Limit = 20,
    as_json: JsonFlag = False,
) -> None:
    """Who read what, when and for which purpose; what stands out."""
    with asking("access") as context:
        if unusual:
            day = since.date() if since else None
            _unusual(
                access_log.unusual(context, since=day, account=account, most=limit), as_json=as_json
            )
            return
        first = since.replace(tzinfo=ZONE) if since else None
        wanted = AccessQuery(account=account, project=project, record=record, since=first)
        rows = access_log.listed(context, wanted, most=limit)
    _reads(rows, as_json=as_json)


def _unusual(rows: Sequence[UnusualView], *, as_json: bool) -> None:
    shown = screen()
    if as_json:
        shown.data(rows)
        return
    columns = "日期", "账号", "单位", "原因|reason"
    shown.table(
        columns,
        [
            (row.day, row.account, row.department, shown.pick(row.why.zh, row.why.en))
            for row in rows
        ],
    )


def _reads(rows: Sequence[AccessRow], *, as_json: bool) -> None:
    shown = screen()
    if as_json:
        shown.data(rows)
        return
    columns = (
        "时间",
        "账号",
        "来自",
        "途径",
        "用途",
    )
    shown.table(
        (*columns, *COUNTED),
        [
            (
                row.at,
                row.account,
                row.address,
                row.route,
                row.purpose,
                row.project_code,
                len(row.record_ids),
                row.refused,
            )
            for row in rows
        ],
    )


def _write(document: object, out: Path | None) -> None:
    """Write a document to a file, or to standard output."""
    text = orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n"
    if out is None:
        typer.echo(visible_json(text), nl=False)
    else:
        write_wanted(out, text.encode())
