"""The fire authority as a partner: what each operation does."""

from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterator
from datetime import datetime

from fastapi import FastAPI, Request
from starlette.responses import Response

from sandbox.fire import messages, soap
from sandbox.fire.records import DECIDED, records, stamp
from sandbox.forms import Form, Refusal
from sandbox.shelf import Given, Offer, Offered, Page, ShelfPartner, Traps
from sandbox.world.clock import BEIJING
from sandbox.world.records import Life

FAILED = "6"
MOST = 1000
QUERIES = {"QueryReview": "review", "QueryAcceptance": "acceptance", "QueryFiling": "filing"}
TRAPS = Traps(
    spoilt={"SQRQ": "二〇二四年", "ZJZMJ": "约三千", "SPJG": "99"}, twin={"GCMC": "（重复录入）"}
)
WORDS = {
    "missing": "缺少必填项：{}",
    "date": "日期格式错误：{}",
    "code": "项目代码不符合编码规则：{}",
    "credit_code": "统一社会信用代码校验位错误：{}",
    "operation": "数据有效标识只能为0或1：{}",
    "unknown": "未找到可作废的数据：{}",
    "unwilling": "经办人退回：{}与原件不一致",
}
PROJECT = Form(
    resource="projects",
    key="YWZJ",
    code="XMDM",
    business="XMDM",
    required=("XMDM", "XMMC", "JSDW"),
    dates={"NKGSJ": ("%Y-%m-%d",), "NJCSJ": ("%Y-%m-%d",)},
    credit_code="JSDWDM",
    operation="SJYXBS",
    valid="1",
    withdrawn="0",
)
PERMIT = Form(
    resource="permits",
    key="YWZJ",
    code="XMDM",
    business="ZMWH",
    required=("XMDM", "ZMWH", "FZHPZKGRQ"),
    dates={"FZHPZKGRQ": ("%Y-%m-%d",)},
    credit_code=None,
    operation="SJYXBS",
    valid="1",
    withdrawn="0",
)
PUSHES = {"PushProject": PROJECT, "PushPermit": PERMIT}


class Fire(ShelfPartner):
    """Fire cases in three kinds; takes projects and permits."""

    name = "fire"
    resources = ("review", "acceptance", "filing")
    forms = (PROJECT, PERMIT)

    def offers(self, life: Life, given: Given) -> Iterator[Offer]:
        for case, record in records(life, given["permits"].get(life.project.code, {})):
            yield Offer(case.kind, str(record["XFYWLSH"]), case.updated_at, record)

    def mount(self, app: FastAPI) -> None:
        @app.get("/fire")
        def describe(request: Request) -> Response:
            # The service has a path of its own, so that a fault armed for it spares the
            # description.
            address = str(request.url.replace(path="/fire/service", query=""))
            return Response(messages.wsdl(address), media_type="text/xml")

        @app.post("/fire/service")
        async def call(request: Request) -> Response:
            try:
                asked = soap.read_call(
                    await request.body(), user=self.settings.user, secret=self.settings.secret
                )
                return Response(self._answer(asked), media_type="text/xml")
            except soap.SoapError as error:
                return Response(soap.fault(error), 500, media_type="text/xml")

    def _answer(self, asked: soap.Call) -> bytes:
        if asked.operation in QUERIES:
            return soap.answer(asked.operation, self._query(QUERIES[asked.operation], asked.parts))
        if asked.operation in PUSHES:
            return soap.answer(asked.operation, self._push(PUSHES[asked.operation], asked.records))
        if asked.operation == "ListProject":
            return soap.answer(asked.operation, self._list(asked.parts))
        if asked.operation == "GetPush":
            return soap.answer(asked.operation, self._receipt(asked.parts.get("YWZJ", "")))
        raise soap.SoapError("Client", f"没有这个操作：{asked.operation}")

    def _query(self, kind: str, parts: dict[str, str]) -> list[tuple[str, str | soap.Record]]:
        token = parts.get("token", "")
        size = _size(parts.get("size", "200"))
        found = self.read(
            kind, Page(size, since=_instant(parts.get("since", "")), after=_position(token)), TRAPS
        )
        said: list[tuple[str, str | soap.Record]] = [
            ("record", _written(kind, offered)) for offered in found
        ]
        if token and self.faults.take("repeated_page", where=kind):
            return [*said, ("nextToken", token)]
        if len(found) >= size:
            last = found[size - 1]
            said.append(("nextToken", _token(last)))
        return said

    def _push(self, form: Form, taken: list[soap.Record]) -> list[tuple[str, str | soap.Record]]:
        if not taken:
            raise soap.SoapError("Client", "报文中没有record")
        return [
            ("result", _result(record.get("YWZJ", ""), self.intake.take(form, record)))
            for record in taken
        ]

    def _list(self, parts: dict[str, str]) -> list[tuple[str, str | soap.Record]]:
        """What was taken, each as it stands now; the token is how many were given before."""
        token = parts.get("token", "") or "0"
        if not token.isdecimal():
            raise soap.SoapError("Client", f"翻页标识无效：{token}")
        size, start = _size(parts.get("size", "200")), int(token)
        every = self.state.received(PROJECT.resource)
        some = every[start : start + size]
        said: list[tuple[str, str | soap.Record]] = [
            ("record", {name: str(one[name]) for name in messages.PROJECT if name in one})
            for one in some
        ]
        return [*said, ("nextToken", str(start + size))] if start + size < len(every) else said

    def _receipt(self, key: str) -> list[tuple[str, str | soap.Record]]:
        known, refusal = self.intake.receipt(key)
        return [("result", _result(key, refusal))] if known else []


def _result(key: str, refusal: Refusal | None) -> soap.Record:
    if refusal is None:
        return {"YWZJ": key, "SJSCZT": DECIDED, "SBYY": ""}
    return {"YWZJ": key, "SJSCZT": FAILED, "SBYY": WORDS[refusal.kind].format(refusal.field)}


def _written(kind: str, offered: Offered) -> soap.Record:
    """Put the fields into the order that the schema of the kind declares."""
    body = {**offered.body, "GXSJ": stamp(offered.at)}
    return {
        field: str(body[field])
        for field in messages.RECORDS[f"{kind.title()}Record"]
        if field in body
    }


def _size(text: str) -> int:
    if not (text.isdigit() and 1 <= int(text) <= MOST):
        raise soap.SoapError("Client", "size应为1至1000的整数")
    return int(text)


def _instant(text: str) -> str:
    try:
        at = datetime.fromisoformat(text) if text else None
    except ValueError as error:
        raise soap.SoapError("Client", "since不是有效的时间") from error
    if at is None:
        return ""
    return (at if at.tzinfo else at.replace(tzinfo=BEIJING)).astimezone(BEIJING).isoformat()


def _token(last: Offered) -> str:
    return urlsafe_b64encode(f"{last.at.isoformat()} {last.key}".encode()).decode()


def _position(token: str) -> tuple[str, str]:
    if not token:
        return "", ""
    try:
        at, blank, key = b64decode(token, altchars=b"-_", validate=True).decode().partition(" ")
    except ValueError:
        blank = ""
    if not blank:
        raise soap.SoapError("Client", "token无效")
    return at, key
