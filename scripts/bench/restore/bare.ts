import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import type { Installed } from "./installed.ts";
import { type Item, pgBackRestSeconds } from "./items.ts";

/** What a restore by hand is told: the same set, timeline and moment as ours. */
const plannedSchema = z.object({
  target: z.object({ set: z.string(), timeline: z.int(), type: z.enum(["time", "lsn"]), value: z.string() }),
});

/** The same of a moment that is the end of the backup itself, which has no value. */
const setSchema = z.object({ target: z.object({ set: z.string() }) });

const statefulSetSchema = z.object({
  spec: z.object({
    template: z.object({ spec: z.looseObject({ containers: z.array(z.looseObject({ name: z.string() })) }) }),
  }),
});
const podSchema = z.object({ status: z.object({ phase: z.string() }) });
const scaledSchema = z.object({
  items: z.array(z.object({ metadata: z.object({ name: z.string() }), spec: z.object({ replicas: z.int() }) })),
});

/** What an admin types, with the moment of each step: an empty directory in place of the data, restored, replayed, promoted. */
const byHand = `
mark copying
name=17-bare-$(date +%s)
mkdir -m 700 "$DATA/$name"
old=$(readlink "$PGDATA")
ln -sfn "$name" "$PGDATA"
pgbackrest --stanza="$STANZA" --set="$1" --target-timeline="$2" --type="$3" --target="$4" --target-action=promote restore
mark recovering
postgres -D "$PGDATA" -c config_file=/etc/postgresql/postgresql.conf >/tmp/postgres.log 2>&1 &
until [ "$(psql -X -A -t -h "$SOCKET" -U postgres -d postgres -c 'select not pg_is_in_recovery()' 2>/dev/null)" = t ]; do
    kill -0 $! || { cat /tmp/postgres.log; exit 1; }
    sleep 0.1
done
mark promoted
kill -INT $!
wait $! || true
rm -rf "\${DATA:?}/$old"
`;

/** The copy alone, with so many processes. */
const copyOnly = `
mkdir -m 700 "$DATA/17-copy"
mark copying
pgbackrest --stanza="$STANZA" --pg1-path="$DATA/17-copy" --set="$2" --process-max="$1" --type=immediate restore
mark copied
rm -rf "$DATA/17-copy"
`;

const prelude = `
set -eu
. /usr/local/lib/postgres/postgres-lib.sh
name_this_user
mark() { printf 'mark %s %s\\n' "$1" "$(date +%s.%N)"; }
`;

/** Restores as pgBackRest's manual says, in a pod of the same image, volumes and resources while the platform is stopped; then makes a full backup. */
export async function restoreByHand(platform: Installed, cold: () => Promise<void>): Promise<readonly Item[]> {
  const { document } = await platform.migratectl("backup", "restore", "--to-latest", "--dry-run");
  const { set, timeline, type, value } = plannedSchema.parse(document).target;
  const log = await whileStopped(platform, async () => {
    await cold();
    return await inPod(platform, byHand, [set, String(timeline), type, value]);
  });
  const at = marks(log);
  const backup = await platform.inDatabase("backup-agent", "pgbackrest", "--stanza=main", "--type=full", "backup");
  return [
    { name: "copy", seconds: at("recovering") - at("copying"), scales: true },
    { name: "replay and promote", seconds: at("promoted") - at("recovering"), scales: true },
    { name: "full backup", seconds: pgBackRestSeconds("backup", backup), scales: true },
  ];
}

/** Seconds that the copy takes with each number of processes. */
export async function copyByProcesses(
  platform: Installed,
  processes: readonly number[],
  cold: () => Promise<void>,
): Promise<readonly { readonly processes: number; readonly seconds: number }[]> {
  const { document } = await platform.migratectl("backup", "restore", "--to-latest", "--dry-run");
  const { set } = setSchema.parse(document).target;
  return await whileStopped(platform, async () => {
    const seconds: { processes: number; seconds: number }[] = [];
    for (const count of processes) {
      await cold();
      const at = marks(await inPod(platform, copyOnly, [String(count), set]));
      seconds.push({ processes: count, seconds: at("copied") - at("copying") });
    }
    return seconds;
  });
}

/** The moments (in seconds) that a script marked. */
function marks(log: string): (name: string) => number {
  const found = new Map([...log.matchAll(/^mark (\S+) ([\d.]+)$/gm)].map(([, name = "", at]) => [name, Number(at)]));
  return (name) => {
    const at = found.get(name);
    if (at === undefined) throw new Error(`the script did not come to "${name}":\n${log}`);
    return at;
  };
}

/** Everything that uses the database, and the database itself, scaled to 0 as it is for a restore of ours. */
async function whileStopped<T>(platform: Installed, work: () => Promise<T>): Promise<T> {
  const { items } = scaledSchema.parse(JSON.parse(await platform.kubectl(["get", "deployments", "-o", "json"])));
  await platform.kubectl(["scale", "deployment", "--all", "--replicas=0"]);
  await platform.kubectl(["scale", "statefulset/postgres", "--replicas=0"]);
  await platform.kubectl(["wait", "pod/postgres-0", "--for=delete", "--timeout=3m"]);
  const result = await work();
  await platform.kubectl(["scale", "statefulset/postgres", "--replicas=1"]);
  await platform.kubectl(["rollout", "status", "statefulset/postgres", "--timeout=5m"]);
  for (const { metadata, spec } of items)
    await platform.kubectl(["scale", `deployment/${metadata.name}`, `--replicas=${String(spec.replicas)}`]);
  return result;
}

/** Runs a script in the container of Postgres, in a pod of its own, and gives its log. @throws Error when it fails */
async function inPod(platform: Installed, script: string, args: readonly string[]): Promise<string> {
  const set = statefulSetSchema.parse(JSON.parse(await platform.kubectl(["get", "statefulset", "postgres", "-o", "json"])));
  const { containers, ...spec } = set.spec.template.spec;
  const main = containers.find(({ name }) => name === "postgres");
  const { startupProbe: _1, livenessProbe: _2, readinessProbe: _3, ...container } = main ?? { name: "postgres" };
  const command = ["/bin/sh", "-c", `${prelude}${script}`, "bare"];
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "postgres-bare" },
    spec: { ...spec, restartPolicy: "Never", containers: [{ ...container, command, args }] },
  };
  await platform.kubectl(["create", "-f", "-"], JSON.stringify(pod));
  for (;;) {
    const { status } = podSchema.parse(JSON.parse(await platform.kubectl(["get", "pod", "postgres-bare", "-o", "json"])));
    if (status.phase !== "Pending" && status.phase !== "Running") {
      const log = await platform.kubectl(["logs", "postgres-bare"]);
      if (status.phase !== "Succeeded") throw new Error(`the restore by hand failed:\n${log}`);
      await platform.kubectl(["delete", "pod", "postgres-bare", "--wait"]);
      return log;
    }
    await pause(1000);
  }
}
