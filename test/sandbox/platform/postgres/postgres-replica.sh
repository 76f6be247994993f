# A replica: cloned from the primary at its first start, and again when it can no longer follow.

[ -n "${PRIMARY_HOST:-}" ] || [ "$ROLE" != replica ] || die 78 "PRIMARY_HOST is not set"
SLOT=$(printf '%s' "${POD_NAME:-replica}" | tr 'A-Z.-' 'a-z__')

replication() {
    psql -X -A -t -F ' ' -d "host=$PRIMARY_HOST port=$PORT user=replicator replication=true connect_timeout=5" -c "$1"
}

wait_for_primary() {
    deadline=$(($(date +%s) + ${1}))
    until replication 'IDENTIFY_SYSTEM' >/tmp/identity 2>/tmp/identity.err; do
        [ "$(date +%s)" -lt "$deadline" ] || return 1
        sleep 2
    done
}

control() {
    pg_controldata -D "$PGDATA" | sed -n "s/^$1: *//p"
}

# cannot_follow: prints why the data here cannot become a replica of the primary in /tmp/identity, or nothing.
# The primary changes its timeline only by a restore, so another timeline means another history.
cannot_follow() {
    read -r system timeline _ </tmp/identity
    if [ "$system" != "$(control 'Database system identifier')" ]; then
        printf 'it is of another cluster'
    elif [ "$timeline" != "$(control "Latest checkpoint's TimeLineID")" ] && [ "$timeline" != "$(control "Min recovery ending loc's timeline")" ]; then
        printf 'the primary was restored and is on timeline %s' "$timeline"
    elif [ -z "$(replication "READ_REPLICATION_SLOT $SLOT" | cut -d' ' -f2)" ]; then
        printf 'the WAL it needs is no longer kept by the primary'
    fi
}

make_slot() {
    case $(replication "READ_REPLICATION_SLOT $SLOT") in
        physical\ ?*) ;;
        physical*) replication "DROP_REPLICATION_SLOT $SLOT" && replication "CREATE_REPLICATION_SLOT $SLOT PHYSICAL RESERVE_WAL" ;;
        *) replication "CREATE_REPLICATION_SLOT $SLOT PHYSICAL RESERVE_WAL" ;;
    esac >/dev/null
}

clone() {
    directory=$(new_data_directory)
    fresh=$directory.unfinished
    log info "cloning $PRIMARY_HOST into $directory"
    make_slot || die 1 "the replication slot $SLOT could not be made"
    pg_basebackup -d "host=$PRIMARY_HOST port=$PORT user=replicator" -D "$fresh" -X stream -S "$SLOT" -c fast \
        || die 1 "cloning $PRIMARY_HOST failed; the next start begins anew"
    touch "$fresh/standby.signal"
    mv "$fresh" "$directory"
    old=$(readlink "$PGDATA" || true)
    switch_to "$directory"
    [ -z "$old" ] || rm -rf "${DATA:?}/$old"
}

nothing_beside() {
    :
}

run_replica() {
    write_passfile replicator replication-password
    discard_unfinished
    if [ ! -e "$PGDATA/PG_VERSION" ]; then
        wait_for_primary "${PRIMARY_WAIT_SECONDS:-600}" || die 1 "the primary $PRIMARY_HOST does not answer: $(head -n1 /tmp/identity.err | tr -d '"\\')"
        clone
    elif wait_for_primary 20; then
        reason=$(cannot_follow)
        if [ -n "$reason" ]; then
            log warning "this data cannot follow the primary: $reason; cloning again"
            clone
        fi
    else
        log warning "the primary $PRIMARY_HOST does not answer; serving reads from what is here"
    fi
    touch "$PGDATA/standby.signal"
    supervise nothing_beside postgres -D "$PGDATA" -c config_file=/etc/postgresql/postgresql.conf \
        -c "primary_conninfo=host=$PRIMARY_HOST port=$PORT user=replicator passfile=/tmp/pgpass application_name=$SLOT" \
        -c "primary_slot_name=$SLOT" -c archive_mode=off -c restore_command=
}
