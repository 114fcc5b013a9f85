"""Acts: changes of sealed tables, noted by triggers, attested by the hub, compared with rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from psycopg.rows import class_row
from psycopg.types.multirange import Multirange
from psycopg.types.range import Range

from hub.db.database import Transaction
from hub.db.rows import rows
from hub.domain import evidence, ledger
from hub.domain.sealed_tables import SEALED

# A column of a transition table is read once into a row that has its salt: a volatile function in a
# lateral join would be asked once for all rows.
NOTE = """
create or replace function hub.{function}() returns trigger language plpgsql security definer
    set search_path = pg_catalog as $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select '{table}', {key}, '{op}', {rule}, r.hub_salt,
               sha256(r.hub_salt || convert_to({content}, 'UTF8'))
          from (select {rows}.*, uuid_send(gen_random_uuid()) as hub_salt
              from {rows}{changed} offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = '{signal}', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$
"""
# An update of unsealed columns is no act; a changed key is a new row, and verify reports the former
# key as gone.
CHANGED = " where not exists (select from old_rows o where {same} and {before} = {after})"
TRIGGER = """
create or replace trigger {function} after {event} on hub.{table} referencing {referencing}
    for each statement execute function hub.{function}()
"""
EVENTS = {
    "I": ("insert", "new table as new_rows", "new_rows"),
    "U": ("update", "new table as new_rows old table as old_rows", "new_rows"),
    "D": ("delete", "old table as old_rows", "old_rows"),
}
# Rows that are older than the evidence of their table, in portions; a table that has any under its
# rule is left alone.
KNOWN = "select exists (select from hub.evidence where relation = %s and rule = %s)"
TAKE_OVER = """
    insert into hub.evidence (relation, key, op, rule, salt, digest)
    select '{table}', r.hub_key, '{found}', {rule}, r.hub_salt,
           sha256(r.hub_salt || convert_to({content}, 'UTF8'))
      from (select t.*, {key} as hub_key, uuid_send(gen_random_uuid()) as hub_salt
          from hub.{table} t
             where %(after)s::text[] is null or ({names}) > ({places})
             order by {names} limit %(most)s) r
"""
LAST = """
    select array[{texts}] from (select * from hub.{table} t
                                 where %(after)s::text[] is null or ({names}) > ({places})
                                 order by {names} limit %(most)s) t order by {backwards} limit 1
"""
TELL = "do $$ begin raise notice using errcode = '{signal}', message = 'evidence'; end $$"
OLDER_BATCHES = "select id from hub.batch where landed is null order by id limit %s"
FINGERPRINTED = """
    select id, flow, key, position, version, disposition, source_time from hub.landing
        where batch_id = %s order by id
"""
NOTE_LANDED = "update hub.batch set landed = %s where id = %s and landed is null"
COLUMNS = (
    "id, tx::text as tx, (extract(epoch from at) * 1000000)::bigint as at, relation, key, op, "
    "rule, digest"
)
UNSEALED = f"select {COLUMNS} from hub.evidence where seal_id is null order by tx, id limit %s"  # noqa: S608 -- own constant
REST = (
    f"select {COLUMNS} from hub.evidence where seal_id is null and tx = %s::xid8 "  # noqa: S608 -- likewise
    f"and id > %s order by id"
)
COVERED = f"select {COLUMNS} from hub.evidence where id <@ %s::int8multirange order by id"  # noqa: S608 -- likewise
ATTACH = "update hub.evidence set seal_id = %s where id = any(%s) and seal_id is null"
OLDEST = "select extract(epoch from now() - min(at)) from hub.evidence where seal_id is null"
FORGET_FORMER = """
    update hub.evidence e set salt = null
      from (select distinct relation, key from hub.evidence
             where tx = pg_current_xact_id() and seal_id is null and op <> 'A') n
     where e.relation = n.relation and e.key = n.key and (e.tx <> pg_current_xact_id()
         or e.seal_id is not null)
"""
# A finding per row that differs from its newest act. `case` checks a row under the rule version of
# its act.
DIFFERING = """
    with newest as (
        select distinct on (key) id, key, op, rule, salt, digest from hub.evidence
         where relation = '{table}' order by key, hub.event_order(id) desc),
    stands as (select {key} as hub_key, t.* from hub.{table} t)
    select coalesce(e.key, r.hub_key) as key, e.id as act,
           case when e.key is null then 'unknown'
                when e.op = 'D' then 'back'
                when r.hub_key is null then 'gone' else 'changed' end as wrong
      from newest e full join stands r on r.hub_key = e.key
     where case when e.key is null then true
                when r.hub_key is null then e.op <> 'D'
                when e.op = 'D' or e.salt is null then true
                else e.digest is distinct from sha256(e.salt || convert_to(case e.rule {contents}
                    end, 'UTF8')) end
     order by 1 limit %s
"""
# Transactions of which some act is not sealed yet, whole; their times may differ where numbers came
# again.
OPEN = """
    select distinct tx::text::bigint from hub.evidence where seal_id is null and tx > %s::text::xid8
     order by 1 limit %s
"""
OF_OPEN = f"""
    select {COLUMNS} from hub.evidence
     where seal_id is null and tx = any(%s::text[]::xid8[]) order by tx, id
"""  # noqa: S608 -- own constant
UNATTACHED = """
    select e.id, e.seal_id from hub.evidence e
     where e.seal_id is not null and not exists (select from hub.seal s where s.id = e.seal_id
         and e.id <@ s.acts)
"""
# Acts of unknown tables or rules; and attestations with more content than such have.
STRANGE = """
    select id, coalesce(relation, '') from hub.evidence
     where relation is null or rule is null or key is null
        or case when op = 'A' then relation <> '' or key <> '' or salt is not null
            or rule <> all(%(words)s)
                else (relation, rule::integer)
                     not in (select * from unnest(%(tables)s::text[], %(rules)s::integer[])) end
"""


@dataclass(frozen=True, slots=True)
class Act:
    """One change of one row. tx, at (microseconds): its transaction; digest: of the row, salted."""

    id: int
    tx: str
    at: int
    relation: str
    key: str
    op: str
    rule: int
    digest: bytes

    @property
    def leaf(self) -> bytes:
        """Its leaf in the seal."""
        return evidence.leaf(self.id, self.digest)


@dataclass(frozen=True, slots=True)
class DifferingRow:
    """A row that differs from its newest act.

    wrong: unknown (no act), gone (deleted without act), back (there after a delete), changed.
    """

    key: str
    act: int | None
    wrong: str


def install(tx: Transaction) -> None:
    """Create the triggers of sealed tables by today's list."""
    for one in SEALED.values():
        for op, (event, referencing, rows_name) in EVENTS.items():
            function = f"note_{one.table}_{event}"
            changed = ""
            if op == "U":
                same = " and ".join(f"o.{name} = new_rows.{name}" for name in one.key)
                before, after = (
                    one.content(row, op="'U'", rule=one.rule) for row in ("o", "new_rows")
                )
                changed = CHANGED.format(same=same, before=before, after=after)
            _run(
                tx,
                NOTE.format(
                    function=function,
                    table=one.table,
                    key=one.key_text("r"),
                    op=op,
                    rule=one.rule,
                    content=one.content("r", op=f"'{op}'", rule=one.rule),
                    rows=rows_name,
                    changed=changed,
                    signal=evidence.SIGNAL,
                ),
            )
            _run(
                tx,
                TRIGGER.format(
                    function=function, event=event, table=one.table, referencing=referencing
                ),
            )


def take_over(
    tx: Transaction, table: str, *, after: Sequence[str] | None, most: int
) -> Sequence[str] | None:
    """Note up to `most` rows behind this key as found; gives the last key, None at the end."""
    one = SEALED[table]
    names = ", ".join(f"t.{name}" for name in one.key)
    parts = {
        "table": one.table,
        "names": names,
        # A place has the type of its column, as text alone it would be compared as text.
        "places": ", ".join(
            f"(%(after)s::text[])[{at}]::{one.types[at - 1]}" for at in range(1, len(one.key) + 1)
        ),
    }
    asked = {"after": after, "most": most}
    texts, backwards = (
        names.replace(", ", "::text, ") + "::text",
        names.replace(", ", " desc, ") + " desc",
    )
    last = tx.execute(
        LAST.format(texts=texts, backwards=backwards, **parts).encode(), asked
    ).fetchone()
    query = TAKE_OVER.format(
        found=evidence.FOUND,
        rule=one.rule,
        key=one.key_text("t"),
        content=one.content("r", op=f"'{evidence.FOUND}'", rule=one.rule),
        **parts,
    )
    tx.execute(query.encode(), asked)
    _run(tx, TELL.format(signal=evidence.SIGNAL))
    return last[0] if last else None


def is_known(tx: Transaction, table: str) -> bool:
    """Whether a table has any act under today's rule: then its older rows were taken over."""
    row = tx.execute(KNOWN, (table, SEALED[table].rule)).fetchone()
    return bool(row and row[0])


def note_landed(tx: Transaction, most: int) -> int:
    """Store fingerprints for up to `most` batches without; gives how many."""
    ids = [row[0] for row in tx.execute(OLDER_BATCHES, (most,)).fetchall()]
    for batch in ids:
        tx.execute(NOTE_LANDED, (b"".join(fingerprints(tx, batch).values()), batch))
    return len(ids)


def fingerprints(tx: Transaction, batch: int) -> dict[int, bytes]:
    """Landing id -> fingerprint of its other columns; joined, they are sealed with the batch."""
    rows = tx.execute(FINGERPRINTED, (batch,)).fetchall()
    return {row[0]: ledger.fingerprint(row[:6], row[6]) for row in rows}


def unsealed(tx: Transaction, most: int) -> list[Act]:
    """Acts without a seal, whole transactions, about `most`."""
    found = rows(tx, Act, UNSEALED, (most,))
    if len(found) == most:
        found += rows(tx, Act, REST, (found[-1].tx, found[-1].id))
    return sorted(found, key=lambda act: act.id)


def ranges(ids: Sequence[int]) -> Multirange[int]:
    """Rising numbers as a multirange."""
    made: list[tuple[int, int]] = []
    for number in ids:
        if made and made[-1][1] == number:
            made[-1] = made[-1][0], number + 1
        else:
            made.append((number, number + 1))
    return Multirange([Range(low, high) for low, high in made])


def covered(tx: Transaction, acts: Multirange[int]) -> list[Act]:
    """Acts in these ranges that still exist, in order."""
    return rows(tx, Act, COVERED, (acts,))


def attach(tx: Transaction, seal: int, ids: Sequence[int]) -> None:
    """Store which seal covers these acts."""
    tx.execute(ATTACH, (seal, list(ids)))


def lag(tx: Transaction) -> float:
    """Age in seconds of the oldest unsealed act; 0 when all are sealed."""
    row = tx.execute(OLDEST).fetchone()
    return float(row[0] or 0) if row else 0.0


def forget_former(tx: Transaction) -> None:
    """Delete the salts of earlier acts on rows changed in this transaction (the digests stay).

    Without its salt a digest cannot confirm a guess of the erased values.
    """
    tx.execute(FORGET_FORMER)


def differing(tx: Transaction, table: str, *, most: int) -> list[DifferingRow]:
    """Rows of a sealed table that differ from their newest act, at most `most`."""
    return rows(tx, DifferingRow, _differing(table), (most,))


def _differing(table: str) -> bytes:
    one = SEALED[table]
    contents = " ".join(
        f"when {rule} then {one.content('r', op='e.op', rule=rule)}"
        for rule in range(1, one.rule + 1)
    )
    return DIFFERING.format(table=one.table, key=one.key_text("t"), contents=contents).encode()


def every_differing(tx: Transaction, table: str) -> Iterator[DifferingRow]:
    """All of them, streamed."""
    with tx.cursor(name="differing", row_factory=class_row(DifferingRow)) as cursor:
        yield from cursor.execute(_differing(table), (None,))


def open_transactions(tx: Transaction, after: int, most: int) -> list[int]:
    """The next transactions with unsealed acts."""
    return [row[0] for row in tx.execute(OPEN, (after, most))]


def unsealed_of(tx: Transaction, transactions: Sequence[int]) -> list[Act]:
    """The unsealed acts of these transactions."""
    return rows(tx, Act, OF_OPEN, ([str(one) for one in transactions],))


def unattached(tx: Transaction) -> Iterator[tuple[int, int]]:
    """(act, seal) where an act names a seal that does not cover it."""
    with tx.cursor(name="unattached") as cursor:
        yield from cursor.execute(UNATTACHED)


def of_no_rule(tx: Transaction) -> Iterator[tuple[int, str]]:
    """(act, table) of acts by an unknown rule or of an unknown table."""
    known = [(one.table, rule) for one in SEALED.values() for rule in range(1, one.rule + 1)]
    tables, rules = zip(*known, strict=True)
    asked = {"words": list(evidence.WORDS), "tables": list(tables), "rules": list(rules)}
    with tx.cursor(name="of_no_rule") as cursor:
        yield from cursor.execute(STRANGE, asked)


def _run(tx: Transaction, text: str) -> None:
    """Execute SQL built from the list in hub/domain/sealed_tables.py only."""
    tx.execute(text.encode())
