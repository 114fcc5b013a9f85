"""Partners push to the hub and fetch from it: durable, once, in order, and nothing unproven."""

import json
import socket
from collections.abc import Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families

from hub.auth.context import operating
from hub.errors import HubError
from hub.pipeline import held_decisions
from hub.pipeline.held_decisions import DecidedBy
from hub.services import metrics
from tests.inbound import CODE, OTHER, Site, project, site
from tests.postgres import DatabaseServer

PULL = "pull.caller.project"


@pytest.fixture(scope="module")
def served(
    database_server: DatabaseServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    with database_server.database() as url, site(url, tmp_path_factory.mktemp("home")) as made:
        yield made


@pytest.fixture
def here(served: Site) -> Site:
    """The partner of this file, with nothing handed in yet."""
    served.empty()
    return served


def _list(*records: object) -> dict[str, object]:
    return {"data": {"list": list(records)}}


def test_a_body_is_kept_before_its_receipt_and_taken_by_the_pull(here: Site) -> None:
    said = here.caller.push("projects", _list(project(1), project(2, code=OTHER)))
    assert said.status_code == 200
    answer = said.json()
    assert answer["code"] == "0000"
    assert answer["records"] == 2
    assert not answer["repeated"]
    ((content, records),) = here.rows("select content, records from hub.inbound")
    assert json.loads(content)["data"]["list"][0]["id"] == 1
    assert records == 2
    run = here.hub.pull(PULL)
    assert here.rows("select sum(read), sum(created) from hub.batch where run_id = %s", run) == [
        (2, 2)
    ]
    assert here.rows("select name from golden.project order by name") == [("工程1",), ("工程2",)]
    # the body has gone; the receipt, and that it was read whole, stay
    assert here.rows("select content, taken_at is not null from hub.inbound") == [(None, True)]
    assert here.rows("select flow, records from hub.inbound_taking") == [(PULL, 2)]
    assert here.rows("select sum(read) from hub.batch where run_id = %s", here.hub.pull(PULL)) == [
        (0,)
    ]


def test_the_same_body_again_gets_the_same_receipt(here: Site) -> None:
    body = _list(project(1))
    first = here.caller.push("projects", body).json()
    again = here.caller.push("projects", body).json()
    assert (again["receipt"], again["repeated"]) == (first["receipt"], True)
    here.hub.pull(PULL)
    after = here.caller.push("projects", body).json()
    assert (after["receipt"], after["repeated"]) == (first["receipt"], True)
    assert here.rows("select times from hub.inbound") == [(3,)]
    assert here.rows("select count(*) from hub.landing where id >= 0") == [(1,)]


def test_bodies_that_wait_and_repeats_are_counted(here: Site) -> None:
    body = _list(project(1))
    here.caller.push("projects", body)
    here.caller.push("projects", body)

    def counted(name: str) -> float:
        said = metrics.text(operating(here.hub, "tester")).decode()
        return next(
            sample.value
            for family in text_string_to_metric_families(said)
            for sample in family.samples
            if sample.name == name and sample.labels.get("system") == "caller"
        )

    assert (counted("onecode_inbound_waiting"), counted("onecode_inbound_repeats_total")) == (1, 1)
    assert counted("onecode_inbound_oldest_seconds") > 0
    here.hub.pull(PULL)
    assert (counted("onecode_inbound_waiting"), counted("onecode_inbound_oldest_seconds")) == (0, 0)


def test_a_body_that_finds_the_disk_full_gets_no_receipt_and_is_taken_when_it_comes_again(
    here: Site,
) -> None:
    with here.hub.database.write() as tx:
        tx.execute("""
            create schema full_disk;
            create function full_disk.full() returns trigger language plpgsql as $$
            begin raise exception 'could not extend file' using errcode = '53100'; end $$;
            create trigger full_disk before insert on hub.inbound
                for each statement execute function full_disk.full()
        """)
    said = here.caller.push("projects", _list(project(1)))
    assert (said.status_code, "receipt" in said.text) == (503, False)
    assert here.rows("select count(*) from hub.inbound") == [(0,)]
    with here.hub.database.write() as tx:
        tx.execute("drop schema full_disk cascade")
    again = here.caller.push("projects", _list(project(1)))
    assert (again.status_code, again.json()["repeated"]) == (200, False)
    here.hub.pull(PULL)
    assert here.rows("select name from golden.project") == [("工程1",)]


def test_what_was_said_once_may_be_said_again_after_something_else(here: Site) -> None:
    """A repetition is known within a day; after it the same body is a new one."""
    said = [_list(project(1, name="旧名")), _list(project(1, name="新名"))]
    first, second = (here.caller.push("projects", body).json() for body in said)
    here.hub.pull(PULL)
    assert here.rows("select name from golden.project") == [("新名",)]
    here.rows("update hub.inbound set received_at = received_at - interval '25 h' returning 1")
    third = here.caller.push("projects", said[0]).json()
    assert not third["repeated"]
    assert third["receipt"] > second["receipt"] > first["receipt"]
    assert here.caller.push("projects", said[0]).json()["receipt"] == third["receipt"]
    here.hub.pull(PULL)
    assert here.rows("select name from golden.project") == [("旧名",)]


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"key": "another"}, 401, "call.denied"),
        ({"secret": "guessed"}, 401, "call.denied"),
        ({"sign": ""}, 401, "call.denied"),
        ({"sign": "钥"}, 401, "call.denied"),
        ({"nonce": ""}, 401, "call.denied"),
        ({"time": ""}, 401, "call.denied"),
        ({"later": "-400"}, 401, "call.stale"),
        ({"later": "400"}, 401, "call.stale"),
        ({"time": "9" * 30}, 401, "call.stale"),
        ({"time": "soon"}, 401, "call.stale"),
        ({"content_type": "text/plain"}, 415, "ask.media_type"),
        ({"content_type": "application/json; charset=GBK"}, 415, "call.charset"),
        ({"content_type": "application/json; charset=klingon"}, 415, "call.charset"),
    ],
)
def test_what_is_not_proven_or_not_agreed_is_refused_and_logged(
    here: Site, changed: dict[str, str], status: int, code: str
) -> None:
    body = json.dumps(_list(project(1))).encode()
    headers = here.caller.headers("POST", "/v1/intake/caller/projects", body, **changed)
    said = here.caller.session.post(
        f"{here.caller.address}/v1/intake/caller/projects",
        data=body,
        headers={name: value.encode() for name, value in headers.items()},
        timeout=30,
    )
    assert (said.status_code, said.json()["code"]) == (status, code)
    assert said.json()["message"]  # in the partner's shape, beside ours
    assert here.rows("select count(*) from hub.inbound") == [(0,)]
    ((route, refused),) = here.rows("select route, refused from hub.access")
    assert route == "POST /v1/intake/caller/projects"
    assert refused == (status == 401)


def test_a_signature_is_of_this_call_alone(here: Site) -> None:
    body = json.dumps(_list(project(1))).encode()
    target = "/v1/intake/caller/projects"
    headers = here.caller.headers("POST", target, body)
    post, address = here.caller.session.post, here.caller.address
    other = body.replace("工程".encode(), b"other") + b" "
    for where, content in [
        (target, other),  # another body
        (f"{target}?all=1", body),  # another query
        ("/v1/intake/caller/permits", body),  # another resource
    ]:
        said = post(f"{address}{where}", data=content, headers=headers, timeout=30)
        assert (said.status_code, said.json()["code"]) == (401, "call.denied")
    assert post(f"{address}{target}", data=body, headers=headers, timeout=30).status_code == 200
    said = post(f"{address}{target}", data=body, headers=headers, timeout=30)
    assert (said.status_code, said.json()["code"]) == (409, "call.replayed")
    assert here.rows("select times from hub.inbound") == [(1,)]


def test_nobody_can_tell_a_system_that_pushes_nothing_from_one_that_is_not_there(
    here: Site,
) -> None:
    told = set()
    for place in ("caller/nothing", "nobody/projects", "caller/needs"):
        said = here.caller.call("POST", f"/v1/intake/{place}", b"{}")
        assert said.status_code == 404
        told.add((said.json()["code"], said.json()["detail"]))
    assert told == {("call.nowhere", next(iter(told))[1])}


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 400, "call.unreadable"),
        (b"{", 400, "call.unreadable"),
        (b'{"data": {"list": [1]}, "data": 2}', 400, "call.unreadable"),
        (b"[" * 5000 + b"]" * 5000, 400, "call.unreadable"),
        (b'{"data": {"list": [{"id": "\\u0000"}]}}', 400, "call.unreadable"),
        ('{"data": {"list": [{"name": "工程"}]}}'.encode("gbk"), 415, "call.charset"),
        (b'{"data": {"list": null}}', 422, "call.no_records"),
        (b'{"data": []}', 422, "call.no_records"),
        (b'{"data": {"list": [' + b",".join([b"{}"] * 121) + b"]}}", 413, "call.many_records"),
        (b'{"data": {"list": [{"name": "' + b"x" * 20_000 + b'"}]}}', 413, "call.too_large"),
    ],
)
def test_a_body_that_cannot_be_taken_is_refused_whole(
    here: Site, content: bytes, status: int, code: str
) -> None:
    said = here.caller.call("POST", "/v1/intake/caller/projects", content)
    assert (said.status_code, said.json()["code"]) == (status, code)
    assert said.json()["detail"]
    assert here.rows("select count(*) from hub.inbound") == [(0,)]


def test_a_packed_body_is_refused(here: Site) -> None:
    body = json.dumps(_list(project(1))).encode()
    target = "/v1/intake/caller/projects"
    headers = here.caller.headers("POST", target, body) | {"Content-Encoding": "gzip"}
    said = here.caller.session.post(
        f"{here.caller.address}{target}", data=body, headers=headers, timeout=30
    )
    assert (said.status_code, said.json()["code"]) == (415, "ask.media_type")


def test_one_record_alone_is_a_body_too_and_order_is_by_version(here: Site) -> None:
    later, sooner = project(1, at=2, name="新名"), project(1, at=1, name="旧名")
    for body in (later, sooner):
        assert here.caller.push("projects", {"data": {"list": body}}).json()["records"] == 1
    run = here.hub.pull(PULL)
    assert here.rows("select name from golden.project") == [("新名",)]
    assert here.rows(
        "select sum(read), sum(created), sum(superseded) from hub.batch where run_id = %s", run
    ) == [(2, 1, 1)]


def test_a_bad_record_is_set_aside_alone_and_leads_back_to_its_body(here: Site) -> None:
    here.caller.push("projects", _list(project(1), project(2, code="junk"), 3))
    here.hub.pull(PULL)
    found = here.rows(
        "select l.position, q.faults->0->>'code' from hub.quarantine q"
        " join hub.landing l on l.id = q.landing_id order by l.position"
    )
    assert [position.rpartition(" ")[2] for position, _ in found] == ["2", "3"]
    assert found[0][1] == "record.project_code_shape"
    assert here.rows("select count(*) from golden.project") == [(1,)]
    # corrected at the source and handed in again: the entry is closed
    here.caller.push("projects", _list(project(2, at=2, code=OTHER)))
    here.hub.pull(PULL)
    assert here.rows("select count(*) from hub.quarantine where state = 'open'") == [(1,)]


def test_the_database_itself_refuses_a_batch_that_read_less_than_came(here: Site) -> None:
    here.caller.push("projects", _list(project(1), project(2, code=OTHER)))
    # as if the body had been cut otherwise than when it came
    here.rows("update hub.inbound set records = 3 returning id")
    with pytest.raises(HubError):
        here.hub.pull(PULL)
    assert here.rows("select count(*) from hub.landing") == [(0,)]
    assert here.rows("select count(*) from golden.project") == [(0,)]


def test_verdicts_are_told_within_the_call(here: Site) -> None:
    here.caller.push("projects", _list(project(1)))
    here.hub.pull(PULL)
    body = [
        {"number": "1", "code": CODE, "secrecy": "0"},
        {"code": CODE, "secrecy": "0"},
        {"number": "3", "code": "2405-520502-04-01-100009", "secrecy": "0"},
    ]
    told = here.caller.push("permits", body).json()
    outcomes = [one["outcome"] for one in told["verdicts"]]
    assert outcomes == ["taken", "quarantined", "waiting"]
    bad = told["verdicts"][1]
    assert bad["code"]
    assert bad["zh"]
    assert bad["cure_en"]
    again = here.caller.push("permits", body).json()
    assert (again["receipt"], again["verdicts"]) == (told["receipt"], told["verdicts"])
    same = here.caller.push("permits", [body[0], body[0] | {"number": "4"}]).json()
    assert [one["outcome"] for one in same["verdicts"]] == ["unchanged", "taken"]
    many = [body[0] | {"number": str(number)} for number in range(101)]
    said = here.caller.push("permits", many)
    assert (said.status_code, said.json()["code"]) == (413, "call.many_records")


def test_while_another_run_reads_the_receipt_comes_and_the_records_are_pending(
    here: Site,
) -> None:
    with here.hub.database.write() as tx:
        tx.execute(
            "insert into hub.run (flow, kind, state, process, lease_until)"
            " select 'pull.caller.permit', 'pull', 'running', 0, now() + interval '1 hour'"
        )
    told = here.caller.push("permits", [{"number": "1", "code": CODE, "secrecy": "0"}]).json()
    assert [one["outcome"] for one in told["verdicts"]] == ["pending"]
    assert here.rows("select content is not null from hub.inbound") == [(True,)]


def test_of_a_secret_record_nothing_is_kept(here: Site) -> None:
    for flag in ("2", "?", None):
        body = [{"number": "9", "code": CODE, "secrecy": "0"}, {"number": "77", "secrecy": flag}]
        said = here.caller.push("permits", body)
        assert (said.status_code, said.json()["code"]) == (422, "call.secret")
    assert here.rows("select count(*) from hub.inbound") == [(0,)]


def test_a_body_that_comes_slowly_is_given_up(here: Site) -> None:
    host, port = here.caller.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as line:
        line.sendall(
            b"POST /v1/intake/caller/projects HTTP/1.1\r\nHost: hub\r\n"
            b"Content-Type: application/json\r\nContent-Length: 50\r\n\r\n{"
        )
        told = line.recv(65536)
    assert b" 408 " in told.split(b"\r\n")[0]


def test_a_partner_is_held_to_its_own_limit(here: Site) -> None:
    taken = 0
    for _ in range(8):  # a minute may end among them
        said = here.caller.call("POST", "/v1/intake/busy/projects", b'{"data": {"list": []}}')
        taken += said.status_code == 200
        if said.status_code == 429:
            break
    assert said.json()["code"] == "access.too_many"
    assert int(said.headers["Retry-After"]) > 0
    assert taken in range(3, 7)


def test_a_comparison_takes_nothing_away_because_the_bodies_are_gone(here: Site) -> None:
    here.caller.push("projects", _list(project(1), project(2, code=OTHER)))
    here.hub.pull(PULL)
    run = here.hub.reconcile(PULL)
    assert here.rows("select state from hub.run where id = %s", run) == [("complete",)]
    assert here.rows("select count(*) from hub.difference") == [(0,)]
    assert here.rows("select count(*) from golden.project where deleted_at is null") == [(2,)]


def test_a_body_that_was_agreed_otherwise_is_set_aside_and_taken_when_it_fits(
    here: Site,
) -> None:
    here.caller.push("projects", _list(project(1)))
    here.caller.push("projects", _list(project(2, code=OTHER)))
    here.rows(
        "update hub.inbound set content = convert_to('{\"rows\": []}', 'UTF8')"
        " where id = (select min(id) from hub.inbound) returning 1"
    )
    here.hub.pull(PULL)
    assert here.rows("select name from golden.project") == [("工程2",)]
    assert here.rows("select cause from hub.quarantine where state = 'open'") != []
    assert here.rows("select content is null from hub.inbound order by id") == [(False,), (True,)]


def test_what_is_held_is_kept_until_a_person_has_decided(here: Site) -> None:
    here.caller.push("projects", _list(project(1)))
    here.hub.pull(PULL)
    # most of what comes is wrong in one way: the whole batch is held
    bad = [project(number, code="junk") for number in range(10, 110)]
    here.caller.push("projects", _list(*bad))
    with pytest.raises(HubError):
        here.hub.pull(PULL)
    held = here.rows("select content is null from hub.inbound order by id")
    assert held == [(True,), (False,)]
    ((batch,),) = here.rows("select batch_id from hub.held_batch")
    word = DecidedBy("tester", "a test of theirs")
    held_decisions.drop(here.hub.database, here.hub.settings, batch, word=word)
    here.hub.watch()
    assert here.rows("select count(*) from hub.inbound where content is not null") == [(0,)]


def test_two_hundred_bodies_with_twenty_repeats_are_a_hundred_and_eighty_records(
    here: Site,
) -> None:
    codes = [f"2405-520502-04-01-{number:06}" for number in range(200_001, 200_181)]
    bodies = [_list(project(at, code=code)) for at, code in enumerate(codes, 1)]
    told = [here.caller.push("projects", one).json() for one in [*bodies, *bodies[::9]]]
    assert len(told) == 200
    assert len({one["receipt"] for one in told}) == 180
    assert sum(one["repeated"] for one in told) == 20
    run = here.hub.pull(PULL)
    assert here.rows("select sum(read), sum(created) from hub.batch where run_id = %s", run) == [
        (180, 180)
    ]
