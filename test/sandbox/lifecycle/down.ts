import { cpSync, existsSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cgroupPath, layoutOf } from "../layout.ts";
import { until } from "../until.ts";
import { isAlive, namespaceOf, processesIn } from "./processes.ts";
import { type Identity, recordedIdentity } from "./record.ts";

const kill = (pid: number): void => {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
};

const members = (identity: Identity): readonly number[] => {
  const own = namespaceOf("self", "net");
  const { net, mnt, pid } = identity.namespaces;
  return [
    ...new Set([
      ...processesIn("pid", pid),
      ...processesIn("mnt", mnt),
      // Processes that were started on the sandbox's network live in the machine's PID namespace.
      ...(net && net !== own ? processesIn("net", net) : []),
    ]),
  ];
};

const removeTree = (dir: string): void => {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    if (entry.isDirectory()) removeTree(join(dir, entry.name));
  }
  rmdirSync(dir);
};

/** The control groups of an instance that exist now, one or none per hierarchy. */
export const cgroupsOf = (name: string): readonly string[] =>
  ["", ...(existsSync("/sys/fs/cgroup") ? readdirSync("/sys/fs/cgroup") : [])]
    .map((hierarchy) => join("/sys/fs/cgroup", hierarchy, cgroupPath(name)))
    .filter((path) => existsSync(path));

/**
 * Ends an instance and removes everything it made: processes (also those that others started in it), namespaces with
 * their mounts, links, routes and rules, control groups, files. Does nothing when there is no such instance.
 * Throws when something survives for 30 seconds.
 */
export const down = async (name: string, options: { readonly keepLogsIn?: string } = {}): Promise<void> => {
  const layout = layoutOf(name);
  const identity = recordedIdentity(name);
  if (identity) {
    await until(
      `the end of the sandbox ${name}`,
      () => {
        const alive = members(identity).filter(isAlive);
        for (const pid of alive) kill(pid);
        return alive.length === 0 ? true : undefined;
      },
      { deadlineMs: 30_000, pauseMs: 20 },
    );
  }
  await until(
    `the removal of the control groups of ${name}`,
    () => {
      for (const path of cgroupsOf(name)) removeTree(path);
      return true;
    },
    { deadlineMs: 30_000 },
  );
  if (options.keepLogsIn && existsSync(layout.logs)) {
    cpSync(layout.logs, options.keepLogsIn, { recursive: true });
  }
  await until(
    `the removal of ${layout.root}`,
    () => {
      rmSync(layout.root, { recursive: true, force: true });
      return true;
    },
    { deadlineMs: 30_000 },
  );
};
