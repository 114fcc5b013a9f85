import json

import pytest

from hub.config import connector_schemas, contract_files
from hub.domain.contracts import Contracts
from hub.domain.load import load
from hub.settings import HOME
from tests.dags.airflow_process import output_of


@pytest.fixture(scope="session")
def parsed(tmp_path_factory):
    """What parsing the DAG files gave and did."""
    return json.loads(
        output_of("parse.py", home=tmp_path_factory.mktemp("airflow")).splitlines()[-1]
    )


@pytest.fixture(scope="session")
def contracts() -> Contracts:
    return load(contract_files(HOME), connector_schemas(), year=2026)
