"""Applications for access, their steps, and the grants that lapse before long."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from psycopg.rows import class_row

from hub.rules.granting import Terms
from hub.store.database import Transaction

ADD = """
    insert into hub.application
           (account, entities, classes, regions, open_case_only, purpose, basis, valid_from, valid_until, renews)
    values (%(account)s, %(entities)s, %(classes)s, %(regions)s, %(open_case_only)s, %(purpose)s, %(basis)s,
            %(valid_from)s, %(valid_until)s, %(renews)s)
    returning id
"""
# The first step says who made it and when; a decided application has a second one.
LISTED = """
    select p.id, p.account, a.department, p.entities, p.classes, p.regions, p.open_case_only, p.purpose, p.basis,
           p.valid_from, p.valid_until, p.renews, p.state, s.at as made_at
      from hub.application p
      join hub.account a on a.name = p.account
      join hub.application_step s on s.application_id = p.id and s.state = 'open'
     where (%(id)s::bigint is null or p.id = %(id)s)
       and (%(accounts)s::text[] is null or p.account = any(%(accounts)s))
       and (%(state)s::text is null or p.state = %(state)s)
       and (%(before)s::bigint is null
            or (p.id < %(before)s and (p.state <> 'open' or %(state)s::text is not null)))
     order by (p.state = 'open') desc, p.id desc limit %(most)s
"""
STEPS = "select state, by_account, reason, at from hub.application_step where application_id = %s order by id"
MOVE = "update hub.application set state = %s where id = %s and state = 'open'"
STEP = "insert into hub.application_step (application_id, state, by_account, reason) values (%s, %s, %s, %s)"
TIE = "update hub.access_grant set application_id = %s where id = any(%s)"
TODAY = "select current_date"
# Grants in force that end before long and that no other grant of the same account goes on from.
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


@dataclass(frozen=True, slots=True)
class Application:
    """What a unit asks to read."""

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
    state: str
    made_at: datetime

    @property
    def terms(self) -> Terms:
        """What is asked for, as the rules know it."""
        return Terms(
            tuple(self.entities),
            tuple(self.classes),
            tuple(self.regions),
            self.open_case_only,
            self.valid_from,
            self.valid_until,
        )


@dataclass(frozen=True, slots=True)
class Step:
    """What became of an application, by whom and when."""

    state: str
    by_account: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Ending:
    """Grants of an account that lapse on one day and are the same but for their entities."""

    account: str
    valid_until: date
    application_id: int | None
    entities: list[str]
    ids: list[int]


def add(tx: Transaction, account: str, terms: Terms, *, purpose: str, basis: str, renews: int | None) -> int:
    """Keep an application; its first step is the account's."""
    asked = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(terms).items()}
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
) -> list[Application]:
    """Applications, open ones first, then the newest. accounts: only of these. before: those that come after this."""
    asked = {"id": application_id, "accounts": None if accounts is None else list(accounts), "state": state}
    asked |= {"before": before, "most": most}
    with tx.cursor(row_factory=class_row(Application)) as cursor:
        return cursor.execute(LISTED, asked).fetchall()


def steps(tx: Transaction, application_id: int) -> list[Step]:
    """Every step of an application, in order."""
    with tx.cursor(row_factory=class_row(Step)) as cursor:
        return cursor.execute(STEPS, (application_id,)).fetchall()


def move(tx: Transaction, application_id: int, state: str, *, by: str, reason: str) -> bool:
    """Decide or withdraw an application; False when it is not open any more."""
    if tx.execute(MOVE, (state, application_id)).rowcount != 1:
        return False
    tx.execute(STEP, (application_id, state, by, reason))
    return True


def tie(tx: Transaction, application_id: int, grants: Sequence[int]) -> None:
    """Note that these grants come from an application."""
    tx.execute(TIE, (application_id, list(grants)))


def today(tx: Transaction) -> date:
    """The day by which grants are in force."""
    row: tuple[date] | None = tx.execute(TODAY).fetchone()
    return row[0] if row else date.min


def ending(tx: Transaction, *, days: int, accounts: Sequence[str] | None = None) -> list[Ending]:
    """Grants that lapse within so many days and are not gone on with."""
    asked = {"days": days, "accounts": None if accounts is None else list(accounts)}
    with tx.cursor(row_factory=class_row(Ending)) as cursor:
        return cursor.execute(ENDING, asked).fetchall()
