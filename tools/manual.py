"""Write the tables of the manual that are made from the code: `tools/run python tools/manual.py`.

A table stands between `<!-- table: NAME -->` and `<!-- end of table -->`. Tables are made from JSON
Schemas: the options of every connector, found by its entry point, and the words of contract files;
those of settings from the sections of `hub/settings/`, those of systems from `mappings/`. `--check`
writes nothing and says which pages are not as the code has it.
"""

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

HOME = Path(__file__).resolve().parents[1]
if str(HOME) not in sys.path:
    sys.path.insert(0, str(HOME))

from hub.config import connector_schemas, contracts_of  # noqa: E402 - the path comes first
from hub.domain import paths  # noqa: E402 - likewise
from hub.domain.contracts import Contracts, PullFlow, PushFlow  # noqa: E402 - likewise
from hub.domain.files import DURATION  # noqa: E402 - likewise
from hub.domain.grammar import GRAMMARS  # noqa: E402 - likewise
from hub.domain.violations import TYPES, listed  # noqa: E402 - likewise
from hub.model import Json  # noqa: E402 - likewise
from hub.settings import Oidc, Settings, Starting  # noqa: E402 - likewise
from hub.settings.section import Variable  # noqa: E402 - likewise
from hub.settings.section import variables as variables_of  # noqa: E402 - likewise
from hub.texts import LANGUAGES, Language, tell  # noqa: E402 - likewise
from tools.manual_words import WORDS  # noqa: E402 - likewise

BOTH = " / "
"""Between the Chinese and the English of a description."""

COMMAND = "tools/run python tools/manual.py"
PAGES = (
    *("docs/connectors.md", "docs/contracts.md", "docs/settings.md", "docs/flow/fetch.md"),
    *("README.md", "README.zh-CN.md"),
)
SETTINGS = "settings "
"""What a table of settings is called, before the names of its variables in their order."""
REQUIRED = "**required**"
PARTS = ("connect", "read", "write")
HEAD = "| option | type | default | allowed | meaning |\n|---|---|---|---|---|"

_TABLE = re.compile(
    r"(?P<begin><!-- table: (?P<name>[\w ]+) -->\n).*?(?P<end><!-- end of table -->)", re.DOTALL
)
_LIKE = {
    DURATION: "a number and s, m, h or d",
    paths.PATTERN: "a path such as `a.b[0].c`",
    r"^[a-z][a-z0-9_]*$": "a name of a-z, 0-9, _",
    r"^([01]\d|2[0-3]):[0-5]\d$": "HH:MM",
    r"^[^.\[\]]+(\.[^.\[\]]+){0,3}$": "a path such as `a.b`",
}
"""What is said of patterns that come often."""
_BOUNDS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "more than {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "less than {}",
    "minLength": "not empty",
    "minItems": "at least {} of them",
    "maxItems": "at most {} of them",
    "minProperties": "at least {} of them",
}

SYSTEMS: Mapping[Language, tuple[str, ...]] = {
    "zh": ("系统", "部门", "连接方式", "提供", "接收"),
    "en": ("System", "Authority", "Speaks", "Shares", "Receives"),
}

Schema: TypeAlias = Mapping[str, Json]


@dataclass(frozen=True)
class Row:
    """One option: its dotted path, and what may stand there. A group of options has rows of its own
    below it.
    """

    path: str
    kind: str
    default: str
    allowed: str
    meaning: str

    def __str__(self) -> str:
        name = f"`{self.path}`" if self.path else ""
        cells = (name, self.kind, self.default, self.allowed, self.meaning)
        return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


@dataclass(frozen=True)
class Reader:
    """A schema that is read, and the definitions that it refers to."""

    schemas: Schema

    def solved(self, node: Schema) -> Schema:
        """A schema with what it refers to put in; what it says itself goes first."""
        if "$ref" not in node:
            return node
        found = self.schemas.get(str(node["$ref"]).rpartition("/")[2])
        return {**_schema(found), **{name: value for name, value in node.items() if name != "$ref"}}

    def choices(self, node: Schema) -> list[Schema]:
        """The schemas of which one holds, but for null."""
        several = node.get("anyOf") or node.get("oneOf")
        if not isinstance(several, list):
            return [node]
        found = [self.solved(_schema(one)) for one in several]
        return [
            choice for one in found if one.get("type") != "null" for choice in self.choices(one)
        ]

    def rows(self, schema: Schema, path: str = "") -> Iterator[Row]:
        """A row for each option of a group and of the groups in it."""
        for name, said in _schema(schema.get("properties")).items():
            option = self.solved(_schema(said))
            at = f"{path}.{name}" if path else name
            row = self._row(at, option, required=name in _list(schema.get("required")))
            yield row
            yield from self._groups(at, option)

    def _groups(self, path: str, option: Schema) -> Iterator[Row]:
        choices = self.choices(option)
        for choice in choices:
            inner, at = choice, path
            if choice.get("type") == "array":
                inner, at = self.solved(_schema(choice.get("items"))), f"{path}[]"
            if len(choices) > 1 and "properties" in inner:
                yield replace(_EMPTY, path=f"{path}: {_named(inner)}", meaning=_words(inner))
            yield from (
                row for row in self.rows(inner, at) if row.path != f"{path}.{_kind_of(option)}"
            )

    def _row(self, path: str, option: Schema, *, required: bool) -> Row:
        choices = self.choices(option)
        kinds = dict.fromkeys(self._kind(choice) for choice in choices)
        if option.get("default") is not None and {"type": "null"} in _list(option.get("anyOf")):
            kinds["null"] = None
        allowed = [self._allowed(choice) for choice in choices]
        if kind := _kind_of(option):
            named = [
                _schema(_schema(choice["properties"]).get(kind)).get("const") for choice in choices
            ]
            allowed = [f"by its `{kind}`: " + ", ".join(map(_code, named))]
        return Row(
            path,
            " or ".join(kinds),
            REQUIRED if required else self._default(option),
            "; ".join(dict.fromkeys(filter(None, allowed))),
            _words(option),
        )

    def _kind(self, choice: Schema) -> str:
        if "properties" in choice:
            return "group"
        values = _list(choice.get("enum")) or ([choice["const"]] if "const" in choice else [])
        if values:
            return " or ".join(dict.fromkeys(_type_of(value) for value in values))
        kinds = choice.get("type")
        if kinds == "array":
            return f"list of {self._several(choice.get('items'))}"
        if kinds == "object":
            return f"mapping of {self._several(choice.get('additionalProperties'))}"
        several = kinds if isinstance(kinds, list) else [kinds] if kinds else []
        return " or ".join(tell(TYPES[str(kind)], "en") for kind in several) or "any value"

    def _several(self, said: Json) -> str:
        """What a list or a mapping holds."""
        choices = self.choices(self.solved(_schema(said)))
        kinds = dict.fromkeys(self._kind(choice) for choice in choices)
        plural = {
            "text": "texts",
            "whole number": "whole numbers",
            "number": "numbers",
            "group": "groups",
        }
        return " or ".join(plural.get(kind, f"{kind}s") for kind in kinds)

    def _default(self, option: Schema) -> str:
        if "properties" in option:
            return "as below"
        if option.get("default") is not None:
            return f"`{json.dumps(option['default'], ensure_ascii=False)}`"
        if "default" not in option and option.get("type") in ("object", "array"):
            return "`{}`" if option["type"] == "object" else "`[]`"
        return "none"

    def _allowed(self, choice: Schema) -> str:
        """The values that are allowed, or nothing where every value of the type is."""
        if "const" in choice:
            return _code(choice["const"])
        if values := _list(choice.get("enum")):
            return ", ".join(map(_code, values))
        said = [form.format(choice[name]) for name, form in _BOUNDS.items() if name in choice]
        said += [_like(str(choice["pattern"]))] if "pattern" in choice else []
        inner = []
        if names := _schema(choice.get("propertyNames")):
            said += [f"names: {self._allowed(self.solved(names))}"]
        if items := self.solved(_schema(choice.get("items"))):
            inner = (
                [] if "properties" in items else [self._allowed(one) for one in self.choices(items)]
            )
        return "; ".join([*said, *dict.fromkeys(filter(None, inner))])


_EMPTY = Row("", "", "", "", "")


def tables() -> dict[str, str]:
    """Every table by its name: `rest connect`."""
    made: dict[str, str] = {}
    for name, schemas in connector_schemas().items():
        for part, schema in zip(PARTS, (schemas.system, schemas.read, schemas.write), strict=True):
            made[f"{name} {part}"] = table(schema)
        if schemas.fetch is not None:
            made[f"{name} fetch"] = table(schemas.fetch)
        if schemas.back is not None:
            made[f"{name} back"] = table(schemas.back)
        if schemas.ask is not None:
            made[f"{name} ask"] = table(schemas.ask)
    made |= {f"systems {lang}": systems(contracts_of(HOME), lang) for lang in LANGUAGES}
    return made | {
        f"words of a {kind}": words(GRAMMARS[kind], said) for kind, said in WORDS.items()
    }


def systems(contracts: Contracts, lang: Language) -> str:
    """The map of systems: who speaks how, what each shares with the hub and what it receives."""
    at = ("zh", "en").index(lang)
    rows = [
        (
            (f"`{name}` {system.title_zh}", f"`{name}` {system.title_en}")[at],
            (system.department_zh, system.department_en)[at],
            ", ".join(sorted(dict.fromkeys((system.connector, *system.connect)))),
            _entities(contracts.pulls.values(), name, at),
            _entities(contracts.pushes.values(), name, at),
        )
        for name, system in contracts.systems.items()
    ]
    lines = (SYSTEMS[lang], ("---",) * 5, *rows)
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def _entities(flows: Iterable[PullFlow | PushFlow], system: str, at: int) -> str:
    titles = (flow.entity for flow in flows if flow.system.name == system)
    said = dict.fromkeys((one.title_zh, f" {one.title_en}")[at] for one in titles)
    return "、,"[at].join(said).strip() or "—"


def words(grammar: Schema, said: Mapping[str, tuple[str, str]]) -> str:
    """The words of a kind of contract file as a table; ValueError where one is not explained, or is
    no word.
    """
    rows = [row for row in Reader({}).rows(grammar) if not row.path.startswith("shape.")]
    if unknown := {row.path for row in rows} ^ said.keys():
        raise ValueError(", ".join(sorted(unknown)))
    shown = []
    for row in rows:
        default, meaning = said[row.path]
        kind = re.sub(r"^mapping of .*", "mapping", row.kind)
        default = row.default if row.default == REQUIRED else default
        shown.append(replace(row, kind=kind, default=default, meaning=meaning))
    return "\n".join([HEAD.replace("option", "word"), *map(str, shown)]) + "\n"


def table(schema: Schema) -> str:
    """The options of a schema as a table; one sentence where it takes none."""
    if "properties" not in schema:
        return f"{str(schema.get('description', '')).rpartition(BOTH)[2]}.\n"
    rows = Reader(_schema(schema.get("$defs"))).rows(schema)
    return "\n".join([HEAD, *map(str, rows)]) + "\n"


def rewritten(page: str, made: Mapping[str, str]) -> str:
    """A page with its tables as they are made now."""

    def fresh(found: re.Match[str]) -> str:
        name = found["name"]
        text = settings(name.split()[1:]) if name.startswith(SETTINGS) else made[name]
        return f"{found['begin']}\n{text}\n{found['end']}"

    return _TABLE.sub(fresh, page)


def variables() -> dict[str, Variable]:
    """Every environment variable of the hub's settings."""
    return {one.name: one for kind in (Settings, Oidc, Starting) for one in variables_of(kind)}


def settings(names: Sequence[str]) -> str:
    """A table of variables: a row for each that says what it means, with those after it that share
    its words.
    """
    known = variables()
    shared: list[list[Variable]] = []
    for one in (known[name] for name in names):
        if one.meaning:
            shared.append([])
        shared[-1].append(one)
    return (
        "\n".join(["| Variable | Default | Meaning |", "|---|---|---|", *map(_setting, shared)])
        + "\n"
    )


def _setting(shared: Sequence[Variable]) -> str:
    defaults = [one.default for one in shared]
    said = defaults[:1] if len(set(defaults)) == 1 else defaults
    return (
        f"| {', '.join(f'`{one.name}`' for one in shared)} | {', '.join(said)} | "
        f"{shared[0].meaning} |"
    )


def stale(home: Path) -> Iterator[tuple[Path, str]]:
    """The pages that are not as the code has it, with what they should say."""
    made = tables()
    for page in PAGES:
        path = home / page
        text = path.read_text(encoding="utf-8")
        if (fresh := rewritten(text, made)) != text:
            yield path, fresh


def _schema(value: Json) -> Schema:
    return value if isinstance(value, dict) else {}


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _words(option: Schema) -> str:
    return " ".join(str(option.get("description", "")).split())


def _code(value: Json) -> str:
    text = value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def _like(pattern: str) -> str:
    """A pattern in words where it only lists texts, else as it is."""
    if pattern in _LIKE:
        return _LIKE[pattern]
    texts = listed(pattern)
    return ", ".join(map(_code, texts)) if texts else f"like {_code(pattern)}"


def _kind_of(option: Schema) -> str:
    """The option that says which of several groups is meant, or nothing; the groups may be left out
    as a whole.
    """
    groups = [option, *map(_schema, _list(option.get("anyOf")))]
    kinds = [_schema(one.get("discriminator")) for one in groups]
    return next((str(kind["propertyName"]) for kind in kinds if kind), "")


def _type_of(value: Json) -> str:
    kinds: tuple[tuple[type, str], ...] = (
        (bool, "boolean"),
        (int, "integer"),
        (float, "number"),
        (str, "string"),
    )
    kind = next((name for kind, name in kinds if isinstance(value, kind)), "null")
    return tell(TYPES[kind], "en")


def _named(choice: Schema) -> str:
    """What tells one of several groups from the others: its constant."""
    fixed = (
        (name, _schema(said).get("const"))
        for name, said in _schema(choice.get("properties")).items()
    )
    return next(
        (f"{{{name}: {value}}}" for name, value in fixed if value is not None),
        str(choice.get("title", "")),
    )


def main() -> int:
    found = list(stale(HOME))
    for path, text in found:
        if "--check" in sys.argv:
            print(f"{path}: not as the code has it; rewrite it by {COMMAND}")
        else:
            path.write_text(text, encoding="utf-8")
            print(f"{path}: rewritten")
    return int("--check" in sys.argv and bool(found))


if __name__ == "__main__":
    raise SystemExit(main())
