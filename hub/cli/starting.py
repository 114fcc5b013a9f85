"""Commands that start a deployment: write its files, run its web process."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from hub.cli.screen import screen
from hub.config import fresh


def add_to(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    app.command("init")(init)
    app.command()(web)


def init(
    folder: Annotated[Path, typer.Argument(help="新部署的目录", file_okay=False)],
) -> None:
    """Write the files of a fresh deployment: contracts, mappings, DAGs."""
    count = len(fresh.lay_out(folder))
    shown = screen()
    shown.say(shown.t("已在 {folder} 写入 {count} 个文件。下一步：", folder=folder, count=count))
    shown.say(f"  cd {folder}")
    shown.say(shown.t("  编辑 {fresh}（数据库地址）", fresh=fresh.SETTINGS))
    shown.say("  hub migrate && hub check && hub web")


def web() -> None:
    """Serve console and API, on HUB_API_HOST and HUB_API_PORT."""
    sys.stdout.flush()
    # a fixed command; it replaces this process
    os.execv(sys.executable, [sys.executable, "-m", "hub.web"])  # noqa: S606
