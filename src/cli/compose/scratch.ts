import type { DrillOutcome } from "../../domain/recovery/drill.ts";
import type { ClusterObjects } from "../../ports/cluster-objects.ts";
import type { ReleaseScope } from "../../ports/cluster-workloads.ts";
import type { PersonsTerminal } from "../../ports/pod-exec.ts";
import type { ScratchDatabases } from "../../ports/scratch-databases.ts";
import { findMoment } from "../../workflow/restore/resolve-moment.ts";
import { type DrillPorts, drill } from "../../workflow/scratch/drill.ts";
import { type DrillMoment, drillMoment, type ScratchMoment, scratchMoment } from "../../workflow/scratch/scratch-moment.ts";
import type { Globals } from "../global-flags.ts";
import type { Sized } from "../presenters/profile.ts";
import { type BackupPorts, backupPorts } from "./backup.ts";
import { connect } from "./connect.ts";
import { momentOf, targetOf, type WantedMoment } from "./restore.ts";

/** What commands about databases beside the primary work through. */
export interface ScratchPorts extends BackupPorts {
  readonly scratch: ScratchDatabases;
  readonly objects: ClusterObjects;
}

/** The repository of a release, and the databases that are restored from it beside the primary. Throws as {@link connect}. */
export async function scratchPorts(scope: ReleaseScope, context: string | undefined, globals: Globals): Promise<ScratchPorts> {
  const { createScratchDatabases } = await import("../../adapters/kubernetes/backup-host/scratch-databases.ts");
  const ports = await backupPorts(scope, context, globals);
  const { client, objects } = await connect(globals, context);
  return { ...ports, objects, scratch: createScratchDatabases(client, ports.exec, scope) };
}

/** The moment of a drill as flags give it; without any the newest that is in the archive. */
export function wantedDrill(wanted: WantedMoment, seed: number | undefined): DrillMoment {
  if (seed !== undefined) return { kind: "random", seed };
  return { kind: "given", target: (now) => targetOf(wanted, now), timeline: wanted.timeline };
}

/** Joins what a drill works through. */
export async function drillPorts(
  wanted: DrillMoment,
  scope: ReleaseScope,
  context: string | undefined,
  globals: Globals,
): Promise<Sized<DrillPorts & { readonly asker: string }>> {
  const { operatorName } = await import("../../adapters/node/operator.ts");
  const { newRunId } = await import("../../adapters/node/run-store.ts");
  const ports = await scratchPorts(scope, context, globals);
  return {
    ...ports,
    run: newRunId("drill", ports.clock.now()),
    by: async (signal) => ({ cluster: await ports.objects.userName(signal), host: operatorName() }),
    resolve: (signal) => drillMoment(ports, wanted, signal),
  };
}

/** Drills of the ends of sets, one after the other. */
export function setDrill(
  scope: ReleaseScope,
  context: string | undefined,
  globals: Globals,
): (label: string, signal: AbortSignal) => Promise<DrillOutcome | undefined> {
  return async (backup, signal) => {
    const wanted = { time: undefined, lsn: undefined, name: undefined, backup, latest: false, timeline: undefined };
    const ports = await drillPorts(wantedDrill(wanted, undefined), scope, context, globals);
    const request = {
      name: scope.release,
      namespace: scope.namespace,
      momentGiven: true,
      thorough: false,
      asker: ports.asker,
      dryRun: false,
    };
    return (await drill(ports, request, signal)).outcome;
  };
}

/** Joins what opening a preview works through. */
export async function previewPorts(
  wanted: WantedMoment,
  scope: ReleaseScope,
  context: string | undefined,
  globals: Globals,
): Promise<ScratchPorts & { readonly resolve: (signal: AbortSignal) => Promise<ScratchMoment> }> {
  const ports = await scratchPorts(scope, context, globals);
  return {
    ...ports,
    resolve: async (signal) => {
      const { resolved, surveyed } = await findMoment(ports, momentOf(wanted, globals), signal);
      for (const line of resolved.notes) ports.progress.tell({ kind: "note", text: line });
      return scratchMoment(resolved, surveyed);
    },
  };
}

/** Lends this process' terminal to a program elsewhere for as long as it runs. */
export async function atTerminal(borrow: (terminal: PersonsTerminal) => Promise<void>): Promise<void> {
  const { lendTerminal } = await import("../../adapters/node/persons-terminal.ts");
  await lendTerminal(process.stdin, process.stdout, borrow);
}
