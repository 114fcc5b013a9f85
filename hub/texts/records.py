"""What can be wrong with one record."""

from collections.abc import Mapping

from hub.texts.text import Text

RECORDS: Mapping[str, Text] = {
    "record.invalid": Text(
        "记录不符合要求。",
        "The record is not valid.",
        "查看该记录的全部问题，在来源系统更正后重新处理。",
        "See all faults of the record, have the source correct it, then replay.",
    ),
    "record.missing": Text(
        "缺少必填字段“{field}”。",
        "The required field {field} is missing.",
        "请来源单位补填该字段；如该来源本就没有，由数据管理员调整映射的 required。",
        "Have the source fill it in; if it never holds it, the data steward changes `required` in the mapping.",
    ),
    "record.key_missing": Text(
        "缺少来源主键 {paths}，无法识别这条记录。",
        "The source key {paths} is missing, so the record cannot be told from others.",
        "请来源单位补全主键；如主键字段改了名，修改映射的 key。",
        "Have the source fill the key in; if it was renamed, change `key` in the mapping.",
    ),
    "record.type": Text(
        "字段“{field}”的值“{value}”类型不对，应为{expected}。",
        "The value “{value}” of {field} has the wrong type; {expected} is expected.",
        "请来源单位更正，或在映射中加上转换动词（如 text、integer、decimal）。",
        "Have the source correct it, or add a verb to the mapping (such as text, integer, decimal).",
    ),
    "record.too_long": Text(
        "字段“{field}”超出最大长度 {limit}。",
        "{field} is longer than {limit} characters.",
        "请来源单位缩短内容；如标准已放宽，修改共享结构的 maxLength。",
        "Have the source shorten it; if the standard allows more, change maxLength in the schema.",
    ),
    "record.pattern": Text(
        "字段“{field}”的值“{value}”格式不符。",
        "The value “{value}” of {field} does not have the required form.",
        "对照共享结构中该字段的 pattern，请来源单位更正。",
        "Compare it with the field's pattern in the schema and have the source correct it.",
    ),
    "record.validators_differ": Text(
        "字段“{field}”的值“{value}”，两个校验器判断不同。",
        "Two validators judge the value “{value}” of {field} differently.",
        "这是中枢的缺陷：对照共享结构核实该值，把结构和值报给维护者；核实无误后重新处理，届时只由快速校验器判断。",
        "A defect of the hub: look at value and schema and report both; replay the record once it is found to be "
        "right, which the fast validator then judges alone.",
    ),
    "record.out_of_range": Text(
        "字段“{field}”的值“{value}”超出允许范围。",
        "The value “{value}” of {field} is outside the allowed range.",
        "请来源单位核对数值和单位；单位不同的，在映射中用 scale 或 unit 换算。",
        "Have the source check number and unit; convert other units in the mapping by scale or unit.",
    ),
    "record.code_unknown": Text(
        "字段“{field}”的代码“{value}”不在代码表 {list} 中。",
        "The code “{value}” of {field} is not in the list {list}.",
        "确认含义后补入 mappings 下的代码表并重新处理，或请来源单位更正。",
        "Find out what it means, add it to the list under mappings/ and replay, or have the source correct it.",
    ),
    "record.project_code_shape": Text(
        "“{value}”不是项目代码：应为 4-6-2-2-6 位数字。",
        "“{value}” is not a project code: 4-6-2-2-6 digits are expected.",
        "请来源单位填写投资平台赋予的 24 位项目代码；状态文字或工程代码不能代替。",
        "Have the source give the 24-character code of the investment platform; status words or unit codes do not do.",
    ),
    "record.project_code_month": Text(
        "项目代码“{value}”的年月段不可能：应为 2014-2020 年，或 15 年以后的年份加 01-12 月。",
        "The project code “{value}” begins with an impossible date: 2014..2020, or a year from 15 on with month 01-12.",
        "请来源单位与投资平台核对该代码。",
        "Have the source check the code with the investment platform.",
    ),
    "record.region_unknown": Text(
        "提示：行政区划“{value}”不在 GB/T 2260 中（开发区、部门代码常见），记录照常处理。",
        "Note: the region “{value}” is not in GB/T 2260 (zones and departments often are not); the record goes on.",
        "如确属错误，请来源单位更正；开发区代码无需处理。",
        "Have the source correct it if it is wrong; nothing to do for a development zone.",
    ),
    "record.uscc_invalid": Text(
        "提示：“{value}”不是有效的统一社会信用代码，记录照常处理。",
        "Note: “{value}” is not a valid unified social credit code; the record goes on.",
        "请来源单位核对；没有代码的机关（TE 开头）和境外主体无需处理。",
        "Have the source check it; nothing to do for authorities without one (TE…) and parties from abroad.",
    ),
    "record.masked": Text(
        "提示：来源给出的“{field}”是脱敏后的值，不算有值，记录照常处理。",
        "Note: the source gives {field} masked only, which counts as no value; the record goes on.",
        "请来源单位按共享约定提供原值；中枢不以脱敏值覆盖其他来源的值。",
        "Have the source share the value itself; a masked one never takes the place of another system's value.",
    ),
    "record.estate_unit_invalid": Text(
        "“{value}”不是不动产单元号：应为 28 位，前 12 位为数字，第 13-14 位为字母。",
        "“{value}” is not a real-estate unit number: 28 characters, 12 digits first, then two letters.",
        "请不动产登记机构核对单元号；去掉空格后应为 28 位。",
        "Have the registry check it; without blanks it has 28 characters.",
    ),
    "record.date_invalid": Text(
        "字段“{field}”的值“{value}”不是有效的日期或时间。",
        "The value “{value}” of {field} is not a valid date or time.",
        '请来源单位更正；特殊格式在映射中写明，如 {{date: "%d.%m.%Y"}}；占位日期用 blank 置空。',
        'Have the source correct it; name the format in the mapping, {{date: "%d.%m.%Y"}}; blank drops stand-ins.',
    ),
    "record.numbers_invalid": Text(
        "字段“{field}”的值“{value}”不是编号的列表，或不止是编号。",
        "The value “{value}” of {field} is no list of numbers, or says more than numbers.",
        "写作 1#、2#楼 或 1-3号楼：不带字母、小数和其他说明。请来源单位更正，或先用 part、choose 取出编号。",
        "It is written 1#, 2# or 1-3#, without letters, decimals and remarks. Have the source correct it, or take "
        "the numbers out by part or choose before.",
    ),
    "record.digest_key": Text(
        "字段“{field}”要做摘要，但未设置密钥。",
        "{field} is to be digested, and there is no key.",
        "设置 HUB_DIGEST_KEY（docs/settings.md），再重放。",
        "Set HUB_DIGEST_KEY (docs/settings.md), then replay.",
    ),
    "record.decimal_invalid": Text(
        "字段“{field}”的值“{value}”不是数字。",
        "The value “{value}” of {field} is not a number.",
        "请来源单位更正；“无”“/”之类的占位文字在映射中用 blank 置空。",
        "Have the source correct it; use blank in the mapping for stand-ins such as “无” or “/”.",
    ),
    "record.decimal_places": Text(
        "字段“{field}”的值“{value}”小数位数超过该字段能保存的 {places} 位，不四舍五入。",
        "The value “{value}” of {field} has more than the {places} decimal places that are kept, and is not rounded.",
        "请来源单位更正；确可舍入的（如电子表格计算出的尾数），在映射中写明 {{round: {places}}}。",
        "Have the source correct it; where rounding is right (as with figures that a spreadsheet computed), "
        "say {{round: {places}}} in the mapping.",
    ),
    "record.digits_lost": Text(
        "字段“{field}”的值“{value}”已被电子表格改成科学计数法，后面的数字已丢失。",
        "The value “{value}” of {field} was turned into powers of ten by a spreadsheet: its last digits are lost.",
        "请来源单位把该列设为文本格式后重新录入、导出；从这个值无法恢复原号码。",
        "Have the source format the column as text, enter the numbers again and export; they cannot be recovered.",
    ),
    "record.cell_unusable": Text(
        "字段“{field}”所读的单元格没有可用的值：{why}。",
        "The cell that {field} is read from has no usable value: {why}.",
        "请来源单位在电子表格软件中重新计算并保存；长号码改为文本格式；错误值先改正。",
        "Have the source recalculate and save the workbook in a spreadsheet program, format long numbers as text, "
        "and correct error values.",
    ),
    "record.unit_unknown": Text(
        "字段“{field}”的计量单位“{value}”没有换算系数。",
        "No factor is known for the unit “{value}” of {field}.",
        "在映射的 unit 中补充该单位的系数，或请来源单位更正。",
        "Add the factor to `unit` in the mapping, or have the source correct it.",
    ),
    "record.version_invalid": Text(
        "来源版本字段“{field}”的值“{value}”缺失或无法排序。",
        "The source's version {field} is missing or cannot be ordered (“{value}”).",
        "请来源单位更正更新时间或版本号；字段改名的，修改映射的 version。",
        "Have the source correct its update time or version; if it was renamed, change `version` in the mapping.",
    ),
    "record.geojson_invalid": Text(
        "字段“{field}”不是有效的 GeoJSON 图形。",
        "{field} is not a valid GeoJSON geometry.",
        "请来源单位按 RFC 7946 导出图形（WGS 84 经纬度，面要闭合）。",
        "Have the source export it after RFC 7946 (WGS 84 degrees, closed rings).",
    ),
    "record.payload_undecodable": Text(
        "内容不是 {encoding} 编码（第 {at} 字节起）。",
        "The content is not {encoding} text (from byte {at} on).",
        "请来源单位确认编码，或修改映射的 encoding。",
        "Have the source confirm its encoding, or change `encoding` in the mapping.",
    ),
    "record.payload_malformed": Text(
        "内容不是完整的 {format}：{why}。",
        "The content is not well-formed {format}: {why}.",
        "请来源单位重新发送该记录；经常出现时检查其导出程序。",
        "Have the source send the record again; if it happens often, have its export checked.",
    ),
    "record.secret": Text(
        "来源标为涉密的记录（标志字段“{field}”），不予接收，内容未保存；以前收下的已撤回并清除。",
        "The source classes the record secret (in the field {field}): it is refused and nothing of it is kept; "
        "what was taken in of it before is withdrawn and erased.",
        "通知来源单位停止共享该记录，按保密规定处置，不要重新处理。",
        "Tell the source to stop sharing it and handle it under the secrecy rules; do not replay.",
    ),
    "record.secrecy_unknown": Text(
        "涉密标志“{field}”的取值不在映射 secret 的 open（非涉密）之列，不能确认该记录非涉密，按涉密处理，内容未保存。",
        "The secrecy flag {field} has a value that is not listed under `open` of `secret`: the record is not shown "
        "to be not secret, so it is treated as secret and nothing of it is kept.",
        "向来源单位核实该取值的含义；确为非涉密的，加入映射 secret 的 open，"
        "然后让来源重新提供，或用 Airflow 的 backfill 重新读取。",
        "Ask the source what the value means; if it means not secret, add it to `open` of `secret` in the mapping, "
        "then read the source again (the DAG backfill).",
    ),
    "record.secrecy_missing": Text(
        "记录没有涉密标志“{field}”，不能确认其非涉密，按涉密处理，内容未保存。",
        "The record lacks the secrecy flag {field}: it is not shown to be not secret, so it is treated as secret and "
        "nothing of it is kept.",
        "请来源单位补上该标志后重新提供；如字段改了名，修改映射 secret 的 field。",
        "Have the source send the record again with the flag; if the field was renamed, change `field` of `secret`.",
    ),
    "record.secrecy_ambiguous": Text(
        "涉密标志“{field}”不止一处或不是单个值，不能确认该记录非涉密，按涉密处理，内容未保存。",
        "The secrecy flag {field} stands there more than once, or is no single value: the record is not shown to be "
        "not secret, so it is treated as secret and nothing of it is kept.",
        "请来源单位每条记录只给一个涉密标志，然后重新提供。",
        "Have the source give one flag a record, and send it again.",
    ),
    "record.secrecy_unreadable": Text(
        "记录无法读取（{why}），看不到涉密标志“{field}”，按涉密处理，内容未保存。",
        "The record cannot be read ({why}), so its secrecy flag {field} cannot be seen: it is treated as secret and "
        "nothing of it is kept.",
        "请来源单位检查并重新提供；原始内容不在本系统中。",
        "Have the source check it and send it again; what came is not kept here.",
    ),
    "record.no_list": Text(
        "“{field}”处不是列表，无法拆分为各个部分。",
        "What stands at {field} is no list, so it cannot be taken apart.",
        "请来源单位按约定以列表提供；如是文本里的 JSON，在映射的 embedded_json 中写明；如位置变了，修改 each 的 at。",
        "Have the source send a list as agreed; name the field in `embedded_json` if it is JSON in text; "
        "if it has moved, change `at` of `each`.",
    ),
    "record.list_empty": Text(
        "“{field}”处的列表没有任何部分，而映射要求至少有一个。",
        "The list at {field} has no part, and the mapping wants one at least.",
        "请来源单位补全；如允许为空，在映射中写 empty: none（原有各部分将视为已删除）。",
        "Have the source fill it in; if it may be empty, write `empty: none` (parts listed before are then deleted).",
    ),
    "record.parts_too_many": Text(
        "“{field}”处的列表有 {parts} 个部分，超出上限 {most}。",
        "The list at {field} has {parts} parts; {most} are allowed.",
        "请来源单位核对；确有这么多时，提高映射中 each 的 most。",
        "Have the source look into it; if there really are so many, raise `most` of `each` in the mapping.",
    ),
    "record.part_twice": Text(
        "同一份报文中有两个部分的主键都是“{key}”，无法判断以哪个为准。",
        "Two parts of one record have the key “{key}”; neither can be preferred.",
        "请来源单位更正；如本就允许重复，在映射的 key 中加上能区分它们的字段。",
        "Have the source correct it; if both are meant, add to `key` a field that tells them apart.",
    ),
    "record.list_unread": Text(
        "提示：“{field}”处的列表含多个元素，未被全部读取（共 {parts} 个，读取 {read} 个）。",
        "Note: not every element of the list at {field} is read ({read} of {parts} are).",
        "用 each 把每个元素映射为一条记录；确实不需要的，写入映射的 ignore。",
        "Map each element by `each`; what is really not wanted goes into `ignore` of the mapping.",
    ),
    "record.failed": Text(
        "处理这条记录时出错（{stage}：{error}），其余记录不受影响。",
        "This record could not be handled ({stage}: {error}); the others went on.",
        "查看该记录的原文；如内容正常，请将代码和时间告知维护人员，修正后重新处理。",
        "Look at the record as received; if it is in order, tell the maintainers code and time, and replay afterwards.",
    ),
    "record.not_kept": Text(
        "数据库无法保存这条记录（{error}），其余记录不受影响。",
        "The database cannot keep this record ({error}); the others went on.",
        "多半是某个值超出可存的范围或过长：对照原文请来源单位更正；其下一版本自动替换本条。",
        "Mostly a value is beyond what can be stored: have the source correct it; its next version takes its place.",
    ),
    "record.character": Text(
        "“{field}”含有无法保存的字符 {character}。",
        "{field} holds the character {character}, which cannot be kept.",
        "请来源单位去掉该字符；更正后的版本自动替换本条。",
        "Have the source take it out; the corrected version takes this one's place.",
    ),
    "record.file_unreadable": Text(
        "文件“{file}”打不开（{why}），已单独隔离；其后的文件照常读取。",
        "The file {file} cannot be opened ({why}); it is set aside alone, and later files are read.",
        "请来源单位重新导出该文件并以同一名称放回；能读时本条自动了结。",
        "Have the source export it again under the same name; this entry closes once it can be read.",
    ),
    "record.item_unreadable": Text(
        "{item} 无法读取（{why}），已单独隔离；其余照常读取。",
        "{item} cannot be read ({why}); it is set aside alone, and the others are read.",
        "对照原文请来源单位更正，再运行流程。",
        "Have the source correct it, then run the flow again.",
    ),
}
