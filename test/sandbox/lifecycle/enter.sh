#!/bin/sh
# usage: enter.sh CGROUP-DIR... -- COMMAND...
# Enters the control groups, makes them the roots of a cgroup namespace, moves on into their child "system" (a group that
# has children with controllers may hold no process of its own) and becomes COMMAND.
set -eu
roots=
while [ "$1" != -- ]; do
  echo $$ > "$1/cgroup.procs"
  roots="$roots $1"
  shift
done
shift
exec unshare --cgroup sh -c '
  for root in $1; do echo $$ > "$root/system/cgroup.procs"; done
  shift
  exec "$@"
' enter "$roots" "$@"
