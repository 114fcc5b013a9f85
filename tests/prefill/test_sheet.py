"""A prefilled form as a workbook."""

from datetime import UTC, date, datetime
from io import BytesIO

from openpyxl import load_workbook

from hub.domain.rights import operator
from hub.services.prefill import prefill
from hub.services.prefill.sheet import workbook
from hub.services.prefill.told import form
from tests.filled import CODE, CONTRACTS, PERMIT, Filled, payload

AT = datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC)


def test_a_workbook_says_of_every_field_and_paper_where_it_comes_from(filled: Filled):
    filled.pull("pull.approval.project", payload("pull.approval.project", lsh=900, xmjwdzb="=1+1"))
    with filled.hub.database.write() as tx:
        found = prefill(
            *(tx, CONTRACTS, CONTRACTS.forms["water_connection"]),
            project_code=CODE,
            rights=operator(CONTRACTS.entities),
            on=date(2026, 11, 22),
        )
    shown = form(found)
    for lang, title, source in (
        ("zh", "用水报装申请表", "来源系统"),
        ("en", "Application for a water connection", "Source system"),
    ):
        sheet = load_workbook(BytesIO(workbook(shown, lang=lang, at=AT, by="water"))).active  # type: ignore[arg-type]
        rows = [[str(cell.value or "") for cell in row] for row in sheet.iter_rows()]
        assert rows[0][0] == title
        assert CODE in rows[1]
        assert "2026-11-22 09:02:03" in rows[2]
        assert rows[5][3] == source
        assert len(rows) == 6 + len(shown.fields) + 2 + len(shown.wanted)
        assert sum(PERMIT in row for row in rows) == 2
        assert {
            cell.data_type for row in sheet.iter_rows() for cell in row if cell.value == "=1+1"
        } == {"s"}
