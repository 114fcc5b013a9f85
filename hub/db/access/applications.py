"""Applications for access: terms, steps, deadlines; and grants about to expire."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Literal

from hub.db.database import Transaction
from hub.db.rows import rows
from hub.domain.access_terms import Terms
from hub.domain.terms import Sharing
from hub.domain.times import HUB_ZONE

ADD = """
    insert into hub.application
           (account, entities, classes, regions, open_case_only, purpose, basis, valid_from,
               valid_until, renews)
    values (%(account)s, %(entities)s, %(classes)s, %(regions)s, %(open_case_only)s, %(purpose)s,
        %(basis)s,
            %(valid_from)s, %(valid_until)s, %(renews)s)
    returning id
"""
# The first step says who made it and when; a decided application has a second one.
LISTED = """
    select p.id, p.account, a.department, p.entities, p.classes, p.regions, p.open_case_only,
        p.purpose, p.basis,
           p.valid_from, p.valid_until, p.renews, p.state, s.at as made_at, p.sharing_kind,
               p.due_at, p.extended_to,
           greatest(d.at, v.since) as granted_at, p.supply_due_at, p.supplied_at, coalesce(v.holds,
               false) as in_force
      from hub.application p
      join hub.account a on a.name = p.account
      join hub.application_step s on s.application_id = p.id and s.state = 'open'
      left join hub.application_step d on d.application_id = p.id and d.state = 'granted'
      left join lateral (
           select min(valid_from)::timestamp at time zone %(zone)s as since,
                  bool_or(ended_at is null and current_date between valid_from and valid_until)
                      as holds
             from hub.access_grant where application_id = p.id) v on d.id is not null
     where (%(id)s::bigint is null or p.id = %(id)s)
       and (%(accounts)s::text[] is null or p.account = any(%(accounts)s))
       and (%(state)s::text is null or p.state = %(state)s)
       and (not %(unsettled)s or p.sharing_kind is null or p.state = 'open'
            or p.state = 'granted' and p.supplied_at is null)
       and (%(before)s::bigint is null
            or (p.id < %(before)s and (p.state <> 'open' or %(state)s::text is not null)))
     order by (p.state = 'open') desc, p.id desc limit %(most)s
"""
STEPS = (
    "select state, by_account, reason, at from hub.application_step where application_id = %s "
    "order by id"
)
MOVE = "update hub.application set state = %s where id = %s and state = 'open'"
SETTLE = (
    "update hub.application set sharing_kind = %s, due_at = %s where id = %s and sharing_kind is "
    "null"
)
EXTEND = """
    update hub.application set extended_to = %s
     where id = %s and state = 'open' and extended_to is null and due_at is not null
"""
SUPPLY = (
    "update hub.application set supply_due_at = %s where id = %s and state = 'granted' and "
    "supply_due_at is null"
)
# The first read of the account, or the first delivery to a system of its unit, that succeeded since
# it was granted. Of facts that the hub computes itself no record is kept: any read of records
# counts for those.
SUPPLIED = """
    update hub.application set supplied_at = f.at
      from (select least(
            (select a.at from hub.access a
              where a.account = %(account)s and a.id >= hub.event_base(%(since)s)
                  and a.at >= %(since)s
                and not a.refused and cardinality(a.record_ids) > 0
                and (%(computed)s or exists (select from hub.record r where r.id = any(a.record_ids)
                                                and r.entity = any(%(entities)s)))
              order by a.id limit 1),
            (select min(d.confirmed_at) from hub.delivery d join hub.record r on r.id = d.record_id
              where d.flow = any(%(flows)s) and d.confirmed_at >= %(since)s
                and r.entity = any(%(entities)s))) as at) f
     where id = %(id)s and f.at is not null
"""
STEP = (
    "insert into hub.application_step (application_id, state, by_account, reason) values (%s, "
    "%s, %s, %s)"
)
TIE = "update hub.access_grant set application_id = %s where id = any(%s)"
TODAY = "select current_date"
# Grants in force that end soon and that no other grant of the same account continues.
ENDING = """
    select account, valid_until, application_id, array_agg(entity order by entity) as entities,
           array_agg(id order by entity) as ids
      from hub.access_grant g
     where ended_at is null and current_date between valid_from and valid_until
       and valid_until < current_date + %(days)s::integer
       and (%(accounts)s::text[] is null or account = any(%(accounts)s))
       and not exists (select from hub.access_grant o
                        where o.account = g.account and o.entity = g.entity and o.ended_at is null
                          and o.classes @> g.classes and o.valid_until > g.valid_until
                          and (o.regions = '{}' or g.regions <> '{}' and o.regions @> g.regions)
                          and (g.open_case_only or not o.open_case_only)
                          and o.valid_from <= g.valid_until + 1)
     group by account, valid_until, application_id, classes, regions, open_case_only, purpose
     order by valid_until, account, min(id)
"""

State = Literal["open", "granted", "refused", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Application:
    """A unit's application for access, with its terms.

    granted_at: when the granted data could be read first. in_force: whether a resulting grant is.
    """

    id: int
    account: str
    department: str
    entities: list[str]
    classes: list[str]
    regions: list[str]
    open_case_only: bool
    purpose: str
    basis: str
    valid_from: date
    valid_until: date
    renews: int | None
    state: State
    made_at: datetime
    sharing_kind: Sharing | None
    due_at: datetime | None
    extended_to: datetime | None
    granted_at: datetime | None
    supply_due_at: datetime | None
    supplied_at: datetime | None
    in_force: bool

    @property
    def next_due(self) -> datetime | None:
        """Deadline of the next step (answer or supply); None without a step or a statutory term."""
        if self.state == "open":
            return self.extended_to or self.due_at
        return self.supply_due_at if self.in_force and self.supplied_at is None else None

    @property
    def terms(self) -> Terms:
        """The terms as the rules take them."""
        return Terms(
            tuple(self.entities),
            tuple(self.classes),
            tuple(self.regions),
            self.open_case_only,
            self.valid_from,
            self.valid_until,
        )


@dataclass(frozen=True, slots=True)
class ApplicationStep:
    """One step of an application: what, by whom, when."""

    state: Literal["open", "extended", "granted", "refused", "withdrawn"]
    by_account: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Ending:
    """Grants of an account that expire on one day and differ in their entity only."""

    account: str
    valid_until: date
    application_id: int | None
    entities: list[str]
    ids: list[int]


def add(
    tx: Transaction, account: str, terms: Terms, *, purpose: str, basis: str, renews: int | None
) -> int:
    """Store an application, with its first step; gives its number."""
    asked = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in asdict(terms).items()
    }
    said = {"account": account, "purpose": purpose, "basis": basis, "renews": renews}
    (number,) = tx.execute(ADD, asked | said).fetchone() or (0,)
    tx.execute(STEP, (number, "open", account, ""))
    return int(number)


def listed(
    tx: Transaction,
    *,
    application_id: int | None = None,
    accounts: Sequence[str] | None = None,
    state: str | None = None,
    before: int | None = None,
    most: int | None = None,
    unsettled: bool = False,
) -> list[Application]:
    """Applications, open ones first, then the newest.

    accounts: only of these. before: only those with a smaller id. unsettled: only those whose
    deadlines are not computed, or on which one runs.
    """
    asked = {
        "id": application_id,
        "accounts": None if accounts is None else list(accounts),
        "state": state,
    }
    asked |= {"before": before, "most": most, "unsettled": unsettled, "zone": HUB_ZONE.key}
    return rows(tx, Application, LISTED, asked)


def steps(tx: Transaction, application_id: int) -> list[ApplicationStep]:
    """Every step of an application, in order."""
    return rows(tx, ApplicationStep, STEPS, (application_id,))


def move(tx: Transaction, application_id: int, state: str, *, by: str, reason: str) -> bool:
    """Decide or withdraw an application; False when it is not open any more."""
    if tx.execute(MOVE, (state, application_id)).rowcount != 1:
        return False
    tx.execute(STEP, (application_id, state, by, reason))
    return True


def settle(tx: Transaction, application_id: int, kind: Sharing, due: datetime | None) -> None:
    """Store the kind of sharing and the deadline of the answer, where none is stored yet."""
    tx.execute(SETTLE, (kind, due, application_id))


def extend(tx: Transaction, application_id: int, until: datetime, *, by: str, reason: str) -> bool:
    """Postpone the answer, once; False when answered, postponed before, or without deadline."""
    if tx.execute(EXTEND, (until, application_id)).rowcount != 1:
        return False
    tx.execute(STEP, (application_id, "extended", by, reason))
    return True


def supply(tx: Transaction, application_id: int, due: datetime) -> None:
    """Store the deadline by which granted data must be supplied."""
    tx.execute(SUPPLY, (due, application_id))


def note_supplied(
    tx: Transaction, held: Application, *, flows: Sequence[str], computed: bool
) -> None:
    """Store the first read or delivery since the grant.

    flows: deliveries to the unit. computed: the entity is computed here, so any read of records
    counts.
    """
    said = {
        "id": held.id,
        "account": held.account,
        "entities": held.entities,
        "since": held.granted_at,
    }
    tx.execute(SUPPLIED, said | {"flows": list(flows), "computed": computed})


def tie(tx: Transaction, application_id: int, grants: Sequence[int]) -> None:
    """Link these grants to their application."""
    tx.execute(TIE, (application_id, list(grants)))


def today(tx: Transaction) -> date:
    """The date by which grants are in force (the database's)."""
    row: tuple[date] | None = tx.execute(TODAY).fetchone()
    return row[0] if row else date.min


def ending(tx: Transaction, *, days: int, accounts: Sequence[str] | None = None) -> list[Ending]:
    """Grants that expire within `days` and that no other grant continues."""
    asked = {"days": days, "accounts": None if accounts is None else list(accounts)}
    return rows(tx, Ending, ENDING, asked)
