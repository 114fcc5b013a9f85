import pytest

from hub.domain.pull_values import FieldRule
from hub.domain.push_mapping import PushMapping, compile_shaper
from hub.domain.times import HUB_ZONE
from hub.domain.verbs import Scope
from tests.domain import sample

SHAPE = sample.contracts().pushes["push.work.permit"].shaper.shape
PERMIT = {
    "project_code": "2304-520115-04-01-123456",
    "number": "1号",
    "kind": "build",
    "issued_on": "2026-03-01",
}
PROJECT = {"name": "大桥", "investment": "12345678.90", "status": "open"}


def test_a_golden_record_takes_the_target_s_shape():
    shaped = SHAPE(PERMIT, {"project": PROJECT})
    assert shaped.withheld is None
    assert shaped.body == {
        "XMDM": "2304-520115-04-01-123456",
        "XMMC": "大桥",
        "ZTZE": 1234.57,
        "FZRQ": "20260301",
        "ZT": "A",
        "YX": "1",
    }


def test_a_missing_field_goes_out_empty():
    shaped = SHAPE(
        {name: value for name, value in PERMIT.items() if name != "issued_on"}, {"project": PROJECT}
    )
    assert shaped.body is not None
    assert shaped.body["FZRQ"] is None


@pytest.mark.parametrize(
    ("permit", "project", "code", "field"),
    [
        (PERMIT | {"kind": "other"}, PROJECT, "delivery.withheld_condition", "kind"),
        (PERMIT | {"project_code": None}, PROJECT, "delivery.withheld_condition", "project_code"),
        (PERMIT, {}, "delivery.withheld_missing", "project.name"),
        (PERMIT, PROJECT | {"status": "gone"}, "delivery.withheld_unshapeable", "ZT"),
    ],
)
def test_a_record_that_the_target_cannot_have_is_withheld_with_the_reason(
    permit, project, code, field
):
    shaped = SHAPE(permit, {"project": project})
    assert shaped.body is None
    assert (shaped.withheld.code, shaped.withheld.facts["field"]) == (code, field)


def test_a_target_is_never_handed_a_mask_though_it_does_not_need_the_value():
    fields = (
        ("LXR", ("contact", "owner")),
        ("DWS", ("owners",)),
        ("DZ", ("place",)),
        ("BZ", ("note",)),
    )
    rules = PushMapping(tuple(FieldRule(name, of) for name, of in fields), when={}, required=())
    said = {
        "contact": "张*",
        "owner": "张三",
        "owners": ["***", "李四"],
        "place": "某某",
        "note": "2*4",
    }
    shaped = compile_shaper(rules, scope=Scope(HUB_ZONE, {})).shape(said, {})
    assert shaped.body == {"LXR": "张三", "DWS": ["李四"], "DZ": None, "BZ": "2*4"}
