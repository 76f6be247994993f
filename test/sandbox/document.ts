import { readFileSync } from "node:fs";
import { z } from "zod";

/** What `up` was asked for; handed to the processes inside as a file. */
export const Settings = z.strictObject({
  name: z.string(),
  mode: z.enum(["cluster", "control-plane"]),
  cpus: z.int().positive(),
  binDir: z.string(),
  /** Absolute paths of tools that are not in binDir, by tool name. */
  tools: z.record(z.string(), z.string()),
  apiServer: z.strictObject({ address: z.string(), port: z.int() }),
  etcd: z.strictObject({ clientPort: z.int(), peerPort: z.int() }),
});

/** What `up` was asked for. */
export type Settings = Readonly<z.infer<typeof Settings>>;

/** One supervised process: how often it died and whether it runs now. */
export const DaemonState = z.strictObject({
  name: z.string(),
  state: z.enum(["running", "restarting"]),
  restarts: z.int().nonnegative(),
  log: z.string(),
});

/** One supervised process. */
export type DaemonState = Readonly<z.infer<typeof DaemonState>>;

/** What `status --json` prints: how to reach every part of a running sandbox. Paths are absolute, on the machine itself. */
export const SandboxDocument = z.strictObject({
  name: z.string(),
  mode: z.enum(["cluster", "control-plane"]),
  startedAt: z.iso.datetime(),
  /** Process id of the sandbox's first process, as the machine sees it. */
  pid: z.int().positive(),
  stateDir: z.string(),
  logDir: z.string(),
  binDir: z.string(),
  cpus: z.int().positive(),
  kubernetesVersion: z.string(),
  apiServer: z.string(),
  kubeconfigs: z.strictObject({
    admin: z.string(),
    namespaced: z.string(),
  }),
  /** The namespace that the user of the `namespaced` kubeconfig administers. */
  clientNamespace: z.string(),
  registry: z
    .strictObject({
      host: z.string(),
      caFile: z.string(),
      username: z.string(),
      passwordFile: z.string(),
    })
    .nullable(),
  ingress: z
    .strictObject({
      address: z.string(),
      host: z.string(),
      className: z.string(),
      namespace: z.string(),
    })
    .nullable(),
  storageClasses: z.strictObject({ default: z.string(), neverBinds: z.string() }).nullable(),
  daemons: z.array(DaemonState),
});

/** A running sandbox. */
export type SandboxDocument = Readonly<z.infer<typeof SandboxDocument>>;

/** Reads and checks a JSON file; throws a ZodError when it has another shape and the file system's error when it is absent. */
export const readJson = <T>(schema: z.ZodType<T>, path: string): T => schema.parse(JSON.parse(readFileSync(path, "utf8")));
