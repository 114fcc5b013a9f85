"""The nouns of a project's life, in neutral terms: no partner's field names, units or habits."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A unit with a role in one project: owner, survey, design, construction or supervision."""

    role: str
    name: str
    uscc: str  # 18 characters with a right check digit; authorities may carry a TE stand-in
    kind: int  # 1 enterprise, 2 public institution, 3 government body
    legal_person: str
    manager: str
    phone: str
    qualification: str | None

    @property
    def organisation(self) -> str:
        """The organisation code: characters 9 to 17 of the credit code."""
        return self.uscc[8:17]


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """A department or utility company that handles things."""

    name: str
    uscc: str
    office: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """What the investment platform knows of a project; amounts in yuan, areas in square metres."""

    index: int
    code: str
    # the code is one of the published wrong ones: only the investment platform has such a project
    malformed: bool
    engineering_code: str
    name: str
    region_code: str
    region_name: str
    industry: str  # GB/T 4754-2017, letter and four digits
    approval_kind: int  # 1 approval, 2 verification, 3 filing
    flow_kind: int  # SPLCLX 1..10
    funding: int  # 1 government, 2 enterprise
    nature: int  # 0 new, 1 extension, 2 relocation, 3 rebuilding
    land_acquired_by: int
    total_investment: Decimal
    planned_start: date
    planned_end: date
    address: str
    scale: str
    land_area: Decimal
    floor_area: Decimal
    longitude: Decimal
    latitude: Decimal
    linear: bool
    length: Decimal | None  # kilometres, linear projects only
    owner: Party
    co_owner: Party | None  # who builds it together with the owner
    registered_on: date
    void: bool  # 作废: a status, the project stays
    withdrawn: bool  # taken back by the platform
    version: int  # how often the basics have changed
    updated_at: datetime

    @property
    def place(self) -> str:
        """The region without its province."""
        return self.region_name.removeprefix("贵州省")

    @property
    def zone(self) -> str:
        """A square of about two kilometres around the site, as `x,y;x,y`."""
        west, south, half = self.longitude, self.latitude, Decimal("0.01")
        corners = [(-half, -half), (half, -half), (half, half), (-half, half), (-half, -half)]
        return ";".join(f"{west + x},{south + y}" for x, y in corners)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitWork:
    """A single building or structure (单体)."""

    number: str
    name: str
    use: str
    structure: str
    fire_rating: int
    floors_above: int
    floors_below: int
    height: Decimal
    floor_area: Decimal
    area_above: Decimal
    area_below: Decimal
    footprint: Decimal
    cost: Decimal
    longitude: Decimal
    latitude: Decimal
    updated_at: datetime

    @property
    def floors(self) -> int:
        return self.floors_above + self.floors_below


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One project's passage through one of the four stages."""

    number: str
    ordinal: int
    name: str
    flow_code: str
    flow_version: str
    limit_days: int
    lead: Authority
    applied_at: datetime
    finished_at: datetime | None
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item handled for a project (事项办理)."""

    number: str
    stage_number: str
    stage_ordinal: int
    standard_code: str  # DYBZSPSXBM
    local_code: str
    name: str
    authority: Authority
    channel: int  # 1 window, 4 online
    limit_days: int
    commitment: bool
    status: int  # BLZT of the last step
    applied_at: datetime
    finished_at: datetime | None
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One change of an item's status."""

    item_number: str
    ordinal: int
    status: int  # BLZT
    at: datetime
    authority: Authority
    officer: str
    opinion: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Consultation:
    """An opinion asked of another department."""

    item_number: str
    authority: Authority
    officer: str | None
    asked_at: datetime
    answered_at: datetime | None
    opinion: str | None
    attachment: str | None
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialProcedure:
    """A hearing, expert review and the like, during which the clock stands."""

    item_number: str
    kind: int
    name: str
    started_at: datetime
    limit_days: int
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """An approval document or permit."""

    item_number: str
    # project_approval, land_use_permit, design_opinion, planning_permit, drawing_review, ...
    kind: str
    number: str
    title: str
    issued_on: date
    valid_until: date | None
    result_kind: int  # 10 certificate, 20 written approval
    issuer: Authority
    certificate_id: str | None  # 电子证照标识
    certificate_number: str  # empty for what is no certificate
    void: bool
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstructionPermit:
    """What the construction permit says beyond a document."""

    item_number: str
    number: str
    land_use_permit: str | None
    planning_permit: str
    drawing_review: str
    award_notice: str
    issued_on: date
    contract_price: Decimal
    planned_start: date
    planned_end: date
    area_above: Decimal
    area_below: Decimal
    civil_defence_area: Decimal
    void: bool
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """A paper handed in or produced with an item."""

    item_number: str
    number: str
    catalogue_number: str
    name: str
    sha256: str
    issued_by_item: str | None  # the earlier item whose result this is: never to be asked for again
    certificate_name: str | None
    certificate_number: str | None
    valid_until: date | None
    signed: bool
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FireCase:
    """Design review, acceptance or filing with random check of one project."""

    item_number: str
    kind: str  # review, acceptance, filing
    number: str | None  # of the opinion or the filing, once there is one
    applied_on: date
    situations: tuple[int, ...]  # TSJSGCQX 1..12, special projects only
    steps: tuple[tuple[int, datetime], ...]  # SPJG and when
    drawn: bool | None  # filing: selected for the spot check
    passed: bool | None
    decided_on: date | None
    opinion: str | None
    problems: str | None
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A piece of land in the registry."""

    number: str  # ZDDM, 19 characters
    unit_number: str  # BDCDYH, 28 characters
    location: str
    area: Decimal  # square metres
    use_code: str
    right_kind: str
    right_nature: str
    price: Decimal | None
    registered_on: date
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """One registered right with its certificate."""

    business_number: str  # YWH
    unit_number: str
    certificate_number: str
    kind: str  # land, building
    holder: Party
    location: str
    use: str
    area: Decimal
    permit_number: str | None
    filing_number: str | None
    mortgage: str  # none, in_force, ended
    seizure: str
    registered_on: date
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What a project will want of one utility (开工即配套)."""

    utility: str  # water, power, gas, heat
    amount: Decimal  # water m3/day, power kVA, gas m3/hour, heat kW
    wanted_on: date
    outside_line: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One utility's connection of a project: the need and how far it has come."""

    utility: str  # water, power, gas, heat
    number: str
    company: str
    need: Decimal  # as in Need.amount
    wanted_on: date
    contact: str
    phone: str
    outside_line: bool
    steps: tuple[tuple[int, datetime], ...]  # BLZT-like: 1, 3, (6), 8 survey, 9 works, 11 connected
    status: int
    surveyed_on: date | None
    connected_on: date | None
    account: str | None
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletionFiling:
    """The filing that ends a project's life (竣工验收备案)."""

    item_number: str
    number: str
    authority: Authority
    filed_on: date
    started_on: date
    completed_on: date
    final_cost: Decimal
    floor_area: Decimal
    area_above: Decimal
    area_below: Decimal
    civil_defence_area: Decimal
    construction_permit: str
    joint_acceptance: bool
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowStage:
    """A stage of a flow."""

    ordinal: int
    code: str
    name: str
    limit_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A flow that projects of one kind and region go through (审批流程)."""

    code: str
    version: int
    name: str
    kind: int  # SPLCLX 1..10
    stages: tuple[FlowStage, ...]
    items: tuple[tuple[int, str], ...]  # ordinal of the stage, local code of the item


@dataclass(frozen=True, slots=True, kw_only=True)
class Engineering:
    """One engineering (工程) of a project; `prior` is the code of the one before it."""

    code: str
    name: str
    prior: str | None
    floor_area: Decimal
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """A promise of the applicant for one item (告知承诺, 容缺, 方案稳定)."""

    item_number: str
    kind: str  # informed, tolerated, scheme_stable
    ordinal: int
    owed_material: str | None  # number in the catalogue of papers
    department: Authority
    signed_on: date
    due_on: date
    extended_to: date | None
    handed_in_on: date | None
    fulfilled_on: date | None
    broken: bool
    listed: bool  # in the published list
    published_until: date | None
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What one trade says in one round of a joint acceptance."""

    round: int
    trade: str
    department: Authority
    asked_at: datetime
    on_site_at: datetime | None
    answered_at: datetime | None
    result: str | None  # pass, rectify
    officer: str
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """A joint acceptance (联合验收) with its rounds."""

    number: str
    lead: Authority
    applied_at: datetime
    accepted_at: datetime | None
    round: int
    conclusion: str | None  # passed, to_repair
    concluded_at: datetime | None
    opinions: tuple[Opinion, ...]
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """What a document is beyond itself: a phase, a letter in place of a permit, a merged paper."""

    number: str
    kind: str
    title: str
    issuer: Authority
    issued_on: date
    phase: str | None = None
    phase_scheme: str | None = None
    phase_no: int | None = None
    covers: tuple[str, ...] = ()  # numbers of unit works
    stands_in_for: str | None = None  # kind of document
    replaces: str | None = None
    revokes: str | None = None
    provisional_until: date | None = None
    items: tuple[str, ...] = ()
    void: bool = False
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """A home that is sold: a notice (预告登记), later the transfer (转移登记)."""

    contract_number: str
    unit_number: str
    notice_business: str
    notice_number: str
    noticed_on: date
    transfer_business: str | None
    certificate_number: str | None
    transferred_on: date | None
    buyer: str
    area: Decimal
    mortgage: str  # none, in_force, ended
    seizure: str
    updated_at: datetime
