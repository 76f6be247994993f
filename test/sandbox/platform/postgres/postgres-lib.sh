# Shared by the roles of postgres-entrypoint; sourced, POSIX sh.

DATA=/var/lib/postgresql/data
PGDATA=$DATA/current
SOCKET=/var/run/postgresql
REPOSITORY=/var/lib/pgbackrest
STANZA=main
# Names of the segments that pgBackRest gave up to keep the disk from filling, until the agent has taken note of them.
DROPPED=$DATA/wal-dropped
# Is there from the moment a restore makes other data current until Redis has been brought to it: until then no new snapshot of Redis is taken.
REDIS_KEPT=$DATA/redis-kept
POSTGRES_SECRETS_DIR=${POSTGRES_SECRETS_DIR:-/run/secrets/migrate-platform/postgres-credentials}
BUCKET_SECRETS_DIR=${BUCKET_SECRETS_DIR:-/run/secrets/migrate-platform/backup-repository}
BACKUP_SECRETS_DIR=${BACKUP_SECRETS_DIR:-/run/secrets/migrate-platform/backup-encryption}
DATABASE=${POSTGRES_DB:-migration}
PORT=${PRIMARY_PORT:-5432}
export PGDATA POSTGRES_SECRETS_DIR
unset PGPASSWORD
umask 077

# log LEVEL MESSAGE: one JSON object a line. Messages are ours and hold no quotes.
log() {
    printf '{"time":"%s","level":"%s","component":"%s","message":"%s"}\n' \
        "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$1" "${ROLE:-postgres}" "$2"
}

die() {
    log error "$2" >&2
    exit "$1"
}

# The user id of the pod need not be the image's (OpenShift assigns its own): Postgres insists on a name for it.
name_this_user() {
    if ! id -un >/dev/null 2>&1; then
        printf 'postgres:x:%s:%s:PostgreSQL:/tmp:/bin/sh\n' "$(id -u)" "$(id -g)" >/tmp/passwd
        printf 'postgres:x:%s:\n' "$(id -g)" >/tmp/group
        export NSS_WRAPPER_PASSWD=/tmp/passwd NSS_WRAPPER_GROUP=/tmp/group LD_PRELOAD=libnss_wrapper.so
    fi
}

secret_file() {
    [ -s "$POSTGRES_SECRETS_DIR/$1" ] || die 78 "secret file $POSTGRES_SECRETS_DIR/$1 is missing or empty"
    printf '%s' "$POSTGRES_SECRETS_DIR/$1"
}

# secret_option OPTION FILE: a line of pgBackRest's configuration.
secret_option() {
    value=$(cat "$2") || die 78 "secret file $2 is missing"
    case $value in
        '') die 78 "secret file $2 is empty" ;;
        *[[:cntrl:]]*) die 78 "secret file $2 holds more than one line" ;;
    esac
    printf '%s=%s\n' "$1" "$value"
}

# repository_kind: posix, s3, azure or gcs.
repository_kind() {
    sed -n 's/^repo1-type=//p' /etc/pgbackrest/pgbackrest.conf 2>/dev/null | grep . || echo posix
}

# configure_pgbackrest: what is secret in its configuration goes from the mounted Secret into a file that every run of pgBackRest
# includes, those that Postgres starts too: in no argument, no environment and no ConfigMap.
configure_pgbackrest() {
    kind=$(repository_kind)
    [ -e "$BACKUP_SECRETS_DIR/cipher-key" ] || [ "$kind" != posix ] || return 0
    mkdir -p /tmp/pgbackrest.d
    file=/tmp/pgbackrest.d/secrets.conf
    {
        echo '[global]'
        [ ! -e "$BACKUP_SECRETS_DIR/cipher-key" ] || secret_option repo1-cipher-pass "$BACKUP_SECRETS_DIR/cipher-key"
        case $kind in
            s3)
                secret_option repo1-s3-key "$BUCKET_SECRETS_DIR/account"
                secret_option repo1-s3-key-secret "$BUCKET_SECRETS_DIR/credential"
                ;;
            azure)
                secret_option repo1-azure-account "$BUCKET_SECRETS_DIR/account"
                secret_option repo1-azure-key "$BUCKET_SECRETS_DIR/credential"
                ;;
        esac
    } >"$file.$$"
    mv -f "$file.$$" "$file"
    export PGBACKREST_CONFIG_INCLUDE_PATH=/tmp/pgbackrest.d
}

# write_passfile USER KEY: a .pgpass in /tmp, so that no password is in an argument, the environment or a log.
write_passfile() {
    file=$(secret_file "$2") || exit $?
    escaped=$(sed -e 's/\\/\\\\/g' -e 's/:/\\:/g' "$file")
    printf '*:*:*:%s:%s\n' "$1" "$escaped" >/tmp/pgpass.new
    mv -f /tmp/pgpass.new /tmp/pgpass
    export PGPASSFILE=/tmp/pgpass
}

# new_data_directory: the path of a sibling of `current` that does not exist yet.
new_data_directory() {
    base=$DATA/17-$(date -u +%Y%m%dT%H%M%SZ)
    path=$base
    n=1
    while [ -e "$path" ]; do
        path=$base-$n
        n=$((n + 1))
    done
    printf '%s' "$path"
}

# switch_to DIRECTORY: makes it `current` in one step, after its content is on disk.
switch_to() {
    sync
    ln -sfn "$(basename "$1")" "$DATA/.current.new"
    mv -fT "$DATA/.current.new" "$PGDATA"
    sync "$DATA"
}

# What a first start left unfinished carries this suffix and is never taken for data.
discard_unfinished() {
    for left in "$DATA"/*.unfinished; do
        [ -e "$left" ] || continue
        log warning "removing $left, which an interrupted first start left behind"
        rm -rf "$left"
    done
}

# supervise COMMAND...: runs Postgres as a child, ends it with a fast shutdown on SIGINT, SIGTERM or SIGQUIT, exits as it did.
# $1 names a function that runs beside it.
supervise() {
    beside=$1
    shift
    "$@" &
    server=$!
    "$beside" "$server" &
    helper=$!
    # Under set -e a failing command of a trap would end the shell before Postgres has ended.
    trap 'kill -INT "$server" 2>/dev/null || true; kill -TERM "$helper" 2>/dev/null || true' INT TERM QUIT
    while :; do
        status=0
        wait "$server" || status=$?
        kill -0 "$server" 2>/dev/null || break
    done
    kill -TERM "$helper" 2>/dev/null || true
    log info "postgres ended with status $status"
    exit "$status"
}
