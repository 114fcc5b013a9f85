"""A declared partner whose requests and answers are enciphered with SM4, called in this process."""

import asyncio
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from connectors.ciphers import Sm4
from sandbox.declared.partner import DeclaredPartner
from sandbox.partner import Settings
from sandbox.world import World

SECRET = "a secret of this test"  # noqa: S105 - of nobody
DECLARED = """
title: {zh: 证照, en: Licences}
shares:
  licences: {of: documents, key: document.number, fields: {zzbh: document.number, gxsj: {at: "%Y-%m-%d %H:%M:%S"}}}
http:
  auth: {kind: headers, headers: {X-Api-Key: "{secret}"}}
  routes: {licences: POST licences}
  opened: content
  cipher: sm4-cbc
  pack: [json, sm4]
"""


@pytest.fixture
def licence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FastAPI]:
    (tmp_path / "licence.yaml").write_text(DECLARED, encoding="utf-8")
    monkeypatch.setenv("SANDBOX_PARTNERS", str(tmp_path))
    settings = Settings(world=World(seed=7, projects=20), port=0, user="u", secret=SECRET)
    partner, app = DeclaredPartner("licence", settings), FastAPI()
    asyncio.run(partner.start())
    partner.mount(app)
    yield app
    asyncio.run(partner.stop())


def asked(app: FastAPI, content: str) -> dict[str, object]:
    """Post what is asked; give the answer."""

    async def call() -> httpx.Response:
        headers, transport = {"X-Api-Key": SECRET}, httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            return await client.post("/licences", json={"content": content}, headers=headers)

    told: dict[str, object] = asyncio.run(call()).json()
    return told


def test_what_is_asked_and_answered_is_enciphered(licence: FastAPI):
    key = hashlib.md5(SECRET.encode(), usedforsecurity=False).hexdigest()
    sm4 = Sm4(key, "", system="licence")
    content = sm4.enciphered(json.dumps({"page": 1, "size": 5}).encode())
    answer = asked(licence, content)
    told = json.loads(sm4.deciphered(str(answer["data"])))
    assert len(told["list"]) == 5 < told["total"]
    assert all(one["zzbh"] for one in told["list"])


@pytest.mark.parametrize(
    "content",
    ["e30=", "AAAA", Sm4("0" * 16, "0" * 16, system="x").enciphered(b"{}")],
    ids=["not enciphered", "too short", "another key"],
)
def test_what_is_not_enciphered_with_the_key_is_refused(licence: FastAPI, content: str):
    answer = asked(licence, content)
    assert (answer["code"], answer["data"]) == ("4000", None)
