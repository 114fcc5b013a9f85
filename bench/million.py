"""A hub of very many projects, filled set by set and consistent: `hub verify` finds nothing wrong
in it.

One project is taken in by the real flow, in two versions, and pushed; the others are its clones
under their own codes, with payloads, hashes, salts, batches and seals of their own. Half of them
have a former version, spread over the twelve months before this one.
"""

import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import cast

import orjson
import psycopg
from psycopg import sql

from bench.prefill import Rows, sample
from hub import wiring
from hub.contract import Connector
from hub.db import runs
from hub.db.database import BoundedConnection
from hub.db.runs import Counts
from hub.domain import ledger, merkle
from hub.domain.ledger import Covered
from hub.domain.payload import keyed_hash
from hub.model import Json, Outcome, Outgoing
from hub.pipeline import delivery, intake

PULL, PUSH = "pull.approval.project", "push.power.project"
CODE = "2405-520502-04-01-{:06}"
MODEL = 999_999
MARK = str(MODEL)
BATCH = 20_000
MONTHS = 12

LAND = (
    "copy hub.landing (id, flow, key, batch_id, position, version, hash, salt, payload, "
    "disposition) from stdin"
)
NUMBERS = """
    create unlogged table if not exists public.clone (
        n integer primary key, record_id bigint, old_id bigint, old_batch bigint, new_id bigint,
            new_batch bigint)
"""
MAKE_MONTH = """
    create table if not exists hub.{part} partition of hub.{parent} for values
        from ({first}) to ({last})
"""
HEADERS = """
    insert into hub.record (id, entity, key) overriding system value
    select c.record_id, r.entity, replace(r.key, %(mark)s, lpad(c.n::text, 6, '0'))
      from public.clone c, hub.record r where r.id = %(model)s
"""
HEADS = """
    insert into hub.head (flow, key, landing_id, version, hash, contract_id, state)
    select l.flow, l.key, l.id, l.version, l.hash, h.contract_id, h.state
      from public.clone c join hub.landing l on l.id = c.new_id, hub.head h
          where h.landing_id = %(landing)s
"""
HISTORY = """
    insert into hub.history (id, record_id, version, body, provenance, batch_id, until_batch)
    select c.old_id, c.record_id, h.version, replace(h.body::text, %(mark)s, lpad(c.n::text, 6,
        '0'))::jsonb,
           array_replace(h.provenance, %(old_landing)s, c.old_id), c.old_batch, c.new_batch
      from public.clone c, hub.history h where c.old_id is not null and h.record_id = %(model)s
"""
TOKENS = """
    insert into hub.crosswalk (token, record_id, project_code)
    select replace(x.token, %(mark)s, lpad(c.n::text, 6, '0')), c.record_id,
           replace(x.project_code, %(mark)s, lpad(c.n::text, 6, '0'))
      from public.clone c, hub.crosswalk x where x.record_id = %(model)s
"""
READS = """
    insert into hub.access (id, account, route, purpose, project_code, record_ids)
    select hub.event_base(now()) + nextval('hub.event_seq'), 'bench',
        'GET /v1/prefill/construction_permit', '', '',
           array[c.record_id] from public.clone c where c.n % 5 = 0
"""


class Taker:
    """A partner that takes everything."""

    def send(self, write: dict[str, Json], items: Sequence[Outgoing]) -> Iterator[Outcome]:  # noqa: ARG002
        return (Outcome(item.key, "confirmed") for item in items)


def payload(version: int, name: str) -> dict[str, Json]:
    """The model's record as the approval system gives it."""
    code = CODE.format(MODEL)
    return sample("approval", "project") | {
        "xmdm": code,
        "gcdm": f"{code}-001",
        "dfsjzj": f"p{MARK}",
        "xmmc": f"{name}{MARK}",
        "lsh": version,
    }


def model(hub: wiring.Hub) -> None:
    """Take the model in, twice."""
    for version, name in ((1, "旧"), (2, "项目")):
        source = cast("Connector", Rows([payload(version, name)]))
        intake.pull(
            hub.database,
            hub.contracts,
            hub.contracts.pulls[PULL],
            connector=source,
            settings=hub.settings,
        )
    taker, push = cast("Connector", Taker()), hub.contracts.pushes[PUSH]
    delivery.push(hub.database, hub.contracts, push, connector=taker, settings=hub.settings)


class Filling:
    """One connection that fills a migrated hub, whose model is there, with clones."""

    def __init__(self, tx: BoundedConnection, hub: wiring.Hub, count: int) -> None:
        self.tx, self.hub, self.count = tx, hub, count
        self.flow = hub.contracts.pulls[PULL]
        (self.model,) = self.one("select id from hub.record where entity = 'project'")
        (self.old_landing, self.old_version) = self.one(
            "select id, version from hub.landing order by id limit 1"
        )
        (self.landing, self.version) = self.one(
            "select id, version from hub.landing order by id desc limit 1"
        )
        (self.contract,) = self.one("select contract_id from hub.head")
        (self.sequence,) = self.one("select nextval('hub.event_seq')")
        self.old = dict.fromkeys(range(0, count, 2), (0, 0))

    def one(self, query: str, *values: object) -> tuple[int, ...]:
        row = self.tx.execute(query, values).fetchone()
        return cast("tuple[int, ...]", row)

    def fill(self) -> None:
        """Everything, in one transaction."""
        self.tx.execute("set synchronous_commit = off")
        self.tx.execute(NUMBERS)
        months = self.make_months()
        numbers = list(self.old)
        share = -(-len(numbers) // MONTHS)
        for at, month in enumerate(months):
            for n, landed, batch in self.land(
                numbers[at * share : (at + 1) * share],
                body=payload(1, "旧"),
                version=self.old_version,
                month=month,
            ):
                self.old[n] = landed, batch
        this_month = runs_month(datetime.now(UTC))
        new = {
            n: (landed, batch)
            for n, landed, batch in self.land(
                range(self.count), body=payload(2, "项目"), version=self.version, month=this_month
            )
        }
        with self.tx.cursor().copy("copy public.clone from stdin") as copy:
            for n in range(self.count):
                old = self.old.get(n, (None, None))
                copy.write_row((n, self.model + 1 + n, *old, *new[n]))
        self.tx.execute("analyze public.clone")
        self.derive()

    def make_months(self) -> list[int]:
        """The partitions of the months before this one; their numbers."""
        first = datetime.now(UTC).replace(day=1)
        months = []
        for _ in range(MONTHS):
            last, first = first, (first - timedelta(days=1)).replace(day=1)
            months.append(runs_month(first))
            for parent in ("landing", "history", "delivery_event", "access"):
                values = {"first": runs_month(first) * 10**12, "last": runs_month(last) * 10**12}
                self.tx.execute(
                    sql.SQL(MAKE_MONTH).format(
                        part=sql.Identifier(f"{parent}_{runs_month(first)}"),
                        parent=sql.Identifier(parent),
                        **{name: sql.Literal(value) for name, value in values.items()},
                    )
                )
        return months[::-1]

    def land(
        self, numbers: Sequence[int], *, body: dict[str, Json], version: object, month: int
    ) -> Iterator[tuple[int, int, int]]:
        """Land one payload a number, in batches under one run; give number, landing and batch."""
        text = orjson.dumps(body)
        (run,) = self.one(
            (
                "insert into hub.run (flow, kind, state, ended_at) values (%s, 'pull', "
                "'complete', now()) returning id"
            ),
            PULL,
        )
        for start in range(0, len(numbers), BATCH):
            some = numbers[start : start + BATCH]
            batch = runs.next_batch(self.tx)
            noise, leaves, said = os.urandom(16 * len(some)), [], b""
            with self.tx.cursor().copy(LAND) as copy:
                for at, n in enumerate(some):
                    self.sequence += 1
                    landed = month * 10**12 + self.sequence
                    salt, made = (
                        noise[at * 16 : at * 16 + 16],
                        text.replace(MARK.encode(), b"%06d" % n),
                    )
                    digest = keyed_hash(made, self.hub.settings.hash_key)
                    leaves.append(merkle.leaf(salt, ledger.content(made, digest)))
                    row = (
                        landed,
                        PULL,
                        CODE.format(n),
                        batch,
                        str(at),
                        version,
                        digest,
                        salt,
                        made,
                        "applied",
                    )
                    said += ledger.fingerprint((*row[:3], *row[4:6], row[9]), None)
                    copy.write_row(row)
                    yield n, landed, batch
            changed = 0 if version == self.old_version else sum(n in self.old for n in some)
            counts = Counts(read=len(some), created=len(some) - changed, changed=changed)
            contract = int(self.contract)
            sealed = Covered(leaves, said)
            runs.add_batch(
                self.tx,
                batch,
                run_id=run,
                flow=PULL,
                contract=contract,
                counts=counts,
                landed=sealed,
            )

    def derive(self) -> None:
        """All that follows from the landings."""
        about: dict[str, object] = {
            "mark": MARK,
            "model": self.model,
            "landing": self.landing,
            "old_landing": self.old_landing,
        }
        self.tx.execute("select setval('hub.event_seq', %s)", (self.sequence + 1,))
        for query in (HEADERS, HEADS, HISTORY, TOKENS):
            self.tx.execute(query, about)
        self.tx.execute(
            "select setval(pg_get_serial_sequence('hub.record', 'id'), (select max(id) from "
            "hub.record))"
        )
        own = {
            "record_id": "c.record_id",
            "landing_id": "c.new_id",
            "source_key": CLONED.format("t.source_key"),
        }
        self.clone("source", own)
        own = {
            "record_id": "c.record_id",
            "batch_id": "c.new_batch",
            "version": "case when c.old_id is null then 1 else t.version end",
            "provenance": f"array_replace(t.provenance, {self.landing}, c.new_id)",
        }
        self.clone("golden", own)
        self.tx.execute(READS)
        self.deliveries()

    def clone(self, schema: str, own: dict[str, str]) -> None:
        """Rows of a typed table: the model's, its number replaced wherever it stands."""
        columns = self.tx.execute(
            "select column_name, data_type from information_schema.columns where table_schema = %s"
            " and table_name = 'project'",
            (schema,),
        ).fetchall()
        cells = [
            own.get(name) or (CLONED.format(f't."{name}"') if kind == "text" else f't."{name}"')
            for name, kind in columns
        ]
        names = ", ".join(f'"{name}"' for name, _ in columns)
        self.tx.execute(
            f"insert into {schema}.project ({names}) select {', '.join(cells)}"  # noqa: S608
            f" from public.clone c, {schema}.project t where t.record_id = {self.model} order by "
            f"c.n"
        )

    def deliveries(self) -> None:
        """One target that holds every record, and a thousand marks that are due."""
        columns = (
            "state, attempt, serial, action, body, golden_version, confirmed_body, confirmed_at, "
            "held_body"
        )
        self.tx.execute(
            f"insert into hub.delivery (flow, record_id, dirty, key, "  # noqa: S608
            f"confirmed_key, {columns})"
            f" select d.flow, c.record_id, c.n %% 1000 = 0, md5(c.n::text), md5(c.n::text), "
            f"{columns}"
            " from public.clone c, hub.delivery d where d.flow = %s and d.record_id = %s",
            (PUSH, self.model),
        )


CLONED = f"replace({{}}, '{MARK}', lpad(c.n::text, 6, '0'))"


def runs_month(at: datetime) -> int:
    """The number of a month, as event ids begin with it."""
    return at.year * 100 + at.month


def fill(hub: wiring.Hub, count: int) -> None:
    """Fill a fresh hub with so many projects, the model among them."""
    hub.migrate()
    model(hub)
    with BoundedConnection.connect(hub.settings.database_url) as tx:
        Filling(tx, hub, count - 1).fill()
    hub.seal()
    with psycopg.connect(hub.settings.database_url, autocommit=True) as tx:
        tx.execute("vacuum analyze")
