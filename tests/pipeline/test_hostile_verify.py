"""What a hostile review tried, and what must hold all the same."""

from datetime import UTC
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub.db import records
from hub.db.ledger import seals
from hub.domain import ledger, merkle
from hub.pipeline import seal, verify
from tests.pipeline.conftest import Small, contracts_of
from tests.pipeline.partners import Source
from tests.pipeline.small import CODE, FILES

PLAN, BUILD, PERMIT = "pull.plan.project", "pull.build.project", "pull.build.permit"


def check(small):
    return verify.verify(small.database, small.contracts, small.settings)


def rows(n=3):
    return [
        {"id": f"p{i}", "code": f"2405-520502-04-01-1{i:05}", "name": f"项目{i}", "at": "1"}
        for i in range(1, n + 1)
    ]


def signed(small, tmp_path):
    file = tmp_path / "key.pem"
    file.write_bytes(
        Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    small.with_settings(seal_key=file)


def test_a_chain_made_anew_without_the_key_is_found(small: Small, tmp_path: Path):
    signed(small, tmp_path)
    small.pull(PLAN, Source(rows()))
    seal.seal(small.database, small.settings)
    # somebody with the database, but not with the key, changes a batch and makes the chain anew
    small.rows("update hub.batch set created = created - 1, changed = changed + 1 returning 1")
    with small.database.write() as tx:
        (link,) = seals.seals(tx, after=0)
        root = merkle.root([batch.leaf for batch in seals.batches(tx, link.batches)])
        chain = ledger.chain(link.previous, root, link.sealed_at.astimezone(UTC).isoformat())
        tx.execute("update hub.seal set root = %s, chain = %s", (root, chain))
    assert check(small).wrong > 0


def test_a_record_taken_out_of_source_and_golden_is_missed(small: Small):
    small.pull(PLAN, Source(rows()))
    seal.seal(small.database, small.settings)
    small.rows(
        "delete from golden.project where name = '项目2'; delete from source.project where "
        "name = '项目2' returning 1"
    )
    assert check(small).wrong > 0


def test_a_changed_ignore_list_is_no_tampering(small: Small):
    small.pull(BUILD, Source([{"id": "1", "code": CODE, "name": "甲", "fetched": "早", "seq": 1}]))
    file = "mappings/build/project.pull.yaml"
    small.contracts = contracts_of(
        FILES | {file: FILES[file].replace("ignore: [fetched]", "ignore: [fetched, seq]")}
    )
    found = check(small)
    assert found.findings == []


def test_a_forged_lent_code_is_found(small: Small):
    small.pull(PLAN, Source(rows()))
    code = "2405-520502-04-01-100001"
    small.pull(PERMIT, Source([{"code": code, "number": "A1", "plot": "P"}]))
    small.pull(PERMIT, Source([{"number": "A2", "plot": "P"}]))
    assert check(small).wrong == 0
    small.rows(
        "update source.permit set project_code = '2405-520502-04-01-100003' where number = 'A2';"
        "update golden.permit set project_code = '2405-520502-04-01-100003' where number = 'A2' "
        "returning 1"
    )
    assert check(small).wrong > 0


def test_a_lost_waiting_row_or_crosswalk_token_is_found(small: Small):
    small.pull(PERMIT, Source([{"code": CODE, "number": "A1"}]))
    small.rows("delete from hub.waiting returning 1")
    assert check(small).wrong > 0


def test_a_lost_quarantine_entry_is_found(small: Small):
    small.pull(PLAN, Source([rows()[0] | {"money": "x"}]))
    small.rows("delete from hub.quarantine returning 1")
    assert check(small).wrong > 0


def test_a_seal_taken_off_the_end_is_found(small: Small):
    for at in ("1", "2"):
        small.pull(PLAN, Source([rows()[0] | {"at": at}]))
        seal.seal(small.database, small.settings)
    small.rows("delete from hub.seal where id = (select max(id) from hub.seal) returning 1")
    assert check(small).wrong > 0


def test_a_landing_of_no_batch_is_found(small: Small):
    small.pull(PLAN, Source(rows()))
    small.rows(
        "insert into hub.landing select id + 1000, flow, 'forged', 999999, position, version, "
        "hash, salt, payload,"
        " disposition from hub.landing limit 1 returning 1"
    )
    assert check(small).wrong > 0


def test_verify_beside_intake_gives_no_false_alarm(small: Small):
    """Between reading claims and golden records an intake commits."""
    small.pull(PLAN, Source(rows()))
    flow_rows = [row | {"name": "改", "at": "2"} for row in rows()]

    real = records.golden

    def golden(tx, entity, ids, **asked):
        if entity.name == "project" and flow_rows:
            new = list(flow_rows)
            flow_rows.clear()
            records.golden = real
            small.pull(PLAN, Source(new))
            records.golden = golden
        return real(tx, entity, ids, **asked)

    records.golden = golden
    try:
        found = check(small)
    finally:
        records.golden = real
    assert found.findings == []


def test_a_signature_that_was_taken_off_or_made_by_another_is_found(small: Small, tmp_path: Path):
    signed(small, tmp_path)
    for at in ("1", "2"):
        small.pull(PLAN, Source([rows()[0] | {"at": at}]))
        seal.seal(small.database, small.settings)
    assert check(small).wrong == 0
    small.rows("update hub.seal set signature = null, signed_by = null where id = 2 returning 1")
    assert [finding.detail for finding in check(small).findings] == [
        "is not signed, though seals before it are"
    ]
    signed(small, tmp_path)
    assert check(small).findings[0].detail == "is signed by another key"
