"""Reads and checks the declaration of a partner; what is wrong is told by file and line."""

import os
from collections.abc import Iterator, Mapping
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
OWN_FAULTS = (
    "expired_token",
    "closed",
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
        shares, takes = self.declaration.shares, self.declaration.takes
        for name in self.declaration.traps:
            if name not in shares:
                yield self._unknown(("traps", name), name, shares)
        files, http = self.declaration.files, self.declaration.http
        for name in (files.resource, *files.also) if files else ():
            if name not in shares:
                yield self._unknown(("files", "resource"), name, shares)
        for name in http.routes if http else ():
            if name not in (*shares, *takes, "receipts"):
                yield self._unknown(("http", "routes", name), name, (*shares, *takes, "receipts"))
        if http and http.held and http.held.of not in takes:
            yield self._unknown(("http", "held", "of"), http.held.of, takes)
        worded = (http.refusals if http else files.refusals if files else {}).keys()
        for kind in sorted(REFUSALS - worded) if takes else ():
            part = "http" if http else "files"
            cause = (f"未写明如何拒绝“{kind}”", f"`refusals` does not word `{kind}`")
            yield self.source.problem((part, "refusals"), cause, ("请补上", "add it"))

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
        yield from self._path((*place, "key"), share.key, roots)
        yield from self._fields((*place, "fields"), share.fields, roots)

    def _beside(
        self, place: Place, beside: Beside, roots: Mapping[str, object]
    ) -> Iterator[Problem]:
        if beside.of not in NOUNS:
            yield self._unknown((*place, "of"), beside.of, NOUNS)
            return
        for name in (*beside.where, *beside.same):
            yield from self._path((*place, name), f"one.{name}", {"one": NOUNS[beside.of]})
        for name, path in beside.same.items():
            yield from self._path((*place, "same", name), path, roots)

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
            for one in (*(() if path is None else (path,)), *field.when):
                yield from self._path(here, one, roots)
            if field.write and not {"%", "{"} & set(field.write) and field.write not in WAYS:
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
