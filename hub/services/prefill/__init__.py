"""Form prefill: each field of a form with value and source, or the reason why it is empty."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from hub.auth.context import RequestContext
from hub.db.database import Transaction
from hub.db.records import projects
from hub.db.records.projects import Known
from hub.domain import keys
from hub.domain.contracts import Contracts, Entity, PrefillCheck, PrefillForm
from hub.domain.rights import Rights
from hub.domain.times import HUB_ZONE
from hub.errors import FlowError
from hub.model import Record
from hub.services.papers import each_once
from hub.services.prefill.filling import (
    FilledField,
    Material,
    WantedMaterial,
    deciding,
    fill,
    materials,
    wanted,
)
from hub.services.prefill.suiting import checked

Whole = Callable[[Sequence[Entity]], Sequence[Known]]
"""All records of these entities in the project, without a reader's row-level security."""


@dataclass(frozen=True, slots=True)
class Filled:
    """One form of one project. wanted: papers that the form wants; materials: all papers there are.

    record_ids: records that were read for it. checks: those that a record fits.
    """

    form: PrefillForm
    project_code: str
    answers: tuple[FilledField, ...]
    materials: tuple[Material, ...]
    wanted: tuple[WantedMaterial, ...]
    record_ids: tuple[int, ...]
    checks: tuple[PrefillCheck, ...] = ()


def chosen(contracts: Contracts, name: str) -> PrefillForm:
    """A form by its name; FlowError: ask.form_disabled, ask.form_unknown."""
    if problems := contracts.disabled_forms.get(name):
        raise FlowError("ask.form_disabled", form=name, **problems[0].explained)
    form = contracts.forms.get(name)
    if form is None:
        raise FlowError("ask.form_unknown", form=name, known=", ".join(contracts.forms))
    return form


def prefilled(context: RequestContext, form: str, project_code: str) -> tuple[Filled, Rights]:
    """A form as far as the reader may see the project, and his rights on it."""
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
    """Fill every field of a form for a project under these rights; papers lapsed by then do not
    count.

    whole: where `tx` is under row-level security, gives all records: which record is the latest or
    the only one is decided by all of them, seen or not.
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
        materials=tuple(
            materials(contracts, each_once(contracts, known, whole), arrived=arrived, rights=rights)
        ),
        wanted=tuple(wanted(contracts, form, known, arrived=arrived, rights=rights, on=on)),
        record_ids=tuple(row.record_id for row in known),
        checks=tuple(checked(contracts, form, known, rights=rights, on=on)),
    )


def _decidable(
    form: PrefillForm,
    entities: Sequence[Entity],
    known: Sequence[Known],
    *,
    rights: Rights,
    whole: Whole,
) -> list[Known]:
    """These records, with the values that decide among them though the reader may not see those.

    They show up in no answer: every field is masked by its own class.
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
