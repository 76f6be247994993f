# The backup agent beside the primary, and the request that the CronJobs make.

HEARTBEAT_SECONDS=${HEARTBEAT_SECONDS:-30}
POLL_SECONDS=2

ops() {
    psql -X -q -A -t -F ' ' -h "$SOCKET" -U postgres -d "$DATABASE" -v ON_ERROR_STOP=1 "$@"
}

# settle ID EXIT_CODE LOG: records how a backup ended; a failed one with its first error line.
settle() {
    label=$(sed -n 's/.*new backup label = \([0-9A-Z_-]*\).*/\1/p' "$3" | tail -n 1)
    message=
    [ "$2" = 0 ] || message=$({ grep ' ERROR: ' "$3" || tail -n 1 "$3"; } | head -n 1 | cut -c 1-500)
    until ops -v id="$1" -v code="$2" -v label="$label" -v message="$message" -f /usr/local/share/postgres/settle.sql; do
        sleep "$POLL_SECONDS"
    done
    log info "backup request $1 ended with status $2 ${label:+as $label}"
}

# expire_sets: what is older than the retention goes, unless somebody reads the repository; then the next backup sees to it.
expire_sets() {
    if [ "$(ops -c 'select exists (select from ops.reader where until > now())')" = t ]; then
        log info "old backups stay until the next one: a drill or a preview reads the repository"
    elif ! pgbackrest --stanza="$STANZA" --log-level-console=info expire >/tmp/expire.log 2>&1; then
        log warning "old backups stay: $(grep -a ' ERROR: ' /tmp/expire.log | head -n 1 | tr -d '"\\')"
    fi
}

run_backup() {
    log info "backup request $1: $2"
    keep_redis
    code=0
    pgbackrest --stanza="$STANZA" --type="$2" --no-expire-auto --log-level-console=info backup >"/tmp/backup-$1.log" 2>&1 &
    child=$!
    trap 'kill -TERM "$child" 2>/dev/null || true' TERM
    wait "$child" || code=$?
    trap - TERM
    [ "$code" != 0 ] || expire_sets
    settle "$1" "$code" "/tmp/backup-$1.log"
    cat "/tmp/backup-$1.log"
    rm -f "/tmp/backup-$1.log"
}

# why_no_stanza: pgBackRest's reason. A file that was decrypted with a wrong key it calls one in a bad format. Nothing here ever runs its
# stanza-upgrade: the sets that are there would be of a database of the past.
why_no_stanza() {
    if grep -q -a 'unable to load info file' /tmp/stanza.log && grep -q -a -e 'CryptoError' -e 'outside of section at line 1' /tmp/stanza.log; then
        printf 'the cipher key of Secret backup-encryption does not fit the repository: nothing is archived or backed up until it does'
    elif grep -q -a 'do not match the database' /tmp/stanza.log; then
        printf 'the repository is of another database or of another major version of Postgres: nothing is archived or backed up into it'
    else
        grep -a ERROR /tmp/stanza.log | head -n 1 | tr -d '"\\'
    fi
}

# note_dropped_wal: what the archiver has dropped becomes a row, which ops.open_window answers by a full backup.
note_dropped_wal() {
    if [ ! -e "$DROPPED.taken" ] && [ -s "$DROPPED" ]; then mv "$DROPPED" "$DROPPED.taken"; fi
    if [ -e "$DROPPED.taken" ]; then
        ops -v first="$(head -n 1 "$DROPPED.taken")" -v last="$(tail -n 1 "$DROPPED.taken")" >/dev/null <<'SQL' || return 0
insert into ops.wal_dropped (first_segment, last_segment) values (:'first', :'last');
SQL
        log error "WAL was dropped because archiving failed for too long, from $(head -n 1 "$DROPPED.taken") on: no moment from there to the next full backup can be restored"
        rm -f "$DROPPED.taken"
    fi
}

# keep_redis: a snapshot of Redis, unless it holds nothing new. That none can be taken keeps nobody from a backup of the database.
keep_redis() {
    ! keeps_redis || run_redis_snapshot new >/dev/null || log warning "what came of a snapshot of Redis could not be noted"
}

# keep_redis_in_between: one beside the backups, every so many minutes.
keep_redis_in_between() {
    minutes=${REDIS_BACKUP_INTERVAL_MINUTES:-60}
    [ "$minutes" -gt 0 ] && [ $((now - redis_at)) -ge $((minutes * 60)) ] || return 0
    redis_at=$now
    keep_redis &
}

# open_window: asks for a full backup while no moment, or none after a hole, can be reached. That there is a set at all is looked up until one is seen.
open_window() {
    none=false
    if [ -z "${set_seen:-}" ]; then
        pgbackrest --stanza="$STANZA" --output=json info >/tmp/info.json 2>/dev/null || return 0
        if grep -q '"backup":\[\]' /tmp/info.json; then none=true; else set_seen=yes; fi
    fi
    ops -c "select ops.open_window($none)" >/dev/null
}

ensure_stanza() {
    [ -z "${stanza_done:-}" ] || return 0
    if pgbackrest --stanza="$STANZA" stanza-create >/tmp/stanza.log 2>&1; then
        stanza_done=yes
        log info "stanza $STANZA is ready"
    else
        log warning "stanza $STANZA cannot be made yet: $(why_no_stanza)"
        return 1
    fi
}

run_backup_agent() {
    worker=
    beat_at=0
    redis_at=0
    rm -rf /tmp/redis.*
    adopted=
    stopping=
    trap 'stopping=yes; [ -z "$worker" ] || kill -TERM "$worker" 2>/dev/null || true' TERM INT
    while [ -z "$stopping" ]; do
        if [ "$(ops -c 'select not pg_is_in_recovery()' 2>/dev/null)" = t ] && ops -c 'select 1 from ops.heartbeat limit 0' 2>/dev/null \
            && ensure_stanza; then
            # A backup that an agent before this one began has no process any more.
            [ -n "$adopted" ] || { ops -c "select ops.fail_orphans()" >/dev/null && adopted=yes; }
            now=$(date +%s)
            if [ $((now - beat_at)) -ge "$HEARTBEAT_SECONDS" ]; then
                ops -c 'select ops.beat()' >/dev/null && beat_at=$now
                open_window || true
                forget_redis || true
            fi
            note_dropped_wal
            keep_redis_in_between
            if [ -z "$worker" ] || ! kill -0 "$worker" 2>/dev/null; then
                next=$(ops -c 'select * from ops.next_backup()' 2>/dev/null) || next=
                if [ -n "${next% }" ]; then
                    run_backup "${next%% *}" "${next##* }" &
                    worker=$!
                fi
            fi
        fi
        sleep "$POLL_SECONDS" &
        wait $! || true
    done
    log info "stopping"
    [ -z "$worker" ] || wait "$worker" || true
}

# run_backup_request TYPE: asks for one backup and waits for the end of that one.
run_backup_request() {
    case ${1:-} in
        full | diff | incr) type=$1 ;;
        *) die 64 "usage: postgres-entrypoint backup-request full|diff|incr" ;;
    esac
    write_passfile backup_operator backup-password
    deadline=$(($(date +%s) + ${BACKUP_TIMEOUT:-14400}))
    target="host=${PRIMARY_HOST:?} port=$PORT dbname=$DATABASE user=backup_operator connect_timeout=5"
    ask() {
        psql -X -q -A -t -F '|' -d "$target" -v ON_ERROR_STOP=1 -c "$1"
    }
    until id=$(ask "select ops.request_backup('$type', '${POD_NAME:-unknown}')" 2>/tmp/ask.err); do
        [ "$(date +%s)" -lt "$deadline" ] || die 75 "the primary does not answer: $(head -n 1 /tmp/ask.err | tr -d '"\\')"
        sleep "$POLL_SECONDS"
    done
    log info "asked for a $type backup, request $id"
    while [ "$(date +%s)" -lt "$deadline" ]; do
        answer=$(ask "select status, coalesce(label, ''), coalesce(exit_code, -1), coalesce(message, '') from ops.backup_request where id = $id" 2>/dev/null) || answer=
        case $answer in
            succeeded\|*) log info "backup succeeded: $(printf '%s' "$answer" | cut -d'|' -f2)"; exit 0 ;;
            failed\|*) die 1 "backup failed with status $(printf '%s' "$answer" | cut -d'|' -f3): $(printf '%s' "$answer" | cut -d'|' -f4 | tr -d '"\\')" ;;
        esac
        sleep "$POLL_SECONDS"
    done
    ask "select ops.cancel_backup($id)" >/dev/null 2>&1 || true
    die 75 "backup request $id did not end within ${BACKUP_TIMEOUT:-14400} s"
}
