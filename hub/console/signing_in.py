"""Sign-in, sign-out, language and shade: plain HTML, without scripts."""

from functools import lru_cache, partial
from math import inf
from pathlib import Path
from typing import Annotated
from urllib.parse import quote, unquote

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from hub.auth import oidc
from hub.auth.context import address_of
from hub.auth.oidc import Provider
from hub.console import csrf, words
from hub.console.layout import DARK_COOKIE, STYLE
from hub.console.middleware import COOKIE
from hub.errors import HubError
from hub.services import signing_in
from hub.settings import Oidc
from hub.texts import LANGUAGES, Language, cure, say, tell
from hub.wiring import Hub

YEAR = 31_536_000
AWAY, AWAY_SECONDS = "onecode_oidc", 600
"""Cookie with the seed during sign-in at the identity provider; "in" once signed in there."""
STATUS = {
    "access.slowed": 429,
    "access.busy": 503,
    "access.too_many": 429,
    "access.form_stale": 403,
}
# a file of ours
FORM = Markup(Path(__file__).with_name("login.html").read_text(encoding="utf-8"))  # noqa: S704

DOOR = CapacityLimiter(inf)
"""Threads of sign-ins, apart from those that answer everybody else (bulkhead)."""

routes = APIRouter(include_in_schema=False)


@routes.get("/login")
def login(request: Request, next: str = "/") -> HTMLResponse:  # noqa: A002 -- the query's name
    """The form for name and password."""
    return _form(request, onward=next)


@routes.post("/login")
async def sign_in(
    request: Request,
    name: Annotated[str, Form(max_length=100)],
    password: Annotated[str, Form(max_length=200)],
    form: Annotated[str, Form(max_length=100)] = "",
    next: Annotated[str, Form()] = "/",  # noqa: A002
) -> Response:
    """Open a session and go to the page first asked for."""
    try:
        csrf.check(request.cookies.get(csrf.COOKIE, ""), form)
        entering = partial(
            signing_in.sign_in, request.state.hub, name, password, address=address_of(request)
        )
        token = await to_thread.run_sync(entering, limiter=DOOR)
    except HubError as error:
        return _form(request, onward=next, error=error, name=name)
    return signed_in(request, token, onward=next)


def signed_in(request: Request, token: str, *, onward: str) -> Response:
    """Set the session's cookie and go on."""
    answer = RedirectResponse(_local(onward), status_code=303)
    answer.set_cookie(COOKIE, token, httponly=True, samesite="lax", secure=is_secure(request))
    answer.delete_cookie(csrf.COOKIE)
    return answer


@routes.post("/logout")
async def sign_out(
    request: Request,
    form: Annotated[str, Form(max_length=100)] = "",
    *,
    everywhere: Annotated[bool, Form()] = False,
) -> Response:
    """End the session, or all sessions of the account."""
    state = request.state
    try:
        csrf.check(state.token, form)
    except HubError as error:
        return _form(request, onward="/", error=error)
    account = state.reader.account.name
    await run_in_threadpool(
        signing_in.sign_out, state.hub, state.token, account, everywhere=everywhere
    )
    answer = RedirectResponse("/login", status_code=303)
    if AWAY in request.cookies and (provider := _provider(state.hub)):
        answer = RedirectResponse(
            await run_in_threadpool(provider.goodbye, f"{_public(state.hub)}/login"), 303
        )
    for name in (COOKIE, AWAY):
        answer.delete_cookie(name)
    return answer


@routes.get("/oidc/start")
async def go_to_provider(request: Request, next: str = "/") -> Response:  # noqa: A002
    """Redirect to the identity provider."""
    provider, seed = _provider(request.state.hub), oidc.new_seed()
    if provider is None:
        return _form(request, onward=next)
    try:
        answer = RedirectResponse(await run_in_threadpool(provider.start, seed), status_code=303)
    except HubError as error:
        return _form(request, onward=next, error=error)
    held = f"{seed}|{quote(_local(next), safe='')}"
    answer.set_cookie(
        AWAY, held, max_age=AWAY_SECONDS, httponly=True, samesite="lax", secure=is_secure(request)
    )
    return answer


@routes.get("/oidc/back")
async def come_from_provider(request: Request) -> Response:
    """Open a session for whom the identity provider has authenticated."""
    seed, _, onward = request.cookies.get(AWAY, "").partition("|")
    hub, query, address = request.state.hub, request.url.query, address_of(request)
    try:
        token = await run_in_threadpool(
            signing_in.come_back, hub, _provider(hub), seed, query, address=address
        )
    except HubError as error:
        return _form(request, onward=unquote(onward), error=error)
    answer = signed_in(request, token, onward=unquote(onward))
    answer.set_cookie(AWAY, "in", httponly=True, samesite="lax", secure=is_secure(request))
    return answer


@routes.get("/look")
def look(lang: str = "", dark: str = "", next: str = "/") -> Response:  # noqa: A002
    """Choose language or shade, and go back."""
    answer = RedirectResponse(_local(next), status_code=303)
    if lang in LANGUAGES:
        answer.set_cookie(words.COOKIE, lang, max_age=YEAR, samesite="lax")
    if dark in {"0", "1"}:
        answer.set_cookie(DARK_COOKIE, dark, max_age=YEAR, samesite="lax")
    return answer


def is_secure(request: Request) -> bool:
    """Whether the console is reached by TLS, here or at a proxy: then cookies are `secure`."""
    public = request.state.hub.settings.signing_in.public_url
    return request.url.scheme == "https" or public.startswith("https:")


def _provider(hub: Hub) -> Provider | None:
    """The identity provider, if one is configured."""
    return _made(hub.settings.oidc, _public(hub)) if hub.settings.oidc else None


@lru_cache(maxsize=1)
def _made(settings: Oidc, public_url: str) -> Provider:
    return Provider(settings, public_url)


def _public(hub: Hub) -> str:
    return hub.settings.signing_in.public_url


def _form(
    request: Request, *, onward: str, error: HubError | None = None, name: str = ""
) -> HTMLResponse:
    lang = words.language_of(request.cookies)
    told = ""
    if error is not None:
        told = Markup('<p class="problem" role="alert">{} {}</p>').format(
            *(words.marked(said(error.code, error.facts, lang)) for said in (say, cure))
        )
    other = words.other_language(lang)
    secret = request.cookies.get(csrf.COOKIE) or csrf.new_secret()
    made = FORM.format(
        lang=tell("tag|language", lang),
        style=Markup(STYLE),  # noqa: S704 -- a file of ours
        title=tell("登录", lang),
        tagline=tell("工程建设项目数据共享中枢", lang),
        name_label=tell("账号", lang),
        password_label=tell("密码", lang),
        button=tell("登录", lang),
        other=other,
        other_name=tell("name|language", other),
        name=name,
        form=csrf.token(secret),
        next=_local(onward),
        told=told,
        provider=_way_to_provider(request, lang, onward=onward),
        shade={"1": "body--dark", "0": ""}.get(request.cookies.get(DARK_COOKIE, ""), ""),
    )
    answer = HTMLResponse(made, status_code=STATUS.get(error.code, 401) if error else 200)
    if error is not None and "seconds" in error.facts:
        answer.headers["Retry-After"] = error.facts["seconds"]
    answer.set_cookie(
        csrf.COOKIE, secret, httponly=True, samesite="strict", secure=is_secure(request)
    )
    return answer


def _way_to_provider(request: Request, lang: Language, *, onward: str) -> Markup:
    if request.state.hub.settings.oidc is None:
        return Markup("")
    return Markup('<p><a class="button" href="/oidc/start?next={}">{}</a></p>').format(
        quote(_local(onward)), tell("统一身份认证登录", lang)
    )


def _local(place: str) -> str:
    """The path if it is on this site, else "/": no open redirect."""
    place = unquote(place) if place.startswith("%2F") else place
    safe = (
        place.startswith("/")
        and not place.startswith(("//", "/\\"))
        and "\n" not in place
        and "\r" not in place
    )
    return place if safe else "/"
