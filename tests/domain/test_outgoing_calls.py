"""Nothing calls out but by what limits whole answers in bytes and time, or stands below with what
limits it.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

HOME = Path(__file__).resolve().parents[2]
TOPS = ("hub", "connectors", "dags", "deploy")
THE_WAY = "hub/calling/"

MODULES = {
    "requests",
    "httpx",
    "urllib",
    "aiohttp",
    "urllib3",
    "socket",
    "smtplib",
    "ftplib",
    "asyncssh",
    "authlib",
}
MODULES |= {
    "http",
    "apprise",
    "zeep",
    "imaplib",
    "poplib",
    "telnetlib",
    "xmlrpc",
    "websockets",
    "paramiko",
    "grpc",
}
"""What calls out, or opens what does."""
OPENING = {
    "get",
    "post",
    "put",
    "patch",
    "delete",
    "head",
    "options",
    "request",
    "stream",
    "send",
    "socket",
}
OPENING |= {
    "Session",
    "session",
    "Client",
    "AsyncClient",
    "ClientSession",
    "HTTPAdapter",
    "PoolManager",
    "Transport",
}
OPENING |= {
    "OAuth2Session",
    "OAuth1Session",
    "AsyncOAuth2Client",
    "urlopen",
    "build_opener",
    "urlretrieve",
    "Request",
}
OPENING |= {
    "HTTPConnection",
    "HTTPSConnection",
    "create_connection",
    "open_connection",
    "SMTP",
    "SMTP_SSL",
    "LMTP",
}
OPENING |= {
    "FTP",
    "FTP_TLS",
    "IMAP4",
    "IMAP4_SSL",
    "POP3",
    "Telnet",
    "ServerProxy",
    "connect",
    "Apprise",
    "SSHClient",
}
OPENING |= {
    "connect_reverse",
    "create_default_context",
    "scp",
    "ProxyManager",
    "HTTPConnectionPool",
    "http_client",
}
"""What of them opens a way out; taking a text of an address apart does not."""

BOUNDED = {
    "connectors/exchange.py": "makes what `Web.call` sends",
    "connectors/identity.py": "makes what `Web.call` sends",
    "connectors/files/sessions.py": (
        "SFTP: each step has its limit, listings and files theirs of entries and bytes"
    ),
    "connectors/database_timeouts.py": "finds sockets that are open, to shut them",
    "connectors/wsdl.py": "its transport sends by `Web.call`; zeep's client reads what that gave",
    "deploy/healthy.py": "asks its own container; reads so many bytes, and the container ends it",
    "deploy/stack.py": "looks whether a port is free",
    "hub/pipeline/witness.py": "only sends, in a thread that is waited for so long",
    "hub/auth/oidc.py": "bound by hub/calling",
    "hub/services/notify.py": "a process of its own, with limits of memory and time",
    "hub/db/vitals.py": "shuts a connection that hangs",
}
"""File -> what limits it all the same."""


def opening(source: str) -> Iterator[str]:
    """Line and words of each call that opens a way out."""
    tree = ast.parse(source)
    named = dict(_named(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _origin(node.func, named) in OPENING:
            yield f"{node.lineno} {ast.unparse(node.func)}"
        bases = node.bases if isinstance(node, ast.ClassDef) else ()
        yield from (
            f"{base.lineno} {ast.unparse(base)}"
            for base in bases
            if _origin(base, named) in OPENING
        )


def _named(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """What a name stands for: a module that calls out, or what was taken from one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for one in node.names:
                if one.name.split(".")[0] in MODULES:
                    yield (one.asname or one.name.split(".")[0]), ""
        elif (
            isinstance(node, ast.ImportFrom)
            and (node.module or "").split(".")[0] in MODULES
            and not node.level
        ):
            for one in node.names:
                yield (one.asname or one.name), one.name


def _origin(called: ast.expr, named: dict[str, str]) -> str:
    """What is called of a module that calls out; "" for all else."""
    root: ast.expr = called
    while isinstance(root, ast.Attribute):
        root = root.value
    if not isinstance(root, ast.Name) or root.id not in named:
        return ""
    return called.attr if isinstance(called, ast.Attribute) else named[root.id]


def test_nothing_calls_out_past_the_one_client():
    found: dict[str, list[str]] = {}
    for top in TOPS:
        for path in sorted((HOME / top).rglob("*.py")):
            name = str(path.relative_to(HOME))
            if not name.startswith(THE_WAY) and (
                calls := list(opening(path.read_text(encoding="utf-8")))
            ):
                found[name] = calls
    assert {name: calls for name, calls in found.items() if name not in BOUNDED} == {}
    assert BOUNDED.keys() - found.keys() == set()


def test_ways_out_are_found():
    for way in (
        "import requests\nrequests.get(url, timeout=3)",
        "import requests as r\nr.Session()",
        "from requests import Session\nclass Mine(Session): pass",
        "def f():\n    from urllib.request import urlopen as u\n    u(url)",
        "import urllib.request\nurllib.request.urlopen(url)",
        "import http.client\nhttp.client.HTTPSConnection(host)",
        "import httpx\nwith httpx.stream('GET', url) as a: pass",
        "import socket\nsocket.create_connection(where)",
        "from authlib.integrations.httpx_client import AsyncOAuth2Client\nAsyncOAuth2Client()",
        "from smtplib import SMTP\nSMTP(host, timeout=3)",
    ):
        assert list(opening(way)), way
    for none in (
        "from urllib.parse import quote\nquote(text)",
        "from hub import requests\nrequests.given(1, 2)",
        "import socket\nsocket.gethostname()",
        "import requests\ntry: pass\nexcept requests.RequestException: pass",
    ):
        assert not list(opening(none)), none
