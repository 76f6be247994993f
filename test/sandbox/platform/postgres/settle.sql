update ops.backup_request
set status = case when :code = 0 then 'succeeded' else 'failed' end, finished_at = now(), exit_code = :code,
    label = nullif(:'label', ''), message = nullif(:'message', '')
where id = :id;
update ops.wal_dropped set closed_by = :'label'
where :code = 0 and closed_by is null and noticed_at < (select started_at from ops.backup_request where id = :id and type = 'full');
