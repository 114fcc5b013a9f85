"""The console: pages for administrators, departments and auditors, over the same services as the
API.

How a page is written (`hub/console/pages/account.py` is the shortest example):

    @page("/runs/{run_id}", title="运行", roles=WATCHING)
    async def run(page: Page, run_id: int) -> None:
        found = await page.look(lambda visit: _read(visit, run_id))   # in a thread; its access row
        is committed first parts.facts([(t("编号"), found.id)])

* `page` (hub/console/page.py) gives the address, the frame around it, the roles that may open it
  and, with `menu=`, its place in the menu. Path and query parameters are FastAPI's. What raises a
  HubError is shown with its cure.
* `page.look(work)` is the only way to data, `page.act(work)` the only way to change something: both
  run in a thread, ask again whether the session and the role still hold, and write the access row
  before anything is shown.
* `t("中文")` (hub/console/words.py) gives every visible text in the reader's language: the catalogue
  has it by its Chinese.
* `parts` (hub/console/components.py) holds what several pages show alike: tables, lights, facts,
  empty states, dialogs. Texts out of records go through it, which escapes them.
"""

from fastapi import FastAPI
from nicegui import app as site
from nicegui import ui
from starlette.middleware import Middleware

from hub.console import not_found, pages, signing_in
from hub.console.middleware import ConsoleMiddleware
from hub.texts import both
from hub.wiring import Hub


def make_console(hub: Hub) -> FastAPI:
    """The console of an opened hub; one per process, as NiceGUI keeps its pages globally."""
    pages.load()
    not_found.watch()
    app = FastAPI(
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        middleware=[Middleware(ConsoleMiddleware, hub=hub)],
    )
    app.state.hub = hub
    app.include_router(signing_in.routes)
    # Its bar while something loads has no name for those who cannot see it.
    site.config.quasar_config["loadingBar"] = {"skipHijack": True}
    ui.run_with(
        app,
        title=" ".join(both("一码贯通")),
        favicon=pages.FAVICON,
        language="zh-CN",
        show_welcome_message=False,
        tailwind=False,
    )
    return app
