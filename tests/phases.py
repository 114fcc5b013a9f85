"""Two phases of one undertaking, and a registered right that names no number that is known."""

import json

from tests.filled import payload

PROJECT, RIGHT = "pull.investment.project", "pull.registry.property_registration"
PUSH = "push.approval.property_registration"
KEY = "20260907202602|520502001001GB00777F00010001"
OWNER, USCC, PLACE = (
    "贵州恒信建设投资有限责任公司",
    "915201007OK0T1D10X",
    "贵州省毕节市七星关区城关镇人民路12号",
)
ONE, TWO = "2405-520502-04-01-100001", "2405-520502-04-01-100002"
LINKED = """
    select g.project_code from golden.property_registration g join hub.record r
        on r.id = g.record_id
     where r.key like '20260907202602|%' and g.deleted_at is null
"""


def project(number: int, code: str, name: str, **more: object) -> dict[str, object]:
    said = {
        "lerepInfo": json.dumps([{"enterpriseName": OWNER, "lerepCertno": USCC, "unitType": "1"}]),
        "xzqhdm": "520502",
        "jsdd": PLACE,
        "ydmj": "5157.20",
        "jzmj": "56628.02",
        "sbsj": "2024-05-01",
    }
    return payload(PROJECT, id=number, xmdm=code, xmmc=name, **(said | more))


def right(**more: object) -> dict[str, object]:
    """A right that carries no number that is known."""
    said = dict.fromkeys(("xmdm", "jgysbabh", "sgxkzbh", "ydghxkzh")) | {
        "ywh": "20260907202602",
        "bdcdyh": "520502001001GB00777F00010001",
        "xmmc": "七星关区锦绣花园（一期）",
        "qlrmc": "贵州恒信建设投资有限公司",
        "qlrzjh": USCC,
        "fdzl": "毕节市七星关区城关镇人民路12号",
        "jzmj": "56628.02",
        "qxdm": "520502",
        "djsj": "20250301",
    }
    return payload(RIGHT) | said | more


FIRST = project(11, ONE, "七星关区锦绣花园建设项目一期")
SECOND = project(12, TWO, "七星关区锦绣花园建设项目二期", jzmj="41000")
OPEN = right(xmmc="七星关区锦绣花园", jzmj=None)
