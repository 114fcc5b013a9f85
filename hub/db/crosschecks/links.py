"""Cross-checks of references without foreign keys, and of batch counts."""

from hub.db.crosschecks.question import Crosscheck

# Links that no foreign key guards: it would block detaching a month.
LINKS = (
    Crosscheck(
        "link",
        "hub.head",
        "head.landing",
        """
        select h.flow || ' ' || h.key, h.landing_id::text, null from hub.head h
         where not exists (select from hub.landing l where l.id = h.landing_id and l.flow = h.flow)
        """,
    ),
    Crosscheck(
        "link",
        "hub.quarantine",
        "quarantine.landing",
        """
        select 'entry ' || q.id, q.landing_id::text, null from hub.quarantine q
         where q.landing_id is not null and not exists (select from hub.landing l
                                                         where l.id = q.landing_id
                                                             and l.flow = q.flow)
        """,
    ),
    Crosscheck(
        "link",
        "hub.landing",
        "landing.batch",
        """
        select 'landing ' || l.id, l.batch_id || ' ' || l.flow, null from hub.landing l
         where not exists (select from hub.batch b where b.id = l.batch_id and b.flow = l.flow)
        """,
    ),
    Crosscheck(
        "link",
        "hub.landing",
        "landing.erased",
        """
        select 'landing ' || l.id, null, null from hub.landing l
         where l.salt is null and not exists (select from hub.erasure e
             where l.id = any(e.landing_ids))
        """,
    ),
    Crosscheck(
        "link",
        "hub.landing",
        "landing.stale",
        """
        select l.flow || ' ' || l.key, 'landing ' || l.id, 'landing ' || h.landing_id
          from hub.landing l join hub.head h on h.flow = l.flow and h.key = l.key
         where l.disposition = 'stale' and l.version = h.version
           and hub.event_order(l.id) > hub.event_order(h.landing_id)
        """,
    ),
    # What came of a batch and landed is counted in it, outcome by outcome.
    Crosscheck(
        "count",
        "hub.batch",
        "batch.outcomes",
        """
        select 'batch ' || b.id || ' of ' || b.flow, c.counted::text, c.sums::text
          from hub.batch b
         cross join lateral (
               select array[count(*) filter (where l.disposition = 'superseded'),
                            count(*) filter (where l.disposition = 'stale'),
                            count(*) filter (where l.disposition = 'quarantined'),
                            count(*) filter (where l.disposition = 'waiting'),
                            count(*) filter (where l.disposition = 'exploded'),
                            count(*) filter (where l.disposition = 'empty'),
                            count(*) filter (where l.disposition = 'applied')] as counted,
                      array[b.superseded, b.stale, b.quarantined, b.waiting, b.exploded, b.empty,
                            b.created + b.changed] as sums
                 from hub.landing l where l.batch_id = b.id) c
         where b.leaves > 0 and b.held = 0 and c.counted <> c.sums
        """,
    ),
    Crosscheck(
        "count",
        "hub.batch",
        "batch.sum",
        """
        select 'batch ' || id || ' of ' || flow, read || ' / ' || parts,
               (created + changed + unchanged + deleted + superseded + stale + ignored + quarantined
                   + waiting
                + exploded + empty + held) || ' / ' || (parts_created + parts_changed +
                    parts_unchanged
                + parts_deleted + parts_waiting + parts_quarantined)
          from hub.batch
         where read is distinct from created + changed + unchanged + deleted + superseded + stale +
             ignored
                                     + quarantined + waiting + exploded + empty + held
            or parts is distinct from parts_created + parts_changed + parts_unchanged +
                parts_deleted
                                      + parts_waiting + parts_quarantined
        """,
    ),
    Crosscheck(
        "link",
        "hub.batch",
        "batch.seal",
        """
        select 'batch ' || b.id || ' of ' || b.flow, b.seal_id::text, null from hub.batch b
         where b.seal_id is not null
           and not exists (select from hub.seal s where s.id = b.seal_id and b.id = any(s.batches))
        """,
    ),
    Crosscheck(
        "link",
        "hub.batch",
        "batch.unsealed",
        """
        select 'batch ' || b.id || ' of ' || b.flow, null, b.seal::text
          from (select n.id, b.flow, s.id as seal, b.seal_id
                  from hub.seal s cross join unnest(s.batches) n (id) left join hub.batch b
                      on b.id = n.id) b
         where b.flow is null or b.seal_id is distinct from b.seal
        """,
    ),
    Crosscheck(
        "link",
        "hub.batch",
        "batch.run",
        """
        select 'batch ' || b.id || ' of ' || b.flow, b.run_id::text, r.flow
          from hub.batch b left join hub.run r on r.id = b.run_id
         where r.id is null or (b.flow not like 'pull.steward.%%' and r.flow <> b.flow)
        """,
    ),
    Crosscheck(
        "link",
        "hub.applied_anew",
        "anew.nothing",
        """
        select 'landing ' || a.landing_id, 'batch ' || a.batch_id, null from hub.applied_anew a
         where not exists (select from hub.landing l join hub.batch b on b.flow = l.flow
                            where l.id = a.landing_id and b.id = a.batch_id)
        """,
    ),
    Crosscheck(
        "link",
        "hub.part",
        "part.nothing",
        """
        select 'landing ' || p.landing_id || ' ' || p.key, p.record_id || ' ' || p.batch_id, null
            from hub.part p
         where not exists (select from hub.landing l join hub.batch b on b.flow = l.flow
                            where l.id = p.landing_id and b.id = p.batch_id and b.id >= l.batch_id)
            or not exists (select from hub.record r where r.id = p.record_id)
        """,
    ),
    Crosscheck(
        "link",
        "hub.crosswalk",
        "crosswalk.record",
        """
        select c.token, c.record_id::text, null from hub.crosswalk c
         where c.record_id <> 0 and not exists (select from hub.record r where r.id = c.record_id)
        """,
    ),
    Crosscheck(
        "contract",
        "hub.contract_version",
        "contract.hash",
        """
        select 'contract ' || id || ' of ' || flow, hash, encode(sha256(convert_to(body, 'UTF8')),
            'hex')
          from hub.contract_version where hash is distinct from encode(sha256(convert_to(body,
              'UTF8')), 'hex')
        """,
    ),
    Crosscheck(
        "history",
        "hub.history",
        "history.record",
        """
        select 'record ' || h.record_id || ' version ' || h.version, null, null from hub.history h
         where not exists (select from hub.record r where r.id = h.record_id)
        """,
    ),
    # A month that is gone between the first one and this one.
    Crosscheck(
        "month",
        "hub.landing",
        "month.missing",
        r"""
        with months as (
            select p.relname as parent, substring(c.relname from '_(\d{{6}})$') as month
              from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_class p
                  on p.oid = i.inhparent
              join pg_namespace n on n.oid = p.relnamespace
             where n.nspname = 'hub' and c.relname ~ '_\d{{6}}$'),
        spans as (select parent, min(month) as first from months group by parent)
        select 'hub.' || s.parent || '_' || to_char(m, 'YYYYMM'), null, null
          from spans s
         cross join lateral generate_series(to_date(s.first, 'YYYYMM'), date_trunc('month',
             now() at time zone 'UTC'),
                                            interval '1 month') m
         where not exists (select from months o where o.parent = s.parent and o.month = to_char(m,
             'YYYYMM'))
        """,
    ),
    # Each month's tables begin with the first of any: the events of a flow lie in the same months.
    Crosscheck(
        "month",
        "hub.landing",
        "month.unattached",
        r"""
        select 'hub.' || c.relname, null, null
          from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname = 'hub' and c.relkind = 'r' and not c.relispartition
           and c.relname ~ '^(landing|history|delivery_event|access|part)_\d{{6}}$'
        """,
    ),
)
