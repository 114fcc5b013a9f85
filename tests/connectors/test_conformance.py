"""Every connector against the partner that it was written for: the kit of hub/testing, once a
protocol and dialect.
"""

from collections.abc import Iterator

import pytest

from hub.testing.conformance import Reading, ReadingConformance, Writing, WritingConformance
from tests.connectors.cases import CASES, Case
from tests.postgres import DatabaseServer


@pytest.fixture(scope="module", params=CASES)
def case(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    database_server: DatabaseServer,
) -> Iterator[Case]:
    state = tmp_path_factory.mktemp(request.param)
    with database_server.database() as url, CASES[request.param](state, url) as case:
        yield case
        case.reading.connector.close()
        case.writing.connector.close()


@pytest.fixture
def reading(case: Case) -> Iterator[Reading]:
    yield case.reading
    case.reading.calm()


@pytest.fixture
def writing(case: Case) -> Iterator[Writing]:
    yield case.writing
    case.writing.calm()


class TestReading(ReadingConformance):
    """Reading each of them."""


class TestWriting(WritingConformance):
    """Writing to each of them."""
