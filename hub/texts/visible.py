"""Text for terminals, logs and messages: what would steer them, or could not be seen, is written by
its code point.
"""

import logging
import re

_UNSEEN = (
    "\x00-\x1f\x7f-\x9f\xad"  # C0, DEL, C1, the soft hyphen
    # order, direction, line ends
    "\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f"  # halves of characters, tags
)
_HIDDEN = re.compile(f"[{_UNSEEN}]")


def visible(text: str, *, lines: bool = False) -> str:
    r"""The text in one line, each unseen character as \x1b or \u202e; with `lines` its own line
    ends and tabs stay.
    """
    if text.isprintable():
        return text
    return _HIDDEN.sub(
        lambda found: found[0] if lines and found[0] in "\n\t" else _named(found[0]), text
    )


def visible_json(text: str) -> str:
    """JSON that says the same, each unseen character in it by its escape; line ends between its
    parts stay.
    """
    return _HIDDEN.sub(lambda found: found[0] if found[0] == "\n" else _escaped(found[0]), text)


class VisibleFormatter(logging.Formatter):
    """Lines of a log in which no value can begin another line or steer a terminal; tracebacks keep
    their own lines.
    """

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 -- the library's name
        """One line."""
        record.message = visible(record.message, lines=self._is_ours(record))
        return super().formatMessage(record)

    def formatException(self, ei: "logging._SysExcInfoType") -> str:  # noqa: N802 -- likewise
        """The lines of a traceback."""
        return visible(super().formatException(ei), lines=True)

    @staticmethod
    def _is_ours(record: logging.LogRecord) -> bool:
        """Whether the line ends are those of a traceback that stands in the message
        (hub.console.error_page).
        """
        return getattr(record, "traced", False)


def _named(sign: str) -> str:
    return sign.encode("unicode_escape").decode()


def _escaped(sign: str) -> str:
    coded = sign.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{coded[at : at + 4]}" for at in range(0, len(coded), 4))
