"""All that there is of one project by a tick."""

from dataclasses import dataclass

from sandbox.world.market_records import Eia, Inspection, LandDeal, Order, SitePerson, Tender
from sandbox.world.records import (
    Acceptance,
    Commitment,
    CompletionFiling,
    Connection,
    ConstructionPermit,
    Consultation,
    Document,
    Engineering,
    FireCase,
    Flow,
    Item,
    Material,
    Need,
    Paper,
    Parcel,
    Party,
    Project,
    Registration,
    Sale,
    SpecialProcedure,
    Stage,
    Step,
    UnitWork,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """Everything that has happened to one project up to a tick."""

    project: Project
    needs: tuple[Need, ...] = ()
    parties: tuple[Party, ...] = ()
    unit_works: tuple[UnitWork, ...] = ()
    stages: tuple[Stage, ...] = ()
    items: tuple[Item, ...] = ()
    steps: tuple[Step, ...] = ()
    consultations: tuple[Consultation, ...] = ()
    special_procedures: tuple[SpecialProcedure, ...] = ()
    documents: tuple[Document, ...] = ()
    construction_permits: tuple[ConstructionPermit, ...] = ()
    materials: tuple[Material, ...] = ()
    fire_cases: tuple[FireCase, ...] = ()
    parcels: tuple[Parcel, ...] = ()
    registrations: tuple[Registration, ...] = ()
    connections: tuple[Connection, ...] = ()
    completion_filings: tuple[CompletionFiling, ...] = ()
    eias: tuple[Eia, ...] = ()
    tenders: tuple[Tender, ...] = ()
    land_deals: tuple[LandDeal, ...] = ()
    orders: tuple[Order, ...] = ()
    inspections: tuple[Inspection, ...] = ()
    site_persons: tuple[SitePerson, ...] = ()
    flows: tuple[Flow, ...] = ()
    engineerings: tuple[Engineering, ...] = ()
    commitments: tuple[Commitment, ...] = ()
    acceptances: tuple[Acceptance, ...] = ()
    papers: tuple[Paper, ...] = ()
    sales: tuple[Sale, ...] = ()
