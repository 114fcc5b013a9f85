"""A proof holds for somebody who has nothing of the hub's, and no part of it can be changed."""

import base64
import copy
import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from hub.auth.context import operating
from hub.domain.rights import Rights, operator
from hub.errors import FlowError
from hub.pipeline import ledger_check, restoration
from hub.pipeline.steward import DecidedBy
from hub.services import erasure
from hub.services.lineage import proof
from hub.signing import key_of, name_of, signed, sm2_key_of
from tests.filled import CODE, CONTRACTS, NAME, Filled, payload
from tests.keys import ed25519_key, sm2_key
from tests.pipeline.partners import Desk
from verifier import verify_proof

ALL = operator(CONTRACTS.entities)
PROJECT = f"project:{CODE}"
SCRIPT = Path(verify_proof.__file__)
NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
def signing(filled: Filled, tmp_path: Path) -> Filled:
    """A filled hub that signs with both keys, everything sealed."""
    filled.hub.settings = replace(
        filled.hub.settings, seal_key=ed25519_key(tmp_path), seal_sm2_key=sm2_key(tmp_path)
    )
    filled.hub.seal()
    return filled


def proof_of(
    world: Filled, field: str = "name", record: str = PROJECT, **asked: Any
) -> dict[str, Any]:
    with world.hub.database.write() as tx:
        made = proof.of(
            tx, CONTRACTS, world.hub.settings, record, field, rights=ALL, now=NOW, **asked
        )
    return json.loads(json.dumps(made))  # type: ignore[no-any-return]


def run(file: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """The script as an auditor runs it: a bare interpreter without anything installed."""
    return subprocess.run(
        [sys.executable, "-I", "-S", "-X", "utf8", SCRIPT, file, *options],
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_proof_holds_outside_the_hub_and_says_what_it_proves(signing: Filled, tmp_path: Path):
    file = tmp_path / "proof.json"
    file.write_text(json.dumps(proof_of(signing)), encoding="utf-8")
    key = signing.hub.settings.seal_key
    assert key is not None
    told = run(file, "--key", name_of(key_of(key)))
    assert told.returncode == 0, told.stderr
    for words in (NAME, "xmmc", "已证明", "Proven", "未证明", "Not proven"):
        assert words in told.stdout
    assert "compare these keys" not in told.stdout
    nobodys = run(file)
    assert (nobodys.returncode, "The proof holds" in nobodys.stdout) == (3, False)
    assert "未证明出自谁" in nobodys.stdout
    assert "not proven whose" in nobodys.stdout
    other = run(file, "--key", name_of(key_of(ed25519_key(tmp_path))))
    assert (other.returncode, "published key" in other.stderr) == (1, True)


def test_a_proof_names_what_made_a_value_also_after_its_source_has_said_the_same_again(
    signing: Filled,
):
    before = proof_of(signing)
    same = {"id": 1, "xmdm": CODE, "xmmc": NAME, "jzmj": "56628.02", "ydmj": "5157.20"}
    again = payload("pull.investment.project", **same, unread="says nothing new")
    assert signing.counts(signing.pull("pull.investment.project", again)) == {
        "read": 1,
        "changed": 1,
    }
    signing.hub.seal()
    after = proof_of(signing)
    assert verify_proof.check(after) != []
    assert (after["statement"], after["payload"], after["chain"]) == (
        before["statement"],
        before["payload"],
        before["chain"],
    )


@pytest.mark.parametrize(
    "field", ["land_area", "owner_name", "total_investment", "planned_start", "engineering_code"]
)
def test_numbers_and_values_inside_text_are_found_in_the_payload(signing: Filled, field: str):
    assert verify_proof.check(proof_of(signing, field)) != []


def _other(text: str) -> str:
    return ("0" if text[0] != "0" else "1") + text[1:]


def _payload(one: dict[str, Any]) -> None:
    body = base64.b64decode(one["payload"]).replace(NAME.encode(), b"another")
    one["payload"] = base64.b64encode(body).decode()


def _payload_and_digest(one: dict[str, Any]) -> None:
    _payload(one)
    one["statement"]["payload_sha256"] = hashlib.sha256(
        base64.b64decode(one["payload"])
    ).hexdigest()


def _set(*path: Any, to: Any = None) -> Callable[[dict[str, Any]], None]:
    def change(one: dict[str, Any]) -> None:
        *above, last = path
        holder: Any = one
        for step in above:
            holder = holder[step]
        holder[last] = _other(str(holder[last])) if to is None else to

    return change


TAMPERINGS = {
    "payload": _payload,
    "payload and digest": _payload_and_digest,
    "salt": _set("salt"),
    "leaf": _set("leaf"),
    "path": lambda one: one["path"].append({"digest": "00" * 32, "side": "left"}),
    "batch counts": _set("batch", "counts", 1, to=99),
    "batch run": _set("batch", "run", to=99),
    "batch id": _set("batch", "id", to=99),
    "batch root": _set("batch", "root"),
    "batch contract": _set("batch", "contract"),
    "seal path": _set("seal_path", 0, "digest"),
    "chain previous": _set("chain", "previous", to="00"),
    "seal root": _set("chain", "links", 0, "root"),
    "seal time": _set("chain", "links", 0, "sealed_at", to="2020-01-01T00:00:00+00:00"),
    "checkpoint": _set("checkpoint", "chain"),
    "ed25519 of the chain": _set("checkpoint", "signatures", 0, "signature"),
    "sm2 of the chain": _set("checkpoint", "signatures", 1, "signature"),
    "ed25519 of the statement": _set("signatures", 0, "signature"),
    "sm2 of the statement": _set("signatures", 1, "signature"),
    "no signature of the statement": _set("signatures", to=[]),
    "no signature of the chain": _set("checkpoint", "signatures", to=[]),
    "contract": lambda one: one.update(contract=one["contract"].replace("xmmc", "xmmd")),
    "rule": _set("statement", "rule", to='{"from":"xmdm"}'),
    "value": _set("statement", "value", to="假名称"),
    "source": _set("statement", "source", to={"xmmc": "假名称"}),
    "field": _set("statement", "field", to="address"),
    "record": _set("statement", "record", "key", to="X"),
    "system": _set("statement", "system", to="gas"),
    "batch spoken of": _set("statement", "batch", to="99"),
    "flow": _set("statement", "flow", to="pull.gas.utility_connection"),
    "format": _set("format", to="onecode-proof/0"),
    "form of the payload": _set("statement", "payload_format", to="csv"),
}


def holds(one: dict[str, Any]) -> bool:
    try:
        verify_proof.check(one)
    except (verify_proof.Refused, ValueError, KeyError):
        return False
    return True


def test_no_part_of_a_proof_can_be_changed(signing: Filled):
    whole = proof_of(signing)
    assert holds(whole)
    for name, tamper in TAMPERINGS.items():
        changed = copy.deepcopy(whole)
        tamper(changed)
        assert changed != whole, name
        assert not holds(changed), name


def test_what_is_not_whole_is_refused_and_not_a_traceback(signing: Filled, tmp_path: Path):
    whole = proof_of(signing)
    file = tmp_path / "proof.json"
    file.write_text(json.dumps(whole | {"path": [{}]}), encoding="utf-8")
    told = run(file)
    assert (told.returncode, "Traceback" in told.stderr) == (1, False)
    file.write_text("no json", encoding="utf-8")
    assert run(file).returncode == 2


def test_a_partners_checkpoint_lies_on_the_chain_of_a_proof_and_shows_a_rewritten_ledger(
    signing: Filled,
):
    desk = Desk()
    signing.pull("pull.investment.project", payload("pull.investment.project", 3))
    signing.hub.seal()
    signing.push("push.fire.project", desk)
    (kept,) = set(desk.checkpoints)
    seal = json.loads(kept)["seal"]
    made = proof_of(signing, checkpoint=seal)
    assert [link["seal"] for link in made["chain"]["links"]] == list(range(1, seal + 1))
    assert any("agrees with 1" in en for _, en in verify_proof.check(made, kept=kept))
    with pytest.raises(verify_proof.Refused, match="no checkpoint"):
        verify_proof.check(proof_of(signing), kept=kept)

    # Somebody who has the keys makes the ledger anew: it is right in itself, and not what the
    # partner has.
    signing.execute(
        "update hub.batch set seal_id = null; delete from hub.seal; alter sequence "
        "hub.seal_id_seq restart"
    )
    signing.execute(
        "update hub.batch set changed = 1, created = created - 1 where id = (select min(id) "
        "from hub.batch)"
    )
    signing.hub.seal()
    signing.pull("pull.investment.project", payload("pull.investment.project", 4))
    signing.hub.seal()
    with signing.hub.database.write() as tx:
        assert [link.wrong for link in ledger_check.check(tx, signing.hub.settings, after=0)] == [
            (),
            (),
        ]
        assert [one.state for one in ledger_check.compare(tx, signing.hub.settings, kept)] == [
            "differs"
        ]
    with pytest.raises(verify_proof.Refused, match="rewritten"):
        verify_proof.check(proof_of(signing, checkpoint=seal), kept=kept)


class Keeping(Desk):
    """A partner whose protocol has a place for checkpoints."""

    CARRIES = True


def test_which_checkpoint_a_partner_was_handed_is_kept_and_compared(signing: Filled):
    def handed() -> list[dict[str, object]]:
        return signing.rows("select name, seal_id, differs from hub.witness")

    signing.pull("pull.investment.project", payload("pull.investment.project", 3))
    signing.hub.seal()
    signing.push("push.gas.project", Desk())  # has no place for one
    assert handed() == []
    desk = Keeping()
    signing.push("push.fire.project", desk)
    signing.hub.seal()
    seal = json.loads(desk.checkpoints[0])["seal"]
    assert handed() == [{"name": "push.fire.project", "seal_id": seal, "differs": []}]
    signing.execute(
        "update hub.seal set chain = '\\x00' where id = (select seal_id from hub.witness)"
    )
    signing.hub.seal()
    assert handed()[0]["differs"] == [seal]


def test_a_partners_checkpoints_are_compared_with_the_ledger(signing: Filled, tmp_path: Path):
    settings = signing.hub.settings
    with signing.hub.database.write() as tx:
        kept = ledger_check.newest_checkpoint(tx)
        far = json.loads(kept) | {"seal": 99}
        forged = json.loads(kept) | {"signature": "00" * 64}
        text = "\n".join([kept, json.dumps(far), json.dumps(forged)])
        assert [one.state for one in ledger_check.compare(tx, settings, text)] == [
            "same",
            "unknown",
            "not_ours",
        ]
        other = replace(settings, seal_key=ed25519_key(tmp_path))
        assert [one.state for one in ledger_check.compare(tx, other, kept)] == ["not_ours"]
        for nonsense in (
            "x",
            "[]",
            '{"seal": "1"}',
            json.dumps(json.loads(kept) | {"chain": "xyz"}),
        ):
            with pytest.raises(FlowError, match=r"^ledger\.no_checkpoint"):
                ledger_check.compare(tx, settings, nonsense)


def test_a_checkpoint_lost_with_a_restoration_is_told_from_one_that_was_rewritten(signing: Filled):
    hub = signing.hub
    with hub.database.write() as tx:
        kept = json.loads(ledger_check.newest_checkpoint(tx))
    signing.pull("pull.investment.project", payload("pull.investment.project", 4))
    hub.seal()
    with hub.database.write() as tx:
        newest = json.loads(ledger_check.newest_checkpoint(tx))
    lost = newest | {
        "seal": newest["seal"] + 1
    }  # as a partner keeps it of what the backup does not have
    rewritten = newest | {"seal": kept["seal"]}
    later = lost | {"sealed_at": "2999-01-01T00:00:00+08:00"}
    text = "\n".join(
        json.dumps(one) for one in (newest, lost, rewritten, later, lost | {"sealed_at": "x"})
    )

    def states() -> list[str]:
        with hub.database.write() as tx:
            return [one.state for one in ledger_check.compare(tx, hub.settings, text)]

    assert states() == ["same", "unknown", "differs", "unknown", "unknown"]
    restoration.declare(hub.database, hub.settings, word=DecidedBy("keeper", "磁盘损坏"))
    assert states() == ["same", "restored", "differs", "unknown", "unknown"]
    hub.seal()  # goes on behind every number that may have been lost
    assert states() == ["same", "restored", "differs", "unknown", "unknown"]
    far = json.dumps(lost | {"seal": 1_000_000})
    restoration.declare(
        hub.database, hub.settings, word=DecidedBy("keeper", "又一次"), checkpoints=far
    )
    with hub.database.write() as tx:
        assert json.loads(ledger_check.newest_checkpoint(tx))["seal"] == 1_000_001
        assert [link.wrong for link in ledger_check.check(tx, hub.settings, after=0)] == [()] * 4


def test_a_proof_is_refused_where_it_could_not_be_checked(signing: Filled):
    name = str(signing.record("participant"))
    with signing.hub.database.write() as tx, pytest.raises(FlowError, match=r"^proof\.persons"):
        proof.of(
            tx,
            CONTRACTS,
            signing.hub.settings,
            name,
            "manager_phone",
            rights=Rights(whole=True),
            now=NOW,
        )
    with pytest.raises(FlowError, match=r"^proof\.no_value"):
        proof_of(signing, "valid_until", str(signing.record("approval_document")))
    renamed = payload(
        "pull.investment.project", id=1, xmdm=CODE, xmmc="新名称", gxsj="2026-11-01 00:00:00"
    )
    signing.pull("pull.investment.project", renamed)
    with pytest.raises(FlowError, match=r"^proof\.not_sealed"):
        proof_of(signing)
    signing.hub.seal()
    signing.pull("pull.investment.project", payload("pull.investment.project", id=7))
    signing.hub.seal()  # a seal beyond it
    signing.hub.settings = replace(signing.hub.settings, proof_links=1)
    (last,) = signing.rows("select max(id) as id from hub.seal")
    with pytest.raises(FlowError, match=r"^proof\.too_far"):
        proof_of(signing, checkpoint=last["id"])
    signing.hub.settings = replace(signing.hub.settings, proof_links=9)
    signing.execute("update hub.batch set leaf_rule = 1")
    with pytest.raises(FlowError, match=r"^proof\.closed"):
        proof_of(signing)
    erasure.erase(operating(signing.hub, "我"), record=PROJECT, reason="测试")
    with pytest.raises(FlowError, match=r"^proof\.erased"):
        proof_of(signing, "land_area")
    signing.hub.settings = replace(signing.hub.settings, seal_key=None)
    with pytest.raises(FlowError, match=r"^proof\.no_key"):
        proof_of(signing)


def test_an_erased_neighbour_keeps_its_leaf_and_proofs_of_the_others_hold(signing: Filled):
    (other,) = signing.rows("select id from hub.landing where disposition = 'quarantined'")
    erasure.erase_landing(
        signing.hub.database, CONTRACTS, int(str(other["id"])), by="我", reason="测试"
    )
    verify_proof.check(proof_of(signing))
    assert signing.hub.verify().wrong == 0


def test_a_ledger_of_the_former_rule_verifies_still(filled: Filled):
    found = filled.hub.verify()
    assert (found.wrong, found.findings) == (0, [])
    filled.execute("update hub.batch set leaf_rule = 1")
    assert {one.kind for one in filled.hub.verify().findings} == {"batch"}


def test_signatures_of_both_kinds_are_checked_by_two_independent_hands(tmp_path: Path):
    key = sm2_key_of(sm2_key(tmp_path, private=(5).to_bytes(32)))
    made = bytes.fromhex(
        key.sign_with_sm3(
            b"content", "59276e27d506861a16680f3ad9c02dccef3cc1fa3cdbe4ce6d54b80deac1bc21"
        )
    )
    by = f"sm2:{key.public_key}"
    assert signed(made, b"content", by=by)
    assert verify_proof.holds(by, made, b"content")
    assert not signed(made, b"other", by=by)
    assert not verify_proof.holds(by, made, b"other")
    for size in (0, 1, 55, 56, 63, 64, 119, 120, 1000):
        assert verify_proof.sm3(b"a" * size) == hashlib.new("sm3", b"a" * size).digest()
    # RFC 8032, section 7.1, test 2
    public = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    signature = bytes.fromhex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    assert verify_proof.ed25519_holds(public, signature, b"\x72")
    assert not verify_proof.ed25519_holds(public, signature, b"\x73")


def test_a_file_that_is_no_sm2_key_is_refused(tmp_path: Path):
    for file in (ed25519_key(tmp_path), tmp_path / "none.pem"):
        with pytest.raises(FlowError, match=r"^settings\.invalid"):
            sm2_key_of(file)
