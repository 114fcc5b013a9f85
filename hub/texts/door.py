"""What keeps a request out: who asks, whether they may, and what a request may look like."""

from collections.abc import Mapping

from hub.texts.text import Text

DOOR: Mapping[str, Text] = {
    "access.password_wrong": Text(
        "账号或密码不对。",
        "Name and password do not belong together.",
        "核对后重试；忘记密码请管理员执行 hub accounts password 账号。",
        "Try again; if the password is lost, an administrator gives a new one: `hub accounts password NAME`.",
    ),
    "access.signed_out": Text(
        "登录已失效。",
        "You are not signed in any more.",
        "重新登录；地址保留，登录后回到本页。",
        "Sign in again; the address is kept and you come back to this page.",
    ),
    "ask.invalid": Text(
        "请求的参数无效：{why}。",
        "The request is not valid: {why}.",
        "按接口说明 /v1/openapi.json 更正后重试。",
        "Correct it as /v1/openapi.json says and try again.",
    ),
    "ask.unreadable": Text(
        "请求无法读取：{why_zh}。",
        "The request cannot be read: {why_en}.",
        "地址和正文用 UTF-8；正文为 JSON，名称不重复，嵌套不超过 200 层，不含 NUL 字符。",
        "Address and body are UTF-8; a body is JSON without a name given twice, nested 200 deep at most, without NUL.",
    ),
    "ask.twice": Text(
        "参数 {name} 给出了两次。",
        "The parameter {name} is given twice.",
        "每个参数只给一次。",
        "Give each parameter once.",
    ),
    "ask.too_large": Text(
        "请求正文超过 {most} 字节。",
        "The body of the request is longer than {most} bytes.",
        "分几次提交；确需更大时由管理员调整 HUB_REQUEST_BYTES。",
        "Send it in parts; where more is needed an administrator sets HUB_REQUEST_BYTES.",
    ),
    "ask.too_slow": Text(
        "请求正文 {seconds} 秒内没有传完。",
        "The body of the request did not arrive within {seconds} seconds.",
        "检查网络后重试；线路慢时由管理员调整 HUB_REQUEST_SECONDS。",
        "See to the network and try again; on a slow line an administrator sets HUB_REQUEST_SECONDS.",
    ),
    "ask.media_type": Text(
        "请求正文的类型 {given} 不能接受。",
        "A body of the type {given} is not taken.",
        "用 Content-Type: application/json，编码 UTF-8。",
        "Send Content-Type: application/json in UTF-8.",
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
    "access.slowed": Text(
        "此账号从这里（或近来从各处）登录失败多次，请 {seconds} 秒后再试。",
        "Signing in to this account has failed often from here, or from many places; try again in {seconds} seconds.",
        "等候后再试；账号没有锁定，在曾经成功登录过的地方不受他处失败影响。每再错一次等候加倍，"
        "上限 HUB_LOCK_SECONDS；管理员重设密码即从头计。",
        "Wait, then try again. The account is not locked: where it has signed in before, what fails elsewhere does not "
        "count. Each further failure doubles the wait, up to HUB_LOCK_SECONDS; a new password begins anew.",
    ),
    "access.busy": Text(
        "此刻登录的人太多。",
        "Too many are signing in at this moment.",
        "{seconds} 秒后再试；经常如此时由管理员增加 HUB_HASHES_AT_ONCE 或 HUB_HASHES_WAITING。",
        "Try again in {seconds} seconds; where it happens often an administrator raises HUB_HASHES_AT_ONCE or "
        "HUB_HASHES_WAITING.",
    ),
    "access.password_change": Text(
        "此密码由他人设置或已过期，须先修改。",
        "This password was made by somebody else, or is too old: first it is changed.",
        "在“我的账号”页修改密码，之后即可使用其他页面。",
        "Change it on the page My account; then the other pages open.",
    ),
    "access.too_many": Text(
        "请求过于频繁，请在 {seconds} 秒后再试。",
        "Too many requests; try again in {seconds} seconds.",
        "稍候再试；如业务确需更高频次，请数据管理员调整 HUB_REQUESTS_A_MINUTE 或 HUB_SIGN_INS_A_MINUTE。",
        "Wait; where more are needed, the administrator sets HUB_REQUESTS_A_MINUTE or HUB_SIGN_INS_A_MINUTE.",
    ),
    "access.password_weak": Text(
        "新密码不能用：{why_zh}。",
        "The new password will not do: {why_en}.",
        "换一个较长的、与账号名无关、不常见的密码；几个不相干的词连成的长句最好。",
        "Choose a longer one without the account's name that is not common; best some unrelated words in a row.",
    ),
    "access.form_stale": Text(
        "表单已失效。",
        "The form is no longer valid.",
        "重新打开页面再提交；须允许本站使用 Cookie。",
        "Open the page again and send it once more; cookies of this site must be allowed.",
    ),
    "access.oidc_failed": Text(
        "统一身份认证没有完成（{why}）。",
        "Signing in at the identity provider did not succeed ({why}).",
        "从登录页重新开始；反复出现时请数据管理员核对 HUB_OIDC_ISSUER、HUB_OIDC_CLIENT_ID 和回调地址。",
        "Begin again at the sign-in page; if it goes on, the administrator checks HUB_OIDC_ISSUER, HUB_OIDC_CLIENT_ID "
        "and the address registered there.",
    ),
    "access.oidc_away": Text(
        "统一身份认证服务没有应答（{reason}）。",
        "The identity provider does not answer ({reason}).",
        "稍候再试。",
        "Try again in a while.",
    ),
    "access.oidc_unknown": Text(
        "{account} 没有本系统的账号。",
        "{account} has no account here.",
        "请数据管理员开设账号（hub accounts add 后执行 hub accounts expect），或加入对应角色的用户组。",
        "Ask the data administrator for one (`hub accounts add`, then `hub accounts expect`), or for a group that "
        "stands for a role.",
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
    "access.account_name": Text(
        "账号名 {account} 不能用：{why_zh}。",
        "The name {account} will not do for an account: {why_en}.",
        "换一个名称：汉字、一种字母、数字和常见符号，最多 100 个字符。",
        "Choose another: Chinese characters, letters of one alphabet, digits and common signs, at most 100.",
    ),
    "access.account_alike": Text(
        "账号名 {account} 看起来与已有的账号 {other} 相同。",
        "The name {account} looks like that of the account {other}, which exists.",
        "换一个看得出区别的名称；大小写、全角半角以及 0 与 O、1 与 l 之类不算区别。",
        "Choose one that differs visibly; capitals, widths, 0 and O, or 1 and l make no difference.",
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
}

NAME_FAULTS: Mapping[str, tuple[str, str]] = {
    "empty": ("没有名称", "it is empty"),
    "long": ("超过 100 个字符", "it has more than 100 signs"),
    "unseen": ("含有看不见的字符", "it has characters that cannot be seen"),
    "blank": ("首尾有空格或有连续的空格", "it has blanks at an end, or several in a row"),
    "form": (
        "含有全角或兼容形式的字符",
        "it has characters in another width or form than the usual",
    ),
    "mixed": ("混用了不同的字母表", "it has letters of several alphabets"),
    "own": (
        "cli: 开头的名称留给中枢本机",
        "names that begin with cli: are those of the hub's own machine",
    ),
}
"""Which rule an account's name breaks (hub/domain/account_names.py), in words."""

WEAKNESSES: Mapping[str, tuple[str, str]] = {
    "short": ("少于 {least} 个字符", "it has fewer than {least} signs"),
    "unseen": ("含有看不见的字符", "it has characters that cannot be seen"),
    "name": ("含有账号名", "it has the account's name in it"),
    "repeated": ("只是几个字符的重复", "it is few signs repeated"),
    "common": ("在常用密码表中", "it is on the list of common passwords"),
    "plain": (
        "不足 {long} 个字符时须含大写、小写、数字、符号中的三种",
        "below {long} signs it needs three of capitals, small letters, digits and other signs",
    ),
    "former": ("是最近 {past} 次用过的密码", "it is one of the last {past} passwords"),
}
"""Which rule a password breaks (hub/domain/passwords.py), in words."""
