"""Every call that may wait has a limit, or stands below with what bounds it."""

import ast
from collections.abc import Iterator
from pathlib import Path

HOME = Path(__file__).resolve().parents[2]
TOPS = ("hub", "connectors", "dags", "deploy")

METHODS = {"join", "result", "wait", "get", "acquire", "communicate"}
"""Without an argument they wait for ever: threads, futures, events, queues, locks, processes."""
FUNCTIONS = {
    **dict.fromkeys(
        ("subprocess.run", "subprocess.call", "subprocess.check_call", "subprocess.check_output"),
        "timeout",
    ),
    **{
        f"requests.{verb}": "timeout"
        for verb in ("get", "post", "put", "patch", "delete", "head", "request")
    },
    **{
        f"{name}.{verb}": "timeout"
        for name in ("httpx", "session")
        for verb in ("get", "post", "request")
    },
    **dict.fromkeys(
        ("urlopen", "urllib.request.urlopen", "socket.create_connection", "smtplib.SMTP"), "timeout"
    ),
    **dict.fromkeys(("psycopg.connect", "BoundedConnection.connect"), "connect_timeout"),
    "odbc.connect": "timeout",
}
"""They wait for ever without this argument."""

BOUNDED = {
    "hub/cli/context.py:opened": "a context variable: nothing is waited for",
    "hub/logs.py:_run_context": "a context variable: nothing is waited for",
    "hub/pipeline/batches.py:ahead": (
        "what reads ahead has the limits of its connector and of its transactions"
    ),
    "hub/pipeline/delivery.py:_deliver": "what writes down has the limits of its transaction",
    "hub/pipeline/delivery.py:_write_down": "what sends has the limits of its connector",
    "deploy/postgres.py:stop": "the process has been killed",
    "deploy/supervisor.py:stop": "the process has been killed",
}
"""file:function -> what bounds the wait all the same."""


def unbounded(source: str) -> Iterator[tuple[int, str, str]]:
    """Line, function and call of each wait without a limit."""
    yield from _within(ast.parse(source), "")


def _within(tree: ast.AST, function: str) -> Iterator[tuple[int, str, str]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Call) and (said := _endless(node)):
            yield node.lineno, function, said
        name = node.name if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else function
        yield from _within(node, name)


def _endless(call: ast.Call) -> str:
    """What a call that may wait for ever is, "" for all others."""
    named = {keyword.arg for keyword in call.keywords}
    said = ast.unparse(call.func)
    if said in FUNCTIONS:
        return "" if FUNCTIONS[said] in named or None in named else said
    if said.endswith("flock"):
        return "" if "LOCK_NB" in ast.unparse(call) or "LOCK_UN" in ast.unparse(call) else said
    bare = isinstance(call.func, ast.Attribute) and call.func.attr in METHODS and not call.args
    return said if bare and not named & {"timeout", "blocking", "block"} else ""


def test_every_wait_has_a_limit_or_says_what_bounds_it():
    found: dict[str, list[str]] = {}
    for top in TOPS:
        for path in sorted((HOME / top).rglob("*.py")):
            for line, function, said in unbounded(path.read_text(encoding="utf-8")):
                found.setdefault(f"{path.relative_to(HOME)}:{function}", []).append(
                    f"{line} {said}"
                )
    assert {place: calls for place, calls in found.items() if place not in BOUNDED} == {}
    assert BOUNDED.keys() - found.keys() == set()


def test_a_wait_without_a_limit_is_found():
    for endless in (
        "thread.join()",
        "queue.get()",
        "begun.result()",
        "event.wait()",
        "lock.acquire()",
        "subprocess.run(['x'])",
        "requests.get(url)",
        "psycopg.connect(url)",
        "fcntl.flock(file, fcntl.LOCK_EX)",
    ):
        assert list(unbounded(endless)), endless
    for bounded in (
        "thread.join(5)",
        "', '.join(names)",
        "requests.get(url, timeout=3)",
        "known.get(name)",
    ):
        assert not list(unbounded(bounded)), bounded
