"""Statements of the product's own partners in any number: the input of a mapping's golden pair,
with codes, numbers, names, dates and amounts of its own in every record.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import orjson

from bench.items import credit_code
from hub.model import Json, Page, Raw
from hub.settings import HOME

SAMPLES = HOME / "tests/mappings"
CODE = "2405-520502-04-01-{:06}"
PAGE = 1_000
DAYS = 1_000
COMPANIES = 2_000


@dataclass(frozen=True)
class Statement:
    """What one flow's system says. sample: a golden pair's input below tests/mappings; changes:
    text of it -> what stands there in the record of number {n}; encoding: of the partner's bytes.
    """

    flow: str
    sample: str
    changes: Mapping[str, str]
    encoding: str = "utf-8"

    def payloads(self, records: range) -> list[bytes]:
        """One payload for each of these numbers."""
        read = (SAMPLES / self.sample).read_bytes()
        # as a connector gives it: JSON without indentation, other formats as they are
        text = (orjson.dumps(orjson.loads(read)) if self.sample.endswith(".json") else read).decode(
            self.encoding
        )
        longest = sorted(self.changes, key=len, reverse=True)
        for place, old in enumerate(longest):
            if old not in text:
                raise KeyError(self.flow, old)
            text = text.replace(old, f"\0{place}\0")
        made = []
        for number in records:
            words = _words(number)
            said = text
            for place, old in enumerate(longest):
                said = said.replace(f"\0{place}\0", self.changes[old].format_map(words))
            made.append(said.encode(self.encoding))
        return made


def _words(number: int) -> dict[str, object]:
    """What a record of this number fills in: its project, a day, an amount, a company."""
    scattered = number * 2_654_435_761 % 4_294_967_296
    day = date(2024, 1, 1) + timedelta(days=scattered % DAYS)
    return {
        "n": number,
        "next": number + 1,
        "code": CODE.format(number),
        "day": day,
        "later": day + timedelta(days=400),
        "compact": f"{day:%Y%m%d}",
        "time": f"{scattered // 3600 % 24:02}:{scattered // 60 % 60:02}:{scattered % 60:02}",
        "amount": f"{scattered % 9_000_000 / 100:.2f}",
        "credit": credit_code(number % COMPANIES),
        "company": f"贵州第{number % COMPANIES}建设投资有限公司",
    }


INVESTMENT = Statement(
    "pull.investment.project",
    "investment/project.pull/01.in.json",
    {
        '"id":217': '"id":{next}',
        "2605-520201-60-05-326058": "{code}",
        "钟山区水投农产品物流园一般工商业分布式光伏电站项目": "城区第{n}号地块建设项目",
        "2026-10-04 09:23:03": "{later} {time}",
        "2026-11-16": "{day}",
        "2029-07-24": "{later}",
        "54795.88": "{amount}",
        "3405.86": "{amount}",
        "老城片区花溪大道284号": "老城片区花溪大道{n}号",
        "贵州天健恒信实业有限公司": "{company}",
        "91520100TH249B0XBQ": "{credit}",
    },
)
APPROVAL = Statement(
    "pull.approval.project",
    "approval/project.pull/01.in.json",
    {
        '"lsh":8': '"lsh":{next}',
        "2019-140108-70-03-013941": "{code}",
        "太原尖草坪三给村城改1号地块北区": "{n}号地块",
        "2026-02-16T13:41:40": "{later}T{time}",
        "2020-08-23": "{later}",
        "2023-05-16": "{day}",
        "56628.02": "{amount}",
        "18455.16": "{amount}",
        "山西省尖草坪区城关镇解放路1号": "贵州省钟山区解放路{n}号",
        "贵州鼎盛龙腾实业有限公司": "{company}",
        "91520100J52DX6TBB4": "{credit}",
    },
)
PERMIT = Statement(
    "pull.approval.approval_document.permit",
    "approval/approval_document.permit.pull/01.in.json",
    {
        '"lsh":4': '"lsh":{next}',
        "2019-140108-70-03-013941": "{code}",
        "140108202601210000009": "5205{n:017}",
        "地字第14010820250000009号": "地字第5205{n:013}号",
        "建字第14010820250000009号": "建字第5205{n:013}号",
        "14010826SC0000009": "520526SC{n:07}",
        "ZB14010820260000008": "ZB5205{n:013}",
        "SL0000008071": "SL{n:010}",
        "太原尖草坪三给村城改1号地块北区": "城区第{n}号地块建设项目",
        "2026-01-21T16:22:53": "{day}T{time}",
        "2026-01-21T00:00:00": "{day}T00:00:00",
        "2028-10-28": "{later}",
        "56628.02": "{amount}",
        "12918.612": "{amount}",
        "贵州鼎盛龙腾实业有限公司": "{company}",
        "91520100J52DX6TBB4": "{credit}",
    },
)
ITEM = Statement(
    "pull.approval.approval_item",
    "approval/approval_item.pull/01.in.json",
    {
        '"lsh":1': '"lsh":{next}',
        "2016-000291-06-02-000163": "{code}",
        "SL0000000011": "SL{n:010}",
        "2025-12-07T09:33:54": "{day}T{time}",
    },
)
MATERIAL = Statement(
    "pull.approval.material",
    "approval/material.pull/01.in.json",
    {
        '"lsh":7': '"lsh":{next}',
        "2016-000291-06-02-000163": "{code}",
        "SL0000000041": "SL{n:010}",
        "22d673a6ca5d2202b68c0c16e9d2ba50ab8f7bb7e8ba0a3d3664a351318e322b": "{n:064x}",
        "黔规方案〔2026〕1号": "黔规方案〔2026〕{n}号",
        "2026-01-21T15:56:36": "{day}T{time}",
    },
)
REGISTRY = Statement(
    "pull.registry.property_registration",
    "registry/property_registration.pull/01.in.json",
    {
        '"bsm":41': '"bsm":{next}',
        "2020-520000-76-01-410443": "",
        '"sgxkzbh":null': '"sgxkzbh":"5205{n:017}"',
        "地字第52000020250000021号": "地字第5205{n:013}号",
        "2025110500000041": "{n:016}",
        "GB00020": "GB{n:05}",
        "第0000041号": "第{n:07}号",
        "余庆县两岔河水库工程": "城区第{n}号地块建设项目",
        "20251105140520": "20260101000000",
        "20251105": "{compact}",
        "37615.97": "{amount}",
    },
)
FIRE = Statement(
    "pull.fire.fire_acceptance.acceptance",
    "fire/fire_acceptance.acceptance.pull/01.in.xml",
    {
        "XFSL0000012081": "XFSL{n:010}",
        "2019-520122-47-01-254540": "{code}",
        "SL0000012081": "SL{n:010}",
        "息烽县永靖镇 沙石坡安置小区宅基地基础建设工程": "城区第{n}号地块建设项目",
        "贵州大成博远城市建设投资有限公司": "{company}",
        "91520100CWGK862T81": "{credit}",
        "12208.58": "{amount}",
        "40191.64": "{amount}",
        "2026-09-23": "{day}",
        "建消验字〔2026〕第0013号": "建消验字〔2026〕第{n}号",
        "2026-10-05T20:00:00+0800": "{later}T{time}+0800",
    },
)
WATER = Statement(
    "pull.water.utility_connection",
    "water/utility_connection.pull/01.in.csv",
    {
        "W202602140000121": "W{n:015}",
        "2508-520300-04-01-979090": "{code}",
        "11520300QMLL9CDGA6": "{credit}",
        "2026/06/21 13:01:07": "{later:%Y/%m/%d} {time}",
        "2026/2/14": "{day:%Y/%m/%d}",
        "7630289264": "{n:010}",
    },
    encoding="gb18030",
)


class Payloads:
    """A source that gives these payloads in pages."""

    def __init__(self, payloads: list[bytes]) -> None:
        self.payloads = payloads

    def pages(
        self,
        read: Mapping[str, Json],  # noqa: ARG002
        *,
        since: str | int | None,  # noqa: ARG002
        resume: Json,  # noqa: ARG002
    ) -> Iterator[Page]:
        count = len(self.payloads)
        for start in range(0, count, PAGE):
            some = self.payloads[start : start + PAGE]
            records = tuple(Raw(one, str(start + at)) for at, one in enumerate(some))
            last = start + PAGE >= count

            yield Page(records, read=len(records), resume=None, high=None, last=last)
