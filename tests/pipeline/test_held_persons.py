"""What must not be kept, or must be forgotten, is not in a held batch either; a comparison leaves
it alone.
"""

from hub.services import erasure
from tests.pipeline.conftest import Small, contracts_of
from tests.pipeline.small import FLAG, FLAGGED, NO_FLAG
from tests.pipeline.test_held_batches import (
    CODED,
    FILE,
    accept,
    coloured,
    kinds,
    read,
    refused,
    renamed,
    rows,
    verified,
    waiting,
    without,
)
from tests.pipeline.test_intake import PLAN
from tests.pipeline.test_reconcile import Plan, compared, project


def kept(small: Small, text: str) -> list[str]:
    """The tables that hold a text anywhere."""
    tables = small.rows("""
        select format('%I.%I', n.nspname, c.relname) as name
          from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname in ('hub', 'source', 'golden') and c.relkind in ('r', 'p')
             and not c.relispartition
    """)
    found = []
    for table in (str(row["name"]) for row in tables):
        content = "convert_from(t.payload, 'UTF8')" if table == "hub.landing" else "t::text"
        query = f"select from {table} t where {content} like '%{text}%' limit 1"
        found += [table] * len(small.rows(query))
    return sorted(found)


def test_an_erasure_reaches_a_held_payload_and_the_rest_is_accepted(small: Small):
    read(small, rows())
    first, *others = renamed()
    refused(small, [first | {"name": "某自然人"}, *others])
    assert kept(small, "某自然人") == ["hub.landing"]
    record = f"project:{first['code']}"
    done = erasure.erase_record(
        small.database, small.contracts, record, by="zhang", reason="当事人申请"
    )
    assert (done.payloads, kept(small, "某自然人")) == (2, [])
    assert verified(small) == []
    (run,) = accept(small)
    assert small.sums(run) == {"read": 30, "created": 1, "changed": 29}
    assert (waiting(small), kept(small, "某自然人"), verified(small)) == ([], [], [])
    assert small.golden()[str(first["code"])]["name"] == "项目0"


def test_one_held_payload_alone_is_erased_by_its_number(small: Small):
    read(small, rows())
    refused(
        small, [*renamed(), *renamed(1, id="new", code="2405-520502-04-01-199999", name="某自然人")]
    )
    (held,) = small.rows("select id from hub.landing where key = 'new'")
    erasure.erase_landing(
        small.database, small.contracts, int(str(held["id"])), by="zhang", reason="当事人申请"
    )
    assert kept(small, "某自然人") == []
    accept(small)
    assert "2405-520502-04-01-199999" not in small.golden()
    assert verified(small) == []


def test_a_secret_record_in_a_held_batch_leaves_no_content_and_is_set_aside_when_it_is_accepted(
    small: Small,
):
    small.contracts = contracts_of(FLAGGED)
    read(small, rows(secrecy="0"))
    first, *others = renamed(secrecy="0")
    (view,) = refused(small, [first | {"name": "某秘密工程", "secrecy": "2"}, *others])
    assert (view.held, kept(small, "某秘密工程")) == (30, [])
    assert small.rows("select count(*)::int as n from hub.landing where payload is null") == [
        {"n": 2}
    ]
    assert len(refused(small, [first | {"name": "某秘密工程", "secrecy": "2"}, *others])) == 1
    (run,) = accept(small)
    assert small.sums(run) == {"read": 31, "created": 1, "changed": 29, "quarantined": 1}
    assert small.rows(
        "select faults->0->>'code' as code from hub.quarantine where state = 'open'"
    ) == [{"code": "record.secret"}]
    assert (kept(small, "某秘密工程"), verified(small)) == ([], [])


def test_a_batch_of_nothing_but_secrets_is_held_once_though_its_volatile_fields_change(
    small: Small,
):
    files = FLAGGED | {FILE: FLAGGED[FILE] + "ignore: [fetched]\n"}
    small.contracts = contracts_of(files)
    small.with_settings(batch_records=30)
    read(small, rows(secrecy="0"))
    secret = [row | {"secrecy": "2"} for row in rows(33, at="2")[30:]]
    assert (
        len(refused(small, [*renamed(secrecy="0"), *(row | {"fetched": "1"} for row in secret)]))
        == 2
    )
    before = small.rows("select count(*)::int as n from hub.landing")
    assert (
        len(refused(small, [*renamed(secrecy="0"), *(row | {"fetched": "2"} for row in secret)]))
        == 2
    )
    assert small.rows("select count(*)::int as n from hub.landing") == before
    accept(small)
    assert (waiting(small), verified(small)) == ([], [])


def test_the_codes_of_secret_records_are_neither_shown_nor_learnt(small: Small):
    coloured(small)
    small.contracts = contracts_of(CODED | {FILE: CODED[FILE].replace(NO_FLAG, FLAG)})
    read(small, rows(100, hue="红", secrecy="0"))
    new = rows(200, hue="新建", at="2", secrecy="0")
    for row in new[:100]:
        row |= {"hue": "某秘密工程", "secrecy": "2"}
    (view,) = refused(small, new)
    assert (kinds(view)[0], view.findings[0].values) == (("codes", "hue"), {"新建": 100})
    assert kept(small, "某秘密工程") == []
    accept(small)
    assert kept(small, "某秘密工程") == []


def test_a_comparison_repairs_nothing_while_something_is_held(small: Small):
    source = Plan([project(number, at=number) for number in range(1, 10)], size=4)
    small.pull(PLAN, source)
    moved = [{"amount": "2", **row} for row in without("money", 3, at="9")]
    refused(small, moved)
    source.rows = [*source.rows[1:], project(20, at=2)]
    golden, landed = small.golden(), small.rows("select count(*) from hub.landing")
    found = compared(small, PLAN, source)
    assert (found["missing_here"], found["missing_there"]) == (1, 1)
    assert (small.golden(), small.rows("select count(*) from hub.landing")) == (golden, landed)
    assert small.rows("select key from hub.difference where state = 'repaired'") == []
    small.rows(
        "update hub.held_batch set state = 'overtaken', decided_at = now(), decided_run = "
        "run_id returning 1"
    )
    compared(small, PLAN, source)
    assert {
        row["key"] for row in small.rows("select key from hub.difference where state = 'repaired'")
    } >= {"20"}


def test_an_erasure_reaches_what_a_held_batch_quotes_of_its_faults(small: Small):
    read(small, rows(60))
    (view,) = refused(small, rows(60, start="某自然人", at="2"))
    assert [(finding.kind, finding.values) for finding in view.findings] == [
        ("faults", {"某自然人": 60})
    ]
    (held,) = small.rows("select min(id) as id from hub.landing where disposition = 'held'")
    erasure.erase_landing(
        small.database, small.contracts, int(str(held["id"])), by="zhang", reason="当事人申请"
    )
    (view,) = waiting(small)
    assert [(finding.kind, finding.values) for finding in view.findings] == [("faults", {})]
    assert "60" in view.findings[0].said.zh
    assert kept(small, "某自然人") == ["hub.landing"]  # of the other records
    assert verified(small) == []
