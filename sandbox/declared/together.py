"""All declared partners as one process: one port for HTTP, one for SFTP."""

import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.admin import PREFIX
from sandbox.declared.diagnosis import DeclarationError, Problem
from sandbox.declared.partner import DeclaredPartner
from sandbox.partner import Settings
from sandbox.serving import Wire, protocol, served
from sandbox.sftp import SftpServer, keep_host_key
from sandbox.state import Record


class Together:
    """Gives each call below /<partner> to that partner, and the others to the process itself."""

    def __init__(self, own: ASGIApp) -> None:
        self._own = own
        self.doors: Mapping[str, ASGIApp] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = str(scope.get("path", ""))
        _, name, *rest = [*path.split("/", 2), ""]
        if scope["type"] != "http" or name not in self.doors:
            await self._own(scope, receive, send)
            return
        below = f"/{rest[0]}"
        await self.doors[name]({**scope, "path": below, "whole": path}, receive, send)


def partners(names: Sequence[str], settings: Settings, sftp: SftpServer) -> list[DeclaredPartner]:
    """Make partners, each with a login, a folder and a part of the ports of its own; tell all that
    is wrong.
    """
    made: list[DeclaredPartner] = []
    problems: list[Problem] = []
    for name in names:
        own = replace(
            settings,
            user=f"{settings.user}_{name}",
            secret=os.environ.get(f"SANDBOX_SECRET_{name.upper()}", settings.secret),
            state=settings.state / name if settings.state else None,
        )
        try:
            made.append(DeclaredPartner(name, own, sftp=sftp))
        except DeclarationError as error:
            problems += error.problems
    if problems:
        raise DeclarationError(problems)
    return made


def serve_all(names: Sequence[str], settings: Settings) -> None:
    """Run declared partners until told to stop."""
    with TemporaryDirectory() as lent:
        sftp = SftpServer(keep_host_key(settings.state or Path(lent)))
        try:
            _serve(partners(names, settings, sftp), settings, sftp)
        except DeclarationError as error:
            sys.exit(str(error))


def _serve(made: Sequence[DeclaredPartner], settings: Settings, sftp: SftpServer) -> None:
    @asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        for partner in made:
            await partner.start()
        if any(partner.declaration.files for partner in made):
            await sftp.listen(settings.sftp_port or 0, host=settings.host)
        try:
            yield
        finally:
            sftp.close()
            for partner in made:
                await partner.stop()

    own = FastAPI(title="sandbox", lifespan=running)

    @own.get(f"{PREFIX}/health")
    def health() -> Record:
        return {"partners": {partner.name: partner.tick for partner in made}}

    together = Together(own)
    server = served(together, host=settings.host, port=settings.port)
    together.doors = {
        partner.name: Wire(protocol(partner), partner=partner, server=server) for partner in made
    }
    server.run()
