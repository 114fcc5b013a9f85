-- The condition as the index knows it: everything up to the position, of which without `latest` what reaches it is left
-- out. Written as two cases it read every day from the end of the calendar back, ten milliseconds for each moment.
create or replace function fact.reached(version text, wanted bigint, latest boolean) returns timestamptz
    language sql stable as $$
    select (date '1970-01-01' + d.n + interval '1 second' * case
                when d.half is distinct from 1 and (d.half = 0 or r.rest < 43200 or (r.rest = 43200 and not latest))
                then c.opens_1 + r.rest * (c.closes_1 - c.opens_1) / 43200.0
                else c.opens_2 + (r.rest - case when d.half = 1 then 0 else 43200 end)
                                 * (c.closes_2 - c.opens_2) / 43200.0 end) at time zone c.zone
      from hub.calendar c
     cross join lateral (select d.* from hub.workday d
                          where d.calendar = c.version and d.before <= wanted and (latest or d.before < wanted)
                          order by d.before desc, d.n desc limit 1) d
     cross join lateral (select wanted - d.before as rest) r
     where c.version = reached.version and r.rest <= 86400
$$;
