# Brings Redis to a snapshot, or empties it. Sourced by redis-entrypoint, POSIX sh. Run again it ends what ran before it and begins anew.
#
# The snapshot is loaded by a Redis of its own, on a socket and without persistence, and only once that has all of it the master is emptied and
# given its keys: what cannot be loaded changes nothing. TTLs stay; what has expired since does not come back.

SCRATCH=/data/restore
SCRATCH_SOCKET=$SCRATCH/redis.sock
LOAD_SECONDS=300

# What moves one batch of keys from the scratch server to the master; a key that was moved needs no memory here any more.
# shellcheck disable=SC2016
MOVE="local found = redis.call('SELECT', ARGV[2]) and redis.call('SCAN', ARGV[3], 'COUNT', 1000)
if #found[2] > 0 then
  local words = {'MIGRATE', ARGV[1], '6379', '', ARGV[2], '20000', 'COPY', 'REPLACE', 'AUTH', ARGV[4], 'KEYS'}
  for _, key in ipairs(found[2]) do words[#words + 1] = key end
  redis.call(unpack(words))
  redis.call('UNLINK', unpack(found[2]))
end
return found[1]"

# on_master COMMAND...: the password goes in by stdin; in an argument or an environment others could read it.
on_master() {
    timeout 60 redis-cli --askpass --no-auth-warning -h "$master" -p 6379 "$@" <"$PASSWORD_FILE"
}

on_scratch() {
    redis-cli -s "$SCRATCH_SOCKET" "$@"
}

# A load whose caller was lost goes on by itself, and would write into what serves again.
end_other_loads() {
    for each in /proc/[0-9]*; do
        [ "${each#/proc/}" != $$ ] || continue
        case $(tr '\0' ' ' <"$each/cmdline" 2>/dev/null || true) in
            *"redis-entrypoint load "* | *"redis-entrypoint empty "* | *"redis-server unixsocket:$SCRATCH_SOCKET "*) kill -KILL "${each#/proc/}" 2>/dev/null || true ;;
        esac
    done
}

# find_master: an address of the master, as the Sentinels say where there are any.
find_master() {
    master=127.0.0.1
    [ "${REDIS_MODE:-single}" = sentinel ] || return 0
    for sentinel in $(printf '%s' "${REDIS_SENTINELS:?}" | tr ',' ' '); do
        name=$(redis-cli --askpass --no-auth-warning -h "${sentinel%:*}" -p "${sentinel##*:}" sentinel get-master-addr-by-name "$MASTER" \
            <"$PASSWORD_FILE" 2>/dev/null | head -n 1) || continue
        master=$(getent hosts "${name:-none}" | awk 'NR == 1 { print $1 }') || continue
        [ -z "$master" ] || return 0
    done
    die 75 "no Sentinel tells who is the master"
}

demand_master() {
    on_master info replication | tr -d '\r' | grep -qx 'role:master' || die 75 "Redis at $master is not the master"
}

# sum_of NAME: over all databases, of the figure that INFO keyspace on stdin tells.
sum_of() {
    tr -d '\r' | sed -n "s/^db[0-9]*:.*$1=\([0-9]*\).*/\1/p" | awk '{ sum += $1 } END { print sum + 0 }'
}

# demand_room BYTES: the scratch server has to fit beside this pod's own into the container.
demand_room() {
    [ -n "${REDIS_MEMORY_LIMIT:-}" ] || return 0
    used=$(redis-cli --askpass --no-auth-warning -p 6379 info memory <"$PASSWORD_FILE" | tr -d '\r' | sed -n 's/^used_memory_rss://p')
    wanted=$((${used:-0} + $1 + $1 / 5 + 16777216))
    [ "$wanted" -le "$REDIS_MEMORY_LIMIT" ] \
        || die 69 "the snapshot needs $(($1 / 1048576 + 1)) MiB of memory beside $((${used:-0} / 1048576)) MiB that Redis has now, and the container may have $((REDIS_MEMORY_LIMIT / 1048576)) MiB"
}

start_scratch() {
    printf '%s\n' 'port 0' "unixsocket $SCRATCH_SOCKET" 'unixsocketperm 700' "dir $SCRATCH" 'dbfilename snapshot.rdb' 'save ""' 'appendonly no' \
        'slowlog-log-slower-than -1' >"$SCRATCH/redis.conf"
    redis-server "$SCRATCH/redis.conf" >"$SCRATCH/log" 2>&1 &
    server=$!
    deadline=$(($(date +%s) + LOAD_SECONDS))
    until [ "$(on_scratch ping 2>/dev/null)" = PONG ]; do
        kill -0 "$server" 2>/dev/null || die 1 "the snapshot cannot be loaded: $(tail -n 1 "$SCRATCH/log" | tr -d '"\\')"
        [ "$(date +%s)" -lt "$deadline" ] || die 1 "the snapshot was not loaded within $LOAD_SECONDS s"
        sleep 0.2
    done
}

end_scratch() {
    [ -z "${server:-}" ] || kill -KILL "$server" 2>/dev/null || true
    rm -rf "$SCRATCH"
}

empty_master() {
    answer=$(on_master flushall 2>&1) || true
    [ "$answer" = OK ] || die 1 "Redis cannot be emptied: $(printf '%s' "$answer" | head -n 1)"
}

# move_keys: all databases of the scratch server, batch by batch.
move_keys() {
    for database in $(on_scratch info keyspace | sed -n 's/^db\([0-9]*\):.*/\1/p'); do
        cursor=0
        while :; do
            # The last argument comes by stdin: it is the password.
            cursor=$(tr -d '\n' <"$PASSWORD_FILE" | on_scratch -x eval "$MOVE" 0 "$master" "$database" "$cursor") || true
            case $cursor in
                0) break ;;
                '' | *[!0-9]*) die 1 "the keys cannot be moved: $(printf '%s' "$cursor" | head -n 1 | tr -d '"\\')" ;;
            esac
        done
    done
}

# run_load BYTES SHA256: brings Redis to the snapshot on stdin.
run_load() {
    bytes=${1:?} sum=${2:?}
    end_other_loads
    trap end_scratch EXIT
    rm -rf "$SCRATCH"
    mkdir -p "$SCRATCH"
    head -c "$bytes" >"$SCRATCH/snapshot.rdb"
    [ "$(stat -c %s "$SCRATCH/snapshot.rdb")" = "$bytes" ] || die 74 "the snapshot did not come to its end"
    [ "$(sha256sum "$SCRATCH/snapshot.rdb" | cut -d ' ' -f 1)" = "$sum" ] || die 65 "the snapshot is not the one that was taken: its checksum is another"
    redis-check-rdb "$SCRATCH/snapshot.rdb" >"$SCRATCH/checked" 2>&1 || die 65 "the snapshot is damaged: $(tail -n 1 "$SCRATCH/checked" | tr -d '"\\')"
    find_master
    demand_master
    demand_room "$(sed -n "s/.*AUX FIELD used-mem = '\([0-9]*\)'\$/\1/p" "$SCRATCH/checked")"
    start_scratch
    there=$(on_scratch info keyspace | sum_of keys)
    lasting=$((there - $(on_scratch info keyspace | sum_of expires)))
    empty_master
    move_keys
    demand_master
    keys=$(on_master info keyspace | sum_of keys)
    [ "$keys" -le "$there" ] && [ "$keys" -ge "$lasting" ] || die 1 "Redis holds $keys keys, and the snapshot $there of which $lasting never expire"
    printf '{"loaded":{"keys":%s}}\n' "$keys"
}

# run_empty: all data goes; users and settings stay.
run_empty() {
    end_other_loads
    find_master
    demand_master
    empty_master
    printf '{"loaded":{"keys":%s}}\n' "$(on_master info keyspace | sum_of keys)"
}
