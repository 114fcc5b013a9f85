"""What the routes of auditors answer, as OpenAPI shows it."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from hub.api.answers import Answer, Told
from hub.api.asked import Asked, Moment, Number


class Seal(Answer):
    """One link of the chain; `wrong` says in words what is wrong with it, nothing where all is well."""

    id: int
    sealed_at: datetime
    batches: int
    root: str
    chain: str
    signed_by: str | None
    sm2_by: str | None
    wrong: list[str] = Field(default_factory=list)


class Checked(Answer):
    """A slice of the chain, checked. next: where to go on, null at the end of the chain."""

    checked: int
    wrong: list[Seal]
    next: int | None


class Kept(Asked):
    """Checkpoints as a partner has kept them, one JSON object a line."""

    checkpoints: str = Field(max_length=1_000_000)


class Compared(Answer):
    """A partner's checkpoint beside the ledger."""

    seal: int
    state: Literal["same", "differs", "unknown", "not_ours", "restored"]
    sealed_at: str


class AccessAsked(Asked):
    """Which rows of the access log; moments without a zone are Beijing time."""

    account: str | None = None
    project_code: str | None = None
    record_id: Number | None = None
    since: Moment | None = None
    until: Moment | None = None
    refused: bool | None = None
    before: Number | None = Field(default=None, description="从此行往前 · rows before this one")
    limit: int = Field(default=50, ge=1, le=1000)


class Access(Answer):
    """One read, or one that was refused."""

    id: int
    at: datetime
    account: str
    role: str
    department: str
    route: str
    purpose: str
    project_code: str | None
    record_ids: list[int]
    refused: bool
    address: str = Field(
        description="来自的网络地址；空为中枢本机 · where it was asked from; empty: the hub's own machine"
    )


class Unusual(Answer):
    """Something that stands out in an account's reading of a day, and why."""

    account: str
    role: str
    department: str
    day: date
    why: Told
