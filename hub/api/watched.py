"""What the administrators' routes ask and answer, as OpenAPI shows it."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field, JsonValue

from hub.api.answers import Answer, Told
from hub.api.asked import Asked, Number
from hub.services.overview import Subject

Colour = Literal["green", "yellow", "red", "grey"]
Sentence = Field(min_length=1, max_length=1000, pattern="^[^\\x00]*$")


class FlowNow(Answer):
    """One flow now. Counts end at `most` of the overview."""

    flow: str = Field(examples=["pull.investment.project"])
    light: Colour = Field(
        description="red: its last run failed, a batch is held, or it is disabled; yellow: late; grey: it has never run"
    )
    disabled: Told | None = Field(description="why it cannot run: what is wrong in which contract or DAG file")
    seconds: float | None = Field(description="since it was last complete")
    target: int = Field(description="seconds within which it should be complete again")
    last_run: int | None
    last_state: str | None
    last_at: datetime | None
    entries: int = Field(description="open quarantine entries")
    held: int = Field(description="batches that wait for a decision")
    waiting: int
    deliveries: int = Field(description="due, under way, awaiting a receipt, or dead")
    hours: list[int] = Field(description="records moved in each of the last 24 hours, the oldest first")


class Cell(Answer):
    """What goes on between the hub and one system about one entity."""

    system: str
    entity: str
    light: Colour
    pulls: list[FlowNow]
    pushes: list[FlowNow]


class Urgent(Answer):
    """One thing to be seen to."""

    subject: Subject
    light: Colour
    told: Told
    times: int
    flow: str
    cause: str
    number: int | None = Field(description="the run, or the recall, that it is about")
    at: datetime | None


class Overview(Answer):
    """Everything at a glance."""

    at: datetime
    most: int = Field(description="where counts end")
    lights: dict[str, int]
    sealing_seconds: float
    urgent: list[Urgent]
    more: int = Field(description="so many urgent things are not listed")
    cells: list[Cell]


class Landed(Answer):
    """One payload that a run took in; `entry_id` where it was set aside."""

    id: int
    batch_id: int
    key: str
    position: str
    disposition: str
    entry_id: int | None
    entry_state: str | None


class Handed(Answer):
    """One attempt or verdict of a delivery."""

    id: int
    record_id: int
    entity: str
    record: str
    key: str
    action: str
    state: str
    code: str
    reference: str
    at: datetime


class RunRecords(Answer):
    """The single records of a run, a page of them: after the last `id` comes the next."""

    landed: list[Landed]
    handed: list[Handed]


class Chosen(Asked):
    """Which open entries: these, those of a flow, those of a cause; all of them only by `everything`."""

    ids: list[Number] | None = Field(default=None, max_length=10_000)
    flow: str | None = Field(default=None, max_length=200, pattern="^[^\\x00]*$")
    cause: str | None = Field(default=None, max_length=1000, pattern="^[^\\x00]*$")
    everything: bool = False


class Assignment(Chosen):
    """Who sees to them; null: nobody."""

    to: str | None = Field(default=None, max_length=100, pattern="^[^\\x00]*$")


class Discarding(Chosen):
    """Why they are closed for good."""

    reason: str = Sentence


class Touched(BaseModel):
    """How many entries (or differences) it concerned."""

    count: int


class Saying(Asked):
    """A remark about an entry, or about a cause of a flow."""

    entry_id: Number | None = None
    flow: str = Field(default="", max_length=200, pattern="^[^\\x00]*$")
    cause: str = Field(default="", max_length=1000, pattern="^[^\\x00]*$")
    said: str = Sentence


class Remark(Answer):
    """What somebody said."""

    id: int
    flow: str
    cause: str
    entry_id: int | None
    at: datetime
    said_by: str
    said: str


class Job(Answer):
    """A replay under way, or what came of it."""

    id: int
    asked: dict[str, JsonValue]
    asked_by: str
    state: Literal["running", "complete", "failed", "aborted"]
    total: int = Field(description="entries selected when it began")
    done: int
    marked: int = Field(description="deliveries that go out again with the next push")
    runs: list[int]
    why: Told | None = Field(description="what stopped it")
    started_at: datetime
    ended_at: datetime | None


class Deciding(Asked):
    """What becomes of held batches, in their order: applied under the contracts of now, or left unapplied."""

    batches: list[Number] = Field(min_length=1, max_length=1_000, examples=[[4711]])
    accept: bool
    reason: str = Sentence


class SettlingDeliveries(Asked):
    """Which uncertain deliveries of a flow (all that wait, where records are left out): sent, or taken as sent."""

    flow: str = Field(examples=["push.water.project"])
    records: list[Number] | None = Field(default=None, min_length=1, max_length=10_000)
    send: bool
    reason: str = Sentence


class SettlingSurplus(Asked):
    """Differences of the class surplus_there: taken back at the target, or ours again (of records known here)."""

    ids: list[Number] = Field(min_length=1, max_length=10_000)
    withdraw: bool
    reason: str = Sentence


class Restoring(Asked):
    """That the database was restored; nothing_lost: it was moved only, and is as it was.

    checkpoints: as they were kept outside, one JSON object a line; the ledger goes on behind the newest.
    """

    nothing_lost: bool = False
    checkpoints: str = Field(default="", max_length=1_000_000)
    reason: str = Sentence


class Settling(Asked):
    """Which differences, and whether they are sent again or left as they are."""

    ids: list[Number] = Field(min_length=1, max_length=10_000)
    resend: bool
    reason: str = Sentence


class Alert(Answer):
    """One cause of which people are told."""

    cause: str
    told: Told
    times: int
    first_at: datetime
    last_at: datetime
    told_at: datetime | None
    closed_at: datetime | None
