"""Two checkpoints that a partner has kept, compared without the hub."""

import json
from pathlib import Path
from typing import Any

import pytest

from hub.db.ledger import seals
from hub.pipeline import ledger_check, seal
from hub.settings import Witnessing
from hub.signing import key_of, name_of
from tests.keys import ed25519_key
from tests.lineage.test_proof import run
from tests.pipeline.conftest import Small, small, small_template
from verifier import verify_proof
from verifier.verify_proof import Refused

__all__ = ["small", "small_template"]


class Ledger:
    """A hub whose acts are sealed one by one, and what it has handed out."""

    def __init__(self, world: Small) -> None:
        self.world = world
        key = world.settings.seal_key
        assert key is not None
        self.key = name_of(key_of(key))

    def grow(self) -> dict[str, Any]:
        """One more seal; its checkpoint."""
        with self.world.database.write() as tx:
            tx.execute(
                "insert into hub.account (name, role, token_hash)"
                " select 'a' || count(*), 'service', sha256(('a' || count(*))::bytea) from "
                "hub.account"
            )
        seal.seal(self.world.database, self.world.settings)
        return self.newest()

    def newest(self) -> dict[str, Any]:
        with self.world.database.write() as tx:
            newest = seals.newest(tx, signed=True)
            assert newest is not None
            return ledger_check.checkpoint(newest)

    def links(self, since: int, until: int) -> dict[str, Any]:
        with self.world.database.write() as tx:
            made = ledger_check.links(tx, self.world.settings, since=since, until=until)
        return json.loads(json.dumps(made))  # type: ignore[no-any-return]

    def forget(self, after: int) -> None:
        """Put the ledger back, as a restored database or somebody who cuts its tail would."""
        with self.world.database.write() as tx:
            tx.execute("delete from hub.seal where id > %s", (after,))
            tx.execute("update hub.evidence set seal_id = null where seal_id > %s", (after,))


@pytest.fixture
def ledger(small: Small, tmp_path: Path) -> Ledger:
    small.with_settings(seal_key=ed25519_key(tmp_path))
    return Ledger(small)


def test_of_two_checkpoints_the_later_extends_the_earlier_or_is_equal(ledger: Ledger):
    one, _, three = (ledger.grow() for _ in range(3))
    links = ledger.links(one["seal"], three["seal"])
    assert verify_proof.compare(three, one, links, key=ledger.key) == (0, "延续 · extends")
    assert verify_proof.compare(one, one, None, key=ledger.key) == (0, "相同 · equal")
    assert (
        verify_proof.compare(one, one, None)[0] == verify_proof.compare(one, three, links)[0] == 3
    )


def test_without_the_seals_between_two_checkpoints_there_is_a_gap(ledger: Ledger):
    one, two, three = (ledger.grow() for _ in range(3))
    for links in (
        None,
        ledger.links(one["seal"], two["seal"]),
        ledger.links(two["seal"], three["seal"]),
    ):
        status, words = verify_proof.compare(one, three, links, key=ledger.key)
        assert (status, "缺口" in words or "forked" in words) == (3, True)


def test_a_tail_that_was_cut_and_made_anew_is_a_fork(ledger: Ledger):
    one, two = ledger.grow(), ledger.grow()
    ledger.forget(one["seal"])
    again, later = ledger.grow(), ledger.grow()
    with pytest.raises(Refused, match="forked"):
        verify_proof.compare(two, again, None, key=ledger.key)
    with pytest.raises(Refused, match="forked"):
        verify_proof.compare(two, later, ledger.links(one["seal"], later["seal"]), key=ledger.key)
    assert (
        verify_proof.compare(one, later, ledger.links(one["seal"], later["seal"]), key=ledger.key)[
            0
        ]
        == 0
    )


def test_a_declared_restoration_is_told_apart_from_a_fork(ledger: Ledger, tmp_path: Path):
    one, _, three = (ledger.grow() for _ in range(3))
    ledger.forget(one["seal"])
    world = ledger.world
    (kept := tmp_path / "kept.jsonl").write_text(json.dumps(three) + "\n", encoding="utf-8")
    world.with_settings(witnessing=Witnessing(file=kept))
    with world.database.write() as tx:
        tx.execute(
            "insert into hub.restoration (how, by, reason, landing_id) values ('said', '李', "
            "'坏盘', 1)"
        )
    later = ledger.grow()
    links = ledger.links(three["seal"], later["seal"])
    status, words = verify_proof.compare(three, later, links, key=ledger.key)
    assert (status, "恢复" in words, "坏盘" in words) == (3, True, True)
    links["links"][0]["head"]["says"]["after"] = 0  # what it declares is sealed
    with pytest.raises(Refused, match="forked"):
        verify_proof.compare(three, later, links, key=ledger.key)
    assert (
        verify_proof.compare(one, later, ledger.links(one["seal"], later["seal"]), key=ledger.key)[
            0
        ]
        == 0
    )


def test_a_checkpoint_of_another_key_or_a_changed_one_is_refused(ledger: Ledger, tmp_path: Path):
    one, two = ledger.grow(), ledger.grow()
    with pytest.raises(Refused, match="published key"):
        verify_proof.compare(one, two, None, key=name_of(key_of(ed25519_key(tmp_path))))
    with pytest.raises(Refused, match="signature of checkpoint"):
        verify_proof.compare(one | {"chain": two["chain"]}, two, None)


def test_checkpoints_are_compared_by_a_bare_interpreter(ledger: Ledger, tmp_path: Path):
    one, two = ledger.grow(), ledger.grow()
    files = {"a": one, "b": two, "links": ledger.links(one["seal"], two["seal"])}
    for name, content in files.items():
        (tmp_path / name).write_text(json.dumps(content), encoding="utf-8")
    told = run(
        Path("compare"),
        str(tmp_path / "a"),
        str(tmp_path / "b"),
        "--links",
        str(tmp_path / "links"),
        "--key",
        ledger.key,
    )
    assert (told.returncode, told.stdout.strip()) == (0, "延续 · extends"), told.stderr
