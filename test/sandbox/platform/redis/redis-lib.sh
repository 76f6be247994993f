# Shared by redis-entrypoint and redis-health; sourced, POSIX sh.

PASSWORD_FILE=${REDIS_PASSWORD_FILE:-/run/secrets/migrate-platform/redis-credentials/redis-password}
MASTER=${REDIS_MASTER:-mymaster}
SENTINEL_STATE=/data/sentinel/sentinel.conf

log() {
    printf '{"time":"%s","level":"%s","component":"redis-%s","message":"%s"}\n' \
        "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$1" "${ROLE:-redis}" "$2"
}

die() {
    log error "$2" >&2
    exit "$1"
}

# redis-cli takes the password from the environment of that one process; in an argument everybody could read it.
cli() {
    REDISCLI_AUTH=$(cat "$PASSWORD_FILE") timeout 5 redis-cli --no-auth-warning "$@"
}

# quoted_password: as redis.conf reads a string.
quoted_password() {
    printf '"%s"' "$(sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' "$PASSWORD_FILE")"
}

own_name() {
    printf '%s.%s' "${POD_NAME:?}" "${REDIS_HEADLESS:?}"
}

first_master() {
    printf '%s-0.%s' "${POD_NAME%-*}" "${REDIS_HEADLESS:?}"
}

# known_master: who is the master: what the other Sentinels say, else what this pod's Sentinel last knew, else the pod with ordinal 0.
known_master() {
    for sentinel in $(printf '%s' "${REDIS_SENTINELS:-}" | tr ',' ' '); do
        host=$(cli -h "${sentinel%:*}" -p "${sentinel##*:}" sentinel get-master-addr-by-name "$MASTER" 2>/dev/null | head -n 1) || continue
        case $host in
            '' | *' '*) continue ;;
        esac
        printf '%s' "$host"
        return
    done
    remembered=$(sed -n "s/^sentinel monitor $MASTER \([^ ]*\) .*/\1/p" "$SENTINEL_STATE" 2>/dev/null | tail -n 1) || remembered=
    printf '%s' "${remembered:-$(first_master)}"
}
