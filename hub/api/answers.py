"""What the routes answer, as OpenAPI shows it."""

from pydantic import BaseModel, ConfigDict, Field


class Answer(BaseModel):
    """Read from the rows by attribute."""

    model_config = ConfigDict(from_attributes=True)


class Told(Answer):
    """An error code in words, with its cure."""

    code: str = Field(examples=["record.decimal_invalid"])
    zh: str = Field(examples=["字段“total_investment”的值“约3.5亿元”不是数。"])
    en: str = Field(examples=["The value “约3.5亿元” of total_investment is not a number."])
    cure_zh: str
    cure_en: str


class Problem(BaseModel):
    """application/problem+json (RFC 9457)."""

    type: str = Field(examples=["urn:onecode:error:access.role"])
    status: int = Field(examples=[403])
    code: str = Field(examples=["access.role"])
    title: str = Field(examples=["角色“department”无权查看此内容。"])
    title_en: str = Field(examples=["The role department may not see this."])
    detail: str
    detail_en: str
