"""What a form asks and the hub already knows: a value with its source, or the reason why there is none."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from hub.errors import FlowError
from hub.prefill.filling import MATERIAL, Answer, Material, Wanted, fill, materials, wanted
from hub.rules.contracts import Contracts, PrefillForm
from hub.rules.rights import Rights
from hub.store import projects
from hub.store.database import Transaction


@dataclass(frozen=True, slots=True)
class Filled:
    """One form for one project. wanted: the papers that the form wants; materials: all that are held.

    record_ids: what was read for it.
    """

    form: PrefillForm
    project_code: str
    answers: tuple[Answer, ...]
    materials: tuple[Material, ...]
    wanted: tuple[Wanted, ...]
    record_ids: tuple[int, ...]


def chosen(contracts: Contracts, name: str) -> PrefillForm:
    """A form by its name."""
    form = contracts.forms.get(name)
    if form is None:
        raise FlowError("ask.form_unknown", form=name, known=", ".join(contracts.forms))
    return form


def prefill(
    tx: Transaction,
    contracts: Contracts,
    form: PrefillForm,
    *,
    project_code: str,
    rights: Rights,
    on: date,
    confined: bool = False,
) -> Filled:
    """Answer every field of a form for a project, as far as these rights go; what has lapsed that day is not held.

    confined: `tx` is one of `Database.reading_as`, which PostgreSQL holds to what the account may see.
    """
    asked = form.entities | ({MATERIAL} & contracts.entities.keys())
    seen = [contracts.entities[name] for name in sorted(asked) if rights.sees(name)]
    of_project, arrivals = (
        (projects.shown_of_project, projects.shown_arrivals)
        if confined
        else (projects.known_of_project, projects.arrivals)
    )
    known = [row for row in of_project(tx, seen, project_code) if not row.deleted] if seen else []
    arrived = arrivals(tx, _landings(row.provenance.values() for row in known))
    return Filled(
        form,
        project_code,
        answers=tuple(fill(contracts, form, known, arrived=arrived, rights=rights)),
        materials=tuple(materials(contracts, known, arrived=arrived, rights=rights)),
        wanted=tuple(wanted(contracts, form, known, arrived=arrived, rights=rights, on=on)),
        record_ids=tuple(row.record_id for row in known),
    )


def _landings(many: Iterable[Iterable[int]]) -> set[int]:
    return {landing_id for some in many for landing_id in some}
