-- The image's own schemas. Run at every start of the primary: every statement may be repeated.
set client_min_messages = warning;
begin;
create schema if not exists pgbouncer;
create or replace function pgbouncer.user_lookup(p_user text) returns table (usename name, passwd text)
    language sql stable security definer set search_path = pg_catalog as
$$ select rolname, rolpassword from pg_authid where rolname = p_user and rolcanlogin and not rolsuper and not rolreplication $$;
revoke all on function pgbouncer.user_lookup(text) from public;
grant usage on schema pgbouncer to pgbouncer_auth;
grant execute on function pgbouncer.user_lookup(text) to pgbouncer_auth;

create schema if not exists ops;
-- Where a database is recovered nothing can be made in it: what reads its pages has to be there already.
select 'create extension if not exists amcheck schema ops' where exists (select from pg_available_extensions where name = 'amcheck') \gexec
create table if not exists ops.heartbeat (
    id smallint primary key default 1 check (id = 1),
    at timestamptz not null,
    beats bigint not null default 1
);
create table if not exists ops.backup_request (
    id bigint generated always as identity primary key,
    type text not null check (type in ('full', 'diff', 'incr')),
    requested_by text not null,
    status text not null default 'pending' check (status in ('pending', 'running', 'succeeded', 'failed')),
    requested_at timestamptz not null default now(),
    started_at timestamptz,
    finished_at timestamptz,
    exit_code integer,
    label text,
    message text
);
create or replace function ops.beat() returns void language sql as
$$ insert into ops.heartbeat (at) values (now()) on conflict (id) do update set at = now(), beats = heartbeat.beats + 1 $$;
create or replace function ops.next_backup() returns table (id bigint, type text) language sql as
$$ update ops.backup_request set status = 'running', started_at = now()
   where id = (select r.id from ops.backup_request r where r.status = 'pending' order by r.id limit 1 for update skip locked)
   returning id, type $$;
create or replace function ops.fail_orphans() returns void language sql as
$$ update ops.backup_request set status = 'failed', finished_at = now(), exit_code = -1,
   message = 'the backup agent was restarted while the backup ran' where status = 'running' $$;
create or replace function ops.request_backup(p_type text, p_by text) returns bigint
    language sql security definer set search_path = pg_catalog as
$$ insert into ops.backup_request (type, requested_by) values (p_type, p_by) returning id $$;
create or replace function ops.cancel_backup(p_id bigint) returns void
    language sql security definer set search_path = pg_catalog as
$$ update ops.backup_request set status = 'failed', finished_at = now(), message = 'the request was given up before it began'
   where id = p_id and status = 'pending' $$;
revoke all on all functions in schema ops from public;
grant usage on schema ops to backup_operator, monitoring;
grant select on ops.backup_request, ops.heartbeat to backup_operator, monitoring;
grant execute on function ops.request_backup(text, text), ops.cancel_backup(bigint) to backup_operator;
commit;
