-- Tables with their rows, schema revision and heartbeat. Counted is up to 256 MiB of a table; beyond that Postgres' own estimate is told.
-- Recovery that has paused holds the locks of transactions that had not ended at its target: a table that was being dropped or altered then
-- cannot be read before it goes on, and nothing is known of its rows.
select case
    when c.oid in (select l.relation from pg_locks l where l.locktype = 'relation' and l.mode = 'AccessExclusiveLock' and l.granted)
    then format('select json_build_object(''table'', json_build_object(''name'', %L, ''rows'', null, ''exact'', false))',
        n.nspname || '.' || c.relname)
    when pg_relation_size(c.oid) <= 268435456
    then format('select json_build_object(''table'', json_build_object(''name'', %L, ''rows'', count(*), ''exact'', true)) from only %I.%I',
        n.nspname || '.' || c.relname, n.nspname, c.relname)
    else format('select json_build_object(''table'', json_build_object(''name'', %L, ''rows'', %s, ''exact'', false))',
        n.nspname || '.' || c.relname, case when c.reltuples < 0 then 'null' else c.reltuples::bigint::text end)
    end
from pg_class c join pg_namespace n on n.oid = c.relnamespace
-- Unlogged and temporary tables are not in the WAL.
where c.relkind = 'r' and c.relpersistence = 'p' and n.nspname !~ '^(pg_|information_schema$|ops$|pgbouncer$)'
order by n.nspname, c.relname
\gexec
select to_regclass('migration.alembic_version') is not null as migrated, to_regclass('ops.heartbeat') is not null as beating,
    to_regclass('ops.redis_chunk') is not null as keeping \gset
\if :migrated
select json_build_object('schemaRevision', string_agg(version_num, ',' order by version_num)) from migration.alembic_version;
\endif
\if :beating
select json_build_object('heartbeat', json_build_object('at', to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'advances', not pg_is_in_recovery() and at > pg_postmaster_start_time()))
from ops.heartbeat;
\endif
\if :keeping
select json_build_object('redis', json_build_object('asOf', to_char(as_of at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'version', version,
    'keys', keys, 'bytes', bytes, 'sha256', sha256)) from ops.redis_snapshot;
\endif
select json_build_object('replicas', count(*)) from pg_stat_replication
where state = 'streaming' and application_name <> 'pg_basebackup';
