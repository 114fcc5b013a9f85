"""Commands of auditors: proofs, checkpoints."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import orjson
import typer

from hub.cli.opening import note_read, opened
from hub.cli.screen import JsonFlag, screen
from hub.cli.tracing import RecordName
from hub.errors import FlowError
from hub.flow import chain
from hub.lineage import proof as proofs
from hub.rules.rights import operator

Out = Annotated[Path | None, typer.Option("--out", help="写入此文件 · write to this file")]


def add_to(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    for command in (proof, checkpoint):
        app.command()(command)


def proof(
    record: RecordName,
    field: Annotated[str, typer.Argument(help="字段名 · name of a field")],
    *,
    reach: Annotated[
        int | None, typer.Option("--checkpoint", help="到此封签为止 · reach to this seal, which a partner has kept")
    ] = None,
    out: Out = None,
) -> None:
    """出具字段的证明文件，可离线核验 · a proof of a field, which tools/verify_proof.py checks without the hub."""
    with opened() as hub, hub.database.transaction() as tx:
        made = proofs.of(
            *(tx, hub.contracts, hub.settings, record, field),
            rights=operator(hub.contracts.entities),
            checkpoint=reach,
            now=datetime.now(UTC),
        )
        note_read(tx, "proof", record_ids=[proofs.record_id(made)])
    _write(made, out)


def checkpoint(
    *,
    compare: Annotated[
        Path | None, typer.Option("--compare", help="对方留存的检查点 · a file of checkpoints that a partner has kept")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """最新的检查点，或与对方留存的比对 · the last signed end of the chain, or a partner's copy beside the ledger."""
    shown = screen()
    with opened() as hub, hub.database.transaction() as tx:
        if compare is None:
            typer.echo(chain.newest_checkpoint(tx))
            return
        found = chain.compare(tx, hub.settings, compare.read_text(encoding="utf-8"))
    if as_json:
        shown.data(found)
    else:
        columns = ("封签", "seal"), ("封签时间", "sealed"), ("结果", "result")
        shown.table(
            [shown.pick(*names) for names in columns],
            [(one.seal, one.sealed_at, shown.word(one.state)) for one in found],
        )
    if any(one.state != "same" for one in found):
        raise FlowError("ledger.differs", seals=", ".join(str(one.seal) for one in found if one.state != "same"))


def _write(document: object, out: Path | None) -> None:
    """A document to a file, or to standard output."""
    text = orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n"
    if out is None:
        typer.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")
