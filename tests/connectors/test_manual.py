"""docs/connectors.md names every option of every connector, in the words of the options
themselves.
"""

import re
from collections.abc import Iterator

import jsonschema
import pytest
import yaml

from hub.config import connector_schemas
from hub.model import Json
from tests.docs.pages import HOME
from tools import manual

MANUAL = (HOME / "docs/connectors.md").read_text(encoding="utf-8")
CONNECTORS = connector_schemas()


def test_the_tables_of_the_manual_are_as_the_code_has_them():
    pages = [str(path) for path, _ in manual.stale(HOME)]
    assert pages == [], f"rewrite the tables of these pages by: {manual.COMMAND}"


def test_every_table_that_can_be_made_stands_in_the_manual():
    text = "\n".join((HOME / page).read_text(encoding="utf-8") for page in manual.PAGES)
    named = re.findall(r"<!-- table: ([\w ]+) -->", text)
    assert sorted(name for name in named if not name.startswith(manual.SETTINGS)) == sorted(
        manual.tables()
    )
    assert {name.partition(" ")[0] for name in manual.tables()} >= CONNECTORS.keys()


def test_every_setting_stands_in_one_table():
    text = (HOME / "docs/settings.md").read_text(encoding="utf-8")
    listed = " ".join(re.findall(rf"<!-- table: {manual.SETTINGS}([A-Z0-9_ ]+) -->", text)).split()
    assert sorted(listed) == sorted(manual.variables())


def test_every_option_is_explained_where_it_is_declared():
    rows = [
        line.split(" | ") for table in manual.tables().values() for line in table.splitlines()[2:]
    ]
    assert [row[0] for row in rows if not row[-1].removesuffix("|").strip()] == []


def test_an_option_of_a_group_of_one_kind_stands_under_that_kind_with_what_is_allowed():
    rows = manual.tables()["rest connect"].splitlines()
    kind = rows.index(next(row for row in rows if row.startswith("| `auth: {kind: signature}`")))
    after = next(n for n, row in enumerate(rows) if row.startswith("| `auth: {kind: token}`"))
    assert any(row.startswith("| `auth.headers.signature` | text |") for row in rows[kind:after])
    assert any(
        '| `auth.encoding` | text | `"hex"` | `hex`, `base64` |' in row for row in rows[kind:after]
    )


def examples() -> Iterator[tuple[str, dict[str, dict[str, Json]]]]:
    """Give the connector and the parts of each example."""
    for block in re.findall(r"```yaml\n(.*?)```", MANUAL, re.DOTALL):
        yield re.findall(r"# (\w+):", block)[0], yaml.safe_load(block)


@pytest.mark.parametrize(("name", "parts"), list(examples()))
def test_the_examples_of_the_manual_keep_to_the_options(
    name: str, parts: dict[str, dict[str, Json]]
) -> None:
    found = CONNECTORS[name]
    schemas = {"connect": found.system, "read": found.read, "write": found.write}
    for part, options in parts.items():
        jsonschema.validate(options, schemas[part], cls=jsonschema.Draft202012Validator)
