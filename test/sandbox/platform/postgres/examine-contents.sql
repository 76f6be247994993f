-- Tables with their rows, schema revision, heartbeat and the snapshot of Redis. Counted is up to 256 MiB of a table; beyond that Postgres' own
-- estimate is told. What cannot be read is a failure, and keeps nothing else from being told.
do $contents$
declare
    one record;
    rows bigint;
    answer jsonb;
    told jsonb := '[]';
begin
    for one in
        select n.nspname || '.' || c.relname as name, format('%I.%I', n.nspname, c.relname) as path,
            case when c.reltuples >= 0 then c.reltuples::bigint end as estimate,
            -- Recovery that has paused holds the locks of transactions that had not ended at its target: a table that was being dropped or
            -- altered then cannot be read before it goes on, and nothing is known of its rows.
            c.oid in (select l.relation from pg_locks l where l.locktype = 'relation' and l.mode = 'AccessExclusiveLock' and l.granted) as locked
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        -- Unlogged and temporary tables are not in the WAL.
        where c.relkind = 'r' and c.relpersistence = 'p' and n.nspname !~ '^(pg_|information_schema$|ops$|pgbouncer$)'
        order by n.nspname, c.relname
    loop
        answer := jsonb_build_object('name', one.name, 'rows', null, 'exact', false);
        begin
            if not one.locked and pg_relation_size(one.path::regclass) <= 268435456 then
                execute format('select count(*) from only %s', one.path) into rows;
                answer := answer || jsonb_build_object('rows', rows, 'exact', true);
            elsif not one.locked then
                answer := answer || jsonb_build_object('rows', one.estimate);
            end if;
        exception when others then
            told := told || jsonb_build_object('failure', jsonb_build_object('what', 'tables', 'message', format('%s: %s', one.name, sqlerrm)));
        end;
        told := told || jsonb_build_object('table', answer);
    end loop;

    for one in
        select * from (values
            ('schema', 'migration.alembic_version',
                $$select jsonb_build_object('schemaRevision', string_agg(version_num, ',' order by version_num)) from migration.alembic_version$$),
            ('heartbeat', 'ops.heartbeat',
                $$select jsonb_build_object('heartbeat', jsonb_build_object('at', to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                    'advances', not pg_is_in_recovery() and at > pg_postmaster_start_time())) from ops.heartbeat$$),
            ('redis', 'ops.redis_chunk',
                $$select jsonb_build_object('redis', jsonb_build_object('asOf', to_char(as_of at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
                    'version', version, 'keys', keys, 'bytes', bytes, 'sha256', sha256)) from ops.redis_snapshot$$)) asked (what, needs, query)
    loop
        continue when to_regclass(one.needs) is null;
        begin
            execute one.query into answer;
            if answer is not null then told := told || answer; end if;
        exception when others then
            told := told || jsonb_build_object('failure', jsonb_build_object('what', one.what, 'message', sqlerrm));
        end;
    end loop;
    perform set_config('examine.contents', told::text, false);
end
$contents$;
select one from jsonb_array_elements(current_setting('examine.contents')::jsonb) one;
select json_build_object('replicas', count(*)) from pg_stat_replication
where state = 'streaming' and application_name <> 'pg_basebackup';
