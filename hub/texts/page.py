"""The page of all codes, docs/errors.md: `python -m hub.texts.page > docs/errors.md`."""

import sys
from collections.abc import Mapping

from hub.texts import TEXTS

_FAMILIES: Mapping[str, str] = {
    "access": "账号、令牌和授权。 Accounts, tokens and grants.",
    "airflow": "流程开始之前在 Airflow 中的失败。 What fails in Airflow before a flow has begun.",
    "alert": "告警。 What the hub raises an alarm about.",
    "application": "数据使用申请。 Applications for access.",
    "ask": "查询中的问题。 What stands in the way of a question.",
    "contract": "合同文件（schemas/、mappings/）有误。 A contract file is wrong; `hub check` names file and line.",
    "database": "中枢自己的数据库。 The hub's own database.",
    "health": "磁盘、连接、时钟将要出问题时。 Disk, connections and clock, before they fail.",
    "decide": "人工裁定字段的取值。 What stands in the way of a person's decision about a value.",
    "delivery": "向目标系统推送的结果。 What became of a delivery to a target system.",
    "dispute": "数据校核、争议处理。 What stands in the way of a dispute about a value.",
    "erase": "清除。 Erasing what must be forgotten.",
    "file": "来源的文件：有问题的单独搁置，其余照常读取。 Files of a source; what is wrong is set aside alone.",
    "flow": "整条流程停止，需要人工处理。 A whole flow has stopped and needs a person.",
    "hub": "中枢自身的故障。 The hub failed at its own work.",
    "init": "新建一个部署的目录。 Laying out a fresh deployment.",
    "ledger": "账本与检查点。 The ledger and its checkpoints.",
    "link": "人工判定记录与项目的关联。 What stands in the way of a decision about a record and a project.",
    "prefill": "表单预填中字段为空的原因。 Why a field of a form stays empty.",
    "proof": "字段的证明文件。 Proofs of fields.",
    "reconcile": "与对接系统对账。 Comparing the hub with its partners.",
    "recall": "更正追回。 Recalling a wrong value.",
    "record": "单条记录的问题：进入问题数据区，其余记录照常处理。 One record is set aside; the rest goes on.",
    "settings": "运行设置。 The settings the hub is started with.",
    "held": "整批未采用的数据，等待处理。 Batches that are held and wait for a decision.",
    "shape": "来源的结构变了。 The source has changed its shape.",
    "system": "与对接系统的通信。 Talking to a partner system.",
    "unusual": "不寻常的查阅。 Reading that stands out.",
    "witness": "检查点送出。 Checkpoints that leave the machine.",
    "waiting": "记录有效，但还缺关联，先等待。 The record is valid and waits for what it belongs to.",
}


def errors_page() -> str:
    """The text of docs/errors.md."""
    lines = [
        "# 错误代码 Error codes",
        "",
        "Made from `hub/texts/` by `python -m hub.texts.page > docs/errors.md`; do not edit by hand.",
        "Each code stands in the hub's log, in the quarantine and in `hub failures` with the same words as here.",
    ]
    family = ""
    for code, text in sorted(TEXTS.items()):
        head = code.partition(".")[0]
        if head != family:
            family = head
            lines += ["", f"## {family}", "", _FAMILIES[family]]
        lines += [
            "",
            f"### {code}",
            "",
            f"{text.zh}<br>处理：{text.cure_zh}",
            "",
            f"{text.en}<br>Cure: {text.cure_en}",
        ]
    return "\n".join(lines).replace("{{", "{").replace("}}", "}") + "\n"


if __name__ == "__main__":
    sys.stdout.write(errors_page())
