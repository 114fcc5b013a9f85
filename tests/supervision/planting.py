"""A made-up year of one approval system: its rows, and beside them the truth about each plant.

Rows are as the approval system's tables have them and reach the hub by its real flows. The truth is
written when a plant is made, from the days and minutes that were chosen for it; nothing of the hub
computes it, and nothing of the hub reads it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from random import Random

from hub.model import Json
from tests.filled import payload
from tests.supervision.workdays import at, later

NOW = at(date(2026, 11, 20), "17:30")
"""When everything is judged: the end of a Friday."""
TODAY = NOW.date()
FLOWS = {
    "project": "pull.approval.project",
    "stage": "pull.approval.stage",
    "item": "pull.approval.approval_item",
    "step": "pull.approval.approval_step",
    "procedure": "pull.approval.special_procedure",
    "document": "pull.approval.approval_document",
    "consultation": "pull.approval.consultation",
    "acceptance": "pull.approval.acceptance",
}
"""Tables in the order in which they are pulled -> the flow that pulls them."""
VOID_IS_NOT_JUDGED = {
    *("stage_overdue", "project_overdue", "long_unfinished", "long_unfinished_stage"),
    "nominal_parallel",
}
"""Indicators of what goes on or has ended with a result: a void project does neither."""
COUNTIES = (
    ("520302", "红花岗区"),
    ("520303", "汇川区"),
    ("522601", "凯里市"),
    ("520102", "南明区"),
)
OFFICES = {"housing": "住房和城乡建设局", "land": "自然资源局", "environment": "生态环境局"}
Steps = Sequence[tuple[str, datetime]]
Row = dict[str, Json]


@dataclass(frozen=True, slots=True)
class Truth:
    """What is to be said of a subject. outcome: a level, clear (judged, and nothing found), counted,
    none (not among those judged), not_judged:FACT, excluded:NAME. unit: whose, None: nobody's.
    """

    indicator: str
    subject: str
    outcome: str
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Project:
    """A planted project. excluded: why nothing in it counts, "" for no reason."""

    code: str
    county: str
    name: str
    excluded: str = ""

    def unit(self, office: str = "housing") -> tuple[str, str]:
        """(id, name) of an office of its county."""
        return f"{office}_{self.county}", f"{self.name}{OFFICES[office]}"


@dataclass
class World:
    """Rows by table, and the truth. named: projects that a person has named as special works."""

    seed: int
    rows: dict[str, list[Row]] = field(default_factory=lambda: {table: [] for table in FLOWS})
    truth: list[Truth] = field(default_factory=list)
    named: list[str] = field(default_factory=list)
    count: int = 0

    def __post_init__(self) -> None:
        self.random = Random(self.seed)  # noqa: S311 -- seeded on purpose

    def number(self) -> str:
        self.count += 1
        return f"{self.seed:05}{self.count:05}"

    def project(
        self, excluded: str = "", *, place: tuple[str, str] | None = None, **changes: Json
    ) -> Project:
        """A project of its own: private investment (cap of 65 days) unless it says otherwise."""
        county, name = place or self.random.choice(COUNTIES)
        serial = self.number()
        code = f"2601-{county}-{serial[:2]}-{serial[2:4]}-{serial[4:]}"
        row = payload("pull.approval.project")
        row |= {"xmdm": code, "gcdm": f"{code}-001", "xmmc": f"{name}某项目{serial}"}
        row |= {"jsddxzqh": county, "splclx": 3, "xmsfwqbj": 0, "xmwqbjsj": None}
        self._add("project", at(date(2025, 12, 1), "09:00"), row | changes)
        return Project(code, county, name, excluded)

    def stage(self, project: Project, ordinal: str, begun: datetime, **changes: Json) -> str:
        number = f"{project.code}-001-S{self.number()}"
        row = payload("pull.approval.stage")
        row |= {"blspslbm": number, "gcdm": f"{project.code}-001", "dybzspjdxh": ordinal}
        row |= {"spjdxh": int(ordinal), "spjdsx": None, "sqsj": _text(begun), "bjsj": None}
        row |= {"qtbmmc": project.unit()[1], "splcbm": None, "splcbbh": None}
        self._add("stage", begun, row | changes)
        return number

    def item(
        self, project: Project, steps: Steps, *, office: str = "housing", **changes: Json
    ) -> str:
        """An item with its steps, entered when they happened; a document on the day it was passed."""
        number = f"SL{self.number()}"
        row = payload("pull.approval.approval_item")
        row |= {"spsxslbm": number, "gcdm": f"{project.code}-001", "blspslbm": None}
        row |= {"dybzspsxbm": "0120001", "spbmmc": project.unit(office)[1], "spbmbm": None}
        row |= {"sxblsx": 20, "cnbjsx": None, "fdbjsx": None, "bjlx": "承诺件", "slfs": 4}
        row |= {"sxgzcnzspqk": "0", "gxsj": _text(steps[0][1])}
        self._add("item", steps[0][1], row | changes)
        for status, moment in steps:
            self.step(project, number, status, moment)
        return number

    def step(
        self,
        project: Project,
        number: str,
        status: str,
        moment: datetime,
        *,
        entered: datetime | None = None,
    ) -> None:
        row = payload("pull.approval.approval_step")
        row |= {"spsxslbm": number, "gcdm": f"{project.code}-001", "blzt": int(status)}
        row |= {"blsj": _text(moment), "gxsj": _text(entered or moment)}
        self._add("step", entered or moment, row)

    def procedure(
        self, project: Project, number: str, begun: datetime, days: int | None, **changes: Json
    ) -> None:
        row = payload("pull.approval.special_procedure")
        row |= {"spsxslbm": number, "gcdm": f"{project.code}-001", "tbcx": 7}
        row |= {"tbcxkssj": _text(begun), "tbcxsx": days, "tbcxsxlx": 1}
        self._add("procedure", begun, row | changes)

    def document(self, project: Project, number: str, issued: date, **changes: Json) -> str:
        paper = f"某字第{self.number()}号"
        row = payload("pull.approval.approval_document")
        row |= {"spsxslbm": number, "gcdm": f"{project.code}-001", "zzbh": paper, "pfwh": paper}
        row |= {"fzjg": project.unit()[1], "fzjgdm": None, "pfwjzl": "99", "zzbs": None}
        row |= {"pfrq": f"{issued}T00:00:00", "pfwjyxqx": None}
        self._add("document", at(issued, "17:30"), row | changes)
        return paper

    def consultation(
        self, project: Project, item: str, asked: datetime | None, answered: datetime | None
    ) -> str:
        row = payload("pull.approval.consultation")
        row |= {"spsxslbm": item, "gcdm": f"{project.code}-001", "bldwdm": f"D{self.number()}"}
        row |= {"bldwmc": project.unit("environment")[1], "zqsj": _text(asked)}
        row |= {"fksj": _text(answered)}
        self._add("consultation", answered or asked or NOW, row)
        return item

    def acceptance(
        self, project: Project, accepted: datetime | None, over: datetime | None, **changes: Json
    ) -> str:
        number = f"YS{self.number()}"
        row = payload("pull.approval.acceptance")
        row |= {"ysbh": number, "gcdm": f"{project.code}-001", "qtbmmc": project.unit()[1]}
        row |= {"qtbmbm": None, "slsj": _text(accepted), "jlsj": _text(over), "yslc": 1}
        row |= {"sqsj": _text(accepted or over), "ysjl": "通过" if over else None}
        self._add("acceptance", over or accepted or NOW, row | changes)
        return number

    def expect(
        self, project: Project, indicator: str, subject: str, outcome: str, unit: str | None = ""
    ) -> None:
        """Write down what is true; unit "": that of the project's housing office."""
        if project.excluded == "void_project" and indicator in VOID_IS_NOT_JUDGED:
            outcome = "none"
        elif project.excluded and outcome != "none" and not outcome.startswith("excluded:"):
            outcome = f"excluded:{project.excluded}"
        whose = project.unit()[0] if unit == "" else unit
        self.truth.append(Truth(indicator, subject, outcome, whose))

    def day(self, first: str = "2026-01-05", last: str = "2026-08-28") -> date:
        """A working day between two days."""
        begin, end = date.fromisoformat(first), date.fromisoformat(last)
        return later(date.fromordinal(self.random.randint(begin.toordinal(), end.toordinal())), 1)

    def time(self, day: date) -> datetime:
        """A moment within the working time of a day, an hour before its end or earlier."""
        hour = self.random.choice((9, 10, 11, 14, 15))
        return at(day, f"{hour:02}:{self.random.randint(0, 59):02}")

    def _add(self, table: str, moment: datetime, row: Row) -> None:
        about: Row = {"lsh": len(self.rows[table]) + 1, "sjyxbs": 1}
        if "gxsj" not in row or table not in {"item", "step"}:
            about["gxsj"] = _text(moment)
        self.rows[table].append(row | about | ({"sjyxbs": 0} if row.get("sjyxbs") == 0 else {}))


def _text(moment: datetime | None) -> str | None:
    return moment.replace(tzinfo=None).isoformat() if moment is not None else None


def handled(world: World, begun: date, end: tuple[str, datetime]) -> list[tuple[str, datetime]]:
    """The steps of an ordinary item: received and accepted on a day, ended so."""
    moment = world.time(begun)
    return [("1", moment), ("3", moment), end]


def passed(world: World, project: Project, begun: date, over: datetime, **changes: Json) -> str:
    """An ordinary item with its document, accepted on a day and passed at a moment."""
    number = world.item(project, handled(world, begun, ("11", over)), **changes)
    world.document(project, number, over.date())
    return number
