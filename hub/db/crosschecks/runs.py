"""Cross-checks of runs, their reports and the flows' cursors."""

from hub.db.crosschecks.question import Crosscheck

# Runs, and what was reported of them.
RUNS = (
    # The cursor: behind the last batch, or the last decided held one, or where it was rewound to.
    # Rewinds by releases that did not log them have a row from the migration.
    Crosscheck(
        "cursor",
        "hub.flow",
        "flow.cursor",
        """
        select f.name, f.cursor::text, b.cursor_after::text
          from hub.flow f
          left join lateral (select n.cursor_after from hub.batch n
                              where n.flow = f.name and n.cursor_after is not null
                                  order by n.id desc limit 1) b on true
         where f.name like 'pull.%%' and f.cursor is distinct from coalesce(b.cursor_after, '{{}}')
           and not exists (select from hub.held_batch h
                            where h.flow = f.name and h.decided_run is not null
                                and h.cursor_after = f.cursor)
           and not exists (select from hub.rewind r where r.flow = f.name and r.cursor = f.cursor)
        """,
    ),
    # Only what is read has a place to go on at; `linking` keeps how far it has looked there.
    Crosscheck(
        "cursor",
        "hub.flow",
        "flow.cursor",
        """
        select f.name, f.cursor::text, '{{}}' from hub.flow f
         where f.name not like 'pull.%%' and f.name <> 'linking' and f.cursor is distinct
             from '{{}}'
        """,
    ),
    # The table also has rows for entities: work due once under a new contract.
    Crosscheck(
        "cursor",
        "hub.flow",
        "flow.unknown",
        """
        select f.name, null, null from hub.flow f
         where f.name <> all(%(flows)s) and f.name <> 'linking'
           and not (split_part(f.name, '.', 1) in ('crosswalk', 'settled')
                    and split_part(f.name, '.', 2) = any(%(entities)s))
           and not exists (select from hub.run r where r.flow = f.name)
           and not exists (select from hub.batch b where b.flow = f.name)
           and not exists (select from hub.contract_version c where c.flow = f.name)
        """,
    ),
    Crosscheck(
        "cursor",
        "hub.flow",
        "flow.missing",
        """
        select distinct r.flow, null, null from hub.run r
         where not exists (select from hub.flow f where f.name = r.flow)
        """,
    ),
    Crosscheck(
        "report",
        "hub.report",
        "report.missing",
        """
        select 'run ' || r.id || ' of ' || r.flow, r.state, null from hub.run r
         where r.state in ('complete', 'held') and not exists (select from hub.report p
             where p.run_id = r.id)
        """,
    ),
    Crosscheck(
        "report",
        "hub.report",
        "report.run",
        """
        select 'run ' || p.run_id, p.balanced::text, r.state from hub.report p left join hub.run r
            on r.id = p.run_id
         where r.id is null or (r.state = 'running') or (p.balanced is not null
             and r.state <> 'complete')
            or (p.balanced is null and r.state = 'complete')
        """,
    ),
    Crosscheck(
        "run",
        "hub.run",
        "run.order",
        """
        select 'run ' || id || ' of ' || flow, state, null from hub.run
         where (state = 'running') <> (ended_at is null)
            or (state in ('failed', 'held') and cause is null) or (state = 'complete'
                and cause is not null)
        """,
    ),
)
