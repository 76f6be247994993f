import { cpSync, existsSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { layoutOf, privateDirectories, stateDir } from "../layout.ts";
import { until } from "../until.ts";
import { removeCgroups } from "./cgroups.ts";
import { isAlive, namespaceOf, processesIn } from "./processes.ts";
import { type Identity, isRunning, recordedIdentity } from "./record.ts";

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

/** Empty directories that instances share: those on the machine to lay their own over, and the one of their states; a running one keeps them. */
const removeSharedDirectories = (): void => {
  const instances = dirname(stateDir("any"));
  if (existsSync(instances) && readdirSync(instances).some((name) => isUp(name))) return;
  for (const path of [...privateDirectories, instances]) {
    if (existsSync(path) && readdirSync(path).length === 0) rmdirSync(path);
  }
};

const isUp = (name: string): boolean => {
  const identity = recordedIdentity(name);
  return identity !== undefined && isRunning(identity);
};

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
      removeCgroups(name);
      return true;
    },
    { deadlineMs: 30_000 },
  );
  if (options.keepLogsIn && existsSync(layout.logs)) {
    cpSync(layout.logs, options.keepLogsIn, { recursive: true });
    cpSync(join(layout.root, "init.log"), join(options.keepLogsIn, "init.log"));
  }
  await until(
    `the removal of ${layout.root}`,
    () => {
      rmSync(layout.root, { recursive: true, force: true });
      return true;
    },
    { deadlineMs: 30_000 },
  );
  removeSharedDirectories();
};
