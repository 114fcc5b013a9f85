"""Options of a front table: key, status column, withdrawal, checkpoints."""

from pydantic import Field

from connectors.options import Options
from connectors.tables import Name
from connectors.verdicts import Code


class Status(Options):
    """The column in which the receiver states its progress."""

    column: str = Field(description="Its name, e.g. sjsczt")
    pending: tuple[Code, ...] = Field(
        description="Values of rows that are still looked at, e.g. 0 and 1"
    )
    accepted: tuple[Code, ...] = Field(description="Values of accepted rows, e.g. 3")
    rejected: tuple[Code, ...] = Field(description="Values of refused rows, e.g. 2")
    reason: str = Field(default="", description="Column of the reason in words, e.g. sbyy")


class Validity(Options):
    """The column that says whether a row is valid, and so how a row is withdrawn."""

    column: str = Field(description="Its name, e.g. sjyxbs")
    valid: Code = Field(default="1", description="Value of a valid row")
    withdrawn: Code = Field(default="0", description="Value of a withdrawn copy")
    copies: bool = Field(
        default=True,
        description=(
            "A change withdraws the former row first; false where a new row replaces it by itself"
        ),
    )
    reason: str = Field(
        default="", description="Column that says why a row is withdrawn, e.g. sjwxyy"
    )
    changed: str = Field(default="数据变更", description="What to say of a row that is replaced")
    ended: str = Field(default="数据撤回", description="What to say of a row that is taken back")


class Checkpoints(Options):
    """A table that takes the signed end of the hub's ledger, one row a checkpoint, for the partner
    to keep.
    """

    table: Name | tuple[Name, ...] = Field(
        description=(
            "Its name, with its schema: front.checkpoint; the parts as a list where one holds a dot"
        )
    )
    seal: str = Field(default="seal", description="Column of the seal's number")
    text: str = Field(
        default="checkpoint",
        description="Column of the checkpoint, one line of JSON of some 600 bytes",
    )


class ExchangeWrite(Options):
    """SQL exchange: one table that takes rows."""

    batch: int = Field(default=200, ge=1, description="Records a transaction")
    receipts: bool = Field(
        default=False, description="Whether verdicts come later and are asked for"
    )
    table: Name | tuple[Name, ...] = Field(
        description="Its name, with its schema: front.t; the parts as a list where one holds a dot"
    )
    key: str = Field(description="Column of the sender's row key, unique for each row, e.g. dfsjzj")
    serial: str = Field(default="", description="Column of the receiver's own number, e.g. lsh")
    status: Status | None = Field(
        default=None, description="Where the verdict appears; without it a row is accepted"
    )
    validity: Validity | None = Field(
        default=None, description="How a row is withdrawn; without it none can be"
    )
    match: tuple[Name, ...] = Field(
        default=(),
        description="Columns of the partner's own key, e.g. xmdm: a row that has the same values "
        "in them is updated in "
        "place, takes the key of the delivery and is pending again; left out: rows are inserted "
        "and never changed",
    )
    read_back: bool = Field(
        default=True,
        description="Read each row before the commit and refuse it where the table holds another "
        "value than was sent "
        "(cut, rounded, a leading zero lost); false only where a trigger of the partner's is "
        "meant to change values",
    )
    checkpoints: Checkpoints | None = Field(
        default=None,
        description=(
            "Where checkpoints of the hub's ledger are put beside the rows; left out: nowhere"
        ),
    )
