"""The hub as a provider of Airflow: types of connections with their forms, and its DAGs as a
bundle.

Airflow finds it by the entry point `apache_airflow_provider`. Only this package of the hub knows
Airflow.
"""

import json
from collections.abc import Mapping
from importlib.metadata import version
from importlib.resources import files
from typing import Any

OWN = "onecode_"
"""What the hub's types begin with: `hub.config.connections` has it too, which is too much to load
for this.
"""


def forms() -> dict[str, dict[str, Any]]:
    """What is asked for a partner's connection, by connector.

    title: the type's name. hidden, labels, examples: of Airflow's own fields. fields: parts of the
    extra, by schema.
    """
    text = files(__name__).joinpath("forms.json").read_text(encoding="utf-8")
    found: dict[str, dict[str, Any]] = json.loads(text)
    return found


def get_provider_info() -> dict[str, object]:
    """What Airflow asks a provider."""
    return {
        "package-name": "onecode-hub",
        "name": "OneCode Hub 一码贯通",
        "description": "The data-sharing hub of construction project approval.",
        "versions": [version("onecode-hub")],
        "connection-types": [_type(connector, form) for connector, form in forms().items()],
    }


def _type(connector: str, form: Mapping[str, Any]) -> dict[str, object]:
    return {
        "connection-type": f"{OWN}{connector}",
        "hook-class-name": f"hub.provider.hooks.{form['hook']}",
        "hook-name": form["title"],
        "conn-fields": form.get("fields", {}),
        "ui-field-behaviour": {
            "hidden-fields": form.get("hidden", []),
            "relabeling": form["labels"],
            "placeholders": form["examples"],
        },
    }
