import hashlib
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from hub.domain import merkle
from hub.errors import FlowError
from hub.pipeline import seal, verify
from tests.pipeline.conftest import Small
from tests.pipeline.partners import Source
from tests.pipeline.small import CODE


@pytest.fixture
def filled(small: Small) -> Small:
    rows = [
        {
            "id": f"p{n}",
            "code": f"2405-520502-04-01-1{n:05}",
            "name": f"项目{n}",
            "money": "1.5",
            "at": "1",
        }
        for n in range(1, 30)
    ]
    small.pull(
        "pull.plan.project", Source([*rows, {"id": "bad", "code": "驳回", "name": "x", "at": "1"}])
    )
    small.pull(
        "pull.build.project",
        Source([{"id": "b", "code": CODE, "name": "乙", "start": "2024-05-01"}]),
    )
    small.pull(
        "pull.build.permit",
        Source([{"code": CODE, "number": "A1", "plot": "P"}, {"number": "A2", "plot": "P"}]),
    )
    small.release()
    seal.seal(small.database, small.settings)
    return small


def check(small: Small) -> verify.Verified:
    return verify.verify(small.database, small.contracts, small.settings)


def test_what_was_taken_in_can_be_rebuilt(filled: Small):
    found = check(filled)
    assert (found.wrong, found.findings) == (0, [])
    assert found.checked["golden project"] == 29
    assert found.checked["golden permit"] == 2
    assert found.checked["landings"] == 33


@pytest.mark.parametrize(
    ("tampering", "kind"),
    [
        (
            (
                "update golden.project set name = '假' where record_id = (select min(record_id) "
                "from golden.project)"
            ),
            "golden",
        ),
        ("update source.project set name = '假' where source_key = 'p2'", "source"),
        ("update hub.landing set payload = '{}' where key = 'p3'", "landing"),
        ("delete from hub.landing where key = 'p4'", "batch"),
        (
            (
                "update hub.batch set changed = 1, created = created - 1 where id = (select "
                "min(id) from hub.batch)"
            ),
            "seal",
        ),
        ("update hub.seal set root = '\\x00'", "seal"),
    ],
)
def test_a_tampered_row_is_named(filled: Small, tampering: str, kind: str):
    filled.rows(f"{tampering} returning 1")
    found = check(filled)
    assert kind in {finding.kind for finding in found.findings}


def test_an_erased_payload_is_counted_and_not_failed(filled: Small):
    (row,) = filled.rows("select id, salt, payload from hub.landing where key = 'bad'")
    leaf = merkle.leaf(bytes(row["salt"]), hashlib.sha256(bytes(row["payload"])).digest()).hex()
    blanked = (
        f"update hub.landing set payload = null, salt = null, hash = '\\x{leaf}' "  # noqa: S608
        f"where id = {row['id']} returning 1"
    )
    filled.rows(blanked)
    assert [one.what for one in check(filled).findings] == [
        "landing.erased"
    ]  # nobody has decided so
    filled.rows(
        f"insert into hub.erasure (run_id, landing_ids, reason, erased_by)"  # noqa: S608
        f" values (1, '{{{row['id']}}}', 'x', 'y') returning 1"
    )
    found = check(filled)
    assert (found.wrong, found.checked["erased"]) == (0, 1)


def test_seals_form_a_signed_chain(small: Small, tmp_path: Path):
    key = Ed25519PrivateKey.generate()
    file = tmp_path / "key.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    small.with_settings(seal_key=file)
    for at in ("1", "2"):
        small.pull(
            "pull.plan.project", Source([{"id": "p", "code": CODE, "name": f"名{at}", "at": at}])
        )
        assert seal.seal(small.database, small.settings) == 1
    assert seal.seal(small.database, small.settings) == 0
    first, second = small.rows("select * from hub.seal order by id")
    assert bytes(second["previous"]) == bytes(first["chain"])
    public = Ed25519PublicKey.from_public_bytes(
        bytes.fromhex(str(second["signed_by"]).removeprefix("ed25519:"))
    )
    public.verify(bytes(second["signature"]), bytes(second["chain"]))


def test_intake_stops_when_sealing_lags(small: Small):
    source = Source([{"id": "p", "code": CODE, "name": "名", "at": "1"}])
    small.pull("pull.plan.project", source)
    small.rows("update hub.batch set committed_at = now() - interval '2 hours' returning 1")
    with pytest.raises(FlowError, match=r"flow\.sealing_late"):
        small.pull("pull.plan.project", source)
    seal.seal(small.database, small.settings)
    small.pull("pull.plan.project", source)
