"""Bring `hub/locale` up to what the code says: `tools/run python tools/texts.py`.

New ids come with an empty text to be written; texts whose id nobody uses are taken out. A new
language is a folder with an empty file:
`mkdir -p hub/locale/de/LC_MESSAGES && touch hub/locale/de/LC_MESSAGES/hub.po`, then this.

With `--glossary` it prints the page of the words that the texts use: docs/glossary.md, made of
docs/glossary.yaml.
"""

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import typer
import yaml
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

HOME = Path(__file__).parents[1]
sys.path.insert(0, str(HOME))

from hub.cli import app  # noqa: E402 - the path comes first
from hub.cli.language import Command  # noqa: E402 - likewise
from hub.texts.catalogue import FIRST, LANGUAGES, LOCALE  # noqa: E402 - likewise

FOLDERS = ("hub", "connectors", "dags", "deploy")
CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
"""Characters and the signs between them."""
HAN = re.compile(r"[\u3400-\u9fff]")
CODE = re.compile(r"\b[a-z]+\.[a-z][a-z_]+")
SAYING = {"t", "tell", "both", "bilingual", "reason"}
"""Functions whose first argument is a text."""
DATA = re.compile(
    r"hub/(?:testing/|texts/|workbook/|settings/|config/fresh\.py|provider/|services/view\.py"
    r"|domain/(?:chinese_dates|partner_masks|record_linkage|split_values|sqlstate)\.py"
    r"|domain/(?:templates|times)\.py)"
    r"|connectors|dags|deploy"
)
"""Where Chinese is data (numerals, names of places, what a database server says, made-up records),
or stands beside English in a document's source: here only what is given to SAYING is a text.
"""
APART = {"examples", "description"}
"""Arguments that are no texts of the hub: those of OpenAPI."""
KEYED = {
    "word",
    "check",
    "uncovered",
    "unseen",
    "account name",
    "password",
    "family",
    "yaml",
    "checked",
}
"""Senses whose ids are names, put together at run time: kept as the catalogue has them."""
LIBRARY = {
    *("Arguments", "Options", "Commands", "[required]", "[default: {}]"),
    *("Show this message and exit.", "Missing command.", "No such command {name!r}."),
}
"""What typer says, by its own ids: it asks gettext, in the domain of the hub."""
FORMER = {"flow.contract_changed", "record.file_unreadable", "record.item_unreadable"}
"""Codes that nothing says any more, and that databases of former versions hold."""
HEADER = "# Texts of the hub for people: docs/decisions/0130-one-catalogue-of-texts.md"

GLOSSARY = HOME / "docs/glossary.yaml"

Found = tuple[int, str, str | tuple[str, str], list[str]]


def catalogue(lang: str) -> Catalog:
    """The texts of a language as they stand."""
    with (LOCALE / lang / "LC_MESSAGES/hub.po").open("rb") as file:
        return read_po(file, locale=lang, domain="hub", abort_invalid=True)


def needed() -> Catalog:
    """Every id that the code uses, with the files where."""
    codes = {str(one.id) for one in catalogue(FIRST) if one.context == "cure"}
    used: dict[tuple[str, str | None], set[str]] = {
        (name, None): set() for name in (*FORMER, *LIBRARY)
    }
    for folder in FOLDERS:
        for file, _, name, _, sense in extract_from_dir(
            HOME / folder, [("**.py", ids_of)], {"**.py": {"codes": codes, "folder": folder}}
        ):
            used.setdefault((str(name), sense), set()).add(f"{folder}/{file}")
    for name in _commands(typer.main.get_group(app)):
        used[name, "command"] = {"hub/cli"}
    found = Catalog()
    for (name, sense), files in used.items():
        for one in (sense, "cure") if name in codes else (sense,):
            found.add(name, locations=[(file, 0) for file in sorted(files)], context=one)
    for one in catalogue(FIRST):
        if one.context in KEYED:
            found.add(one.id, auto_comments=one.auto_comments, context=one.context)
    return found


def ids_of(
    file: IO[bytes], _keywords: object, _tags: object, options: Mapping[str, Any]
) -> Iterator[Found]:
    """The ids in a module: codes of the catalogue, and Chinese texts (`text|sense`)."""
    codes, tree = options["codes"], ast.parse(file.read())
    everywhere = not DATA.match(Path(file.name).relative_to(HOME).as_posix())
    said = {
        id(node.args[0])
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and node.args and _name(node.func) in SAYING
    }
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    passed = {id(one) for node in ast.walk(tree) for one in _passed(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
            head = str(node.values[0].value)
            if re.fullmatch(r"[a-z]+\.([a-z]+_)?", head):  # f"shape.{how}": any of them
                yield from (_found(node, one) for one in codes if one.startswith(head))
        if (
            not isinstance(node, ast.Constant)
            or not isinstance(node.value, str)
            or id(node) in docs
        ):
            continue
        yield from (_found(node, one) for one in CODE.findall(node.value) if one in codes)
        if (id(node) in said and (CHINESE.search(node.value) or "|" in node.value)) or (
            everywhere and id(node) not in passed and HAN.search(node.value)
        ):
            yield _found(node, node.value)


def _found(node: ast.expr, name: str) -> Found:
    plain, _, sense = name.partition("|")
    if not sense:
        return node.lineno, "gettext", plain, []
    return node.lineno, "pgettext", (sense, plain), []


def _commands(command: Command) -> Iterator[str]:
    """What commands say of themselves in a docstring: typer shows it as help."""
    if command.help and not CHINESE.search(command.help):
        yield " ".join(command.help.split())
    for one in getattr(command, "commands", {}).values():
        yield from _commands(one)


def _name(node: ast.expr) -> str:
    return getattr(node, "id", getattr(node, "attr", ""))


def _passed(node: ast.AST) -> Iterator[ast.AST]:
    """What is no text: docstrings, parts of an f-string, arguments for OpenAPI."""
    if isinstance(node, ast.Expr):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield from node.values
    elif isinstance(node, ast.keyword) and node.arg in APART:
        yield from ast.walk(node.value)


def glossary() -> list[dict[str, Any]]:
    """The terms with their meanings, and the words that they have taken the place of."""
    terms: list[dict[str, Any]] = yaml.safe_load(GLOSSARY.read_text(encoding="utf-8"))["terms"]
    return terms


def glossary_page() -> str:
    """The text of docs/glossary.md."""
    lines = [
        "# 术语 Glossary",
        "",
        (
            "Made from `docs/glossary.yaml` by `tools/run python tools/texts.py --glossary > "
            "docs/glossary.md`; do not edit by hand."
        ),
        "",
        "| 中文 | English | 含义 | Meaning here | 不用 Not |",
        "|---|---|---|---|---|",
    ]
    for term in glossary():
        former = "、".join([*term.get("not", ()), *term.get("not_label", ())])
        words = [term.get(name, "") for name in ("zh", "en", "zh_meaning", "en_meaning")]
        lines.append(f"| {' | '.join([*words, former])} |".replace("|  |", "| |"))
    return "\n".join(lines) + "\n"


def replaced(term: Mapping[str, Any], said: str) -> bool:
    """Whether a text uses a word that this term has taken the place of; its own names hold none."""
    if said.strip() in term.get("not_label", ()):
        return True
    for name in (*term["zh"].split("、"), *term["en"].split(", ")):
        said = said.replace(name, "")
    return any(former.lower() in said.lower() for former in term.get("not", ()))


def main() -> None:
    """Write every catalogue anew, or print the glossary."""
    if sys.argv[1:] == ["--glossary"]:
        sys.stdout.write(glossary_page())
        return
    template = needed()
    for lang in LANGUAGES:
        write(lang, catalogue(lang), template)


def write(lang: str, have: Catalog, template: Catalog) -> None:
    """A catalogue with the ids of the template, sorted; Chinese ids say themselves in Chinese."""
    new = Catalog(locale=lang, domain="hub", header_comment=HEADER, fuzzy=False, charset="utf-8")
    new.project, new.version = "OneCode Hub", "1"
    new.creation_date = new.revision_date = datetime(2026, 11, 30, tzinfo=UTC)
    new.msgid_bugs_address = new.last_translator = new.language_team = "-"
    for one in template:
        own = lang == FIRST and CHINESE.search(str(one.id)) and not one.context
        if not one.id or own:
            continue
        held = have.get(one.id, one.context)
        new.add(
            one.id,
            held.string if held else "",
            locations=one.locations,
            auto_comments=one.auto_comments,
            user_comments=held.user_comments if held else (),
            context=one.context,
        )
    with (LOCALE / lang / "LC_MESSAGES/hub.po").open("wb") as file:
        write_po(file, new, width=100, sort_output=True, include_lineno=False)


if __name__ == "__main__":
    main()
