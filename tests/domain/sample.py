"""A small set of sound contract files, to be changed a little by each test."""

import json

from hub.domain.contracts import Contracts
from hub.domain.load import ConnectorSchemas, load

YEAR = 2026


def field(zh, **rule):
    said = {
        "title": zh,
        "x-title-zh": zh,
        "type": "string",
        "x-class": "public",
        "x-standard": "T.C",
    }
    return said | {name.replace("x_", "x-"): value for name, value in rule.items()}


def schema(name, *, key, properties, **said):
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:onecode:{name}",
        "title": name,
        "x-title-zh": name,
        "type": "object",
        "additionalProperties": False,
        "x-key": key,
        "x-authority": ["plan", "work"],
        "properties": {"project_code": field("项目代码", x_rule="project-code"), **properties},
    } | said


PROJECT = schema(
    "project",
    key=["project_code"],
    required=["project_code", "name"],
    properties={
        "name": field("名称", maxLength=20),
        "status": field("状态", x_code="status"),
        "investment": field("投资", format="decimal", x_scale=2, x_unit="CNY"),
        "start": field("开工", format="date"),
        "month": field("月份", format="year-month"),
        "updated": field("更新", format="date-time"),
        "floors": field("层数", type="integer", minimum=1),
        "linear": field("线性", type="boolean"),
        "owners": field("业主", type="array", items={"type": "string"}),
        "owner_uscc": field("业主代码", x_warn=["uscc"]),
        "region": field("区划", x_rule="region"),
        "site": field("红线", format="geojson"),
        "area": field("面积", format="decimal", x_authority=["work", "plan"]),
        "stopped_on": field("停工", format="date", x_empty="asserts"),
    },
)
PERMIT = schema(
    "permit",
    key=["number"],
    properties={
        "number": field("证号", x_identifies="permit"),
        "kind": field("种类", x_code="kind"),
        "issued_on": field("日期", format="date"),
    },
    **{"x-case": {"unit": ["kind"]}},
)

SYSTEM = """\
title: {zh: 计划, en: Planning}
department: {zh: 发改委, en: Planning office}
connector: web
connect: {base: x}
pool: {slots: 2}
every: 5m
freshness: 1h
owner: 张三
"""

PROJECT_PULL = """\
entity: project
read: {resource: projects}
version: changed
version_as: datetime
overlap: 10m
embedded_json: [more]
key: [id]
ignore: [fetched]
deleted_when: {valid: "0"}
skip_when: {test_project: {test: "1"}}
secret: {none: this made-up office holds none}
required: [project_code, name]
fields:
  project_code: {from: code, use: [trim, halfwidth, upper]}
  name: {from: [name, title], use: [trim, {blank: [无]}]}
  status: {from: state, use: [{code: state}]}
  investment: {from: money, use: [decimal, {scale: 10000}]}
  start: {from: start, use: [date]}
  month: {from: month, use: [year_month]}
  updated: {from: changed, use: [datetime]}
  floors: {from: floors, use: [integer]}
  linear: {from: linear, use: [{choose: {"1": true, "0": false}}]}
  owners: {from: owners, use: [{split: ","}]}
  owner_uscc: {from: "more.owners[0].uscc", use: [uscc]}
  region: {from: region, use: [text, {first: 6}]}
  site: {from: site}
  area: {from: area, use: [decimal, {unit: {by: unit, factors: {"1": 1, "2": "666.6667"}}}]}
  stopped_on: {from: stopped, use: [date]}
"""

PERMIT_PULL = """\
entity: permit
read: {resource: permits}
key: [no, part]
secret: {none: this made-up office holds none}
fields:
  number: {from: no, use: [trim, brackets]}
  kind: {const: build}
"""

PERMIT_PUSH = """\
entity: permit
write: {resource: permits, batch: 20, receipts: true}
when: {kind: [build], project_code: {present: true}}
after: project
required: [number, project.name]
key: [number]
fields:
  XMDM: {from: project_code}
  XMMC: {from: [project.name]}
  ZTZE: {from: project.investment, use: [{scale: "0.0001"}, {number: 2}]}
  FZRQ: {from: issued_on, use: [{format_date: "%Y%m%d"}]}
  ZT: {from: project.status, use: [{uncode: state}]}
  YX: {const: "1"}
"""

STATUS = """\
title: {zh: 状态, en: Status}
source: S
values: {open: {zh: 在办, en: Open}, done: {zh: 办结, en: Done}}
"""

WORK_STATE = """\
to: status
source: S
values: {A: open, B: open, C: done}
back: {open: A}
otherwise: done
"""

FORM = """\
title: {zh: 表, en: Form}
purpose: {zh: 用途, en: Purpose}
department: 住建局
fields:
  - {name: name, title: {zh: 名称, en: Name}, from: project.name, pick: only}
  - {name: permit, title: {zh: 证号, en: Permit}, from: permit.number, where: {kind: build},
      pick: latest}
"""


def files(**changes):
    """The sound files, some of them changed: path with `/` and `.` -> text; None removes a file."""
    sound = {
        "schemas/project.json": json.dumps(PROJECT, ensure_ascii=False, indent=1),
        "schemas/permit.json": json.dumps(PERMIT, ensure_ascii=False, indent=1),
        "mappings/codes/status.yaml": STATUS,
        "mappings/codes/kind.yaml": (
            "title: {zh: 种类, en: Kind}\nsource: S\nvalues: {build: {zh: 施工, en: Build}}\n"
        ),
        "mappings/plan/system.yaml": SYSTEM,
        "mappings/plan/codes/state.yaml": (
            'to: status\nsource: S\nvalues: {"01": open, "02": done}\n'
        ),
        "mappings/plan/project.pull.yaml": PROJECT_PULL,
        "mappings/work/system.yaml": SYSTEM,
        "mappings/work/codes/state.yaml": WORK_STATE,
        "mappings/work/permit.pull.yaml": PERMIT_PULL,
        "mappings/work/permit.push.yaml": PERMIT_PUSH,
        "mappings/forms/short.yaml": FORM,
    }
    return {path: text for path, text in (sound | changes).items() if text is not None}


RESOURCE = {
    "type": "object",
    "required": ["resource"],
    "additionalProperties": False,
    "properties": {"resource": {"type": "string"}},
}
CONNECTORS = {
    "web": ConnectorSchemas(
        system={
            "type": "object",
            "properties": {"base": {"type": "string"}},
            "additionalProperties": False,
        },
        read=RESOURCE,
        write=RESOURCE,
    )
}


def contracts(**changes) -> Contracts:
    return load(files(**changes), CONNECTORS, year=YEAR)
