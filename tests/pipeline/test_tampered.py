"""As the database's owner one changes rows behind the hub's back: verify lists each."""

import psycopg
import psycopg.sql
import pytest

from hub.db import migrate
from hub.db.database import Database
from hub.errors import FlowError
from hub.pipeline import verify
from hub.pipeline.verify.coverage import coverage
from tests.pipeline.conftest import contracts_of
from tests.pipeline.tampered import ALL, Superuser, superuser
from tests.postgres import DatabaseServer

__all__ = ["superuser"]


def test_nothing_is_found_where_nobody_has_tampered(superuser: Superuser):
    found = superuser.verified()
    assert (found.findings, found.unfinished, found.skipped) == ([], [], [])


LAST_SEAL = "(select max(id) from hub.seal)"
UNSEALED_AGAIN = f"""
    delete from hub.seal where id = {LAST_SEAL};
    update hub.batch set seal_id = null where seal_id > {LAST_SEAL};
    update hub.evidence set seal_id = null where seal_id > {LAST_SEAL}
"""  # noqa: S608 -- own constant
MADE_ANEW = f"""
    insert into hub.seal (id, previous, batches, root, chain, sealed_at, rule, kind, acts,
        acts_root, says)
    select id, previous, batches, '\\x00', '\\x00', sealed_at, rule, kind, acts, acts_root, says
        from hub.seal
     where id = {LAST_SEAL}
"""  # noqa: S608 -- likewise
FIRST = "(select min(id) from hub.history)"
SIXTEEN = {
    "a history body is altered": (
        f'update hub.history set body = body || \'{{"name": "假"}}\' where id = {FIRST}',  # noqa: S608
        "hub.history",
    ),
    "a history row is deleted": (f"delete from hub.history where id = {FIRST}", "hub.history"),  # noqa: S608
    "a delivery is deleted": (
        "delete from hub.delivery where confirmed_key is not null",
        "hub.delivery",
    ),
    "the event of a delivery is deleted": (
        "delete from hub.delivery_event where id = (select min(id) from hub.delivery_event)",
        "hub.delivery_event",
    ),
    "a confirmed body is changed": (
        (
            'update hub.delivery set confirmed_body = confirmed_body || \'{"mc": "假"}\' where '
            "confirmed_key is not null"
        ),
        "hub.delivery",
    ),
    "a quarantine entry is closed by hand": (
        "update hub.quarantine set state = 'resolved', closed_at = now() where key = 'p7'",
        "hub.quarantine",
    ),
    "access rows are changed": (
        "update hub.access set account = 'wang' where account = 'li'",
        "hub.access",
    ),
    "the address of a read is changed": (
        "update hub.access set address = '10.0.0.9'",
        "hub.access",
    ),
    "access rows are deleted": (
        "delete from hub.access where route = 'GET /v1/projects'",
        "hub.access",
    ),
    "a role is raised": (
        "update hub.account set role = 'administrator' where name = 'li'",
        "hub.account",
    ),
    "run states are changed": (
        "update hub.run set state = 'complete', cause = null where state = 'held'",
        "hub.run",
    ),
    "disagreements are deleted": ("delete from hub.disagreement", "hub.disagreement"),
    "counts of a delivery batch are changed": (
        (
            "update hub.delivery_batch set confirmed = confirmed - 1, unchanged = unchanged + 1 "
            "where confirmed > 0"
        ),
        "hub.delivery_batch",
    ),
    "a landing's outcome is changed": (
        (
            "update hub.landing set disposition = 'ignored' where key = 'p1' and disposition = "
            "'applied'"
        ),
        "hub.landing",
    ),
    "the last seal is deleted": (f"delete from hub.seal where id = {LAST_SEAL}", "hub.batch"),  # noqa: S608
    "the last seal is deleted and made anew": (
        f"update hub.seal set sealed_at = sealed_at + interval '1 hour' where id = {LAST_SEAL}",  # noqa: S608
        "hub.seal",
    ),
    "a payload no longer parses": (
        "update hub.landing set payload = '\\xff7b' where key = 'p1'",
        "hub.landing",
    ),
}


@pytest.mark.parametrize("what", SIXTEEN)
def test_each_of_the_sixteen_changes_of_the_findings_is_listed(superuser: Superuser, what: str):
    statement, table = SIXTEEN[what]
    assert table in {one.table for one in superuser.found(statement)}


def covering(table: str) -> list[str]:
    """The checks that say that they cover a table."""
    (found,) = (
        one
        for one in coverage(verify.CHECKS, contracts_of(ALL).entities.values())
        if one.name == table
    )
    return sorted({name for column in found.columns for name in column.checks})


SIBLINGS = {
    "a grant is widened": (
        "update hub.access_grant set classes = '{public,personal}'",
        "hub.access_grant",
    ),
    "a grant is given": (
        (
            "insert into hub.access_grant (account, entity, classes, purpose, valid_from, "
            "valid_until)"
            " values ('li', 'permit', '{public}', 'x', '2026-01-01', '2027-01-01')"
        ),
        "hub.access_grant",
    ),
    "a person's decision is altered": (
        "update source.project set name = '假' where system = 'steward'",
        "source.project",
    ),
    "a decision about a held batch is altered": (
        "update hub.held_batch set decided_by = 'wang' where state = 'accepted'",
        "hub.held_batch",
    ),
    "a cursor is moved": (
        "update hub.flow set cursor = '{\"watermark\": 99}' where name = 'pull.plan.project'",
        "hub.flow",
    ),
    "a head is deleted": ("delete from hub.head where key = 'p3'", "hub.head"),
    "a head is set back": (
        (
            "update hub.head set landing_id = (select min(id) from hub.landing where key = 'p1') "
            "where key = 'p1'"
        ),
        "hub.head",
    ),
    "a source record is altered": (
        "update source.project set name = '假' where source_key = 'p2'",
        "source.project",
    ),
    "a source record is deleted with its head": (
        "delete from source.project where source_key = 'p2'; delete from hub.head where key = 'p2'",
        "hub.head",
    ),
    "a source record that nobody sent": (
        (
            "insert into source.project select 'pull.x.project', 'p2', 'x', record_id, 1, "
            "version, contract_id,"
            " lent_by, findings, project_code, name, investment, planned_start"
            "  from source.project where source_key = 'p2'"
        ),
        "source.project",
    ),
    "a golden record is put in": (
        (
            "insert into golden.project (record_id, version, batch_id, incomplete, provenance, "
            "name)"
            " values (999999, 1, 1, '{}', '{}', '假')"
        ),
        "golden.project",
    ),
    "a golden record is altered": (
        "update golden.permit set plot = '假' where number = 'A1'",
        "golden.permit",
    ),
    "a golden record is deleted": (
        "delete from golden.permit where number = 'A1'",
        "golden.permit",
    ),
    "a record's key is changed": ("update hub.record set key = 'x' where key = 'A1'", "hub.record"),
    "a number is taught by nobody": (
        "insert into hub.crosswalk values ('plot=P9', (select min(id) from hub.record), 'x', 0)",
        "hub.crosswalk",
    ),
    "a receipt is forged": (
        (
            "insert into hub.receipt (flow, key, state) select flow, key, 'accepted' from "
            "hub.delivery"
            " where state = 'awaiting_receipt'"
        ),
        "hub.receipt",
    ),
    "a submission is changed": ("update hub.submission set account = 'wang'", "hub.submission"),
    "a contract is changed": (
        "update hub.contract_version set body = replace(body, 'trim', 'upper')",
        "hub.contract_version",
    ),
    "an erasure is made up": (
        "update hub.landing set payload = null, salt = null where key = 'p1'",
        "hub.landing",
    ),
    "an erasure is denied": ("delete from hub.erasure", "hub.erasure"),
    "a mark is taken off": (
        "update hub.delivery set held_body = '{}', dirty = false where state = 'confirmed'",
        "hub.delivery",
    ),
    "a body that was handed over is changed, its event too": (
        "update hub.delivery_event set body = body || '{\"mc\": \"假\"}' where state = 'confirmed'",
        "hub.delivery_event",
    ),
    "a part is moved": (
        "update hub.part set pointer = '/owners/7' where key like 'w1%'",
        "hub.part",
    ),
    "what waits is forgotten": ("delete from hub.waiting", "hub.head"),
    "what a record waits for is changed": (
        "update hub.waiting set wants = '{plot=P9}'",
        "hub.waiting",
    ),
    "counts of a batch are changed": (
        "update hub.batch set created = created - 1, changed = changed + 1 where id = 1",
        "hub.batch",
    ),
    "counts of a report are changed": (
        "update hub.report set counts = counts || '{\"created\": 99}' where run_id = 1",
        "hub.report",
    ),
    "a report is deleted": ("delete from hub.report where run_id = 1", "hub.report"),
    "a seal in the middle is deleted": ("delete from hub.seal where id = 1", "hub.seal"),
    "an act is deleted": ("delete from hub.evidence where relation = 'access'", "hub.access"),
    "an act that is not sealed yet is deleted": (
        "delete from hub.evidence where seal_id is null",
        "hub.access",
    ),
    "all evidence of an account is deleted with it": (
        (
            "delete from hub.account where name = 'li'; delete from hub.evidence where relation "
            "= 'account'"
        ),
        "hub.seal",
    ),
    "a month is gone": (
        (
            "do $$ declare month text := (select tableoid::regclass from hub.history limit 1);"
            " begin execute format('alter table hub.history detach partition %s', month);"
            " execute format('drop table %s', month); end $$"
        ),
        "hub.history",
    ),
    "a table is gone": ("drop table hub.remark cascade", "hub.remark"),
    "a column is gone": ("alter table hub.receipt drop column code", "hub.receipt"),
    "a step of a former version is jumped over": (
        "update golden.project set version = version + 5 where name = '新名'",
        "hub.history",
    ),
    "a former version is one too many": (
        (
            "insert into hub.history select id + 1000000, record_id, version, body, provenance, "
            "batch_id, until_batch"
            " from hub.history"
        ),
        "hub.history",
    ),
    "origins are hidden": ("update hub.history set provenance = '{0,0,0,0}'", "hub.history"),
    "a mistaken null": (
        (
            "alter table golden.project alter provenance drop not null; update golden.project "
            "set provenance = null"
        ),
        "golden.project",
    ),
    "a moment that is none": (
        "update hub.landing set source_time = 'infinity' where key = 'p1'",
        "hub.landing",
    ),
    "a number that is none": (
        "update source.project set investment = 'NaN' where source_key = 'p2'",
        "source.project",
    ),
    "verifications are forgotten": ("delete from hub.verification", "hub.verification"),
    "a flow that was set back by nobody": ("delete from hub.rewind", "hub.rewind"),
}
"""What no page names, and the same kinds of changes."""

TO_PROJECT = (
    "from hub.delivery where flow = 'push.desk.project' and state = 'confirmed' and action = "
    "'upsert'"
)
ONE = f"where (flow, record_id) = (select flow, record_id {TO_PROJECT} order by record_id limit 1)"
UNDER_WAY = "where state = 'awaiting_receipt' and not dirty"
LEFT_OUT = {
    "a state that there is none of": (
        (
            f"alter table hub.delivery drop constraint delivery_state_check; "  # noqa: S608
            f"update hub.delivery set state = '?' {ONE}"
        ),
        "hub.delivery",
    ),
    "a delivery that nobody will ever send": (
        f"update hub.delivery set state = 'sending' {ONE}",  # noqa: S608
        "hub.delivery",
    ),
    "a delivery that is due and not marked": (
        f"update hub.delivery set state = 'due' {ONE}",  # noqa: S608
        "hub.delivery",
    ),
    "a confirmed one is called withheld": (
        f"update hub.delivery set state = 'withheld' {ONE}",  # noqa: S608
        "hub.delivery",
    ),
    "a mark of what is under way is taken off": (
        "update hub.delivery set dirty = false where state = 'awaiting_receipt' and dirty",
        "hub.delivery",
    ),
    "what is under way is called unchanged": (
        "update hub.delivery set state = 'unchanged' where state = 'awaiting_receipt'",
        "hub.delivery",
    ),
    "a body under way is gone": (
        (
            f"alter table hub.delivery drop constraint delivery_check; update "  # noqa: S608
            f"hub.delivery set body = null {UNDER_WAY}"
        ),
        "hub.delivery",
    ),
    "something is called confirmed": (
        (
            f"update hub.delivery set confirmed_key = 'x', confirmed_body = '{{}}' "  # noqa: S608
            f"{UNDER_WAY} and confirmed_key is null"
        ),
        "hub.delivery",
    ),
    "what would be withdrawn is forgotten": (
        f"update hub.delivery set confirmed_body = null {ONE}",  # noqa: S608
        "hub.delivery",
    ),
    "a confirmation is later": (
        f"update hub.delivery set confirmed_at = confirmed_at + interval '1 day' {ONE}",  # noqa: S608
        "hub.delivery",
    ),
    "a reference is another": (f"update hub.delivery set reference = 'x' {ONE}", "hub.delivery"),  # noqa: S608
    "a serial is lower": (f"update hub.delivery set serial = 0 {ONE}", "hub.delivery"),  # noqa: S608
    "a serial is higher": (f"update hub.delivery set serial = serial + 7 {ONE}", "hub.delivery"),  # noqa: S608
    "a delivery is called uncertain": (
        f"update hub.delivery set uncertain = true {ONE}",  # noqa: S608
        "hub.delivery",
    ),
    "a token that lends nothing": (
        "update source.project set lent_by = 'plot=P1' where source_key = 'p2'",
        "source.project",
    ),
    "a token of another record": (
        "update source.permit set lent_by = 'plot=P9' where lent_by is not null",
        "source.permit",
    ),
    "an act of a rule that there is none of": (
        (
            "update hub.evidence set rule = 9 where id = (select max(id) from hub.evidence where "
            "relation = 'account')"
        ),
        "hub.account",
    ),
    "a former act of a rule that there is none of": (
        (
            "update hub.evidence set rule = 9 where id = (select min(id) from hub.evidence where "
            "relation = 'run')"
        ),
        "hub.evidence",
    ),
    "a seal of a rule that there is none of": (
        "alter table hub.seal drop constraint seal_rule; update hub.seal set rule = 3 where id = 1",
        "hub.seal",
    ),
    "a signer without a signature": (
        "update hub.seal set signed_by = 'x' where id = 1",
        "hub.seal",
    ),
    "a deleted record says something else": (
        "update golden.project set name = '假' where deleted_at is not null",
        "golden.project",
    ),
    "a record was deleted at another time": (
        (
            "update golden.project set deleted_at = deleted_at - interval '1 day' where "
            "deleted_at is not null"
        ),
        "golden.project",
    ),
    "origins beyond the fields": (
        "update golden.project set provenance = provenance || 7::bigint",
        "golden.project",
    ),
    "former origins beyond the fields": (
        "update hub.history set provenance = provenance || 7::bigint",
        "hub.history",
    ),
    "a former part is moved": ("update hub.part set pointer = '/owners/9'", "hub.part"),
    "a head of what was set aside is known by another hash": (
        "update hub.head set hash = '\\x00' where state = 'quarantined'",
        "hub.head",
    ),
    "a head has remarks that nobody made": (
        "update hub.head set findings = '[]' where state = 'current'",
        "hub.head",
    ),
    "a decision links another key": (
        "update hub.crosswalk set token = token || '9' where record_id = 0",
        "hub.crosswalk",
    ),
    "a target has a place to read on at": (
        "update hub.flow set cursor = '{\"watermark\": 9}' where name = 'push.desk.project'",
        "hub.flow",
    ),
    "a flow is renamed": (
        "update hub.flow set name = 'push.x.project' where name = 'push.desk.project'",
        "hub.flow",
    ),
    "a flow that nobody has": ("insert into hub.flow (name) values ('pull.x.y')", "hub.flow"),
    "clocks stand by rules that are none": ("update fact.state set said = '{}'", "fact.state"),
}
"""What `hub verify` did not list once."""


@pytest.mark.parametrize("what", LEFT_OUT)
def test_each_change_that_was_left_out_once_is_listed(superuser: Superuser, what: str):
    statement, table = LEFT_OUT[what]
    checks = set(covering(table)) - {"structure"}
    assert table in {one.table for one in superuser.found(statement, *checks)}


@pytest.mark.parametrize("what", SIBLINGS)
def test_each_sibling_of_these_changes_is_listed(superuser: Superuser, what: str):
    statement, table = SIBLINGS[what]
    assert table in {one.table for one in superuser.found(statement, *covering(table))}


SCHEMA = {
    "a trigger is disabled": (
        "alter table hub.access disable trigger note_access_insert",
        "hub.access",
    ),
    "all triggers are disabled": ("alter table hub.account disable trigger all", "hub.account"),
    "a trigger is dropped": ("drop trigger note_run_update on hub.run", "hub.run"),
    "a constraint is dropped": ("alter table hub.batch drop constraint conservation", "hub.batch"),
    "a column may be null": ("alter table hub.head alter column hash drop not null", "hub.head"),
    "a unique index is dropped": ("drop index hub.quarantine_open", "hub.quarantine_open"),
    "row security is switched off": (
        "alter table golden.project disable row level security",
        "golden.project",
    ),
    "a policy is widened": ("alter policy shown on golden.project using (true)", "golden.project"),
    "a policy is dropped": ("drop policy shown on golden.permit", "golden.permit"),
    "a function is replaced": (
        (
            "create or replace function hub.looks_into() returns boolean language sql stable "
            "security definer"
            " as 'select true'"
        ),
        "hub.looks_into",
    ),
    "a view is replaced": (
        "create or replace view fact.clock_now as select * from fact.clock_now",
        "fact.clock_now",
    ),
    "rights are given": ("grant select on hub.landing to hub_reader", "hub.landing"),
    "a rule is put in": (
        "create rule nothing as on delete to hub.access do instead nothing",
        "hub.access",
    ),
    "a table that is nobody's": ("create table hub.other (id bigint)", "hub.other"),
}


@pytest.mark.parametrize("what", SCHEMA)
def test_each_change_of_the_schema_is_listed(superuser: Superuser, what: str):
    statement, table = SCHEMA[what]
    assert table in {one.table for one in superuser.found(statement, "structure")}


FALSE_TEXT = """
    create schema aside;
    create function aside.told(bytea) returns text language sql immutable
        as $$ select 'as it was' $$;
"""
ANSWERING = {
    "a cast": f"{FALSE_TEXT} create cast (bytea as text) with function aside.told(bytea)",
    "an operator": (
        f"{FALSE_TEXT} create operator public.|| (rightarg = bytea, function = aside.told)"
    ),
    "a function": (
        f"{FALSE_TEXT} create function public.sha256(text) returns text language sql as $$ "
        f"select '' $$"
    ),
    "a path of the database": "do $$ begin execute format("
    "'alter database %I set search_path = aside, pg_catalog', current_database()); end $$",
    "a path of the role": "do $$ begin execute format("
    "'alter role current_user in database %I set search_path = aside', current_database()); end $$",
    "silenced triggers": "do $$ begin execute format("
    "'alter role current_user in database %I set session_replication_role = replica', "
    "current_database()); end $$",
}


@pytest.mark.parametrize("what", ANSWERING)
def test_what_might_answer_in_the_servers_place_is_listed(superuser: Superuser, what: str):
    (one,) = superuser.found(ANSWERING[what], "structure")
    assert one.what == "structure.surplus"


def test_nothing_is_asked_but_the_servers_own_functions(database_server: DatabaseServer):
    with database_server.database() as url:
        migrate.migrate(url, contracts_of(ALL).entities.values(), key=b"test")
        with psycopg.connect(url) as owner:
            owner.execute("create schema aside")
            owner.execute(
                "create function aside.sha256(bytea) returns bytea language sql as $$ select "
                "''::bytea $$"
            )
            name = psycopg.sql.Identifier(owner.info.dbname)
            owner.execute(
                psycopg.sql.SQL("alter database {} set search_path = aside, pg_catalog").format(
                    name
                )
            )
        database = Database(url, key=b"test")
        with database.write() as tx:
            assert tx.execute("select sha256('') <> ''").fetchone() == (True,)
        database.close()


def test_of_many_wrong_rows_the_first_are_listed_and_all_are_counted(superuser: Superuser):
    with superuser.having("update golden.project set name = '假'"), superuser.most(2):
        found = superuser.verified("golden")
    assert (len(found.findings), found.wrong) == (2, found.by_table["golden.project"])
    assert found.wrong > 2
    assert all("name" in one.found and "假" not in one.told("zh") for one in found.findings)


def test_what_was_not_looked_at_is_told(superuser: Superuser):
    with superuser.having("select 1"):
        found = superuser.verified("seals", "acts")
    assert found.made == ["seals", "acts"]
    assert {*found.made, *found.skipped} == {check.name for check in verify.CHECKS}
    with pytest.raises(FlowError, match=r"ask\.check_unknown"):
        superuser.verified("seal")


COLUMNS = """
    select distinct n.nspname || '.' || coalesce(p.relname, c.relname) as table, a.attname
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      left join pg_inherits i on i.inhrelid = c.oid left join pg_class p on p.oid = i.inhparent
     where n.nspname in ('hub', 'fact', 'source', 'golden') and c.relkind in ('r', 'p')
"""


def test_every_column_of_every_table_is_covered_or_has_a_reason(superuser: Superuser):
    with superuser.having("select 1"):
        there = set(superuser.tx.execute(COLUMNS).fetchall())
    said = [
        (table.name, column.name)
        for table in coverage(verify.CHECKS, contracts_of(ALL).entities.values())
        for column in table.columns
    ]
    assert (there - set(said), set(said) - there, len(said) - len(set(said))) == (set(), set(), 0)


HOSTILE = {
    "a body of a history that is no object": (
        "update hub.history set body = '[[1, null], \"x\"]'",
        "hub.history",
    ),
    "a body of a delivery that is a number": (
        "update hub.delivery set confirmed_body = '1e400' where confirmed_body is not null",
        "hub.delivery",
    ),
    "provenance of nothing but nulls": (
        "update hub.history set provenance = '{null,null}'",
        "hub.history",
    ),
    "provenance of two dimensions": (
        "update hub.history set provenance = '{{1,2},{3,4}}'",
        "hub.history",
    ),
    "a golden record of such origins": (
        "update golden.project set provenance = '{null}'",
        "golden.project",
    ),
    "a landing of the greatest number": (
        "update hub.head set landing_id = 9223372036854775807 where key = 'p1'",
        "hub.head",
    ),
    "a moment of minus infinity": (
        "update hub.landing set source_time = '-infinity' where key = 'p2'",
        "hub.landing",
    ),
    "a seal from the beginning of time": (
        "update hub.seal set sealed_at = '-infinity' where id = 1",
        "hub.seal",
    ),
    "a seal of no acts": ("update hub.seal set acts = '{(,)}' where id = 2", "hub.seal"),
    "what a seal says is a list": ("update hub.seal set says = '[1]' where id = 1", "hub.seal"),
    "a version of the greatest number": (
        (
            "update golden.project set version = 2147483647 where record_id = (select "
            "min(record_id) from golden.project)"
        ),
        "hub.history",
    ),
    "a part that is its own whole": (
        "update hub.head set whole = key where whole is not null",
        "hub.head",
    ),
    "what waits for nothing": ("update hub.waiting set wants = '{null}'", "hub.waiting"),
    "faults that are none": (
        "update hub.quarantine set faults = '{\"a\": [null]}' where stage = 'intake'",
        "hub.quarantine",
    ),
    "claims that are none": ("update hub.disagreement set claims = 'null'", "hub.disagreement"),
    "a decision that is no text": (
        "update hub.landing set payload = '\\xff' where flow like 'pull.steward.%'",
        "source.project",
    ),
    "a digest of nothing": (
        (
            "alter table hub.evidence alter digest drop not null;"
            "update hub.evidence set digest = null where relation = 'account'"
        ),
        "hub.account",
    ),
    "a word of nothing": (
        (
            "alter table hub.evidence alter digest drop not null; update hub.evidence set digest "
            "= null where op = 'A'"
        ),
        "hub.seal",
    ),
    "a key of a delivery that is none": (
        "update hub.delivery_event set key = repeat('x', 100000) where state = 'confirmed'",
        "hub.delivery",
    ),
    "a contract's text is gone": (
        (
            "alter table hub.contract_version alter body drop not null; update "
            "hub.contract_version set body = null"
        ),
        "hub.contract_version",
    ),
    "the structure is no list": (
        "update hub.structure set objects = '1', drift = '2'",
        "hub.structure",
    ),
    "evidence is gone": ("drop table hub.evidence cascade", "hub.access"),
    "golden records are gone": ("drop table golden.permit cascade", "golden.permit"),
    "deliveries have no state": (
        "alter table hub.delivery drop column state cascade",
        "hub.delivery",
    ),
}
"""What no program of ours would ever write."""


@pytest.mark.parametrize("what", HOSTILE)
def test_whatever_a_row_says_it_is_listed_and_the_other_checks_are_made(
    superuser: Superuser, what: str
):
    statement, table = HOSTILE[what]
    checks = [*covering(table), "links"]
    with superuser.having(statement):
        found = superuser.verified(*checks)
    assert table in {one.table for one in found.findings}
    assert {*found.made, *found.unfinished} == {*checks}
    assert all(one.told("zh") and one.told("en") for one in found.findings)
