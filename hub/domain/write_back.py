"""What is told back to the rows of a source: the rules of `back:`, and rights that go beyond."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, TypeAlias, cast

from hub.domain.contracts import BackRules, Contracts, System
from hub.domain.documents import mapping, texts
from hub.model import Json

Outcome: TypeAlias = Literal["taken", "waiting", "refused", "later_refused"]

OUTCOMES: tuple[Outcome, ...] = ("taken", "waiting", "refused", "later_refused")

COUNTED = ("due", "written", "overtaken", "failed")
"""The balance of a pass: the whole, then its parts."""

LONGEST = 200
"""Characters of a reason."""


def back_of(says: Mapping[str, Json], *, system: System, connector: str) -> BackRules | None:
    """The rules of a pull's `back:`; None without it."""
    said = mapping(says.get("back"))
    if not said:
        return None
    via = str(said.get("via", connector))
    options = {name: value for name, value in said.items() if name != "via"}
    state = mapping(said.get("state"))
    return BackRules(
        via,
        system.connect.get(via, {}),
        options,
        key=texts(said.get("key")),
        # checked by the connector's own schema
        states={name: cast("str | int", state[name]) for name in OUTCOMES if name in state},
        columns=written_columns(said) if "table" in said else (),
    )


def written_columns(said: Mapping[str, Json]) -> tuple[str, ...]:
    """The columns that a verdict is written into."""
    named = (mapping(said.get("state")).get("column"), said.get("reason"), said.get("at"))
    return tuple(str(name) for name in named if name)


def table_of(options: Mapping[str, Json]) -> str:
    """The table that `back:` or `write:` names, "" for none."""
    return ".".join(texts(options.get("table")))


def beyond(updatable: Iterable[str], contracts: Contracts, system: str) -> Sequence[str]:
    """What a login may update besides what this system's contracts want of it, in order.

    Wanted are the columns of every `back:`, and tables where a push updates rows in place
    (`match`). A name may be said with or without its schema.
    """
    wanted: set[str] = set()
    for flow in contracts.pulls.values():
        if flow.system.name == system and flow.back and (table := table_of(flow.back.options)):
            wanted |= {f"{table}.{column}".casefold() for column in flow.back.columns}
    whole = {
        table_of(push.write).casefold()
        for push in contracts.pushes.values()
        if push.system.name == system and push.write.get("match")
    }
    return sorted(name for name in updatable if not _is_wanted(name.casefold(), wanted, whole))


def _is_wanted(name: str, wanted: set[str], whole: set[str]) -> bool:
    table, _, column = name.rpartition(".")
    return any(
        f"{short}.{column}" in wanted or short in whole
        for short in (table, table.rpartition(".")[2])
    )
