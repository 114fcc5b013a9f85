"""What the platform takes from the hub: item results and permits, checked and answered record by
record.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sandbox.state import Record, State
from sandbox.world import World

STATUSES = {str(code) for code in range(1, 16)}
ACCEPTED, UNKNOWN_PROJECT, MISSING, BAD_DATE, BAD_CODE, REFUSED = (
    "0",
    "1001",
    "1002",
    "1003",
    "1004",
    "1999",
)


@dataclass(frozen=True, slots=True)
class Resource:
    """What a kind of record must carry, and what makes it the same record."""

    name: str
    key: str
    required: tuple[str, ...]
    times: tuple[tuple[str, str], ...]
    codes: tuple[tuple[str, frozenset[str]], ...]


ITEMS = Resource(
    name="items",
    key="spsxslbm",
    required=("xmdm", "spsxslbm", "spsxmc", "spbmmc", "blzt", "blsj"),
    times=(("blsj", "%Y-%m-%d %H:%M:%S"),),
    codes=(("blzt", frozenset(STATUSES)), ("sjyxbs", frozenset("01"))),
)
PERMITS = Resource(
    name="permits",
    key="zzbh",
    required=("xmdm", "zzbh", "zzmc", "fzjg", "fzrq"),
    times=(("fzrq", "%Y-%m-%d"), ("yxqz", "%Y-%m-%d")),
    codes=(("sjyxbs", frozenset("01")),),
)
RESOURCES = {resource.name: resource for resource in (ITEMS, PERMITS)}


def _problem(record: Record, resource: Resource, world: World) -> tuple[str, str] | None:
    for name in ("key", *resource.required):
        if record.get(name) in (None, ""):
            return MISSING, f"必填项为空：{name}"
    if world.index_of(str(record["xmdm"])) is None:
        return UNKNOWN_PROJECT, f"项目代码不存在：{record['xmdm']}"
    for name, shape in resource.times:
        if record.get(name) not in (None, "") and not _is_time(str(record[name]), shape):
            return BAD_DATE, f"日期格式不正确：{name}"
    for name, known in resource.codes:
        if record.get(name) not in (None, "") and str(record[name]) not in known:
            return BAD_CODE, f"取值不在字典内：{name}={record[name]}"
    return None


def _is_time(text: str, shape: str) -> bool:
    try:
        datetime.strptime(text, shape)  # noqa: DTZ007  only its shape is asked
    except ValueError:
        return False
    return True


class Intake:
    """Applies each record at most once per idempotency key, and keeps one record per business
    key.
    """

    def __init__(self, world: World, state: State, *, rejects: Callable[[str], bool]) -> None:
        self._world = world
        self._state = state
        self._rejects = rejects

    def take(self, record: Record, resource: Resource) -> Record:
        """Give the answer to one record: its key, a code, a message."""
        key = str(record.get("key", ""))
        if self.held(key):
            return {"key": key, "code": ACCEPTED, "message": "重复提交，此前已接收"}
        problem = _problem(record, resource, self._world)
        if self._rejects(resource.name):
            problem = REFUSED, "系统校验未通过，请联系平台管理员"
        if problem:
            return {"key": key, "code": problem[0], "message": problem[1]}
        body = {name: value for name, value in record.items() if name != "key"}
        self._state.receive(
            resource.name, str(record[resource.key]), {**body, "idempotency_key": key}
        )
        self._state.receive("keys", key, {"resource": resource.name, "record": record})
        return {"key": key, "code": ACCEPTED, "message": "接收成功"}

    def standing(self, held: Record) -> object:
        """What is held now of a record that was applied: as it was given, or as somebody here has
        changed it since.
        """
        given = dict(held["record"])  # type: ignore[call-overload] # a record of our own making
        kind = RESOURCES[str(held["resource"])]
        now = self._state.held(kind.name, str(given[kind.key])) or {}
        latest = now.pop("idempotency_key", None) == given["key"]
        return {**now, "key": given["key"]} if latest else given

    def held(self, key: str) -> Record | None:
        """Look up what was applied under an idempotency key."""
        return self._state.held("keys", key) if key else None
