# The repository as files: what `migratectl backup export` takes away, from a volume or a bucket, and what is brought to an empty volume.
#
# What is brought waits in a folder of its own until all of it is there, so that pgBackRest never sees half a repository.

STAGED=$REPOSITORY/.brought

on_volume() {
    [ "$(repository_kind)" = posix ] || die 78 "the repository is in a bucket: nothing can be brought there, copy it with the tools of the bucket"
}

# raw PATH: the bytes of a file as it lies in the bucket.
raw() {
    pgbackrest --log-level-console=off --log-level-stderr=error --raw repo-get "$1"
}

# raw_sum PATH: sha256 of them. They go through no file: one may be larger than what /tmp may hold.
raw_sum() {
    rm -f /tmp/raw.failed
    { raw "$1" || : >/tmp/raw.failed; } | sha256sum | cut -d ' ' -f 1
    [ ! -e /tmp/raw.failed ] || die 74 "$1 cannot be read"
}

list_bucket() {
    pgbackrest --log-level-console=off --log-level-stderr=error --recurse --output=json repo-ls \
        | grep -o '"[^"]*":{"type":"file","size":[0-9]*' \
        | sed -n 's/^\("[^"]*"\):{"type":"file","size":\([0-9]*\)$/{"path":\1,"bytes":\2}/p' \
        | grep -E '^\{"path":"(archive|backup|migratectl)/'
}

list_files() {
    [ -d "$1" ] || return 0
    cd "$1"
    # pgBackRest gives a file its name when it is complete. A link (latest) is made anew by it.
    for each in archive backup migratectl; do
        [ ! -d "$each" ] || find "$each" -type f ! -name '*.pgbackrest.tmp' ! -name '*.being-*' -printf '{"path":"%p","bytes":%s}\n'
    done
}

# run_repository_files: every file of the repository; one JSON document a line.
run_repository_files() {
    if [ "$(repository_kind)" = posix ]; then
        list_files "$REPOSITORY"
    else
        list_bucket
    fi
}

# run_brought_files: what was brought so far.
run_brought_files() {
    list_files "$STAGED"
}

# run_carry_out PATH...: the bytes of the files, one behind the other.
run_carry_out() {
    if [ "$(repository_kind)" != posix ]; then
        for each in "$@"; do
            raw "$each"
        done
        return 0
    fi
    cd "$REPOSITORY"
    exec cat -- "$@"
}

# run_repository_sums PATH..., run_brought_sums PATH...: sha256 of each, one a line.
run_repository_sums() {
    if [ "$(repository_kind)" != posix ]; then
        for each in "$@"; do
            raw_sum "$each"
        done
        return 0
    fi
    cd "$REPOSITORY"
    sha256sum -- "$@" | cut -d ' ' -f 1
}

run_brought_sums() {
    cd "$STAGED"
    sha256sum -- "$@" | cut -d ' ' -f 1
}

# run_carry_in PATH BYTES [PATH BYTES]...: files from stdin, one behind the other.
run_carry_in() {
    on_volume
    mkdir -p "$STAGED"
    cd "$STAGED"
    while [ $# -ge 2 ]; do
        case $1 in
            /* | *..* | .*) die 64 "$1 is no path of a repository" ;;
        esac
        mkdir -p "$(dirname "$1")"
        head -c "$2" >"$1.being-brought"
        [ "$(stat -c %s "$1.being-brought")" = "$2" ] || die 74 "$1 did not come to its end"
        mv -f "$1.being-brought" "$1"
        shift 2
    done
}

# run_carry_end: makes what was brought the repository. The mark `moving` says that some of it may be there already.
run_carry_end() {
    on_volume
    if [ ! -e "$STAGED" ]; then
        [ -e "$REPOSITORY/archive" ] || die 66 "nothing was brought"
        return 0
    fi
    if [ ! -e "$STAGED/moving" ]; then
        for each in archive backup; do
            [ -z "$(ls -A "$REPOSITORY/$each" 2>/dev/null)" ] || die 65 "the repository is not empty: $REPOSITORY/$each is there"
        done
        sync "$STAGED"
        touch "$STAGED/moving"
    fi
    for each in archive backup migratectl; do
        [ -e "$STAGED/$each" ] || continue
        rmdir "$REPOSITORY/$each" 2>/dev/null || true
        mv "$STAGED/$each" "$REPOSITORY/$each"
    done
    sync "$REPOSITORY"
    rm -rf "$STAGED"
}
