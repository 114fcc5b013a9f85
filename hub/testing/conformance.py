"""Conformance tests: what every connector must do, tried on a live partner.

Subclass `ReadingConformance`, `WritingConformance` or `HabitConformance` and give the fixture
`reading`, `writing` or `habit`; pytest does the rest. Faults are what a partner does by mistake,
habits what it always does. Listing what a partner holds: `hub/testing/showing.py`.
"""

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

import pytest

from hub.contract import Digesting, Filed, Holding
from hub.errors import FlowError, TransientError
from hub.model import Bucketing, File, Json, Outgoing, Page
from hub.testing.cases import Habit, Oddity, Reading, Writing

__all__ = (
    "Habit",
    "HabitConformance",
    "Oddity",
    "Reading",
    "ReadingConformance",
    "Writing",
    "WritingConformance",
)

VERDICT_SECONDS = 15
EXACTLY = (
    "=1+1",
    "+86",
    "-1",
    "@SUM(A1)",
    "001",
    "1.10",
    "12,34",
    "1e3",
    "520102199001011234567",
    "#N/A",
    "2024.10",
    "甲 & <乙>",
)
"""Texts that spreadsheets and drivers tend to change."""


def _everything(
    reading: Reading | Habit, *, since: str | int | None = None, resume: Json = None
) -> list[Page]:
    return list(reading.connector.pages(reading.read, since=since, resume=resume))


def _coming(reading: Reading, known: Mapping[str, File]) -> list[Page]:
    """The pages of a run; of a source of files those not yet known."""
    if not isinstance(reading.connector, Filed):
        return _everything(reading)
    return list(reading.connector.unread(reading.read, known=lambda _: known, resume=None))


def _met(reading: Reading, name: str) -> TransientError:
    """Read until the trouble shows: some partners take a moment."""
    deadline = time.monotonic() + VERDICT_SECONDS
    while time.monotonic() < deadline:
        try:
            _everything(reading)
        except TransientError as error:
            return error
    raise AssertionError(name)


def _keys(reading: Reading | Habit, pages: Iterable[Page]) -> list[str]:
    return [reading.key(raw.payload) for page in pages for raw in page.records]


def _assert_secret_kept(
    talk: Reading | Writing, caplog: pytest.LogCaptureFixture, errors: Sequence[BaseException]
) -> None:
    shown = [repr(talk.connector), caplog.text, *map(repr, errors), *map(str, errors)]
    assert not [text for text in shown if talk.secret in text]


class ReadingConformance:
    """Reading is complete, in order, resumable anywhere, and reports failures."""

    def test_a_sweep_gives_every_record_once_and_ends_with_one_last_page(
        self, reading: Reading
    ) -> None:
        pages = _everything(reading)
        keys = _keys(reading, pages)
        assert len(keys) == len(set(keys)) == reading.offered()
        assert [page.last for page in pages] == [False] * (len(pages) - 1) + [True]
        assert sum(1 for page in pages if page.records) > 1, "the case must take several pages"

    def test_a_page_says_how_many_records_it_has_and_where_each_stood(
        self, reading: Reading
    ) -> None:
        pages = _everything(reading)
        assert [page.read for page in pages] == [len(page.records) for page in pages]
        positions = [raw.position for page in pages for raw in page.records]
        assert all(positions)
        assert len(set(positions)) == len(positions)

    def test_going_on_from_any_page_gives_exactly_the_rest(self, reading: Reading) -> None:
        pages = _everything(reading)
        for index, page in enumerate(pages[:-1]):
            rest = _everything(reading, resume=page.resume)
            assert _keys(reading, rest) == _keys(reading, pages[index + 1 :])
            assert rest[-1].high == pages[-1].high

    def test_the_cursor_never_goes_back_within_a_sweep(self, reading: Reading) -> None:
        highs = [page.high for page in _everything(reading) if page.high is not None]
        assert highs == sorted(highs, key=lambda high: (isinstance(high, str), high))
        assert highs

    def test_since_leaves_out_what_was_read_before_and_nothing_else(self, reading: Reading) -> None:
        pages = _everything(reading)
        middle = next(index for index, page in enumerate(pages) if page.high is not None)
        again = _keys(reading, _everything(reading, since=pages[middle].high))
        later = _keys(reading, pages[middle + 1 :])
        assert again[-len(later) :] == later if later else True
        assert set(later) <= set(again)
        assert bool(set(again) - set(later)) is reading.inclusive

    def test_equal_cursor_values_over_a_page_edge_lose_nothing(self, reading: Reading) -> None:
        reading.ties()
        before = set(_keys(reading, _everything(reading)))
        pages = _everything(reading)
        keys = _keys(reading, pages)
        assert set(keys) == before
        assert len(keys) == len(set(keys)) == reading.offered()
        for index, page in enumerate(pages[:-1]):
            assert _keys(reading, _everything(reading, resume=page.resume)) == _keys(
                reading, pages[index + 1 :]
            )

    def test_a_page_that_comes_twice_is_never_given_twice(self, reading: Reading) -> None:
        pages, error = [], None
        try:
            for page in reading.connector.pages(reading.read, since=None, resume=None):
                pages.append(page)
                if len(pages) == 1:
                    reading.repeat()
        except TransientError as raised:
            error = raised
        reading.calm()
        if error is not None:
            pages += _everything(reading, resume=pages[-1].resume)
        positions = [(raw.position, raw.payload) for page in pages for raw in page.records]
        assert len(positions) == len(set(positions))
        later = _everything(reading, since=pages[-1].high)
        assert set(_keys(reading, [*pages, *later])) == set(_keys(reading, _everything(reading)))

    def test_passing_trouble_is_told_as_such_and_the_next_sweep_is_whole(
        self, reading: Reading, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        errors = []
        for name, arm in reading.troubles.items():
            arm()
            errors.append(_met(reading, name))
            reading.calm()
            assert len(_keys(reading, _everything(reading))) == reading.offered(), name
        _assert_secret_kept(reading, caplog, errors)

    def test_a_habit_of_the_partner_costs_no_record_and_ends_no_sweep(
        self, reading: Reading
    ) -> None:
        for name, arm in reading.habits.items():
            arm()
            pages = _everything(reading)
            keys = _keys(reading, pages)
            assert len(keys) == len(set(keys)) == reading.offered(), name
            assert [page.last for page in pages] == [False] * (len(pages) - 1) + [True], name
            for index, page in enumerate(pages[:-1]):
                rest = _everything(reading, resume=page.resume)
                assert _keys(reading, rest) == _keys(reading, pages[index + 1 :]), name
            reading.calm()

    def test_what_people_put_among_the_rest_costs_nothing_but_itself(
        self, reading: Reading
    ) -> None:
        for name, oddity in reading.oddities.items():
            oddity.begin()
            records = [raw for page in _coming(reading, {}) for raw in page.records]
            sound = [raw for raw in records if raw.unread is None]
            aside = [raw for raw in records if raw.unread is not None]
            assert (len(sound), len(aside)) == (reading.offered(), oddity.unread), name
            assert all(raw.position for raw in aside), name
            oddity.end()

    def test_a_source_of_files_gives_each_version_of_a_file_once(self, reading: Reading) -> None:
        if not isinstance(reading.connector, Filed):
            return
        pages = _coming(reading, {})
        files = {page.ends.name: page.ends for page in pages if page.ends is not None}
        assert len(_keys(reading, pages)) == reading.offered()
        assert files.keys() == {page.part for page in pages if page.part}
        (nothing,) = [page for page in _coming(reading, files) if page.last]
        assert (nothing.records, nothing.read) == ((), 0)
        one = next(iter(files.values()))
        touched = {**files, one.name: replace(one, stamp="")}
        assert _keys(reading, _coming(reading, touched)) == []
        changed = {**files, one.name: replace(one, stamp="", digest="another")}
        again = _coming(reading, changed)
        assert {page.part for page in again if page.records} == {one.name}
        assert [page.last for page in again] == [False] * (len(again) - 1) + [True]

    def test_checksums_are_computed_where_the_case_says_so_and_stand_for_the_rows_of_the_pages(
        self, reading: Reading
    ) -> None:
        by = Bucketing(reading.digested, ignore=(), count=64)
        connector, told = reading.connector, None
        if isinstance(connector, Digesting):
            told = connector.digests(reading.read, by)
        assert (told is not None) is bool(reading.digested)
        if isinstance(connector, Digesting) and told:
            assert told == connector.digests(reading.read, by)
            listed = list(connector.contents(reading.read, by, sorted(told)))
            rows = {
                bucket: [one.checksum or 0 for one in listed if one.bucket == bucket]
                for bucket in told
            }
            assert {bucket: (len(sums), sum(sums)) for bucket, sums in rows.items()} == told
            pages = [raw.payload for page in _everything(reading) for raw in page.records]
            assert sorted(map(reading.key, (one.raw.payload for one in listed))) == sorted(
                map(reading.key, pages)
            )
            few = list(connector.contents(reading.read, by, sorted(told)[:1]))
            assert {reading.key(one.raw.payload) for one in few} == {
                reading.key(one.raw.payload) for one in listed if one.bucket == min(told)
            }

    def test_wrong_credentials_stop_the_flow(
        self, reading: Reading, caplog: pytest.LogCaptureFixture
    ) -> None:
        stranger = reading.stranger
        if stranger is None:
            return
        for attempt in (
            stranger.ping,
            lambda: list(stranger.pages(reading.read, since=None, resume=None)),
        ):
            with pytest.raises(FlowError) as caught:
                attempt()
            assert caught.value.code == "system.credentials"
            _assert_secret_kept(reading, caplog, [caught.value])

    def test_ping_says_what_answered_and_closing_twice_is_safe(self, reading: Reading) -> None:
        assert reading.connector.ping()
        reading.connector.close()
        reading.connector.close()


class HabitConformance:
    """Habits are read as declared, and told from faults that look like them."""

    def test_a_list_of_any_length_is_read_whole_and_once(self, habit: Habit) -> None:
        for count in (
            0,
            1,
            habit.size - 1,
            habit.size,
            habit.size + 1,
            3 * habit.size,
            3 * habit.size + 1,
        ):
            habit.holds(count)
            pages = _everything(habit)
            assert _keys(habit, pages) == [str(at) for at in range(count)]
            assert [page.last for page in pages] == [False] * (len(pages) - 1) + [True]
            assert habit.calls() <= count // habit.size + 3, (
                "no more than a look or two beyond the end"
            )

    def test_going_on_from_any_page_gives_exactly_the_rest(self, habit: Habit) -> None:
        for count in (3 * habit.size, 3 * habit.size + 1):
            habit.holds(count)
            pages = _everything(habit)
            for index, page in enumerate(pages[:-1]):
                assert _keys(habit, _everything(habit, resume=page.resume)) == _keys(
                    habit, pages[index + 1 :]
                )

    def test_a_page_that_comes_twice_by_mistake_is_told_and_loses_nothing(
        self, habit: Habit
    ) -> None:
        for count in (3 * habit.size, 3 * habit.size + 1):
            habit.holds(count)
            habit.twice()
            pages: list[Page] = []
            with pytest.raises(TransientError) as caught:
                pages.extend(habit.connector.pages(habit.read, since=None, resume=None))
            assert caught.value.code == "system.page_broken"
            habit.holds(count)
            rest = _everything(habit, resume=pages[-1].resume if pages else None)
            assert set(_keys(habit, [*pages, *rest])) == {str(at) for at in range(count)}


class WritingConformance:
    """One outcome a record, one effect an idempotency key, `unknown` for what may have arrived."""

    def test_each_record_of_a_half_bad_batch_has_its_own_outcome(self, writing: Writing) -> None:
        items = [
            Outgoing("half-0", "upsert", writing.good(0)),
            Outgoing("half-1", "upsert", writing.bad),
            Outgoing("half-2", "upsert", writing.good(1)),
        ]
        verdicts = _verdicts(writing, items)
        assert {key: verdict[0] for key, verdict in verdicts.items()} == {
            "half-0": "accepted",
            "half-1": "rejected",
            "half-2": "accepted",
        }
        assert verdicts["half-1"][1], "a refusal comes with the partner's words"

    def test_the_same_key_is_applied_once_however_often_it_is_sent(self, writing: Writing) -> None:
        item = Outgoing("same", "upsert", writing.good(2))
        for repeat in (False, False, True):
            assert _verdicts(writing, [replace(item, repeat=repeat)])["same"][0] == "accepted"
        assert writing.applied(2) == 1

    def test_a_lost_answer_is_no_verdict_and_a_repeat_settles_it(self, writing: Writing) -> None:
        item = Outgoing("lost", "upsert", writing.good(3))
        writing.lose_answer()
        outcomes = list(writing.connector.send(writing.write, [item]))
        assert {outcome.state for outcome in outcomes} <= {"unknown", "awaiting_receipt"}
        _until(lambda: writing.applied(3) == 1)
        writing.calm()
        assert _verdicts(writing, [replace(item, repeat=True)])["lost"][0] == "accepted"
        assert writing.applied(3) == 1

    def test_passing_trouble_applies_nothing_or_leaves_it_open_and_a_repeat_succeeds(
        self, writing: Writing, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        errors = []
        for number, (name, arm) in enumerate(writing.troubles.items(), start=4):
            item = Outgoing(f"trouble-{name}", "upsert", writing.good(number))
            arm()
            try:
                outcomes = list(writing.connector.send(writing.write, [item]))
                assert {outcome.state for outcome in outcomes} <= {"unknown"}, name
            except TransientError as error:
                errors.append(error)
            writing.calm()
            assert _verdicts(writing, [replace(item, repeat=True)])[item.key][0] == "accepted", name
            assert writing.applied(number) == 1, name
        _assert_secret_kept(writing, caplog, errors)

    def test_every_text_reaches_the_partner_as_it_is(self, writing: Writing) -> None:
        sent = dict(enumerate(EXACTLY, start=30))
        items = [
            Outgoing(f"exact-{n}", "upsert", writing.good(n) | {writing.text: text})
            for n, text in sent.items()
        ]
        for start in range(0, len(items), 4):
            some = items[start : start + 4]
            verdicts = _verdicts(writing, some)
            assert {key: verdict[0] for key, verdict in verdicts.items()} == dict.fromkeys(
                (item.key for item in some), "accepted"
            )
        assert {n: writing.received(n)[writing.text] for n in sent} == sent

    def test_a_withdrawal_reaches_the_partner(self, writing: Writing) -> None:
        body = writing.good(20)
        assert _verdicts(writing, [Outgoing("first", "upsert", body)])["first"][0] == "accepted"
        change = Outgoing("change", "upsert", body, previous=body, previous_key="first")
        assert _verdicts(writing, [change])["change"][0] == "accepted"
        gone = Outgoing("gone", "withdraw", {}, previous=body, previous_key="change")
        assert _verdicts(writing, [gone])["gone"][0] == "accepted"

    def test_what_the_partner_holds_is_told_where_the_case_says_so(self, writing: Writing) -> None:
        body = writing.good(22)
        assert _verdicts(writing, [Outgoing("held", "upsert", body)])["held"][0] == "accepted"
        if not isinstance(writing.connector, Holding):
            assert not writing.holds
            return
        told = writing.connector.held(writing.write, ["held", "never-sent"], sorted(body))
        assert (told is not None) is writing.holds
        held = {one.key: one.body for one in told or ()}
        assert list(held) == (["held"] if writing.holds else [])
        assert all(known is None or known.keys() >= body.keys() for known in held.values())

    def test_wrong_credentials_stop_the_flow(
        self, writing: Writing, caplog: pytest.LogCaptureFixture
    ) -> None:
        if writing.stranger is None:
            return
        with pytest.raises(FlowError) as caught:
            list(
                writing.stranger.send(
                    writing.write, [Outgoing("never", "upsert", writing.good(21))]
                )
            )
        assert caught.value.code == "system.credentials"
        assert writing.applied(21) == 0
        _assert_secret_kept(writing, caplog, [caught.value])

    def test_ping_says_what_answered_and_closing_twice_is_safe(self, writing: Writing) -> None:
        assert writing.connector.ping()
        writing.connector.close()
        writing.connector.close()


def _verdicts(writing: Writing, items: Sequence[Outgoing]) -> dict[str, tuple[str, str]]:
    """Send and wait for every verdict: {key: (accepted or rejected, the partner's text)}."""
    found: dict[str, tuple[str, str]] = {}
    waiting: list[str] = []
    for outcome in writing.connector.send(writing.write, items):
        assert outcome.key not in found, "one outcome a key"
        if outcome.state == "awaiting_receipt":
            waiting.append(outcome.key)
        elif outcome.state != "unknown":
            found[outcome.key] = (
                "accepted" if outcome.state == "confirmed" else "rejected",
                outcome.text,
            )

    def all_there() -> bool:
        for receipt in writing.connector.receipts(
            writing.write, [key for key in waiting if key not in found]
        ):
            found[receipt.key] = (receipt.state, receipt.text)
        return len(found) == len(items)

    _until(all_there)
    return found


def _until(condition: Callable[[], bool]) -> None:
    """Wait briefly for a condition that another process brings about."""
    deadline = time.monotonic() + VERDICT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "the partner has not acted in time"
        time.sleep(0.1)
