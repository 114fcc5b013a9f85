"""What can go wrong when talking to a partner."""

from collections.abc import Mapping

from hub.texts.text import Text

SYSTEMS: Mapping[str, Text] = {
    "system.unavailable": Text(
        "对接系统暂时无法使用。",
        "The partner system cannot be used at the moment.",
        "中枢会自动重试；持续超过时效目标时，联系对接系统的负责人。",
        "The hub tries again by itself; if it lasts past the freshness target, call the system's owner.",
    ),
    "system.timeout": Text(
        "对接系统没有在限定时间内答复。",
        "The partner system did not answer in time.",
        "中枢会自动重试；经常出现时，调小每页条数或放宽 connect 中的超时。",
        "The hub tries again by itself; if it happens often, read smaller pages or raise the time-out in `connect`.",
    ),
    "system.busy": Text(
        "对接系统繁忙，要求稍后再试。",
        "The partner system is busy and asks to come back later.",
        "无需处理，中枢按对方要求的时间再试；经常出现时降低 connect.rate。",
        "Nothing to do, the hub comes back when asked to; if it happens often, lower connect.rate.",
    ),
    "system.http_status": Text(
        "对接系统以 HTTP 状态 {status} 拒绝了请求。",
        "The partner system refused the request with HTTP status {status}.",
        "核对 system.yaml 与映射中的地址、资源名和参数，再用 hub ping 测试。",
        "Check address, resource and options in system.yaml and the mapping, then try `hub ping`.",
    ),
    "system.answer_unreadable": Text(
        "无法读懂对接系统的答复。",
        "The partner system's answer cannot be read.",
        "对方接口可能已变更：对照映射的 read/write 选项与接口说明。",
        "Its interface may have changed: compare the read/write options with its documentation.",
    ),
    "system.answer_too_large": Text(
        "对接系统的一次答复超过 {most} 字节（含解压后），没有读完。",
        "One answer of the partner system is larger than {most} bytes, packed or unpacked; it was not read to its end.",
        "每页少取一些（read 的 size 等）；确实需要这么大的答复时，在 {option} 写明更大的上限。",
        "Ask for less a page (`size` under `read`); where answers really are that large, say so in {option}.",
    ),
    "system.answer_too_deep": Text(
        "对接系统的答复嵌套过深（XML 超过 100000 层，或在 2048 层以下残缺），没有读取。",
        "The partner system's answer is nested too deep (XML: more than 100,000 levels, or broken below 2,048); it was "
        "not read.",
        "请对方改正；这样的答复只会是故障或攻击。",
        "Ask the partner to mend it: such an answer is a fault or an attack.",
    ),
    "system.pages_endless": Text(
        "读了 {most} 页，列表还没有结束；读到的已采用，下次运行从那里继续。",
        "{most} pages were read, and the list had not ended; what was read is taken in, and the next run goes on from "
        "there.",
        "列表确实这么长时在 {option} 写明更大的数，或每页多取一些；否则请对方核对翻页。",
        "Where the list is that long say so in {option}, or ask for more a page; else let the partner look at its "
        "paging.",
    ),
    "system.listing_long": Text(
        "文件夹 {detail} 的条目超过 {most} 个，没有读取：只看一部分会当作清单缺项。",
        "Folder {detail} has more than {most} entries and was not read: part of it would pass for the whole.",
        "请对方清理旧文件；确有这么多时在 {option} 写明更大的数。",
        "Let the partner clear old files away; where there are that many say so in {option}.",
    ),
    "system.answer_slow": Text(
        "对接系统的一次答复在 {seconds} 秒内没有传完，连接已断开。",
        "One answer of the partner system was not complete after {seconds} seconds; the connection was shut.",
        "会重试。对方一直这样慢时：每页少取一些，或在 {option} 写明更长的时限。",
        "It is tried again. Where the partner is always that slow ask for less a page, or say so in {option}.",
    ),
    "system.page_broken": Text(
        "对接系统的一页数据不完整或重复，整页未采用。",
        "A page of the partner system was cut off or came twice; nothing of it was taken.",
        "中枢会自动重读该页；持续出现时核对 paging：超出末页又给末页的写 last: repeats，"
        "有总数的写 total；仍出现时请对方检查分页。",
        "The hub reads the page again by itself; if it lasts, check `paging`: `last: repeats` where the last page "
        "comes again beyond the end, `total` where there is a total; else have the partner check its paging.",
    ),
    "system.charset": Text(
        "对接系统的答复不是 {charset} 编码的文字。",
        "The partner system's answer is no text in the charset {charset}.",
        "在 system.yaml 的 connect 中写明 encoding（如 gbk），或请对方在 Content-Type 中写对 charset。",
        "Say `encoding` under `connect` in system.yaml (e.g. gbk), or have the partner put the right charset into its "
        "Content-Type.",
    ),
    "system.foreign_link": Text(
        "对接系统的下一页链接指向别的主机（{place}），未访问。",
        "The partner system's link to the next page leads to another host ({place}); it was not followed.",
        "请对方按中枢访问的地址和协议（https 不降为 http）给出链接；或改用 paging 的其他方式。",
        "Have the partner give links with the address and protocol by which the hub calls (https stays https), or use "
        "another kind of `paging`.",
    ),
    "system.credentials": Text(
        "对接系统不接受中枢的账号或密钥。",
        "The partner system does not accept the hub's account or key.",
        "更新 HUB_CONN_<系统> 或同名 Airflow 连接中的账号，再用 hub ping 测试。",
        "Renew the credentials in HUB_CONN_<SYSTEM> or the Airflow connection of that name, then try `hub ping`.",
    ),
    "system.refused_connection": Text(
        "连不上对接系统：连接被拒绝或地址不可达。",
        "The partner system cannot be reached: connection refused or no route.",
        "检查地址、端口、防火墙以及对方是否在运行；中枢会自动重试。",
        "Check address, port, firewall and whether it runs; the hub tries again by itself.",
    ),
    "system.protocol": Text(
        "与对接系统的往来不符合约定。",
        "What passes between the hub and the partner system is not as agreed.",
        "对照 docs/connectors.md 检查 connect/read/write 选项，并联系对方接口负责人。",
        "Check the connect/read/write options against docs/connectors.md and talk to the partner's engineers.",
    ),
    "system.contract": Text(
        "我方的契约与对方的接口对不上：{option}。",
        "Our own contract and the partner's interface do not fit together: {option}.",
        "按括号中对方实际提供的内容，更正 system.yaml 或映射中的这一项，再用 hub ping 测试。",
        "Correct this option in system.yaml or the mapping by what the partner has (in brackets), then try `hub ping`.",
    ),
    "system.cursor_stands": Text(
        "按 {columns} 逐页读取 {table} 时没有前进：同一批行又读到一次，读取已停止。",
        "Reading {table} in the order of {columns} does not move on: the same rows came again, and the reading ended.",
        "数据库驱动在比较时改变了游标或主键的值（例如丢掉秒的小数），或排序规则前后不一："
        "改用整数游标，或改用 sql 连接器，或在 connect 中换一个驱动。",
        "The driver changes a value of the cursor or key when it compares it (it drops the fraction of a second, "
        "say), or the collation is at odds with itself: take a whole number as cursor, the connector `sql`, or "
        "another driver.",
    ),
    "system.not_configured": Text(
        "没有配置系统 {system} 的连接。",
        "There is no connection for the system {system}.",
        "把 HUB_CONN_<系统> 写入 .run/own.env（make up 时）或环境变量，或在 Airflow 中建立同名连接。",
        "Write HUB_CONN_<SYSTEM> into .run/own.env (under `make up`), set it in the environment, or make an Airflow "
        "connection of that name.",
    ),
    "system.connection": Text(
        "连接 {connection} 无法使用：{why}。",
        "The connection {connection} cannot be used: {why}.",
        "更正环境变量或同名 Airflow 连接中的这一项，再用 hub ping 测试。",
        "Correct this in the environment or in the Airflow connection of that name, then try `hub ping`.",
    ),
    "system.driver_missing": Text(
        "缺少数据库驱动或驱动管理器：需要 {driver}，已安装 {installed}。",
        "The database driver or its driver manager is missing: {driver} is wanted, installed: {installed}.",
        "odbc：安装 unixODBC 和相应驱动，把 connect.driver 改为已安装的名称，或用 HUB_ODBC_DRIVER 指明驱动文件；"
        "sql、sql_exchange：用 .tools/uv/bin/uv pip install --python .venv/bin/python 安装"
        " `driver` 指明的 Python 驱动。",
        "odbc: install unixODBC and the driver, let connect.driver name one that is installed, or name its file by "
        "HUB_ODBC_DRIVER. sql, sql_exchange: install the Python driver that `driver` names by "
        "`.tools/uv/bin/uv pip install --python .venv/bin/python DRIVER`.",
    ),
    "system.unknown": Text(
        "没有名为 {system} 的系统；已知：{known}。",
        "There is no system called {system}; known are: {known}.",
        "检查拼写；新系统先建立 mappings/{system}/system.yaml。",
        "Check the spelling; a new system begins with mappings/{system}/system.yaml.",
    ),
    "system.host_key": Text(
        "SFTP 服务器的主机密钥与登记的指纹不符，或没有登记指纹，拒绝连接。",
        "The SFTP server's host key is not the one on record, or none is on record; the hub does not connect.",
        "服务器现有的各类密钥指纹见 offered；向对接系统核实其中任一后写入连接的 host_key；未核实前不要更改。",
        "`offered` has the fingerprint of every key of the server: verify one of them with the partner, then put it "
        "into the connection as host_key; never before.",
    ),
    "system.private_key": Text(
        "无法读取登录用的私钥 {key}（{why}）。",
        "The private key to log in with ({key}) cannot be read ({why}).",
        "检查文件是否存在、运行中枢的账号能否读取，口令写在 private_key_passphrase。",
        "Check that the file is there, that the hub's user may read it, and its private_key_passphrase.",
    ),
    "system.connector_failed": Text(
        "连接程序在 {at} 出错（{error}），对接系统的答复不在其预料之中。",
        "The connector failed at {at} ({error}): it met something that it does not expect.",
        "先核对映射的选项和对方最近的变化；仍不能解决的，把代码、位置和时间告知维护人员。",
        "Check the mapping's options and what the partner has changed; else tell the maintainers code, place and time.",
    ),
}
