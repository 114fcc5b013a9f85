"""Database objects with their definitions, now and as the last migration left them (drift)."""

from collections.abc import Mapping

from psycopg.types.json import Jsonb

from hub.db.database import PATH, Transaction

# Security: objects that could shadow PostgreSQL's own in our statements (functions, operators,
# casts from neither server nor extension; settings that reorder the search path). Partitions come
# and go: of these only enabled triggers count, as of their parent. Long definitions are kept as
# hash.
OBJECTS = r"""
with ours as (
    select c.oid, c.relkind, c.relname, c.relrowsecurity, c.relforcerowsecurity, c.relowner,
        c.relacl, c.reloptions,
           n.nspname, n.nspname || '.' || c.relname as name
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname in ('hub', 'fact', 'source', 'golden', 'shown', 'asserted')
         and not c.relispartition
       and not (c.relkind = 'r' and c.relname ~ '_\d{6}$'))
select 'table ' || o.name, concat_ws(' ',
           o.relkind, 'row security ' || o.relrowsecurity || ' ' || o.relforcerowsecurity,
           'disabled ' || (select count(*) from pg_trigger t
                            where t.tgenabled <> 'O'
                              and t.tgrelid in (select o.oid union all
                                                select i.inhrelid from pg_inherits i
                                                    where i.inhparent = o.oid)),
           o.reloptions::text)
  from ours o where o.relkind in ('r', 'p', 'v')
 union all
select 'grants ' || o.name, string_agg(
           case when x.grantee = o.relowner then 'owner' when x.grantee = 0 then 'public'
                else x.grantee::regrole::text end || ' ' || x.privilege_type, ', '
                    order by x.grantee, x.privilege_type)
  from ours o cross join lateral aclexplode(coalesce(o.relacl, acldefault('r', o.relowner))) x
 where o.relkind in ('r', 'p', 'v') group by o.name
 union all
select 'column ' || o.name || '.' || a.attname, concat_ws(' ', format_type(a.atttypid, a.atttypmod),
           case when a.attnotnull then 'not null' end, pg_get_expr(d.adbin, d.adrelid),
               nullif(a.attidentity, ''),
           nullif(a.attgenerated, ''))
  from ours o join pg_attribute a on a.attrelid = o.oid and a.attnum > 0 and not a.attisdropped
  left join pg_attrdef d on d.adrelid = o.oid and d.adnum = a.attnum
 where o.relkind in ('r', 'p')
 union all
select 'constraint ' || o.name || '.' || c.conname, pg_get_constraintdef(c.oid)
           || case when c.convalidated then '' else ' not valid' end
  from ours o join pg_constraint c on c.conrelid = o.oid where c.contype <> 'n'
 union all
select 'index ' || o.nspname || '.' || x.relname, pg_get_indexdef(i.indexrelid)
           || case when i.indisvalid then '' else ' invalid' end
  from ours o join pg_index i on i.indrelid = o.oid join pg_class x on x.oid = i.indexrelid
      where i.indisunique
 union all
select 'trigger ' || o.name || '.' || t.tgname, t.tgenabled::text || ' ' || pg_get_triggerdef(t.oid)
  from ours o join pg_trigger t on t.tgrelid = o.oid where not t.tgisinternal
 union all
select 'rule ' || o.name || '.' || r.rulename, r.ev_enabled::text || ' ' ||
    md5(pg_get_ruledef(r.oid))
  from ours o join pg_rewrite r on r.ev_class = o.oid
 union all
select 'policy ' || o.name || '.' || p.polname, concat_ws(' ', p.polcmd, p.polpermissive,
           (select string_agg(case when u.id = 0 then 'public' else u.id::regrole::text end, ','
               order by u.id)
              from unnest(p.polroles) u (id)),
           md5(concat_ws('|', pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck,
               p.polrelid))))
  from ours o join pg_policy p on p.polrelid = o.oid
 union all
select 'function ' || n.nspname || '.' || f.proname || '(' ||
    pg_get_function_identity_arguments(f.oid) || ')',
       concat_ws(' ', f.prokind, f.provolatile, case when f.prosecdef then 'definer' end,
           f.proconfig::text,
                 md5(pg_get_functiondef(f.oid)))
  from pg_proc f join pg_namespace n on n.oid = f.pronamespace
 where n.nspname in ('hub', 'fact', 'source', 'golden', 'shown', 'asserted') and f.prokind in ('f',
     'p')
 union all
select 'event trigger ' || evtname, evtenabled::text || ' ' || evtfoid::regproc::text
    from pg_event_trigger
 union all
select a.named, a.said
  from (select 'pg_proc'::regclass as class, f.oid,
               'function ' || n.nspname || '.' || f.proname || '(' ||
                   pg_get_function_identity_arguments(f.oid) || ')'
                   as named, md5(concat_ws(' ', f.prosrc, f.probin, f.proconfig::text)) as said
          from pg_proc f join pg_namespace n on n.oid = f.pronamespace where n.nspname
              in ('pg_catalog', 'public')
         union all
        select 'pg_operator'::regclass, o.oid, 'operator ' || o.oid::regoperator::text,
            o.oprcode::text
          from pg_operator o join pg_namespace n on n.oid = o.oprnamespace
         where n.nspname in ('pg_catalog', 'public')
         union all
        select 'pg_cast'::regclass, c.oid,
               'cast ' || format_type(c.castsource, null) || ' as ' || format_type(c.casttarget,
                   null),
               concat_ws(' ', c.castmethod, c.castcontext, nullif(c.castfunc,
                   0)::regprocedure::text)
          from pg_cast c) a
 where a.oid >= 16384
   and not exists (select from pg_depend d where d.classid = a.class and d.objid = a.oid
       and d.deptype = 'e')
 union all
select 'setting ' || split_part(s.said, '=', 1)
           || case when r.setrole = 0 then '' else ' of ' || pg_get_userbyid(r.setrole) end, s.said
  from pg_db_role_setting r cross join unnest(r.setconfig) s (said)
 where r.setdatabase in (0, (select oid from pg_database where datname = current_database()))
   and split_part(s.said, '=', 1) in ('search_path', 'session_replication_role', 'row_security',
                                      'session_preload_libraries', 'local_preload_libraries')
"""
USE_PATH = "select set_config('search_path', %s, true)"
LATEST = "select objects, drift from hub.structure order by id desc limit 1"
LAST_EVENT = "select last_value from hub.event_seq"
ADD = "insert into hub.structure (last_event, objects, drift) values (%s, %s, %s)"
BASELINE = "select coalesce(min(last_event), 0) from hub.structure"
THERE = "select to_regclass('hub.structure') is not null"


def objects(tx: Transaction) -> dict[str, str]:
    """Object name -> definition, as they are now.

    The search path is fixed for this, since PostgreSQL omits names on it from definitions.
    """
    before = tx.execute("select current_setting('search_path')").fetchone()
    tx.execute(USE_PATH, (PATH,))
    found = {name: said or "" for name, said in tx.execute(OBJECTS)}
    tx.execute(USE_PATH, before)
    return found


def made(tx: Transaction) -> tuple[dict[str, str], list[str]] | None:
    """(objects after the last migration, drift found before it); None: never stored."""
    row = tx.execute(LATEST).fetchone()
    return (row[0], row[1]) if row else None


def drifted(tx: Transaction) -> list[str]:
    """Objects changed since the last migration, by name; [] where none was stored."""
    there = tx.execute(THERE).fetchone()
    stood = made(tx) if there and there[0] else None
    if stood is None:
        return []
    now = objects(tx)
    return sorted(
        name for name in stood[0].keys() | now.keys() if stood[0].get(name) != now.get(name)
    )


def keep(tx: Transaction, drift: list[str]) -> None:
    """Store the objects after a migration, unless stored already."""
    now, stood = objects(tx), made(tx)
    if stood is None or stood[0] != now or drift:
        event = tx.execute(LAST_EVENT).fetchone()
        tx.execute(ADD, (event[0] if event else 0, Jsonb(now), Jsonb(drift)))


def baseline(tx: Transaction) -> int:
    """The newest event id when objects were first stored."""
    row = tx.execute(BASELINE).fetchone()
    return int(row[0]) if row else 0


def differing(
    stood: Mapping[str, str], now: Mapping[str, str]
) -> list[tuple[str, str | None, str | None]]:
    """(name, definition now, definition then) of each object that differs."""
    names = sorted(name for name in stood.keys() | now.keys() if stood.get(name) != now.get(name))
    return [(name, now.get(name), stood.get(name)) for name in names]
