"""Projects are found as one types, by code or by name, as far as the reader's rights go."""

from collections.abc import Iterator
from datetime import date

import pytest

from hub import auth
from hub.services.prefill.search import Suggestion, candidates, suggestions
from tests.filled import CODE, CONTRACTS, NAME, Filled, payload
from tests.postgres import DatabaseServer

ACCOUNTS = {"bureau": ("public",), "internal": ("internal",), "south": ("public",), "stranger": ()}


def open_accounts(world: Filled) -> None:
    """`south` may see the projects of another region only."""
    with world.hub.database.write() as tx:
        auth.open_account(tx, "audit", "auditor", department="")
        for name, classes in ACCOUNTS.items():
            auth.open_account(tx, name, "department", department="")
            if classes:
                auth.grant(
                    *(tx, CONTRACTS.entities, name, "project"),
                    classes=classes,
                    purpose="查找",
                    valid_from=date(2020, 1, 1),
                    valid_until=date(2099, 1, 1),
                    **({"regions": ["4501"]} if name == "south" else {}),
                )


@pytest.fixture(scope="module")
def released(database_server: DatabaseServer, filled_template: str) -> Iterator[Filled]:
    """A hub whose names can be searched; nothing changes it."""
    with database_server.database(template=filled_template) as url:
        world = Filled(url)
        world.hub.release()
        open_accounts(world)
        yield world
        world.hub.close()


def found(filled: Filled, text: str, account: str = "bureau", most: int = 10) -> list[Suggestion]:
    with filled.hub.database.write() as tx:
        ids = candidates(tx, text, most=most)
    with filled.hub.database.read(reader=account) as tx:
        return suggestions(tx, ids, most=most)


@pytest.mark.parametrize(
    "text", [CODE, CODE[:6], CODE.lower(), f" {CODE[:12]} ", "２０１９-140108"]
)
def test_the_beginning_of_a_code_finds_the_project(released: Filled, text: str):
    (only,) = found(released, text)
    assert (only.project_code, only.values["name"]) == (CODE, NAME)


@pytest.mark.parametrize(
    "text", [NAME, "三给村", "城改１号地块", "北区", "太原尖草坪", "（三给村）"]
)
def test_any_part_of_a_name_finds_the_project(released: Filled, text: str):
    assert [one.project_code for one in found(released, text)] == [CODE]


@pytest.mark.parametrize("text", ["", "三", "村三给", "2-", "%%%", "____", "不存在", "' or 1=1 --"])
def test_what_is_too_short_or_not_there_finds_nothing(released: Filled, text: str):
    assert found(released, text) == []


def test_a_whole_code_is_found_before_any_release(filled: Filled):
    open_accounts(filled)
    assert [one.project_code for one in found(filled, CODE)] == [CODE]
    assert found(filled, NAME) == []


def test_a_changed_name_is_found_and_the_former_one_is_not(filled: Filled):
    open_accounts(filled)
    filled.hub.release()
    changed = payload(
        "pull.investment.project", id=1, xmdm=CODE, xmmc="城北学校", gxsj="2026-11-20 10:00:00"
    )
    filled.pull("pull.investment.project", changed)
    filled.hub.release()
    assert [one.values["name"] for one in found(filled, "城北学校")] == ["城北学校"]
    assert found(filled, "三给村") == []


def test_rights_decide_what_is_shown(released: Filled):
    assert found(released, CODE, "stranger") == []
    assert [one.values for one in found(released, CODE, "internal")] == [{}]
    assert found(released, CODE, "audit")[0].values["owner_name"]
    assert found(released, CODE, "south") == []


def test_a_withdrawn_project_is_not_found(filled: Filled):
    open_accounts(filled)
    filled.hub.release()
    filled.execute("update golden.project set deleted_at = now()")
    assert found(filled, CODE) == found(filled, NAME) == []
