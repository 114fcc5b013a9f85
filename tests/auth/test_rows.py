"""What PostgreSQL shows an account, whatever the service believes."""

import random
from datetime import date

import psycopg
import pytest
from psycopg import sql
from psycopg.errors import InsufficientPrivilege, ObjectNotInPrerequisiteState

from hub import auth
from hub.db.access import accounts
from hub.db.access.accounts import AccessEntry
from hub.db.records import lineage as rows_of
from hub.db.records import projects
from hub.domain.declared import has_open_case
from hub.domain.rights import CLASSES, Ground, Rights, operator
from hub.errors import FlowError
from hub.services import lineage
from hub.services.prefill import prefill
from hub.wiring import start
from tests.auth.conftest import Opens
from tests.filled import CODE, CONTRACTS, NAME, Filled, payload
from tests.postgres import DatabaseServer
from tests.services.lives import item, put

PHONE = "13800009001"
EVERYTHING = operator(CONTRACTS.entities)
OURS = "市住房和城乡建设局"


def seen(filled: Filled, account: str = "bureau") -> dict[str, projects.Known]:
    """What the database gives when the service asks for everything."""
    with filled.hub.database.read(reader=account) as tx:
        return {
            row.entity: row
            for row in projects.known_of_project(tx, CONTRACTS.entities.values(), CODE)
        }


def test_with_the_services_check_switched_off_the_database_still_shows_granted_entities_only(
    filled: Filled, opens: Opens
):
    opens("project", "participant")
    known = seen(filled)
    assert set(known) == {"project", "participant"}
    assert known["project"].values["name"] == NAME
    with filled.hub.database.read(reader="bureau") as tx:
        form = CONTRACTS.forms["construction_permit"]
        answers = prefill(
            tx,
            CONTRACTS,
            form,
            project_code=CODE,
            rights=EVERYTHING,
            on=date(2026, 1, 1),
            whole=lambda _: [],
        ).answers
    assert {answer.question.entity for answer in answers if answer.items} == {
        "project",
        "participant",
    }


def test_persons_leave_the_database_masked_and_other_classes_not_at_all(
    filled: Filled, opens: Opens
):
    whole = {"project": "flow_code", "participant": "manager_phone"}
    with filled.hub.database.write() as tx:
        known = {
            row.entity: row
            for row in projects.known_of_project(tx, CONTRACTS.entities.values(), CODE)
        }
    assert all(known[entity].values[field] for entity, field in whole.items())
    opens("project", "participant")
    found = seen(filled)
    assert found["participant"].values["manager_phone"] == "***"
    assert found["participant"].values["manager"] == "于**"
    assert "flow_code" not in found["project"].values
    assert "flow_code" in found["project"].hidden


def test_a_grant_of_more_classes_shows_them(filled: Filled, opens: Opens):
    opens("project", "participant", classes=("public", "internal", "personal"))
    found = seen(filled)
    assert found["participant"].values["manager_phone"] not in {None, "***"}
    assert found["project"].values["flow_code"]
    assert found["project"].hidden == found["participant"].hidden == ()


def test_what_systems_say_of_a_person_is_masked_too(filled: Filled, opens: Opens):
    opens("participant", "project")
    filled.execute("""
        delete from hub.disagreement;
        insert into hub.disagreement (record_id, field, claims)
        select r.id, d.field, jsonb_build_array(jsonb_build_object('system', 'a', 'value', d.value))
          from (values ('participant', 'manager', '于某某'), ('project', 'flow_code', '1'), ('project',
              'name', '甲'))
                   as d (entity, field, value)
          join hub.record r using (entity)
    """)
    found = seen(filled)
    assert found["participant"].disagreements == {"manager": (("a", "于**"),)}
    assert found["project"].disagreements == {"name": (("a", "甲"),)}


@pytest.mark.parametrize(
    ("role", "entities"), [("auditor", 4), ("administrator", 4), ("service", 0), ("department", 0)]
)
def test_roles_that_look_into_everything_see_it_with_persons_masked(
    filled: Filled, opens: Opens, role: str, entities: int
):
    opens(role=role)
    found = seen(filled)
    assert len(found) == entities
    assert all(
        "manager_phone" not in row.values or row.values["manager_phone"] == "***"
        for row in found.values()
    )


@pytest.mark.parametrize(
    "change",
    [
        "update hub.account set ended_at = now()",
        "update hub.access_grant set ended_at = now()",
        "update hub.access_grant set valid_until = current_date - 2",
        "update hub.access_grant set valid_from = current_date + 2",
    ],
)
def test_what_has_ended_shows_nothing_at_the_next_look(filled: Filled, opens: Opens, change: str):
    opens("project")
    assert seen(filled)
    filled.execute(change)
    assert seen(filled) == {}


def test_nobody_and_the_next_account_see_nothing_of_the_one_before(filled: Filled, opens: Opens):
    opens("project")
    assert seen(filled)
    assert seen(filled, "") == {}
    assert seen(filled, "somebody") == {}


def test_a_grant_of_a_region_shows_the_projects_there(filled: Filled, opens: Opens):
    reader = opens("project", "participant", regions=("1401", "52"))
    with filled.hub.database.read(reader="bureau") as tx:
        assert auth.rights_on(tx, reader, CODE).sees("project")
    assert set(seen(filled)) == {"project", "participant"}
    filled.execute("update golden.project set region_code = '520502'")
    assert set(seen(filled)) == {"project", "participant"}
    filled.execute("update golden.project set region_code = '110101'")
    assert seen(filled) == {}
    with filled.hub.database.read(reader="bureau") as tx:
        assert not auth.rights_on(tx, reader, CODE).sees("project")


def test_without_a_region_of_its_own_a_project_is_where_its_code_was_given(
    filled: Filled, opens: Opens
):
    opens("project", regions=("140108",))
    filled.execute("update golden.project set region_code = null")
    assert set(seen(filled)) == {"project"}
    filled.execute("update golden.project set region_code = '520502'")
    assert seen(filled) == {}


def test_a_grant_for_open_cases_shows_a_project_while_the_unit_has_one(
    filled: Filled, opens: Opens
):
    reader = opens("project", unit=OURS, open_case_only=True)
    assert not reader.rights.sees("project")
    assert reader.rights.may_see("project")
    assert seen(filled) == {}
    item = payload("pull.approval.approval_item", gcdm=f"{CODE}-001", spbmmc=OURS)
    filled.pull("pull.approval.approval_item", item)
    filled.hub.release()
    assert filled.rows("select department from golden.approval_item") == [{"department": OURS}]
    assert set(seen(filled)) == {"project"}
    with filled.hub.database.read(reader="bureau") as tx:
        assert auth.rights_on(tx, reader, CODE).sees("project")
    filled.execute("update golden.approval_item set status = '11'")
    assert seen(filled) == {}
    with filled.hub.database.read(reader="bureau") as tx:
        assert not auth.rights_on(tx, reader, CODE).sees("project")


BELOW = (
    *(
        "select * from golden.project",
        "select * from source.project",
        "select salt from hub.landing",
    ),
    *("select * from hub.account", "select * from hub.access_grant", "select * from hub.session"),
    "select * from hub.access",
    *("select * from fact.clock", "select * from fact.clock_now", "select * from shown.clock_now"),
    *("select * from fact.state", "select * from fact.step", "select * from hub.workday"),
    *(
        "select * from hub.quarantine",
        "update hub.delivery set note = null",
        "select * from hub.disagreement",
    ),
    *(
        "update shown.project set name = 'x'",
        "delete from shown.project",
        "truncate golden.project",
    ),
    *(
        "insert into hub.access_grant default values",
        "create table shown.x (n int)",
        "create schema x",
    ),
    *(
        "create view shown.y as select 1",
        "alter view shown.project owner to hub_reader",
        "set role hub_shown",
    ),
    (
        "create or replace function hub.shown_in(text, text) returns text[] language sql as $$ "
        "select '{}'::text[] $$"
    ),
)


def test_a_readers_connection_reaches_nothing_below_the_views(
    filled: Filled, database_server: DatabaseServer
):
    database_server.cluster.ensure_role("limited", "x")
    filled.execute("grant hub_reader to limited")
    url = filled.url.replace(f"postgres:{database_server.cluster.password}", "limited:x")
    with psycopg.connect(url, autocommit=True) as db:
        db.execute("set role hub_reader")
        for statement in BELOW:
            with pytest.raises((InsufficientPrivilege, ObjectNotInPrerequisiteState)):
                db.execute(statement)


def test_every_typed_table_is_under_policies_and_readers_may_read_its_view_only(filled: Filled):
    tables = filled.rows("""
        select c.relname, c.relrowsecurity as held,
               to_regclass(format('%I.%I', w.view, c.relname)) is not null as shown,
               exists (select from pg_policy p where p.polrelid = c.oid) as policed
          from (values ('golden', 'shown'), ('source', 'asserted')) as w (below, view)
          join pg_class c on c.relnamespace = w.below::regnamespace and c.relkind = 'r'
    """)
    assert {row["relname"] for row in tables} == set(CONTRACTS.entities)
    assert all(row["held"] and row["shown"] and row["policed"] for row in tables)
    readable = filled.rows("""
        select n.nspname || '.' || c.relname as name, has_any_column_privilege('hub_reader', c.oid,
            'select') as sees,
               has_table_privilege('hub_reader', c.oid, 'insert, update, delete, truncate')
                   as changes
          from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where c.relkind in ('r', 'p', 'v', 'm')
           and n.nspname in ('hub', 'source', 'golden', 'shown', 'asserted', 'public')
    """)
    assert not any(row["changes"] for row in readable)
    seen = {str(row["name"]) for row in readable if row["sees"]}
    policed = filled.rows("""
        select n.nspname || '.' || c.relname as name
          from pg_policy p join pg_class c on c.oid = p.polrelid
          join pg_namespace n on n.oid = c.relnamespace
         where p.polname in ('looking_into', 'shown') and n.nspname = 'hub' and c.relrowsecurity
    """)
    beside = {"hub.entity_field", *(str(row["name"]) for row in policed)}
    assert {name for name in seen if not name.startswith(("shown.", "asserted."))} == beside


def test_clocks_are_shown_by_grant_and_those_of_its_own_items_to_a_unit(
    filled: Filled, opens: Opens
):
    with filled.hub.database.write() as tx:
        item(tx, "A", ("3", "11-03T09:00"))
        item(tx, "B", ("3", "11-03T09:00"))
        tx.execute("update golden.approval_item set department = %s where number = 'B'", (OURS,))
    filled.hub.refresh_facts()

    def scopes() -> list[tuple[str, str | None]]:
        with filled.hub.database.read(reader="bureau") as tx:
            return tx.execute(
                "select scope, turn from shown.clock order by 1, record_id"
            ).fetchall()

    opens("project", "stage", "approval_item", "approval_step")
    assert scopes() == []
    filled.execute(f"update hub.account set department = '{OURS}'")  # noqa: S608 -- our own word
    assert scopes() == [("item", "unit")]
    filled.execute("update hub.access_grant set entity = 'clock' where entity = 'stage'")
    assert scopes() == [("item", "unit"), ("project", None)]
    filled.execute("update hub.access_grant set regions = '{999999}' where entity = 'clock'")
    assert scopes() == [("item", "unit")]
    filled.execute(
        "update hub.access_grant set regions = '{}', classes = '{internal}' where entity = 'clock'"
    )
    assert [scope for scope, _ in scopes()] == ["item", "item", "project"]
    filled.execute("update hub.account set ended_at = now()")
    assert scopes() == []


LED_TO_IT = (
    *(
        "select * from asserted.participant",
        "select payload from hub.landing",
        "select body from hub.history",
    ),
    *("select body from hub.delivery_event", "select held_body from hub.delivery"),
    "select * from hub.readings_of(7, 10)",
    *("select * from hub.record", "select body from hub.contract_version"),
)


def test_what_led_to_a_value_is_seen_by_those_who_look_into_everything(
    filled: Filled, opens: Opens
):
    opens(*CONTRACTS.entities, classes=("public", "internal", "personal"))
    with filled.hub.database.write() as tx:
        accounts.write_reads(tx, [AccessEntry("somebody", "GET /", record_ids=[7])])
    with filled.hub.database.read(reader="bureau") as tx:
        assert [query for query in LED_TO_IT if tx.execute(query).fetchall()] == []
        with pytest.raises(FlowError, match="record_unknown"):
            lineage.of_record(tx, CONTRACTS, f"project:{CODE}", rights=EVERYTHING)
    filled.execute("update hub.account set role = 'auditor' where name = 'bureau'")
    filled.execute("update hub.access_grant set ended_at = now()")
    with filled.hub.database.read(reader="bureau") as tx:
        assert tx.execute("select payload from hub.landing").fetchall()
        assert [one.account for one in rows_of.readers(tx, 7)] == ["somebody"]
        whole = lineage.of_record(tx, CONTRACTS, f"project:{CODE}", rights=EVERYTHING)
        assert whole.fields["name"].value == NAME
        record = str(filled.record("participant"))
        field = lineage.of_field(tx, CONTRACTS, record, "manager_phone", rights=EVERYTHING)
    assert (field.value, {claim.value for claim in field.claims}) == ("***", {"***"})


def test_making_the_views_again_changes_nothing_until_a_schema_does(filled: Filled):
    assert filled.hub.migrate() == []
    filled.execute("comment on view shown.project is 'old'")
    filled.execute("comment on view asserted.parcel is 'old'")
    assert filled.hub.migrate() == ["asserted.parcel", "shown.project"]


def test_an_owner_who_is_no_superuser_migrates_once_it_may_take_on_the_reading_roles(
    filled: Filled, database_server: DatabaseServer
):
    cluster = database_server.cluster
    cluster.ensure_role("plain", "x")
    with database_server.database() as url:
        cluster_url = url.replace(f"postgres:{cluster.password}", "plain:x")
        with psycopg.connect(url, autocommit=True) as db:
            db.execute("revoke hub_reader, hub_shown from plain")
            db.execute(
                "grant create on database "
                + url.rsplit("/", 1)[1]
                + " to plain; grant all on schema public to plain"
            )
        hub = start(environ=filled.environ | {"HUB_DATABASE_URL": cluster_url})
        with pytest.raises(FlowError, match="no_reading_roles"):
            hub.migrate()
        filled.execute("grant hub_reader, hub_shown to plain")
        assert "shown.project" in hub.migrate()
        with hub.database.read(reader="nobody") as tx:
            assert projects.known_of_project(tx, CONTRACTS.entities.values(), CODE) == []
        hub.close()


def test_postgresql_and_python_agree_on_which_cases_are_open(filled: Filled):
    """The one for what is read now, the other for what was so at a past moment."""
    # draws rows
    chance, unit, item = random.Random(7), OURS, CONTRACTS.entities["approval_item"].case  # noqa: S311
    assert item is not None
    states = [None, "3", *item.final]
    seen_open = set()
    for _ in range(40):
        rows = [
            (
                "approval_item",
                {
                    "number": n,
                    "status": chance.choice(states),
                    "department": chance.choice([unit, "x"]),
                },
            )
            for n in chance.sample("AB", chance.randint(0, 2))
        ]
        rows += [
            (
                "consultation",
                {"item_number": chance.choice("ABC"), "department": chance.choice([unit, "x"])},
            )
            for _ in range(chance.randint(0, 1))
        ]
        rows += [
            (
                "utility_connection",
                {"company": unit, "status": chance.choice(states), "connected_on": on},
            )
            for on in chance.sample([None, "2026-01-01"], chance.randint(0, 1))
        ]
        expected = has_open_case(
            unit, [(name, CONTRACTS.entities[name].case, said) for name, said in rows]
        )
        with filled.hub.database.write() as tx:
            for number, (name, said) in enumerate(rows):
                names = sql.SQL(", ").join(map(sql.Identifier, said))
                tx.execute(
                    sql.SQL(
                        "insert into golden.{} (record_id, version, batch_id, incomplete, "
                        "provenance, project_code, {})"
                        " values (%s, 1, (select max(id) from hub.batch), '{{}}', '{{}}', %s, {})"
                    ).format(
                        sql.Identifier(name),
                        names,
                        sql.SQL(", ").join([sql.Placeholder()] * len(said)),
                    ),
                    (10**6 + number, CODE, *said.values()),
                )
            found = tx.execute("select hub.has_open_case(%s, %s)", (unit, CODE)).fetchone()
            tx.rollback()
        assert found == (expected,), rows
        seen_open.add(expected)
    assert seen_open == {True, False}


def test_postgresql_and_python_agree_on_what_a_reader_is_shown(filled: Filled):
    """Roles, classes, regions and open cases, drawn at random: the same fields, masked alike,
    wherever one asks.
    """
    chance = random.Random(11)  # noqa: S311 -- draws rights
    region = str(filled.rows("select region_code from golden.project")[0]["region_code"])
    with filled.hub.database.write() as tx:
        about = {"department": OURS, "contact": "张三", "contact_phone": PHONE}
        put(tx, "approval_item", number="A", **about)
        (owner,) = tx.execute(
            "select owner_uscc from golden.project where project_code = %s", (CODE,)
        ).fetchone() or ("",)
        put(tx, "credit_record", kind="black", number="1", subject_uscc=owner)
        tx.execute("update golden.credit_record set project_code = null")
        every = projects.known_of_project(tx, CONTRACTS.entities.values(), CODE)
    met: set[str] = set()
    for number in range(60):
        role, unit = chance.choice(("department", "service", "auditor")), chance.choice((OURS, "x"))
        name = f"drawn-{number}"
        grants = [
            (
                chance.choice(("project", "participant", "approval_item", "credit_record")),
                chance.sample(CLASSES, chance.randint(1, 3)),
                chance.choice(((), (), (region[:4],), ("99", region), ("99",))),
                chance.choice((False, False, True)),
            )
            for _ in range(chance.randint(0, 3))
        ]
        with filled.hub.database.write() as tx:
            auth.open_account(tx, name, role, department=unit)
            for entity, classes, regions, open_case_only in grants:
                auth.grant(
                    *(tx, CONTRACTS.granted, name, entity),
                    classes=classes,
                    purpose="核发施工许可",
                    valid_from=date(2020, 1, 1),
                    valid_until=date(2099, 1, 1),
                    regions=regions,
                    open_case_only=open_case_only,
                )
        whole = Rights.of(role, grants)
        rights = whole.on(Ground(region, open_case=unit == OURS))
        rights = Rights(
            rights.whole,
            {
                **rights.classes,
                "credit_record": whole.beside("credit_record", [rights]).classes.get(
                    "credit_record", frozenset()
                ),
            },
        )
        expected = {
            row.record_id: {
                field: value
                for field, value in rights.seen(CONTRACTS.entities[row.entity], row.values).items()
                if field != "project_code"  # by which records are asked for: it stands in every one
            }
            for row in every
            if rights.sees(row.entity)
        }
        with filled.hub.database.read(reader=name) as tx:
            found = {
                row.record_id: {
                    field: value for field, value in row.values.items() if field != "project_code"
                }
                for row in projects.known_of_project(tx, CONTRACTS.entities.values(), CODE)
            }
        assert found == expected, (role, unit, grants)
        met |= {row.entity for row in every if row.record_id in found} or {"nothing"}
    assert {"nothing", "project", "approval_item", "credit_record"} <= met
