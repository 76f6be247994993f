# What migratectl asks in the database's pod: one JSON document a line on stdout, messages for people on stderr.

# primary_document: who the primary is and how far it has come; nothing where no Postgres answers.
primary_document() {
    ops -c "select json_build_object('primary', json_build_object(
        'systemId', (select system_identifier::text from pg_control_system()),
        'timeline', (select timeline_id from pg_control_checkpoint()),
        'version', current_setting('server_version_num')::int,
        'inRecovery', pg_is_in_recovery(),
        'lsn', case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end,
        'segmentBytes', (select setting::bigint from pg_settings where name = 'wal_segment_size'),
        'now', to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'),
        'archived', (select json_build_object(
            'segment', last_archived_wal, 'at', to_char(last_archived_time at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'),
            'failedSegment', last_failed_wal, 'failedAt', to_char(last_failed_time at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'))
            from pg_stat_archiver)))" 2>/dev/null || log warning "no Postgres answers on $SOCKET" >&2
}

# repository_info: one line. What a file holds that was decrypted with a wrong key is told as it is, which is no JSON.
repository_info() {
    pgbackrest --stanza="$STANZA" --log-level-console=off --log-level-stderr=error --output=json info | tr -d '\000-\037'
}

# run_primary_state: the primary alone, for who asks often.
run_primary_state() {
    primary_document
}

# server_document: the major version that this image runs, for where no Postgres answers.
server_document() {
    printf '{"server":{"major":"%s"}}\n' "$(postgres --version | sed 's/.*(PostgreSQL) \([0-9]*\).*/\1/')"
}

# run_inspect: the repository as it is, from which the recoverable windows are worked out.
run_inspect() {
    primary_document
    server_document
    printf '{"info":%s}\n' "$(repository_info)"
    # Where the repository does not answer, info says why.
    listing=$(pgbackrest --log-level-console=off --log-level-stderr=error --recurse --output=json repo-ls "archive/$STANZA") || listing='{}'
    printf '{"archive":%s}\n' "$listing"
    printf '%s' "$listing" | grep -o '"[0-9-]*/[0-9A-F]\{8\}\.history"' | tr -d '"' | while read -r path; do
        content=$(pgbackrest --log-level-console=off --log-level-stderr=error repo-get "archive/$STANZA/$path" | base64 -w 0)
        printf '{"history":{"path":"%s","content":"%s"}}\n' "$path" "$content"
    done
}

# fetch_segment PATH FILE: a segment out of the repository by its path below archive/STANZA. Not archive-get: that wants a data directory to
# compare with, and where the volume is lost there is none.
fetch_segment() {
    case $1 in
        *.zst) unpack='zstd -q -d -c' ;;
        *.gz | *.lz4 | *.bz2) echo "it is packed as ${1##*.}, which this image cannot unpack" >&2; return 1 ;;
        *) unpack=cat ;;
    esac
    pgbackrest --log-level-console=off --log-level-stderr=error repo-get "archive/$STANZA/$1" >"$2.packed" || return 1
    $unpack "$2.packed" >"$2" || return 1
    rm -f "$2.packed"
}

# run_commits PATH[@LSN...][@=TIME]...: the first and the last commit in each segment of the archive, read out of the WAL itself, and the
# last before and the first from each of the LSNs, and from what is later than the time.
run_commits() {
    work=$(mktemp -d /tmp/commits.XXXXXX)
    trap 'rm -rf "$work"' EXIT
    for asked in "$@"; do
        path=${asked%%@*}
        segment=$(basename "$path" | cut -c 1-24)
        around=
        [ "$path" = "$asked" ] || around=${asked#*@}
        if ! fetch_segment "$path" "$work/$segment" 2>"$work/error"; then
            printf '{"segment":"%s","error":"%s"}\n' "$segment" "$(head -n 1 "$work/error" | tr -d '"\\' | cut -c 1-300)"
            rm -f "$work/$segment"*
            continue
        fi
        # The last record of a segment may go on in the next one, which pg_waldump calls an error.
        TZ=UTC pg_waldump --rmgr=Transaction --path="$work" "$segment" 2>/dev/null \
            | sed -n 's/.*lsn: \([0-9A-F]*\/[0-9A-F]*\),.*desc: COMMIT \([0-9-]*\) \([0-9:.]*\) UTC.*/\1 \2T\3Z/p' >"$work/found" || true
        awk -v segment="$segment" -v around="$around" '
            function padded(text) { return substr("00000000" text, length(text) + 1) }
            function key(lsn,  half) { split(lsn, half, "/"); return padded(half[1]) padded(half[2]) }
            function told(line,  part) { split(line, part, " "); return "{\"lsn\":\"" part[1] "\",\"at\":\"" part[2] "\"}" }
            function isBefore(i) { return timed[i] ? ($2 <= at[i]) : (here < at[i]) }
            BEGIN {
                count = split(around, points, "@")
                for (i = 1; i <= count; i++) { timed[i] = points[i] ~ /^=/; at[i] = timed[i] ? substr(points[i], 2) : key(points[i]) }
            }
            {
                if (NR == 1) keep[NR] = $0
                here = key($1)
                for (i = 1; i <= count; i++) {
                    if (!(i in after) && isBefore(i)) before[i] = NR
                    else if (!(i in after)) { after[i] = NR; keep[NR] = $0; if (i in before) keep[before[i]] = lines[before[i]] }
                }
                lines[NR] = $0
                # Only what may still be wanted is remembered: the line before this one.
                if (NR > 1 && !((NR - 1) in keep)) delete lines[NR - 1]
            }
            END {
                if (NR > 0) keep[NR] = lines[NR]
                for (i = 1; i <= count; i++) if (!(i in after) && (i in before)) keep[before[i]] = lines[before[i]]
                printf "{\"segment\":\"%s\",\"commits\":[", segment
                comma = ""
                for (n = 1; n <= NR; n++) if (n in keep) { printf "%s%s", comma, told(keep[n]); comma = "," }
                print "]}"
            }' "$work/found"
        rm -f "$work/$segment"
    done
}

# restore_points DIRECTORY SEGMENT: the place and the name of each restore point in a segment, a line each.
restore_points() {
    TZ=UTC pg_waldump --rmgr=XLOG --path="$1" "$2" 2>/dev/null \
        | sed -n 's/.*lsn: \([0-9A-F]*\)\/0*\([0-9A-F][0-9A-F]*\),.*desc: RESTORE_POINT \([A-Za-z0-9._-]*\)$/\1\/\2 \3/p' || true
}

# run_restore_point NAME: gives this moment a name, and tells where in the WAL it stands.
run_restore_point() {
    # At the beginning of a segment: a record that goes on in the next one cannot be read out of one file of the archive.
    ops -c 'select pg_switch_wal()' >/dev/null
    made=$(ops -v name="${1:?}" <<'SQL'
select pg_walfile_name(pg_create_restore_point(:'name') - 1), to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
SQL
    )
    segment=${made%% *}
    # What is named is on disk only when the segment is.
    ops -c 'select pg_switch_wal()' >/dev/null
    lsn=$(restore_points "$PGDATA/pg_wal" "$segment" | sed -n "s/ $1\$//p" | tail -n 1)
    [ -n "$lsn" ] || die 1 "restore point $1 is not in $segment"
    printf '{"restorePoint":{"name":"%s","timeline":%s,"lsn":"%s","at":"%s"}}\n' "$1" "$((0x$(printf '%s' "$segment" | cut -c 1-8)))" "$lsn" "${made#* }"
}

# run_restore_points PATH: the restore points in a segment of the archive.
run_restore_points() {
    work=$(mktemp -d /tmp/points.XXXXXX)
    trap 'rm -rf "$work"' EXIT
    segment=$(basename "${1:?}" | cut -c 1-24)
    fetch_segment "$1" "$work/$segment" || die 1 "$1 cannot be read"
    restore_points "$work" "$segment" | while read -r lsn name; do
        printf '{"restorePoint":{"name":"%s","lsn":"%s"}}\n' "$name" "$lsn"
    done
}

# run_annotate SET KEY=VALUE: notes something at a set. While a backup is being made pgBackRest refuses that.
run_annotate() {
    until pgbackrest --stanza="$STANZA" --set="${1:?}" --annotation="${2:?}" --log-level-console=off --log-level-stderr=error annotate; do
        [ $? = 50 ] || exit 1
        sleep 2
    done
}

# run_end_connections: ends every connection from outside this pod, and tells whose they were. Replication is none of them.
run_end_connections() {
    ops <<'SQL'
select json_build_object('connection', json_build_object('user', usename, 'address', host(client_addr), 'application', application_name))
from pg_stat_activity
where backend_type = 'client backend' and not client_addr <<= any (array['127.0.0.0/8', '::1/128']::inet[]) and pg_terminate_backend(pid);
SQL
}

# run_ask_backup TYPE ASKER: asks the agent for a backup and prints the request's id; an open request of the same asker and type is taken up.
run_ask_backup() {
    case ${1:-} in
        full | diff | incr) ;;
        *) die 64 "usage: postgres-entrypoint ask-backup full|diff|incr ASKER" ;;
    esac
    ops -v type="$1" -v asker="${2:?}" <<'SQL'
with open as (
    select id from ops.backup_request
    where type = :'type' and requested_by = :'asker' and status in ('pending', 'running') order by id limit 1
), asked as (
    insert into ops.backup_request (type, requested_by) select :'type', :'asker' where not exists (select 1 from open) returning id
)
select json_build_object('request', id) from open union all select json_build_object('request', id) from asked;
SQL
}

# run_backup_state ID: the request as it stands, and how far pgBackRest is with the backup that runs.
run_backup_state() {
    ops -v id="${1:?}" <<'SQL'
select json_build_object('request', json_build_object('id', id, 'type', type, 'status', status, 'label', label, 'exitCode', exit_code,
    'message', message, 'askedAt', to_char(requested_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')))
from ops.backup_request where id = :'id'::bigint;
SQL
    printf '{"info":%s}\n' "$(repository_info)"
}

# run_verify: what pgBackRest itself finds when it reads every file again. Its exit status says nothing: the text does.
run_verify() {
    pgbackrest --stanza="$STANZA" --log-level-console=off --log-level-stderr=error --output=text --verbose verify
}

# run_switch_wal: begins a new segment, so that everything until now gets into the archive. With nothing written since the last one,
# Postgres begins none and gives the beginning of the present one, whose name is that of a segment which is not complete.
# The heartbeat before it is the commit by which a replay sees that it has passed any moment until now.
run_switch_wal() {
    ops -c 'select ops.beat()' >/dev/null
    ops -c "select json_build_object('switched', pg_walfile_name(pg_switch_wal() - 1))"
}

# run_hold_sets WHO, run_release_sets WHO: no set is taken away in between. Where no Postgres answers no backup is made that would.
run_hold_sets() {
    ops -v who="${1:?}" >/dev/null <<'SQL' || log warning "no Postgres answers: nobody takes a set away" >&2
select ops.hold_sets(:'who');
SQL
}

run_release_sets() {
    ops -v who="${1:?}" >/dev/null <<'SQL' || log warning "no Postgres answers: nobody takes a set away" >&2
select ops.release_sets(:'who');
SQL
}
