import asyncio

import pytest

from hub.api.batch_loader import BatchLoader


def test_those_who_come_meanwhile_are_answered_together_each_with_its_own():
    groups = []

    def work(asked):
        groups.append(list(asked))
        return [number * 10 for number in asked]

    async def all_ask():
        together = BatchLoader(work)
        return await asyncio.gather(*(together.ask(number) for number in range(20)))

    assert asyncio.run(all_ask()) == [number * 10 for number in range(20)]
    assert sorted(number for group in groups for number in group) == list(range(20))
    assert len(groups) < 20


def test_what_is_wrong_with_one_keeps_nothing_from_the_others():
    def work(asked):
        if 3 in asked:
            raise ValueError(3)
        return list(asked)

    async def all_ask():
        together = BatchLoader(work)
        return await asyncio.gather(
            *(together.ask(number) for number in range(6)), return_exceptions=True
        )

    answers = asyncio.run(all_ask())
    assert isinstance(answers.pop(3), ValueError)
    assert answers == [0, 1, 2, 4, 5]


def test_who_goes_away_does_not_stop_the_next():
    async def all_ask():
        together = BatchLoader(list)
        gone = asyncio.create_task(together.ask(1))
        await asyncio.sleep(0)
        gone.cancel()
        with pytest.raises(asyncio.CancelledError):
            await gone
        return await together.ask(2)

    assert asyncio.run(all_ask()) == 2
