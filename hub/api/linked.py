"""What the routes about records and their projects answer, as OpenAPI shows it."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from hub.api.answers import Answer
from hub.api.asked import Asked
from hub.model import Value


class LinkFeature(Answer):
    """One comparison: which trait, how it came out, what that weighs (log odds)."""

    trait: str = Field(examples=["name"])
    level: str = Field(examples=["same"])
    weight: float


class LinkWord(Answer):
    """What the scorer (`hub`) or a person said of a record and a project."""

    project_code: str = Field(examples=["2019-140108-70-03-013941"])
    verdict: Literal["linked", "proposed", "refused"]
    score: float | None
    evidence: list[LinkFeature]
    by: str
    reason: str
    at: datetime
    ended_at: datetime | None
    ended_by: str | None
    ended_reason: str | None


class LinkOffer(LinkWord):
    """A project that resembles a record, and what is known of it."""

    project: dict[str, Value]


class LinkQuestion(Answer):
    """A record that waits for its project, beside the projects that it may belong to."""

    flow: str = Field(examples=["pull.registry.parcel"])
    key: str
    since: datetime
    entity: str
    record: dict[str, Value]
    offered: list[LinkOffer]
    words: list[LinkWord]


class LinkUndoing(Asked):
    """Which record, and why; `flow` where several flows hold that key."""

    key: str = Field(min_length=1, max_length=1000)
    flow: str | None = None
    reason: str = Field(min_length=1, max_length=1000)


class LinkDecision(LinkUndoing):
    """Whose record it is; without `to`: of none of the projects that were offered."""

    to: str | None = Field(default=None, max_length=100)


class LinkDecided(Answer):
    """What holds now."""

    key: str
    linked: str | None
    refused: list[str]
