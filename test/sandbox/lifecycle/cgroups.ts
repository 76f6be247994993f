import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { cgroupPath } from "../layout.ts";

/** A mounted hierarchy of control groups. */
export type Hierarchy = {
  readonly type: "cgroup" | "cgroup2";
  readonly mountPoint: string;
};

/** Reads the hierarchies out of the text of /proc/self/mountinfo. */
export const parseHierarchies = (mountinfo: string): readonly Hierarchy[] =>
  mountinfo.split("\n").flatMap((line): readonly Hierarchy[] => {
    const [mount = "", filesystem = ""] = line.split(" - ");
    const [type] = filesystem.split(" ");
    return type === "cgroup" || type === "cgroup2" ? [{ type, mountPoint: mount.split(" ")[4] ?? "" }] : [];
  });

const hierarchies = (): readonly Hierarchy[] => parseHierarchies(readFileSync("/proc/self/mountinfo", "utf8"));

const read = (path: string): string => readFileSync(path, "utf8").trim();

/** A cgroup of version 1 for cpusets takes no process before it has processors and memory; it starts with its parent's. */
const fillCpuset = (dir: string): void => {
  for (const name of ["cpuset.cpus", "cpuset.mems"]) {
    if (existsSync(join(dir, name)) && read(join(dir, name)) === "") writeFileSync(join(dir, name), read(join(dirname(dir), name)));
  }
};

/** In version 2 a group's children have the controllers that the group hands on. */
const handOnControllers = (dir: string): void => {
  for (const controller of read(join(dir, "cgroup.controllers")).split(" ").filter(Boolean)) {
    writeFileSync(join(dir, "cgroup.subtree_control"), `+${controller}`);
  }
};

/** Makes an instance's control group in every hierarchy, and gives their directories. */
export const makeCgroups = (name: string): readonly string[] =>
  hierarchies().map(({ type, mountPoint }) => {
    const root = join(mountPoint, cgroupPath(name));
    if (type === "cgroup2") handOnControllers(mountPoint);
    for (const dir of [dirname(root), root, join(root, "system")]) {
      mkdirSync(dir, { recursive: true });
      if (type === "cgroup") fillCpuset(dir);
      else if (dir === dirname(root)) handOnControllers(dir);
    }
    return root;
  });

const removeTree = (dir: string): void => {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    if (entry.isDirectory()) removeTree(join(dir, entry.name));
  }
  rmdirSync(dir);
};

/** Removes an instance's control groups, and the one that holds all instances with the last of them; throws while a process is left in one. */
export const removeCgroups = (name: string): void => {
  for (const { mountPoint } of hierarchies()) {
    const root = join(mountPoint, cgroupPath(name));
    if (existsSync(root)) removeTree(root);
    const parent = dirname(root);
    const hasInstances = existsSync(parent) && readdirSync(parent, { withFileTypes: true }).some((entry) => entry.isDirectory());
    if (existsSync(parent) && !hasInstances) rmdirSync(parent);
  }
};
