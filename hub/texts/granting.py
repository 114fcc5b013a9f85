"""What can stand in the way of an application for access, and what is told of grants that lapse."""

from collections.abc import Mapping

from hub.texts.text import Text

GRANTING: Mapping[str, Text] = {
    "ask.application_unknown": Text(
        "没有编号为 {id} 的数据使用申请，或它不属于本单位。",
        "There is no application with the number {id}, or it is not of your unit.",
        "用 hub applications list 列出，或打开“数据申请”页面。",
        "`hub applications list` or the page “Applications” lists them.",
    ),
    "application.invalid": Text(
        "申请或授权的内容无效：{why}。",
        "The terms are not valid: {why}.",
        "数据项见目录；分类为 public、internal、personal；用途、依据必填；地区为区划代码开头的数字；截止日不早于今天。",
        "Entities stand in the catalogue; classes are public, internal, personal; purpose and basis are wanted; a "
        "region is the first digits of a region code; the term must not have ended.",
    ),
    "application.beyond": Text(
        "授权超出了申请 {id} 的范围：{what}。",
        "This is more than the application {id} asks for: {what}.",
        "只能按申请授权，或缩短期限、缩小范围；需要更多时请单位另行申请。",
        "Give what was asked, less, or for a shorter time; for more the unit applies again.",
    ),
    "application.decided": Text(
        "申请 {id} 已办结或已撤回。",
        "The application {id} has been decided or withdrawn already.",
        "打开该申请查看经过；需要时重新申请。",
        "Open it to see its steps; apply again where that is needed.",
    ),
    "application.extended": Text(
        "申请 {id} 已答复、已撤回或已延长过一次。",
        "The application {id} has been answered, withdrawn, or extended once already.",
        "答复期限只能延长一次；请在延长后的期限内答复。",
        "An answer is put off once only; answer it until the date that it was put off to.",
    ),
    "application.not_extensible": Text(
        "申请 {id} 不能延长：已办结、没有答复期限或期限已过，或没有有效的延长规则。",
        "The application {id} cannot be extended: it is settled or late, or no term in force allows it.",
        "逾期的请尽快答复；延长规则见 mappings/limits/sharing.yaml。",
        "Answer at once what is late; mappings/limits/sharing.yaml says what may be extended.",
    ),
    "application.own": Text(
        "不能审批本单位的申请 {id}。",
        "Nobody decides an application of their own unit ({id}).",
        "请其他管理员审批。",
        "Ask another administrator.",
    ),
    "alert.application_open": Text(
        "单位 {department} 的数据申请 {application} 应于 {due} 前答复，已逾期。",
        "The application {application} of {department} was to be answered until {due}.",
        "立即答复：hub applications grant 或 refuse {application}；不同意须说明理由。",
        "Answer it: `hub applications grant` or `refuse {application}`; a refusal says why.",
    ),
    "alert.application_granted": Text(
        "单位 {department} 的数据申请 {application} 已同意，应于 {due} 前提供数据，至今没有成功的查询或送达。",
        "The application {application} of {department} was granted; the data were due until {due}, and none was read.",
        "与该单位联系，确认账号和接口能够使用：hub applications list --state granted。",
        "Ask the unit whether its account and interface work: `hub applications list --state granted`.",
    ),
    "alert.grant_expiring": Text(
        "账号 {account} 对 {entities} 的授权将于 {until} 到期。",
        "The grants of {account} on {entities} end on {until}.",
        "仍需使用的，请该单位在“数据申请”页面续期；不再需要的到期自动失效。",
        "If they are still needed, the unit renews them on the page “Applications”; otherwise they end by themselves.",
    ),
}
