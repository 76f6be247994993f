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
create table if not exists ops.drill (
    id bigint generated always as identity primary key,
    asked_by text not null,
    status text not null default 'running' check (status in ('running', 'passed', 'failed')),
    started_at timestamptz not null default now(),
    finished_at timestamptz,
    -- What the drill told at its end: set, target, what was reached, figures and checks.
    outcome jsonb,
    message text
);
create table if not exists ops.wal_dropped (
    id bigint generated always as identity primary key,
    first_segment text not null,
    last_segment text not null,
    noticed_at timestamptz not null default now(),
    closed_by text
);
-- The RDB of Redis: one, whole, replaced in one transaction.
create table if not exists ops.redis_snapshot (
    id smallint primary key default 1 check (id = 1),
    -- When Redis began to write it, by the clock of Redis, and the latest moment at which Redis was seen to hold just this.
    taken_at timestamptz not null,
    as_of timestamptz not null,
    version text not null,
    keys bigint not null,
    -- Bytes that Redis needed for it in memory, and those of the RDB.
    memory bigint not null,
    bytes bigint not null,
    sha256 text not null,
    -- The process of Redis that wrote it.
    run_id text not null
);
create table if not exists ops.redis_chunk (
    part integer primary key,
    content bytea not null,
    sha256 bytea not null generated always as (sha256(content)) stored
);
-- An RDB is compressed already.
alter table ops.redis_chunk alter column content set storage external;
create table if not exists ops.redis_attempt (
    id smallint primary key default 1 check (id = 1),
    at timestamptz not null,
    -- Why no snapshot could be taken; null when one was, or Redis held nothing new.
    failure text
);
-- Answers and secrets, sealed by migratectl: what lies with the backups wherever they are.
create table if not exists ops.kit (
    id smallint primary key default 1 check (id = 1),
    document text not null,
    kept_at timestamptz not null default now()
);
-- Who reads the repository beside the primary: no set is taken away meanwhile.
create table if not exists ops.reader (
    who text primary key,
    -- One that is lost does not hold the sets for ever.
    until timestamptz not null
);
create or replace function ops.hold_sets(p_who text) returns void
    language sql security definer set search_path = pg_catalog as
$$ insert into ops.reader values (p_who, now() + interval '6 hours') on conflict (who) do update set until = excluded.until $$;
create or replace function ops.release_sets(p_who text) returns void
    language sql security definer set search_path = pg_catalog as
$$ delete from ops.reader where who = p_who $$;
-- The checkpointer, which keeps archive_timeout, looks at it for the first time while Postgres is still starting, when nothing can be switched,
-- and then sleeps for as long as checkpoint_timeout unless somebody wakes it: the first beat of a server does.
create or replace function ops.beat() returns void language plpgsql as
$$ begin
    if not exists (select from ops.heartbeat where at >= pg_postmaster_start_time()) then
        perform pg_reload_conf();
    end if;
    insert into ops.heartbeat (at) values (now()) on conflict (id) do update set at = now(), beats = heartbeat.beats + 1;
end $$;
create or replace function ops.next_backup() returns table (id bigint, type text) language sql as
$$ update ops.backup_request set status = 'running', started_at = now()
   where id = (select r.id from ops.backup_request r where r.status = 'pending' order by r.id limit 1 for update skip locked)
   returning id, type $$;
create or replace function ops.fail_orphans() returns void language sql as
$$ update ops.backup_request set status = 'failed', finished_at = now(), exit_code = -1,
   message = 'the backup agent was restarted while the backup ran' where status = 'running' $$;
-- While there is a hole in the archive no moment after it can be reached, and while there is no backup none at all: a full one begins a window.
-- One that failed is asked for again later.
drop function if exists ops.close_hole();
create or replace function ops.open_window(p_no_backup boolean) returns void language sql as
$$ insert into ops.backup_request (type, requested_by)
   select 'full', 'backup-agent'
   where (p_no_backup or exists (select from ops.wal_dropped where closed_by is null))
     and not exists (select from ops.backup_request where type = 'full' and status in ('pending', 'running'))
     and not exists (select from ops.backup_request where requested_by = 'backup-agent' and finished_at > now() - interval '2 minutes') $$;
create or replace function ops.request_backup(p_type text, p_by text) returns bigint
    language sql security definer set search_path = pg_catalog as
$$ insert into ops.backup_request (type, requested_by) values (p_type, p_by) returning id $$;
create or replace function ops.cancel_backup(p_id bigint) returns void
    language sql security definer set search_path = pg_catalog as
$$ update ops.backup_request set status = 'failed', finished_at = now(), message = 'the request was given up before it began'
   where id = p_id and status = 'pending' $$;
-- A drill whose pod was lost never tells its end: the next one of the same kind does.
create or replace function ops.begin_drill(p_by text) returns bigint
    language sql security definer set search_path = pg_catalog as
$$ update ops.drill set status = 'failed', finished_at = now(), message = 'it was cut off' where status = 'running' and asked_by = p_by;
   insert into ops.drill (asked_by) values (p_by) returning id $$;
create or replace function ops.end_drill(p_id bigint, p_outcome jsonb) returns void
    language sql security definer set search_path = pg_catalog as
$$ update ops.drill set status = case p_outcome ->> 'verdict' when 'pass' then 'passed' else 'failed' end, finished_at = now(),
   outcome = p_outcome, message = nullif(p_outcome ->> 'message', '') where id = p_id and status = 'running' $$;
-- The newest usable set of this cluster on the timeline that is written now, and the LSN that its archive reaches at least: where the last
-- archived segment begins.
create or replace function ops.drill_target(p_info jsonb) returns table (set_label text, timeline integer, archived pg_lsn)
    language sql security definer set search_path = pg_catalog as
$$
    with living as (
        select left(pg_walfile_name(pg_current_wal_lsn()), 8) as timeline, pg_size_bytes(current_setting('wal_segment_size')) as bytes
    ), newest as (
        select backup ->> 'label' as label, backup #>> '{archive,stop}' as stop
        from living, jsonb_array_elements(p_info) stanza, jsonb_array_elements(stanza -> 'backup') backup,
            jsonb_array_elements(stanza -> 'db') db, pg_control_system() control
        where not coalesce((backup -> 'error')::boolean, false) and left(backup #>> '{archive,start}', 8) = living.timeline
            and db -> 'id' = backup #> '{database,id}' and (db ->> 'system-id')::numeric = control.system_identifier
        order by (backup #>> '{timestamp,stop}')::bigint desc limit 1
    ), last as (
        select greatest(newest.stop, (select left(last_archived_wal, 24) from pg_stat_archiver
            where last_archived_wal ~ '^[0-9A-F]{24}' and left(last_archived_wal, 8) = living.timeline)) as segment
        from newest, living
    )
    select newest.label, ('x' || living.timeline)::bit(32)::integer, '0/0'::pg_lsn
        + ('x' || substr(last.segment, 9, 8))::bit(32)::bigint * 4294967296 + ('x' || substr(last.segment, 17, 8))::bit(32)::bigint * living.bytes
    from newest, living, last
$$;
revoke all on all functions in schema ops from public;
grant usage on schema ops to backup_operator, monitoring;
grant select on ops.backup_request, ops.heartbeat, ops.drill, ops.wal_dropped, ops.redis_snapshot, ops.redis_attempt to backup_operator, monitoring;
grant execute on function ops.request_backup(text, text), ops.cancel_backup(bigint), ops.begin_drill(text), ops.end_drill(bigint, jsonb),
    ops.drill_target(jsonb), ops.hold_sets(text), ops.release_sets(text) to backup_operator;
commit;
