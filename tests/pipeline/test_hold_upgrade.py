"""A standing database keeps its sums and seals when held batches come, and knows how long its lists
are.
"""

import pytest

from hub.db.ledger import seals
from tests.auth.test_carried_over import upgrade
from tests.filled import Filled


def test_standing_batches_balance_and_keep_their_seals(empty_database_url: str):
    upgrade(empty_database_url, "0024")
    world = Filled(empty_database_url)
    world.execute("""
        insert into hub.flow (name, last_complete_at) values ('pull.a.project', now());
        insert into hub.contract_version (hash, flow, body) values ('h', 'pull.a.project', '{}');
        insert into hub.run (flow, kind, state, ended_at) values ('pull.a.project', 'pull',
            'complete', now());
        insert into hub.run (flow, kind, state, ended_at, cause)
        values ('pull.a.project', 'pull', 'failed', now(), '{"code": "flow.drift", "facts": {}}');
        insert into hub.batch (run_id, flow, contract_id, read, created, changed, unchanged,
            deleted, superseded, stale,
                               ignored, quarantined, waiting, leaves, merkle_root, leaf_rule)
        values (1, 'pull.a.project', 1, 120, 100, 0, 20, 0, 0, 0, 0, 0, 0, 0, '', 2)
    """)
    before = "select leaves, merkle_root, read, created, unchanged from hub.batch"
    stood = world.rows(before)
    world.hub.migrate()
    assert world.rows(before) == stood
    assert world.rows("select held from hub.batch") == [{"held": 0}]
    assert world.rows("select last_sweep from hub.flow where name = 'pull.a.project'") == [
        {"last_sweep": 120}
    ]
    with world.hub.database.write() as tx:
        (rooted,) = seals.unsealed(tx)
    assert rooted.counts == [120, 100, 0, 20, 0, 0, 0, 0, 0, 0]  # as before there were held ones
    assert world.hub.seal() == 1
    with world.hub.database.write() as tx, pytest.raises(Exception, match="conservation"):
        tx.execute("update hub.batch set held = 1")
    world.hub.close()
