"""Verifies the ledger: the chain of seals, batch roots over landings, acts of sealed tables."""

from collections.abc import Sequence

from hub.db.database import Transaction
from hub.db.ledger import evidence, rebuilding, seals
from hub.db.ledger.seals import Leaf, Rooted
from hub.domain import ledger, merkle
from hub.domain.payload import keyed_hash
from hub.domain.sealed_tables import SEALED
from hub.pipeline import ledger_check
from hub.pipeline.verify.found import RowsReading, VerifyContext, guarded, walk

SEALS = (
    "id previous batches root chain sealed_at signature signed_by sm2_signature sm2_by rule kind "
    "acts acts_root says"
)
ACTS = "id tx at op digest"
EVIDENCE = "id tx at relation key op rule salt digest seal_id"
BESIDE = "id flow key position version disposition source_time batch_id"
BATCHES = (
    "id run_id flow contract_id created changed unchanged deleted superseded stale ignored "
    "quarantined waiting exploded"
    " empty held parts parts_created parts_changed parts_unchanged parts_deleted parts_waiting "
    "parts_quarantined leaves"
    " merkle_root leaf_rule"
)
LANDINGS = "id batch_id hash salt payload"


def check_chain(work: VerifyContext) -> None:
    """Every seal follows the one before, covers its batches as they are, and has our signature."""

    def check(tx: Transaction, ids: Sequence[int]) -> None:
        for link in ledger_check.check(tx, work.settings, after=ids[0] - 1, most=len(ids)):
            for wrong in link.wrong:
                work.note("seal", "hub.seal", f"seal {link.seal.id}", wrong)
            work.count("seals")

    walk(
        work,
        RowsReading("seal", "hub.seal", rebuilding.seal_ids, check, lambda key: f"seal {key}"),
        0,
    )


def check_landings(work: VerifyContext) -> None:
    """Every payload has its stored hash, and the batch's root covers it."""

    def check(tx: Transaction, ids: Sequence[int]) -> None:
        for one in seals.batches(tx, ids):
            _batch(work, tx, one)

    walk(
        work,
        RowsReading("batch", "hub.batch", rebuilding.batch_ids, check, lambda key: f"batch {key}"),
        0,
    )


def _batch(work: VerifyContext, tx: Transaction, one: Rooted) -> None:
    leaves, where = [], f"batch {one.id} of {one.flow}"
    for row in seals.leaves(tx, one.id):
        _payload(work, row)
        leaves.append(ledger.leaf(row.salt, row.hash, row.payload, rule=one.leaf_rule))
    if len(leaves) != one.leaves:
        work.note("batch", "hub.landing", where, "batch.landings", len(leaves), one.leaves)
    elif (leaves or one.leaves) and merkle.root(leaves) != one.merkle_root:
        work.note("batch", "hub.landing", where, "batch.root")
    work.count("landings", len(leaves))
    work.count("batches")


def _payload(work: VerifyContext, row: Leaf) -> None:
    if row.salt is None:
        work.count("erased")
    elif row.payload is not None and keyed_hash(row.payload, work.settings.hash_key) != row.hash:
        work.note("landing", "hub.landing", f"landing {row.id}", "landing.payload")


def check_beside(work: VerifyContext) -> None:
    """The other columns of landings match the fingerprints stored with their batch."""

    def check(tx: Transaction, ids: Sequence[int]) -> None:
        for batch in ids:
            said, stands = seals.noted(tx, batch), evidence.fingerprints(tx, batch)
            size = ledger.FINGERPRINT
            if said is None or len(said) != size * len(stands):
                work.note("landing", "hub.landing", f"batch {batch}", "batch.beside")
                continue
            for at, (landing, one) in enumerate(stands.items()):
                if one != said[at * size : (at + 1) * size]:
                    work.note("landing", "hub.landing", f"landing {landing}", "landing.beside")

    walk(
        work,
        RowsReading(
            "landing", "hub.landing", rebuilding.batch_ids, check, lambda key: f"batch {key}"
        ),
        0,
    )


def check_acts(work: VerifyContext) -> None:
    """Every row of a sealed table matches its newest act; every act is attested and sealed."""
    for table in SEALED:
        name = f"hub.{table}"
        with guarded(work, "act", name), work.database.read(snapshot=True) as tx:
            for one in evidence.every_differing(tx, table):
                work.note(
                    "act",
                    name,
                    f"{table} {one.key}",
                    f"act.{one.wrong}",
                    f"act {one.act}" if one.act else "",
                )
        work.count("sealed tables")

    def check(tx: Transaction, ids: Sequence[int]) -> None:
        for act in ledger_check.strange(evidence.unsealed_of(tx, ids), work.settings.hash_key):
            work.note(
                "act",
                f"hub.{act.relation}",
                f"{act.relation} {act.key}",
                "act.strange",
                f"act {act.id}",
            )
        work.count("acts not sealed yet", len(ids))

    walk(
        work,
        RowsReading(
            "act",
            "hub.evidence",
            evidence.open_transactions,
            check,
            lambda key: f"transaction {key}",
        ),
        0,
    )
    with guarded(work, "act", "hub.evidence"), work.database.read(snapshot=True) as tx:
        for act, seal in evidence.unattached(tx):
            work.note("act", "hub.evidence", f"act {act}", "act.seal", seal)
        for act, relation in evidence.of_no_rule(tx):
            work.note("act", "hub.evidence", f"act {act}", "act.rule", relation)
