"""A partner that gives files, and a fetch from it."""

from typing import ClassVar

from hub.domain.contracts import Contracts
from hub.errors import AttachmentError
from hub.model import Json
from hub.pipeline import fetching
from tests.filled import CODE, Filled, payload

FLOW = "pull.site.inspection_photo"


class Giving:
    """A partner that gives these files; an error stands for itself."""

    FETCH: ClassVar[dict[str, Json]] = {}

    def __init__(self, files: dict[str, bytes | Exception]) -> None:
        self.files, self.asked = files, list[str]()

    def fetch(self, source: object, value: str, *, most: int) -> bytes:
        self.asked.append(value)
        found = self.files.get(value) or AttachmentError("attachment.missing", status="404")
        if isinstance(found, Exception):
            raise found
        return found


def fetch(
    world: Filled,
    files: dict[str, bytes | Exception],
    *,
    contracts: Contracts | None = None,
    flow: str = FLOW,
) -> Giving:
    """Fetch what a flow's records name, from a partner that gives these files."""
    giving, hub = Giving(files), world.hub
    contracts = contracts or hub.contracts
    fetching.fetch(
        hub.database,
        contracts,
        contracts.pulls[flow],
        opened=lambda _via: giving,  # type: ignore[arg-type, return-value]
        settings=hub.settings,
    )
    return giving


def record(world: Filled, *names: str, number: str = "ZL1", at: int = 1) -> None:
    said = payload(FLOW, xmdm=CODE, jcbh=number, zpList=[{"url": name} for name in names])
    world.pull(FLOW, said | {"gxsj": f"2026-08-21 15:{at:02}:00"})
