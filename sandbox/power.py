"""The power company: REST and JSON, with a token that expires."""

import hmac
import secrets
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, FastAPI, Header, Query, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.responses import JSONResponse

from sandbox.faults import FAULTS
from sandbox.forms import Form, Refusal
from sandbox.partner import Settings
from sandbox.shelf import Given, Offer, Page, ShelfPartner, Traps
from sandbox.state import Record
from sandbox.world.clock import BEIJING
from sandbox.world.records import Connection, Life

TOKEN_SECONDS = 120
MOST = 1000
OK, BAD_LOGIN, BAD_TOKEN, BAD_REQUEST, NOT_FOUND = "0000", "4010", "4011", "4000", "4040"
UNAUTHORISED = 401
# What the step of a connection is called here: survey and works have no number and stay "accepted".
STATES = {1: "1", 3: "3", 5: "4", 6: "6", 7: "3", 8: "3", 9: "3", 11: "11"}
TRAPS = Traps(
    spoilt={"contractCap": "约三百千伏安", "appTime": "20241345996100"},
    twin={"consName": "（重复录入）"},
)
WORDS = {
    "missing": ("9001", "必填字段为空：{}"),
    "date": ("9002", "日期格式错误：{}"),
    "code": ("9003", "项目代码不符合编码规则：{}"),
    "unknown": ("9004", "没有可撤销的数据：{}"),
    "operation": ("9005", "操作类型不支持：{}"),
    "credit_code": ("9006", "统一社会信用代码校验位错误：{}"),
    "unwilling": ("9999", "供电所退回：资料与现场不符（{}）"),
}
NEED = Form(
    resource="needs",
    key="serialNo",
    code="projectNo",
    business="projectNo",
    required=("projectNo", "proName", "consName"),
    dates={"reqDate": ("%Y%m%d",)},
    credit_code="creditCode",
    operation="operateType",
    valid="01",
    withdrawn="05",
)
PERMIT = Form(
    resource="permits",
    key="serialNo",
    code="projectNo",
    business="permitNo",
    required=("projectNo", "permitNo", "issueDate"),
    dates={"issueDate": ("%Y%m%d",)},
    credit_code=None,
    operation="operateType",
    valid="01",
    withdrawn="05",
)


class Login(BaseModel):
    """Who asks for a token."""

    clientId: str  # noqa: N815  the partner's own field name
    clientSecret: str  # noqa: N815  likewise


class Batch(BaseModel):
    """The envelope of what is delivered."""

    serviceCode: str  # noqa: N815  likewise
    source: str
    target: str
    data: list[Record]


class RefusedError(Exception):
    """The call as a whole is refused."""

    def __init__(self, code: str, msg: str, *, status: int = 200) -> None:
        super().__init__(code)
        self.answer = JSONResponse({"code": code, "msg": msg, "data": None}, status)


class Tokens:
    """The tokens that are out, and until when each is good."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def issue(self) -> str:
        token = secrets.token_hex(16)
        self._until[token] = time.monotonic() + TOKEN_SECONDS
        return token

    def good(self, token: str) -> bool:
        return self._until.get(token, 0.0) > time.monotonic()

    def expire(self) -> None:
        self._until.clear()


class Power(ShelfPartner):
    """Applications for power, read by page number."""

    name = "power"
    resources = ("applications",)
    forms = (NEED, PERMIT)
    faults_known = frozenset({*FAULTS, "expired_token"})

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._tokens = Tokens()

    def offers(self, life: Life, given: Given) -> Iterator[Offer]:
        for connection in life.connections:
            if connection.utility == self.name:
                yield Offer(
                    "applications",
                    connection.number,
                    connection.updated_at,
                    _body(life, connection, given),
                )

    def mount(self, app: FastAPI) -> None:
        routes = APIRouter(prefix="/api")
        routes.add_api_route("/token", self._token, methods=["POST"])
        routes.add_api_route("/applications", self._applications, methods=["GET"])
        routes.add_api_route("/needs", self._needs, methods=["POST"])
        routes.add_api_route("/permits", self._permits, methods=["POST"])
        routes.add_api_route("/receipts/{serial_no}", self._receipt, methods=["GET"])
        app.include_router(routes)

        @app.exception_handler(RefusedError)
        async def refused(_: Request, error: RefusedError) -> JSONResponse:
            return error.answer

        @app.exception_handler(RequestValidationError)
        async def unreadable(_: Request, error: RequestValidationError) -> JSONResponse:
            return RefusedError(BAD_REQUEST, f"请求参数错误：{error.errors()[0]['loc'][-1]}").answer

    def _token(self, login: Login) -> Record:
        known = hmac.compare_digest(login.clientId.encode(), self.settings.user.encode())
        if not (
            hmac.compare_digest(login.clientSecret.encode(), self.settings.secret.encode())
            and known
        ):
            raise RefusedError(BAD_LOGIN, "客户端标识或密钥错误", status=UNAUTHORISED)
        return _answer({"accessToken": self._tokens.issue(), "expiresIn": TOKEN_SECONDS})

    def _admit(self, authorization: str, resource: str) -> None:
        if self.faults.take("expired_token", where=resource):
            self._tokens.expire()
        if not self._tokens.good(authorization.removeprefix("Bearer ")):
            raise RefusedError(BAD_TOKEN, "令牌无效或已过期", status=UNAUTHORISED)

    def _applications(
        self,
        since: str | None = None,
        page: Annotated[int, Query(ge=1)] = 1,
        size: Annotated[int, Query(ge=1, le=MOST)] = 200,
        authorization: Annotated[str, Header()] = "",
    ) -> Record:
        self._admit(authorization, "applications")
        if page > 1 and self.faults.take("repeated_page", where="applications"):
            page -= 1
        start = _instant(since) if since else ""
        records = self.read("applications", Page(size, since=start, skip=(page - 1) * size), TRAPS)
        total = self.shelf.count("applications", since=start)
        return _answer(
            {
                "total": total,
                "page": page,
                "pages": -(-total // size),
                "list": [
                    {**record.body, "updateTime": f"{record.at:%Y-%m-%d %H:%M:%S}"}
                    for record in records
                ],
            }
        )

    def _needs(self, batch: Batch, authorization: Annotated[str, Header()] = "") -> Record:
        self._admit(authorization, "needs")
        return self._take(NEED, batch.data)

    def _permits(self, batch: Batch, authorization: Annotated[str, Header()] = "") -> Record:
        self._admit(authorization, "permits")
        return self._take(PERMIT, batch.data)

    def _take(self, form: Form, records: list[Record]) -> Record:
        taken = (
            (str(record.get("serialNo") or ""), self.intake.take(form, record))
            for record in records
        )
        return _answer([_verdict(serial, refusal) for serial, refusal in taken])

    def _receipt(self, serial_no: str, authorization: Annotated[str, Header()] = "") -> Record:
        self._admit(authorization, "receipts")
        known, refusal = self.intake.receipt(serial_no)
        if not known:
            raise RefusedError(NOT_FOUND, f"未收到流水号：{serial_no}")
        return _answer(_verdict(serial_no, refusal))


def _body(life: Life, connection: Connection, given: Given) -> Record:
    project = life.project
    return {
        "appNo": connection.number,
        "projectNo": project.code,
        "proName": project.name,
        "consName": project.owner.name,
        "creditCode": project.owner.uscc,
        "elecAddr": project.address,
        "contractCap": float(connection.need),
        "outsideLine": connection.outside_line,
        "sendElectType": STATES[connection.status],
        "appTime": f"{connection.steps[0][1]:%Y%m%d%H%M%S}",
        "surveyDate": connection.surveyed_on.isoformat() if connection.surveyed_on else None,
        "sendDate": connection.connected_on.isoformat() if connection.connected_on else None,
        "consNo": connection.account,
        "linkMan": connection.contact,
        "mobile": connection.phone,
        "permitNo": given["permits"].get(project.code, {}).get("permitNo"),
        "serialNo": given["needs"].get(project.code, {}).get("serialNo"),
        "validFlag": "0" if project.withdrawn else "1",
    }


def _answer(data: object) -> Record:
    return {"code": OK, "msg": "成功", "data": data}


def _verdict(serial: str, refusal: Refusal | None) -> Record:
    code, text = WORDS[refusal.kind] if refusal else (OK, "成功")
    return {"serialNo": serial, "code": code, "msg": text.format(refusal.field if refusal else "")}


def _instant(text: str) -> str:
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING).isoformat()
    except ValueError as error:
        raise RefusedError(BAD_REQUEST, "请求参数错误：since") from error


PARTNER = Power
