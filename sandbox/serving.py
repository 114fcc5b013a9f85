"""Partners as a process: HTTP server, request log, faults of the wire, a quick and clean stop."""

import asyncio
import logging
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from socket import socket

import uvicorn
from fastapi import FastAPI
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.admin import PREFIX, admin
from sandbox.partner import Partner

HANG_SECONDS = 120
RETRY_AFTER_SECONDS = 1
STOP_SECONDS = 1
CHECKPOINT = b"onecode-checkpoint"
log = logging.getLogger("sandbox")


class Wire:
    """Between the network and the protocol: logs each request and lets faults strike."""

    def __init__(self, app: ASGIApp, *, partner: Partner, server: "Server") -> None:
        self._app = app
        self._partner = partner
        self._server = server

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.monotonic(), 0

        async def noting(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self._answer(scope, receive, noting)
        finally:
            taken = int((time.monotonic() - began) * 1000)
            path = scope.get("whole", scope["path"])
            log.info("%s %s %s %s ms", scope["method"], path, status or "dropped", taken)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, faults = scope["path"], self._partner.faults
        for name, said in scope["headers"]:
            if name == CHECKPOINT:
                self._partner.keep_checkpoint(said.decode("latin-1"))
        where = self._partner.resource_at(path)
        if path.startswith(PREFIX):
            await self._app(scope, receive, send)
        elif faults.take("http_429", where=where):
            headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
            await PlainTextResponse("请求过于频繁，请稍后再试", 429, headers)(scope, receive, send)
        elif faults.take("http_500", where=where):
            await PlainTextResponse("系统繁忙，请联系管理员", 500)(scope, receive, send)
        elif faults.take("timeout", where=where):
            await self._server.hang(scope)
        elif faults.take("half_page", where=where):
            await self._app(scope, receive, self._halving(scope, send))
        elif faults.take("lost_answer", where=where):
            await self._app(scope, receive, _swallow)
            await self._server.drop(scope)
        else:
            await self._app(scope, receive, send)

    def _halving(self, scope: Scope, send: Send) -> Send:
        """Send the first half of the body under the full length, then drop the connection."""

        async def half(message: Message) -> None:
            if message["type"] == "http.response.body":
                body = message.get("body", b"")
                await send({**message, "body": body[: len(body) // 2], "more_body": True})
                await asyncio.sleep(
                    0.05
                )  # lets the half reach the other side before the connection goes
                await self._server.drop(scope)
            else:
                await send(message)

        return half


async def _swallow(_: Message) -> None:
    """Take an answer and lose it."""


class Server(uvicorn.Server):
    """Says `ready` when it answers, and can drop a caller's connection."""

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            sys.stdout.write("ready\n")
            sys.stdout.flush()

    async def drop(self, scope: Scope) -> None:
        """Cut the connection of a request without an answer."""
        for connection in list(self.server_state.connections):
            transport = connection.transport
            if transport.get_extra_info("peername") == tuple(scope["client"]):
                transport.abort()
        await asyncio.sleep(0)  # the protocol learns of the cut before the request returns

    async def hang(self, scope: Scope) -> None:
        """Keep a caller waiting until it gives up or we stop."""
        until = time.monotonic() + HANG_SECONDS
        # uvicorn's wish to stop is a flag
        while not self.should_exit and time.monotonic() < until:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        await self.drop(scope)


def protocol(partner: Partner) -> FastAPI:
    """Give what a partner answers over HTTP: its protocol and its admin API."""
    app = FastAPI(title=f"sandbox {partner.name}")
    app.include_router(admin(partner))
    partner.mount(app)
    return app


def served(app: ASGIApp, *, host: str, port: int) -> Server:
    """Give the server of an application, not yet running."""
    logging.basicConfig(
        level=logging.INFO, stream=sys.stdout, format="%(asctime)s %(levelname)s %(message)s"
    )
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        http="h11",
        loop="asyncio",
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    return Server(config)


def serve(partner: Partner) -> None:
    """Run a partner until it is told to stop."""

    @asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        await partner.start()
        try:
            yield
        finally:
            await partner.stop()

    app = protocol(partner)
    app.router.lifespan_context = running
    server = served(app, host=partner.settings.host, port=partner.settings.port)
    app.add_middleware(Wire, partner=partner, server=server)
    server.run()
