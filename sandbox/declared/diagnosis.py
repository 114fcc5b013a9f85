"""YAML with the line of every word, and what is wrong with a declaration: file, line, cause and
cure.
"""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic_core import ErrorDetails

Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, told in both languages."""

    file: str
    line: int
    cause: tuple[str, str]  # Chinese, English
    cure: tuple[str, str]

    def __str__(self) -> str:
        chinese, english = (f"{why}{stop}{cure}" for why, cure, stop in self._told())
        return f"{self.file}:{self.line}: {chinese} · {english}"

    def _told(self) -> Iterable[tuple[str, str, str]]:
        return zip(self.cause, self.cure, ("。", ". "), strict=True)


class DeclarationError(ValueError):
    """A declaration cannot be served; the text names every problem found in it."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class ContradictionError(ValueError):
    """Words that do not go together, found where they are read."""

    def __init__(self, cause: tuple[str, str], cure: tuple[str, str], *, at: Place = ()) -> None:
        super().__init__(cause[1])
        self.cause, self.cure, self.at = cause, cure, at


class Source:
    """One file: its content as plain values, and the line of each place in it."""

    def __init__(self, path: Path) -> None:
        self.file = f"{path.parent.name}/{path.name}"
        self._lines: dict[Place, int] = {}
        self._doubled: list[Problem] = []
        loader = yaml.SafeLoader(path.read_text(encoding="utf-8"))
        try:
            node = loader.get_single_node()
            self.content = self._plain(loader, node, ()) if node else None
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            cause = (f"不是合法的 YAML（{error.problem}）", f"not YAML ({error.problem})")
            raise DeclarationError([Problem(self.file, line, cause, INDENT)]) from None
        finally:
            loader.dispose()
        if self._doubled:
            raise DeclarationError(self._doubled)

    def _plain(self, loader: yaml.SafeLoader, node: yaml.Node, place: Place) -> object:
        self._lines.setdefault(place, node.start_mark.line + 1)
        if isinstance(node, yaml.SequenceNode):
            return [self._plain(loader, one, (*place, at)) for at, one in enumerate(node.value)]
        if not isinstance(node, yaml.MappingNode):
            return loader.construct_object(node)
        made: dict[str, object] = {}
        for name, value in node.value:
            key = word_of(loader.construct_object(name))
            line = name.start_mark.line + 1
            if key in made:
                cause = (f"“{key}”写了两次", f"`{key}` stands twice")
                self._doubled.append(Problem(self.file, line, cause, ONE_OF_THEM))
            self._lines[(*place, key)] = line
            made[key] = self._plain(loader, value, (*place, key))
        return made

    def line(self, place: Place) -> int:
        """Give the line of a place, or of the nearest thing around it that stands in the file."""
        while place and place not in self._lines:
            place = place[:-1]
        return self._lines.get(place, 1)

    def problem(self, place: Place, cause: tuple[str, str], cure: tuple[str, str]) -> Problem:
        return Problem(self.file, self.line(place), cause, cure)

    def explained(self, error: ErrorDetails, words: Iterable[str]) -> Problem:
        """Tell what pydantic found; words: all that a declaration may say, to guess what was
        meant.
        """
        place = _in_file(error["loc"], self.content)
        name = str(place[-1]) if place else ""
        own = error.get("ctx", {}).get("error")
        if isinstance(own, ContradictionError):
            return self.problem((*place, *own.at), own.cause, own.cure)
        match error["type"]:
            case "extra_forbidden":
                cause = (f"不认识“{name}”", f"`{name}` is not known here")
                return self.problem(place, cause, meant(name, words))
            case "missing":
                cause = (f"缺少“{name}”", f"`{name}` is missing")
                return self.problem(place, cause, ("请补上", "add it"))
            case "literal_error" | "union_tag_invalid":
                known = error["ctx"].get("expected") or error["ctx"].get("expected_tags")
                cause = (f"“{name}”的值不在范围内", f"`{name}` has a value that is not known")
                return self.problem(place, cause, (f"可用：{known}", f"known: {known}"))
            case _:
                pass
        cause = (f"“{name}”的值不对（{error['msg']}）", f"`{name}`: {error['msg']}")
        return self.problem(place, cause, ("请改正该值", "correct the value"))


INDENT = ("请检查缩进、引号和冒号", "look at indentation, quotes and colons")
ONE_OF_THEM = ("请删去其中一处", "take one of them away")


def meant(name: str, words: Iterable[str]) -> tuple[str, str]:
    """Give the cure of a wrong word: the nearest known ones."""
    near = ", ".join(difflib.get_close_matches(name, sorted(set(words)), n=3, cutoff=0.5))
    if near:
        return (f"是否指 {near}？", f"is it {near}?")
    return (
        "请删去，或查看 sandbox/README.declared.md",
        "take it away, or see sandbox/README.declared.md",
    )


def word_of(key: object) -> str:
    """Give a key as text: YAML reads 1 and true as a number and a truth."""
    return str(key).lower() if isinstance(key, bool) else str(key)


def _inside(node: object, step: str | int) -> object:
    if isinstance(node, Mapping):
        return node.get(step)
    if isinstance(node, list) and isinstance(step, int) and step < len(node):
        return node[step]
    return None


def _in_file(steps: tuple[str | int, ...], content: object) -> Place:
    """Leave out what pydantic puts between: the names of the kinds of a group."""
    found: list[str | int] = []
    node = content
    for at, step in enumerate(steps):
        inside = _inside(node, step)
        if inside is not None or at == len(steps) - 1:
            found.append(step)
            node = inside
    return tuple(found)
