"""Quarantine entries (dead letters): listed, assigned, remarked on, discarded, replayed."""

from collections.abc import Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import closing
from threading import Thread

from hub.auth.context import ADMINISTERING, RequestContext
from hub.db import quarantine
from hub.db.quarantine import Remark, Selection
from hub.db.runs import reading
from hub.errors import FlowError, TransientError
from hub.pipeline import replay
from hub.runtime import Runtime
from hub.services import failures, replay_jobs
from hub.services.failures import EntryView, FailureView

__all__ = [
    "Remark",
    "Selection",
    "assign",
    "discard",
    "entries",
    "entry",
    "followed_by",
    "remark",
    "remarks",
    "replay_soon",
    "selected",
]


def entries(
    context: RequestContext,
    *,
    flow: str | None = None,
    cause: str | None = None,
    after: int = 0,
    most: int = 50,
) -> list[EntryView]:
    """Open entries of a flow or cause in order of their numbers, after a number."""
    with context.hub.database.read() as tx:
        rows = reading.entries(tx, flow=flow, cause=cause, after=after, most=most)
    return [failures.entry(context, row) for row in rows]


def entry(context: RequestContext, number: int) -> FailureView:
    """One entry in any state, with payload or body; FlowError (ask.entry_unknown) for none."""
    with context.hub.database.read() as tx:
        found = reading.entries(tx, entry_id=number)
    if not found:
        raise FlowError("ask.entry_unknown", id=number)
    context.saw([found[0].record_id] if found[0].record_id else [])
    return failures.failure(context, found[0])


def followed_by(context: RequestContext, closed: EntryView) -> int | None:
    """The open entry of a closed entry's source key, where it has failed again."""
    with context.hub.database.read() as tx:
        return None if closed.state == "open" else reading.open_entry(tx, closed.flow, closed.key)


def remarks(
    context: RequestContext, *, flow: str, cause: str, entry: int | None = None
) -> list[Remark]:
    """Remarks on a cause, oldest first; with an entry: on the cause and on this entry only."""
    with context.hub.database.read() as tx:
        return quarantine.remarks(tx, flow=flow, cause=cause, entry=entry)


def selected(
    ids: Sequence[int] | None, flow: str | None, cause: str | None, *, everything: bool
) -> Selection:
    """The selection named. Naming nothing needs `everything`, lest a slip select all."""
    if not (ids or flow or cause or everything):
        raise FlowError("ask.nothing_selected")
    return Selection(ids=ids or None, flow=flow, cause=cause)


def assign(context: RequestContext, selection: Selection, *, to: str | None) -> int:
    """Assign entries to a person (None: to nobody); give how many."""
    context.require(ADMINISTERING)
    with context.hub.database.write() as tx:
        return quarantine.assign(tx, selection, to=to or None)


def remark(
    context: RequestContext, said: str, *, flow: str = "", cause: str = "", entry: int | None = None
) -> None:
    """Add a remark to a cause or an entry; FlowError (ask.entry_unknown) for no such entry."""
    with context.hub.database.write() as tx:
        if not quarantine.remark(tx, flow=flow, cause=cause, entry=entry, by=context.by, said=said):
            raise FlowError("ask.entry_unknown", id=entry or 0)


def discard(context: RequestContext, selection: Selection, *, reason: str) -> int:
    """Close entries for good; give how many. Payloads stay."""
    context.require(ADMINISTERING)
    with context.hub.database.write() as tx:
        return quarantine.discard(tx, selection, by=context.by, reason=reason)


def replay_soon(context: RequestContext, selection: Selection) -> int:
    """Start a replay of entries in a thread, then a release; give the job's number.

    Raises TransientError (database.busy) where the job has not begun in time.
    """
    context.require(ADMINISTERING)
    hub, begun = context.hub, Future[int]()
    hub.beside(
        Thread(target=_job, args=(hub, selection, context.by, begun), name="replay", daemon=True)
    )
    try:
        return begun.result(hub.settings.waits.ask_statement)
    except FutureTimeoutError:
        raise TransientError("database.busy") from None


def _job(hub: Runtime, selection: Selection, by: str, begun: "Future[int]") -> None:
    with closing(hub.another_database()) as database:

        def work(progress: replay.Progress) -> replay.Replayed:
            contracts = (
                hub.contracts_now()
            )  # this process may be older than the repair that is now replayed
            done = replay.replay(database, contracts, selection, progress=progress)
            replay.release(database, contracts)
            return done

        try:
            replay_jobs.carry_out(
                database,
                selection,
                work,
                by=by,
                begun=begun.set_result,
                stopping=hub.closing.is_set,
            )
        except Exception as error:
            if begun.done():
                raise
            begun.set_exception(error)
