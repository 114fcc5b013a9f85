"""The pages before the pages: signing in and out, and choosing language and shade. Plain HTML, no script needed."""

from pathlib import Path
from typing import Annotated
from urllib.parse import unquote

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from hub.console import words
from hub.console.frame import DARK_COOKIE, STYLE
from hub.console.gate import COOKIE
from hub.errors import HubError
from hub.governance import sessions
from hub.store import accounts
from hub.store.accounts import Read
from hub.texts import cure, say
from hub.wiring import Hub

YEAR = 31_536_000
FORM = Markup(Path(__file__).with_name("login.html").read_text(encoding="utf-8"))  # noqa: S704 -- a file of ours

routes = APIRouter(include_in_schema=False)


@routes.get("/login")
def login(request: Request, next: str = "/") -> HTMLResponse:  # noqa: A002 -- the query's name
    """Ask for name and password."""
    return _form(request, onward=next)


@routes.post("/login")
async def sign_in(
    request: Request,
    name: Annotated[str, Form(max_length=100)],
    password: Annotated[str, Form(max_length=200)],
    next: Annotated[str, Form()] = "/",  # noqa: A002
) -> Response:
    """Open a session and go on to where the reader wanted to go."""
    try:
        token = await run_in_threadpool(_sign_in, request.state.hub, name, password)
    except HubError as error:
        return _form(request, onward=next, error=error, name=name)
    answer = RedirectResponse(_local(next), status_code=303)
    answer.set_cookie(COOKIE, token, httponly=True, samesite="lax", secure=request.url.scheme == "https")
    return answer


@routes.post("/logout")
async def sign_out(request: Request) -> Response:
    """End the session."""
    await run_in_threadpool(_sign_out, request.state.hub, request.state.token)
    answer = RedirectResponse("/login", status_code=303)
    answer.delete_cookie(COOKIE)
    return answer


@routes.get("/look")
def look(lang: str = "", dark: str = "", next: str = "/") -> Response:  # noqa: A002
    """Choose language or shade, and go back."""
    answer = RedirectResponse(_local(next), status_code=303)
    if lang in {"zh", "en"}:
        answer.set_cookie(words.COOKIE, lang, max_age=YEAR, samesite="lax")
    if dark in {"0", "1"}:
        answer.set_cookie(DARK_COOKIE, dark, max_age=YEAR, samesite="lax")
    return answer


def _sign_in(hub: Hub, name: str, password: str) -> str:
    try:
        with hub.database.transaction() as tx:
            token = sessions.sign_in(tx, name, password)
            accounts.write_reads(tx, [Read(name, "POST /login")])
            return token
    except HubError:
        with hub.database.transaction() as tx:
            accounts.write_reads(tx, [Read(name, "POST /login", refused=True)])
        raise


def _sign_out(hub: Hub, token: str) -> None:
    with hub.database.transaction() as tx:
        sessions.sign_out(tx, token)


def _form(request: Request, *, onward: str, error: HubError | None = None, name: str = "") -> HTMLResponse:
    lang = words.language_of(request.cookies)
    told = ""
    if error is not None:
        told = Markup('<p class="problem" role="alert">{} {}</p>').format(
            say(error.code, error.facts, lang), cure(error.code, error.facts, lang)
        )
    zh = lang == "zh"
    made = FORM.format(
        lang="zh-CN" if zh else "en",
        style=Markup(STYLE),  # noqa: S704 -- a file of ours
        title="登录" if zh else "Sign in",
        tagline="工程建设项目数据共享中枢" if zh else "The data-sharing hub of construction project approval",
        name_label="账号" if zh else "Account",
        password_label="密码" if zh else "Password",
        button="登录" if zh else "Sign in",
        other="en" if zh else "zh",
        other_name="English" if zh else "中文",
        name=name,
        next=_local(onward),
        told=told,
        shade={"1": "body--dark", "0": ""}.get(request.cookies.get(DARK_COOKIE, ""), ""),
    )
    return HTMLResponse(made, status_code=401 if error else 200)


def _local(place: str) -> str:
    """A place of this site, wherever the address came from."""
    place = unquote(place) if place.startswith("%2F") else place
    safe = place.startswith("/") and not place.startswith(("//", "/\\")) and "\n" not in place and "\r" not in place
    return place if safe else "/"
