import { z } from "zod";
import { Problem } from "../../../domain/errors/problem.ts";
import { type Right, vital } from "../../../domain/facts/rights.ts";
import type { ReleaseScope } from "../../../ports/cluster-workloads.ts";
import type { ExecTarget, PodExec } from "../../../ports/pod-exec.ts";
import { type RestorePod, type RestorePodSpec, type RestorePods, type RestoreState, restorePhases } from "../../../ports/restore-pods.ts";
import type { ApiClient } from "../api-client.ts";
import { ApiStatusError, telling } from "../api-errors.ts";
import { execRights } from "../exec/pod-exec.ts";
import { alreadyExists, fieldManager } from "../objects-write.ts";
import { readRestoreState } from "./answers.ts";
import { examineDeadlines, readExamination } from "./examination-answer.ts";
import { type PrimaryPod, postgresContainer, primaryPod, psqlArgv } from "./primary-pod.ts";

const restoring = "restore beside the data";

/** The rights that each method uses. */
export const restorePodsRights: Readonly<Record<keyof RestorePods, readonly Right[]>> = {
  start: vital(restoring, "get statefulsets.apps", "create pods"),
  find: vital(restoring, "get pods"),
  state: execRights,
  decide: execRights,
  examine: execRights,
  query: execRights,
  remove: vital(restoring, "delete pods"),
};

/** Milliseconds for a question in the pod. */
const askDeadline = 60_000;

/** Seconds after which a pod that only answers questions ends by itself, should nobody end it. */
const idleSeconds = 3600;

const containerState = z.object({
  waiting: z.object({ reason: z.string().default(""), message: z.string().default("") }).nullish(),
  terminated: z.object({ reason: z.string().default(""), message: z.string().default(""), exitCode: z.int() }).nullish(),
});
const podSchema = z.object({
  metadata: z.object({ name: z.string() }),
  status: z
    .object({
      phase: z.string().default("Pending"),
      conditions: z.array(z.object({ type: z.string(), status: z.string(), message: z.string().default("") })).default([]),
      containerStatuses: z.array(z.object({ state: containerState.default({}) })).default([]),
    })
    .default({ phase: "Pending", conditions: [], containerStatuses: [] }),
});

/** Pods of restores of one release, through the API server. */
export function createRestorePods(
  client: ApiClient,
  exec: PodExec,
  scope: ReleaseScope,
  template = (signal: AbortSignal): Promise<PrimaryPod> => primaryPod(client, scope, signal),
): RestorePods {
  const collection = `/api/v1/namespaces/${scope.namespace}/pods`;
  const target = (id: string): ExecTarget => ({ namespace: scope.namespace, pod: podName(id), container: postgresContainer });
  const ask = async (id: string, argv: readonly string[], signal: AbortSignal, deadline = askDeadline): Promise<string> => {
    const { code, stdout, stderr } = await exec.run(target(id), argv, { deadline }, signal);
    if (code === 0) return stdout.trim();
    throw new Problem("BACKUP_HOST_STRANGE", {
      what: `${argv.slice(0, 2).join(" ")} in ${podName(id)} ended with ${code}: ${(stderr || stdout).trim().slice(-500)}`,
    });
  };
  return {
    start: (spec, signal) =>
      telling(`starting Pod/${podName(spec.id)}`, async () => {
        const primary = await template(signal);
        try {
          const body = podOf(primary, spec, scope);
          await client.text({ method: "POST", path: collection, query: { fieldManager }, body, signal, repeatable: true });
        } catch (error) {
          if (!alreadyExists(error)) throw error;
        }
      }),
    find: (id, signal) =>
      telling(`looking at Pod/${podName(id)}`, async () => {
        const pod = await client.find(`${collection}/${podName(id)}`, podSchema, signal);
        return pod === undefined ? undefined : read(pod);
      }),
    state: async (id, signal) => readState(await ask(id, ["postgres-entrypoint", "restore-state"], signal)),
    decide: async (id, decision, signal) => void (await ask(id, ["postgres-entrypoint", "decide", decision], signal)),
    examine: async (id, depth, signal) =>
      readExamination(await ask(id, ["postgres-entrypoint", "examine", depth], signal, examineDeadlines[depth])),
    query: (id, sql, signal) => ask(id, psqlArgv(sql), signal),
    remove: (id, signal) =>
      telling(`deleting Pod/${podName(id)}`, async () => {
        try {
          await client.text({ method: "DELETE", path: `${collection}/${podName(id)}`, signal });
        } catch (error) {
          if (!(error instanceof ApiStatusError && error.status === 404)) throw error;
        }
      }),
  };
}

function podName(id: string): string {
  return `postgres-restore-${id}`;
}

/** The primary's pod with another role: same image, volumes and security, none of the labels that Services select. */
function podOf({ spec, container, annotations }: PrimaryPod, { id, args, withoutData }: RestorePodSpec, scope: ReleaseScope): object {
  const volumes = spec.volumes.map((volume) =>
    withoutData === true && volume["name"] === "data" ? { name: "data", emptyDir: {} } : volume,
  );
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: podName(id),
      namespace: scope.namespace,
      labels: {
        "app.kubernetes.io/instance": scope.release,
        "app.kubernetes.io/part-of": "migrate-platform",
        "app.kubernetes.io/component": withoutData === true ? "postgres-repository" : "postgres-restore",
        "app.kubernetes.io/managed-by": "migratectl",
      },
      annotations,
    },
    spec: {
      ...spec,
      ...(withoutData === true ? { activeDeadlineSeconds: idleSeconds } : {}),
      volumes,
      restartPolicy: "Never",
      containers: [{ ...container, args }],
    },
  };
}

function read({ metadata, status }: z.infer<typeof podSchema>): RestorePod {
  const phases: Readonly<Record<string, RestorePod["phase"]>> = { Running: "running", Succeeded: "succeeded", Failed: "failed" };
  const [state] = status.containerStatuses.map((one) => one.state);
  const unscheduled = status.conditions.find(({ type, status: is }) => type === "PodScheduled" && is === "False");
  const message =
    state?.terminated?.message ||
    state?.terminated?.reason ||
    state?.waiting?.message ||
    state?.waiting?.reason ||
    unscheduled?.message ||
    undefined;
  return { name: metadata.name, phase: phases[status.phase] ?? "pending", message };
}

function readState(text: string): RestoreState {
  return readRestoreState(text, restorePhases);
}
