"""SQL exchange: rows inserted into a front database, whose status column gives the verdicts later.

Rows are never updated, except by `match`, where the partner wants its own row updated (upsert).

A change is a withdrawn copy of the former row, then the new row, in one transaction. The key makes
it idempotent: a crash between commit and note leaves no second row.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, Literal

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from connectors.engines import EngineOptions, connected, engine_to, failure, raw, talk_to
from connectors.front_table import Checkpoints, ExchangeWrite, Validity
from connectors.kept import altered
from connectors.options import read_options, schema_of
from connectors.row_states import TableBack, updatable, written
from connectors.sqlstate import meant, translated
from connectors.tables import parts_of
from connectors.verdicts import seal_of
from hub.errors import FlowError, HubError, TransientError
from hub.model import (
    Connection,
    Json,
    Outcome,
    Outgoing,
    Page,
    Receipt,
    RowVerdict,
    RowWritten,
)
from hub.model import Held as Standing

KEYS_A_QUERY = 500
BEGINNINGS_A_QUERY = 50
COPY = ".0"
"""Suffix of the key of a withdrawn copy before a change."""
VALUES_A_STATEMENT = 2000
LARGEST_WORDS = 500
NOT_COMMITTED = {"system.busy"}
"""Errors (deadlock, lock timeout) after which the transaction is certainly rolled back."""
UNSAYABLE = "驱动程序无法写出该值 / the driver cannot write this value"
BITS = 8
"""Bytes of a BIT(64)."""
SEVERAL = "对方有多行与此相同 / the partner has several rows like this"
LOST = "写入后按主键找不到 / not found by its key after it was written"
ALTERED = (
    "库中保存的值与发送的不同（被截断、舍入或改写） / "
    "the table holds another value than was sent (cut, rounded or rewritten)"
)


@dataclass(frozen=True, slots=True)
class ExchangeRow:
    """A row in the front table."""

    key: str
    serial: str
    status: str
    reason: str


class RefusedRowError(Exception):
    """The database refuses a row's values; `words`: its own text."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self.words = words


class SqlExchangeConnector:
    """One front database."""

    SYSTEM: ClassVar[Mapping[str, Json]] = schema_of(EngineOptions)
    READ: ClassVar[Mapping[str, Json]] = {
        "not": {},
        "description": (
            "sql_exchange 只写，读取用 sql 或 odbc / An exchange is written; read with sql or odbc"
        ),
    }
    WRITE: ClassVar[Mapping[str, Json]] = schema_of(ExchangeWrite)
    BACK: ClassVar[Mapping[str, Json]] = schema_of(TableBack)

    def __init__(self, connection: Connection, connect: Mapping[str, Json]) -> None:
        self._name = connection.system
        self._options = read_options(EngineOptions, connect, system=connection.system)
        self._engine = engine_to(connection, self._options)
        self._talk = talk_to(connection, self._options)

    def ping(self) -> str:
        with self._talking() as database, self._talk.call():
            database.execute(sa.text("select 1"))
        return f"{self._engine.dialect.name}: OK"

    def close(self) -> None:
        self._engine.dispose()

    def pages(
        self,
        read: Mapping[str, Json],  # noqa: ARG002
        *,
        since: str | int | None,  # noqa: ARG002
        resume: Json,  # noqa: ARG002
    ) -> Iterator[Page]:
        """Not supported, as READ says."""
        raise FlowError(
            "system.protocol", system=self._name, detail="sql_exchange: write only, use sql or odbc"
        )

    def send(self, write: Mapping[str, Json], items: Sequence[Outgoing]) -> Iterator[Outcome]:
        options = read_options(ExchangeWrite, write, system=self._name)
        try:
            yield from self._insert(options, items)
        except RefusedRowError as error:
            if len(items) == 1:
                yield Outcome(items[0].key, "rejected", code="database", text=error.words)
            else:
                yield from self._one_by_one(write, items)

    def _one_by_one(
        self, write: Mapping[str, Json], items: Sequence[Outgoing]
    ) -> Iterator[Outcome]:
        """Send each item alone, to isolate refused rows; items without an outcome are `unknown`."""
        for done, item in enumerate(items):
            try:
                yield from self.send(write, [item])
            except TransientError:
                if not done:
                    raise
                return

    def _insert(self, options: ExchangeWrite, items: Sequence[Outgoing]) -> list[Outcome]:
        """Insert rows that are not there yet, in one transaction."""
        impossible = [
            item for item in items if item.action == "withdraw" and options.validity is None
        ]
        wanted = {item.key: item for item in items if options.validity or item.action == "upsert"}
        words = "对方表没有有效标识列，不能撤回 / the partner's table has no column to withdraw by"
        outcomes = [
            Outcome(item.key, "rejected", code="withdraw", text=words) for item in impossible
        ]
        with self._talking(values=True) as database:
            with self._talk.call():
                known = {row.key for row in self._found(database, options, list(wanted))}
                rows = [
                    row
                    for item in wanted.values()
                    if item.key not in known
                    for row in _rows(options, item)
                ]
                for some in _statements(_unmatched(database, options, rows)):
                    database.execute(sa.insert(_table(options, some)).values(some))
                    if options.read_back:
                        _refuse_altered(database, options, some)
                if options.checkpoints is not None:
                    _keep_checkpoint(database, options.checkpoints, items)
                serials = {
                    row.key: row.serial for row in self._found(database, options, list(wanted))
                }
            # The connection may break during commit: the rows may be there. Unknown, so the hub
            # looks before it sends again.
            if not self._committed(database):
                return [
                    *outcomes,
                    *(Outcome(key, "unknown", code="system.unavailable") for key in wanted),
                ]
        state: Literal["awaiting_receipt", "confirmed"] = (
            "awaiting_receipt" if options.status else "confirmed"
        )
        return [*outcomes, *(Outcome(key, state, reference=serials.get(key, "")) for key in wanted)]

    def _committed(self, database: sa.Connection) -> bool:
        """Commit; False if it is unknown whether it took effect."""
        try:
            with self._talk.call():
                database.commit()
        except TransientError:  # no answer in time
            return False
        except DBAPIError as error:
            meaning = self._meaning(error, values=True)
            if isinstance(meaning, TransientError) and meaning.code not in NOT_COMMITTED:
                return False
            raise meaning from None
        return True

    def receipts(self, write: Mapping[str, Json], keys: Sequence[str]) -> Iterator[Receipt]:
        options = read_options(ExchangeWrite, write, system=self._name)
        status = options.status
        if status is None:
            return
        for row in self._verdicts(options, keys):
            if row.status in map(str, status.accepted):
                yield Receipt(
                    row.key, "accepted", code=row.status, text=row.reason, reference=row.serial
                )
            elif row.status in map(str, status.rejected):
                yield Receipt(
                    row.key, "rejected", code=row.status, text=row.reason, reference=row.serial
                )
            elif row.status not in map(str, status.pending):
                yield Receipt(
                    row.key, "unknown", code=row.status, text=row.reason, reference=row.serial
                )

    def held(
        self, write: Mapping[str, Json], keys: Sequence[str], fields: Sequence[str]
    ) -> Iterator[Standing]:
        """Rows under these keys."""
        options = read_options(ExchangeWrite, write, system=self._name)
        source = _table(options, [dict.fromkeys([options.key, *fields])])
        with self._talking() as database:
            for start in range(0, len(keys), KEYS_A_QUERY):
                some = keys[start : start + KEYS_A_QUERY]
                query = sa.select(*source.c).where(source.c[options.key].in_(some))
                with self._talk.call():
                    found = database.execute(query).mappings().all()
                for row in found:
                    yield Standing(
                        str(row[options.key]), {name: _json(row[name]) for name in fields}
                    )

    def listed(
        self, write: Mapping[str, Json], begins: Sequence[str] | None, fields: Sequence[str]
    ) -> Iterator[Standing]:
        """Rows under keys with these prefixes, in order; without copies withdrawn by a change."""
        options = read_options(ExchangeWrite, write, system=self._name)
        validity = options.validity
        names = [options.key, *fields, *([validity.column] if validity else [])]
        source = _table(options, [dict.fromkeys(names)])
        key = source.c[options.key]
        with self._talking() as database:
            for tests in _beginnings(key, begins):
                query = (
                    sa.select(*source.c)
                    .where(*tests)
                    .order_by(key)
                    .execution_options(yield_per=KEYS_A_QUERY)
                )
                for row in self._streamed(database, query):
                    said = _cell_text(row[options.key])
                    if not said.endswith(COPY):
                        ended = validity is not None and _cell_text(row[validity.column]) == str(
                            validity.withdrawn
                        )
                        yield Standing(
                            said, {name: _json(row[name]) for name in fields}, ended=ended
                        )

    def write_back(
        self, back: Mapping[str, Json], rows: Sequence[RowVerdict]
    ) -> Iterator[RowWritten]:
        """Update rows in one transaction; repeated it changes nothing."""
        options = read_options(TableBack, back, system=self._name)
        with self._talking() as database:
            with self._talk.call():
                done = list(written(database, options, rows, refusal=self._refusal))
            if not self._committed(database):
                raise TransientError("system.unavailable", system=self._name)
        yield from done

    def _refusal(self, error: SQLAlchemyError) -> str:
        """The words of an error about values; raises any other."""
        meaning = self._meaning(error, values=True)
        if isinstance(meaning, RefusedRowError):
            return meaning.words
        raise meaning from None

    def updatable(self) -> Sequence[str] | None:
        """What this login may update; None of databases that do not tell."""
        with self._talking() as database, self._talk.call():
            return updatable(database)

    def _streamed(self, database: sa.Connection, query: sa.Select[Any]) -> Iterator[sa.RowMapping]:
        """Rows in portions, each within the time limit."""
        with self._talk.call():
            parts = database.execute(query).mappings().partitions(KEYS_A_QUERY)
        while True:
            with self._talk.call():
                rows = next(parts, None)
            if rows is None:
                return
            yield from rows

    def _verdicts(self, options: ExchangeWrite, keys: Sequence[str]) -> list[ExchangeRow]:
        with self._talking() as database, self._talk.call():
            return self._found(database, options, keys)

    @contextmanager
    def _talking(self, *, values: bool = False) -> Iterator[sa.Connection]:
        """A connection; whatever its driver raises becomes a HubError.

        values: rows are written, so that errors about values are RefusedRowError.
        """
        try:
            with connected(self._engine, self._options, self._talk) as database:
                yield database
        except (HubError, RefusedRowError):
            raise
        except UnicodeEncodeError as error:
            words = f"{error.encoding}: U+{ord(error.object[error.start]):04X}"
            raise RefusedRowError(words) from None
        except SQLAlchemyError as error:
            raise self._meaning(error, values=values) from None
        except (ValueError, ArithmeticError, TypeError) as error:
            if values:  # values that the driver cannot bind
                raise RefusedRowError(UNSAYABLE) from None
            raise raw(error, system=self._name) from None
        except Exception as error:  # noqa: BLE001 - drivers raise what is no error of a database
            raise raw(error, system=self._name) from None

    def _found(
        self, database: sa.Connection, options: ExchangeWrite, keys: Sequence[str]
    ) -> list[ExchangeRow]:
        """Rows under these keys."""
        status = options.status
        names = [
            options.key,
            options.serial,
            status.column if status else "",
            status.reason if status else "",
        ]
        shown = [sa.column(name) if name else sa.null() for name in names]
        source = _table(options, [dict.fromkeys(filter(None, names))])
        rows: list[ExchangeRow] = []
        for start in range(0, len(keys), KEYS_A_QUERY):
            some = keys[start : start + KEYS_A_QUERY]
            query = sa.select(*shown).select_from(source).where(source.c[options.key].in_(some))
            rows += [ExchangeRow(*map(_cell_text, row)) for row in database.execute(query)]
        return rows

    def _meaning(self, error: SQLAlchemyError, *, values: bool) -> HubError | RefusedRowError:
        """What a database error is about: its values, the connection, or the contract."""
        said = failure(error, self._engine.dialect.name)
        if values and meant(said) == "values":
            return RefusedRowError(said.words.partition("\n")[0][:LARGEST_WORDS])
        return self._talk.meant(translated(said, system=self._name))


def _beginnings(
    key: sa.ColumnElement[object], begins: Sequence[str] | None
) -> Iterator[tuple[sa.ColumnElement[bool], ...]]:
    """WHERE conditions of statements that together find keys with these prefixes."""
    if begins is None:
        yield ()
        return
    for start in range(0, len(begins), BEGINNINGS_A_QUERY):
        yield (
            sa.or_(*(key.like(f"{one}%") for one in begins[start : start + BEGINNINGS_A_QUERY])),
        )


def _rows(options: ExchangeWrite, item: Outgoing) -> list[dict[str, Json]]:
    """The rows of an item; for a change the withdrawn copy first."""
    validity = options.validity
    if validity is None:
        return [{**item.body, options.key: item.key}]
    if item.action == "withdraw":
        return [
            _withdrawn(
                options, validity, item.previous or item.body, key=item.key, because=validity.ended
            )
        ]
    row: dict[str, Json] = {**item.body, options.key: item.key, validity.column: validity.valid}
    if item.previous is None or not validity.copies or options.match:
        return [row]
    return [
        _withdrawn(
            options, validity, item.previous, key=f"{item.key}{COPY}", because=validity.changed
        ),
        row,
    ]


def _withdrawn(
    options: ExchangeWrite, validity: Validity, body: Mapping[str, Json], *, key: str, because: str
) -> dict[str, Json]:
    row: dict[str, Json] = {**body, options.key: key, validity.column: validity.withdrawn}
    return row | {validity.reason: because} if validity.reason else row


def _refuse_altered(
    database: sa.Connection, options: ExchangeWrite, rows: Sequence[Mapping[str, Json]]
) -> None:
    """Raise RefusedRowError for the first row that the table stores differently, or not at all."""
    table = _table(options, rows)
    for start in range(0, len(rows), KEYS_A_QUERY):
        sent = {str(row[options.key]): row for row in rows[start : start + KEYS_A_QUERY]}
        found = (
            database.execute(sa.select(*table.c).where(table.c[options.key].in_(list(sent))))
            .mappings()
            .all()
        )
        if len(found) < len(sent):
            raise RefusedRowError(_about(options.key, LOST))
        for row in found:
            said = sent.get(str(row[options.key]).rstrip(), {})
            for name, value in said.items():
                if altered(value, row[name]):
                    raise RefusedRowError(_about(name, ALTERED))


def _unmatched(
    database: sa.Connection, options: ExchangeWrite, rows: Sequence[dict[str, Json]]
) -> list[dict[str, Json]]:
    """Update rows that the partner has under its own key; give the others."""
    if not options.match:
        return list(rows)
    return [row for row in rows if not _updated(database, options, row)]


def _updated(database: sa.Connection, options: ExchangeWrite, row: Mapping[str, Json]) -> bool:
    """Whether exactly one row matched the partner's key, and was updated."""
    if any(row.get(name) is None or row[name] == "" for name in options.match):
        return False
    status = options.status
    pending = {status.column: status.pending[0]} if status and status.pending else {}
    values: dict[str, Json] = {**row, **pending}
    table = _table(options, [values])
    tests = [table.c[name] == row[name] for name in options.match]
    count = database.execute(sa.update(table).where(*tests).values(values)).rowcount
    if count > 1:
        raise RefusedRowError(_about(", ".join(options.match), SEVERAL))
    if count and options.read_back:
        _refuse_altered(database, options, [row])
    return count == 1


def _about(column: str, words: str) -> str:
    return f"{column}: {words}"


def _statements(rows: Sequence[Mapping[str, Json]]) -> Iterator[list[dict[str, Json]]]:
    """Rows with the same columns, in portions that fit one statement."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    size = max(1, VALUES_A_STATEMENT // max(1, len(names)))
    for start in range(0, len(rows), size):
        yield [{name: row.get(name) for name in names} for row in rows[start : start + size]]


def _cell_text(value: object) -> str:
    """A cell as text, whatever its type: 1 for 1.00, a bit or true, without padding."""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, bytes | bytearray | memoryview):
        raw_bytes = bytes(value)
        text = raw_bytes.rstrip(b"\0").decode(
            "utf-8", "replace"
        )  # a binary column is padded by these
        is_number = not (text and text.isprintable()) and len(raw_bytes) <= BITS
        value = int.from_bytes(raw_bytes) if is_number else text
    if isinstance(value, Decimal | float) and math.isfinite(value) and value == int(value):
        value = int(value)
    # Text in PostgreSQL holds no NUL; a partner's reason is worth keeping without it.
    return "" if value is None else str(value).replace("\0", "").strip()


def _json(value: object) -> Json:
    """A cell as JSON."""
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def _keep_checkpoint(
    database: sa.Connection, options: Checkpoints, items: Sequence[Outgoing]
) -> None:
    """Write the ledger's checkpoint in the same transaction, each once."""
    *schema, name = parts_of(options.table)
    columns = (sa.column(column, sa.types.NullType()) for column in (options.seal, options.text))
    table = sa.table(name, *columns, schema=".".join(schema) or None)
    for text in dict.fromkeys(item.checkpoint for item in items if item.checkpoint):
        number = seal_of(text)
        if (
            database.execute(
                sa.select(table.c[options.seal]).where(table.c[options.seal] == number)
            ).first()
            is None
        ):
            database.execute(sa.insert(table).values({options.seal: number, options.text: text}))


def _table(options: ExchangeWrite, rows: Sequence[Mapping[str, Json]]) -> sa.TableClause:
    """The table with these columns, untyped."""
    *schema, name = parts_of(options.table)
    names = dict.fromkeys(column for row in rows for column in row)
    return sa.table(
        name,
        *(sa.column(column, sa.types.NullType()) for column in names),
        schema=".".join(schema) or None,
    )
