"""Servers that others wrote for Node: json-server and node-soap, each in a process of its own for
as long as wanted.

tools/bootstrap.sh installs them into .tools/peers by the lock file in tests/peers/node.
"""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from hub.model import Json
from tests.peers.listening import WAIT_SECONDS, wait_for
from tests.ports import reserve_port

TOOLS = Path(__file__).parents[2] / ".tools"
MODULES = TOOLS / "peers/node_modules"
PROGRAMS = Path(__file__).parent / "node"


@contextmanager
def json_server(
    tables: Mapping[str, Json], *, version: Literal[0, 1] = 0, more: Sequence[str] = ()
) -> Iterator[str]:
    """A json-server (0.17 or 1.0 beta) that holds these tables; gives its base address.

    more: arguments of its command line, such as `--middlewares FILE` or `--routes FILE` of 0.17.
    """
    program = MODULES / (
        "json-server-0/lib/cli/bin.js" if version == 0 else "json-server-1/lib/bin.js"
    )
    with tempfile.TemporaryDirectory(prefix="json-server-") as folder:
        tables_file = Path(folder) / "tables.json"
        (Path(folder) / "public").mkdir()
        tables_file.write_text(json.dumps(tables), encoding="utf-8")
        # Its static files and snapshots are looked for where it runs.
        with node([program, tables_file, "--port", "{port}", *more], folder=Path(folder)) as port:
            yield f"http://127.0.0.1:{port}"


@contextmanager
def soap_office(secret: str) -> Iterator[int]:
    """An office's web service by node-soap (tests/peers/node/office.js); gives its port."""
    with tempfile.TemporaryDirectory(prefix="soap-office-") as folder:
        arguments: list[str | Path] = [
            PROGRAMS / "office.js",
            "{port}",
            PROGRAMS / "office.wsdl",
            secret,
        ]
        with node(arguments, folder=Path(folder)) as port:
            yield port


@contextmanager
def node(arguments: Sequence[str | Path], *, folder: Path) -> Iterator[int]:
    """A program of Node that listens at `{port}` of its arguments; gives the port."""
    assert MODULES.is_dir(), "the peers are missing: run tools/bootstrap.sh requirements-dev.lock"
    port = reserve_port()
    command = [_program(), *(str(argument).replace("{port}", str(port)) for argument in arguments)]
    # Else json-server 1.0 watches its file, and what it reads of it now and then undoes what came
    # since.
    quiet = {"NODE_ENV": "production"}
    environment = {**os.environ, **quiet, "NODE_PATH": str(MODULES), "HOST": "127.0.0.1"}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        wait_for(process, port, log=folder / "log")
        yield port
    finally:
        process.terminate()
        process.wait(WAIT_SECONDS)


def _program() -> str:
    found = shutil.which(
        "node", path=os.pathsep.join([str(TOOLS / "nodejs/bin"), os.environ.get("PATH", "")])
    )
    assert found, "node is missing: run tools/bootstrap.sh requirements-dev.lock"
    return found
