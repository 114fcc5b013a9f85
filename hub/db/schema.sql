-- Every fixed table, view, function and trigger of the hub, as the migrations leave them:
-- for reading, never run.
-- Written by `python tools/schema.py`; a test holds it against the migrations.

CREATE SCHEMA fact;

CREATE SCHEMA hub;

CREATE TABLE fact.hit (
    id bigint NOT NULL,
    indicator text NOT NULL,
    version text NOT NULL,
    subject text NOT NULL,
    kind text NOT NULL,
    record_id bigint,
    project_code text NOT NULL,
    level text NOT NULL,
    value numeric,
    bound numeric NOT NULL,
    at timestamp with time zone,
    period date NOT NULL,
    unit text,
    county text NOT NULL,
    code text NOT NULL,
    flow_kind text NOT NULL,
    responsible text NOT NULL,
    evidence jsonb NOT NULL,
    from_batch bigint NOT NULL,
    found_at timestamp with time zone NOT NULL,
    to_batch bigint,
    cleared_at timestamp with time zone,
    CONSTRAINT hit_cleared CHECK (((to_batch IS NULL) = (cleared_at IS NULL))),
    CONSTRAINT hit_level_check CHECK ((level = ANY (ARRAY['notice'::text, 'yellow'::text, 'red'::text, 'grave'::text])))
);

CREATE TABLE hub.hit_act (
    id bigint NOT NULL,
    indicator text NOT NULL,
    subject text NOT NULL,
    kind text NOT NULL,
    unit text NOT NULL,
    names text[] NOT NULL,
    region text NOT NULL,
    project_code text NOT NULL,
    by_account text NOT NULL,
    at timestamp with time zone NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    text text NOT NULL,
    due_at timestamp with time zone NOT NULL,
    dispute_id bigint,
    seen jsonb NOT NULL,
    CONSTRAINT hit_act_dispute CHECK (((kind = 'disputed'::text) = (dispute_id IS NOT NULL))),
    CONSTRAINT hit_act_kind_check CHECK ((kind = ANY (ARRAY['told'::text, 'explained'::text, 'disputed'::text, 'confirmed'::text, 'accepted'::text, 'revoked'::text]))),
    CONSTRAINT hit_act_names_check CHECK ((names <> '{}'::text[])),
    CONSTRAINT hit_act_reason CHECK (((kind = 'explained'::text) = (reason <> ''::text))),
    CONSTRAINT hit_act_text_check CHECK ((text <> ''::text)),
    CONSTRAINT hit_act_unit_check CHECK ((unit <> ''::text))
);

CREATE FUNCTION fact.hit_acts(h fact.hit) RETURNS SETOF hub.hit_act
    LANGUAGE sql STABLE
    AS $$
    select a.* from hub.hit_act a
     where a.indicator = (h).indicator and a.subject = (h).subject and a.unit = (h).unit
       and (a.at >= (h).found_at
            or not exists (select from fact.hit p where p.indicator = (h).indicator and p.subject = (h).subject
                              and p.id < (h).id))
       and not exists (select from fact.hit n where n.indicator = (h).indicator and n.subject = (h).subject
                          and n.id > (h).id and n.found_at <= a.at)
$$;

CREATE FUNCTION fact.hit_told(h fact.hit, unit text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER COST 10000
    AS $$
    select exists (select from fact.hit_acts(h) a where hit_told.unit = any(a.names))
$$;

CREATE FUNCTION fact.next_day(version text, at timestamp with time zone, more bigint) RETURNS timestamp with time zone
    LANGUAGE sql STABLE
    AS $$
    select ((at at time zone c.zone)::date + 1 + more::integer)::timestamp at time zone c.zone from hub.calendar c
     where c.version = next_day.version
$$;

CREATE FUNCTION fact.now_at() RETURNS bigint
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    AS $$
declare
    version text := (select s.calendar from fact.state s);
begin
    return (select p.w from fact.placed(version, now()) p);
end $$;

CREATE FUNCTION fact.placed(version text, at timestamp with time zone) RETURNS TABLE(w bigint, w_next bigint)
    LANGUAGE sql STABLE ROWS 1
    AS $$
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

CREATE FUNCTION fact."position"(ran int8multirange, units bigint) RETURNS bigint
    LANGUAGE sql IMMUTABLE
    AS $$
    select lower(s.r) + units - s.passed
      from (select r, coalesce(sum(upper(r) - lower(r)) over (order by lower(r)
                                   rows between unbounded preceding and 1 preceding), 0)::bigint as passed
              from unnest(ran) r) s
     where upper_inf(s.r) or s.passed + upper(s.r) - lower(s.r) >= units
     order by lower(s.r) limit 1
$$;

CREATE FUNCTION fact.reached(version text, wanted bigint, latest boolean) RETURNS timestamp with time zone
    LANGUAGE sql STABLE
    AS $$
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

CREATE FUNCTION fact.scenario_state(due timestamp with time zone, ended timestamp with time zone, at timestamp with time zone) RETURNS text
    LANGUAGE sql IMMUTABLE
    RETURN CASE WHEN (ended IS NOT NULL) THEN CASE WHEN (ended >= due) THEN 'late'::text ELSE 'complete'::text END WHEN (at >= due) THEN 'overdue'::text ELSE 'running'::text END;

CREATE FUNCTION fact.shown(scope text, classes text[], units text[], unit text) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    RETURN CASE WHEN (scope = ANY (ARRAY['project'::text, 'stage'::text])) THEN (('public'::text = ANY (classes)) OR ('internal'::text = ANY (classes))) ELSE (('internal'::text = ANY (classes)) OR COALESCE((unit = ANY (units)), false)) END;

CREATE FUNCTION fact.span(since bigint, until bigint) RETURNS int8multirange
    LANGUAGE sql IMMUTABLE
    RETURN CASE WHEN ((since IS NULL) OR (until <= since)) THEN '{}'::int8multirange ELSE int8multirange(int8range(since, until)) END;

CREATE FUNCTION fact.span(since timestamp with time zone, until timestamp with time zone) RETURNS tstzmultirange
    LANGUAGE sql IMMUTABLE
    RETURN CASE WHEN ((since IS NULL) OR (until <= since)) THEN '{}'::tstzmultirange ELSE tstzmultirange(tstzrange(since, until)) END;

CREATE FUNCTION fact.touch_all() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
begin
    insert into fact.touched (project_code) select distinct s.project_code from fact.stage s;
    return null;
end $$;

CREATE FUNCTION fact.touch_both() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
begin
    insert into fact.touched (project_code)
    select o.project_code from old_rows o where o.project_code is not null
    union select n.project_code from new_rows n where n.project_code is not null;
    return null;
end $$;

CREATE FUNCTION fact.touch_new() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
begin
    insert into fact.touched (project_code) select distinct n.project_code from new_rows n where n.project_code is not null;
    return null;
end $$;

CREATE FUNCTION fact.touch_old() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
begin
    insert into fact.touched (project_code) select distinct o.project_code from old_rows o where o.project_code is not null;
    return null;
end $$;

CREATE FUNCTION fact.units(ran int8multirange, upto bigint) RETURNS bigint
    LANGUAGE plpgsql IMMUTABLE
    AS $$
begin
    if upto is null and upper_inf(ran) then
        return null;
    end if;
    if isempty(ran) then
        return 0;
    end if;
    return (select coalesce(sum(least(upper(r), upto) - lower(r)), 0)
              from unnest(ran) r where upto is null or lower(r) < upto);
end $$;

CREATE FUNCTION fact.worked_seconds(version text, w bigint) RETURNS numeric
    LANGUAGE sql STABLE
    AS $$
    select (c.closes_1 - c.opens_1) * (f.whole + h.mornings) + (c.closes_2 - c.opens_2) * (f.whole + h.afternoons)
           + case when d.half is distinct from 1 then least(r.rest, 43200) * (c.closes_1 - c.opens_1) / 43200.0 else 0 end
           + case when d.half = 1 then r.rest else greatest(r.rest - 43200, 0) end * (c.closes_2 - c.opens_2) / 43200.0
      from hub.calendar c
     cross join lateral (select d.* from hub.workday d where d.calendar = c.version and d.before <= w
                          order by d.before desc, d.n desc limit 1) d
     cross join lateral (select count(*) filter (where x.half = 0) as mornings, count(*) filter (where x.half = 1) as afternoons
                           from hub.workday x where x.calendar = c.version and x.half is not null and x.n < d.n) h
     cross join lateral (select (d.before / 43200 - h.mornings - h.afternoons) / 2 as whole) f
     cross join lateral (select w - d.before as rest) r
     where c.version = worked_seconds.version
$$;

CREATE FUNCTION hub.belonging(wanted text, code text) RETURNS TABLE(member bigint, way text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    AS $$
    begin  end $$;

CREATE FUNCTION hub.ensure_partitions(ahead integer) RETURNS integer
    LANGUAGE plpgsql
    AS $_$
declare
    made integer := 0;
    missing record;
begin
    for missing in
        select parent, to_char(month, 'YYYYMM')::bigint as first,
               to_char(month + interval '1 month', 'YYYYMM')::bigint as past
          from unnest(array['landing', 'history', 'delivery_event', 'access', 'part', 'evidence']) parent,
               generate_series(date_trunc('month', now() at time zone 'UTC'),
                               date_trunc('month', now() at time zone 'UTC') + make_interval(months => ahead),
                               interval '1 month') month
         where to_regclass(format('hub.%I', parent || '_' || to_char(month, 'YYYYMM'))) is null
         order by month, parent
    loop
        -- One at a time, and only where something is missing.
        if made = 0 then
            perform pg_advisory_xact_lock(hashtextextended('hub.ensure_partitions', 0));
        end if;
        continue when to_regclass(format('hub.%I', missing.parent || '_' || missing.first)) is not null;
        execute format('create table hub.%1$I (like hub.%2$I including all excluding indexes)',
                       missing.parent || '_' || missing.first, missing.parent);
        execute format('alter table hub.%I attach partition hub.%I for values from (%s) to (%s)', missing.parent,
                       missing.parent || '_' || missing.first, missing.first * 1000000000000,
                       missing.past * 1000000000000);
        made := made + 1;
    end loop;
    return made;
end $_$;

CREATE FUNCTION hub.event_base(at timestamp with time zone) RETURNS bigint
    LANGUAGE sql IMMUTABLE
    AS $$
    select to_char(at at time zone 'UTC', 'YYYYMM')::bigint * 1000000000000
$$;

CREATE FUNCTION hub.event_order(id bigint) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (id % '1000000000000'::bigint);

CREATE FUNCTION hub.has_open_case(unit text, code text) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    AS $$
    begin return has_open_case.unit <> '' and (false); end $$;

CREATE FUNCTION hub.identity() RETURNS jsonb
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    AS $$
begin
    if coalesce(current_setting('hub.shown', true), '') = '' then
        raise insufficient_privilege using message = 'no reader is named in this transaction';
    end if;
    return current_setting('hub.shown')::jsonb;
end $$;

CREATE FUNCTION hub.looks_into() RETURNS boolean
    LANGUAGE sql STABLE
    RETURN COALESCE(((hub.identity() ->> '@'::text) = ANY (ARRAY['administrator'::text, 'auditor'::text])), false);

CREATE FUNCTION hub.masked(value text[]) RETURNS text[]
    LANGUAGE sql IMMUTABLE
    RETURN CASE WHEN (value IS NOT NULL) THEN array_fill('***'::text, ARRAY[cardinality(value)]) ELSE NULL::text[] END;

CREATE FUNCTION hub.masked(value text) RETURNS text
    LANGUAGE sql IMMUTABLE
    RETURN CASE WHEN ((length(value) >= 2) AND (length(value) <= 4)) THEN ("left"(value, 1) || '**'::text) WHEN (value IS NOT NULL) THEN '***'::text ELSE NULL::text END;

CREATE FUNCTION hub.masked_claims(claims jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    RETURN (SELECT jsonb_agg(jsonb_build_object('system', (c.value -> 'system'::text), 'value', hub.masked((c.value ->> 'value'::text)))) AS jsonb_agg FROM jsonb_array_elements(masked_claims.claims) c(value));

CREATE FUNCTION hub.note_access_delete() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'access', r.id::text, 'D', 2, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('access', 'D', 2, r.id, (extract(epoch from r.at) * 1000000)::bigint, r.account, r.route, r.purpose, r.project_code, r.record_ids, r.refused, r.address)::text, 'UTF8'))
          from (select old_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from old_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_access_grant_delete() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'access_grant', r.id::text, 'D', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('access_grant', 'D', 1, r.id, r.account, r.entity, r.classes, r.purpose, r.valid_from, r.valid_until, (extract(epoch from r.ended_at) * 1000000)::bigint, (extract(epoch from r.granted_at) * 1000000)::bigint, r.regions, r.open_case_only, r.application_id)::text, 'UTF8'))
          from (select old_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from old_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_access_grant_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'access_grant', r.id::text, 'I', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('access_grant', 'I', 1, r.id, r.account, r.entity, r.classes, r.purpose, r.valid_from, r.valid_until, (extract(epoch from r.ended_at) * 1000000)::bigint, (extract(epoch from r.granted_at) * 1000000)::bigint, r.regions, r.open_case_only, r.application_id)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_access_grant_update() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'access_grant', r.id::text, 'U', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('access_grant', 'U', 1, r.id, r.account, r.entity, r.classes, r.purpose, r.valid_from, r.valid_until, (extract(epoch from r.ended_at) * 1000000)::bigint, (extract(epoch from r.granted_at) * 1000000)::bigint, r.regions, r.open_case_only, r.application_id)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows where not exists (select from old_rows o where o.id = new_rows.id and jsonb_build_array('access_grant', 'U', 1, o.id, o.account, o.entity, o.classes, o.purpose, o.valid_from, o.valid_until, (extract(epoch from o.ended_at) * 1000000)::bigint, (extract(epoch from o.granted_at) * 1000000)::bigint, o.regions, o.open_case_only, o.application_id)::text = jsonb_build_array('access_grant', 'U', 1, new_rows.id, new_rows.account, new_rows.entity, new_rows.classes, new_rows.purpose, new_rows.valid_from, new_rows.valid_until, (extract(epoch from new_rows.ended_at) * 1000000)::bigint, (extract(epoch from new_rows.granted_at) * 1000000)::bigint, new_rows.regions, new_rows.open_case_only, new_rows.application_id)::text) offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_access_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'access', r.id::text, 'I', 2, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('access', 'I', 2, r.id, (extract(epoch from r.at) * 1000000)::bigint, r.account, r.route, r.purpose, r.project_code, r.record_ids, r.refused, r.address)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_access_update() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'access', r.id::text, 'U', 2, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('access', 'U', 2, r.id, (extract(epoch from r.at) * 1000000)::bigint, r.account, r.route, r.purpose, r.project_code, r.record_ids, r.refused, r.address)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows where not exists (select from old_rows o where o.id = new_rows.id and jsonb_build_array('access', 'U', 2, o.id, (extract(epoch from o.at) * 1000000)::bigint, o.account, o.route, o.purpose, o.project_code, o.record_ids, o.refused, o.address)::text = jsonb_build_array('access', 'U', 2, new_rows.id, (extract(epoch from new_rows.at) * 1000000)::bigint, new_rows.account, new_rows.route, new_rows.purpose, new_rows.project_code, new_rows.record_ids, new_rows.refused, new_rows.address)::text) offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_account_delete() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'account', r.name::text, 'D', 3, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('account', 'D', 3, r.name, r.role, r.department, encode(r.token_hash, 'hex'), r.password_hash, (extract(epoch from r.created_at) * 1000000)::bigint, (extract(epoch from r.ended_at) * 1000000)::bigint, r.sign_in_by, r.oidc_subject, r.by_groups, (extract(epoch from r.password_at) * 1000000)::bigint, r.password_given, (extract(epoch from r.token_at) * 1000000)::bigint, (extract(epoch from r.token_until) * 1000000)::bigint, r.regions)::text, 'UTF8'))
          from (select old_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from old_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_account_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'account', r.name::text, 'I', 3, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('account', 'I', 3, r.name, r.role, r.department, encode(r.token_hash, 'hex'), r.password_hash, (extract(epoch from r.created_at) * 1000000)::bigint, (extract(epoch from r.ended_at) * 1000000)::bigint, r.sign_in_by, r.oidc_subject, r.by_groups, (extract(epoch from r.password_at) * 1000000)::bigint, r.password_given, (extract(epoch from r.token_at) * 1000000)::bigint, (extract(epoch from r.token_until) * 1000000)::bigint, r.regions)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_account_update() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'account', r.name::text, 'U', 3, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('account', 'U', 3, r.name, r.role, r.department, encode(r.token_hash, 'hex'), r.password_hash, (extract(epoch from r.created_at) * 1000000)::bigint, (extract(epoch from r.ended_at) * 1000000)::bigint, r.sign_in_by, r.oidc_subject, r.by_groups, (extract(epoch from r.password_at) * 1000000)::bigint, r.password_given, (extract(epoch from r.token_at) * 1000000)::bigint, (extract(epoch from r.token_until) * 1000000)::bigint, r.regions)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows where not exists (select from old_rows o where o.name = new_rows.name and jsonb_build_array('account', 'U', 3, o.name, o.role, o.department, encode(o.token_hash, 'hex'), o.password_hash, (extract(epoch from o.created_at) * 1000000)::bigint, (extract(epoch from o.ended_at) * 1000000)::bigint, o.sign_in_by, o.oidc_subject, o.by_groups, (extract(epoch from o.password_at) * 1000000)::bigint, o.password_given, (extract(epoch from o.token_at) * 1000000)::bigint, (extract(epoch from o.token_until) * 1000000)::bigint, o.regions)::text = jsonb_build_array('account', 'U', 3, new_rows.name, new_rows.role, new_rows.department, encode(new_rows.token_hash, 'hex'), new_rows.password_hash, (extract(epoch from new_rows.created_at) * 1000000)::bigint, (extract(epoch from new_rows.ended_at) * 1000000)::bigint, new_rows.sign_in_by, new_rows.oidc_subject, new_rows.by_groups, (extract(epoch from new_rows.password_at) * 1000000)::bigint, new_rows.password_given, (extract(epoch from new_rows.token_at) * 1000000)::bigint, (extract(epoch from new_rows.token_until) * 1000000)::bigint, new_rows.regions)::text) offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_alert_delete() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'alert', r.cause::text, 'D', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('alert', 'D', 1, r.cause, r.code, (extract(epoch from r.first_at) * 1000000)::bigint, (extract(epoch from r.told_at) * 1000000)::bigint, (extract(epoch from r.closed_at) * 1000000)::bigint)::text, 'UTF8'))
          from (select old_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from old_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_alert_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'alert', r.cause::text, 'I', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('alert', 'I', 1, r.cause, r.code, (extract(epoch from r.first_at) * 1000000)::bigint, (extract(epoch from r.told_at) * 1000000)::bigint, (extract(epoch from r.closed_at) * 1000000)::bigint)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_alert_update() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'alert', r.cause::text, 'U', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('alert', 'U', 1, r.cause, r.code, (extract(epoch from r.first_at) * 1000000)::bigint, (extract(epoch from r.told_at) * 1000000)::bigint, (extract(epoch from r.closed_at) * 1000000)::bigint)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows where not exists (select from old_rows o where o.cause = new_rows.cause and jsonb_build_array('alert', 'U', 1, o.cause, o.code, (extract(epoch from o.first_at) * 1000000)::bigint, (extract(epoch from o.told_at) * 1000000)::bigint, (extract(epoch from o.closed_at) * 1000000)::bigint)::text = jsonb_build_array('alert', 'U', 1, new_rows.cause, new_rows.code, (extract(epoch from new_rows.first_at) * 1000000)::bigint, (extract(epoch from new_rows.told_at) * 1000000)::bigint, (extract(epoch from new_rows.closed_at) * 1000000)::bigint)::text) offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_application_delete() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'application', r.id::text, 'D', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('application', 'D', 1, r.id, r.account, r.entities, r.classes, r.regions, r.open_case_only, r.purpose, r.basis, r.valid_from, r.valid_until, r.renews, r.state, r.sharing_kind, (extract(epoch from r.due_at) * 1000000)::bigint, (extract(epoch from r.extended_to) * 1000000)::bigint, (extract(epoch from r.supply_due_at) * 1000000)::bigint, (extract(epoch from r.supplied_at) * 1000000)::bigint)::text, 'UTF8'))
          from (select old_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from old_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_application_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'application', r.id::text, 'I', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('application', 'I', 1, r.id, r.account, r.entities, r.classes, r.regions, r.open_case_only, r.purpose, r.basis, r.valid_from, r.valid_until, r.renews, r.state, r.sharing_kind, (extract(epoch from r.due_at) * 1000000)::bigint, (extract(epoch from r.extended_to) * 1000000)::bigint, (extract(epoch from r.supply_due_at) * 1000000)::bigint, (extract(epoch from r.supplied_at) * 1000000)::bigint)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_application_step_delete() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'application_step', r.id::text, 'D', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('application_step', 'D', 1, r.id, r.application_id, r.state, r.by_account, r.reason, (extract(epoch from r.at) * 1000000)::bigint)::text, 'UTF8'))
          from (select old_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from old_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_application_step_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'application_step', r.id::text, 'I', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('application_step', 'I', 1, r.id, r.application_id, r.state, r.by_account, r.reason, (extract(epoch from r.at) * 1000000)::bigint)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_application_step_update() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'application_step', r.id::text, 'U', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('application_step', 'U', 1, r.id, r.application_id, r.state, r.by_account, r.reason, (extract(epoch from r.at) * 1000000)::bigint)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows where not exists (select from old_rows o where o.id = new_rows.id and jsonb_build_array('application_step', 'U', 1, o.id, o.application_id, o.state, o.by_account, o.reason, (extract(epoch from o.at) * 1000000)::bigint)::text = jsonb_build_array('application_step', 'U', 1, new_rows.id, new_rows.application_id, new_rows.state, new_rows.by_account, new_rows.reason, (extract(epoch from new_rows.at) * 1000000)::bigint)::text) offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_application_update() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'application', r.id::text, 'U', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('application', 'U', 1, r.id, r.account, r.entities, r.classes, r.regions, r.open_case_only, r.purpose, r.basis, r.valid_from, r.valid_until, r.renews, r.state, r.sharing_kind, (extract(epoch from r.due_at) * 1000000)::bigint, (extract(epoch from r.extended_to) * 1000000)::bigint, (extract(epoch from r.supply_due_at) * 1000000)::bigint, (extract(epoch from r.supplied_at) * 1000000)::bigint)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows where not exists (select from old_rows o where o.id = new_rows.id and jsonb_build_array('application', 'U', 1, o.id, o.account, o.entities, o.classes, o.regions, o.open_case_only, o.purpose, o.basis, o.valid_from, o.valid_until, o.renews, o.state, o.sharing_kind, (extract(epoch from o.due_at) * 1000000)::bigint, (extract(epoch from o.extended_to) * 1000000)::bigint, (extract(epoch from o.supply_due_at) * 1000000)::bigint, (extract(epoch from o.supplied_at) * 1000000)::bigint)::text = jsonb_build_array('application', 'U', 1, new_rows.id, new_rows.account, new_rows.entities, new_rows.classes, new_rows.regions, new_rows.open_case_only, new_rows.purpose, new_rows.basis, new_rows.valid_from, new_rows.valid_until, new_rows.renews, new_rows.state, new_rows.sharing_kind, (extract(epoch from new_rows.due_at) * 1000000)::bigint, (extract(epoch from new_rows.extended_to) * 1000000)::bigint, (extract(epoch from new_rows.supply_due_at) * 1000000)::bigint, (extract(epoch from new_rows.supplied_at) * 1000000)::bigint)::text) offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_batch_delete() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'batch', r.id::text, 'D', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('batch', 'D', 1, r.id, r.run_id, r.flow, r.contract_id, (extract(epoch from r.committed_at) * 1000000)::bigint, r.read, r.created, r.changed, r.unchanged, r.deleted, r.superseded, r.stale, r.ignored, r.quarantined, r.waiting, r.exploded, r.empty, r.held, r.parts, r.parts_created, r.parts_changed, r.parts_unchanged, r.parts_deleted, r.parts_waiting, r.parts_quarantined, r.cursor_after, r.leaves, encode(r.merkle_root, 'hex'), r.leaf_rule, r.notes, r.event_order, encode(sha256(r.landed), 'hex'))::text, 'UTF8'))
          from (select old_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from old_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_batch_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'batch', r.id::text, 'I', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('batch', 'I', 1, r.id, r.run_id, r.flow, r.contract_id, (extract(epoch from r.committed_at) * 1000000)::bigint, r.read, r.created, r.changed, r.unchanged, r.deleted, r.superseded, r.stale, r.ignored, r.quarantined, r.waiting, r.exploded, r.empty, r.held, r.parts, r.parts_created, r.parts_changed, r.parts_unchanged, r.parts_deleted, r.parts_waiting, r.parts_quarantined, r.cursor_after, r.leaves, encode(r.merkle_root, 'hex'), r.leaf_rule, r.notes, r.event_order, encode(sha256(r.landed), 'hex'))::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_batch_update() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'batch', r.id::text, 'U', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('batch', 'U', 1, r.id, r.run_id, r.flow, r.contract_id, (extract(epoch from r.committed_at) * 1000000)::bigint, r.read, r.created, r.changed, r.unchanged, r.deleted, r.superseded, r.stale, r.ignored, r.quarantined, r.waiting, r.exploded, r.empty, r.held, r.parts, r.parts_created, r.parts_changed, r.parts_unchanged, r.parts_deleted, r.parts_waiting, r.parts_quarantined, r.cursor_after, r.leaves, encode(r.merkle_root, 'hex'), r.leaf_rule, r.notes, r.event_order, encode(sha256(r.landed), 'hex'))::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows where not exists (select from old_rows o where o.id = new_rows.id and jsonb_build_array('batch', 'U', 1, o.id, o.run_id, o.flow, o.contract_id, (extract(epoch from o.committed_at) * 1000000)::bigint, o.read, o.created, o.changed, o.unchanged, o.deleted, o.superseded, o.stale, o.ignored, o.quarantined, o.waiting, o.exploded, o.empty, o.held, o.parts, o.parts_created, o.parts_changed, o.parts_unchanged, o.parts_deleted, o.parts_waiting, o.parts_quarantined, o.cursor_after, o.leaves, encode(o.merkle_root, 'hex'), o.leaf_rule, o.notes, o.event_order, encode(sha256(o.landed), 'hex'))::text = jsonb_build_array('batch', 'U', 1, new_rows.id, new_rows.run_id, new_rows.flow, new_rows.contract_id, (extract(epoch from new_rows.committed_at) * 1000000)::bigint, new_rows.read, new_rows.created, new_rows.changed, new_rows.unchanged, new_rows.deleted, new_rows.superseded, new_rows.stale, new_rows.ignored, new_rows.quarantined, new_rows.waiting, new_rows.exploded, new_rows.empty, new_rows.held, new_rows.parts, new_rows.parts_created, new_rows.parts_changed, new_rows.parts_unchanged, new_rows.parts_deleted, new_rows.parts_waiting, new_rows.parts_quarantined, new_rows.cursor_after, new_rows.leaves, encode(new_rows.merkle_root, 'hex'), new_rows.leaf_rule, new_rows.notes, new_rows.event_order, encode(sha256(new_rows.landed), 'hex'))::text) offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_comparison_delete() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'comparison', r.id::text, 'D', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('comparison', 'D', 1, r.id, r.run_id, r.flow, (extract(epoch from r.committed_at) * 1000000)::bigint, r.compared, r.same, r.superseded, r.lag, r.lost_push, r.foreign_edit, r.mapping_fault, r.missing_here, r.missing_there, r.surplus_there)::text, 'UTF8'))
          from (select old_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from old_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_comparison_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'comparison', r.id::text, 'I', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('comparison', 'I', 1, r.id, r.run_id, r.flow, (extract(epoch from r.committed_at) * 1000000)::bigint, r.compared, r.same, r.superseded, r.lag, r.lost_push, r.foreign_edit, r.mapping_fault, r.missing_here, r.missing_there, r.surplus_there)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_comparison_update() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'comparison', r.id::text, 'U', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('comparison', 'U', 1, r.id, r.run_id, r.flow, (extract(epoch from r.committed_at) * 1000000)::bigint, r.compared, r.same, r.superseded, r.lag, r.lost_push, r.foreign_edit, r.mapping_fault, r.missing_here, r.missing_there, r.surplus_there)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows where not exists (select from old_rows o where o.id = new_rows.id and jsonb_build_array('comparison', 'U', 1, o.id, o.run_id, o.flow, (extract(epoch from o.committed_at) * 1000000)::bigint, o.compared, o.same, o.superseded, o.lag, o.lost_push, o.foreign_edit, o.mapping_fault, o.missing_here, o.missing_there, o.surplus_there)::text = jsonb_build_array('comparison', 'U', 1, new_rows.id, new_rows.run_id, new_rows.flow, (extract(epoch from new_rows.committed_at) * 1000000)::bigint, new_rows.compared, new_rows.same, new_rows.superseded, new_rows.lag, new_rows.lost_push, new_rows.foreign_edit, new_rows.mapping_fault, new_rows.missing_here, new_rows.missing_there, new_rows.surplus_there)::text) offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_contract_version_delete() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'contract_version', r.id::text, 'D', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('contract_version', 'D', 1, r.id, r.hash, r.flow, (extract(epoch from r.first_used) * 1000000)::bigint)::text, 'UTF8'))
          from (select old_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from old_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_contract_version_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'contract_version', r.id::text, 'I', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('contract_version', 'I', 1, r.id, r.hash, r.flow, (extract(epoch from r.first_used) * 1000000)::bigint)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_contract_version_update() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'contract_version', r.id::text, 'U', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('contract_version', 'U', 1, r.id, r.hash, r.flow, (extract(epoch from r.first_used) * 1000000)::bigint)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows where not exists (select from old_rows o where o.id = new_rows.id and jsonb_build_array('contract_version', 'U', 1, o.id, o.hash, o.flow, (extract(epoch from o.first_used) * 1000000)::bigint)::text = jsonb_build_array('contract_version', 'U', 1, new_rows.id, new_rows.hash, new_rows.flow, (extract(epoch from new_rows.first_used) * 1000000)::bigint)::text) offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_delivery_batch_delete() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'delivery_batch', r.id::text, 'D', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('delivery_batch', 'D', 1, r.id, r.run_id, r.flow, (extract(epoch from r.committed_at) * 1000000)::bigint, r.due, r.confirmed, r.awaiting_receipt, r.unchanged, r.superseded, r.withheld, r.blocked, r.retrying, r.rejected, r.dead)::text, 'UTF8'))
          from (select old_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from old_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_delivery_batch_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'delivery_batch', r.id::text, 'I', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('delivery_batch', 'I', 1, r.id, r.run_id, r.flow, (extract(epoch from r.committed_at) * 1000000)::bigint, r.due, r.confirmed, r.awaiting_receipt, r.unchanged, r.superseded, r.withheld, r.blocked, r.retrying, r.rejected, r.dead)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_delivery_batch_update() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'delivery_batch', r.id::text, 'U', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('delivery_batch', 'U', 1, r.id, r.run_id, r.flow, (extract(epoch from r.committed_at) * 1000000)::bigint, r.due, r.confirmed, r.awaiting_receipt, r.unchanged, r.superseded, r.withheld, r.blocked, r.retrying, r.rejected, r.dead)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows where not exists (select from old_rows o where o.id = new_rows.id and jsonb_build_array('delivery_batch', 'U', 1, o.id, o.run_id, o.flow, (extract(epoch from o.committed_at) * 1000000)::bigint, o.due, o.confirmed, o.awaiting_receipt, o.unchanged, o.superseded, o.withheld, o.blocked, o.retrying, o.rejected, o.dead)::text = jsonb_build_array('delivery_batch', 'U', 1, new_rows.id, new_rows.run_id, new_rows.flow, (extract(epoch from new_rows.committed_at) * 1000000)::bigint, new_rows.due, new_rows.confirmed, new_rows.awaiting_receipt, new_rows.unchanged, new_rows.superseded, new_rows.withheld, new_rows.blocked, new_rows.retrying, new_rows.rejected, new_rows.dead)::text) offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_delivery_event_delete() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'delivery_event', r.id::text, 'D', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('delivery_event', 'D', 1, r.id, r.run_id, r.flow, r.record_id, r.key, r.action, r.golden_version, r.state, r.body, r.code, r.text, r.reference, (extract(epoch from r.at) * 1000000)::bigint)::text, 'UTF8'))
          from (select old_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from old_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_delivery_event_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'delivery_event', r.id::text, 'I', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('delivery_event', 'I', 1, r.id, r.run_id, r.flow, r.record_id, r.key, r.action, r.golden_version, r.state, r.body, r.code, r.text, r.reference, (extract(epoch from r.at) * 1000000)::bigint)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_delivery_event_update() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'delivery_event', r.id::text, 'U', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('delivery_event', 'U', 1, r.id, r.run_id, r.flow, r.record_id, r.key, r.action, r.golden_version, r.state, r.body, r.code, r.text, r.reference, (extract(epoch from r.at) * 1000000)::bigint)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows where not exists (select from old_rows o where o.id = new_rows.id and jsonb_build_array('delivery_event', 'U', 1, o.id, o.run_id, o.flow, o.record_id, o.key, o.action, o.golden_version, o.state, o.body, o.code, o.text, o.reference, (extract(epoch from o.at) * 1000000)::bigint)::text = jsonb_build_array('delivery_event', 'U', 1, new_rows.id, new_rows.run_id, new_rows.flow, new_rows.record_id, new_rows.key, new_rows.action, new_rows.golden_version, new_rows.state, new_rows.body, new_rows.code, new_rows.text, new_rows.reference, (extract(epoch from new_rows.at) * 1000000)::bigint)::text) offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_difference_delete() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'difference', r.id::text, 'D', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('difference', 'D', 1, r.id, r.flow, r.key, r.class, r.state, r.record_id, r.first_run, (extract(epoch from r.first_at) * 1000000)::bigint, (extract(epoch from r.closed_at) * 1000000)::bigint, r.closed_by, r.reason)::text, 'UTF8'))
          from (select old_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from old_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_difference_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'difference', r.id::text, 'I', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('difference', 'I', 1, r.id, r.flow, r.key, r.class, r.state, r.record_id, r.first_run, (extract(epoch from r.first_at) * 1000000)::bigint, (extract(epoch from r.closed_at) * 1000000)::bigint, r.closed_by, r.reason)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_difference_update() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'difference', r.id::text, 'U', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('difference', 'U', 1, r.id, r.flow, r.key, r.class, r.state, r.record_id, r.first_run, (extract(epoch from r.first_at) * 1000000)::bigint, (extract(epoch from r.closed_at) * 1000000)::bigint, r.closed_by, r.reason)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows where not exists (select from old_rows o where o.id = new_rows.id and jsonb_build_array('difference', 'U', 1, o.id, o.flow, o.key, o.class, o.state, o.record_id, o.first_run, (extract(epoch from o.first_at) * 1000000)::bigint, (extract(epoch from o.closed_at) * 1000000)::bigint, o.closed_by, o.reason)::text = jsonb_build_array('difference', 'U', 1, new_rows.id, new_rows.flow, new_rows.key, new_rows.class, new_rows.state, new_rows.record_id, new_rows.first_run, (extract(epoch from new_rows.first_at) * 1000000)::bigint, (extract(epoch from new_rows.closed_at) * 1000000)::bigint, new_rows.closed_by, new_rows.reason)::text) offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_disagreement_delete() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'disagreement', r.record_id::text || ' ' || r.field::text, 'D', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('disagreement', 'D', 1, r.record_id, r.field, r.claims, (extract(epoch from r.since) * 1000000)::bigint, (extract(epoch from r.closed_at) * 1000000)::bigint)::text, 'UTF8'))
          from (select old_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from old_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_disagreement_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'disagreement', r.record_id::text || ' ' || r.field::text, 'I', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('disagreement', 'I', 1, r.record_id, r.field, r.claims, (extract(epoch from r.since) * 1000000)::bigint, (extract(epoch from r.closed_at) * 1000000)::bigint)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_disagreement_update() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'disagreement', r.record_id::text || ' ' || r.field::text, 'U', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('disagreement', 'U', 1, r.record_id, r.field, r.claims, (extract(epoch from r.since) * 1000000)::bigint, (extract(epoch from r.closed_at) * 1000000)::bigint)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows where not exists (select from old_rows o where o.record_id = new_rows.record_id and o.field = new_rows.field and jsonb_build_array('disagreement', 'U', 1, o.record_id, o.field, o.claims, (extract(epoch from o.since) * 1000000)::bigint, (extract(epoch from o.closed_at) * 1000000)::bigint)::text = jsonb_build_array('disagreement', 'U', 1, new_rows.record_id, new_rows.field, new_rows.claims, (extract(epoch from new_rows.since) * 1000000)::bigint, (extract(epoch from new_rows.closed_at) * 1000000)::bigint)::text) offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_dispute_delete() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'dispute', r.id::text, 'D', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('dispute', 'D', 1, r.id, r.record_id, r.field, r.value, r.proposed, r.reason, r.opened_by, r.department, r.system, r.state, (extract(epoch from r.opened_at) * 1000000)::bigint, (extract(epoch from r.due_at) * 1000000)::bigint, (extract(epoch from r.answered_at) * 1000000)::bigint, r.answered_by, r.answer, (extract(epoch from r.correct_by) * 1000000)::bigint, (extract(epoch from r.closed_at) * 1000000)::bigint, r.recall_id)::text, 'UTF8'))
          from (select old_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from old_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_dispute_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'dispute', r.id::text, 'I', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('dispute', 'I', 1, r.id, r.record_id, r.field, r.value, r.proposed, r.reason, r.opened_by, r.department, r.system, r.state, (extract(epoch from r.opened_at) * 1000000)::bigint, (extract(epoch from r.due_at) * 1000000)::bigint, (extract(epoch from r.answered_at) * 1000000)::bigint, r.answered_by, r.answer, (extract(epoch from r.correct_by) * 1000000)::bigint, (extract(epoch from r.closed_at) * 1000000)::bigint, r.recall_id)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_dispute_update() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'dispute', r.id::text, 'U', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('dispute', 'U', 1, r.id, r.record_id, r.field, r.value, r.proposed, r.reason, r.opened_by, r.department, r.system, r.state, (extract(epoch from r.opened_at) * 1000000)::bigint, (extract(epoch from r.due_at) * 1000000)::bigint, (extract(epoch from r.answered_at) * 1000000)::bigint, r.answered_by, r.answer, (extract(epoch from r.correct_by) * 1000000)::bigint, (extract(epoch from r.closed_at) * 1000000)::bigint, r.recall_id)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows where not exists (select from old_rows o where o.id = new_rows.id and jsonb_build_array('dispute', 'U', 1, o.id, o.record_id, o.field, o.value, o.proposed, o.reason, o.opened_by, o.department, o.system, o.state, (extract(epoch from o.opened_at) * 1000000)::bigint, (extract(epoch from o.due_at) * 1000000)::bigint, (extract(epoch from o.answered_at) * 1000000)::bigint, o.answered_by, o.answer, (extract(epoch from o.correct_by) * 1000000)::bigint, (extract(epoch from o.closed_at) * 1000000)::bigint, o.recall_id)::text = jsonb_build_array('dispute', 'U', 1, new_rows.id, new_rows.record_id, new_rows.field, new_rows.value, new_rows.proposed, new_rows.reason, new_rows.opened_by, new_rows.department, new_rows.system, new_rows.state, (extract(epoch from new_rows.opened_at) * 1000000)::bigint, (extract(epoch from new_rows.due_at) * 1000000)::bigint, (extract(epoch from new_rows.answered_at) * 1000000)::bigint, new_rows.answered_by, new_rows.answer, (extract(epoch from new_rows.correct_by) * 1000000)::bigint, (extract(epoch from new_rows.closed_at) * 1000000)::bigint, new_rows.recall_id)::text) offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_entity_field_delete() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'entity_field', r.entity::text || ' ' || r.name::text, 'D', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('entity_field', 'D', 1, r.entity, r.name, r.ordinal)::text, 'UTF8'))
          from (select old_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from old_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_entity_field_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'entity_field', r.entity::text || ' ' || r.name::text, 'I', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('entity_field', 'I', 1, r.entity, r.name, r.ordinal)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_entity_field_update() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'entity_field', r.entity::text || ' ' || r.name::text, 'U', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('entity_field', 'U', 1, r.entity, r.name, r.ordinal)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows where not exists (select from old_rows o where o.entity = new_rows.entity and o.name = new_rows.name and jsonb_build_array('entity_field', 'U', 1, o.entity, o.name, o.ordinal)::text = jsonb_build_array('entity_field', 'U', 1, new_rows.entity, new_rows.name, new_rows.ordinal)::text) offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_erasure_delete() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'erasure', r.id::text, 'D', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('erasure', 'D', 1, r.id, r.run_id, r.record_id, r.landing_ids, r.reason, r.erased_by, (extract(epoch from r.erased_at) * 1000000)::bigint, r.secret)::text, 'UTF8'))
          from (select old_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from old_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_erasure_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'erasure', r.id::text, 'I', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('erasure', 'I', 1, r.id, r.run_id, r.record_id, r.landing_ids, r.reason, r.erased_by, (extract(epoch from r.erased_at) * 1000000)::bigint, r.secret)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_erasure_update() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'erasure', r.id::text, 'U', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('erasure', 'U', 1, r.id, r.run_id, r.record_id, r.landing_ids, r.reason, r.erased_by, (extract(epoch from r.erased_at) * 1000000)::bigint, r.secret)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows where not exists (select from old_rows o where o.id = new_rows.id and jsonb_build_array('erasure', 'U', 1, o.id, o.run_id, o.record_id, o.landing_ids, o.reason, o.erased_by, (extract(epoch from o.erased_at) * 1000000)::bigint, o.secret)::text = jsonb_build_array('erasure', 'U', 1, new_rows.id, new_rows.run_id, new_rows.record_id, new_rows.landing_ids, new_rows.reason, new_rows.erased_by, (extract(epoch from new_rows.erased_at) * 1000000)::bigint, new_rows.secret)::text) offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_handover_delete() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'handover', r.id::text, 'D', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('handover', 'D', 1, r.id, r.flow, r.key, r.record_id, (extract(epoch from r.ready_at) * 1000000)::bigint, (extract(epoch from r.handed_at) * 1000000)::bigint, r.handed_to, r.state, (extract(epoch from r.acknowledged_at) * 1000000)::bigint, r.acknowledged_by, r.code, r.text)::text, 'UTF8'))
          from (select old_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from old_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_handover_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'handover', r.id::text, 'I', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('handover', 'I', 1, r.id, r.flow, r.key, r.record_id, (extract(epoch from r.ready_at) * 1000000)::bigint, (extract(epoch from r.handed_at) * 1000000)::bigint, r.handed_to, r.state, (extract(epoch from r.acknowledged_at) * 1000000)::bigint, r.acknowledged_by, r.code, r.text)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_handover_update() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'handover', r.id::text, 'U', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('handover', 'U', 1, r.id, r.flow, r.key, r.record_id, (extract(epoch from r.ready_at) * 1000000)::bigint, (extract(epoch from r.handed_at) * 1000000)::bigint, r.handed_to, r.state, (extract(epoch from r.acknowledged_at) * 1000000)::bigint, r.acknowledged_by, r.code, r.text)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows where not exists (select from old_rows o where o.id = new_rows.id and jsonb_build_array('handover', 'U', 1, o.id, o.flow, o.key, o.record_id, (extract(epoch from o.ready_at) * 1000000)::bigint, (extract(epoch from o.handed_at) * 1000000)::bigint, o.handed_to, o.state, (extract(epoch from o.acknowledged_at) * 1000000)::bigint, o.acknowledged_by, o.code, o.text)::text = jsonb_build_array('handover', 'U', 1, new_rows.id, new_rows.flow, new_rows.key, new_rows.record_id, (extract(epoch from new_rows.ready_at) * 1000000)::bigint, (extract(epoch from new_rows.handed_at) * 1000000)::bigint, new_rows.handed_to, new_rows.state, (extract(epoch from new_rows.acknowledged_at) * 1000000)::bigint, new_rows.acknowledged_by, new_rows.code, new_rows.text)::text) offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_held_batch_delete() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'held_batch', r.batch_id::text, 'D', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('held_batch', 'D', 1, r.batch_id, r.run_id, r.flow, r.cursor_before, r.cursor_after, r.whole, r.last, r.parts, r.findings, (extract(epoch from r.held_at) * 1000000)::bigint, r.state, (extract(epoch from r.decided_at) * 1000000)::bigint, r.decided_run, r.decided_by, r.reason, r.decision, r.snapshot)::text, 'UTF8'))
          from (select old_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from old_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_held_batch_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'held_batch', r.batch_id::text, 'I', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('held_batch', 'I', 1, r.batch_id, r.run_id, r.flow, r.cursor_before, r.cursor_after, r.whole, r.last, r.parts, r.findings, (extract(epoch from r.held_at) * 1000000)::bigint, r.state, (extract(epoch from r.decided_at) * 1000000)::bigint, r.decided_run, r.decided_by, r.reason, r.decision, r.snapshot)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_held_batch_update() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'held_batch', r.batch_id::text, 'U', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('held_batch', 'U', 1, r.batch_id, r.run_id, r.flow, r.cursor_before, r.cursor_after, r.whole, r.last, r.parts, r.findings, (extract(epoch from r.held_at) * 1000000)::bigint, r.state, (extract(epoch from r.decided_at) * 1000000)::bigint, r.decided_run, r.decided_by, r.reason, r.decision, r.snapshot)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows where not exists (select from old_rows o where o.batch_id = new_rows.batch_id and jsonb_build_array('held_batch', 'U', 1, o.batch_id, o.run_id, o.flow, o.cursor_before, o.cursor_after, o.whole, o.last, o.parts, o.findings, (extract(epoch from o.held_at) * 1000000)::bigint, o.state, (extract(epoch from o.decided_at) * 1000000)::bigint, o.decided_run, o.decided_by, o.reason, o.decision, o.snapshot)::text = jsonb_build_array('held_batch', 'U', 1, new_rows.batch_id, new_rows.run_id, new_rows.flow, new_rows.cursor_before, new_rows.cursor_after, new_rows.whole, new_rows.last, new_rows.parts, new_rows.findings, (extract(epoch from new_rows.held_at) * 1000000)::bigint, new_rows.state, (extract(epoch from new_rows.decided_at) * 1000000)::bigint, new_rows.decided_run, new_rows.decided_by, new_rows.reason, new_rows.decision, new_rows.snapshot)::text) offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_hit_act_delete() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'hit_act', r.id::text, 'D', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('hit_act', 'D', 1, r.id, r.indicator, r.subject, r.kind, r.unit, r.names, r.region, r.project_code, r.by_account, (extract(epoch from r.at) * 1000000)::bigint, r.reason, r.text, (extract(epoch from r.due_at) * 1000000)::bigint, r.dispute_id, r.seen)::text, 'UTF8'))
          from (select old_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from old_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_hit_act_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'hit_act', r.id::text, 'I', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('hit_act', 'I', 1, r.id, r.indicator, r.subject, r.kind, r.unit, r.names, r.region, r.project_code, r.by_account, (extract(epoch from r.at) * 1000000)::bigint, r.reason, r.text, (extract(epoch from r.due_at) * 1000000)::bigint, r.dispute_id, r.seen)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_hit_act_update() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'hit_act', r.id::text, 'U', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('hit_act', 'U', 1, r.id, r.indicator, r.subject, r.kind, r.unit, r.names, r.region, r.project_code, r.by_account, (extract(epoch from r.at) * 1000000)::bigint, r.reason, r.text, (extract(epoch from r.due_at) * 1000000)::bigint, r.dispute_id, r.seen)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows where not exists (select from old_rows o where o.id = new_rows.id and jsonb_build_array('hit_act', 'U', 1, o.id, o.indicator, o.subject, o.kind, o.unit, o.names, o.region, o.project_code, o.by_account, (extract(epoch from o.at) * 1000000)::bigint, o.reason, o.text, (extract(epoch from o.due_at) * 1000000)::bigint, o.dispute_id, o.seen)::text = jsonb_build_array('hit_act', 'U', 1, new_rows.id, new_rows.indicator, new_rows.subject, new_rows.kind, new_rows.unit, new_rows.names, new_rows.region, new_rows.project_code, new_rows.by_account, (extract(epoch from new_rows.at) * 1000000)::bigint, new_rows.reason, new_rows.text, (extract(epoch from new_rows.due_at) * 1000000)::bigint, new_rows.dispute_id, new_rows.seen)::text) offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_inbound_delete() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'inbound', r.id::text, 'D', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('inbound', 'D', 1, r.id, r.system, r.resource, encode(r.digest, 'hex'), r.later, r.charset, r.records, r.source, r.origin, (extract(epoch from r.received_at) * 1000000)::bigint)::text, 'UTF8'))
          from (select old_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from old_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_inbound_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'inbound', r.id::text, 'I', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('inbound', 'I', 1, r.id, r.system, r.resource, encode(r.digest, 'hex'), r.later, r.charset, r.records, r.source, r.origin, (extract(epoch from r.received_at) * 1000000)::bigint)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_inbound_taking_delete() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'inbound_taking', r.inbound_id::text || ' ' || r.flow::text, 'D', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('inbound_taking', 'D', 1, r.inbound_id, r.flow, r.records, r.run_id, r.batch_id, (extract(epoch from r.taken_at) * 1000000)::bigint)::text, 'UTF8'))
          from (select old_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from old_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_inbound_taking_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'inbound_taking', r.inbound_id::text || ' ' || r.flow::text, 'I', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('inbound_taking', 'I', 1, r.inbound_id, r.flow, r.records, r.run_id, r.batch_id, (extract(epoch from r.taken_at) * 1000000)::bigint)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_inbound_taking_update() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'inbound_taking', r.inbound_id::text || ' ' || r.flow::text, 'U', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('inbound_taking', 'U', 1, r.inbound_id, r.flow, r.records, r.run_id, r.batch_id, (extract(epoch from r.taken_at) * 1000000)::bigint)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows where not exists (select from old_rows o where o.inbound_id = new_rows.inbound_id and o.flow = new_rows.flow and jsonb_build_array('inbound_taking', 'U', 1, o.inbound_id, o.flow, o.records, o.run_id, o.batch_id, (extract(epoch from o.taken_at) * 1000000)::bigint)::text = jsonb_build_array('inbound_taking', 'U', 1, new_rows.inbound_id, new_rows.flow, new_rows.records, new_rows.run_id, new_rows.batch_id, (extract(epoch from new_rows.taken_at) * 1000000)::bigint)::text) offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_inbound_update() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'inbound', r.id::text, 'U', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('inbound', 'U', 1, r.id, r.system, r.resource, encode(r.digest, 'hex'), r.later, r.charset, r.records, r.source, r.origin, (extract(epoch from r.received_at) * 1000000)::bigint)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows where not exists (select from old_rows o where o.id = new_rows.id and jsonb_build_array('inbound', 'U', 1, o.id, o.system, o.resource, encode(o.digest, 'hex'), o.later, o.charset, o.records, o.source, o.origin, (extract(epoch from o.received_at) * 1000000)::bigint)::text = jsonb_build_array('inbound', 'U', 1, new_rows.id, new_rows.system, new_rows.resource, encode(new_rows.digest, 'hex'), new_rows.later, new_rows.charset, new_rows.records, new_rows.source, new_rows.origin, (extract(epoch from new_rows.received_at) * 1000000)::bigint)::text) offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_job_delete() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'job', r.id::text, 'D', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('job', 'D', 1, r.id, r.asked, r.asked_by, r.state, (extract(epoch from r.started_at) * 1000000)::bigint, (extract(epoch from r.ended_at) * 1000000)::bigint)::text, 'UTF8'))
          from (select old_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from old_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_job_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'job', r.id::text, 'I', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('job', 'I', 1, r.id, r.asked, r.asked_by, r.state, (extract(epoch from r.started_at) * 1000000)::bigint, (extract(epoch from r.ended_at) * 1000000)::bigint)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_job_update() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'job', r.id::text, 'U', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('job', 'U', 1, r.id, r.asked, r.asked_by, r.state, (extract(epoch from r.started_at) * 1000000)::bigint, (extract(epoch from r.ended_at) * 1000000)::bigint)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows where not exists (select from old_rows o where o.id = new_rows.id and jsonb_build_array('job', 'U', 1, o.id, o.asked, o.asked_by, o.state, (extract(epoch from o.started_at) * 1000000)::bigint, (extract(epoch from o.ended_at) * 1000000)::bigint)::text = jsonb_build_array('job', 'U', 1, new_rows.id, new_rows.asked, new_rows.asked_by, new_rows.state, (extract(epoch from new_rows.started_at) * 1000000)::bigint, (extract(epoch from new_rows.ended_at) * 1000000)::bigint)::text) offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_link_delete() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'link', r.id::text, 'D', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('link', 'D', 1, r.id, r.flow, r.key, r.project_code, r.verdict, r.score::numeric, r.evidence, r.by, r.reason, (extract(epoch from r.at) * 1000000)::bigint, (extract(epoch from r.ended_at) * 1000000)::bigint, r.ended_by, r.ended_reason)::text, 'UTF8'))
          from (select old_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from old_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_link_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'link', r.id::text, 'I', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('link', 'I', 1, r.id, r.flow, r.key, r.project_code, r.verdict, r.score::numeric, r.evidence, r.by, r.reason, (extract(epoch from r.at) * 1000000)::bigint, (extract(epoch from r.ended_at) * 1000000)::bigint, r.ended_by, r.ended_reason)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_link_update() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'link', r.id::text, 'U', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('link', 'U', 1, r.id, r.flow, r.key, r.project_code, r.verdict, r.score::numeric, r.evidence, r.by, r.reason, (extract(epoch from r.at) * 1000000)::bigint, (extract(epoch from r.ended_at) * 1000000)::bigint, r.ended_by, r.ended_reason)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows where not exists (select from old_rows o where o.id = new_rows.id and jsonb_build_array('link', 'U', 1, o.id, o.flow, o.key, o.project_code, o.verdict, o.score::numeric, o.evidence, o.by, o.reason, (extract(epoch from o.at) * 1000000)::bigint, (extract(epoch from o.ended_at) * 1000000)::bigint, o.ended_by, o.ended_reason)::text = jsonb_build_array('link', 'U', 1, new_rows.id, new_rows.flow, new_rows.key, new_rows.project_code, new_rows.verdict, new_rows.score::numeric, new_rows.evidence, new_rows.by, new_rows.reason, (extract(epoch from new_rows.at) * 1000000)::bigint, (extract(epoch from new_rows.ended_at) * 1000000)::bigint, new_rows.ended_by, new_rows.ended_reason)::text) offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_password_past_delete() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'password_past', r.id::text, 'D', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('password_past', 'D', 1, r.id, r.account, r.password_hash, (extract(epoch from r.at) * 1000000)::bigint)::text, 'UTF8'))
          from (select old_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from old_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_password_past_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'password_past', r.id::text, 'I', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('password_past', 'I', 1, r.id, r.account, r.password_hash, (extract(epoch from r.at) * 1000000)::bigint)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_password_past_update() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'password_past', r.id::text, 'U', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('password_past', 'U', 1, r.id, r.account, r.password_hash, (extract(epoch from r.at) * 1000000)::bigint)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows where not exists (select from old_rows o where o.id = new_rows.id and jsonb_build_array('password_past', 'U', 1, o.id, o.account, o.password_hash, (extract(epoch from o.at) * 1000000)::bigint)::text = jsonb_build_array('password_past', 'U', 1, new_rows.id, new_rows.account, new_rows.password_hash, (extract(epoch from new_rows.at) * 1000000)::bigint)::text) offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_quarantine_delete() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'quarantine', r.id::text, 'D', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('quarantine', 'D', 1, r.id, r.flow, r.key, r.stage, r.landing_id, r.record_id, r.cause, r.faults, r.owner, r.state, r.opened_run, (extract(epoch from r.opened_at) * 1000000)::bigint, r.closed_run, (extract(epoch from r.closed_at) * 1000000)::bigint, r.closed_by, r.reason, r.assignee)::text, 'UTF8'))
          from (select old_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from old_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_quarantine_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'quarantine', r.id::text, 'I', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('quarantine', 'I', 1, r.id, r.flow, r.key, r.stage, r.landing_id, r.record_id, r.cause, r.faults, r.owner, r.state, r.opened_run, (extract(epoch from r.opened_at) * 1000000)::bigint, r.closed_run, (extract(epoch from r.closed_at) * 1000000)::bigint, r.closed_by, r.reason, r.assignee)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_quarantine_update() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'quarantine', r.id::text, 'U', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('quarantine', 'U', 1, r.id, r.flow, r.key, r.stage, r.landing_id, r.record_id, r.cause, r.faults, r.owner, r.state, r.opened_run, (extract(epoch from r.opened_at) * 1000000)::bigint, r.closed_run, (extract(epoch from r.closed_at) * 1000000)::bigint, r.closed_by, r.reason, r.assignee)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows where not exists (select from old_rows o where o.id = new_rows.id and jsonb_build_array('quarantine', 'U', 1, o.id, o.flow, o.key, o.stage, o.landing_id, o.record_id, o.cause, o.faults, o.owner, o.state, o.opened_run, (extract(epoch from o.opened_at) * 1000000)::bigint, o.closed_run, (extract(epoch from o.closed_at) * 1000000)::bigint, o.closed_by, o.reason, o.assignee)::text = jsonb_build_array('quarantine', 'U', 1, new_rows.id, new_rows.flow, new_rows.key, new_rows.stage, new_rows.landing_id, new_rows.record_id, new_rows.cause, new_rows.faults, new_rows.owner, new_rows.state, new_rows.opened_run, (extract(epoch from new_rows.opened_at) * 1000000)::bigint, new_rows.closed_run, (extract(epoch from new_rows.closed_at) * 1000000)::bigint, new_rows.closed_by, new_rows.reason, new_rows.assignee)::text) offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_recall_delete() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'recall', r.id::text, 'D', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('recall', 'D', 1, r.id, r.record_id, r.field, r.value, r.landing_id, r.reason, r.opened_by, (extract(epoch from r.opened_at) * 1000000)::bigint, (extract(epoch from r.closed_at) * 1000000)::bigint)::text, 'UTF8'))
          from (select old_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from old_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_recall_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'recall', r.id::text, 'I', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('recall', 'I', 1, r.id, r.record_id, r.field, r.value, r.landing_id, r.reason, r.opened_by, (extract(epoch from r.opened_at) * 1000000)::bigint, (extract(epoch from r.closed_at) * 1000000)::bigint)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_recall_receiver_delete() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'recall_receiver', r.recall_id::text || ' ' || r.kind::text || ' ' || r.name::text || ' ' || r.record_id::text, 'D', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('recall_receiver', 'D', 1, r.recall_id, r.kind, r.name, r.record_id, r.times, (extract(epoch from r.first_at) * 1000000)::bigint, (extract(epoch from r.last_at) * 1000000)::bigint, r.sent, (extract(epoch from r.acknowledged_at) * 1000000)::bigint, r.acknowledged_by, r.note)::text, 'UTF8'))
          from (select old_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from old_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_recall_receiver_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'recall_receiver', r.recall_id::text || ' ' || r.kind::text || ' ' || r.name::text || ' ' || r.record_id::text, 'I', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('recall_receiver', 'I', 1, r.recall_id, r.kind, r.name, r.record_id, r.times, (extract(epoch from r.first_at) * 1000000)::bigint, (extract(epoch from r.last_at) * 1000000)::bigint, r.sent, (extract(epoch from r.acknowledged_at) * 1000000)::bigint, r.acknowledged_by, r.note)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_recall_receiver_update() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'recall_receiver', r.recall_id::text || ' ' || r.kind::text || ' ' || r.name::text || ' ' || r.record_id::text, 'U', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('recall_receiver', 'U', 1, r.recall_id, r.kind, r.name, r.record_id, r.times, (extract(epoch from r.first_at) * 1000000)::bigint, (extract(epoch from r.last_at) * 1000000)::bigint, r.sent, (extract(epoch from r.acknowledged_at) * 1000000)::bigint, r.acknowledged_by, r.note)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows where not exists (select from old_rows o where o.recall_id = new_rows.recall_id and o.kind = new_rows.kind and o.name = new_rows.name and o.record_id = new_rows.record_id and jsonb_build_array('recall_receiver', 'U', 1, o.recall_id, o.kind, o.name, o.record_id, o.times, (extract(epoch from o.first_at) * 1000000)::bigint, (extract(epoch from o.last_at) * 1000000)::bigint, o.sent, (extract(epoch from o.acknowledged_at) * 1000000)::bigint, o.acknowledged_by, o.note)::text = jsonb_build_array('recall_receiver', 'U', 1, new_rows.recall_id, new_rows.kind, new_rows.name, new_rows.record_id, new_rows.times, (extract(epoch from new_rows.first_at) * 1000000)::bigint, (extract(epoch from new_rows.last_at) * 1000000)::bigint, new_rows.sent, (extract(epoch from new_rows.acknowledged_at) * 1000000)::bigint, new_rows.acknowledged_by, new_rows.note)::text) offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_recall_update() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'recall', r.id::text, 'U', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('recall', 'U', 1, r.id, r.record_id, r.field, r.value, r.landing_id, r.reason, r.opened_by, (extract(epoch from r.opened_at) * 1000000)::bigint, (extract(epoch from r.closed_at) * 1000000)::bigint)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows where not exists (select from old_rows o where o.id = new_rows.id and jsonb_build_array('recall', 'U', 1, o.id, o.record_id, o.field, o.value, o.landing_id, o.reason, o.opened_by, (extract(epoch from o.opened_at) * 1000000)::bigint, (extract(epoch from o.closed_at) * 1000000)::bigint)::text = jsonb_build_array('recall', 'U', 1, new_rows.id, new_rows.record_id, new_rows.field, new_rows.value, new_rows.landing_id, new_rows.reason, new_rows.opened_by, (extract(epoch from new_rows.opened_at) * 1000000)::bigint, (extract(epoch from new_rows.closed_at) * 1000000)::bigint)::text) offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_receipt_delete() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'receipt', r.flow::text || ' ' || r.key::text, 'D', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('receipt', 'D', 1, r.flow, r.key, r.state, r.code, r.text, r.reference, (extract(epoch from r.received_at) * 1000000)::bigint)::text, 'UTF8'))
          from (select old_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from old_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_receipt_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'receipt', r.flow::text || ' ' || r.key::text, 'I', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('receipt', 'I', 1, r.flow, r.key, r.state, r.code, r.text, r.reference, (extract(epoch from r.received_at) * 1000000)::bigint)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_receipt_update() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'receipt', r.flow::text || ' ' || r.key::text, 'U', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('receipt', 'U', 1, r.flow, r.key, r.state, r.code, r.text, r.reference, (extract(epoch from r.received_at) * 1000000)::bigint)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows where not exists (select from old_rows o where o.flow = new_rows.flow and o.key = new_rows.key and jsonb_build_array('receipt', 'U', 1, o.flow, o.key, o.state, o.code, o.text, o.reference, (extract(epoch from o.received_at) * 1000000)::bigint)::text = jsonb_build_array('receipt', 'U', 1, new_rows.flow, new_rows.key, new_rows.state, new_rows.code, new_rows.text, new_rows.reference, (extract(epoch from new_rows.received_at) * 1000000)::bigint)::text) offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_remark_delete() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'remark', r.id::text, 'D', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('remark', 'D', 1, r.id, r.flow, r.cause, r.entry_id, (extract(epoch from r.at) * 1000000)::bigint, r.said_by, r.said)::text, 'UTF8'))
          from (select old_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from old_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_remark_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'remark', r.id::text, 'I', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('remark', 'I', 1, r.id, r.flow, r.cause, r.entry_id, (extract(epoch from r.at) * 1000000)::bigint, r.said_by, r.said)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_remark_update() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'remark', r.id::text, 'U', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('remark', 'U', 1, r.id, r.flow, r.cause, r.entry_id, (extract(epoch from r.at) * 1000000)::bigint, r.said_by, r.said)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows where not exists (select from old_rows o where o.id = new_rows.id and jsonb_build_array('remark', 'U', 1, o.id, o.flow, o.cause, o.entry_id, (extract(epoch from o.at) * 1000000)::bigint, o.said_by, o.said)::text = jsonb_build_array('remark', 'U', 1, new_rows.id, new_rows.flow, new_rows.cause, new_rows.entry_id, (extract(epoch from new_rows.at) * 1000000)::bigint, new_rows.said_by, new_rows.said)::text) offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_restoration_delete() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'restoration', r.id::text, 'D', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('restoration', 'D', 1, r.id, (extract(epoch from r.at) * 1000000)::bigint, r.how, r.by, r.reason, r.seal_id, r.landing_id, r.nothing_lost)::text, 'UTF8'))
          from (select old_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from old_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_restoration_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'restoration', r.id::text, 'I', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('restoration', 'I', 1, r.id, (extract(epoch from r.at) * 1000000)::bigint, r.how, r.by, r.reason, r.seal_id, r.landing_id, r.nothing_lost)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_restoration_update() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'restoration', r.id::text, 'U', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('restoration', 'U', 1, r.id, (extract(epoch from r.at) * 1000000)::bigint, r.how, r.by, r.reason, r.seal_id, r.landing_id, r.nothing_lost)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows where not exists (select from old_rows o where o.id = new_rows.id and jsonb_build_array('restoration', 'U', 1, o.id, (extract(epoch from o.at) * 1000000)::bigint, o.how, o.by, o.reason, o.seal_id, o.landing_id, o.nothing_lost)::text = jsonb_build_array('restoration', 'U', 1, new_rows.id, (extract(epoch from new_rows.at) * 1000000)::bigint, new_rows.how, new_rows.by, new_rows.reason, new_rows.seal_id, new_rows.landing_id, new_rows.nothing_lost)::text) offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_rewind_delete() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'rewind', r.id::text, 'D', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('rewind', 'D', 1, r.id, r.flow, r.cursor, r.by, (extract(epoch from r.at) * 1000000)::bigint)::text, 'UTF8'))
          from (select old_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from old_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_rewind_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'rewind', r.id::text, 'I', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('rewind', 'I', 1, r.id, r.flow, r.cursor, r.by, (extract(epoch from r.at) * 1000000)::bigint)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_rewind_update() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'rewind', r.id::text, 'U', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('rewind', 'U', 1, r.id, r.flow, r.cursor, r.by, (extract(epoch from r.at) * 1000000)::bigint)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows where not exists (select from old_rows o where o.id = new_rows.id and jsonb_build_array('rewind', 'U', 1, o.id, o.flow, o.cursor, o.by, (extract(epoch from o.at) * 1000000)::bigint)::text = jsonb_build_array('rewind', 'U', 1, new_rows.id, new_rows.flow, new_rows.cursor, new_rows.by, (extract(epoch from new_rows.at) * 1000000)::bigint)::text) offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_run_delete() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'run', r.id::text, 'D', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('run', 'D', 1, r.id, r.flow, r.kind, r.state, r.fence, (extract(epoch from r.started_at) * 1000000)::bigint, (extract(epoch from r.ended_at) * 1000000)::bigint, r.cause, r.airflow)::text, 'UTF8'))
          from (select old_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from old_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_run_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'run', r.id::text, 'I', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('run', 'I', 1, r.id, r.flow, r.kind, r.state, r.fence, (extract(epoch from r.started_at) * 1000000)::bigint, (extract(epoch from r.ended_at) * 1000000)::bigint, r.cause, r.airflow)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_run_update() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'run', r.id::text, 'U', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('run', 'U', 1, r.id, r.flow, r.kind, r.state, r.fence, (extract(epoch from r.started_at) * 1000000)::bigint, (extract(epoch from r.ended_at) * 1000000)::bigint, r.cause, r.airflow)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows where not exists (select from old_rows o where o.id = new_rows.id and jsonb_build_array('run', 'U', 1, o.id, o.flow, o.kind, o.state, o.fence, (extract(epoch from o.started_at) * 1000000)::bigint, (extract(epoch from o.ended_at) * 1000000)::bigint, o.cause, o.airflow)::text = jsonb_build_array('run', 'U', 1, new_rows.id, new_rows.flow, new_rows.kind, new_rows.state, new_rows.fence, (extract(epoch from new_rows.started_at) * 1000000)::bigint, (extract(epoch from new_rows.ended_at) * 1000000)::bigint, new_rows.cause, new_rows.airflow)::text) offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_session_delete() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'session', encode(r.token_hash, 'hex'), 'D', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('session', 'D', 1, encode(r.token_hash, 'hex'), r.account, (extract(epoch from r.opened_at) * 1000000)::bigint, (extract(epoch from r.ended_at) * 1000000)::bigint)::text, 'UTF8'))
          from (select old_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from old_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_session_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'session', encode(r.token_hash, 'hex'), 'I', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('session', 'I', 1, encode(r.token_hash, 'hex'), r.account, (extract(epoch from r.opened_at) * 1000000)::bigint, (extract(epoch from r.ended_at) * 1000000)::bigint)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_session_update() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'session', encode(r.token_hash, 'hex'), 'U', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('session', 'U', 1, encode(r.token_hash, 'hex'), r.account, (extract(epoch from r.opened_at) * 1000000)::bigint, (extract(epoch from r.ended_at) * 1000000)::bigint)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows where not exists (select from old_rows o where o.token_hash = new_rows.token_hash and jsonb_build_array('session', 'U', 1, encode(o.token_hash, 'hex'), o.account, (extract(epoch from o.opened_at) * 1000000)::bigint, (extract(epoch from o.ended_at) * 1000000)::bigint)::text = jsonb_build_array('session', 'U', 1, encode(new_rows.token_hash, 'hex'), new_rows.account, (extract(epoch from new_rows.opened_at) * 1000000)::bigint, (extract(epoch from new_rows.ended_at) * 1000000)::bigint)::text) offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_structure_delete() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'structure', r.id::text, 'D', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('structure', 'D', 1, r.id, (extract(epoch from r.made_at) * 1000000)::bigint, r.last_event, r.objects, r.drift)::text, 'UTF8'))
          from (select old_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from old_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_structure_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'structure', r.id::text, 'I', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('structure', 'I', 1, r.id, (extract(epoch from r.made_at) * 1000000)::bigint, r.last_event, r.objects, r.drift)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_structure_update() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'structure', r.id::text, 'U', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('structure', 'U', 1, r.id, (extract(epoch from r.made_at) * 1000000)::bigint, r.last_event, r.objects, r.drift)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows where not exists (select from old_rows o where o.id = new_rows.id and jsonb_build_array('structure', 'U', 1, o.id, (extract(epoch from o.made_at) * 1000000)::bigint, o.last_event, o.objects, o.drift)::text = jsonb_build_array('structure', 'U', 1, new_rows.id, (extract(epoch from new_rows.made_at) * 1000000)::bigint, new_rows.last_event, new_rows.objects, new_rows.drift)::text) offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_submission_delete() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'submission', r.id::text, 'D', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('submission', 'D', 1, r.id, r.form, r.project_code, r.account, r.department, (extract(epoch from r.at) * 1000000)::bigint, r.fields, r.materials)::text, 'UTF8'))
          from (select old_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from old_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_submission_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'submission', r.id::text, 'I', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('submission', 'I', 1, r.id, r.form, r.project_code, r.account, r.department, (extract(epoch from r.at) * 1000000)::bigint, r.fields, r.materials)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_submission_update() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'submission', r.id::text, 'U', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('submission', 'U', 1, r.id, r.form, r.project_code, r.account, r.department, (extract(epoch from r.at) * 1000000)::bigint, r.fields, r.materials)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows where not exists (select from old_rows o where o.id = new_rows.id and jsonb_build_array('submission', 'U', 1, o.id, o.form, o.project_code, o.account, o.department, (extract(epoch from o.at) * 1000000)::bigint, o.fields, o.materials)::text = jsonb_build_array('submission', 'U', 1, new_rows.id, new_rows.form, new_rows.project_code, new_rows.account, new_rows.department, (extract(epoch from new_rows.at) * 1000000)::bigint, new_rows.fields, new_rows.materials)::text) offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_supervision_act_delete() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'supervision_act', r.id::text, 'D', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('supervision_act', 'D', 1, r.id, r.case_id, r.kind, r.step, r.by_account, (extract(epoch from r.at) * 1000000)::bigint, r.text, (extract(epoch from r.due_at) * 1000000)::bigint)::text, 'UTF8'))
          from (select old_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from old_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_supervision_act_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'supervision_act', r.id::text, 'I', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('supervision_act', 'I', 1, r.id, r.case_id, r.kind, r.step, r.by_account, (extract(epoch from r.at) * 1000000)::bigint, r.text, (extract(epoch from r.due_at) * 1000000)::bigint)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_supervision_act_update() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'supervision_act', r.id::text, 'U', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('supervision_act', 'U', 1, r.id, r.case_id, r.kind, r.step, r.by_account, (extract(epoch from r.at) * 1000000)::bigint, r.text, (extract(epoch from r.due_at) * 1000000)::bigint)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows where not exists (select from old_rows o where o.id = new_rows.id and jsonb_build_array('supervision_act', 'U', 1, o.id, o.case_id, o.kind, o.step, o.by_account, (extract(epoch from o.at) * 1000000)::bigint, o.text, (extract(epoch from o.due_at) * 1000000)::bigint)::text = jsonb_build_array('supervision_act', 'U', 1, new_rows.id, new_rows.case_id, new_rows.kind, new_rows.step, new_rows.by_account, (extract(epoch from new_rows.at) * 1000000)::bigint, new_rows.text, (extract(epoch from new_rows.due_at) * 1000000)::bigint)::text) offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_supervision_case_delete() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'supervision_case', r.id::text, 'D', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('supervision_case', 'D', 1, r.id, r.number, r.department, r.names, r.region, r.project_codes, r.about, r.ask, (extract(epoch from r.opened_at) * 1000000)::bigint)::text, 'UTF8'))
          from (select old_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from old_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_supervision_case_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'supervision_case', r.id::text, 'I', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('supervision_case', 'I', 1, r.id, r.number, r.department, r.names, r.region, r.project_codes, r.about, r.ask, (extract(epoch from r.opened_at) * 1000000)::bigint)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_supervision_case_update() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'supervision_case', r.id::text, 'U', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('supervision_case', 'U', 1, r.id, r.number, r.department, r.names, r.region, r.project_codes, r.about, r.ask, (extract(epoch from r.opened_at) * 1000000)::bigint)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows where not exists (select from old_rows o where o.id = new_rows.id and jsonb_build_array('supervision_case', 'U', 1, o.id, o.number, o.department, o.names, o.region, o.project_codes, o.about, o.ask, (extract(epoch from o.opened_at) * 1000000)::bigint)::text = jsonb_build_array('supervision_case', 'U', 1, new_rows.id, new_rows.number, new_rows.department, new_rows.names, new_rows.region, new_rows.project_codes, new_rows.about, new_rows.ask, (extract(epoch from new_rows.opened_at) * 1000000)::bigint)::text) offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_supply_delete() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'supply', r.id::text, 'D', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('supply', 'D', 1, r.id, r.flow, r.kind, r.account, r.department, (extract(epoch from r.at) * 1000000)::bigint, r.file, encode(r.digest, 'hex'), r.rows, r.key, r.reason, r.inbound_id)::text, 'UTF8'))
          from (select old_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from old_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_supply_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'supply', r.id::text, 'I', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('supply', 'I', 1, r.id, r.flow, r.kind, r.account, r.department, (extract(epoch from r.at) * 1000000)::bigint, r.file, encode(r.digest, 'hex'), r.rows, r.key, r.reason, r.inbound_id)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_supply_update() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'supply', r.id::text, 'U', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('supply', 'U', 1, r.id, r.flow, r.kind, r.account, r.department, (extract(epoch from r.at) * 1000000)::bigint, r.file, encode(r.digest, 'hex'), r.rows, r.key, r.reason, r.inbound_id)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows where not exists (select from old_rows o where o.id = new_rows.id and jsonb_build_array('supply', 'U', 1, o.id, o.flow, o.kind, o.account, o.department, (extract(epoch from o.at) * 1000000)::bigint, o.file, encode(o.digest, 'hex'), o.rows, o.key, o.reason, o.inbound_id)::text = jsonb_build_array('supply', 'U', 1, new_rows.id, new_rows.flow, new_rows.kind, new_rows.account, new_rows.department, (extract(epoch from new_rows.at) * 1000000)::bigint, new_rows.file, encode(new_rows.digest, 'hex'), new_rows.rows, new_rows.key, new_rows.reason, new_rows.inbound_id)::text) offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_surplus_withdrawal_delete() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'surplus_withdrawal', r.id::text, 'D', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('surplus_withdrawal', 'D', 1, r.id, r.flow, r.found_key, r.key, r.body, r.state, r.attempt, r.code, r.text, r.by, r.reason, r.landing_id, (extract(epoch from r.decided_at) * 1000000)::bigint, (extract(epoch from r.ended_at) * 1000000)::bigint)::text, 'UTF8'))
          from (select old_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from old_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_surplus_withdrawal_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'surplus_withdrawal', r.id::text, 'I', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('surplus_withdrawal', 'I', 1, r.id, r.flow, r.found_key, r.key, r.body, r.state, r.attempt, r.code, r.text, r.by, r.reason, r.landing_id, (extract(epoch from r.decided_at) * 1000000)::bigint, (extract(epoch from r.ended_at) * 1000000)::bigint)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_surplus_withdrawal_update() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'surplus_withdrawal', r.id::text, 'U', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('surplus_withdrawal', 'U', 1, r.id, r.flow, r.found_key, r.key, r.body, r.state, r.attempt, r.code, r.text, r.by, r.reason, r.landing_id, (extract(epoch from r.decided_at) * 1000000)::bigint, (extract(epoch from r.ended_at) * 1000000)::bigint)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows where not exists (select from old_rows o where o.id = new_rows.id and jsonb_build_array('surplus_withdrawal', 'U', 1, o.id, o.flow, o.found_key, o.key, o.body, o.state, o.attempt, o.code, o.text, o.by, o.reason, o.landing_id, (extract(epoch from o.decided_at) * 1000000)::bigint, (extract(epoch from o.ended_at) * 1000000)::bigint)::text = jsonb_build_array('surplus_withdrawal', 'U', 1, new_rows.id, new_rows.flow, new_rows.found_key, new_rows.key, new_rows.body, new_rows.state, new_rows.attempt, new_rows.code, new_rows.text, new_rows.by, new_rows.reason, new_rows.landing_id, (extract(epoch from new_rows.decided_at) * 1000000)::bigint, (extract(epoch from new_rows.ended_at) * 1000000)::bigint)::text) offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_unusual_delete() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'unusual', r.id::text, 'D', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('unusual', 'D', 1, r.id, r.account, r.day, r.code, r.facts, (extract(epoch from r.noted_at) * 1000000)::bigint)::text, 'UTF8'))
          from (select old_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from old_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_unusual_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'unusual', r.id::text, 'I', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('unusual', 'I', 1, r.id, r.account, r.day, r.code, r.facts, (extract(epoch from r.noted_at) * 1000000)::bigint)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_unusual_update() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'unusual', r.id::text, 'U', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('unusual', 'U', 1, r.id, r.account, r.day, r.code, r.facts, (extract(epoch from r.noted_at) * 1000000)::bigint)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows where not exists (select from old_rows o where o.id = new_rows.id and jsonb_build_array('unusual', 'U', 1, o.id, o.account, o.day, o.code, o.facts, (extract(epoch from o.noted_at) * 1000000)::bigint)::text = jsonb_build_array('unusual', 'U', 1, new_rows.id, new_rows.account, new_rows.day, new_rows.code, new_rows.facts, (extract(epoch from new_rows.noted_at) * 1000000)::bigint)::text) offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_verification_delete() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'verification', r.id::text, 'D', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('verification', 'D', 1, r.id, (extract(epoch from r.started_at) * 1000000)::bigint, (extract(epoch from r.ended_at) * 1000000)::bigint, r.by, r.state, r.made, r.skipped, r.unfinished, r.checked, r.by_table, r.wrong, r.findings)::text, 'UTF8'))
          from (select old_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from old_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_verification_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'verification', r.id::text, 'I', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('verification', 'I', 1, r.id, (extract(epoch from r.started_at) * 1000000)::bigint, (extract(epoch from r.ended_at) * 1000000)::bigint, r.by, r.state, r.made, r.skipped, r.unfinished, r.checked, r.by_table, r.wrong, r.findings)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_verification_update() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'verification', r.id::text, 'U', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('verification', 'U', 1, r.id, (extract(epoch from r.started_at) * 1000000)::bigint, (extract(epoch from r.ended_at) * 1000000)::bigint, r.by, r.state, r.made, r.skipped, r.unfinished, r.checked, r.by_table, r.wrong, r.findings)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows where not exists (select from old_rows o where o.id = new_rows.id and jsonb_build_array('verification', 'U', 1, o.id, (extract(epoch from o.started_at) * 1000000)::bigint, (extract(epoch from o.ended_at) * 1000000)::bigint, o.by, o.state, o.made, o.skipped, o.unfinished, o.checked, o.by_table, o.wrong, o.findings)::text = jsonb_build_array('verification', 'U', 1, new_rows.id, (extract(epoch from new_rows.started_at) * 1000000)::bigint, (extract(epoch from new_rows.ended_at) * 1000000)::bigint, new_rows.by, new_rows.state, new_rows.made, new_rows.skipped, new_rows.unfinished, new_rows.checked, new_rows.by_table, new_rows.wrong, new_rows.findings)::text) offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_writer_delete() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'writer', r.revision::text, 'D', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('writer', 'D', 1, r.revision, r.program, (extract(epoch from r.since) * 1000000)::bigint)::text, 'UTF8'))
          from (select old_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from old_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_writer_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'writer', r.revision::text, 'I', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('writer', 'I', 1, r.revision, r.program, (extract(epoch from r.since) * 1000000)::bigint)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.note_writer_update() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
declare
    many bigint;
    digests bytea;
begin
    with noted as (
        insert into hub.evidence (relation, key, op, rule, salt, digest)
        select 'writer', r.revision::text, 'U', 1, r.hub_salt,
               sha256(r.hub_salt || convert_to(jsonb_build_array('writer', 'U', 1, r.revision, r.program, (extract(epoch from r.since) * 1000000)::bigint)::text, 'UTF8'))
          from (select new_rows.*, uuid_send(gen_random_uuid()) as hub_salt
              from new_rows where not exists (select from old_rows o where o.revision = new_rows.revision and jsonb_build_array('writer', 'U', 1, o.revision, o.program, (extract(epoch from o.since) * 1000000)::bigint)::text = jsonb_build_array('writer', 'U', 1, new_rows.revision, new_rows.program, (extract(epoch from new_rows.since) * 1000000)::bigint)::text) offset 0) r
        returning id, evidence.digest)
    select count(*), sha256(string_agg(int8send(id) || digest, '' order by id)) into many, digests
        from noted;
    if many > 0 then
        raise notice using errcode = 'HA001', message = format(
            '%s %s %s %s', pg_current_xact_id(), (extract(epoch from now()) * 1000000)::bigint,
                many,
            encode(digests, 'hex'));
    end if;
    return null;
end $$;

CREATE FUNCTION hub.place_in(place text, shape text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog'
    AS $_$
    declare
        lon float8; lat float8; east float8; north float8 := 111132.95;
        piece jsonb; ring jsonb; hole boolean; outline polygon; covered boolean;
        within boolean := false; nearest float8 := 'infinity';
    begin
        if shape is null or split_part(place, ';', 1)
                !~ '^ *[0-9]{1,3}([.][0-9]{1,12})? *, *[0-9]{1,2}([.][0-9]{1,12})? *$' then
            return null;
        end if;
        lon := split_part(split_part(place, ';', 1), ',', 1)::float8;
        lat := split_part(split_part(place, ';', 1), ',', 2)::float8;
        east := 111319.49 * cosd(lat);
        for piece in select value from jsonb_array_elements(
                case shape::jsonb->>'type'
                    when 'Polygon' then jsonb_build_array(shape::jsonb->'coordinates')
                    when 'MultiPolygon' then shape::jsonb->'coordinates' else '[]' end) loop
            covered := false;
            for ring, hole in select value, ordinality > 1
                                from jsonb_array_elements(piece) with ordinality loop
                select ('(' || string_agg(
                            '(' || ((at->>0)::float8 - lon) * east || ','
                                || ((at->>1)::float8 - lat) * north || ')', ',' order by n)
                            || ')')::polygon
                  into outline from jsonb_array_elements(ring) with ordinality as t(at, n);
                nearest := least(nearest, point(0, 0) <-> path(outline));
                if outline @> point(0, 0) then covered := not hole; end if;
            end loop;
            within := within or covered;
        end loop;
        return case when nearest <= 10 then 'border' when within then 'inside' end;
    end $_$;

CREATE FUNCTION hub.projects_of(wanted text, member bigint) RETURNS SETOF text
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    AS $$
    begin  end $$;

CREATE FUNCTION hub.read_as(account text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    AS $$
declare
    role text := (select a.role from hub.account a where a.name = read_as.account and a.ended_at is null);
    whole text := case when role in ('administrator', 'auditor') then 'public,internal' end;
    shown jsonb;
begin
    select jsonb_object_agg(g.entity, case when g.limited then '' else '{' || concat_ws(',', whole, g.classes) || '}' end)
      into shown
      from (select h.entity, string_agg(c, ',') as classes, bool_or(h.regions <> '{}' or h.open_case_only) as limited
              from hub.access_grant h, unnest(h.classes) c
             where h.account = read_as.account and role is not null and role <> 'supervisor' and h.ended_at is null
               and current_date between h.valid_from and h.valid_until
             group by h.entity) g;
    -- Of a supervisor each project is asked for: '' says so.
    shown := coalesce(shown, '{}') || jsonb_build_object(
        '@', role, '*', case when role = 'supervisor' then '' else '{' || coalesce(whole, '') || '}' end);
    perform set_config('hub.account', read_as.account, true), set_config('hub.shown', shown::text, true);
end $$;

CREATE FUNCTION hub.reading_unit() RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    AS $$
begin
    return (select nullif(a.department, '') from hub.account a
             where a.name = current_setting('hub.account', true) and a.ended_at is null);
end $$;

CREATE FUNCTION hub.readings_of(record bigint, most integer) RETURNS TABLE(account text, route text, purpose text, at timestamp with time zone, refused boolean)
    LANGUAGE sql STABLE SECURITY DEFINER
    AS $$
    with reads as materialized (
        select a.id, a.account, a.route, a.purpose, a.at, a.refused from hub.access a
         where a.record_ids operator(pg_catalog.@>) array[record])
    select r.account, r.route, r.purpose, r.at, r.refused from reads r where hub.looks_into()
     order by hub.event_order(r.id) desc limit most
$$;

CREATE FUNCTION hub.recovers(asked text) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
    select coalesce((select not r.nothing_lost
                            and not exists (select from hub.recovered v
                                             where v.flow = asked and v.restoration_id = r.id)
                       from hub.restoration r order by r.id desc limit 1), false)
$$;

CREATE FUNCTION hub.region_of(code text) RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    AS $$
    begin return coalesce(null, split_part(region_of.code, '-', 2)); end $$;

CREATE FUNCTION hub.shown_beside(wanted text, member bigint) RETURNS text[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    AS $$
    begin return (select coalesce(array_agg(distinct c), '{}')
                    from hub.projects_of(wanted, member) code, unnest(hub.shown_in(wanted, code)) c
                   where hub.shown_in('project', code) <> '{}'); end $$;

CREATE FUNCTION hub.shown_in(wanted text, code text) RETURNS text[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    AS $$
declare
    found text[];
begin
    select case when a.role in ('administrator', 'auditor') then '{public,internal}'::text[]
                when a.role = 'supervisor'
                     and exists (select from unnest(a.regions) n where starts_with(hub.region_of(code), n))
                then '{public,internal}'::text[] else '{}'::text[] end
               || coalesce((
                    select array_agg(c) from hub.access_grant h, unnest(h.classes) c
                     where h.account = a.name and h.entity = wanted and h.ended_at is null
                       and a.role <> 'supervisor'
                       and current_date between h.valid_from and h.valid_until
                       and (h.regions = '{}'
                            or exists (select from unnest(h.regions) n where starts_with(hub.region_of(code), n)))
                       and (not h.open_case_only or hub.has_open_case(a.department, code))), '{}')
      into found
      from hub.account a where a.name = current_setting('hub.account', true) and a.ended_at is null;
    return coalesce(found, '{}');
end $$;

CREATE FUNCTION hub.source_time(told timestamp with time zone, version text) RETURNS timestamp with time zone
    LANGUAGE sql IMMUTABLE
    RETURN COALESCE(told, CASE WHEN (version ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{6}Z$'::text) THEN (version)::timestamp with time zone ELSE NULL::timestamp with time zone END);

CREATE FUNCTION hub.supervised_regions() RETURNS text[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    AS $$
begin
    return case when hub.looks_into() then '{""}'::text[]
                else coalesce((select a.regions from hub.account a
                                where a.name = current_setting('hub.account', true) and a.ended_at is null
                                  and a.role = 'supervisor'), '{}') end;
end $$;

CREATE TABLE fact.clock (
    scope text NOT NULL,
    record_id bigint NOT NULL,
    project_code text NOT NULL,
    region text NOT NULL,
    number text,
    stage_number text,
    of text NOT NULL,
    units text[] NOT NULL,
    received_at timestamp with time zone,
    began timestamp with time zone,
    ended_at timestamp with time zone,
    end_basis text,
    end_kind text,
    ran int8multirange NOT NULL,
    applicant int8multirange NOT NULL,
    span int8multirange NOT NULL,
    counted_from bigint,
    pauses tstzmultirange NOT NULL,
    supplements integer NOT NULL,
    specials integer NOT NULL,
    stands boolean NOT NULL,
    turn text,
    without_at timestamp with time zone,
    limit_days numeric,
    limit_ref text,
    others text[] NOT NULL,
    used_days numeric,
    exact_days numeric,
    span_days numeric,
    applicant_days numeric,
    light text,
    due_at timestamp with time zone,
    yellow_at timestamp with time zone,
    red_at timestamp with time zone,
    grave_at timestamp with time zone,
    batch_id bigint NOT NULL,
    unit text,
    CONSTRAINT clock_check CHECK (((ended_at IS NULL) OR (end_basis IS NOT NULL))),
    CONSTRAINT clock_check1 CHECK (((end_basis IS DISTINCT FROM 'idle'::text) OR ((ended_at IS NULL) AND stands))),
    CONSTRAINT clock_check2 CHECK (((NOT stands) OR (end_basis IS NULL) OR (end_basis = 'idle'::text))),
    CONSTRAINT clock_check3 CHECK (((end_basis IS NULL) OR (end_basis <> ALL (ARRAY['idle'::text, 'void'::text])) OR (light = 'none'::text))),
    CONSTRAINT clock_check4 CHECK (((limit_days IS NOT NULL) OR ((yellow_at IS NULL) AND (red_at IS NULL) AND (grave_at IS NULL)))),
    CONSTRAINT clock_end_basis_check CHECK ((end_basis = ANY (ARRAY['source'::text, 'required'::text, 'milestone'::text, 'idle'::text, 'ended_without'::text, 'void'::text]))),
    CONSTRAINT clock_light_check CHECK ((light = ANY (ARRAY['none'::text, 'green'::text, 'yellow'::text, 'red'::text]))),
    CONSTRAINT clock_scope_check CHECK ((scope = ANY (ARRAY['project'::text, 'stage'::text, 'item'::text, 'connection'::text, 'case'::text]))),
    CONSTRAINT clock_turn_check CHECK ((turn = ANY (ARRAY['unit'::text, 'applicant'::text, 'procedure'::text])))
)
PARTITION BY LIST (scope);

CREATE TABLE fact.case_clock (
    scope text CONSTRAINT clock_scope_not_null NOT NULL,
    record_id bigint CONSTRAINT clock_record_id_not_null NOT NULL,
    project_code text CONSTRAINT clock_project_code_not_null NOT NULL,
    region text CONSTRAINT clock_region_not_null NOT NULL,
    number text,
    stage_number text,
    of text CONSTRAINT clock_of_not_null NOT NULL,
    units text[] CONSTRAINT clock_units_not_null NOT NULL,
    received_at timestamp with time zone,
    began timestamp with time zone,
    ended_at timestamp with time zone,
    end_basis text,
    end_kind text,
    ran int8multirange CONSTRAINT clock_ran_not_null NOT NULL,
    applicant int8multirange CONSTRAINT clock_applicant_not_null NOT NULL,
    span int8multirange CONSTRAINT clock_span_not_null NOT NULL,
    counted_from bigint,
    pauses tstzmultirange CONSTRAINT clock_pauses_not_null NOT NULL,
    supplements integer CONSTRAINT clock_supplements_not_null NOT NULL,
    specials integer CONSTRAINT clock_specials_not_null NOT NULL,
    stands boolean CONSTRAINT clock_stands_not_null NOT NULL,
    turn text,
    without_at timestamp with time zone,
    limit_days numeric,
    limit_ref text,
    others text[] CONSTRAINT clock_others_not_null NOT NULL,
    used_days numeric,
    exact_days numeric,
    span_days numeric,
    applicant_days numeric,
    light text,
    due_at timestamp with time zone,
    yellow_at timestamp with time zone,
    red_at timestamp with time zone,
    grave_at timestamp with time zone,
    batch_id bigint CONSTRAINT clock_batch_id_not_null NOT NULL,
    unit text,
    CONSTRAINT clock_check CHECK (((ended_at IS NULL) OR (end_basis IS NOT NULL))),
    CONSTRAINT clock_check1 CHECK (((end_basis IS DISTINCT FROM 'idle'::text) OR ((ended_at IS NULL) AND stands))),
    CONSTRAINT clock_check2 CHECK (((NOT stands) OR (end_basis IS NULL) OR (end_basis = 'idle'::text))),
    CONSTRAINT clock_check3 CHECK (((end_basis IS NULL) OR (end_basis <> ALL (ARRAY['idle'::text, 'void'::text])) OR (light = 'none'::text))),
    CONSTRAINT clock_check4 CHECK (((limit_days IS NOT NULL) OR ((yellow_at IS NULL) AND (red_at IS NULL) AND (grave_at IS NULL)))),
    CONSTRAINT clock_end_basis_check CHECK ((end_basis = ANY (ARRAY['source'::text, 'required'::text, 'milestone'::text, 'idle'::text, 'ended_without'::text, 'void'::text]))),
    CONSTRAINT clock_light_check CHECK ((light = ANY (ARRAY['none'::text, 'green'::text, 'yellow'::text, 'red'::text]))),
    CONSTRAINT clock_scope_check CHECK ((scope = ANY (ARRAY['project'::text, 'stage'::text, 'item'::text, 'connection'::text, 'case'::text]))),
    CONSTRAINT clock_turn_check CHECK ((turn = ANY (ARRAY['unit'::text, 'applicant'::text, 'procedure'::text])))
);

CREATE TABLE fact.case_detail (
    record_id bigint NOT NULL,
    project_code text NOT NULL,
    entity text NOT NULL,
    item_number text,
    round bigint,
    outcome text,
    flow_kind text
);

CREATE TABLE fact.cell (
    indicator text NOT NULL,
    period date NOT NULL,
    unit text NOT NULL,
    county text NOT NULL,
    code text NOT NULL,
    flow_kind text NOT NULL,
    tells text NOT NULL,
    detail text NOT NULL,
    n bigint NOT NULL,
    total numeric NOT NULL,
    CONSTRAINT cell_tells_check CHECK ((tells = ANY (ARRAY['judged'::text, 'counted'::text, 'level'::text, 'bin'::text, 'not_judged'::text, 'excluded'::text])))
);

CREATE VIEW fact.clock_now AS
 SELECT c.scope,
    c.record_id,
    c.project_code,
    c.number,
    c.received_at,
    c.began,
    c.ended_at AS ended,
    b.end_basis,
    c.end_kind,
    ((COALESCE(
        CASE
            WHEN ((c.limit_days IS NULL) OR (c.limit_days = trunc(c.limit_days))) THEN fact.units((c.ran * fact.span(c.counted_from, NULL::bigint)), p.w)
            ELSE fact.units(c.ran, p.w)
        END, (0)::bigint))::numeric / 86400.0) AS used,
    ((fact.units(c.ran, p.w))::numeric / 86400.0) AS exact,
    ((fact.units(c.span, p.w))::numeric / 86400.0) AS span,
    ((fact.units(c.applicant, p.w))::numeric / 86400.0) AS applicant,
    c.limit_days AS days,
    c.limit_ref,
    c.others,
    COALESCE(c.light,
        CASE
            WHEN (now() > c.red_at) THEN 'red'::text
            WHEN (now() >= c.yellow_at) THEN 'yellow'::text
            ELSE 'green'::text
        END) AS light,
    (c.stands AND (b.end_basis IS DISTINCT FROM 'ended_without'::text)) AS stands,
    c.due_at AS due,
    c.yellow_at,
    c.red_at,
    c.grave_at,
        CASE
            WHEN (b.end_basis IS DISTINCT FROM 'ended_without'::text) THEN c.turn
            ELSE NULL::text
        END AS turn,
    c.units,
    c.pauses,
    c.batch_id
   FROM ((fact.clock c
     CROSS JOIN LATERAL ( SELECT
                CASE
                    WHEN ((c.end_basis = 'idle'::text) AND (c.without_at <= now())) THEN 'ended_without'::text
                    ELSE c.end_basis
                END AS end_basis) b)
     CROSS JOIN ( SELECT fact.now_at() AS w
         OFFSET 0) p);

CREATE TABLE fact.connection (
    scope text CONSTRAINT clock_scope_not_null NOT NULL,
    record_id bigint CONSTRAINT clock_record_id_not_null NOT NULL,
    project_code text CONSTRAINT clock_project_code_not_null NOT NULL,
    region text CONSTRAINT clock_region_not_null NOT NULL,
    number text,
    stage_number text,
    of text CONSTRAINT clock_of_not_null NOT NULL,
    units text[] CONSTRAINT clock_units_not_null NOT NULL,
    received_at timestamp with time zone,
    began timestamp with time zone,
    ended_at timestamp with time zone,
    end_basis text,
    end_kind text,
    ran int8multirange CONSTRAINT clock_ran_not_null NOT NULL,
    applicant int8multirange CONSTRAINT clock_applicant_not_null NOT NULL,
    span int8multirange CONSTRAINT clock_span_not_null NOT NULL,
    counted_from bigint,
    pauses tstzmultirange CONSTRAINT clock_pauses_not_null NOT NULL,
    supplements integer CONSTRAINT clock_supplements_not_null NOT NULL,
    specials integer CONSTRAINT clock_specials_not_null NOT NULL,
    stands boolean CONSTRAINT clock_stands_not_null NOT NULL,
    turn text,
    without_at timestamp with time zone,
    limit_days numeric,
    limit_ref text,
    others text[] CONSTRAINT clock_others_not_null NOT NULL,
    used_days numeric,
    exact_days numeric,
    span_days numeric,
    applicant_days numeric,
    light text,
    due_at timestamp with time zone,
    yellow_at timestamp with time zone,
    red_at timestamp with time zone,
    grave_at timestamp with time zone,
    batch_id bigint CONSTRAINT clock_batch_id_not_null NOT NULL,
    unit text,
    CONSTRAINT clock_check CHECK (((ended_at IS NULL) OR (end_basis IS NOT NULL))),
    CONSTRAINT clock_check1 CHECK (((end_basis IS DISTINCT FROM 'idle'::text) OR ((ended_at IS NULL) AND stands))),
    CONSTRAINT clock_check2 CHECK (((NOT stands) OR (end_basis IS NULL) OR (end_basis = 'idle'::text))),
    CONSTRAINT clock_check3 CHECK (((end_basis IS NULL) OR (end_basis <> ALL (ARRAY['idle'::text, 'void'::text])) OR (light = 'none'::text))),
    CONSTRAINT clock_check4 CHECK (((limit_days IS NOT NULL) OR ((yellow_at IS NULL) AND (red_at IS NULL) AND (grave_at IS NULL)))),
    CONSTRAINT clock_end_basis_check CHECK ((end_basis = ANY (ARRAY['source'::text, 'required'::text, 'milestone'::text, 'idle'::text, 'ended_without'::text, 'void'::text]))),
    CONSTRAINT clock_light_check CHECK ((light = ANY (ARRAY['none'::text, 'green'::text, 'yellow'::text, 'red'::text]))),
    CONSTRAINT clock_scope_check CHECK ((scope = ANY (ARRAY['project'::text, 'stage'::text, 'item'::text, 'connection'::text, 'case'::text]))),
    CONSTRAINT clock_turn_check CHECK ((turn = ANY (ARRAY['unit'::text, 'applicant'::text, 'procedure'::text])))
);

CREATE TABLE fact.document (
    record_id bigint NOT NULL,
    project_code text NOT NULL,
    region text NOT NULL,
    kind text,
    unit text,
    flow_kind text,
    void boolean NOT NULL,
    issued_on date,
    certificate boolean NOT NULL,
    item_number text,
    item_known boolean,
    accepted_at timestamp with time zone,
    finished_at timestamp with time zone,
    before_days numeric,
    certified_within_days numeric
);

ALTER TABLE fact.hit ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME fact.hit_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE fact.item (
    scope text CONSTRAINT clock_scope_not_null NOT NULL,
    record_id bigint CONSTRAINT clock_record_id_not_null NOT NULL,
    project_code text CONSTRAINT clock_project_code_not_null NOT NULL,
    region text CONSTRAINT clock_region_not_null NOT NULL,
    number text,
    stage_number text,
    of text CONSTRAINT clock_of_not_null NOT NULL,
    units text[] CONSTRAINT clock_units_not_null NOT NULL,
    received_at timestamp with time zone,
    began timestamp with time zone,
    ended_at timestamp with time zone,
    end_basis text,
    end_kind text,
    ran int8multirange CONSTRAINT clock_ran_not_null NOT NULL,
    applicant int8multirange CONSTRAINT clock_applicant_not_null NOT NULL,
    span int8multirange CONSTRAINT clock_span_not_null NOT NULL,
    counted_from bigint,
    pauses tstzmultirange CONSTRAINT clock_pauses_not_null NOT NULL,
    supplements integer CONSTRAINT clock_supplements_not_null NOT NULL,
    specials integer CONSTRAINT clock_specials_not_null NOT NULL,
    stands boolean CONSTRAINT clock_stands_not_null NOT NULL,
    turn text,
    without_at timestamp with time zone,
    limit_days numeric,
    limit_ref text,
    others text[] CONSTRAINT clock_others_not_null NOT NULL,
    used_days numeric,
    exact_days numeric,
    span_days numeric,
    applicant_days numeric,
    light text,
    due_at timestamp with time zone,
    yellow_at timestamp with time zone,
    red_at timestamp with time zone,
    grave_at timestamp with time zone,
    batch_id bigint CONSTRAINT clock_batch_id_not_null NOT NULL,
    unit text,
    CONSTRAINT clock_check CHECK (((ended_at IS NULL) OR (end_basis IS NOT NULL))),
    CONSTRAINT clock_check1 CHECK (((end_basis IS DISTINCT FROM 'idle'::text) OR ((ended_at IS NULL) AND stands))),
    CONSTRAINT clock_check2 CHECK (((NOT stands) OR (end_basis IS NULL) OR (end_basis = 'idle'::text))),
    CONSTRAINT clock_check3 CHECK (((end_basis IS NULL) OR (end_basis <> ALL (ARRAY['idle'::text, 'void'::text])) OR (light = 'none'::text))),
    CONSTRAINT clock_check4 CHECK (((limit_days IS NOT NULL) OR ((yellow_at IS NULL) AND (red_at IS NULL) AND (grave_at IS NULL)))),
    CONSTRAINT clock_end_basis_check CHECK ((end_basis = ANY (ARRAY['source'::text, 'required'::text, 'milestone'::text, 'idle'::text, 'ended_without'::text, 'void'::text]))),
    CONSTRAINT clock_light_check CHECK ((light = ANY (ARRAY['none'::text, 'green'::text, 'yellow'::text, 'red'::text]))),
    CONSTRAINT clock_scope_check CHECK ((scope = ANY (ARRAY['project'::text, 'stage'::text, 'item'::text, 'connection'::text, 'case'::text]))),
    CONSTRAINT clock_turn_check CHECK ((turn = ANY (ARRAY['unit'::text, 'applicant'::text, 'procedure'::text])))
);

CREATE TABLE fact.item_detail (
    record_id bigint NOT NULL,
    project_code text NOT NULL,
    stage_ordinal text,
    item_code text,
    flow_kind text,
    channel text,
    handling_kind text,
    commitment boolean,
    end_word text,
    received_at timestamp with time zone,
    answered_at timestamp with time zone,
    answer int8multirange NOT NULL,
    preparation int8multirange,
    supplements bigint NOT NULL,
    supplement_at timestamp with time zone,
    pauses bigint NOT NULL,
    pause_at timestamp with time zone,
    paused int8multirange NOT NULL,
    pause_days numeric,
    limited int8multirange NOT NULL,
    promised_days numeric,
    statutory_days numeric,
    law int8multirange NOT NULL,
    law_from bigint,
    law_at timestamp with time zone,
    minutes numeric,
    entered_at timestamp with time zone,
    entry_lag_days numeric,
    event_at timestamp with time zone,
    contradicted boolean
);

CREATE TABLE fact.judgement (
    one boolean DEFAULT true NOT NULL,
    rules text,
    said jsonb,
    at timestamp with time zone,
    batch_high bigint DEFAULT 0 NOT NULL,
    CONSTRAINT judgement_one_check CHECK (one)
);

CREATE TABLE fact.project (
    scope text CONSTRAINT clock_scope_not_null NOT NULL,
    record_id bigint CONSTRAINT clock_record_id_not_null NOT NULL,
    project_code text CONSTRAINT clock_project_code_not_null NOT NULL,
    region text CONSTRAINT clock_region_not_null NOT NULL,
    number text,
    stage_number text,
    of text CONSTRAINT clock_of_not_null NOT NULL,
    units text[] CONSTRAINT clock_units_not_null NOT NULL,
    received_at timestamp with time zone,
    began timestamp with time zone,
    ended_at timestamp with time zone,
    end_basis text,
    end_kind text,
    ran int8multirange CONSTRAINT clock_ran_not_null NOT NULL,
    applicant int8multirange CONSTRAINT clock_applicant_not_null NOT NULL,
    span int8multirange CONSTRAINT clock_span_not_null NOT NULL,
    counted_from bigint,
    pauses tstzmultirange CONSTRAINT clock_pauses_not_null NOT NULL,
    supplements integer CONSTRAINT clock_supplements_not_null NOT NULL,
    specials integer CONSTRAINT clock_specials_not_null NOT NULL,
    stands boolean CONSTRAINT clock_stands_not_null NOT NULL,
    turn text,
    without_at timestamp with time zone,
    limit_days numeric,
    limit_ref text,
    others text[] CONSTRAINT clock_others_not_null NOT NULL,
    used_days numeric,
    exact_days numeric,
    span_days numeric,
    applicant_days numeric,
    light text,
    due_at timestamp with time zone,
    yellow_at timestamp with time zone,
    red_at timestamp with time zone,
    grave_at timestamp with time zone,
    batch_id bigint CONSTRAINT clock_batch_id_not_null NOT NULL,
    unit text,
    CONSTRAINT clock_check CHECK (((ended_at IS NULL) OR (end_basis IS NOT NULL))),
    CONSTRAINT clock_check1 CHECK (((end_basis IS DISTINCT FROM 'idle'::text) OR ((ended_at IS NULL) AND stands))),
    CONSTRAINT clock_check2 CHECK (((NOT stands) OR (end_basis IS NULL) OR (end_basis = 'idle'::text))),
    CONSTRAINT clock_check3 CHECK (((end_basis IS NULL) OR (end_basis <> ALL (ARRAY['idle'::text, 'void'::text])) OR (light = 'none'::text))),
    CONSTRAINT clock_check4 CHECK (((limit_days IS NOT NULL) OR ((yellow_at IS NULL) AND (red_at IS NULL) AND (grave_at IS NULL)))),
    CONSTRAINT clock_end_basis_check CHECK ((end_basis = ANY (ARRAY['source'::text, 'required'::text, 'milestone'::text, 'idle'::text, 'ended_without'::text, 'void'::text]))),
    CONSTRAINT clock_light_check CHECK ((light = ANY (ARRAY['none'::text, 'green'::text, 'yellow'::text, 'red'::text]))),
    CONSTRAINT clock_scope_check CHECK ((scope = ANY (ARRAY['project'::text, 'stage'::text, 'item'::text, 'connection'::text, 'case'::text]))),
    CONSTRAINT clock_turn_check CHECK ((turn = ANY (ARRAY['unit'::text, 'applicant'::text, 'procedure'::text])))
);

CREATE TABLE fact.scenario (
    scenario text NOT NULL,
    project_code text NOT NULL,
    region text NOT NULL,
    began timestamp with time zone NOT NULL,
    reached timestamp with time zone[] NOT NULL,
    due timestamp with time zone,
    ended timestamp with time zone,
    CONSTRAINT scenario_check CHECK (((ended IS NULL) = (array_position(reached, NULL::timestamp with time zone) IS NOT NULL)))
);

CREATE VIEW fact.scenario_now AS
 SELECT scenario,
    project_code,
    region,
    began,
    reached,
    due,
    ended,
    fact.scenario_state(due, ended, now()) AS state
   FROM fact.scenario;

CREATE TABLE fact.stage (
    scope text CONSTRAINT clock_scope_not_null NOT NULL,
    record_id bigint CONSTRAINT clock_record_id_not_null NOT NULL,
    project_code text CONSTRAINT clock_project_code_not_null NOT NULL,
    region text CONSTRAINT clock_region_not_null NOT NULL,
    number text,
    stage_number text,
    of text CONSTRAINT clock_of_not_null NOT NULL,
    units text[] CONSTRAINT clock_units_not_null NOT NULL,
    received_at timestamp with time zone,
    began timestamp with time zone,
    ended_at timestamp with time zone,
    end_basis text,
    end_kind text,
    ran int8multirange CONSTRAINT clock_ran_not_null NOT NULL,
    applicant int8multirange CONSTRAINT clock_applicant_not_null NOT NULL,
    span int8multirange CONSTRAINT clock_span_not_null NOT NULL,
    counted_from bigint,
    pauses tstzmultirange CONSTRAINT clock_pauses_not_null NOT NULL,
    supplements integer CONSTRAINT clock_supplements_not_null NOT NULL,
    specials integer CONSTRAINT clock_specials_not_null NOT NULL,
    stands boolean CONSTRAINT clock_stands_not_null NOT NULL,
    turn text,
    without_at timestamp with time zone,
    limit_days numeric,
    limit_ref text,
    others text[] CONSTRAINT clock_others_not_null NOT NULL,
    used_days numeric,
    exact_days numeric,
    span_days numeric,
    applicant_days numeric,
    light text,
    due_at timestamp with time zone,
    yellow_at timestamp with time zone,
    red_at timestamp with time zone,
    grave_at timestamp with time zone,
    batch_id bigint CONSTRAINT clock_batch_id_not_null NOT NULL,
    unit text,
    CONSTRAINT clock_check CHECK (((ended_at IS NULL) OR (end_basis IS NOT NULL))),
    CONSTRAINT clock_check1 CHECK (((end_basis IS DISTINCT FROM 'idle'::text) OR ((ended_at IS NULL) AND stands))),
    CONSTRAINT clock_check2 CHECK (((NOT stands) OR (end_basis IS NULL) OR (end_basis = 'idle'::text))),
    CONSTRAINT clock_check3 CHECK (((end_basis IS NULL) OR (end_basis <> ALL (ARRAY['idle'::text, 'void'::text])) OR (light = 'none'::text))),
    CONSTRAINT clock_check4 CHECK (((limit_days IS NOT NULL) OR ((yellow_at IS NULL) AND (red_at IS NULL) AND (grave_at IS NULL)))),
    CONSTRAINT clock_end_basis_check CHECK ((end_basis = ANY (ARRAY['source'::text, 'required'::text, 'milestone'::text, 'idle'::text, 'ended_without'::text, 'void'::text]))),
    CONSTRAINT clock_light_check CHECK ((light = ANY (ARRAY['none'::text, 'green'::text, 'yellow'::text, 'red'::text]))),
    CONSTRAINT clock_scope_check CHECK ((scope = ANY (ARRAY['project'::text, 'stage'::text, 'item'::text, 'connection'::text, 'case'::text]))),
    CONSTRAINT clock_turn_check CHECK ((turn = ANY (ARRAY['unit'::text, 'applicant'::text, 'procedure'::text])))
);

CREATE TABLE fact.state (
    one boolean DEFAULT true NOT NULL,
    rules text,
    said jsonb,
    calendar text,
    until timestamp with time zone,
    batch_high bigint DEFAULT 0 NOT NULL,
    CONSTRAINT state_one_check CHECK (one)
);

CREATE TABLE fact.step (
    record_id bigint NOT NULL,
    project_code text NOT NULL,
    item_number text NOT NULL,
    status text NOT NULL,
    at timestamp with time zone NOT NULL,
    w bigint NOT NULL,
    w_next bigint NOT NULL,
    batch_id bigint NOT NULL
);

CREATE TABLE fact.touched (
    project_code text NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

CREATE TABLE hub.access (
    id bigint NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    account text NOT NULL,
    route text NOT NULL,
    purpose text DEFAULT ''::text NOT NULL,
    project_code text,
    record_ids bigint[] DEFAULT '{}'::bigint[] NOT NULL,
    refused boolean DEFAULT false NOT NULL,
    address text DEFAULT ''::text NOT NULL
)
PARTITION BY RANGE (id);

CREATE TABLE hub.access_day (
    account text NOT NULL,
    day date NOT NULL,
    reads bigint NOT NULL,
    records bigint NOT NULL,
    projects bigint NOT NULL,
    uncased bigint NOT NULL,
    off_hours bigint NOT NULL,
    refused bigint NOT NULL,
    refused_row bigint NOT NULL
);

CREATE TABLE hub.access_grant (
    id bigint NOT NULL,
    account text NOT NULL,
    entity text NOT NULL,
    classes text[] NOT NULL,
    purpose text NOT NULL,
    valid_from date NOT NULL,
    valid_until date NOT NULL,
    ended_at timestamp with time zone,
    regions text[] DEFAULT '{}'::text[] NOT NULL,
    open_case_only boolean DEFAULT false NOT NULL,
    granted_at timestamp with time zone DEFAULT now() NOT NULL,
    application_id bigint,
    CONSTRAINT access_grant_check CHECK ((valid_from <= valid_until))
);

ALTER TABLE hub.access_grant ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME hub.access_grant_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE hub.account (
    name text NOT NULL,
    role text NOT NULL,
    department text DEFAULT ''::text NOT NULL,
    token_hash bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    ended_at timestamp with time zone,
    password_hash text,
    sign_in_by text DEFAULT 'password'::text NOT NULL,
    oidc_subject text,
    by_groups boolean DEFAULT false NOT NULL,
    password_at timestamp with time zone,
    password_given boolean DEFAULT false NOT NULL,
    token_at timestamp with time zone DEFAULT now() NOT NULL,
    token_until timestamp with time zone,
    regions text[] DEFAULT '{}'::text[] NOT NULL,
    CONSTRAINT account_check CHECK (((sign_in_by = 'password'::text) OR (password_hash IS NULL))),
    CONSTRAINT account_check1 CHECK (((sign_in_by = 'oidc'::text) OR (oidc_subject IS NULL))),
    CONSTRAINT account_regions CHECK (((role = 'supervisor'::text) OR (regions = '{}'::text[]))),
    CONSTRAINT account_role_check CHECK ((role = ANY (ARRAY['administrator'::text, 'department'::text, 'auditor'::text, 'service'::text, 'supervisor'::text]))),
    CONSTRAINT account_sign_in_by_check CHECK ((sign_in_by = ANY (ARRAY['password'::text, 'oidc'::text])))
);

CREATE TABLE hub.alert (
    cause text NOT NULL,
    code text NOT NULL,
    facts jsonb NOT NULL,
    times bigint NOT NULL,
    first_at timestamp with time zone DEFAULT now() NOT NULL,
    last_at timestamp with time zone NOT NULL,
    told_at timestamp with time zone,
    held_until timestamp with time zone,
    closed_at timestamp with time zone
);

CREATE TABLE hub.application (
    id bigint NOT NULL,
    account text NOT NULL,
    entities text[] NOT NULL,
    classes text[] NOT NULL,
    regions text[] DEFAULT '{}'::text[] NOT NULL,
    open_case_only boolean DEFAULT false NOT NULL,
    purpose text NOT NULL,
    basis text NOT NULL,
    valid_from date NOT NULL,
    valid_until date NOT NULL,
    renews bigint,
    state text DEFAULT 'open'::text NOT NULL,
    sharing_kind text,
    due_at timestamp with time zone,
    extended_to timestamp with time zone,
    supply_due_at timestamp with time zone,
    supplied_at timestamp with time zone,
    CONSTRAINT application_basis_check CHECK ((basis <> ''::text)),
    CONSTRAINT application_check CHECK ((valid_from <= valid_until)),
    CONSTRAINT application_classes_check CHECK ((cardinality(classes) > 0)),
    CONSTRAINT application_entities_check CHECK ((cardinality(entities) > 0)),
    CONSTRAINT application_extended CHECK (((extended_to IS NULL) OR (extended_to > due_at))),
    CONSTRAINT application_purpose_check CHECK ((purpose <> ''::text)),
    CONSTRAINT application_sharing_kind CHECK ((sharing_kind = ANY (ARRAY['unconditional'::text, 'conditional'::text]))),
    CONSTRAINT application_state_check CHECK ((state = ANY (ARRAY['open'::text, 'granted'::text, 'refused'::text, 'withdrawn'::text]))),
    CONSTRAINT application_supply CHECK (((state = 'granted'::text) OR ((supply_due_at IS NULL) AND (supplied_at IS NULL))))
);

ALTER TABLE hub.application ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME hub.application_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE hub.application_step (
    id bigint NOT NULL,
    application_id bigint NOT NULL,
    state text NOT NULL,
    by_account text NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT application_step_by_account_check CHECK ((by_account <> ''::text)),
    CONSTRAINT application_step_check CHECK (((state <> 'refused'::text) OR (reason <> ''::text))),
    CONSTRAINT application_step_extended CHECK (((state <> 'extended'::text) OR (reason <> ''::text))),
    CONSTRAINT application_step_state_check CHECK ((state = ANY (ARRAY['open'::text, 'extended'::text, 'granted'::text, 'refused'::text, 'withdrawn'::text])))
);

ALTER TABLE hub.application_step ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME hub.application_step_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE hub.applied_anew (
    landing_id bigint NOT NULL,
    key text NOT NULL,
    batch_id bigint NOT NULL
);

CREATE TABLE hub.asked (
    flow text NOT NULL,
    key text NOT NULL,
    state text NOT NULL,
    cause jsonb,
    asked_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    times bigint DEFAULT 1 NOT NULL,
    run_id bigint NOT NULL,
    CONSTRAINT asked_cause CHECK (((state = 'failed'::text) = (cause IS NOT NULL))),
    CONSTRAINT asked_state CHECK ((state = ANY (ARRAY['answered'::text, 'absent'::text, 'failed'::text])))
);

CREATE TABLE hub.asked_batch (
    id bigint NOT NULL,
    run_id bigint NOT NULL,
    batch_id bigint NOT NULL,
    flow text NOT NULL,
    committed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    asked bigint NOT NULL,
    answered bigint DEFAULT 0 NOT NULL,
    absent bigint DEFAULT 0 NOT NULL,
    failed bigint DEFAULT 0 NOT NULL,
    CONSTRAINT conservation CHECK ((asked = ((answered + absent) + failed)))
);

ALTER TABLE hub.asked_batch ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME hub.asked_batch_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE hub.asked_day (
    flow text NOT NULL,
    day date NOT NULL,
    asked bigint DEFAULT 0 NOT NULL,
    spent boolean DEFAULT false NOT NULL
);

CREATE SEQUENCE hub.event_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE TABLE hub.batch (
    id bigint NOT NULL,
    run_id bigint NOT NULL,
    flow text NOT NULL,
    contract_id integer NOT NULL,
    committed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    read bigint NOT NULL,
    created bigint NOT NULL,
    changed bigint NOT NULL,
    unchanged bigint NOT NULL,
    deleted bigint NOT NULL,
    superseded bigint NOT NULL,
    stale bigint NOT NULL,
    ignored bigint NOT NULL,
    quarantined bigint NOT NULL,
    waiting bigint NOT NULL,
    cursor_after jsonb,
    leaves bigint NOT NULL,
    merkle_root bytea NOT NULL,
    seal_id bigint,
    leaf_rule smallint DEFAULT 1 NOT NULL,
    exploded bigint DEFAULT 0 NOT NULL,
    empty bigint DEFAULT 0 NOT NULL,
    parts bigint DEFAULT 0 NOT NULL,
    parts_created bigint DEFAULT 0 NOT NULL,
    parts_changed bigint DEFAULT 0 NOT NULL,
    parts_unchanged bigint DEFAULT 0 NOT NULL,
    parts_deleted bigint DEFAULT 0 NOT NULL,
    parts_waiting bigint DEFAULT 0 NOT NULL,
    parts_quarantined bigint DEFAULT 0 NOT NULL,
    notes jsonb,
    event_order bigint DEFAULT nextval('hub.event_seq'::regclass) NOT NULL,
    held bigint DEFAULT 0 NOT NULL,
    landed bytea,
    CONSTRAINT batch_leaf_rule_check CHECK ((leaf_rule = ANY (ARRAY[1, 2]))),
    CONSTRAINT conservation CHECK ((read = (((((((((((created + changed) + unchanged) + deleted) + superseded) + stale) + ignored) + quarantined) + waiting) + exploded) + empty) + held))),
    CONSTRAINT conservation_of_parts CHECK ((parts = (((((parts_created + parts_changed) + parts_unchanged) + parts_deleted) + parts_waiting) + parts_quarantined)))
);

ALTER TABLE hub.batch ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME hub.batch_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE hub.calendar (
    version text NOT NULL,
    zone text NOT NULL,
    first integer NOT NULL,
    last integer NOT NULL,
    opens_1 integer NOT NULL,
    closes_1 integer NOT NULL,
    opens_2 integer NOT NULL,
    closes_2 integer NOT NULL,
    CONSTRAINT calendar_check CHECK (((0 <= opens_1) AND (opens_1 < closes_1) AND (closes_1 <= opens_2) AND (opens_2 < closes_2) AND (closes_2 <= 86400)))
);

CREATE TABLE hub.comparison (
    id bigint NOT NULL,
    run_id bigint NOT NULL,
    flow text NOT NULL,
    committed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    compared bigint NOT NULL,
    same bigint DEFAULT 0 NOT NULL,
    superseded bigint DEFAULT 0 NOT NULL,
    lag bigint DEFAULT 0 NOT NULL,
    lost_push bigint DEFAULT 0 NOT NULL,
    foreign_edit bigint DEFAULT 0 NOT NULL,
    mapping_fault bigint DEFAULT 0 NOT NULL,
    missing_here bigint DEFAULT 0 NOT NULL,
    missing_there bigint DEFAULT 0 NOT NULL,
    surplus_there bigint DEFAULT 0 NOT NULL,
    CONSTRAINT conservation CHECK ((compared = ((((((((same + superseded) + lag) + lost_push) + foreign_edit) + mapping_fault) + missing_here) + missing_there) + surplus_there)))
);

ALTER TABLE hub.comparison ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME hub.comparison_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE hub.contract_file (
    path text NOT NULL,
    body text NOT NULL,
    kept_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT contract_file_path_check CHECK ((path <> ''::text))
);

CREATE TABLE hub.contract_version (
    id integer NOT NULL,
    hash text NOT NULL,
    flow text NOT NULL,
    body text NOT NULL,
    first_used timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE hub.contract_version ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME hub.contract_version_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE hub.crosswalk (
    token text NOT NULL,
    record_id bigint NOT NULL,
    project_code text NOT NULL,
    depth smallint DEFAULT 0 NOT NULL
);

CREATE TABLE hub.dag_wish (
    dag text NOT NULL,
    paused boolean NOT NULL,
    version text NOT NULL,
    noted_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE hub.delivery (
    flow text NOT NULL,
    record_id bigint NOT NULL,
    dirty boolean DEFAULT true NOT NULL,
    state text DEFAULT 'due'::text NOT NULL,
    due timestamp with time zone DEFAULT now() NOT NULL,
    attempt integer DEFAULT 0 NOT NULL,
    serial integer DEFAULT 0 NOT NULL,
    key text,
    action text,
    body jsonb,
    golden_version integer,
    held_until timestamp with time zone,
    confirmed_key text,
    confirmed_body jsonb,
    confirmed_at timestamp with time zone,
    held_body jsonb,
    reference text,
    note jsonb,
    uncertain boolean DEFAULT false NOT NULL,
    word text,
    word_version integer,
    erased_serial bigint,
    CONSTRAINT delivery_action_check CHECK ((action = ANY (ARRAY['upsert'::text, 'withdraw'::text]))),
    CONSTRAINT delivery_check CHECK (((state <> ALL (ARRAY['sending'::text, 'awaiting_receipt'::text, 'retrying'::text])) OR ((key IS NOT NULL) AND (body IS NOT NULL)))),
    CONSTRAINT delivery_state_check CHECK ((state = ANY (ARRAY['due'::text, 'sending'::text, 'awaiting_receipt'::text, 'confirmed'::text, 'unchanged'::text, 'superseded'::text, 'withheld'::text, 'blocked'::text, 'retrying'::text, 'rejected'::text, 'dead'::text]))),
    CONSTRAINT delivery_word CHECK ((word = ANY (ARRAY['send'::text, 'sent'::text]))),
    CONSTRAINT delivery_word_of CHECK (((word IS NULL) OR (uncertain AND (word_version IS NOT NULL))))
);

CREATE TABLE hub.delivery_batch (
    id bigint NOT NULL,
    run_id bigint NOT NULL,
    flow text NOT NULL,
    committed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    due bigint NOT NULL,
    confirmed bigint DEFAULT 0 NOT NULL,
    awaiting_receipt bigint DEFAULT 0 NOT NULL,
    unchanged bigint DEFAULT 0 NOT NULL,
    superseded bigint DEFAULT 0 NOT NULL,
    withheld bigint DEFAULT 0 NOT NULL,
    blocked bigint DEFAULT 0 NOT NULL,
    retrying bigint DEFAULT 0 NOT NULL,
    rejected bigint DEFAULT 0 NOT NULL,
    dead bigint DEFAULT 0 NOT NULL,
    CONSTRAINT conservation CHECK ((due = ((((((((confirmed + awaiting_receipt) + unchanged) + superseded) + withheld) + blocked) + retrying) + rejected) + dead)))
);

ALTER TABLE hub.delivery_batch ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME hub.delivery_batch_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE hub.delivery_event (
    id bigint NOT NULL,
    run_id bigint NOT NULL,
    flow text NOT NULL,
    record_id bigint NOT NULL,
    key text NOT NULL,
    action text NOT NULL,
    golden_version integer NOT NULL,
    state text NOT NULL,
    body jsonb,
    code text DEFAULT ''::text NOT NULL,
    text text DEFAULT ''::text NOT NULL,
    reference text DEFAULT ''::text NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
)
PARTITION BY RANGE (id);

CREATE TABLE hub.difference (
    id bigint NOT NULL,
    flow text NOT NULL,
    key text NOT NULL,
    class text NOT NULL,
    state text NOT NULL,
    record_id bigint,
    found jsonb DEFAULT '{}'::jsonb NOT NULL,
    times integer DEFAULT 1 NOT NULL,
    first_run bigint NOT NULL,
    last_run bigint NOT NULL,
    first_at timestamp with time zone DEFAULT now() NOT NULL,
    last_at timestamp with time zone DEFAULT now() NOT NULL,
    closed_at timestamp with time zone,
    closed_by text,
    reason text,
    CONSTRAINT difference_check CHECK (((state = ANY (ARRAY['open'::text, 'queued'::text])) = (closed_at IS NULL))),
    CONSTRAINT difference_check1 CHECK (((state <> 'left'::text) OR ((closed_by IS NOT NULL) AND (reason IS NOT NULL)))),
    CONSTRAINT difference_class_check CHECK ((class = ANY (ARRAY['lag'::text, 'lost_push'::text, 'foreign_edit'::text, 'mapping_fault'::text, 'missing_here'::text, 'missing_there'::text, 'surplus_there'::text]))),
    CONSTRAINT difference_state_check CHECK ((state = ANY (ARRAY['open'::text, 'queued'::text, 'repaired'::text, 'gone'::text, 'left'::text])))
);

ALTER TABLE hub.difference ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME hub.difference_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE hub.disagreement (
    record_id bigint NOT NULL,
    field text NOT NULL,
    claims jsonb NOT NULL,
    since timestamp with time zone DEFAULT now() NOT NULL,
    closed_at timestamp with time zone
);

CREATE TABLE hub.dispute (
    id bigint NOT NULL,
    record_id bigint NOT NULL,
    field text NOT NULL,
    value text NOT NULL,
    proposed text DEFAULT ''::text NOT NULL,
    reason text NOT NULL,
    opened_by text NOT NULL,
    department text DEFAULT ''::text NOT NULL,
    system text NOT NULL,
    state text DEFAULT 'open'::text NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone,
    answered_at timestamp with time zone,
    answered_by text,
    answer text DEFAULT ''::text NOT NULL,
    correct_by timestamp with time zone,
    closed_at timestamp with time zone,
    recall_id bigint,
    CONSTRAINT dispute_check CHECK (((state <> 'refused'::text) OR (answer <> ''::text))),
    CONSTRAINT dispute_check1 CHECK (((answered_at IS NULL) = (answered_by IS NULL))),
    CONSTRAINT dispute_check2 CHECK (((state <> ALL (ARRAY['accepted'::text, 'refused'::text])) OR (answered_at IS NOT NULL))),
    CONSTRAINT dispute_check3 CHECK (((state = ANY (ARRAY['open'::text, 'accepted'::text])) = (closed_at IS NULL))),
    CONSTRAINT dispute_reason_check CHECK ((reason <> ''::text)),
    CONSTRAINT dispute_state_check CHECK ((state = ANY (ARRAY['open'::text, 'accepted'::text, 'refused'::text, 'corrected'::text, 'withdrawn'::text])))
);

ALTER TABLE hub.dispute ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME hub.dispute_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE hub.entity_field (
    entity text NOT NULL,
    name text NOT NULL,
    ordinal integer NOT NULL
);

CREATE TABLE hub.erasure (
    id bigint NOT NULL,
    run_id bigint NOT NULL,
    record_id bigint,
    landing_ids bigint[] NOT NULL,
    reason text NOT NULL,
    erased_by text NOT NULL,
    erased_at timestamp with time zone DEFAULT now() NOT NULL,
    secret boolean DEFAULT false NOT NULL,
    CONSTRAINT erasure_erased_by_check CHECK ((erased_by <> ''::text)),
    CONSTRAINT erasure_reason_check CHECK ((reason <> ''::text))
);

ALTER TABLE hub.erasure ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME hub.erasure_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE SEQUENCE hub.evidence_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE TABLE hub.evidence (
    id bigint DEFAULT (hub.event_base(clock_timestamp()) + nextval('hub.evidence_seq'::regclass)) NOT NULL,
    tx xid8 DEFAULT pg_current_xact_id() NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    relation text NOT NULL,
    key text NOT NULL,
    op text NOT NULL,
    rule smallint NOT NULL,
    salt bytea,
    digest bytea NOT NULL,
    seal_id bigint,
    CONSTRAINT evidence_attested CHECK ((((op = 'A'::text) = (relation = ''::text)) AND ((op <> 'A'::text) OR (salt IS NULL)))),
    CONSTRAINT evidence_op CHECK ((op = ANY (ARRAY['I'::text, 'U'::text, 'D'::text, 'F'::text, 'A'::text])))
)
PARTITION BY RANGE (id);

CREATE TABLE hub.fetch_batch (
    id bigint NOT NULL,
    run_id bigint NOT NULL,
    flow text NOT NULL,
    committed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    wanted bigint NOT NULL,
    held bigint NOT NULL,
    passed_on bigint NOT NULL,
    failed bigint NOT NULL,
    pending bigint NOT NULL,
    CONSTRAINT conservation CHECK ((wanted = (((held + passed_on) + failed) + pending)))
);

ALTER TABLE hub.fetch_batch ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME hub.fetch_batch_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE hub.file (
    sha256 text NOT NULL,
    bytes bigint NOT NULL,
    type text NOT NULL,
    class text NOT NULL,
    first_landing bigint NOT NULL,
    held_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    gone_at timestamp with time zone,
    CONSTRAINT file_bytes CHECK ((bytes > 0)),
    CONSTRAINT file_class CHECK ((class = ANY (ARRAY['public'::text, 'internal'::text, 'personal'::text]))),
    CONSTRAINT file_sha256 CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
);

CREATE TABLE hub.file_want (
    flow text NOT NULL,
    source_key text NOT NULL,
    field text NOT NULL,
    value text NOT NULL,
    record_id bigint NOT NULL,
    landing_id bigint NOT NULL,
    told text,
    keep boolean NOT NULL,
    state text DEFAULT 'pending'::text NOT NULL,
    sha256 text,
    attempts bigint DEFAULT 0 NOT NULL,
    fault jsonb,
    next_at timestamp with time zone,
    settled_at timestamp with time zone,
    CONSTRAINT file_want_failed CHECK (((state = 'failed'::text) = (fault IS NOT NULL))),
    CONSTRAINT file_want_found CHECK (((state = ANY (ARRAY['held'::text, 'passed_on'::text])) = (sha256 IS NOT NULL))),
    CONSTRAINT file_want_kept CHECK (((state <> 'held'::text) OR keep)),
    CONSTRAINT file_want_passed CHECK (((state <> 'passed_on'::text) OR (NOT keep))),
    CONSTRAINT file_want_state CHECK ((state = ANY (ARRAY['pending'::text, 'held'::text, 'passed_on'::text, 'failed'::text])))
);

CREATE TABLE hub.flow (
    name text NOT NULL,
    cursor jsonb DEFAULT '{}'::jsonb NOT NULL,
    fence bigint DEFAULT 0 NOT NULL,
    contract text,
    last_complete_at timestamp with time zone,
    sweep_read bigint DEFAULT 0 NOT NULL,
    last_sweep bigint DEFAULT 0 NOT NULL
);

CREATE TABLE hub.handover (
    id bigint NOT NULL,
    flow text NOT NULL,
    key text NOT NULL,
    record_id bigint NOT NULL,
    ready_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    handed_at timestamp with time zone,
    handed_to text,
    times bigint DEFAULT 0 NOT NULL,
    state text DEFAULT 'ready'::text NOT NULL,
    acknowledged_at timestamp with time zone,
    acknowledged_by text,
    code text DEFAULT ''::text NOT NULL,
    text text DEFAULT ''::text NOT NULL,
    CONSTRAINT handover_acknowledged CHECK (((state = ANY (ARRAY['accepted'::text, 'rejected'::text])) = (acknowledged_at IS NOT NULL))),
    CONSTRAINT handover_acknowledged_by CHECK (((acknowledged_at IS NULL) = (acknowledged_by IS NULL))),
    CONSTRAINT handover_by CHECK ((((handed_at IS NULL) = (handed_to IS NULL)) AND ((handed_at IS NULL) = (times = 0)))),
    CONSTRAINT handover_handed CHECK (((state = 'ready'::text) = (handed_at IS NULL))),
    CONSTRAINT handover_state CHECK ((state = ANY (ARRAY['ready'::text, 'handed'::text, 'accepted'::text, 'rejected'::text])))
);

ALTER TABLE hub.handover ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME hub.handover_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE hub.head (
    flow text NOT NULL,
    key text NOT NULL,
    landing_id bigint NOT NULL,
    version text NOT NULL,
    hash bytea NOT NULL,
    contract_id integer NOT NULL,
    state text NOT NULL,
    whole text,
    pointer text,
    findings jsonb,
    CONSTRAINT head_part_check CHECK ((((whole IS NULL) = (pointer IS NULL)) AND ((whole IS NULL) OR (state <> ALL (ARRAY['ignored'::text, 'exploded'::text, 'empty'::text]))))),
    CONSTRAINT head_state_check CHECK ((state = ANY (ARRAY['current'::text, 'waiting'::text, 'quarantined'::text, 'deleted'::text, 'ignored'::text, 'exploded'::text, 'empty'::text])))
);

CREATE TABLE hub.held_batch (
    batch_id bigint NOT NULL,
    run_id bigint NOT NULL,
    flow text NOT NULL,
    cursor_before jsonb NOT NULL,
    cursor_after jsonb NOT NULL,
    whole boolean NOT NULL,
    last boolean NOT NULL,
    parts text[] DEFAULT '{}'::text[] NOT NULL,
    findings jsonb NOT NULL,
    held_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    state text DEFAULT 'waiting'::text NOT NULL,
    decided_at timestamp with time zone,
    decided_run bigint,
    decided_by text,
    reason text,
    decision bigint,
    snapshot text DEFAULT ''::text NOT NULL,
    CONSTRAINT held_batch_check CHECK (((state = 'waiting'::text) = (decided_at IS NULL))),
    CONSTRAINT held_batch_check1 CHECK (((state = 'waiting'::text) = (decided_run IS NULL))),
    CONSTRAINT held_batch_check2 CHECK (((state <> ALL (ARRAY['accepted'::text, 'dropped'::text])) OR ((decided_by <> ''::text) AND (reason <> ''::text) AND (decision IS NOT NULL)))),
    CONSTRAINT held_batch_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'accepted'::text, 'dropped'::text, 'overtaken'::text])))
);

CREATE TABLE hub.history (
    id bigint NOT NULL,
    record_id bigint NOT NULL,
    version integer NOT NULL,
    body jsonb NOT NULL,
    provenance bigint[] NOT NULL,
    batch_id bigint NOT NULL,
    until_batch bigint NOT NULL
)
PARTITION BY RANGE (id);

ALTER TABLE hub.hit_act ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME hub.hit_act_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE hub.inbound (
    id bigint NOT NULL,
    system text NOT NULL,
    resource text NOT NULL,
    digest bytea NOT NULL,
    later bigint DEFAULT 0 NOT NULL,
    content bytea,
    charset text NOT NULL,
    records bigint NOT NULL,
    source text NOT NULL,
    origin jsonb DEFAULT '{}'::jsonb NOT NULL,
    received_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    taken_at timestamp with time zone,
    times bigint DEFAULT 1 NOT NULL,
    last_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT inbound_content CHECK (((content IS NULL) = (taken_at IS NOT NULL))),
    CONSTRAINT inbound_records CHECK ((records >= 0)),
    CONSTRAINT inbound_times CHECK ((times >= 1))
);

ALTER TABLE hub.inbound ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME hub.inbound_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE hub.inbound_nonce (
    system text NOT NULL,
    digest bytea NOT NULL,
    until timestamp with time zone NOT NULL
);

CREATE TABLE hub.inbound_taking (
    flow text NOT NULL,
    inbound_id bigint NOT NULL,
    records bigint NOT NULL,
    run_id bigint NOT NULL,
    batch_id bigint NOT NULL,
    taken_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

CREATE TABLE hub.incarnation (
    one boolean DEFAULT true NOT NULL,
    server text,
    xid text DEFAULT ''::text NOT NULL,
    secret text,
    CONSTRAINT incarnation_one_check CHECK (one)
);

CREATE TABLE hub.job (
    id bigint NOT NULL,
    asked jsonb NOT NULL,
    asked_by text NOT NULL,
    state text DEFAULT 'running'::text NOT NULL,
    total bigint NOT NULL,
    done bigint DEFAULT 0 NOT NULL,
    marked bigint DEFAULT 0 NOT NULL,
    runs bigint[] DEFAULT '{}'::bigint[] NOT NULL,
    cause jsonb,
    started_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    ended_at timestamp with time zone,
    process text DEFAULT ''::text NOT NULL,
    lease_until timestamp with time zone,
    CONSTRAINT job_check CHECK (((state = 'running'::text) = (ended_at IS NULL))),
    CONSTRAINT job_check1 CHECK (((state <> 'failed'::text) OR (cause IS NOT NULL))),
    CONSTRAINT job_state_check CHECK ((state = ANY (ARRAY['running'::text, 'complete'::text, 'failed'::text, 'aborted'::text])))
);

ALTER TABLE hub.job ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME hub.job_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE hub.landing (
    id bigint NOT NULL,
    flow text NOT NULL,
    key text NOT NULL,
    batch_id bigint NOT NULL,
    "position" text NOT NULL,
    version text NOT NULL,
    hash bytea NOT NULL,
    salt bytea,
    payload bytea,
    disposition text NOT NULL,
    source_time timestamp with time zone,
    CONSTRAINT landing_disposition_check CHECK ((disposition = ANY (ARRAY['applied'::text, 'deleted'::text, 'superseded'::text, 'stale'::text, 'ignored'::text, 'quarantined'::text, 'waiting'::text, 'exploded'::text, 'empty'::text, 'held'::text])))
)
PARTITION BY RANGE (id);

CREATE TABLE hub.link (
    id bigint NOT NULL,
    flow text NOT NULL,
    key text NOT NULL,
    project_code text NOT NULL,
    verdict text NOT NULL,
    score double precision,
    evidence jsonb DEFAULT '[]'::jsonb NOT NULL,
    by text NOT NULL,
    reason text NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    ended_at timestamp with time zone,
    ended_by text,
    ended_reason text,
    CONSTRAINT link_check CHECK (((ended_at IS NULL) = (ended_by IS NULL))),
    CONSTRAINT link_verdict_check CHECK ((verdict = ANY (ARRAY['linked'::text, 'proposed'::text, 'refused'::text])))
);

ALTER TABLE hub.link ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME hub.link_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE hub.link_subject (
    record_id bigint NOT NULL,
    project_code text NOT NULL,
    words text NOT NULL,
    place text NOT NULL,
    owner text NOT NULL,
    uscc text NOT NULL,
    region text NOT NULL,
    said jsonb NOT NULL,
    changed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    sought text DEFAULT ''::text NOT NULL
);

CREATE TABLE hub.obstacle (
    kind text NOT NULL,
    place text NOT NULL,
    code text NOT NULL,
    facts jsonb NOT NULL,
    times bigint DEFAULT 1 NOT NULL,
    first_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    last_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT obstacle_kind CHECK ((kind = ANY (ARRAY['dag'::text, 'task'::text]))),
    CONSTRAINT obstacle_met CHECK (((times > 0) AND (last_at >= first_at)))
);

CREATE TABLE hub.once_only (
    month date NOT NULL,
    department text NOT NULL,
    form text NOT NULL,
    submissions bigint NOT NULL,
    fields_hub bigint NOT NULL,
    fields_outdated bigint NOT NULL,
    fields_typed bigint NOT NULL,
    fields_differing bigint NOT NULL,
    fields_empty bigint NOT NULL,
    materials_hub bigint NOT NULL,
    materials_asked bigint NOT NULL,
    CONSTRAINT once_only_month_check CHECK ((EXTRACT(day FROM month) = (1)::numeric))
);

CREATE TABLE hub.part (
    landing_id bigint NOT NULL,
    record_id bigint NOT NULL,
    key text NOT NULL,
    pointer text NOT NULL,
    batch_id bigint NOT NULL
)
PARTITION BY RANGE (landing_id);

CREATE TABLE hub.password_past (
    id bigint NOT NULL,
    account text NOT NULL,
    password_hash text NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE hub.password_past ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME hub.password_past_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE hub.quarantine (
    id bigint NOT NULL,
    flow text NOT NULL,
    key text NOT NULL,
    stage text NOT NULL,
    landing_id bigint,
    record_id bigint,
    cause text NOT NULL,
    faults jsonb NOT NULL,
    owner text DEFAULT ''::text NOT NULL,
    state text DEFAULT 'open'::text NOT NULL,
    opened_run bigint NOT NULL,
    opened_at timestamp with time zone DEFAULT now() NOT NULL,
    closed_run bigint,
    closed_at timestamp with time zone,
    closed_by text,
    reason text,
    assignee text,
    CONSTRAINT quarantine_check CHECK (((state = 'open'::text) = (closed_at IS NULL))),
    CONSTRAINT quarantine_check1 CHECK (((state <> 'discarded'::text) OR ((reason IS NOT NULL) AND (closed_by IS NOT NULL)))),
    CONSTRAINT quarantine_check2 CHECK (((stage = 'intake'::text) = (landing_id IS NOT NULL))),
    CONSTRAINT quarantine_check3 CHECK (((stage = 'delivery'::text) = (record_id IS NOT NULL))),
    CONSTRAINT quarantine_stage_check CHECK ((stage = ANY (ARRAY['intake'::text, 'delivery'::text]))),
    CONSTRAINT quarantine_state_check CHECK ((state = ANY (ARRAY['open'::text, 'resolved'::text, 'discarded'::text, 'overtaken'::text])))
);

ALTER TABLE hub.quarantine ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME hub.quarantine_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE hub.recall (
    id bigint NOT NULL,
    record_id bigint NOT NULL,
    field text NOT NULL,
    value text NOT NULL,
    landing_id bigint,
    reason text NOT NULL,
    opened_by text NOT NULL,
    opened_at timestamp with time zone DEFAULT now() NOT NULL,
    closed_at timestamp with time zone
);

ALTER TABLE hub.recall ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME hub.recall_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE hub.recall_receiver (
    recall_id bigint NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    record_id bigint NOT NULL,
    times integer NOT NULL,
    first_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL,
    sent jsonb DEFAULT '{}'::jsonb NOT NULL,
    acknowledged_at timestamp with time zone,
    acknowledged_by text,
    note text DEFAULT ''::text NOT NULL,
    CONSTRAINT recall_receiver_check CHECK (((acknowledged_at IS NULL) = (acknowledged_by IS NULL))),
    CONSTRAINT recall_receiver_kind_check CHECK ((kind = ANY (ARRAY['target'::text, 'reader'::text])))
);

CREATE TABLE hub.receipt (
    flow text NOT NULL,
    key text NOT NULL,
    state text NOT NULL,
    code text DEFAULT ''::text NOT NULL,
    text text DEFAULT ''::text NOT NULL,
    reference text DEFAULT ''::text NOT NULL,
    received_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT receipt_state_check CHECK ((state = ANY (ARRAY['accepted'::text, 'rejected'::text])))
);

CREATE TABLE hub.reconciliation (
    flow text NOT NULL,
    sweep integer DEFAULT 0 NOT NULL,
    began bigint DEFAULT 0 NOT NULL,
    place jsonb,
    complete_at timestamp with time zone,
    sees text
);

CREATE TABLE hub.record (
    id bigint NOT NULL,
    entity text NOT NULL,
    key text NOT NULL
);

ALTER TABLE hub.record ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME hub.record_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE hub.recovered (
    flow text NOT NULL,
    restoration_id bigint NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

CREATE TABLE hub.remark (
    id bigint NOT NULL,
    flow text NOT NULL,
    cause text NOT NULL,
    entry_id bigint,
    at timestamp with time zone DEFAULT now() NOT NULL,
    said_by text NOT NULL,
    said text NOT NULL,
    CONSTRAINT remark_said_by_check CHECK ((said_by <> ''::text)),
    CONSTRAINT remark_said_check CHECK ((said <> ''::text))
);

ALTER TABLE hub.remark ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME hub.remark_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE hub.report (
    run_id bigint NOT NULL,
    counts jsonb NOT NULL,
    causes jsonb NOT NULL,
    balanced boolean,
    made_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

CREATE TABLE hub.restoration (
    id bigint NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    how text NOT NULL,
    by text NOT NULL,
    reason text NOT NULL,
    seal_id bigint,
    landing_id bigint NOT NULL,
    nothing_lost boolean DEFAULT false NOT NULL,
    CONSTRAINT restoration_how CHECK ((how = ANY (ARRAY['said'::text, 'seen'::text])))
);

ALTER TABLE hub.restoration ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME hub.restoration_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE hub.rewind (
    id bigint NOT NULL,
    flow text NOT NULL,
    cursor jsonb NOT NULL,
    by text NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

ALTER TABLE hub.rewind ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME hub.rewind_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE hub.run (
    id bigint NOT NULL,
    flow text NOT NULL,
    kind text NOT NULL,
    state text DEFAULT 'running'::text NOT NULL,
    fence bigint DEFAULT 0 NOT NULL,
    started_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    ended_at timestamp with time zone,
    cause jsonb,
    airflow jsonb,
    process text DEFAULT ''::text NOT NULL,
    lease_until timestamp with time zone,
    CONSTRAINT run_check CHECK (((state = 'running'::text) = (ended_at IS NULL))),
    CONSTRAINT run_check1 CHECK (((state <> 'failed'::text) OR (cause IS NOT NULL))),
    CONSTRAINT run_held_says_why CHECK (((state <> 'held'::text) OR (cause IS NOT NULL))),
    CONSTRAINT run_kind_check CHECK ((kind = ANY (ARRAY['pull'::text, 'push'::text, 'receipts'::text, 'replay'::text, 'release'::text, 'remap'::text, 'reconcile'::text, 'erase'::text, 'decide'::text, 'accept'::text, 'drop'::text, 'write_back'::text, 'fetch'::text]))),
    CONSTRAINT run_state_check CHECK ((state = ANY (ARRAY['running'::text, 'complete'::text, 'held'::text, 'failed'::text, 'aborted'::text])))
);

ALTER TABLE hub.run ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME hub.run_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE hub.seal (
    id bigint NOT NULL,
    previous bytea NOT NULL,
    batches bigint[] NOT NULL,
    root bytea NOT NULL,
    chain bytea NOT NULL,
    sealed_at timestamp with time zone NOT NULL,
    signature bytea,
    signed_by text,
    sm2_signature bytea,
    sm2_by text,
    rule smallint DEFAULT 1 NOT NULL,
    kind text DEFAULT 'regular'::text NOT NULL,
    acts int8multirange DEFAULT '{}'::int8multirange NOT NULL,
    acts_root bytea DEFAULT '\x'::bytea NOT NULL,
    says jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT seal_kind CHECK ((kind = ANY (ARRAY['regular'::text, 'restored'::text]))),
    CONSTRAINT seal_rule CHECK (((rule = ANY (ARRAY[1, 2])) AND ((rule = 2) OR ((kind = 'regular'::text) AND (acts = '{}'::int8multirange)))))
);

ALTER TABLE hub.seal ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME hub.seal_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE hub.session (
    token_hash bytea NOT NULL,
    account text NOT NULL,
    opened_at timestamp with time zone DEFAULT now() NOT NULL,
    seen_at timestamp with time zone DEFAULT now() NOT NULL,
    ended_at timestamp with time zone
);

CREATE TABLE hub.shape (
    flow text NOT NULL,
    path text NOT NULL,
    records bigint NOT NULL,
    present bigint NOT NULL,
    filled bigint NOT NULL,
    missing bigint DEFAULT 0 NOT NULL,
    types text[] DEFAULT '{}'::text[] NOT NULL,
    codes text[] DEFAULT '{}'::text[] NOT NULL,
    first_at timestamp with time zone DEFAULT now() NOT NULL,
    last_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT shape_check CHECK (((filled <= present) AND (present <= records))),
    CONSTRAINT shape_records_check CHECK ((records >= 0))
);

CREATE TABLE hub.shape_change (
    id bigint NOT NULL,
    flow text NOT NULL,
    kind text NOT NULL,
    place text NOT NULL,
    done text NOT NULL,
    facts jsonb NOT NULL,
    run_id bigint NOT NULL,
    batch_id bigint NOT NULL,
    met_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT shape_change_done_check CHECK ((done = ANY (ARRAY['hold'::text, 'tell'::text])))
);

ALTER TABLE hub.shape_change ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME hub.shape_change_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE hub.sighting (
    flow text NOT NULL,
    key text NOT NULL,
    sweep integer NOT NULL,
    basis bigint,
    set_back boolean DEFAULT false NOT NULL,
    bucket integer,
    checksum bigint NOT NULL,
    rows integer NOT NULL
);

CREATE TABLE hub.sign_in_count (
    kind text NOT NULL,
    name text NOT NULL,
    times integer NOT NULL,
    until_at timestamp with time zone NOT NULL,
    next_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT sign_in_count_kind CHECK ((kind = ANY (ARRAY['account'::text, 'address'::text, 'pair'::text, 'known'::text])))
);

CREATE TABLE hub.source_file (
    flow text NOT NULL,
    name text NOT NULL,
    stamp text NOT NULL,
    digest text NOT NULL,
    state text NOT NULL,
    contract_id bigint,
    run_id bigint,
    batch_id bigint,
    first_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    read_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT source_file_held CHECK (((state <> 'held'::text) OR (batch_id IS NOT NULL))),
    CONSTRAINT source_file_state CHECK ((state = ANY (ARRAY['read'::text, 'empty'::text, 'unreadable'::text, 'held'::text, 'dropped'::text])))
);

CREATE TABLE hub.structure (
    id bigint NOT NULL,
    made_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    last_event bigint NOT NULL,
    objects jsonb NOT NULL,
    drift jsonb DEFAULT '[]'::jsonb NOT NULL
);

ALTER TABLE hub.structure ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME hub.structure_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE hub.submission (
    id bigint NOT NULL,
    form text NOT NULL,
    project_code text NOT NULL,
    account text NOT NULL,
    department text NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    fields jsonb NOT NULL,
    materials jsonb NOT NULL
);

ALTER TABLE hub.submission ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME hub.submission_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE hub.supervision_act (
    id bigint NOT NULL,
    case_id bigint NOT NULL,
    kind text NOT NULL,
    step text NOT NULL,
    by_account text NOT NULL,
    at timestamp with time zone NOT NULL,
    text text NOT NULL,
    due_at timestamp with time zone NOT NULL,
    CONSTRAINT supervision_act_kind_check CHECK ((kind = ANY (ARRAY['opened'::text, 'raised'::text, 'extended'::text, 'answered'::text, 'sent_back'::text, 'accepted'::text]))),
    CONSTRAINT supervision_act_step_check CHECK ((step = ANY (ARRAY['reminder'::text, 'supervision'::text]))),
    CONSTRAINT supervision_act_text_check CHECK ((text <> ''::text))
);

ALTER TABLE hub.supervision_act ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME hub.supervision_act_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE hub.supervision_case (
    id bigint NOT NULL,
    number text NOT NULL,
    department text NOT NULL,
    names text[] NOT NULL,
    region text NOT NULL,
    project_codes text[] NOT NULL,
    about text[] NOT NULL,
    ask text NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    CONSTRAINT supervision_case_about_check CHECK ((about <> '{}'::text[])),
    CONSTRAINT supervision_case_ask_check CHECK ((ask <> ''::text)),
    CONSTRAINT supervision_case_department_check CHECK ((department <> ''::text)),
    CONSTRAINT supervision_case_names_check CHECK ((names <> '{}'::text[])),
    CONSTRAINT supervision_case_region_check CHECK ((region <> ''::text))
);

ALTER TABLE hub.supervision_case ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME hub.supervision_case_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE hub.supply (
    id bigint NOT NULL,
    flow text NOT NULL,
    kind text NOT NULL,
    account text NOT NULL,
    department text NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    file text DEFAULT ''::text NOT NULL,
    digest bytea,
    rows bigint NOT NULL,
    key text,
    reason text,
    inbound_id bigint NOT NULL,
    CONSTRAINT supply_file CHECK (((kind = 'workbook'::text) = (digest IS NOT NULL))),
    CONSTRAINT supply_kind CHECK ((kind = ANY (ARRAY['workbook'::text, 'entry'::text, 'withdrawal'::text]))),
    CONSTRAINT supply_reason CHECK (((kind <> 'withdrawal'::text) OR ((key IS NOT NULL) AND (reason <> ''::text)))),
    CONSTRAINT supply_rows CHECK ((rows >= 1))
);

ALTER TABLE hub.supply ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME hub.supply_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE hub.surplus_withdrawal (
    id bigint NOT NULL,
    flow text NOT NULL,
    found_key text NOT NULL,
    key text NOT NULL,
    body jsonb NOT NULL,
    state text DEFAULT 'due'::text NOT NULL,
    attempt integer DEFAULT 0 NOT NULL,
    code text DEFAULT ''::text NOT NULL,
    text text DEFAULT ''::text NOT NULL,
    by text NOT NULL,
    reason text NOT NULL,
    landing_id bigint NOT NULL,
    decided_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT surplus_ended CHECK (((state = 'due'::text) = (ended_at IS NULL))),
    CONSTRAINT surplus_state CHECK ((state = ANY (ARRAY['due'::text, 'confirmed'::text, 'rejected'::text])))
);

ALTER TABLE hub.surplus_withdrawal ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME hub.surplus_withdrawal_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE hub.unusual (
    id bigint NOT NULL,
    account text NOT NULL,
    day date NOT NULL,
    code text NOT NULL,
    facts jsonb NOT NULL,
    noted_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE hub.unusual ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME hub.unusual_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE hub.verification (
    id bigint NOT NULL,
    started_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    ended_at timestamp with time zone,
    by text NOT NULL,
    state text DEFAULT 'running'::text NOT NULL,
    made text[] DEFAULT '{}'::text[] NOT NULL,
    skipped text[] DEFAULT '{}'::text[] NOT NULL,
    unfinished text[] DEFAULT '{}'::text[] NOT NULL,
    checked jsonb DEFAULT '{}'::jsonb NOT NULL,
    by_table jsonb DEFAULT '{}'::jsonb NOT NULL,
    wrong bigint DEFAULT 0 NOT NULL,
    findings jsonb DEFAULT '[]'::jsonb NOT NULL,
    CONSTRAINT verification_ended CHECK (((state = 'running'::text) = (ended_at IS NULL))),
    CONSTRAINT verification_state CHECK ((state = ANY (ARRAY['running'::text, 'complete'::text, 'failed'::text])))
);

ALTER TABLE hub.verification ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME hub.verification_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE hub.waiting (
    flow text NOT NULL,
    key text NOT NULL,
    landing_id bigint NOT NULL,
    wants text[] NOT NULL,
    since timestamp with time zone DEFAULT now() NOT NULL,
    looked_at timestamp with time zone
);

CREATE TABLE hub.witness (
    name text NOT NULL,
    seal_id bigint DEFAULT 0 NOT NULL,
    chain bytea,
    at timestamp with time zone,
    token bytea,
    failed_at timestamp with time zone,
    fault jsonb,
    differs bigint[] DEFAULT '{}'::bigint[] NOT NULL,
    since timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT witness_failed CHECK (((failed_at IS NULL) = (fault IS NULL))),
    CONSTRAINT witness_handed CHECK (((seal_id = 0) = (chain IS NULL)))
);

CREATE TABLE hub.workday (
    calendar text NOT NULL,
    n integer NOT NULL,
    worked boolean NOT NULL,
    half smallint,
    before bigint NOT NULL,
    CONSTRAINT workday_check CHECK ((worked OR (half IS NULL))),
    CONSTRAINT workday_half_check CHECK ((half = ANY (ARRAY[0, 1])))
);

CREATE TABLE hub.write_back (
    flow text NOT NULL,
    key text NOT NULL,
    landing_id bigint NOT NULL,
    outcome text NOT NULL,
    about bigint DEFAULT 0 NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    state text NOT NULL,
    told jsonb,
    text text DEFAULT ''::text NOT NULL,
    attempts bigint DEFAULT 1 NOT NULL,
    run_id bigint NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT write_back_outcome CHECK ((outcome = ANY (ARRAY['taken'::text, 'waiting'::text, 'refused'::text, 'later_refused'::text]))),
    CONSTRAINT write_back_reason CHECK ((length(reason) <= 200)),
    CONSTRAINT write_back_state CHECK ((state = ANY (ARRAY['written'::text, 'overtaken'::text, 'failed'::text])))
);

CREATE TABLE hub.write_back_batch (
    id bigint NOT NULL,
    run_id bigint NOT NULL,
    flow text NOT NULL,
    committed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    due bigint NOT NULL,
    written bigint DEFAULT 0 NOT NULL,
    overtaken bigint DEFAULT 0 NOT NULL,
    failed bigint DEFAULT 0 NOT NULL,
    CONSTRAINT conservation CHECK ((due = ((written + overtaken) + failed)))
);

ALTER TABLE hub.write_back_batch ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME hub.write_back_batch_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE hub.writer (
    revision text NOT NULL,
    program text NOT NULL,
    since timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY fact.clock ATTACH PARTITION fact.case_clock FOR VALUES IN ('case');

ALTER TABLE ONLY fact.clock ATTACH PARTITION fact.connection FOR VALUES IN ('connection');

ALTER TABLE ONLY fact.clock ATTACH PARTITION fact.item FOR VALUES IN ('item');

ALTER TABLE ONLY fact.clock ATTACH PARTITION fact.project FOR VALUES IN ('project');

ALTER TABLE ONLY fact.clock ATTACH PARTITION fact.stage FOR VALUES IN ('stage');

ALTER TABLE ONLY fact.clock
    ADD CONSTRAINT clock_pkey PRIMARY KEY (scope, record_id);

ALTER TABLE ONLY fact.case_clock
    ADD CONSTRAINT case_clock_pkey PRIMARY KEY (scope, record_id);

ALTER TABLE ONLY fact.case_detail
    ADD CONSTRAINT case_detail_pkey PRIMARY KEY (record_id);

ALTER TABLE ONLY fact.cell
    ADD CONSTRAINT cell_pkey PRIMARY KEY (indicator, period, unit, county, code, flow_kind, tells, detail);

ALTER TABLE ONLY fact.connection
    ADD CONSTRAINT connection_pkey PRIMARY KEY (scope, record_id);

ALTER TABLE ONLY fact.document
    ADD CONSTRAINT document_pkey PRIMARY KEY (record_id);

ALTER TABLE ONLY fact.hit
    ADD CONSTRAINT hit_pkey PRIMARY KEY (id);

ALTER TABLE ONLY fact.item_detail
    ADD CONSTRAINT item_detail_pkey PRIMARY KEY (record_id);

ALTER TABLE ONLY fact.item
    ADD CONSTRAINT item_pkey PRIMARY KEY (scope, record_id);

ALTER TABLE ONLY fact.judgement
    ADD CONSTRAINT judgement_pkey PRIMARY KEY (one);

ALTER TABLE ONLY fact.project
    ADD CONSTRAINT project_pkey PRIMARY KEY (scope, record_id);

ALTER TABLE ONLY fact.scenario
    ADD CONSTRAINT scenario_pkey PRIMARY KEY (scenario, project_code);

ALTER TABLE ONLY fact.stage
    ADD CONSTRAINT stage_pkey PRIMARY KEY (scope, record_id);

ALTER TABLE ONLY fact.state
    ADD CONSTRAINT state_pkey PRIMARY KEY (one);

ALTER TABLE ONLY fact.step
    ADD CONSTRAINT step_pkey PRIMARY KEY (record_id);

ALTER TABLE ONLY hub.access_day
    ADD CONSTRAINT access_day_pkey PRIMARY KEY (account, day);

ALTER TABLE ONLY hub.access_grant
    ADD CONSTRAINT access_grant_pkey PRIMARY KEY (id);

ALTER TABLE ONLY hub.access
    ADD CONSTRAINT access_pkey PRIMARY KEY (id);

ALTER TABLE ONLY hub.account
    ADD CONSTRAINT account_oidc_subject_key UNIQUE (oidc_subject);

ALTER TABLE ONLY hub.account
    ADD CONSTRAINT account_pkey PRIMARY KEY (name);

ALTER TABLE ONLY hub.account
    ADD CONSTRAINT account_token_hash_key UNIQUE (token_hash);

ALTER TABLE ONLY hub.alert
    ADD CONSTRAINT alert_pkey PRIMARY KEY (cause);

ALTER TABLE ONLY hub.application
    ADD CONSTRAINT application_pkey PRIMARY KEY (id);

ALTER TABLE ONLY hub.application_step
    ADD CONSTRAINT application_step_application_id_state_key UNIQUE (application_id, state);

ALTER TABLE ONLY hub.application_step
    ADD CONSTRAINT application_step_pkey PRIMARY KEY (id);

ALTER TABLE ONLY hub.applied_anew
    ADD CONSTRAINT applied_anew_pkey PRIMARY KEY (landing_id, key, batch_id);

ALTER TABLE ONLY hub.asked_batch
    ADD CONSTRAINT asked_batch_pkey PRIMARY KEY (id);

ALTER TABLE ONLY hub.asked_day
    ADD CONSTRAINT asked_day_pkey PRIMARY KEY (flow, day);

ALTER TABLE ONLY hub.asked
    ADD CONSTRAINT asked_pkey PRIMARY KEY (flow, key);

ALTER TABLE ONLY hub.batch
    ADD CONSTRAINT batch_pkey PRIMARY KEY (id);

ALTER TABLE ONLY hub.calendar
    ADD CONSTRAINT calendar_pkey PRIMARY KEY (version);

ALTER TABLE ONLY hub.comparison
    ADD CONSTRAINT comparison_pkey PRIMARY KEY (id);

ALTER TABLE ONLY hub.contract_file
    ADD CONSTRAINT contract_file_pkey PRIMARY KEY (path);

ALTER TABLE ONLY hub.contract_version
    ADD CONSTRAINT contract_version_hash_key UNIQUE (hash);

ALTER TABLE ONLY hub.contract_version
    ADD CONSTRAINT contract_version_pkey PRIMARY KEY (id);

ALTER TABLE ONLY hub.crosswalk
    ADD CONSTRAINT crosswalk_pkey PRIMARY KEY (token, record_id);

ALTER TABLE ONLY hub.dag_wish
    ADD CONSTRAINT dag_wish_pkey PRIMARY KEY (dag);

ALTER TABLE ONLY hub.delivery_batch
    ADD CONSTRAINT delivery_batch_pkey PRIMARY KEY (id);

ALTER TABLE ONLY hub.delivery_event
    ADD CONSTRAINT delivery_event_pkey PRIMARY KEY (id);

ALTER TABLE ONLY hub.delivery
    ADD CONSTRAINT delivery_pkey PRIMARY KEY (record_id, flow);

ALTER TABLE ONLY hub.difference
    ADD CONSTRAINT difference_flow_key_key UNIQUE (flow, key);

ALTER TABLE ONLY hub.difference
    ADD CONSTRAINT difference_pkey PRIMARY KEY (id);

ALTER TABLE ONLY hub.disagreement
    ADD CONSTRAINT disagreement_pkey PRIMARY KEY (record_id, field);

ALTER TABLE ONLY hub.dispute
    ADD CONSTRAINT dispute_pkey PRIMARY KEY (id);

ALTER TABLE ONLY hub.entity_field
    ADD CONSTRAINT entity_field_entity_ordinal_key UNIQUE (entity, ordinal);

ALTER TABLE ONLY hub.entity_field
    ADD CONSTRAINT entity_field_pkey PRIMARY KEY (entity, name);

ALTER TABLE ONLY hub.erasure
    ADD CONSTRAINT erasure_pkey PRIMARY KEY (id);

ALTER TABLE ONLY hub.evidence
    ADD CONSTRAINT evidence_pkey PRIMARY KEY (id);

ALTER TABLE ONLY hub.fetch_batch
    ADD CONSTRAINT fetch_batch_pkey PRIMARY KEY (id);

ALTER TABLE ONLY hub.file
    ADD CONSTRAINT file_pkey PRIMARY KEY (sha256);

ALTER TABLE ONLY hub.file_want
    ADD CONSTRAINT file_want_pkey PRIMARY KEY (flow, source_key, field, value);

ALTER TABLE ONLY hub.flow
    ADD CONSTRAINT flow_pkey PRIMARY KEY (name);

ALTER TABLE ONLY hub.handover
    ADD CONSTRAINT handover_flow_key_key UNIQUE (flow, key);

ALTER TABLE ONLY hub.handover
    ADD CONSTRAINT handover_pkey PRIMARY KEY (id);

ALTER TABLE ONLY hub.head
    ADD CONSTRAINT head_pkey PRIMARY KEY (flow, key);

ALTER TABLE ONLY hub.held_batch
    ADD CONSTRAINT held_batch_pkey PRIMARY KEY (batch_id);

ALTER TABLE ONLY hub.history
    ADD CONSTRAINT history_pkey PRIMARY KEY (id);

ALTER TABLE ONLY hub.hit_act
    ADD CONSTRAINT hit_act_pkey PRIMARY KEY (id);

ALTER TABLE ONLY hub.inbound
    ADD CONSTRAINT inbound_id_records_key UNIQUE (id, records);

ALTER TABLE ONLY hub.inbound_nonce
    ADD CONSTRAINT inbound_nonce_pkey PRIMARY KEY (system, digest);

ALTER TABLE ONLY hub.inbound
    ADD CONSTRAINT inbound_pkey PRIMARY KEY (id);

ALTER TABLE ONLY hub.inbound
    ADD CONSTRAINT inbound_system_resource_digest_later_key UNIQUE (system, resource, digest, later);

ALTER TABLE ONLY hub.inbound_taking
    ADD CONSTRAINT inbound_taking_pkey PRIMARY KEY (inbound_id, flow);

ALTER TABLE ONLY hub.incarnation
    ADD CONSTRAINT incarnation_pkey PRIMARY KEY (one);

ALTER TABLE ONLY hub.job
    ADD CONSTRAINT job_pkey PRIMARY KEY (id);

ALTER TABLE ONLY hub.landing
    ADD CONSTRAINT landing_pkey PRIMARY KEY (id);

ALTER TABLE ONLY hub.link
    ADD CONSTRAINT link_pkey PRIMARY KEY (id);

ALTER TABLE ONLY hub.link_subject
    ADD CONSTRAINT link_subject_pkey PRIMARY KEY (record_id);

ALTER TABLE ONLY hub.obstacle
    ADD CONSTRAINT obstacle_pkey PRIMARY KEY (kind, place);

ALTER TABLE ONLY hub.once_only
    ADD CONSTRAINT once_only_pkey PRIMARY KEY (month, department, form);

ALTER TABLE ONLY hub.part
    ADD CONSTRAINT part_pkey PRIMARY KEY (landing_id, record_id, key);

ALTER TABLE ONLY hub.password_past
    ADD CONSTRAINT password_past_pkey PRIMARY KEY (id);

ALTER TABLE ONLY hub.quarantine
    ADD CONSTRAINT quarantine_pkey PRIMARY KEY (id);

ALTER TABLE ONLY hub.recall
    ADD CONSTRAINT recall_pkey PRIMARY KEY (id);

ALTER TABLE ONLY hub.recall_receiver
    ADD CONSTRAINT recall_receiver_pkey PRIMARY KEY (recall_id, kind, name, record_id);

ALTER TABLE ONLY hub.receipt
    ADD CONSTRAINT receipt_pkey PRIMARY KEY (flow, key);

ALTER TABLE ONLY hub.reconciliation
    ADD CONSTRAINT reconciliation_pkey PRIMARY KEY (flow);

ALTER TABLE ONLY hub.record
    ADD CONSTRAINT record_entity_key_key UNIQUE (entity, key);

ALTER TABLE ONLY hub.record
    ADD CONSTRAINT record_pkey PRIMARY KEY (id);

ALTER TABLE ONLY hub.recovered
    ADD CONSTRAINT recovered_pkey PRIMARY KEY (flow, restoration_id);

ALTER TABLE ONLY hub.remark
    ADD CONSTRAINT remark_pkey PRIMARY KEY (id);

ALTER TABLE ONLY hub.report
    ADD CONSTRAINT report_pkey PRIMARY KEY (run_id);

ALTER TABLE ONLY hub.restoration
    ADD CONSTRAINT restoration_pkey PRIMARY KEY (id);

ALTER TABLE ONLY hub.rewind
    ADD CONSTRAINT rewind_pkey PRIMARY KEY (id);

ALTER TABLE ONLY hub.run
    ADD CONSTRAINT run_pkey PRIMARY KEY (id);

ALTER TABLE ONLY hub.seal
    ADD CONSTRAINT seal_chain_key UNIQUE (chain);

ALTER TABLE ONLY hub.seal
    ADD CONSTRAINT seal_pkey PRIMARY KEY (id);

ALTER TABLE ONLY hub.session
    ADD CONSTRAINT session_pkey PRIMARY KEY (token_hash);

ALTER TABLE ONLY hub.shape_change
    ADD CONSTRAINT shape_change_pkey PRIMARY KEY (id);

ALTER TABLE ONLY hub.shape
    ADD CONSTRAINT shape_pkey PRIMARY KEY (flow, path);

ALTER TABLE ONLY hub.sighting
    ADD CONSTRAINT sighting_pkey PRIMARY KEY (flow, key);

ALTER TABLE ONLY hub.sign_in_count
    ADD CONSTRAINT sign_in_count_pkey PRIMARY KEY (kind, name);

ALTER TABLE ONLY hub.source_file
    ADD CONSTRAINT source_file_pkey PRIMARY KEY (flow, name);

ALTER TABLE ONLY hub.structure
    ADD CONSTRAINT structure_pkey PRIMARY KEY (id);

ALTER TABLE ONLY hub.submission
    ADD CONSTRAINT submission_pkey PRIMARY KEY (id);

ALTER TABLE ONLY hub.supervision_act
    ADD CONSTRAINT supervision_act_pkey PRIMARY KEY (id);

ALTER TABLE ONLY hub.supervision_case
    ADD CONSTRAINT supervision_case_number_key UNIQUE (number);

ALTER TABLE ONLY hub.supervision_case
    ADD CONSTRAINT supervision_case_pkey PRIMARY KEY (id);

ALTER TABLE ONLY hub.supply
    ADD CONSTRAINT supply_pkey PRIMARY KEY (id);

ALTER TABLE ONLY hub.surplus_withdrawal
    ADD CONSTRAINT surplus_withdrawal_flow_key_key UNIQUE (flow, key);

ALTER TABLE ONLY hub.surplus_withdrawal
    ADD CONSTRAINT surplus_withdrawal_pkey PRIMARY KEY (id);

ALTER TABLE ONLY hub.unusual
    ADD CONSTRAINT unusual_account_day_code_key UNIQUE (account, day, code);

ALTER TABLE ONLY hub.unusual
    ADD CONSTRAINT unusual_pkey PRIMARY KEY (id);

ALTER TABLE ONLY hub.verification
    ADD CONSTRAINT verification_pkey PRIMARY KEY (id);

ALTER TABLE ONLY hub.waiting
    ADD CONSTRAINT waiting_pkey PRIMARY KEY (flow, key);

ALTER TABLE ONLY hub.witness
    ADD CONSTRAINT witness_pkey PRIMARY KEY (name);

ALTER TABLE ONLY hub.workday
    ADD CONSTRAINT workday_pkey PRIMARY KEY (calendar, n);

ALTER TABLE ONLY hub.write_back_batch
    ADD CONSTRAINT write_back_batch_pkey PRIMARY KEY (id);

ALTER TABLE ONLY hub.write_back
    ADD CONSTRAINT write_back_pkey PRIMARY KEY (flow, key);

ALTER TABLE ONLY hub.writer
    ADD CONSTRAINT writer_pkey PRIMARY KEY (revision);

CREATE INDEX clock_by_project ON ONLY fact.clock USING btree (project_code);

CREATE INDEX case_clock_project_code_idx ON fact.case_clock USING btree (project_code);

CREATE INDEX clock_by_red ON ONLY fact.clock USING btree (red_at) WHERE (red_at IS NOT NULL);

CREATE INDEX case_clock_red_at_idx ON fact.case_clock USING btree (red_at) WHERE (red_at IS NOT NULL);

CREATE INDEX clock_by_without ON ONLY fact.clock USING btree (without_at) WHERE (without_at IS NOT NULL);

CREATE INDEX case_clock_without_at_idx ON fact.case_clock USING btree (without_at) WHERE (without_at IS NOT NULL);

CREATE INDEX case_detail_by_project ON fact.case_detail USING btree (project_code);

CREATE INDEX connection_project_code_idx ON fact.connection USING btree (project_code);

CREATE INDEX connection_red_at_idx ON fact.connection USING btree (red_at) WHERE (red_at IS NOT NULL);

CREATE INDEX connection_without_at_idx ON fact.connection USING btree (without_at) WHERE (without_at IS NOT NULL);

CREATE INDEX document_by_project ON fact.document USING btree (project_code);

CREATE INDEX hit_by_period ON fact.hit USING btree (period, indicator) WHERE (cleared_at IS NULL);

CREATE INDEX hit_by_project ON fact.hit USING btree (project_code) WHERE (cleared_at IS NULL);

CREATE INDEX hit_by_subject ON fact.hit USING btree (indicator, subject, id);

CREATE INDEX hit_by_unit ON fact.hit USING btree (unit, period) WHERE (cleared_at IS NULL);

CREATE UNIQUE INDEX hit_stands ON fact.hit USING btree (indicator, subject) WHERE (cleared_at IS NULL);

CREATE INDEX item_detail_by_project ON fact.item_detail USING btree (project_code);

CREATE INDEX item_detail_contradicted ON fact.item_detail USING btree (project_code) WHERE contradicted;

CREATE INDEX item_project_code_idx ON fact.item USING btree (project_code);

CREATE INDEX item_red_at_idx ON fact.item USING btree (red_at) WHERE (red_at IS NOT NULL);

CREATE INDEX item_without_at_idx ON fact.item USING btree (without_at) WHERE (without_at IS NOT NULL);

CREATE INDEX project_project_code_idx ON fact.project USING btree (project_code);

CREATE INDEX project_red_at_idx ON fact.project USING btree (red_at) WHERE (red_at IS NOT NULL);

CREATE INDEX project_without_at_idx ON fact.project USING btree (without_at) WHERE (without_at IS NOT NULL);

CREATE INDEX scenario_by_project ON fact.scenario USING btree (project_code);

CREATE INDEX stage_project_code_idx ON fact.stage USING btree (project_code);

CREATE INDEX stage_red_at_idx ON fact.stage USING btree (red_at) WHERE (red_at IS NOT NULL);

CREATE INDEX stage_without_at_idx ON fact.stage USING btree (without_at) WHERE (without_at IS NOT NULL);

CREATE INDEX step_by_project ON fact.step USING btree (project_code);

CREATE INDEX touched_by_project ON fact.touched USING btree (project_code);

CREATE INDEX access_by_account ON ONLY hub.access USING btree (account, id);

CREATE INDEX access_by_project ON ONLY hub.access USING btree (project_code, id) WHERE (project_code IS NOT NULL);

CREATE INDEX access_by_record ON ONLY hub.access USING gin (record_ids);

CREATE INDEX access_by_time ON ONLY hub.access USING brin (at);

CREATE INDEX access_day_by_day ON hub.access_day USING btree (day);

CREATE INDEX access_grant_by_account ON hub.access_grant USING btree (account, entity);

CREATE INDEX access_grant_by_application ON hub.access_grant USING btree (application_id) WHERE (application_id IS NOT NULL);

CREATE INDEX access_in_order ON ONLY hub.access USING btree (hub.event_order(id));

CREATE INDEX application_by_account ON hub.application USING btree (account, id);

CREATE INDEX application_open ON hub.application USING btree (id) WHERE (state = 'open'::text);

CREATE INDEX asked_batch_run ON hub.asked_batch USING btree (run_id);

CREATE INDEX batch_by_run ON hub.batch USING btree (run_id);

CREATE INDEX batch_by_time ON hub.batch USING btree (committed_at);

CREATE INDEX batch_in_order ON hub.batch USING btree (event_order, id);

CREATE INDEX batch_unsealed ON hub.batch USING btree (id) WHERE (seal_id IS NULL);

CREATE INDEX comparison_by_run ON hub.comparison USING btree (run_id);

CREATE INDEX crosswalk_by_record ON hub.crosswalk USING btree (record_id);

CREATE INDEX delivery_batch_by_run ON hub.delivery_batch USING btree (run_id);

CREATE INDEX delivery_batch_by_time ON hub.delivery_batch USING btree (committed_at);

CREATE UNIQUE INDEX delivery_by_key ON hub.delivery USING btree (flow, key) WHERE (key IS NOT NULL);

CREATE INDEX delivery_due ON hub.delivery USING btree (flow, record_id) WHERE (dirty OR (state = ANY (ARRAY['due'::text, 'sending'::text, 'retrying'::text, 'blocked'::text, 'awaiting_receipt'::text, 'dead'::text])));

CREATE INDEX delivery_event_by_record ON ONLY hub.delivery_event USING btree (record_id, id);

CREATE INDEX delivery_event_by_run ON ONLY hub.delivery_event USING btree (run_id, id);

CREATE INDEX delivery_standing ON hub.delivery USING btree (flow, state) WHERE (NOT dirty);

CREATE INDEX delivery_uncertain ON hub.delivery USING btree (flow, record_id) WHERE uncertain;

CREATE INDEX difference_in_order ON hub.difference USING btree (id) WHERE (closed_at IS NULL);

CREATE INDEX difference_open ON hub.difference USING btree (flow, class) WHERE (closed_at IS NULL);

CREATE INDEX disagreement_open ON hub.disagreement USING btree (record_id) WHERE (closed_at IS NULL);

CREATE UNIQUE INDEX dispute_open ON hub.dispute USING btree (record_id, field, value) WHERE (closed_at IS NULL);

CREATE INDEX erasure_by_time ON hub.erasure USING btree (erased_at);

CREATE INDEX erasure_of_secret ON hub.erasure USING btree (record_id) WHERE secret;

CREATE INDEX evidence_by_key ON ONLY hub.evidence USING btree (relation, key);

CREATE INDEX evidence_unsealed ON ONLY hub.evidence USING btree (tx, id) WHERE (seal_id IS NULL);

CREATE INDEX fetch_batch_flow ON hub.fetch_batch USING btree (flow, id DESC);

CREATE INDEX fetch_batch_run ON hub.fetch_batch USING btree (run_id);

CREATE INDEX file_gone ON hub.file USING btree (gone_at) WHERE (gone_at IS NOT NULL);

CREATE INDEX file_want_due ON hub.file_want USING btree (flow, source_key, field, value) WHERE (keep AND (state = ANY (ARRAY['pending'::text, 'failed'::text])));

CREATE INDEX file_want_record ON hub.file_want USING btree (record_id);

CREATE INDEX file_want_sha256 ON hub.file_want USING btree (sha256) WHERE (sha256 IS NOT NULL);

CREATE INDEX handover_open ON hub.handover USING btree (flow, id) WHERE (state = ANY (ARRAY['ready'::text, 'handed'::text]));

CREATE INDEX head_by_hash ON hub.head USING btree (flow, hash);

CREATE INDEX head_by_whole ON hub.head USING btree (flow, whole) WHERE (whole IS NOT NULL);

CREATE INDEX head_with_findings ON hub.head USING btree (flow) WHERE (findings IS NOT NULL);

CREATE INDEX held_batch_by_run ON hub.held_batch USING btree (run_id);

CREATE INDEX held_batch_waiting ON hub.held_batch USING btree (flow, batch_id) WHERE (state = 'waiting'::text);

CREATE INDEX history_by_project ON ONLY hub.history USING btree (((body ->> 'project_code'::text)));

CREATE INDEX history_by_record ON ONLY hub.history USING btree (record_id, version);

CREATE INDEX hit_act_by_dispute ON hub.hit_act USING btree (dispute_id) WHERE (dispute_id IS NOT NULL);

CREATE INDEX hit_act_by_hit ON hub.hit_act USING btree (indicator, subject, id);

CREATE INDEX inbound_due ON hub.inbound USING btree (system, resource, id) WHERE (taken_at IS NULL);

CREATE INDEX inbound_nonce_until ON hub.inbound_nonce USING btree (until);

CREATE INDEX landing_by_batch ON ONLY hub.landing USING brin (batch_id) WITH (pages_per_range='16');

CREATE INDEX landing_by_key ON ONLY hub.landing USING btree (flow, key, id);

CREATE UNIQUE INDEX link_live ON hub.link USING btree (flow, key, project_code) WHERE (ended_at IS NULL);

CREATE INDEX link_made ON hub.link USING btree (id DESC) WHERE ((verdict = 'linked'::text) AND (ended_at IS NULL));

CREATE UNIQUE INDEX link_one ON hub.link USING btree (flow, key) WHERE ((verdict = 'linked'::text) AND (ended_at IS NULL));

CREATE INDEX link_proposed ON hub.link USING btree (flow, key) WHERE ((verdict = 'proposed'::text) AND (ended_at IS NULL));

CREATE INDEX link_subject_changed ON hub.link_subject USING btree (changed_at);

CREATE INDEX link_subject_code ON hub.link_subject USING btree (project_code text_pattern_ops);

CREATE INDEX link_subject_owner ON hub.link_subject USING btree (owner) WHERE (owner <> ''::text);

CREATE INDEX link_subject_sought ON hub.link_subject USING gin (sought public.gin_trgm_ops);

CREATE INDEX link_subject_uscc ON hub.link_subject USING btree (uscc) WHERE (uscc <> ''::text);

CREATE INDEX link_subject_words ON hub.link_subject USING gin (words public.gin_trgm_ops);

CREATE INDEX password_past_by_account ON hub.password_past USING btree (account, id);

CREATE INDEX quarantine_by_cause ON hub.quarantine USING btree (flow, cause) WHERE (state = 'open'::text);

CREATE INDEX quarantine_by_closing ON hub.quarantine USING btree (closed_run) WHERE (closed_run IS NOT NULL);

CREATE INDEX quarantine_by_run ON hub.quarantine USING btree (opened_run);

CREATE INDEX quarantine_of_record ON hub.quarantine USING btree (record_id) WHERE ((state = 'open'::text) AND (stage = 'delivery'::text));

CREATE UNIQUE INDEX quarantine_open ON hub.quarantine USING btree (flow, key) WHERE (state = 'open'::text);

CREATE UNIQUE INDEX recall_open ON hub.recall USING btree (record_id, field, value) WHERE (closed_at IS NULL);

CREATE INDEX recall_receiver_owed ON hub.recall_receiver USING btree (name) WHERE (acknowledged_at IS NULL);

CREATE INDEX remark_by_cause ON hub.remark USING btree (flow, cause, id);

CREATE INDEX report_unbalanced ON hub.report USING btree (run_id) WHERE (NOT balanced);

CREATE INDEX rewind_by_flow ON hub.rewind USING btree (flow, id DESC);

CREATE INDEX run_by_airflow ON hub.run USING btree (((airflow ->> 'run_id'::text)));

CREATE INDEX run_by_dag ON hub.run USING btree (((airflow ->> 'dag_id'::text)), id DESC);

CREATE INDEX run_by_flow ON hub.run USING btree (flow, id DESC);

CREATE INDEX run_by_kind ON hub.run USING btree (flow, kind, id DESC);

CREATE INDEX run_exceptions ON hub.run USING btree (id DESC) WHERE (state = ANY (ARRAY['failed'::text, 'aborted'::text]));

CREATE INDEX run_open ON hub.run USING btree (flow) WHERE (state = 'running'::text);

CREATE INDEX run_unwell ON hub.run USING btree (id) WHERE (state <> 'complete'::text);

CREATE INDEX seal_signed ON hub.seal USING btree (id) WHERE (signature IS NOT NULL);

CREATE INDEX session_by_account ON hub.session USING btree (account) WHERE (ended_at IS NULL);

CREATE INDEX shape_change_by_flow ON hub.shape_change USING btree (flow, id DESC);

CREATE INDEX shape_change_told ON hub.shape_change USING btree (met_at) WHERE (done = 'tell'::text);

CREATE INDEX sighting_by_bucket ON hub.sighting USING btree (flow, bucket);

CREATE INDEX source_file_held ON hub.source_file USING btree (batch_id) WHERE (state = 'held'::text);

CREATE INDEX submission_by_account ON hub.submission USING btree (account, id);

CREATE INDEX submission_by_department ON hub.submission USING btree (department, id);

CREATE INDEX supervision_act_by_case ON hub.supervision_act USING btree (case_id, id);

CREATE UNIQUE INDEX supervision_act_once ON hub.supervision_act USING btree (case_id, kind) WHERE (kind = ANY (ARRAY['opened'::text, 'raised'::text, 'extended'::text, 'accepted'::text]));

CREATE INDEX supervision_case_about ON hub.supervision_case USING gin (about);

CREATE UNIQUE INDEX supply_file_once ON hub.supply USING btree (flow, digest) WHERE (kind = 'workbook'::text);

CREATE INDEX supply_flow ON hub.supply USING btree (flow, id);

CREATE INDEX supply_inbound ON hub.supply USING btree (inbound_id);

CREATE INDEX surplus_due ON hub.surplus_withdrawal USING btree (flow) WHERE (state = 'due'::text);

CREATE INDEX waiting_by_since ON hub.waiting USING btree (since, flow, key);

CREATE INDEX waiting_in_order ON hub.waiting USING btree (flow, landing_id);

CREATE INDEX workday_by_position ON hub.workday USING btree (calendar, before, n);

CREATE INDEX workday_halves ON hub.workday USING btree (calendar, n) WHERE (half IS NOT NULL);

CREATE INDEX write_back_batch_run ON hub.write_back_batch USING btree (run_id);

ALTER INDEX fact.clock_pkey ATTACH PARTITION fact.case_clock_pkey;

ALTER INDEX fact.clock_by_project ATTACH PARTITION fact.case_clock_project_code_idx;

ALTER INDEX fact.clock_by_red ATTACH PARTITION fact.case_clock_red_at_idx;

ALTER INDEX fact.clock_by_without ATTACH PARTITION fact.case_clock_without_at_idx;

ALTER INDEX fact.clock_pkey ATTACH PARTITION fact.connection_pkey;

ALTER INDEX fact.clock_by_project ATTACH PARTITION fact.connection_project_code_idx;

ALTER INDEX fact.clock_by_red ATTACH PARTITION fact.connection_red_at_idx;

ALTER INDEX fact.clock_by_without ATTACH PARTITION fact.connection_without_at_idx;

ALTER INDEX fact.clock_pkey ATTACH PARTITION fact.item_pkey;

ALTER INDEX fact.clock_by_project ATTACH PARTITION fact.item_project_code_idx;

ALTER INDEX fact.clock_by_red ATTACH PARTITION fact.item_red_at_idx;

ALTER INDEX fact.clock_by_without ATTACH PARTITION fact.item_without_at_idx;

ALTER INDEX fact.clock_pkey ATTACH PARTITION fact.project_pkey;

ALTER INDEX fact.clock_by_project ATTACH PARTITION fact.project_project_code_idx;

ALTER INDEX fact.clock_by_red ATTACH PARTITION fact.project_red_at_idx;

ALTER INDEX fact.clock_by_without ATTACH PARTITION fact.project_without_at_idx;

ALTER INDEX fact.clock_pkey ATTACH PARTITION fact.stage_pkey;

ALTER INDEX fact.clock_by_project ATTACH PARTITION fact.stage_project_code_idx;

ALTER INDEX fact.clock_by_red ATTACH PARTITION fact.stage_red_at_idx;

ALTER INDEX fact.clock_by_without ATTACH PARTITION fact.stage_without_at_idx;

CREATE TRIGGER note_access_delete AFTER DELETE ON hub.access REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_access_delete();

CREATE TRIGGER note_access_grant_delete AFTER DELETE ON hub.access_grant REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_access_grant_delete();

CREATE TRIGGER note_access_grant_insert AFTER INSERT ON hub.access_grant REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_access_grant_insert();

CREATE TRIGGER note_access_grant_update AFTER UPDATE ON hub.access_grant REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_access_grant_update();

CREATE TRIGGER note_access_insert AFTER INSERT ON hub.access REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_access_insert();

CREATE TRIGGER note_access_update AFTER UPDATE ON hub.access REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_access_update();

CREATE TRIGGER note_account_delete AFTER DELETE ON hub.account REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_account_delete();

CREATE TRIGGER note_account_insert AFTER INSERT ON hub.account REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_account_insert();

CREATE TRIGGER note_account_update AFTER UPDATE ON hub.account REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_account_update();

CREATE TRIGGER note_alert_delete AFTER DELETE ON hub.alert REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_alert_delete();

CREATE TRIGGER note_alert_insert AFTER INSERT ON hub.alert REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_alert_insert();

CREATE TRIGGER note_alert_update AFTER UPDATE ON hub.alert REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_alert_update();

CREATE TRIGGER note_application_delete AFTER DELETE ON hub.application REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_application_delete();

CREATE TRIGGER note_application_insert AFTER INSERT ON hub.application REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_application_insert();

CREATE TRIGGER note_application_step_delete AFTER DELETE ON hub.application_step REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_application_step_delete();

CREATE TRIGGER note_application_step_insert AFTER INSERT ON hub.application_step REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_application_step_insert();

CREATE TRIGGER note_application_step_update AFTER UPDATE ON hub.application_step REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_application_step_update();

CREATE TRIGGER note_application_update AFTER UPDATE ON hub.application REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_application_update();

CREATE TRIGGER note_batch_delete AFTER DELETE ON hub.batch REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_batch_delete();

CREATE TRIGGER note_batch_insert AFTER INSERT ON hub.batch REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_batch_insert();

CREATE TRIGGER note_batch_update AFTER UPDATE ON hub.batch REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_batch_update();

CREATE TRIGGER note_comparison_delete AFTER DELETE ON hub.comparison REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_comparison_delete();

CREATE TRIGGER note_comparison_insert AFTER INSERT ON hub.comparison REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_comparison_insert();

CREATE TRIGGER note_comparison_update AFTER UPDATE ON hub.comparison REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_comparison_update();

CREATE TRIGGER note_contract_version_delete AFTER DELETE ON hub.contract_version REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_contract_version_delete();

CREATE TRIGGER note_contract_version_insert AFTER INSERT ON hub.contract_version REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_contract_version_insert();

CREATE TRIGGER note_contract_version_update AFTER UPDATE ON hub.contract_version REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_contract_version_update();

CREATE TRIGGER note_delivery_batch_delete AFTER DELETE ON hub.delivery_batch REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_delivery_batch_delete();

CREATE TRIGGER note_delivery_batch_insert AFTER INSERT ON hub.delivery_batch REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_delivery_batch_insert();

CREATE TRIGGER note_delivery_batch_update AFTER UPDATE ON hub.delivery_batch REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_delivery_batch_update();

CREATE TRIGGER note_delivery_event_delete AFTER DELETE ON hub.delivery_event REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_delivery_event_delete();

CREATE TRIGGER note_delivery_event_insert AFTER INSERT ON hub.delivery_event REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_delivery_event_insert();

CREATE TRIGGER note_delivery_event_update AFTER UPDATE ON hub.delivery_event REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_delivery_event_update();

CREATE TRIGGER note_difference_delete AFTER DELETE ON hub.difference REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_difference_delete();

CREATE TRIGGER note_difference_insert AFTER INSERT ON hub.difference REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_difference_insert();

CREATE TRIGGER note_difference_update AFTER UPDATE ON hub.difference REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_difference_update();

CREATE TRIGGER note_disagreement_delete AFTER DELETE ON hub.disagreement REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_disagreement_delete();

CREATE TRIGGER note_disagreement_insert AFTER INSERT ON hub.disagreement REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_disagreement_insert();

CREATE TRIGGER note_disagreement_update AFTER UPDATE ON hub.disagreement REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_disagreement_update();

CREATE TRIGGER note_dispute_delete AFTER DELETE ON hub.dispute REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_dispute_delete();

CREATE TRIGGER note_dispute_insert AFTER INSERT ON hub.dispute REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_dispute_insert();

CREATE TRIGGER note_dispute_update AFTER UPDATE ON hub.dispute REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_dispute_update();

CREATE TRIGGER note_entity_field_delete AFTER DELETE ON hub.entity_field REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_entity_field_delete();

CREATE TRIGGER note_entity_field_insert AFTER INSERT ON hub.entity_field REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_entity_field_insert();

CREATE TRIGGER note_entity_field_update AFTER UPDATE ON hub.entity_field REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_entity_field_update();

CREATE TRIGGER note_erasure_delete AFTER DELETE ON hub.erasure REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_erasure_delete();

CREATE TRIGGER note_erasure_insert AFTER INSERT ON hub.erasure REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_erasure_insert();

CREATE TRIGGER note_erasure_update AFTER UPDATE ON hub.erasure REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_erasure_update();

CREATE TRIGGER note_handover_delete AFTER DELETE ON hub.handover REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_handover_delete();

CREATE TRIGGER note_handover_insert AFTER INSERT ON hub.handover REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_handover_insert();

CREATE TRIGGER note_handover_update AFTER UPDATE ON hub.handover REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_handover_update();

CREATE TRIGGER note_held_batch_delete AFTER DELETE ON hub.held_batch REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_held_batch_delete();

CREATE TRIGGER note_held_batch_insert AFTER INSERT ON hub.held_batch REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_held_batch_insert();

CREATE TRIGGER note_held_batch_update AFTER UPDATE ON hub.held_batch REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_held_batch_update();

CREATE TRIGGER note_hit_act_delete AFTER DELETE ON hub.hit_act REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_hit_act_delete();

CREATE TRIGGER note_hit_act_insert AFTER INSERT ON hub.hit_act REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_hit_act_insert();

CREATE TRIGGER note_hit_act_update AFTER UPDATE ON hub.hit_act REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_hit_act_update();

CREATE TRIGGER note_inbound_delete AFTER DELETE ON hub.inbound REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_inbound_delete();

CREATE TRIGGER note_inbound_insert AFTER INSERT ON hub.inbound REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_inbound_insert();

CREATE TRIGGER note_inbound_taking_delete AFTER DELETE ON hub.inbound_taking REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_inbound_taking_delete();

CREATE TRIGGER note_inbound_taking_insert AFTER INSERT ON hub.inbound_taking REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_inbound_taking_insert();

CREATE TRIGGER note_inbound_taking_update AFTER UPDATE ON hub.inbound_taking REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_inbound_taking_update();

CREATE TRIGGER note_inbound_update AFTER UPDATE ON hub.inbound REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_inbound_update();

CREATE TRIGGER note_job_delete AFTER DELETE ON hub.job REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_job_delete();

CREATE TRIGGER note_job_insert AFTER INSERT ON hub.job REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_job_insert();

CREATE TRIGGER note_job_update AFTER UPDATE ON hub.job REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_job_update();

CREATE TRIGGER note_link_delete AFTER DELETE ON hub.link REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_link_delete();

CREATE TRIGGER note_link_insert AFTER INSERT ON hub.link REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_link_insert();

CREATE TRIGGER note_link_update AFTER UPDATE ON hub.link REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_link_update();

CREATE TRIGGER note_password_past_delete AFTER DELETE ON hub.password_past REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_password_past_delete();

CREATE TRIGGER note_password_past_insert AFTER INSERT ON hub.password_past REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_password_past_insert();

CREATE TRIGGER note_password_past_update AFTER UPDATE ON hub.password_past REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_password_past_update();

CREATE TRIGGER note_quarantine_delete AFTER DELETE ON hub.quarantine REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_quarantine_delete();

CREATE TRIGGER note_quarantine_insert AFTER INSERT ON hub.quarantine REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_quarantine_insert();

CREATE TRIGGER note_quarantine_update AFTER UPDATE ON hub.quarantine REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_quarantine_update();

CREATE TRIGGER note_recall_delete AFTER DELETE ON hub.recall REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_recall_delete();

CREATE TRIGGER note_recall_insert AFTER INSERT ON hub.recall REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_recall_insert();

CREATE TRIGGER note_recall_receiver_delete AFTER DELETE ON hub.recall_receiver REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_recall_receiver_delete();

CREATE TRIGGER note_recall_receiver_insert AFTER INSERT ON hub.recall_receiver REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_recall_receiver_insert();

CREATE TRIGGER note_recall_receiver_update AFTER UPDATE ON hub.recall_receiver REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_recall_receiver_update();

CREATE TRIGGER note_recall_update AFTER UPDATE ON hub.recall REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_recall_update();

CREATE TRIGGER note_receipt_delete AFTER DELETE ON hub.receipt REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_receipt_delete();

CREATE TRIGGER note_receipt_insert AFTER INSERT ON hub.receipt REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_receipt_insert();

CREATE TRIGGER note_receipt_update AFTER UPDATE ON hub.receipt REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_receipt_update();

CREATE TRIGGER note_remark_delete AFTER DELETE ON hub.remark REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_remark_delete();

CREATE TRIGGER note_remark_insert AFTER INSERT ON hub.remark REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_remark_insert();

CREATE TRIGGER note_remark_update AFTER UPDATE ON hub.remark REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_remark_update();

CREATE TRIGGER note_restoration_delete AFTER DELETE ON hub.restoration REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_restoration_delete();

CREATE TRIGGER note_restoration_insert AFTER INSERT ON hub.restoration REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_restoration_insert();

CREATE TRIGGER note_restoration_update AFTER UPDATE ON hub.restoration REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_restoration_update();

CREATE TRIGGER note_rewind_delete AFTER DELETE ON hub.rewind REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_rewind_delete();

CREATE TRIGGER note_rewind_insert AFTER INSERT ON hub.rewind REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_rewind_insert();

CREATE TRIGGER note_rewind_update AFTER UPDATE ON hub.rewind REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_rewind_update();

CREATE TRIGGER note_run_delete AFTER DELETE ON hub.run REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_run_delete();

CREATE TRIGGER note_run_insert AFTER INSERT ON hub.run REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_run_insert();

CREATE TRIGGER note_run_update AFTER UPDATE ON hub.run REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_run_update();

CREATE TRIGGER note_session_delete AFTER DELETE ON hub.session REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_session_delete();

CREATE TRIGGER note_session_insert AFTER INSERT ON hub.session REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_session_insert();

CREATE TRIGGER note_session_update AFTER UPDATE ON hub.session REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_session_update();

CREATE TRIGGER note_structure_delete AFTER DELETE ON hub.structure REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_structure_delete();

CREATE TRIGGER note_structure_insert AFTER INSERT ON hub.structure REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_structure_insert();

CREATE TRIGGER note_structure_update AFTER UPDATE ON hub.structure REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_structure_update();

CREATE TRIGGER note_submission_delete AFTER DELETE ON hub.submission REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_submission_delete();

CREATE TRIGGER note_submission_insert AFTER INSERT ON hub.submission REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_submission_insert();

CREATE TRIGGER note_submission_update AFTER UPDATE ON hub.submission REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_submission_update();

CREATE TRIGGER note_supervision_act_delete AFTER DELETE ON hub.supervision_act REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_supervision_act_delete();

CREATE TRIGGER note_supervision_act_insert AFTER INSERT ON hub.supervision_act REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_supervision_act_insert();

CREATE TRIGGER note_supervision_act_update AFTER UPDATE ON hub.supervision_act REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_supervision_act_update();

CREATE TRIGGER note_supervision_case_delete AFTER DELETE ON hub.supervision_case REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_supervision_case_delete();

CREATE TRIGGER note_supervision_case_insert AFTER INSERT ON hub.supervision_case REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_supervision_case_insert();

CREATE TRIGGER note_supervision_case_update AFTER UPDATE ON hub.supervision_case REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_supervision_case_update();

CREATE TRIGGER note_supply_delete AFTER DELETE ON hub.supply REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_supply_delete();

CREATE TRIGGER note_supply_insert AFTER INSERT ON hub.supply REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_supply_insert();

CREATE TRIGGER note_supply_update AFTER UPDATE ON hub.supply REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_supply_update();

CREATE TRIGGER note_surplus_withdrawal_delete AFTER DELETE ON hub.surplus_withdrawal REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_surplus_withdrawal_delete();

CREATE TRIGGER note_surplus_withdrawal_insert AFTER INSERT ON hub.surplus_withdrawal REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_surplus_withdrawal_insert();

CREATE TRIGGER note_surplus_withdrawal_update AFTER UPDATE ON hub.surplus_withdrawal REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_surplus_withdrawal_update();

CREATE TRIGGER note_unusual_delete AFTER DELETE ON hub.unusual REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_unusual_delete();

CREATE TRIGGER note_unusual_insert AFTER INSERT ON hub.unusual REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_unusual_insert();

CREATE TRIGGER note_unusual_update AFTER UPDATE ON hub.unusual REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_unusual_update();

CREATE TRIGGER note_verification_delete AFTER DELETE ON hub.verification REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_verification_delete();

CREATE TRIGGER note_verification_insert AFTER INSERT ON hub.verification REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_verification_insert();

CREATE TRIGGER note_verification_update AFTER UPDATE ON hub.verification REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_verification_update();

CREATE TRIGGER note_writer_delete AFTER DELETE ON hub.writer REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_writer_delete();

CREATE TRIGGER note_writer_insert AFTER INSERT ON hub.writer REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_writer_insert();

CREATE TRIGGER note_writer_update AFTER UPDATE ON hub.writer REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hub.note_writer_update();

ALTER TABLE ONLY fact.state
    ADD CONSTRAINT state_calendar_fkey FOREIGN KEY (calendar) REFERENCES hub.calendar(version);

ALTER TABLE ONLY hub.access_grant
    ADD CONSTRAINT access_grant_account_fkey FOREIGN KEY (account) REFERENCES hub.account(name);

ALTER TABLE ONLY hub.access_grant
    ADD CONSTRAINT access_grant_application_id_fkey FOREIGN KEY (application_id) REFERENCES hub.application(id);

ALTER TABLE ONLY hub.application
    ADD CONSTRAINT application_account_fkey FOREIGN KEY (account) REFERENCES hub.account(name);

ALTER TABLE ONLY hub.application
    ADD CONSTRAINT application_renews_fkey FOREIGN KEY (renews) REFERENCES hub.application(id);

ALTER TABLE ONLY hub.application_step
    ADD CONSTRAINT application_step_application_id_fkey FOREIGN KEY (application_id) REFERENCES hub.application(id);

ALTER TABLE ONLY hub.batch
    ADD CONSTRAINT batch_contract_id_fkey FOREIGN KEY (contract_id) REFERENCES hub.contract_version(id);

ALTER TABLE ONLY hub.batch
    ADD CONSTRAINT batch_run_id_fkey FOREIGN KEY (run_id) REFERENCES hub.run(id);

ALTER TABLE ONLY hub.comparison
    ADD CONSTRAINT comparison_run_id_fkey FOREIGN KEY (run_id) REFERENCES hub.run(id);

ALTER TABLE ONLY hub.inbound_taking
    ADD CONSTRAINT conservation FOREIGN KEY (inbound_id, records) REFERENCES hub.inbound(id, records);

ALTER TABLE ONLY hub.delivery_batch
    ADD CONSTRAINT delivery_batch_run_id_fkey FOREIGN KEY (run_id) REFERENCES hub.run(id);

ALTER TABLE ONLY hub.difference
    ADD CONSTRAINT difference_first_run_fkey FOREIGN KEY (first_run) REFERENCES hub.run(id);

ALTER TABLE ONLY hub.difference
    ADD CONSTRAINT difference_last_run_fkey FOREIGN KEY (last_run) REFERENCES hub.run(id);

ALTER TABLE ONLY hub.difference
    ADD CONSTRAINT difference_record_id_fkey FOREIGN KEY (record_id) REFERENCES hub.record(id);

ALTER TABLE ONLY hub.disagreement
    ADD CONSTRAINT disagreement_record_id_fkey FOREIGN KEY (record_id) REFERENCES hub.record(id);

ALTER TABLE ONLY hub.dispute
    ADD CONSTRAINT dispute_recall_id_fkey FOREIGN KEY (recall_id) REFERENCES hub.recall(id);

ALTER TABLE ONLY hub.dispute
    ADD CONSTRAINT dispute_record_id_fkey FOREIGN KEY (record_id) REFERENCES hub.record(id);

ALTER TABLE ONLY hub.erasure
    ADD CONSTRAINT erasure_run_id_fkey FOREIGN KEY (run_id) REFERENCES hub.run(id);

ALTER TABLE ONLY hub.fetch_batch
    ADD CONSTRAINT fetch_batch_run_id_fkey FOREIGN KEY (run_id) REFERENCES hub.run(id);

ALTER TABLE ONLY hub.held_batch
    ADD CONSTRAINT held_batch_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES hub.batch(id);

ALTER TABLE ONLY hub.held_batch
    ADD CONSTRAINT held_batch_decided_run_fkey FOREIGN KEY (decided_run) REFERENCES hub.run(id);

ALTER TABLE ONLY hub.held_batch
    ADD CONSTRAINT held_batch_run_id_fkey FOREIGN KEY (run_id) REFERENCES hub.run(id);

ALTER TABLE ONLY hub.hit_act
    ADD CONSTRAINT hit_act_dispute_id_fkey FOREIGN KEY (dispute_id) REFERENCES hub.dispute(id);

ALTER TABLE ONLY hub.password_past
    ADD CONSTRAINT password_past_account_fkey FOREIGN KEY (account) REFERENCES hub.account(name);

ALTER TABLE ONLY hub.quarantine
    ADD CONSTRAINT quarantine_closed_run_fkey FOREIGN KEY (closed_run) REFERENCES hub.run(id);

ALTER TABLE ONLY hub.quarantine
    ADD CONSTRAINT quarantine_opened_run_fkey FOREIGN KEY (opened_run) REFERENCES hub.run(id);

ALTER TABLE ONLY hub.quarantine
    ADD CONSTRAINT quarantine_record_id_fkey FOREIGN KEY (record_id) REFERENCES hub.record(id);

ALTER TABLE ONLY hub.recall_receiver
    ADD CONSTRAINT recall_receiver_recall_id_fkey FOREIGN KEY (recall_id) REFERENCES hub.recall(id);

ALTER TABLE ONLY hub.recall
    ADD CONSTRAINT recall_record_id_fkey FOREIGN KEY (record_id) REFERENCES hub.record(id);

ALTER TABLE ONLY hub.recovered
    ADD CONSTRAINT recovered_restoration_id_fkey FOREIGN KEY (restoration_id) REFERENCES hub.restoration(id);

ALTER TABLE ONLY hub.remark
    ADD CONSTRAINT remark_entry_id_fkey FOREIGN KEY (entry_id) REFERENCES hub.quarantine(id);

ALTER TABLE ONLY hub.report
    ADD CONSTRAINT report_run_id_fkey FOREIGN KEY (run_id) REFERENCES hub.run(id);

ALTER TABLE ONLY hub.session
    ADD CONSTRAINT session_account_fkey FOREIGN KEY (account) REFERENCES hub.account(name);

ALTER TABLE ONLY hub.shape_change
    ADD CONSTRAINT shape_change_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES hub.batch(id);

ALTER TABLE ONLY hub.shape_change
    ADD CONSTRAINT shape_change_run_id_fkey FOREIGN KEY (run_id) REFERENCES hub.run(id);

ALTER TABLE ONLY hub.source_file
    ADD CONSTRAINT source_file_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES hub.batch(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY hub.source_file
    ADD CONSTRAINT source_file_contract_id_fkey FOREIGN KEY (contract_id) REFERENCES hub.contract_version(id);

ALTER TABLE ONLY hub.source_file
    ADD CONSTRAINT source_file_run_id_fkey FOREIGN KEY (run_id) REFERENCES hub.run(id);

ALTER TABLE ONLY hub.submission
    ADD CONSTRAINT submission_account_fkey FOREIGN KEY (account) REFERENCES hub.account(name);

ALTER TABLE ONLY hub.supervision_act
    ADD CONSTRAINT supervision_act_case_id_fkey FOREIGN KEY (case_id) REFERENCES hub.supervision_case(id);

ALTER TABLE ONLY hub.supply
    ADD CONSTRAINT supply_inbound_id_fkey FOREIGN KEY (inbound_id) REFERENCES hub.inbound(id);

ALTER TABLE ONLY hub.workday
    ADD CONSTRAINT workday_calendar_fkey FOREIGN KEY (calendar) REFERENCES hub.calendar(version);

ALTER TABLE fact.clock ENABLE ROW LEVEL SECURITY;

ALTER TABLE fact.hit ENABLE ROW LEVEL SECURITY;

ALTER TABLE fact.scenario ENABLE ROW LEVEL SECURITY;

CREATE POLICY shown ON fact.clock FOR SELECT TO hub_shown USING (fact.shown(scope, COALESCE(( SELECT (NULLIF(COALESCE((j.shown ->> 'clock'::text), (j.shown ->> '*'::text)), ''::text))::text[] AS "nullif"
   FROM ( SELECT hub.identity() AS shown) j), hub.shown_in('clock'::text, project_code)), units, ( SELECT hub.reading_unit() AS reading_unit)));

CREATE POLICY shown ON fact.hit FOR SELECT TO hub_reader USING (((EXISTS ( SELECT
   FROM unnest(( SELECT hub.supervised_regions() AS supervised_regions)) n(n)
  WHERE starts_with(hit.county, n.n))) OR (((indicator, subject) IN ( SELECT a.indicator,
    a.subject
   FROM hub.hit_act a)) AND fact.hit_told(hit.*, ( SELECT hub.reading_unit() AS reading_unit)))));

CREATE POLICY shown ON fact.scenario FOR SELECT TO hub_shown USING (fact.shown('project'::text, COALESCE(( SELECT (NULLIF(COALESCE((j.shown ->> 'clock'::text), (j.shown ->> '*'::text)), ''::text))::text[] AS "nullif"
   FROM ( SELECT hub.identity() AS shown) j), hub.shown_in('clock'::text, project_code)), '{}'::text[], NULL::text));

ALTER TABLE hub.applied_anew ENABLE ROW LEVEL SECURITY;

ALTER TABLE hub.batch ENABLE ROW LEVEL SECURITY;

CREATE POLICY below_views ON hub.batch FOR SELECT TO hub_shown USING (true);

CREATE POLICY below_views ON hub.landing FOR SELECT TO hub_shown USING (true);

CREATE POLICY below_views ON hub.record FOR SELECT TO hub_shown USING (true);

ALTER TABLE hub.contract_version ENABLE ROW LEVEL SECURITY;

ALTER TABLE hub.delivery ENABLE ROW LEVEL SECURITY;

ALTER TABLE hub.delivery_event ENABLE ROW LEVEL SECURITY;

ALTER TABLE hub.history ENABLE ROW LEVEL SECURITY;

ALTER TABLE hub.hit_act ENABLE ROW LEVEL SECURITY;

ALTER TABLE hub.landing ENABLE ROW LEVEL SECURITY;

CREATE POLICY looking_into ON hub.applied_anew FOR SELECT TO hub_reader USING (( SELECT hub.looks_into() AS looks_into));

CREATE POLICY looking_into ON hub.batch FOR SELECT TO hub_reader USING (( SELECT hub.looks_into() AS looks_into));

CREATE POLICY looking_into ON hub.contract_version FOR SELECT TO hub_reader USING (( SELECT hub.looks_into() AS looks_into));

CREATE POLICY looking_into ON hub.delivery FOR SELECT TO hub_reader USING (( SELECT hub.looks_into() AS looks_into));

CREATE POLICY looking_into ON hub.delivery_event FOR SELECT TO hub_reader USING (( SELECT hub.looks_into() AS looks_into));

CREATE POLICY looking_into ON hub.history FOR SELECT TO hub_reader USING (( SELECT hub.looks_into() AS looks_into));

CREATE POLICY looking_into ON hub.landing FOR SELECT TO hub_reader USING (( SELECT hub.looks_into() AS looks_into));

CREATE POLICY looking_into ON hub.part FOR SELECT TO hub_reader USING (( SELECT hub.looks_into() AS looks_into));

CREATE POLICY looking_into ON hub.receipt FOR SELECT TO hub_reader USING (( SELECT hub.looks_into() AS looks_into));

CREATE POLICY looking_into ON hub.record FOR SELECT TO hub_reader USING (( SELECT hub.looks_into() AS looks_into));

ALTER TABLE hub.part ENABLE ROW LEVEL SECURITY;

ALTER TABLE hub.receipt ENABLE ROW LEVEL SECURITY;

ALTER TABLE hub.record ENABLE ROW LEVEL SECURITY;

CREATE POLICY shown ON hub.hit_act FOR SELECT TO hub_reader USING (((( SELECT hub.reading_unit() AS reading_unit) = ANY (names)) OR (EXISTS ( SELECT
   FROM unnest(( SELECT hub.supervised_regions() AS supervised_regions)) n(n)
  WHERE starts_with(hit_act.region, n.n)))));

CREATE POLICY shown ON hub.supervision_act FOR SELECT TO hub_reader USING ((EXISTS ( SELECT
   FROM hub.supervision_case c
  WHERE (c.id = supervision_act.case_id))));

CREATE POLICY shown ON hub.supervision_case FOR SELECT TO hub_reader USING (((( SELECT hub.reading_unit() AS reading_unit) = ANY (names)) OR (EXISTS ( SELECT
   FROM unnest(( SELECT hub.supervised_regions() AS supervised_regions)) n(n)
  WHERE starts_with(supervision_case.region, n.n)))));

ALTER TABLE hub.supervision_act ENABLE ROW LEVEL SECURITY;

ALTER TABLE hub.supervision_case ENABLE ROW LEVEL SECURITY;

GRANT USAGE ON SCHEMA fact TO hub_shown;
GRANT USAGE ON SCHEMA fact TO hub_reader;

GRANT USAGE ON SCHEMA hub TO hub_reader;
GRANT USAGE ON SCHEMA hub TO hub_shown;

GRANT SELECT ON TABLE fact.hit TO hub_reader;

GRANT SELECT ON TABLE hub.hit_act TO hub_reader;

GRANT ALL ON FUNCTION fact.scenario_state(due timestamp with time zone, ended timestamp with time zone, at timestamp with time zone) TO hub_shown;

GRANT SELECT ON TABLE fact.clock TO hub_shown;

GRANT SELECT ON TABLE fact.scenario TO hub_shown;

GRANT SELECT ON TABLE hub.applied_anew TO hub_reader;

GRANT SELECT ON TABLE hub.batch TO hub_reader;

GRANT SELECT(id) ON TABLE hub.batch TO hub_shown;

GRANT SELECT(run_id) ON TABLE hub.batch TO hub_shown;

GRANT SELECT(contract_id) ON TABLE hub.batch TO hub_shown;

GRANT SELECT(committed_at) ON TABLE hub.batch TO hub_shown;

GRANT SELECT ON TABLE hub.contract_version TO hub_reader;

GRANT SELECT ON TABLE hub.delivery TO hub_reader;

GRANT SELECT ON TABLE hub.delivery_event TO hub_reader;

GRANT SELECT ON TABLE hub.disagreement TO hub_shown;

GRANT SELECT ON TABLE hub.entity_field TO hub_reader;

GRANT SELECT ON TABLE hub.history TO hub_reader;

GRANT SELECT(id) ON TABLE hub.landing TO hub_shown;
GRANT SELECT(id) ON TABLE hub.landing TO hub_reader;

GRANT SELECT(flow) ON TABLE hub.landing TO hub_shown;
GRANT SELECT(flow) ON TABLE hub.landing TO hub_reader;

GRANT SELECT(key) ON TABLE hub.landing TO hub_shown;
GRANT SELECT(key) ON TABLE hub.landing TO hub_reader;

GRANT SELECT(batch_id) ON TABLE hub.landing TO hub_shown;
GRANT SELECT(batch_id) ON TABLE hub.landing TO hub_reader;

GRANT SELECT("position") ON TABLE hub.landing TO hub_shown;
GRANT SELECT("position") ON TABLE hub.landing TO hub_reader;

GRANT SELECT(version) ON TABLE hub.landing TO hub_shown;
GRANT SELECT(version) ON TABLE hub.landing TO hub_reader;

GRANT SELECT(payload) ON TABLE hub.landing TO hub_reader;

GRANT SELECT(disposition) ON TABLE hub.landing TO hub_reader;

GRANT SELECT(source_time) ON TABLE hub.landing TO hub_shown;

GRANT SELECT ON TABLE hub.part TO hub_reader;

GRANT SELECT ON TABLE hub.receipt TO hub_reader;

GRANT SELECT ON TABLE hub.record TO hub_shown;
GRANT SELECT ON TABLE hub.record TO hub_reader;

GRANT SELECT ON TABLE hub.supervision_act TO hub_reader;

GRANT SELECT ON TABLE hub.supervision_case TO hub_reader;
