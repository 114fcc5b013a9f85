"""Every pattern of the code base, found by reading it; hostile texts made of a pattern; what
matching them costs.
"""

import ast
import gc
import importlib
import re
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, product
from pathlib import Path
from re import _constants as kinds  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("hub", "connectors", "dags", "sandbox", "deploy", "tools", "bench")
METHODS = frozenset({"search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer"})
MANY = 8
"""A repeat of more than so many is one that a text can make long."""


@dataclass(frozen=True)
class Site:
    """One place in the code that makes a pattern. ways: how it is used, as far as can be seen."""

    place: str
    pattern: str | bytes | None
    flags: int = 0
    ways: frozenset[str] = METHODS


def sites() -> Iterator[Site]:
    """Every call of the module re; the pattern is what its argument is worth in its module, None
    where it is local.
    """
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in _files()}
    uses: dict[str, set[str]] = {}
    own: dict[tuple[Path, str], set[str]] = {}
    for path, tree in trees.items():
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Attribute)
                and node.attr in METHODS
                and isinstance(node.value, ast.Name)
            ):
                uses.setdefault(node.value.id, set()).add(node.attr)
                own.setdefault((path, node.value.id), set()).add(node.attr)
    for path, tree in trees.items():
        module = path.relative_to(ROOT).as_posix()
        for scope, node in _scoped(tree, ""):
            if not _is_of_re(node):
                continue
            method = node.func.attr
            if method == "escape":
                continue
            name = _assigned(tree, node)
            ways = (
                {method}
                if method in METHODS
                else uses.get(name, set())
                if not name.startswith("_")
                else set()
            )
            ways = ways or own.get((path, name), set()) or _chained(tree, node) or set(METHODS)
            yield _site(module, scope, node, frozenset(ways))


def _files() -> Iterator[Path]:
    for folder in FOLDERS:
        yield from sorted((ROOT / folder).rglob("*.py"))


def _is_of_re(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "re"
    )


def _scoped(node: ast.AST, scope: str) -> Iterator[tuple[str, ast.Call]]:
    for child in ast.iter_child_nodes(node):
        named = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        inner = f"{scope}.{child.name}".strip(".") if named else scope
        if isinstance(child, ast.Call):
            yield scope, child
        yield from _scoped(child, inner)


def _assigned(tree: ast.Module, call: ast.Call) -> str:
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is call:
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            return target.id if isinstance(target, ast.Name) else ""
    return ""


def _chained(tree: ast.Module, call: ast.Call) -> set[str]:
    """re.compile(...).fullmatch"""
    found = (
        node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.value is call
    )
    return {node.attr for node in found} & METHODS


def _site(module: str, scope: str, call: ast.Call, ways: frozenset[str]) -> Site:
    place = f"{module}:{scope or call.lineno}"
    flags = [word.value for word in call.keywords if word.arg == "flags"]
    if call.func.attr == "compile":  # type: ignore[attr-defined]
        flags += call.args[1:2]
    at = {"sub": 4, "subn": 4}.get(call.func.attr, 2)  # type: ignore[attr-defined]
    flags += call.args[at : at + 1] if call.func.attr != "compile" else []  # type: ignore[attr-defined]
    try:
        first = ast.literal_eval(call.args[0])
        given = eval(compile(ast.Expression(flags[0]), place, "eval"), {"re": re}) if flags else 0  # noqa: S307
    except (ValueError, NameError, TypeError):
        values = vars(
            importlib.import_module(
                module.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
            )
        )
        try:
            # our own code
            first = eval(compile(ast.Expression(call.args[0]), place, "eval"), dict(values))  # noqa: S307
            given = (
                eval(compile(ast.Expression(flags[0]), place, "eval"), dict(values)) if flags else 0  # noqa: S307
            )
        except NameError:
            return Site(place, None)
    return (
        Site(place, first, int(given), ways)
        if isinstance(first, str | bytes)
        else Site(place, None)
    )


# What a text is made of that is hostile to a pattern.

_POOL = "a0 1_-.,\"'[<{(一年A#*\n"


def hostile(pattern: str | bytes, flags: int = 0) -> list[tuple[str, str, str]]:
    """(begin, pump, end): texts in which each repeat of a pattern is long, and what would end it
    does not come.
    """
    text = pattern.decode("latin-1") if isinstance(pattern, bytes) else pattern
    tree = parser.parse(text, flags & ~re.ASCII)
    signs = "".join(dict.fromkeys([*_literals(tree), *_POOL]))
    whole = _samples(tree, signs)
    found: dict[tuple[str, str, str], None] = {}
    for before, bodies in _repeats(tree, signs, [""]):
        pumps = [*bodies, *(a + b for a, b in product(bodies, bodies) if a != b)][:6]
        for begin, pump in product(before[:2], pumps):
            for shape in ((begin, pump), ("", pump), ("", begin + pump)):
                found |= dict.fromkeys((*shape, end) for end in ("", "\x00"))
    for pump in whole[:4]:
        found |= dict.fromkeys(("", pump, end) for end in ("", "\x00"))
        found |= dict.fromkeys(("", pump[:cut], "\x00") for cut in range(1, min(len(pump), 6)))
    return [one for one in found if one[1]]


def _literals(tree: object) -> Iterator[str]:
    for op, value in tree:  # type: ignore[attr-defined]
        if op in (kinds.LITERAL, kinds.NOT_LITERAL):
            yield chr(value)
        elif op is kinds.IN:
            yield from (chr(one) for kind, one in value if kind is kinds.LITERAL)
        else:
            for inner in _inner(op, value):
                yield from _literals(inner)


def _inner(op: object, value: object) -> list[object]:
    if op is kinds.BRANCH:
        return list(value[1])  # type: ignore[index]
    if op is kinds.SUBPATTERN:
        return [value[3]]  # type: ignore[index]
    if op in (kinds.MAX_REPEAT, kinds.MIN_REPEAT, kinds.POSSESSIVE_REPEAT):
        return [value[2]]  # type: ignore[index]
    return [value] if op is kinds.ATOMIC_GROUP else []


def _samples(tree: object, signs: str, most: int = 4) -> list[str]:
    """A few texts that a part of a pattern matches, or might."""
    found = [""]
    for op, value in tree:  # type: ignore[attr-defined]
        options = _options(op, value, signs, most)
        found = [a + b for a, b in product(found, options)][: most * 3]
        found = list(dict.fromkeys(found))[:most] if len(found) > most else found
    return found


def _options(op: object, value: object, signs: str, most: int) -> list[str]:
    if op in (kinds.LITERAL, kinds.ANY, kinds.NOT_LITERAL, kinds.IN):
        return _signs_of(op, value, signs)
    if op is kinds.BRANCH:
        return list(chain.from_iterable(_samples(one, signs, 2) for one in value[1]))[: most * 2]  # type: ignore[index]
    if op in (kinds.MAX_REPEAT, kinds.MIN_REPEAT, kinds.POSSESSIVE_REPEAT):
        least, _, inner = value  # type: ignore[misc]
        texts = [one * max(1, min(least, MANY)) for one in _samples(inner, signs, 2)]
        return [*texts, ""] if least == 0 else texts
    inner = _inner(op, value)
    return _samples(inner[0], signs, most) if inner else [""]


def _signs_of(op: object, value: object, signs: str) -> list[str]:
    """Signs that one sign of a pattern may be."""
    if op is kinds.LITERAL:
        return [chr(value)]  # type: ignore[arg-type]
    if op is kinds.ANY:
        return [*signs[:2], "a"]
    if op is kinds.NOT_LITERAL:
        return [sign for sign in signs if sign != chr(value)][:3]  # type: ignore[arg-type]
    return _of_set(value, signs)[:3] or [""]  # type: ignore[arg-type]


def _of_set(parts: Sequence[tuple[object, object]], signs: str) -> list[str]:
    """The signs that a class of characters has: of the pattern's own ones first, for they may
    overlap.
    """
    negated = parts[0][0] is kinds.NEGATE
    own = [chr(one[0]) for kind, one in parts if kind is kinds.RANGE]  # type: ignore[index]
    wanted = [sign for sign in (*own, *signs) if negated != any(_has(part, sign) for part in parts)]
    return list(dict.fromkeys(wanted))


def _has(part: tuple[object, object], sign: str) -> bool:
    kind, value = part
    if kind is kinds.LITERAL:
        return ord(sign) == value
    if kind is kinds.RANGE:
        return value[0] <= ord(sign) <= value[1]  # type: ignore[index, no-any-return]
    if kind is kinds.CATEGORY:
        name = str(value).rpartition("_")[2].lower()
        test = {
            "digit": str.isdigit,
            "space": str.isspace,
            "word": lambda one: one.isalnum() or one == "_",
        }[name]
        return test(sign) != ("_NOT_" in str(value))
    return False


def _repeats(tree: object, signs: str, before: list[str]) -> Iterator[tuple[list[str], list[str]]]:
    """Each repeat that may be long: what may stand before it, and what it repeats."""
    for op, value in tree:  # type: ignore[attr-defined]
        repeat = op in (kinds.MAX_REPEAT, kinds.MIN_REPEAT, kinds.POSSESSIVE_REPEAT)
        if repeat and value[1] > MANY:
            yield before, [one for one in _samples(value[2], signs) if one]
        for inner in _inner(op, value):
            yield from _repeats(inner, signs, before)
        more = _options(op, value, signs, 2)
        before = list(dict.fromkeys(a + b for a, b in product(before, more)))[:3]


# What work costs.

FLOOR, PATIENCE, TRIES, ROUNDS = 150_000, 1.0, 8, 4
SIZE = 8192
MOST = 2.5
"""Twice the text may cost so many times the work."""


class TooLongError(Exception):
    """The work was given up."""


@contextmanager
def limited(seconds: float = PATIENCE) -> Iterator[None]:
    """What takes longer than anybody waits is broken off; patterns look for signals while they
    match.
    """

    def give_up(*_: object) -> None:
        raise TooLongError

    before, collected = signal.signal(signal.SIGVTALRM, give_up), gc.isenabled()
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    gc.disable()  # it would look through all that the tests have made
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
        if collected:
            gc.enable()


def spent(act: Callable[[], object]) -> int:
    """Nanoseconds of this thread's own work: other programs of the machine do not count."""
    begin = time.thread_time_ns()
    act()
    return time.thread_time_ns() - begin


def growth(
    act: Callable[[object], object], make: Callable[[int], object], *, size: int = SIZE
) -> float:
    """The least of a few rounds: what grows too fast does so in each of them."""
    found = 0.0
    for at in range(ROUNDS):
        found = _growth(act, make, size=size << at)
        if found <= MOST or found == float("inf"):
            return found
    return found


def _growth(act: Callable[[object], object], make: Callable[[int], object], *, size: int) -> float:
    """How many times the work is for a text of twice the length; below 2.5 for one that is linear.

    The work is the least of several measurements: what disturbs the machine adds to it and never
    takes away. What takes next to nothing at thousands of signs is not quadratic. size: of the
    longer text.
    """
    with limited():
        try:
            one, two = make(size // 2), make(size)
            second = spent(lambda: act(two))
            if second < FLOOR:
                return 0.0
            first = spent(lambda: act(one))
            for _ in range(TRIES):
                if second <= MOST * first:
                    break
                first, second = (
                    min(first, spent(lambda: act(one))),
                    min(second, spent(lambda: act(two))),
                )
            return second / first
        except TooLongError:
            return float("inf")


def used(
    pattern: re.Pattern[str] | re.Pattern[bytes], ways: frozenset[str]
) -> Mapping[str, Callable[[object], object]]:
    """What is done with a pattern."""
    acts: dict[str, Callable[[object], object]] = {}
    if "match" in ways:
        acts["match"] = pattern.match  # type: ignore[assignment]
    if "fullmatch" in ways:
        acts["fullmatch"] = pattern.fullmatch  # type: ignore[assignment]
    if ways & {
        "search",
        "sub",
        "subn",
        "split",
        "findall",
        "finditer",
    }:  # each begins at every sign
        acts["finditer"] = lambda text: sum(1 for _ in pattern.finditer(text))  # type: ignore[arg-type]
    return acts


def superlinear(pattern: str | bytes, flags: int = 0, ways: frozenset[str] = METHODS) -> str:
    """A text for which a pattern's work grows faster than it does, with the way it is used; ""
    where none is found.
    """
    compiled = re.compile(pattern, flags)
    for begin, pump, end in hostile(pattern, flags):
        for way, act in used(compiled, ways).items():

            def make(count: int, begin: str = begin, pump: str = pump, end: str = end) -> object:
                text = begin + pump * max(1, count // len(pump)) + end
                return text.encode("latin-1", "replace") if isinstance(pattern, bytes) else text

            if (times := growth(act, make)) > MOST:
                return f"{way} of {begin!r} + {pump!r} * n + {end!r}: {times:.1f} times the work"
    return ""
