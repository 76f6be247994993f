{{- define "platform.pgbouncerConfig" -}}
{{- $v := .Values.pgbouncer -}}
[databases]
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
stats_users = pgbouncer_auth
pool_mode = transaction
max_client_conn = {{ $v.maxClientConnections }}
default_pool_size = {{ $v.defaultPoolSize }}
reserve_pool_size = {{ $v.reservePoolSize }}
server_reset_query =
ignore_startup_parameters = extra_float_digits,options
max_prepared_statements = 0
server_login_retry = 2
server_lifetime = 3600
server_idle_timeout = 600
dns_max_ttl = 5
{{ end -}}
