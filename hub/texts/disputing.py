"""What can stand in the way of a dispute about a value, and of a person's decision about one."""

from collections.abc import Mapping

from hub.texts.text import Text

DISPUTING: Mapping[str, Text] = {
    "dispute.nothing_there": Text(
        "{record} 的字段 {field} 目前没有值，无从校核。",
        "The field {field} of {record} has no value today that could be wrong.",
        "缺少的值请向来源系统的单位提出。",
        "Ask the unit of the source system for a value that is missing.",
    ),
    "dispute.unfounded": Text(
        "请写明理由。",
        "Say why.",
        "提出校核、拒绝校核都要写明理由。",
        "Whoever disputes a value, or refuses a dispute, gives a reason.",
    ),
    "dispute.open_already": Text(
        "{record} 的字段 {field} 的这个值已在校核中。",
        "This value of the field {field} of {record} is disputed already.",
        "在数据校核列表中查看进展（hub disputes）。",
        "See how far it is: `hub disputes`.",
    ),
    "dispute.not_yours": Text(
        "数据校核 {id} 不由本账号的单位处理（来源系统 {system}）。",
        "The dispute {id} is not for this account's unit (source system {system}).",
        "答复由来源系统的单位或数据管理员作出，撤回由提出单位作出。",
        "The unit of the source system answers, or an administrator; the unit that opened it takes it back.",
    ),
    "dispute.answered": Text(
        "数据校核 {id} 已经答复或结束。",
        "The dispute {id} has been answered or closed already.",
        "刷新后查看结果。",
        "Look at it again.",
    ),
    "decide.unfounded": Text(
        "裁定须有经办人和理由。",
        "A decision wants a name and a reason.",
        "补上 --by 和 --reason。",
        "Give --by and --reason.",
    ),
    "decide.identity": Text(
        "字段 {field} 决定 {entity} 记录的身份，不能裁定。",
        "The field {field} says which record of {entity} this is; nobody can settle it.",
        "项目归属用 hub link 判定；主键有误由来源更正。",
        "`hub link` decides whose record it is; a wrong key is corrected at the source.",
    ),
    "decide.masked": Text(
        "字段“{field}”对您遮蔽，不能裁定：各来源是否与之一致会透露其值。",
        "The field {field} is masked for you, so you cannot settle it: whether sources agree would tell what it says.",
        "由获得该实体个人信息（personal）授权的管理员裁定，或申请该授权。",
        "Let an administrator with a grant of the entity's personal fields settle it, or apply for one.",
    ),
    "decide.invalid": Text(
        "{entity} 的字段 {field} 不能取这个值：{why}。",
        "The field {field} of {entity} cannot have this value: {why}.",
        "取值要求见 schemas/{entity}.json；代码字段填代码。",
        "What it may be stands in schemas/{entity}.json; a coded field takes the code.",
    ),
    "decide.none": Text(
        "{record} 的字段 {field} 没有裁定。",
        "Nothing is decided about the field {field} of {record}.",
        "用 hub decisions 列出裁定。",
        "`hub decisions` lists what is.",
    ),
}
