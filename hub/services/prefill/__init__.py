"""What a form asks and the hub already knows: a value with its source, or the reason why there is
none.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from hub.auth.context import RequestContext
from hub.db.database import Transaction
from hub.db.records import projects
from hub.db.records.projects import Known
from hub.domain import keys
from hub.domain.contracts import Contracts, Entity, PrefillForm
from hub.domain.rights import Rights
from hub.domain.times import HUB_ZONE
from hub.errors import FlowError
from hub.model import Record
from hub.services.prefill.filling import (
    FilledField,
    Material,
    WantedMaterial,
    deciding,
    fill,
    materials,
    wanted,
)

Whole = Callable[[Sequence[Entity]], Sequence[Known]]
"""Gives the records of entities in the project that is asked about as they are, whoever asks."""


@dataclass(frozen=True, slots=True)
class Filled:
    """One form for one project. wanted: the papers that the form wants; materials: all that are
    held.

    record_ids: what was read for it.
    """

    form: PrefillForm
    project_code: str
    answers: tuple[FilledField, ...]
    materials: tuple[Material, ...]
    wanted: tuple[WantedMaterial, ...]
    record_ids: tuple[int, ...]


def chosen(contracts: Contracts, name: str) -> PrefillForm:
    """A form by its name."""
    if problems := contracts.disabled_forms.get(name):
        raise FlowError("ask.form_disabled", form=name, **problems[0].explained)
    form = contracts.forms.get(name)
    if form is None:
        raise FlowError("ask.form_unknown", form=name, known=", ".join(contracts.forms))
    return form


def prefilled(context: RequestContext, form: str, project_code: str) -> tuple[Filled, Rights]:
    """A form as far as this reader may see the project, and what that is."""
    contracts, project_code = context.hub.contracts, keys.project_code(project_code)
    asked = chosen(contracts, form)
    context.may_see(asked.entities)
    today = datetime.now(HUB_ZONE).date()
    with context.read() as tx:
        rights = context.rights_on(tx, project_code, asked.entities)
        whole = context.hub.of_project(project_code)
        filled = prefill(
            tx, contracts, asked, project_code=project_code, rights=rights, on=today, whole=whole
        )
    context.saw(filled.record_ids, project_code=project_code)
    return filled, rights


def prefill(
    tx: Transaction,
    contracts: Contracts,
    form: PrefillForm,
    *,
    project_code: str,
    rights: Rights,
    on: date,
    whole: Whole | None = None,
) -> Filled:
    """Answer every field of a form for a project, as far as these rights go; what has lapsed that
    day is not held.

    whole: `tx` is one of `Database.read(reader=...)`, which PostgreSQL holds to what the account
    may see; which record is the latest, or one of a kind, is decided by all that these are, seen or
    not.
    """
    asked = form.entities | {entity.name for entity in contracts.papers}
    seen = [contracts.entities[name] for name in sorted(asked) if rights.sees(name)]
    known = [row for row in projects.known_of_project(tx, seen, project_code) if not row.deleted]
    if whole is not None:
        known = _decidable(form, seen, known, rights=rights, whole=whole)
    arrived = projects.arrivals(tx, _landings(row.provenance.values() for row in known))
    return Filled(
        form,
        project_code,
        answers=tuple(fill(contracts, form, known, arrived=arrived, rights=rights)),
        materials=tuple(materials(contracts, known, arrived=arrived, rights=rights)),
        wanted=tuple(wanted(contracts, form, known, arrived=arrived, rights=rights, on=on)),
        record_ids=tuple(row.record_id for row in known),
    )


def _decidable(
    form: PrefillForm,
    entities: Sequence[Entity],
    known: Sequence[Known],
    *,
    rights: Rights,
    whole: Whole,
) -> list[Known]:
    """These records with the values besides that decide among them, where the reader may not see
    those.

    No answer shows them: each asks for itself what the reader may see of its field.
    """
    unseen = {entity.name: _unseen(deciding(form, entity), entity, rights) for entity in entities}
    there = {row.entity for row in known}
    having = [entity for entity in entities if unseen[entity.name] and entity.name in there]
    as_they_are = {row.record_id: row.values for row in whole(having)} if having else {}
    return [
        replace(
            row, values=_only(unseen[row.entity], as_they_are.get(row.record_id, {})) | row.values
        )
        for row in known
    ]


def _unseen(names: Iterable[str], entity: Entity, rights: Rights) -> set[str]:
    return {name for name in names if rights.sight(entity.name, entity.fields[name]) != "shown"}


def _only(names: Collection[str], values: Record) -> Record:
    return {name: value for name, value in values.items() if name in names}


def _landings(many: Iterable[Iterable[int]]) -> set[int]:
    return {landing_id for some in many for landing_id in some}
