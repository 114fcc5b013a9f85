"""What the routes answer, as OpenAPI shows it."""

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from hub.api.asked import Asked

Counts = dict[str, int]

ARRIVED = "到达时间 · when the value arrived here"
SOURCE_TIME = "来源时间 · when the source says that the value is of; null: 来源未提供时间, it does not say"


class Answer(BaseModel):
    """Read from the rows by attribute."""

    model_config = ConfigDict(from_attributes=True)


class Words(Answer):
    """Something in both languages."""

    zh: str = Field(examples=["投资项目在线审批监管平台"])
    en: str = Field(examples=["Investment platform"])


class Told(Answer):
    """An error code in words, with its cure."""

    code: str = Field(examples=["record.decimal_invalid"])
    zh: str = Field(examples=["字段“total_investment”的值“约3.5亿元”不是数。"])
    en: str = Field(examples=["The value “约3.5亿元” of total_investment is not a number."])
    cure_zh: str
    cure_en: str


class RehearsalAsked(Asked):
    """Which flow to rehearse, under which contract files instead of today's, over how many payloads."""

    flow: str = Field(examples=["pull.investment.project"])
    files: dict[str, str] = Field(
        default={}, description="text by path", examples=[{"mappings/investment/project.pull.yaml": "entity: project"}]
    )
    sample: int = Field(default=1000, ge=1, le=20_000)
    held: bool = Field(default=False, description="of accepting all that is held of the flow, instead")


class ValueChange(Answer):
    """One value that would change, as far as the reader may see it."""

    record_id: int = Field(description="below 0: a record that is not known yet")
    record: str
    was: JsonValue
    would_be: JsonValue


class FieldChange(Answer):
    """In how many records a field would change, with the first examples."""

    times: int
    examples: list[ValueChange]


class Rehearsal(Answer):
    """What would come of changed contracts. Nothing was written."""

    flow: str
    contract: str = Field(description="hash of the contract that was rehearsed")
    total: int = Field(description="payloads (of a push: records) that there are")
    read: int = Field(description="payloads that were looked at")
    outcomes: Counts = Field(examples=[{"applied": 990, "quarantined": 10}])
    set_aside: Counts = Field(description="would be set aside and are not today, by cause")
    accepted: Counts = Field(description="are set aside today and would not be, by cause")
    fields: dict[str, FieldChange]
    created: int
    changed: int
    withdrawn: int
    projects: int
    deliveries: dict[str, Counts] = Field(examples=[{"push.fire.project": {"upsert": 12, "unchanged": 3}}])


class Problem(BaseModel):
    """application/problem+json (RFC 9457)."""

    type: str = Field(examples=["urn:onecode:error:access.role"])
    status: int = Field(examples=[403])
    code: str = Field(examples=["access.role"])
    title: str = Field(examples=["角色“department”无权查看此内容。"])
    title_en: str = Field(examples=["The role department may not see this."])
    detail: str
    detail_en: str
