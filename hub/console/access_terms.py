"""Terms of access: shown in words, and the inputs to ask for them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from markupsafe import Markup, escape
from nicegui import ui

from hub.console.words import pick, t
from hub.domain.access_terms import Terms
from hub.domain.contracts import Contracts
from hub.domain.rights import CLASSES
from hub.domain.terms import Term
from hub.errors import FlowError

CLASS_NAMES = {
    "public": "公开",
    "internal": "内部",
    "personal": "个人",
    "secret": "涉密",
}
STYLE = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class TermsForm:
    """Inputs of a form of terms."""

    entities: Mapping[str, ui.checkbox]
    classes: Mapping[str, ui.checkbox]
    regions: ui.input
    open_case_only: ui.checkbox
    days: tuple[ui.input, ui.input]

    def terms(self) -> Terms:
        """The terms as entered."""
        return Terms(
            _chosen(self.entities),
            _chosen(self.classes),
            tuple(str(self.regions.value).replace(",", " ").replace("，", " ").split()),
            bool(self.open_case_only.value),
            *map(_day, self.days),
        )


def asking(
    contracts: Contracts, start: Terms, *, entities: Iterable[str], classes: Iterable[str] = CLASSES
) -> TermsForm:
    """Inputs filled with `start`; entities and classes: what may be chosen."""
    ui.add_css(STYLE)
    with ui.element("div").classes("asked page"):
        chosen = _choices(
            t("数据"), entities, start.entities, lambda name: entity_title(contracts, name)
        )
        classed = _choices(t("分类"), classes, start.classes, class_title, few=True)
        with _group(t("范围与期限"), "fields"):
            regions = ui.input(t("地区代码前几位（空为全部）"))
            regions.value = " ".join(start.regions)
            cased = ui.checkbox(t("仅限本单位有在办事项的项目"))
            cased.value = start.open_case_only
            days = (
                _date(t("起"), start.valid_from),
                _date(t("止"), start.valid_until),
            )
    return TermsForm(chosen, classed, regions, cased, days)


def entity_title(contracts: Contracts, name: str) -> str:
    """An entity's title; its name where the contracts no longer have it."""
    found = contracts.granted.get(name)
    return pick(found.title_zh, found.title_en) if found else name


def entities_title(contracts: Contracts, names: Iterable[str]) -> str:
    """Titles of several entities."""
    return t("、").join(entity_title(contracts, name) for name in names)


def class_title(name: str) -> str:
    """A class of data in words."""
    return t(CLASS_NAMES[name]) if name in CLASS_NAMES else name


def classes_title(names: Iterable[str]) -> str:
    """Classes in words, the most open first."""
    ordered = sorted(
        names, key=lambda name: list(CLASS_NAMES).index(name) if name in CLASS_NAMES else 0
    )
    return t("、").join(class_title(name) for name in ordered)


def limits(regions: Sequence[str], *, open_case_only: bool) -> str:
    """The records to which access is limited, in words."""
    some = [t("地区 ") + ", ".join(regions)] if regions else []
    some += [t("仅在办项目")] if open_case_only else []
    return t("；").join(some) or t("全部记录")


def term(found: Term | None) -> str:
    """A legal term in words: working days, article and document; a draft is marked."""
    if found is None:
        return t("没有时限规则")
    days = t("{days} 个工作日", days=f"{found.days:g}")
    said = f"{days} · {found.article} · {found.source}"
    return said if found.counts else t("参考（征求意见，不计时）：") + said


def action(address: str, text: str) -> Markup:
    """A link that looks like a button."""
    return Markup('<a class="action no-print" href="{}">{}</a>').format(address, text)


def _choices(
    name: str,
    every: Iterable[str],
    start: Iterable[str],
    title: Callable[[str], str],
    *,
    few: bool = False,
) -> dict[str, ui.checkbox]:
    held = set(start)
    with _group(name, "choices few" if few else "choices"):
        return {one: ui.checkbox(title(one), value=one in held).props("dense") for one in every}


def _group(name: str, kind: str) -> ui.element:
    with ui.element("fieldset"):
        ui.html(escape(name), tag="legend", sanitize=False)
        return ui.element("div").classes(kind)


def _chosen(boxes: Mapping[str, ui.checkbox]) -> tuple[str, ...]:
    return tuple(name for name, box in boxes.items() if box.value)


def _date(name: str, value: date) -> ui.input:
    return ui.input(name, value=value.isoformat()).props("type=date stack-label")


def _day(given: ui.input) -> date:
    try:
        return date.fromisoformat(str(given.value))
    except ValueError:
        raise FlowError("application.invalid", why=str(given.props["label"])) from None
