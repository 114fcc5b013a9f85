"""The admin API that every partner serves beside its protocol: /_sandbox/..."""

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, Field

from sandbox.faults import UnknownFaultError
from sandbox.partner import Partner, UnknownRecordError
from sandbox.state import Record

PREFIX = "/_sandbox"


class TickWanted(BaseModel):
    """Where to move to; without a number, one step on."""

    tick: int | None = None


class FaultWanted(BaseModel):
    """A fault to arm."""

    fault: str
    times: int = Field(default=1, ge=1)
    where: str | None = None


class EditWanted(BaseModel):
    """A change of a record at the source; null removes the field."""

    resource: str
    key: str
    set: dict[str, object]


def admin(partner: Partner) -> APIRouter:
    """Build the routes for one partner."""
    routes = APIRouter(prefix=PREFIX)

    @routes.get("/health")
    def health() -> Record:
        return {"partner": partner.name, "tick": partner.tick}

    @routes.post("/tick")
    def tick(wanted: TickWanted) -> Record:
        partner.move_to(partner.tick + 1 if wanted.tick is None else wanted.tick)
        return {"partner": partner.name, "tick": partner.tick}

    @routes.get("/shared")
    def shared() -> dict[str, int]:
        return partner.shared()

    @routes.get("/received")
    def received(resource: str) -> list[Record]:
        return partner.received(resource)

    @routes.get("/checkpoints")
    def checkpoints() -> list[str]:
        return partner.checkpoints()

    @routes.post("/edit")
    def edit(wanted: EditWanted) -> Record:
        try:
            partner.edit(wanted.resource, wanted.key, wanted.set)
        except UnknownRecordError as error:
            raise HTTPException(404, str(error)) from error
        return {"resource": wanted.resource, "key": wanted.key}

    _fault_routes(routes, partner)
    return routes


def _fault_routes(routes: APIRouter, partner: Partner) -> None:
    @routes.get("/faults")
    def armed() -> list[Record]:
        return partner.faults.armed()

    @routes.post("/faults")
    def arm(wanted: FaultWanted) -> list[Record]:
        try:
            partner.faults.arm(wanted.fault, times=wanted.times, where=wanted.where)
        except UnknownFaultError as error:
            raise HTTPException(422, str(error)) from error
        return partner.faults.armed()

    @routes.delete("/faults")
    def clear() -> list[Record]:
        partner.faults.clear()
        return partner.faults.armed()
