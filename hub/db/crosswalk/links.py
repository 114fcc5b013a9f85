"""Linkage verdicts (linked, proposed, refused), and the search index of candidate projects."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from psycopg import sql
from psycopg.types.json import Jsonb

from hub.db import entity_tables
from hub.db.database import Transaction
from hub.db.rows import rows
from hub.domain.contracts import Entity
from hub.domain.record_linkage import Match, Said, letters, named, plain, unit_name

NEAREST = 20
SEARCHED = ("name", "address", "owner", "uscc", "region")
REFUSED = """
    select key, array_agg(project_code) from hub.link
     where flow = %s and key = any(%s) and verdict = 'refused' and ended_at is null group by key
"""
MERGE_SUBJECTS = """
    insert into hub.link_subject as s (record_id, project_code, words, place, owner, uscc, region,
        said, sought)
    select record_id, project_code, words, place, owner, uscc, region, said, sought
        from pg_temp.new_subject
    on conflict (record_id) do update
       set project_code = excluded.project_code, words = excluded.words, place = excluded.place,
           owner = excluded.owner, uscc = excluded.uscc, region = excluded.region,
               said = excluded.said,
           sought = excluded.sought,
           changed_at = case when s.said = excluded.said then s.changed_at
               else clock_timestamp() end
     where s.said <> excluded.said or s.sought <> excluded.sought
"""
# By name through the index, and all of the same owner, the most alike first; a project may come by
# both.
CANDIDATES = """
    select q.at, s.project_code, s.said
      from unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[])
           with ordinality as q (words, place, owner, uscc, region, at)
     cross join lateral (
           (select n.record_id from hub.link_subject n where n.words operator({trigrams}.%%) q.words
             order by {trigrams}.similarity(n.words, q.words) + 0.2 * (n.region = q.region)::int
                 desc, n.record_id
             limit {most})
            union
           (select o.record_id from hub.link_subject o
             where (o.uscc = q.uscc and o.uscc <> '') or (o.owner = q.owner and o.owner <> '')
             order by {trigrams}.similarity(o.words, q.words) + {trigrams}.similarity(o.place,
                 q.place) desc,
                      o.record_id limit {most})) c
      join hub.link_subject s on s.record_id = c.record_id
"""
# Where pg_trgm is: the first schema of whoever made it, `hub` where the database's user is called
# so. No transaction of the hub looks for names there (hub/db/database.py, PATH).
TRIGRAMS = """
    select n.nspname from pg_extension e join pg_namespace n on n.oid = e.extnamespace
        where e.extname = 'pg_trgm'
"""
# PostgreSQL underestimates the cost of similarity and would scan the whole table.
SEARCHING = "set local pg_trgm.similarity_threshold = 0.45; set local enable_seqscan = off"
ALONE = "select pg_try_advisory_xact_lock(hashtextextended('linking', 0))"
# Records that wait for a project, and not for the arrival of one that they name; not looked at
# since one has changed.
TO_LOOK_AT = """
    select flow, key, landing_id, since from hub.waiting
     where wants[array_upper(wants, 1)] like 'link.%%'
       and (looked_at is null or looked_at < (select max(changed_at) from hub.link_subject))
     order by looked_at nulls first, flow, key limit %s
"""
LOOKED_AT = """
    update hub.waiting w set looked_at = clock_timestamp()
      from unnest(%s::text[], %s::text[]) as n (flow, key) where w.flow = n.flow and w.key = n.key
"""
CHANGED = """
    select batch_id, record_id from golden.project
     where (batch_id, record_id) > (select coalesce(max((cursor->>'batch')::bigint), 0),
                                           coalesce(max((cursor->>'record')::bigint), 0)
                                      from hub.flow where name = 'linking')
     order by batch_id, record_id limit %s
"""
SEEN = """
    insert into hub.flow (name, cursor)
    values ('linking', jsonb_build_object('batch', %s::bigint, 'record', %s::bigint))
    on conflict (name) do update set cursor = excluded.cursor
"""
SEEN_UNTIL = """
    select coalesce(max((cursor->>'batch')::bigint), 0), coalesce(max((cursor->>'record')::bigint),
        0)
      from hub.flow where name = 'linking'
"""
SUBJECTS = """
    select record_id, project_code, words, place, owner, uscc, region, said, sought
        from hub.link_subject
     where record_id = any(%s)
"""
PROJECTS = (
    "select project_code from golden.project where project_code = any(%s) and deleted_at is null"
)
FLOWS_OF = (
    "select flow from hub.head where flow = any(%s) and key = %s and state in ('current', "
    "'waiting') order by 1"
)
END = """
    update hub.link set ended_at = now(), ended_by = %(by)s, ended_reason = %(reason)s
     where flow = %(flow)s and key = %(key)s and verdict = any(%(of)s) and ended_at is null
       and (%(project)s::text is null or project_code = %(project)s)
           and project_code <> all(%(but)s)
    returning project_code
"""
SAY = """
    insert into hub.link (flow, key, project_code, verdict, by, reason, score, evidence)
    values (%s, %s, %s, %s, %s, %s, %s, %s) on conflict do nothing
"""
UNNAME = "delete from hub.crosswalk where token = %s and record_id = 0"
NAME = "insert into hub.crosswalk (token, record_id, project_code, depth) values (%s, 0, %s, %s)"
# Manual links against what the crosswalk has of them.
LINKED = (
    "select flow, key, project_code, by from hub.link where verdict = 'linked' and ended_at is null"
)
GIVEN = "select token, project_code, depth from hub.crosswalk where record_id = 0"
BORROWED = "select project_code from {} where flow = %s and source_key = %s and lent_by is not null"
RECALL = """
    insert into hub.waiting (flow, key, landing_id, wants)
    select flow, source_key, landing_id, array['*'] from {} where flow = %s and source_key = %s
    on conflict (flow, key) do update set wants = excluded.wants
"""
RECALL_WAITING = "update hub.waiting set wants = array['*'] where flow = %s and key = %s"
RECORD_OF = "select record_id from {} where flow = %s and source_key = %s"
SAID = """
    select id, flow, key, project_code, verdict, score, evidence, by, reason, at, ended_at,
        ended_by, ended_reason
      from hub.link where flow = %s and key = %s order by id
"""
LATEST = """
    select id, flow, key, project_code, verdict, score, evidence, by, reason, at, ended_at,
        ended_by, ended_reason
      from hub.link where verdict = 'linked' and ended_at is null order by id desc limit %s
"""
QUESTIONS = """
    select w.flow, w.key, w.landing_id, w.since
      from (select distinct flow, key from hub.link where verdict = 'proposed'
          and ended_at is null) l
      join hub.waiting w on w.flow = l.flow and w.key = l.key
     where (%(flow)s::text is null or w.flow = %(flow)s) and (%(key)s::text is null
         or w.key = %(key)s)
     order by w.since, w.flow, w.key limit %(most)s
"""
NAMED = "select project_code, said from hub.link_subject where project_code = any(%s)"


@dataclass(frozen=True, slots=True)
class LinkCandidate:
    """A candidate project: its code and search terms."""

    project_code: str
    said: Said


@dataclass(frozen=True, slots=True)
class WaitingRecord:
    """A record that waits for its project."""

    flow: str
    key: str
    landing_id: int
    since: datetime


@dataclass(frozen=True, slots=True)
class LinkScore:
    """The scorer's verdict on a record: the project linked, or the candidates proposed."""

    flow: str
    key: str
    matches: tuple[Match, ...]
    linked: bool


@dataclass(frozen=True, slots=True)
class LinkWord:
    """A verdict on a record and a project, by the scorer or a person, in force until ended."""

    id: int
    flow: str
    key: str
    project_code: str
    verdict: str
    score: float | None
    evidence: list[dict[str, str | float]]
    by: str
    reason: str
    at: datetime
    ended_at: datetime | None
    ended_by: str | None
    ended_reason: str | None


def alone(tx: Transaction) -> bool:
    """Try the lock of linkage passes; True: no other pass runs until this transaction ends."""
    row = tx.execute(ALONE).fetchone()
    return bool(row and row[0])


def to_look_at(tx: Transaction, *, most: int) -> list[WaitingRecord]:
    """Waiting records that a project may have come for, the longest unexamined first."""
    return rows(tx, WaitingRecord, TO_LOOK_AT, (most,))


def looked_at(tx: Transaction, rows: Sequence[WaitingRecord]) -> None:
    """Store that these have been examined."""
    tx.execute(LOOKED_AT, ([row.flow for row in rows], [row.key for row in rows]))


def changed_projects(tx: Transaction, *, most: int) -> list[tuple[int, int]]:
    """(batch, record) of projects changed since their search terms were stored."""
    return tx.execute(CHANGED, (most,)).fetchall()


def seen(tx: Transaction, last: tuple[int, int]) -> None:
    """Search terms are up to date up to this (batch, record)."""
    tx.execute(SEEN, last)


def projects(tx: Transaction, project_codes: Sequence[str]) -> set[str]:
    """Those of these project codes that exist."""
    return {row[0] for row in tx.execute(PROJECTS, (list(project_codes),))}


def flows_of(tx: Transaction, flows: Sequence[str], key: str) -> list[str]:
    """Which of these flows hold this source key."""
    return [row[0] for row in tx.execute(FLOWS_OF, (list(flows), key))]


def end(
    tx: Transaction,
    flow: str,
    key: str,
    *,
    by: str,
    reason: str,
    of: Sequence[str],
    project_code: str | None = None,
    but: Sequence[str] = (),
) -> list[str]:
    """End verdicts of these kinds on a record; gives their projects."""
    said = {
        "flow": flow,
        "key": key,
        "by": by,
        "reason": reason,
        "of": list(of),
        "project": project_code,
    }
    return [row[0] for row in tx.execute(END, said | {"but": list(but)})]


def say(
    tx: Transaction,
    flow: str,
    key: str,
    *,
    project_code: str,
    verdict: str,
    by: str,
    reason: str,
    found: Match | None = None,
) -> None:
    """Store a verdict; one in force already stays as it is."""
    evidence = [asdict(feature) for feature in found.features] if found else []
    score = found.likelihood if found else None
    tx.execute(SAY, (flow, key, project_code, verdict, by, reason, score, Jsonb(evidence)))


def latest(tx: Transaction, *, most: int) -> list[LinkWord]:
    """The latest links in force, whoever made them."""
    return rows(tx, LinkWord, LATEST, (most,))


def name(tx: Transaction, token: str, project_code: str | None, *, depth: int) -> None:
    """Let a record's own token name this project, or none."""
    tx.execute(UNNAME, (token,))
    if project_code is not None:
        tx.execute(NAME, (token, project_code, depth))


def borrowed(tx: Transaction, entity: Entity, flow: str, key: str) -> str | None:
    """The project code that a source record got through the crosswalk; None: its own, or none."""
    query = sql.SQL(BORROWED).format(entity_tables.table("source", entity))
    row = tx.execute(query, (flow, key)).fetchone()
    return row[0] if row else None


def recall(tx: Transaction, entity: Entity, flow: str, key: str) -> list[int]:
    """Send a source record to the next release; gives its record id, if it has one."""
    source = entity_tables.table("source", entity)
    tx.execute(RECALL_WAITING, (flow, key))
    tx.execute(sql.SQL(RECALL).format(source), (flow, key))
    return [row[0] for row in tx.execute(sql.SQL(RECORD_OF).format(source), (flow, key))]


def said_of(tx: Transaction, flow: str, key: str) -> list[LinkWord]:
    """All verdicts ever given on a record, oldest first."""
    return rows(tx, LinkWord, SAID, (flow, key))


def questions(
    tx: Transaction, *, flow: str | None = None, key: str | None = None, most: int
) -> list[WaitingRecord]:
    """Waiting records with proposals to decide, the longest waiting first."""
    return rows(tx, WaitingRecord, QUESTIONS, flow=flow, key=key, most=most)


def refused(tx: Transaction, flow: str, keys: Sequence[str]) -> dict[str, frozenset[str]]:
    """Source key -> projects that it was found not to belong to."""
    rows = tx.execute(REFUSED, (flow, list(keys))).fetchall() if keys else []
    return {key: frozenset(codes) for key, codes in rows}


def put_subjects(tx: Transaction, rows: Iterable[tuple[int, str, Said]]) -> None:
    """Store search terms of these projects: (record id, code, values by trait)."""
    tx.execute("drop table if exists pg_temp.new_subject")
    tx.execute(
        "create temp table new_subject (like hub.link_subject including defaults) on commit drop"
    )
    entity_tables.copy_in(
        tx,
        sql.SQL(
            "pg_temp.new_subject (record_id, project_code, words, place, owner, uscc, "
            "region, said, sought)"
        ),
        (
            [record_id, *keys, Jsonb(said), sought]
            for record_id, code, one in rows
            for *keys, said, sought in [subject(code, one)]
        ),
    )
    tx.execute(MERGE_SUBJECTS)


def subject(code: str, said: Said) -> tuple[object, ...]:
    """The stored search terms of a project, in column order.

    Code, words, place, owner, credit code, region, values, name in letters.
    """
    return (code, *_keys(said), dict(said), sought_name(said))


def linked(tx: Transaction) -> list[tuple[str, str, str, str]]:
    """Links in force: (flow, source key, project code, by whom)."""
    return tx.execute(LINKED).fetchall()


def given(tx: Transaction) -> set[tuple[str, str, int]]:
    """Crosswalk entries that come from decisions: (token, project code, depth)."""
    return set(tx.execute(GIVEN).fetchall())


def subjects_of(tx: Transaction, record_ids: Sequence[int]) -> dict[int, tuple[object, ...]]:
    """Record id -> stored search terms."""
    return {record: tuple(row) for record, *row in tx.execute(SUBJECTS, (list(record_ids),))}


def looked_until(tx: Transaction) -> tuple[int, int]:
    """The (batch, record) up to which search terms are stored."""
    return tx.execute(SEEN_UNTIL).fetchone() or (0, 0)


def drop_subjects(tx: Transaction, record_ids: Sequence[int]) -> None:
    """Delete the search terms of projects that are gone."""
    tx.execute("delete from hub.link_subject where record_id = any(%s)", (list(record_ids),))


def candidates(tx: Transaction, wanted: Sequence[Said]) -> list[list[LinkCandidate]]:
    """For each record the candidate projects, by similar name or same owner."""
    found: list[list[LinkCandidate]] = [[] for _ in wanted]
    ((trigrams,),) = tx.execute(TRIGRAMS)
    search = sql.SQL(CANDIDATES).format(most=NEAREST, trigrams=sql.Identifier(trigrams))
    tx.execute(SEARCHING)
    keys = zip(*(_keys(said) for said in wanted), strict=True)
    for at, code, said in tx.execute(search, [list(column) for column in keys]):
        found[at - 1].append(LinkCandidate(code, said))
    return found


def subjects(tx: Transaction, project_codes: Iterable[str]) -> Mapping[str, Said]:
    """Project code -> its values by trait."""
    return dict(tx.execute(NAMED, (list(project_codes),)).fetchall())


def sought_name(said: Said) -> str:
    """The whole name in letters, for substring search."""
    return letters(plain(next(iter(said.get("name", ())), "")))


def _keys(said: Said) -> tuple[str, str, str, str, str]:
    """Search terms of a record: name and address in letters, owner, credit code, region."""
    name, address, owner, uscc, region = (next(iter(said.get(trait, ())), "") for trait in SEARCHED)
    return letters(named(name).core), letters(plain(address)), unit_name(owner), plain(uscc), region
