"""The gas company: base64 JSON in JSON, each call signed for one minute."""

import hashlib
import hmac
import json
import time
from base64 import b64decode, b64encode
from binascii import Error as NotBase64Error
from collections.abc import Callable, Iterator
from datetime import date, datetime

from fastapi import FastAPI, Request

from sandbox.forms import MILLISECONDS, Form, Refusal
from sandbox.shelf import Given, Offer, Page, ShelfPartner, Traps
from sandbox.state import Record
from sandbox.world.clock import BEIJING
from sandbox.world.records import Connection, Life

SIGNATURE_SECONDS = 60
MOST = 1000
OK, BAD_SIGNATURE, EXPIRED, UNREADABLE, WRONG_VERSION, NOT_FOUND = (
    "0",
    "1001",
    "1002",
    "1003",
    "1004",
    "1005",
)
STATES = {1: "10", 3: "5", 5: "4", 6: "10", 7: "5", 8: "11", 9: "11", 11: "99"}
TRAPS = Traps(
    spoilt={"gasRate": "约五十方", "applyTime": "昨天"}, twin={"customerName": "（重复录入）"}
)
WORDS = {
    "missing": ("2001", "参数{}不能为空"),
    "date": ("2002", "参数{}不是毫秒时间戳"),
    "code": ("2003", "参数{}不是有效的项目代码"),
    "unknown": ("2004", "{}对应的数据不存在，无法撤回"),
    "operation": ("2005", "参数{}只能为0或1"),
    "credit_code": ("2006", "参数{}不是有效的统一社会信用代码"),
    "unwilling": ("2999", "营业厅退单，请核实{}"),
}
NEED = Form(
    resource="needs",
    key="serialId",
    code="projectCode",
    business="projectCode",
    required=("projectCode", "projectName", "customerName"),
    dates={"wantedTime": (MILLISECONDS,)},
    credit_code="creditCode",
    operation="deleted",
    valid="0",
    withdrawn="1",
)
PERMIT = Form(
    resource="permits",
    key="serialId",
    code="projectCode",
    business="permitNo",
    required=("projectCode", "permitNo", "issueTime"),
    dates={"issueTime": (MILLISECONDS,)},
    credit_code=None,
    operation="deleted",
    valid="0",
    withdrawn="1",
)


class RefusedError(Exception):
    """The call as a whole is refused."""

    def __init__(self, errcode: str, errmsg: str) -> None:
        super().__init__(errcode)
        self.answer: Record = {"errcode": errcode, "errmsg": errmsg, "response": None}


class Gas(ShelfPartner):
    """Installations, read by page number from a time on."""

    name = "gas"
    resources = ("installs",)
    forms = (NEED, PERMIT)

    def offers(self, life: Life, given: Given) -> Iterator[Offer]:
        for connection in life.connections:
            if connection.utility == self.name:
                yield Offer(
                    "installs",
                    connection.number,
                    connection.updated_at,
                    _body(life, connection, given),
                )

    def resource_at(self, path: str) -> str | None:
        calls = {
            "getInstallList": "installs",
            "saveInstall": "needs",
            "savePermit": "permits",
            "getReceipt": "receipts",
        }
        return calls.get(path.rpartition("/")[2])

    def mount(self, app: FastAPI) -> None:
        calls: dict[str, Callable[[Record], Record]] = {
            "getInstallList": self._installs,
            "saveInstall": lambda asked: self._take(NEED, asked),
            "savePermit": lambda asked: self._take(PERMIT, asked),
            "getReceipt": self._receipt,
        }

        @app.post("/com/common/{call}")
        async def answer(call: str, request: Request) -> Record:
            try:
                asked = self._open(request, await request.body())
                said = json.dumps(calls.get(call, _no_such_call)(asked), ensure_ascii=False)
            except RefusedError as error:
                return error.answer
            return {"errcode": OK, "errmsg": "ok", "response": b64encode(said.encode()).decode()}

    def _open(self, request: Request, body: bytes) -> Record:
        """Check version, signature and clock, and give what is asked."""
        if request.query_params.get("authVersion") != "v2":
            raise RefusedError(WRONG_VERSION, "authVersion不支持")
        try:
            packed = str(json.loads(body)["request"])
            asked = json.loads(b64decode(packed, validate=True))
            clock = int(request.headers.get("timestamp", "0"))
        except (ValueError, KeyError, TypeError, NotBase64Error) as error:
            raise RefusedError(UNREADABLE, "报文无法解析") from error
        signed = f"{self.settings.user}{clock}{packed}".encode()
        expected = hmac.new(self.settings.secret.encode(), signed, hashlib.sha256).hexdigest()
        right = hmac.compare_digest(request.headers.get("sign", "").encode(), expected.encode())
        if not right or request.headers.get("appId") != self.settings.user:
            raise RefusedError(BAD_SIGNATURE, "签名错误")
        if abs(time.time() - clock / 1000) > SIGNATURE_SECONDS:
            raise RefusedError(EXPIRED, "签名已过期，请检查系统时间")
        if not isinstance(asked, dict):
            raise RefusedError(UNREADABLE, "报文无法解析")
        return asked

    def _installs(self, asked: Record) -> Record:
        start, page, size = (
            asked.get("startTime"),
            asked.get("pageNo", 1),
            asked.get("pageSize", 200),
        )
        if not (isinstance(start, int | None) and isinstance(page, int) and isinstance(size, int)):
            raise RefusedError(UNREADABLE, "分页参数错误")
        if page < 1 or not 1 <= size <= MOST:
            raise RefusedError(UNREADABLE, "分页参数错误")
        if page > 1 and self.faults.take("repeated_page", where="installs"):
            page -= 1
        since = datetime.fromtimestamp(start / 1000, BEIJING).isoformat() if start else ""
        records = self.read("installs", Page(size, since=since, skip=(page - 1) * size), TRAPS)
        return {
            "total": self.shelf.count("installs", since=since),
            "pageNo": page,
            "list": [{**record.body, "updateTime": _milliseconds(record.at)} for record in records],
        }

    def _take(self, form: Form, asked: Record) -> Record:
        records = asked.get("list")
        if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
            raise RefusedError(UNREADABLE, "参数list不能为空")
        taken = (
            (str(record.get("serialId") or ""), self.intake.take(form, record))
            for record in records
        )
        return {"list": [_verdict(serial, refusal) for serial, refusal in taken]}

    def _receipt(self, asked: Record) -> Record:
        serial = str(asked.get("serialId"))
        known, refusal = self.intake.receipt(serial)
        if not known:
            raise RefusedError(NOT_FOUND, f"流水号不存在：{serial}")
        return _verdict(serial, refusal)


def _no_such_call(_: Record) -> Record:
    raise RefusedError(NOT_FOUND, "接口不存在")


def _body(life: Life, connection: Connection, given: Given) -> Record:
    project = life.project
    device = {
        "deviceName": "燃气锅炉",
        "model": "WNS",
        "normalGasRate": str(connection.need),
        "quantity": 1,
    }
    return {
        "serialId": connection.number,
        "projectCode": project.code,
        "projectName": project.name,
        "customerName": project.owner.name,
        "creditCode": project.owner.uscc,
        "address": project.address,
        "gasRate": float(connection.need),
        "deviceList": json.dumps([device], ensure_ascii=False),
        "outsideLine": "Y" if connection.outside_line else "N",
        "state": STATES[connection.status],
        "applyTime": _milliseconds(connection.steps[0][1]),
        "surveyTime": _midnight(connection.surveyed_on),
        "connectTime": _midnight(connection.connected_on),
        "consNo": connection.account,
        "linkMan": connection.contact,
        "phone": connection.phone,
        "permitNo": given["permits"].get(project.code, {}).get("permitNo"),
        "outsideSerialId": given["needs"].get(project.code, {}).get("serialId"),
        "deleted": 1 if project.withdrawn else 0,
    }


def _milliseconds(when: datetime) -> int:
    return int(when.timestamp() * 1000)


def _midnight(day: date | None) -> int | None:
    return _milliseconds(datetime(day.year, day.month, day.day, tzinfo=BEIJING)) if day else None


def _verdict(serial: str, refusal: Refusal | None) -> Record:
    code, text = WORDS[refusal.kind] if refusal else (OK, "ok")
    return {
        "serialId": serial,
        "errcode": code,
        "errmsg": text.format(refusal.field if refusal else ""),
    }


PARTNER = Gas
