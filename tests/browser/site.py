"""The whole site as a process on a filled hub, and people who sign in to it with a real browser."""

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import IO

import requests
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Error, Locator, Page, expect

from hub import auth
from hub.auth import sessions
from tests.chromium import PATIENCE
from tests.filled import Filled
from tests.ports import reserve_port
from tests.processes import Program

PICTURES = Path(__file__).parent.parent.parent / "docs/pictures"
PASSWORD = "correct-horse-battery"  # noqa: S105 -- of a database that lives as long as the test
PEOPLE = {
    "admin": "administrator",
    "audit": "auditor",
    "water": "department",
    "stranger": "department",
    "reform": "supervisor",
}
"""Account -> role. `water` may read everything but persons; `stranger` nothing."""
DEPARTMENTS = {
    "admin": "市大数据局",
    "audit": "市审计局",
    "water": "市供水公司",
    "stranger": "某单位",
    "reform": "市工改办",
}
WIDE = {"width": 1360, "height": 860}
HEALTH_LIMIT = 180.0
AXE = Axe().axe_script
FRAME = [[".q-header.bar"], [".q-drawer-container"]]
# Style sheets and media are not fetched again for it: only rules about media want that, and there
# are none.
VIOLATIONS = """async ({apart, only}) => {
    const asked = {resultTypes: ['violations'], preload: false}, contrast = 'color-contrast';
    const found = (await axe.run({exclude: apart}, {...asked, runOnly: [contrast]})).violations;
    if (!only)
        found.push(...(await axe.run(document, {...asked, rules: {[contrast]: {enabled: false}}})).violations);
    return found.flatMap(one => one.nodes.slice(0, 3).map(node =>
        `${one.id}: ${one.help} at ${node.target}: ${node.any.map(any => any.message)}`));
}"""


class Console:
    """The console of a running site."""

    def __init__(
        self, world: Filled, address: str, browser: Browser, *, airflow_port: int = 0
    ) -> None:
        self.world = world
        self.airflow_port = airflow_port
        self.address = address
        self._browser = browser
        self._contexts: dict[tuple[str, str], BrowserContext] = {}
        self.troubles: list[str] = []

    def open(self, path: str, *, who: str = "admin", lang: str = "zh") -> Page:
        """A page in front of somebody who is signed in; what its scripts complain about is kept."""
        page = self._context(who, lang).new_page()
        page.on("pageerror", lambda error: self.troubles.append(f"{path}: {error}"))
        page.on(
            "console",
            lambda said: (
                self.troubles.append(f"{path}: {said.text}") if said.type == "error" else None
            ),
        )
        page.goto(f"{self.address}{path}", wait_until="load")
        page.wait_for_selector("#main")
        page.wait_for_function(
            "window.did_handshake"
        )  # what is done sooner is sent later, and not in its order
        return page

    def _context(self, who: str, lang: str) -> BrowserContext:
        if (who, lang) not in self._contexts:
            context = self._browser.new_context(viewport=WIDE, locale="zh-CN")
            with self.world.hub.database.write() as tx:
                token = sessions.open_session(tx, who)
            for name, value in {"onecode_session": token, "onecode_lang": lang}.items():
                context.add_cookies([{"name": name, "value": value, "url": self.address}])
            self._contexts[who, lang] = context
        return self._contexts[who, lang]

    def close(self) -> None:
        for context in self._contexts.values():
            context.close()


def accounts(world: Filled) -> None:
    """Somebody of every role, all with one password."""
    with world.hub.database.write() as tx:
        for name, role in PEOPLE.items():
            auth.open_account(
                tx,
                name,
                role,
                department=DEPARTMENTS[name],
                regions=("14", "52") if role == "supervisor" else (),
            )
            sessions.set_password(tx, name, PASSWORD)
        for entity in world.hub.contracts.entities:
            auth.grant(
                *(tx, world.hub.contracts.granted, "water", entity),
                classes=("public", "internal"),
                purpose="办理用水报装",
                valid_from=date(2020, 1, 1),
                valid_until=date(2099, 1, 1),
            )


@contextmanager
def serving(
    world: Filled, *, port: int | None = None, log: IO[bytes] | None = None
) -> Iterator[str]:
    """Give the address of a site that runs as a process of its own."""
    port = port or reserve_port()
    environ = {**os.environ, **world.environ, "HUB_API_PORT": str(port)}
    process = Program("hub.web", environ=environ, output=2 if log is None else log.fileno())
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + HEALTH_LIMIT
        while not _healthy(address):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield address
    finally:
        process.terminate()
        process.wait(15)


def settles(read: Callable[[], object], wanted: object) -> None:
    """What is read of a page is this, or becomes it; a page that loads anew meanwhile is read
    again.
    """
    deadline = time.monotonic() + PATIENCE / 1000
    while (seen := _read(read)) != wanted:
        assert time.monotonic() < deadline, f"{seen!r} is not {wanted!r}"
        time.sleep(0.05)


def _read(read: Callable[[], object]) -> object:
    try:
        return read()
    except Error as error:
        return error


def texts(locator: Locator, count: int) -> list[str]:
    """The texts of so many things, once there are so many."""
    expect(locator).to_have_count(count)
    return locator.all_inner_texts()


def number_of(page: Page, address: str) -> str:
    """The number with which an address ends that begins so, once the page is there."""
    expect(page).to_have_url(re.compile(rf"{address}\d+$"))
    return page.url.rpartition("/")[2]


def is_usable(page: Page, *, frame: bool = False) -> None:
    """Nothing is in the way of people who cannot see or do not use a mouse. frame: nor is its text
    hard to read.
    """
    settles(lambda: violations(page, frame=frame), [])


def is_readable(page: Page) -> None:
    """All text within the frame stands out from what is behind it."""
    settles(lambda: violations(page, only=True), [])


def violations(page: Page, *, frame: bool = False, only: bool = False) -> list[str]:
    """What axe finds wrong at this instant; of contrast alone, or of everything.

    Contrast takes nine tenths of its time. The frame is the same around every page: its own test
    looks at its text.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    found: list[str] = page.evaluate(VIOLATIONS, {"apart": [] if frame else FRAME, "only": only})
    return found


def picture(page: Page, name: str, *, whole: bool = True) -> None:
    """Keep what the page looks like for the manual; only where HUB_PICTURES is set, so that tests
    leave no trace.

    whole: not only what is seen at first.
    """
    if os.environ.get("HUB_PICTURES"):
        page.wait_for_load_state("networkidle")
        page.screenshot(path=PICTURES / f"{name}.png", full_page=whole, animations="disabled")


def _healthy(address: str) -> bool:
    try:
        return requests.get(f"{address}/healthz", timeout=2).ok
    except requests.RequestException:
        return False
