"""As of a moment: a project as the hub knew it, and what an account could see then."""

from collections.abc import Sequence
from datetime import UTC, datetime

from markupsafe import Markup
from nicegui import ui

from hub.auth.context import LOOKING_INTO, RequestContext
from hub.console import components, formatting, graph
from hub.console.layout import ROLE_NAMES, MenuEntry
from hub.console.page import ConsolePage, page
from hub.console.words import ZONE, pick, t
from hub.console.words import moment as written
from hub.domain.rights import Sight
from hub.services import lineage
from hub.services.lineage import AccountAsOf, RecordAsOf

PROJECT = "project"
SIGHTS: dict[Sight, str] = {
    "shown": "可见",
    "masked": "遮蔽",
    "hidden": "不可见",
}


@page("/asof", title="历史时点", roles=LOOKING_INTO, menu=MenuEntry("trace", 50, "history"))
async def asof(
    page: ConsolePage, project: str = "", record: str = "", at: str = "", account: str = ""
) -> None:
    """A project or record at a past moment, and how an account could have seen it."""
    ui.add_css(graph.STYLE)
    when = _when(at)
    with components.card():
        _ask(project, record, when, account)
    if not (project or record):
        components.empty(t("给出项目代码（或记录编号）和时刻。"))
        return
    rows, watcher = await page.look(lambda visit: _seen(visit, project, record, when, account))
    if watcher is not None:
        with components.card(t("账号 {name} 当时的授权", name=watcher.name)):
            _watcher(page, watcher)
    for row in sorted(rows, key=lambda one: one.entity != PROJECT):
        _record(page, row, watcher)


def _seen(
    visit: RequestContext, project: str, record: str, when: datetime, account: str
) -> tuple[Sequence[RecordAsOf], AccountAsOf | None]:
    if not project:
        return [lineage.record_as_of(visit, record, when)], None
    found = lineage.project_as_of(visit, project, when, account=account)
    return found.records, found.account


def _watcher(page: ConsolePage, watcher: AccountAsOf) -> None:
    entities = page.hub.contracts.entities
    role, unit = t(ROLE_NAMES[watcher.role]), watcher.department
    components.text(Markup("{} · {}").format(role, components.content(unit)), kind="soft")
    components.table(
        [
            t("数据"),
            t("分类"),
            t("限制"),
            t("用途"),
            t("期限|grant"),
        ],
        [
            (
                pick(entities[one.entity].title_zh, entities[one.entity].title_en)
                if one.entity in entities
                else one.entity,
                ", ".join(one.classes),
                "; ".join(
                    [
                        *one.regions,
                        *([t("仅有在办事项的")] if one.open_case_only else []),
                    ]
                ),
                components.content(one.purpose),
                f"{one.valid_from} … {one.valid_until}",
            )
            for one in watcher.grants
        ],
        nothing=t("当时没有有效的授权。"),
    )


def _record(page: ConsolePage, row: RecordAsOf, watcher: AccountAsOf | None) -> None:
    contracts = page.hub.contracts
    entity = contracts.entities[row.entity]
    with components.card(pick(entity.title_zh, entity.title_en)):
        until = t("至今") if row.until is None else t("至 {until}", until=written(row.until))
        state = components.badge(t("已撤回"), tone="warn") if row.deleted else Markup("")
        components.show(
            Markup("<p>{} {} v{} · {} {} {}</p>").format(
                components.link(f"/records/{row.record_id}", f"#{row.record_id}"),
                components.code(row.key),
                row.version,
                t("自 {since}", since=written(row.since)),
                until,
                state,
            )
        )
        heads = [t("字段"), t("历史时点的值"), t("来源")]
        heads += [t("来源时间"), t("到达时间")]
        components.table(
            [*heads, t("该账号")] if watcher else heads,
            [
                (
                    pick(entity.fields[name].title_zh, entity.fields[name].title_en),
                    components.content(
                        formatting.value(contracts, entity.fields[name], said.value)
                    ),
                    formatting.system(contracts, said.system),
                    formatting.source_time(said.source_time),
                    written(said.as_of),
                    *([_sight(row.sights[name])] if watcher else []),
                )
                for name, said in row.fields.items()
            ],
        )


def _sight(sight: Sight) -> Markup:
    return components.badge(
        t(SIGHTS[sight]),
        tone="good" if sight == "shown" else "warn" if sight == "masked" else "plain",
    )


def _ask(project: str, record: str, when: datetime, account: str) -> None:
    local = when.astimezone(ZONE).strftime("%Y-%m-%dT%H:%M:%S")
    fields = (
        ("project", t("项目代码"), "text", project),
        ("record", t("或记录编号"), "number", record),
        ("at", t("时刻（北京时间）"), "datetime-local", local),
        (
            "account",
            t("某账号能看到什么（可空）"),
            "text",
            account,
        ),
    )
    inputs = Markup("").join(
        Markup('<label>{}<input name="{}" type="{}" value="{}"{}></label>').format(
            words, name, kind, value, Markup(' step="1"') if kind == "datetime-local" else ""
        )
        for name, words, kind, value in fields
    )
    components.show(
        Markup('<form class="ask no-print" action="/asof">{}<button>{}</button></form>').format(
            inputs, t("查看")
        )
    )


def _when(text: str) -> datetime:
    """The moment in the query, by default now."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return datetime.now(UTC)
    return found if found.tzinfo else found.replace(tzinfo=ZONE)
