"""The command line: `hub`, `python -m hub`. Exit status 1: failed; 2: wrong usage."""

import os
import sys
import traceback
from typing import Annotated

import typer
from typer.exceptions import TyperException

from hub.cli import (
    auditing,
    cases,
    checking,
    clocks,
    comparing,
    contracts,
    delivering,
    disputing,
    filing,
    granting,
    hits,
    holding,
    indicators,
    linking,
    people,
    reading,
    recalling,
    reconciling,
    restoring,
    running,
    scenarios,
    starting,
    supervising,
    supplying,
    tracing,
    verifying,
)
from hub.cli.context import noting
from hub.cli.language import speak, translate
from hub.cli.screen import Screen, screen
from hub.cli.usage import wrong_usage
from hub.domain.load import ContractsInvalidError
from hub.errors import HubError
from hub.services.naming import UnknownNameError
from hub.version import program


def _show_version(asked: bool) -> None:  # noqa: FBT001 -- as typer calls it
    if asked:
        typer.echo(program())
        raise typer.Exit


app = typer.Typer(
    name="hub",
    help="一码贯通",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def options(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            help="显示版本",
            callback=_show_version,
            is_eager=True,
        ),
    ] = False,
) -> None:
    """OneCode Hub."""


starting.add_to(app)
checking.add_to(app)
running.add_to(app)
verifying.add_to(app)
contracts.add_to(app)
reading.add_to(app)
indicators.add_to(app)
hits.add_to(app)
reconciling.add_to(app)
linking.add_to(app)
tracing.add_to(app)
delivering.add_to(app)
clocks.add_to(app)
filing.add_to(app)
scenarios.add_to(app)
comparing.add_to(app)
auditing.add_to(app)
people.add_to(app)
granting.add_to(app)
holding.add_to(app)
recalling.add_to(app)
disputing.add_to(app)
supplying.add_to(app)
supervising.add_to(app)
cases.add_to(app)
restoring.add_to(app)


def _note_names(these: typer.Typer) -> None:
    for command in these.registered_commands:
        command.callback = noting(command.callback) if command.callback else None
    for group in these.registered_groups:
        if group.typer_instance is not None:
            _note_names(group.typer_instance)


_note_names(app)


def main() -> None:
    """Run one command; the hub's errors are shown in both languages, never as a traceback."""
    shown = screen()
    sys.excepthook = lambda kind, error, trace: shown.failed(
        "".join(traceback.format_exception(kind, error, trace))
    )
    speak(shown.lang)
    try:
        left = translate(typer.main.get_group(app), shown.lang)(standalone_mode=False)
    except TyperException as error:
        if type(error).__name__ != "NoArgsIsHelpError":  # then the help has been shown
            shown.refused(wrong_usage(error, shown.lang), *_usage_of(error, shown))
        sys.exit(error.exit_code)
    except typer.Abort:
        shown.refused(shown.t("已中断。"))
    except ContractsInvalidError as error:
        checking.show_problems(shown, error.problems)
    except UnknownNameError as error:
        shown.error(error)
        sys.exit(2)
    except HubError as error:
        shown.error(error)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    else:
        sys.exit(left if isinstance(left, int) else 0)  # the status of typer.Exit
    sys.exit(1)


def _usage_of(error: TyperException, shown: Screen) -> tuple[str, ...]:
    """How the command is used, and where its help is; nothing where typer does not say which."""
    context = getattr(error, "ctx", None)
    if context is None:
        return ()
    wanted = shown.t("用法见 '{command} --help'。", command=context.command_path)
    return (context.get_usage(), wanted)
