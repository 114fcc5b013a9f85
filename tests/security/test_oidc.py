"""Signing in at a real identity provider, and who is let in after it."""

import re
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from hub import auth
from hub.auth import oidc, sessions
from hub.db.access import accounts
from hub.errors import FlowError
from hub.settings import Oidc
from tests.browser.site import serving
from tests.filled import Filled, filled_template
from tests.ports import reserve_port
from tests.postgres import DatabaseServer

__all__ = ["filled_template"]

HOME = Path(__file__).parent.parent.parent
PASSWORD = "correct-horse-battery"  # noqa: S105 -- of people who live as long as the test
START_LIMIT = 60.0


@dataclass
class Site:
    """The hub beside its identity provider."""

    world: Filled
    address: str
    provider: str

    def browser(self) -> requests.Session:
        """Somebody's browser."""
        made = requests.Session()
        made.trust_env = False
        return made

    def sign_in(
        self, name: str, browser: requests.Session, *, onward: str = "/account"
    ) -> requests.Response:
        """Go from the hub to the provider, give name and password there, and come back."""
        asked = browser.get(f"{self.address}/oidc/start?next={onward}", timeout=30)
        assert asked.url.startswith(self.provider), asked.url
        named = browser.post(asked.url, data={"login": name}, timeout=30)
        return browser.post(named.url, data={"password": PASSWORD}, timeout=30)


@pytest.fixture(scope="module")
def provider() -> Iterator[tuple[str, int]]:
    """A Canaille of its own; its address, and the port that it expects the hub at."""
    subprocess.run([HOME / "tools/idp.sh"], check=True, timeout=300)
    port, hub_port = reserve_port(), reserve_port()
    command = [HOME / ".tools/idp/bin/python", Path(__file__).with_name("provider.py"), str(port)]
    process = subprocess.Popen(
        [*command, f"http://127.0.0.1:{hub_port}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + START_LIMIT
        while not _answers(f"{address}{oidc.DISCOVERY}"):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
        yield address, hub_port
    finally:
        process.communicate(timeout=15)


@pytest.fixture(scope="module")
def site(
    database_server: DatabaseServer, filled_template: str, provider: tuple[str, int]
) -> Iterator[Site]:
    """A hub whose people sign in at the provider, or by password."""
    issuer, port = provider
    with database_server.database(template=filled_template) as url:
        world = Filled(url)
        world.environ |= {
            "HUB_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "HUB_OIDC_ISSUER": issuer,
            "HUB_OIDC_CLIENT_ID": "hub",
            "HUB_OIDC_CLIENT_SECRET": "secret-of-the-hub",
            "HUB_OIDC_ROLES": "hub-admin=administrator, hub-audit=auditor",
        }
        with world.hub.database.write() as tx:
            auth.open_account(tx, "known", "department", department="市供水公司")
            oidc.expect(tx, "known")
        with serving(world, port=port) as address:
            yield Site(world, address, issuer)
        world.hub.close()


def _answers(address: str) -> bool:
    try:
        return requests.get(address, timeout=2).ok
    except requests.RequestException:
        return False


def test_an_account_that_was_opened_for_it_comes_in_and_leaves_both(site: Site):
    browser = site.browser()
    page = site.sign_in("known", browser)
    assert page.url == f"{site.address}/account"
    assert "市供水公司" in page.text
    form = re.search(r'name=\\?"form\\?" value=\\?"([0-9a-f]+)', page.text)
    assert form
    left = browser.post(
        f"{site.address}/logout",
        data={"form": form[1]},
        headers={"Origin": site.address},
        timeout=30,
    )
    assert left.history[0].headers["location"].startswith(f"{site.provider}/oauth/end_session")
    assert browser.get(f"{site.address}/account", timeout=30).url.startswith(
        f"{site.address}/login"
    )


def test_a_group_stands_for_a_role_and_who_is_in_none_stays_outside(site: Site):
    assert site.sign_in("grouped", site.browser()).url == f"{site.address}/account"
    (made,) = site.world.rows(
        "select role, password_hash, sign_in_by from hub.account where name = 'grouped'"
    )
    assert made == {"role": "auditor", "password_hash": None, "sign_in_by": "oidc"}
    refused = site.sign_in("outsider", site.browser())
    assert refused.status_code == 401
    assert "outsider 没有本系统的账号" in refused.text
    assert site.world.rows("select 1 from hub.account where name = 'outsider'") == []
    rows = site.world.rows(
        "select account, refused from hub.access where route = 'GET /oidc/back' order by id"
    )
    assert rows[-2:] == [{"account": "grouped", "refused": False}, {"account": "", "refused": True}]


def test_the_way_there_carries_challenge_state_and_nonce_and_nothing_else_brings_back(site: Site):
    browser = site.browser()
    asked = browser.get(f"{site.address}/oidc/start", allow_redirects=False, timeout=30)
    sent = {
        name: values[0]
        for name, values in parse_qs(urlsplit(asked.headers["location"]).query).items()
    }
    assert sent["code_challenge_method"] == "S256"
    assert len({sent["state"], sent["nonce"], sent["code_challenge"]}) == 3
    for query in (
        *(
            "",
            "code=x",
            f"code=x&state={'0' * 64}",
            f"state={sent['state']}",
            f"code=x&state={sent['state']}",
            f"code=x&state={sent['state']}&iss=https://other.example.org",
            "code=x&state=%E4%B8%AD%E6%96%87",
        ),
        f"error=access_denied&state={sent['state']}",
    ):
        answer = browser.get(f"{site.address}/oidc/back?{query}", timeout=30)
        assert answer.status_code == 401, query
        assert "统一身份认证没有完成" in answer.text
        assert "onecode_session" not in answer.cookies
    stolen = site.browser().get(
        f"{site.address}/oidc/back?code=x&state={sent['state']}", timeout=30
    )
    assert stolen.status_code == 401


def test_a_form_whose_token_is_no_ascii_is_one_that_is_stale(site: Site):
    for path in ("login", "logout"):
        browser = site.browser()
        browser.get(f"{site.address}/login", timeout=30)
        answer = browser.post(
            f"{site.address}/{path}",
            data={"name": "known", "password": "x", "form": "中文"},
            headers={"Origin": site.address},
            timeout=30,
        )
        assert answer.status_code in {401, 403}, path


def test_a_code_opens_one_session_only(site: Site):
    browser = site.browser()
    page = site.sign_in("known", browser)
    back = next(
        step.headers["location"]
        for step in page.history
        if "/oidc/back?" in step.headers.get("location", "")
    )
    assert site.browser().get(back, timeout=30).status_code == 401
    assert browser.get(back, timeout=30).status_code == 401


def test_a_password_does_not_open_an_account_of_the_provider(site: Site):
    world = site.world
    with pytest.raises(FlowError, match="password_wrong"):
        sessions.sign_in(world.hub.database, world.hub.settings, "known", "", address="192.0.2.9")


PROVIDER = Oidc(
    "https://id.example.org", "hub", "x", roles=(("a", "administrator"), ("b", "auditor"))
)


def admitted(site: Site, subject: str, name: str, *groups: str) -> str:
    """The account that somebody gets, or the code of the refusal."""
    try:
        with site.world.hub.database.write() as tx:
            return oidc.admit(
                tx, PROVIDER, {"sub": subject, "preferred_username": name, "groups": list(groups)}
            )
    except FlowError as error:
        return error.code


def test_nobody_takes_an_account_by_calling_themselves_like_it(site: Site):
    with site.world.hub.database.write() as tx:
        for name in ("local", "waiting"):
            auth.open_account(tx, name, "administrator", department="")
        oidc.expect(tx, "waiting")
    assert admitted(site, "1", "local", "a") == "access.oidc_unknown"
    assert admitted(site, "2", "waiting") == "waiting"
    assert admitted(site, "3", "waiting", "a") == "access.oidc_unknown"
    assert admitted(site, "2", "renamed") == "waiting"
    with site.world.hub.database.write() as tx:
        auth.end_account(tx, "waiting")
    assert admitted(site, "2", "waiting", "a") == "access.oidc_unknown"


@pytest.mark.parametrize("claim", ["a\0b", "a\ud800b", "a" * 5000])
def test_claims_that_cannot_be_kept_open_nothing(site: Site, claim: str):
    assert admitted(site, claim, "strange", "a") == "access.oidc_failed"
    assert admitted(site, "7", claim, "a") == "access.oidc_failed"
    assert site.world.rows("select 1 from hub.account where name = 'strange'") == []


def test_a_role_that_came_with_a_group_goes_with_it(site: Site):
    def role() -> str:
        with site.world.hub.database.write() as tx:
            return next(one.role for one in accounts.accounts(tx) if one.name == "mover")

    assert admitted(site, "9", "mover", "b", "a") == "mover"
    assert role() == "administrator"
    assert admitted(site, "9", "mover", "b") == "mover"
    assert role() == "auditor"
    assert admitted(site, "9", "mover") == "access.oidc_unknown"
