"""What the routes answer about runs, and about what is remarkable in records that were taken in."""

from datetime import datetime
from typing import Literal, TypeAlias

from pydantic import Field, JsonValue

from hub.api.answers import Answer, Counts, Told

Kind: TypeAlias = Literal[
    "pull", "push", "receipts", "replay", "release", "remap", "reconcile", "erase", "decide", "accept", "drop"
]


class CauseCount(Answer):
    """Entries that a run opened for one cause."""

    cause: str = Field(examples=["record.decimal_invalid /ztze"])
    times: int = Field(examples=[3])
    example: int


class Run(Answer):
    """One run; `counts` begins with the whole (read or due), its parts follow and add up to it."""

    id: int = Field(examples=[4711])
    flow: str = Field(examples=["pull.investment.project"])
    kind: Kind
    state: Literal["running", "complete", "failed", "aborted", "held"]
    started_at: datetime
    ended_at: datetime | None
    counts: Counts = Field(examples=[{"read": 100, "created": 90, "unchanged": 8, "quarantined": 2}])
    parts: Counts = Field(
        description="what became of the parts of what was taken apart; {} where nothing was",
        examples=[{"parts": 3, "parts_created": 2, "parts_deleted": 1}],
    )
    notes: Counts = Field(
        description="what was remarkable and no fault, by rule and place", examples=[{"record.list_unread /owners": 3}]
    )
    balanced: bool | None = Field(description="null while it runs, and where it did not end well")
    why: Told | None = Field(description="what stopped a failed run")
    causes: list[CauseCount]
    airflow: JsonValue = Field(description="DAG, run and task that it belongs to, if any")


class Batch(Answer):
    """One committed batch, with the Merkle root over its records and the seal that covers it."""

    id: int
    committed_at: datetime
    contract: str | None
    leaves: int
    merkle_root: str | None
    seal_id: int | None
    counts: Counts
    parts: Counts


class RunWhole(Run):
    """One run with its batches."""

    batches: list[Batch]


class Finding(Answer):
    """Something remarkable about records that were taken in, and no fault; in words, with one of them."""

    flow: str = Field(examples=["pull.investment.project"])
    code: str = Field(examples=["record.list_unread"])
    pointer: str = Field(examples=["/szxq"])
    times: int
    example: str = Field(description="a source key")
    zh: str
    en: str
    cure_zh: str
    cure_en: str
