"""The ledger: seals, their verification in slices, comparison of checkpoints."""

from markupsafe import Markup
from nicegui import ui

from hub.auth.context import LOOKING_INTO, RequestContext
from hub.console import components, graph
from hub.console.layout import MenuEntry
from hub.console.page import ConsolePage, address, page
from hub.console.words import moment, number, t, word
from hub.services import ledger as ledgers
from hub.services.ledger import SealView

LISTED = 50


@page("/ledger", title="账本", roles=LOOKING_INTO, menu=MenuEntry("trace", 30, "verified"))
async def ledger(page: ConsolePage, before: int = 0) -> None:
    """Seals, newest first."""
    ui.add_css(graph.STYLE)
    listed, newest = await page.look(lambda visit: _listed(visit, before))
    with components.card(t("检查点")):
        _checkpoint(newest)
    with components.card(t("核验|verb")):
        _check(page)
    with components.card(t("与对方单位留存的检查点比对")):
        _compare(page)
    with components.card(t("批次存证|several")):
        _table(listed)
        if len(listed) == LISTED:
            components.show(
                components.link(address("/ledger", before=listed[-1].id), t("更早的存证"))
            )


def _listed(visit: RequestContext, before: int) -> tuple[list[SealView], SealView | None]:
    return ledgers.listed(visit, before=before or None, most=LISTED), ledgers.newest(
        visit, signed=True
    )


def _checkpoint(newest: SealView | None) -> None:
    if newest is None:
        components.empty(
            t("还没有已签名的存证。"),
            next_step=t("配置 HUB_SEAL_KEY 后由 hub seal 存证。"),
        )
        return
    components.facts(
        [
            (
                t("最新已签名的存证"),
                f"#{newest.id} · {moment(newest.sealed_at)}",
            ),
            (t("链"), components.code(newest.chain)),
            (t("公钥（Ed25519）"), components.code(newest.signed_by)),
            (
                t("公钥（SM2）"),
                components.code(newest.sm2_by) if newest.sm2_by else None,
            ),
        ]
    )
    components.text(
        t("请把公钥公布在中枢改不到的地方；检查点随每次推送交给对方留存。"),
        kind="soft",
    )


def _check(page: ConsolePage) -> None:
    """Verify slice by slice, with progress."""
    said = ui.label(t("尚未核验。")).props('aria-live="polite"')
    bad = ui.element("div").classes("wide")

    async def run() -> None:
        after: int | None = 0
        done, wrong = 0, list[SealView]()
        while after is not None:
            start = after
            # at once
            found = await page.act("check", lambda visit: ledgers.check(visit, after=start))  # noqa: B023
            done, after = done + found.checked, found.next
            wrong += found.wrong
            said.set_text(t("已核验 {done} 个存证……", done=number(done)))
        _notify_result(said, done, wrong)
        bad.clear()
        with bad:
            if wrong:
                _table(wrong)

    with ui.element("div").classes("row no-print"):
        components.button(t("核验整条链"), run)


def _notify_result(said: ui.label, done: int, wrong: list[SealView]) -> None:
    if wrong:
        said.set_text(
            t("核验了 {done} 个存证，{wrong} 个不符。", done=number(done), wrong=len(wrong))
        )
    else:
        said.set_text(t("核验了 {done} 个存证：衔接、批次、签名全部相符。", done=number(done)))


def _compare(page: ConsolePage) -> None:
    box = ui.textarea(label=t("每行一个检查点（OneCode-Checkpoint 原文）")).classes("wide")
    found = ui.element("div").classes("wide")

    async def run() -> None:
        text = str(box.value or "")
        rows = await page.act("compare", lambda visit: ledgers.compare(visit, text))
        found.clear()
        with found:
            components.table(
                [t("批次存证"), t("存证时间"), t("结果")],
                [
                    (
                        f"#{row.seal}",
                        row.sealed_at,
                        components.badge(
                            word(row.state), tone="good" if row.state == "same" else "bad"
                        ),
                    )
                    for row in rows
                ],
            )

    with ui.element("div").classes("row no-print"):
        components.button(t("比对"), run)


def _table(seals: list[SealView]) -> None:
    components.table(
        [
            t("批次存证"),
            t("时间"),
            t("批次|several"),
            t("链"),
            t("签名"),
            t("不符之处"),
        ],
        [
            (
                f"#{seal.id}",
                moment(seal.sealed_at),
                seal.batches,
                components.code(f"{seal.chain[:24]}…"),
                _signed(seal),
                Markup(" ").join(components.badge(word(one), tone="bad") for one in seal.codes),
            )
            for seal in seals
        ],
        numeric=(2,),
        nothing=t("还没有存证。"),
    )


def _signed(seal: SealView) -> Markup:
    kinds = [name for name, made in (("Ed25519", seal.signed_by), ("SM2", seal.sm2_by)) if made]
    if not kinds:
        return components.badge(t("未签名"), tone="warn")
    return Markup(" ").join(components.badge(name, tone="good") for name in kinds)
