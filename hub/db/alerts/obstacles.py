"""Obstacles: what keeps work from starting before any run exists; one row while it lasts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from psycopg.types.json import Jsonb

from hub.db.database import Transaction
from hub.db.rows import rows
from hub.errors import Fault

Kind: TypeAlias = Literal["dag", "task"]

MEET = """
    insert into hub.obstacle as o (kind, place, code, facts) values (%s, %s, %s, %s)
    on conflict (kind, place) do update
       set code = excluded.code, facts = excluded.facts, times = o.times + 1,
           last_at = greatest(o.last_at, excluded.last_at)
"""
OVER = "delete from hub.obstacle where kind = %s and place = %s"
OTHERS_OVER = "delete from hub.obstacle where kind = %s and not place = any(%s)"
STANDING = (
    "select kind, place, code, facts, times, first_at, last_at from hub.obstacle order by "
    "first_at, kind, place"
)
# A run of the try itself, or one that was noted for it.
HAS_RUN = """
    select exists (select from hub.run
                    where airflow->>'run_id' = %(run_id)s and airflow->>'dag_id' = %(dag_id)s
                      and airflow->>'task_id' = %(task_id)s
                          and (airflow->>'try_number')::int >= %(try_number)s)
"""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One obstacle. place: the DAG file, or dag.task; times: how often it was met."""

    kind: Kind
    place: str
    code: str
    facts: dict[str, str]
    times: int
    first_at: datetime
    last_at: datetime

    @property
    def fault(self) -> Fault:
        """The obstacle as code and facts."""
        return Fault("", self.code, self.facts)


def meet(tx: Transaction, kind: Kind, place: str, fault: Fault) -> None:
    """Store an obstacle, or count it again."""
    tx.execute(MEET, (kind, place, fault.code, Jsonb(fault.facts)))


def over(tx: Transaction, kind: Kind, place: str) -> None:
    """Delete an obstacle that has gone."""
    tx.execute(OVER, (kind, place))


def only(tx: Transaction, kind: Kind, found: Mapping[str, Fault]) -> None:
    """Make these all obstacles of their kind."""
    tx.execute(OTHERS_OVER, (kind, list(found)))
    for place, fault in found.items():
        meet(tx, kind, place, fault)


def standing(tx: Transaction) -> list[Obstacle]:
    """Current obstacles, the oldest first."""
    return rows(tx, Obstacle, STANDING)


def has_run(tx: Transaction, place: Mapping[str, object]) -> bool:
    """Whether the hub has a run for this try of an Airflow task."""
    row = tx.execute(HAS_RUN, dict(place)).fetchone()
    return bool(row and row[0])
