"""Options of files of tables: how they are written and read."""

from typing import Literal

from pydantic import Field

from connectors.options import Options


class Shape(Options):
    """How a table is written into a file."""

    format: Literal["csv", "xlsx"] = Field(
        default="csv", description="Kind of file; xlsx is a workbook"
    )
    encoding: str = Field(
        default="gb18030",
        description="Encoding of a CSV file, e.g. gb18030 (which reads GBK too), utf-8",
    )
    header_row: int = Field(
        default=1, ge=1, description="Row of the header; what stands above is no data"
    )
    sheet: str = Field(
        default="",
        description=(
            "Sheet of a workbook, also by a pattern that fits one, e.g. 成果*; empty: the first "
            "not hidden"
        ),
    )


class Header(Options):
    """A header that is found, not counted."""

    find: str = Field(
        min_length=1,
        description="A title that stands in the header's first row and in no other row",
    )
    rows: int = Field(
        default=1,
        ge=1,
        le=5,
        description="Rows of the header; titles one below the other are joined",
    )
    join: str = Field(default="/", description="What joins them, e.g. 面积/地上")


class ReadingOptions(Shape):
    """How the tables of a partner are to be read."""

    header: Header | None = Field(
        default=None, description="Where the header stands, in place of `header_row`"
    )
    merged: Literal["blank", "fill"] = Field(
        default="blank",
        description=(
            "Cells of a merged area below and beside its first: without a value (which is told), "
            "or with its"
        ),
    )
    formulas: Literal["value", "refuse"] = Field(
        default="value",
        description=(
            "Cells that are computed: the result that was stored, or a fault of their record"
        ),
    )
    digits: Literal["text", "rounded"] = Field(
        default="text",
        description="Numbers of more than 15 digits, of which a workbook keeps 15: they must be "
        "text and are a fault "
        "of their record, or are taken as they were rounded",
    )
    hidden_rows: Literal["read", "skip"] = Field(
        default="read",
        description="Rows that a filter or somebody has hidden: read (which is told), or no data",
    )
    totals: tuple[str, ...] = Field(
        default=("合计", "总计", "小计", "共计"),
        description=(
            "A row whose first value is one of these is a sum and no record (which is told)"
        ),
    )
    most_rows: int = Field(
        default=500_000,
        ge=1,
        description="Rows with values of one file; one with more is set aside",
    )
    most_lines: int = Field(
        default=5_000_000,
        ge=1,
        description="Lines of one CSV file, empty ones too; one with more is set aside",
    )
    most_columns: int = Field(
        default=16_384, ge=1, description="Columns of one table; a file with more is set aside"
    )
    most_bytes: int = Field(
        default=500_000_000,
        ge=1,
        description="Bytes of one file, and of one part of a workbook when it is unpacked",
    )
    kept_bytes: int = Field(
        default=100_000,
        ge=0,
        description="A file that cannot be read is kept with the reason up to so many bytes; of "
        "a longer one only "
        "the reason",
    )
