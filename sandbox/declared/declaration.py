"""Reads and checks the declaration of a partner; what is wrong is told by file and line."""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import ValidationError

from sandbox.declared.diagnosis import DeclarationError, Place, Problem, Source, meant
from sandbox.declared.fields import HABITS, PATH, WAYS, habit_of
from sandbox.declared.nouns import HEADS, NOUNS, PROJECTS, lacking, part_of, singular
from sandbox.declared.words import Beside, Declaration, Field, Share, all_words
from sandbox.faults import FAULTS
from sandbox.forms import REFUSALS

STYLES = Path(__file__).with_name("styles.yaml")
PATTERNS = set("%{0123456789")
"""Signs of a pattern in `write`."""
OWN_FAULTS = (
    "expired_token",
    "stale_nonce",
    "bad_signature",
    "closed",
    "night_page",
    "rare_character",
    "empty_file",
    "html_file",
    "wrong_hash",
    "wrong_count",
)
"""Faults that only some protocols know."""


def folder() -> Path:
    """Where declarations lie: SANDBOX_PARTNERS, else sandbox/partners."""
    here = Path(__file__).resolve().parent.parent / "partners"
    return Path(os.environ.get("SANDBOX_PARTNERS") or here)


def declared() -> list[str]:
    """Give the names of all declared partners."""
    return sorted(path.stem for path in folder().glob("*.yaml"))


def without_database() -> list[str]:
    """Give the names of those that need no database of their own."""
    return [name for name in declared() if read_declaration(name).tables is None]


def read_declaration(name: str) -> Declaration:
    """Read the declaration of a partner of this name."""
    return read(folder() / f"{name}.yaml")


def read(path: Path) -> Declaration:
    """Read one declaration, or raise DeclarationError with every problem of it."""
    source = Source(path)
    content = source.content if isinstance(source.content, dict) else {}
    try:
        found = Declaration.model_validate(_styled(content))
    except ValidationError as error:
        words = list(all_words())
        raise DeclarationError([source.explained(one, words) for one in error.errors()]) from None
    if problems := list(_Check(source, found).problems()):
        raise DeclarationError(problems)
    return found


def _styled(content: Mapping[str, object]) -> dict[str, object]:
    """Lay what a partner says of its HTTP over what its style says; groups are laid word by
    word.
    """
    own = content.get("http")
    if not isinstance(own, dict):
        return dict(content)
    styles = yaml.safe_load(STYLES.read_text(encoding="utf-8"))
    style = styles.get(own.get("style", "plain"))
    if style is None:  # a word that fails where it stands
        return {**content, "http": {**own, "style": None}}
    laid = {
        name: {**style[name], **said}
        if name in ("ask", "errors", "refusals") and name in style and isinstance(said, dict)
        else said
        for name, said in own.items()
    }
    return {**content, "http": {**style, **laid}}


@dataclass(frozen=True)
class _Check:
    """What models cannot see: names that must lead somewhere."""

    source: Source
    declaration: Declaration

    def problems(self) -> Iterator[Problem]:
        for name, share in self.declaration.shares.items():
            yield from self._share(("shares", name), share)
        yield from self._names()
        for at, fault in enumerate(self.declaration.faults):
            if fault not in (*FAULTS, *OWN_FAULTS):
                yield self._unknown(("faults", at), fault, (*FAULTS, *OWN_FAULTS))

    def _unknown(self, place: Place, name: str, known: object) -> Problem:
        cause = (f"“{name}”不存在", f"there is no `{name}`")
        return self.source.problem(place, cause, meant(name, list(known)))  # type: ignore[call-overload]

    def _names(self) -> Iterator[Problem]:
        """Resources that other parts speak of, and kinds of refusal that the protocol must word."""
        for place, name, known in self._spoken():
            if name not in known:
                yield self._unknown(place, name, known)
        parts = ("http", "files", "tables", "calls")
        part = next(one for one in parts if getattr(self.declaration, one))
        worded = set(getattr(getattr(self.declaration, part), "refusals", ()))
        for kind in sorted(REFUSALS - worded) if self.declaration.takes and part != "calls" else ():
            cause = (f"未写明如何拒绝“{kind}”", f"`refusals` does not word `{kind}`")
            yield self.source.problem((part, "refusals"), cause, ("请补上", "add it"))

    def _spoken(self) -> Iterator[tuple[Place, str, Iterable[str]]]:
        """Names of resources: where each stands, and what it may be."""
        shares, takes = self.declaration.shares, self.declaration.takes
        yield from ((("traps", name), name, shares) for name in self.declaration.traps)
        if files := self.declaration.files:
            yield from (
                (("files", "resource"), one, shares) for one in (files.resource, *files.also)
            )
        if http := self.declaration.http:
            known = (*shares, *takes, "receipts")
            yield from ((("http", "routes", name), name, known) for name in http.routes)
            if http.held:
                yield ("http", "held", "of"), http.held.of, takes
        if calls := self.declaration.calls:
            yield from ((("calls", "sends", name), name, shares) for name in calls.sends)
        if tables := self.declaration.tables:
            yield from ((("tables", "shares", name), name, shares) for name in tables.shares)
            yield from ((("tables", "takes", name), name, takes) for name in tables.takes)

    def _share(self, place: Place, share: Share) -> Iterator[Problem]:
        if share.of not in NOUNS:
            yield self._unknown((*place, "of"), share.of, NOUNS)
            return
        roots: dict[str, object] = {**HEADS, singular(share.of): NOUNS[share.of]}
        for name in share.where:
            yield from self._path((*place, "where", name), f"{singular(share.of)}.{name}", roots)
        for name, beside in share.beside.items():
            yield from self._beside((*place, "beside", name), beside, roots)
        roots |= {name: NOUNS.get(beside.of, object) for name, beside in share.beside.items()}
        if share.each:
            yield from self._path((*place, "each", "of"), share.each.of, roots)
            roots |= {share.each.as_: part_of(share.each.of, roots), "ordinal": int}
        if share.of != PROJECTS and "updated_at" not in NOUNS[share.of].__annotations__:
            yield from self._path((*place, "at"), share.at or "-", roots)
        for word, path in (("key", share.key), ("when", share.when or share.key)):
            yield from self._path((*place, word), path, roots)
        yield from self._fields((*place, "fields"), share.fields, roots)

    def _beside(
        self, place: Place, beside: Beside, roots: Mapping[str, object]
    ) -> Iterator[Problem]:
        if beside.of not in NOUNS:
            yield self._unknown((*place, "of"), beside.of, NOUNS)
            return
        for name in (*beside.where, *beside.same):
            yield from self._path((*place, name), f"one.{name}", {"one": NOUNS[beside.of]})
        for name, path in (*beside.same.items(), *((one, one) for one in beside.when)):
            yield from self._path((*place, name), path, roots)

    def _path(self, place: Place, path: str, roots: Mapping[str, object]) -> Iterator[Problem]:
        """Check a path, or the paths in a text."""
        for one in PATH.findall(path) if "{" in path else [path]:
            if wrong := lacking(one, roots):
                step, known = wrong
                cause = (f"路径“{one}”中的“{step}”不存在", f"`{one}`: there is no `{step}`")
                cure = (f"可用：{', '.join(known)}", f"known: {', '.join(known)}")
                yield self.source.problem(place, cause, cure)

    def _fields(
        self, place: Place, fields: Mapping[str, Field], roots: Mapping[str, object]
    ) -> Iterator[Problem]:
        for name, field in fields.items():
            here = (*place, name)
            path = field.from_ or field.text
            by = field.known.by if field.known else ()
            for one in (*(() if path is None else (path,)), *field.when, *by):
                yield from self._path(here, one, roots)
            if field.write and not PATTERNS & set(field.write) and field.write not in WAYS:
                yield self._unknown((*here, "write"), field.write, WAYS)
            for habit in field.habit:
                if habit_of(habit)[0] not in HABITS:
                    yield self._unknown((*here, "habit"), habit, HABITS)
            if field.given and field.given.partition(".")[0] not in self.declaration.takes:
                yield self._unknown((*here, "given"), field.given, self.declaration.takes)
            written = [one for one, other in fields.items() if other.units]
            if field.unit_of and field.unit_of not in written:
                yield self._unknown((*here, "unit_of"), field.unit_of, written)
            yield from self._inside(here, field, roots)

    def _inside(self, place: Place, field: Field, roots: Mapping[str, object]) -> Iterator[Problem]:
        if field.each:
            yield from self._path((*place, "each", "of"), field.each.of, roots)
            inner = {**roots, field.each.as_: part_of(field.each.of, roots), "ordinal": int}
            yield from self._fields((*place, "each", "fields"), field.each.fields, inner)
        if field.record:
            yield from self._fields((*place, "record"), field.record, roots)
        for at, one in enumerate(field.list or ()):
            yield from self._fields((*place, "list", at), one, roots)
        for word, some in (("sum", field.sum), ("turns", field.turns)):
            for at, alternative in enumerate(some or ()):
                yield from self._fields((*place, word), {str(at): alternative}, roots)
