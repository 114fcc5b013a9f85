"""What can be wrong with the hub itself."""

from collections.abc import Mapping

from hub.texts.text import Text

RUNNING: Mapping[str, Text] = {
    "init.not_empty": Text(
        "目录 {folder} 中已有 {file} 等 {count} 个文件，未写入任何内容。",
        "There are {count} of its files in {folder} already, among them {file}; nothing was written.",
        "换一个空目录，或先移走这些文件。",
        "Name an empty folder, or move these files away first.",
    ),
    "settings.missing": Text(
        "缺少设置 {name}。",
        "The setting {name} is missing.",
        "在环境变量或 .run/hub.env 中设置，见 docs 中的设置表。",
        "Set it in the environment or in .run/hub.env; the docs list all settings.",
    ),
    "settings.invalid": Text(
        "设置 {name} 的值“{value}”无效。",
        "The value “{value}” of the setting {name} is not valid.",
        "按 docs 中的设置表更正后重新启动。",
        "Correct it as the docs say, then start again.",
    ),
    "settings.kept_too_short": Text(
        "设置 {name} 为 {value} 天，少于 {least} 天。",
        "The setting {name} says {value} days, which are fewer than {least}.",
        "网络日志至少留存六个月（《网络安全法》第二十一条）；改为 {least} 天或更长，空间不足时把日志目录移到大磁盘。",
        "Logs are kept for six months at least (Cybersecurity Law, article 21): set {least} days or more; where room "
        "is short, put the log folder on a larger disk.",
    ),
    "hub.failed": Text(
        "中枢自身出错。",
        "The hub failed at its own work.",
        "查看日志中的出错位置，连同运行编号报告给维护人员。",
        "See the log for the place and report it to the maintainers with the run's number.",
    ),
    "ask.value_unknown": Text(
        "{name} 没有“{value}”这个取值。",
        "{name} is never “{value}”.",
        "检查拼写。",
        "Check the spelling.",
    ),
    "ask.difference_unknown": Text(
        "没有编号为 {id} 的对账差异。",
        "There is no difference with the number {id}.",
        "用 hub differences 列出编号。",
        "`hub differences` lists the numbers.",
    ),
}
