-- Indexes that cannot be used, sequences that would give a value again, the parts of Redis' snapshot, and what vector indexes answer beside
-- what reading the table gives.
select json_build_object('invalidIndex', n.nspname || '.' || c.relname)
from pg_index x join pg_class c on c.oid = x.indexrelid join pg_namespace n on n.oid = c.relnamespace
where not (x.indisvalid and x.indisready and x.indislive);

do $values$
declare
    one record;
    behind boolean;
    parts jsonb;
    told jsonb := '[]';
begin
    for one in
        select s.oid::regclass::text as sequence, format('select s.last_value < (select max(%I) from %I.%I) from %s s', a.attname, n.nspname,
            t.relname, s.oid::regclass) as query
        from pg_sequence q
        join pg_class s on s.oid = q.seqrelid
        join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = s.oid and d.refclassid = 'pg_class'::regclass
            and d.deptype in ('a', 'i')
        join pg_class t on t.oid = d.refobjid and t.relkind = 'r' and t.relpersistence = 'p'
        join pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid
        join pg_namespace n on n.oid = t.relnamespace
        where q.seqincrement > 0 and not q.seqcycle
            -- As in examine-contents.sql: what is locked by a transaction that had not ended cannot be read.
            and t.oid not in (select l.relation from pg_locks l where l.locktype = 'relation' and l.mode = 'AccessExclusiveLock' and l.granted)
        order by 1
    loop
        begin
            execute one.query into behind;
            if behind then told := told || jsonb_build_object('sequenceBehind', one.sequence); end if;
        exception when others then
            told := told || jsonb_build_object('failure', jsonb_build_object('what', 'sequences', 'message', format('%s: %s', one.sequence, sqlerrm)));
        end;
    end loop;

    -- What is told of the RDB of Redis has to be there, as it was written.
    if to_regclass('ops.redis_chunk') is not null then
        begin
            execute 'select jsonb_build_object(''bytes'', coalesce(sum(octet_length(content)), 0), ''altered'', count(*) filter (where sha256(content) <> sha256)) from ops.redis_chunk'
                into parts;
            told := told || jsonb_build_object('redisParts', parts);
        exception when others then
            told := told || jsonb_build_object('failure', jsonb_build_object('what', 'redis', 'message', sqlerrm));
        end;
    end if;
    perform set_config('examine.values', told::text, false);
end
$values$;
select one from jsonb_array_elements(current_setting('examine.values')::jsonb) one;

do $vectors$
declare
    index record;
    sample record;
    line text;
    nearest text;
    used boolean;
    by_index double precision;
    by_scan double precision;
    told jsonb;
    sampled integer;
    agreed integer;
begin
    for index in
        select i.oid::regclass::text as name, i.relname, format('%I.%I', n.nspname, t.relname) as on_table, format('%I', a.attname) as on_column,
            format('operator(%I.%s)', opn.nspname, op.oprname) as operator,
            -- Fifty pages are enough to choose from, and reading a large table once for each vector takes its time.
            least(100, 5000 / greatest(t.relpages, 1)) as share,
            case when t.reltuples > 1000000 then 1 else 3 end as samples
        from pg_index x
        join pg_class i on i.oid = x.indexrelid
        join pg_am m on m.oid = i.relam and m.amname in ('hnsw', 'ivfflat')
        join pg_class t on t.oid = x.indrelid and t.relpersistence = 'p'
        join pg_namespace n on n.oid = t.relnamespace
        join pg_attribute a on a.attrelid = t.oid and a.attnum = x.indkey[0]
        join pg_opclass o on o.oid = x.indclass[0]
        join pg_amop amop on amop.amopfamily = o.opcfamily and amop.amoppurpose = 'o'
        join pg_operator op on op.oid = amop.amopopr
        join pg_namespace opn on opn.oid = op.oprnamespace
        where x.indisvalid and x.indpred is null
            and t.oid not in (select l.relation from pg_locks l where l.locktype = 'relation' and l.mode = 'AccessExclusiveLock' and l.granted)
        order by 1
    loop
        sampled := 0;
        agreed := 0;
        told := jsonb_build_object('index', index.name);
        nearest := format('select %1$s %2$s $1 from %3$s order by %1$s %2$s $1 limit 1', index.on_column, index.operator, index.on_table);
        begin
            for sample in execute format('select %1$s as probe from %2$s tablesample system (%3$s) repeatable (1) where %1$s is not null order by md5(ctid::text) limit %4$s',
                index.on_column, index.on_table, greatest(index.share, 0.001), index.samples)
            loop
                sampled := sampled + 1;
                perform set_config('enable_seqscan', 'off', true), set_config('enable_sort', 'off', true), set_config('enable_indexscan', 'on', true);
                used := false;
                for line in execute 'explain (costs off) ' || nearest using sample.probe loop
                    used := used or strpos(line, index.relname) > 0;
                end loop;
                if not used then raise exception 'the planner does not use it'; end if;
                execute nearest into by_index using sample.probe;
                perform set_config('enable_seqscan', 'on', true), set_config('enable_sort', 'on', true), set_config('enable_indexscan', 'off', true);
                execute nearest into by_scan using sample.probe;
                if by_index <= by_scan + 1e-6 then agreed := agreed + 1; end if;
            end loop;
        exception when others then
            told := told || jsonb_build_object('error', sqlerrm);
        end;
        told := told || jsonb_build_object('sampled', sampled, 'agreed', agreed);
        perform set_config('examine.vectors', (coalesce(nullif(current_setting('examine.vectors', true), ''), '[]')::jsonb || told)::text, false);
    end loop;
end
$vectors$;
select json_build_object('vectorIndex', one)
from jsonb_array_elements(coalesce(nullif(current_setting('examine.vectors', true), ''), '[]')::jsonb) one;
