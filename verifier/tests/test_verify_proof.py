"""Proofs and checkpoints kept as files: the good ones hold, each kind of tampering is refused.

Needs Python and pytest and nothing else, like the script itself: `python3 -m pytest` in the folder
above this one.
"""

import base64
import copy
import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

FILES = Path(__file__).parent / "files"
SCRIPT = Path(__file__).parents[1] / "verify_proof.py"
_spec = importlib.util.spec_from_file_location("verify_proof_alone", SCRIPT)
assert _spec is not None
assert _spec.loader is not None
verify_proof = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(verify_proof)

Proof = dict[str, Any]
KEYS: dict[str, str] = json.loads((FILES / "keys.json").read_text(encoding="utf-8"))
LEDGER_KEY = (FILES / "ledger-key.txt").read_text(encoding="utf-8").strip()
KEPT = (FILES / "kept.txt").read_text(encoding="utf-8")


def read(name: str) -> Any:
    return json.loads((FILES / name).read_text(encoding="utf-8"))


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    """The script as a partner runs it: a bare interpreter without anything installed."""
    return subprocess.run(
        [sys.executable, "-I", "-S", "-X", "utf8", str(SCRIPT), *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


# --- proofs
# ------------------------------------------------------------------------------------------


FORGED = "\x1b[2J\x1b[H核验通过 · The proof holds.\n\u202e\x9b1m\ud800"


def is_plain(text: str) -> bool:
    return all(one.isprintable() for one in text.split("\n"))


def test_no_value_of_a_proof_steers_the_terminal_or_begins_a_line_of_ours():
    proof = read("proof.json")
    says = proof["statement"]
    says |= {"value": FORGED, "source": {FORGED: FORGED}, "rule": FORGED, "position": FORGED}
    says["record"]["key"], says["title"]["zh"] = FORGED, FORGED
    proof["chain"]["links"][0]["sealed_at"] = FORGED
    said = verify_proof.told(proof, [(FORGED, FORGED)], key="")
    assert is_plain(said)
    assert "核验通过 · The proof holds." not in said.splitlines()


def test_no_part_of_a_checkpoint_steers_the_terminal(tmp_path: Path):
    kept = tmp_path / "kept.json"
    kept.write_text(json.dumps({"seal": FORGED, "chain": "", "x": FORGED}), encoding="utf-8")
    for words in (("compare", kept, kept), (kept,)):
        done = run(*words)
        assert done.returncode in {1, 2}
        assert is_plain(done.stderr)
        assert is_plain(done.stdout)
    kept.write_text("[" * 100_000, encoding="utf-8")
    assert "Traceback" not in run(kept).stderr


@pytest.mark.parametrize("kind", ["ed25519", "sm2"])
def test_a_good_proof_holds_under_either_published_key(kind: str):
    done = run(FILES / "proof.json", "--key", KEYS[kind])
    assert (done.returncode, done.stderr) == (0, "")
    assert "The proof holds" in done.stdout
    assert read("proof.json")["statement"]["value"] in done.stdout


def test_without_a_key_a_proof_is_only_consistent_in_itself():
    done = run(FILES / "proof.json")
    assert (done.returncode, "not proven whose" in done.stdout) == (3, True)


def test_a_proof_by_another_key_is_refused():
    other = KEYS["ed25519"][:-1] + ("0" if KEYS["ed25519"][-1] != "0" else "1")
    done = run(FILES / "proof.json", "--key", other)
    assert (done.returncode, "published key" in done.stderr) == (1, True)


def test_a_proof_goes_through_the_checkpoint_that_a_partner_has_kept():
    notes = verify_proof.check(read("proof-to-kept.json"), key=KEYS["sm2"], kept=KEPT)
    assert any("agrees with 1" in en for _, en in notes)


def test_a_proof_that_ends_before_the_kept_checkpoint_says_nothing_of_it():
    with pytest.raises(verify_proof.Refused, match="no checkpoint"):
        verify_proof.check(read("proof.json"), kept=KEPT)


def test_a_ledger_made_anew_with_the_right_keys_differs_from_what_a_partner_has_kept():
    assert verify_proof.check(read("proof-of-a-rewritten-ledger.json")) != []
    file = FILES / "proof-of-a-rewritten-ledger.json"
    done = run(file, "--key", KEYS["ed25519"], "--checkpoint", FILES / "kept.txt")
    assert (done.returncode, "rewritten" in done.stderr) == (1, True)


def _other(text: str) -> str:
    return ("0" if text[0] != "0" else "1") + text[1:]


def _payload(one: Proof) -> None:
    body = base64.b64decode(one["payload"])
    value = one["statement"]["value"].encode()
    assert value in body
    one["payload"] = base64.b64encode(body.replace(value, b"another")).decode()


def _payload_and_digest(one: Proof) -> None:
    _payload(one)
    one["statement"]["payload_sha256"] = sha256(base64.b64decode(one["payload"])).hexdigest()


def _set(*path: str | int, to: object = None) -> Callable[[Proof], None]:
    def change(one: Proof) -> None:
        *above, last = path
        holder: Any = one
        for step in above:
            holder = holder[step]
        holder[last] = _other(str(holder[last])) if to is None else to

    return change


TAMPERINGS: dict[str, Callable[[Proof], None]] = {
    "the payload": _payload,
    "the payload and its digest": _payload_and_digest,
    "the salt": _set("salt"),
    "the leaf": _set("leaf"),
    "a step more to the root": lambda one: one["path"].append(
        {"digest": "00" * 32, "side": "left"}
    ),
    "what came of the batch": _set("batch", "counts", 1, to=99),
    "the batch's run": _set("batch", "run", to=99),
    "the batch's root": _set("batch", "root"),
    "the batch's contract": _set("batch", "contract"),
    "the way to the seal": _set("seal_path", 0, "digest"),
    "the chain before": _set("chain", "previous", to="00"),
    "the seal's root": _set("chain", "links", 0, "root"),
    "the seal's time": _set("chain", "links", 0, "sealed_at", to="2020-01-01T00:00:00+00:00"),
    "the checkpoint": _set("checkpoint", "chain"),
    "a signature of the chain": _set("checkpoint", "signatures", 0, "signature"),
    "the other one of the chain": _set("checkpoint", "signatures", 1, "signature"),
    "a signature of the statement": _set("signatures", 0, "signature"),
    "the other one of the statement": _set("signatures", 1, "signature"),
    "no signature of the statement": _set("signatures", to=[]),
    "no signature of the chain": _set("checkpoint", "signatures", to=[]),
    "the mapping": lambda one: one.update(contract=one["contract"].replace("xmmc", "xmmd")),
    "the rule": _set("statement", "rule", to='{"from":"xmdm"}'),
    "the value": _set("statement", "value", to="假名称"),
    "the source value": _set("statement", "source", to={"xmmc": "假名称"}),
    "the field": _set("statement", "field", to="address"),
    "the record": _set("statement", "record", "key", to="X"),
    "the system": _set("statement", "system", to="gas"),
    "the batch spoken of": _set("statement", "batch", to="99"),
    "the flow": _set("statement", "flow", to="pull.gas.utility_connection"),
    "the format": _set("format", to="onecode-proof/0"),
    "the payload's format": _set("statement", "payload_format", to="csv"),
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_no_part_of_a_proof_can_be_changed(name: str):
    one = copy.deepcopy(read("proof.json"))
    TAMPERINGS[name](one)
    with pytest.raises((verify_proof.Refused, ValueError, KeyError)):
        verify_proof.check(one)


@pytest.mark.parametrize("part", sorted(read("proof.json")))
def test_what_is_not_whole_is_refused_and_no_traceback(part: str, tmp_path: Path):
    one = read("proof.json")
    del one[part]
    (file := tmp_path / "proof.json").write_text(json.dumps(one), encoding="utf-8")
    done = run(file, "--key", KEYS["ed25519"])
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)


def test_what_is_no_json_cannot_be_read(tmp_path: Path):
    (file := tmp_path / "proof.json").write_text("no JSON", encoding="utf-8")
    assert run(file).returncode == 2
    assert run(tmp_path / "none.json").returncode == 2


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("json", '{"a": [{"b": 5157.20}], "c": "{\\"d\\": 7}"}'),
        ("csv", '\ufeffb,d\n"5157.20",7\n'),
        ("xml", '<r d="7"><b> 5157.20 </b></r>'),
    ],
)
def test_source_values_are_found_in_every_format_and_numbers_in_any_spelling(form: str, text: str):
    says = {"payload_encoding": "utf-8", "payload_format": form}
    verify_proof._check_source(
        says | {"source": {"b": "5157.2", "d": "7", "e": None}}, text.encode()
    )
    for value in ("5157.21", "007"):
        with pytest.raises(verify_proof.Refused):
            verify_proof._check_source(says | {"source": {"b": value}}, text.encode())


# --- two checkpoints
# ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "links", "status", "words"),
    [
        ("first", "third", "links", 0, "extends"),
        ("third", "first", "links", 0, "extends"),
        ("first", "first", "", 0, "equal"),
        ("first", "another-third", "links-of-the-fork", 0, "extends"),
        ("first", "third", "", 3, "Gap"),
        ("first", "third", "links-that-end-early", 3, "Gap"),
        ("first", "third", "links-that-begin-late", 3, "Gap"),
        ("second", "another-second", "", 1, "forked"),
        ("second", "another-third", "links-of-the-fork", 1, "forked"),
        ("third", "restored", "links-of-the-restoration", 3, "坏盘"),
    ],
)
def test_two_checkpoints_are_told_apart(one: str, other: str, links: str, status: int, words: str):
    more = ["--links", FILES / f"{links}.json"] if links else []
    done = run("compare", FILES / f"{one}.txt", FILES / f"{other}.txt", "--key", LEDGER_KEY, *more)
    assert (done.returncode, words in done.stdout + done.stderr) == (status, True)


def test_what_a_restoration_declares_is_sealed():
    links = read("links-of-the-restoration.json")
    links["links"][0]["head"]["says"]["after"] = 0
    with pytest.raises(verify_proof.Refused, match="forked"):
        verify_proof.compare(read("third.txt"), read("restored.txt"), links, key=LEDGER_KEY)


def test_a_checkpoint_of_another_key_or_a_changed_one_is_refused():
    one, two = read("first.txt"), read("second.txt")
    with pytest.raises(verify_proof.Refused, match="published key"):
        verify_proof.compare(one, two, None, key=KEYS["ed25519"])
    with pytest.raises(verify_proof.Refused, match="signature of checkpoint"):
        verify_proof.compare(one | {"chain": two["chain"]}, two, None)
    assert verify_proof.compare(one, one, None)[0] == 3


# --- the algorithms, by the examples of their standards
# -----------------------------------------------------------


def test_sm3_gives_the_standards_examples():
    """GB/T 32905, annex A."""
    assert verify_proof.sm3(b"abc").hex() == (
        "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    )
    assert verify_proof.sm3(b"abcd" * 16).hex() == (
        "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"
    )


def test_ed25519_gives_the_standards_example():
    """RFC 8032, section 7.1, test 2."""
    public = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    signature = bytes.fromhex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    assert verify_proof.ed25519_holds(public, signature, b"\x72")
    assert not verify_proof.ed25519_holds(public, signature, b"\x73")
    assert not verify_proof.ed25519_holds(public, bytes(64), b"\x72")
