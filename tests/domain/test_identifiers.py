import pytest

from hub.domain.identifiers import CHECKS


@pytest.mark.parametrize(
    ("rule", "value", "codes"),
    [
        ("project-code", "2016-000291-06-02-000163", ("record.region_unknown",)),
        ("project-code", "2020-520502-83-01-072254", ()),
        ("project-code", "2304-520115-04-01-123456", ()),
        ("project-code", "2712-520115-04-01-123456", ()),
        ("project-code", "2801-520115-04-01-123456", ("record.project_code_month",)),
        ("project-code", "2313-520115-04-01-123456", ("record.project_code_month",)),
        ("project-code", "2300-520115-04-01-123456", ("record.project_code_month",)),
        ("project-code", "1412-520115-04-01-123456", ("record.project_code_month",)),
        (
            "project-code",
            "2013-520555-04-01-123456",
            ("record.project_code_month", "record.region_unknown"),
        ),
        ("project-code", "2017-510681-41-03-1655130-010", ("record.project_code_shape",)),
        ("project-code", "２３０４-520115-04-01-123456", ("record.project_code_shape",)),
        ("project-code", "审核中", ("record.project_code_shape",)),
        ("region", "440300", ()),
        ("region", "370800000000", ()),
        ("region", "520555", ("record.region_unknown",)),
        ("uscc", "91440300MA5DJ3T98Q", ()),
        ("uscc", "91440300MA5DJ3T98A", ("record.uscc_invalid",)),
        ("uscc", "TE1234567890123456", ("record.uscc_invalid",)),
        ("estate-unit", "520502001002GB00012F00010001", ()),
        ("estate-unit", "520502001002GB00012W00000000", ()),
        ("estate-unit", "5205020010020000012000010001", ("record.estate_unit_invalid",)),
    ],
)
def test_a_rule_finds(rule, value, codes):
    assert CHECKS[rule](value, 2026) == codes
