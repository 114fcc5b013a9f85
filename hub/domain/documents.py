"""Contract files as values that know their lines; JSON is read as the YAML that it also is.

Scalars follow the core of YAML 1.2, not 1.1: true, false, null, integers without a leading zero and
plain decimals (18 digits at most) are typed; all else (010, 2024-01-01, on, no) stays text, as do
all keys.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

import yaml

from hub.model import Json
from hub.texts import LANGUAGES, SIDE_BY_SIDE, bilingual, cure, say
from hub.texts import text as in_words

Step: TypeAlias = str | int

_SAID = (
    "mapping values are not allowed",
    "could not find expected ':'",
    "did not find expected ',' or",
    "did not find expected key",
    "did not find expected '-' indicator",
    "found unexpected end of stream",
    "found unknown escape character",
    "cannot start any token",
    "found another document",
)
"""Messages of libyaml, by a part of them that the catalogue knows in the sense `yaml`."""

_INTEGER = re.compile(r"-?(0|[1-9]\d{0,17})", re.ASCII)
_DECIMAL = re.compile(r"-?(0|[1-9]\d{0,17})\.\d{1,18}", re.ASCII)
_WORDS: Mapping[str, Json] = {"": None, "~": None, "null": None, "true": True, "false": False}


@dataclass(frozen=True, slots=True)
class ContractProblem:
    """Something wrong in a contract file; the words to its code are in the catalogue."""

    file: str
    line: int
    code: str
    facts: Mapping[str, str] = field(hash=False)

    @property
    def explained(self) -> dict[str, str]:
        """The problem as facts of a message about what it keeps from running."""
        told = {f"why_{lang}": say(self.code, self.facts, lang) for lang in LANGUAGES}
        cures = {f"cure_{lang}": cure(self.code, self.facts, lang) for lang in LANGUAGES}
        return {"file": self.file, "line": str(self.line), **told, **cures}


class UnreadableError(Exception):
    """The file is not a document at all."""

    def __init__(self, problem: ContractProblem) -> None:
        super().__init__(problem.code)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Unread:
    """The text of a file that cannot be read: from which line on, and why (zh / en)."""

    line: int
    why: str


@dataclass(frozen=True, slots=True)
class ContractDocument:
    """One parsed file, with its lines."""

    file: str
    value: Json
    node: yaml.Node

    def problem(self, where: tuple[Step, ...], code: str, **facts: str) -> ContractProblem:
        """A problem at a path in this file, with its line."""
        return ContractProblem(self.file, _line(self.node, where), code, facts)


@lru_cache(maxsize=1024)
def read(file: str, text: str | Unread) -> ContractDocument:
    """Parse a document (do not change it); UnreadableError with the line of the syntax error."""
    if isinstance(text, Unread):
        raise _unreadable(file, text.line, text.why)
    if len(text) > LIMITS["bytes"] or len(text.encode("utf-8", "replace")) > LIMITS["bytes"]:
        most = LIMITS["bytes"]
        raise _unreadable(file, 1, bilingual("超过 {most} 字节，请分成几个文件", most=most))
    try:
        _parse(file, text)
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line if error.problem_mark else 0
        raise _unreadable(
            file, line + 1, _meaning(error.problem or "?", text.splitlines()[line : line + 1])
        ) from None
    except yaml.reader.ReaderError as error:
        line = (
            text.count("\n", 0, text.find(chr(error.character))) + 1
            if isinstance(error.character, int)
            else 1
        )
        sign = (
            f"U+{error.character:04X}"
            if isinstance(error.character, int)
            else repr(error.character)
        )
        raise _unreadable(file, line, bilingual("不允许的控制字符 {sign}", sign=sign)) from None
    if node is None:
        raise _unreadable(file, 1, bilingual("文件是空的"))
    return ContractDocument(file, _value(file, node), node)


def reason_of(words: str) -> dict[str, str]:
    """Why something is wrong, from `Chinese / English`, as the facts `why_zh` and `why_en`."""
    zh, _, en = words.partition(SIDE_BY_SIDE)
    return {"why_zh": zh, "why_en": en or zh}


def _unreadable(file: str, line: int, words: str) -> UnreadableError:
    return UnreadableError(ContractProblem(file, line, "contract.unreadable", reason_of(words)))


def _meaning(said: str, lines: list[str]) -> str:
    """A message of libyaml in both languages, with the likeliest cause where the line shows it."""
    line = "".join(lines)
    if "\t" in line and ("tab" in said or "cannot start any token" in said):
        return bilingual("用了制表符（Tab），YAML 只能用空格缩进")
    zh = next((in_words(sign, "zh", "yaml") for sign in _SAID if sign in said), said)
    wide = next((sign for sign in "：，“”‘’【】" if sign in line), "")
    if wide:
        return bilingual("{said_zh}；此行有全角符号“{wide}”", said_zh=zh, said_en=said, wide=wide)
    return f"{zh}{SIDE_BY_SIDE}{said}"


def _parse(file: str, text: str) -> None:
    """Refuse YAML that no contract needs and that could exhaust us: aliases, directives, depth."""
    depth, nodes = 0, 0
    if line := _directive(text):
        raise _unreadable(file, line, bilingual("不能有以 % 开头的指令行，请删去"))
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        nodes += isinstance(event, yaml.NodeEvent)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if why := _too_much(event, depth, nodes):
            raise _unreadable(file, event.start_mark.line + 1 if event.start_mark else 1, why)


def _directive(text: str) -> int:
    """The line of the first directive, 0 without: libyaml's time is quadratic in directives."""
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("%"):
            return number
        if line.strip() and not line.lstrip().startswith("#"):
            break
    return 0


def _too_much(event: yaml.Event, depth: int, nodes: int) -> str:
    """Why a document is refused at this event; "" where it may go on."""
    deepest, most = LIMITS["depth"], LIMITS["nodes"]
    if depth > deepest:
        return bilingual("嵌套超过 {deepest} 层", deepest=deepest)
    if nodes > most:
        return bilingual("超过 {most} 个值，请分成几个文件", most=most)
    if isinstance(event, yaml.AliasEvent):
        return bilingual("不能引用别处的内容（*alias），请写出全部")
    return ""


def _value(file: str, node: yaml.Node) -> Json:
    if isinstance(node, yaml.SequenceNode):
        return [_value(file, item) for item in node.value]
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node)
    value: dict[str, Json] = {}
    for key, item in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            raise _unreadable(file, line, bilingual("键不是文本"))
        name = str(key.value)
        if name in value:
            raise UnreadableError(
                ContractProblem(file, line, "contract.duplicate_key", {"key": name})
            )
        value[name] = _value(file, item)
    return value


def _scalar(node: yaml.ScalarNode) -> Json:
    text = str(node.value)
    if node.style:  # quoted, or a block
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if not _DECIMAL.fullmatch(text):
        return text
    number = float(text)
    return (
        number if Decimal(repr(number)) == Decimal(text) else text
    )  # a factor of twenty digits keeps them


def own(name: str) -> Mapping[str, Json]:
    """The content of a data file beside this module."""
    node = yaml.compose(
        Path(__file__).with_name(name).read_text(encoding="utf-8"), Loader=yaml.CSafeLoader
    )
    return mapping(_value(name, node)) if node else {}


def _line(node: yaml.Node, where: tuple[Step, ...]) -> int:
    """The line of the deepest existing part of `where`; for a mapping's entry, of its key."""
    line = node.start_mark.line + 1
    for step in where:
        found = _entry(node, step)
        if found is None:
            return line
        line, node = found
    return line


def _entry(node: yaml.Node, step: Step) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        return next(
            (
                (key.start_mark.line + 1, item)
                for key, item in node.value
                if str(key.value) == str(step)
            ),
            None,
        )
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step].start_mark.line + 1, node.value[step]
    return None


@lru_cache
def mapping_of(contract: str) -> Mapping[str, Json]:
    """The mapping in a contract's text (with schema and code lists): parsing takes milliseconds."""
    return mapping(mapping(json.loads(contract))["mapping"])


def mapping(value: Json) -> dict[str, Json]:
    """A mapping that the grammar has checked; {} where absent."""
    return value if isinstance(value, dict) else {}


def optional(value: Json) -> str | None:
    """The text of an optional value, None where absent."""
    return None if value is None else str(value)


def texts(value: Json) -> tuple[str, ...]:
    """A name or list of names as a tuple; () where absent."""
    if isinstance(value, list):
        return tuple(str(item) for item in value)
    return () if value is None else (str(value),)


LIMITS: Mapping[str, int] = {name: int(str(most)) for name, most in own("documents.yaml").items()}
"""Limits of a contract file: bytes, depth, nodes. Data: documents.yaml beside this file."""
