-- The source's own time of a payload, as its mapping reads it (`time:`, else a version that is a time). Null: the source
-- does not say, and nothing else may be shown in its place. Payloads of before this column keep what their version says.
alter table hub.landing add column source_time timestamptz;

-- A version that is an instant is written with a fixed number of places (hub/domain/times.py); nothing else looks so.
create function hub.source_time(told timestamptz, version text) returns timestamptz language sql immutable
    return coalesce(told, case when version ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{6}Z$'
                               then cast(version as timestamptz) end);

grant select (source_time) on hub.landing to hub_shown;
create or replace view shown.arrival with (security_barrier) as
    select l.id, l.flow, case when a.whole then l.key else '' end as key,
           case when a.whole then l.position else '' end as position,
           case when a.whole then l.version else '' end as version,
           l.batch_id, b.run_id, b.committed_at, b.contract_id, hub.source_time(l.source_time, l.version) as source_time
      from hub.landing l join hub.batch b on b.id = l.batch_id
     cross join (select nullif(current_setting('hub.shown', true), '')::jsonb->>'@' in ('administrator', 'auditor')
                            as whole) a
     where a.whole is not null;

-- What the hub read itself to push a form stood in the sums of the account that the push names, and flagged it. The sums
-- are made anew from the access log, as far back as habits are looked at; flags of such days are judged anew with them.
delete from hub.unusual u
 where exists (select from hub.access a
                where a.account = u.account and starts_with(a.route, 'PUSH push.')
                  and (a.at at time zone 'Asia/Shanghai')::date = u.day);
delete from hub.access_day;
