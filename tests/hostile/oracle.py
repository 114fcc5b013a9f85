"""Compares hub and targets with the true history; every difference is one line."""

import traceback
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from hub.flow import verify
from tests.hostile import contracts as named
from tests.hostile.server import Server
from tests.hostile.world import Plan, World

NEVER: dict[str, str] = {
    "versions not consecutive": """
        select e.key, h.versions from (
            select record_id, array_agg(version order by version) as versions, count(*) as n from (
                select record_id, version from hub.history
                union all select record_id, version from golden.project
                union all select record_id, version from golden.permit) v group by 1) h
          join hub.record e on e.id = h.record_id
         where versions[1] <> 1 or versions[n] <> n
    """,
    "a run that does not end": """
        select id, flow, kind from hub.run where state = 'running' and kind in ('pull', 'push', 'receipts')
    """,
    "landings that are not the batch's": """
        select b.id, b.leaves, count(l.id) from hub.batch b left join hub.landing l on l.batch_id = b.id
         group by 1 having b.leaves <> count(l.id)
    """,
    "read, but neither unchanged nor landed": """
        select b.id from hub.batch b join hub.run r on r.id = b.run_id
         where r.kind = 'pull' and b.leaves <> b.read - b.unchanged and b.held = 0
    """,
    "an older version applied after a newer one": """
        select * from (
            select flow, key, version, lag(version) over (partition by flow, key order by id) as before
              from hub.landing where disposition in ('applied', 'deleted') and version <> '') l
         where version < before
    """,
    "a run that was overtaken wrote": """
        select b.run_id, b.id from hub.batch b join hub.run r on r.id = b.run_id
         where r.kind = 'pull' and exists (
               select from hub.batch c join hub.run s on s.id = c.run_id
                where s.flow = r.flow and s.kind = 'pull' and s.id > r.id and c.id < b.id)
    """,
    "held otherwise than counted": """
        select b.id from hub.batch b
         where b.held > 0 and (b.leaves > b.read - b.unchanged or b.created + b.changed + b.deleted > 0)
    """,
    "still held": "select flow, batch_id, findings from hub.held_batch where state = 'waiting'",
    "still in quarantine": "select flow, key, cause, faults from hub.quarantine where state = 'open'",
    "a delivery still open": """
        select d.flow, r.key, d.state, d.dirty, d.note from hub.delivery d join hub.record r on r.id = d.record_id
         where d.dirty or d.state not in ('confirmed', 'unchanged', 'superseded', 'withheld', 'blocked')
    """,
    "a confirmed delivery without exactly one confirmation of its key": """
        select d.flow, r.key, d.key as idempotency, count(e.id) as confirmations
          from hub.delivery d join hub.record r on r.id = d.record_id
          left join hub.delivery_event e on e.flow = d.flow and e.key = d.key and e.state = 'confirmed'
         where d.state = 'confirmed' group by 1, 2, 3 having count(e.id) <> 1
    """,
}


def live(server: Server, plan: Plan) -> tuple[World, list[str]]:
    """One seed from beginning to end, and what is wrong in the end."""
    server.empty()
    world = World(server, plan)
    try:
        world.storm()
        world.calm()
        return world, differences(world)
    except Exception:  # noqa: BLE001 -- whatever it is, the seed must be named
        return world, [traceback.format_exc()]


def differences(world: World) -> list[str]:
    """Everything that is not as it must be."""
    return [
        *_projects(world),
        *_permits(world),
        *_targets(world),
        *_counts(world),
        *(f"{what}: {dict(row)}" for what, query in NEVER.items() for row in world.server.rows(query)),
        *_verified(world),
    ]


def _golden(world: World, entity: str) -> dict[str, dict[str, Any]]:
    rows = world.server.rows(
        f"select r.key, g.* from golden.{entity} g join hub.record r on r.id = g.record_id where deleted_at is null"  # noqa: S608
    )
    return {str(row["key"]): row for row in rows}


def _projects(world: World) -> Iterator[str]:
    golden, truth = _golden(world, "project"), world.truth.projects()
    for code in sorted(golden.keys() | truth.keys()):
        row, must = golden.get(code), truth.get(code)
        if row is None or must is None:
            yield f"project {code} {'is missing' if row is None else 'should be gone'}"
            continue
        stands = {
            "name": row["name"],
            "investment": row["investment"],
            "planned_start": row["planned_start"] and row["planned_start"].isoformat(),
        }
        if stands != must:
            yield f"project {code} is {stands}, must be {must}"


def _permits(world: World) -> Iterator[str]:
    golden, truth = _golden(world, "permit"), world.truth.permits()
    waiting = {row["key"] for row in world.server.rows("select key from hub.waiting")}
    for number in sorted(golden.keys() | truth.keys()):
        row = golden.get(number)
        if number not in truth:
            yield f"permit {number} should be gone"
            continue
        code, plot, certain = truth[number]
        if not certain:
            if row is None and number not in waiting:
                yield f"permit {number} neither stands nor waits"
        elif code is None:
            if row is not None or number not in waiting:
                yield f"permit {number} should wait"
        elif row is None or (row["project_code"], row["plot"]) != (code, plot):
            yield f"permit {number} is {row and (row['project_code'], row['plot'])}, must be {(code, plot)}"


def _targets(world: World) -> Iterator[str]:
    projects = {
        code: {"dm": code, "mc": must["name"], "tz": must["investment"], "ks": must["planned_start"]}
        for code, must in world.truth.projects().items()
    }
    permits = world.truth.permits()
    sure = {number: {"bh": number, "dm": code, "dk": plot} for number, (code, plot, _) in permits.items() if code}
    unsure = {number for number, (_, _, certain) in permits.items() if not certain}
    # without a name a project is not sent, nor what follows it; what had been sent before stays
    nameless = {code for code, body in projects.items() if body["mc"] is None}
    unsure |= nameless
    following = {number for number, (code, _, _) in permits.items() if code in nameless}
    for flow, cabinet in world.cabinets.items():
        must: dict[str, dict[str, object]] = projects if "project" in flow else sure
        unknown = unsure | following if flow == named.HALL_PERMIT else unsure
        for number in sorted((cabinet.held.keys() | must.keys()) - unknown):
            held = cabinet.held.get(number)
            if _plain(held) != must.get(number):
                yield f"{flow} holds {held} for {number}, must be {must.get(number)}"
        yield from (f"{flow} applied {number} twice: {cabinet.effects[number]}" for number in cabinet.doubled())


def _plain(held: dict[str, Any] | None) -> dict[str, Any] | None:
    if held is None or held.get("tz") is None:
        return held
    return held | {"tz": Decimal(str(held["tz"]))}


def _counts(world: World) -> Iterator[str]:
    """What the hub says it read is what the sources gave."""
    read = {
        row["run_id"]: row["read"]
        for row in world.server.rows("select run_id, sum(read)::int as read from hub.batch group by 1")
    }
    for run, served in world.served.items():
        if read.get(run, 0) != served:
            yield f"run {run} counts {read.get(run, 0)} read, its source gave {served}"


def _verified(world: World) -> Iterator[str]:
    found = verify.verify(world.server.database, world.contracts, world.settings)
    yield from (f"verify: {finding}" for finding in found.findings)
