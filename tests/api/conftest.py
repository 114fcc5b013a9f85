import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial

import pytest
import requests
import uvicorn

from hub import auth
from hub.api import make_app
from tests.filled import Filled, filled, filled_template

__all__ = ["filled", "filled_template"]

Opened = Callable[..., str]


class Client:
    """Asks a running API."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.session = requests.Session()
        self.session.trust_env = False

    def ask(
        self, method: str, path: str, token: str | None = None, body: object = None
    ) -> requests.Response:
        given = {"Authorization": f"Bearer {token}"} if token else None
        return self.session.request(
            method, f"{self.address}{path}", headers=given, json=body, timeout=30
        )

    def get(
        self, path: str, token: str | None = None, headers: dict[str, str] | None = None
    ) -> requests.Response:
        given = {"Authorization": f"Bearer {token}"} if token else headers
        return self.session.get(f"{self.address}{path}", headers=given, timeout=30)


@pytest.fixture
def client(filled: Filled) -> Iterator[Client]:
    """The API on a real socket."""
    with asking(filled) as made:
        yield made


@contextmanager
def asking(filled: Filled) -> Iterator[Client]:
    """The API on a real socket, served from a thread of this process."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(make_app(filled.hub), log_level="critical", access_log=False)
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    made = Client(f"http://127.0.0.1:{listener.getsockname()[1]}")
    try:
        yield made
    finally:
        made.session.close()
        server.should_exit = True
        thread.join()
        listener.close()


EVERYWHERE = ("14", "44", "52", "62")
"""The regions of all projects of the tests."""


def open_account(
    filled: Filled,
    name: str,
    role: str,
    *grants: str,
    classes: tuple[str, ...] = ("public",),
    regions: tuple[str, ...] = EVERYWHERE,
) -> str:
    """Open an account of a role with grants, a supervisor with regions in their place; give its
    token.
    """
    supervises = role == "supervisor"
    with filled.hub.database.write() as tx:
        token = auth.open_account(
            tx, name, role, department="", regions=regions if supervises else ()
        )
        if supervises:
            return token
        for entity in grants:
            auth.grant(
                *(tx, filled.hub.contracts.granted, name, entity),
                classes=classes,
                purpose="核发施工许可",
                valid_from=date(2020, 1, 1),
                valid_until=date(2099, 1, 1),
            )
    return token


@pytest.fixture
def opened(filled: Filled) -> Opened:
    return partial(open_account, filled)
