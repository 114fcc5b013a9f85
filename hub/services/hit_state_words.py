"""What states, acts, reasons and guards of hits are called."""

from collections.abc import Mapping

STATES: Mapping[str, str] = {
    "suspected": "疑似",
    "told": "已告知",
    "explained": "已说明",
    "disputed": "数据校核中",
    "confirmed": "已认定",
    "accepted": "说明已采纳，不计入",
    "revoked": "已撤销，不计入",
    "corrected": "数据已变，不计入",
}
ACTS: Mapping[str, str] = {
    "told": "告知",
    "explained": "说明|act",
    "disputed": "提出数据校核",
    "confirmed": "认定",
    "accepted": "采纳说明",
    "revoked": "撤销|hit",
}
REASONS: Mapping[str, str] = {
    "applicant": "申请人原因",
    "other_unit": "其他单位原因",
    "system": "系统故障",
    "by_rule": "按规定办理",
    "force_majeure": "不可抗力",
    "other": "其他",
}
GUARDS: Mapping[str, str] = {
    "warning": "仅为预警，只列入清单，不告知、不计入。",
    "no_unit": "办理单位未能确定，不归到任何单位。",
    "seen_once": "只判定过一次；再次判定仍成立后方可告知。",
    "disputed": "该记录的数据正在校核，校核结束后再处理。",
    "told_already": "已经告知。",
}
