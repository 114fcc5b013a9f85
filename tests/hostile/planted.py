"""Faults that are planted in the hub to see whether the bench would notice: `python -m tests.hostile.planted`.

Each replaces one small text in one module of a copy of this checkout, which then lives through seeds until one fails.
A fault that no seed meets is tried by the ordinary tests that it names. Not part of `make test`: it takes hours.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("hub", "connectors", "deploy", "tests", "tools", "schemas", "mappings", "sandbox", "pyproject.toml")


@dataclass(frozen=True, slots=True)
class Fault:
    """function: where it is, as module.function or module.STATEMENT. tests: ordinary tests that must notice it."""

    function: str
    right: str
    wrong: str
    tests: tuple[str, ...] = ()

    @property
    def module(self) -> Path:
        return Path(*self.function.split(".")[:-1]).with_suffix(".py")


KEYS = ("tests/flow/test_key_faults.py",)
FAULTS = (
    # the survivors of an earlier round
    Fault(
        "hub.flow.outgoing._withdrawal",
        "if mark.confirmed_key is None or mark.confirmed_body is None:",
        "if mark.confirmed_key is None or mark.confirmed_body is None or mark.serial > 1:",
        KEYS,
    ),
    Fault("hub.store.outbox.SETTLE", " and d.key is not distinct from n.key\n", "\n", KEYS),
    Fault(
        "hub.store.outbox.SETTLE",
        "held_body = case when n.state <> 'confirmed' then d.held_body when d.action = 'upsert' then d.body end",
        "held_body = case when n.state <> 'confirmed' then d.held_body when d.action = 'upsert' then d.body"
        " else d.held_body end",
        KEYS,
    ),
    Fault(
        "hub.flow.delivery.send",
        'outcomes.update({item.key: Outcome(item.key, "unknown", code=error.code) for item in some})',
        'outcomes.update({item.key: Outcome(item.key, "confirmed") for item in some})',
        KEYS,
    ),
    # taking in
    Fault(
        "hub.flow.apply._in_order",
        "if held is None or arrival.order > held.order:",
        "if held is None:",
    ),
    Fault("hub.flow.apply._in_order", "if head is not None and _older(arrival, head):", "if False:"),
    Fault("hub.flow.apply._written", "    landing.stop_waiting(tx, flow.name, keys)\n", ""),
    Fault("hub.flow.apply._written", "[*made.deleted, *apart])", "[*apart])"),
    Fault("hub.flow.apply.carry_out", "_portions(sorted(touched))", "_portions(sorted(touched)[1:])"),
    Fault(
        "hub.flow.apply._written",
        '    landing.close(tx, flow.name, done, stage="intake", state=context.closing, run_id=context.run_id)\n',
        "",
    ),
    Fault(
        "hub.flow.apply._sourced",
        "key in new and at.key not in made.known and (times is None or times[key] == 1)",
        "key in new and at.key not in made.known",
    ),
    Fault("hub.flow.apply._tell", "    crosswalk.learn_new(tx, context.contracts, context.flow, fresh)\n", ""),
    Fault(
        "hub.flow.intake._written",
        '    plan.fates.update(dict.fromkeys(back_again, "superseded"))\n',
        "",
    ),
    Fault("hub.flow.intake._written", "    holding.overtake(tx, waiting, shown, run_id=work.run.id)\n", ""),
    Fault("hub.flow.intake._apply", "    runs.set_cursor(tx, flow.name, after)\n", ""),
    Fault("hub.rules.cursor.moved", 'back(_complete(top, cursor.get("broke_at")), overlap)', "top"),
    Fault("hub.rules.cursor.moved", '_complete(top, cursor.get("broke_at"))', "top"),
    Fault("hub.rules.cursor.moved", "    if not last:\n", "    if False:\n"),
    # merging
    Fault(
        "hub.rules.survivorship.settle",
        "key=lambda claim: claim.version, reverse=True",
        "key=lambda claim: claim.version",
    ),
    Fault(
        "hub.rules.survivorship._said_by",
        "for system in (STEWARD, *field.authority) if system in best",
        "for system in (STEWARD, *reversed(field.authority)) if system in best",
    ),
    Fault(
        "hub.rules.survivorship.settle",
        "provenance[name] = winner.landing_id",
        "provenance[name] = ordered[0].landing_id",
    ),
    Fault(
        "hub.store.records.put_golden",
        "    _keep_history(tx, [(was, row.batch_id) for was, row in replaced if was.version != row.version], order)\n",
        "",
    ),
    Fault(
        "hub.store.records._keep_history",
        "event, was.record_id, was.version, body,",
        "event, was.record_id, was.version, Jsonb({}),",
    ),
    Fault(
        "hub.store.records.put_disagreements",
        "    tx.execute(CLOSE_DISAGREEMENTS, (list(record_ids), ids, names))\n",
        "",
    ),
    Fault("hub.store.records.put_disagreements", "    if rows:\n        opened", "    if rows[1:]:\n        opened"),
    # finding the project
    Fault("hub.flow.crosswalk.call_back", "there = _borrowers(contracts) if changed else {}", "there = {}"),
    Fault(
        "hub.flow.replay.release",
        "        flows = landing.releasable_flows(tx)\n",
        "        flows = landing.releasable_flows(tx)[1:]\n",
    ),
    Fault("hub.flow.replay.replay", "        marked = quarantine.mark_due(tx, selection)\n", "        marked = 0\n"),
    # handing over
    Fault("hub.flow.outgoing.next_key", "ordinal=mark.serial + 1", "ordinal=1", KEYS),
    Fault("hub.flow.outgoing.decide", "if shaped.body == mark.held_body:", "if shaped.body == mark.body:"),
    Fault("hub.flow.outgoing.decide", "if shaped.body == mark.held_body:", "if False:"),
    Fault("hub.flow.outgoing.decide", "if around.parents is not None and code not in around.parents:", "if False:"),
    Fault(
        "hub.flow.delivery._write_down",
        'outcomes.get(key) or Outcome(key, "unknown", code=fault.code if fault else "")',
        'outcomes.get(key) or Outcome(key, "confirmed")',
    ),
    Fault(
        "hub.flow.delivery._batches",
        "    yield from ([item] for item in items if item.key in prepared.alone)\n",
        "",
    ),
    Fault("hub.flow.receipts._verdict", 'accepted = receipt.state == "accepted"', "accepted = True"),
    Fault(
        "hub.store.outbox.TAKE",
        "            or (state = 'sending' and held_until < now())\n",
        "",
    ),
    Fault(
        "hub.store.outbox.MARK",
        "f, unnest(%s::bigint[]) r\n    on conflict (flow, record_id) do update set dirty = true",
        "f, unnest(%s::bigint[]) r\n    on conflict (flow, record_id) do nothing",
    ),
    Fault("hub.store.outbox.FREEZE", "case when n.fresh then false else d.dirty end", "false"),
    # who else is at work
    Fault("hub.flow.running.transaction", "                runs.claim(tx, self._run)\n", "                pass\n"),
    Fault("hub.store.records.lock_entity", "    tx.execute(LOCK_ENTITY, (entity,))\n", "    pass\n"),
)


def main() -> int:
    """Plant one after the other; 1 if any was not noticed."""
    ask = argparse.ArgumentParser(prog="python -m tests.hostile.planted", description=__doc__)
    ask.add_argument("--seeds", type=int, default=60, help="lives for each")
    ask.add_argument("--first", type=int, default=50_000, help="the first seed")
    ask.add_argument("--only", default="", help="faults whose function holds this")
    ask.add_argument("--check", action="store_true", help="only see whether each still finds its text")
    asked = ask.parse_args()
    chosen = [fault for fault in FAULTS if asked.only in fault.function]
    missing = [
        fault.function for fault in chosen if (ROOT / fault.module).read_text(encoding="utf-8").count(fault.right) != 1
    ]
    if missing or asked.check:
        print(*(f"its text is not there once: {name}" for name in missing), sep="\n")
        return 1 if missing else 0
    survived = []
    with tempfile.TemporaryDirectory(prefix="planted-") as folder:
        copy = Path(folder) / "checkout"
        copy.mkdir()
        for name in COPIED:
            put = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
            put(ROOT / name, copy / name)  # type: ignore[operator]
        (copy / ".venv").symlink_to(ROOT / ".venv")
        (copy / ".tools").symlink_to(ROOT / ".tools")
        for number, fault in enumerate(chosen, 1):
            began, by = time.monotonic(), noticed(copy, fault, seeds=asked.seeds, first=asked.first)
            print(f"{number:3} {fault.function}: {by or 'SURVIVED'} ({time.monotonic() - began:.0f} s)", flush=True)
            survived += [] if by else [fault.function]
    print(f"{len(chosen) - len(survived)} of {len(chosen)} noticed", *survived, sep="\n  ")
    return 1 if survived else 0


def noticed(copy: Path, fault: Fault, *, seeds: int, first: int) -> str:
    """What noticed it: a seed or a test; "" for nothing."""
    place = copy / fault.module
    right = place.read_text(encoding="utf-8")
    place.write_text(right.replace(fault.right, fault.wrong), encoding="utf-8")
    try:
        told = _ended(copy, "tests.hostile", "--seeds", str(seeds), "--first", str(first), "--until-failure")
        if told:
            return next((line for line in told.splitlines() if line.startswith("FAILED")), "the bench").split(";")[0]
        for test in fault.tests:
            if _ended(copy, "pytest", "-q", "-x", "-p", "no:cacheprovider", test):
                return test
        return ""
    finally:
        place.write_text(right, encoding="utf-8")


def _ended(copy: Path, *words: str) -> str:
    """What a module said that ended badly; "" if all went well."""
    environ = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=copy, env=environ, capture_output=True, text=True, check=False
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


if __name__ == "__main__":
    sys.exit(main())
