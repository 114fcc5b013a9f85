"""What can stand in the way of an auditor: proofs that cannot be made, checkpoints that are none, moments unknown."""

from collections.abc import Mapping

from hub.texts.text import Text

AUDITING: Mapping[str, Text] = {
    "proof.no_value": Text(
        "{record} 的字段 {field} 没有来自报文的值，无从证明。",
        "The field {field} of {record} has no value that came in a payload; there is nothing to prove.",
        "在溯源页查看该字段的历次取值。",
        "The lineage shows its former values.",
    ),
    "proof.persons": Text(
        "证明文件含整份报文，其中可能有个人信息；本账号对 {entity} 没有个人信息授权。",
        "A proof holds the whole payload and may name persons; this account has no grant of that class for {entity}.",
        "请数据管理员授予 {entity} 的 personal 类查阅权，或由其代为出具（hub proof）。",
        "Ask the data administrator for a grant of the class personal for {entity}, or for the file (`hub proof`).",
    ),
    "proof.erased": Text(
        "报文 {landing} 已依决定清除，不能再出具证明；账本中的叶仍在。",
        "The payload {landing} has been erased on a recorded decision; its leaf stays, and cannot be shown.",
        "清除的决定、经办人和理由见 hub.erasure。",
        "Who decided so and why stands in hub.erasure.",
    ),
    "proof.closed": Text(
        "报文 {landing} 所在批次按旧规则封存，叶中是带密钥的散列，外人无法核验。",
        "The batch of payload {landing} was sealed by the former rule: its leaves are keyed, nobody can check them.",
        "来源再次送达该记录后即可出具；在此之前用 hub verify 核验。",
        "Once the source sends the record anew a proof can be made; until then `hub verify` checks it.",
    ),
    "proof.not_sealed": Text(
        "批次 {batch} 尚未封签，或其后尚无已签名的封签。",
        "Batch {batch} is not sealed yet, or no signed seal has followed.",
        "等下一次封签（每两分钟），或运行 hub seal。",
        "Wait for the next seal (every two minutes), or run `hub seal`.",
    ),
    "proof.no_key": Text(
        "没有配置签名密钥，证明文件无从签名。",
        "No signing key is configured, so nothing can vouch for the proof.",
        "设置 HUB_SEAL_KEY 后再试。",
        "Set HUB_SEAL_KEY and try again.",
    ),
    "proof.too_far": Text(
        "从封签 {first} 到 {last} 超过 {most} 个，证明文件会过长。",
        "From seal {first} to seal {last} there are more than {most}; the proof would be too long.",
        "用对方较早留存的检查点，或调高 HUB_PROOF_LINKS。",
        "Use an earlier checkpoint of the partner's, or raise HUB_PROOF_LINKS.",
    ),
    "ledger.differs": Text(
        "对方留存的检查点与账本不一致：封签 {seals}。",
        "What the partner has kept does not agree with the ledger: seals {seals}.",
        "保全现场，用 hub verify 找出改动；状态“不是本中枢的签名”说明检查点本身不可信。",
        "Touch nothing, let `hub verify` name what was changed; what is not signed by this hub proves nothing.",
    ),
    "ledger.no_checkpoint": Text(
        "这不是检查点：每行应为一个含 seal、chain、sealed_at、signature、signed_by 的 JSON 对象。",
        "This is no checkpoint: each line must be a JSON object with seal, chain, sealed_at, signature and signed_by.",
        "粘贴对方留存的 OneCode-Checkpoint 原文，每行一个。",
        "Paste the OneCode-Checkpoint texts as the partner kept them, one a line.",
    ),
    "ask.check_unknown": Text(
        "没有名为 {check} 的核对。",
        "There is no check called {check}.",
        "可用的有：{known}。",
        "There are: {known}.",
    ),
    "flow.verified_wrong": Text(
        "核验发现 {wrong} 行与应有的不符。",
        "A verification found {wrong} rows that are not what they must be.",
        "保全现场，勿改数据；“核验”页和 hub verify 列出每一行。",
        "Change nothing; the page of verifications and `hub verify` list every row.",
    ),
    "alert.verification": Text(
        "核验 {verification} 发现 {wrong} 行与应有的不符：{tables}。",
        "Verification {verification} found {wrong} rows that are not what they must be: {tables}.",
        "保全现场，勿改数据；在“核验”页或用 hub verify 查看每一行，与留存的检查点比对。",
        "Change nothing; the page of verifications and `hub verify` list every row; compare partners' checkpoints.",
    ),
    "alert.verification_old": Text(
        "已 {days} 天没有完整核验（目标 {target} 天）。",
        "Nothing has been verified as a whole for {days} days (the target is {target}).",
        "运行 hub verify，或查看 Airflow 中的核验任务为何未运行。",
        "Run `hub verify`, or look at why Airflow's verification does not run.",
    ),
    "unusual.volume": Text(
        "一天查阅 {records} 条记录，超过其平日中位数 {usual} 的 {factor} 倍。",
        "{records} records in a day, more than {factor} times its usual {usual}.",
        "与该账号的单位核对用途；属于批量办理的，可调高 HUB_UNUSUAL_FACTOR。",
        "Ask the account's unit what for; where that is its work, raise HUB_UNUSUAL_FACTOR.",
    ),
    "unusual.off_hours": Text(
        "在 {opens} 点前或 {closes} 点后查阅 {reads} 次。",
        "{reads} reads before {opens}:00 or after {closes}:00.",
        "核对是否值班；令牌外泄时用 hub accounts renew 更换。",
        "Ask whether somebody was on duty; `hub accounts renew` replaces a token that has leaked.",
    ),
    "unusual.day_off": Text(
        "在非工作日查阅 {reads} 次。",
        "{reads} reads on a day off.",
        "核对是否值班；令牌外泄时用 hub accounts renew 更换。",
        "Ask whether somebody was on duty; `hub accounts renew` replaces a token that has leaked.",
    ),
    "unusual.no_case": Text(
        "查阅了 {of} 个项目，其中至少 {projects} 个没有“{department}”的在办事项。",
        "{of} projects read, at least {projects} of them without an open case of {department}.",
        "核对用途；授权可限定为有在办事项的项目。",
        "Ask what for; a grant can be held to projects with an open case.",
    ),
    "unusual.refused": Text(
        "被拒 {refused} 次，其中连续 {row} 次。",
        "Refused {refused} times, {row} of them in a row.",
        "可能在试探权限或令牌已失效；查看被拒的地址。",
        "Somebody may be trying doors, or a token has lapsed; look at the addresses refused.",
    ),
    "ask.then_unknown": Text(
        "在 {moment}，中枢还不知道 {what}。",
        "At {moment} the hub did not know {what} yet.",
        "选更晚的时刻；首次到达的时间见溯源页。",
        "Choose a later moment; the lineage shows when it first came.",
    ),
}
