"""A cause shows the values that caused it, masked as their fields are."""

from hub.domain.rights import Rights, operator
from hub.services import failure_groups
from hub.services.failure_groups import Cause
from tests.contexts import asking
from tests.pipeline.conftest import Small, contracts_of
from tests.pipeline.partners import Source
from tests.pipeline.small import FILES

PLAN = "pull.plan.project"
ADMINISTRATOR = Rights(whole=True)


def project(n: int, code: str, name: str = "甲") -> dict[str, object]:
    return {"id": n, "code": code, "name": name, "at": "1"}


def listed(small: Small, rights: Rights) -> list[Cause]:
    return failure_groups.listed(asking(small, rights=rights))


def test_a_cause_names_its_values_and_how_many_there_are(small: Small):
    codes = ["无", "无", "待定", "未赋码", "在办", "暂缺"]
    small.pull(PLAN, Source([project(n, code) for n, code in enumerate(codes)]))
    (found,) = listed(small, ADMINISTRATOR)
    assert found.zh.startswith("“无”、“")
    assert found.zh.endswith("”不是项目代码：应为 4-6-2-2-6 位数字。（共 5 种）")
    assert "…" not in found.zh + found.en
    assert (found.distinct, found.entries, found.values[0].entries) == (5, 6, 2)
    assert sum(one.entries for one in found.values) == 6


def test_values_of_a_personal_field_stay_masked(small: Small):
    schema = "schemas/project.json"
    coded = FILES[schema].replace(
        '"type": "string", "x-class": "public",\n             "x-standard": "SPGL_XMJBXXB.XMMC"',
        '"type": "string", "maxLength": 3, "pattern": "^[a-z]+$", "x-class": "personal",\n'
        '             "x-standard": "SPGL_XMJBXXB.XMMC"',
    )
    assert coded != FILES[schema]
    small.contracts = contracts_of(FILES | {schema: coded})
    small.pull(PLAN, Source([project(1, "2405-520502-04-01-100001", "王小明")]))
    (seen,) = listed(small, ADMINISTRATOR)
    assert "王小明" not in seen.zh + seen.en + str(seen.values)
    assert "王**" in seen.zh
    (all_of_it,) = listed(small, operator(small.contracts.entities))
    assert "王小明" in all_of_it.zh


def test_a_cause_of_which_no_entry_is_at_hand_has_no_hole(small: Small):
    for cause in (
        "record.project_code_shape /code",
        "record.code_unknown /kind",
        "record.missing /name",
    ):
        zh, en = failure_groups.meaning(cause)
        assert "“…”" not in zh + en
    assert failure_groups.meaning("something else") == ("something else", "something else")
