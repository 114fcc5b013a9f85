"""Cross-checks of deliveries, their events, and their counts."""

from hub.db.crosschecks.question import Crosscheck

# Deliveries: what was done in a run is counted in its batches, and each event is of a delivery.
DELIVERIES = (
    Crosscheck(
        "count",
        "hub.delivery_batch",
        "delivery_batch.events",
        """
        with noted as (
            select run_id, array[count(*) filter (where state = 'confirmed'),
                                 count(*) filter (where state = 'rejected'),
                                 count(*) filter (where state = 'awaiting_receipt'),
                                 count(*) filter (where state = 'retrying'),
                                 count(*) filter (where state = 'dead')] as events
              from hub.delivery_event group by run_id),
        -- What is taken back of what no delivery is known of has no event: it ended while its run
        -- went on.
        taken_back as (
            select r.id as run_id, count(*) filter (where w.state = 'confirmed') as confirmed,
                   count(*) filter (where w.state = 'rejected'
                       and w.code <> 'delivery.overtaken') as rejected,
                   count(*) filter (where w.state = 'rejected'
                       and w.code = 'delivery.overtaken') as overtaken
              from hub.surplus_withdrawal w
              join hub.run r on r.flow = w.flow and r.kind = 'push'
                            and w.ended_at between r.started_at and coalesce(r.ended_at, 'infinity')
             group by r.id),
        tried as (
            select flow, sum(greatest(attempt - (state <> 'due')::int, 0)) as again
              from hub.surplus_withdrawal
             group by flow),
        counted as (
            select r.id as run_id,
                   array[coalesce(n.events[1], 0) + coalesce(w.confirmed, 0),
                         coalesce(n.events[2], 0) + coalesce(w.rejected, 0), coalesce(n.events[3],
                             0),
                         coalesce(n.events[4], 0), coalesce(n.events[5], 0)] as events
              from hub.run r left join noted n on n.run_id = r.id left join taken_back w
                  on w.run_id = r.id
             where r.kind in ('push', 'receipts')),
        summed as (
            select b.run_id, array[sum(b.confirmed),
                                   -- one that its record's own delivery replaced is not counted
                                   sum(b.rejected) - least(coalesce(min(w.overtaken), 0),
                                       greatest(sum(b.rejected) - coalesce(min(n.events[2]), 0)
                                           - coalesce(min(w.rejected), 0), 0)),
                                   sum(b.awaiting_receipt),
                                   -- nothing says in which run a withdrawal was tried in vain
                                   greatest(sum(b.retrying) - coalesce(min(t.again), 0),
                                            least(sum(b.retrying), coalesce(min(n.events[4]), 0))),
                                   sum(b.dead)]::bigint[] as sums
              from hub.delivery_batch b left join tried t on t.flow = b.flow left join noted n
                  on n.run_id = b.run_id left join taken_back w on w.run_id = b.run_id
             group by b.run_id)
        select 'run ' || r.id || ' of ' || r.flow, s.sums::text, c.events::text
          from hub.run r left join counted c on c.run_id = r.id left join summed s
              on s.run_id = r.id
         where (r.kind = 'push' and coalesce(c.events, '{{0,0,0,0,0}}') <> coalesce(s.sums,
             '{{0,0,0,0,0}}'))
            or (r.kind = 'receipts'
                and coalesce(c.events[1:2], '{{0,0}}') <> coalesce(s.sums[1:2], '{{0,0}}'))
        """,
    ),
    Crosscheck(
        "count",
        "hub.delivery_batch",
        "delivery_batch.sum",
        """
        select 'delivery batch ' || id || ' of ' || flow, due::text,
               (confirmed + awaiting_receipt + unchanged + superseded + withheld + blocked +
                   retrying + rejected
                + dead)::text
          from hub.delivery_batch
         where due is distinct from confirmed + awaiting_receipt + unchanged + superseded + withheld
             + blocked
                                    + retrying + rejected + dead
        """,
    ),
    Crosscheck(
        "count",
        "hub.delivery_batch",
        "delivery_batch.run",
        """
        select 'delivery batch ' || b.id || ' of ' || b.flow, b.run_id::text, r.flow
          from hub.delivery_batch b left join hub.run r on r.id = b.run_id
         where r.id is null or r.flow <> b.flow or r.kind not in ('push', 'receipts')
        """,
    ),
    Crosscheck(
        "delivery",
        "hub.delivery_event",
        "event.delivery",
        """
        select e.flow || ' record ' || e.record_id, e.state, null from hub.delivery_event e
         where not exists (select from hub.delivery d where d.flow = e.flow
             and d.record_id = e.record_id)
            or not exists (select from hub.run r where r.id = e.run_id and r.flow = e.flow)
        """,
    ),
    Crosscheck(
        "delivery",
        "hub.delivery",
        "delivery.record",
        """
        select d.flow || ' record ' || d.record_id, d.state, null from hub.delivery d
         where not exists (select from hub.record r where r.id = d.record_id)
        """,
    ),
    Crosscheck(
        "delivery",
        "hub.quarantine",
        "delivery.entry",
        """
        select d.flow || ' record ' || d.record_id, null, d.state from hub.delivery d
         where d.state in ('rejected', 'dead') and not d.dirty
           and not exists (select from hub.quarantine q
                            where q.flow = d.flow and q.record_id = d.record_id
                                and q.stage = 'delivery'
                              and q.state in ('open', 'discarded'))
        """,
    ),
    Crosscheck(
        "delivery",
        "hub.quarantine",
        "quarantine.arrived",
        """
        select 'entry ' || q.id, q.state, d.state from hub.quarantine q
          left join hub.delivery d on d.flow = q.flow and d.record_id = q.record_id
         where q.stage = 'delivery' and q.state = 'open'
           and (d.flow is null or d.state = 'confirmed' and not d.dirty)
        """,
    ),
    # A later receipt must equal its event; one that no delivery awaited had no effect.
    Crosscheck(
        "delivery",
        "hub.receipt",
        "receipt.event",
        """
        select c.flow || ' ' || c.key, c.state || ' ' || c.code, e.state || ' ' || e.code
          from hub.receipt c
          join hub.delivery_event e on e.flow = c.flow and e.key = c.key and e.state
              in ('confirmed', 'rejected')
          join hub.run r on r.id = e.run_id and r.kind = 'receipts'
         where (e.state = 'confirmed') <> (c.state = 'accepted')
            or (e.code, e.text, e.reference) is distinct from (c.code, c.text, c.reference)
        """,
    ),
    Crosscheck(
        "delivery",
        "hub.receipt",
        "receipt.nothing",
        """
        select c.flow || ' ' || c.key, c.state, null from hub.receipt c
         where not exists (select from hub.delivery d where d.flow = c.flow and d.key = c.key)
           and not exists (select from hub.delivery_event e where e.flow = c.flow and e.key = c.key)
        """,
    ),
)

# Of one target that has taken its contract up: every record is marked once.
TARGETS = (
    Crosscheck(
        "delivery",
        "hub.delivery",
        "delivery.missing",
        """
        select %(flow)s || ' record ' || g.record_id, null, null from {golden} g
         where g.deleted_at is null
           and not exists (select from hub.delivery d where d.flow = %(flow)s
               and d.record_id = g.record_id)
        """,
    ),
)
