"""What made a version stays with it, and what the hub knew at a moment is the same whenever it is
asked for.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.db import migrate
from hub.db.access import access_log, accounts
from hub.db.access.access_log import AccessQuery
from hub.db.access.accounts import AccessEntry
from hub.db.migrations import versions
from hub.db.reconciliation import sightings
from hub.domain.rights import operator
from hub.errors import FlowError
from hub.pipeline import decisions, recall, remap, verify
from hub.pipeline.decisions import FieldStatement
from hub.services import lineage
from hub.services.lineage import as_of, prov
from hub.services.lineage.as_of import RecordAsOf
from tests.pipeline.conftest import Small, contracts_of
from tests.pipeline.partners import Desk, Source
from tests.pipeline.small import CODE, FILES, OTHER

PLAN, BUILD, PERMIT = "pull.plan.project", "pull.build.project", "pull.build.permit"
RECORD = f"project:{CODE}"
TO_DESK = "push.desk.project"


def plan(at: int, **more: object) -> Source:
    return Source([{"id": "p", "code": CODE, "name": "甲", "money": "1", "at": str(at)} | more])  # type: ignore[dict-item]


def build(seen: int, **more: object) -> Source:
    """What `build` says; `seen` is mapped nowhere and makes another payload of it."""
    return Source([{"id": "b", "code": CODE, "name": "甲", "seen": seen} | more])  # type: ignore[dict-item]


def now(small: Small) -> datetime:
    at = small.rows("select clock_timestamp() as at")[0]["at"]
    assert isinstance(at, datetime)
    return at


def then(small: Small, at: datetime, record: str = RECORD) -> RecordAsOf:
    with small.database.write() as tx:
        return as_of.record_at(
            tx, small.contracts, record, at, rights=operator(small.contracts.entities)
        )


def field(small: Small, name: str = "name", record: str = RECORD) -> lineage.FieldLineage:
    with small.database.write() as tx:
        return lineage.of_field(
            tx, small.contracts, record, name, rights=operator(small.contracts.entities)
        )


def check(small: Small) -> list[verify.VerifyFinding]:
    found = verify.verify(small.database, small.contracts, small.settings).findings
    own = {
        "act",
        "structure",
    }  # these tests move the clock and make databases of earlier releases by other hands
    return [one for one in found if one.kind not in own]


def newest(small: Small) -> int:
    """The landing that came last."""
    return int(
        str(
            small.rows("select id from hub.landing order by hub.event_order(id) desc limit 1")[0][
                "id"
            ]
        )
    )


def test_what_says_the_same_again_confirms_a_version_and_leaves_its_origin(small: Small):
    small.pull(PLAN, plan(1))
    made, before = newest(small), now(small)
    small.pull(PLAN, plan(2))
    small.pull(PLAN, plan(3))
    again, said = then(small, before), field(small)
    assert (again.fields["name"].landing_id, again.fields["name"].confirmed_at) == (made, None)
    assert again.fields["name"].as_of is not None
    assert again.fields["name"].as_of <= before
    assert said.origin is not None
    assert said.origin.confirmed is not None
    assert said.origin.arrival.id == made
    assert (said.origin.confirmed.times, said.origin.confirmed.landing_id) == (2, newest(small))
    assert then(small, now(small)).fields["name"].confirmed_at == said.origin.confirmed.at
    assert (said.head.version, said.claims[0].won, said.claims[0].landing_id) == (
        1,
        True,
        newest(small),
    )
    assert check(small) == []


def test_another_system_that_takes_over_the_same_values_begins_a_version_and_is_no_news_to_targets(
    small: Small,
):
    desk = Desk()
    small.pull(BUILD, build(1))
    early, before = newest(small), now(small)
    small.push(TO_DESK, desk)
    small.pull(PLAN, plan(1, money=None))
    late = newest(small)
    assert then(small, before).fields["name"].landing_id == early
    today = then(small, now(small))
    assert (today.version, today.fields["name"].landing_id, today.fields["name"].system) == (
        2,
        late,
        "plan",
    )
    assert small.push(TO_DESK, desk) == {}
    assert check(small) == []


def test_the_rule_that_made_a_value_stays_with_it_when_payloads_are_mapped_anew(small: Small):
    small.pull(PLAN, plan(1, title="乙"))
    old = small.contracts.pulls[PLAN].contract
    path = "mappings/plan/project.pull.yaml"
    small.contracts = contracts_of(
        FILES | {path: FILES[path].replace("name: {from: name,", "name: {from: [name],")}
    )
    remap.remap(small.database, small.contracts, small.contracts.pulls[PLAN])
    same = field(small)
    assert same.origin is not None
    assert same.origin.confirmed is not None
    assert (same.head.version, same.origin.contract, same.origin.confirmed.times) == (1, old, 1)
    small.contracts = contracts_of(
        FILES | {path: FILES[path].replace("name: {from: name,", "name: {from: title,")}
    )
    remap.remap(small.database, small.contracts, small.contracts.pulls[PLAN])
    changed = field(small)
    assert changed.origin is not None
    assert (changed.value, changed.head.version) == ("乙", 2)
    assert changed.origin.contract == small.contracts.pulls[PLAN].contract
    assert check(small) == []


def test_a_recall_finds_what_a_payload_said_first_and_what_it_said_again(small: Small):
    small.pull(PLAN, plan(1))
    first = newest(small)
    with small.database.write() as tx:
        case = recall.open_case(
            tx,
            recall.find(tx, small.contracts, "name", record=RECORD, landing_id=first),
            landing_id=first,
            reason="原表填错",
            by="zhang",
        )
    small.pull(PLAN, plan(2))
    again = newest(small)
    small.pull(PLAN, plan(3, name="对的"))
    other = newest(small)
    with small.database.write() as tx:
        by_first = recall.find(tx, small.contracts, "name", landing_id=first)
        by_again = recall.find(tx, small.contracts, "name", landing_id=again)
        with pytest.raises(FlowError, match=r"recall\.never_stood"):
            recall.find(tx, small.contracts, "name", record=RECORD, landing_id=other, value="甲")
        recall.follow(tx, small.contracts)
    assert [(span.version, span.since) for span in by_first.spans] == [(1, by_first.spans[0].since)]
    assert by_again.spans[0].since > by_first.spans[0].since
    assert (by_first.value, by_again.value) == ("甲", "甲")
    assert (
        small.rows(f"select closed_at from hub.recall where id = {case}")[0]["closed_at"]  # noqa: S608
        is not None
    )


def test_a_recall_stays_open_while_payloads_repeat_the_wrong_value(small: Small):
    small.pull(PLAN, plan(1))
    with small.database.write() as tx:
        found = recall.find(tx, small.contracts, "name", landing_id=newest(small))
        case = recall.open_case(tx, found, landing_id=newest(small), reason="原表填错", by="zhang")
    small.pull(PLAN, plan(2))
    with small.database.write() as tx:
        assert recall.follow(tx, small.contracts) == 0
    assert small.rows(f"select closed_at from hub.recall where id = {case}") == [  # noqa: S608
        {"closed_at": None}
    ]


def late_words(document: dict[str, Any]) -> list[str]:
    """Names that a document derives its versions from, or has its acts use, though they came about
    later.
    """
    made_at = {
        one["prov:entity"]: document["activity"][one["prov:activity"]].get("prov:startTime", "")
        for one in document.get("wasGeneratedBy", {}).values()
    }
    uses = [
        (document["activity"][one["prov:activity"]].get("prov:startTime", ""), one["prov:entity"])
        for one in document.get("used", {}).values()
    ]
    return [name for at, name in uses if made_at.get(name, "") > at]


def test_prov_names_nothing_in_an_act_that_came_later(small: Small):
    desk = Desk()
    small.pull(PLAN, plan(1))
    small.push(TO_DESK, desk)
    with small.database.write() as tx:
        ids = [row[0] for row in tx.execute("select id from hub.record")]
        accounts.write_reads(tx, [AccessEntry("bureau", "GET /v1/projects/x", "用途", CODE, ids)])
    small.pull(PLAN, plan(2))
    small.pull(BUILD, build(1, name="另一名"))
    rights = operator(small.contracts.entities)

    def told() -> list[dict[str, Any]]:
        with small.database.write() as tx:
            whole = prov.of_record(lineage.of_record(tx, small.contracts, RECORD, rights=rights))
            return [json.loads(json.dumps(one)) for one in (whole, prov.of_field(field(small)))]

    assert [late_words(one) for one in told()] == [[], []]
    small.pull(PLAN, plan(3, name="新名"))
    whole, one = told()
    assert [late_words(whole), late_words(one)] == [[], []]
    record = small.rows("select id from hub.record where entity = 'project'")[0]["id"]
    used = {
        said["prov:activity"].split("/")[0]: said["prov:entity"] for said in whole["used"].values()
    }
    assert used["hub:delivery"] == used["hub:read"] == f"hub:record/{record}/v1"


def test_verify_finds_a_version_that_names_what_came_later(small: Small):
    small.pull(PLAN, plan(1))
    small.pull(PLAN, plan(2))
    small.rows(
        f"update golden.project set provenance = array_replace(provenance, "  # noqa: S608
        f"provenance[1], {newest(small)}) returning 1"
    )
    assert [one.kind for one in check(small)] == ["origin"]


@contextmanager
def clock_ahead(small: Small, months: int = 1) -> Iterator[None]:
    """The database's clock is ahead over the end of a month while ids are drawn and batches dated,
    then put right.
    """
    base = (
        "to_char((at + make_interval(months => {})) at time zone 'UTC', 'YYYYMM')::bigint * "
        "1000000000000"
    )
    create = (
        "create or replace function hub.event_base(at timestamptz) returns bigint language sql "
        "immutable"
        " as $$ select {} $$"
    )
    with psycopg.connect(small.url) as connection:
        connection.execute(create.format(base.format(months)))
        last = connection.execute("select coalesce(max(id), 0) from hub.batch").fetchone()
    try:
        yield
    finally:
        with psycopg.connect(small.url) as connection:
            connection.execute(create.format(base.format(0)))
            connection.execute(
                (
                    "update hub.batch set committed_at = committed_at + make_interval(months => "
                    "%s) where id > %s"
                ),
                (months, last[0] if last else 0),
            )


def test_newer_records_of_a_flow_without_versions_apply_after_a_clock_that_was_ahead(small: Small):
    small.pull(BUILD, build(1))
    with clock_ahead(small):
        assert small.pull(BUILD, build(2, name="错钟")) == {"read": 1, "changed": 1}
    assert small.pull(BUILD, build(3, name="对钟")) == {"read": 1, "changed": 1}
    assert small.pull(BUILD, build(4, name="又改")) == {"read": 1, "changed": 1}
    assert small.golden()[CODE]["name"] == "又改"
    assert check(small) == []


def test_what_was_taken_in_after_a_listing_began_is_not_absent_from_it_whatever_the_clock_said(
    small: Small,
):
    small.pull(PLAN, plan(1))
    with clock_ahead(small), small.database.write() as tx:
        listing = sightings.begin(tx, PLAN)
    small.pull(PLAN, Source([{"id": "late", "code": OTHER, "name": "后到", "at": "1"}]))
    with small.database.write() as tx:
        missed = [one.key for one in sightings.absent(tx, PLAN, began=listing.began)]
    assert len(missed) == 1
    assert "late" not in missed


def test_verify_finds_what_was_called_stale_though_it_came_after_what_stands(small: Small):
    small.pull(PLAN, plan(1))
    small.pull(PLAN, plan(2))
    small.rows("""
        with first as (update hub.landing set version = '2' where id = (select min(id)
            from hub.landing) returning id),
             last as (update hub.landing set disposition = 'stale' where id = (select max(id)
                 from hub.landing))
        update hub.head set landing_id = first.id from first returning 1
    """)
    assert "landing.stale" in [one.what for one in check(small)]


def test_what_stood_at_a_moment_is_told_in_the_order_of_what_happened(small: Small):
    small.pull(BUILD, build(1))
    with clock_ahead(small):
        small.pull(BUILD, build(2, name="错钟"))
    assert then(small, now(small) + timedelta(seconds=1)).fields["name"].value == "错钟"
    small.pull(PERMIT, Source([{"code": CODE, "number": "A1"}]))
    after = now(small)
    small.pull(BUILD, build(3, name="对钟"))
    assert then(small, after).fields["name"].value == "错钟"
    assert then(small, after).since <= after
    assert then(small, after).fields["name"].as_of == after
    assert then(small, now(small)).fields["name"].value == "对钟"


def test_reads_after_a_clock_was_put_right_belong_to_a_recall(small: Small):
    with clock_ahead(small):
        small.pull(BUILD, build(1, name="错的"))
    with small.database.write() as tx:
        ids = [row[0] for row in tx.execute("select id from hub.record")]
        accounts.write_reads(tx, [AccessEntry("bureau", "GET /v1/projects/x", "用途", CODE, ids)])
    small.pull(BUILD, build(2, name="对的"))
    with small.database.write() as tx:
        accounts.write_reads(tx, [AccessEntry("later", "GET /v1/projects/x", "用途", CODE, ids)])
        tx.execute("update hub.access set at = at + interval '10 seconds' where account = 'later'")
        carried = recall.find(tx, small.contracts, "name", record=RECORD, value="错的")
    assert [one.account for _, one in carried.reads] == ["bureau"]


def test_the_access_log_is_newest_first_page_by_page_whatever_the_clock_said(small: Small):
    small.pull(PLAN, plan(1))

    def reads(account: str) -> None:
        with small.database.write() as tx:
            accounts.write_reads(
                tx, [AccessEntry(account, "GET /v1/projects/x", "用途", CODE, [1])]
            )

    reads("first")
    with clock_ahead(small):
        reads("ahead")
    reads("last")
    seen, before = [], None
    with small.database.write() as tx:
        while rows := access_log.accesses(tx, AccessQuery(before=before), most=1):
            seen.append(rows[0].account)
            before = rows[0].id
        assert seen == ["last", "ahead", "first"]
        readers = lineage.of_record(
            tx, small.contracts, RECORD, rights=operator(small.contracts.entities)
        ).readers
    assert [one.account for one in readers] == ["last", "ahead", "first"]


def release_of_before(small: Small, *statements: str) -> None:
    """The database as the release before kept it, with what that would have written; then brought
    up to today.
    """
    today = (Path(versions.__file__).parent / "0024_what_made_a_version.sql").read_text(
        encoding="utf-8"
    )
    with psycopg.connect(small.url) as connection:
        for statement in (
            *statements,  # first: what notes a change to a batch reads its event_order
            "drop index hub.access_in_order, hub.batch_in_order",
            "alter table hub.batch drop column event_order",
            "drop table hub.applied_anew",
            "alter table hub.part drop column batch_id",
            "drop function hub.event_order",
        ):
            connection.execute(statement)  # type: ignore[arg-type]
        connection.execute(today)  # type: ignore[arg-type]
        connection.execute("update hub.batch set landed = null")  # as that release left them
    migrate.take_over(small.database)


def test_a_standing_database_names_again_what_made_its_versions(small: Small):
    small.pull(PLAN, plan(1))
    made, before = newest(small), now(small)
    small.pull(PLAN, plan(2))
    confirming = newest(small)
    # The release before wrote the newer landing into the version that stood.
    overwritten = "update golden.project set provenance = array_replace(provenance, {}, {})".format
    release_of_before(small, overwritten(made, confirming))
    assert then(small, before).fields["name"].landing_id == made
    assert field(small).origin.arrival.id == made  # type: ignore[union-attr]
    assert check(small) == []


def test_a_standing_database_begins_a_version_where_another_system_had_taken_over(small: Small):
    small.pull(PLAN, plan(1, money="1.5"))
    before = now(small)
    small.pull(BUILD, build(1))
    made, other = (
        int(str(row["id"])) for row in small.rows("select id from hub.landing order by id")
    )
    small.rows(f"""
        delete from source.project where system = 'plan';
        update hub.head set state = 'deleted' where flow = '{PLAN}';
        update golden.project set provenance = array_replace(provenance, {made}, {other})
            returning 1
    """)  # noqa: S608
    release_of_before(small)
    was, today = then(small, before), then(small, now(small))
    assert (was.version, was.fields["name"].value, was.fields["name"].landing_id) == (1, "甲", 0)
    assert (was.fields["investment"].value, today.fields["investment"].value) == (
        "15000.00",
        "15000.00",
    )
    assert (today.version, today.fields["name"].landing_id) == (2, other)
    # What plan alone had said was kept here and is not said; where the former version had it from
    # is not known.
    assert [one.kind for one in check(small)] == ["head", "golden", "history"]


def test_a_standing_database_applies_what_a_clock_that_was_ahead_had_called_stale(small: Small):
    with clock_ahead(small):
        small.pull(BUILD, build(1, name="错钟"))
    (head,) = small.rows("select landing_id, hash from hub.head")
    for seen, name in ((2, "漏了"), (3, "最新")):
        small.pull(BUILD, build(seen, name=name))
    # The release before called these stale, and left what stood.
    digest = bytes(head["hash"]).hex()  # type: ignore[arg-type]
    ahead = head["landing_id"]
    release_of_before(
        small,
        f"update hub.landing set disposition = 'stale' where id < {ahead}",  # noqa: S608
        f"update hub.head set landing_id = {ahead}, hash = '\\x{digest}'",  # noqa: S608
        f"update source.project set landing_id = {ahead}, name = '错钟'",  # noqa: S608
        (
            f"update golden.project set name = '错钟', provenance = array[{ahead}, "  # noqa: S608
            f"{ahead}], version = 1, batch_id = 1"
        ),
        "delete from hub.history",
        "update hub.batch set changed = 0, stale = 1 where id > 1",
        """update hub.report set counts = counts || '{"changed": 0, "stale": 1}' where run_id > 1""",
    )
    assert small.release() == 1
    assert small.golden()[CODE]["name"] == "最新"
    assert check(small) == []


NUMBERS = count(1)
ACTS = st.sampled_from(
    [
        "plan",
        "plan again",
        "plan other",
        "plan gone",
        "build",
        "build again",
        "build other",
        "decide",
        "undo",
        "remap",
    ]
)


@dataclass
class World:
    """One project, what its sources say of it, and what each of them was last told to say."""

    small: Small
    number: int
    at: int = 0
    name: str = "甲"

    @property
    def code(self) -> str:
        return f"2405-520502-04-01-2{self.number:05}"

    def do(self, act: str) -> None:
        self.at += 1
        said = {
            "id": f"x{self.number}",
            "code": self.code,
            "name": self.name,
            "at": str(self.at),
            "seen": self.at,
        }
        if act.endswith("other"):
            said["name"] = "乙" if said["name"] == "甲" else "甲"
        if act.endswith("gone"):
            said["gone"] = "1"
        database, contracts = self.small.database, self.small.contracts
        record = f"project:{self.code}"
        if act.startswith("plan"):
            self.small.pull(PLAN, Source([said]))
        elif act.startswith("build"):
            self.small.pull(BUILD, Source([said | {"start": f"2024-05-0{self.at % 3 + 1}"}]))
        elif act == "remap":
            rule = "name: {from: name," if self.at % 2 else "name: {from: [name],"
            path = "mappings/plan/project.pull.yaml"
            changed = FILES | {path: FILES[path].replace("name: {from: name,", rule)}
            self.small.contracts = contracts_of(changed)
            remap.remap(database, self.small.contracts, self.small.contracts.pulls[PLAN])
        else:
            word = FieldStatement("裁定", "zhang", "核对")
            at = now(self.small)
            try:
                if act == "decide":
                    decisions.decide(
                        database, contracts, self.small.settings, record, "name", word=word, now=at
                    )
                else:
                    decisions.undo(
                        database,
                        contracts,
                        self.small.settings,
                        record,
                        "name",
                        by="zhang",
                        reason="核对",
                    )
            except FlowError:
                pass  # there is no such record yet, or nothing to take back

    def answers(self, at: datetime) -> object:
        """All that can be asked as of a moment; `until` is said from today, and left out."""
        contracts, record = self.small.contracts, f"project:{self.code}"
        rights = operator(contracts.entities)
        with self.small.database.write() as tx:
            try:
                one = as_of.record_at(tx, contracts, record, at, rights=rights)
                project, _ = as_of.project_at(tx, contracts, self.code, at, rights=rights)
            except FlowError:
                return None
        for row in (one, *project):
            times = [
                time
                for said in row.fields.values()
                for time in (said.as_of, said.confirmed_at)
                if time
            ]
            assert all(time <= at for time in [row.since, *times])
        return replace(one, until=None), [replace(row, until=None) for row in project]

    def carried(self) -> dict[tuple[int, int], datetime]:
        """By landing and version, from when that landing's name stood."""
        contracts, found = self.small.contracts, {}
        rows = self.small.rows(
            f"select l.id from hub.landing l where l.key = 'x{self.number}' "  # noqa: S608
            f"order by hub.event_order(l.id)"
        )
        with self.small.database.write() as tx:
            for row in rows:
                try:
                    spans = recall.find(
                        tx,
                        contracts,
                        "name",
                        record=f"project:{self.code}",
                        landing_id=int(str(row["id"])),
                    ).spans
                except FlowError:
                    continue
                found |= {(int(str(row["id"])), span.version): span.since for span in spans}
        return found

    def version(self) -> object:
        """What leads to the version that stands: it is the same for as long as it stands."""
        try:
            said = field(self.small, record=f"project:{self.code}")
        except FlowError:
            return None
        origin = said.origin
        return said.head, said.value, origin and replace(origin, confirmed=None)


@pytest.fixture(scope="module")
def module_small(database_server, small_template) -> Iterator[Small]:  # type: ignore[no-untyped-def]
    with database_server.database(template=small_template) as url:
        made = Small(url, contracts_of(FILES))
        try:
            yield made
        finally:
            made.database.close()


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(acts=st.lists(ACTS, min_size=3, max_size=9))
def test_what_was_answered_at_a_moment_is_answered_of_it_for_ever(
    module_small: Small, acts: list[str]
):
    world = World(module_small, next(NUMBERS))
    asked: list[tuple[datetime, object]] = []
    carried: dict[tuple[int, int], datetime] = {}
    stood: list[Any] = []
    for act in acts:
        world.do(act)
        at = now(module_small)
        asked.append((at, world.answers(at)))
        again = world.carried()
        assert {key: since for key, since in again.items() if key in carried} == carried
        carried = again
        stood.append(world.version())
    for at, answer in asked:
        assert world.answers(at) == answer
    by_version: dict[int, object] = {}
    for one in stood:
        if one is not None:
            assert by_version.setdefault(one[0].version, one) == one
    assert check(module_small) == []
