"""The workload: approval items of 30 fields, about 730 bytes of JSON, Chinese text, dates as each
office writes them.

A record is a pure function of its number and version, so that every contender is given the same
bytes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import orjson
from stdnum.cn import uscc

Item = dict[str, int | float | str]

FIELDS = 30
ITEMS_A_PROJECT = 20
CHANGED = 100
"""One record in so many is changed in the case `changed`."""

DISTRICTS = (
    "七星关区",
    "经济开发区",
    "金海湖新区",
    "百里杜鹃管理区",
    "大方县",
    "织金县",
    "纳雍县",
    "威宁县",
)
OFFICES = (
    "自然资源和规划局",
    "发展和改革局",
    "住房和城乡建设局",
    "生态环境局",
    "水务局",
    "应急管理局",
    "人民防空办公室",
)
ITEMS = (
    "建设工程规划许可证核发",
    "建筑工程施工许可证核发",
    "建设用地规划许可证核发",
    "生产建设项目水土保持方案审批",
    "建设工程消防设计审查",
    "应建防空地下室的民用建筑项目报建审批",
)
SURNAMES, GIVEN = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨", "伟芳娜敏静丽强磊军洋勇艳杰涛明超秀霞平刚"
UNITS = ("建设投资有限公司", "房地产开发有限公司", "交通投资集团有限公司", "城镇建设有限责任公司")
OPINIONS = (
    "经审查，符合相关技术规范要求，同意办理。",
    "材料齐全，符合法定形式，准予许可。",
    "经现场踏勘，原则同意该方案。",
)
STANDARD = ("0070001", "0070002", "0060001", "0060002")
CHANNELS, STATUSES = (1, 4, 4, 4), (11, 11, 3, 8, 12)
BODY = "0123456789ABCDEFGHJKLMNPQRTUWXY"
AGAIN = "_again"
"""Ends the names of columns and fields that repeat another, where a record has more than 30."""

_credit_codes: dict[int, str] = {}


def project_code(number: int) -> str:
    """The code of one project."""
    return f"2405-520502-04-01-{100_000 + number}"


def credit_code(number: int) -> str:
    """A valid unified social credit code."""
    if number not in _credit_codes:
        body = f"91520502MA{number:06d}" + BODY[number % len(BODY)]
        _credit_codes[number] = body + uscc.calc_check_digit(body)
    return _credit_codes[number]


def _digits(number: int) -> int:
    """Scatter a number, so that neighbours differ."""
    return number * 2_654_435_761 % 4_294_967_296


@dataclass(frozen=True)
class Work:
    """How much there is. columns: what the source's records hold; all when empty."""

    records: int
    projects: int
    columns: tuple[str, ...] = ()

    def item(self, number: int, *, version: int = 0, serial: int | None = None) -> Item:
        """One record as its owner keeps it. serial: the cursor, which grows with every change."""
        record = _item(number, serial=serial or number + 1, version=version, projects=self.projects)
        return (
            {name: record[name.removesuffix(AGAIN)] for name in self.columns}
            if self.columns
            else record
        )

    def first(self) -> Iterator[Item]:
        """All records before the change, in the order of the cursor."""
        return (self.item(number) for number in range(self.records))

    def moving(self) -> range:
        """The numbers of the records that change."""
        return range(0, self.records, CHANGED)

    def moved(self) -> Iterator[Item]:
        """They, after the change: at the end of the cursor."""
        return (
            self.item(number, version=1, serial=self.records + 1 + place)
            for place, number in enumerate(self.moving())
        )


def work(records: int, *, projects: int = 0, columns: tuple[str, ...] = ()) -> Work:
    """So many records on so many projects, by default one for twenty."""
    return Work(records, projects or max(1, records // ITEMS_A_PROJECT), columns)


def _item(number: int, *, serial: int, version: int, projects: int) -> Item:
    chance = _digits(number)
    year, month, day = 2023 + chance % 3, 1 + chance // 7 % 12, 1 + chance // 91 % 28
    hour, minute, second = chance // 13 % 24, chance // 17 % 60, chance // 19 % 60
    district, office = DISTRICTS[chance % 8], OFFICES[chance // 8 % 7]
    kind, company = chance // 56 % 6, chance % 3_000
    engineering = f"{project_code(number % projects)}-{1 + number // projects % 3:03}"
    return {
        "lsh": serial,
        "gcdm": engineering,
        "spsxslbm": f"SL{number:010}",
        "spsxbm": f"115205020090{kind:04}3011{kind:07}",
        "spsxbbh": "1.0",
        "dybzspsxbm": STANDARD[kind % 4],
        "spsxmc": ITEMS[kind],
        "splcbm": f"520502SPLC{kind:02}",
        "splcbbh": 1,
        "blspslbm": f"BL{number // 3:010}",
        "spbmmc": district + office,
        "spbmbm": credit_code(chance // 8 % 56 + 5_000),
        "slfs": CHANNELS[chance % 4],
        "gkfs": chance % 2,
        "sxblsx": 5 + kind * 3,
        "ywqx": "新建",
        "sxgzcnzspqk": str(chance // 3 % 2),
        "blzt": STATUSES[(chance // 5 + version) % 5],
        "blsj": f"{year}-{month:02}-{day:02} {hour:02}:{minute:02}:{(second + version) % 60:02}",
        "blyj": OPINIONS[(chance // 23 + version) % 3],
        "lxr": SURNAMES[chance % 16] + GIVEN[chance // 16 % 20] + GIVEN[chance // 320 % 20],
        "lxrsjh": f"139{chance % 100_000_000:08}",
        "slrq": f"{year}/{month}/{day}",
        "cnbjrq": f"{year}年{month}月{day}日",
        "bjsj": f"{year}{month:02}{day:02}{hour:02}{minute:02}{second:02}",
        "sfje": f"{1 + chance % 9},{chance // 11 % 1000:03}.{(chance + version) % 100:02}",
        "jzmj": chance % 10_000_000 / 100,
        "xzqhdm": "520502",
        "jsdw": f"{district}{UNITS[chance // 29 % 4]}",
        "jsdwdm": credit_code(company),
    }


def project(number: int) -> Mapping[str, str | int]:
    """One project, which its items wait for."""
    return {
        "lsh": number + 1,
        "xmdm": project_code(number),
        "xmmc": f"城区第{number}号地块建设项目",
    }


def payload(record: Mapping[str, str | float]) -> bytes:
    """A record as JSON, in its owner's order: copied, for what `dumps` gives keeps its buffer of
    some 8 KB alive.
    """
    return b"%b" % orjson.dumps(record)
