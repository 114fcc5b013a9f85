"""Record linkage decided by people: which project a record without a project code belongs to."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import Field

from hub.auth.context import ADMINISTERING, RequestContext
from hub.db.crosswalk import links
from hub.db.crosswalk.links import LinkWord
from hub.domain import keys
from hub.model import Record
from hub.pipeline import linking
from hub.pipeline.linking import Offer, UnlinkedRecord
from hub.services.naming import UnknownNameError

__all__ = [
    "LinkDecided",
    "LinkOffer",
    "LinkQuestion",
    "LinkWord",
    "latest",
    "link",
    "questions",
    "refuse",
    "unlink",
]


@dataclass(frozen=True, slots=True)
class LinkOffer:
    """A candidate project with the verdict and score of the scorer (by `hub`) or a person."""

    project_code: Annotated[str, Field(examples=["2019-140108-70-03-013941"])]
    verdict: str
    score: float | None
    evidence: Annotated[
        list[dict[str, str | float]],
        Field(examples=[[{"trait": "name", "level": "same", "weight": 5.1}]]),
    ]
    by: str
    reason: str
    at: datetime
    ended_at: datetime | None
    ended_by: str | None
    ended_reason: str | None
    project: Record


@dataclass(frozen=True, slots=True)
class LinkQuestion:
    """A record that waits for its project, beside candidate projects, as the reader sees them."""

    flow: Annotated[str, Field(examples=["pull.partner.parcel"])]
    key: str
    since: datetime
    entity: str
    record: Record
    offered: tuple[LinkOffer, ...]
    words: tuple[LinkWord, ...]


@dataclass(frozen=True, slots=True)
class LinkDecided:
    """A record's project, and those it was found not to belong to."""

    key: str
    linked: str | None
    refused: tuple[str, ...]


def questions(
    context: RequestContext, *, flow: str | None = None, key: str | None = None, most: int = 20
) -> list[LinkQuestion]:
    """Records whose project a person is to decide, with their candidates.

    Raises UnknownNameError (link.key_unknown) where none has the key asked for.
    """
    asked = linking.questions(
        context.hub.database, context.hub.contracts, flow=flow, key=key, most=most
    )
    if key is not None and not asked:
        raise UnknownNameError("link.key_unknown", key=key)
    context.saw([offer.record_id for one in asked for offer in one.offered if offer.record_id])
    return [_question(context, one) for one in asked]


def latest(context: RequestContext, *, most: int) -> list[LinkWord]:
    """The latest links in force, made by the scorer or people."""
    with context.hub.database.read() as tx:
        return links.latest(tx, most=most)


def link(
    context: RequestContext, key: str, *, flow: str | None, to: str, reason: str
) -> LinkDecided:
    """Link a record to a project; waiting records are then released."""
    context.require(ADMINISTERING)
    hub, code = context.hub, keys.project_code(to)
    linking.decide(
        hub.database, hub.contracts, key, flow=flow, to=code, by=context.by, reason=reason
    )
    linking.release(hub.database, hub.contracts, hub.settings)
    context.saw([], project_code=code)
    return LinkDecided(key, code, ())


def unlink(context: RequestContext, key: str, *, flow: str | None, reason: str) -> LinkDecided:
    """Undo a link, whoever made it; waiting records are then released."""
    context.require(ADMINISTERING)
    hub = context.hub
    project = linking.undo(
        hub.database, hub.contracts, key, flow=flow, by=context.by, reason=reason
    )
    linking.release(hub.database, hub.contracts, hub.settings)
    context.saw([], project_code=project)
    return LinkDecided(key, None, (project,))


def refuse(context: RequestContext, key: str, *, flow: str | None, reason: str) -> LinkDecided:
    """Decide that a record belongs to none of the candidates."""
    context.require(ADMINISTERING)
    hub = context.hub
    refused = linking.refuse(
        hub.database, hub.contracts, key, flow=flow, by=context.by, reason=reason
    )
    return LinkDecided(key, None, tuple(refused))


def _question(context: RequestContext, question: UnlinkedRecord) -> LinkQuestion:
    values = {name: question.values.get(name) for name in question.entity.traits}
    return LinkQuestion(
        question.flow,
        question.key,
        question.since,
        question.entity.name,
        record=context.rights.seen(question.entity, values),
        offered=tuple(_offer(context, offer) for offer in question.offered),
        words=question.words,
    )


def _offer(context: RequestContext, offer: Offer) -> LinkOffer:
    word = offer.word
    return LinkOffer(
        word.project_code,
        word.verdict,
        word.score,
        word.evidence,
        word.by,
        word.reason,
        word.at,
        word.ended_at,
        word.ended_by,
        word.ended_reason,
        project=context.rights.seen(context.hub.contracts.entities["project"], offer.values),
    )
