"""What is said in Chinese has no Latin word but codes, names and what stands in this list with its
reason.
"""

import ast
import re
from collections.abc import Iterator

import pytest
import typer

from hub.cli import app
from hub.cli.language import Command, translate
from tests.texts.test_catalogue import HOME, tool

CODES = re.compile(
    r"`[^`]*`"  # a command or a name in a file
    r"|\w+://[\w:@/]+"  # an address
    r"|\{[^{}]*\}"  # a place
    r"|\b(?:hub|make|pip)(?: [\w<>-]+)+"  # a command
    r"|--?[a-z][a-z-]*(?: [A-Z]+)?"  # an option
    r"|[\w./<>*-]*[/_.][\w./<>*-]*"  # a path, a setting, a name of several parts
    r"|\b[A-Z][A-Za-z]*\d+\b|\bOneCode-\w+"  # an algorithm, a header
    r"|\b[A-Z][A-Z0-9-]*\b"  # an abbreviation or a placeholder: CSV, API, URL, JSON, UTF-8
)
ALLOWED = {
    *(
        "OneCode",
        "Hub",
        "Airflow",
        "PostgreSQL",
        "Prometheus",
        "Excel",
        "Python",
        "OpenLineage",
        "Schema",
    ),
    *(
        "Bearer",
        "NaN",
        "unixODBC",
        "PgBouncer",
        "chrony",
        "systemd",
        "apprise",
        "GeoJSON",
        "Cookie",
    ),  # names that others have given
    *("airflow", "db", "clean", "backfill", "upkeep", "docs", "strptime", "blue"),
    *("login", "password", "alias", "Tab"),  # words of a connection and of YAML, and a key
    *("create", "nologin", "alter", "reassign", "owned", "usename"),  # SQL
    *("chain", "shrink"),  # words of a checkpoint and of a mapping
    *("all", "cli", "id", "ssh", "tls", "cron", "true", "false", "null", "oidc"),  # what one types
}
"""Names of products, and words that one types."""


def names() -> set[str]:
    """Words of contract files and connections: what the hub and its connectors read by name."""
    return {
        word
        for folder in ("hub/domain", "hub/config", "connectors")
        for path in (HOME / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant | ast.keyword | ast.AnnAssign)
        for word in re.findall("[A-Za-z]+", ast.unparse(node))
        if len(ast.unparse(node)) < 40
    }


def latin(text: str) -> list[str]:
    words = re.findall(r"[A-Za-z]{2,}", CODES.sub(" ", text.replace("{{", "{").replace("}}", "}")))
    return [word for word in words if word not in ALLOWED]


def helps(command: Command) -> Iterator[str]:
    """Everything that `--help` says of a command and those below it, but names."""
    yield command.help or ""
    yield from (getattr(one, "help", None) or "" for one in command.params)
    for one in getattr(command, "commands", {}).values():
        yield from helps(one)


def test_help_in_chinese_is_chinese():
    said = [text for text in helps(translate(typer.main.get_group(app), "zh")) if " | " not in text]
    assert len(said) > 100
    assert {text: words for text in said if (words := latin(text))} == {}


def test_texts_of_the_console_and_the_command_line_in_chinese_are_chinese():
    ids = [str(one.id) for one in tool.catalogue("en") if tool.HAN.search(str(one.id))]
    assert len(ids) > 900
    assert {text: words for text in ids if (words := latin(text))} == {}


def test_texts_of_codes_in_chinese_are_chinese():
    texts = [
        str(one.string) for one in tool.catalogue("zh") if one.id and one.context != "language"
    ]
    known = names()
    assert {text: rest for text in texts if (rest := [*{*latin(text)} - known])} == {}


@pytest.mark.parametrize("text", ["列出 runs", "the 记录", "wants=1"])
def test_a_latin_word_is_found(text: str):
    assert latin(text)
