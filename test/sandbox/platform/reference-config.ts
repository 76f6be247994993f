/** The settings that the chart mounts, at the least that the images need to run; sizes are those of a test. */

/** The keys of the secret postgres-credentials. */
export const postgresPasswordKeys = [
  "postgres-password",
  "app-password",
  "replication-password",
  "pgbouncer-password",
  "monitoring-password",
  "backup-password",
] as const;

/** /etc/postgresql, one projected volume: a second mount below a read-only one is impossible. */
export const postgresConfig = {
  "postgresql.conf": `listen_addresses = '*'
unix_socket_directories = '/var/run/postgresql'
hba_file = '/etc/postgresql/pg_hba.conf'
max_connections = 60
shared_buffers = 64MB
shared_preload_libraries = 'vector,pg_stat_statements,auto_explain'
jit = off
wal_level = replica
archive_mode = on
archive_command = 'postgres-entrypoint pgbackrest-push %p'
archive_timeout = 240
restore_command = 'pgbackrest --stanza=main archive-get %f "%p"'
max_wal_senders = 5
max_slot_wal_keep_size = 1GB
hot_standby_feedback = on
log_statement = all
log_min_duration_statement = 1000
dynamic_shared_memory_type = mmap
`,
  "pg_hba.conf": `local all postgres peer
local all all scram-sha-256
host replication replicator all scram-sha-256
host all postgres all reject
host all all all scram-sha-256
`,
  "init.d/10-extensions.sql": "create extension if not exists vector;\ncreate extension if not exists pg_stat_statements;\n",
  "init.d/20-schema.sql": "create schema if not exists migration authorization migration_app;\n",
} as const;

/** /etc/pgbackrest */
export const pgbackrestConfig = {
  "pgbackrest.conf": `[global]
repo1-path=/var/lib/pgbackrest
repo1-cipher-type=aes-256-cbc
repo1-retention-full=2
repo1-bundle=y
repo1-block=y
compress-type=zst
start-fast=y
archive-async=y
spool-path=/var/spool/pgbackrest
log-path=/var/log/pgbackrest
log-level-console=warn
log-level-file=off
lock-path=/tmp/pgbackrest
[main]
pg1-path=/var/lib/postgresql/data/current
pg1-socket-path=/var/run/postgresql
pg1-user=postgres
`,
} as const;

/** /etc/pgbouncer */
export const pgbouncerConfig = {
  "pgbouncer.ini": `[databases]
migration = host=postgres port=5432 dbname=migration
[pgbouncer]
listen_addr = *
listen_port = 5432
unix_socket_dir = /run/pgbouncer
auth_type = scram-sha-256
auth_file = /run/pgbouncer/userlist.txt
auth_user = pgbouncer_auth
auth_dbname = migration
auth_query = SELECT usename, passwd FROM pgbouncer.user_lookup($1)
admin_users = pgbouncer_auth
pool_mode = transaction
max_client_conn = 200
default_pool_size = 20
max_prepared_statements = 0
server_login_retry = 2
ignore_startup_parameters = extra_float_digits,options
`,
} as const;

/** /etc/redis */
export const redisConfig = {
  "redis.conf": `bind * -::*
port 6379
protected-mode no
appendonly yes
appendfsync everysec
maxmemory-policy noeviction
`,
  "sentinel.conf": `port 26379
protected-mode no
sentinel resolve-hostnames yes
sentinel announce-hostnames yes
`,
} as const;
