"""Routes of the catalogue, of grants and of applications for access."""

from typing import Literal

from fastapi import APIRouter
from pydantic import Field

from hub.api.access import Visiting
from hub.api.problems import PROBLEMS
from hub.api.request_bodies import Day, Most, Number, RequestBody
from hub.domain.access_terms import Terms
from hub.services import applications, catalogue, grants, naming
from hub.services.applications import ApplicationView, ApplicationWhole
from hub.services.catalogue import CatalogueEntry, CatalogueSheet
from hub.services.grants import Grant

routes = APIRouter(responses=PROBLEMS)

Class = Literal["public", "internal", "personal"]


class LimitsGiven(RequestBody):
    """To which records access is limited. regions: leading digits of region codes, none for all."""

    regions: list[str] = Field(default=[], examples=[["1401"]])
    open_case_only: bool = Field(
        default=False, description="only projects on which the unit has an open case"
    )


class TermsGiven(LimitsGiven):
    """What may be read, and for how long."""

    entities: list[str] = Field(min_length=1, examples=[["project"]])
    classes: list[Class] = Field(default=["public"], min_length=1)
    valid_from: Day
    valid_until: Day

    @property
    def terms(self) -> Terms:
        """The terms as services take them."""
        some = tuple(self.entities), tuple(self.classes), tuple(self.regions)
        return Terms(*some, self.open_case_only, self.valid_from, self.valid_until)


class Applying(TermsGiven):
    """An application. renews: the number of the one it follows."""

    purpose: str = Field(min_length=1, max_length=1000, examples=["用水报装"])
    basis: str = Field(min_length=1, max_length=1000, description="the legal basis")
    renews: Number | None = None


class ApplicationDecision(RequestBody):
    """A decision. terms: what is granted, where that is less than was asked."""

    granted: bool
    reason: str = Field(default="", max_length=1000, description="wanted where it is refused")
    terms: TermsGiven | None = None


class Extension(RequestBody):
    """Why the answer is postponed; the unit is told."""

    reason: str = Field(min_length=1, max_length=1000)


@routes.get("/v1/catalogue")
def catalogue_entries(visit: Visiting) -> list[CatalogueEntry]:
    """数据目录：共享什么、由谁共享、是否及时、谁可查看 · what is shared, by whom, how fresh; no values."""
    return catalogue.listed(visit)


@routes.get("/v1/catalogue/{entity}")
def catalogue_entry(visit: Visiting, entity: str) -> CatalogueSheet:
    """目录中的一类数据及其字段 · one entity with its fields."""
    return catalogue.sheet(visit, entity)


@routes.get("/v1/grants")
def grants_held(visit: Visiting) -> list[Grant]:
    """授权：本账号的，管理员和审计可见全部 · grants of this account, or all for those who look into everything."""
    return grants.listed(visit)


@routes.get("/v1/applications")
def applications_made(
    visit: Visiting, state: str | None = None, before: Number | None = None, limit: Most = 50
) -> list[ApplicationView]:
    """数据使用申请：本单位的，管理员和审计可见全部 · applications of this unit, or all; open ones first."""
    naming.one_of("state", state, naming.APPLICATION_STATES)
    return applications.listed(visit, state=state, before=before, most=limit)


@routes.post("/v1/applications")
def apply_for_access(visit: Visiting, asked: Applying) -> ApplicationWhole:
    """申请使用数据 · ask for access with a purpose, a legal basis and a term."""
    return applications.apply(
        visit, asked.terms, purpose=asked.purpose, basis=asked.basis, renews=asked.renews
    )


@routes.get("/v1/applications/{application_id}")
def application(visit: Visiting, application_id: Number) -> ApplicationWhole:
    """一份申请及其经过 · one application with its steps."""
    return applications.one(visit, application_id)


@routes.post("/v1/applications/{application_id}/decision")
def decide_application(
    visit: Visiting, application_id: Number, decision: ApplicationDecision
) -> ApplicationWhole:
    """审批：同意（可缩短、缩小）或不同意（写明理由） · grant it, less of it, or refuse it with a reason."""
    if not decision.granted:
        return applications.refuse(visit, application_id, reason=decision.reason)
    less = decision.terms.terms if decision.terms else None
    return applications.grant(visit, application_id, less, note=decision.reason)


@routes.post("/v1/applications/{application_id}/extension")
def extend_application(
    visit: Visiting, application_id: Number, said: Extension
) -> ApplicationWhole:
    """延长答复期限，限一次，理由告知申请单位 · put the answer off, once, with a reason that the unit is told."""
    return applications.extend(visit, application_id, reason=said.reason)


@routes.post("/v1/applications/{application_id}/withdrawal")
def withdraw_application(visit: Visiting, application_id: Number) -> ApplicationWhole:
    """撤回申请 · take an application back."""
    return applications.withdraw(visit, application_id)
