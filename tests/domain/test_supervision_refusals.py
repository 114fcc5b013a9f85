"""Files of the reform office that could accuse the wrong one are refused, with the place and what
to do in both languages.
"""

from tests.domain.test_static_checks import problems

SCENARIO, UNITS = "mappings/scenarios/handover.yaml", "mappings/units.yaml"
HANDOVER = """\
title: {zh: 交房, en: Handover}
source: S
starts: {record: permit, at: issued_on}
steps:
  - title: {zh: 发证, en: Issued}
    turn: {zh: 住建局, en: Housing}
    record: permit
    at: issued_on
"""
INDICATORS = """\
title: {zh: 指标, en: Indicators}
source: S
status: in_force
from: "2026-01-01"
indicators:
  - id: item_overdue
    title: {zh: 逾期, en: Late}
    of: item
    at: turned_at
    measure: {excess: {fact: used_days, over: limit_days}}
    levels: {red: {above: 1, unit: share}}
    counts: red
    needs: [accepted_at, limit_days]
    responsible: item.department
    explain_within: {days: 3}
    publish: circular
    phrase: 审批用时超过时限
"""
COUNTY = """\
title: {zh: 单位, en: Units}
source: S
units:
  - {id: a, name: {zh: 甲局, en: A}, aliases: [城管局]}
  - {id: b, name: {zh: 乙局, en: B}, aliases: [%s]}
"""


def codes(changes: dict[str, str]) -> set[str]:
    return {code for _, _, code in problems(changes)}


def test_a_scenario_goes_by_days_and_records_of_projects() -> None:
    assert codes({SCENARIO: HANDOVER}) == set()
    other = HANDOVER.replace("record: permit, at: issued_on", "record: permit, at: kind")
    assert codes({SCENARIO: other}) == {"contract.scenario_moment"}


def test_a_name_of_two_units_is_nobodys() -> None:
    assert codes({UNITS: COUNTY % "市政局"}) == set()
    assert codes({UNITS: COUNTY % "城管局"}) == {"contract.unit_ambiguous"}


def test_an_indicator_is_said_once_at_a_time() -> None:
    first, second = "mappings/indicators/one.yaml", "mappings/indicators/two.yaml"
    assert codes({first: INDICATORS}) == set()
    assert codes({first: INDICATORS, second: INDICATORS}) == {"contract.indicator_twice"}
    later = INDICATORS.replace("2026-01-01", "2027-01-01")
    assert codes({first: INDICATORS + 'until: "2026-12-31"\n', second: later}) == set()
