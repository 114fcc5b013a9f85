"""How a delivery stands with its target, why, and what would change that."""

from collections.abc import Mapping

from hub.texts.text import Text

DELIVERIES: Mapping[str, Text] = {
    "delivery.rejected": Text(
        "目标系统拒收：{text}",
        "The target refused the record: {text}",
        "按对方的原话更正源数据或映射，再重新处理。",
        "Correct the source's data or the mapping after the target's own words, then replay.",
    ),
    "delivery.overtaken": Text(
        "未撤回：同一记录已另有推送，以后者为准。",
        "Not taken back: a delivery of the same record came before it, and stands instead.",
        "不用处理。",
        "Nothing has to be done.",
    ),
    "delivery.decided": Text(
        "已由人工决定，等待下一次推送执行。",
        "A person has decided; the next push does it.",
        "不用处理。",
        "Nothing has to be done.",
    ),
    "delivery.dead": Text(
        "多次重试后仍未送达，已停止推送。",
        "The delivery was given up after many attempts.",
        "排除目标系统的故障后，用 hub replay 重新推送。",
        "Mend what keeps the target from answering, then send it again by `hub replay`.",
    ),
    "delivery.lost_answer": Text(
        "推送后没有收到答复，不知是否已生效；将以同一编号重发。",
        "No answer came, so nobody knows whether it was applied; the same key goes out again.",
        "无需处理：同一编号在对方只生效一次。",
        "Nothing to do: the same key is applied only once.",
    ),
    "delivery.uncertain": Text(
        "待人工确认：数据库恢复后，无法向目标系统查询它是否已收到这条记录，系统不会自行推送。",
        "Uncertain: since the database was restored nobody can ask this target whether it has it; nothing is sent.",
        "向目标系统核实后，用 hub settle-delivery 选择推送（--send）或视为已送达（--sent）。",
        "Ask the people of the target, then send it or take it as sent by `hub settle-delivery` (--send or --sent).",
    ),
    "delivery.none_uncertain": Text(
        "流程 {flow} 没有待人工确认的推送。",
        "No delivery of the flow {flow} waits for a person.",
        "用 hub deliveries --uncertain 查看有哪些。",
        "`hub deliveries --uncertain` lists those that do.",
    ),
    "delivery.retrying": Text(
        "重试中：上一次推送没有得到明确答复，到时以同一编号重发。",
        "Retrying: the last attempt had no definite answer; the same key goes out again when it is due.",
        "无需处理；多次重试仍不成功时停止，并列入问题数据。",
        "Nothing to do; when patience ends it is given up and becomes a failure.",
    ),
    "delivery.due": Text(
        "待推送：记录有新内容，尚未轮到流程 {flow} 处理{last_zh}。",
        "Due: the record has something new, and the flow {flow} has not come to it yet{last_en}.",
        "下一次推送运行时处理；该流程长期不运行时查看其运行记录。",
        "The next run of the push takes it up; if none runs, look at the flow's runs.",
    ),
    "delivery.sending": Text(
        "推送中：已发出，等待目标系统答复。",
        "Being sent: the target's answer is awaited.",
        "无需处理；进程中断时，占用到期后以同一编号重发。",
        "Nothing to do; if its process is gone, the same key goes out again once the hold lapses.",
    ),
    "delivery.awaiting_receipt": Text(
        "待回执：已交给目标系统，等待其审核结果。",
        "Handed to the target; its verdict is awaited.",
        "回执到达后自动了结；逾期没有回执的以同一编号重发，长期没有的请联系目标系统。",
        "The receipt closes it; without one the same key goes out again. Ask the target where none comes.",
    ),
    "delivery.confirmed": Text(
        "目标系统已确认。",
        "The target has confirmed it.",
        "无需处理；目标所用的字段变化后自动再推。",
        "Nothing to do; it goes out again when a field that the target uses changes.",
    ),
    "delivery.withdrawn": Text(
        "记录已撤回或不再属于其接收范围，目标系统已确认撤回。",
        "The record is withdrawn or no longer for this target, which has confirmed the withdrawal.",
        "无需处理；记录恢复后自动再推。",
        "Nothing to do; it goes out again when the record comes back.",
    ),
    "delivery.unchanged": Text(
        "未变：要推的内容与目标系统已确认的相同，没有再推。",
        "Unchanged: the content is what the target has confirmed already; nothing was sent.",
        "无需处理；目标所用的字段变化后自动再推。",
        "Nothing to do; it goes out when a field that the target uses changes.",
    ),
    "delivery.echo": Text(
        "未变：{system_zh}自己提供的这些值与要推的相同（{fields_zh}），没有回推。",
        "Unchanged: {system_en} itself shares these very values ({fields_en}); they are not sent back.",
        "无需处理；中枢采用了别的值时自动推送更正。",
        "Nothing to do; the correction goes out when the hub takes another value.",
    ),
    "delivery.superseded": Text(
        "记录已撤回，目标系统从未收到，无需推送。",
        "The record is withdrawn and the target never had it; nothing is to be sent.",
        "无需处理；记录重新出现时自动推送。",
        "Nothing to do; it is sent when the record comes back.",
    ),
    "delivery.not_marked": Text(
        "流程 {flow} 还没有处理过这条记录。",
        "The flow {flow} has not looked at this record yet.",
        "该流程首次运行（或映射变更后再次运行）时处理。",
        "Its first run takes it up, or the next one after a change of its mapping.",
    ),
    "delivery.not_subscribed": Text(
        "{system_zh}没有订阅“{entity_zh}”（{entity}），不推送。",
        "{system_en} has not subscribed to {entity_en} ({entity}); nothing is sent.",
        "如需推送，在该系统目录下增加 {entity}.push.yaml。",
        "If it should have them, add {entity}.push.yaml to the system's folder.",
    ),
    "delivery.flow_gone": Text(
        "流程 {flow} 不在现行合同中（系统已停用，或映射已删除），不再推送。",
        "The flow {flow} is not in the contracts in force (its system disabled, its mapping gone).",
        "运行 hub check 查看被停用的合同；恢复后自动继续。",
        "`hub check` says what is disabled; deliveries go on once it is mended.",
    ),
    "delivery.blocked_by_contract": Text(
        "暂不推送：流程 {flow} 已停用，{file} 第 {line} 行有误。{why_zh}",
        "The delivery waits: the flow {flow} is disabled, since {file}, line {line}, is wrong. {why_en}",
        "{cure_zh} 改好后自动推送，不会丢失。",
        "{cure_en} It goes out by itself once that is mended; nothing is lost.",
    ),
    "delivery.blocked_by_parent": Text(
        "受阻：上级记录（{parent_zh} {code}）尚未被{system_zh}确认，其推送现为“{stands_zh}”。",
        "Blocked: the parent ({parent_en} {code}) is not confirmed by {system_en} yet; it is {stands_en}.",
        "先处理上级记录的推送；确认后自动继续。",
        "See to the parent's delivery first; this one follows by itself.",
    ),
    "delivery.blocked_by_parents": Text(
        "受阻：上级记录（{parent_zh}）尚未被{system_zh}确认。",
        "Blocked: the parent ({parent_en}) is not confirmed by {system_en} yet.",
        "先处理上级记录的推送；确认后自动继续。",
        "See to the parents' deliveries first; these follow by themselves.",
    ),
    "delivery.blocked_no_code": Text(
        "受阻：记录没有项目代码，无从确认{system_zh}是否已有其{parent_zh}。",
        "Blocked: the record has no project code, so nobody can tell whether {system_en} has its {parent_en}.",
        "请来源单位补填项目代码，或由数据管理员关联到项目。",
        "Have the source fill the project code in, or a data steward link the record to its project.",
    ),
    "delivery.withheld_missing": Text(
        "暂不推：缺少目标系统必需的“{field_zh}”（{field}）。",
        "Withheld: {field_en} ({field}), which the target needs, is missing.",
        "请{sources_zh}补填，补齐后自动推送。",
        "Have {sources_en} fill it in; the delivery follows by itself.",
    ),
    "delivery.withheld_condition": Text(
        "暂不推：不属于该目标系统的接收范围，要求“{field_zh}”（{field}）：{wanted_zh}，现为：{value_zh}。",
        "Withheld: not for this target, which wants {field_en} ({field}): {wanted_en}; it is: {value_en}.",
        "“{field_zh}”符合要求（{wanted_zh}）后自动推送；如本应推送，请管理员修改映射的 when。",
        "It is sent once {field_en} is as wanted ({wanted_en}); if it should be sent now, have `when` changed.",
    ),
    "delivery.withheld_unshapeable": Text(
        "暂不推：“{field_zh}”现为：{value_zh}，无法写成目标系统的 {target}。",
        "Withheld: {field_en} is: {value_en}, which cannot be written as the target's {target}.",
        "在目标系统的代码表或映射中补充该值的写法，或请来源单位更正该值。",
        "Add the value to the target's code list or to the mapping, or have the source correct it.",
    ),
    "delivery.unsayable": Text(
        "“{field}”含有 {format} 无法表示的字符 {character}，本条未发送，其余照常推送。",
        "{field} holds the character {character}, which {format} has no way to say: this record was not sent.",
        "请来源单位去掉该字符；记录的下一版本自动推送。中枢不会自行改动内容。",
        "Have the source take it out; the record's next version goes out by itself. The hub changes no content.",
    ),
    "delivery.formula": Text(
        "“{field}”的内容在电子表格中打开 {format} 文件时会被当作公式计算，按映射 write 的 formulas: refuse，"
        "本条未发送，其余照常推送。",
        "A spreadsheet that opens the {format} file would compute what stands in {field}; the mapping says "
        "`formulas: refuse`, so this record was not sent.",
        "请来源单位改正内容，记录的下一版本自动推送；文件只由程序读取的，可写 formulas: exact，或改用 xlsx。"
        "中枢不会自行改动内容。",
        "Have the source correct it; the next version goes out by itself. Where only programs read the file, say "
        "`formulas: exact`, or use xlsx. The hub changes no content.",
    ),
    "delivery.too_long": Text(
        "“{field}”长 {length}，超出 {format} 的上限 {limit}，本条未发送，其余照常推送。",
        "{field} has a length of {length}, more than the {limit} that {format} takes: this record was not sent.",
        "请来源单位缩短内容，或在推送映射中不送该字段；记录的下一版本自动推送。",
        "Have the source shorten it, or leave the field out of the push mapping; the next version goes out by itself.",
    ),
    "delivery.failed": Text(
        "准备这条推送时出错（{error}，{at}），其余记录照常推送。",
        "This delivery could not be prepared ({error}, {at}); the others went on.",
        "核对该记录和推送映射；仍不能解决的，把代码、位置和时间告知维护人员，之后用 hub replay 重新推送。",
        "Check record and push mapping; else tell the maintainers code, place and time. `hub replay` sends it again.",
    ),
    "delivery.interrupted": Text(
        "推送进程 {attempts} 次在发送本条时中断，已停止推送。",
        "The process ended {attempts} times while this record was under way; it was given up.",
        "查明进程为何中断（内存、主机、连接程序），再用 hub replay 重新推送；记录的下一版本也会再推。",
        "Find out why the process ends (memory, host, connector), then send it again by `hub replay`; its next "
        "version is sent as well.",
    ),
    "delivery.no_verdict": Text(
        "已交付 {attempts} 次，目标系统始终没有给出审核结果，已停止推送。",
        "It was handed over {attempts} times, and the target never gave a verdict; it was given up.",
        "请目标系统查明该记录的审核结果；迟到的回执仍然有效，也可用 hub replay 再推。",
        "Ask the target what became of it; a late receipt still counts, and `hub replay` sends it again.",
    ),
    "delivery.verdict_unclear": Text(
        "目标系统对本条的答复无法理解（{code}），按结果不明处理，稍后再问。",
        "The target's verdict on this record cannot be understood ({code}): its outcome is unknown and is asked again.",
        "对照对方接口说明，在推送映射的 verdict 或 status 中补上该代码的含义。",
        "Look the code up in the partner's documents and add it to `verdict` or `status` of the push mapping.",
    ),
    "delivery.unsent": Text(
        "未能发送：对方格式表示不了其中的内容，或推送屡次中断；其余记录不受影响。",
        "Not sent: the target's format cannot say what is in it, or sending it broke off again and again.",
        "逐条原因见问题数据；更正后的版本自动推送，也可用 hub replay 重新推送。",
        "The failures say why, one by one; a corrected version goes out by itself, and `hub replay` sends it again.",
    ),
}
