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
    "ask.invalid": Text(
        "请求的参数无效：{why}。",
        "The request is not valid: {why}.",
        "按接口说明 /v1/openapi.json 更正后重试。",
        "Correct it as /v1/openapi.json says and try again.",
    ),
    "ask.no_such_route": Text(
        "没有这个接口地址，或不支持这个方法。",
        "There is no such address, or it does not take this method.",
        "接口说明见 /v1/openapi.json。",
        "See /v1/openapi.json.",
    ),
    "access.no_token": Text(
        "未提供访问令牌。",
        "No access token was given.",
        "在请求头中加上 Authorization: Bearer 令牌；令牌由数据管理员用 hub accounts add 发放。",
        "Send the header `Authorization: Bearer TOKEN`; the data administrator issues tokens by `hub accounts add`.",
    ),
    "access.token_invalid": Text(
        "访问令牌无效或已停用。",
        "The access token is not valid, or no longer.",
        "向数据管理员申请新的令牌（hub accounts renew）。",
        "Ask the data administrator for a new one (`hub accounts renew`).",
    ),
    "access.role": Text(
        "角色“{role}”无权查看此内容。",
        "The role {role} may not see this.",
        "如确有需要，请数据管理员核定账号的角色。",
        "If it is needed, ask the data administrator about the account's role.",
    ),
    "access.no_grant": Text(
        "账号 {account} 没有有效的授权。",
        "The account {account} has no grant that is in force.",
        "请按用途和期限申请授权（hub grants add）。",
        "Apply for a grant with a purpose and a term (`hub grants add`).",
    ),
    "access.role_unknown": Text(
        "没有角色 {role}。",
        "There is no role {role}.",
        "可用的角色：administrator、department、auditor、service。",
        "Roles are administrator, department, auditor and service.",
    ),
    "access.account_exists": Text(
        "账号 {account} 已存在。",
        "The account {account} exists already.",
        "换一个名称；需要新令牌时用 hub accounts renew。",
        "Choose another name; `hub accounts renew` gives a new token.",
    ),
    "access.account_unknown": Text(
        "没有可用的账号 {account}。",
        "There is no account {account} in use.",
        "用 hub accounts list 列出账号。",
        "`hub accounts list` shows them.",
    ),
    "access.grant_unknown": Text(
        "没有编号为 {grant} 的有效授权。",
        "There is no grant with the number {grant} in force.",
        "用 hub grants list 列出授权。",
        "`hub grants list` shows them.",
    ),
    "access.grant_invalid": Text(
        "授权无效：{why}。",
        "The grant is not valid: {why}.",
        "实体名见 schemas/；分类为 public、internal、personal；期限从开始日到截止日。",
        "Entities stand in schemas/; classes are public, internal, personal; the term runs from one day to another.",
    ),
    "alert.quarantine": Text(
        "流程 {flow} 有 {entries} 条问题数据，原因 {cause}，责任人 {owner}。",
        "The flow {flow} has {entries} open quarantine entries for {cause}; owner: {owner}.",
        "用 hub failures --flow {flow} 查看，排除原因后用 hub replay 重新处理。",
        "See `hub failures --flow {flow}`, mend the cause, then `hub replay`.",
    ),
    "alert.stale": Text(
        "流程 {flow} 已 {minutes} 分钟没有完整读取来源，目标为 {target} 分钟。",
        "The flow {flow} has not read its source completely for {minutes} minutes; the target is {target}.",
        "查看 Airflow 中该流程是否停用或排队，再用 hub ping 测试连接。",
        "See in Airflow whether the flow is paused or queued, then test the connection by `hub ping`.",
    ),
    "alert.sealing_late": Text(
        "存证封签落后 {seconds} 秒，上限 {most} 秒。",
        "Sealing lags {seconds} seconds behind; the limit is {most}.",
        "检查 upkeep 流程；落后超过上限时接收会暂停。",
        "Check the upkeep DAG; intake pauses beyond the limit.",
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
    "alert.waiting": Text(
        "流程 {flow} 有 {entries} 条记录等待项目超过 {hours} 小时，其中 {asked} 条待人工判定。",
        "{entries} records of the flow {flow} have waited for their project for more than {hours} hours; "
        "{asked} of them are to be decided.",
        "用 hub links 判定，用 hub waiting --flow {flow} 查看其余记录等待什么。",
        "Decide by `hub links`; `hub waiting --flow {flow}` says what the others wait for.",
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
        "没有查看“{entity}”此字段的授权。",
        "No grant covers this field of {entity}.",
        "按用途和期限申请授权。",
        "Apply for a grant with a purpose and a term.",
    ),
    "prefill.not_yet_received": Text(
        "本项目的此字段尚未收到，由 {systems} 共享。",
        "Nothing has come for this project yet; {systems} shares this field.",
        "来源办理并共享后自动更新；急需时请先填写。",
        "It comes by itself once the source has shared it; fill it in where that is too late.",
    ),
    "prefill.sources_disagree": Text(
        "各来源的值不一致，请核对后选择。",
        "The sources say different things; check and choose.",
        "向有权威的来源提出数据校核。",
        "Ask the source with authority to settle it.",
    ),
    "prefill.expired": Text(
        "中枢持有的这份材料已于 {on} 到期。",
        "The copy that the hub holds expired on {on}.",
        "请提交有效的材料。",
        "Hand in one that is in force.",
    ),
    "prefill.not_collected": Text(
        "没有系统共享此字段，请填写。",
        "No system shares this field; please fill it in.",
        "如应由某系统共享，请数据管理员补充映射。",
        "If a system should share it, ask the data administrator for a mapping.",
    ),
}
