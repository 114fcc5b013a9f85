"""What can be wrong with the hub itself."""

from collections.abc import Mapping

from hub.texts.text import Text

RUNNING: Mapping[str, Text] = {
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
    "database.unavailable": Text(
        "中枢数据库无法使用。",
        "The hub's database cannot be used.",
        "检查 PostgreSQL 是否在运行以及 HUB_DATABASE_URL；流程会自动重试。",
        "Check that PostgreSQL runs, and HUB_DATABASE_URL; flows try again by themselves.",
    ),
    "database.refused": Text(
        "中枢数据库拒绝了一条语句（SQLSTATE {sqlstate}）。",
        "The hub's database refused a statement (SQLSTATE {sqlstate}).",
        "重试无用：查看 PostgreSQL 日志中的原因；常见的是磁盘已满或超出数据库的限制。",
        "Trying again will not help: PostgreSQL's log says why; mostly a full disk or a limit of the database.",
    ),
    "database.no_reading_roles": Text(
        "数据库用户 {user} 不能使用角色 hub_reader 和 hub_shown，读取权限无法在数据库中生效。",
        "The database user {user} may not take on the roles hub_reader and hub_shown, which confine readers.",
        "以数据库管理员执行：create role hub_reader nologin; create role hub_shown nologin; "
        "grant hub_reader, hub_shown to {user};，再执行 hub migrate。",
        "As the database's administrator: create role hub_reader nologin; create role hub_shown nologin; "
        "grant hub_reader, hub_shown to {user}; then run `hub migrate`.",
    ),
    "database.not_migrated": Text(
        "中枢数据库的结构不是当前版本。",
        "The hub's database does not have the current structure.",
        "运行 hub migrate。",
        "Run `hub migrate`.",
    ),
    "hub.failed": Text(
        "中枢自身出错。",
        "The hub failed at its own work.",
        "查看日志中的出错位置，连同运行编号报告给维护人员。",
        "See the log for the place and report it to the maintainers with the run's number.",
    ),
    "database.field_changed": Text(
        "{entity}.{field} 的类型由 {was} 改为 {now}，不能自动迁移。",
        "The type of {entity}.{field} was changed from {was} to {now}; that cannot be migrated by itself.",
        "给新类型的字段起一个新名字，或由管理员手工迁移该列。",
        "Give the field of the new type a new name, or have an administrator migrate the column by hand.",
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
