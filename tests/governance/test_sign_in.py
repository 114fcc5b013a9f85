"""Passwords are guessed slowly, few times, and are worth nothing once they are replaced."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from hub import governance
from hub.errors import FlowError
from hub.governance import sessions
from hub.governance.pace import Pace
from tests.filled import Filled, filled_template
from tests.postgres import DatabaseServer

__all__ = ["filled_template"]

NAME, RIGHT, WRONG = "bureau", "correct-horse-battery", "not-the-password"


@pytest.fixture(scope="module")
def world(database_server: DatabaseServer, filled_template: str) -> Iterator[Filled]:
    """One hub for all of these; a guess may cost less here."""
    with database_server.database(template=filled_template) as url, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sessions, "COST", 2**4)
        made = Filled(url)
        limits = replace(made.hub.settings.signing_in, lock_failures=3, attempts_a_minute=8)
        made.hub.settings = replace(made.hub.settings, signing_in=limits)
        with made.hub.database.transaction() as tx:
            governance.open_account(tx, NAME, "department", department="")
        yield made
        made.hub.close()


@pytest.fixture(autouse=True)
def fresh(world: Filled) -> None:
    """The password is what it is, nobody has tried, nobody is signed in."""
    world.execute("delete from hub.sign_in_count; delete from hub.session")
    with world.hub.database.transaction() as tx:
        sessions.set_password(tx, NAME, RIGHT)


def attempt(world: Filled, password: str, *, name: str = NAME, address: str = "192.0.2.1") -> str:
    """The cookie, or the code of the refusal."""
    try:
        return sessions.sign_in(world.hub.database, world.hub.settings, name, password, address=address)
    except FlowError as error:
        return error.code


def who(world: Filled, token: str) -> str:
    """Whose cookie this is, or the code of the refusal."""
    try:
        with world.hub.database.reading() as tx:
            return sessions.reader(tx, token, world.hub.settings).account.name
    except FlowError as error:
        return error.code


def test_after_some_wrong_passwords_the_right_one_is_refused_until_the_lock_has_passed(world: Filled):
    assert [attempt(world, WRONG) for _ in range(4)] == ["access.password_wrong"] * 3 + ["access.locked"]
    assert attempt(world, RIGHT) == "access.locked"
    world.execute("update hub.sign_in_count set until_at = now() - interval '1 second'")
    assert who(world, attempt(world, RIGHT)) == NAME


def test_a_name_that_nobody_has_is_locked_alike(world: Filled):
    found = [attempt(world, WRONG, name="nobody") for _ in range(4)]
    assert found == ["access.password_wrong"] * 3 + ["access.locked"]


def test_a_right_password_forgets_the_wrong_ones(world: Filled):
    for _ in range(2):
        assert [attempt(world, WRONG), attempt(world, WRONG)] == ["access.password_wrong"] * 2
        assert who(world, attempt(world, RIGHT)) == NAME


def test_a_new_password_from_the_administrator_ends_the_lock_and_every_session(world: Filled):
    token = attempt(world, RIGHT)
    for _ in range(4):
        attempt(world, WRONG)
    with world.hub.database.transaction() as tx:
        fresh = sessions.new_password(tx, NAME)
    assert who(world, token) == "access.signed_out"
    assert attempt(world, RIGHT) == "access.password_wrong"
    assert who(world, attempt(world, fresh)) == NAME


def test_one_address_tries_so_often_a_minute_under_whatever_names(world: Filled):
    found = [attempt(world, WRONG, name=f"n{number}") for number in range(9)]
    assert found == ["access.password_wrong"] * 8 + ["access.too_many"]
    assert who(world, attempt(world, RIGHT, address="192.0.2.2")) == NAME
    world.execute("update hub.sign_in_count set until_at = now() - interval '1 second' where kind = 'address'")
    assert who(world, attempt(world, RIGHT)) == NAME


def test_changing_the_password_wants_the_old_one_and_ends_the_other_sessions(world: Filled):
    hub, here, there = world.hub, attempt(world, RIGHT), attempt(world, RIGHT)

    def change(old: str, new: str) -> None:
        sessions.change_password(hub.database, hub.settings, here, old, new, address="192.0.2.1")

    for old, new, code in (
        (WRONG, "another-password", "password_wrong"),
        (RIGHT, "short", "weak"),
        (RIGHT, RIGHT, "weak"),
    ):
        with pytest.raises(FlowError, match=code):
            change(old, new)
    change(RIGHT, "another-password")
    assert (who(world, here), who(world, there)) == (NAME, "access.signed_out")
    assert attempt(world, RIGHT) == "access.password_wrong"
    assert who(world, attempt(world, "another-password")) == NAME


def test_signing_out_everywhere_ends_every_session_and_sessions_lapse(world: Filled):
    first, second = attempt(world, RIGHT), attempt(world, RIGHT)
    with world.hub.database.transaction() as tx:
        assert len(sessions.sign_ins(tx, NAME, first, world.hub.settings)) == 2
        assert sessions.sign_out_everywhere(tx, NAME) == 2
    assert [who(world, token) for token in (first, second)] == ["access.signed_out"] * 2
    for lapsed in ("seen_at = now() - interval '31 minutes'", "opened_at = now() - interval '13 hours'"):
        token = attempt(world, RIGHT)
        assert who(world, token) == NAME
        world.execute(f"update hub.session set {lapsed}")  # noqa: S608 -- one of the two above
        assert who(world, token) == "access.signed_out"


def test_an_ended_account_is_signed_out_at_once_and_cannot_come_back(world: Filled):
    with world.hub.database.transaction() as tx:
        governance.open_account(tx, "leaving", "auditor", department="")
        sessions.set_password(tx, "leaving", RIGHT)
    token = attempt(world, RIGHT, name="leaving")
    assert who(world, token) == "leaving"
    with world.hub.database.transaction() as tx:
        governance.end_account(tx, "leaving")
    assert who(world, token) == "access.signed_out"
    assert attempt(world, RIGHT, name="leaving") == "access.password_wrong"


def test_neither_passwords_nor_cookies_are_kept_as_they_are(world: Filled):
    token = attempt(world, RIGHT)
    kept = str(world.rows("select * from hub.account")) + str(world.rows("select * from hub.session"))
    assert RIGHT not in kept
    assert token not in kept


def test_an_account_asks_so_often_a_minute_and_then_waits_for_the_next():
    pace = Pace(2)
    for now in (59.0, 60.0, 61.0):
        pace.step("a", now=now)
    with pytest.raises(FlowError, match="too_many") as refused:
        pace.step("a", now=80.0)
    assert refused.value.facts["seconds"] == "40"
    pace.step("b", now=80.0)
    pace.step("a", now=120.0)
