"""The catalogue of all texts for people: `hub/locale/<language>/LC_MESSAGES/hub.po`, one file a
language, Chinese first.

A text is found by its id: a code (`record.missing`), or the Chinese text itself as it stands at the
call. A sense sets apart what shares an id: `cure` for what to do about a code, `word` for an
outcome or state. Another language is another folder. gettext reads the compiled form beside each
file; one made of an earlier .po is not used but made anew.
"""

import gettext
from contextlib import suppress
from functools import cache
from hashlib import blake2b
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile

LOCALE = Path(__file__).parents[1] / "locale"
FIRST = "zh"
LANGUAGES: tuple[str, ...] = (
    FIRST,
    *sorted(path.parts[-3] for path in LOCALE.glob("*/*/hub.po") if path.parts[-3] != FIRST),
)


def text(name: str, lang: str = FIRST, sense: str = "") -> str:
    """The text of an id, its places not yet filled: in Chinese where the language lacks it; else
    the id itself.
    """
    if not name:  # gettext has what a catalogue says of itself under the empty id
        return ""
    found = _translations(lang)
    return found.pgettext(sense, name) if sense else found.gettext(name)


def known(name: str, sense: str = "") -> bool:
    """Whether the catalogue has a text of its own for this id."""
    return text(name, FIRST, sense) != name


def compiled(po: Path) -> bytes:
    """A catalogue as gettext reads it; kept beside it, with the hash of what it is made of."""
    source = po.read_bytes()
    digest = blake2b(source, digest_size=16).digest()
    with suppress(OSError):
        kept = po.with_suffix(".mo").read_bytes()
        if kept.endswith(digest):  # gettext goes by offsets: what follows the last text is not read
            return kept
    made = _compile(source) + digest
    with (
        suppress(OSError),  # a folder that is not ours to write
        NamedTemporaryFile(dir=po.parent, suffix=".tmp", delete=False) as written,
    ):
        written.write(made)
        Path(written.name).chmod(0o644)
        Path(written.name).replace(po.with_suffix(".mo"))
    return made


def compile_all() -> None:
    """Compile the catalogue of every language where nobody may write later: in an image."""
    for lang in LANGUAGES:
        compiled(LOCALE / lang / "LC_MESSAGES/hub.po")


def _compile(source: bytes) -> bytes:
    from babel.messages.mofile import write_mo  # noqa: PLC0415 - 60 ms that a fresh .mo spares
    from babel.messages.pofile import read_po  # noqa: PLC0415 - likewise

    made = BytesIO()
    write_mo(made, read_po(BytesIO(source), abort_invalid=True))
    return made.getvalue()


@cache
def _translations(lang: str) -> gettext.GNUTranslations:
    found = gettext.GNUTranslations(BytesIO(compiled(LOCALE / lang / "LC_MESSAGES/hub.po")))
    if lang != FIRST:
        found.add_fallback(_translations(FIRST))
    return found
