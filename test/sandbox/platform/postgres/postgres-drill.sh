# A restore drill: restores into a volume that is thrown away with its pod, asks what came of it, and tells the primary how that went. Nothing
# is archived and nothing is promoted into the archive. Sourced after postgres-restore.sh, with RESTORE_SCRATCH=yes.
#
# run_drill [--by NAME] [--thorough] [--newest TIME] [SET TIMELINE TYPE [TARGET]]; without a target: everything that is in the archive now,
# along the timeline that the primary writes. TIME is that of the newest commit in the archive, for those who know it.

now_ms() {
    date +%s%3N
}

# seconds FROM_MS TO_MS
seconds() {
    awk -v from="$1" -v to="$2" 'BEGIN { printf "%.1f", (to - from) / 1000 }'
}

# plain TEXT: as it may stand within quotes in JSON.
plain() {
    printf '%s' "$1" | tr -d '"\\' | tr '\n\t' '  ' | cut -c 1-400
}

quoted() {
    if [ -n "$1" ]; then printf '"%s"' "$1"; else printf null; fi
}

# tell_primary OUTCOME: the outcome into ops.drill. Where the primary does not answer, what this container prints at its end has to do.
tell_primary() {
    [ -n "$drill" ] || return 0
    tries=0
    until ask_primary -v id="$drill" -v outcome="$1" 2>/tmp/ask.err <<'SQL'
select ops.end_drill(:id, :'outcome'::jsonb) \g /dev/null
SQL
    do
        tries=$((tries + 1))
        [ "$tries" -lt 30 ] || { log error "the outcome is not recorded: $(plain "$(head -n 1 /tmp/ask.err)")"; return 0; }
        sleep 2
    done
}

# outcome VERDICT MESSAGE: the document of this drill.
outcome() {
    printf '{"id":%s,"by":"%s","verdict":"%s","message":"%s","set":"%s","timeline":%s,"type":"%s","target":%s,' \
        "${drill:-null}" "$by" "$1" "$(plain "$2")" "$set" "${timeline:-0}" "$type" "$(quoted "$target")"
    printf '"reachedLsn":%s,"lastCommit":%s,"bytes":%s,"copySeconds":%s,"replaySeconds":%s,"rtoSeconds":%s,"rpoSeconds":%s,"checks":%s}' \
        "$(quoted "$reached_lsn")" "$(quoted "$last_commit")" "${bytes:-null}" "${copy_seconds:-null}" "${replay_seconds:-null}" \
        "${rto_seconds:-null}" "${rpo_seconds:-null}" "${checks:-[]}"
}

# end_drill VERDICT MESSAGE: tells how it went, to the primary, to the log and to whoever looks at the pod, and ends.
end_drill() {
    trap '' INT TERM QUIT
    document=$(outcome "$1" "$2")
    tell_primary "$document"
    release_sets drill
    printf '{"drill":%s}\n' "$document"
    printf '%s' "$document" 2>/dev/null >/dev/termination-log || true
    [ "$server" = 0 ] || stop_server
    [ "$1" = pass ] || exit 1
    exit 0
}

# In place of that of a restore: a drill that failed is an outcome like any other.
failed_restore() {
    printf '%s' "$2" >/tmp/restore.message
    set_phase failed
    end_drill fail "$2"
}

# begin_drill: has the primary note that a drill began. One to a moment that was worked out elsewhere does without.
begin_drill() {
    write_passfile backup_operator backup-password
    waited=0
    patience=${PRIMARY_WAIT_SECONDS:-60}
    [ -z "$set" ] || patience=5
    until drill=$(ask_primary -v by="$by" 2>/tmp/ask.err <<'SQL'
select ops.begin_drill(:'by');
SQL
    ); do
        drill=
        waited=$((waited + 1))
        if [ "$waited" -ge "$patience" ]; then
            [ -n "$set" ] || failed_restore 75 "the primary does not answer: $(head -n 1 /tmp/ask.err)"
            log warning "the primary does not answer, so that the outcome will not be recorded there: $(plain "$(head -n 1 /tmp/ask.err)")"
            return 0
        fi
        sleep 1
    done
}

# choose_newest: the newest set on the timeline that the primary writes, and how far its archive reaches.
choose_newest() {
    type=standby
    pgbackrest --stanza="$STANZA" --log-level-console=off --log-level-stderr=error --output=json info >/tmp/info.json 2>/tmp/ask.err \
        || failed_restore 1 "pgBackRest does not tell its backups: $(head -n 1 /tmp/ask.err)"
    chosen=$(ask_primary 2>/tmp/ask.err <<'SQL'
\set info `cat /tmp/info.json`
select set_label, timeline, archived from ops.drill_target(:'info'::jsonb);
SQL
    ) || failed_restore 1 "the primary does not say what there is to restore: $(head -n 1 /tmp/ask.err)"
    [ -n "$chosen" ] || failed_restore 1 "the repository holds no usable backup on the timeline that the primary writes"
    set=${chosen%% *}
    archived=${chosen##* }
    timeline=${chosen#* }
    timeline=${timeline%% *}
}

# await_archive_end PID: until everything in the archive is replayed. A hole in it looks like its end, but lies before where it must reach.
await_archive_end() {
    idle=0
    before=
    while :; do
        state=$(restore_sql "select coalesce(pg_last_wal_replay_lsn(), '0/0') || ' ' || (pg_last_wal_replay_lsn() >= '$archived')::text || ' '
            || coalesce((select wait_event from pg_stat_activity where backend_type = 'startup'), '-')" 2>/dev/null) || state=
        [ "${state%% *}" = "$before" ] || { before=${state%% *}; idle=0; }
        # Between two waits Postgres asks the archive again, which may take longer than a look.
        case $state in
            *RecoveryRetrieveRetryInterval) idle=$((idle + 1)) ;;
        esac
        case $state in
            *" true "*) [ "$idle" -lt 2 ] || return 0 ;;
            *) [ "$idle" -lt 15 ] || failed_restore 1 "the archive has a hole: nothing can be replayed after $before, and it should reach $archived" ;;
        esac
        kill -0 "$1" 2>/dev/null || failed_restore 1 "Postgres ended before everything was replayed: $(why_ended)"
        sleep 1
    done
}

# judge LAST_COMMIT [UNTIL]: what the recovered database answers, as checks; UNTIL is the time that was aimed at, if it was a time.
judge() {
    run_examine "$depth" >/tmp/examined.json || return $?
    psql -X -q -A -t -h "$SOCKET" -U postgres -d postgres -v ON_ERROR_STOP=1 -v depth="$depth" -v last="$1" -v until="${2:-}" \
        -f /usr/local/share/postgres/drill.sql
}

last_replayed() {
    [ ! -s /tmp/restore.commit ] || { cat /tmp/restore.commit; return 0; }
    restore_sql "select coalesce(to_char(pg_last_xact_replay_timestamp() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), '')"
}

# check_pages DIRECTORY: every page's checksum, for which Postgres has to have ended.
check_pages() {
    stop_server
    server=0
    pg_checksums --check -D "$1" >/tmp/checksums.out 2>&1 || failed_restore 1 "pg_checksums: $(grep -m 1 -i -E 'failed|error' /tmp/checksums.out)"
    checks=$(printf '%s' "$checks" | sed "s/]\$/, {\"what\": \"checksums\", \"verdict\": \"pass\", \"seen\": \"$(plain "$(sed -n 's/^Blocks scanned: *//p' /tmp/checksums.out)") pages are as they were written\"}]/")
}

run_drill() {
    by=schedule depth=quick set='' timeline='' type='' target='' newest='' drill='' archived=''
    reached_lsn='' last_commit='' bytes='' copy_seconds='' replay_seconds='' rto_seconds='' rpo_seconds='' checks=''
    server=0
    RESTORE_SCRATCH=yes
    while :; do
        case ${1:-} in
            --by) by=$(plain "${2:?}"); shift 2 ;;
            --newest) newest=${2:?}; shift 2 ;;
            --thorough) depth=thorough; shift ;;
            *) break ;;
        esac
    done
    if [ "$#" -gt 0 ]; then
        set=$1 timeline=${2:?} type=${3:?} target=${4:-}
    fi
    trap 'end_drill fail "it was ended from outside"' INT TERM QUIT
    began=$(now_ms)
    set_phase starting
    begin_drill
    hold_sets drill
    [ -n "$set" ] || choose_newest
    directory=$(restored_directory drill)
    copy_set "$directory" "$set" "$timeline" "$type" "$target"
    copied=$(now_ms)
    copy_seconds=$(seconds "$began" "$copied")
    bytes=$(($(du -sk "$directory" | cut -f 1) * 1024))
    set_phase recovering
    start_recovering "$directory"
    if [ "$type" = standby ]; then await_archive_end "$server"; else await_recovery "$server"; fi
    release_sets drill
    [ "$type" != lsn ] || commit_at "$target" "$directory" >/tmp/restore.commit
    last_commit=$(last_replayed)
    reached_lsn=$(restore_sql "select pg_last_wal_replay_lsn()")
    replayed=$(now_ms)
    replay_seconds=$(seconds "$copied" "$replayed")
    rto_seconds=$(seconds "$began" "$replayed")
    [ "$type" != standby ] || newest=$last_commit
    [ -z "$newest" ] || rpo_seconds=$(restore_sql "select greatest(round(extract(epoch from to_timestamp($began / 1000.0) - '$newest'::timestamptz), 1), 0)")
    set_phase checking
    until=
    [ "$type" != time ] || until=$target
    checks=$(judge "$last_commit" "$until" 2>/tmp/look.err) || failed_restore 1 "the recovered database does not answer: $(head -n 1 /tmp/look.err)"
    case $checks in
        *'"verdict": "fail"'*) failed_restore 1 "what was recovered is not what it should be" ;;
    esac
    [ "$depth" = quick ] || check_pages "$directory"
    set_phase passed
    end_drill pass ''
}

# run_drills: the last drills that the primary knows of, newest first; one JSON document a line.
run_drills() {
    ops <<'SQL'
select json_build_object('drill', json_build_object('by', asked_by, 'status', status,
    'startedAt', to_char(started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'finishedAt', to_char(finished_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'message', message, 'outcome', outcome))
from ops.drill order by id desc limit 10;
SQL
}
