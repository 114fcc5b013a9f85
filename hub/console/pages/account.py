"""The reader's own account: who one is, what one may see and until when."""

from hub.console import parts
from hub.console.frame import ROLE_NAMES
from hub.console.page import Page, page
from hub.console.words import day, t
from hub.store import accounts
from hub.store.accounts import Grant
from hub.visiting import PEOPLE, Visit


@page("/account", zh="我的账号", en="My account", roles=PEOPLE)
async def account(page: Page) -> None:
    """Name, role and grants."""
    mine = page.reader.account
    grants = await page.look(_grants)
    with parts.card():
        parts.facts(
            [
                (t("账号", "Account"), mine.name),
                (t("角色", "Role"), t(*ROLE_NAMES[mine.role])),
                (t("单位", "Department"), mine.department),
            ]
        )
    entities = page.hub.contracts.entities
    with parts.card(t("授权", "Grants")):
        parts.table(
            [
                t("数据", "Data"),
                t("范围", "Classes"),
                t("用途", "Purpose"),
                t("起", "From"),
                t("止", "Until"),
                t("有效", "In force"),
            ],
            [
                (
                    t(entities[one.entity].title_zh, entities[one.entity].title_en)
                    if one.entity in entities
                    else one.entity,
                    ", ".join(one.classes),
                    one.purpose,
                    day(one.valid_from),
                    day(one.valid_until),
                    parts.badge(t("是", "yes"), tone="good") if one.in_force else parts.badge(t("否", "no")),
                )
                for one in grants
            ],
            nothing=t("没有授权：没有授权就看不到任何内容。", "No grants: without one nothing is shown."),
        )


def _grants(visit: Visit) -> list[Grant]:
    with visit.hub.database.reading() as tx:
        return accounts.grants(tx, visit.reader.account.name)
