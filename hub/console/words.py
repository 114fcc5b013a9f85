"""Texts of the console in the reader's language (i18n), Chinese by default."""

from collections.abc import Mapping
from copy import copy
from datetime import date, datetime
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape
from nicegui import Client, context

from hub import texts
from hub.services.failures import FaultText
from hub.texts import LANGUAGES, Language

COOKIE = "onecode_lang"
ZONE = ZoneInfo("Asia/Shanghai")

_languages: WeakKeyDictionary[Client, Language] = WeakKeyDictionary()


def language_of(cookies: Mapping[str, str]) -> Language:
    """The language in the reader's cookie, by default Chinese."""
    chosen = cookies.get(COOKIE, "")
    return chosen if chosen in LANGUAGES else "zh"


def other_language(than: Language) -> Language:
    """The next language."""
    return LANGUAGES[(LANGUAGES.index(than) + 1) % len(LANGUAGES)]


def speak(lang: Language) -> None:
    """Set the language of the page being built."""
    client = context.client
    _languages[client] = lang
    # NiceGUI shares one page object between all readers of an address: copied before its language
    # is set.
    client.page = copy(client.page)
    client.page.language = texts.tell("nicegui|language", lang)  # type: ignore[assignment]


def lang() -> Language:
    """The language of the current page."""
    return _languages.get(context.client, "zh")


def t(name: str, /, **facts: object) -> str:
    """A text by its Chinese (`text|sense`), translated, with its places filled."""
    return texts.tell(name, lang(), **facts)


def pick(zh: str, en: str) -> str:
    """The title in the reader's language."""
    return zh if lang() == "zh" else en


def word(name: str) -> str:
    """An outcome, state or kind translated; itself where there is no translation."""
    return texts.word(name, lang())


def outcome(name: str, counts: Mapping[str, int]) -> str:
    """An outcome of these counts translated."""
    return texts.outcome(name, counts, lang())


def marked(text: str) -> Markup:
    """A text as HTML, with commands between backticks as code."""
    *pairs, last = text.split("`")
    if len(pairs) % 2:  # the last backtick has no other: it is one
        last = f"{pairs.pop()}`{last}"
    pieces = (
        Markup("<code>{}</code>").format(piece) if place % 2 else escape(piece)
        for place, piece in enumerate(pairs)
    )
    return Markup("").join(pieces) + escape(last)


def say(code: str, facts: Mapping[str, str]) -> Markup:
    """A code's sentence with its facts."""
    return marked(texts.say(code, facts, lang()))


def cure(code: str, facts: Mapping[str, str]) -> Markup:
    """A code's cure."""
    return marked(texts.cure(code, facts, lang()))


def sentence(said: FaultText) -> Markup:
    """A fault in the reader's language."""
    return marked(pick(said.zh, said.en))


def remedy(said: FaultText) -> Markup:
    """A fault's cure."""
    return marked(pick(said.cure_zh, said.cure_en))


def moment(at: datetime | None) -> str:
    """An instant in Beijing time; a dash for None."""
    return at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S") if at else "—"


def day(on: date | None) -> str:
    """A day; a dash where there is none."""
    return on.isoformat() if on else "—"


def number(value: float) -> str:
    """A number with thousands separators."""
    return f"{value:,}"


def lapse(seconds: float) -> str:
    """A duration in its largest unit."""
    minutes, hours, days = seconds / 60, seconds / 3600, seconds / 86_400
    if seconds < 60:  # noqa: PLR2004 -- clock arithmetic
        return t("{seconds} 秒", seconds=f"{seconds:.0f}")
    if minutes < 60:  # noqa: PLR2004
        return t("{minutes} 分钟", minutes=f"{minutes:.0f}")
    return (
        t("{hours} 小时", hours=f"{hours:.0f}")
        if hours < 48  # noqa: PLR2004
        else t("{days} 天", days=f"{days:.0f}")
    )
