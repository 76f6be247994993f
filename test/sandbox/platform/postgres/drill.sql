-- What the answers of a recovered database mean for a drill, which nobody looks at: one JSON list of checks, each passed or failed.
-- Run with -v depth, of the examination, -v last, the time of the last commit that was replayed, and -v until, the time that was aimed at;
-- either time may be empty. The answers, a document a line, are read from a file.
\set documents `cat /tmp/examined.json`
with told as (
    select line::jsonb as document from regexp_split_to_table(:'documents', '\n') line where line <> ''
), failures as (
    select document #>> '{failure,what}' as what, left(string_agg(document #>> '{failure,message}', '; '), 400) as message
    from told where document ? 'failure' group by 1
), vectors as (
    select document #>> '{vectorIndex,index}' as index, document #>> '{vectorIndex,error}' as error,
        (document #>> '{vectorIndex,sampled}')::int as sampled, (document #>> '{vectorIndex,agreed}')::int as agreed
    from told where document ? 'vectorIndex'
), moments as (
    select nullif(:'last', '')::timestamptz as last, nullif(:'until', '')::timestamptz as until,
        (select (document #>> '{heartbeat,at}')::timestamptz from told where document ? 'heartbeat') as beat
), redis as (
    select (select document -> 'redis' from told where document ? 'redis') as snapshot,
        (select document -> 'redisParts' from told where document ? 'redisParts') as parts
), pages as (
    select (select document -> 'pages' from told where document ? 'pages') as read
), checks (place, what, sound, seen) as (
    select 1, 'tables', true, format('%s tables, %s rows', count(*), coalesce(sum((document #>> '{table,rows}')::bigint), 0))
    from told where document ? 'table'
    union all
    select 2, 'schema', true, 'revision ' || coalesce(max(document ->> 'schemaRevision'), 'none') from told
    union all
    select 3, 'indexes', count(*) = 0, coalesce('not valid: ' || string_agg(document ->> 'invalidIndex', ', '), 'all are valid')
    from told where document ? 'invalidIndex'
    union all
    -- Such an index answers approximately; one that misses most is not sound.
    select 4, 'vector-indexes', coalesce(bool_and(error is null and 2 * agreed >= sampled), true),
        coalesce(string_agg(case
            when error is null then format('%s gives the nearest for %s of %s vectors', index, agreed, sampled)
            else format('%s: %s', index, error) end, '; '), 'there are none')
    from vectors
    union all
    -- One that is behind was so in the database that was backed up.
    select 5, 'sequences', true,
        coalesce(string_agg(document ->> 'sequenceBehind', ', '), 'none') || ' would give a value that its table has already'
    from told where document ? 'sequenceBehind'
    union all
    -- The agent commits a heartbeat every half minute: the last one lies shortly before the last commit, and not after the time that was aimed
    -- at. It may be the last commit itself: of one that ends a recovery to an LSN Postgres does not tell the time.
    select 6, 'heartbeat', last is null or coalesce(near, false),
        case
            when last is null then 'no commit was replayed to compare it with'
            when beat is null then 'there is none'
            when near then format('%s s before the last commit', round(greatest(extract(epoch from last - beat), 0), 1))
            else format('it is of %s, the last commit of %s, and the time that was aimed at %s', beat at time zone 'UTC', last at time zone 'UTC',
                coalesce((until at time zone 'UTC')::text, 'none')) end
    from (select *, beat >= last - interval '10 minutes' and (until is null or beat <= until) as near from moments) compared
    union all
    select 7, 'redis', snapshot is null or whole,
        case
            when snapshot is null then 'no snapshot of it is there'
            when whole then format('%s keys as of %s', snapshot ->> 'keys', snapshot ->> 'asOf')
            else format('%s of %s bytes are there, %s parts are not as they were written', parts ->> 'bytes', snapshot ->> 'bytes', parts ->> 'altered') end
    from (select *, parts -> 'bytes' = snapshot -> 'bytes' and (parts ->> 'altered')::int = 0 as whole from redis) looked
    union all
    select 8, 'pages', read is not null and read -> 'corrupt' = '[]',
        case
            when read is null then 'not read: the database has no amcheck'
            when read -> 'corrupt' = '[]' then format('%s tables and B-trees read, nothing wrong', read ->> 'looked')
            else (select string_agg(format('%s: %s', one ->> 'object', one ->> 'message'), '; ') from jsonb_array_elements(read -> 'corrupt') one) end
    from pages where :'depth' = 'thorough'
)
select jsonb_agg(jsonb_build_object('what', what, 'verdict', case when sound and message is null then 'pass' else 'fail' end,
    'seen', coalesce(message, seen)) order by place)
from checks left join failures using (what);
