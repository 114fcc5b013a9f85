"""The nouns of what stands beside the stages: impact, tenders, land deals, orders, inspections."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sandbox.world.records import Authority, Party


@dataclass(frozen=True, slots=True, kw_only=True)
class Eia:
    """An environmental impact assessment: a report or a table is decided upon, a registration
    filed.
    """

    number: str
    kind: str  # report, table, registration
    category: str
    issuer: Authority
    applied_at: datetime
    accepted_at: datetime | None
    status: int  # BLZT
    decision_number: str | None
    issued_on: date | None
    project_approval: str | None  # number of the document
    void: bool
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Bid:
    """One bidder's offer."""

    bidder: Party
    price: Decimal
    rank: int | None
    won: bool
    disqualified: bool
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tender:
    """One section that is put out to tender; after the award a bidder may be gone from it."""

    section_number: str
    notice_number: str
    award_notice: str | None
    kind: str  # design, construction, supervision
    method: str
    agency: str
    announced_on: date
    opened_at: datetime | None
    awarded_on: date | None
    winner: Party | None
    price: Decimal | None
    ceiling: Decimal
    period_days: int
    manager: str | None
    status: int  # 1 announced, 2 opened, 3 awarded
    bids: tuple[Bid, ...]
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LandDeal:
    """Land sold or allotted, by contract."""

    contract_number: str
    plot_number: str
    parcel_number: str
    allotted: bool
    approval_number: str
    approval_office: str
    area: Decimal
    use: str
    location: str
    price: Decimal | None
    plot_ratio: Decimal
    with_design: bool
    signed_on: date
    valid_until: date
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderStep:
    """One step of an intermediary's order."""

    number: str
    status: int  # 1 ordered, 2 chosen, 3 contracted, 4 delivered, 5 accepted
    at: datetime
    officer: str
    opinion: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """What the client says of an agency."""

    stars: int
    words: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A service ordered of an intermediary, for an item that needs it."""

    number: str
    name: str
    code: str
    item_number: str
    agency: Party
    chosen_by: str
    limit_days: int
    price: Decimal
    contract_number: str | None
    signed_on: date | None
    result_on: date | None
    status: int
    steps: tuple[OrderStep, ...]
    ratings: tuple[Rating, ...]
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Rectification:
    """Something that is to be put right on a site."""

    number: str
    text: str
    due_on: date
    closed_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """A visit to a site."""

    number: str
    kind: str  # quality, safety
    permit_number: str
    authority: Authority
    inspector: str
    at: datetime
    passed: bool
    finding: str
    due_on: date | None
    closed_on: date | None
    rectifications: tuple[Rectification, ...]
    photos: tuple[str, ...]
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SitePerson:
    """Someone in charge on a site."""

    number: str
    role: str  # manager, safety, supervisor
    name: str
    certificate: str
    phone: str
    unit: Party
    permit_number: str
    updated_at: datetime
