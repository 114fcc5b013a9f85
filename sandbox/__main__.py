"""The sandbox's command line: serve a partner or all declared ones, move the world, arm a fault.

Partners that run elsewhere are told where SANDBOX_REACHED_AT says, in which * stands for the
partner's name.
"""

import argparse
import importlib
import json
import os
import sys
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, Request, build_opener

from sandbox.declared.declaration import declared, without_database
from sandbox.declared.diagnosis import DeclarationError
from sandbox.declared.partner import DeclaredPartner
from sandbox.declared.together import serve_all
from sandbox.partner import Partner, Settings
from sandbox.programs import PORTS
from sandbox.serving import serve
from sandbox.world import World

DECLARED = "declared"
DECLARED_PORT, DECLARED_SFTP_PORT = 15, 16
BASE_PORT = 18_700
STARTED = (
    Path(__file__).resolve().parent.parent / ".run/hub.env"
)  # what the supervisor of this checkout wrote
ADMIN_SECONDS = 600  # a tick over a large world takes its time


def _partner(name: str) -> type[Partner]:
    found: type[Partner] = importlib.import_module(f"sandbox.{name}").PARTNER
    return found


def _serve(asked: argparse.Namespace) -> None:
    if asked.partner == DECLARED:
        names = str(asked.only or "").split(",")
        if asked.all:
            names = declared() if asked.database_url else without_database()
            for name in sorted({*declared()} - {*names}):
                sys.stdout.write(f"{name}: left out, it needs --database-url\n")
        for name in names:
            if name not in declared():
                sys.exit(f"{name or '--only'}: not one of {', '.join(declared())}")
        serve_all(names, _settings(asked))
    elif asked.partner not in declared():
        serve(_partner(asked.partner)(_settings(asked)))
    else:
        try:
            serve(DeclaredPartner(asked.partner, _settings(asked)))
        except DeclarationError as error:
            sys.exit(str(error))


def _settings(asked: argparse.Namespace) -> Settings:
    port = PORTS.get(asked.partner, DECLARED_PORT)
    return Settings(
        world=World(seed=asked.seed, projects=asked.projects),
        port=asked.port or asked.base_port + port,
        user=os.environ.get("SANDBOX_USER", "hub"),
        secret=os.environ.get("SANDBOX_SECRET", "sandbox"),
        sftp_port=asked.sftp_port or asked.base_port + DECLARED_SFTP_PORT,
        database_url=asked.database_url,
        state=asked.state,
        host=asked.host,
    )


def _tell(partner: str, base_port: int, path: str, body: dict[str, object] | None) -> str:
    """Call a partner's admin API; without a body it is asked."""
    program = partner if partner in PORTS else DECLARED
    port = base_port + PORTS.get(program, DECLARED_PORT)
    host = os.environ.get("SANDBOX_REACHED_AT", "127.0.0.1").replace("*", program)
    below = "" if partner == program else f"/{partner}"
    request = Request(
        f"http://{host}:{port}{below}/_sandbox/{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    try:
        # Proxies of this machine have no business with 127.0.0.1.
        with build_opener(ProxyHandler({})).open(request, timeout=ADMIN_SECONDS) as answer:
            return str(answer.read().decode())
    except HTTPError as error:
        sys.exit(f"{request.full_url}: {error.read().decode()}")
    except URLError as error:
        sys.exit(f"{request.full_url}: {error.reason}")


def _tick(asked: argparse.Namespace) -> None:
    for name in PORTS:
        sys.stdout.write(f"{name}: {_tell(name, asked.base_port, 'tick', {})}\n")
    for name in json.loads(_tell(DECLARED, asked.base_port, "health", None))["partners"]:
        sys.stdout.write(f"{name}: {_tell(name, asked.base_port, 'tick', {})}\n")


def _fault(asked: argparse.Namespace) -> None:
    wanted = {"fault": asked.fault, "times": asked.times, "where": asked.where}
    sys.stdout.write(_tell(asked.partner, asked.base_port, "faults", wanted) + "\n")


def _base_port() -> int:
    """HUB_PORT_BASE, else the ports at which the partners of this checkout were last started."""
    if told := os.environ.get("HUB_PORT_BASE"):
        return int(told)
    lines = STARTED.read_text(encoding="utf-8").splitlines() if STARTED.exists() else []
    found = [line.partition("=")[2] for line in lines if line.startswith("HUB_PORT_BASE=")]
    return int(found[-1]) if found else BASE_PORT


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    base = argparse.ArgumentParser(add_help=False)
    base.add_argument("--base-port", type=int, default=_base_port())

    serving = commands.add_parser(
        "serve", parents=[base], help="run partners until they are stopped"
    )
    serving.add_argument("partner", choices=sorted({*PORTS, DECLARED, *declared()}))
    some = serving.add_mutually_exclusive_group()
    some.add_argument("--all", action="store_true", help="declared: every partner that is declared")
    some.add_argument("--only", help="declared: these, with commas between them")
    serving.add_argument("--port", type=int, help="HTTP port: protocol and admin API")
    serving.add_argument("--sftp-port", type=int, help="for those who exchange files")
    serving.add_argument(
        "--database-url",
        default=os.environ.get("SANDBOX_DATABASE_URL"),
        help=(
            "approval, registry and other tables: the owner's URL of a PostgreSQL database (else "
            "SANDBOX_DATABASE_URL)"
        ),
    )
    serving.add_argument(
        "--host",
        default=os.environ.get("SANDBOX_HOST", "127.0.0.1"),
        help="where it listens (else SANDBOX_HOST)",
    )
    serving.add_argument("--state", type=Path, help="folder of what survives a restart")
    serving.add_argument(
        "--projects", type=int, default=0, help="0 serves exactly the published codes"
    )
    serving.add_argument("--seed", type=int, default=1)
    serving.set_defaults(run=_serve)

    commands.add_parser("tick", parents=[base], help="move every partner one step").set_defaults(
        run=_tick
    )

    fault = commands.add_parser("fault", parents=[base], help="arm a fault at a partner")
    fault.add_argument("partner", choices=sorted({*PORTS, *declared()}))
    fault.add_argument("fault")
    fault.add_argument("--times", type=int, default=1)
    fault.add_argument("--where", help="one resource only")
    fault.set_defaults(run=_fault)
    return parser


def main() -> None:
    """Run the command that was asked for."""
    asked = _arguments().parse_args()
    asked.run(asked)


if __name__ == "__main__":
    main()
