# What lies with the backups so that they alone make the whole platform again: answers and secrets, sealed by migratectl.
#
# It is a row of the database, and so in every backup and export of any repository. On a volume it is a file, too, which can be read before
# anything is restored.

KIT=$REPOSITORY/migratectl/kit.json

# run_keep_kit BYTES: the document from stdin, in place of the one before.
run_keep_kit() {
    whole=$(mktemp /tmp/kit.XXXXXX)
    trap 'rm -f "$whole"' EXIT
    head -c "${1:?}" >"$whole"
    [ "$(stat -c %s "$whole")" = "$1" ] || die 74 "the kit did not come to its end"
    ops <<SQL
\\set document \`cat $whole\`
insert into ops.kit (document) values (:'document') on conflict (id) do update set document = excluded.document, kept_at = now();
SQL
    [ "$(repository_kind)" = posix ] || return 0
    mkdir -p "$(dirname "$KIT")"
    cp "$whole" "$KIT.being-kept"
    sync "$KIT.being-kept"
    mv -f "$KIT.being-kept" "$KIT"
}

# run_kit: the file; nothing where there is none.
run_kit() {
    [ ! -e "$KIT" ] || cat "$KIT"
}
