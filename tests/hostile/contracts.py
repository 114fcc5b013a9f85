"""The contracts of the hostile world: two sources that merge one entity, a table with tombstones,
four targets.
"""

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
FILES = SCHEMAS | {
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


def mended(*, renamed: bool = False) -> dict[str, str]:
    """The files; `renamed`: as a person mends them once the source calls its project code
    `xmdm`.
    """
    return FILES | (
        {PLAN_FILE: FILES[PLAN_FILE].replace("{from: code,", "{from: [code, xmdm],")}
        if renamed
        else {}
    )


@cache
def contracts(*, renamed: bool = False) -> Contracts:
    """The contracts of these files."""
    return load(
        mended(renamed=renamed),
        {"given": ConnectorSchemas(system={}, read={}, write={})},
        year=2026,
    )
