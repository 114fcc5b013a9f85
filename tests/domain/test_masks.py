import time

import pytest

from hub.domain.partner_masks import is_mask


@pytest.mark.parametrize(
    "value",
    [
        *(
            "***",
            "*",
            "＊＊",
            "●●●",
            "张*",
            "张**",
            "王*明",
            "*三",
            "欧阳**",
            "138****1234",
            "5201**********1234",
        ),
        *(
            "张某",
            "李某某",
            "欧阳某",
            "某某",
            "张×",
            "王××",
            "××路××号",
            "﹡﹡",
            "5201XXXXXXXX1234",
            "138xxxx5678",
            "XXXXXX1234",
        ),
        *("91520100******TBB4", "贵州**有限公司", "zh***@163.com", "黔A·****", ["***", "张*"]),
    ],
)
def test_what_partners_write_instead_of_a_value_is_a_mask(value: object):
    assert is_mask(value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "value",
    [
        *(None, "", "张三", "2*4", "A*B型钢", "*ST海投", "5*3米", True, 7, [], ["张三", "张*"]),
        *(
            "某公司",
            "某路 1 号",
            "某",
            "长×宽",
            "2×4",
            "52010219900101123X",
            "XXL",
            "MAXX",
            "型号XXX",
            "12XX3",
            "在某处办理",
        ),
        *("注：**重要**，以下各项以批复文件为准，建设单位应当在开工前办理施工许可手续。",),
    ],
)
def test_what_only_holds_a_star_is_a_value(value: object):
    assert not is_mask(value)  # type: ignore[arg-type]


def test_a_long_text_costs_no_more_than_its_length():
    began = time.perf_counter()
    assert not is_mask(("a" * 50 + "**") * 20_000)
    assert time.perf_counter() - began < 5
