"""Page layout: bar with search, menu by role, and the place for the page's content."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from fastapi import Request
from markupsafe import Markup
from nicegui import ui
from nicegui.element import Element

from hub.auth import Reader
from hub.console import csrf
from hub.console.words import lang, other_language, t
from hub.texts import tell

STYLE = Path(__file__).with_name("look.css").read_text(encoding="utf-8")
DARK_COOKIE = "onecode_dark"

IN_A_PAGE = "if (self !== top) document.documentElement.classList.add('in-a-page');"
"""Inside a frame of another site, such as Airflow, bar and menu are hidden (look.css)."""

GROUPS = {
    "watch": "运行监控",
    "supervise": "监督",
    "use": "数据使用",
    "trace": "溯源审计",
    "manage": "管理",
}
HOMES = {
    "administrator": "/",
    "department": "/prefill",
    "auditor": "/audit",
    "supervisor": "/lights",
}
"""Start page by role."""
ROLE_NAMES = {
    "administrator": "数据管理员",
    "department": "业务单位",
    "auditor": "审计|role",
    "supervisor": "工改办|role",
    "service": "系统|role",
}


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """A page in the menu: group (of GROUPS), order in it, icon."""

    group: str
    order: int
    icon: str


@dataclass(frozen=True, slots=True)
class ListedPage:
    """A page as menu and crawler know it."""

    path: str
    title: str
    roles: frozenset[str]
    menu: MenuEntry | None


PAGES: dict[str, ListedPage] = {}
"""All pages by path."""


def add(path: str, *, title: str, roles: frozenset[str], menu: MenuEntry | None) -> None:
    """Register a page."""
    PAGES[path] = ListedPage(path, title, roles, menu)


def page_layout(request: Request, reader: Reader, *, title: str) -> None:
    """Build bar and menu around the page."""
    ui.page_title(f"{title} · {t('一码贯通')}")
    ui.add_css(STYLE)
    dark = request.cookies.get(DARK_COOKIE)
    ui.dark_mode(value=None if dark is None else dark == "1")
    ui.add_head_html(
        f"<script>{IN_A_PAGE} document.documentElement.lang = '{t('tag|language')}'</script>"
    )
    ui.colors(primary="#1d5fae", positive="#1b7f4d", warning="#a86a00", negative="#b3261e")
    ui.html(
        Markup('<a class="skip" href="#main">{}</a>').format(t("跳到正文")),
        sanitize=False,
    )
    path = request.url.path
    with ui.header().classes("bar no-print"):
        ui.html(_bar(request, reader, dark=dark == "1"), sanitize=False).classes("bar-inside")
    # Elsewhere than on a desktop it would open as a dialog before every page.
    drawer = ui.left_drawer(value=True, fixed=True, bordered=True).props(
        "width=208 behavior=desktop"
    )
    with drawer.classes("menu no-print"):
        ui.html(_menu(reader, path), sanitize=False)
    _heading(title)


def main() -> Element:
    """The element for the page's content."""
    return ui.element("div").props("id=main tabindex=-1").classes("page")


def _heading(title: str) -> None:
    ui.html(Markup('<h1 class="title">{}</h1>').format(title), sanitize=False).classes("heading")


def _bar(request: Request, reader: Reader, *, dark: bool) -> Markup:
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    account, other = reader.account, other_language(lang())
    return Markup(
        '<a class="brand" href="/"><b>{brand}</b> <span>OneCode Hub</span></a>'
        '<form class="find" action="/projects" role="search"><input name="q" type="search" '
        'aria-label="{find}"'
        ' placeholder="{find}"></form>'
        '<span class="grow"></span>'
        '<a class="quiet" href="/look?lang={other}&next={here}" lang="{other}">{language}</a>'
        '<a class="quiet" href="/look?dark={dark}&next={here}" aria-label="{shade}" '
        'title="{shade}">◐</a>'
        '<a class="quiet" href="/account" title="{role}">{name}</a>'
        '<form method="post" action="/logout"><input type="hidden" name="form" value="{form}">'
        '<button class="quiet" type="submit">{out}</button></form>'
    ).format(
        brand=tell("一码贯通", "zh"),
        find=t("项目代码或名称"),
        other=other,
        language=tell("name|language", other),
        here=quote(here, safe="/"),
        dark="0" if dark else "1",
        shade=t("切换深浅色"),
        role=t(ROLE_NAMES[account.role]),
        name=account.name,
        form=csrf.token(request.state.token),
        out=t("退出"),
    )


def _menu(reader: Reader, path: str) -> Markup:
    mine = [one for one in PAGES.values() if one.menu and reader.account.role in one.roles]
    groups = (
        _group(name, [one for one in mine if one.menu and one.menu.group == name], path)
        for name in GROUPS
    )
    return Markup('<nav aria-label="{}">{}</nav>').format(t("菜单"), Markup("").join(groups))


def _group(name: str, listed: Iterable[ListedPage], path: str) -> Markup:
    ordered = sorted(listed, key=lambda one: one.menu.order if one.menu else 0)
    if not ordered:
        return Markup("")
    links = Markup("").join(
        Markup(
            '<li><a href="{}"{}><i class="q-icon material-icons" '
            'aria-hidden="true">{}</i>{}</a></li>'
        ).format(
            one.path,
            Markup(' aria-current="page"') if _is_at(one.path, path) else "",
            one.menu.icon if one.menu else "",
            t(one.title),
        )
        for one in ordered
    )
    return Markup("<h2>{}</h2><ul>{}</ul>").format(t(GROUPS[name]), links)


def _is_at(entry: str, path: str) -> bool:
    return path == entry or (entry != "/" and path.startswith(f"{entry}/"))
