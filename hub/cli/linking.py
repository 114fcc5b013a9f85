"""Commands about records without a project code: what is asked of a person, and what a person says."""

from getpass import getuser
from typing import Annotated

import typer

from hub.auth.context import operating
from hub.cli.opening import note_read, opened
from hub.cli.reading import Limit
from hub.cli.running import FlowOption
from hub.cli.screen import JsonFlag, Screen, screen
from hub.domain import keys
from hub.domain.contracts import Entity
from hub.model import Record
from hub.pipeline.linking import Question
from hub.services import linking
from hub.services.naming import UnknownNameError

ONE_OF_BOTH = "--to | --reject"

Key = Annotated[str, typer.Argument(help="来源主键，见 hub links 或 hub waiting · source key")]
By = Annotated[str | None, typer.Option("--by", help="经办人，默认当前用户 · who; this user unless given")]
Reason = Annotated[str, typer.Option("--reason", help="理由 · why")]


def add_to(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    for command in (links, link, unlink):
        app.command()(command)


def links(
    key: Annotated[str | None, typer.Argument(help="来源主键 · source key")] = None,
    *,
    flow: FlowOption = None,
    limit: Limit = 20,
    as_json: JsonFlag = False,
) -> None:
    """列出待人工判定项目归属的记录 · records whose project a person is to decide, beside the likely projects."""
    with opened() as hub:
        project = hub.contracts.entities["project"]
        asked = linking.questions(operating(hub, getuser()), flow=flow, key=key, most=limit)
        if key is not None and not asked:
            raise UnknownNameError("link.key_unknown", key=key)
        with hub.database.transaction() as tx:
            for question in asked:
                for offer in question.offered:
                    note_read(tx, "links", record_ids=[], project_code=offer.word.project_code)
    shown = screen()
    if as_json:
        shown.data([question_data(question) for question in asked])
        return
    for question in asked:
        _show(shown, project, question)
    shown.say(shown.pick(f"待判定 {len(asked)} 条", f"{len(asked)} to be decided"))


def link(
    key: Key,
    *,
    reason: Reason,
    to: Annotated[str | None, typer.Option("--to", help="项目代码 · project code")] = None,
    reject: Annotated[bool, typer.Option("--reject", help="都不是 · none of the projects offered")] = False,
    by: By = None,
    flow: FlowOption = None,
) -> None:
    """判定记录属于哪个项目 · say whose record it is (--to), or of none that was offered (--reject)."""
    if (to is None) != reject:
        raise typer.BadParameter(ONE_OF_BOTH)
    with opened() as hub:
        if to is None:
            refused = linking.refuse(operating(hub, by or getuser()), key, flow=flow, reason=reason)
            zh, en = f"已否定 {', '.join(refused)}", f"refused {', '.join(refused)}"
        else:
            linking.link(operating(hub, by or getuser()), key, flow=flow, to=keys.project_code(to), reason=reason)
            zh, en = f"{key} 已关联到 {to}", f"{key} is linked to {to}"
    shown = screen()
    shown.say(shown.pick(zh, en))


def unlink(key: Key, *, reason: Reason, by: By = None, flow: FlowOption = None) -> None:
    """撤销关联，由此产生的一切重新计算 · take a link back, whoever made it; what came of it is recomputed."""
    with opened() as hub:
        project = linking.unlink(operating(hub, by or getuser()), key, flow=flow, reason=reason)
    shown = screen()
    shown.say(shown.pick(f"{key} 不再关联到 {project}", f"{key} is not linked to {project} any more"))


def question_data(question: Question) -> dict[str, object]:
    """A question as plain data."""
    return {
        "flow": question.flow,
        "key": question.key,
        "since": question.since,
        "record": {name: question.values.get(name) for name in question.entity.traits},
        "offered": [
            {
                "project_code": offer.word.project_code,
                "likelihood": offer.word.score,
                "evidence": offer.word.evidence,
                "project": dict(offer.values),
            }
            for offer in question.offered
        ],
        "said": question.words,
    }


def _show(shown: Screen, project: Entity, question: Question) -> None:
    """The record and the projects side by side, a line a trait."""
    traits, rows = question.entity.traits, []
    for name, trait in traits.items():
        field = question.entity.fields[name]
        levels = [
            next((f" [{one['level']}]" for one in offer.word.evidence if one["trait"] == trait), "")
            for offer in question.offered
        ]
        theirs = [
            f"{_like(project, offer.values, trait)}{level}"
            for offer, level in zip(question.offered, levels, strict=True)
        ]
        rows.append((shown.pick(field.title_zh, field.title_en), question.values.get(name), *theirs))
    offered = [f"{offer.word.project_code} {offer.word.score or 0:.0%}" for offer in question.offered]
    columns = [shown.pick("项", "what"), shown.pick("本记录", "this record"), *offered]
    shown.table(columns, rows, title=f"{question.flow} {question.key}")


def _like(project: Entity, values: Record, trait: str) -> str:
    said = [values.get(name) for name, told in project.traits.items() if told == trait]
    return " / ".join(str(value) for value in said if value is not None)
