-- The worked axis: an integer position for every instant, on which only working time passes. 86,400 units are a working
-- day, 43,200 a worked half, whatever its hours. A calendar is kept under the hash of its days: another one, another axis.
create table hub.calendar (
    version     text primary key,
    zone        text not null,
    -- Its first and last day; what lies outside stands at its edge.
    first       integer not null,
    last        integer not null,
    -- Seconds of the day; the hours of a place are the same on all of its days.
    opens_1     integer not null,
    closes_1    integer not null,
    opens_2     integer not null,
    closes_2    integer not null,
    check (0 <= opens_1 and opens_1 < closes_1 and closes_1 <= opens_2 and opens_2 < closes_2 and closes_2 <= 86400)
);

-- n: days since 1970-01-01. half: 0 where only the morning is worked, 1 where only the afternoon is.
-- before: the position at which the day begins.
create table hub.workday (
    calendar    text not null references hub.calendar,
    n           integer not null,
    worked      boolean not null,
    half        smallint check (half in (0, 1)),
    before      bigint not null,
    primary key (calendar, n),
    check (worked or half is null)
);
create index workday_by_position on hub.workday (calendar, before, n);

create schema fact;

-- Where an instant lies on the axis, and where the next day begins: at most one row, for an instant within the calendar.
create function fact.placed(version text, at timestamptz) returns table (w bigint, w_next bigint)
    language sql stable rows 1 as $$
    select d.before
           + case when d.worked and d.half is distinct from 1 then
                 least(greatest(s.sec - c.opens_1, 0), c.closes_1 - c.opens_1) * 43200.0 / (c.closes_1 - c.opens_1)
                  else 0 end::bigint
           + case when d.worked and d.half is distinct from 0 then
                 least(greatest(s.sec - c.opens_2, 0), c.closes_2 - c.opens_2) * 43200.0 / (c.closes_2 - c.opens_2)
                  else 0 end::bigint,
           x.before
      from hub.calendar c
     cross join lateral (select at at time zone c.zone as local offset 0) l
     cross join lateral (select least(greatest(l.local::date - date '1970-01-01', c.first), c.last) as n,
                                extract(epoch from l.local::time) as sec offset 0) s
      join hub.workday d on d.calendar = c.version and d.n = s.n
      join hub.workday x on x.calendar = c.version and x.n = s.n + 1
     where c.version = placed.version and at is not null  -- greatest() would take nothing for the first day
$$;

-- The earliest instant at which a position is reached; with `latest` the last one before it is passed: a limit that is
-- used up at the close of a Friday is exceeded from the opening of Monday on.
create function fact.reached(version text, wanted bigint, latest boolean) returns timestamptz
    language sql stable as $$
    select (date '1970-01-01' + d.n + interval '1 second' * case
                when d.half is distinct from 1 and (d.half = 0 or r.rest < 43200 or (r.rest = 43200 and not latest))
                then c.opens_1 + r.rest * (c.closes_1 - c.opens_1) / 43200.0
                else c.opens_2 + (r.rest - case when d.half = 1 then 0 else 43200 end)
                                 * (c.closes_2 - c.opens_2) / 43200.0 end) at time zone c.zone
      from hub.calendar c
     cross join lateral (select d.* from hub.workday d
                          where d.calendar = c.version and (d.before < wanted or (latest and d.before = wanted))
                          order by d.before desc, d.n desc limit 1) d
     cross join lateral (select wanted - d.before as rest) r
     where c.version = reached.version and r.rest <= 86400
$$;

-- The beginning of the day after (the day on which a term of days begins does not count), or so many days later.
create function fact.next_day(version text, at timestamptz, more bigint) returns timestamptz language sql stable as $$
    select ((at at time zone c.zone)::date + 1 + more::integer)::timestamp at time zone c.zone from hub.calendar c
     where c.version = next_day.version
$$;

-- From one position to another; nothing where the second is not later, without end where there is none.
create function fact.span(since bigint, until bigint) returns int8multirange language sql immutable
    return case when since is null or until <= since then '{}'::int8multirange
                else int8multirange(int8range(since, until)) end;
create function fact.span(since timestamptz, until timestamptz) returns tstzmultirange language sql immutable
    return case when since is null or until <= since then '{}'::tstzmultirange
                else tstzmultirange(tstzrange(since, until)) end;

-- How many units of a span lie before a position; null while the span has no end and no position is given.
create function fact.units(ran int8multirange, upto bigint) returns bigint language sql immutable as $$
    select case when upto is null and upper_inf(ran) then null
                else coalesce(sum(least(upper(r), upto) - lower(r)), 0)::bigint end
      from unnest(ran) r where upto is null or lower(r) < upto
$$;

-- The position at which so many units of a span have passed; null where they never do.
create function fact.position(ran int8multirange, units bigint) returns bigint language sql immutable as $$
    select lower(s.r) + units - s.passed
      from (select r, coalesce(sum(upper(r) - lower(r)) over (order by lower(r)
                                   rows between unbounded preceding and 1 preceding), 0)::bigint as passed
              from unnest(ran) r) s
     where upper_inf(s.r) or s.passed + upper(s.r) - lower(s.r) >= units
     order by lower(s.r) limit 1
$$;
