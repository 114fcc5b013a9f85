"""A made-up partner that pushes to the hub and fetches from it, by a home folder of its own."""

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from hub import wiring
from hub.model import Json
from hub.wiring import Hub
from tests.api.conftest import Client, asking
from tests.pipeline.small import CODE, OTHER, SCHEMAS

__all__ = ["CODE", "OTHER"]

USER, SECRET = "lianhe", "a secret of both"
AUTH = """
    kind: signature
    parts: [key, timestamp, nonce, method, path, query, body_digest]
    digest: hmac-sha256
    headers: {key: X-Key, signature: X-Sign, timestamp: X-Time, nonce: X-Nonce}
"""
SYSTEM = """
title: {zh: 推送系统, en: Pushing system}
department: {zh: 部门, en: Department}
connector: inbox
connect:
  auth:AUTH
  limits: {bytes: 20kB, records: 120, per_minute: 2000}
  answer: {code: code, text: message, ok: "0000"}
pool: {slots: 1}
freshness: 1h
every: 5m
owner: keeper
""".replace("AUTH", AUTH)
TAKER = (
    SYSTEM.replace("connector: inbox", "connector: outbox")
    .replace("推送系统", "取件系统")
    .replace("Pushing system", "Fetching system")
)
BUSY = SYSTEM.replace("per_minute: 2000", "per_minute: 3").replace("推送系统", "忙碌系统")
PROJECTS = """
entity: project
format: json
read: {resource: projects, records: data.list}
version: at
version_as: integer
key: [id]
required: [project_code, name]
secret: {none: this made-up office holds none}
fields:
  project_code: {from: code, use: [trim]}
  name: {from: name, use: [trim]}
  investment: {from: money, use: [decimal]}
"""
PERMITS = """
entity: permit
format: json
read: {resource: permits, answer: verdicts}
key: [number]
required: [number]
secret: {field: secrecy, open: ['0'], closed: ['2']}
fields:
  project_code: {from: code, use: [trim]}
  number: {from: number, use: [trim]}
"""
NEEDS = """
entity: project
write: {resource: needs, key: serial, term: 7d, withdraw: {valid: "0"}, receipts: true}
required: [name]
key: [project_code]
fields:
  code: {from: project_code}
  name: {from: name}
  valid: {const: "1"}
"""
FILES = {
    "schemas/project.json": SCHEMAS["schemas/project.json"]
    .replace('["plan", "build"]', '["caller", "busy"]')
    .replace('["build", "plan"]', '["caller"]'),
    "schemas/permit.json": SCHEMAS["schemas/permit.json"].replace('["build"]', '["caller"]'),
    "mappings/caller/system.yaml": SYSTEM,
    "mappings/caller/project.pull.yaml": PROJECTS,
    "mappings/caller/permit.pull.yaml": PERMITS,
    "mappings/busy/system.yaml": BUSY,
    "mappings/busy/project.pull.yaml": PROJECTS,
    "mappings/taker/system.yaml": TAKER,
    "mappings/taker/project.push.yaml": NEEDS,
}


class Caller:
    """The partner: signs what it sends, and keeps receipts."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.session = requests.Session()
        self.session.trust_env = False

    def headers(self, method: str, target: str, content: bytes, **changed: str) -> dict[str, str]:
        """The signature over a call; `changed`: a part by its name, for what is wrong; `later`: the
        seconds by which its time differs from now.
        """
        path, _, query = target.partition("?")
        at = int(time.time()) + int(changed.get("later", "0"))
        said = {"time": str(at), "nonce": secrets.token_hex(8), "key": USER}
        said |= {name: value for name, value in changed.items() if name in said}
        digest = hashlib.sha256(content).hexdigest()
        parts = [said["key"], said["time"], said["nonce"], method, path, query, digest]
        seal = hmac.new(
            changed.get("secret", SECRET).encode(), "\n".join(parts).encode(), "sha256"
        ).hexdigest()
        return {
            "X-Key": said["key"],
            "X-Time": said["time"],
            "X-Nonce": said["nonce"],
            "X-Sign": changed.get("sign", seal),
            "Content-Type": changed.get("content_type", "application/json"),
        }

    def call(
        self, method: str, target: str, content: bytes = b"", **changed: str
    ) -> requests.Response:
        """One signed call."""
        headers = self.headers(method, target, content, **changed)
        return self.session.request(
            method, f"{self.address}{target}", data=content, headers=headers, timeout=30
        )

    def push(self, resource: str, body: Json, **changed: str) -> requests.Response:
        """Hand a body in."""
        content = json.dumps(body, ensure_ascii=False).encode()
        return self.call("POST", f"/v1/intake/caller/{resource}", content, **changed)

    def fetch(self, query: str = "") -> requests.Response:
        """Fetch deliveries."""
        return self.call("GET", f"/v1/deliveries/taker/needs{query}")

    def acknowledge(self, *verdicts: dict[str, Any]) -> requests.Response:
        """Acknowledge deliveries."""
        content = json.dumps({"verdicts": verdicts}).encode()
        return self.call("POST", "/v1/deliveries/taker/needs/acknowledged", content)


class Site:
    """A hub with that partner, served on a real socket."""

    def __init__(self, hub: Hub, client: Client) -> None:
        self.hub = hub
        self.client = client
        self.caller = Caller(client.address)

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with self.hub.database.write() as tx:
            return tx.execute(query, values or None).fetchall()  # type: ignore[call-overload, no-any-return]

    def empty(self) -> None:
        """Forget all that was handed in, and what came of it."""
        with self.hub.database.write() as tx:
            tx.execute(
                "truncate hub.inbound, hub.inbound_taking, hub.inbound_nonce, hub.handover,"
                " hub.source_file, hub.landing, hub.head, hub.quarantine, hub.waiting, hub.run,"
                " hub.batch, hub.delivery, hub.delivery_event, hub.receipt, hub.access,"
                " hub.record, hub.flow, hub.held_batch, golden.project, golden.permit,"
                " source.project, source.permit, hub.shape, hub.shape_change, hub.history cascade"
            )


class _Served:
    def __init__(self, hub: Hub) -> None:
        self.hub = hub


@contextmanager
def site(
    url: str, folder: Path, files: dict[str, str] | None = None, **environ: str
) -> Iterator[Site]:
    """The hub of this folder, with these contract files."""
    for name, text in (files or FILES).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    given = {
        "HUB_DATABASE_URL": url,
        "HUB_HASH_KEY": "test",
        "HUB_HOME": str(folder),
        "HUB_CONN_CALLER": f"http://{USER}:{SECRET.replace(' ', '%20')}@caller",
        "HUB_CONN_BUSY": f"http://{USER}:{SECRET.replace(' ', '%20')}@busy",
        "HUB_CONN_TAKER": f"http://{USER}:{SECRET.replace(' ', '%20')}@taker",
        "HUB_DISK_WARN_BYTES": "2",
        "HUB_DISK_LEAST_BYTES": "1",
        "HUB_REQUEST_SECONDS": "1",
        "HUB_SIGN_INS_A_MINUTE": "1000",
        **environ,
    }
    hub = wiring.start(environ=given)
    try:
        hub.migrate()
        with asking(_Served(hub)) as client:  # type: ignore[arg-type]
            yield Site(hub, client)
    finally:
        hub.close()


def project(number: int, *, at: int = 1, code: str = CODE, **changes: Json) -> dict[str, Json]:
    """A project as the partner sends it."""
    return {"id": number, "at": at, "code": code, "name": f"工程{number}", **changes}


def many(count: int) -> list[str]:
    """So many project codes."""
    return [f"2405-520502-04-01-{number:06}" for number in range(100_001, 100_001 + count)]


def base64_md5(content: bytes) -> str:
    """As X-Ca wants the body's digest."""
    return base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()
