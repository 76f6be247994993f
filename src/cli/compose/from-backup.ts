import { readFile } from "node:fs/promises";
import type { AnswersFile } from "../../domain/answers/document.ts";
import { isTree } from "../../domain/answers/tree.ts";
import { Problem } from "../../domain/errors/problem.ts";
import type { ReleaseScope } from "../../ports/cluster-workloads.ts";
import { openKit } from "../../workflow/backup/open-kit.ts";
import type { FromBackupPorts } from "../../workflow/install/from-backup.ts";
import type { BackupSource } from "../../workflow/install/install-start.ts";
import { sha256 } from "../../workflow/run/plan-of.ts";
import type { Globals } from "../global-flags.ts";
import type { ParsedFlags } from "../load-answers.ts";
import type { ClusterRun } from "./cluster-run.ts";
import { connect } from "./connect.ts";

/** What `--from-backup` says for backups that are in the release's repository already. */
const inRepository = "repository";

/** Where the kit lies in a repository and in an export. */
const kitPath = "migratectl/kit.json";

/** Joins what making the platform of its backups works through. */
export async function fromBackupPorts(run: ClusterRun, scope: ReleaseScope, globals: Globals): Promise<FromBackupPorts> {
  const { createPodExec } = await import("../../adapters/kubernetes/exec/pod-exec.ts");
  const { backupPod, createBackupHost } = await import("../../adapters/kubernetes/backup-host/backup-host.ts");
  const { createKitStore } = await import("../../adapters/kubernetes/backup-host/kit-store.ts");
  const { renderedPrimaryPod } = await import("../../adapters/kubernetes/backup-host/primary-pod.ts");
  const { createRepositoryFiles } = await import("../../adapters/kubernetes/backup-host/repository-files.ts");
  const { createRestorePods } = await import("../../adapters/kubernetes/backup-host/restore-pods.ts");
  const { createEarlyObjects } = await import("../../adapters/kubernetes/early-objects/early-objects.ts");
  const { createRedisData } = await import("../../adapters/kubernetes/redis-data/redis-data.ts");
  const { createRunningParts } = await import("../../adapters/kubernetes/running-parts/running-parts.ts");
  const { exportFiles } = await import("../../adapters/node/export-file/write-export.ts");
  const { sealer } = await import("../../adapters/node/sealer.ts");
  const { client, objects, clock } = run;
  const { proxies } = await connect(globals, undefined);
  const exec = createPodExec(client.config, proxies);
  const target = (signal: AbortSignal) => backupPod(client, scope, signal);
  return {
    objects,
    clock,
    sealer,
    exports: exportFiles,
    early: createEarlyObjects(client, scope),
    files: createRepositoryFiles(exec, target),
    kits: createKitStore(exec, target),
    host: createBackupHost(client, exec, scope),
    parts: createRunningParts(client),
    redis: createRedisData(client, exec, scope),
    podsOf: (manifests) => createRestorePods(client, exec, scope, async () => renderedPrimaryPod(manifests)),
  };
}

/** The backups that a flag names. @throws Problem FILE_UNREADABLE, EXPORT_DAMAGED */
export async function backupSource(given: string | undefined): Promise<BackupSource | undefined> {
  if (given === undefined) return undefined;
  if (given === inRepository) return { kind: "repository" };
  const { openExport } = await import("../../adapters/node/export-file/read-export.ts");
  const { exportedBytes } = await import("../../domain/recovery/backup-export.ts");
  const opened = await openExport(given);
  await opened.close();
  const digest = sha256(JSON.stringify([opened.manifest.systemId, [...opened.sums]]));
  return { kind: "file", path: given, bytes: exportedBytes(opened.manifest), digest };
}

/**
 * The answers that lie with the backups, for a host that has no answers file; undefined where none lie there, or no key is at hand.
 * @throws Problem FILE_UNREADABLE, EXPORT_DAMAGED, KIT_UNREADABLE, KIT_KEY_WRONG
 */
export async function backedUpAnswers(flags: ParsedFlags, globals: Pick<Globals, "answers">): Promise<AnswersFile | undefined> {
  const [given, keyFile] = [flags["from-backup"], flags["backup-encryption-key-file"]];
  if (typeof given !== "string" || given === inRepository || typeof keyFile !== "string" || globals.answers !== undefined) return undefined;
  const { openExport } = await import("../../adapters/node/export-file/read-export.ts");
  const { sealer } = await import("../../adapters/node/sealer.ts");
  const opened = await openExport(given);
  try {
    const file = opened.manifest.files.find(({ path }) => path === kitPath);
    if (file === undefined) return undefined;
    const pieces: Uint8Array[] = [];
    for await (const piece of opened.content(file)) pieces.push(piece);
    const { answers } = await openKit(Buffer.concat(pieces).toString("utf8"), await keyIn(keyFile), sealer);
    if (!isTree(answers)) return undefined;
    // Which cluster it was says nothing about which it is to be.
    const { cluster: _cluster, ...rest } = answers;
    return { path: `${given}: ${kitPath}`, text: JSON.stringify(rest) };
  } finally {
    await opened.close();
  }
}

async function keyIn(path: string): Promise<string> {
  try {
    return (await readFile(path, "utf8")).replace(/\r?\n$/, "");
  } catch (cause) {
    throw new Problem("FILE_UNREADABLE", { what: `the key file ${path} cannot be read`, cause });
  }
}
