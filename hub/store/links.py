"""What was said about source records and projects: linked, proposed, refused."""

from collections.abc import Sequence

from hub.store.database import Transaction

REFUSED = """
    select key, array_agg(project_code) from hub.link
     where flow = %s and key = any(%s) and verdict = 'refused' and ended_at is null group by key
"""


def refused(tx: Transaction, flow: str, keys: Sequence[str]) -> dict[str, frozenset[str]]:
    """The projects that these source keys were found not to belong to."""
    rows = tx.execute(REFUSED, (flow, list(keys))).fetchall() if keys else []
    return {key: frozenset(codes) for key, codes in rows}
