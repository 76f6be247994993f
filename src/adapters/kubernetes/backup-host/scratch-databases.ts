import { z } from "zod";
import { Problem } from "../../../domain/errors/problem.ts";
import { type Right, vital } from "../../../domain/facts/rights.ts";
import type { ReleaseScope } from "../../../ports/cluster-workloads.ts";
import type { PodExec } from "../../../ports/pod-exec.ts";
import { type ScratchDatabase, type ScratchDatabases, scratchPhases } from "../../../ports/scratch-databases.ts";
import type { ApiClient } from "../api-client.ts";
import { ApiStatusError, telling } from "../api-errors.ts";
import { execRights } from "../exec/pod-exec.ts";
import { alreadyExists, fieldManager } from "../objects-write.ts";
import { readRestoreState } from "./answers.ts";
import { examineDeadlines, readExamination } from "./examination-answer.ts";
import { postgresContainer, primaryPod, psqlArgv, psqlForPerson } from "./primary-pod.ts";
import { argsAnnotation, jobName, notePrefix, scratchJob } from "./scratch-job.ts";

const beside = "restore beside the running database";

/** The rights that each method uses. */
export const scratchDatabasesRights: Readonly<Record<keyof ScratchDatabases, readonly Right[]>> = {
  start: vital(beside, "get statefulsets.apps", "get persistentvolumeclaims", "create jobs.batch"),
  find: vital(beside, "get jobs.batch", "list pods"),
  state: execRights,
  examine: execRights,
  query: execRights,
  enter: execRights,
  remove: vital(beside, "delete jobs.batch"),
};

/** Milliseconds for a question in the pod, and for a person's query. */
const [askDeadline, queryDeadline] = [60_000, 1_800_000];

const claimSchema = z.object({ spec: z.object({ storageClassName: z.string().nullish() }) });

const conditions = z.array(
  z.object({ type: z.string(), status: z.string(), reason: z.string().default(""), message: z.string().default("") }),
);
const jobSchema = z.object({
  metadata: z.object({
    creationTimestamp: z.string(),
    deletionTimestamp: z.string().nullish(),
    annotations: z.record(z.string(), z.string()).default({}),
  }),
  status: z.object({ conditions: conditions.default([]) }).default({ conditions: [] }),
});
type Job = z.infer<typeof jobSchema>;

const containerState = z.object({
  running: z.unknown().optional(),
  waiting: z.object({ reason: z.string().default(""), message: z.string().default("") }).nullish(),
  terminated: z.object({ reason: z.string().default(""), message: z.string().default("") }).nullish(),
});
const podSchema = z.object({
  metadata: z.object({ name: z.string(), deletionTimestamp: z.string().nullish() }),
  status: z
    .object({
      phase: z.string().default("Pending"),
      message: z.string().default(""),
      conditions: conditions.default([]),
      containerStatuses: z.array(z.object({ state: containerState.default({}) })).default([]),
    })
    .default({ phase: "Pending", message: "", conditions: [], containerStatuses: [] }),
});
type Pod = z.infer<typeof podSchema>;

/** Databases beside the primary of a release, each a Job, so that what is forgotten is ended and removed by the cluster itself. */
export function createScratchDatabases(client: ApiClient, exec: PodExec, scope: ReleaseScope): ScratchDatabases {
  const { namespace } = scope;
  const jobs = `/apis/batch/v1/namespaces/${namespace}/jobs`;
  const ask = async (pod: string, argv: readonly string[], signal: AbortSignal, deadline = askDeadline): Promise<string> => {
    const { code, stdout, stderr } = await exec.run({ namespace, pod, container: postgresContainer }, argv, { deadline }, signal);
    if (code === 0) return stdout.trim();
    throw new Problem("BACKUP_HOST_STRANGE", {
      what: `${argv.slice(0, 2).join(" ")} in ${pod} ended with ${code}: ${(stderr || stdout).trim().slice(-500)}`,
    });
  };
  const storageClass = async (claim: string, signal: AbortSignal): Promise<string | undefined> =>
    (await client.find(`/api/v1/namespaces/${namespace}/persistentvolumeclaims/${claim}`, claimSchema, signal))?.spec.storageClassName ??
    undefined;
  return {
    start: (spec, signal) =>
      telling(`starting Job/${jobName(spec.purpose)}`, async () => {
        const primary = await primaryPod(client, scope, signal);
        const body = await scratchJob(primary, spec, scope, (claim) => storageClass(claim, signal));
        try {
          await client.text({ method: "POST", path: jobs, query: { fieldManager }, body, signal, repeatable: true });
        } catch (error) {
          if (!alreadyExists(error)) throw error;
        }
      }),
    find: (purpose, signal) =>
      telling(`looking at Job/${jobName(purpose)}`, async () => {
        const job = await client.find(`${jobs}/${jobName(purpose)}`, jobSchema, signal);
        if (job === undefined) return undefined;
        const pods: Pod[] = [];
        const labelSelector = `job-name=${jobName(purpose)}`;
        for await (const pod of client.list(`/api/v1/namespaces/${namespace}/pods`, podSchema, signal, { labelSelector })) pods.push(pod);
        return read(job, pods.at(-1));
      }),
    state: async (pod, signal) => readRestoreState(await ask(pod, ["postgres-entrypoint", "restore-state"], signal), scratchPhases),
    examine: async (pod, signal) =>
      readExamination(await ask(pod, ["postgres-entrypoint", "examine", "quick"], signal, examineDeadlines.quick)),
    query: (pod, sql, signal) => ask(pod, psqlArgv(sql), signal, queryDeadline),
    enter: async (pod, terminal, within, signal) => {
      await exec.attach({ namespace, pod, container: postgresContainer }, psqlForPerson, terminal, { deadline: within }, signal);
    },
    remove: (purpose, signal) =>
      telling(`deleting Job/${jobName(purpose)}`, async () => {
        try {
          // In the foreground: the Job is there until its pod is gone.
          const query = { propagationPolicy: "Foreground" };
          await client.text({ method: "DELETE", path: `${jobs}/${jobName(purpose)}`, query, signal });
        } catch (error) {
          if (!(error instanceof ApiStatusError && error.status === 404)) throw error;
        }
      }),
  };
}

function read({ metadata, status }: Job, pod: Pod | undefined): ScratchDatabase {
  const failed = status.conditions.find(({ type, status: is }) => type === "Failed" && is === "True");
  const state = pod?.status.containerStatuses[0]?.state;
  const unscheduled = pod?.status.conditions.find(({ type, status: is }) => type === "PodScheduled" && is === "False");
  const message =
    state?.terminated?.message ||
    pod?.status.message ||
    failed?.message ||
    state?.terminated?.reason ||
    state?.waiting?.message ||
    state?.waiting?.reason ||
    unscheduled?.message ||
    undefined;
  const { [argsAnnotation]: args = "[]" } = metadata.annotations;
  return {
    pod: pod?.metadata.name,
    phase: phaseOf(metadata.deletionTimestamp != null, failed !== undefined, pod?.status.phase),
    message,
    args: z.array(z.string()).parse(JSON.parse(args)),
    startedAt: new Date(metadata.creationTimestamp),
    notes: Object.fromEntries(
      Object.entries(metadata.annotations)
        .filter(([name]) => name.startsWith(notePrefix))
        .map(([name, value]) => [name.slice(notePrefix.length), value]),
    ),
  };
}

function phaseOf(deleted: boolean, failed: boolean, pod: string | undefined): ScratchDatabase["phase"] {
  if (deleted) return "ending";
  if (failed || pod === "Failed") return "failed";
  if (pod === "Succeeded") return "succeeded";
  return pod === "Running" ? "running" : "pending";
}
