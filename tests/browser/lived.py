"""A project with stages, items, suspensions, papers and connections, some of them late, some in
dispute.
"""

from hub.model import Json
from tests.filled import CODE, Filled, payload

WORKS = f"{CODE}-001"
STAGES = (
    ("1", "立项用地规划许可", 20, "2026-07-06", "2026-07-24"),
    ("2", "工程建设许可", 15, "2026-07-27", "2026-08-28"),
    ("3", "施工许可", 10, "2026-09-07", None),
    ("5", "并行推进", 20, "2026-09-14", None),
)
ITEMS: tuple[tuple[str, str, str, int, tuple[tuple[str, str], ...]], ...] = (
    (
        "1",
        "项目立项（备案）",
        "尖草坪区发展和改革局",
        3,
        (("3", "2026-07-06 10:00"), ("11", "2026-07-08 16:00")),
    ),
    (
        "1",
        "建设用地规划许可证核发",
        "尖草坪区自然资源局",
        10,
        (("3", "2026-07-09 10:00"), ("11", "2026-07-24 11:00")),
    ),
    (
        "2",
        "设计方案审查",
        "尖草坪区自然资源局",
        10,
        (
            ("3", "2026-07-27 09:30"),
            ("6", "2026-07-30 10:00"),
            ("7", "2026-08-06 10:00"),
            ("11", "2026-08-12 15:00"),
        ),
    ),
    (
        "2",
        "建设工程规划许可证核发",
        "尖草坪区自然资源局",
        5,
        (("3", "2026-08-13 09:30"), ("11", "2026-08-28 15:00")),
    ),
    (
        "3",
        "建设工程消防设计审查",
        "尖草坪区住房和城乡建设局",
        15,
        (("3", "2026-09-07 09:30"), ("9", "2026-09-10 10:00")),
    ),
    ("3", "建筑工程施工许可证核发", "尖草坪区住房和城乡建设局", 7, (("3", "2026-11-13 09:30"),)),
    ("5", "用水报装", "供水公司", 10, (("1", "2026-11-16 09:30"),)),
)
WATER = (
    "报装编号,项目代码,工程名称,用水单位,统一社会信用代码,用水地址,日用水量(吨),外线工程,申请日期,报装状态,踏勘日期,通水日期,户号,"
    "联系人,联系电话,施工许可证号,统一受理号,有效标志,更新时间\r\n"
    f"W1,{CODE},北区,贵州鼎盛龙腾实业有限公司,91520100J52DX6TBB4,解放路1号,120,无,2026/11/16,已受理,,,,苏立林,13800000630,,,1,"
    "2026/11/17 09:01:07\r\n"
)


def live(world: Filled) -> None:
    """Let the project of the filled hub have a life."""
    for number, (ordinal, name, limit, applied, finished) in enumerate(STAGES, 1):
        said: dict[str, Json] = {
            "lsh": number,
            "gcdm": WORKS,
            "blspslbm": f"S{ordinal}",
            "dybzspjdxh": ordinal,
        }
        said |= {"spjdmc": name, "spjdsx": limit, "sqsj": f"{applied} 09:00:00", "xzqhdm": "140108"}
        world.pull(
            "pull.approval.stage",
            payload("pull.approval.stage", **said, bjsj=finished and f"{finished} 17:00:00"),
        )
    line = 0
    for number, (ordinal, name, department, limit, steps) in enumerate(ITEMS, 1):
        item = f"SL{number:04}"
        about: dict[str, Json] = {
            "lsh": number,
            "gcdm": WORKS,
            "spsxslbm": item,
            "blspslbm": f"S{ordinal}",
            "spsxmc": name,
        }
        about |= {"spbmmc": department, "sxblsx": limit}
        world.pull("pull.approval.approval_item", payload("pull.approval.approval_item", **about))
        for status, moment in steps:
            line += 1
            step: dict[str, Json] = {
                "lsh": line,
                "gcdm": WORKS,
                "spsxslbm": item,
                "blzt": int(status),
                "blsj": f"{moment}:00",
            }
            world.pull(
                "pull.approval.approval_step", payload("pull.approval.approval_step", **step)
            )
            world.pull(
                "pull.approval.approval_item.status",
                payload("pull.approval.approval_item.status", **step),
            )
    world.pull(
        "pull.approval.special_procedure",
        payload(
            "pull.approval.special_procedure",
            gcdm=WORKS,
            spsxslbm="SL0005",
            tbcxkssj="2026-09-10 10:00:00",
        ),
    )
    world.pull("pull.water.utility_connection", WATER.encode("gb18030"))
    world.pull(
        "pull.approval.project",
        payload(
            "pull.approval.project",
            xmmc="三给村城改1号地块（北区）",
            gxsj="2026-11-20 10:00:00",
            lsh=99,
            xmsfwqbj=0,
            xmwqbjsj=None,
        ),
    )
    world.hub.release()
