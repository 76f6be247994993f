import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { DaemonState, readJson, SandboxDocument } from "../document.ts";
import { layoutOf, stateDir } from "../layout.ts";
import { namespaceOf } from "./processes.ts";

/** Which processes and namespaces an instance consists of; the namespaces' identities guard against reused process ids. */
export const Identity = z.strictObject({
  unshare: z.int().positive(),
  init: z.int().positive(),
  namespaces: z.strictObject({ net: z.string().nullable(), mnt: z.string(), pid: z.string() }),
});

/** Which processes and namespaces an instance consists of. */
export type Identity = Readonly<z.infer<typeof Identity>>;

/** The file that holds an instance's identity. */
export const identityFile = (name: string): string => join(stateDir(name), "identity.json");

/** The identity of an instance that was started, running or not; undefined when there is none. */
export const recordedIdentity = (name: string): Identity | undefined =>
  existsSync(identityFile(name)) ? readJson(Identity, identityFile(name)) : undefined;

/** True while the first process of the instance lives. */
export const isRunning = (identity: Identity): boolean => namespaceOf(identity.init, "pid") === identity.namespaces.pid;

/** What is known about a running sandbox; undefined when it does not run or is not up yet. */
export const status = (name: string): SandboxDocument | undefined => {
  const layout = layoutOf(name);
  const identity = recordedIdentity(name);
  if (!identity || !isRunning(identity) || !existsSync(layout.ready)) return undefined;
  return SandboxDocument.parse({
    ...readJson(SandboxDocument.omit({ pid: true, daemons: true }), layout.ready),
    pid: identity.init,
    daemons: readJson(z.array(DaemonState), layout.daemons),
  });
};
