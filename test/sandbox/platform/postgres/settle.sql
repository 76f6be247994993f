update ops.backup_request
set status = case when :code = 0 then 'succeeded' else 'failed' end, finished_at = now(), exit_code = :code,
    label = nullif(:'label', ''), message = nullif(:'message', '')
where id = :id;
