"""Commands for record linkage: candidates, and a person's decision."""

from collections.abc import Mapping
from typing import Annotated

import typer

from hub.cli.context import asking
from hub.cli.reading import Limit
from hub.cli.running import FlowOption
from hub.cli.screen import JsonFlag, Screen, screen
from hub.domain.contracts import Entity
from hub.model import Record
from hub.services import linking
from hub.services.linking import LinkQuestion

ONE_OF_BOTH = "--to | --reject"

Key = Annotated[str, typer.Argument(help="来源主键，见 hub links 或 hub waiting")]
By = Annotated[str | None, typer.Option("--by", help="经办人，默认当前用户")]
Reason = Annotated[str, typer.Option("--reason", help="理由")]


def add_to(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    for command in (links, link, unlink):
        app.command()(command)


def links(
    key: Annotated[str | None, typer.Argument(help="来源主键")] = None,
    *,
    flow: FlowOption = None,
    limit: Limit = 20,
    as_json: JsonFlag = False,
) -> None:
    """Records whose project a person is to decide, beside the likely projects."""
    with asking("links") as context:
        asked, entities = (
            linking.questions(context, flow=flow, key=key, most=limit),
            context.hub.contracts.entities,
        )
    shown = screen()
    if as_json:
        shown.data(asked)
        return
    for question in asked:
        _show(shown, entities, question)
    shown.say(shown.t("待判定 {asked} 条", asked=len(asked)))


def link(
    key: Key,
    *,
    reason: Reason,
    to: Annotated[str | None, typer.Option("--to", help="项目代码")] = None,
    reject: Annotated[bool, typer.Option("--reject", help="都不是")] = False,
    by: By = None,
    flow: FlowOption = None,
) -> None:
    """Say whose record it is (--to), or of none that was offered (--reject)."""
    if (to is None) != reject:
        raise typer.BadParameter(ONE_OF_BOTH)
    shown = screen()
    with asking("link", by) as context:
        if to is None:
            refused = ", ".join(linking.refuse(context, key, flow=flow, reason=reason).refused)
            said = shown.t("已否定 {refused}", refused=refused)
        else:
            linking.link(context, key, flow=flow, to=to, reason=reason)
            said = shown.t("{key} 已关联到 {to}", key=key, to=to)
    shown.say(said)


def unlink(key: Key, *, reason: Reason, by: By = None, flow: FlowOption = None) -> None:
    """Take a link back, whoever made it; what came of it is recomputed."""
    with asking("unlink", by) as context:
        (project,) = linking.unlink(context, key, flow=flow, reason=reason).refused
    shown = screen()
    shown.say(shown.t("{key} 不再关联到 {project}", key=key, project=project))


def _show(shown: Screen, entities: Mapping[str, Entity], question: LinkQuestion) -> None:
    """Record and candidate projects side by side, one row a trait."""
    entity, project, rows = entities[question.entity], entities["project"], []
    for name, trait in entity.traits.items():
        field = entity.fields[name]
        levels = [
            next((f" [{one['level']}]" for one in offer.evidence if one["trait"] == trait), "")
            for offer in question.offered
        ]
        theirs = [
            f"{_like(project, offer.project, trait)}{level}"
            for offer, level in zip(question.offered, levels, strict=True)
        ]
        rows.append(
            (shown.pick(field.title_zh, field.title_en), question.record.get(name), *theirs)
        )
    offered = [f"{offer.project_code} {offer.score or 0:.0%}" for offer in question.offered]
    columns = [shown.t("项"), shown.t("本记录"), *offered]
    shown.table(columns, rows, title=f"{question.flow} {question.key}")


def _like(project: Entity, values: Record, trait: str) -> str:
    said = [values.get(name) for name, told in project.traits.items() if told == trait]
    return " / ".join(str(value) for value in said if value is not None)
