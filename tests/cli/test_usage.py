"""What is typed wrongly is told in the reader's language, with status 2 and where to look."""

import pytest

from tests.cli.conftest import Command
from tests.cli.test_chinese import found
from tests.texts.test_catalogue import tool

WRONG = {
    "runs --flwo x": ("没有选项 '--flwo'。相近的选项：--flow。", "There is no option '--flwo'."),
    "runs -x": ("没有选项 '-x'。", "There is no option '-x'."),
    "runs --flow": ("选项 '--flow' 需要 1 个值。", "Option '--flow' needs 1 value(s)."),
    "runs --json=yes": ("选项 '--json' 不带值。", "Option '--json' takes no value."),
    "runs one two": ("多余的参数：one two。", "Too many arguments: one two."),
    "runs --limit 0": (
        "'--limit' 的值无效，应为 <int range> (≥ 1, ≤ 10000)。",
        "Invalid value for '--limit': Input should be greater than or equal to 1",
    ),
    "balance --since soon": ("'--since' 的值无效，应为 <datetime>。", "'--since'"),
    "trace": ("缺少 'record'。", "'record' is missing."),
    "replay": ("请指定：--id | --flow | --cause | --all。", "Name one: --id | --flow"),
    "accounts": ("", ""),  # its help, as for `hub` alone
    "odd": ("没有命令 'odd'", "No such command 'odd'"),
}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("line", WRONG)
def test_wrong_usage_is_told_in_the_language_of_the_screen(
    command: Command, monkeypatch: pytest.MonkeyPatch, line: str, lang: str
) -> None:
    monkeypatch.setenv("HUB_LANG", lang)
    monkeypatch.setenv("COLUMNS", "400")
    status, _, error = command(*line.split())
    assert status == 2
    chinese, english = WRONG[line]
    assert (chinese if lang == "zh" else english) in error
    if chinese:
        assert " --help'" in error or "'--" in error  # an option without a command is told alone
        assert bool(tool.HAN.search(error)) == (lang == "zh")
    if chinese and lang == "zh":
        last = error.splitlines()[-1]
        assert found("", last.replace("int range", "")) == []


def test_help_and_version_are_no_errors(command: Command) -> None:
    for asked in ("--help", "--version", "runs --help"):
        status, output, error = command(*asked.split())
        assert (status, bool(output), error) == (0, True, ""), asked
