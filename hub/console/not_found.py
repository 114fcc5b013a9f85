"""The page for addresses that do not exist or are malformed."""

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from nicegui import Client, app, ui

from hub.console import components, layout, words
from hub.console.words import t
from hub.errors import FlowError


def watch() -> None:
    """Install handlers for these errors."""
    app.add_exception_handler(404, _astray)
    app.add_exception_handler(RequestValidationError, _astray)


async def _astray(request: Request, _error: Exception) -> Response:
    if request.url.path.startswith("/_nicegui"):
        return Response(status_code=404)
    with Client(ui.page(""), request=request) as client:
        words.speak(words.language_of(request.cookies))
        layout.page_layout(request, request.state.reader, title=t("没有这个页面"))
        with layout.main():
            components.problem(FlowError("ask.page_unknown"))
        return client.build_response(request, 404)
