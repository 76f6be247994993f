import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { cgroupPath, privateDirectories, stateDir } from "../layout.ts";
import { parseHierarchies } from "../lifecycle/cgroups.ts";
import { isAlive, processesIn } from "../lifecycle/processes.ts";
import { recordedIdentity } from "../lifecycle/record.ts";
import { run } from "../run.ts";

const mountinfo = (): string => readFileSync("/proc/self/mountinfo", "utf8");

/** Mounts without their ids, which the kernel gives anew. */
const mounts = (): readonly string[] =>
  mountinfo()
    .split("\n")
    .filter(Boolean)
    .map((line) => line.split(" ").slice(2).join(" "))
    .toSorted();

const directoriesBelow = (dir: string): readonly string[] =>
  readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => [join(dir, name), ...directoriesBelow(join(dir, name))]);

/** Control groups of every hierarchy; those of other instances, which come and go, are left out. */
const controlGroups = (name: string): readonly string[] =>
  parseHierarchies(mountinfo())
    .flatMap(({ mountPoint }) => {
      const own = join(mountPoint, cgroupPath(name));
      const all = dirname(own);
      const others =
        existsSync(all) && readdirSync(all, { withFileTypes: true }).some((entry) => entry.isDirectory() && join(all, entry.name) !== own);
      return directoriesBelow(mountPoint).filter((dir) => {
        if (dir === all) return !others;
        return !dir.startsWith(`${all}/`) || dir === own || dir.startsWith(`${own}/`);
      });
    })
    .toSorted();

const otherInstances = (name: string): boolean => {
  const instances = dirname(stateDir(name));
  return existsSync(instances) && readdirSync(instances).some((entry) => entry !== name);
};

/** A directory's entries; an empty one that another instance may need counts as absent. */
const entriesOf = (path: string, shared: boolean): readonly string[] | "absent" => {
  if (!existsSync(path)) return "absent";
  const entries = readdirSync(path);
  return shared && entries.length === 0 ? "absent" : entries;
};

const kernelSettings = ["vm/overcommit_memory", "vm/panic_on_oom", "kernel/panic", "kernel/panic_on_oops", "net/ipv4/ip_forward"] as const;

/** Everything of the machine that an instance could leave traces in, in a form that can be compared; other instances do not show. */
export const lookAtMachine = async (name: string) => ({
  mounts: mounts(),
  controlGroups: controlGroups(name),
  networkNamespaces: await run(["ip", "netns", "list"]),
  links: (await run(["ip", "-oneline", "link"])).split("\n").map((line) => line.split(":")[1]),
  routes: await run(["ip", "route", "show", "table", "all"]),
  rules: await run(["nft", "--stateless", "list", "ruleset"]),
  directories: Object.fromEntries(
    [
      ...privateDirectories,
      "/run/containerd",
      "/run/cni",
      "/var/log/pods",
      "/var/log/containers",
      "/opt/containerd",
      "/var/lib/containerd",
    ].map((path) => [path, entriesOf(path, otherInstances(name))]),
  ),
  kernelSettings: Object.fromEntries(kernelSettings.map((setting) => [setting, readFileSync(join("/proc/sys", setting), "utf8")])),
  files: [stateDir(name), `${stateDir(name)}.failed-logs`].filter((path) => existsSync(path)),
});

/** Finds the processes of a running instance, also once it has ended: those in its namespaces and those that name its files. */
export const processFinder = (name: string): (() => readonly number[]) => {
  const identity = recordedIdentity(name);
  if (!identity) throw new Error(`there is no sandbox ${name}`);
  const { net, mnt, pid } = identity.namespaces;
  const remembered = (): readonly number[] => [
    ...processesIn("pid", pid),
    ...processesIn("mnt", mnt),
    ...(net ? processesIn("net", net) : []),
    ...processesNaming(`${stateDir(name)}/`),
  ];
  // One that has ended stays listed until its parent asks how, which is not the sandbox's to hurry.
  return () => [...new Set(remembered())].filter(isAlive);
};

/** The arguments of a process; undefined when it has ended. */
const argumentsOf = (pid: number): readonly string[] | undefined => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1);
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
};

/** True while the process runs exactly this command. */
export const namesCommand = (pid: number, ...argv: readonly string[]): boolean => argumentsOf(pid)?.join("\0") === argv.join("\0");

const processesNaming = (text: string): readonly number[] =>
  readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => argumentsOf(pid)?.some((argument) => argument.includes(text)));
