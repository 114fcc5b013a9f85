import sys
from collections.abc import Callable

import pytest

from hub.cli import main
from tests.filled import Filled, filled, filled_template

__all__ = ["filled", "filled_template"]

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(
    filled: Filled, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    return running(filled, monkeypatch, capsys)


def running(
    filled: Filled, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Runs a command of `hub` in this process: exit status, standard output, standard error."""
    for name, value in filled.environ.items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["hub", *arguments])
        status = 0
        try:
            main()
        except SystemExit as left:
            status = int(left.code or 0)
        shown = capsys.readouterr()
        return status, shown.out, shown.err

    return run
