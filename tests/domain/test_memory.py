from hub.domain.pull_values import Memory
from tests.domain.test_pull_mapping import FLOW, faults, mapped


def test_what_a_value_became_does_not_depend_on_what_came_before():
    first = mapped(FLOW, floors=3, name="小桥")
    for other in (1, 1.0, True, "1", "0", None, " "):
        mapped(FLOW, floors=other, linear=other, name=other, state=other)
    assert mapped(FLOW, floors=3, name="小桥") == first


def test_equal_numbers_of_another_type_are_another_value():
    said = [mapped(FLOW, floors=value).values.get("floors", "none") for value in (1, 1.0, "1")]
    assert said == [1, 1, 1]
    assert faults(FLOW, floors=True) == faults(FLOW, floors=True) != []


def test_a_fault_is_told_each_time_that_it_is_met():
    said = [faults(FLOW, start="32.13.2026", name="小桥") for _ in range(2)]
    assert said == [[("/start", "record.date_invalid")]] * 2


def test_a_unit_is_read_beside_every_value():
    areas = [mapped(FLOW, area=2, unit=unit).values.get("area") for unit in ("1", "2", "1", "2")]
    assert areas[:2] == areas[2:]
    assert areas[0] != areas[1]


def test_values_that_hardly_repeat_are_given_up_and_forgotten():
    memory = Memory(given_up=False)
    for number in range(memory.MOST + 1):
        memory.keep(f"value {number}", "x", record=number)
    assert memory.given_up
    assert memory.texts == {}


def test_values_that_repeat_are_remembered_again_after_the_memory_was_full():
    memory = Memory(given_up=False)
    for number in range(memory.MOST + 2):
        memory.keep(f"value {number}", "x", record=number * memory.WORTH)
    assert not memory.given_up
    assert memory.texts == {f"value {memory.MOST + 1}": "x"}


def test_long_texts_and_lists_are_not_kept():
    memory = Memory(given_up=False)
    memory.keep("x" * (memory.LONGEST + 1), "x", record=1)
    memory.keep(["x"], "x", record=1)
    assert memory.texts == {}
