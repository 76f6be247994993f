import type { BackupHost } from "../../ports/backup-host.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ReleaseScope } from "../../ports/cluster-workloads.ts";
import type { PodExec } from "../../ports/pod-exec.ts";
import type { Progress } from "../../ports/progress.ts";
import type { PrunePorts } from "../../workflow/backup/prune-restores.ts";
import type { writeKey } from "../../workflow/backup/write-key.ts";
import type { Globals } from "../global-flags.ts";
import type { Sized } from "../presenters/profile.ts";
import { connect } from "./connect.ts";
import { installedProfile } from "./installed-profile.ts";

/** What commands about backups work through. */
export interface BackupPorts {
  readonly host: BackupHost;
  readonly exec: PodExec;
  readonly clock: Clock;
  readonly progress: Progress;
  /** `user@host` of who asks. */
  readonly asker: string;
  /** Sizing profile of what is installed; undefined when Helm's record may not be read. */
  readonly profile: string | undefined;
}

/** pgBackRest beside the database of an installed release. Throws as {@link connect}. */
export async function backupPorts(scope: ReleaseScope, context: string | undefined, globals: Globals): Promise<BackupPorts> {
  const { createPodExec } = await import("../../adapters/kubernetes/exec/pod-exec.ts");
  const { createBackupHost } = await import("../../adapters/kubernetes/backup-host/backup-host.ts");
  const { systemClock } = await import("../../adapters/node/clock.ts");
  const { operatorName } = await import("../../adapters/node/operator.ts");
  const { client, proxies } = await connect(globals, context);
  const exec = createPodExec(client.config, proxies);
  return {
    host: createBackupHost(client, exec, scope),
    exec,
    clock: systemClock,
    progress: globals.progress,
    asker: operatorName(),
    profile: await installedProfile(client, scope, globals.signal),
  };
}

/** The Secrets of the cluster, and the current directory. Throws as {@link connect}. */
export async function keyPorts(
  scope: ReleaseScope,
  context: string | undefined,
  globals: Globals,
): Promise<Sized<Parameters<typeof writeKey>[0]>> {
  const { createWorkFolder } = await import("../../adapters/node/work-folder.ts");
  const { client, objects } = await connect(globals, context);
  return { objects, folder: createWorkFolder("."), profile: await installedProfile(client, scope, globals.signal) };
}

/** What pruning works through, as far as it is not the person's yes. */
export async function prunePorts(
  scope: ReleaseScope,
  context: string | undefined,
  globals: Globals,
): Promise<Sized<Omit<PrunePorts, "confirm">>> {
  const { host, clock, profile } = await backupPorts(scope, context, globals);
  const { createOperator } = await import("../../adapters/node/operator.ts");
  const { newRunId } = await import("../../adapters/node/run-store.ts");
  const { objects } = await connect(globals, context);
  const note = (text: string) => globals.progress.tell({ kind: "note", text });
  return { host, clock, objects, operator: createOperator(), run: newRunId("prune", clock.now()), note, profile };
}
