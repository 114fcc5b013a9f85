"""What a protocol asks of the partner that speaks it."""

from collections.abc import Sequence
from typing import Protocol

from sandbox.declared.words import Declaration
from sandbox.faults import FaultSwitch
from sandbox.forms import Form, Intake
from sandbox.shelf import Offered, Page, Shelf
from sandbox.state import Record, State


class Serving(Protocol):
    """A declared partner, without its protocol."""

    name: str
    declaration: Declaration
    shelf: Shelf
    state: State
    faults: FaultSwitch
    intake: Intake

    @property
    def tick(self) -> int:
        """Give the tick of now."""

    def form(self, resource: str) -> Form:
        """Give what is asked of the records of a resource that is taken."""

    def page(self, resource: str, page: Page) -> list[Offered]:
        """Give a page as it is read, faults of content included."""

    def told(self, resource: str, records: Sequence[Offered]) -> list[Record]:
        """Give records with what only the time of reading knows."""

    def troubled(self, resource: str, records: list[Offered]) -> list[Offered]:
        """Let faults of content strike."""

    def stamp(self, resource: str, column: str) -> str:
        """Give the time of now as a share's column writes it."""
