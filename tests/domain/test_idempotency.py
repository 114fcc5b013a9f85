"""Keys of deliveries: made of what is delivered, known again, and telling nobody what it is."""

import re

from hypothesis import given
from hypothesis import strategies as st

from hub.domain.idempotency import LENGTH, ORDINALS, IdempotencyKeys, name_of, ordinal_near

KEYS = IdempotencyKeys(b"secret", "push.desk.project")
BODY = {"mc": "甲", "je": 1}


def test_a_key_is_made_of_flow_record_content_action_and_ordinal():
    first = KEYS.of("p1", ordinal=1, action="upsert", body=BODY)
    others = {
        KEYS.of("p1", ordinal=2, action="upsert", body=BODY),
        KEYS.of("p2", ordinal=1, action="upsert", body=BODY),
        KEYS.of("p1", ordinal=1, action="upsert", body={**BODY, "je": 2}),
        KEYS.of("p1", ordinal=1, action="withdraw", body=BODY),
        IdempotencyKeys(b"secret", "push.desk.permit").of(
            "p1", ordinal=1, action="upsert", body=BODY
        ),
        IdempotencyKeys(b"other", "push.desk.project").of(
            "p1", ordinal=1, action="upsert", body=BODY
        ),
    }
    assert len(others | {first}) == 7
    assert first == KEYS.of("p1", ordinal=1, action="upsert", body=dict(reversed(BODY.items())))


def test_a_key_has_room_in_every_protocol():
    assert LENGTH == 32
    assert re.fullmatch(
        r"[0-9a-f]{32}", KEYS.of("项目/1 号", ordinal=3, action="upsert", body=BODY)
    )


@given(st.integers(1, 3 * ORDINALS), st.integers(-300, 300))
def test_the_ordinal_is_read_from_a_key_of_ours(ordinal: int, ahead: int):
    key = KEYS.of("p1", ordinal=ordinal, action="upsert", body=BODY)
    shown = KEYS.ordinal(key)
    assert shown is not None
    assert ordinal_near(shown, ordinal - ahead) == ordinal
    assert key.startswith(KEYS.of_record("p1"))


def test_keys_of_a_record_sort_by_their_ordinals():
    made = [KEYS.of("p1", ordinal=n, action="upsert", body={"mc": str(n)}) for n in range(1, 300)]
    assert sorted(made) == made


def test_a_key_of_another_kind_flow_or_secret_is_not_ours():
    key = KEYS.of("p1", ordinal=1, action="upsert", body=BODY)
    assert IdempotencyKeys(b"other", "push.desk.project").ordinal(key) is None
    assert IdempotencyKeys(b"secret", "push.desk.permit").ordinal(key) is None
    for foreign in ("", "0" * 32, f"{key}.0", key[:-1], "项目" * 16, key[::-1]):
        assert KEYS.ordinal(foreign) is None


def test_the_name_of_a_secret_gives_nothing_of_it_away():
    assert name_of(b"secret") != name_of(b"other")
    assert b"secret".hex() not in name_of(b"secret")
