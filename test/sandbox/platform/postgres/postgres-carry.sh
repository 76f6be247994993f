# The repository as files: what `migratectl backup export` takes away, and what is brought to an empty one.
#
# What is brought waits in a folder of its own until all of it is there, so that pgBackRest never sees half a repository.

STAGED=$REPOSITORY/.brought

[ "$(repository_kind)" = posix ] || die 78 "the repository is in a bucket: copy it there, with the tools of the bucket"

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
    list_files "$REPOSITORY"
}

# run_brought_files: what was brought so far.
run_brought_files() {
    list_files "$STAGED"
}

# run_carry_out PATH...: the bytes of the files, one behind the other.
run_carry_out() {
    cd "$REPOSITORY"
    exec cat -- "$@"
}

# run_repository_sums PATH..., run_brought_sums PATH...: sha256 of each, one a line.
run_repository_sums() {
    cd "$REPOSITORY"
    sha256sum -- "$@" | cut -d ' ' -f 1
}

run_brought_sums() {
    cd "$STAGED"
    sha256sum -- "$@" | cut -d ' ' -f 1
}

# run_carry_in PATH BYTES [PATH BYTES]...: files from stdin, one behind the other.
run_carry_in() {
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

# run_keep_kit BYTES: what lies with the backups so that they make the whole platform again, sealed, from stdin.
run_keep_kit() {
    mkdir -p "$REPOSITORY/migratectl"
    cd "$REPOSITORY/migratectl"
    head -c "${1:?}" >kit.json.being-kept
    [ "$(stat -c %s kit.json.being-kept)" = "$1" ] || die 74 "the kit did not come to its end"
    sync kit.json.being-kept
    mv -f kit.json.being-kept kit.json
}

# run_kit: what lies there; nothing where nothing does.
run_kit() {
    [ ! -e "$REPOSITORY/migratectl/kit.json" ] || cat "$REPOSITORY/migratectl/kit.json"
}
