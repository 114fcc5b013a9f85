"""The route of dry runs of changed contracts."""

from fastapi import APIRouter
from pydantic import Field

from hub.api.access import Visiting
from hub.api.request_bodies import RequestBody
from hub.services.dry_run import Rehearsed, dry_run

routes = APIRouter()


class RehearsalAsked(RequestBody):
    """The flow, the contract files in place of today's, and how many payloads to run over."""

    flow: str = Field(examples=["pull.partner.project"])
    files: dict[str, str] = Field(
        default={},
        description="text by path",
        examples=[{"mappings/partner/project.pull.yaml": "entity: project"}],
    )
    sample: int = Field(default=1000, ge=1, le=20_000)
    held: bool = Field(
        default=False, description="of accepting all that is held of the flow, instead"
    )


@routes.post("/v1/rehearsals")
def rehearsal(visit: Visiting, asked: RehearsalAsked) -> Rehearsed:
    """预演：映射版本改变后会怎样，不写入任何内容 · what changed contracts would change, by a sample; writes nothing."""
    return dry_run(visit, asked.flow, asked.files, sample=asked.sample, held_batches=asked.held)
