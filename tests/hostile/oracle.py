"""Compares hub and targets with the true history; every difference is one line.

Shares no code with the hub: it reads the database by SQL of its own, and asks `hub verify` as a
program.
"""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

from tests.hostile import names as named
from tests.hostile import oracle_access, oracle_alerts, oracle_clocks
from tests.hostile.cabinet import Cabinet
from tests.hostile.truth import Truth, money


class Lived(Protocol):
    """What has been lived through. served: run -> how many records its source gave.

    said: held batch -> what people have said of it (state, who, why); heard: what they were told is
    done.
    """

    truth: Truth
    cabinets: Mapping[str, Cabinet]
    served: Mapping[int, int]
    ended: Mapping[tuple[str, str], str | None]
    said: Mapping[int, AbstractSet[tuple[str, str, str]]]
    heard: Mapping[int, tuple[str, str, str]]
    wrong: Sequence[str]
    clocked: bool
    watched: bool
    restored: bool

    @property
    def readings(self) -> Sequence[oracle_access.Reading]: ...
    @property
    def misshown(self) -> Sequence[str]: ...

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Rows of the hub's database."""

    def verified(self) -> list[str]:
        """What `hub verify` finds."""


NEVER: dict[str, str] = {
    "versions not consecutive": """
        select e.key, h.versions from (
            select record_id, array_agg(version order by version) as versions, count(*) as n from (
                select record_id, version from hub.history
                union all select record_id, version from golden.project
                union all select record_id, version from golden.permit
                union all select record_id, version from golden.service) v group by 1) h
          join hub.record e on e.id = h.record_id
         where versions[1] <> 1 or versions[n] <> n
    """,
    "a run that does not end": """
        select id, flow, kind from hub.run
         where state = 'running' and kind in ('pull', 'push', 'receipts', 'accept', 'drop',
             'decide')
    """,
    "a run that was alive, and ended by another": """
        select id, flow, kind from hub.run where state = 'aborted' and lease_until > ended_at
    """,
    "landings that are not the batch's": """
        select b.id, b.leaves, count(l.id) from hub.batch b left join hub.landing l
            on l.batch_id = b.id
         group by 1 having b.leaves <> count(l.id)
    """,
    "read, but neither unchanged nor landed": """
        select b.id from hub.batch b join hub.run r on r.id = b.run_id
         where r.kind = 'pull' and b.leaves <> b.read - b.unchanged and b.held = 0
    """,
    "an older version applied after a newer one": """
        select * from (
            select flow, key, version, lag(version) over (partition by flow, key order by id)
                as before
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
         where b.held > 0 and (b.leaves > b.read - b.unchanged
             or b.created + b.changed + b.deleted > 0)
    """,
    "applied, and waits": """
        select flow, key, w.wants from hub.waiting w join hub.head h using (flow, key)
         where h.state = 'current' and h.landing_id >= w.landing_id
    """,
    "a run that was over wrote": """
        select r.id, r.flow, r.kind, w.what from hub.run r
          join (select run_id, committed_at, 'batch' as what from hub.batch
                union all select run_id, committed_at, 'deliveries' from hub.delivery_batch) w
              on w.run_id = r.id
         where r.state = 'aborted' and w.committed_at > r.ended_at
    """,
    "a dropped batch was applied": """
        select l.id, l.key, l.disposition from hub.held_batch h join hub.landing l
            on l.batch_id = h.batch_id
         where h.state = 'dropped' and (l.disposition in ('applied', 'deleted') or exists (
               select from (select provenance from golden.project union all select provenance
                   from golden.permit
                            union all select provenance from hub.history) v
                where l.id = any(v.provenance)))
    """,
    "accepted, and neither known nor set aside nor overtaken": """
        select l.id, l.key from hub.held_batch h join hub.landing l on l.batch_id = h.batch_id
         where h.state = 'accepted' and l.disposition = 'held'
           and not exists (select from hub.applied_anew a where a.landing_id = l.id)
           and not exists (select from hub.quarantine q where q.landing_id = l.id)
           and not exists (select from hub.head d
                            where d.flow = l.flow and d.key = l.key
                              and (d.landing_id >= l.id or d.version > l.version))
    """,
    "accepted, and not all of it counted": """
        select h.batch_id, n.held, n.counted
          from hub.held_batch h
         cross join lateral (
               select (select count(*) from hub.landing l
                        where l.batch_id = h.batch_id and l.disposition = 'held') as held,
                      (select coalesce(sum(b.read), 0) from hub.batch b
                        where b.run_id = h.decided_run and b.flow = h.flow) as counted) n
         where h.state = 'accepted' and n.held <> n.counted
    """,
    "still held": "select flow, batch_id, findings from hub.held_batch where state = 'waiting'",
    "still in quarantine": (
        "select flow, key, cause, faults from hub.quarantine where state = 'open'"
    ),
    "a delivery still open": """
        select d.flow, r.key, d.state, d.dirty, d.note from hub.delivery d join hub.record r
            on r.id = d.record_id
         where d.dirty or d.state not in ('confirmed', 'unchanged', 'superseded', 'withheld',
             'blocked')
    """,
    "a confirmed delivery without exactly one confirmation of its key": """
        select d.flow, r.key, d.key as idempotency, count(e.id) as confirmations
          from hub.delivery d join hub.record r on r.id = d.record_id
          left join hub.delivery_event e on e.flow = d.flow and e.key = d.key
              and e.state = 'confirmed'
         where d.state = 'confirmed' group by 1, 2, 3 having count(e.id) <> 1
    """,
}


def differences(world: Lived) -> list[str]:
    """Everything that is not as it must be."""
    return [
        *_projects(world),
        *_permits(world),
        *_traced(world),
        *_disagreements(world),
        *_targets(world),
        *_counts(world),
        *_decisions(world),
        *world.wrong,
        *oracle_access.differences(world),
        *(oracle_clocks.differences(world) if world.clocked else ()),
        *(oracle_alerts.differences(world) if world.watched else ()),
        *(f"{what}: {dict(row)}" for what, query in NEVER.items() for row in world.rows(query)),
        *(f"verify: {line}" for line in world.verified()),
    ]


def _golden(world: Lived, entity: str) -> dict[str, dict[str, Any]]:
    rows = world.rows(
        f"select r.key, g.* from golden.{entity} g join hub.record r on r.id = "  # noqa: S608
        f"g.record_id where deleted_at is null"
    )
    return {str(row["key"]): row for row in rows}


def _projects(world: Lived) -> Iterator[str]:
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


def _permits(world: Lived) -> Iterator[str]:
    golden, truth = _golden(world, "permit"), world.truth.permits()
    waiting = {row["key"] for row in world.rows("select key from hub.waiting")}
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
            yield (
                f"permit {number} is {row and (row['project_code'], row['plot'])}, must be "
                f"{(code, plot)}"
            )


SAID = {
    "pull.plan.project": (
        {"project_code": ("code", "xmdm"), "name": ("name",), "investment": ("money",)},
        "start",
    ),
    "pull.build.project": ({"project_code": ("code",), "name": ("name",)}, "start"),
    "pull.build.permit": (
        {"project_code": ("code",), "number": ("number",), "plot": ("plot",)},
        "",
    ),
    "pull.build.service": (
        {
            "project_code": ("code",),
            "number": ("number",),
            "finished_on": ("end",),
            "days": ("days",),
        },
        "start",
    ),
}
"""Flow -> the payload's names of each field, and of the planned start."""

TRACED = """
    with versions as (
        select record_id, version, body - '_deleted' as body, provenance from hub.history
        union all
        select record_id, version, to_jsonb(g) - array['record_id', 'version', 'batch_id',
            'deleted_at', 'incomplete',
                                                       'provenance'], provenance
          from golden.{entity} g)
    select r.key, v.version, f.name, v.body->>f.name as value, l.flow, convert_from(l.payload,
        'UTF8')::jsonb as payload
      from versions v join hub.record r on r.id = v.record_id and r.entity = '{entity}'
      join hub.entity_field f on f.entity = r.entity
      left join hub.landing l on l.id = v.provenance[f.ordinal]
     where v.body->>f.name is not null
"""


def _traced(world: Lived) -> Iterator[str]:
    """Every value of every version, also of those that were superseded, stands in the payload that
    it is said to be of.

    A code that was lent stands in none.
    """
    for entity in ("project", "permit", "service"):
        for row in world.rows(TRACED.format(entity=entity)):
            where = f"{entity} {row['key']} version {row['version']}: {row['name']} {row['value']}"
            if row["flow"] is None:
                yield f"{where} comes from nowhere"
                continue
            names, start = SAID[row["flow"]]
            said = [row["payload"].get(name) for name in (*names.get(row["name"], ()), start)]
            lent = (
                entity == "permit"
                and row["name"] == "project_code"
                and row["payload"].get("code") is None
            )
            if not lent and _text(row["value"]) not in {
                _text(_scaled(row["name"], one)) for one in said
            }:
                yield f"{where} is not in its payload {row['payload']}"


def _scaled(name: str, value: object) -> object:
    return money(value) if name == "investment" and isinstance(value, int) else value


def _text(value: object) -> str:
    try:
        return str(Decimal(str(value)).normalize())
    except InvalidOperation:
        return str(value)


DISAGREEMENTS = """
    select r.key, d.field, d.claims from hub.disagreement d join hub.record r on r.id = d.record_id
     where d.closed_at is null and r.entity = 'project'
"""


def _disagreements(world: Lived) -> Iterator[str]:
    """Open is what two systems say differently now; each is told with the words of both."""
    told = {
        (row["key"], row["field"]): {one["system"]: _text(one["value"]) for one in row["claims"]}
        for row in world.rows(DISAGREEMENTS)
    }
    must = world.truth.disagreements()
    for key in sorted(told.keys() | must.keys()):
        if told.get(key) != must.get(key):
            yield f"{key[0]}: {key[1]} disagrees as {told.get(key)}, must be {must.get(key)}"


SENT_SINCE = """
    select distinct e.flow, r.key from hub.delivery_event e join hub.record r on r.id = e.record_id
     where e.state = 'confirmed' and e.at > (select max(at) from hub.restoration)
"""


def recovered(world: Lived) -> list[str]:
    """What targets hold otherwise than they must of the records that went out since a restoration.

    A restored hub asks a target before it sends; what was at rest only a comparison finds.
    """
    sent = {(row["flow"], row["key"]) for row in world.rows(SENT_SINCE)}
    return list(_targets(world, only=sent))


def _targets(world: Lived, only: AbstractSet[tuple[str, str]] | None = None) -> Iterator[str]:
    """only: these flows and records."""
    projects = {
        code: {
            "dm": code,
            "mc": must["name"],
            "tz": must["investment"],
            "ks": must["planned_start"],
        }
        for code, must in world.truth.projects().items()
    }
    permits = world.truth.permits()
    sure = {
        number: {"bh": number, "dm": code, "dk": plot}
        for number, (code, plot, _) in permits.items()
        if code
    }
    unsure = {number for number, (_, _, certain) in permits.items() if not certain}
    # without a name a project is not sent, nor what follows it; what had been sent before stays
    nameless = {code for code, body in projects.items() if body["mc"] is None}
    unsure |= nameless
    following = {number for number, (code, _, _) in permits.items() if code in nameless}
    for flow, cabinet in world.cabinets.items():
        must: dict[str, dict[str, object]] = projects if "project" in flow else sure
        unknown = unsure | following if flow == named.HALL_PERMIT else unsure
        if world.restored and flow in named.WITH_RECEIPTS:
            unknown = unknown | (cabinet.held.keys() - must.keys() - _sent(world, flow))
        for number in sorted((cabinet.held.keys() | must.keys()) - unknown):
            held, asked = cabinet.held.get(number), only is None or (flow, number) in only
            if asked and plain(held) != must.get(number):
                yield f"{flow} holds {held} for {number}, must be {must.get(number)}"
        yield from (
            f"{flow} applied {number} twice: {cabinet.effects[number]}"
            for number in cabinet.doubled()
            if only is None
        )


def _sent(world: Lived, flow: str) -> set[str]:
    """The records of which the hub knows that they were sent or are to be. Beyond these a target
    that gives no more than verdicts by key may hold what was lost with a database: nobody finds it.
    """
    query = "select r.key, d.flow from hub.delivery d join hub.record r on r.id = d.record_id"
    return {str(row["key"]) for row in world.rows(query) if row["flow"] == flow}


def plain(held: dict[str, Any] | None) -> dict[str, Any] | None:
    """What a target holds, with its amount as a number."""
    if held is None or held.get("tz") is None:
        return held
    return held | {"tz": Decimal(str(held["tz"]))}


def _counts(world: Lived) -> Iterator[str]:
    """What the hub says it read is what the sources gave."""
    read = {
        row["run_id"]: row["read"]
        for row in world.rows("select run_id, sum(read)::int as read from hub.batch group by 1")
    }
    for run, served in world.served.items():
        if read.get(run, 0) != served:
            yield f"run {run} counts {read.get(run, 0)} read, its source gave {served}"


def _decisions(world: Lived) -> Iterator[str]:
    """Every decision about a held batch is what a person has said, with name and reason, and none
    is forgotten.
    """
    told = {
        row["batch_id"]: (row["state"], row["decided_by"], row["reason"])
        for row in world.rows(
            "select batch_id, state, decided_by, reason from hub.held_batch where decided_by <> ''"
        )
    }
    for batch in sorted(told.keys() | world.heard.keys()):
        if told.get(batch) not in world.said.get(batch, set()):
            yield f"held batch {batch}: {told.get(batch)}, said was {world.said.get(batch)}"
        elif batch in world.heard and told[batch] != world.heard[batch]:
            yield f"held batch {batch}: {told[batch]}, people were told {world.heard[batch]}"
