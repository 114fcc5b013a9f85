from tests.cli.conftest import Command
from tests.cli.test_commands import data
from tests.filled import CODE, NAME

RECORD = f"project:{CODE}"


def test_a_value_is_disputed_and_answered_by_command(command: Command):
    made = data(
        command(
            "disputes", "open", RECORD, "name", "--reason", "批文不同", "--by", "张三", "--json"
        )
    )
    assert (made["value"], made["state"], made["opened_by"]) == (NAME, "open", "张三")
    assert [one["id"] for one in data(command("disputes", "--json"))] == [made["id"]]
    status, out, _ = command("disputes", "show", "1")
    assert status == 0
    assert "批文不同" in out
    done = data(command("disputes", "answer", "1", "--accept", "--json"))
    assert (done["state"], done["recall_id"]) == ("accepted", 1)
    status, _, err = command("disputes", "answer", "1", "--refuse", "--reason", "x")
    assert status == 1
    assert "answered or closed" in err


def test_a_field_is_settled_by_command_and_opened_again(command: Command):
    status, out, _ = command(
        "decide", RECORD, "land_with_design", "--value", "true", "--reason", "批文"
    )
    assert status == 0
    assert "run" in out
    (one,) = data(command("decisions", "--json"))
    assert (one["field"], one["value"], one["reason"]) == ("land_with_design", True, "批文")
    assert command("undecide", RECORD, "land_with_design", "--reason", "无需")[0] == 0
    assert data(command("decisions", "--json")) == []
