"""The source: the same items over REST, from a process of its own with keep-alive, and as a table of PostgreSQL.

    python -m bench.source --records 200000

serves pages as they lie ready, so that it takes next to nothing from those who are measured.
"""

import argparse
import json
import sys
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

import psycopg
from psycopg import sql

from bench import items

KINDS = {int: "bigint", float: "numeric(14, 2)", str: "text"}
PAGE = 1_000


@dataclass
class Listed:
    """A list in the order of its cursor."""

    serials: Sequence[int]
    payloads: Sequence[bytes]

    def page(self, query: dict[str, list[str]]) -> bytes:
        """One page, and where the next begins."""
        size = int(query.get("size", [str(PAGE)])[0])
        if "cursor" in query:
            start = int(query["cursor"][0])
        else:
            start = bisect_left(self.serials, int(query.get("since", ["0"])[0]))
        stop = start + size
        following = stop if stop < len(self.serials) else None
        listed = b",".join(self.payloads[start:stop])
        return b'{"code":200,"data":{"list":[%b],"next":%b}}' % (listed, json.dumps(following).encode())


def changed(count: int) -> Iterator[items.Item]:
    """The records that change: they move to the end of the cursor."""
    for place, number in enumerate(range(0, count, items.CHANGED)):
        yield items.item(number, serial=count + 1 + place, version=1)


class Lists:
    """What the source offers: items and their projects, before and after the change."""

    def __init__(self, count: int) -> None:
        before = [items.payload(items.item(number, serial=number + 1)) for number in range(count)]
        stay = [number for number in range(count) if number % items.CHANGED]
        moved = [(record["lsh"], items.payload(record)) for record in changed(count)]
        self.projects = Listed(
            range(1, items.PROJECTS + 1), [items.payload(items.project(n)) for n in range(items.PROJECTS)]
        )
        self.before = Listed(range(1, count + 1), before)
        self.after = Listed(
            [number + 1 for number in stay] + [int(serial) for serial, _ in moved],
            [before[number] for number in stay] + [payload for _, payload in moved],
        )
        self.items = self.before


class Handler(BaseHTTPRequestHandler):
    """GET gives a page, POST /changed and /reset change the state."""

    protocol_version = "HTTP/1.1"
    lists: ClassVar[Lists]

    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        listed = self.lists.projects if asked.path.endswith("/projects") else self.lists.items
        self._answer(listed.page(parse_qs(asked.query)))

    def do_POST(self) -> None:
        self.lists.items = self.lists.after if self.path == "/changed" else self.lists.before
        self._answer(b"{}")

    def _answer(self, body: bytes) -> None:
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self.wfile.write(head.encode() + body)

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


class Table:
    """The items as a table of a front database."""

    def __init__(self, url: str, count: int) -> None:
        self.url, self.count = url, count
        columns = ", ".join(f"{name} {KINDS[type(value)]} not null" for name, value in items.item(0, serial=1).items())
        with psycopg.connect(url) as connection:
            connection.execute(f"create table items ({columns}, primary key (lsh))".encode())
            self._copy(connection, (items.item(number, serial=number + 1) for number in range(count)))
        self._settle()

    def change(self) -> None:
        """Let the records change that do in the case `changed`."""
        with psycopg.connect(self.url) as connection:
            connection.execute("delete from items where (lsh - 1) %% %s = 0", [items.CHANGED])
            self._copy(connection, changed(self.count))
        self._settle()

    def reset(self) -> None:
        """Undo the change."""
        with psycopg.connect(self.url) as connection:
            gone = connection.execute("delete from items where lsh > %s", [self.count])
            if gone.rowcount:
                numbers = range(0, self.count, items.CHANGED)
                self._copy(connection, (items.item(number, serial=number + 1) for number in numbers))
        self._settle()

    def _copy(self, connection: psycopg.Connection, records: Iterator[items.Item]) -> None:
        with connection.cursor().copy(sql.SQL("copy items from stdin")) as copy:
            for record in records:
                copy.write_row(tuple(record.values()))

    def _settle(self) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("vacuum analyze items")


def main() -> None:
    """Serve until stopped; the first line says on which port."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, required=True)
    Handler.lists = Lists(parser.parse_args().records)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(json.dumps({"port": server.server_address[1]}), flush=True)
    server.serve_forever()


if __name__ == "__main__":
    sys.exit(main())
