"""Hits for tests: items over their limits, judged; and one written as people leave it."""

from datetime import datetime, timedelta

from hub.pipeline import facts, indicators
from tests.filled import CODE, CONTRACTS, Filled
from tests.services.lives import item, put

NOW = datetime.fromisoformat("2026-11-20T17:30+08:00")
AWAY = "2026-140108-70-03-000077"
CASE = """
    with made as (insert into hub.supervision_case (number, department, names, region,
        project_codes, about, ask, opened_at)
        select 'X 1', '市供水公司', '{市供水公司}', '140108', array[%(code)s], '{hit:item_overdue:1}',
               '请说明', now() returning id)
    insert into hub.supervision_act (case_id, kind, step, by_account, at, text, due_at)
    select id, 'opened', 'reminder', 'reform', now(), '请说明', now() + interval '1 day' from made
    returning case_id
"""
OFFICES = {
    "A": ("南明区自然资源局", CODE, "520102"),
    "B": ("南明区住房和城乡建设局", CODE, "520102"),
    "C": ("红花岗区自然资源局", AWAY, "520302"),
}

HIT = 900_001
PUT = """
    insert into fact.hit (id, indicator, version, subject, kind, record_id, project_code, level,
        value, bound, at, period, unit, county, code, flow_kind, responsible, evidence, from_batch,
        found_at) overriding system value
    select %(id)s, 'item_overdue', 'v', '1', 'item', min(r.id), %(code)s, 'red', 1.2, 1,
           '2026-11-12', '2026-11-01', 'water_520102', '140108', '', '1', 'item.department',
           '{"used_days": 6, "limit_days": 5}', 1, '2026-11-13'
      from hub.record r where r.entity = 'project'
"""
TELL = """
    insert into hub.hit_act (indicator, subject, kind, unit, names, region, project_code,
        by_account, at, text, due_at, seen)
    select indicator, subject, 'told', unit, '{市供水公司}', county, project_code, 'reform', now(),
           '请核对', now() + interval '3 days', '{"level": "red", "value": 1.2}'
      from fact.hit where id = %s
"""


def told(world: Filled) -> int:
    """Put the hit there and tell it; give its number."""
    with world.hub.database.write() as tx:
        tx.execute(PUT, {"id": HIT, "code": CODE})
        tx.execute(TELL, (HIT,))
    return HIT


def asked(world: Filled) -> int:
    """Open a case of the water company about that hit; give its id."""
    return int(str(world.rows(CASE.replace("%(code)s", f"'{CODE}'"))[0]["case_id"]))


def accuse(world: Filled) -> None:
    """Three items far over their limits: of two units of a county, and of one of another."""
    world.execute("update golden.project set region_code = '520102', flow_kind = '1'")
    with world.hub.database.write() as tx:
        put(
            *(tx, "project"),
            project_code=AWAY,
            name="X",
            region_code="520302",
            flow_kind="1",
            registered_on="2026-09-01",
        )
        for number, (_, code, _) in OFFICES.items():
            steps = (("3", "11-02T09:00"), ("11", "11-12T17:30"))
            item(tx, number, *steps, limit_days=5, project_code=code)
    for number, (office, _, _) in OFFICES.items():
        world.execute(
            "update golden.approval_item set department = %s where number = %s", office, number
        )
    judge(world, NOW)
    judge(world, NOW + timedelta(days=1))


def judge(world: Filled, now: datetime) -> None:
    facts.refresh(world.hub.database, now=now)
    indicators.build(world.hub.database, CONTRACTS, now=now)


def hit_of(world: Filled, number: str) -> int:
    """The number of the hit of an item over its limit that stands."""
    rows = world.rows(
        "select h.id from fact.hit h join golden.approval_item i using (record_id)"
        " where i.number = %s and h.indicator = 'item_overdue' and h.cleared_at is null",
        number,
    )
    return int(str(rows[0]["id"]))
