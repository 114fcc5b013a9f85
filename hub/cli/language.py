"""The command line's language: typer's own texts, and the help of commands and options."""

import gettext
import os
from typing import TypeAlias

import typer
from typer.core import TyperCommand, TyperGroup

from hub.texts import Language, known, tell, text
from hub.texts.catalogue import LOCALE

Command: TypeAlias = TyperCommand | TyperGroup


def speak(lang: Language) -> None:
    """Make gettext, which typer asks, use the hub's catalogue."""
    text("Options", lang)  # the compiled catalogue is there from here on
    os.environ["LANGUAGE"] = lang
    gettext.bindtextdomain("hub", LOCALE)
    gettext.textdomain("hub")


def translate(command: Command, lang: Language) -> Command:
    """The command with its help translated: docstrings are message ids (context `command`)."""
    if command.help:
        said = " ".join(command.help.split())
        command.help = text(said, lang, "command") if known(said, "command") else tell(said, lang)
    own = command.get_help_option(typer.Context(command))
    for param in (*command.params, *([own] if own else [])):
        words: str | None = getattr(param, "help", None)
        if words and " | " not in words:  # not a list of names
            param.help = tell(words, lang)  # type: ignore[attr-defined] # arguments have one too
    for one in command.commands.values() if isinstance(command, TyperGroup) else ():
        if isinstance(one, TyperCommand | TyperGroup):
            translate(one, lang)
    return command
