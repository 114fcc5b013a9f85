"""A unit without a system hands in a workbook: whole, or not at all and every bad cell named."""

import json
from io import BytesIO
from zipfile import ZipFile

import pytest
from openpyxl import Workbook, load_workbook

from hub.config import connector_schemas, contract_files
from hub.domain.load import ContractsInvalidError, load
from hub.errors import FlowError
from hub.services import supply
from hub.services.supply import SupplyAnswer
from tests.filled import HOME, Filled
from tests.supply.conftest import Clerk
from tests.supply.workbooks import CODE, FLOW, ROW, SHEET, row, saved
from tests.supply.workbooks import filled as written


def places(answer: SupplyAnswer) -> list[tuple[str, str]]:
    return [(one.cell, one.code) for one in answer.faults]


def nothing_taken(filled: Filled) -> bool:
    found = filled.rows(
        "select (select count(*) from hub.inbound) + (select count(*) from hub.supply)"
        " + (select count(*) from hub.landing where flow = 'pull.broadcast.utility_connection')"
        " as n"
    )
    return found[0]["n"] == 0


def test_the_template_has_titles_drop_downs_and_one_example(clerk: Clerk):
    book = load_workbook(BytesIO(supply.blank(clerk(), FLOW, lang="zh")))
    sheet = book[SHEET]
    assert [cell.value for cell in sheet[1]][:4] == [
        "项目代码",
        "报装编号",
        "申请单位",
        "统一社会信用代码",
    ]
    assert sheet.max_row >= 2
    assert sheet.cell(2, 2).value == "示例-0001"
    rules = {str(one.sqref): one for one in sheet.data_validations.dataValidation}
    status = next(one for place, one in rules.items() if place.startswith("H2:"))
    assert status.type == "list"
    listed = [cell.value for cell in book["选项"]["H"] if cell.value]
    assert listed == [
        "已接件",
        "已撤件",
        "已受理",
        "不予受理",
        "待补正",
        "已补正",
        "施工",
        "踏勘",
        "已开通",
    ]
    assert book["选项"].sheet_state == "hidden"


def test_a_right_workbook_is_taken_whole_as_one_batch(filled: Filled, clerk: Clerk):
    context = clerk()
    content = written(supply.blank(context, FLOW, lang="zh"), [row(n) for n in range(1, 31)])
    answer = supply.upload(context, FLOW, "三月.xlsx", content, pull=filled.hub.pull)
    assert answer.taken, answer.faults
    assert (answer.rows, answer.outcomes) == (30, {"taken": 30})
    batches = filled.rows(
        f"select created, read from hub.batch where flow = '{FLOW}' and read > 0"  # noqa: S608
    )
    assert batches == [{"created": 30, "read": 30}]
    (golden,) = filled.rows(
        "select project_code, status, need, outside_line, applied_on::text as applied_on, contact"
        " from golden.utility_connection where number = 'GD-2026-0007'"
    )
    assert golden == {
        "project_code": CODE,
        "status": "3",
        "need": 320,
        "outside_line": False,
        "applied_on": "2026-03-02",
        "contact": "张三",
    }


def test_each_row_traces_to_account_file_and_cell(filled: Filled, clerk: Clerk):
    context = clerk()
    content = written(supply.blank(context, FLOW, lang="zh"), [row(1), row(2)])
    supply.upload(context, FLOW, "三月.xlsx", content, pull=filled.hub.pull)
    found = filled.rows(
        f"select position, payload from hub.landing where flow = '{FLOW}' order by id"  # noqa: S608
    )
    (act,) = supply.one(context, FLOW).acts
    assert act.digest is not None
    for number, one in enumerate(found, 1):
        position = str(one["position"])
        assert position.startswith(
            f"r{act.inbound_id:019} row {number} · A{number + 1}:N{number + 1}"
        )
        assert position.endswith(f" · 三月.xlsx · {act.digest} · clerk")
        payload = one["payload"]
        assert isinstance(payload, bytes)
        assert json.loads(payload)["报装编号"] == f"GD-2026-000{number}"
    records = supply.one(context, FLOW).records
    assert {one.key for one in records} == {"GD-2026-0001", "GD-2026-0002"}


def test_a_wrong_workbook_is_refused_with_every_cell_named_and_nothing_taken(
    filled: Filled, clerk: Clerk
):
    context = clerk()
    rows = [
        row(1),
        row(2, 报装状态="快好了", 申请日期="去年"),
        row(3, 申请单位="", 外线工程="不详"),
        row(4, 项目代码="12345"),
        row(1),
    ]
    content = written(supply.blank(context, FLOW, lang="zh"), rows)
    answer = supply.upload(context, FLOW, "错.xlsx", content, pull=filled.hub.pull)
    assert not answer.taken
    assert places(answer) == [
        ("B2", "supply.key_twice"),
        ("H3", "supply.not_a_choice"),
        ("I3", "record.date_invalid"),
        ("C4", "supply.cell_empty"),
        ("G4", "supply.not_a_choice"),
        ("A5", "record.project_code_shape"),
        ("B6", "supply.key_twice"),
    ]
    assert all(one.zh and one.en and one.cure_zh and one.cure_en for one in answer.faults)
    assert "快好了" in answer.faults[1].zh
    assert "已开通" in answer.faults[1].cure_en
    assert nothing_taken(filled)


def test_a_title_that_stands_twice_is_refused_at_both(filled: Filled, clerk: Clerk):
    def doubled(book: Workbook) -> None:
        titles = {cell.value: cell for cell in book[SHEET][1]}
        titles["申请单位"].value = "接入地址"

    context = clerk()
    content = written(supply.blank(context, FLOW, lang="zh"), [row(1)], change=doubled)
    answer = supply.upload(context, FLOW, "重复.xlsx", content, pull=filled.hub.pull)
    assert [code for _, code in places(answer)] == [
        "supply.column_missing",
        "supply.column_twice",
        "supply.column_twice",
    ]
    assert all("接入地址" in one.zh for one in answer.faults[1:])
    assert nothing_taken(filled)


def test_last_years_layout_is_refused_by_its_cells(filled: Filled, clerk: Clerk):
    def old(book: Workbook) -> None:
        sheet = book[SHEET]
        sheet["C1"] = "用户名称"
        sheet["I2"] = "=TODAY()"
        sheet.merge_cells("D2:D3")
        sheet["R2"] = "备注在此"

    context = clerk()
    content = written(supply.blank(context, FLOW, lang="zh"), [row(1), row(2)], change=old)
    answer = supply.upload(context, FLOW, "去年.xlsx", content, pull=filled.hub.pull)
    assert places(answer) == [
        ("1", "supply.column_missing"),
        ("C1", "supply.column_unknown"),
        ("D2:D3", "supply.merged"),
        ("I2", "record.cell_unusable"),
        ("R2", "supply.outside"),
    ]
    assert nothing_taken(filled)


def test_the_same_file_twice_is_told_with_when_and_by_whom(filled: Filled, clerk: Clerk):
    first, second = clerk("clerk"), clerk("colleague")
    content = written(supply.blank(first, FLOW, lang="zh"), [row(1)])
    assert supply.upload(first, FLOW, "三月.xlsx", content, pull=filled.hub.pull).taken
    with pytest.raises(FlowError) as refused:
        supply.upload(second, FLOW, "改名.xlsx", content, pull=filled.hub.pull)
    assert refused.value.code == "supply.seen_before"
    assert refused.value.facts["by"] == "clerk"
    assert refused.value.facts["at"].startswith("20")
    assert len(supply.one(first, FLOW).acts) == 1


def test_a_correction_is_a_new_version_and_a_value_may_come_back(filled: Filled, clerk: Clerk):
    context = clerk()
    for status in ("已受理", "踏勘", "已受理"):
        answer = supply.enter(context, FLOW, {**ROW, "报装状态": status}, pull=filled.hub.pull)
        assert answer.outcomes == {"taken": 1}
    (golden,) = filled.rows("select version, status from golden.utility_connection")
    assert golden == {"version": 3, "status": "3"}
    assert supply.cells_of(context, FLOW, "GD-2026-0001")["报装状态"] == "已受理"


def test_a_withdrawal_needs_a_reason_and_a_record(filled: Filled, clerk: Clerk):
    context, key = clerk(), "GD-2026-0001"
    supply.enter(context, FLOW, ROW, pull=filled.hub.pull)
    for reason, code in ((" ", "supply.no_reason"), ("重复", "supply.key_unknown")):
        with pytest.raises(FlowError) as refused:
            supply.withdraw(context, FLOW, key if reason == " " else "GD-9", reason=reason)
        assert refused.value.code == code
    supply.withdraw(context, FLOW, key, reason="用户撤回申请", pull=filled.hub.pull)
    assert filled.rows("select deleted_at is not null as gone from golden.utility_connection") == [
        {"gone": True}
    ]
    act = supply.one(context, FLOW).acts[0]
    assert (act.kind, act.key, act.reason) == ("withdrawal", key, "用户撤回申请")
    assert supply.one(context, FLOW).records == []


def test_the_example_row_is_never_taken(filled: Filled, clerk: Clerk):
    context = clerk()
    template = supply.blank(context, FLOW, lang="zh")
    with pytest.raises(FlowError) as refused:
        supply.upload(context, FLOW, "空.xlsx", template)
    assert refused.value.code == "supply.empty"
    book = load_workbook(BytesIO(template))
    for column, title in enumerate([cell.value for cell in book[SHEET][1]], 1):
        book[SHEET].cell(3, column).value = ROW.get(str(title))
    answer = supply.upload(context, FLOW, "一.xlsx", saved(book), pull=filled.hub.pull)
    assert (answer.taken, answer.rows, answer.examples) == (True, 1, 1)


def with_macros(content: bytes) -> bytes:
    made = BytesIO(content)
    with ZipFile(made, "a") as package:
        package.writestr("xl/vbaProject.bin", b"macros")
    return made.getvalue()


def unfolding(content: bytes) -> bytes:
    made = BytesIO()
    with ZipFile(BytesIO(content)) as old, ZipFile(made, "w", compression=8) as new:
        for one in old.infolist():
            bomb = one.filename == "xl/worksheets/sheet1.xml"
            new.writestr(one.filename, b" " * 60_000_000 if bomb else old.read(one))
    return made.getvalue()


def entities(content: bytes) -> bytes:
    made = BytesIO()
    with ZipFile(BytesIO(content)) as old, ZipFile(made, "w", compression=8) as new:
        for one in old.infolist():
            bomb = one.filename == "xl/worksheets/sheet1.xml"
            declared = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' if bomb else b""
            new.writestr(one.filename, declared + old.read(one))
    return made.getvalue()


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (with_macros, "supply.macros"),
        (unfolding, "file.too_big"),
        (entities, "file.damaged"),
        (lambda content: content[: len(content) // 2], "file.damaged"),
        (lambda _content: b"a,b\n1,2\n", "file.not_workbook"),
        (lambda content: content + b"\0" * 3_000_000, "supply.too_big"),
    ],
    ids=["macros", "unfolds", "entities", "cut off", "csv", "large"],
)
def test_files_that_are_no_workbook_to_take(filled: Filled, clerk: Clerk, spoil, code: str):
    context = clerk()
    content = spoil(written(supply.blank(context, FLOW, lang="zh"), [row(1)]))
    with pytest.raises(FlowError) as refused:
        supply.upload(context, FLOW, "攻击.xlsx", content)
    assert refused.value.code == code
    assert nothing_taken(filled)


def test_more_rows_than_may_come_at_once(filled: Filled, clerk: Clerk):
    book = Workbook(write_only=True)
    sheet = book.create_sheet(SHEET)
    sheet.append(list(ROW))
    for number in range(5_001):
        sheet.append(list(row(number).values()))
    with pytest.raises(FlowError) as refused:
        supply.upload(clerk(), FLOW, "多.xlsx", saved(book))
    assert refused.value.code == "supply.too_long"
    assert nothing_taken(filled)


def test_another_sheet_is_told(clerk: Clerk):
    book = Workbook()
    book.active.title = "别的"
    with pytest.raises(FlowError) as refused:
        supply.upload(clerk(), FLOW, "别的.xlsx", saved(book))
    assert refused.value.code == "file.sheet_missing"


def test_cells_that_look_like_formulas_stay_texts(filled: Filled, clerk: Clerk):
    context = clerk()
    content = written(
        supply.blank(context, FLOW, lang="zh"), [row(1, 申请单位="'=cmd|' /c calc'!A1")]
    )
    assert supply.upload(context, FLOW, "三月.xlsx", content, pull=filled.hub.pull).taken
    (golden,) = filled.rows("select applicant from golden.utility_connection")
    assert golden == {"applicant": "'=cmd|' /c calc'!A1"}


def test_nobody_of_another_unit_and_nobody_without_a_grant(filled: Filled, clerk: Clerk):
    content = written(supply.blank(clerk(), FLOW, lang="zh"), [row(1)])
    for context in (
        clerk("stranger", unit="供水公司"),
        clerk("bare", entities=("project",)),
        clerk("nameless", unit=""),
    ):
        assert supply.listed(context) == []
        for ask in (
            lambda one: supply.one(one, FLOW),
            lambda one: supply.blank(one, FLOW, lang="zh"),
            lambda one: supply.upload(one, FLOW, "三月.xlsx", content),
            lambda one: supply.enter(one, FLOW, ROW),
            lambda one: supply.withdraw(one, FLOW, "GD-2026-0001", reason="恶意"),
            lambda one: supply.suggested(one, FLOW, CODE),
            lambda one: supply.cells_of(one, FLOW, "GD-2026-0001"),
        ):
            with pytest.raises(FlowError) as refused:
                ask(context)
            assert refused.value.code == "supply.not_yours"
    assert nothing_taken(filled)


def test_a_flow_without_a_template_cannot_be_handed_in_to(clerk: Clerk):
    with pytest.raises(FlowError) as refused:
        supply.one(clerk(unit="供水公司"), "pull.water.utility_connection")
    assert refused.value.code == "supply.not_yours"


def test_rows_of_other_regions_are_refused_as_written_and_as_they_stand(
    filled: Filled, clerk: Clerk
):
    near, far = clerk("near", regions=("520201",)), clerk("far", regions=("1401",))
    template = supply.blank(near, FLOW, lang="zh")
    # where the project is counts, not what its code says; of an unknown project its code
    other = "2605-140108-60-05-326058"
    content = written(template, [row(1), row(2, 项目代码=other), row(3, 项目代码="")])
    answer = supply.upload(near, FLOW, "三月.xlsx", content)
    assert places(answer) == [("A3", "supply.region"), ("A4", "supply.region")]
    assert nothing_taken(filled)
    assert supply.enter(near, FLOW, ROW, pull=filled.hub.pull).taken
    # another county takes the number over: neither by its own code, nor to withdraw
    stolen = supply.enter(far, FLOW, {**ROW, "项目代码": other})
    assert [one.code for one in stolen.faults] == ["supply.region"]
    with pytest.raises(FlowError) as refused:
        supply.withdraw(far, FLOW, "GD-2026-0001", reason="不是我的")
    assert refused.value.code == "supply.key_unknown"
    assert supply.one(far, FLOW).records == []


def test_columns_that_the_template_lacks_and_long_cells_in_the_form(clerk: Clerk):
    context = clerk()
    for cells, code in (
        ({**ROW, "操作": "撤回"}, "supply.column_unknown"),
        ({**ROW, "申请单位": "长" * 4_001}, "supply.cell_long"),
    ):
        with pytest.raises(FlowError) as refused:
            supply.enter(context, FLOW, cells)
        assert refused.value.code == code


def test_acts_are_sealed_and_cannot_be_changed_unseen(filled: Filled, clerk: Clerk):
    context = clerk()
    content = written(supply.blank(context, FLOW, lang="zh"), [row(1)])
    supply.upload(context, FLOW, "三月.xlsx", content, pull=filled.hub.pull)
    filled.hub.seal()
    assert filled.rows("select relation from hub.evidence where relation = 'supply'")
    filled.execute("alter table hub.supply disable trigger user")
    filled.execute("update hub.supply set account = 'somebody'")
    found = filled.hub.verify().findings
    assert any("supply" in str(one) for one in found)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("{from: 终端数,", "{from: 接入.终端数,"),
        ("{from: 终端数,", "{from: '终端数[0]',"),
        ("{from: 终端数,", "{from: [终端数, 接入.终端数],"),
        ("key: [报装编号]", "key: [报装.编号]"),
        ("{操作: 撤回}", "{报装.操作: 撤回}"),
        ("key: [报装编号]", "each: {at: 明细, as: row}\nkey: [报装编号, row.序号]"),
    ],
)
def test_a_workbook_of_a_mapping_with_levels_is_refused(old: str, new: str):
    path = "mappings/broadcast/utility_connection.pull.yaml"
    files = dict(contract_files(HOME))
    assert old in files[path]
    files[path] = files[path].replace(old, new)
    with pytest.raises(ContractsInvalidError) as caught:
        load(files, connector_schemas(), year=2026)
    found = {(one.file, one.code) for one in caught.value.problems}
    assert (path, "contract.template_nested") in found
