"""No program knows a partner by its name: what a partner is, files say."""

import ast
import re
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.declared.declaration import declared, folder
from tests.filled import HOME
from tests.partners.joined import joined
from tests.postgres import DatabaseServer

PROGRAMS = ("hub", "connectors", "dags", "deploy", "sandbox/declared")
WORD = re.compile(r"[a-z0-9_]+", re.ASCII)
# English words that some partner is called by too, and names of the demo. This list may only get
# shorter.
MEANT = {
    ("approval", "hub/api/__init__.py"): "in a sentence",
    ("approval", "hub/provider/__init__.py"): "in a sentence",
    ("archive", "deploy/airflow_plugins/tidying.py"): "a word of Airflow",
    ("archive", "hub/domain/file_types.py"): "a kind of file",
    ("investment", "hub/config/fresh.py"): "an example, in a comment of the file that is written",
    ("investment", "hub/services/view.py"): "in words, an example of a title",
    ("service", "connectors/soap.py"): "of SOAP, in a sentence",
    ("service", "connectors/wsdl.py"): "of SOAP, in a sentence",
    ("service", "hub/auth/context.py"): "a role of accounts",
    ("service", "hub/console/layout.py"): "a role of accounts",
    ("service", "hub/console/pages/accounts.py"): "a role of accounts",
    ("service", "hub/db/access/access_log.py"): "a role of accounts",
    ("service", "hub/domain/rights.py"): "a role of accounts",
    ("service", "hub/domain/sqlstate.py"): "what a server says",
    ("service", "sandbox/declared/rest.py"): "a word of SOAP",
    ("service", "sandbox/declared/soap.py"): "a word of SOAP",
    ("service", "sandbox/declared/words.py"): "a word of SOAP",
    ("service", "sandbox/declared/wsdl.py"): "an element of a WSDL",
    ("site", "hub/pipeline/connector_boundary.py"): "site-packages",
    ("transaction", "connectors/database_timeouts.py"): "of a database, in a sentence",
    ("transaction", "connectors/front_table.py"): "of a database, in a sentence",
    ("transaction", "hub/db/database.py"): "of a database",
    ("transaction", "hub/pipeline/verify/sealed.py"): "of a database",
    ("transaction", "hub/settings/__init__.py"): "of a database, in a sentence",
    ("transaction", "hub/settings/waiting.py"): "of a database, in a sentence",
    ("registry", "hub/services/comparisons.py"): "an example in a description",
    ("broadcast", "hub/db/facts/subjects.py"): "a code of utilities",
    ("drainage", "hub/db/facts/subjects.py"): "a code of utilities",
    ("gas", "hub/db/facts/subjects.py"): "a code of utilities",
    ("heat", "hub/db/facts/subjects.py"): "a code of utilities",
    ("power", "hub/db/facts/subjects.py"): "a code of utilities",
    ("telecom", "hub/db/facts/subjects.py"): "a code of utilities",
    ("water", "hub/db/facts/subjects.py"): "a code of utilities",
    ("gas", "deploy/demo.py"): "a command that the demo proposes",
    ("water", "deploy/demo.py"): "an account of the demo",
    ("water", "deploy/site.py"): "an account of the demo",
}


def partners() -> set[str]:
    """Every partner that has contract files or a declaration."""
    return {path.parent.name for path in (HOME / "mappings").glob("*/system.yaml")} | {*declared()}


def words(path: Path) -> Iterator[str]:
    """The words of a module's texts that are no documentation, and its names."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    told = {id(one.value) for one in ast.walk(tree) if isinstance(one, ast.Expr)}
    for one in ast.walk(tree):
        if isinstance(one, ast.Constant) and isinstance(one.value, str) and id(one) not in told:
            yield from WORD.findall(one.value.lower())


def test_the_walk_finds_a_partner_in_a_text_and_not_in_documentation(tmp_path: Path):
    module = tmp_path / "module.py"
    module.write_text('"""water"""\nA = ["pull.gas.project", f"heat {1}", "gasoline"]\n', "utf-8")
    assert {*words(module)} & {"water", "gas", "heat"} == {"gas", "heat"}


def test_no_program_names_a_partner():
    found = set()
    for top in PROGRAMS:
        for path in sorted((HOME / top).rglob("*.py")):
            place = path.relative_to(HOME).as_posix()
            found |= {(one, place) for one in {*words(path)} & partners()}
    assert found - MEANT.keys() == set()
    assert MEANT.keys() - found == set(), "take these out of the list"


@pytest.fixture
def named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str, Path]:
    """A partner that is read over HTTP, its new name, and a home in which it is called by that."""
    former, name = secrets.choice(OVER_HTTP), f"p{secrets.token_hex(3)}"
    home, its = tmp_path / "home", tmp_path / "partners"
    for folder_of in ("schemas", "mappings"):
        shutil.copytree(HOME / folder_of, home / folder_of)
    shutil.copytree(folder(), its)
    (home / "mappings" / former).rename(home / "mappings" / name)
    (its / f"{former}.yaml").rename(its / f"{name}.yaml")
    listed = re.compile(rf'(?<=")(?:{former})(?=")')
    for path in (home / "schemas").glob("*.json"):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text(
            "".join(listed.sub(name, one) if "x-authority" in one else one for one in lines),
            encoding="utf-8",
        )
    monkeypatch.setenv("SANDBOX_PARTNERS", str(its))
    return former, name, home


OVER_HTTP = ("eia", "transaction", "intermediary", "site")


def test_a_partner_of_any_name_works(
    named: tuple[str, str, Path],
    database_server: DatabaseServer,
    filled_template: str,
    tmp_path: Path,
):
    former, name, home = named
    with joined(
        name,
        database_server=database_server,
        template=filled_template,
        state=tmp_path,
        projects=60,
        home=home,
    ) as found:
        contracts = found.world.hub.contracts
        pulls = [one for one in contracts.pulls if one.startswith(f"pull.{name}.")]
        read = {one: found.pull(one.split(".", 2)[2])["read"] for one in pulls}
        assert len(pulls) == len(list((HOME / "mappings" / former).glob("*.pull.yaml")))
        assert all(read.values()), (former, read)
        pushes = [one for one in contracts.pushes if one.startswith(f"push.{name}.")]
        told = [found.push(one.split(".", 2)[2]) for one in pushes]
        assert sum(one.get("confirmed", 0) for one in told) > 0, (former, told)
        assert not any(one.get("rejected") or one.get("quarantined") for one in told)
