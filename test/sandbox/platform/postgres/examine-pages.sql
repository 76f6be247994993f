-- Every table and every B-tree, page by page.
select to_regproc('ops.verify_heapam') is not null as has_amcheck \gset
\if :has_amcheck
do $pages$
declare
    one record;
    wrong record;
    told jsonb := '[]';
    looked bigint := 0;
begin
    for one in
        select c.oid, c.oid::regclass::text as name, c.relkind from pg_class c
        left join pg_index x on x.indexrelid = c.oid
        left join pg_am m on m.oid = c.relam
        where c.relpersistence = 'p' and (c.relkind in ('r', 't', 'm') or (c.relkind = 'i' and m.amname = 'btree' and x.indisvalid and x.indisready))
            and coalesce(x.indrelid, c.oid) not in (
                select l.relation from pg_locks l where l.locktype = 'relation' and l.mode = 'AccessExclusiveLock' and l.granted)
        order by c.oid
    loop
        looked := looked + 1;
        begin
            if one.relkind = 'i' then
                perform ops.bt_index_check(one.oid::regclass, true);
            else
                for wrong in select blkno, msg from ops.verify_heapam(one.oid::regclass) limit 3 loop
                    told := told || jsonb_build_object('object', one.name, 'message', format('block %s: %s', wrong.blkno, wrong.msg));
                end loop;
            end if;
        exception when others then
            told := told || jsonb_build_object('object', one.name, 'message', sqlerrm);
        end;
    end loop;
    perform set_config('examine.pages', jsonb_build_object('looked', looked, 'corrupt', told)::text, false);
end
$pages$;
select json_build_object('pages', current_setting('examine.pages')::jsonb);
\endif
