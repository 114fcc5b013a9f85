"""`python -m tests.api.fuzz [--examples N] [--seed N] [--role R] [--kept FILE]`: ask the API what
it may be asked.

Each role asks every operation of a filled hub of its own. What is made from the seed is the same
each time; no answer may be 500, none may differ from its description, and each refusal is a problem
in words. What was answered is written to FILE, a line an operation: asked again with the same FILE,
only operations that are not there are asked.
"""

import argparse
import json
import logging
import sys
import time
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from zlib import crc32

import schemathesis
from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis import seed as seeded
from schemathesis import GenerationMode
from schemathesis.checks import load_all_checks
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.types import ASGIApp

from hub import auth
from hub.api import make_app
from tests.filled import CODE, Filled, fill
from tests.postgres import DatabaseServer, running_server

SEED = 20_261_130
PATIENCE = 300.0
"""Seconds that one answer may take, on a machine that does much else."""
ROLES: Mapping[str, str] = {
    "administrator": "administrator",
    "auditor": "auditor",
    "department": "department",
    "": "",
}
"""Who asks: three roles, and somebody without a token."""

REAL: Mapping[str, tuple[Any, ...]] = {
    "code": (CODE, CODE.lower()),
    "project_code": (CODE,),
    "form": ("construction_permit", "water_connection"),
    "run_id": (1, 2, 3),
    "entry_id": (1,),
    "record_id": (1, 2, 3, 4),
    "recall_id": (1,),
    "dispute_id": (1,),
    "hit_id": (1,),
    "case_id": (1,),
    "application_id": (1, 2),
    "job_id": (1,),
    "entity": ("project", "approval_document"),
    "field": ("name", "total_investment", "owner_name", "project_code"),
    "flow": ("pull.investment.project", "push.fire.project", "pull.approval.participant"),
    "record": (f"project:{CODE}", "1", "2"),
    "key": ("1", "2"),
    "account": ("administrator", "auditor"),
    "entities": (["project"],),
    "valid_from": ("2026-01-01",),
    "valid_until": ("2099-01-01",),
    "ids": ([1], [1, 2]),
    "batches": ([1],),
    "value": ("某某大道工程", None),
    "everything": (True,),
}
"""What there is, by the parameter that names it: half of all questions are about something that
exists.
"""


def real(given: dict[str, Any] | None) -> dict[str, Any] | None:
    """The same with some of its parts replaced by what there is; which, follows from the parts
    alone.
    """
    if not isinstance(given, dict):
        return given
    mark = crc32(repr(sorted(given.items(), key=str)).encode("utf-8", "replace"))
    said = dict(given)
    for place, (name, value) in enumerate(given.items()):
        choice = mark >> (place % 8)
        if name in REAL and choice % 3:
            said[name] = REAL[name][choice % len(REAL[name])]
        elif isinstance(value, dict) and name == "terms":
            said[name] = real(value)
    return said


class Asked:
    """What one role has asked and been answered. wrong: what no answer may be, with the request
    that led to it.
    """

    def __init__(self) -> None:
        self.statuses: Counter[int] = Counter()
        self.operations: Counter[str] = Counter()
        self.wrong: dict[str, str] = {}

    def note(self, case: schemathesis.Case, response: schemathesis.Response) -> None:
        label = f"{case.method} {case.path}"
        self.statuses[response.status_code] += 1
        self.operations[label] += 1
        wrong = list(_faults(case, response))
        for fault in wrong:
            self.wrong.setdefault(f"{label}: {fault}"[:900], case.as_curl_command()[:1500])

    def add(self, other: "Asked") -> None:
        """Count what was asked elsewhere as well."""
        self.statuses += other.statuses
        self.operations += other.operations
        self.wrong |= other.wrong


class Kept:
    """What was asked before, by the words it was asked with; None as file keeps nothing."""

    def __init__(self, file: Path | None, **words: object) -> None:
        self._file, self._words = file, words

    def before(self) -> Asked:
        """All that was answered before."""
        asked = Asked()
        for line in (
            self._file.read_text().splitlines() if self._file and self._file.exists() else []
        ):
            said = json.loads(line)
            if said["words"] == self._words:
                asked.statuses += Counter(
                    {int(status): count for status, count in said["statuses"].items()}
                )
                asked.operations[said["operation"]] = sum(said["statuses"].values())
                asked.wrong |= said["wrong"]
        return asked

    def keep(self, label: str, asked: Asked) -> None:
        """Write down what one operation answered."""
        if self._file:
            said = {
                "words": self._words,
                "operation": label,
                "statuses": asked.statuses,
                "wrong": asked.wrong,
            }
            with self._file.open("a") as file:
                file.write(json.dumps(said, ensure_ascii=False) + "\n")


def _faults(case: schemathesis.Case, response: schemathesis.Response) -> Iterator[str]:
    if response.status_code >= 500 and response.status_code not in {502, 503}:
        yield f"{response.status_code} {response.text[:300]}"
        return
    if b"database.refused" in response.content:
        yield "no check before the database has refused it"
    if response.status_code >= 400 and response.headers["content-type"] != [
        "application/problem+json"
    ]:
        yield f"{response.status_code} is no problem in words"
    for check in (status_code_conformance, content_type_conformance, response_schema_conformance):
        try:
            case.validate_response(response, checks=[check])
        # what the library's checks say, whatever class they say it in
        except Exception as error:  # noqa: BLE001
            yield f"{check.__name__}: {error}"[:600]


def ask(
    app: ASGIApp,
    token: str,
    *,
    examples: int,
    seed: int = SEED,
    kept: Kept = Kept(None),  # noqa: B008
) -> Asked:
    """Ask every operation so many times, but for those that were asked before."""
    load_all_checks()
    given = {"Authorization": f"Bearer {token}"} if token else {}
    schema = schemathesis.openapi.from_dict(app.openapi())  # type: ignore[attr-defined]
    schema.app = app
    for place in ("path_parameters", "query", "body"):
        schema.hook(f"map_{place}")(_replacing)
    asked = kept.before()
    for found in schema.get_all_operations():
        operation = found.ok()
        label = f"{operation.method.upper()} {operation.path}"
        if label in asked.operations:
            continue
        answered = _answered(operation, given, examples=examples, seed=seed)
        kept.keep(label, answered)
        asked.add(answered)
    return asked


def _answered(operation: Any, headers: Mapping[str, str], *, examples: int, seed: int) -> Asked:
    """What one operation answers."""
    answered = Asked()

    @seeded(seed)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
    )
    @schema_given(operation)
    def question(case: schemathesis.Case) -> None:
        answered.note(case, case.call(headers=headers, timeout=PATIENCE))

    question()
    return answered


def _replacing(_context: object, given: Any) -> Any:
    return real(given)


def schema_given(operation: Any) -> Any:
    """Hypothesis's own way to hand questions over, both such as the description allows and such as
    it does not.
    """
    from hypothesis import given, strategies  # noqa: PLC0415 -- `given` is a word of this module

    modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    return given(
        case=strategies.one_of([operation.as_strategy(generation_mode=mode) for mode in modes])
    )


def account(world: Filled, role: str) -> str:
    """A token of this role, with grants where it needs them; none for nobody."""
    if not role:
        return ""
    with world.hub.database.write() as tx:
        token = auth.open_account(tx, role, role, department="某某局")
        if role == "department":
            for entity in world.hub.contracts.granted:
                auth.grant(
                    *(tx, world.hub.contracts.granted, role, entity),
                    classes=("public", "internal"),
                    purpose="核发施工许可",
                    valid_from=date(2020, 1, 1),
                    valid_until=date(2099, 1, 1),
                )
    return token


@contextmanager
def world_of(server: DatabaseServer) -> Iterator[Filled]:
    """A filled hub on a database of its own."""
    with server.database() as url:
        world = Filled(url)
        world.hub.migrate()
        fill(world)
        try:
            yield world
        finally:
            world.hub.close()


def main() -> int:
    """Ask as every role; say how many answers of which kind there were, and what was wrong."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--examples", type=int, default=200)
    options.add_argument("--seed", type=int, default=SEED)
    options.add_argument("--role", choices=[*filter(None, ROLES), "nobody"])
    options.add_argument("--kept", type=Path)
    chosen = options.parse_args()
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    bad = 0
    with running_server() as server:
        for role in ROLES if chosen.role is None else [chosen.role.replace("nobody", "")]:
            with world_of(server) as world:
                begun = time.monotonic()
                words = {"examples": chosen.examples, "seed": chosen.seed}
                kept = Kept(chosen.kept, role=role, **words)
                asked = ask(make_app(world.hub), account(world, role), kept=kept, **words)
            told = " ".join(f"{status}:{count}" for status, count in sorted(asked.statuses.items()))
            least = min(asked.operations.values())
            print(  # noqa: T201
                (
                    f"{role or 'nobody'}: {len(asked.operations)} operations, at least {least} "
                    f"times, {told}"
                ),
                end=" ",
            )
            print(f"in {time.monotonic() - begun:.0f} s; wrong: {len(asked.wrong)}")  # noqa: T201
            for wrong, request in asked.wrong.items():
                print(f"  {wrong}\n      {request}")  # noqa: T201
            bad += len(asked.wrong)
    return min(bad, 1)


if __name__ == "__main__":
    sys.exit(main())
