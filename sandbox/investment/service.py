"""The platform's HTTP service."""

import json
import math
from collections.abc import Mapping
from datetime import datetime

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from sandbox.investment.catalogue import Catalogue, Page, parse_time
from sandbox.investment.intake import RESOURCES, Intake, Resource
from sandbox.investment.signing import Bucket, Gate, Refused, Signed
from sandbox.partner import Partner, Settings, UnknownRecordError
from sandbox.spelling import seconds
from sandbox.state import Record
from sandbox.world.clock import BEIJING, time_of_edit

CALLS_A_SECOND, CALLS_AT_ONCE = 50, 100
LARGEST_PAGE, LARGEST_SHORT_PAGE, LARGEST_BATCH = 1_000, 10_000, 500
KEY = {"projects": "xmdm", "project-results": "DEAL_CODE"}
EQUAL_REACH = 5


class BadRequestError(ValueError):
    """The caller's parameters make no sense."""


def answer(
    data: object, *, code: int = 200, message: str = "成功", status: int = 200
) -> JSONResponse:
    return JSONResponse({"code": code, "message": message, "data": data}, status_code=status)


class Investment(Partner):
    """投资项目在线审批监管平台."""

    name = "investment"

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._gate = Gate(app_key=settings.user, secret=settings.secret)
        self._bucket = Bucket(rate=CALLS_A_SECOND, burst=CALLS_AT_ONCE)
        self._intake = Intake(
            self.world,
            self.state,
            rejects=lambda where: self.faults.take("rejected_push", where=where),
        )
        self._catalogues: dict[str, Catalogue] = {}
        self._last_page: dict[str, Page] = {}

    def catalogue(self, resource: str) -> Catalogue:
        """Give a resource as it stands; built anew after a tick or a correction."""
        if resource not in self._catalogues:
            self._catalogues[resource] = Catalogue(
                self.world, self.state, resource=resource, tick=self.tick
            )
        return self._catalogues[resource]

    async def start(self) -> None:
        self.catalogue("projects")

    def move_to(self, tick: int) -> None:
        super().move_to(tick)
        self._catalogues.clear()

    def shared(self) -> dict[str, int]:
        return {resource: len(self.catalogue(resource)) for resource in KEY}

    def edit(self, resource: str, key: str, changes: Mapping[str, object]) -> None:
        if resource in RESOURCES and self.state.amend(resource, key, dict(changes)):
            return
        index = self.catalogue(resource).find(key) if resource in KEY else None
        if index is None:
            raise UnknownRecordError(resource, key)
        at = seconds(time_of_edit(self.tick, ordinal=self.state.edit_count()))
        self._change(resource, [index], changes, at=at)

    def _change(
        self, resource: str, indexes: list[int], changes: Mapping[str, object], *, at: str
    ) -> None:
        """Correct records at the source, all at the same instant."""
        stamp = "gxsj" if resource == "projects" else "EXCHANGE_TIME"
        for index in indexes:
            self.state.edit(resource, str(index), at=at, changes={**changes, stamp: at})
        self._catalogues.pop(resource, None)

    def mount(self, app: FastAPI) -> None:
        @app.exception_handler(Refused)
        def refused(_: Request, error: Exception) -> JSONResponse:
            return answer(None, code=401, message=str(error), status=401)

        @app.exception_handler(BadRequestError)
        def bad_request(_: Request, error: Exception) -> JSONResponse:
            return answer(None, code=400, message=str(error))

        @app.get("/api/{resource}")
        async def pages(request: Request, resource: str) -> JSONResponse:
            return await self._admit(request) or self._page(resource, request.query_params)

        @app.post("/api/{resource}/batch")
        async def batch(request: Request, resource: str) -> JSONResponse:
            return await self._admit(request) or self._batch(resource, await request.body())

        @app.get("/api/{resource}/{key}")
        async def look_up(request: Request, resource: str, key: str) -> JSONResponse:
            return await self._admit(request) or self._look_up(resource, key)

    async def _admit(self, request: Request) -> JSONResponse | None:
        """Check the signature; give an answer only to a caller that is too fast."""
        path, query = request.scope["raw_path"].decode(), request.scope["query_string"].decode()
        signed = Signed(request.method, path, query, await request.body())
        self._gate.check(request.headers, signed)
        wait = self._bucket.wait()
        if not wait:
            return None
        busy = answer(None, code=429, message="请求过于频繁，请稍后再试", status=429)
        busy.headers["Retry-After"] = str(math.ceil(wait))
        return busy

    def _page(self, resource: str, asked: Mapping[str, str]) -> JSONResponse:
        if resource not in KEY:
            return answer(None, code=404, message=f"资源不存在：{resource}", status=404)
        try:
            since = parse_time(asked["since"]) if asked.get("since") else 0
            after = int(asked["cursor"]) if asked.get("cursor") else -1
            size = int(asked.get("size", "100"))
        except ValueError as error:
            raise BadRequestError("参数格式不正确") from error
        fields = asked["fields"].split(",") if asked.get("fields") else []
        most = LARGEST_SHORT_PAGE if fields else LARGEST_PAGE
        if not 1 <= size <= most:
            raise BadRequestError(f"每页记录数应在1至{most}之间")
        if asked.get("id"):
            return self._single(resource, asked["id"])
        if self.faults.take("repeated_page", where=resource) and resource in self._last_page:
            page = self._last_page[resource]
        else:
            page = self._read(resource, since=since, after=after, size=size)
        self._last_page[resource] = page
        records = self._spoilt(resource, page.records)
        if fields:
            records = [{name: record.get(name) for name in fields} for record in records]
        return answer({"list": records, "next": page.next, "total": page.total})

    def _single(self, resource: str, key: str) -> JSONResponse:
        """The list of one record by its own number, or of none."""
        index = self.catalogue(resource).find(key) if key.isascii() and key.isdigit() else None
        records = [] if index is None else [self.catalogue(resource).record(index)]
        return answer({"list": records, "next": None, "total": len(records)})

    def _read(self, resource: str, *, since: int, after: int, size: int) -> Page:
        page = self.catalogue(resource).page(since=since, after=after, size=size)
        if page.next and self.faults.take("equal_cursor", where=resource):
            edge = self.catalogue(resource).indexes_around(int(page.next), reach=EQUAL_REACH)
            self._change(resource, edge, {}, at=self.catalogue(resource).time_of(edge[-1]))
            page = self.catalogue(resource).page(since=since, after=after, size=size)
        now = f"{datetime.now(BEIJING):%Y-%m-%d %H:%M:%S}"
        return Page(
            [{**record, "fetch_time": now} for record in page.records], page.next, page.total
        )

    def _spoilt(self, resource: str, records: list[Record]) -> list[Record]:
        """Let the faults of single records strike: always the first of a page."""
        if records and self.faults.take("malformed_record", where=resource):
            bad = (
                {"ztze": "约3.5亿元", "nkgsj": "待定"}
                if resource == "projects"
                else {"REAL_FINISH_TIME": "待定"}
            )
            records = [{**records[0], **bad}, *records[1:]]
        if records and self.faults.take("duplicate_key", where=resource):
            name = "xmmc" if resource == "projects" else "APPLY_PROJECT_NAME"
            records = [
                records[0],
                {**records[0], name: f"{records[0][name]}（重复）"},
                *records[1:],
            ]
        return records

    def _batch(self, resource: str, body: bytes) -> JSONResponse:
        kind = self._receiving(resource)
        try:
            records = json.loads(body)["records"]
            if not all(isinstance(record, dict) for record in records):
                raise BadRequestError("报文格式不正确")
        except (ValueError, TypeError, KeyError) as error:
            raise BadRequestError("报文格式不正确") from error
        if len(records) > LARGEST_BATCH:
            raise BadRequestError(f"单次不得超过{LARGEST_BATCH}条")
        return answer([self._intake.take(record, kind) for record in records])

    def _look_up(self, resource: str, key: str) -> JSONResponse:
        self._receiving(resource)
        held = self._intake.held(key)
        if held is None or held["resource"] != resource:
            return answer(None, code=404, message="未找到该记录")
        return answer(self._intake.standing(held))

    def _receiving(self, resource: str) -> Resource:
        if resource not in RESOURCES:
            raise BadRequestError(f"资源不存在：{resource}")
        return RESOURCES[resource]
