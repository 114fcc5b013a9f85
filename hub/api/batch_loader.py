"""Batch loader (dataloader): concurrent requests share one call, and so one transaction."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from starlette.concurrency import run_in_threadpool

Asked = TypeVar("Asked")
Answered = TypeVar("Answered")


class BatchLoader(Generic[Asked, Answered]):
    """While one call runs, requests are gathered for the next.

    work: gives the answers for several requests, in their order. Where it raises, each is tried
    alone, so that one bad request does not fail the others. Answers are given after the
    transaction.
    """

    def __init__(self, work: Callable[[Sequence[Asked]], Sequence[Answered]]) -> None:
        self._work = work
        self._waiting: list[tuple[Asked, asyncio.Future[Answered]]] = []
        self._busy: asyncio.Task[None] | None = None

    async def ask(self, asked: Asked) -> Answered:
        """The answer to this request, or what `work` raised for it alone."""
        answer: asyncio.Future[Answered] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, answer))
        if self._busy is None or self._busy.done():
            self._busy = asyncio.create_task(self._answer_waiting())
        return await answer

    async def _answer_waiting(self) -> None:
        while self._waiting:
            some, self._waiting = self._waiting, []
            try:
                answers = await run_in_threadpool(self._work, [asked for asked, _ in some])
            except Exception:  # noqa: BLE001 -- alone, each raises its own
                for asked, waiting in some:
                    await self._answer_alone(asked, waiting)
            else:
                for (_, waiting), answer in zip(some, answers, strict=True):
                    if not waiting.done():  # the client may have disconnected meanwhile
                        waiting.set_result(answer)

    async def _answer_alone(self, asked: Asked, waiting: "asyncio.Future[Answered]") -> None:
        try:
            (answer,) = await run_in_threadpool(self._work, [asked])
        except Exception as error:  # noqa: BLE001 -- it goes to whoever asked
            if not waiting.done():
                waiting.set_exception(error)
        else:
            if not waiting.done():
                waiting.set_result(answer)
