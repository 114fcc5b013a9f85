"""Cross-checks of heads, waiting records and quarantine entries."""

from hub.db.crosschecks.question import Crosscheck

# Heads, what waits and what is set aside: of all flows that are there.
HEADS = (
    Crosscheck(
        "head",
        "hub.head",
        "head.waiting",
        """
        select h.flow || ' ' || h.key, h.landing_id::text, null from hub.head h
         where h.flow = any(%(flows)s) and h.state = 'waiting'
           and not exists (select from hub.waiting w
                            where w.flow = h.flow and w.key = h.key and w.landing_id = h.landing_id)
        """,
    ),
    Crosscheck(
        "head",
        "hub.quarantine",
        "head.entry",
        """
        select h.flow || ' ' || h.key, h.landing_id::text,
               (select q.state from hub.quarantine q
                 where q.flow = h.flow and q.key = h.key and q.landing_id = h.landing_id
                     order by q.id desc limit 1)
          from hub.head h
         where h.flow = any(%(flows)s) and h.state = 'quarantined'
           and not exists (select from hub.quarantine q
                            where q.flow = h.flow and q.key = h.key and q.landing_id = h.landing_id
                              and q.state in ('open', 'discarded'))
        """,
    ),
    Crosscheck(
        "head",
        "hub.quarantine",
        "quarantine.closed",
        """
        select 'entry ' || q.id, q.state, h.state from hub.quarantine q
          left join hub.head h on h.flow = q.flow and h.key = q.key and h.landing_id = q.landing_id
         where q.flow = any(%(flows)s) and q.stage = 'intake' and q.state = 'open'
           and h.state is distinct from 'quarantined'
        """,
    ),
    Crosscheck(
        "head",
        "hub.waiting",
        "waiting.head",
        """
        select w.flow || ' ' || w.key, w.landing_id::text, null from hub.waiting w
         where w.flow = any(%(flows)s)
           and not exists (select from hub.head h
                            where h.flow = w.flow and h.key = w.key and h.landing_id = w.landing_id
                              and h.state in ('waiting', 'current'))
        """,
    ),
    Crosscheck(
        "head",
        "hub.head",
        "head.part",
        """
        select p.flow || ' ' || p.key, p.whole, null from hub.head p
         where p.flow = any(%(flows)s) and p.whole is not null and p.state in ('current', 'waiting',
             'quarantined')
           and not exists (select from hub.head h where h.flow = p.flow and h.key = p.whole
                                                    and (h.landing_id = p.landing_id
                                                        or h.state = 'quarantined'))
        """,
    ),
    # A key that has landed has a head, but one that stood in for a key or was moved to another.
    Crosscheck(
        "head",
        "hub.head",
        "head.missing",
        """
        select l.flow || ' ' || l.key, null, 'landing ' || max(l.id) from hub.landing l
         where l.flow = any(%(flows)s) and l.disposition <> 'held' and not starts_with(l.key, '#')
           and not exists (select from hub.head h where h.flow = l.flow and h.key = l.key)
           and not exists (select from hub.head m where m.flow = l.flow and m.landing_id = l.id)
           and not exists (select from hub.applied_anew a where a.landing_id = l.id
               and a.key <> l.key)
         group by l.flow, l.key
        """,
    ),
    Crosscheck(
        "head",
        "hub.head",
        "head.older",
        """
        select h.flow || ' ' || h.key, 'landing ' || h.landing_id, 'landing ' || n.id
          from hub.head h
         cross join lateral (select l.id from hub.landing l
                              where l.flow = h.flow and l.key = h.key and h.whole is null
                                and l.disposition not in ('held', 'stale', 'superseded')
                              order by hub.event_order(l.id) desc limit 1) n
         where h.flow = any(%(flows)s) and hub.event_order(n.id) > hub.event_order(h.landing_id)
        """,
    ),
    # Under the contract under which it landed, a head is of the version and the outcome that its
    # landing has.
    Crosscheck(
        "head",
        "hub.head",
        "head.columns",
        """
        select h.flow || ' ' || h.key, h.version || ' ' || h.state,
            l.version || ' ' || l.disposition
          from hub.head h join hub.landing l on l.id = h.landing_id join hub.batch b
              on b.id = l.batch_id
         where h.flow = any(%(flows)s) and h.contract_id = b.contract_id and h.whole is null
           and (h.version <> l.version and not starts_with(h.key, '#')
                or (h.state in ('exploded', 'empty', 'ignored', 'deleted')
                    and l.disposition not in (h.state, 'held', 'deleted', 'ignored', 'exploded',
                        'empty')
                    -- its record turned secret while its batch is held
                    and not (h.state = 'deleted'
                             and exists (select from hub.erasure e where e.secret
                                 and l.id = any(e.landing_ids))))
                or (h.state in ('current', 'waiting')
                    and l.disposition in ('deleted', 'ignored', 'exploded', 'empty')))
        """,
    ),
    Crosscheck(
        "head",
        "hub.head",
        "head.blank",
        """
        select h.flow || ' ' || h.key, h.state, null from hub.head h
         where h.flow = any(%(flows)s)
           and (h.version is null or h.hash is null or (h.whole is null) <> (h.pointer is null)
                or h.state is null
                or h.state not in ('current', 'waiting', 'quarantined', 'deleted', 'ignored',
                    'exploded', 'empty')
                or (h.findings is not null and h.state not in ('exploded', 'empty'))
                or (h.whole is not null and h.hash <> '\\x'))
        """,
    ),
    Crosscheck(
        "head",
        "hub.head",
        "head.contract",
        """
        select h.flow || ' ' || h.key, h.contract_id::text, null from hub.head h
         where h.flow = any(%(flows)s)
           and not exists (select from hub.contract_version c where c.id = h.contract_id
               and c.flow = h.flow)
        """,
    ),
)
