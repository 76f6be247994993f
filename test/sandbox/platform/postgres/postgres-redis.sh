# Redis in the database's keeping: its RDB as rows of schema ops. So backups, exports, drills and restores of the database have it, too.

REDIS_PASSWORD_FILE=${REDIS_PASSWORD_FILE:-/run/secrets/migrate-platform/redis-credentials/redis-password}
REDIS_MAX_MEGABYTES=${REDIS_BACKUP_MAX_MEGABYTES:-256}
REDIS_SECONDS=30

# Whether this container is to keep Redis: the chart names it then.
keeps_redis() {
    [ -n "${REDIS_HOST:-}" ]
}

# forget_redis: where Redis is not to be kept any more, an old snapshot must not pass for one of now. One that is to be brought back stays.
forget_redis() {
    if keeps_redis || [ -e "$REDIS_KEPT" ]; then return 0; fi
    ops -c 'delete from ops.redis_chunk' -c 'delete from ops.redis_snapshot' -c 'delete from ops.redis_attempt'
}

# redis_cli OPTION...: the password goes in by stdin; in an argument or an environment others could read it.
redis_cli() {
    redis-cli --askpass --no-auth-warning "$@" <"$REDIS_PASSWORD_FILE"
}

# give_up REASON: ends taking a snapshot; the reason is noted in ops by whoever asked for it.
give_up() {
    printf '%s\n' "$1" >&2
    exit 1
}

# find_redis: host and port of the master, as the Sentinels say where there are any.
find_redis() {
    host=$REDIS_HOST port=${REDIS_PORT:-6379}
    [ "${REDIS_MODE:-single}" = sentinel ] || return 0
    for sentinel in $(printf '%s' "${REDIS_SENTINELS:?}" | tr ',' ' '); do
        found=$(redis_cli -h "${sentinel%:*}" -p "${sentinel##*:}" sentinel get-master-addr-by-name "${REDIS_MASTER:-mymaster}" 2>/dev/null) || continue
        host=$(printf '%s\n' "$found" | sed -n 1p) port=$(printf '%s\n' "$found" | sed -n 2p)
        case $host-$port in
            *' '* | -*) continue ;;
            *-*[0-9]) return 0 ;;
        esac
    done
    give_up "no Sentinel tells who is the master"
}

# told FILE NAME: a value of what INFO printed.
told() {
    sed -n "s/^$2:\(.*\)\$/\1/p" "$1"
}

# aux FILE NAME: a field of what redis-check-rdb printed.
aux() {
    sed -n "s/.*AUX FIELD $2 = '\(.*\)'\$/\1/p" "$1"
}

# holds_nothing_new INFO: true when the snapshot that is there holds all that Redis does; it is then as of now. Redis counts changes since it
# saved last, which has to be before the snapshot, in the same process.
holds_nothing_new() {
    same=$(ops -v run="$(told "$1" run_id)" -v changes="$(told "$1" rdb_changes_since_last_save)" -v saved="$(told "$1" rdb_last_save_time)" \
        -v now="$(told "$1" server_time_usec)" <<'SQL'
update ops.redis_snapshot set as_of = greatest(as_of, to_timestamp(:'now'::bigint / 1000000))
where run_id = :'run' and :'changes'::bigint = 0 and :'saved'::bigint < extract(epoch from taken_at) returning 'same';
SQL
    )
    [ "$same" = same ]
}

# copy_chunks FILE BYTES: the file as COPY takes it, in parts of a MiB.
copy_chunks() {
    part=0
    while [ $((part * 1048576)) -lt "$2" ]; do
        printf '%s\t\\\\x' "$part"
        head -c 1048576 | basenc --base16 -w 0
        printf '\n'
        part=$((part + 1))
    done <"$1"
}

# store_snapshot FILE CHECKED RUN_ID: puts the RDB in place of the one before, in one transaction. What came later than it stays.
store_snapshot() {
    bytes=$(stat -c %s "$1")
    {
        cat <<'SQL'
begin;
lock table ops.redis_snapshot in share row exclusive mode;
select exists (select from ops.redis_snapshot where taken_at > to_timestamp(:'taken'::bigint)) as later \gset
\if :later
rollback;
\quit
\endif
delete from ops.redis_chunk;
delete from ops.redis_snapshot;
insert into ops.redis_snapshot (taken_at, as_of, version, keys, memory, bytes, sha256, run_id)
values (to_timestamp(:'taken'::bigint), to_timestamp(:'taken'::bigint), :'version', :'keys', :'memory', :'bytes', :'sum', :'run');
copy ops.redis_chunk (part, content) from stdin;
SQL
        copy_chunks "$1" "$bytes"
        # A stream that was cut off ends before this, and without it nothing is committed.
        printf '%s\n' '\.' 'select 1 / (coalesce(sum(octet_length(content)), 0) = :bytes)::int from ops.redis_chunk \g /dev/null' 'commit;'
    } | ops -v taken="$(aux "$2" ctime)" -v version="$(aux "$2" redis-ver)" -v memory="$(aux "$2" used-mem)" -v run="$3" -v bytes="$bytes" \
        -v keys="$(sed -n 's/^\[info\] \([0-9]*\) keys read$/\1/p' "$2")" -v sum="$(sha256sum "$1" | cut -d ' ' -f 1)"
}

# run_redis_take [new]: with `new`, nothing is taken where Redis holds nothing new.
run_redis_take() {
    work=$(mktemp -d /tmp/redis.XXXXXX)
    trap 'rm -rf "$work"' EXIT
    [ -s "$REDIS_PASSWORD_FILE" ] || give_up "secret file $REDIS_PASSWORD_FILE is missing or empty"
    find_redis
    redis_cli -h "$host" -p "$port" info >"$work/answer" 2>&1 || true
    tr -d '\r' <"$work/answer" >"$work/info"
    grep -q '^redis_version:' "$work/info" || give_up "Redis at $host does not answer: $(grep . "$work/info" | head -n 1)"
    if [ "${1:-}" = new ] && holds_nothing_new "$work/info"; then return 0; fi
    limit=$((REDIS_MAX_MEGABYTES * 1024 * 1024))
    code=0
    # No file may grow beyond the limit, so that redis-cli ends when one would.
    (
        ulimit -c 0
        ulimit -f $((limit / 512 + 1))
        redis_cli -h "$host" -p "$port" --rdb "$work/redis.rdb"
    ) >"$work/said" 2>&1 || code=$?
    [ ! -e "$work/redis.rdb" ] || [ "$(stat -c %s "$work/redis.rdb")" -le "$limit" ] || give_up "its data is larger than $REDIS_MAX_MEGABYTES MB (backup.redis.maxMegabytes)"
    [ "$code" = 0 ] || give_up "Redis at $host gives no snapshot: $(grep . "$work/said" | tail -n 1)"
    redis-check-rdb "$work/redis.rdb" >"$work/checked" 2>&1 || give_up "what Redis at $host gave is not a whole snapshot: $(tail -n 1 "$work/checked")"
    store_snapshot "$work/redis.rdb" "$work/checked" "$(told "$work/info" run_id)" 2>"$work/error" \
        || give_up "the database does not take the snapshot: $(head -n 1 "$work/error")"
}

# run_redis_snapshot [new]: takes a snapshot within half a minute, notes how that went, and tells what there is then.
run_redis_snapshot() {
    if keeps_redis && [ ! -e "$REDIS_KEPT" ]; then
        code=0
        said=$(timeout -k 5 "$REDIS_SECONDS" postgres-entrypoint redis-take "${1:-}" 2>&1 >/dev/null) || code=$?
        case $code in
            0) said= ;;
            124 | 137) said="taking a snapshot did not come to its end within $REDIS_SECONDS s" ;;
        esac
        said=$(printf '%s' "$said" | tail -n 1 | tr -d '"\\' | cut -c 1-300)
        [ -z "$said" ] || log warning "Redis is not backed up: $said" >&2
        ops -v failure="$said" <<'SQL'
insert into ops.redis_attempt (at, failure) values (now(), nullif(:'failure', ''))
on conflict (id) do update set at = excluded.at, failure = excluded.failure;
SQL
    fi
    run_redis_state
}

# run_redis_state: the snapshot that is there, and why the last attempt at one failed.
run_redis_state() {
    enabled=false kept=false
    ! keeps_redis || enabled=true
    [ ! -e "$REDIS_KEPT" ] || kept=true
    ops -v enabled="$enabled" -v kept="$kept" <<'SQL'
select json_build_object('redis', json_build_object('enabled', :enabled, 'kept', :kept, 'snapshot', (
    select json_build_object('asOf', to_char(as_of at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'version', version, 'keys', keys,
        'bytes', bytes, 'sha256', sha256) from ops.redis_snapshot
), 'failure', (select failure from ops.redis_attempt)));
SQL
}

# run_redis_rdb: the bytes of the snapshot.
run_redis_rdb() {
    ops -c "copy (select upper(encode(content, 'hex')) from ops.redis_chunk order by part) to stdout" | basenc --base16 -d
}

# run_redis_release: what was to be brought back has been, or is not wanted: new snapshots may take its place.
run_redis_release() {
    rm -f "$REDIS_KEPT"
}
