-- What a recovered database is asked before it is believed: one JSON document {checks, tables}. Only reads, so that a hot standby can answer.
-- Run with -v last, the time of the last commit that was replayed, and -v until, the time that was aimed at; either may be empty. Every check
-- runs, whatever the ones before it found.
set client_min_messages = error;
set lock_timeout = '10s';
select set_config('drill.last_commit', :'last', false), set_config('drill.until', :'until', false) \g /dev/null
do $$
declare
    checks jsonb := '[]';
    tables jsonb := '[]';
    one record;
    sample record;
    plan text;
    rows bigint;
    total bigint := 0;
    samples int := 0;
    -- Neighbours that sequential searches find, and how many of them the index finds, too.
    wanted int;
    hits int;
    exact double precision[];
    found double precision[];
    wrong text[] := '{}';
    seen text[] := '{}';
    last_commit timestamptz := nullif(current_setting('drill.last_commit'), '')::timestamptz;
    until timestamptz := nullif(current_setting('drill.until'), '')::timestamptz;
    beat timestamptz;
    revision text;
    told text;
begin
    begin
        for one in
            select c.oid::regclass as name, c.reltuples from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where n.nspname = 'migration' and c.relkind = 'r'
                -- Paused recovery holds the locks of transactions that had not ended: what they were altering cannot be read.
                and c.oid not in (select l.relation from pg_locks l where l.locktype = 'relation' and l.mode = 'AccessExclusiveLock' and l.granted)
            order by c.relname
        loop
            -- Counting reads the whole table; of a large one what the planner believes has to do.
            if one.reltuples < 1e6 then
                execute format('select count(*) from %s', one.name) into rows;
            else
                rows := one.reltuples;
            end if;
            total := total + rows;
            tables := tables || jsonb_build_object('table', one.name::text, 'rows', rows, 'exact', one.reltuples < 1e6);
        end loop;
        checks := checks || jsonb_build_object('what', 'tables', 'verdict', 'pass',
            'seen', format('%s tables with %s rows', jsonb_array_length(tables), total));
    exception when others then
        checks := checks || jsonb_build_object('what', 'tables', 'verdict', 'fail', 'seen', sqlerrm);
    end;

    begin
        revision := 'none yet';
        if to_regclass('migration.alembic_version') is not null then
            execute 'select coalesce(min(version_num), ''none yet'') from migration.alembic_version' into revision;
        end if;
        checks := checks || jsonb_build_object('what', 'schema revision', 'verdict', 'pass', 'seen', revision);
    exception when others then
        checks := checks || jsonb_build_object('what', 'schema revision', 'verdict', 'fail', 'seen', sqlerrm);
    end;

    begin
        select array_agg(n.nspname || '.' || c.relname) into wrong
        from pg_index x join pg_class c on c.oid = x.indexrelid join pg_namespace n on n.oid = c.relnamespace
        where not (x.indisvalid and x.indisready and x.indislive);
        checks := checks || jsonb_build_object('what', 'indexes', 'verdict', case when wrong is null then 'pass' else 'fail' end,
            'seen', coalesce('not valid: ' || array_to_string(wrong, ', '), 'all are valid'));
    exception when others then
        checks := checks || jsonb_build_object('what', 'indexes', 'verdict', 'fail', 'seen', sqlerrm);
    end;

    -- An index on embeddings is asked for the neighbours of rows that are there, and a sequential search for the same.
    begin
        wrong := '{}';
        for one in
            select i.indexrelid::regclass as name, ic.relname, i.indrelid::regclass as heap, a.attname, format_type(a.atttypid, null) as type,
                o.oprname, greatest(c.reltuples, 1) as reltuples
            from pg_index i join pg_class ic on ic.oid = i.indexrelid join pg_class c on c.oid = i.indrelid
                join pg_am am on am.oid = ic.relam join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
                join pg_opclass oc on oc.oid = i.indclass[0]
                join pg_amop ao on ao.amopfamily = oc.opcfamily and ao.amoppurpose = 'o' join pg_operator o on o.oid = ao.amopopr
            where am.amname in ('hnsw', 'ivfflat') and i.indisvalid and i.indpred is null
                and c.oid not in (select l.relation from pg_locks l where l.locktype = 'relation' and l.mode = 'AccessExclusiveLock' and l.granted)
            order by ic.relname
        loop
            samples := 0;
            wanted := 0;
            hits := 0;
            perform set_config('hnsw.ef_search', '200', false), set_config('ivfflat.probes', '100', false);
            for sample in execute format('select %I::text as value from %s tablesample bernoulli (%s) where %I is not null limit 3',
                one.attname, one.heap, least(100, 10000 / one.reltuples), one.attname)
            loop
                samples := samples + 1;
                perform set_config('enable_indexscan', 'off', false), set_config('enable_seqscan', 'on', false);
                execute format('select array_agg(d order by d) from (select %I %s %L::%s as d from %s order by 1 limit 10) x',
                    one.attname, one.oprname, sample.value, one.type, one.heap) into exact;
                perform set_config('enable_indexscan', 'on', false), set_config('enable_seqscan', 'off', false);
                execute format('explain (format json) select %I from %s order by %I %s %L::%s limit 10',
                    one.attname, one.heap, one.attname, one.oprname, sample.value, one.type) into plan;
                execute format('select array_agg(d order by d) from (select %I %s %L::%s as d from %s order by %I %s %L::%s limit 10) x',
                    one.attname, one.oprname, sample.value, one.type, one.heap, one.attname, one.oprname, sample.value, one.type) into found;
                if strpos(plan, one.relname) = 0 then
                    wrong := wrong || format('%s is not used', one.name);
                end if;
                wanted := wanted + array_length(exact, 1);
                hits := hits + (select count(*) from unnest(found) d where d <= exact[array_length(exact, 1)] + 1e-6);
            end loop;
            told := format('%s finds %s of the %s neighbours that a sequential search finds for %s samples', one.name, hits, wanted, samples);
            -- Such an index answers approximately; one that misses most is not sound.
            if hits < 0.5 * wanted then
                wrong := wrong || told;
            end if;
            seen := seen || told;
        end loop;
        checks := checks || jsonb_build_object('what', 'vector indexes', 'verdict', case when wrong = '{}' then 'pass' else 'fail' end,
            'seen', case when wrong <> '{}' then array_to_string(wrong, '; ') when seen = '{}' then 'there are none' else array_to_string(seen, '; ') end);
    exception when others then
        checks := checks || jsonb_build_object('what', 'vector indexes', 'verdict', 'fail', 'seen', sqlerrm);
    end;

    -- The agent commits a heartbeat every half minute: the last one lies shortly before the last commit, and not after the time that was aimed at.
    -- It may be the last commit itself: of one that ends a recovery to an LSN Postgres does not tell the time.
    begin
        execute 'select max(at) from ops.heartbeat' into beat;
        checks := checks || case
            when last_commit is null then jsonb_build_object('what', 'heartbeat', 'verdict', 'pass', 'seen', 'no commit was replayed to compare it with')
            when beat is null then jsonb_build_object('what', 'heartbeat', 'verdict', 'fail', 'seen', 'there is none')
            when beat > until or beat < last_commit - interval '10 minutes' then jsonb_build_object('what', 'heartbeat', 'verdict', 'fail',
                'seen', format('it is of %s, the last commit of %s, and the time that was aimed at %s',
                    beat at time zone 'UTC', last_commit at time zone 'UTC', coalesce((until at time zone 'UTC')::text, 'none')))
            else jsonb_build_object('what', 'heartbeat', 'verdict', 'pass',
                'seen', format('%s s before the last commit', round(greatest(extract(epoch from last_commit - beat), 0), 1))) end;
    exception when others then
        checks := checks || jsonb_build_object('what', 'heartbeat', 'verdict', 'fail', 'seen', sqlerrm);
    end;

    -- The RDB of Redis is in the database: what is told of it has to be there, as it was written.
    begin
        execute 'select format(''%s keys as of %s'', keys, as_of at time zone ''UTC''), bytes from ops.redis_snapshot' into told, rows;
        if told is not null then
            execute 'select coalesce(sum(octet_length(content)), 0), count(*) filter (where sha256(content) <> sha256) from ops.redis_chunk'
                into total, samples;
        end if;
        checks := checks || case
            when told is null then jsonb_build_object('what', 'redis', 'verdict', 'pass', 'seen', 'no snapshot of it is there')
            when total <> rows or samples > 0 then jsonb_build_object('what', 'redis', 'verdict', 'fail',
                'seen', format('%s of %s bytes are there, %s parts are not as they were written', total, rows, samples))
            else jsonb_build_object('what', 'redis', 'verdict', 'pass', 'seen', told) end;
    exception
        when undefined_table then null;
        when others then checks := checks || jsonb_build_object('what', 'redis', 'verdict', 'fail', 'seen', sqlerrm);
    end;
    perform set_config('drill.found', jsonb_build_object('checks', checks, 'tables', tables)::text, false);
end $$;
select current_setting('drill.found');
