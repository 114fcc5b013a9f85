"""Cross-checks of source records, golden records and former versions."""

from hub.db.crosschecks.question import Crosscheck

SOURCES = (
    Crosscheck(
        "head",
        "hub.head",
        "head.source",
        """
        select h.flow || ' ' || h.key, h.landing_id::text, null from hub.head h
         where h.flow = any(%(flows)s) and h.state = 'current'
           and not exists (select from {source} s
                            where s.flow = h.flow and s.source_key = h.key
                                and s.landing_id = h.landing_id
                              and s.contract_id = h.contract_id)
        """,
    ),
    Crosscheck(
        "head",
        "hub.head",
        "head.deleted_source",
        """
        select s.flow || ' ' || s.source_key, null, null from {source} s
         where s.flow = any(%(flows)s)
           and not exists (select from hub.head h where h.flow = s.flow and h.key = s.source_key
                                                    and h.state in ('current', 'waiting',
                                                        'quarantined'))
        """,
    ),
    # A flow without files, today or ever: what it asserts must have landed at least.
    Crosscheck(
        "source",
        "source.*",
        "source.landing",
        """
        select s.flow || ' ' || s.source_key, s.landing_id::text, null from {source} s
         where not exists (select from hub.landing l where l.id = s.landing_id and l.flow = s.flow)
        """,
    ),
    Crosscheck(
        "source",
        "source.*",
        "source.header",
        """
        select s.flow || ' ' || s.source_key, s.record_id::text, null from {source} s
         where not exists (select from hub.record r where r.id = s.record_id
             and r.entity = %(entity)s)
        """,
    ),
    Crosscheck(
        "golden",
        "golden.*",
        "golden.header",
        """
        select 'record ' || g.record_id, null, null from {golden} g
         where not exists (select from hub.record r where r.id = g.record_id
             and r.entity = %(entity)s)
        """,
    ),
)

# Versions of a record: one after the other, each ended by the batch that made the next.
VERSIONS = (
    # What is deleted was deleted by the batch that made this version.
    Crosscheck(
        "golden",
        "golden.*",
        "golden.deleted_at",
        """
        select 'record ' || g.record_id, g.deleted_at::text, b.committed_at::text
          from {golden} g join hub.batch b on b.id = g.batch_id join hub.run r on r.id = b.run_id
         where g.deleted_at > b.committed_at + interval '1 minute' or g.deleted_at < r.started_at -
             interval '1 minute'
        """,
    ),
    Crosscheck(
        "origin",
        "golden.*",
        "golden.places",
        """
        select 'record ' || coalesce(g.record_id::text, ''), g.version::text, n.most::text
          from {golden} g cross join (select max(ordinal) as most from hub.entity_field
              where entity = %(entity)s) n
         where g.version is null or g.provenance is null or cardinality(g.provenance) > n.most
        """,
    ),
    Crosscheck(
        "origin",
        "hub.history",
        "golden.places",
        """
        select 'record ' || h.record_id || ' version ' || coalesce(h.version::text, ''), null,
            n.most::text
          from hub.history h join hub.record r on r.id = h.record_id and r.entity = %(entity)s
         cross join (select max(ordinal) as most from hub.entity_field where entity = %(entity)s) n
         where h.version is null or h.provenance is null or cardinality(h.provenance) > n.most
        """,
    ),
    Crosscheck(
        "history",
        "hub.history",
        "history.missing",
        """
        select 'record ' || g.record_id || ' version ' || n, null, null
          from {golden} g
         -- of a version beyond all that there are, the first that is missing is enough
         cross join lateral (select count(*) as former from hub.history h
             where h.record_id = g.record_id) k
         cross join lateral generate_series(1, least(g.version - 1, k.former + 1)) n
         where not exists (select from hub.history h where h.record_id = g.record_id
             and h.version = n)
        """,
    ),
    Crosscheck(
        "history",
        "hub.history",
        "history.surplus",
        """
        select 'record ' || h.record_id || ' version ' || h.version, count(*)::text, null
          from hub.history h join hub.record r on r.id = h.record_id and r.entity = %(entity)s
          left join {golden} g on g.record_id = h.record_id
         where true
         group by h.record_id, h.version, g.version
        having count(*) > 1 or h.version < 1 or g.version is null or h.version >= g.version
        """,
    ),
    Crosscheck(
        "history",
        "hub.history",
        "history.order",
        """
        with versions as (
            select h.record_id, h.version, h.batch_id, h.until_batch
              from hub.history h join hub.record r on r.id = h.record_id and r.entity = %(entity)s
             union all
            select g.record_id, g.version, g.batch_id, null from {golden} g)
        select 'record ' || v.record_id || ' version ' || v.version, v.until_batch::text,
            n.batch_id::text
          from versions v
          left join versions n on n.record_id = v.record_id and n.version = v.version + 1
          left join hub.batch b on b.id = v.batch_id
          left join hub.batch u on u.id = v.until_batch
         where (n.record_id is not null and v.until_batch is distinct from n.batch_id)
             or b.id is null
            or (v.until_batch is not null and (u.id is null or b.id > u.id
                or b.event_order > u.event_order))
            or split_part(b.flow, '.', 3) <> %(entity)s
        """,
    ),
)
