"""Witnesses (file, log server, time stamping authority, partner) and the checkpoint each holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from hub.db.database import Transaction, as_rows
from hub.db.rows import rows
from hub.errors import Fault

ALL = (
    "select name, seal_id, chain, at, token, failed_at, fault, differs, since from hub.witness "
    "order by name"
)
KNOWN = "insert into hub.witness (name) select unnest(%s::text[]) on conflict (name) do nothing"
SENT = """
    insert into hub.witness (name, seal_id, chain, at, token) values (%(name)s, %(seal)s, %(chain)s,
        now(), %(token)s)
    on conflict (name) do update
       set seal_id = excluded.seal_id, chain = excluded.chain, at = excluded.at,
           token = coalesce(excluded.token, hub.witness.token), failed_at = null, fault = null
"""
FAILED = """
    update hub.witness w set failed_at = now(), fault = f.fault
      from json_to_recordset(%(fault)s) as f (fault jsonb) where w.name = %(name)s
"""


DIFFERING = """
    update hub.witness w set differs = coalesce(d.seals, '{}')
      from hub.witness o left join json_to_recordset(%s) as d (name text, seals bigint[])
          on d.name = o.name
     where o.name = w.name and w.differs is distinct from coalesce(d.seals, '{}')
"""


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness and its newest checkpoint; seal_id 0: none yet. fault: last failure since.

    differs: seals of which it holds another chain hash than the ledger; below 0: that it took and
    holds no more.
    """

    name: str
    seal_id: int
    chain: bytes | None
    at: datetime | None
    token: bytes | None
    failed_at: datetime | None
    fault: dict[str, object] | None
    differs: list[int]
    since: datetime

    @property
    def changed(self) -> list[int]:
        """Seals of which it holds another chain hash than the ledger."""
        return [seal for seal in self.differs if seal > 0]

    @property
    def lost(self) -> list[int]:
        """Seals that it took and holds no more."""
        return [-seal for seal in self.differs if seal < 0]


def known(tx: Transaction, names: list[str]) -> dict[str, Witness]:
    """All by name; missing ones among `names` are created."""
    tx.execute(KNOWN, (names,))
    return {one.name: one for one in rows(tx, Witness, ALL)}


def listed(tx: Transaction) -> list[Witness]:
    """All witnesses that ever had a checkpoint or were to have one."""
    return rows(tx, Witness, ALL)


def sent(tx: Transaction, name: str, seal: int, chain: bytes, token: bytes | None = None) -> None:
    """Store that a witness holds this checkpoint."""
    tx.execute(SENT, {"name": name, "seal": seal, "chain": chain, "token": token})


def failed(tx: Transaction, name: str, fault: Fault) -> None:
    """Store that a witness did not take one."""
    tx.execute(
        FAILED,
        {
            "name": name,
            "fault": as_rows([{"fault": {"code": fault.code, "facts": dict(fault.facts)}}]),
        },
    )


def differing(
    tx: Transaction, found: Mapping[str, Sequence[int]], *, lacking: Mapping[str, int]
) -> None:
    """Store which witnesses hold another chain, at which seals, and which lack one that they took;
    clears all others.
    """
    told = {name: [*found.get(name, ()), *_minus(lacking, name)] for name in {*found, *lacking}}
    tx.execute(
        DIFFERING, (as_rows([{"name": name, "seals": seals} for name, seals in told.items()]),)
    )


def _minus(lacking: Mapping[str, int], name: str) -> list[int]:
    return [-lacking[name]] if name in lacking else []
