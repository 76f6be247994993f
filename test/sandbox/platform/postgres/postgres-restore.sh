# A restore beside the data: copies a set into a directory of its own, recovers to the target, pauses there, and waits to be told.
#
# run_restore ID SET TIMELINE TYPE [TARGET]; TYPE is time, lsn, name, xid or immediate. The primary of this volume must not run, unless
# RESTORE_SCRATCH=yes: then nothing is archived, and what was recovered is thrown away at the end.
# Everything may be cut off at any moment and begun again with the same arguments: it goes on from what is on the volume.

restored_directory() {
    printf '%s/17-%s' "$DATA" "$1"
}

# The phase for restore-state: what the pod is doing now.
set_phase() {
    printf '%s' "$1" >/tmp/restore.phase
    log info "restore: $1"
}

failed_restore() {
    printf '%s' "$2" >/tmp/restore.message
    set_phase failed
    printf 'failed: %s\n' "$2" 2>/dev/null >/dev/termination-log || true
    die "$1" "$2"
}

# commit_at LSN DIRECTORY: the time of the commit whose record begins there. Postgres, which stops right after it, tells only that of the one before.
commit_at() {
    size=$(restore_sql "select setting from pg_settings where name = 'wal_segment_size'")
    number=$(printf '%08X%08X' "$((0x${1%/*}))" "$((0x${1#*/} / size))")
    for each in "$2"/pg_wal/????????"$number"; do
        TZ=UTC pg_waldump --start="$1" --limit=1 "$each" 2>/dev/null
    done | sed -n 's/.*desc: COMMIT \([0-9-]*\) \([0-9:.]*\) UTC.*/\1T\2Z/p' | tail -n 1
}

# The mark NAME.restoring says that a directory is no data yet, and how far it is.
copy_set() {
    directory=$1
    [ "$(cat "$directory.restoring" 2>/dev/null || true)" != copied ] || return 0
    set_phase copying
    printf copying >"$directory.restoring"
    mkdir -p "$directory"
    chmod 700 "$directory"
    set -- "$2" "$3" "$4" "${5:-}"
    code=0
    where="--target-timeline=$2"
    action=--target-action=pause
    case $3 in
        # pgBackRest passes no timeline on for the type immediate, and Postgres would then follow the latest one.
        immediate) where="--recovery-option=recovery_target_timeline=$2" ;;
        # A standby has no target to pause at.
        standby) action= ;;
    esac
    # --delta takes up what an interrupted copy left; the directory is ours alone, so that it never meets data of another cluster.
    pgbackrest --stanza="$STANZA" --pg1-path="$directory" --delta --set="$1" "$where" --type="$3" ${4:+"--target=$4"} \
        $action --log-level-console=info restore >/tmp/restore.log 2>&1 || code=$?
    cat /tmp/restore.log
    [ "$code" = 0 ] || failed_restore "$code" "pgbackrest restore ended with status $code: $({ grep ' ERROR: ' /tmp/restore.log || tail -n 1 /tmp/restore.log; } | head -n 1 | tr -d '"\\' | cut -c 1-400)"
    sync "$DATA"
    printf copied >"$directory.restoring"
}

# ask_primary [PSQL OPTION...]: statements on stdin, asked of the primary as backup_operator.
ask_primary() {
    psql -X -q -A -t -F ' ' -d "host=${PRIMARY_HOST:?} port=$PORT dbname=$DATABASE user=backup_operator connect_timeout=5" -v ON_ERROR_STOP=1 "$@"
}

# hold_sets WHO: no backup is taken away while the repository is read. Without a primary there is nobody who would.
hold_sets() {
    write_passfile backup_operator backup-password
    ask_primary -v who="$1" 2>/dev/null <<'SQL' || log info "the primary does not answer, and takes no backup away"
select ops.hold_sets(:'who') \g /dev/null
SQL
}

# release_sets WHO: what was to be read has been.
release_sets() {
    ask_primary -v who="$1" 2>/dev/null <<'SQL' || true
select ops.release_sets(:'who') \g /dev/null
SQL
}

restore_sql() {
    psql -X -q -A -t -h "$SOCKET" -U postgres -d postgres -v ON_ERROR_STOP=1 -c "$1"
}

# recovered: prints yes once the target is reached (paused there), or the cluster takes writes.
recovered() {
    restore_sql "select case when not pg_is_in_recovery() then 'promoted' when pg_get_wal_replay_pause_state() = 'paused' then 'paused' else 'replaying' end" 2>/dev/null
}

# why_ended: what Postgres says it ended for, and what pgBackRest said of the segment that it could not give. That Postgres takes no
# connections just then is told to who asks, and is no reason.
why_ended() {
    reason=$(grep -h -E 'FATAL|PANIC' /tmp/postgres.log | grep -v 'the database system is' | tail -n 1 | sed 's/.*\(FATAL\|PANIC\): *//' | tr -d '"\\' | cut -c 1-400)
    segment=$(sed -n 's/.*unable to get \([0-9A-F]\{24\}\).*/\1/p' /tmp/postgres.log | tail -n 1)
    damage=$(sed -n 's/^ *repo1: [^ ]* \[[A-Za-z]*\] //p' /tmp/postgres.log | tail -n 1 | tr -d '"\\' | cut -c 1-200)
    printf '%s%s' "$reason" "${segment:+; segment $segment of the archive cannot be read${damage:+: $damage}}"
}

# await_recovery PID: until the target is reached. Postgres ends by itself when the archive ends before the target.
await_recovery() {
    while :; do
        state=$(recovered) || state=
        case $state in
            paused | promoted) return 0 ;;
        esac
        kill -0 "$1" 2>/dev/null || { tail -n 30 /tmp/postgres.log; failed_restore 1 "Postgres ended before the target was reached: $(why_ended)"; }
        sleep 1
    done
}

# Postgres as it recovers: on its own socket alone. What it archives once it is promoted goes by the directory it runs in.
start_recovering() {
    archive=on
    memory=
    # A pod beside the primary has less memory than the primary, whose settings it is given.
    [ "${RESTORE_SCRATCH:-no}" = no ] || { archive=off; memory='-c shared_buffers=64MB'; }
    # shellcheck disable=SC2086
    postgres -D "$1" -c config_file=/etc/postgresql/postgresql.conf -c listen_addresses='' -c hot_standby=on -c archive_mode="$archive" \
        -c archive_command="pgbackrest --stanza=$STANZA --pg1-path=$1 archive-push %p" -c primary_conninfo='' -c logging_collector=off $memory \
        >/tmp/postgres.log 2>&1 &
    server=$!
}

# promote DIRECTORY: ends recovery, forgets the target, and proves by a switched segment that the new timeline is archived.
promote() {
    set_phase promoting
    if [ "$(recovered)" != promoted ]; then
        # Paused at its target, Postgres promotes when it is told to go on only if the action says so; pg_promote ends recovery in any case.
        restore_sql "select pg_wal_replay_resume()" >/dev/null 2>&1 || true
        restore_sql "select pg_promote(true, 600)" >/dev/null 2>&1 || [ "$(recovered)" = promoted ] || failed_restore 1 "Postgres could not be promoted"
    fi
    for setting in restore_command recovery_target recovery_target_time recovery_target_lsn recovery_target_name recovery_target_xid \
        recovery_target_timeline recovery_target_action recovery_target_inclusive; do
        restore_sql "alter system reset $setting" >/dev/null
    done
    log info "restore: promoted"
    segment=$(restore_sql "select pg_walfile_name(pg_switch_wal() - 1)")
    waited=0
    until [ "$(restore_sql "select coalesce(last_archived_wal, '') >= '$segment' from pg_stat_archiver")" = t ]; do
        waited=$((waited + 1))
        [ "$waited" -lt 300 ] || failed_restore 1 "the new timeline is not archived: $segment did not get into the repository within 300 s"
        sleep 1
    done
}

stop_server() {
    kill -INT "$server" 2>/dev/null || true
    wait "$server" || true
}

run_restore() {
    id=${1:?} set=${2:?} timeline=${3:?} type=${4:?} target=${5:-}
    directory=$(restored_directory "$id")
    rm -f /tmp/restore.decision
    trap 'stop_server; exit 143' INT TERM QUIT
    server=0
    if [ "$(readlink "$PGDATA" || true)" != "$(basename "$directory")" ]; then
        [ "${RESTORE_SCRATCH:-no}" = no ] || hold_sets "$id"
        copy_set "$directory" "$set" "$timeline" "$type" "$target"
        set_phase recovering
        start_recovering "$directory"
        await_recovery "$server"
        [ "${RESTORE_SCRATCH:-no}" = no ] || release_sets "$id"
        [ "$type" != lsn ] || commit_at "$target" "$directory" >/tmp/restore.commit
        set_phase "$(recovered)"
        until [ -s /tmp/restore.decision ] || ! kill -0 "$server" 2>/dev/null; do
            sleep 1 &
            wait $! || true
        done
        [ -s /tmp/restore.decision ] || failed_restore 1 "Postgres ended while it waited at the target: $(tail -n 1 /tmp/postgres.log | tr -d '"\\' | cut -c 1-400)"
        if [ "$(cat /tmp/restore.decision)" = discard ]; then
            stop_server
            rm -rf "$directory" "$directory.restoring"
            set_phase discarded
            printf 'discarded' 2>/dev/null >/dev/termination-log || true
            exit 0
        fi
        promote "$directory"
        stop_server
        set_phase switching
        # What was current is kept beside it, and says what it is.
        old=$(readlink "$PGDATA" || true)
        [ -z "$old" ] || printf '%s\n' "$id" >"$DATA/$old.replaced"
        touch "$REDIS_KEPT"
        switch_to "$directory"
        rm -f "$directory.restoring"
    fi
    set_phase switched
    printf 'switched' 2>/dev/null >/dev/termination-log || true
}

# run_restore_state: one JSON document about the restore in this pod.
run_restore_state() {
    phase=$(cat /tmp/restore.phase 2>/dev/null || printf starting)
    message=$(cat /tmp/restore.message 2>/dev/null || true)
    reached=$(restore_sql "select json_build_object(
        'inRecovery', pg_is_in_recovery(), 'pause', case when pg_is_in_recovery() then pg_get_wal_replay_pause_state() end,
        'lsn', case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end,
        'lastCommit', coalesce(nullif('$(cat /tmp/restore.commit 2>/dev/null || true)', ''), to_char(pg_last_xact_replay_timestamp() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')),
        'timeline', (select timeline_id from pg_control_checkpoint()))" 2>/dev/null) || reached=
    printf '{"phase":"%s","message":"%s","reached":%s}\n' "$phase" "$message" "${reached:-null}"
}

# run_decide promote|discard: tells the restore in this pod how to go on from the target.
run_decide() {
    case ${1:-} in
        promote | discard) printf '%s' "$1" >/tmp/restore.decision.new && mv -f /tmp/restore.decision.new /tmp/restore.decision ;;
        *) die 64 "usage: postgres-entrypoint decide promote|discard" ;;
    esac
}

# run_undo_restore ID: makes current what the restore ID had replaced. Postgres must not run.
run_undo_restore() {
    id=${1:?}
    directory=$(restored_directory "$id")
    for mark in "$DATA"/*.replaced; do
        [ -e "$mark" ] || continue
        if [ "$(cat "$mark")" = "$id" ]; then
            old=${mark%.replaced}
            [ -e "$old/PG_VERSION" ] || die 66 "$old holds no data any more"
            printf '%s\n' "undo-$id" >"$directory.replaced"
            touch "$REDIS_KEPT"
            switch_to "$old"
            rm -f "$mark"
            log info "current is $(basename "$old") again"
            return 0
        fi
    done
    [ "$(readlink "$PGDATA" || true)" != "$(basename "$directory")" ] || die 66 "nothing is kept of what the restore $id replaced"
    log info "the restore $id is undone already"
}

# run_volumes: the data directories of the volume, and the room there is on it; one JSON document a line.
run_volumes() {
    current=$(readlink "$PGDATA" || true)
    for each in "$DATA"/17-*; do
        [ -d "$each" ] || continue
        name=$(basename "$each")
        is=false
        [ "$name" != "$current" ] || is=true
        printf '{"directory":{"name":"%s","current":%s,"replacedBy":"%s","restoring":"%s","kibibytes":%s}}\n' "$name" "$is" \
            "$(cat "$each.replaced" 2>/dev/null || true)" "$(cat "$each.restoring" 2>/dev/null || true)" "$(du -sk "$each" | cut -f 1)"
    done
    for each in "$DATA" "$REPOSITORY"; do
        df -Pk "$each" | awk -v path="$each" 'NR == 2 { printf "{\"volume\":{\"path\":\"%s\",\"kibibytes\":%s,\"free\":%s}}\n", path, $2, $4 }'
    done
}

# run_prune_restores: removes what restores have replaced, and what restores that were given up have left.
run_prune_restores() {
    current=$(readlink "$PGDATA" || true)
    for mark in "$DATA"/*.replaced "$DATA"/*.restoring; do
        [ -e "$mark" ] || continue
        old=${mark%.*}
        [ "$(basename "$old")" != "$current" ] || die 66 "$old is current and carries the mark $(basename "$mark"): nothing is removed"
        rm -rf "$old"
        rm -f "$mark"
        log info "removed $(basename "$old")"
    done
}
