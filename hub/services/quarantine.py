"""What people do about quarantine entries (the dead letters): assign, remark, discard, replay."""

from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import closing
from threading import Thread

from hub.auth.context import RequestContext
from hub.db import quarantine, remarks
from hub.db.quarantine import Selection
from hub.errors import FlowError, TransientError
from hub.pipeline import replay
from hub.runtime import Runtime
from hub.services import jobs


def assign(context: RequestContext, selection: Selection, *, to: str | None) -> int:
    """Say who sees to quarantine entries, None for nobody; give how many."""
    with context.hub.database.transaction() as tx:
        return quarantine.assign(tx, selection, to=to or None)


def remark(context: RequestContext, said: str, *, flow: str = "", cause: str = "", entry: int | None = None) -> None:
    """Say something of a cause, or of an entry; FlowError (ask.entry_unknown) where there is no such one."""
    with context.hub.database.transaction() as tx:
        if not remarks.say(tx, flow=flow, cause=cause, entry=entry, by=context.by, said=said):
            raise FlowError("ask.entry_unknown", id=entry or 0)


def discard(context: RequestContext, selection: Selection, *, reason: str) -> int:
    """Close quarantine entries for good; give how many."""
    with context.hub.database.transaction() as tx:
        return quarantine.discard(tx, selection, by=context.by, reason=reason)


def replay_soon(context: RequestContext, selection: Selection) -> int:
    """Begin to take quarantine entries up again, and release what waited for them; give the job's number."""
    hub, begun = context.hub, Future[int]()
    hub.beside(Thread(target=_job, args=(hub, selection, context.by, begun), name="replay", daemon=True))
    try:
        return begun.result(hub.settings.waits.ask_statement)
    except FutureTimeoutError:
        raise TransientError("database.busy") from None


def _job(hub: Runtime, selection: Selection, by: str, begun: "Future[int]") -> None:
    with closing(hub.another_database()) as database:

        def work(progress: replay.Progress) -> replay.Replayed:
            contracts = hub.contracts_now()  # this process may be older than the repair that is now replayed
            done = replay.replay(database, contracts, selection, progress=progress)
            replay.release(database, contracts)
            return done

        try:
            jobs.carry_out(database, selection, work, by=by, begun=begun.set_result, stopping=hub.closing.is_set)
        except Exception as error:
            if begun.done():
                raise
            begun.set_exception(error)
