"""The source: the same items over REST, from a process of its own with keep-alive, and as a table
of PostgreSQL.

    python -m bench.source --records 200000

serves pages as they lie ready, so that it takes next to nothing from those who are measured.
"""

import argparse
import json
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

import psycopg
from psycopg import sql

from bench import home, items
from bench.items import Work

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
        return b'{"code":200,"data":{"list":[%b],"next":%b}}' % (
            listed,
            json.dumps(following).encode(),
        )


class Lists:
    """What the source offers: items and their projects, before and after the change."""

    def __init__(self, work: Work) -> None:
        before = [items.payload(record) for record in work.first()]
        stay = sorted(set(range(work.records)) - set(work.moving()))
        moved = [(int(record["lsh"]), items.payload(record)) for record in work.moved()]
        numbers = range(work.projects)
        self.projects = Listed(
            [n + 1 for n in numbers], [items.payload(items.project(n)) for n in numbers]
        )
        self.before = Listed(range(1, work.records + 1), before)
        self.after = Listed(
            [number + 1 for number in stay] + [serial for serial, _ in moved],
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
        head = (
            f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
            f"{len(body)}\r\n\r\n"
        )
        self.wfile.write(head.encode() + body)

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


class Table:
    """The items as a table of a front database."""

    def __init__(self, url: str, work: Work) -> None:
        self.url, self._work = url, work
        columns = ", ".join(
            f"{name} {KINDS[type(value)]} not null" for name, value in work.item(0).items()
        )
        with psycopg.connect(url) as connection:
            connection.execute(f"create table items ({columns}, primary key (lsh))".encode())
            self._copy(connection, work.first())
        self._settle()

    def change(self) -> None:
        """Let the records change that do in the case `changed`."""
        with psycopg.connect(self.url) as connection:
            connection.execute("delete from items where (lsh - 1) %% %s = 0", [items.CHANGED])
            self._copy(connection, self._work.moved())
        self._settle()

    def reset(self) -> None:
        """Undo the change."""
        with psycopg.connect(self.url) as connection:
            gone = connection.execute("delete from items where lsh > %s", [self._work.records])
            if gone.rowcount:
                self._copy(connection, map(self._work.item, self._work.moving()))
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
    home.add_size(parser)
    Handler.lists = Lists(home.work_of(parser.parse_args()))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(json.dumps({"port": server.server_address[1]}), flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
