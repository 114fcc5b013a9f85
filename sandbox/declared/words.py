"""The words of a declaration, as strict models; what they mean stands in
sandbox/README.declared.md.
"""

from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator
from pydantic import Field as Says

from sandbox.declared.diagnosis import ContradictionError
from sandbox.declared.papers import PaperKind
from sandbox.forms import MILLISECONDS

KINDS = (
    "from_", "text", "const", "pick", "number", "given", "at", "ordinal", "unit_of", "paper",
    "each", "record", "list", "sum", "turns", "known", "around",
)  # fmt: skip
Route = Annotated[str, Says(pattern=r"^(GET|POST|PUT) [\w./{}-]+$")]


Scalar = str | int | bool | None


class Words(BaseModel):
    """A group of words; one that it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def _short(value: object) -> object:
    return {"from": value} if isinstance(value, str) else value


class Field(Words):
    """Where a field comes from (exactly one of the first group) and how it is written; a bare text
    is its `from`.
    """

    from_: str | None = Says(default=None, alias="from")
    text: str | None = None
    const: object = None
    pick: list[object] | None = None
    number: tuple[int, int] | None = None
    given: str | None = Says(default=None, pattern=r"^\w+\.\S+$")
    at: str | None = None
    ordinal: Literal[True] | None = None
    unit_of: str | None = None
    paper: PaperKind | None = None
    each: "Each | None" = None
    record: "dict[str, Value] | None" = None
    list: "list[dict[str, Value]] | None" = None
    sum: "tuple[Value, ...] | None" = None
    turns: "tuple[Value, ...] | None" = None  # one after the other, by the project's number
    known: "Known | None" = None
    around: Decimal | None = None  # degrees

    times: Decimal | None = None
    units: dict[str, Decimal] | None = None
    codes: dict[str, object] | None = None
    write: str | None = None
    empty: object = None
    habit: tuple[str, ...] = ()
    when: dict[str, object] = {}  # paths and their values: where they differ nothing is known

    @model_validator(mode="after")
    def _one_origin(self) -> "Field":
        if len(self._origins()) != 1:
            said = ", ".join(self._origins()) or "-"
            known = ", ".join(name.removesuffix("_") for name in KINDS)
            raise ContradictionError(
                (f"字段须且只能有一个来源（现有：{said}）", f"one origin is wanted, not: {said}"),
                (f"请保留 {known} 之一", f"keep one of {known}"),
            )
        return self

    def _origins(self) -> tuple[str, ...]:
        return tuple(name for name in KINDS if name in self.model_fields_set)

    @cached_property
    def kind(self) -> str:
        return self._origins()[0]

    @cached_property
    def late(self) -> bool:
        """Whether only the time of reading knows the value."""
        return self.kind in ("at", "ordinal")

    @property
    def says_empty(self) -> bool:
        return "empty" in self.model_fields_set


Value = Annotated[Field, BeforeValidator(_short)]


class Known(Words):
    """A field of what the hub has given under one of some numbers."""

    by: tuple[str, ...]  # paths of the numbers, the first one that is known counts
    of: dict[str, str]  # take: its field


class Each(Words):
    """A list inside a record: one part for each thing that a path leads to."""

    of: str
    as_: str = Says(alias="as")
    same: dict[str, str] = {}  # only parts in which it equals what this path leads to
    where: dict[str, Scalar | tuple[Scalar, ...]] = {}
    value: str = ""  # a list of plain values, in place of `fields`
    fields: dict[str, Value] = {}


class Parts(Words):
    """A record a part of a thing, in place of one a thing."""

    of: str
    as_: str = Says(alias="as")


class Beside(Words):
    """Another thing of the same project: the first of its kind that fits, or nothing."""

    of: str
    where: dict[str, Scalar | tuple[Scalar, ...]] = {}
    when: dict[str, object] = {}  # paths and their values: else nothing
    same: dict[str, str] = {}  # its part: the path of what it must equal


class Share(Words):
    """One resource that is offered: a record for each thing of the world that fits."""

    of: str
    where: dict[str, Scalar | tuple[Scalar, ...]] = {}
    each: Parts | None = None
    one_in: int = 1  # only one of so many is offered, by a chance of its key
    beside: dict[str, Beside] = {}
    when: str = ""  # only where this path leads to something
    key: str
    at: str = ""
    empty: object = None
    fields: dict[str, Value]


class Operation(Words):
    """The field that says whether a record is new or withdrawn."""

    field: str
    valid: str
    withdrawn: str


class Take(Words):
    """One resource that is taken, and what is asked of its records."""

    key: str
    code: str | None = None
    business: str
    required: tuple[str, ...] = ()
    dates: dict[str, Annotated[str, Says(pattern=f"%|^{MILLISECONDS}$")]] = {}
    lists: dict[str, tuple[str, ...]] = {}
    credit_code: str | None = None
    operation: Operation | None = None
    fields: tuple[str, ...] = ()  # all that a record may hold, where the protocol describes it
    file: str = ""  # files: the beginning of their names


class Said(Words):
    """What is answered: an HTTP status, a code and a text; {} in the text is the field in
    question.
    """

    http: int = Says(default=200, ge=200, le=599)
    code: object = None
    text: str = ""
    fault: str = ""  # SOAP: told as a fault of this side, such as Client or Server


class Trap(Words):
    """What faults of content put into a record."""

    spoilt: dict[str, object] = {}
    twin: dict[str, object] = {}
    rare: str = ""  # tables: the column that gets a character which no GBK has


class Token(Words):
    """A login that gives a token for a time."""

    kind: Literal["token"]
    route: Route
    user: str = "username"
    secret: str = "password"  # noqa: S105 - the name of a field
    form: bool = False  # the login is a form, not JSON
    bare: bool = False  # the answer to it is `data` alone, without the envelope of other answers
    seconds: int = 120
    data: dict[str, object]
    header: str = "Authorization"
    prefix: str = "Bearer "


class Names(Words):
    """Under which names the signature travels."""

    key: str = ""
    signature: str = "sign"
    timestamp: str = ""
    nonce: str = ""


class Signature(Words):
    """Every call is signed: `parts` of it, or as gateways with headers X-Ca do."""

    kind: Literal["signature"]
    style: Literal["parts", "x-ca"] = "parts"
    headers: Names = Names()
    in_: Literal["headers", "query"] = Says(default="headers", alias="in")
    parts: tuple[str, ...] = ()
    joined: str = ""
    digest: str = Says(default="hmac-sha256", pattern=r"^(hmac-)?(md5|sha1|sha256|sm3)$")
    encoding: Literal["hex", "base64"] = "hex"
    case: Literal["lower", "upper"] = "lower"
    timestamp: Literal["seconds", "milliseconds"] = "milliseconds"
    seconds: int = 300


class Headers(Words):
    """Fixed headers; {user} and {secret} stand for the login's."""

    kind: Literal["headers"]
    headers: dict[str, str]


class Login(Words):
    """Every call says user and password: in a UsernameToken, or among its arguments."""

    kind: Literal["login"]


class Ask(Words):
    """Names of the parameters of a list; an empty name is not known."""

    page: str = "page"
    size: str = "size"
    offset: str = ""
    since: str = "since"
    until: str = ""
    token: str = ""  # where an answer says how to go on
    format: str = "%Y-%m-%d %H:%M:%S"  # of since and until, or ms or iso
    days: int = 0  # the longest window of a list that wants both since and until
    most: int = 1000
    default: int = 200


class Paper(Words):
    """Files by their name; `of` names the share whose records they belong to."""

    route: Route
    kind: PaperKind
    of: str


class Inner(Words):
    """A document within a text, of arguments and of answers."""

    at: str = "return"  # the element of the text
    format: Literal["xml", "json"]
    root: str = "DATA"
    encoding: str = ""  # named by its declaration; what this lacks is written ?
    cdata: bool = False  # else escaped


class Soap(Words):
    """SOAP in place of JSON: the operations are the routes of the partner."""

    namespace: str
    name: str  # of the service, its port and its binding
    arguments: tuple[Literal["user", "secret", "service", "query"], ...] = ()
    argument: str = "in"  # their names begin so: in0, in1 ...
    inner: Inner | None = None
    multiref: bool = False  # texts of answers stand beside the answer, as old servers have it
    attached: tuple[str, ...] = ()  # fields whose bytes go as attachments

    @model_validator(mode="after")
    def _carried(self) -> "Soap":
        if (self.inner is None) != ("query" not in self.arguments):
            raise ContradictionError(
                ("inner 与 arguments 中的 query 须同时写明", "`inner` and `query` go together"),
                ("请补上另一个", "say the other one as well"),
            )
        return self


class Held(Words):
    """A list of what was taken; `of` names the take."""

    route: Route
    of: str


class Http(Words):
    """How the partner speaks over HTTP."""

    style: str = "plain"
    base: str = Says(default="", pattern=r"^(/[\w.-]+)*$")
    query: dict[str, str] = {}
    soap: Soap | None = None
    auth: Token | Signature | Headers | Login = Says(discriminator="kind")
    ask: Ask = Ask()
    routes: dict[str, Route] = {}
    fixed: dict[str, dict[str, str]] = {}  # a route's parameters that must have these values
    receipt: str = ""  # the field that names the receipt wanted, where the route does not
    answer: dict[str, object]
    page: dict[str, object]
    ok: Said
    errors: dict[str, Said]
    refusals: dict[str, Said] = {}
    envelope: tuple[str, ...] = ()  # what a delivery must say beside its records
    records: str = ""  # where the records of a delivery are; empty: the body is one record
    verdict: dict[str, object] = {}
    verdicts: object = "$verdicts"
    opened: str = ""  # the field of a request that holds it as base64 JSON
    cipher: Literal["", "sm4-cbc"] = ""  # the JSON in `opened` is enciphered besides
    pack: tuple[str, ...] = ()  # how `data` is packed: json, base64, sm4, or a name to put it under
    packs: dict[str, tuple[str, ...]] = {}
    charset: str = "utf-8"
    none: Literal[200, 204, 404] = 200  # the status of an empty list
    reasonable: bool = False  # a page behind the last one gives the last one again
    total: bool = True
    papers: Paper | None = None
    held: Held | None = None
    by_key: dict[str, str] = {}  # a route that gives one record: the parameter of its key
    quota: int = 0  # such questions until the next tick

    @property
    def per_record(self) -> bool:
        """Whether each record of a delivery gets its own verdict; else the answer itself is the
        verdict.
        """
        return bool(self.verdict)


class FileAnswers(Words):
    """The file that answers a delivered one: its columns and what they say."""

    title: str = ""
    key: str
    code: str
    text: str
    taken: tuple[str, str | None]
    refused: str
    again: str = ""  # what is said of a file that is missing or another, in place of `refused`
    next_day: bool = False  # what is delivered is looked at with the next tick


class Bundle(Words):
    """A delivery is a folder: its table, and the columns that name a file and its SHA-256."""

    table: str
    name: str
    hash: str


class Files(Words):
    """How the partner exchanges files over SFTP."""

    format: Literal["csv", "xlsx"]
    charset: str = "utf-8"
    title: str = ""
    sheet: str = "Sheet1"
    hidden: str = ""  # a hidden sheet of this name stands first
    header_rows: Literal[1, 2] = 1  # two: a title with a stroke stands below its group
    merged: tuple[str, ...] = ()  # columns whose equal cells are merged; rows are sorted by them
    resource: str
    also: tuple[str, ...] = ()  # resources whose records stand in the same file
    name: str = "{partner}_{now:%Y%m%d%H%M%S}_{number:06d}.{format}"
    marker: str = ".ok"  # empty: nothing says that a file is whole
    late: int = 0  # each file of so many bears the date of the day before
    whole: bool = False  # every file is the whole list
    replaced: bool = False  # a correction replaces the last file under its name
    quiet: bool = False  # a day without news has an empty file
    tail: str = ""  # what stands behind the last line; {rows}: how many there are
    interactive: bool = False  # the login asks for the password as a question
    dates: tuple[str, ...] = ()  # columns that are real date cells
    day: str = "%Y-%m-%d"  # how a date cell of a delivered workbook is read
    bundle: Bundle | None = None
    answers: FileAnswers
    refusals: dict[str, str]


class Asking(Words):
    """What is asked of the hub's API before a record is sent: a form for its project."""

    form: str
    code: str  # the field of the record that holds the project code
    answers: dict[str, str]  # field of the form: path of the record
    most: int = 10  # so many records a round


class Calling(Words):
    """How a partner calls the hub; what has no records of its own to serve has no server."""

    auth: Signature | Headers | None = Says(default=None, discriminator="kind")
    asks: dict[str, Asking] = {}  # its share: what is asked for each of its records
    uploads: str = ""  # where its files are handed in, as by a person
    sends: dict[str, str] = {}  # its share: the address at the hub
    fetches: dict[str, str] = {}  # its take: likewise
    records: str = ""  # where records stand in a body
    most: int = 1  # records of a list; single ones come between
    repeat: int = 0  # each body of so many is sent twice
    receipt: str = "receipt"  # where the answer says it


Name = Annotated[str, Says(pattern=r"^[a-z_][a-z0-9_]*$")]


class Columns(Words):
    """A table: its columns with their types; `named` is the one by which a record is known."""

    table: Name
    named: Name = "id"
    columns: dict[Name, str]
    back: tuple[Name, ...] = ()  # what others may write into its rows


class States(Words):
    """What becomes of a row that somebody has inserted."""

    column: Name
    reason: Name
    new: int
    taken: int
    refused: int


class Database(Words):
    """How the partner exchanges tables of PostgreSQL."""

    schema_: Name = Says(alias="schema")
    charset: str = ""  # what it lacks is written ?
    key: Name  # a number that every table offered has
    stamp: Name  # the column of the update time
    shares: dict[str, Columns]
    takes: dict[str, Columns] = {}
    state: States
    refusals: dict[str, str] = {}


class Title(Words):
    """A name in both languages."""

    zh: str
    en: str


class Declaration(Words):
    """One partner."""

    title: Title
    shares: dict[str, Share] = {}
    takes: dict[str, Take] = {}
    http: Http | None = None
    files: Files | None = None
    tables: Database | None = None
    calls: Calling | None = None
    traps: dict[str, Trap] = {}
    faults: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _speaks(self) -> "Declaration":
        served = sum(one is not None for one in (self.http, self.files, self.tables))
        if served > 1 or not (served or self.calls):
            raise ContradictionError(
                (
                    "须写 http、files、tables 其一，或 calls，或另加 calls",
                    "one of `http`, `files`, `tables` is wanted, or `calls`, or `calls` beside it",
                ),
                ("请写明该系统的协议", "say how the partner speaks"),
            )
        return self


def all_words() -> Iterator[str]:
    """Give every word that a declaration may say."""
    for group in Words.__subclasses__():
        for name, field in group.model_fields.items():
            yield field.alias or name
