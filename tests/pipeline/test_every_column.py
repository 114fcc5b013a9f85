"""Whatever column the database's owner changes, verify lists it, or says why it does not.

No column can be added without being decided. Those of sealed tables are changed each, in a row
drawn by a fixed seed; of the others some are drawn. All columns, rows and states: `--every-column`,
which takes minutes.
"""

import random
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from types import SimpleNamespace

import psycopg
import pytest
from psycopg import sql

from hub.db.ledger import evidence
from hub.domain.sealed_tables import SEALED
from hub.pipeline import facts, verify
from hub.pipeline.verify.coverage import CoveredColumn, coverage
from tests.filled import CODE, Filled
from tests.pipeline.conftest import contracts_of
from tests.pipeline.tampered import ALL, Superuser, superuser

__all__ = ["superuser"]

SEED = 7
MANY = 5  # rows of a table, where all are asked for
SOME = 40  # columns that no act tells of, where not all are asked for
COLUMNS = """
    select n.nspname || '.' || c.relname, a.attname, format_type(a.atttypid, null)
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where n.nspname in ('hub', 'fact', 'source', 'golden') and c.relkind in ('r', 'p')
         and not c.relispartition
     order by 1, a.attnum
"""
CHECKS = """
    select n.nspname || '.' || c.relname, o.conname, pg_get_constraintdef(o.oid)
      from pg_constraint o join pg_class c on c.oid = o.conrelid join pg_namespace n
          on n.oid = c.relnamespace
     where o.contype = 'c' and n.nspname in ('hub', 'fact', 'source', 'golden')
         and not c.relispartition
"""
IDENTITIES = """
    select n.nspname || '.' || c.relname, a.attname
      from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n
          on n.oid = c.relnamespace
     where a.attidentity <> '' and n.nspname = 'hub'
"""
LISTED = re.compile(r"\((\w+) = ANY \(ARRAY\[([^]]*)\]")
OTHER = {
    "text": "{} || '改'",
    "boolean": "not {}",
    "date": "{} + 1",
    "timestamp with time zone": "{} + interval '1 hour'",
    "time without time zone": "{} + interval '1 minute'",
    "jsonb": "jsonb_build_object('x', {})",
    "bytea": "{} || '\\x00'",
    "text[]": "{} || '改'::text",
    "bigint[]": "{} || 99::bigint",
    "int4multirange": "{} + '{{[900,901)}}'::int4multirange",
    "int8multirange": "{} + '{{[900,901)}}'::int8multirange",
    "xid8": "({}::text::bigint + 1)::text::xid8",
}
"""Something else of each type; of a number, a greater one."""
SOMETHING = {
    "text": "'改'",
    "boolean": "true",
    "date": "current_date",
    "timestamp with time zone": "now()",
    "jsonb": "'{\"x\": 1}'",
    "bytea": "'\\x00'",
    "text[]": "'{改}'",
    "bigint[]": "'{7}'",
}
"""Something where there is nothing."""


class Tried:
    """Changes of one database, column by column."""

    def __init__(self, owner: Superuser, entities: Sequence[object], *, every: bool) -> None:
        self._owner, self._tx, self._every = owner, owner.tx, every
        self._random = random.Random(SEED)  # noqa: S311 -- draws rows
        self.said = {
            one.name: {at.name: at for at in one.columns}
            for one in coverage(verify.CHECKS, entities)
        }  # type: ignore[arg-type]
        self.missed: list[str] = []
        self.listed: set[tuple[str, str]] = set()
        self.changed: set[tuple[str, str]] = set()
        self.tables: set[str] = set()

    def all(self, tables: Sequence[str] = ()) -> None:
        """Change columns of these tables, of all where none is named; no constraint holds those of
        sealed ones.
        """
        columns = self._tx.execute(COLUMNS).fetchall()
        states = self._states()
        derived = [
            at
            for at in columns
            if at[0].partition(".")[2] not in SEALED and not (tables and at[0] not in tables)
        ]
        drawn = derived if self._every else self._random.sample(derived, min(SOME, len(derived)))
        self._loosen()
        for table, column, kind in columns:
            covered = self.said.get(table, {}).get(column)
            assert covered is not None, f"{table}.{column} is neither covered nor has it a reason"
            if covered.checks and (
                (table, column, kind) in drawn or (not tables and table.partition(".")[2] in SEALED)
            ):
                self._column(table, covered, kind, states.get((table, column), []))

    def _states(self) -> Mapping[tuple[str, str], list[str]]:
        """What a column may say, where a constraint lists it."""
        found = defaultdict(list)
        for table, _, text in self._tx.execute(CHECKS):
            for column, values in LISTED.findall(text):
                found[table, column] += re.findall(r"'([^']*)'", values)
        return found

    def _loosen(self) -> None:
        for table, name, _ in self._tx.execute(CHECKS).fetchall():
            if table.partition(".")[2] in SEALED:
                self._tx.execute(f'alter table {table} drop constraint if exists "{name}"')
        for table, name in self._tx.execute(IDENTITIES).fetchall():
            self._tx.execute(f"alter table {table} alter {name} drop identity")

    def _column(self, table: str, covered: CoveredColumn, kind: str, states: Sequence[str]) -> None:
        rows = self._tx.execute(
            f"select tableoid::regclass::text, ctid::text, {covered.name} is "  # noqa: S608 -- of the catalogue
            f"null from {table} order by 1, 2"
        ).fetchall()
        if not rows:
            return
        self.tables.add(table)
        some = rows[:: max(1, len(rows) // MANY)] if self._every else [self._random.choice(rows)]
        for place, row, empty in some:
            other = OTHER.get(kind, "{} + 1003").format(covered.name)
            values = [SOMETHING.get(kind, "'7'") if empty else other]
            if states:
                values += [
                    f"'{one}'" for one in (states if self._every else [self._random.choice(states)])
                ]
            for value in values:
                change = f"update {place} set {covered.name} = {value} where ctid = '{row}'"  # noqa: S608 -- likewise
                self._change(table, covered, change, value)

    def _change(self, table: str, covered: CoveredColumn, statement: str, value: str) -> None:
        """What the database itself refuses is no change; one that takes its constraints away is
        listed for that.
        """
        with self._tx.transaction(force_rollback=True):
            try:
                done = self._tx.execute(
                    f"{statement} and {covered.name} is distinct from {value}".encode()
                ).rowcount
            except psycopg.Error:
                return
            if not done:
                return
            self.changed.add((table, covered.name))
            if self._is_listed(table, covered.checks):
                self.listed.add((table, covered.name))
            elif not covered.why:
                self.missed.append(f"{table}: {statement}")

    def _is_listed(self, table: str, checks: Sequence[str]) -> bool:
        name = table.partition(".")[2]
        if "acts" in checks and name in SEALED and any(evidence.every_differing(self._tx, name)):
            return True
        return bool(self._owner.verified(*checks).findings or self._owner.verified().findings)


@pytest.fixture
def every(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--every-column"))


def test_whatever_is_changed_is_listed_or_has_its_reason(superuser: Superuser, *, every: bool):
    tried = Tried(superuser, list(contracts_of(ALL).entities.values()), every=every)
    with superuser.having("select 1"):
        tried.all()
    assert not tried.missed, "\n".join(tried.missed)
    partly = {
        (table, one.name)
        for table, of in tried.said.items()
        for one in of.values()
        if one.why and one.checks
    }
    if every:  # what is covered partly is covered somewhere
        assert (partly & tried.changed) - tried.listed == set()


LEARNT = (
    "fact.clock",
    "fact.step",
    "fact.state",
    "hub.calendar",
    "hub.workday",
    "hub.link_subject",
)


def test_whatever_is_changed_of_clocks_calendars_and_what_is_searched_by_is_listed(
    filled: Filled, *, every: bool
):
    for status, moment in (("3", "2026-11-03 09:00:00"), ("11", "2026-11-12 17:30:00")):
        row = {
            "lsh": int(status),
            "gcdm": f"{CODE}-001",
            "spsxslbm": "A",
            "blzt": status,
            "blsj": moment,
            "sjyxbs": 1,
        }
        filled.pull("pull.approval.approval_step", row)
    step = {
        "lsh": 1,
        "gcdm": f"{CODE}-001",
        "spsxslbm": "A",
        "spbmmc": "市住建局",
        "sxblsx": 5,
        "sjyxbs": 1,
    }
    filled.pull("pull.approval.approval_item", step)
    filled.hub.release()
    facts.refresh(filled.hub.database)
    hub = filled.hub
    owner = Superuser(
        SimpleNamespace(url=filled.url, contracts=hub.contracts, settings=hub.settings)
    )  # type: ignore[arg-type]
    try:
        tried = Tried(owner, list(hub.contracts.entities.values()), every=every)
        with owner.having("select 1"):
            assert owner.verified("facts", "calendars", "golden").findings == []
            tried.all(LEARNT)
    finally:
        owner.close()
    assert tried.tables <= set(LEARNT)
    assert not tried.missed, "\n".join(tried.missed)


EMPTY = {
    "supervision_case": (
        "insert into hub.supervision_case (number, department, names, region, project_codes, about,"
        " ask, opened_at) values ('n', 'd', '{d}', '14', '{p}', '{item:1}', 'x', now())"
    ),
    "supervision_act": (
        "with made as (insert into hub.supervision_case (number, department, names, region,"
        " project_codes, about, ask, opened_at)"
        " values ('m', 'd', '{d}', '14', '{p}', '{item:1}', 'x', now()) returning id)"
        " insert into hub.supervision_act (case_id, kind, step, by_account, at, text, due_at)"
        " select id, 'opened', 'reminder', 'x', now(), 'x', now() from made"
    ),
    "hit_act": (
        "insert into hub.hit_act (indicator, subject, kind, unit, names, region, project_code,"
        " by_account, at, text, due_at, seen)"
        " values ('i', '1', 'told', 'u', '{n}', '14', 'p', 'x', now(), 't', now(), '{}')"
    ),
    "inbound": (
        "insert into hub.inbound (system, resource, digest, content, charset, records, source)"
        " values ('s', 'r', 'd', '{}', 'utf-8', 1, 'x')"
    ),
    "inbound_taking": (
        "with body as (insert into hub.inbound (system, resource, digest, content, charset,"
        " records, source) values ('s', 'r', 'd', '{}', 'utf-8', 1, 'x') returning id)"
        " insert into hub.inbound_taking (flow, inbound_id, records, run_id, batch_id)"
        " select 'f', id, 1, 1, 1 from body"
    ),
    "supply": (
        "with body as (insert into hub.inbound (system, resource, digest, content, charset,"
        " records, source) values ('s', 'r', 'd', '{}', 'utf-8', 1, 'x') returning id)"
        " insert into hub.supply (flow, kind, account, department, rows, inbound_id)"
        " select 'f', 'entry', 'x', 'y', 1, id from body"
    ),
    "handover": "insert into hub.handover (flow, key, record_id) values ('f', 'k', 1)",
    "password_past": "insert into hub.password_past (account, password_hash) values ('x', 'y')",
    "restoration": (
        "insert into hub.restoration (how, by, reason, landing_id, nothing_lost) values "
        "('said', 'x', 'y', 1, true)"
    ),
    "surplus_withdrawal": (
        "insert into hub.surplus_withdrawal (flow, found_key, key, body, by, reason, landing_id)"
        " values ('f', 'a', 'b', '{}', 'x', 'y', 1)"
    ),
}


@pytest.mark.parametrize("table", SEALED)
def test_a_row_that_was_put_into_a_sealed_table_or_taken_out_is_listed(
    superuser: Superuser, table: str
):
    name = sql.Identifier("hub", table)
    taken = (
        sql.SQL("delete from {0} where ctid = (select min(ctid) from {0})").format(name).as_string()
    )
    statement = EMPTY.get(table, taken)
    with superuser.having(statement):
        assert [one.wrong for one in evidence.every_differing(superuser.tx, table)][:1] in (
            ["unknown"],
            ["gone"],
        )
