"""What must be forgotten is nowhere any more, and all that is left still proves and adds up."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from hub.auth.context import operating
from hub.db import records
from hub.db.access.accounts import Account
from hub.db.quarantine import Selection
from hub.domain.rights import operator
from hub.errors import FlowError
from hub.pipeline import disputes, remap, seal, verify
from hub.pipeline.disputes import Complaint
from hub.services import erasure as erase
from tests.filled import CODE, Filled, filled, filled_template, payload

__all__ = ["filled", "filled_template"]

FLOW = "pull.approval.participant"
PHONE, PERSON = "13800003503", "manager_phone"


def kept(filled: Filled, text: str) -> list[str]:
    """Every table of the hub that holds this text anywhere."""
    tables = filled.rows("""
        select format('%I.%I', n.nspname, c.relname) as name
          from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname in ('hub', 'source', 'golden') and c.relkind in ('r', 'p')
             and not c.relispartition
    """)
    found = []
    for table in (str(row["name"]) for row in tables):
        columns = "convert_from(t.payload, 'UTF8')" if table == "hub.landing" else "t::text"
        (row,) = filled.rows(
            f"select exists (select from {table} t where {columns} like '%{text}%') as held"  # noqa: S608
        )
        if row["held"]:
            found.append(table)
    return sorted(found)


def person(filled: Filled, **changes: str) -> dict[str, object]:
    return payload(FLOW, xmdm=CODE, gcdm=f"{CODE}-001", dwlx=2) | changes


def test_a_person_is_nowhere_any_more_once_the_record_is_erased(filled: Filled):
    hub = filled.hub
    said = person(filled)
    newer = said | {"lsh": str(int(str(said["lsh"])) + 1), "fzrlxdh": "13900000000"}
    filled.pull(FLOW, newer)
    filled.pull(FLOW, newer | {"lsh": str(int(str(said["lsh"])) + 2), "zzdj": "甲级"})
    hub.seal()
    assert set(kept(filled, PHONE)) == {"hub.landing", "hub.history"}
    assert set(kept(filled, "13900000000")) == {
        *("hub.landing", "hub.history", "source.participant", "golden.participant"),
    }
    record = filled.record("participant")
    done = erase.erase(operating(hub, "zhang"), record=str(record), reason="当事人申请")
    assert done.payloads == 3
    assert kept(filled, PHONE) == kept(filled, "13900000000") == []
    (golden,) = filled.rows("select manager_phone, name, version from golden.participant")
    assert (golden["manager_phone"], golden["name"] is not None, golden["version"]) == (
        None,
        True,
        4,
    )
    (erasure,) = filled.rows(
        "select record_id, cardinality(landing_ids) as n, reason, erased_by from hub.erasure"
    )
    assert erasure == {"record_id": record, "n": 3, "reason": "当事人申请", "erased_by": "zhang"}
    found = hub.verify()
    assert (found.findings, found.checked["erased"]) == ([], 3)
    assert filled.counts(done.run_id) == {}


def test_a_person_in_dispute_is_forgotten_too(filled: Filled):
    hub = filled.hub
    filled.pull(FLOW, person(filled))
    record = str(filled.record("participant"))
    somebody = Account("zhang", "department", "某单位", datetime.now(UTC), None)
    complaint = Complaint(record, PERSON, "号码已停用", proposed="13900000009")
    rights = operator(hub.contracts.entities)
    with hub.database.write() as tx:
        made = disputes.open_dispute(
            tx, hub.contracts, complaint, by=somebody, rights=rights, now=datetime.now(UTC)
        )
    assert "hub.dispute" in kept(filled, PHONE)
    erase.erase(operating(hub, "zhang"), record=record, reason="当事人申请")
    assert kept(filled, PHONE) == kept(filled, "13900000009") == []
    with hub.database.write() as tx:
        assert disputes.case_of(tx, made).reason == "号码已停用"


def test_the_same_payload_that_comes_again_brings_nothing_back(filled: Filled):
    erase.erase(
        operating(filled.hub, "zhang"), record=str(filled.record("participant")), reason="申请"
    )
    assert filled.counts(filled.pull(FLOW, person(filled))) == {"read": 1, "unchanged": 1}
    filled.execute("insert into hub.contract_version (hash, flow, body) values ('old', 'x', '{}')")
    filled.execute("update hub.head set contract_id = (select max(id) from hub.contract_version)")
    run = remap.remap(filled.hub.database, filled.hub.contracts, filled.hub.contracts.pulls[FLOW])
    assert filled.counts(run) == {}
    assert kept(filled, PHONE) == []


def test_one_payload_is_erased_and_what_was_made_of_it_stands(filled: Filled):
    hub = filled.hub
    (bad,) = filled.rows("select landing_id as id from hub.quarantine")
    erase.erase(operating(hub, "zhang"), landing_id=int(str(bad["id"])), reason="误传")
    (entry,) = filled.rows("select state, cause, closed_by, faults from hub.quarantine")
    assert (entry["state"], entry["closed_by"]) == ("discarded", "zhang")
    assert "约3.5亿元" not in str(entry["faults"])
    assert hub.replay(Selection()).applied == 0
    (good,) = filled.rows("select landing_id as id from source.participant")
    erase.erase(operating(hub, "zhang"), landing_id=int(str(good["id"])), reason="误传")
    assert filled.rows("select manager_phone from golden.participant") == [{"manager_phone": PHONE}]
    seal.seal(hub.database, hub.settings)
    found = verify.verify(hub.database, hub.contracts, hub.settings)
    assert (found.findings, found.checked["erased"]) == ([], 2)


def test_what_waits_or_does_not_exist_is_not_erased(filled: Filled):
    hub = filled.hub
    filled.pull(
        "pull.approval.material",
        payload("pull.approval.material", clid="M9", gcdm="2405-520502-04-01-100001-001"),
    )
    (waits,) = filled.rows("select landing_id as id from hub.waiting")
    for wanted, code in (
        ({"landing_id": int(str(waits["id"]))}, r"erase\.waiting"),
        ({"landing_id": 7}, r"erase\.nothing"),
        ({"record": "participant:nobody"}, r"ask\.record_unknown"),
    ):
        with pytest.raises(FlowError, match=code):
            erase.erase(operating(hub, "zhang"), **wanted, reason="x")  # type: ignore[arg-type]
    assert (
        filled.rows("select from hub.erasure union all select from hub.run where state = 'failed'")
        == []
    )


def test_what_begins_to_wait_while_an_erasure_is_asked_for_is_not_erased(filled: Filled):
    hub = filled.hub
    filled.pull(
        "pull.approval.material",
        payload("pull.approval.material", clid="M9", gcdm="2405-520502-04-01-100001-001"),
    )
    (waits,) = filled.rows("select landing_id as id from hub.waiting")
    filled.execute("create table public.kept as table hub.waiting")
    filled.execute("delete from hub.waiting")
    with ThreadPoolExecutor(1) as other:
        with hub.database.write() as tx:
            records.lock_entity(tx, "material")
            asked = other.submit(
                erase.erase, operating(hub, "zhang"), landing_id=int(str(waits["id"])), reason="x"
            )
            while not filled.rows("select from pg_locks where not granted"):
                assert not asked.done()
            tx.execute("insert into hub.waiting select * from public.kept")
        with pytest.raises(FlowError, match=r"erase\.waiting"):
            asked.result(30)
    assert filled.rows("select from hub.erasure") == []
