"""The HTTP API: all routes but the two of health need a token, and every read is logged."""

from fastapi import Depends, FastAPI
from starlette.middleware import Middleware

from hub.api import failures, files, operations, partners, problems, reconciling
from hub.api.access import AccessLog, allowed, known
from hub.api.auditing import routes as auditing
from hub.api.granting import routes as granting
from hub.api.routes import routes
from hub.services.health import Lookout
from hub.texts import bilingual
from hub.wiring import Hub


def make_app(hub: Hub) -> FastAPI:
    """The FastAPI application of an opened hub."""
    app = FastAPI(
        title=bilingual("一码贯通", " "),
        version="1",
        description=(
            "项目审批数据共享中枢的接口。除 /healthz 和 /readyz 外都需要访问令牌（Authorization: Bearer）；"
            "每次查阅都有记录。\n\n"
            "The data-sharing hub of construction project approval. Every route but /healthz and "
            "/readyz needs a "
            "token; every read is recorded. Errors are application/problem+json, in Chinese and "
            "English."
        ),
        openapi_url=None,  # a route of its own serves it, with a token like the others
        generate_unique_id_function=lambda route: (
            route.name
        ),  # what a generated client calls its functions
        docs_url=None,
        redoc_url=None,
        middleware=[Middleware(AccessLog, hub=hub)],
        dependencies=[Depends(allowed), Depends(known)],
    )
    app.state.hub = hub
    app.state.lookout = Lookout(hub)
    problems.add_to(app)
    app.include_router(routes)
    app.include_router(auditing)
    app.include_router(granting)
    for router in (
        operations.routes,
        files.routes,
        failures.routes,
        reconciling.routes,
        partners.routes,
    ):
        app.include_router(router)
    return app
