"""A console page: its address, the roles that may open it, and its access to services."""

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlencode

from fastapi import Request, Response
from nicegui import context, ui
from starlette.concurrency import run_in_threadpool

from hub.auth import Reader, access_log, sessions
from hub.auth.context import RequestContext, address_of, route_of
from hub.console import components, layout, words
from hub.console.error_page import unforeseen
from hub.console.layout import MenuEntry
from hub.errors import FlowError, HubError
from hub.services import accounts, naming
from hub.services.accounts import OwnSignIns
from hub.wiring import Hub

T = TypeVar("T")
Build = Callable[..., Awaitable[None]]

REFUSALS = {"access.role", "access.no_grant", "access.signed_out", "supply.not_yours"}
BUILDING_LIMIT = 60.0  # seconds until a page that is still being built counts as failed


@dataclass(slots=True)
class ConsolePage:
    """One page open in front of one reader."""

    hub: Hub
    reader: Reader
    route: str
    roles: frozenset[str]
    address: str
    _token: str = field(repr=False)
    must_change: bool = False
    """The password must be changed before anything else."""

    async def look(self, work: Callable[[RequestContext], T]) -> T:
        """Run `work` in a thread and give its result.

        The session is checked again, and the access log's row is committed before this returns.
        """
        return await run_in_threadpool(self._visited, work, self.route)

    async def act(self, what: str, work: Callable[[RequestContext], T]) -> T:
        """As `look`, to change something; `what` names the act in the access log."""
        return await run_in_threadpool(self._visited, work, f"{self.route} {what}")

    def know(self, named: naming.Named) -> None:
        """Raise UnknownNameError for a flow, entity, form, account or cause that does not exist."""
        with self.hub.database.read() as tx:
            naming.check(tx, self.hub.contracts, named)

    async def sign_ins(self) -> OwnSignIns:
        """The reader's open sessions."""
        return await self.look(lambda visit: accounts.own_sign_ins(visit, self._token))

    async def change_password(self, old: str, new: str) -> None:
        """Change the reader's password."""
        await self.act(
            "change password", lambda visit: accounts.change_password(visit, self._token, old, new)
        )

    def _visited(self, work: Callable[[RequestContext], T], route: str) -> T:
        # A page stays open for hours: session, role and grants are read again for every look.
        self.reader = sessions.reader(self.hub.database, self._token, self.hub.settings)
        visit, refused = RequestContext(self.hub, self.reader, address=self.address), False
        try:
            self._may_open()
            return work(visit)
        except FlowError as error:
            refused = error.code in REFUSALS
            raise
        finally:
            access_log.write(
                self.hub.database, [visit.row(route_of("SHOW", route), refused=refused)]
            )

    def _may_open(self) -> None:
        role = self.reader.account.role
        if role not in self.roles:
            raise FlowError("access.role", role=role)


def page(
    path: str, *, title: str, roles: frozenset[str], menu: MenuEntry | None = None
) -> Callable[[Build], Build]:
    """Decorator: an async function becomes a page; it gets a `ConsolePage` and the parameters."""
    layout.add(path, title=title, roles=roles, menu=menu)

    def made(build: Build) -> Build:
        @wraps(build)
        # FastAPI's own parameters
        async def opened(request: Request, **asked: Any) -> Response | None:  # noqa: ANN401
            state = request.state
            route = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            where = address_of(request)
            this = ConsolePage(
                state.hub.as_it_stands(),
                state.reader,
                route,
                roles,
                where,
                state.token,
                state.must_change,
            )
            words.speak(words.language_of(request.cookies))
            layout.page_layout(request, this.reader, title=words.t(title))
            return await _built(build, this, request, asked)

        first, *others = inspect.signature(build).parameters.values()
        asked_for = inspect.Parameter("request", first.kind, annotation=Request)
        opened.__signature__ = inspect.Signature([asked_for, *others])  # type: ignore[attr-defined]
        ui.page(path, response_timeout=BUILDING_LIMIT)(opened)
        return build

    return made


async def _built(
    build: Build, this: ConsolePage, request: Request, asked: dict[str, Any]
) -> Response | None:
    """Build the page, or the error in its place with status 403, 404, 500 or 503."""
    client = context.client
    main = layout.main()
    status = 200
    with main:
        try:
            if this.reader.account.role not in this.roles:
                await this.look(lambda _visit: None)  # which refuses, and notes that it did
            if naming.worth_checking(asked):
                await run_in_threadpool(this.know, asked)
            await build(this, **asked)
        except HubError as error:
            main.clear()
            components.problem(error)
            status = 403 if error.code in REFUSALS else 404 if "unknown" in error.code else 503
        # logged, and shown in place of the page
        except Exception as error:  # noqa: BLE001
            main.clear()
            components.problem(unforeseen(error))
            status = 500
    # HTTP's "all is well"
    return client.build_response(request, status) if status != 200 else None  # noqa: PLR2004


def address(path: str, **asked: object) -> str:
    """A path with a query; None and empty values are left out."""
    query = urlencode(
        {name: str(value) for name, value in asked.items() if value not in {None, ""}}
    )
    return f"{path}?{query}" if query else path
