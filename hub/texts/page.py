"""The page of all codes, docs/errors.md: `python -m hub.texts.page > docs/errors.md`."""

import sys

from babel.messages.pofile import read_po

from hub.texts import text
from hub.texts.catalogue import LOCALE


def codes() -> list[str]:
    """Every code that has a text: whatever has a cure."""
    with (LOCALE / "zh/LC_MESSAGES/hub.po").open("rb") as file:
        return sorted(str(one.id) for one in read_po(file) if one.context == "cure")


def errors_page() -> str:
    """The text of docs/errors.md."""
    lines = [
        "# 错误代码 Error codes",
        "",
        (
            "Made from `hub/locale/` by `python -m hub.texts.page > docs/errors.md`; do not edit "
            "by hand."
        ),
        (
            "Each code stands in the hub's log, in the quarantine and in `hub failures` with the "
            "same words as here."
        ),
    ]
    family = ""
    for code in codes():
        head = code.partition(".")[0]
        if head != family:
            family = head
            lines += [
                "",
                f"## {family}",
                "",
                " ".join(text(family, lang, "family") for lang in ("zh", "en")),
            ]
        lines += [
            "",
            f"### {code}",
            "",
            f"{text(code)}<br>处理：{text(code, 'zh', 'cure')}",
            "",
            f"{text(code, 'en')}<br>Cure: {text(code, 'en', 'cure')}",
        ]
    return "\n".join(lines).replace("{{", "{").replace("}}", "}") + "\n"


if __name__ == "__main__":
    sys.stdout.write(errors_page())
