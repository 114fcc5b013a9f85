"""What steps, states and acts of cases of supervision are called."""

from collections.abc import Mapping

STEPS: Mapping[str, str] = {
    "reminder": "提醒",
    "supervision": "督办",
    "circular": "通报",
    "interview": "约谈",
}
CASE_STATES: Mapping[str, str] = {
    "open": "待答复",
    "answered": "已答复",
    "closed": "已办结|case",
}
CASE_ACTS: Mapping[str, str] = {
    "opened": "发出",
    "raised": "转督办",
    "extended": "延期",
    "answered": "答复|case",
    "sent_back": "退回|case",
    "accepted": "办结|case",
}
RUNGS: Mapping[str, str] = {
    "done": "已过",
    "now": "当前",
    "next": "下一步",
    "waits": "待通报功能接入，暂不能由本系统生成",
}
