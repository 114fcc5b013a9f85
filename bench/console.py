"""How soon the console shows something useful: first contentful paint of every page, in a real
Chromium.

Each page is opened in a fresh tab of a browser that has the scripts in its cache, as on any morning
but the first; the first opening of all is told apart.
"""

import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from statistics import median

import requests
from playwright.sync_api import BrowserContext, sync_playwright

from bench.database import free_port
from hub import auth, wiring
from hub.auth import sessions
from hub.console.layout import PAGES
from hub.console.pages import load
from hub.db.runs import reading
from hub.domain.rights import ROLES
from hub.model import Json

TIMES = 5
PASSWORD = "of-a-throwaway-account"  # noqa: S105
PAINT = """() => new Promise(done => new PerformanceObserver(
        list => done(list.getEntries()[0].startTime))
    .observe({type: 'paint', buffered: true}))"""
USEFUL = "() => performance.now()"


def painted(hub: wiring.Hub) -> dict[str, Json]:
    """Milliseconds until the first paint and until the page's own content stands, by page."""
    load()
    figures: dict[str, Json] = {}
    with serving(hub) as address, sync_playwright() as playwright:
        program = os.environ.get("HUB_CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu"]
        )
        contexts = {
            role: _signed_in(hub, browser.new_context(locale="zh-CN"), address, role)
            for role in ROLES[:3]
        }
        for path, listed in PAGES.items():
            where = _with_values(hub, path)
            role = next((role for role in contexts if role in listed.roles), None)
            if where is None or role is None:
                continue
            figures[path] = _measured(contexts[role], address, where)
            print(path, figures[path])
        browser.close()
    return figures


def _measured(context: BrowserContext, address: str, paths: Sequence[str]) -> dict[str, Json]:
    first: list[float] = []
    useful: list[float] = []
    for path in paths:
        page = context.new_page()
        page.goto(f"{address}{path}", wait_until="commit")
        page.wait_for_selector("#main > *")
        useful.append(page.evaluate(USEFUL))
        first.append(page.evaluate(PAINT))
        page.close()
    return {
        "paint_ms": round(median(first)),
        "content_ms": round(median(useful)),
        "worst_ms": round(max(useful)),
    }


def _with_values(hub: wiring.Hub, path: str) -> list[str] | None:
    """Addresses of a page, each of another record; None where the page's parameter has no value
    here.
    """
    if "{" not in path:
        return [path] * TIMES
    with hub.database.write() as tx:
        (first, last) = tx.execute("select min(id), max(id) from hub.record").fetchone() or (1, 1)
        ids = [random.randint(first, last) for _ in range(TIMES)]  # noqa: S311
        keys = [
            row[0] for row in tx.execute("select key from hub.record where id = any(%s)", (ids,))
        ]
        runs = [row.id for row in reading.run_rows(tx, most=TIMES)]
    values = {
        "/records/{record_id}": [f"/records/{one}" for one in ids],
        "/records/{record_id}/fields/{field}": [f"/records/{one}/fields/name" for one in ids],
        "/projects/{code}": [f"/projects/{key}" for key in keys],
        "/runs/{run_id}": [f"/runs/{run}" for run in runs],
    }
    return values.get(path)


def _signed_in(hub: wiring.Hub, context: BrowserContext, address: str, role: str) -> BrowserContext:
    name = f"{role}-{time.time():.0f}"
    with hub.database.write() as tx:
        auth.open_account(tx, name, role, department="")
        sessions.set_password(tx, name, PASSWORD)
        token = sessions.open_session(tx, name)
    context.add_cookies([{"name": "onecode_session", "value": token, "url": address}])
    return context


@contextmanager
def serving(hub: wiring.Hub) -> Iterator[str]:
    """The whole site as a process of its own; give its address."""
    port = free_port()
    environ = os.environ | {
        "HUB_DATABASE_URL": hub.settings.database_url,
        "HUB_HASH_KEY": "bench",
        "HUB_API_PORT": str(port),
    }
    process = subprocess.Popen([sys.executable, "-m", "hub.web"], env=environ)
    address = f"http://127.0.0.1:{port}"
    try:
        while True:
            time.sleep(0.2)
            try:
                if requests.get(f"{address}/healthz", timeout=2).ok:
                    break
            except requests.ConnectionError:
                if process.poll() is not None:
                    raise
        yield address
    finally:
        process.terminate()
        process.wait(30)
