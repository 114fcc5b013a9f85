"""The routes of the catalogue and of applications for access, and what they answer."""

from datetime import UTC, date, datetime
from typing import Literal

from fastapi import APIRouter
from pydantic import Field

from hub.api.access import Visiting
from hub.api.answers import Answer, Term, Words
from hub.api.asked import Asked, Day, Number
from hub.api.routes import PROBLEMS, Most
from hub.auth.context import RequestContext
from hub.db import accounts
from hub.db import applications as kept
from hub.db.database import Transaction
from hub.domain.contracts import Entity, PrefillForm, System
from hub.domain.granting import Terms
from hub.services import applications, catalogue, naming
from hub.services.catalogue import FieldOffer, Offer

routes = APIRouter(responses=PROBLEMS)

Class = Literal["public", "internal", "personal"]


class Sharing(Answer):
    """A system that shares, how long ago it was last read completely, and whether that is within its target."""

    system: str = Field(examples=["investment"])
    title: Words
    fresh: bool
    seconds: int | None = Field(description="none: never read completely")
    target_seconds: int


class Entry(Answer):
    """An entity of the catalogue."""

    entity: str = Field(examples=["project"])
    title: Words
    key: list[str]
    fields: int
    records: int | None = Field(description="an estimate; none where there is none yet")
    shared_by: list[Sharing]
    received_by: list[str]
    forms: list[str]
    visible: bool = Field(description="whether this account may see anything of it")
    readers: int = Field(description="accounts with a grant in force")


class EntryField(Answer):
    """A field of an entity, and how this account sees it."""

    name: str
    title: Words
    kind: str
    classed: str = Field(examples=["public"])
    unit: str | None
    code: str | None = Field(description="the code list that its values are of")
    standard: list[str] = Field(examples=[["SPGL_XMJBXXB.XMDM"]])
    authority: list[str] = Field(description="systems with authority over it, in order")
    shared_by: list[str]
    received_by: list[str]
    forms: list[str]
    sight: Literal["shown", "masked", "hidden"]


class EntryWhole(Entry):
    """An entity with its fields."""

    every_field: list[EntryField]


class GrantShown(Answer):
    """A grant; application: the one that it comes from."""

    id: int
    account: str
    entity: str
    classes: list[str]
    regions: list[str]
    open_case_only: bool
    purpose: str
    valid_from: date
    valid_until: date
    in_force: bool
    application_id: int | None


class TermsGiven(Asked):
    """What may be read, and how long. regions: leading digits of region codes, none for all."""

    entities: list[str] = Field(min_length=1, examples=[["project", "approval_document"]])
    classes: list[Class] = Field(default=["public"], min_length=1)
    regions: list[str] = Field(default=[], examples=[["1401"]])
    open_case_only: bool = Field(default=False, description="only projects on which the unit has an open case")
    valid_from: Day
    valid_until: Day

    @property
    def terms(self) -> Terms:
        """As the rules know them."""
        some = tuple(self.entities), tuple(self.classes), tuple(self.regions)
        return Terms(*some, self.open_case_only, self.valid_from, self.valid_until)


class Applying(TermsGiven):
    """An application. renews: the one that it is to follow."""

    purpose: str = Field(min_length=1, max_length=1000, examples=["用水报装"])
    basis: str = Field(min_length=1, max_length=1000, description="the legal basis")
    renews: Number | None = None


class Decision(Asked):
    """What is decided. terms: what is given where that is less than was asked."""

    granted: bool
    reason: str = Field(default="", max_length=1000, description="wanted where it is refused")
    terms: TermsGiven | None = None


class Extension(Asked):
    """Why an answer is put off; the unit is told."""

    reason: str = Field(min_length=1, max_length=1000)


class Step(Answer):
    """What became of an application, by whom and when."""

    state: Literal["open", "extended", "granted", "refused", "withdrawn"]
    by_account: str
    reason: str
    at: datetime


class Application(Answer):
    """An application for access."""

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
    state: Literal["open", "granted", "refused", "withdrawn"]
    made_at: datetime
    sharing_kind: Literal["unconditional", "conditional"] | None = Field(description="无条件共享 or 有条件共享")
    due_at: datetime | None = Field(description="until when it is to be answered")
    extended_to: datetime | None = Field(description="until when, after its one extension")
    supply_due_at: datetime | None = Field(description="until when what was granted is to be supplied")
    supplied_at: datetime | None = Field(description="the first read or delivery that succeeded since the grant")
    clock: datetime | None = Field(description="until when the next step is due")
    late: bool
    term: Term | None = Field(description="the term of the law behind it")


class ApplicationWhole(Application):
    """An application with its steps and the grants that came of it."""

    steps: list[Step]
    grants: list[GrantShown]


@routes.get("/v1/catalogue")
def catalogue_entries(visit: Visiting) -> list[Entry]:
    """数据目录：共享什么、由谁共享、是否及时、谁可查看 · what is shared, by whom, how fresh; no values."""
    with visit.hub.database.reading() as tx:
        found = catalogue.offers(tx, visit.hub.contracts, visit.reader)
    return [Entry.model_validate(_entry(offer)) for offer in found]


@routes.get("/v1/catalogue/{entity}")
def catalogue_entry(visit: Visiting, entity: str) -> EntryWhole:
    """目录中的一类数据及其字段 · one entity with its fields."""
    with visit.hub.database.reading() as tx:
        found = catalogue.sheet(tx, visit.hub.contracts, visit.reader, entity)
    every = [_field(one) for one in found.fields]
    return EntryWhole.model_validate(_entry(found.offer) | {"every_field": every})


@routes.get("/v1/grants")
def grants(visit: Visiting) -> list[GrantShown]:
    """授权：本账号的，管理员和审计可见全部 · grants of this account, or all for those who look into everything."""
    mine = None if visit.reader.rights.whole else visit.reader.account.name
    with visit.hub.database.reading() as tx:
        return [GrantShown.model_validate(one) for one in accounts.grants(tx, mine)]


@routes.get("/v1/applications")
def applications_made(
    visit: Visiting, state: str | None = None, before: Number | None = None, limit: Most = 50
) -> list[Application]:
    """数据使用申请：本单位的，管理员和审计可见全部 · applications of this unit, or all; open ones first."""
    naming.one_of("state", state, naming.APPLICATION_STATES)
    with visit.hub.database.reading() as tx:
        found = applications.seen(tx, visit.reader, state=state, before=before, most=limit)
    return [Application.model_validate(_said(visit, one)) for one in found]


@routes.post("/v1/applications")
def apply_for_access(visit: Visiting, asked: Applying) -> ApplicationWhole:
    """申请使用数据 · ask for access with a purpose, a legal basis and a term."""
    with visit.hub.database.transaction() as tx:
        number = applications.apply(
            *(tx, visit.hub.contracts, visit.reader, asked.terms),
            purpose=asked.purpose,
            basis=asked.basis,
            renews=asked.renews,
        )
        return _whole(tx, visit, number)


@routes.get("/v1/applications/{application_id}")
def application(visit: Visiting, application_id: Number) -> ApplicationWhole:
    """一份申请及其经过 · one application with its steps."""
    with visit.hub.database.reading() as tx:
        return _whole(tx, visit, application_id)


@routes.post("/v1/applications/{application_id}/decision")
def decide_application(visit: Visiting, application_id: Number, decision: Decision) -> ApplicationWhole:
    """审批：同意（可缩短、缩小）或不同意（写明理由） · grant it, less of it, or refuse it with a reason."""
    by = visit.reader.account.name
    with visit.hub.database.transaction() as tx:
        if decision.granted:
            terms = decision.terms.terms if decision.terms else None
            applications.grant(tx, visit.hub.contracts, application_id, terms, by=by, note=decision.reason)
        else:
            applications.refuse(tx, application_id, by=by, reason=decision.reason)
        return _whole(tx, visit, application_id)


@routes.post("/v1/applications/{application_id}/extension")
def extend_application(visit: Visiting, application_id: Number, said: Extension) -> ApplicationWhole:
    """延长答复期限，限一次，理由告知申请单位 · put the answer off, once, with a reason that the unit is told."""
    by = visit.reader.account.name
    with visit.hub.database.transaction() as tx:
        applications.extend(tx, visit.hub.contracts, application_id, by=by, reason=said.reason)
        return _whole(tx, visit, application_id)


@routes.post("/v1/applications/{application_id}/withdrawal")
def withdraw_application(visit: Visiting, application_id: Number) -> ApplicationWhole:
    """撤回申请 · take an application back."""
    with visit.hub.database.transaction() as tx:
        applications.withdraw(tx, visit.reader, application_id)
        return _whole(tx, visit, application_id)


def _whole(tx: Transaction, visit: RequestContext, application_id: int) -> ApplicationWhole:
    found = applications.case(tx, visit.reader, application_id)
    made = [one for one in accounts.grants(tx, found.application.account) if one.application_id == application_id]
    return ApplicationWhole.model_validate(_said(visit, found.application) | {"steps": found.steps, "grants": made})


def _said(visit: RequestContext, held: kept.Application) -> dict[str, object]:
    late = held.clock is not None and held.clock < datetime.now(UTC)
    term = applications.term(visit.hub.contracts, held)
    return _attributes(held) | {"clock": held.clock, "late": late, "term": term}


def _entry(offer: Offer) -> dict[str, object]:
    entity = offer.entity
    return {
        "entity": entity.name,
        "title": _words(entity),
        "key": entity.key,
        "fields": len(entity.fields),
        "records": offer.records,
        "shared_by": [
            {
                "system": one.system.name,
                "title": _words(one.system),
                "fresh": one.fresh,
                "seconds": int(one.silent) if one.ever else None,
                "target_seconds": one.target,
            }
            for one in offer.shared
        ],
        "received_by": [system.name for system in offer.receivers],
        "forms": [form.name for form in offer.forms],
        "visible": offer.sees,
        "readers": offer.readers,
    }


def _field(offer: FieldOffer) -> dict[str, object]:
    field = offer.field
    return {
        "name": field.name,
        "title": {"zh": field.title_zh, "en": field.title_en},
        "kind": field.kind,
        "classed": field.classed,
        "unit": field.unit,
        "code": field.code,
        "standard": field.standard,
        "authority": field.authority,
        "shared_by": [system.name for system in offer.shared],
        "received_by": [system.name for system in offer.receivers],
        "forms": [form.name for form in offer.forms],
        "sight": offer.sight,
    }


def _words(titled: Entity | System | PrefillForm) -> dict[str, str]:
    return {"zh": titled.title_zh, "en": titled.title_en}


def _attributes(row: object) -> dict[str, object]:
    return {name: getattr(row, name) for name in type(row).__dataclass_fields__}  # type: ignore[attr-defined]
