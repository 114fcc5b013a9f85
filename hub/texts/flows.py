"""What can stop a flow, and what becomes of records that wait."""

from collections.abc import Mapping

from hub.texts.text import Text

FLOWS: Mapping[str, Text] = {
    "flow.stopped": Text(
        "流程已停止。",
        "The flow has stopped.",
        "查看运行记录中的原因，处理后重新运行。",
        "See the run for the cause, mend it, then run the flow again.",
    ),
    "flow.drift": Text(
        "一批中 {share} 的记录因同一原因（{cause}）失败：多半是来源的结构变了，整批未采用。",
        "{share} of a batch failed for one cause ({cause}): the source has probably changed; the batch was not taken.",
        "对照来源的接口说明修改映射或代码表，再运行流程。",
        "Compare the source's interface with the mapping or code list, change it, then run the flow again.",
    ),
    "reconcile.too_different": Text(
        "对账停止：流程 {flow} 比对的 {compared} 条中有 {differing} 条不同，未作任何修复。",
        "The comparison of {flow} was stopped: {differing} of {compared} differ; nothing was repaired.",
        "差异太多不像个别错误：检查映射、连接的地址和账号以及对方数据；确属大量漏读时，重新读取来源（backfill）。",
        "That is no single fault: check the mapping, the connection's address and account, and the partner's data; if "
        "much was really missed, read the source again (backfill).",
    ),
    "flow.fence_lost": Text(
        "另一次运行已接管流程 {flow}，本次运行退出，未写入任何内容。",
        "Another run has taken over the flow {flow}; this one leaves without writing anything.",
        "无需处理。",
        "Nothing to do.",
    ),
    "flow.already_running": Text(
        "流程 {flow} 正在运行。",
        "The flow {flow} is already running.",
        "等待其结束；若进程已不在，租约到期后会自动关闭为 aborted。",
        "Wait for it to end; if its process is gone, it is closed as aborted when its hold lapses.",
    ),
    "flow.unknown": Text(
        "没有名为 {flow} 的流程。",
        "There is no flow called {flow}.",
        "用 hub check 列出全部流程名。",
        "`hub check` lists the names of all flows.",
    ),
    "flow.contract_changed": Text(
        "流程 {flow} 的合同在运行中被修改。",
        "The contract of the flow {flow} was changed while it ran.",
        "重新运行流程，使其按新合同处理。",
        "Run the flow again, under the new contract.",
    ),
    "flow.sealing_late": Text(
        "存证封签落后 {seconds} 秒，超过上限，暂停接收。",
        "Sealing lags {seconds} seconds behind, more than allowed; intake pauses.",
        "检查 upkeep 流程和封签进程；追上后接收自动恢复。",
        "Check the upkeep DAG and the sealer; intake goes on once it has caught up.",
    ),
    "flow.connector_unknown": Text(
        "没有名为 {connector} 的连接器。",
        "There is no connector called {connector}.",
        "检查 system.yaml 的 connector 或映射的 via；第三方连接器须先安装。",
        "Check `connector` in system.yaml or `via` in the mapping; a connector of your own must be installed first.",
    ),
    "waiting.project_unknown": Text(
        "项目 {project_code} 尚未由投资平台共享，记录先等待。",
        "The project {project_code} has not been shared by the investment platform yet; the record waits.",
        "项目到达后自动继续；长期等待时核对项目代码。",
        "It goes on when the project comes; if it waits long, check the project code.",
    ),
    "waiting.no_link": Text(
        "记录没有项目代码，也没有可匹配的许可证号或备案号，先等待。",
        "The record has no project code and names no permit or filing that is known; it waits.",
        "相关证照到达后自动关联；也可由数据管理员人工指定。",
        "It is linked when that permit or filing comes; a data steward may also link it by hand.",
    ),
    "waiting.link_ambiguous": Text(
        "编号“{value}”对应多个项目，无法自动关联。",
        "The number “{value}” belongs to several projects, so the record cannot be linked by itself.",
        "由数据管理员核实后人工指定项目。",
        "A data steward finds out which one it is and links it by hand.",
    ),
    "link.key_unknown": Text(
        "没有主键为 {key}、可以不带项目代码的来源记录。",
        "No source record that may come without a project code has the key {key}.",
        "用 hub links 或 hub waiting 列出来源主键。",
        "`hub links` and `hub waiting` list source keys.",
    ),
    "link.key_ambiguous": Text(
        "多个流程都有主键 {key}：{flows}。",
        "Several flows hold the key {key}: {flows}.",
        "用 --flow 指明流程。",
        "Name one by --flow.",
    ),
    "link.none": Text(
        "记录 {key} 没有可撤销的关联，也没有待判定的项目。",
        "The record {key} has no link to take back and no project to be decided.",
        "用 hub links 查看待判定的记录。",
        "`hub links` shows what is to be decided.",
    ),
    "link.unfounded": Text(
        "人工判定必须写明经办人和理由。",
        "A decision needs a name and a reason.",
        "填写 --by 和 --reason。",
        "Give --by and --reason.",
    ),
    "flow.cursor_unreadable": Text(
        "无法理解来源的游标值“{value}”，不能从中减去重叠量。",
        "The cursor value “{value}” of the source cannot be understood, so no overlap can be taken from it.",
        "检查映射 read 中的游标字段；其写法特殊时去掉 overlap。",
        "Check the cursor field in `read`; leave out `overlap` where it is written in a way of its own.",
    ),
}
