# The primary: founds the cluster on an empty volume, then runs it.

refuse_beside_a_repository() {
    for folder in archive backup; do
        found=$(pgbackrest --log-level-console=off --log-level-stderr=error repo-ls --filter='\.info$' "$folder/$STANZA" 2>/tmp/repository.err) \
            || die 75 "the data volume is empty, and whether the backup repository is cannot be told: $(head -n 1 /tmp/repository.err | tr -d '"\\')"
        [ -z "$found" ] || die 65 "the data volume is empty but the backup repository holds stanza $STANZA: refusing to found a new cluster beside it. Restore instead (migratectl backup restore), or empty the repository if its backups are not wanted."
    done
}

# set_roles SOCKET_DIRECTORY: roles with the passwords of the secret files, the ops schema, the lookup for PgBouncer.
# psql reads the passwords from the files itself, and statement logging is off for the session.
set_roles() {
    for key in postgres-password app-password replication-password pgbouncer-password monitoring-password backup-password; do
        secret_file "$key" >/dev/null || return $?
    done
    PGOPTIONS='-c log_statement=none -c log_min_duration_statement=-1 -c log_min_error_statement=panic -c auto_explain.log_min_duration=-1 -c pg_stat_statements.track_utility=off' \
        psql -X -q -h "$1" -U postgres -d "$DATABASE" -v ON_ERROR_STOP=1 -v database="$DATABASE" \
        -f /usr/local/share/postgres/roles.sql -f /usr/local/share/postgres/ops.sql
}

found_cluster() {
    refuse_beside_a_repository
    directory=$(new_data_directory)
    fresh=$directory.unfinished
    log info "founding a new cluster in $directory"
    initdb -D "$fresh" -U postgres --data-checksums --auth-local=peer --auth-host=scram-sha-256 \
        --encoding=UTF8 --locale-provider=builtin --builtin-locale=C.UTF-8 --locale=C.UTF-8 \
        --pwfile="$(secret_file postgres-password)" >/tmp/initdb.log 2>&1 || { cat /tmp/initdb.log >&2; die 1 "initdb failed"; }
    # Own socket and no TCP: nothing can connect to, or take for ready, a cluster that is not complete. WAL is archived from
    # the first real start on.
    mkdir -p /tmp/init
    pg_ctl -D "$fresh" -s -w -t 120 -l /tmp/init/log start \
        -o "-c config_file=/etc/postgresql/postgresql.conf -c listen_addresses='' -c unix_socket_directories=/tmp/init -c archive_mode=off" \
        || { cat /tmp/init/log >&2; die 1 "the new cluster does not start"; }
    psql -X -q -h /tmp/init -U postgres -d postgres -v ON_ERROR_STOP=1 -v database="$DATABASE" \
        -f /usr/local/share/postgres/database.sql  || die 1 "the database could not be created"
    set_roles /tmp/init || die 1 "the roles could not be created"
    for script in /etc/postgresql/init.d/*.sql; do
        [ -e "$script" ] || continue
        log info "running $script"
        psql -X -q -1 -h /tmp/init -U postgres -d "$DATABASE" -v ON_ERROR_STOP=1 -f "$script" || die 1 "$script failed"
    done
    pg_ctl -D "$fresh" -s -w -t 120 -m fast stop || die 1 "the new cluster does not stop"
    mv "$fresh" "$directory"
    switch_to "$directory"
}

# Beside the server: as soon as it takes writes, sets the passwords again, so that a rotation needs a restart only, and
# so does a restore from before the rotation.
sync_roles() {
    while kill -0 "$1" 2>/dev/null; do
        writable=$(psql -X -A -t -h "$SOCKET" -U postgres -d postgres -c 'select not pg_is_in_recovery()' 2>/dev/null) || writable=
        if [ "$writable" = t ]; then
            if set_roles "$SOCKET"; then
                log info "role passwords are those of the secret"
                return
            fi
            log error "role passwords could not be set, trying again"
        fi
        sleep 1
    done
}

# run_pgbackrest_push PATH: what Postgres calls for each segment (pgBackRest wants its own name in archive_command). When archiving has failed for so long that the queue is full, pgBackRest drops
# WAL and says that all is well; the hole is told to the agent, which makes a full backup as soon as one can be made.
run_pgbackrest_push() {
    code=0
    said=$(pgbackrest --stanza="$STANZA" archive-push "${1:?}" 2>&1) || code=$?
    [ -z "$said" ] || printf '%s\n' "$said" >&2
    case $said in
        *'dropped WAL file'*) printf '%s\n' "$(basename "$1")" >>"$DROPPED" ;;
    esac
    exit "$code"
}

run_primary() {
    discard_unfinished
    [ -e "$PGDATA/PG_VERSION" ] || {
        [ ! -L "$PGDATA" ] || die 66 "$PGDATA points to $(readlink "$PGDATA"), which holds no data: refusing to found a new cluster"
        found_cluster
    }
    supervise sync_roles postgres -D "$PGDATA" -c config_file=/etc/postgresql/postgresql.conf
}
