"""Rows learn what became of them after the commit: each pass tells what has changed since."""

from collections.abc import Iterator, Sequence

import pytest

from hub.domain.load import ConnectorSchemas, ContractsInvalidError, load
from hub.errors import FlowError, TransientError
from hub.model import Json, Outcome, Outgoing, RowVerdict, RowWritten
from hub.pipeline import write_back
from tests.pipeline.conftest import Small
from tests.pipeline.partners import Source
from tests.pipeline.small import FILES

CODE = "2502-522730-04-01-587294"
PLAN, PERMIT = "pull.plan.project", "pull.build.permit"
STATES = "{column: zt, taken: 1, waiting: 3, refused: 2, later_refused: 4}"
BACK = f"back: {{table: dept.t, key: [id], state: {STATES}, reason: cwxx, at: clsj}}\n"
WITH_BACK = FILES | {
    "mappings/plan/project.pull.yaml": FILES["mappings/plan/project.pull.yaml"] + BACK,
    "mappings/build/permit.pull.yaml": FILES["mappings/build/permit.pull.yaml"]
    + BACK.replace("[id]", "[number]"),
}
GIVEN = {"given": ConnectorSchemas(system={}, read={}, write={}, back={})}


class Table(Source):
    """A source whose rows can be written back; keeps what they were told."""

    BACK: dict[str, Json] = {}  # noqa: RUF012 -- nothing is written into it

    def __init__(self, rows: Sequence[dict[str, Json]] = ()) -> None:
        super().__init__(list(rows))
        self.told: dict[Json, tuple[str | int, str]] = {}
        self.formers: dict[Json, Json] = {}
        self.answer = RowWritten("written")
        self.also: list[str] = []
        self.down = False

    def write_back(self, back: dict[str, Json], rows: Sequence[RowVerdict]) -> Iterator[RowWritten]:
        if self.down:
            raise TransientError("system.unavailable", system="plan")
        for row in rows:
            (key,) = row.key.values()
            self.formers[key] = row.former
            if self.answer.state == "written":
                self.told[key] = (row.state, row.reason)
            yield self.answer

    def updatable(self) -> list[str]:
        return ["dept.t.zt", "dept.t.cwxx", "dept.t.clsj", *self.also]


class Desk:
    """A target that refuses everything, in words of its own."""

    def send(self, write: Json, items: Sequence[Outgoing]) -> Iterator[Outcome]:
        for item in items:
            yield Outcome(item.key, "rejected", code="7", text="联系人张三 13800138000 名称重复")


@pytest.fixture
def back(small: Small) -> Small:
    small.contracts = load(WITH_BACK, GIVEN, year=2026)
    assert not small.contracts.problems
    return small


def tell(small: Small, table: Table, flow: str = PLAN) -> dict[str, object] | None:
    pull = small.contracts.pulls[flow]
    if not write_back.is_due(small.database, small.contracts, pull):
        return None
    run = write_back.tell(small.database, small.contracts, pull, connector=table)
    (row,) = small.rows(
        "select sum(due)::int as due, sum(written)::int as written, sum(overtaken)::int as"  # noqa: S608
        f" overtaken, sum(failed)::int as failed from hub.write_back_batch where run_id = {run}"
    )
    return row


def plan(number: str, code: str = CODE, **more: Json) -> dict[str, Json]:
    return {"id": number, "code": code, "name": "甲", "at": "1", **more}


def test_a_row_learns_its_outcome_and_its_first_reason_in_chinese(back: Small) -> None:
    table = Table([plan("p"), plan("q", "2502-522730-04-01-58729X")])
    back.pull(PLAN, table)
    assert tell(back, table) == {"due": 2, "written": 2, "overtaken": 0, "failed": 0}
    assert table.told["p"] == (1, "")
    state, reason = table.told["q"]
    assert state == 2
    assert "2502-522730-04-01-58729X" in reason
    assert 0 < len(reason) <= 200
    assert tell(back, table) is None  # nothing has changed since

    # corrected: it is told anew, and the connector knows what we wrote before
    back.pull(PLAN, Table([plan("q", "2502-522730-04-01-587294", at="2", name="乙")]))
    assert tell(back, table) == {"due": 1, "written": 1, "overtaken": 0, "failed": 0}
    assert table.told["q"] == (1, "")
    assert table.formers["q"] == 2


def test_a_row_that_waits_says_so_and_learns_that_its_project_came(back: Small) -> None:
    table = Table([{"number": "建1", "code": CODE}])
    back.pull(PERMIT, table)
    tell(back, table, PERMIT)
    assert table.told["建1"] == (3, "项目代码不存在，已留存，项目到来后自动采用")
    back.pull(PLAN, Table([plan("p")]))
    back.release()
    assert tell(back, table, PERMIT) == {"due": 1, "written": 1, "overtaken": 0, "failed": 0}
    assert table.told["建1"] == (1, "")


def test_what_a_target_refuses_later_comes_back_to_the_row_without_persons(back: Small) -> None:
    table = Table([plan("p")])
    back.pull(PLAN, table)
    tell(back, table)
    back.push("push.desk.project", Desk())
    assert tell(back, table) == {"due": 1, "written": 1, "overtaken": 0, "failed": 0}
    state, reason = table.told["p"]
    assert state == 4
    assert reason == "系统 desk未接收：联系人张三 * 名称重复"


def test_what_failed_is_due_again_and_what_was_overtaken_is_not(back: Small) -> None:
    table = Table([plan("p")])
    back.pull(PLAN, table)
    table.answer = RowWritten("failed", "value too long")
    assert tell(back, table) == {"due": 1, "written": 0, "overtaken": 0, "failed": 1}
    table.answer = RowWritten("overtaken")
    assert tell(back, table) == {"due": 1, "written": 0, "overtaken": 1, "failed": 0}
    assert tell(back, table) is None
    table.answer = RowWritten("written")
    back.pull(PLAN, Table([plan("p", at="2", name="新")]))
    assert tell(back, table) == {"due": 1, "written": 1, "overtaken": 0, "failed": 0}


def test_a_partner_that_is_away_learns_it_later(back: Small) -> None:
    table = Table([plan("p")])
    back.pull(PLAN, table)
    table.down = True
    with pytest.raises(TransientError):
        tell(back, table)
    table.down = False
    assert tell(back, table) == {"due": 1, "written": 1, "overtaken": 0, "failed": 0}


def test_a_login_that_may_update_more_writes_nothing(back: Small) -> None:
    table = Table([plan("p")])
    back.pull(PLAN, table)
    table.also = ["dept.t.name", "other.x.y"]
    with pytest.raises(FlowError) as refused:
        tell(back, table)
    assert refused.value.code == "back.rights"
    assert refused.value.facts["places"] == "dept.t.name, other.x.y"
    assert table.told == {}


def test_the_columns_written_back_make_no_row_another(back: Small) -> None:
    table = Table([plan("p", zt="0", cwxx=None)])
    assert back.pull(PLAN, table)["created"] == 1
    again = Table([plan("p", zt="1", cwxx="", clsj="2026-01-01")])
    assert back.pull(PLAN, again) == {"read": 1, "unchanged": 1}


def test_the_balance_is_a_constraint_of_the_database(back: Small) -> None:
    with pytest.raises(Exception, match="conservation"):
        back.rows(
            "insert into hub.write_back_batch (run_id, flow, due, written) values (1, 'x', 2, 1)"
        )


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (BACK.replace("zt", "name"), "contract.back_mapped"),
        (BACK.replace("clsj", "at"), "contract.back_mapped"),
        (BACK.replace("cwxx", "gone"), "contract.back_mapped"),
        ("each: {at: parts, as: part}\n" + BACK, "contract.back_parts"),
        (BACK.replace("{table", "{via: other, table"), "contract.back_unable"),
    ],
)
def test_what_cannot_be_written_back_is_refused_where_it_stands(said: str, code: str) -> None:
    files = FILES | {
        "mappings/plan/project.pull.yaml": FILES["mappings/plan/project.pull.yaml"] + said
    }
    other = ConnectorSchemas(system={}, read={}, write={})
    with pytest.raises(ContractsInvalidError) as refused:
        load(files, GIVEN | {"other": other}, year=2026)
    assert code in [problem.code for problem in refused.value.problems]
