"""Output of the command line: one language, tables for people, JSON for programs."""

import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import datetime
from functools import partial
from typing import Annotated
from zoneinfo import ZoneInfo

import orjson
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from hub.domain.terms import Term
from hub.errors import HubError
from hub.services import naming
from hub.texts import LANGUAGES, cure, outcome, say, tell, word
from hub.texts.visible import visible, visible_json

ZONE = ZoneInfo("Asia/Shanghai")

JsonFlag = Annotated[bool, typer.Option("--json", help="输出 JSON")]


def language(environ: Mapping[str, str]) -> str:
    """HUB_LANG, else the locale; English where the catalogue does not have it."""
    chosen = environ.get("HUB_LANG") or environ.get("LC_ALL") or environ.get("LANG") or ""
    return next((one for one in LANGUAGES if chosen.lower().startswith(one)), "en")


def one_of(parameter: str, allowed: Sequence[str]) -> Callable[[str | None], str | None]:
    """A typer callback that refuses values other than these."""
    return lambda value: naming.one_of(parameter, value, allowed)


class Lines(str):
    """A table cell of several lines."""

    __slots__ = ()

    @classmethod
    def of(cls, parts: Iterable[str]) -> "Lines":
        """A cell of these lines."""
        return cls("\n".join(visible(part) for part in parts))


class Screen:
    """Standard output (results) and standard error (errors, progress) of one command."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.lang = language(environ)
        wide = None if sys.stdout.isatty() else 200
        self._out = Console(soft_wrap=True, highlight=False, width=wide)
        self._err = Console(stderr=True, soft_wrap=True, highlight=False)

    def t(self, name: str, /, **facts: object) -> str:
        """A text by its Chinese (`text|sense`) in this screen's language, its places filled."""
        return tell(name, self.lang, **facts)

    def pick(self, zh: str, en: str) -> str:
        """The title in this screen's language."""
        return zh if self.lang == "zh" else en

    def word(self, name: str) -> str:
        """An outcome, state or kind in words."""
        return word(name, self.lang)

    def term(self, found: Term | None) -> str:
        """A legal term in words: working days, article and document; drafts are marked."""
        if found is None:
            return self.t("没有时限规则")
        said = self.t("{days} 个工作日", days=f"{found.days:g}")
        said = f"{said} · {found.article} · {found.source}"
        return said if found.counts else self.t("参考（不计时）") + ": " + said

    def sums(self, counts: Mapping[str, int]) -> str:
        """Counts as an equation: the whole, then every part above 0."""
        (whole, total), *parts = counts.items()
        said = partial(outcome, counts=counts, lang=self.lang)
        told = " + ".join(f"{said(name)} {count}" for name, count in parts if count)
        return f"{said(whole)} {total}" + (f" = {told}" if told else "")

    def counts(self, counts: Mapping[str, int]) -> str:
        """Counts by name."""
        return ", ".join(f"{self.word(name)} {count}" for name, count in sorted(counts.items()))

    def balance(self, *, balanced: bool | None, unfinished: Mapping[str, int] | None = None) -> str:
        """Whether sums balance, and runs that did not complete, by state."""
        mark = "—" if balanced is None else self.cell(balanced)
        runs = [f"{self.word(state)} {count}" for state, count in (unfinished or {}).items()]
        return " · ".join([mark, *runs])

    def say(self, text: str, style: str = "") -> None:
        """One line of text; control characters in values are escaped."""
        self._out.print(visible(text), style=style or None, markup=False)

    def table(
        self, columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str | None = None
    ) -> None:
        """A table of visible, escaped cells."""
        title = None if title is None else visible(title)
        table = Table(
            *(escape(visible(self._heading(column))) for column in columns),
            title=title,
            title_justify="left",
            header_style="bold",
        )
        for row in rows:
            table.add_row(*(escape(self.cell(cell)) for cell in row))
        if not table.rows:
            table.caption, table.caption_justify = self.t("没有"), "left"
        self._out.print(table)

    def _heading(self, name: str) -> str:
        """A heading in this language, capitalised."""
        said = self.t(name)
        return said[:1].upper() + said[1:]

    def cell(self, value: object) -> str:
        """A cell as text: moments in local time, lists joined, None as empty."""
        if value is None:
            return ""
        if isinstance(value, datetime):
            return value.astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S")
        if isinstance(value, bool):
            return "✓" if value else "✗"
        if isinstance(value, list | tuple):
            return ", ".join(self.cell(item) for item in value)
        return visible(str(value), lines=isinstance(value, Lines))

    def progress(self, text: str) -> None:
        """Progress on standard error: on a terminal one line, overwritten."""
        text = visible(text)
        sys.stderr.write(f"\r\x1b[K{text}" if sys.stderr.isatty() else f"{text}\n")
        sys.stderr.flush()

    def data(self, value: object) -> None:
        """JSON on standard output."""
        text = orjson.dumps(
            value, default=_plain, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS
        )
        sys.stdout.write(visible_json(text.decode()) + "\n")

    def error(self, error: HubError) -> None:
        """An error and its cure on standard error."""
        self.problem(error.code, error.facts)

    def refused(self, said: str, *around: str) -> None:
        """On standard error: lines that say where, and what was wrong, which stands last."""
        for line in around:
            self._err.print(visible(line), markup=False)
        self._err.print(visible(said), style="red", markup=False)

    def failed(self, trace: str) -> None:
        """An unexpected exception on standard error."""
        self._err.print(visible(trace, lines=True), markup=False)

    def problem(
        self, code: str, facts: Mapping[str, str], *, place: str = "", style: str = "red"
    ) -> None:
        """One problem, its place and cure, in both languages, this screen's first."""
        for lang in ("zh", "en") if self.lang == "zh" else ("en", "zh"):
            text, remedy = say(code, facts, lang), cure(code, facts, lang)
            label = "处理：" if lang == "zh" else "Cure: "
            self._err.print(visible(f"{place}{text}"), style=style, markup=False)
            self._err.print(visible(f"{label}{remedy}"), markup=False)


def screen() -> Screen:
    """The screen of this process."""
    return Screen(os.environ)


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(type(value).__name__)
