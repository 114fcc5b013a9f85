"""What can be wrong with a contract file."""

from collections.abc import Mapping

from hub.texts.text import Text

CONTRACTS: Mapping[str, Text] = {
    "contract.invalid": Text(
        "合同文件有 {count} 处问题，第一处：{first}。",
        "The contract files have {count} problems; the first: {first}.",
        "运行 hub check 查看全部问题及处理办法。",
        "Run `hub check` for all of them with their cures.",
    ),
    "contract.unreadable": Text(
        "文件不是完整的 YAML 或 JSON：{why}。",
        "The file is not well-formed YAML or JSON: {why}.",
        "按行号检查缩进、引号和括号。",
        "Look at indentation, quotes and brackets around this line.",
    ),
    "contract.duplicate_key": Text(
        "“{key}”出现了两次。",
        "“{key}” stands here twice.",
        "删除其中一个。",
        "Remove one of them.",
    ),
    "contract.file_unexpected": Text(
        "此处不应有这个文件。",
        "No such file belongs here.",
        "文件名和位置见 docs/contracts.md。",
        "docs/contracts.md says what files are called and where they stand.",
    ),
    "contract.key_unknown": Text(
        "不认识“{key}”。",
        "“{key}” is not known here.",
        "检查拼写；可用的项见 docs/contracts.md 和连接器说明。",
        "Check the spelling; docs/contracts.md and the connector's page list what may stand here.",
    ),
    "contract.key_missing": Text(
        "缺少“{key}”。",
        "“{key}” is missing.",
        "补上该项。",
        "Add it.",
    ),
    "contract.value": Text(
        "“{place}”的值不符合要求：{why}。",
        "The value of “{place}” is not allowed: {why}.",
        "对照 docs/contracts.md 修改。",
        "Change it as docs/contracts.md says.",
    ),
    "contract.id_differs": Text(
        "$id 应为 {expected}。",
        "$id must be {expected}.",
        "改为与文件名一致。",
        "Make it agree with the file's name.",
    ),
    "contract.schema_unknown": Text(
        "没有名为“{name}”的共享结构。",
        "There is no schema called “{name}”.",
        "检查拼写，或在 schemas/ 中增加。",
        "Check the spelling or add it under schemas/.",
    ),
    "contract.form_unknown": Text(
        "没有名为“{name}”的表单。",
        "There is no form called “{name}”.",
        "检查拼写，或在 mappings/forms/ 中增加。",
        "Check the spelling or add it under mappings/forms/.",
    ),
    "contract.system_unknown": Text(
        "没有名为“{name}”的系统。",
        "There is no system called “{name}”.",
        "检查拼写，或在 mappings/{name}/ 中增加 system.yaml。",
        "Check the spelling or add mappings/{name}/system.yaml.",
    ),
    "contract.codes_unknown": Text(
        "没有名为“{name}”的代码表。",
        "There is no code list called “{name}”.",
        "检查拼写，或在 mappings/codes/ 或本系统的 codes/ 中增加。",
        "Check the spelling or add it under mappings/codes/ or the system's own codes/.",
    ),
    "contract.field_unknown": Text(
        "{entity} 没有字段“{name}”，或本文件未映射它。",
        "{entity} has no field “{name}”, or this file does not map it.",
        "检查拼写，或在共享结构、映射的 fields 中增加。",
        "Check the spelling, or add it to the schema or to `fields`.",
    ),
    "contract.timezone_unknown": Text(
        "没有名为“{name}”的时区。",
        "There is no time zone called “{name}”.",
        "用 IANA 名称，如 Asia/Shanghai。",
        "Use an IANA name such as Asia/Shanghai.",
    ),
    "contract.code_target": Text(
        "“{value}”不在共享代码表 {list} 中。",
        "“{value}” is not in the shared code list {list}.",
        "改为表中已有的代码，或把它加入 mappings/codes/{list}.yaml。",
        "Use a code of that list or add it to mappings/codes/{list}.yaml.",
    ),
    "contract.code_list_differs": Text(
        "代码表译成 {name}，而字段要求 {list}。",
        "The codes are translated to {name}, but the field asks for {list}.",
        "换用译成 {list} 的代码表，或修改字段的 x-code。",
        "Use a list that leads to {list}, or change the field's x-code.",
    ),
    "contract.not_reversible": Text(
        "代码表 {list} 不能反向转换：{codes} 各有多个写法。",
        "The code list {list} cannot be reversed: {codes} can be written in several ways.",
        "在该表的 back 中写明推送时用哪一个。",
        "Say under `back:` of that list which one to write.",
    ),
    "contract.key_unmapped": Text(
        "映射缺少 {entity} 的主键字段“{name}”。",
        "The mapping lacks “{name}”, a part of the key of {entity}.",
        "在 fields 中补上该字段。",
        "Add it to `fields`.",
    ),
    "contract.no_say": Text(
        "系统 {system} 对所映射的 {entity} 字段都没有权威，其数据不会被采用。",
        "The system {system} has no authority over any mapped field of {entity}; its data would never count.",
        "在共享结构的 x-authority 中加入该系统，或删除此映射。",
        "Name the system in x-authority of the schema, or remove this mapping.",
    ),
    "contract.schedule_stale": Text(
        "{file} 与合同文件不一致。",
        "{file} does not agree with the contract files.",
        "运行 hub check --write 并提交。",
        "Run `hub check --write` and commit the result.",
    ),
}
