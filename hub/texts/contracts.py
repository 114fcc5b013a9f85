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
        "文件不是完整的 YAML 或 JSON：{why_zh}。",
        "The file is not well-formed YAML or JSON: {why_en}.",
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
        "“{place}”的值不符合要求：{why_zh}。",
        "The value of “{place}” is not allowed: {why_en}.",
        "对照 docs/contracts.md 修改；连接器的选项见 docs/connectors.md。",
        "Change it as docs/contracts.md says; docs/connectors.md has the options of connectors.",
    ),
    "contract.id_differs": Text(
        "$id 应为 {expected}。",
        "$id must be {expected}.",
        "改为与文件名一致。",
        "Make it agree with the file's name.",
    ),
    "contract.show_no_date": Text(
        "“{name}”不是日期字段，不能画在时间轴上。",
        "“{name}” is no date, so it cannot be drawn on the timeline.",
        "在 x-show 的 date 中填写日期或时间字段。",
        "Name a date or date-time field in `date` of x-show.",
    ),
    "contract.case_no_end": Text(
        "办理状态字段“{name}”的代码表没有说明哪些状态表示已办结。",
        "The list of the states in “{name}” does not say with which of them a case is over.",
        "在该代码表（mappings/codes/）中用 final 列出办结状态；字段没有代码表的，先用 x-code 指定。",
        "List them as `final` in that list (mappings/codes/); name a list by x-code where the field has none.",
    ),
    "contract.undeclared": Text(
        "没有任何共享结构写有 {word}，因此{why_zh}。",
        "No schema says {word}, so that {why_en}.",
        "对照本版本自带的 schemas/ 补上（见 docs/contracts.md 的“由文件声明的用途”）。",
        "Add it as the schemas/ of this release have it (docs/contracts.md, “What records are for”).",
    ),
    "contract.unit_unknown": Text(
        "计量单位“{name}”没有名称。",
        "The unit “{name}” has no words.",
        "在 mappings/codes/{list}.yaml 中补充其中英文名称，或更正 x-unit。",
        "Add its Chinese and English words to mappings/codes/{list}.yaml, or correct x-unit.",
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
    "contract.key_mapped": Text(
        "write.key “{name}”也写在 fields 中：它装的是每次推送的编号，会盖掉所映射的值，而且每个版本都不同。",
        "write.key “{name}” stands in `fields` too: it carries the key of the delivery, which would replace what is "
        "mapped and is another with every version.",
        "给 write.key 另取一个字段名；对方用我方编号识别记录时，该编号写在 fields 中，"
        "修改地址用 update 中的 {{字段}}。",
        "Give write.key a field of its own; where the partner knows a record by our number, map that in `fields` and "
        "name it in the address of `update`.",
    ),
    "contract.address_unknown": Text(
        "地址中的“{name}”不是 fields 中的字段。",
        "“{name}” in the address is no field of `fields`.",
        "在 fields 中补上该字段，或改用 key、reference。",
        "Map it in `fields`, or use key or reference.",
    ),
    "contract.encodings_differ": Text(
        "连接器按 {cut} 切分文件，映射却按 {said} 读取记录。",
        "The connector cuts the file as {cut}, and the mapping reads its records as {said}.",
        "把 read 中的 encoding 和映射的 encoding 写成同一种。",
        "Give `encoding` under `read` and `encoding` of the mapping the same value.",
    ),
    "contract.no_say": Text(
        "系统 {system} 对所映射的 {entity} 字段都没有权威，其数据不会被采用。",
        "The system {system} has no authority over any mapped field of {entity}; its data would never count.",
        "在共享结构的 x-authority 中加入该系统，或删除此映射。",
        "Name the system in x-authority of the schema, or remove this mapping.",
    ),
    "contract.secrecy_unsaid": Text(
        "映射没有用 secret 说明来源怎样标识涉密记录，该流程不会运行。",
        "The mapping does not say under `secret` how its source flags secret records; the flow will not run.",
        "来源有涉密标志的写 secret: {{field: 字段, open: [非涉密的取值]}}；来源确无涉密记录的写 "
        "secret: {{none: 由谁确认}}。原来的 refuse_when 已取消。",
        "Write secret: {{field: its field, open: [the values that say not secret]}}, or secret: {{none: who says so}} "
        "where the source holds none. refuse_when is no more.",
    ),
    "contract.secrecy_both": Text(
        "取值“{value}”既列为非涉密（open）又列为涉密（closed）。",
        "The value “{value}” is listed as not secret (open) and as secret (closed).",
        "只留一处。",
        "Keep it in one place.",
    ),
    "contract.secrecy_nameless": Text(
        "涉密标志字段“{field}”的名称没有字母、数字或汉字，无法与其他字段区分。",
        "The field of the secrecy flag, {field}, has no letter or digit in its name and cannot be told from others.",
        "写出标志字段的路径。",
        "Give the path of the field that holds the flag.",
    ),
    "contract.value_unfit": Text(
        "“{value}”不能成为字段“{field}”的值：{why_zh}",
        "“{value}” can never be a value of the field {field}: {why_en}",
        "改为该字段允许的值、动词或代码，或修改共享结构。",
        "Use a value, verb or code that the field takes, or change the schema.",
    ),
    "contract.value_missing": Text(
        "字段“{field}”的常量或 choose 的结果为空。",
        "The constant of the field {field}, or a result of its `choose`, is empty.",
        "写明该值；没有值时删除此字段，或用 blank 去掉该代码。",
        "Write the value; where there is none, remove the field, or drop the code by `blank`.",
    ),
    "contract.never": Text(
        "字段“{field}”的值永远不会是“{value}”，此条件或选项不起作用。",
        "The field {field} is never “{value}”, so this condition or choice does nothing.",
        '按该字段的类型和写法改正（是否类用 "true"、"false"，小数写足位数），或删除。',
        'Write it as the field does (yes and no are "true" and "false", decimals with all their places), or remove it.',
    ),
    "contract.encoding_unknown": Text(
        "没有名为“{name}”的字符编码。",
        "There is no character encoding called “{name}”.",
        "检查拼写，如 utf-8、gb18030。",
        "Check the spelling: utf-8, gb18030.",
    ),
    "contract.pattern_unreadable": Text(
        "无法按“{pattern}”读取日期。",
        "No date can be read by “{pattern}”.",
        "用 strptime 的写法，如 %Y/%m/%d。",
        "Use the words of strptime, such as %Y/%m/%d.",
    ),
    "contract.expression_invalid": Text(
        "“{pattern}”不是可用的正则表达式：{why}。",
        "“{pattern}” is no regular expression that can be used: {why}.",
        "按 ECMA 262 的写法改正；不能用环视（如 (?=a)）和反向引用（如 \\1），它们的耗时没有上限。",
        "Correct it as ECMA 262 has it, without look-around such as (?=a) and references such as \\1: the time that "
        "these take has no bound.",
    ),
    "contract.day_invalid": Text(
        "“{value}”不是日历上的一天。",
        "“{value}” is no day of the calendar.",
        "写为 YYYY-MM-DD。",
        "Write it as YYYY-MM-DD.",
    ),
    "contract.order_invalid": Text(
        "“{first}”应在“{last}”之前。",
        "“{first}” must come before “{last}”.",
        "对调或改正两者。",
        "Exchange or correct the two.",
    ),
    "contract.path_leads_nowhere": Text(
        "字段“{name}”只有一个值，路径“{path}”在其中读不到任何内容。",
        "The field {name} holds a single value, so the path “{path}” leads nowhere.",
        "只写字段名。",
        "Name the field alone.",
    ),
    "contract.name_reserved": Text(
        "“{name}”是本系统内部使用的名称，不能作为对接系统的名称。",
        "“{name}” is a name that the hub uses itself; no partner may be called so.",
        "为该文件夹另取名称。",
        "Give the folder another name.",
    ),
    "contract.unforeseen": Text(
        "此文件无法使用（{error}）。",
        "Nothing can be made of this file ({error}).",
        "对照 docs/contracts.md 检查；仍不明白时，把此文件交给维护人员。",
        "Compare it with docs/contracts.md; if that does not help, give the file to whoever maintains the hub.",
    ),
    "contract.none": Text(
        "没有任何共享结构：找不到合同文件。",
        "There is no schema at all: the contract files are not where they should be.",
        "检查 HUB_HOME 指向的目录及其挂载和权限。",
        "Look at the folder that HUB_HOME names, how it is mounted, and its permissions.",
    ),
    "contract.not_migrated": Text(
        "数据库中还没有 {entity} 的这些字段：{fields}。",
        "The database has no room yet for these fields of {entity}: {fields}.",
        "运行 hub migrate；相关流程随后自动启用。",
        "Run `hub migrate`; the flows concerned then run again by themselves.",
    ),
    "contract.disabled": Text(
        "{file} 第 {line} 行有误，因此停用：{disabled}。{why_zh}",
        "{file}, line {line}, is wrong, so these are disabled: {disabled}. {why_en}",
        "{cure_zh} 改好后自动启用，无需重启。",
        "{cure_en} They run again by themselves once it is mended; nothing need be started anew.",
    ),
    "contract.mistaken": Text(
        "{file} 第 {line} 行有误：{why_zh}",
        "{file}, line {line}, is wrong: {why_en}",
        "{cure_zh} 没有因此停用的流程。",
        "{cure_en} No flow is disabled for it.",
    ),
    "contract.schedule_stale": Text(
        "{file} 与合同文件不一致。",
        "{file} does not agree with the contract files.",
        "运行 hub check --write 并提交。",
        "Run `hub check --write` and commit the result.",
    ),
    "contract.each_key": Text(
        "映射按 each 拆分列表，但 key 中没有读取各部分（{name}.…）的路径，各部分无法区分。",
        "The mapping takes a list apart, but no path of `key` reads the part ({name}.…): "
        "parts cannot be told from each other.",
        "在 key 中加上部分自己的标识，如 {name}.编号。",
        "Add to `key` what identifies a part, such as {name}.number.",
    ),
    "contract.each_whole_key": Text(
        "映射按 each 拆分列表，但 key 中没有读取整条记录的路径，无法知道哪些部分已不在列表中。",
        "The mapping takes a list apart, but no path of `key` reads the whole record: "
        "nobody knows which parts it lists no more.",
        "在 key 中加上整条记录的主键。",
        "Add to `key` what identifies the whole record.",
    ),
    "contract.each_whole": Text(
        "“{path}”读取的是列表的部分，而这里（版本与筛选条件）只能针对整条记录。",
        "{path} reads a part of the list, but the version and the filters speak of the whole record.",
        "改用整条记录的字段。",
        "Name a field of the whole record.",
    ),
    "contract.each_levels": Text(
        "each 的 at“{path}”超过两层。",
        "`at` of `each` ({path}) goes deeper than two levels.",
        "最多写两层，如 sections.bidders；更深的由连接器先展开。",
        "Two levels at most, such as sections.bidders; what is deeper is for the connector to unfold.",
    ),
    "contract.one_of_list": Text(
        "注意：“{path}”只读取列表中的一个元素，其余元素不会被使用。",
        "Note: {path} reads one element of a list; the others are not used.",
        "用 each 把每个元素映射为一条记录；确实只要这一个时可以保留，多出的元素会在运行中提示（record.list_unread）。",
        "Map each element by `each`; where this one is really all that is wanted leave it: "
        "a run notes what it held besides (record.list_unread).",
    ),
    "contract.key_choice": Text(
        "主键的“{paths}”写了几个可选路径，这只允许用于 each 拆出的部分。",
        "“{paths}” names several paths for one place of the key; only a part of a list may have a choice.",
        "整条记录的主键只写一个路径。",
        "Name one path for the key of a whole record.",
    ),
}
