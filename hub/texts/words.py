"""The words for outcomes, states and kinds that people see, Chinese first. Codes stay as they are in JSON."""

from collections.abc import Mapping
from typing import Literal

WORDS: Mapping[str, tuple[str, str]] = {
    # how data are shared
    "unconditional": ("无条件共享", "unconditional"),
    "conditional": ("有条件共享", "conditional"),
    # outcomes of intake
    "read": ("读取", "read"),
    "created": ("新增", "created"),
    "changed": ("变更", "changed"),
    "applied": ("采用", "applied"),
    "unchanged": ("未变", "unchanged"),
    "deleted": ("删除", "deleted"),
    "superseded": ("被取代", "superseded"),
    "stale": ("过时", "stale"),
    "ignored": ("忽略", "ignored"),
    "quarantined": ("问题数据", "quarantined"),
    "waiting": ("等待", "waiting"),
    "held": ("整批未采用", "held"),
    "exploded": ("已拆分", "taken apart"),
    "empty": ("无部分", "without parts"),
    "parts": ("部分", "parts"),
    "parts_created": ("新增", "created"),
    "parts_changed": ("变更", "changed"),
    "parts_unchanged": ("未变", "unchanged"),
    "parts_deleted": ("删除", "deleted"),
    "parts_waiting": ("等待", "waiting"),
    "parts_quarantined": ("问题数据", "quarantined"),
    # outcomes and states of delivery
    "due": ("应推", "due"),
    "sending": ("推送中", "sending"),
    "confirmed": ("已确认", "confirmed"),
    "awaiting_receipt": ("待回执", "awaiting receipt"),
    "upsert": ("推送", "to be sent"),
    "withdraw": ("撤回", "to be withdrawn"),
    "withheld": ("暂不推", "withheld"),
    "blocked": ("受阻", "blocked"),
    "retrying": ("重试中", "retrying"),
    "rejected": ("被拒收", "rejected"),
    "dead": ("已放弃", "dead"),
    "not_subscribed": ("未订阅", "not subscribed"),
    "records": ("记录", "records"),
    # outcomes and states of comparisons
    "compared": ("已比对", "compared"),
    "same": ("一致", "same"),
    "lag": ("尚未到达", "lag"),
    "lost_push": ("推送丢失", "lost push"),
    "foreign_edit": ("对方改动", "foreign edit"),
    "mapping_fault": ("映射问题", "mapping fault"),
    "missing_here": ("本方缺失", "missing here"),
    "missing_there": ("对方缺失", "missing there"),
    "surplus_there": ("对方多出", "surplus there"),
    "queued": ("待人工处理", "queued for a person"),
    "repaired": ("已修复", "repaired"),
    "gone": ("已消失", "gone"),
    "left": ("保持原样", "left as it is"),
    # states of runs and of quarantine entries
    "running": ("运行中", "running"),
    "complete": ("完成", "complete"),
    "failed": ("失败", "failed"),
    "aborted": ("中断", "aborted"),
    "open": ("未处理", "open"),
    "resolved": ("已解决", "resolved"),
    "discarded": ("已弃用", "discarded"),
    "overtaken": ("已被更新取代", "overtaken"),
    # what becomes of held batches
    "undecided": ("待处理", "to be decided"),
    "dropped": ("已放弃采用", "dropped"),
    # kinds of runs
    "accept": ("采用整批", "accept"),
    "drop": ("放弃整批", "drop"),
    "pull": ("拉取", "pull"),
    "push": ("推送", "push"),
    "receipts": ("回执", "receipts"),
    "replay": ("重新处理", "replay"),
    "release": ("放行", "release"),
    "reconcile": ("对账", "reconcile"),
    "erase": ("清除", "erase"),
    "remap": ("按新规则重新映射", "remap"),
    "decide": ("人工裁定", "decision"),
    # disputes
    "accepted": ("已认可", "accepted"),
    "refused": ("不认可", "refused"),
    "corrected": ("已更正", "corrected"),
    "withdrawn": ("已撤回", "withdrawn"),
    # who got a wrong value
    "target": ("目标系统", "target"),
    "reader": ("查阅账号", "reader"),
    # what is wrong with a seal of the ledger
    "covered.derived": ("重建核对", "rebuilt and compared"),
    "covered.sealed": ("封存核对", "checked against its seal"),
    "covered.both": ("重建并封存核对", "rebuilt, and checked against its seal"),
    "covered.open": ("不核验", "not covered"),
    "seal.unsigned": (
        "没有签名，而此前的封签已有签名",
        "is not signed, though seals before it are",
    ),
    "seal.signature": ("签名不符", "its signature is wrong"),
    "seal.other_key": ("由另一把密钥签名", "is signed by another key"),
    "seal.not_following": ("与前一封签不衔接", "does not follow the seal before it"),
    "seal.batches": ("所封批次已被改动", "its batches are not what was sealed"),
    "seal.gap": (
        "编号有缺口：之前的封签被删除",
        "a number is missing before it: seals were deleted",
    ),
    "seal.acts": ("所封的操作记录已被改动或删除", "the acts it covers are not what was sealed"),
    "seal.strange": (
        "所封的操作记录中有并非中枢所写的",
        "it covers acts that the hub did not write",
    ),
    "seal.rule": ("所依规则不存在", "is made by a rule that does not exist"),
    "seal.own_hash": ("自身散列不符", "its own hash is wrong"),
    # a partner's checkpoint beside the ledger
    "differs": ("与账本不符：账本已被改写", "differs: the ledger has been rewritten"),
    "unknown": ("账本中没有此封签", "the ledger has no such seal"),
    "not_ours": ("不是本中枢的签名", "not signed by this hub"),
    "restored": (
        "账本已公开声明恢复，此封签随之丢失",
        "lost with a restoration that the ledger says openly",
    ),
    # whether the hub can do its work, and what was looked at
    "ready": ("可以工作", "ready"),
    "degraded": ("可以工作，但需要关注", "works, but somebody should look"),
    "not_ready": ("不能正常工作", "not ready"),
    "check.database": ("数据库", "database"),
    "check.schema": ("数据库结构", "structure of the database"),
    "check.disk": ("磁盘", "disk"),
    "check.connections": ("数据库连接", "connections"),
    "check.clock": ("时钟", "clock"),
    "check.sealing": ("存证封签", "sealing"),
    "check.contracts": ("契约文件", "contract files"),
    # where a failure happened
    "intake": ("接收", "intake"),
    "delivery": ("推送", "delivery"),
}


def word(name: str, lang: Literal["zh", "en"]) -> str:
    """An outcome, state or kind in words; itself where nobody has said any."""
    zh, en = WORDS.get(name, (name, name))
    return zh if lang == "zh" else en
