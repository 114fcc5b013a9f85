"""A form for one project: prefilled, completed by a person, compared and submitted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import orjson
from markupsafe import Markup
from nicegui import ui
from nicegui.element import Element

from hub.auth.context import HANDING_IN, PEOPLE
from hub.console import components, formatting
from hub.console.formatting import MINUTES, source_time
from hub.console.page import ConsolePage, address, page
from hub.console.search import STYLE, finder
from hub.console.words import lang, marked, moment, pick, t
from hub.model import Value
from hub.services.files import FileView, of_papers
from hub.services.prefill import chosen
from hub.services.prefill.filling import FilledValue, Verification
from hub.services.prefill.sheet import exported
from hub.services.prefill.submission import Checked, JudgedField, SubmittedForm, submit
from hub.services.prefill.told import (
    VERIFICATIONS,
    Prefill,
    PrefilledField,
    Reason,
    WantedPaper,
    prefilled_form,
)

Input = ui.input | ui.textarea
NO_GRANT = "prefill.no_grant"
NOT_SHOWN = {NO_GRANT, "prefill.masked"}
TONES: Mapping[Verification, components.Tone] = {
    "authority": "good",
    "other_source": "plain",
    "steward": "good",
    "disputed": "warn",
}
ORIGINS = {
    "hub": "来自中枢",
    "outdated": "预填后已变化",
    "typed": "人工填写",
    "differs": "人工填写，与中枢不一致",
    "empty": "留空",
}


@dataclass(slots=True)
class Open:
    """A form being filled in: prefilled fields and their inputs."""

    page: ConsolePage
    filled: Prefill
    inputs: dict[str, Input] = field(default_factory=dict)
    rows: dict[str, Element] = field(default_factory=dict)
    actions: Element | None = None

    def asked(self, one: JudgedField) -> PrefilledField:
        """The prefilled field of this answer."""
        return next(answer for answer in self.filled.fields if answer.name == one.name)

    def sent(self, *, confirmed: bool) -> SubmittedForm:
        """The inputs' values now; an untouched answer goes back exactly as it came."""
        shown = {one.name: one.value for one in self.filled.fields if one.value is not None}
        fields: dict[str, Value] = {}
        for answer in self.filled.fields:
            name = answer.name
            text = str(self.inputs[name].value or "")
            fields[name] = shown[name] if name in shown and text == _written(answer) else text
        return SubmittedForm(self.filled.project_code, fields, shown, confirmed=confirmed)


@page("/prefill/{form}", title="预填表单", roles=PEOPLE)
async def form(page: ConsolePage, form: str, project_code: str = "") -> None:
    """The form, prefilled; without a project the search for it."""
    ui.add_css(STYLE)
    asked = chosen(page.hub.contracts, form)
    if not project_code.strip():
        with components.card(pick(asked.title_zh, asked.title_en)):
            await finder(page, "", to=lambda code: address(f"/prefill/{form}", project_code=code))
        return
    filled = await page.look(lambda visit: prefilled_form(visit, form, project_code))
    opened = Open(page, filled)
    _head(opened)
    if not filled.records:
        components.empty(
            t("中枢没有该项目的数据，或您的授权不覆盖。"),
            next_step=components.link(address("/prefill", form=form), t("重新查找")),
        )
        return
    for check in filled.checks:
        components.show(
            Markup('<p class="notice" role="alert">{}</p>').format(
                pick(check.says.zh, check.says.en)
            )
        )
    with components.card(t("表单内容")):
        _legend(filled)
        for answer in filled.fields:
            _field(opened, answer)
    having = [one.held.record_id for one in filled.wanted if one.held]
    papers = await page.look(lambda visit: of_papers(visit, filled.project_code, having))
    with components.card(t("申报材料")):
        _papers(filled, {one.record_id: one.files for one in papers})
    if page.reader.account.role in HANDING_IN:
        _last(opened)


def _last(opened: Open) -> None:
    """The check and submission at the end."""
    with components.card(t("提交前核对")) as last:
        last.classes("no-print")
        components.text(
            t("核对不会改动您填写的任何内容：只提示预填后发生变化的值和与中枢不一致的值。"),
            kind="soft",
        )
        outcome = ui.element("div").props("aria-live=polite").classes("page")
        with ui.element("div").classes("row no-print") as opened.actions:
            components.button(
                t("核对并登记"),
                partial(_hand_in, opened, outcome, confirmed=False),
            )


def _head(opened: Open) -> None:
    filled = opened.filled
    named = next(
        (str(one.value) for one in filled.fields if one.name == "project_name" and one.value),
        "",
    )
    with components.card(pick(filled.title.zh, filled.title.en)):
        components.facts(
            [
                (t("用途"), pick(filled.purpose.zh, filled.purpose.en)),
                (t("受理单位"), filled.department),
                (
                    t("项目"),
                    Markup("{} {}").format(
                        components.link(f"/projects/{filled.project_code}", filled.project_code),
                        named,
                    ),
                ),
            ]
        )
        with ui.element("div").classes("row no-print"):
            components.button(
                t("打印 / PDF"),
                lambda: ui.run_javascript("window.print()"),
                kind="plain",
            )
            components.button("XLSX", partial(_export, opened, "xlsx"), kind="plain")
            components.button("JSON", partial(_export, opened, "json"), kind="plain")
            components.show(components.link(address("/prefill", form=filled.form), t("换一个项目")))


async def _export(opened: Open, kind: str) -> None:
    """Download the form, filled anew and noted in the access log."""
    name, code, spoken = opened.filled.form, opened.filled.project_code, lang()
    made = await opened.page.act(
        f"export {kind}",
        lambda visit: (
            exported(visit, name, code, lang=spoken)
            if kind == "xlsx"
            else orjson.dumps(prefilled_form(visit, name, code), option=orjson.OPT_INDENT_2)
        ),
    )
    ui.download.content(made, f"{name}-{code}.{kind}")


def _legend(filled: Prefill) -> None:
    known = sum(one.value is not None for one in filled.fields)
    words = t(
        "共 {fields} 栏，已预填 {known} 栏。", fields=len(filled.fields), known=known
    ) + _unseen([one.reason for one in filled.fields])
    badges = Markup(" ").join(
        components.badge(t(VERIFICATIONS[kind]), tone=tone) for kind, tone in TONES.items()
    )
    components.show(Markup('<p class="legend">{} {}</p>').format(words, badges))


def _field(opened: Open, answer: PrefilledField) -> None:
    title = pick(answer.title.zh, answer.title.en)
    unit = pick(answer.unit_words.zh, answer.unit_words.en) if answer.unit_words else ""
    if unit and "（" not in title and " (" not in title:
        title = t("{title}（{unit}）", title=title, unit=unit)
    with ui.element("div").classes("field") as row:
        components.show(Markup('<div class="name">{}</div>').format(title))
        # signs that fit on a line
        several = answer.several or len(_written(answer)) > 60  # noqa: PLR2004
        made: Input = (
            ui.textarea(value=_written(answer)) if several else ui.input(value=_written(answer))
        )
        made.props(f'outlined dense aria-label="{title}"' + (" autogrow rows=1" if several else ""))
        with ui.element("div").classes("origin"):
            _origin(made, answer)
    opened.inputs[answer.name], opened.rows[answer.name] = made, row


def _origin(made: Input, answer: PrefilledField) -> None:
    """A value's source, or why there is none with candidates to choose from."""
    for item in _distinct(answer.items):
        components.show(
            Markup("{} {} · {}").format(
                components.badge(
                    t(VERIFICATIONS[item.verification]), tone=TONES[item.verification]
                ),
                pick(item.system_zh, item.system_en),
                _times(item),
            )
        )
    if answer.reason:
        why, more = _why(answer.reason), marked(pick(answer.reason.cure_zh, answer.reason.cure_en))
        where = _apply(answer.entity) if answer.reason.code in NOT_SHOWN else ""
        components.show(
            Markup('<span class="why" title="{}">{}</span> {}').format(more.striptags(), why, where)
        )
    for item in answer.candidates:
        with ui.element("div").classes("candidate"):
            components.show(
                Markup("{}：<b data-content>{}</b>").format(
                    pick(item.system_zh, item.system_en), _word(item)
                )
            )
            components.button(t("采用"), partial(made.set_value, _word(item)), kind="plain").props(
                f'size=sm dense aria-label="{t("采用")} {pick(item.system_zh, item.system_en)}"'
            )


def _why(reason: Reason) -> Markup:
    return marked(pick(reason.zh, reason.en))


def _times(item: FilledValue) -> str:
    """Source time and arrival, each by its name."""
    arrived = t("到达时间")
    return f"{t('来源时间')} {source_time(item.source_time)} · {arrived} {moment(item.as_of)[:MINUTES]}"


def _apply(entity: str) -> Markup:
    """A link to apply for access to an entity."""
    return components.link(address("/applications/new", entity=entity), t("申请授权"))


def _distinct(items: tuple[FilledValue, ...]) -> list[FilledValue]:
    """The latest item of each system and kind of verification."""
    found: dict[tuple[str, str], FilledValue] = {}
    for item in items:
        key = (item.system, item.verification)
        if key not in found or str(found[key].as_of) < str(item.as_of):
            found[key] = item
    return list(found.values())


def _unseen(reasons: Sequence[Reason | None]) -> str:
    """How many fields are not shown for want of a grant; not said whether they have values."""
    number = sum(reason is not None and reason.code in NOT_SHOWN for reason in reasons)
    return t("另有 {number} 项无权查看。", number=number) if number else ""


def _papers(filled: Prefill, files: Mapping[int, Sequence[FileView]]) -> None:
    held = sum(one.held is not None for one in filled.wanted)
    words = t(
        "需要 {wanted} 份，中枢已有 {held} 份，无需提交（材料免提交）。",
        wanted=len(filled.wanted),
        held=held,
    )
    components.text(words + _unseen([one.reason for one in filled.wanted]), kind="soft")
    lines = Markup("").join(
        Markup('<li class="paper">{}</li>').format(_paper(one, files)) for one in filled.wanted
    )
    components.show(Markup('<ul class="papers">{}</ul>').format(lines)).classes("wide")


def _paper(wanted: WantedPaper, files: Mapping[int, Sequence[FileView]]) -> Markup:
    title = pick(wanted.title.zh, wanted.title.en)
    if wanted.held:
        return Markup("<b>{}</b> {} <code>{}</code> <span>{} · {}</span> {}").format(
            title,
            components.badge(t("免提交"), tone="good"),
            _word(wanted.held),
            pick(wanted.held.system_zh, wanted.held.system_en),
            _times(wanted.held) + (f" · {t('持有人')} {wanted.holder}" if wanted.holder else ""),
            formatting.opens(wanted.held.record_id, files.get(wanted.held.record_id, ())),
        )
    why = _why(wanted.reason) if wanted.reason else ""
    return Markup("<b>{}</b> {} <span>{}</span>").format(title, components.badge(t("需提交")), why)


async def _hand_in(opened: Open, outcome: Element, *, confirmed: bool) -> None:
    """Compare and submit, unless values have changed that the person has not seen."""
    sent = opened.sent(confirmed=confirmed)
    form = opened.filled.form
    checked = await opened.page.act("hand in", lambda visit: submit(visit, form, sent))
    changed = {one.name for one in checked.fields if one.changed}
    for name, row in opened.rows.items():
        row.classes(
            add="changed" if name in changed else "", remove="" if name in changed else "changed"
        )
    outcome.clear()
    with outcome:
        if checked.submission is None:
            _changes(opened, checked, outcome)
        else:
            _done(opened, checked)
            if opened.actions:
                opened.actions.delete()  # a second click would count twice in the meter


def _changes(opened: Open, checked: Checked, outcome: Element) -> None:
    """Values changed since prefill; the person takes the new one or keeps his own."""
    with ui.element("div").classes("problem page").props("role=alert"):
        components.text(t("以下内容在预填之后已经变化，尚未登记："))
        for one in (field for field in checked.fields if field.changed):
            now = _written(one)
            with ui.element("div").classes("row"):
                components.text(_field_text(opened.asked(one), one, now))
                components.button(
                    t("采用现值"),
                    partial(opened.inputs[one.name].set_value, now),
                    kind="plain",
                ).props("size=sm")
        with ui.element("div").classes("row"):
            components.button(
                t("已知悉，登记"),
                partial(_hand_in, opened, outcome, confirmed=True),
            )


def _field_text(asked: PrefilledField, one: JudgedField, now: str) -> Markup:
    return Markup("<b>{}</b>：{} <code>{}</code>，{} <code>{}</code>").format(
        pick(asked.title.zh, asked.title.en),
        t("您填写的是"),
        one.given or "—",
        t("中枢现值为"),
        now or "—",
    )


def _done(opened: Open, checked: Checked) -> None:
    """What was submitted, and values that differ from the hub's and may be disputed."""
    counts = {origin: sum(one.origin == origin for one in checked.fields) for origin in ORIGINS}
    held = sum(one.from_hub for one in checked.materials)
    words = Markup(" ").join(
        components.badge(f"{t(words)} {counts[origin]}")
        for origin, words in ORIGINS.items()
        if counts[origin]
    )
    told = t("已登记，编号 {submission}。", submission=checked.submission)
    papers = t("免提交材料 {held} 份。", held=held)
    components.show(Markup('<p role="status"><b>{}</b> {} {}</p>').format(told, words, papers))
    differing = [one for one in checked.fields if one.origin == "differs"]
    if differing:
        components.table(
            [
                t("栏目"),
                t("您填写的"),
                t("中枢的"),
                t("校核"),
            ],
            [
                (
                    pick(asked.title.zh, asked.title.en),
                    one.given,
                    _written(one),
                    _dispute(asked, one),
                )
                for one in differing
                for asked in [opened.asked(one)]
            ],
            caption=t("与中枢不一致，已保留您的填写"),
        )


def _dispute(asked: PrefilledField, one: JudgedField) -> Markup | str:
    """A link to dispute the hub's value."""
    item = next(iter((*one.items, *asked.candidates)), None)
    if item is None:
        return ""
    where = address("/disputes/new", record=item.record_id, field=asked.field)
    return components.link(where, t("中枢的值有误，提出校核"))


def _written(answer: PrefilledField | JudgedField) -> str:
    """An answer as text of the form: codes in words, lists a line each."""
    return "\n".join(_word(item) for item in answer.items)


def _word(item: FilledValue) -> str:
    word = item.zh if lang() == "zh" else item.en
    if isinstance(item.value, bool):
        return t("是") if item.value else t("否")
    return word or ("\n".join(item.value) if isinstance(item.value, list) else str(item.value))
