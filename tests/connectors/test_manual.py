"""docs/connectors.md names every option of every connector, in the words of the options themselves."""

import re
from collections.abc import Iterator, Mapping

import jsonschema
import pytest
import yaml

from connectors.files import FilesConnector
from connectors.odbc import OdbcConnector
from connectors.rest import RestConnector
from connectors.soap import SoapConnector
from connectors.sql import SqlConnector
from connectors.sql_exchange import SqlExchangeConnector
from hub.model import Json
from tests.sandbox_processes import HERE

MANUAL = (HERE / "docs/connectors.md").read_text(encoding="utf-8")
CONNECTORS = (RestConnector, SoapConnector, FilesConnector, OdbcConnector, SqlConnector, SqlExchangeConnector)


def rows(schema: Mapping[str, Json]) -> Iterator[str]:
    """Give a table row for each option of a schema and of the groups in it."""
    groups = schema.get("$defs", {})
    assert isinstance(groups, dict)
    for group in (schema, *groups.values()):
        assert isinstance(group, dict)
        required = group.get("required", [])
        assert isinstance(required, list)
        options = group.get("properties", {})
        assert isinstance(options, dict)
        for name, option in options.items():
            assert isinstance(option, dict)
            if "description" in option:
                yield f"| `{name}`{' (required)' if name in required else ''} | {option['description']} |"


@pytest.mark.parametrize("connector", CONNECTORS)
def test_every_option_stands_in_the_manual(connector: type[RestConnector]) -> None:
    for schema in (connector.SYSTEM, connector.READ, connector.WRITE):
        assert not [row for row in rows(schema) if row not in MANUAL]


def examples() -> Iterator[tuple[str, dict[str, dict[str, Json]]]]:
    """Give the connector and the parts of each example."""
    for block in re.findall(r"```yaml\n(.*?)```", MANUAL, re.DOTALL):
        yield re.findall(r"# (\w+):", block)[0], yaml.safe_load(block)


@pytest.mark.parametrize(("name", "parts"), list(examples()))
def test_the_examples_of_the_manual_keep_to_the_options(name: str, parts: dict[str, dict[str, Json]]) -> None:
    connector = next(one for one in CONNECTORS if one.__name__.lower().startswith(name.replace("_", "")))
    schemas = {"connect": connector.SYSTEM, "read": connector.READ, "write": connector.WRITE}
    for part, options in parts.items():
        jsonschema.validate(options, schemas[part], cls=jsonschema.Draft202012Validator)
