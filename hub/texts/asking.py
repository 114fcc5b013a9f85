"""What can stand in the way of somebody who asks the hub something, and what the hub raises an alarm about."""

from collections.abc import Mapping

from hub.texts.text import Text

ASKING: Mapping[str, Text] = {
    "ask.run_unknown": Text(
        "没有编号为 {id} 的运行。",
        "There is no run with the number {id}.",
        "用 hub runs 列出运行。",
        "`hub runs` lists them.",
    ),
    "ask.entry_unknown": Text(
        "没有编号为 {id} 的问题数据。",
        "There is no quarantine entry with the number {id}.",
        "用 hub failures --cause 列出编号。",
        "`hub failures --cause` lists the numbers.",
    ),
    "ask.job_unknown": Text(
        "没有编号为 {id} 的重新处理任务。",
        "There is no replay with the number {id}.",
        "在“问题数据”页面查看最近的任务，或查询 /v1/replays。",
        "See the latest ones on the page Failures, or ask /v1/replays.",
    ),
    "ask.nothing_selected": Text(
        "没有选择任何问题数据。",
        "No quarantine entry is selected.",
        "给出编号、流程或原因；确需全部处理时请明确选择全部。",
        "Name entries, a flow or a cause; to take all of them, say so.",
    ),
    "flow.replay_stopped": Text(
        "服务停止，重新处理中断；已完成的部分有效。",
        "The service was stopped during this replay; what was done stands.",
        "服务恢复后再次重新处理其余问题。",
        "Replay the rest once the service is up again.",
    ),
    "ask.project_unknown": Text(
        "中枢尚未收到项目代码 {project_code} 的任何记录。",
        "The hub has no record of the project code {project_code} yet.",
        "核对项目代码；刚赋码的项目等投资平台下一次共享后再查。",
        "Check the code; a new project comes with the investment platform's next sharing.",
    ),
    "ask.record_unknown": Text(
        "没有这条记录：{record}。",
        "There is no such record: {record}.",
        "用 hub show 项目代码 列出记录的编号和主键。",
        "`hub show CODE` lists the numbers and keys of records.",
    ),
    "ask.entity_unknown": Text(
        "没有实体 {entity}，或没有流程带来它；已有：{known}。",
        "There is no entity {entity}, or no flow brings it; known are {known}.",
        "实体见 schemas/。",
        "Entities stand in schemas/.",
    ),
    "ask.recall_unknown": Text(
        "没有编号为 {id} 的追回。",
        "There is no recall with the number {id}.",
        "用 hub recall list --closed 列出。",
        "`hub recall list --closed` shows them.",
    ),
    "ask.dispute_unknown": Text(
        "没有编号为 {id} 的数据校核。",
        "There is no dispute with the number {id}.",
        "用 hub disputes --closed 列出。",
        "`hub disputes --closed` lists them.",
    ),
    "erase.nothing": Text(
        "{what} 没有可清除的内容：没有这份报文，或已清除。",
        "There is nothing to erase of {what}: it does not exist, or has been erased already.",
        "报文编号见 hub trace。",
        "`hub trace` shows the numbers of landed payloads.",
    ),
    "erase.waiting": Text(
        "记录 {keys} 还在等待关联，清除后无法再采用。",
        "The record {keys} waits for its project; once erased it could never be taken.",
        "先处理等待（hub waiting），或由来源撤回该记录，再清除。",
        "See to the wait first (`hub waiting`), or have the source withdraw the record, then erase.",
    ),
    "recall.never_stood": Text(
        "{record} 的字段 {field} 从未有过这个值。",
        "The field {field} of {record} has never had this value.",
        "用 hub trace 查看该字段的历次取值；报文编号须是该值的来源。",
        "`hub trace` shows the former values of the field; a landing must be where the value came from.",
    ),
    "recall.open_already": Text(
        "{record} 的字段 {field} 的这个值已在追回中。",
        "This value of the field {field} of {record} is being recalled already.",
        "用 hub recall list 查看。",
        "See `hub recall list`.",
    ),
    "recall.nothing_owed": Text(
        "追回 {id} 中，{name} 没有待确认的内容。",
        "{name} owes no acknowledgement in the recall {id}.",
        "用 hub recall show {id} 查看谁尚未确认。",
        "`hub recall show {id}` lists who owes one.",
    ),
    "ask.field_unknown": Text(
        "实体 {entity} 没有字段 {field}。",
        "The entity {entity} has no field {field}.",
        "字段见 schemas/{entity}.json。",
        "The fields stand in schemas/{entity}.json.",
    ),
    "ask.value_masked": Text(
        "字段“{field}”对您遮蔽，不能用某个取值来询问。",
        "The field {field} is masked for you: it cannot be asked about by a value.",
        "不带 value 询问（查当前值的去向），或申请该实体个人信息（personal）的授权。",
        "Ask without a value (where the present one went), or apply for a grant of the entity's personal fields.",
    ),
    "ask.rehearsal_masked": Text(
        "试算的映射或共享结构拿“{field}”与写定的取值比较，而该字段对您遮蔽：结果的条数会泄露其内容。",
        "The rehearsed files compare {field} with values of their own, and it is masked for you: the counts would tell "
        "what it says.",
        "去掉这些比较再试算，或申请该实体个人信息（personal）的授权。",
        "Rehearse without these comparisons, or apply for a grant of the entity's personal fields.",
    ),
    "ask.form_disabled": Text(
        "表单 {form} 已停用：{file} 第 {line} 行有误。{why_zh}",
        "The form {form} is disabled: {file}, line {line}, is wrong. {why_en}",
        "请管理员改正该文件（{cure_zh}）；改好后自动启用。",
        "Have an administrator mend that file ({cure_en}); the form answers again by itself.",
    ),
    "ask.form_unknown": Text(
        "没有表单 {form}，已有：{known}。",
        "There is no form {form}; known are {known}.",
        "表单在 mappings/forms/ 中定义。",
        "Forms are defined in mappings/forms/.",
    ),
    "contract.schedule_stale": Text(
        "{file} 与契约文件不一致。",
        "{file} does not say what the contract files say.",
        "运行 hub check --write，并提交该文件。",
        "Run `hub check --write` and commit the file.",
    ),
    "ask.page_unknown": Text(
        "这个地址没有页面。",
        "There is no page at this address.",
        "检查地址，或从首页和左侧菜单进入。",
        "Check the address, or come in by the menu on the left.",
    ),
    "alert.quarantine": Text(
        "流程 {flow} 有 {entries} 条问题数据：{cause_zh}（{cause}），责任人 {owner}。",
        "The flow {flow} has {entries} open quarantine entries: {cause_en} ({cause}); owner: {owner}.",
        "用 hub failures --flow {flow} 查看，排除原因后用 hub replay 重新处理。",
        "See `hub failures --flow {flow}`, mend the cause, then `hub replay`.",
    ),
    "alert.stale": Text(
        "流程 {flow} 已 {minutes} 分钟没有完整读取来源，目标为 {target} 分钟。",
        "The flow {flow} has not read its source completely for {minutes} minutes; the target is {target}.",
        "查看 Airflow 中该流程是否停用或排队，再用 hub ping 测试连接。",
        "See in Airflow whether the flow is paused or queued, then test the connection by `hub ping`.",
    ),
    "alert.undelivered": Text(
        "推送流程 {flow} 已 {minutes} 分钟没有完成，目标为 {target} 分钟，有 {entries} 条待推送。",
        "The push {flow} has not been complete for {minutes} minutes; the target is {target}; {entries} wait.",
        "查看 Airflow 中该流程是否停用或排队，再用 hub ping 测试连接。",
        "See in Airflow whether the flow is paused or queued, then test the connection by `hub ping`.",
    ),
    "alert.witness_behind": Text(
        "检查点已有 {minutes} 分钟未能送到 {witness}（最近送到的是封签 {seal}；{reason}）。",
        "No checkpoint has reached {witness} for {minutes} minutes (the last one was of seal {seal}; {reason}).",
        "检查该处的地址、网络、磁盘和证书；封签照常进行，恢复后自动补送最新的检查点。",
        "Check its address, network, disk and certificates; sealing goes on, and the newest checkpoint"
        " is sent by itself once it can be.",
    ),
    "alert.ledger_differs": Text(
        "账本与 {witness} 留存的检查点不符：封签 {seals}。",
        "The ledger is not what {witness} holds: seals {seals}.",
        "若数据库刚恢复到旧状态，请声明（hub restored）；否则账本尾部被截断或重写：保全数据库和该处的副本，"
        "运行 hub verify，并与对方留存的检查点比对。",
        "Where the database was restored to an older state, say so (`hub restored`). Otherwise the ledger's tail was"
        " cut or made anew: keep the database and that copy as they are, run `hub verify`, compare with what partners"
        " kept.",
    ),
    "witness.away": Text(
        "检查点未能送到 {witness}：{reason}。",
        "The checkpoint did not reach {witness}: {reason}.",
        "检查该处的地址、网络、磁盘和证书；下一轮自动重试。",
        "Check its address, network, disk and certificates; it is tried again at the next round.",
    ),
    "witness.no_stamp": Text(
        "时间戳服务的应答不可用：{reason}。",
        "The time stamping authority's answer is no valid stamp: {reason}.",
        "检查 HUB_WITNESS_TSA 的地址和 HUB_WITNESS_TSA_CA 的证书。",
        "Check the address in HUB_WITNESS_TSA and the certificates in HUB_WITNESS_TSA_CA.",
    ),
    "alert.sealing_late": Text(
        "存证封签落后 {seconds} 秒，上限 {most} 秒。",
        "Sealing lags {seconds} seconds behind; the limit is {most}.",
        "检查 upkeep 流程；落后超过上限时接收会暂停。",
        "Check the upkeep DAG; intake pauses beyond the limit.",
    ),
    "alert.restored": Text(
        "数据库已恢复到较早的状态（{by}：{reason}），正在向目标系统核对，还有 {flows} 个推送流程未核对完。",
        "The database came back older ({by}: {reason}); targets are asked what they hold, {flows} flows still.",
        "确认旧的数据库已停用；各来源完整读取一次后核对结束，见 docs/restore.md。",
        "See that the old database has stopped. It ends once every source was read completely; see docs/restore.md.",
    ),
    "alert.uncertain": Text(
        "流程 {flow} 有 {count} 条推送待人工确认：恢复后无法向目标系统查询是否已送达。",
        "{count} deliveries of {flow} wait for a person: since the restoration nobody can ask their target.",
        "用 hub deliveries --uncertain 查看，向对方核实后用 hub settle-delivery 决定。",
        "`hub deliveries --uncertain` lists them; ask the target's people, then `hub settle-delivery`.",
    ),
    "alert.difference": Text(
        "流程 {flow} 有 {count} 处对账差异（{class}）持续存在或待人工处理。",
        "The flow {flow} has {count} differences ({class}) that stay, or wait for a person.",
        "用 hub differences --flow {flow} 查看，再用 hub settle 决定。",
        "See `hub differences --flow {flow}`, then decide by `hub settle`.",
    ),
    "alert.recall_open": Text(
        "追回 {recall}（{record} 的字段 {field}）开启 {days} 天，仍有 {owed} 个接收方未更正或未确认。",
        "The recall {recall} ({field} of {record}) is open for {days} days; {owed} receivers are not put right yet.",
        "用 hub recall show {recall} 查看：来源未更正的催来源，目标系统未确认的查推送，查阅单位请其确认。",
        "See `hub recall show {recall}`: press the source for its correction, see to the deliveries, ask the readers.",
    ),
    "alert.dispute_open": Text(
        "数据校核 {dispute}（{record} 的字段 {field}）应于 {due} 前由系统 {system} 的单位答复，已逾期。",
        "The dispute {dispute} ({field} of {record}) was to be answered by the unit of {system} until {due}.",
        "催该单位答复：hub disputes show {dispute}。",
        "Press that unit for an answer: `hub disputes show {dispute}`.",
    ),
    "alert.dispute_accepted": Text(
        "数据校核 {dispute}（{record} 的字段 {field}）已认可，系统 {system} 应于 {due} 前更正，至今未更正。",
        "The dispute {dispute} ({field} of {record}) was accepted; {system} was to correct it until {due} and has not.",
        "催来源更正；急需时由数据管理员用 hub decide 先行裁定。",
        "Press the source for its correction; where that is too late, an administrator settles it by `hub decide`.",
    ),
    "alert.held": Text(
        "流程 {flow} 有 {batches} 批共 {entries} 条数据整批未采用：{why_zh}",
        "{batches} batches of the flow {flow}, {entries} records, are held: {why_en}",
        "用 hub held --flow {flow} 查看，修正映射或来源后再运行，或用 hub accept、hub drop 处理。",
        "`hub held --flow {flow}` shows them; mend the mapping or the source and run again, or decide with "
        "`hub accept` or `hub drop`.",
    ),
    "alert.shape": Text(
        "流程 {flow} 的来源有变化：{why_zh}",
        "The source of the flow {flow} has changed: {why_en}",
        "用 hub shape {flow} 查看来源的结构。",
        "`hub shape {flow}` shows what its source looks like.",
    ),
    "alert.waiting": Text(
        "流程 {flow} 有 {entries} 条记录等待项目超过 {hours} 小时，其中 {asked} 条待人工判定。",
        "{entries} records of the flow {flow} have waited for their project for more than {hours} hours; "
        "{asked} of them are to be decided.",
        "用 hub links 判定，用 hub waiting --flow {flow} 查看其余记录等待什么。",
        "Decide by `hub links`; `hub waiting --flow {flow}` says what the others wait for.",
    ),
    "alert.list_unread": Text(
        "流程 {flow} 近期有 {times} 份报文的列表“{field}”含多个元素，未被任何映射全部读取。",
        "{times} payloads of the flow {flow} lately had a list at {field} of which nobody reads every element.",
        "用 each 映射该列表，或在映射的 ignore 中写明不需要；hub findings --flow {flow} 列出实例。",
        "Map the list by `each`, or name it in `ignore` of the mapping; `hub findings --flow {flow}` gives an example.",
    ),
    "alert.test": Text(
        "这是一条测试告警。",
        "This is a test alert.",
        "无需处理。",
        "Nothing to do.",
    ),
    "alert.nowhere": Text(
        "没有设置告警地址。",
        "No place is set for alerts.",
        "在 HUB_ALERT_URLS 中填写 apprise 地址，见 docs/alerts.md。",
        "Put apprise URLs into HUB_ALERT_URLS; see docs/alerts.md.",
    ),
    "alert.not_delivered": Text(
        "告警没有送达。",
        "The alert could not be delivered.",
        "检查 HUB_ALERT_URLS 和接收方是否可达；中枢会再次发送。",
        "Check HUB_ALERT_URLS and whether the receiver answers; the hub sends it again.",
    ),
    "prefill.no_grant": Text(
        "没有查看“{entity_zh}”此字段的授权。",
        "No grant covers this field of {entity_en}.",
        "按用途和期限申请授权。",
        "Apply for a grant with a purpose and a term.",
    ),
    "prefill.not_yet_received": Text(
        "本项目尚未收到，由{systems_zh}共享。",
        "Nothing has come for this project yet; shared by: {systems_en}.",
        "来源办理并共享后自动更新；急需时请先填写。",
        "It comes by itself once the source has shared it; fill it in where that is too late.",
    ),
    "prefill.sources_disagree": Text(
        "各来源的值不一致，请核对后选择。",
        "The sources say different things; check and choose.",
        "向有权威的来源提出数据校核。",
        "Ask the source with authority to settle it.",
    ),
    "prefill.field_unknown": Text(
        "表单 {form} 没有栏目 {fields}。",
        "The form {form} does not ask for {fields}.",
        "栏目见 /v1/forms 或 mappings/forms/{form}.yaml。",
        "/v1/forms and mappings/forms/{form}.yaml list what it asks for.",
    ),
    "prefill.expired": Text(
        "中枢持有的这份材料已于 {on} 到期。",
        "The copy that the hub holds expired on {on}.",
        "请提交有效的材料。",
        "Hand in one that is in force.",
    ),
    "prefill.masked": Text(
        "有值，无权查看。",
        "There is a value, which you may not see.",
        "需要时申请查看个人信息的授权，或由申请人填写。",
        "Apply for a grant to see persons where you need it, or let the applicant fill it in.",
    ),
    "prefill.masked_by_source": Text(
        "{systems_zh}只给出了脱敏值（{value}），不能用于填表。",
        "{systems_en} gives a masked value only ({value}), which fills in nothing.",
        "由申请人填写，或请来源单位提供原值。",
        "Let the applicant fill it in, or have the source share the value itself.",
    ),
    "prefill.holder_unknown": Text(
        "无法确认持有人：中枢有同名材料，但材料或项目没有统一社会信用代码，不能仅凭名称认定。",
        "The holder cannot be confirmed: a paper of this name is held, but it or the project has no credit code.",
        "请提交；来源补填持证主体或建设单位的统一社会信用代码后，自动认定。",
        "Hand it in; it is recognised once the source gives the credit code of the holder or the owner.",
    ),
    "prefill.other_holder": Text(
        "中枢只有其他主体（{holder}）的同名材料，不是本次所需持有人（{wanted}）的。",
        "Only a paper of that name of somebody else ({holder}) is held, not of the holder wanted ({wanted}).",
        "请提交所需持有人的材料。",
        "Hand in the paper of the holder that is wanted.",
    ),
    "prefill.not_collected": Text(
        "没有系统共享此字段，请填写。",
        "No system shares this field; please fill it in.",
        "如应由某系统共享，请数据管理员补充映射。",
        "If a system should share it, ask the data administrator for a mapping.",
    ),
}
