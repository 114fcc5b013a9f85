"""A list inside a record is taken apart: each element goes its own way, and all of them are
counted.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.auth.context import operating
from hub.db import migrate
from hub.db.runs import reading
from hub.domain.rights import Rights, operator
from hub.model import Json
from hub.pipeline import remap, seal
from hub.pipeline.verify import verify
from hub.services import balance, dry_run, erasure, findings, lineage, overview
from hub.services.lineage import as_of, prov
from tests.contexts import asking
from tests.filled import CODE, Filled, payload
from tests.pipeline.conftest import Small, contracts_of
from tests.pipeline.partners import Source
from tests.pipeline.small import FILES, FLAG, NO_FLAG
from tests.pipeline.test_held_persons import kept
from tests.pipeline.test_reconcile import Plan, compared
from tests.postgres import DatabaseServer

PROJECT, OWNER = "pull.plan.project", "pull.plan.owner"
A, B, C, D = "91A", "91B", "91C", "91D"

SCHEMA = """{
  "$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "urn:onecode:owner", "title": "Owner",
  "x-title-zh": "业主", "type": "object", "additionalProperties": false, "x-key": ["project_code", "number"],
  "x-authority": ["plan"], "required": ["number"],
  "properties": {
    "project_code": {"title": "Project code", "x-title-zh": "项目代码", "type": "string", "x-class": "public",
                     "x-rule": "project-code", "x-standard": "SPGL_XMJBXXB.XMDM"},
    "number": {"title": "Number", "x-title-zh": "编号", "type": "string", "x-class": "public", "x-standard": null,
               "x-why": "only in this small world"},
    "name": {"title": "Name", "x-title-zh": "名称", "type": "string", "x-class": "personal", "maxLength": 6,
             "x-standard": null, "x-why": "only in this small world"},
    "plot": {"title": "Plot", "x-title-zh": "地块", "type": "string", "x-class": "public", "x-identifies": "plot",
             "x-standard": null, "x-why": "only in this small world"}
  }}"""

PULL = """
entity: owner
format: json
read: {resource: owned}
version: at
version_as: integer
overlap: 0
each: {at: owners, as: owner, empty: none}
key: [id, owner.no]
ignore: [fetched, owner.seen]
deleted_when: {gone: "1"}
skip_when: {test_project: {test: "1"}}
secret: {none: this made-up office holds none}
fields:
  project_code: {from: code, use: [trim]}
  number: {from: owner.no, use: [trim]}
  name: {from: owner.name, use: [trim]}
  plot: {from: owner.plot, use: [trim]}
"""
SINGLE = (
    PULL.replace("each: {at: owners, as: owner, empty: none}\nkey: [id, owner.no]", "key: [id]")
    .replace("owner.seen", "owners.seen")
    .replace("from: owner.no,", 'from: "owners[0].no",')
    .replace("from: owner.name,", 'from: "owners[0].name",')
    .replace("from: owner.plot,", 'from: "owners[0].plot",')
)
"""The same while it took the first owner only."""

ALL = FILES | {"schemas/owner.json": SCHEMA, "mappings/plan/owner.pull.yaml": PULL}


def code(number: int) -> str:
    return f"2405-520502-04-01-1{number:05}"


def owner(no: str, **more: Json) -> dict[str, Json]:
    return {"no": no, "name": f"业主{no}", **more}


def whole(number: int, *owners: Json, at: int = 1, **more: Json) -> dict[str, Json]:
    return {"id": f"w{number}", "code": code(number), "owners": list(owners), "at": at, **more}


class Owned(Small):
    """The small world with owners, and its project known."""

    def owners(self, *rows: dict[str, Json] | bytes, size: int = 100) -> dict[str, int]:
        """Pull these wholes; give the sums of the outcomes, those of parts among them."""
        return self.pull(OWNER, Source(list(rows), size=size))

    def sums(self, run: int) -> dict[str, int]:
        sums = super().sums(run)
        names = (
            "parts",
            *(
                f"parts_{name}"
                for name in ("created", "changed", "unchanged", "deleted", "waiting", "quarantined")
            ),
        )
        columns = ", ".join(f"coalesce(sum({name}), 0)::int as {name}" for name in names)
        (row,) = self.rows(f"select {columns} from hub.batch where run_id = {run}")  # noqa: S608
        return sums | {name: count for name, count in row.items() if count}

    def again(self, **selection: object) -> dict[str, int]:
        """Replay; the sums of the run."""
        return self.sums(self.replay(**selection).runs[0])

    def standing(self) -> dict[str, str]:
        """Number and name of the owners that stand."""
        rows = self.golden("owner").values()
        return {str(row["number"]): str(row["name"]) for row in rows if row["deleted_at"] is None}

    def open(self) -> list[tuple[str, str]]:
        rows = self.rows("select key, cause from hub.quarantine where state = 'open' order by key")
        return [(str(row["key"]), str(row["cause"])) for row in rows]

    def sound(self, *, but: frozenset[str] = frozenset()) -> bool:
        """Whether everything can be made again from what has landed; but: what a test itself does
        to the database.
        """
        found = verify(self.database, self.contracts, self.settings)
        assert [one for one in found.findings if one.kind not in but] == []
        return True


@pytest.fixture(scope="module")
def owned_template(database_server: DatabaseServer) -> Iterator[str]:
    with database_server.database() as url:
        migrate.migrate(url, contracts_of(ALL).entities.values(), key=b"test")
        made = Small(url, contracts_of(ALL))
        projects = [
            {"id": f"p{n}", "code": code(n), "name": f"项目{n}", "at": 1} for n in range(1, 6)
        ]
        made.pull(PROJECT, Source(projects))
        made.database.close()
        yield url.rsplit("/", 1)[1]


@pytest.fixture
def owned(database_server: DatabaseServer, owned_template: str) -> Iterator[Owned]:
    with database_server.database(template=owned_template) as url:
        made = Owned(url, contracts_of(ALL))
        try:
            yield made
        finally:
            made.database.close()


def test_each_element_of_a_list_becomes_a_record(owned: Owned):
    sums = owned.owners(whole(1, owner(A), owner(B)), whole(2, owner(A)))
    assert sums == {"read": 2, "exploded": 2, "parts": 3, "parts_created": 3}
    assert set(owned.golden("owner")) == {f"{code(1)}|{A}", f"{code(1)}|{B}", f"{code(2)}|{A}"}
    assert owned.sound()


def test_the_same_whole_again_is_unchanged_and_touches_no_part(owned: Owned):
    rows = [whole(1, owner(A), owner(B))]
    owned.owners(*rows)
    assert owned.owners(*rows) == {"read": 1, "unchanged": 1}
    seen = [whole(1, owner(A, seen="later"), owner(B), fetched="later")]
    assert owned.owners(*seen) == {"read": 1, "unchanged": 1}


def test_a_part_that_the_newer_version_no_longer_lists_is_deleted(owned: Owned):
    owned.owners(whole(1, owner(A), owner(B)))
    sums = owned.owners(whole(1, owner(B), owner(C), at=2))
    assert sums == {
        "read": 1,
        "exploded": 1,
        "parts": 3,
        "parts_created": 1,
        "parts_unchanged": 1,
        "parts_deleted": 1,
    }
    assert set(owned.standing()) == {B, C}
    assert owned.sound()


def test_a_part_that_is_listed_again_keeps_its_record(owned: Owned):
    owned.owners(whole(1, owner(A), owner(B)))
    before = owned.golden("owner")[f"{code(1)}|{B}"]["record_id"]
    owned.owners(whole(1, owner(A), at=2))
    owned.owners(whole(1, owner(A), owner(B), at=3))
    assert owned.golden("owner")[f"{code(1)}|{B}"]["record_id"] == before
    assert set(owned.standing()) == {A, B}
    assert owned.sound()


def test_a_whole_without_parts_is_empty_and_takes_its_parts_back(owned: Owned):
    owned.owners(whole(1, owner(A)))
    assert owned.owners(whole(1, at=2)) == {"read": 1, "empty": 1, "parts": 1, "parts_deleted": 1}
    assert owned.owners({"id": "w2", "code": code(2), "at": 1}) == {"read": 1, "empty": 1}
    assert owned.standing() == {}
    assert owned.sound()


def test_an_older_version_is_stale_with_all_its_parts(owned: Owned):
    owned.owners(whole(1, owner(A), at=5))
    assert owned.owners(whole(1, owner(A, name="旧"), owner(B), at=4)) == {"read": 1, "stale": 1}
    assert owned.standing() == {A: f"业主{A}"}


def test_of_one_whole_in_a_batch_the_newest_version_counts(owned: Owned):
    rows = [whole(1, owner(A), at=1), whole(1, owner(B), at=3), whole(1, owner(C), at=2)]
    assert owned.owners(*rows) == {
        "read": 3,
        "superseded": 2,
        "exploded": 1,
        "parts": 1,
        "parts_created": 1,
    }
    assert set(owned.standing()) == {B}


def test_a_batch_that_ends_in_what_stands_changes_no_part(owned: Owned):
    first, other = whole(1, owner(A)), whole(1, owner(B))
    owned.owners(first)
    assert owned.owners(other, first) == {"read": 2, "superseded": 1, "unchanged": 1}
    assert set(owned.standing()) == {A}


def test_a_deleted_and_a_filtered_whole_take_their_parts_back(owned: Owned):
    owned.owners(whole(1, owner(A), owner(B)), whole(2, owner(C)))
    sums = owned.owners(whole(1, owner(A), at=2, gone="1"), whole(2, owner(C), at=2, test="1"))
    assert sums == {"read": 2, "deleted": 2, "parts": 3, "parts_deleted": 3}
    assert owned.standing() == {}
    assert owned.owners(whole(3, owner(A), test="1")) == {"read": 1, "ignored": 1}
    assert owned.sound()


def test_a_bad_part_is_set_aside_alone_and_the_good_one_stands(owned: Owned):
    sums = owned.owners(whole(1, owner(A, name="太长的名字不能用"), owner(B)))
    assert sums == {
        "read": 1,
        "exploded": 1,
        "parts": 2,
        "parts_created": 1,
        "parts_quarantined": 1,
    }
    assert owned.open() == [(f"w1|{A}", "record.too_long /owners/*/name")]
    (entry,) = owned.rows("select faults from hub.quarantine")
    assert entry["faults"][0]["pointer"] == "/owners/0/name"
    assert set(owned.standing()) == {B}
    assert owned.sound()


def test_a_bad_part_keeps_its_former_version_until_a_good_one_comes(owned: Owned):
    owned.owners(whole(1, owner(A), owner(B)))
    owned.owners(whole(1, owner(A, name="太长的名字不能用"), owner(B), at=2))
    assert owned.standing() == {A: f"业主{A}", B: f"业主{B}"}
    owned.owners(whole(1, owner(A, name="新"), owner(B), at=3))
    assert owned.standing() == {A: "新", B: f"业主{B}"}
    assert owned.open() == []
    assert owned.sound()


def test_a_part_without_a_key_stands_at_its_place_and_gives_way_to_a_named_one(owned: Owned):
    sums = owned.owners(whole(1, {"name": "无名"}, owner(B)))
    assert sums == {
        "read": 1,
        "exploded": 1,
        "parts": 2,
        "parts_created": 1,
        "parts_quarantined": 1,
    }
    (entry,) = owned.rows("select faults from hub.quarantine")
    assert [(one["pointer"], one["code"]) for one in entry["faults"]] == [
        ("/owners/0/no", "record.key_missing")
    ]
    owned.owners(whole(1, owner(A), owner(B), at=2))
    assert (owned.open(), set(owned.standing())) == ([], {A, B})
    assert owned.sound()


def test_two_parts_of_one_key_are_both_set_aside(owned: Owned):
    sums = owned.owners(whole(1, owner(A), owner(A, name="又"), owner(B)))
    assert sums == {
        "read": 1,
        "exploded": 1,
        "parts": 3,
        "parts_created": 1,
        "parts_quarantined": 2,
    }
    assert {cause for _, cause in owned.open()} == {"record.part_twice /owners/*"}
    assert set(owned.standing()) == {B}
    assert owned.again()["parts_quarantined"] == 2
    owned.owners(whole(1, owner(A), owner(B), at=2))
    assert (owned.open(), set(owned.standing())) == ([], {A, B})
    assert owned.sound()


@pytest.mark.parametrize("said", ["text", {"no": A}, 5])
def test_what_is_no_list_is_a_fault_of_the_whole(owned: Owned, said: Json):
    owned.owners(whole(1, owner(A)))
    assert owned.owners(whole(1, at=2) | {"owners": said}) == {"read": 1, "quarantined": 1}
    assert owned.open() == [("w1", "record.no_list /owners")]
    assert set(owned.standing()) == {A}
    assert owned.sound()
    owned.owners(whole(1, owner(B), at=3))
    assert (owned.open(), set(owned.standing())) == ([], {B})
    assert owned.sound()


def test_more_parts_than_the_mapping_allows_are_a_fault_of_the_whole(owned: Owned):
    owned.contracts = contracts_of(
        ALL
        | {"mappings/plan/owner.pull.yaml": PULL.replace("empty: none}", "empty: none, most: 2}")}
    )
    assert owned.owners(whole(1, owner(A), owner(B), owner(C))) == {"read": 1, "quarantined": 1}
    assert owned.open() == [("w1", "record.parts_too_many /owners")]


def test_a_list_that_must_not_be_empty_is_a_fault_when_it_is(owned: Owned):
    owned.contracts = contracts_of(
        ALL | {"mappings/plan/owner.pull.yaml": PULL.replace("none}", "fault}")}
    )
    assert owned.owners(whole(1)) == {"read": 1, "quarantined": 1}
    assert owned.open() == [("w1", "record.list_empty /owners")]


def test_a_bad_part_is_replayed_alone_under_a_mended_contract(owned: Owned):
    owned.owners(whole(1, owner(A, name="太长的名字不能用"), owner(B)))
    owned.contracts = contracts_of(
        ALL | {"schemas/owner.json": SCHEMA.replace('"maxLength": 6', '"maxLength": 60')}
    )
    assert owned.again() == {"parts": 1, "parts_created": 1}
    assert set(owned.standing()) == {A, B}
    (row,) = owned.rows("select state from hub.quarantine")
    assert row["state"] == "resolved"


def test_a_replay_brings_no_part_back_that_a_newer_whole_no_longer_lists(owned: Owned):
    owned.owners(whole(1, owner(A, name="太长的名字不能用"), owner(B)))
    owned.owners(whole(1, owner(B), at=2))
    owned.contracts = contracts_of(
        ALL | {"schemas/owner.json": SCHEMA.replace('"maxLength": 6', '"maxLength": 60')}
    )
    assert owned.open() == []
    assert owned.replay().applied == 0
    assert set(owned.standing()) == {B}


def test_a_whole_and_an_older_part_of_it_can_be_replayed_together(owned: Owned):
    owned.owners(whole(1, owner(A, name="太长的名字不能用"), owner(B)))
    owned.owners(whole(1, owner(C), at=2) | {"owners": {"no": C}})
    assert [key for key, _ in owned.open()] == ["w1", f"w1|{A}"]
    assert owned.again() == {"read": 1, "quarantined": 1, "parts": 1, "parts_quarantined": 1}
    assert owned.sound()


def test_parts_wait_each_for_its_own_project_and_are_released_alone(owned: Owned):
    sums = owned.owners(whole(9, owner(A), owner(B)))
    assert sums == {"read": 1, "exploded": 1, "parts": 2, "parts_waiting": 2}
    owned.pull(PROJECT, Source([{"id": "p9", "code": code(9), "name": "项目9", "at": 2}]))
    assert owned.release() == 0
    assert set(owned.standing()) == {A, B}
    (run,) = owned.rows("select max(id) as id from hub.run where kind = 'release'")
    assert owned.sums(int(str(run["id"]))) == {"parts": 2, "parts_created": 2}
    assert owned.sound()


def test_parts_that_wait_are_taken_back_with_their_whole(owned: Owned):
    owned.owners(whole(9, owner(A), owner(B)))
    owned.owners(whole(9, owner(B), at=2))
    assert [row["key"] for row in owned.rows("select key from hub.waiting")] == [f"w9|{B}"]
    assert owned.owners(whole(9, at=3, gone="1")) == {
        "read": 1,
        "deleted": 1,
        "parts": 1,
        "parts_deleted": 1,
    }
    assert owned.rows("select from hub.waiting") == []
    assert owned.sound()


def test_each_part_finds_its_project_by_its_own_number(owned: Owned):
    permit = {"number": "P1", "code": code(1), "plot": "地块1"}
    owned.pull(
        "pull.build.permit", Source([permit, {"number": "P2", "code": code(2), "plot": "地块2"}])
    )
    row = {
        "id": "w7",
        "at": 1,
        "owners": [owner(A, plot="地块1"), owner(B, plot="地块2"), owner(C, plot="地块3")],
    }
    assert owned.owners(row)["parts_created"] == 2
    assert {key.split("|")[0] for key in owned.golden("owner")} == {code(1), code(2)}
    assert owned.sound()
    owned.pull("pull.build.permit", Source([permit | {"code": code(3)}]))
    owned.release()
    standing = {key for key, row in owned.golden("owner").items() if row["deleted_at"] is None}
    assert standing == {f"{code(3)}|{A}", f"{code(2)}|{B}"}
    assert owned.sound()


def test_a_remap_takes_whole_records_apart_that_were_single_before(owned: Owned):
    each, owned.contracts = (
        owned.contracts,
        contracts_of(ALL | {"mappings/plan/owner.pull.yaml": SINGLE}),
    )
    assert owned.owners(whole(1, owner(A), owner(B))) == {"read": 1, "created": 1}
    assert set(owned.standing()) == {A}
    assert owned.sound()
    owned.contracts, before = each, owned.contracts
    run = remap.remap(owned.database, owned.contracts, owned.contracts.pulls[OWNER])
    assert owned.sums(run) == {"read": 1, "exploded": 1, "parts": 2, "parts_created": 2}
    assert set(owned.standing()) == {A, B}
    assert owned.sound()
    owned.contracts = before
    run = remap.remap(owned.database, owned.contracts, owned.contracts.pulls[OWNER])
    assert owned.sums(run) == {"read": 1, "created": 1, "parts": 2, "parts_deleted": 2}
    assert set(owned.standing()) == {A}
    assert owned.sound()


def test_a_pull_under_a_contract_that_takes_apart_needs_no_remap(owned: Owned):
    each, owned.contracts = (
        owned.contracts,
        contracts_of(ALL | {"mappings/plan/owner.pull.yaml": SINGLE}),
    )
    owned.owners(whole(1, owner(A), owner(B)))
    owned.contracts = each
    assert owned.owners(whole(1, owner(A), owner(B)))["parts_created"] == 2
    assert set(owned.standing()) == {A, B}
    assert owned.sound()


def test_a_remap_under_another_key_moves_the_parts(owned: Owned):
    owned.owners(whole(1, owner(A), owner(B, name="太长的名字不能用")))
    owned.contracts = contracts_of(
        ALL | {"mappings/plan/owner.pull.yaml": PULL.replace("[id, owner.no]", "[code, owner.no]")}
    )
    remap.remap(owned.database, owned.contracts, owned.contracts.pulls[OWNER])
    assert owned.open() == [(f"{code(1)}|{B}", "record.too_long /owners/*/name")]
    assert set(owned.standing()) == {A}
    assert {
        row["key"] for row in owned.rows("select key from hub.head where flow = 'pull.plan.owner'")
    } == {
        code(1),
        f"{code(1)}|{A}",
        f"{code(1)}|{B}",
    }
    assert owned.sound()


def test_a_rehearsal_says_what_would_become_of_the_parts(owned: Owned):
    owned.owners(whole(1, owner(A), owner(B, name="太长的名字不能用")))
    then = contracts_of(
        ALL | {"schemas/owner.json": SCHEMA.replace('"maxLength": 6', '"maxLength": 60')}
    )
    rights = operator(then.entities)
    found = dry_run.rehearse(owned.database, owned.contracts, then, name=OWNER, rights=rights)
    assert (found.read, found.outcomes, found.parts) == (1, {"exploded": 1}, {"current": 2})
    assert found.accepted == {"record.too_long /owners/*/name": 1}
    assert (found.created, found.changed, found.withdrawn) == (1, 0, 0)


def test_a_comparison_lists_wholes_and_a_missing_one_takes_its_parts_back(owned: Owned):
    rows = [whole(n, owner(A), owner(B)) for n in range(1, 4)]
    source = Plan(rows)
    owned.pull(OWNER, source)
    owned.with_settings(reconcile_absences=1)
    assert compared(owned, OWNER, source) == {"same": 3}
    source.rows = rows[1:]
    assert compared(owned, OWNER, source) == {"same": 2, "missing_there": 1}
    assert len(owned.standing()) == 2
    assert {
        key.split("|")[0] for key, row in owned.golden("owner").items() if row["deleted_at"] is None
    } == {
        code(2),
        code(3),
    }
    assert owned.sound()


def test_what_is_erased_of_one_part_leaves_what_the_others_say(owned: Owned):
    owned.owners(whole(1, owner(A), owner(B)))
    record = owned.golden("owner")[f"{code(1)}|{A}"]["record_id"]
    erasure.erase_record(owned.database, owned.contracts, str(record), by="王工", reason="请求")
    assert (
        owned.rows("select from hub.landing where flow = 'pull.plan.owner' and payload is not null")
        == []
    )
    assert owned.standing() == {A: "None", B: f"业主{B}"}
    assert owned.sound()
    owned.owners(whole(1, owner(A), at=2))
    assert set(owned.standing()) == {A}


def test_a_batch_whose_parts_do_not_balance_cannot_be_written(owned: Owned):
    owned.owners(whole(1, owner(A)))
    with pytest.raises(Exception, match="conservation_of_parts"):
        owned.rows("update hub.batch set parts = parts + 1 where parts > 0 returning id")


def test_seals_cover_the_outcomes_of_parts(owned: Owned):
    owned.owners(whole(1, owner(A)))
    seal.seal(owned.database, owned.settings)
    assert owned.sound()
    owned.rows(
        "update hub.batch set parts_changed = 1, parts_created = 0 where parts = 1 returning id"
    )
    found = verify(owned.database, owned.contracts, owned.settings)
    assert {one.kind for one in found.findings} == {"seal"}


KINDS = st.sampled_from(["good", "good", "good", "bad", "gone", "wrong"])
VERSIONS = st.lists(
    st.tuples(
        st.integers(1, 3),
        st.integers(1, 6),
        st.lists(st.sampled_from([A, B, C, D]), max_size=4),
        KINDS,
    ),
    min_size=1,
    max_size=12,
)


def test_in_whatever_order_versions_come_the_parts_are_those_of_the_newest_whole(owned: Owned):
    tries = iter(range(1_000))
    # Versions are made up at random: no change of their shape is to hold them.
    loose = PULL + "shape: {gone: ignore, retyped: ignore, header: ignore, emptied: ignore}\n"
    owned.contracts = contracts_of(ALL | {"mappings/plan/owner.pull.yaml": loose})

    @settings(max_examples=25, deadline=None, database=None)
    @given(versions=VERSIONS, size=st.integers(1, 5))
    def holds(versions: list[tuple[int, int, list[str], str]], size: int) -> None:
        turn = next(tries)  # wholes and owners of its own, in the same database
        said = {(number, at): (owners, kind) for number, at, owners, kind in reversed(versions)}
        owned.with_settings(batch_records=size)
        owned.owners(
            *(_told(turn, number, at, *said[number, at]) for number, at, _, _ in versions),
            size=size,
        )
        rows = owned.golden("owner").values()
        stands = {
            (str(row["project_code"]), str(row["number"])): row["name"]
            for row in rows
            if not row["deleted_at"]
        }
        for number in {number for number, _ in said}:
            at = max(at for of, at in said if of == number)
            owners, kind = said[number, at]
            here = {no for no in (A, B, C, D) if (code(number), f"{turn}{no}") in stands}
            once = {no for no in owners if owners.count(no) == 1}
            if kind == "good":
                assert {no: stands.get((code(number), f"{turn}{no}")) for no in once} == {
                    no: f"{no}{at}" for no in once
                }
            if kind != "wrong":
                assert here <= (set() if kind == "gone" else set(owners))

    holds()
    assert owned.sound()


def _told(turn: int, number: int, at: int, owners: list[str], kind: str) -> dict[str, Json]:
    """A version of a whole. What is bad is set aside: a former version of that part may stand."""
    names = "太长的名字不能用" if kind == "bad" else ""
    row = whole(number, *(owner(f"{turn}{no}", name=names or f"{no}{at}") for no in owners), at=at)
    row["id"] = f"w{turn}.{number}"
    return (
        row
        | ({"gone": "1"} if kind == "gone" else {})
        | ({"owners": "?"} if kind == "wrong" else {})
    )


def test_a_run_says_what_became_of_parts_and_which_lists_nobody_read(owned: Owned):
    owned.owners(whole(1, owner(A), owner(B), papers=["a", "b"]), whole(2, papers=["a"]))
    with owned.database.write() as tx:
        (row, *_) = reading.run_rows(tx, flow=OWNER)
        (batch,) = reading.batches(tx, row.id)
    (found,) = findings.listed(asking(owned), flow=OWNER)
    (noted,) = findings.noted(asking(owned))
    (urgent,) = overview.look(asking(owned)).urgent
    lines = balance.balance(asking(owned)).rows
    assert {name: count for name, count in row.parts.items() if count} == {
        "parts": 2,
        "parts_created": 2,
    }
    assert (batch.parts, row.balanced, row.notes) == (
        row.parts,
        True,
        {"record.list_unread /papers": 1},
    )
    assert (found.code, found.pointer, found.times, found.example) == (
        "record.list_unread",
        "/papers",
        1,
        "w1",
    )
    assert (noted.flow, noted.code, noted.place, noted.times, noted.run_id) == (
        *(OWNER, "record.list_unread", "/papers", 1),
        row.id,
    )
    assert (urgent.subject, urgent.told.code, urgent.flow) == (
        "finding",
        "alert.list_unread",
        OWNER,
    )
    (line,) = (line for line in lines if line.entity == "owner")
    assert (line.parts["parts"], line.parts["parts_created"], line.balanced) == (2, 2, True)


def test_a_list_that_is_read_at_last_is_no_finding_any_more(owned: Owned):
    owned.owners(whole(1, owner(A), papers=["a", "b"]))
    owned.contracts = contracts_of(
        ALL | {"mappings/plan/owner.pull.yaml": PULL.replace("[fetched,", "[papers, fetched,")}
    )
    remap.remap(owned.database, owned.contracts, owned.contracts.pulls[OWNER])
    assert findings.listed(asking(owned), flow=OWNER) == []


def test_lineage_names_the_part_that_a_value_was_read_from(owned: Owned):
    owned.owners(whole(1, owner(A), owner(B)))
    owned.owners(whole(1, owner(C), owner(B), owner(A), at=2))
    record = f"owner:{code(1)}|{B}"
    rights = Rights.of("administrator", [("owner", ("public", "internal", "personal"), (), False)])
    with owned.database.write() as tx:
        field = lineage.of_field(tx, owned.contracts, record, "name", rights=rights)
        whole_ = lineage.of_record(tx, owned.contracts, record, rights=rights)
        then = as_of.record_at(tx, owned.contracts, record, datetime.now(UTC), rights=rights)
    assert field.origin is not None
    assert (field.origin.arrival.pointer, field.origin.source) == (
        "/owners/1",
        {"owner.name": f"业主{B}"},
    )
    assert [(claim.source_key, claim.pointer, claim.won) for claim in field.claims] == [
        (f"w1|{B}", "/owners/1", True)
    ]
    assert {arrival.pointer for arrival in whole_.arrivals} == {"/owners/1"}
    assert {said.pointer for said in then.fields.values()} == {"/owners/1"}
    (part,) = (name for name in prov.of_record(whole_)["entity"] if name.endswith("/owners/1"))
    assert {"prov:collection": part.removesuffix("/owners/1"), "prov:entity": part} in list(
        prov.of_record(whole_)["hadMember"].values()
    )


def test_both_owners_of_a_project_arrive(filled: Filled):
    said = payload("pull.investment.participant", 3, xmdm=CODE)
    run = filled.pull("pull.investment.participant", said)
    assert filled.counts(run) == {"read": 1, "exploded": 1}
    rows = filled.rows(
        "select name, uscc from golden.participant where role = '1' and deleted_at is null "
        "order by name"
    )
    assert [(row["name"], row["uscc"]) for row in rows] == [
        ("贵州天健恒信实业有限公司", "91520100TH249B0XBQ"),
        ("贵州鑫源城市建设投资有限责任公司", "91520100MA6DJ3T98Q"),
    ]
    filled.pull(
        "pull.investment.project",
        payload("pull.investment.project", xmdm=CODE, lerepInfo=said["lerepInfo"]),
    )
    found = findings.listed(operating(filled.hub, "tester"), flow="pull.investment.project")
    assert "/lerepInfo" not in {one.pointer for one in found}


RELEASE_OF_BEFORE = """
    drop table hub.part;
    alter table hub.head drop column whole, drop column pointer, drop column findings;
    alter table hub.batch drop column exploded, drop column empty, drop column notes,
        drop column parts,
        drop column parts_created, drop column parts_changed, drop column parts_unchanged,
            drop column parts_deleted,
        drop column parts_waiting, drop column parts_quarantined;
    alter table hub.batch drop constraint if exists conservation;
    alter table hub.batch add constraint conservation check (read = created + changed + unchanged +
        deleted + superseded
                                                             + stale + ignored + quarantined +
                                                                 waiting);
"""


def test_a_standing_database_is_carried_over_with_its_records_and_seals(owned: Owned):
    each, owned.contracts = (
        owned.contracts,
        contracts_of(ALL | {"mappings/plan/owner.pull.yaml": SINGLE}),
    )
    owned.owners(whole(1, owner(A), owner(B)), whole(2, owner(A)))
    seal.seal(owned.database, owned.settings)
    migration = (Path(migrate.__file__).parent / "migrations/versions/0029_parts.sql").read_text(
        encoding="utf-8"
    )
    with psycopg.connect(owned.url) as connection:
        connection.execute(RELEASE_OF_BEFORE)
        connection.execute(migration)  # type: ignore[arg-type]
        connection.execute("alter table hub.part add column batch_id bigint not null")
    own = frozenset({"act", "structure"})
    assert owned.sound(but=own)
    owned.contracts = each
    remap.remap(owned.database, owned.contracts, owned.contracts.pulls[OWNER])
    seal.seal(owned.database, owned.settings)
    assert len(owned.golden("owner")) == 3
    assert owned.sound(but=own)


def test_codes_in_the_elements_of_a_list_are_watched_like_those_of_the_whole():
    kind = (
        '"kind": {"title": "Kind", "x-title-zh": "类别", "type": "string", "x-class": "public", '
        '"x-code": "kind", '
    )
    coded = ALL | {
        "schemas/owner.json": SCHEMA.replace(
            '"plot":', kind + '"x-standard": null, "x-why": "only here"}, "plot":'
        ),
        "mappings/plan/owner.pull.yaml": PULL + "  kind: {from: owner.kind, use: [trim]}\n",
        "mappings/codes/kind.yaml": (
            "title: {zh: 类, en: Kind}\nsource: test\nvalues: {a: {zh: 甲, en: a}}\n"
        ),
    }
    codes = contracts_of(coded).pulls[OWNER].watched.codes
    assert codes["owners.kind"].known == {"a"}
    assert list(
        codes["owners.kind"].read(whole(1, owner(A, kind=" a "), owner(B, kind="新"), owner(C)))
    ) == ["a", "新"]
    assert list(codes["owners.kind"].read({"owners": "none"})) == []


def test_parts_of_a_record_that_turns_secret_go_with_it(owned: Owned):
    owned.contracts = contracts_of(
        ALL | {"mappings/plan/owner.pull.yaml": PULL.replace(NO_FLAG, FLAG)}
    )
    first, second = owner("1"), owner("2", name="秘密甲")
    assert owned.owners(whole(1, first, second, secrecy="0"))["exploded"] == 1
    assert len(owned.rows("select from source.owner")) == 2
    turned = owned.owners(whole(1, first, second | {"secrecy": "2"}, secrecy="0"))
    assert (turned["read"], turned["quarantined"]) == (1, 1)
    assert (owned.rows("select from source.owner"), kept(owned, "秘密甲"), owned.sound()) == (
        [],
        [],
        True,
    )
    assert owned.owners(whole(1, first, second, secrecy="0", at=2))["exploded"] == 1
    assert len(owned.rows("select from source.owner")) == 2
