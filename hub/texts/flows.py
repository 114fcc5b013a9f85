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
    "flow.pages_many": Text(
        "一次读取已到 {most} 页的上限；读到的已采用，下次运行从那里继续。",
        "One reading took {most} pages, the limit; what was read is taken in, and the next run goes on from there.",
        "数据确实很多时可调大 {setting} 或每页多取一些；列表不该这么长时请对方核对翻页。",
        "Where there is that much raise {setting} or ask for more a page; where there is not let the partner look at "
        "its paging.",
    ),
    "flow.pages_empty": Text(
        "连续 {most} 页没有记录，对方却一直说还有下一页；读取已停下，没有当作读完。",
        "{most} pages in a row held no record, and the partner went on naming a next one; the reading was ended and "
        "does not count as complete.",
        "请对方核对翻页（末页不应再给下一页）；确有这么多空页时调大 {setting}。",
        "Let the partner look at its paging (the last page names no next one); where there are that many empty pages "
        "raise {setting}.",
    ),
    "flow.bytes_many": Text(
        "一次读取的记录已到 {most} 字节的上限；读到的已采用，下次运行从那里继续。",
        "One reading took records of {most} bytes, the limit; what was read is taken in, and the next run goes on from "
        "there.",
        "数据确实很多时调大 {setting}；否则看看对方给了什么。",
        "Where there is that much raise {setting}; else look at what the partner gives.",
    ),
    "flow.drift": Text(
        "{read} 条中有 {times} 条因同一原因（{cause}）不合规则：{values}。多半是来源的结构变了，整批未采用。",
        "{times} of {read} records fail for one cause ({cause}): {values}. The source has probably changed; the batch "
        "is held.",
        "对照来源的接口说明修改映射或代码表，试算后接受该批，或再运行流程。",
        "Compare the source's interface with the mapping or code list, change it, rehearse and accept the batch, or "
        "run the flow again.",
    ),
    "flow.held": Text(
        "来源的结构变了（{place}），流程 {flow} 本次读到的数据整批未采用，等待处理。",
        "The source has changed its shape ({place}): what {flow} has read is held and waits for a decision.",
        "用 hub held 查看原因和数值；修正映射或来源后再运行，或用 hub accept、hub drop 处理。",
        "`hub held` shows why, with values; mend the mapping or the source and run again, or decide with `hub accept` "
        "or `hub drop`.",
    ),
    "shape.header": Text(
        "主键列 {place} 不在表头或所有记录中：{read} 条都无法识别。",
        "The key column {place} is not in the header, or in no record: none of {read} records can be told apart.",
        "检查表头所在行（header_row）、工作表和列名；修正后再运行流程，文件会重新读取。",
        "Check the row of the header (header_row), the sheet and the names of columns; then run the flow again, which "
        "reads the file anew.",
    ),
    "shape.gone": Text(
        "映射所读的字段 {place} 不见了：以前 {of} 条中 {before} 条有，本批 {read} 条都没有。",
        "The field {place}, which the mapping reads, is gone: {before} of {of} records used to have it, none of {read} "
        "has it now.",
        "若来源改了名，在映射的 from 中补上新名；若确已取消，接受该批。",
        "If the source has renamed it, add the new name to `from` in the mapping; if it is really gone, accept the "
        "batch.",
    ),
    "shape.flagless": Text(
        "密级标识字段 {place} 不见了：以前 {of} 条中 {before} 条有，本批 {read} 条都没有。本批未撤下任何记录。",
        "The field {place}, which flags secret records, is gone: {before} of {of} records used to have it, none of "
        "{read} has it now. Nothing was withdrawn.",
        "若来源改了名，在映射的 secret.field 中改成新名，下次读取即接续；若来源确已不再标识，接受该批："
        "其各条按涉密扣留，已有内容撤下并清除。",
        "If the source has renamed it, put the new name into `secret.field` of the mapping: the next reading goes on. "
        "If the source flags nothing any more, accept the batch: each of its records is withheld as secret, and what "
        "stood of it is withdrawn and erased.",
    ),
    "shape.retyped": Text(
        "字段 {place} 的类型变了：以前是 {was}，本批 {read} 条中 {times} 条是 {now}。",
        "The field {place} is of another type: it was {was}, and is {now} in {times} of {read} records.",
        "对照来源的接口说明修改映射，试算后接受该批。",
        "Compare the source's interface with the mapping, change it, rehearse, then accept the batch.",
    ),
    "shape.codes": Text(
        "字段 {place} 出现大量未见过的代码（{read} 条中 {times} 条）：{values}。",
        "The field {place} has codes never met before in {times} of {read} records: {values}.",
        "向来源核实其代码表，补充 mappings/<系统>/codes/ 中的对照，试算后接受该批。",
        "Ask the source for its code list, complete mappings/<system>/codes/, rehearse, then accept the batch.",
    ),
    "shape.emptied": Text(
        "字段 {place} 整批为空：以前 {of} 条中 {before} 条有值，本批 {read} 条都没有。",
        "The field {place} is empty in the whole batch: {before} of {of} records used to have a value, none of {read} "
        "has one now.",
        "向来源核实；若确已清空，接受该批。",
        "Ask the source; if it was really emptied, accept the batch.",
    ),
    "shape.no_records": Text(
        "来源的完整清单是空的，上一次有 {before} 条。",
        "The source's complete list is empty; the one before held {before} records.",
        "检查对方服务、账号和查询条件；若确已清空，接受该批。",
        "Check the partner's service, account and parameters; if the list is really empty, accept the batch.",
    ),
    "shape.shrunk": Text(
        "完整清单 {snapshot} 比现有记录少 {absent} 条（共 {of} 条），超过允许的比例 {most}。",
        "The complete list {snapshot} lacks {absent} of the {of} records that stand, more than the share of {most}.",
        "向来源核实清单是否完整；若确已减少，接受该批，缺少的记录随之撤销；日常变化更大时调高 read 中的 shrink。",
        "Ask the source whether the list is complete; if so many are really gone, accept the batch, which withdraws "
        "them; raise `shrink` in `read` where that much change is usual.",
    ),
    "shape.unnamed": Text(
        "完整清单 {snapshot} 有 {unnamed} 条无法识别主键，现有 {of} 条中缺少的 {absent} 条因此没有撤销。",
        "The complete list {snapshot} has {unnamed} records whose key cannot be read; the {absent} of {of} records "
        "that it seems to lack were therefore not withdrawn.",
        "请来源更正这些记录；下一份完整清单会撤销确实缺少的记录。",
        "Have the source correct them; the next complete list withdraws what is really missing.",
    ),
    "shape.new": Text(
        "来源出现新字段 {place}（本批 {times} 条有）。",
        "The source has a new field {place} (in {times} records of this batch).",
        "若有用，在映射中读取它；否则无需处理。",
        "Map it if it is of use; else there is nothing to do.",
    ),
    "shape.behind": Text(
        "前面的批次 {batch} 尚待处理，本批在其后等待。",
        "The batch {batch} before it is not decided yet; this one waits behind it.",
        "先处理前面的批次。",
        "Decide the batch before it first.",
    ),
    "held.unknown": Text(
        "没有待处理的批次 {batch}。",
        "There is no held batch {batch} that waits for a decision.",
        "用 hub held 列出待处理的批次。",
        "`hub held` lists the batches that wait.",
    ),
    "held.none": Text(
        "流程 {flow} 没有待处理的批次。",
        "No batch of the flow {flow} waits for a decision.",
        "用 hub held 列出待处理的批次。",
        "`hub held` lists the batches that wait.",
    ),
    "held.not_first": Text(
        "批次 {batch} 之前还有待处理的批次 {first}。",
        "The batch {first} of the same flow waits before the batch {batch}.",
        "按顺序处理：先处理 {first}。",
        "Decide them in their order: {first} first.",
    ),
    "held.unfounded": Text(
        "人工决定须写明经办人和理由。",
        "A decision of a person takes a name and a reason.",
        "补充经办人和理由。",
        "Say who decides, and why.",
    ),
    "reconcile.surplus_none": Text(
        "所选差异中没有“对方多出”的。",
        "None of the chosen differences is something that a target holds beyond ours.",
        "用 hub differences --class surplus_there 查看有哪些。",
        "`hub differences --class surplus_there` lists them.",
    ),
    "reconcile.surplus_unknown": Text(
        "本方没有这条记录，不能重新认领。",
        "The hub does not have this record: it cannot be ours again.",
        "在对方撤回它（--withdraw），或保持原样（hub settle --leave）。",
        "Take it back there (--withdraw), or leave it (`hub settle --leave`).",
    ),
    "reconcile.too_different": Text(
        "对账停止：流程 {flow} 比对的 {compared} 条中有 {differing} 条不同，未作任何修复。",
        "The comparison of {flow} was stopped: {differing} of {compared} differ; nothing was repaired.",
        "差异太多不像个别错误：检查映射、连接的地址和账号以及对方数据；确属大量漏读时，重新读取来源（backfill）。",
        "That is no single fault: check the mapping, the connection's address and account, and the partner's data; if "
        "much was really missed, read the source again (backfill).",
    ),
    "flow.fence_lost": Text(
        "流程 {flow} 的运行 {run} 已被接管或关闭，该进程退出，此后未写入任何内容。",
        "The run {run} of {flow} was taken over or closed; its process leaves and has written nothing since.",
        "无需处理：已提交的批次有效，流程从那里继续。",
        "Nothing to do: what was committed stands, and the flow goes on from there.",
    ),
    "flow.already_running": Text(
        "流程 {flow} 正在运行（运行 {run}，进程 {process}）。",
        "The flow {flow} is already running (run {run}, process {process}).",
        "等待其结束；进程若已停住，超过 HUB_LEASE_SECONDS 后由下一次运行或日常维护关闭为 aborted 并接管。",
        "Wait for it to end; if its process has stopped, the next run or upkeep closes it as aborted after "
        "HUB_LEASE_SECONDS and takes over.",
    ),
    "flow.process_lost": Text(
        "流程 {flow} 的运行进程（{process}）已不在，或在租约期内没有表示仍在运行；该运行已关闭。",
        "The process of a run of {flow} ({process}) is gone, or has not said in time that it lives; the run was "
        "closed.",
        "已提交的批次有效，下一次运行从那里继续。反复出现时查看该主机：进程是否被终止、内存不足或停住。",
        "What it had committed stands, and the next run goes on from there. If it comes again, look at that host: was "
        "the process killed, is memory short, does it hang?",
    ),
    "flow.unknown": Text(
        "没有名为 {flow} 的流程。",
        "There is no flow called {flow}.",
        "用 hub check 列出全部流程名。",
        "`hub check` lists the names of all flows.",
    ),
    "flow.disabled": Text(
        "流程 {flow} 已停用：{file} 第 {line} 行有误。{why_zh}",
        "The flow {flow} is disabled: {file}, line {line}, is wrong. {why_en}",
        "{cure_zh} 改好后自动启用，应推送的数据不会丢失。",
        "{cure_en} It runs again by itself once that is mended; what is due to it is not lost.",
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
