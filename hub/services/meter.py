"""The once-only meter (一次填报): what applicants were spared because the hub knew it, by unit, form and month."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from hub.db import submissions
from hub.db.accounts import Account
from hub.db.database import Transaction
from hub.db.submissions import Metered

WHOLE = {"administrator", "auditor"}


@dataclass(frozen=True, slots=True)
class Spared:
    """Sums over some submissions. asked: what somebody had to type or hand in; spared: what came from the hub.

    empty: fields that stayed empty: the hub did not fill them in, so they count against it.
    """

    submissions: int = 0
    fields_spared: int = 0
    fields_asked: int = 0
    materials_spared: int = 0
    materials_asked: int = 0
    fields_empty: int = 0

    @property
    def share(self) -> float | None:
        """The part of all fields and papers of the forms that came from the hub, None where there was nothing."""
        spared = self.fields_spared + self.materials_spared
        whole = spared + self.fields_asked + self.fields_empty + self.materials_asked
        return spared / whole if whole else None


def meter(
    tx: Transaction,
    account: Account,
    *,
    since: date,
    until: date,
    department: str | None = None,
    form: str | None = None,
) -> list[Metered]:
    """The sums of these months that an account may see: of its own unit, or of all where it looks into everything."""
    if account.role not in WHOLE:
        department = account.department
    return submissions.meter(tx, since=since.replace(day=1), until=until, department=department, form=form)


def spared(rows: Iterable[Metered]) -> Spared:
    """Add up. An outdated answer came from the hub too; what was left empty came from nobody, and is counted."""
    some: Sequence[Metered] = tuple(rows)
    return Spared(
        submissions=sum(row.submissions for row in some),
        fields_spared=sum(row.fields_hub + row.fields_outdated for row in some),
        fields_asked=sum(row.fields_typed + row.fields_differing for row in some),
        materials_spared=sum(row.materials_hub for row in some),
        materials_asked=sum(row.materials_asked for row in some),
        fields_empty=sum(row.fields_empty for row in some),
    )
