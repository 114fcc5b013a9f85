"""Errors as application/problem+json (RFC 9457), in both languages."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request

from hub.errors import FlowError, HubError, RecordError, TransientError
from hub.texts import cure, reason, say


class ProblemDetails(BaseModel):
    """application/problem+json (RFC 9457)."""

    type: str = Field(examples=["urn:onecode:error:access.role"])
    status: int = Field(examples=[403])
    code: str = Field(examples=["access.role"])
    title: str = Field(examples=["角色“department”无权查看此内容。"])
    title_en: str = Field(examples=["The role department may not see this."])
    detail: str
    detail_en: str


PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": ProblemDetails, "content": {"application/problem+json": {}}}
    for status in (400, 401, 403, 404, 408, 409, 413, 415, 422, 429, 502, 503)
}
"""Error answers that every route may give, for OpenAPI."""

STATUS: Mapping[str, HTTPStatus] = {
    "access.no_token": HTTPStatus.UNAUTHORIZED,
    "access.token_invalid": HTTPStatus.UNAUTHORIZED,
    "access.signed_out": HTTPStatus.UNAUTHORIZED,
    "access.password_wrong": HTTPStatus.UNAUTHORIZED,
    "access.role": HTTPStatus.FORBIDDEN,
    "access.no_grant": HTTPStatus.FORBIDDEN,
    "access.password_change": HTTPStatus.FORBIDDEN,
    "access.slowed": HTTPStatus.TOO_MANY_REQUESTS,
    "access.too_many": HTTPStatus.TOO_MANY_REQUESTS,
    "ask.no_such_route": HTTPStatus.NOT_FOUND,
    "ask.run_unknown": HTTPStatus.NOT_FOUND,
    "ask.entry_unknown": HTTPStatus.NOT_FOUND,
    "ask.job_unknown": HTTPStatus.NOT_FOUND,
    "ask.project_unknown": HTTPStatus.NOT_FOUND,
    "ask.recall_unknown": HTTPStatus.NOT_FOUND,
    "recall.never_stood": HTTPStatus.NOT_FOUND,
    "recall.nothing_owed": HTTPStatus.CONFLICT,
    "ask.dispute_unknown": HTTPStatus.NOT_FOUND,
    "dispute.nothing_there": HTTPStatus.NOT_FOUND,
    "dispute.not_yours": HTTPStatus.FORBIDDEN,
    "dispute.open_already": HTTPStatus.CONFLICT,
    "dispute.answered": HTTPStatus.CONFLICT,
    "supervision.case_unknown": HTTPStatus.NOT_FOUND,
    "supervision.case_stands": HTTPStatus.CONFLICT,
    "supervision.out_of_turn": HTTPStatus.CONFLICT,
    "supervision.not_told": HTTPStatus.CONFLICT,
    "supervision.not_theirs": HTTPStatus.UNPROCESSABLE_ENTITY,
    "supervision.mixed": HTTPStatus.UNPROCESSABLE_ENTITY,
    "supervision.about_nothing": HTTPStatus.UNPROCESSABLE_ENTITY,
    "supervision.words_needed": HTTPStatus.UNPROCESSABLE_ENTITY,
    "hit.unknown": HTTPStatus.NOT_FOUND,
    "hit.held": HTTPStatus.CONFLICT,
    "hit.out_of_turn": HTTPStatus.CONFLICT,
    "hit.words_needed": HTTPStatus.UNPROCESSABLE_ENTITY,
    "dispute.unfounded": HTTPStatus.UNPROCESSABLE_ENTITY,
    "recall.open_already": HTTPStatus.CONFLICT,
    "decide.none": HTTPStatus.NOT_FOUND,
    "decide.unfounded": HTTPStatus.UNPROCESSABLE_ENTITY,
    "decide.identity": HTTPStatus.UNPROCESSABLE_ENTITY,
    "decide.invalid": HTTPStatus.UNPROCESSABLE_ENTITY,
    "ask.record_unknown": HTTPStatus.NOT_FOUND,
    "ask.file_unknown": HTTPStatus.NOT_FOUND,
    "ask.field_unknown": HTTPStatus.NOT_FOUND,
    "ask.form_unknown": HTTPStatus.NOT_FOUND,
    "ask.entity_unknown": HTTPStatus.NOT_FOUND,
    "ask.application_unknown": HTTPStatus.NOT_FOUND,
    "application.invalid": HTTPStatus.UNPROCESSABLE_ENTITY,
    "application.beyond": HTTPStatus.UNPROCESSABLE_ENTITY,
    "application.decided": HTTPStatus.CONFLICT,
    "application.own": HTTPStatus.CONFLICT,
    "ask.then_unknown": HTTPStatus.NOT_FOUND,
    "proof.no_value": HTTPStatus.NOT_FOUND,
    "proof.persons": HTTPStatus.FORBIDDEN,
    "proof.erased": HTTPStatus.CONFLICT,
    "proof.closed": HTTPStatus.CONFLICT,
    "proof.not_sealed": HTTPStatus.CONFLICT,
    "proof.no_key": HTTPStatus.CONFLICT,
    "proof.too_far": HTTPStatus.CONFLICT,
    "ledger.no_checkpoint": HTTPStatus.UNPROCESSABLE_ENTITY,
    "flow.disabled": HTTPStatus.SERVICE_UNAVAILABLE,
    "ask.form_disabled": HTTPStatus.SERVICE_UNAVAILABLE,
    "flow.unknown": HTTPStatus.NOT_FOUND,
    "system.unknown": HTTPStatus.NOT_FOUND,
    "access.account_unknown": HTTPStatus.NOT_FOUND,
    "ask.difference_unknown": HTTPStatus.NOT_FOUND,
    "ask.value_unknown": HTTPStatus.UNPROCESSABLE_ENTITY,
    "ask.value_masked": HTTPStatus.FORBIDDEN,
    "decide.masked": HTTPStatus.FORBIDDEN,
    "ask.rehearsal_masked": HTTPStatus.FORBIDDEN,
    "held.unknown": HTTPStatus.NOT_FOUND,
    "contract.invalid": HTTPStatus.UNPROCESSABLE_ENTITY,
    "alert.nowhere": HTTPStatus.CONFLICT,
    "ask.nothing_selected": HTTPStatus.UNPROCESSABLE_ENTITY,
    "access.account_alike": HTTPStatus.CONFLICT,
    "access.account_exists": HTTPStatus.CONFLICT,
    "application.extended": HTTPStatus.CONFLICT,
    "application.not_extensible": HTTPStatus.CONFLICT,
    "ask.unreadable": HTTPStatus.BAD_REQUEST,
    "ask.twice": HTTPStatus.BAD_REQUEST,
    "prefill.field_unknown": HTTPStatus.UNPROCESSABLE_ENTITY,
    "ask.too_slow": HTTPStatus.REQUEST_TIMEOUT,
    "ask.too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "ask.media_type": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "held.not_first": HTTPStatus.CONFLICT,
    "link.none": HTTPStatus.NOT_FOUND,
    "alert.not_delivered": HTTPStatus.BAD_GATEWAY,
    "ledger.differs": HTTPStatus.CONFLICT,
    "supply.not_yours": HTTPStatus.NOT_FOUND,
    "supply.seen_before": HTTPStatus.CONFLICT,
    "supply.too_big": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "call.nowhere": HTTPStatus.NOT_FOUND,
    "call.denied": HTTPStatus.UNAUTHORIZED,
    "call.stale": HTTPStatus.UNAUTHORIZED,
    "call.replayed": HTTPStatus.CONFLICT,
    "call.too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "call.many_records": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "call.charset": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "call.unreadable": HTTPStatus.BAD_REQUEST,
    "call.never_handed": HTTPStatus.CONFLICT,
    "call.verdict_differs": HTTPStatus.CONFLICT,
    "system.not_configured": HTTPStatus.SERVICE_UNAVAILABLE,
}
"""HTTP status by error code, where its prefix or class does not decide (`status_of`)."""

OURS = ("hub.", "settings.", "database.", "flow.stopped", "attachment.lost", "attachment.store")
"""Prefixes of codes of our own failures: 500."""

PARTNERS = ("system.",)
"""Prefixes of codes of a partner's failures: 502."""

UNKNOWN = "_unknown"
"""Suffix of codes for things that do not exist: 404."""

RETRY_SECONDS = 5


def status_of(error: HubError) -> HTTPStatus:
    """The HTTP status of an error: by its code, else by its class and prefix.

    An error that says what is wrong with a request is the caller's: an unlisted code is 4xx.
    """
    code = error.code
    if code in STATUS:
        return STATUS[code]
    refused = code == "database.refused"
    if isinstance(error, TransientError) or (code.startswith("database.") and not refused):
        return HTTPStatus.SERVICE_UNAVAILABLE
    if refused:
        return _REFUSED.get(error.facts.get("sqlstate", ""), HTTPStatus.INTERNAL_SERVER_ERROR)
    if code.startswith(OURS) or not isinstance(error, FlowError | RecordError):
        return HTTPStatus.INTERNAL_SERVER_ERROR
    if code.startswith(PARTNERS):
        return HTTPStatus.BAD_GATEWAY
    return HTTPStatus.NOT_FOUND if code.endswith(UNKNOWN) else HTTPStatus.UNPROCESSABLE_ENTITY


_REFUSED: Mapping[str, HTTPStatus] = {
    **dict.fromkeys(
        ("22003", "22007", "22008", "22021", "22P02", "22P05"), HTTPStatus.UNPROCESSABLE_ENTITY
    ),
    **dict.fromkeys(("23503", "23505", "23P01"), HTTPStatus.CONFLICT),
}
"""Status by SQLSTATE of database errors that a request causes (a safety net); others are 500."""


def problem(error: HubError) -> JSONResponse:
    """The error as a response, with Retry-After and WWW-Authenticate where they belong."""
    status = status_of(error)
    headers = {}
    if status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if status is HTTPStatus.TOO_MANY_REQUESTS:
        headers["Retry-After"] = error.facts["seconds"]
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = str(RETRY_SECONDS)
    return JSONResponse(
        {
            "type": f"urn:onecode:error:{error.code}",
            "status": status.value,
            "code": error.code,
            "title": say(error.code, error.facts, "zh"),
            "title_en": say(error.code, error.facts, "en"),
            "detail": cure(error.code, error.facts, "zh"),
            "detail_en": cure(error.code, error.facts, "en"),
        },
        status_code=status.value,
        headers=headers,
        media_type="application/problem+json",
    )


def add_to(app: FastAPI) -> None:
    """Make every error of this application a problem document."""

    @app.exception_handler(HubError)
    def _told(_request: Request, error: HubError) -> JSONResponse:
        return problem(error)

    @app.exception_handler(RequestValidationError)
    def _invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        why = "; ".join(
            f"{'.'.join(str(step) for step in fault['loc'])}: {fault['msg']}"
            for fault in error.errors()
        )
        return problem(FlowError("ask.invalid", why=why))

    @app.exception_handler(HTTPException)
    def _no_route(_request: Request, error: HTTPException) -> JSONResponse:
        if error.status_code == HTTPStatus.BAD_REQUEST:
            return problem(FlowError("ask.unreadable", **reason("请求不成形")))
        return problem(FlowError("ask.no_such_route"))

    @app.exception_handler(Exception)
    def _failed(_request: Request, error: Exception) -> JSONResponse:
        return problem(FlowError("hub.failed", reason=type(error).__name__))
