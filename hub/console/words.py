"""Every word that the console shows, in the reader's language: Chinese first."""

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
    """What the reader has chosen; Chinese until then."""
    chosen = cookies.get(COOKIE, "")
    return chosen if chosen in LANGUAGES else "zh"


def other_language(than: Language) -> Language:
    """The next of the languages that there are."""
    return LANGUAGES[(LANGUAGES.index(than) + 1) % len(LANGUAGES)]


def speak(lang: Language) -> None:
    """From here on this page speaks this language."""
    client = context.client
    _languages[client] = lang
    # NiceGUI has one page for all readers of an address; what it says by itself is to be said to
    # this one.
    client.page = copy(client.page)
    # one of its own
    client.page.language = texts.tell("nicegui|language", lang)  # type: ignore[assignment]


def lang() -> Language:
    """The language of the page that is being built or used."""
    return _languages.get(context.client, "zh")


def t(name: str, /, **facts: object) -> str:
    """A text by its Chinese (`text|sense`), in the reader's language, with its places filled."""
    return texts.tell(name, lang(), **facts)


def pick(zh: str, en: str) -> str:
    """Of a title that data have in two languages the one that the reader can read."""
    return zh if lang() == "zh" else en


def word(name: str) -> str:
    """An outcome, state or kind in the reader's language; itself where nobody has said any."""
    return texts.word(name, lang())


def marked(text: str) -> Markup:
    """A text whose commands stand between backticks, as HTML that shows them as code."""
    *pairs, last = text.split("`")
    if len(pairs) % 2:  # the last backtick has no other: it is one
        last = f"{pairs.pop()}`{last}"
    pieces = (
        Markup("<code>{}</code>").format(piece) if place % 2 else escape(piece)
        for place, piece in enumerate(pairs)
    )
    return Markup("").join(pieces) + escape(last)


def say(code: str, facts: Mapping[str, str]) -> Markup:
    """The sentence for a code with its facts, in the reader's language."""
    return marked(texts.say(code, facts, lang()))


def cure(code: str, facts: Mapping[str, str]) -> Markup:
    """What to do about it."""
    return marked(texts.cure(code, facts, lang()))


def sentence(said: FaultText) -> Markup:
    """What is wrong, in the reader's language."""
    return marked(pick(said.zh, said.en))


def remedy(said: FaultText) -> Markup:
    """What to do about it."""
    return marked(pick(said.cure_zh, said.cure_en))


def moment(at: datetime | None) -> str:
    """An instant as people write it here; a dash where there is none."""
    return at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S") if at else "—"


def day(on: date | None) -> str:
    """A day; a dash where there is none."""
    return on.isoformat() if on else "—"


def number(value: float) -> str:
    """A count with its thousands apart."""
    return f"{value:,}"


def lapse(seconds: float) -> str:
    """How long, in the two words that matter."""
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
