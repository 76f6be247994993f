-- Roles with the passwords of the secret files. psql reads the files itself: no password is in an argument or a log.
\set ECHO none
set client_min_messages = warning;
\set superuser `cat "$POSTGRES_SECRETS_DIR/postgres-password"`
\set app `cat "$POSTGRES_SECRETS_DIR/app-password"`
\set replication `cat "$POSTGRES_SECRETS_DIR/replication-password"`
\set pgbouncer `cat "$POSTGRES_SECRETS_DIR/pgbouncer-password"`
\set monitoring `cat "$POSTGRES_SECRETS_DIR/monitoring-password"`
\set backup `cat "$POSTGRES_SECRETS_DIR/backup-password"`

select format('create role %I', name)
from unnest(array['migration_app', 'replicator', 'pgbouncer_auth', 'monitoring', 'backup_operator']) name
where not exists (select from pg_roles where rolname = name) \gexec

begin;
alter role postgres password :'superuser';
alter role migration_app login password :'app';
alter role replicator login replication password :'replication';
alter role pgbouncer_auth login password :'pgbouncer';
alter role monitoring login password :'monitoring';
alter role backup_operator login password :'backup';
grant pg_monitor to monitoring;
grant connect on database :"database" to migration_app, monitoring, pgbouncer_auth, backup_operator;
revoke all on database :"database" from public;
commit;
