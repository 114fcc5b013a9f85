"""The report of a run: counts, grouped causes, whether it balances.

One row per run, written at its end. For a run that did not end well the balance is null.
"""

from hub.db.database import Transaction

# What the batches of run r count, and whether they balance.
COUNTED = """
    select coalesce(c.counts, b.counts, d.counts, f.counts, w.counts, '{}'::jsonb) as counts,
           coalesce(b.balanced, true) and coalesce(d.balanced, true) as balanced
      from (select 1) one
      left join lateral (
            select jsonb_build_object(
                       'read', sum(read), 'created', sum(created), 'changed', sum(changed),
                           'unchanged', sum(unchanged),
                       'deleted', sum(deleted), 'superseded', sum(superseded), 'stale', sum(stale),
                       'ignored', sum(ignored), 'quarantined', sum(quarantined), 'waiting',
                           sum(waiting),
                       'exploded', sum(exploded), 'empty', sum(empty), 'held', sum(held)) as counts,
                   sum(read) = sum(created + changed + unchanged + deleted + superseded + stale +
                       ignored + quarantined
                                   + waiting + exploded + empty + held)
                   and sum(parts) = sum(parts_created + parts_changed + parts_unchanged +
                       parts_deleted + parts_waiting
                                        + parts_quarantined) as balanced
              from hub.batch where run_id = r.id having count(*) > 0) b on true
      left join lateral (
            select jsonb_build_object(
                       'due', sum(due), 'confirmed', sum(confirmed), 'awaiting_receipt',
                           sum(awaiting_receipt),
                       'unchanged', sum(unchanged), 'superseded', sum(superseded), 'withheld',
                           sum(withheld),
                       'blocked', sum(blocked), 'retrying', sum(retrying), 'rejected',
                           sum(rejected),
                       'dead', sum(dead)) as counts,
                   sum(due) = sum(confirmed + awaiting_receipt + unchanged + superseded + withheld +
                       blocked + retrying
                                  + rejected + dead) as balanced
              from hub.delivery_batch where run_id = r.id having count(*) > 0) d on true
      left join lateral (
            select to_jsonb(c) - '{id,run_id,flow,committed_at}'::text[] as counts
              from hub.comparison c where c.run_id = r.id) c on true
      left join lateral (
            select to_jsonb(f) - '{id,run_id,flow,committed_at}'::text[] as counts
              from hub.fetch_batch f where f.run_id = r.id) f on true
      left join lateral (
            select jsonb_build_object('due', sum(due), 'written', sum(written), 'overtaken',
                       sum(overtaken), 'failed', sum(failed)) as counts
              from hub.write_back_batch where run_id = r.id having count(*) > 0) w on true
"""
WRITE = f"""
    insert into hub.report (run_id, counts, causes, balanced)
    select r.id, x.counts, coalesce(q.causes, '[]'::jsonb), case when r.state = 'complete'
        then x.balanced end
      from hub.run r
     cross join lateral ({COUNTED}) x
      left join lateral (
            select jsonb_agg(jsonb_build_object('cause', c.cause, 'times', c.times, 'example',
                c.example)
                             order by c.times desc, c.cause) as causes
              from (select cause, count(*) as times, min(id) as example
                      from hub.quarantine where opened_run = r.id group by cause) c) q on true
     where r.id = %s
    on conflict (run_id) do nothing
"""  # noqa: S608 -- made of this module's own constants


def write(tx: Transaction, run_id: int) -> None:
    """Write the report row of a run that has ended."""
    tx.execute(WRITE, (run_id,))
