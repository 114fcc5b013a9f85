"""What a project's page is made of is read once, and the number of statements does not grow with
the flows.
"""

import psycopg
import pytest

from hub.auth.context import RequestContext, operating
from hub.console.pages.projects import _project_and_timeline
from hub.services.project_timeline import life
from hub.services.projects import project
from tests.filled import CODE, Filled


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every statement that is sent from now on."""
    found: list[str] = []
    execute = psycopg.Cursor.execute

    def noting(self: psycopg.Cursor, query: object, *given: object, **named: object) -> object:
        found.append(query.as_string(self) if hasattr(query, "as_string") else str(query))
        return execute(self, query, *given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(psycopg.Cursor, "execute", noting)
    return found


def test_the_page_reads_a_projects_records_once(filled: Filled, said: list[str]):
    context = operating(filled.hub, "li")
    _project_and_timeline(context, CODE)  # what a process reads once
    said.clear()
    told, lived, *_ = _project_and_timeline(context, CODE)
    of_records = [one for one in said if "as entity, g.record_id" in one]
    assert len(of_records) == 1
    assert len([one for one in said if "from hub.run r" in one]) == 1
    assert len(said) <= 13  # comparisons, files and scenarios ask once each
    assert (told, lived) == _each(context)


def _each(context: RequestContext) -> tuple[object, object]:
    return project(context, CODE), life(context, CODE)
