# What a database holds and whether it can be relied on: asked of the one that serves, and of one that recovery has paused. Writes nothing.

EXAMINED=/usr/local/share/postgres

# run_examine counts|quick|thorough: one JSON document a line. `counts` tells tables and schema revision, `quick` looks at indexes, sequences
# and the parts of Redis' snapshot, too, and `thorough` reads every table and B-tree (amcheck).
run_examine() {
    case ${1:-} in
        counts) set -- contents ;;
        quick) set -- contents indexes ;;
        thorough) set -- contents indexes pages ;;
        *) die 64 "usage: postgres-entrypoint examine counts|quick|thorough" ;;
    esac
    for each in "$@"; do
        PGOPTIONS='-c default_transaction_read_only=on -c lock_timeout=10s -c client_min_messages=error -c max_parallel_workers_per_gather=2' \
            psql -X -q -A -t -h "$SOCKET" -U postgres -d "$DATABASE" -v ON_ERROR_STOP=1 -f "$EXAMINED/examine-$each.sql" || return $?
    done
}
