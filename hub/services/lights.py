"""时限督办: clocks by their lights, for who supervises and for the units that are meant."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Annotated, Literal

from openpyxl import Workbook
from openpyxl.styles import Font
from pydantic import Field

from hub import exact
from hub.auth.context import ASKING, LOOKING_INTO, SUPERVISING, RequestContext
from hub.db.facts import lights
from hub.db.facts.lights import ClockFilter, LightCounts, LightRow
from hub.domain.times import HUB_ZONE
from hub.errors import FlowError
from hub.texts import Language, tell

__all__ = ["LightCounts"]

LightScope = Literal["project", "stage", "item", "connection"]
LightState = Literal["all", "running", "red", "yellow", "soon"]
SOON_DAYS = 3
"""Working days within which a clock that turns red is said to do so soon."""
MOST_EXPORTED = 10_000
PORTION = 500
PARTS = 200
"""Regions or units counted at most, those with most late clocks."""
COLUMNS = (
    *("项目代码", "项目名称", "建设单位", "区划", "计时对象", "编号", "办理单位", "轮到谁"),
    *("亮灯", "用时（工作日）", "时限（工作日）", "超时时刻"),
)
SCOPE_NAMES: Mapping[str, str] = {
    "project": "项目",
    "stage": "阶段",
    "item": "事项",
    "connection": "报装",
}
LIGHT_NAMES: Mapping[str, str] = {
    "red": "超时",
    "yellow": "临近时限",
    "green": "正常",
    "none": "无时限",
}
TURNS: Mapping[str, str] = {"unit": "办理单位", "applicant": "申请人", "procedure": "特殊环节"}


@dataclass(frozen=True, slots=True)
class LightsAsked:
    """Which clocks are asked for.

    state: running; red or yellow; soon: red within three working days; all: ended ones too. region:
    leading digits. department: the unit that handles the record. stage: its number. after: `next`
    of the page before.
    """

    scope: LightScope = "stage"
    state: LightState = "running"
    region: str = ""
    stage: str = ""
    flow_kind: str = ""
    department: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class LitClock:
    """A clock in the list. used, days: working days. light: none, green, yellow or red.

    units, turn: null where the reader may not see them. of: the number of a stage, the code of an
    item, else empty.
    """

    scope: str
    record_id: int
    project_code: Annotated[str, Field(examples=["2019-140108-70-03-013941"])]
    project_name: str | None
    owner_name: str | None
    region: str
    flow_kind: str | None
    number: str | None
    of: str
    units: tuple[str, ...] | None
    turn: str | None
    light: str
    stands: bool
    end_basis: str | None
    used: float
    days: float | None
    began: datetime | None
    ended: datetime | None
    due: datetime | None
    yellow_at: datetime | None
    red_at: datetime | None


@dataclass(frozen=True, slots=True)
class LightsPage:
    """A page of clocks. next: `after` of the next page, "" at the end. soon: until when 3 working
    days last.
    """

    clocks: tuple[LitClock, ...]
    next: str
    soon: datetime


def listed(context: RequestContext, asked: LightsAsked, *, most: int = 50) -> LightsPage:
    """Clocks as asked, as far as the reader may see them: late ones by when they turned red, others
    by project.

    A supervisor is shown those of his regions, a unit those of its own records.
    """
    context.require(ASKING)
    wanted = _held_to(context, asked)
    with context.hub.database.read() as tx:
        at = lights.moments(tx, days=SOON_DAYS)
        places = lights.places(tx, wanted, at, after=_place(asked.after), most=most + 1)
    following = (
        f"{places[most - 1].place}|{places[most - 1].record_id}" if most < len(places) else ""
    )
    found = {one.record_id: one for one in places[:most]}
    with context.read() as tx:
        rows = lights.at_places(tx, asked.scope, list(found))
    context.saw([row.record_id for row in rows])
    clocks = tuple(_clock(row, found[row.record_id]) for row in rows)
    return LightsPage(clocks, following, at.soon)


def by_region(context: RequestContext, scope: LightScope = "stage") -> list[LightCounts]:
    """Running clocks by county: how many are red, yellow, and red within three working days."""
    return _counts(context, LightsAsked(scope), by_unit=False)


def by_unit(
    context: RequestContext, scope: LightScope = "item", *, region: str = ""
) -> list[LightCounts]:
    """The same by the units that handle the records, in a region."""
    return _counts(context, LightsAsked(scope, region=region), by_unit=True)


def exported(context: RequestContext, asked: LightsAsked, *, lang: Language) -> bytes:
    """The list as a workbook, from its first page on."""
    book = Workbook()
    sheet = book.active
    sheet.title = tell("时限督办", lang)
    for column, title in enumerate(COLUMNS, 1):
        exact.put_text(sheet.cell(1, column), tell(title, lang))
        sheet.cell(1, column).font = Font(bold=True)
    for row, one in enumerate(_every(context, asked), 2):
        for column, text in enumerate(_cells(one, lang), 1):
            exact.put_text(sheet.cell(row, column), text)
    sheet.freeze_panes = "A2"
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def _every(context: RequestContext, asked: LightsAsked) -> Iterator[LitClock]:
    """All clocks as asked, at most MOST_EXPORTED."""
    after, left = "", MOST_EXPORTED
    while left > 0:
        page = listed(
            context,
            LightsAsked(
                asked.scope,
                asked.state,
                asked.region,
                asked.stage,
                asked.flow_kind,
                asked.department,
                after,
            ),
            most=min(PORTION, left),
        )
        yield from page.clocks
        after, left = page.next, left - PORTION
        if not after:
            return


def _counts(context: RequestContext, asked: LightsAsked, *, by_unit: bool) -> list[LightCounts]:
    context.require(SUPERVISING | LOOKING_INTO)
    wanted = _held_to(context, asked)
    with context.hub.database.read() as tx:
        at = lights.moments(tx, days=SOON_DAYS)
        return lights.counts(tx, wanted, at, by_unit=by_unit, most=PARTS)


def _held_to(context: RequestContext, asked: LightsAsked) -> ClockFilter:
    """What is asked for, held to a supervisor's regions and to the unit of any other account.

    An account without either is shown nothing.
    """
    account = context.reader.account
    whole = context.operating or account.role in LOOKING_INTO | SUPERVISING
    nobody = not whole and not account.department
    return ClockFilter(
        asked.scope,
        asked.state,
        account.regions if account.role in SUPERVISING or nobody else None,
        asked.region,
        asked.department if whole else account.department,
        asked.flow_kind,
        asked.stage,
    )


def _place(after: str) -> tuple[str, int]:
    """The place that a page begins after; FlowError (ask.invalid) for what no page has given."""
    if not after:
        return "", 0
    place, _, record = after.rpartition("|")
    if not record.isascii() or not record.isdigit() or len(record) > len("9223372036854775807") - 1:
        raise FlowError("ask.invalid", why="after")
    return place, int(record)


def _clock(row: LightRow, place: lights.ClockPlace) -> LitClock:
    return LitClock(
        row.scope,
        row.record_id,
        row.project_code,
        row.project_name,
        row.owner_name,
        place.region,
        row.flow_kind,
        row.number,
        place.of if row.scope in {"stage", "item"} else "",
        tuple(row.units) if row.units is not None else None,
        row.turn,
        row.light,
        row.stands,
        row.end_basis,
        round(row.used, 4),
        row.days,
        row.began,
        row.ended,
        row.due,
        row.yellow_at,
        row.red_at,
    )


def _cells(one: LitClock, lang: Language) -> list[str]:
    red = one.red_at.astimezone(HUB_ZONE).strftime("%Y-%m-%d %H:%M") if one.red_at else ""
    return [
        one.project_code,
        one.project_name or "",
        one.owner_name or "",
        one.region,
        tell(SCOPE_NAMES[one.scope], lang),
        one.number or "",
        tell("、", lang).join(one.units or ()),
        tell(TURNS[one.turn], lang) if one.turn else "",
        tell(LIGHT_NAMES[one.light], lang),
        f"{one.used:.1f}",
        f"{one.days:g}" if one.days is not None else "",
        red,
    ]
