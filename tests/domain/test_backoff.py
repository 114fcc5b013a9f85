from datetime import UTC, datetime, timedelta

from hub.domain.backoff import RetryPolicy, next_try

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PATIENCE = RetryPolicy(first=10, longest=60, attempts=6)


def wait(attempt, after=None):
    due = next_try(attempt, now=NOW, after=after, patience=PATIENCE)
    return None if due is None else (due - NOW) / timedelta(seconds=1)


def test_the_wait_doubles_up_to_the_longest():
    assert [wait(attempt) for attempt in range(1, 6)] == [10, 20, 40, 60, 60]


def test_the_other_side_may_ask_for_more_but_not_for_less():
    assert (wait(1, after=300), wait(1, after=1)) == (300, 10)


def test_after_the_last_attempt_there_is_no_next():
    assert wait(6) is None
