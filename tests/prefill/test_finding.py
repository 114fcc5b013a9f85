"""Projects are found as one types, by code or by name, as far as the reader's rights go."""

from collections.abc import Iterator

import pytest

from hub.prefill.finding import Suggestion, suggestions
from hub.rules.rights import Rights, operator
from tests.filled import CODE, CONTRACTS, NAME, Filled, payload
from tests.postgres import DatabaseServer

PROJECT = CONTRACTS.entities["project"]
PUBLIC = Rights(classes={"project": frozenset({"public"})})


@pytest.fixture(scope="module")
def released(database_server: DatabaseServer, filled_template: str) -> Iterator[Filled]:
    """A hub whose names can be searched; nothing changes it."""
    with database_server.database(template=filled_template) as url:
        world = Filled(url)
        world.hub.release()
        yield world
        world.hub.close()


def found(filled: Filled, text: str, rights: Rights = PUBLIC, most: int = 10) -> list[Suggestion]:
    with filled.hub.database.transaction() as tx:
        return suggestions(tx, PROJECT, text, rights=rights, most=most)


@pytest.mark.parametrize("text", [CODE, CODE[:6], CODE.lower(), f" {CODE[:12]} ", "２０１９-140108"])
def test_the_beginning_of_a_code_finds_the_project(released: Filled, text: str):
    (only,) = found(released, text)
    assert (only.project_code, only.values["name"]) == (CODE, NAME)


@pytest.mark.parametrize("text", [NAME, "三给村", "城改１号地块", "北区", "太原尖草坪", "（三给村）"])
def test_any_part_of_a_name_finds_the_project(released: Filled, text: str):
    assert [one.project_code for one in found(released, text)] == [CODE]


@pytest.mark.parametrize("text", ["", "三", "村三给", "2-", "%%%", "____", "不存在", "' or 1=1 --"])
def test_what_is_too_short_or_not_there_finds_nothing(released: Filled, text: str):
    assert found(released, text) == []


def test_a_whole_code_is_found_before_any_release(filled: Filled):
    assert [one.project_code for one in found(filled, CODE)] == [CODE]
    assert found(filled, NAME) == []


def test_a_changed_name_is_found_and_the_former_one_is_not(filled: Filled):
    filled.hub.release()
    changed = payload("pull.investment.project", id=1, xmdm=CODE, xmmc="城北学校", gxsj="2026-11-20 10:00:00")
    filled.pull("pull.investment.project", changed)
    filled.hub.release()
    assert [one.values["name"] for one in found(filled, "城北学校")] == ["城北学校"]
    assert found(filled, "三给村") == []


def test_rights_decide_what_is_shown(released: Filled):
    assert found(released, CODE, Rights()) == []
    internal = Rights(classes={"project": frozenset({"internal"})})
    assert [one.values for one in found(released, CODE, internal)] == [{}]
    assert found(released, CODE, operator(CONTRACTS.entities))[0].values["owner_name"]


def test_a_withdrawn_project_is_not_found(filled: Filled):
    filled.hub.release()
    filled.execute("update golden.project set deleted_at = now()")
    assert found(filled, CODE) == found(filled, NAME) == []
