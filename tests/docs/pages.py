"""The manual's pages, and what is found in them."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

HOME = Path(__file__).parents[2]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Page:
    """One page. blocks: fenced code, by language. prose: the text without it. code: what stands in
    backticks.
    """

    path: Path

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def blocks(self) -> list[tuple[str, str]]:
        return FENCE.findall(self.text)

    @cached_property
    def prose(self) -> str:
        return FENCE.sub("", self.text)

    @cached_property
    def code(self) -> list[str]:
        return CODE.findall(self.prose)

    @cached_property
    def anchors(self) -> set[str]:
        """What a link may point to: each heading as the usual renderers name it."""
        return {
            _anchor(line.lstrip("#")) for line in self.prose.splitlines() if line.startswith("#")
        }

    def lines(self) -> Iterator[str]:
        """Every command that somebody could type: in backticks, in blocks for a shell, in indented
        blocks.
        """
        yield from self.code
        shells = [body for language, body in self.blocks if language in {"", "sh", "console"}]
        indented = [line for line in self.prose.splitlines() if line.startswith("    ")]
        for line in [*"\n".join(shells).splitlines(), *indented]:
            yield line.split("#")[0].strip().removeprefix("$ ").removeprefix("tools/run ")

    def __str__(self) -> str:
        return self.path.relative_to(HOME).as_posix()


def _anchor(heading: str) -> str:
    kept = [
        letter
        for letter in heading.strip().lower()
        if letter in " -_" or unicodedata.category(letter)[0] in "LNM"
    ]
    return "".join(kept).replace(" ", "-")


PAGES = [
    Page(path)
    for pattern in ("*.md", "docs/**/*.md", "sandbox/*.md")
    for path in sorted(HOME.glob(pattern))
]
MANUAL = "\n".join(page.text for page in PAGES)
