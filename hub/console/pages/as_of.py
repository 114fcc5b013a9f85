"""As of a moment: a project as the hub knew it, and what an account could see of it then."""

from collections.abc import Sequence
from datetime import UTC, datetime

from markupsafe import Markup
from nicegui import ui

from hub.auth.context import LOOKING_INTO, RequestContext
from hub.console import components, formatting, graph
from hub.console.layout import ROLE_NAMES, MenuEntry
from hub.console.page import ConsolePage, page
from hub.console.words import ZONE, t
from hub.console.words import moment as written
from hub.domain.rights import Sight
from hub.services import lineage
from hub.services.lineage import AccountAsOf, RecordAsOf

PROJECT = "project"
SIGHTS: dict[Sight, tuple[str, str]] = {
    "shown": ("可见", "shown"),
    "masked": ("遮蔽", "masked"),
    "hidden": ("不可见", "hidden"),
}


@page("/asof", zh="当时", en="As of", roles=LOOKING_INTO, menu=MenuEntry("trace", 50, "history"))
async def asof(
    page: ConsolePage, project: str = "", record: str = "", at: str = "", account: str = ""
) -> None:
    """What was known, and what an account could see, at a past moment."""
    ui.add_css(graph.STYLE)
    when = _when(at)
    with components.card():
        _ask(project, record, when, account)
    if not (project or record):
        components.empty(
            t(
                "给出项目代码（或记录编号）和时刻。",
                "Name a project code (or a record) and a moment.",
            )
        )
        return
    rows, watcher = await page.look(lambda visit: _seen(visit, project, record, when, account))
    if watcher is not None:
        with components.card(
            t(f"账号 {watcher.name} 当时的授权", f"What {watcher.name} was granted then")
        ):
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
    role, unit = t(*ROLE_NAMES[watcher.role]), watcher.department
    components.text(Markup("{} · {}").format(role, components.content(unit)), kind="soft")
    components.table(
        [
            t("数据", "Data"),
            t("分类", "Classes"),
            t("限制", "Limits"),
            t("用途", "Purpose"),
            t("期限", "Term"),
        ],
        [
            (
                t(entities[one.entity].title_zh, entities[one.entity].title_en)
                if one.entity in entities
                else one.entity,
                ", ".join(one.classes),
                "; ".join(
                    [
                        *one.regions,
                        *([t("仅有在办事项的", "open cases only")] if one.open_case_only else []),
                    ]
                ),
                components.content(one.purpose),
                f"{one.valid_from} … {one.valid_until}",
            )
            for one in watcher.grants
        ],
        nothing=t("当时没有有效的授权。", "No grant was in force then."),
    )


def _record(page: ConsolePage, row: RecordAsOf, watcher: AccountAsOf | None) -> None:
    contracts = page.hub.contracts
    entity = contracts.entities[row.entity]
    with components.card(t(entity.title_zh, entity.title_en)):
        until = (
            t("至今", "still stands")
            if row.until is None
            else t(f"至 {written(row.until)}", f"until {written(row.until)}")
        )
        state = (
            components.badge(t("已撤回", "withdrawn"), tone="warn") if row.deleted else Markup("")
        )
        components.show(
            Markup("<p>{} {} v{} · {} {} {}</p>").format(
                components.link(f"/records/{row.record_id}", f"#{row.record_id}"),
                *(
                    components.code(row.key),
                    row.version,
                    t(f"自 {written(row.since)}", f"since {written(row.since)}"),
                    until,
                    state,
                ),
            )
        )
        heads = [t("字段", "Field"), t("当时的值", "Value then"), t("来源", "From")]
        heads += [t("来源时间", "Source's time"), t("到达时间", "Arrived")]
        components.table(
            [*heads, t("该账号", "The account")] if watcher else heads,
            [
                (
                    t(entity.fields[name].title_zh, entity.fields[name].title_en),
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
        t(*SIGHTS[sight]),
        tone="good" if sight == "shown" else "warn" if sight == "masked" else "plain",
    )


def _ask(project: str, record: str, when: datetime, account: str) -> None:
    local = when.astimezone(ZONE).strftime("%Y-%m-%dT%H:%M:%S")
    fields = (
        ("project", t("项目代码", "Project code"), "text", project),
        ("record", t("或记录编号", "or a record"), "number", record),
        ("at", t("时刻（北京时间）", "Moment (Beijing time)"), "datetime-local", local),
        (
            "account",
            t("某账号能看到什么（可空）", "What this account could see (optional)"),
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
            inputs, t("查看", "Show")
        )
    )


def _when(text: str) -> datetime:
    """The moment that is written in the address, now where none is."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return datetime.now(UTC)
    return found if found.tzinfo else found.replace(tzinfo=ZONE)
