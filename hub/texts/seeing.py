"""How much of what a target holds a comparison can see, in words."""

from collections.abc import Mapping

UNSEEN: Mapping[str, tuple[str, str]] = {
    "known": (
        "对方只能按编号查询，不能列出所持有的记录：对方多出的记录无法发现",
        "can be asked for known keys only, and not be listed: what it holds beyond ours is not seen",
    ),
    "nothing": (
        "对方不能告知所持有的记录：没有比对",
        "cannot say what it holds: nothing was compared",
    ),
}
