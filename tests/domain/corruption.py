"""Thirty ways in which a contract file goes wrong, each drawn by a seed."""

import json
from random import Random

from hub.domain.documents import Unread


def _lines(change):
    def changed(text, chance):
        lines = text.splitlines()
        at = chance.randrange(len(lines))
        return "\n".join(change(lines, at))

    return changed


def _insert(line):
    return _lines(lambda lines, at: [*lines[:at], line, *lines[at:]])


def _misspelt(text, chance):
    names = [line.split(":")[0] for line in text.splitlines() if line[:1].isalpha() and ":" in line]
    name = chance.choice(names)
    return text.replace(f"{name}:", f"{name}x:", 1)


WAYS = {
    "empty": lambda *_: "",
    "only a comment": lambda *_: "# soon\n",
    "cut off within a bracket": lambda text, _: text[: text.rfind("{") + 2] if "{" in text else "{",
    "a bracket never closed": _insert("oops: ["),
    "a quote never closed": _insert('oops: "'),
    "a tab for indentation": _insert("\tx: 1"),
    "a second document": lambda text, _: text + "\n---\nx: 1\n",
    "a merge conflict": _insert("<<<<<<< HEAD"),
    "binary junk": lambda *_: Unread(1, "not UTF-8: invalid start byte"),
    "no permission": lambda *_: Unread(1, "Permission denied"),
    "a control character": lambda text, _: text.replace("\n", "\n\x07", 1),
    "NUL": lambda *_: "\x00" * 20,
    "an alias that refers to itself": lambda text, _: text + "\noops: &a [*a]\n",
    "nested without end": lambda text, _: text + "\noops: " + "[" * 5000 + "]" * 5000 + "\n",
    "just words": lambda *_: "just words",
    "a list": lambda *_: "- a\n- b\n",
    "a number": lambda *_: "42",
    "null": lambda *_: "null\n",
    "an unknown key": lambda text, _: text.rstrip() + "\nfreshnes: 1h\n",
    "a key that comes twice": lambda text, _: (
        text.rstrip() + "\n" + text.lstrip().splitlines()[-1].lstrip(" ") + "\nz: 1\nz: 2\n"
    ),
    "a key that is no text": lambda text, _: text + "\n? {a: b}\n: 1\n",
    "a word misspelt": _misspelt,
    "a huge number": lambda text, _: text + "\noops: " + "9" * 6000 + "\n",
    "JSON in its place": lambda *_: json.dumps({"x": 1}),
    "HTML in its place": lambda *_: "<html><body>502 Bad Gateway</body></html>",
    "twice itself": lambda text, _: text + "\n" + text,
    "indented by one": lambda text, _: text.replace("\n", "\n ", 3).replace("\n ", "\n", 1),
    "full-width colons": lambda text, _: text.replace(": ", "：", 3),
    "a directive of another YAML": lambda text, _: "%YAML 9.9\n---\n" + text,
    "an anchor used below": lambda text, _: text + "\na: &x 1\nb: *x\n",
}


def corrupted(text, way, seed):
    """The text gone wrong that way."""
    return WAYS[way](text, Random(f"{way}{seed}"))  # noqa: S311 -- seeded on purpose
