"""A cause is told once, then summed up; it closes when it no longer holds."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hub.auth.context import operating
from hub.db.quarantine import Selection
from hub.errors import ClosedError, FlowError, TransientError
from hub.model import Page
from hub.pipeline import intake, recall
from hub.services import alerts, quarantine
from hub.services.alerts import AlertRound
from tests.filled import CODE, Filled, payload
from tests.phases import FIRST, OPEN, PROJECT, RIGHT, SECOND
from tests.pipeline.partners import Desk
from tests.services.sinks import mailbox, webhook

# apprise looks for a module that Python 3.13 no longer has.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


def configure(filled: Filled, *urls: str, **changes: int) -> None:
    filled.hub.settings = replace(filled.hub.settings, alert_urls=urls, **changes)


def settle(filled: Filled) -> None:
    """Everything read a moment ago and sealed, so that nothing is stale."""
    filled.execute(
        "insert into hub.flow (name, last_complete_at) select unnest(array["
        + ", ".join(f"'{name}'" for name in filled.hub.contracts.pulls)
        + "]), now() on conflict (name) do update set last_complete_at = now()"
    )
    filled.hub.seal()


def open_causes(filled: Filled) -> set[str]:
    return {
        str(row["cause"])
        for row in filled.rows("select cause from hub.alert where closed_at is null")
    }


BAD = "quarantine pull.investment.project record.code_unknown /xmlx"


def test_a_cause_goes_out_once_by_webhook_and_mail_in_both_languages(filled: Filled):
    settle(filled)
    with webhook() as hook, mailbox() as box:
        configure(filled, hook.url, box.url)
        assert filled.hub.watch() == AlertRound(open=1, told=1, failed=0)
        assert filled.hub.watch() == AlertRound(open=1, told=0, failed=0)
        (body,) = hook.bodies
        assert "pull.investment.project" in body["message"]
        assert "hub failures --flow pull.investment.project" in body["message"]
        assert "有 1 条问题数据" in body["message"]
        (mail,) = box.mails
        assert mail["To"] == "keeper@example.org"
        assert "OneCode Hub" in str(mail["Subject"])


def test_a_cause_that_is_met_again_is_summed_up_after_the_wished_time_only(filled: Filled):
    settle(filled)
    with webhook() as hook:
        configure(filled, hook.url)
        filled.hub.watch()
        filled.pull("pull.investment.project", payload("pull.investment.project", 2, id=3))
        assert filled.hub.watch().told == 0
        filled.execute(
            "update hub.alert set told_at = told_at - interval '2 days', last_at = last_at"
        )
        assert filled.hub.watch().told == 1
        assert "2 次，自" in hook.bodies[-1]["message"]
        assert len(hook.bodies) == 2


def test_a_cause_without_news_is_not_told_again(filled: Filled):
    settle(filled)
    with webhook() as hook:
        configure(filled, hook.url, alert_again_seconds=1)
        filled.hub.watch()
        filled.execute("update hub.alert set told_at = now() + interval '1 second'")
        assert filled.hub.watch().told == 0


def test_an_alert_closes_when_its_cause_is_gone_and_opens_anew_when_it_comes_back(filled: Filled):
    settle(filled)
    configure(filled)
    filled.hub.watch()
    assert open_causes(filled) == {BAD}
    quarantine.discard(operating(filled.hub, "keeper"), Selection(ids=[1]), reason="test record")
    filled.hub.watch()
    assert open_causes(filled) == set()
    filled.pull("pull.investment.project", payload("pull.investment.project", 2, id=4))
    filled.hub.watch()
    assert open_causes(filled) == {BAD}


def test_a_failed_run_is_an_alert_until_the_flow_completes(filled: Filled):
    settle(filled)
    configure(filled)
    desk = Desk()
    desk.away = 1
    with pytest.raises(TransientError):
        filled.push("push.fire.project", desk)
    filled.hub.watch()
    assert "run push.fire.project push system.unavailable" in open_causes(filled)
    filled.push("push.fire.project", desk)
    filled.hub.watch()
    assert open_causes(filled) == {BAD}


def test_a_flow_that_stopped_reading_is_stale_though_nothing_failed(filled: Filled):
    settle(filled)
    configure(filled)
    filled.execute(
        "update hub.flow set last_complete_at = now() - interval '40 days' where name = "
        "'pull.gas.utility_connection'"
    )
    filled.execute("delete from hub.flow where name = 'pull.heat.utility_connection'")
    filled.execute("update hub.run set started_at = started_at - interval '40 days'")
    filled.hub.watch()
    assert open_causes(filled) == {
        BAD,
        "stale pull.gas.utility_connection",
        "stale pull.heat.utility_connection",
    }


class ClosedUntil:
    """A partner that says when it opens."""

    def __init__(self, opens: datetime) -> None:
        self.opens = opens

    def pages(self, *_: object, **__: object) -> Iterator[Page]:
        after = (self.opens - datetime.now(UTC)).total_seconds()
        raise ClosedError(opens=self.opens.isoformat(), after=after, system="gas")


def test_a_partner_that_is_closed_for_the_night_is_no_alert_until_it_does_not_open(filled: Filled):
    settle(filled)
    configure(filled)
    opens = datetime.now(UTC) + timedelta(hours=6)
    pulled = "pull.gas.utility_connection"
    filled.execute("update hub.flow set last_complete_at = now() - interval '40 days'")
    with pytest.raises(ClosedError):
        intake.pull(
            *(filled.hub.database, filled.hub.contracts, filled.hub.contracts.pulls[pulled]),
            connector=ClosedUntil(opens),  # type: ignore[arg-type]
            settings=filled.hub.settings,
        )
    filled.hub.watch()
    told = {cause for cause in open_causes(filled) if pulled in cause}
    assert told == set()
    filled.execute(
        "update hub.run set cause = jsonb_set(cause, '{facts,opens}', '\"2026-01-01T06:00+08:00\"') "
        "where cause->>'code' = 'system.closed'"
    )
    filled.hub.watch()
    assert {cause for cause in open_causes(filled) if pulled in cause} == {
        f"run {pulled} pull system.closed",
        f"stale {pulled}",
    }


def test_sealing_that_lags_is_an_alert_before_intake_stops(filled: Filled):
    settle(filled)
    configure(filled)
    filled.execute(
        "update hub.batch set seal_id = null, committed_at = now() - interval '31 minutes'"
    )
    filled.hub.watch()
    assert open_causes(filled) == {BAD, "sealing"}


def test_an_alert_that_nobody_took_goes_out_when_somebody_does(filled: Filled):
    settle(filled)
    with webhook() as hook:
        configure(filled, hook.url)
        hook.away = True
        assert filled.hub.watch() == AlertRound(open=1, told=0, failed=1)
        hook.away = False
        filled.execute("update hub.alert set held_until = now()")
        assert filled.hub.watch() == AlertRound(open=1, told=1, failed=0)
        assert len(hook.bodies) == 1


def test_a_receiver_that_is_away_does_not_make_the_others_hear_it_twice(filled: Filled):
    settle(filled)
    with webhook() as hook, webhook() as deaf:
        deaf.away = True
        configure(filled, deaf.url, hook.url)
        assert filled.hub.watch().told == 1
        filled.execute("update hub.alert set held_until = null")
        assert filled.hub.watch().told == 0
        assert len(hook.bodies) == 1


def test_a_test_alert_says_whether_it_arrived(filled: Filled):
    configure(filled)
    with pytest.raises(FlowError, match=r"^alert\.nowhere"):
        alerts.test(operating(filled.hub, "tester"))
    with webhook() as hook:
        configure(filled, hook.url)
        alerts.test(operating(filled.hub, "tester"))
        assert "测试告警" in hook.bodies[0]["message"]
        hook.away = True
        with pytest.raises(FlowError, match=r"^alert\.not_delivered"):
            alerts.test(operating(filled.hub, "tester"))
    configure(filled, "nonsense")
    with pytest.raises(FlowError, match=r"^settings\.invalid"):
        alerts.test(operating(filled.hub, "tester"))


def test_a_recall_that_stays_open_too_long_is_told_until_nobody_is_owed(filled: Filled):
    settle(filled)
    hub = filled.hub
    filled.push("push.water.project", Desk())
    with hub.database.write() as tx:
        carried = recall.find(tx, hub.contracts, "name", record=f"project:{CODE}")
        recall.open_case(tx, carried, landing_id=None, reason="原表填错", by="zhang")
    hub.watch()
    assert "recall 1" not in open_causes(filled)
    filled.execute("update hub.recall set opened_at = now() - interval '8 days'")
    hub.watch()
    assert "recall 1" in open_causes(filled)
    with hub.database.write() as tx:
        recall.acknowledge(tx, hub.contracts, 1, names=["push.water.project"], by="zhang")
    hub.watch()
    assert "recall 1" not in open_causes(filled)


def test_records_that_wait_too_long_are_reported_with_how_many_are_to_be_decided(filled: Filled):
    filled.pull(PROJECT, FIRST, SECOND)
    filled.pull(RIGHT, OPEN)
    filled.hub.release()
    filled.hub.watch()
    assert f"waiting {RIGHT}" not in open_causes(filled)
    filled.execute(
        "update hub.waiting set since = now() - interval '8 days' where array_length(wants, 1) > 1"
    )
    filled.hub.watch()
    (alert,) = filled.rows("select facts from hub.alert where code = 'alert.waiting'")
    assert alert["facts"] == {"flow": RIGHT, "entries": "1", "hours": "168", "asked": "1"}


def test_disk_connections_and_clock_are_alerts_in_words_before_they_fail(filled: Filled):
    settle(filled)
    plenty = filled.hub.settings.health
    short = replace(plenty, disk_warn=10**18, connections=0.0001)
    with webhook() as hook:
        configure(filled, hook.url)
        filled.hub.settings = replace(filled.hub.settings, health=short)
        filled.execute("update hub.run set started_at = now() + interval '1 hour'")
        filled.hub.watch()
        assert open_causes(filled) >= {f"disk {plenty.disk_paths[0]}", "connections", "clock back"}
        told = "".join(body["message"] for body in hook.bodies)
        assert all(
            word in told for word in ("磁盘空间不多", "数据库的连接将用尽", "数据库的时钟退回了")
        )
        filled.execute("update hub.run set started_at = now()")
        filled.hub.settings = replace(filled.hub.settings, health=plenty)
        filled.hub.watch()
        assert not open_causes(filled) & {
            f"disk {plenty.disk_paths[0]}",
            "connections",
            "clock back",
        }


def test_a_database_that_cannot_keep_an_alert_is_told_of_all_the_same_and_once(
    filled: Filled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with webhook() as hook:
        configure(filled, hook.url)
        filled.execute(
            "create function hub.full() returns trigger language plpgsql as "
            "$$ begin raise exception using errcode = '53100'; end $$; "
            "create trigger full_disk before insert or update on hub.alert execute function "
            "hub.full()"
        )
        for _ in range(2):
            with pytest.raises(TransientError, match=r"database\.disk_full"):
                filled.hub.watch()
        (body,) = hook.bodies
        assert "磁盘已满" in body["message"]


def test_what_a_verification_finds_is_an_alert_until_a_later_one_finds_nothing(filled: Filled):
    settle(filled)
    name = filled.rows("select name from golden.project")[0]["name"]
    for said, causes in (("假", {"verification"}), (name, set[str]())):
        filled.execute(f"update golden.project set name = '{said}'")  # noqa: S608
        filled.hub.verify(by="li")
        filled.hub.watch()
        assert {
            cause for cause in open_causes(filled) if cause.startswith("verification")
        } == causes
    filled.execute("update hub.verification set started_at = now() - interval '5 days'")
    filled.hub.watch()
    assert "verification late" in open_causes(filled)


def test_what_flows_hold_keeps_nobody_from_being_told(filled: Filled):
    """A run is dead, and somebody holds its row."""
    filled.execute(
        "insert into hub.run (flow, kind, process, lease_until) values"
        " ('pull.investment.project', 'pull', 'elsewhere 17', now() - interval '1 minute')"
    )
    settings = filled.hub.settings
    filled.hub.settings = replace(settings, waits=replace(settings.waits, ask_lock=0.2))
    with filled.hub.database.write() as tx:
        tx.execute("select from hub.run where process = 'elsewhere 17' for key share")
        with pytest.raises(TransientError, match=r"database\.lock"):
            filled.hub.watch()
        assert BAD in open_causes(filled)
    filled.hub.watch()
    (run,) = filled.rows("select state, cause from hub.run where process = 'elsewhere 17'")
    assert run["state"] == "aborted"
    facts = {"flow": "pull.investment.project", "process": "elsewhere 17"}
    assert run["cause"] == {"code": "flow.process_lost", "facts": facts}
    assert any("flow.process_lost" in cause for cause in open_causes(filled))
