"""新到: a clerk reads what lies ready for his unit, takes it along, and says 已阅 or why not."""

from io import BytesIO

import pytest
from openpyxl import load_workbook

from hub.errors import FlowError
from hub.services import new_deliveries
from hub.services.new_deliveries import DeliveryVerdict
from tests.filled import Filled
from tests.supply.conftest import Clerk
from tests.supply.workbooks import CODE

NEEDS = "push.broadcast.project"
PERMITS = "push.broadcast.approval_document"


def table(context, flow: str = PERMITS):
    return next(one for one in new_deliveries.listed(context) if one.flow == flow)


@pytest.fixture
def ready(filled: Filled) -> Filled:
    """The permits of the project lie ready for the broadcast company."""
    filled.hub.push(PERMITS)
    return filled


def test_what_is_new_is_shown_once_as_new_and_stays_until_it_is_acknowledged(
    ready: Filled, clerk: Clerk
):
    context = clerk()
    first = table(context)
    assert [one.fresh for one in first.deliveries] == [True]
    assert first.columns == [
        "项目代码",
        "施工许可证号",
        "发证日期",
        "发证机关",
        "工程名称",
        "建设单位",
    ]
    assert first.deliveries[0].record["项目代码"] == CODE
    again = table(clerk("colleague"))
    assert [one.fresh for one in again.deliveries] == [False]
    key = first.deliveries[0].key
    done = new_deliveries.acknowledge(context, PERMITS, [DeliveryVerdict(key, accepted=True)])
    assert done.acknowledged == 1
    assert table(context).deliveries == []
    ready.hub.receipts(PERMITS)
    (delivery,) = ready.rows(f"select state from hub.delivery where flow = '{PERMITS}'")  # noqa: S608
    assert delivery == {"state": "confirmed"}
    (kept,) = ready.rows("select state, acknowledged_by from hub.handover")
    assert kept == {"state": "accepted", "acknowledged_by": "clerk"}


def test_a_refusal_needs_words_and_reaches_the_delivery(ready: Filled, clerk: Clerk):
    context = clerk()
    key = table(context).deliveries[0].key
    with pytest.raises(FlowError) as refused:
        new_deliveries.acknowledge(context, PERMITS, [DeliveryVerdict(key, accepted=False)])
    assert refused.value.code == "supply.no_words"
    verdict = DeliveryVerdict(key, accepted=False, text="不在覆盖范围")
    new_deliveries.acknowledge(context, PERMITS, [verdict])
    ready.hub.receipts(PERMITS)
    (delivery,) = ready.rows(f"select state from hub.delivery where flow = '{PERMITS}'")  # noqa: S608
    assert delivery == {"state": "rejected"}


def test_what_was_never_shown_cannot_be_acknowledged(ready: Filled, clerk: Clerk):
    context = clerk()
    (row,) = ready.rows("select key from hub.handover")
    for key in (str(row["key"]), "0" * 16):
        with pytest.raises(FlowError) as refused:
            new_deliveries.acknowledge(context, PERMITS, [DeliveryVerdict(key, accepted=True)])
        assert refused.value.code == "call.never_handed"


def test_other_units_and_regions_see_nothing_and_mark_nothing(ready: Filled, clerk: Clerk):
    assert new_deliveries.listed(clerk("water", unit="供水公司")) == []
    assert new_deliveries.listed(clerk("bare", entities=("utility_connection",))) == []
    far = table(clerk("far", regions=("99",)))
    assert (far.deliveries, far.hidden) == ([], 1)
    coarse = table(clerk("coarse", classes=("internal",)))
    assert (coarse.deliveries, coarse.hidden) == ([], 1)
    assert ready.rows("select state from hub.handover") == [{"state": "ready"}]
    key = str(ready.rows("select key from hub.handover")[0]["key"])
    table(clerk())
    verdict, farther = DeliveryVerdict(key, accepted=True), clerk("farther", regions=("99",))
    with pytest.raises(FlowError) as refused:
        new_deliveries.acknowledge(farther, PERMITS, [verdict])
    assert refused.value.code == "call.never_handed"
    other = clerk("other", unit="供水公司")
    with pytest.raises(FlowError) as refused:
        new_deliveries.exported(other, PERMITS, lang="zh")
    assert refused.value.code == "supply.not_yours"


def test_the_workbook_has_texts_and_no_formulas(ready: Filled, clerk: Clerk):
    content = new_deliveries.exported(clerk(), PERMITS, lang="zh")
    sheet = load_workbook(BytesIO(content)).active
    assert [cell.value for cell in sheet[1]][:3] == ["到达时间", "动作", "项目代码"]
    assert sheet.max_row == 2
    assert {cell.data_type for cell in sheet[2]} == {"s"}


def test_what_was_shown_is_in_the_access_log(ready: Filled, clerk: Clerk):
    context = clerk()
    table(context)
    assert context.record_ids
