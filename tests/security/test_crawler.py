"""Every route there is, asked by everybody who may not: each is refused, and each refusal is on
record.

A route that nobody has classed below fails here before it can answer anybody.
"""

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
import requests

from hub import auth
from hub.api.access import ROLES as API_ROLES
from hub.auth import sessions
from hub.auth.context import PARTNER
from hub.domain.rights import ROLES
from tests.api.test_canaries import CANARIES, FLOW, people_it
from tests.browser.site import serving
from tests.filled import CODE, NAME, PERMIT, Filled, filled_template
from tests.postgres import DatabaseServer

__all__ = ["filled_template"]

OPEN = {
    *(
        ("GET", "/healthz"),
        ("GET", "/readyz"),
        ("GET", "/login"),
        ("POST", "/login"),
        ("GET", "/look"),
    ),
    *(("GET", "/oidc/start"), ("GET", "/oidc/back"), ("GET", "/favicon.ico")),
}
"""What answers nobody in particular, and says nothing of what the hub holds."""
SIGNED_IN = {("POST", "/logout"), ("*", "/_nicegui_ws")}
"""What whoever is signed in may use: pages' sockets, and the way out."""
SCRIPTS = re.compile(
    r"/_nicegui/[0-9.]+/(static|libraries|components|resources|dynamic_resources|esm)\b"
)
"""NiceGUI's own files."""
PLUGINS: set[tuple[str, str]] = set()
"""What Airflow's plugins serve themselves: nothing. Their tabs show pages of the console."""

PHONE = "13800009001"
CONTENT = (NAME, PERMIT, PHONE, NAME.encode("unicode_escape").decode())
ODD = {
    **dict.fromkeys(("code", "project_code", "q"), CODE),
    "form": "construction_permit",
    "field": "name",
    "entity": "project",
    "dag_id": "pull_approval",
}
"""What stands in the places of addresses; 1 elsewhere."""
STRANGERS = ("stranger", "elsewhere", "closed")
"""Departments without a grant, with grants of another region, with grants for open cases and none
open.
"""


@dataclass
class Site:
    """The running site, its routes, and the people who ask."""

    world: Filled
    address: str
    routes: dict[str, list[tuple[str, str]]]
    pages: dict[str, list[str]]
    queries: dict[str, list[str]]
    log: Path
    tokens: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    session: requests.Session = field(default_factory=requests.Session)

    def ask(self, method: str, path: str, who: str = "", *, origin: str = "") -> requests.Response:
        """One request, by token where programs ask and by cookie where people do."""
        headers = {"Origin": origin or self.address} if method != "GET" else {}
        if path.startswith("/v1/") and who:
            headers["Authorization"] = f"Bearer {self.tokens[who]}"
        cookies = (
            {"onecode_session": self.cookies[who]} if who and not path.startswith("/v1/") else {}
        )
        body = {"json": {}} if method != "GET" else {}
        with self.session.request(
            method,
            self.address + path,
            headers=headers,
            cookies=cookies,
            allow_redirects=False,
            timeout=60,
            **body,
        ) as answer:
            return answer

    def refusals(self) -> set[str]:
        """The routes of all refusals so far."""
        return {
            str(row["route"])
            for row in self.world.rows("select route from hub.access where refused")
        }

    def address_of(self, path: str) -> str:
        """A route with something in its places."""
        filled = re.sub(r"{(\w+)(?::\w+)?}", lambda place: ODD.get(place[1], "1"), path)
        wanted = urlencode({name: ODD.get(name, "1") for name in self.queries.get(path, ())})
        return f"{filled}?{wanted}" if wanted else filled


@pytest.fixture(scope="module")
def site(
    database_server: DatabaseServer, filled_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """A site with everybody in it who will be refused."""
    log = tmp_path_factory.mktemp("site") / "log"
    with database_server.database(template=filled_template) as url:
        world = Filled(url)
        asked = [sys.executable, "-m", "tests.security.routes"]
        told = subprocess.run(
            asked, env=os.environ | world.environ, capture_output=True, check=True, timeout=120
        )
        found = json.loads(told.stdout)
        routes = {
            place: [(method, path) for method, path in found[place]]
            for place in ("api", "console", "plugins")
        }
        with log.open("wb") as out, serving(world, log=out) as address:
            made = Site(world, address, routes, found["pages"], found["queries"], log)
            made.session.trust_env = False
            made.session.cookies.set_policy(
                DefaultCookiePolicy(allowed_domains=[])
            )  # each request has its own
            people(made)
            people_it(world)
            yield made
            made.session.close()
        world.hub.close()


def people(site: Site) -> None:
    """One of every role who may do what the role may, and those who may no longer, or not here."""
    with site.world.hub.database.write() as tx:
        for name in (*ROLES, *STRANGERS, "ended", "renewed", "lapsed", "left"):
            role = name if name in ROLES else "department" if name in STRANGERS else "administrator"
            regions = ("14",) if role == "supervisor" else ()
            site.tokens[name] = auth.open_account(
                tx, name, role, department="某局", regions=regions
            )
            site.cookies[name] = sessions.open_session(tx, name)
        limits = {"elsewhere": {"regions": ("99",)}, "closed": {"open_case_only": True}}
        for name, limit in limits.items():
            for entity in site.world.hub.contracts.entities:
                auth.grant(
                    *(tx, site.world.hub.contracts.entities, name, entity),
                    **{"classes": ("public", "internal", "personal"), "purpose": "x", **limit},  # type: ignore[arg-type]
                    valid_from=date(2020, 1, 1),
                    valid_until=date(2099, 1, 1),
                )
        auth.end_account(tx, "ended")
        auth.renew_token(tx, "renewed")
        sessions.sign_out_everywhere(tx, "renewed")
        sessions.sign_out(tx, site.cookies["left"])
        auth.renew_token(tx, "left")
        auth.renew_token(tx, "lapsed")
    site.world.execute(
        "update hub.session set seen_at = now() - interval '1 day' where account = 'lapsed'"
    )


def test_every_route_is_classed(site: Site):
    api = {path for method, path in site.routes["api"] if (method, path) not in OPEN}
    assert api == set(API_ROLES)
    console = {route for route in site.routes["console"] if not SCRIPTS.match(route[1])}
    pages = {("GET", path) for path in site.pages}
    assert console - pages - OPEN - SIGNED_IN == set()
    assert set(site.routes["plugins"]) == PLUGINS
    known = {*ROLES, PARTNER}
    assert all(set(roles) <= known for roles in [*API_ROLES.values(), *site.pages.values()])


@pytest.mark.parametrize("who", ["", "ended", "renewed", "lapsed", "left"])
def test_nobody_and_whoever_may_no_longer_are_refused_everywhere(site: Site, who: str):
    asked = set()
    for method, path in [*site.routes["api"], *site.routes["console"]]:
        if (method, path) in OPEN or SCRIPTS.match(path) or method == "*":
            continue
        where = site.address_of(path)
        answer = site.ask(method, where, who)
        refused = answer.status_code == 401 or (
            answer.status_code == 303 and urlsplit(answer.headers["location"]).path == "/login"
        )
        assert refused, (method, path, answer.status_code)
        assert not any(word in answer.text for word in CONTENT)
        asked.add(f"{method} {urlsplit(where).path}")
    assert asked <= site.refusals()
    assert len(asked) > 50


@pytest.mark.parametrize("who", ROLES)
def test_a_role_is_refused_where_it_is_not_named(site: Site, who: str):
    asked = set()
    for method, path in site.routes["api"]:
        if path in API_ROLES and who not in API_ROLES[path]:
            answer = site.ask(method, site.address_of(path), who)
            assert (answer.status_code, answer.json()["code"]) == (403, "access.role"), (
                method,
                path,
            )
            asked.add(f"{method} {urlsplit(site.address_of(path)).path}")
    for path, roles in site.pages.items():
        if who not in roles:
            where = site.address_of(path)
            answer = site.ask("GET", where, who)
            assert answer.status_code in {303, 403}, path  # the first page leads each to theirs
            assert not any(word in answer.text for word in CONTENT), path
            if answer.status_code == 403:
                asked.add(f"SHOW {where}")
    assert asked <= site.refusals()


@pytest.mark.parametrize("who", STRANGERS)
def test_a_department_sees_nothing_that_was_not_granted_to_it(site: Site, who: str):
    for method, path in site.routes["api"]:
        if "department" in API_ROLES.get(path, ()):
            answer = site.ask(method, site.address_of(path), who)
            assert answer.status_code < 500, (method, path, answer.text)
            assert not any(word in answer.text for word in CONTENT), (method, path)
    for path, roles in site.pages.items():
        if "department" in roles:
            answer = site.ask("GET", site.address_of(path), who)
            assert answer.status_code < 500, (path, answer.text[:500])
            assert not any(word in answer.text for word in CONTENT), path
    named = site.ask("GET", f"/v1/projects/{CODE}", who)
    assert (named.status_code, named.json()["code"]) == (403, "access.no_grant")
    assert site.ask("GET", f"/projects/{CODE}", who).status_code == 403
    assert site.ask("GET", f"/projects?q={CODE}", who).status_code in {200, 403}
    assert f"GET /v1/projects/{CODE}" in site.refusals()


def test_those_who_may_see_it_are_asked_the_same_way(site: Site):
    assert NAME in site.ask("GET", f"/v1/projects/{CODE}", "auditor").text
    page = site.ask("GET", f"/projects/{CODE}", "auditor")
    assert page.status_code == 200
    assert NAME in page.text or NAME.encode("unicode_escape").decode() in page.text


@pytest.mark.parametrize("origin", ["http://elsewhere.example.org", "null", "http://127.0.0.1:1"])
def test_what_comes_from_another_site_changes_nothing(site: Site, origin: str):
    for method, path in site.routes["console"]:
        if method not in {"GET", "*"}:
            assert site.ask(method, path, "auditor", origin=origin).status_code == 403, path
    assert handshake(site, site.cookies["auditor"], origin) == 403
    assert site.ask("GET", "/account", "auditor").status_code == 200


def test_a_form_that_was_shown_to_nobody_is_refused(site: Site):
    for who, path, said in (
        ("", "/login", {"name": "auditor", "password": "x"}),
        ("auditor", "/logout", {}),
    ):
        cookies = {"onecode_session": site.cookies[who]} if who else {"onecode_form": "guessed"}
        for token in ("", "0" * 64):
            answer = requests.post(
                site.address + path,
                data={**said, "form": token},
                cookies=cookies,
                headers={"Origin": site.address},
                allow_redirects=False,
                timeout=30,
            )
            assert answer.status_code == 403, path
    assert site.ask("GET", "/account", "auditor").status_code == 200


def test_a_socket_opens_for_those_only_who_are_signed_in(site: Site):
    assert handshake(site, site.cookies["auditor"], site.address) == 101
    for who in ("ended", "lapsed", "left"):
        assert handshake(site, site.cookies[who], site.address) == 403
    assert handshake(site, "", site.address) == 403
    assert "WS /_nicegui_ws/socket.io/" in site.refusals()


def handshake(site: Site, cookie: str, origin: str) -> int:
    """The status with which a page's socket is answered."""
    place = urlsplit(site.address)
    with socket.create_connection((place.hostname or "", place.port or 0), timeout=30) as line:
        lines = (
            "GET /_nicegui_ws/socket.io/?EIO=4&transport=websocket HTTP/1.1",
            *(
                f"Host: {place.netloc}",
                "Upgrade: websocket",
                "Connection: Upgrade",
                "Sec-WebSocket-Version: 13",
            ),
            *(
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                f"Cookie: onecode_session={cookie}",
                f"Origin: {origin}",
            ),
        )
        line.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        return int(line.recv(100).split()[1])


def test_every_answer_says_what_browsers_are_to_hold_to(site: Site):
    for path in ("/healthz", "/login", "/account", "/v1/runs", "/no-such-page"):
        headers = site.ask("GET", path, "" if path in {"/healthz", "/login"} else "auditor").headers
        assert "frame-ancestors 'self'" in headers["content-security-policy"], path
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cache-control"] == "no-store", path


def test_no_token_cookie_or_password_is_in_the_log(site: Site):
    written = site.log.read_text(encoding="utf-8", errors="replace")
    for secret in (*site.tokens.values(), *site.cookies.values()):
        assert secret not in written


ASKED = {
    **dict.fromkeys(("project_code", "project", "code"), CODE),
    "q": "公司",
    "flow": FLOW,
    "field": "manager_phone",
    "entity": "participant",
    "form": "construction_permit",
    **dict.fromkeys(("at", "when"), "2099-01-01T00:00"),
    **dict.fromkeys(("all", "everything", "closed"), "true"),
}
"""What pages take besides: what one does not know it passes over."""


def addresses(site: Site, path: str) -> Iterator[str]:
    """A page with the persons' records, and with every entry that was set aside."""
    rows = site.world.rows
    ids = {
        "record_id": rows("select record_id as id from golden.participant"),
        "entry_id": rows("select id from hub.quarantine"),
        "run_id": rows("select max(id) as id from hub.run"),
    }
    place = re.search(r"{(record_id|entry_id|run_id)", path)
    for row in ids[place[1]] if place else [{"id": 1}]:
        where = re.sub(r"{(?:record_id|entry_id|run_id)(?::\w+)?}", str(row["id"]), path)
        where = re.sub(
            r"{(\w+)(?::\w+)?}", lambda one: ASKED.get(one[1], ODD.get(one[1], "1")), where
        )
        record = {"record": row["id"], "record_id": row["id"], "id": row["id"]}
        yield f"{where}?{urlencode(ASKED | record)}"


@pytest.mark.parametrize("who", ["administrator", "auditor", "department"])
def test_no_page_shows_a_person_to_whom_no_grant_names_him(site: Site, who: str):
    hidden = [*CANARIES, *(one.encode("unicode_escape").decode() for one in CANARIES)]
    shown, opened = {}, set[str]()
    for path, roles in site.pages.items():
        if who not in roles:
            continue
        for where in addresses(site, path):
            answer = site.ask("GET", where, who)
            assert answer.status_code < 500, (where, answer.text[:500])
            opened |= {path} if answer.status_code == 200 else set()
            if found := [one for one in hidden if one in answer.text]:
                shown[where] = found
    assert shown == {}
    assert len(opened) > (25 if who != "department" else 8)


def test_who_is_granted_persons_is_shown_them_so_that_they_would_be_found(site: Site):
    name = "trusted"
    with site.world.hub.database.write() as tx:
        auth.open_account(tx, name, "department", department="某局")
        site.cookies[name] = sessions.open_session(tx, name)
        for entity in ("project", "participant"):
            auth.grant(
                *(tx, site.world.hub.contracts.granted, name, entity),
                classes=("public", "internal", "personal"),
                purpose="核发许可",  # type: ignore[arg-type]
                valid_from=date(2020, 1, 1),
                valid_until=date(2099, 1, 1),
            )
    answer = site.ask("GET", f"/projects/{CODE}", name)
    hidden = [*CANARIES, *(one.encode("unicode_escape").decode() for one in CANARIES)]
    assert [one for one in hidden if one in answer.text]
