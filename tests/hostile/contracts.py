"""The contracts of the hostile world: two sources that merge one entity, a table with tombstones,
four targets.
"""

import json
from functools import cache

from hub.domain.contracts import Contracts
from hub.domain.load import ConnectorSchemas, load
from tests.pipeline.small import MAPPINGS, SCHEMAS, SYSTEM

OVERLAP = 40
"""Ticks (plan: seconds, table: numbers of its sequence) within which a commit may become visible
late.
"""

PROJECT_PUSH = """
entity: project
write: {{resource: projects, batch: 3{receipts}}}
required: [name]
key: [project_code]
fields:
  dm: {{from: project_code}}
  mc: {{from: name}}
  tz: {{from: investment}}
  ks: {{from: planned_start}}
"""
PERMIT_PUSH = """
entity: permit
write: {{resource: permits, batch: 4{receipts}}}{after}
key: [number]
fields:
  bh: {{from: number}}
  dm: {{from: project_code}}
  dk: {{from: plot}}
"""

PLAN_FILE, BUILD_FILE = "mappings/plan/project.pull.yaml", "mappings/build/project.pull.yaml"
OF_CLOCKS = ("region_code", "status", "flow_kind", "finished", "finished_on")
"""Fields without which no project has a clock; nobody fills them here."""
CLASSES = {"investment": "internal", "plot": "personal"}
"""Fields that not everybody may see; all others are public."""
SERVICE = {
    "project_code": {"x-rule": "project-code"},
    "number": {},
    "applied_on": {"format": "date"},
    "finished_on": {"format": "date"},
    "days": {"type": "integer"},
}


def _field(name: str, **rule: str) -> dict[str, object]:
    words = {"title": name, "x-title-zh": name, "type": "string", "x-class": "public"}
    return {**words, "x-standard": None, "x-why": "only in this small world", **rule}


def _schemas() -> dict[str, str]:
    """Those of the small world with classes, fields that clocks ask for, and cases with a clock."""
    made = {path: json.loads(text) for path, text in SCHEMAS.items()}
    for said in made.values():
        for name, rule in said["properties"].items():
            rule["x-class"] = CLASSES.get(name, "public")
    kinds = {"finished": {"type": "boolean"}, "finished_on": {"format": "date"}}
    for name in OF_CLOCKS:
        made["schemas/project.json"]["properties"][name] = _field(name, **kinds.get(name, {}))
    made["schemas/service.json"] = made["schemas/permit.json"] | {
        "$id": "urn:onecode:service",
        "title": "Service",
        "x-title-zh": "服务",
        "properties": {name: _field(name, **rule) for name, rule in SERVICE.items()},
        "x-case": {"unit": ["number"], "ended": "finished_on"},
        "x-clock": {"as": "item", "number": "number", "began": "applied_on", "limit": "days"},
    }
    return {path: json.dumps(said, ensure_ascii=False) for path, said in made.items()}


FILES = _schemas() | {
    "mappings/plan/system.yaml": SYSTEM.format(name="plan"),
    "mappings/build/system.yaml": SYSTEM.format(name="build"),
    "mappings/desk/system.yaml": SYSTEM.format(name="desk"),
    "mappings/hall/system.yaml": SYSTEM.format(name="hall"),
    PLAN_FILE: f"""
entity: project
format: json
read: {{resource: projects, cursor: at}}
version: rev
version_as: integer
overlap: {OVERLAP}s
key: [id]
deleted_when: {{gone: "1"}}
skip_when: {{test_project: {{test: "1"}}}}
required: [project_code, name]
fields:
  project_code: {{from: code, use: [trim]}}
  name: {{from: name, use: [trim]}}
  investment: {{from: money, use: [decimal, {{scale: 10000}}]}}
  planned_start: {{from: start, use: [date]}}
secret: {{none: this made-up office holds none}}
""",
    BUILD_FILE: MAPPINGS[BUILD_FILE],
    "mappings/build/permit.pull.yaml": f"""
entity: permit
format: json
read: {{resource: permits, cursor: seq}}
version: seq
version_as: integer
overlap: {OVERLAP}
key: [number]
deleted_when: {{op: D}}
required: [number]
fields:
  project_code: {{from: code, use: [trim]}}
  number: {{from: number, use: [trim]}}
  plot: {{from: plot, use: [trim]}}
secret: {{none: this made-up office holds none}}
""",
    "mappings/desk/project.push.yaml": PROJECT_PUSH.format(receipts=""),
    "mappings/desk/permit.push.yaml": PERMIT_PUSH.format(receipts="", after=""),
    "mappings/hall/project.push.yaml": PROJECT_PUSH.format(receipts=", receipts: true"),
    "mappings/hall/permit.push.yaml": PERMIT_PUSH.format(
        receipts=", receipts: true", after="\nafter: project"
    ),
}


CLOCKED = {
    "mappings/limits/clock.yaml": """
title: {zh: 计时规则, en: Clocks}
source: made up
hours: {morning: ["09:00", "12:00"], afternoon: ["13:30", "17:30"]}
lights: {yellow: 0.8, red: 1, grave: 1.5}
item: {received: ["1"], accepted: ["3"], finished: ["11"], suspended: []}
""",
    "mappings/codes/item_status.yaml": """
title: {zh: 办理状态, en: Status}
source: made up
values:
  "1": {zh: 已接件, en: Received}
  "3": {zh: 已受理, en: Accepted}
  "11": {zh: 办结, en: Finished}
final: ["11"]
""",
    "mappings/build/service.pull.yaml": f"""
entity: service
format: json
read: {{resource: services, cursor: seq}}
version: seq
version_as: integer
overlap: {OVERLAP}
key: [number]
deleted_when: {{op: D}}
required: [number]
fields:
  project_code: {{from: code, use: [trim]}}
  number: {{from: number, use: [trim]}}
  applied_on: {{from: start, use: [date]}}
  finished_on: {{from: end, use: [date]}}
  days: {{from: days, use: [integer]}}
secret: {{none: this made-up office holds none}}
""",
}
"""What a world with clocks has more: their rules, and a source of cases with a limit."""


def mended(*, renamed: bool = False, clocked: bool = False) -> dict[str, str]:
    """The files; `renamed`: as a person mends them once the source calls its project code
    `xmdm`. clocked: with clocks.
    """
    plan = FILES[PLAN_FILE].replace("{from: code,", "{from: [code, xmdm],")
    return FILES | ({PLAN_FILE: plan} if renamed else {}) | (CLOCKED if clocked else {})


@cache
def contracts(*, renamed: bool = False, clocked: bool = False) -> Contracts:
    """The contracts of these files."""
    return load(
        mended(renamed=renamed, clocked=clocked),
        {"given": ConnectorSchemas(system={}, read={}, write={})},
        year=2026,
    )
