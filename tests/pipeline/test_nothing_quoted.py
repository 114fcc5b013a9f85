"""No value of a record stands in a log, a traceback, or what a run says of its end, whatever
fails.
"""

import logging
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence

import psycopg
import pytest
import sqlalchemy as sa

from connectors.sql_exchange import SqlExchangeConnector
from hub.errors import HubError
from hub.model import Connection, Json, Outcome, Outgoing, Page, Receipt
from hub.pipeline import connector_boundary
from tests.pipeline.conftest import Small, contracts_of
from tests.pipeline.partners import Desk, Source
from tests.pipeline.small import CODE, FILES

CANARY = "绝密张三370102199001011234"
PLAN, PROJECTS, PUSH = "pull.plan.project", "push.desk.project", "mappings/desk/project.push.yaml"
ROW: dict[str, Json] = {"id": "p1", "code": CODE, "name": CANARY, "at": "1"}


class Raises(Desk):
    """A partner whose library quotes what it was given, in each of its calls."""

    def pages(
        self, read: Mapping[str, Json], *, since: str | int | None, resume: Json
    ) -> Iterator[Page]:
        yield from ()
        raise ValueError(CANARY) from KeyError(CANARY)

    def send(self, write: Mapping[str, Json], items: Sequence[Outgoing]) -> list[Outcome]:
        raise ValueError(items[0].body["mc"]) from KeyError(CANARY)

    def receipts(self, write: Mapping[str, Json], keys: Sequence[str]) -> list[Receipt]:
        raise UnicodeEncodeError("gbk", CANARY, 0, 2, CANARY)


def everything_said(error: BaseException | None, caplog: pytest.LogCaptureFixture) -> str:
    """What an operator would find: the traceback with all that led to it, and the log with its
    fields.
    """
    lines = [f"{record.__dict__}" for record in caplog.records]
    while error is not None:
        lines += traceback.format_exception(error)
        assert error.__cause__ is None
        error = error.__context__ if not error.__suppress_context__ else None
    return "\n".join(lines)


def refused_by(rule: str) -> Callable[[Small], None]:
    """PostgreSQL itself says no, and quotes the row."""

    def act(small: Small) -> None:
        small.rows(f"alter table {rule}; select 1")
        small.pull(PLAN, Source([ROW]))

    return act


def pushed(small: Small, desk: object) -> None:
    small.pull(PLAN, Source([ROW]))
    small.push(PROJECTS, desk)


def asked_for_receipts(small: Small) -> None:
    small.contracts = contracts_of(
        FILES | {PUSH: FILES[PUSH].replace("batch: 2", "batch: 2, receipts: true")}
    )
    pushed(small, Desk(receipts=True))
    small.receipts(PROJECTS, Raises())


def refused_outside(small: Small) -> None:
    with small.database.write() as tx:
        tx.execute(
            "insert into hub.record (entity, key) values (%s, %s), (%s, %s)",
            ("project", CANARY) * 2,
        )


def not_taken_by_the_database(small: Small) -> None:
    with small.database.write() as tx:
        tx.execute("select %s::date", (CANARY,))


def held_for_its_values(small: Small) -> None:
    small.pull(
        PLAN,
        Source([ROW | {"id": f"p{n}", "name": "甲", "code": f"{CANARY}{n}"} for n in range(60)]),
    )


ACTS: Mapping[str, Callable[[Small], None]] = {
    "reading": lambda small: small.pull(PLAN, Raises()),
    "a source record": refused_by("source.project add check (length(name) < 5)"),
    "a golden record": refused_by("golden.project add check (length(name) < 5)"),
    "a header": refused_by("hub.record add check (length(key) < 5)"),
    "a landing": refused_by("hub.landing add check (length(key) < 1)"),
    "a held batch": held_for_its_values,
    "sending": lambda small: pushed(small, Raises()),
    "receipts": asked_for_receipts,
    "a key twice": refused_outside,
    "no date": not_taken_by_the_database,
}


@pytest.mark.parametrize("act", ACTS)
def test_no_failure_quotes_a_value(small: Small, caplog: pytest.LogCaptureFixture, act: str):
    caplog.set_level(logging.DEBUG)
    caught: HubError | None = None
    try:
        ACTS[act](small)
    except HubError as error:
        caught = error
    said = everything_said(caught, caplog)
    said += str(small.rows("select cause::text from hub.run"))
    said += str(
        small.rows("select cause::text, faults::text from hub.quarantine where stage = 'intake'")
    )
    assert CANARY not in said


def test_what_a_partners_database_refuses_is_told_in_the_entry_alone(
    small: Small, caplog: pytest.LogCaptureFixture, empty_database_url: str
):
    caplog.set_level(logging.DEBUG)
    with psycopg.connect(empty_database_url, autocommit=True) as database:
        database.execute("create table inbox (k text primary key, dm text, mc varchar(3))")
    url = sa.make_url(empty_database_url)
    there = Connection(
        "desk", "postgresql", url.host or "", url.port, url.username or "", url.password or "", ""
    )
    path = url.database or ""
    connector = SqlExchangeConnector(
        Connection("desk", there.scheme, there.host, there.port, there.user, there.secret, path), {}
    )
    small.contracts = contracts_of(
        FILES
        | {
            PUSH: FILES[PUSH].replace(
                "{resource: projects, batch: 2}", "{table: inbox, key: k, batch: 2}"
            )
        }
    )
    small.pull(PLAN, Source([ROW, ROW | {"id": "p2", "code": CODE[:-1] + "2", "name": "甲"}]))
    assert small.push(PROJECTS, connector) == {"due": 2, "confirmed": 1, "rejected": 1}
    connector.close()
    assert CANARY not in everything_said(None, caplog)


def test_what_a_connector_raises_leaves_as_a_class_and_a_place_and_a_failed_close_hides_nothing(
    caplog: pytest.LogCaptureFixture,
):
    class Clumsy(Desk):
        def ping(self) -> str:
            return {}[CANARY]

        def close(self) -> None:
            raise OSError(CANARY)

    with pytest.raises(HubError) as caught:
        connector_boundary.translated("desk", Clumsy().ping)
    assert (caught.value.code, caught.value.facts["error"]) == (
        "system.connector_failed",
        "KeyError",
    )
    assert caught.value.facts["at"].startswith("tests/pipeline/test_nothing_quoted.py:")
    connector_boundary.close(Clumsy(), "desk")  # type: ignore[arg-type]
    assert "connection not closed well" in caplog.text
    assert CANARY not in everything_said(caught.value, caplog)
