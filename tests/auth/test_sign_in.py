"""Passwords are guessed slowly, few times, and are worth nothing once they are replaced."""

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from hub import auth
from hub.auth import hashing, sessions
from hub.auth.rate_limit import RateLimiter, wait_after
from hub.db.access import accounts
from hub.domain import account_names
from hub.domain.passwords import weakness
from hub.errors import FlowError, TransientError
from hub.settings import SigningIn
from hub.texts import known
from tests.filled import Filled, filled_template
from tests.postgres import DatabaseServer

__all__ = ["filled_template"]

SLOWED, HASHED = "access.slowed", hashing.hashed
NAME, RIGHT, WRONG = "bureau", "correct-horse-battery", "not-the-password"


@pytest.fixture(scope="module")
def world(database_server: DatabaseServer, filled_template: str) -> Iterator[Filled]:
    """One hub for all of these; a guess may cost less here."""
    with (
        database_server.database(template=filled_template) as url,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(sessions, "COST", 2**4)
        made = Filled(url)
        limits = replace(
            made.hub.settings.signing_in, lock_failures=3, attempts_a_minute=8, account_failures=6
        )
        made.hub.settings = replace(made.hub.settings, signing_in=limits)
        with made.hub.database.write() as tx:
            auth.open_account(tx, NAME, "department", department="")
        yield made
        made.hub.close()


@pytest.fixture(autouse=True)
def fresh(world: Filled) -> None:
    """The password is what it is, nobody has tried, nobody is signed in."""
    world.execute(
        "delete from hub.sign_in_count; delete from hub.session; delete from hub.password_past"
    )
    with world.hub.database.write() as tx:
        sessions.set_password(tx, NAME, RIGHT)


def attempt(world: Filled, password: str, *, name: str = NAME, address: str = "192.0.2.1") -> str:
    """The cookie, or the code of the refusal."""
    try:
        return sessions.sign_in(
            world.hub.database, world.hub.settings, name, password, address=address
        )
    except FlowError as error:
        return error.code


def who(world: Filled, token: str) -> str:
    """Whose cookie this is, or the code of the refusal."""
    try:
        return sessions.reader(world.hub.database, token, world.hub.settings).account.name
    except FlowError as error:
        return error.code


HOME, ELSEWHERE = "192.0.2.1", "198.51.100.7"


def wait(world: Filled) -> None:
    """As long as any wait may take."""
    world.execute("update hub.sign_in_count set next_at = now() where kind <> 'address'")


def test_wrong_passwords_slow_down_one_address_and_lock_nobody_out(world: Filled):
    """Before, five of anybody's wrong passwords refused the right one everywhere, for a quarter of
    an hour.
    """
    assert [attempt(world, WRONG, address=ELSEWHERE) for _ in range(5)] == [
        *["access.password_wrong"] * 4,
        SLOWED,
    ]
    assert attempt(world, RIGHT, address=ELSEWHERE) == SLOWED
    assert who(world, attempt(world, RIGHT, address=HOME)) == NAME
    wait(world)
    assert who(world, attempt(world, RIGHT, address=ELSEWHERE)) == NAME


def test_as_many_wrong_passwords_as_are_free_do_not_refuse_the_right_one(world: Filled):
    assert [attempt(world, WRONG) for _ in range(3)] == ["access.password_wrong"] * 3
    assert who(world, attempt(world, RIGHT)) == NAME


def test_many_addresses_slow_down_an_account_but_not_where_it_has_signed_in_well(world: Filled):
    assert who(world, attempt(world, RIGHT, address=HOME)) == NAME
    found = [attempt(world, WRONG, address=f"198.51.100.{number}") for number in range(9)]
    assert found == [*["access.password_wrong"] * 7, SLOWED, SLOWED]
    assert attempt(world, RIGHT, address=ELSEWHERE) == SLOWED
    assert who(world, attempt(world, RIGHT, address=HOME)) == NAME


def test_each_further_failure_doubles_the_wait_up_to_the_most():
    waits = [
        wait_after(number, free=5, first=1.0, most=900.0)
        for number in (0, 5, 6, 7, 8, 15, 16, 10**9)
    ]
    assert waits == [0, 0, 1, 2, 4, 512, 900, 900]


def test_a_name_that_nobody_has_is_slowed_down_alike_and_costs_as_many_hashes(world: Filled):
    made = []

    def counted(password: str, salt: bytes, cost: int) -> str:
        made.append(cost)
        return HASHED(password, salt, cost)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hashing, "hashed", counted)
        for name, address in (("nobody", ELSEWHERE), (NAME, "198.51.100.8")):
            found = [attempt(world, WRONG, name=name, address=address) for _ in range(5)]
            assert found == [*["access.password_wrong"] * 4, SLOWED]
            assert made == [2**4] * 4
            made.clear()
    assert {row["kind"] for row in world.rows("select kind from hub.sign_in_count")} == {
        "address",
        "pair",
        "account",
    }


def test_a_crowd_finds_no_room_instead_of_taking_everybodys(world: Filled):
    room = hashing.HashingPool(1, 1)
    with room.place():
        held = threading.Thread(target=lambda: room.place().__enter__())
        held.start()
        while room._inside < 2:
            threading.Event().wait(0.001)
        with pytest.raises(TransientError, match=r"access\.busy"), room.place():
            pass
    held.join()


def test_a_hash_of_another_cost_lets_in_and_is_made_anew(world: Filled):
    kind, salt, made = HASHED(RIGHT, b"salt" * 4, hashing.FORMERLY).split("$")
    world.execute(
        f"update hub.account set password_hash = 'scrypt${salt}${made}' where name = '{NAME}'"  # noqa: S608
    )
    assert kind == f"scrypt:{hashing.FORMERLY}"
    assert who(world, attempt(world, RIGHT)) == NAME
    (row,) = world.rows(f"select password_hash from hub.account where name = '{NAME}'")  # noqa: S608
    assert str(row["password_hash"]).startswith("scrypt:16$")
    assert who(world, attempt(world, RIGHT)) == NAME


def test_a_password_that_somebody_else_made_is_changed_first_and_then_ends_the_token(world: Filled):
    hub = world.hub
    with hub.database.write() as tx:
        token = auth.renew_token(tx, NAME)
        given = sessions.new_password(tx, NAME)
        assert auth.readers(tx, [token]) == [None]
        token = auth.renew_token(tx, NAME)
    here = attempt(world, given)
    with hub.database.write() as tx:
        assert sessions.must_change(tx, NAME, hub.settings)
        assert auth.readers(tx, [token])[0]
    sessions.change_password(
        hub.database, hub.settings, here, given, "my-very-own-password", address=HOME
    )
    old = replace(hub.settings, signing_in=replace(hub.settings.signing_in, password_days=90))
    with hub.database.write() as tx:
        assert not sessions.must_change(tx, NAME, old)
        assert auth.readers(tx, [token]) == [None]
        tx.execute("update hub.account set password_at = now() - interval '91 days'")
        assert sessions.must_change(tx, NAME, old)
        assert not sessions.must_change(tx, NAME, hub.settings)


def test_tokens_end_by_themselves_and_by_being_revoked(world: Filled):
    with world.hub.database.write() as tx:
        token = auth.renew_token(tx, NAME, days=3)
        assert auth.readers(tx, [token])[0]
        tx.execute("update hub.account set token_until = token_until - interval '3 days'")
        assert auth.readers(tx, [token]) == [None]
        token = auth.renew_token(tx, NAME)
        auth.revoke_token(tx, NAME)
        assert auth.readers(tx, [token]) == [None]


def test_none_of_the_last_passwords_comes_back(world: Filled):
    hub, here, used = world.hub, attempt(world, RIGHT), RIGHT
    for number in range(2):
        new = f"password-number-{number}-of-all"
        sessions.change_password(hub.database, hub.settings, here, used, new, address=HOME)
        used = new
    with pytest.raises(FlowError, match="weak") as refused:
        sessions.change_password(hub.database, hub.settings, here, used, RIGHT, address=HOME)
    assert "last 5 passwords" in refused.value.facts["why_en"]


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("Ab1!xyz", "short"),
        ("Bureau-2026-x", "name"),
        ("ｂｕｒｅａｕ-2026-X", "name"),
        ("aaaaaaaaaaaaaaaaaaaa", "repeated"),
        ("1234567890", "common"),
        ("Password123!", "common"),
        ("woaini1314", "common"),
        ("onlysmallletters"[:12], "plain"),
        ("with\x1bcontrol-Sign1", "unseen"),
        ("Ab1\u200b\u200b\u200b\u200b\u200b\u200b\u200b", "unseen"),  # three signs that are seen
        ("Kx7-vu9\u2060-Qp2", "unseen"),
        ("Kx7-vu9\u3164-Qp2", "unseen"),
        ("four unrelated words here", ""),
        ("Kx7-vu9-Qp2", ""),
        ("我的密码很长也很难猜到的一句话吧", ""),
    ],
)
def test_a_password_keeps_to_the_rules(password: str, why: str):
    assert weakness(password, account="bureau", rules=SigningIn()) == why
    assert not why or known(why, "password")


def test_a_right_password_forgets_the_wrong_ones(world: Filled):
    for _ in range(2):
        assert [attempt(world, WRONG), attempt(world, WRONG)] == ["access.password_wrong"] * 2
        assert who(world, attempt(world, RIGHT)) == NAME


def test_a_new_password_from_the_administrator_ends_the_lock_and_every_session(world: Filled):
    token = attempt(world, RIGHT)
    for _ in range(4):
        attempt(world, WRONG)
    with world.hub.database.write() as tx:
        fresh = sessions.new_password(tx, NAME)
    assert who(world, token) == "access.signed_out"
    assert attempt(world, RIGHT) == "access.password_wrong"
    assert who(world, attempt(world, fresh)) == NAME


def test_one_address_tries_so_often_a_minute_under_whatever_names(world: Filled):
    found = [attempt(world, WRONG, name=f"n{number}") for number in range(9)]
    assert found == ["access.password_wrong"] * 8 + ["access.too_many"]
    assert who(world, attempt(world, RIGHT, address="192.0.2.2")) == NAME
    world.execute(
        "update hub.sign_in_count set until_at = now() - interval '1 second' where kind = 'address'"
    )
    assert who(world, attempt(world, RIGHT)) == NAME


def test_changing_the_password_wants_the_old_one_and_ends_the_other_sessions(world: Filled):
    hub, here, there = world.hub, attempt(world, RIGHT), attempt(world, RIGHT)
    with hub.database.write() as tx:
        token = auth.renew_token(tx, NAME)

    def change(old: str, new: str) -> None:
        sessions.change_password(hub.database, hub.settings, here, old, new, address="192.0.2.1")

    for old, new, code in (
        (WRONG, "another-password", "password_wrong"),
        (RIGHT, "short", "weak"),
        (RIGHT, RIGHT, "weak"),
    ):
        with pytest.raises(FlowError, match=code):
            change(old, new)
        with hub.database.write() as tx:
            assert auth.readers(tx, [token])[0]
    change(RIGHT, "another-password")
    with hub.database.write() as tx:
        assert auth.readers(tx, [token]) == [None]
    assert (who(world, here), who(world, there)) == (NAME, "access.signed_out")
    assert attempt(world, RIGHT) == "access.password_wrong"
    assert who(world, attempt(world, "another-password")) == NAME


def test_signing_out_everywhere_ends_every_session_and_sessions_lapse(world: Filled):
    first, second = attempt(world, RIGHT), attempt(world, RIGHT)
    with world.hub.database.write() as tx:
        assert len(sessions.sign_ins(tx, NAME, first, world.hub.settings)) == 2
        assert sessions.sign_out_everywhere(tx, NAME) == 2
    assert [who(world, token) for token in (first, second)] == ["access.signed_out"] * 2
    for lapsed in (
        "seen_at = now() - interval '31 minutes'",
        "opened_at = now() - interval '13 hours'",
    ):
        token = attempt(world, RIGHT)
        assert who(world, token) == NAME
        world.execute(f"update hub.session set {lapsed}")  # noqa: S608 -- one of the two above
        assert who(world, token) == "access.signed_out"


def test_an_ended_account_is_signed_out_at_once_and_cannot_come_back(world: Filled):
    with world.hub.database.write() as tx:
        auth.open_account(tx, "leaving", "auditor", department="")
        sessions.set_password(tx, "leaving", RIGHT)
    token = attempt(world, RIGHT, name="leaving")
    assert who(world, token) == "leaving"
    with world.hub.database.write() as tx:
        auth.end_account(tx, "leaving")
    assert who(world, token) == "access.signed_out"
    assert attempt(world, RIGHT, name="leaving") == "access.password_wrong"


def test_neither_passwords_nor_cookies_are_kept_as_they_are(world: Filled):
    token = attempt(world, RIGHT)
    kept = str(world.rows("select * from hub.account")) + str(
        world.rows("select * from hub.session")
    )
    assert RIGHT not in kept
    assert token not in kept


def test_an_account_asks_so_often_a_minute_and_then_waits_for_the_next():
    pace = RateLimiter(2)
    for now in (59.0, 60.0, 61.0):
        pace.step("a", now=now)
    with pytest.raises(FlowError, match="too_many") as refused:
        pace.step("a", now=80.0)
    assert refused.value.facts["seconds"] == "40"
    pace.step("b", now=80.0)
    pace.step("a", now=120.0)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "empty"),
        ("\u3000", "empty"),
        ("a" * 101, "long"),
        ("wa\u200bter", "unseen"),
        ("wa\u00adter", "unseen"),
        ("water\u3164", "unseen"),
        ("water\u202e", "unseen"),
        ("water ", "blank"),
        ("wa  ter", "blank"),
        ("ｗａｔｅｒ", "form"),
        ("w\u0430ter", "mixed"),
        ("CLI:root", "own"),
        ("水务局 二科", ""),
        ("zhang.san@water.example", ""),
        ("новости", ""),
    ],
)
def test_a_name_of_an_account_can_be_seen_whole(name: str, why: str):
    assert account_names.fault(name) == why
    assert not why or known(why, "account name")


@pytest.mark.parametrize(
    "name",
    ["Bureau", "BUREAU", "b\u0435reau", "вureau", "\u0430\u0441\u0435", "АСЕ", "l0", "1O", "Lo"],
)
def test_no_account_is_opened_whose_name_looks_like_another(world: Filled, name: str):
    with world.hub.database.write() as tx:
        for taken in {"ace", "lo"} - {one.name for one in accounts.accounts(tx)}:
            auth.open_account(tx, taken, "department", department="")
    with (
        pytest.raises(FlowError, match=r"access\.account_(alike|name)"),
        world.hub.database.write() as tx,
    ):
        auth.open_account(tx, name, "department", department="")
    with pytest.raises(FlowError, match="account_exists"), world.hub.database.write() as tx:
        auth.open_account(tx, NAME, "department", department="")
