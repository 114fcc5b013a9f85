"""A small world of contracts: projects from two systems, permits from one, both handed to a
third.
"""

SCHEMAS = {
    "schemas/project.json": """{
  "$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "urn:onecode:project", "title": "Project",
  "x-title-zh": "项目", "type": "object", "additionalProperties": false, "x-key": ["project_code"],
  "x-authority": ["plan", "build"], "required": ["project_code", "name"],
  "properties": {
    "project_code": {"title": "Project code", "x-title-zh": "项目代码", "type": "string", "x-class": "public",
                     "x-rule": "project-code", "x-standard": "SPGL_XMJBXXB.XMDM"},
    "name": {"title": "Name", "x-title-zh": "名称", "type": "string", "x-class": "public",
             "x-standard": "SPGL_XMJBXXB.XMMC"},
    "investment": {"title": "Investment", "x-title-zh": "总投资", "type": "string", "format": "decimal", "x-scale": 2,
                   "x-unit": "CNY", "x-class": "public", "x-standard": "SPGL_XMJBXXB.ZTZE"},
    "planned_start": {"title": "Start", "x-title-zh": "拟开工", "type": "string", "format": "date",
                      "x-class": "public", "x-standard": "SPGL_XMJBXXB.NKGSJ", "x-authority": ["build", "plan"]}
  }}""",
    "schemas/permit.json": """{
  "$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "urn:onecode:permit", "title": "Permit",
  "x-title-zh": "许可证", "type": "object", "additionalProperties": false, "x-key": ["number"],
  "x-authority": ["build"], "required": ["number"],
  "properties": {
    "project_code": {"title": "Project code", "x-title-zh": "项目代码", "type": "string", "x-class": "public",
                     "x-rule": "project-code", "x-standard": "SPGL_XMJBXXB.XMDM"},
    "number": {"title": "Number", "x-title-zh": "编号", "type": "string", "x-class": "public",
               "x-standard": "SPGL_JZGCSGXKXXB.SGXKZBH"},
    "plot": {"title": "Plot", "x-title-zh": "地块", "type": "string", "x-class": "public", "x-identifies": "plot",
             "x-standard": null, "x-why": "only in this small world"}
  }}""",
}

SYSTEM = """
title: {{zh: 系统 {name}, en: System {name}}}
department: {{zh: 部门, en: Department}}
connector: given
connect: {{}}
pool: {{slots: 1}}
freshness: 1h
every: 5m
owner: keeper
"""

MAPPINGS = {
    "mappings/plan/system.yaml": SYSTEM.format(name="plan"),
    "mappings/build/system.yaml": SYSTEM.format(name="build"),
    "mappings/desk/system.yaml": SYSTEM.format(name="desk"),
    "mappings/plan/project.pull.yaml": """
entity: project
format: json
read: {resource: projects}
version: at
version_as: integer
overlap: 0
key: [id]
deleted_when: {gone: "1"}
skip_when: {test_project: {test: "1"}}
secret: {none: this made-up office holds none}
required: [project_code, name]
fields:
  project_code: {from: code, use: [trim]}
  name: {from: name, use: [trim]}
  investment: {from: money, use: [decimal, {scale: 10000}]}
  planned_start: {from: start, use: [date]}
""",
    "mappings/build/project.pull.yaml": """
entity: project
format: json
read: {resource: projects}
secret: {none: this made-up office holds none}
key: [id]
ignore: [fetched]
required: [project_code]
fields:
  project_code: {from: code, use: [trim]}
  name: {from: name, use: [trim]}
  planned_start: {from: start, use: [date]}
""",
    "mappings/build/permit.pull.yaml": """
entity: permit
format: json
read: {resource: permits}
secret: {none: this made-up office holds none}
key: [number]
required: [number]
fields:
  project_code: {from: code, use: [trim]}
  number: {from: number, use: [trim]}
  plot: {from: plot, use: [trim]}
""",
    "mappings/desk/project.push.yaml": """
entity: project
write: {resource: projects, batch: 2}
required: [name]
key: [project_code]
fields:
  dm: {from: project_code}
  mc: {from: name}
""",
    "mappings/desk/permit.push.yaml": """
entity: permit
write: {resource: permits, batch: 2, receipts: true}
after: project
key: [number]
fields:
  bh: {from: number}
  mc: {from: project.name}
""",
}

FILES = SCHEMAS | MAPPINGS

NO_FLAG = "secret: {none: this made-up office holds none}\n"
FLAG = "secret: {field: secrecy, open: ['0'], closed: ['2']}\n"
FLAGGED = FILES | {
    name: FILES[name].replace(NO_FLAG, FLAG) for name in ["mappings/plan/project.pull.yaml"]
}
"""The same world where the planning office flags what is secret."""

CODE = "2405-520502-04-01-100001"
OTHER = "2405-520502-04-01-100002"
