import type { z } from "zod";
import { runInside, type SandboxDocument } from "../index.ts";
import type { KubernetesObject } from "../node/objects/system-pod.ts";

/** The sandbox of a test file, which exists once its first hook has run. */
export type Cluster = () => SandboxDocument;

/** Runs kubectl as cluster administrator and gives its stdout; throws with its stderr when it fails or takes two minutes. */
export const kubectl = (sandbox: SandboxDocument, ...args: readonly string[]): Promise<string> =>
  runInside(sandbox, ["kubectl", ...args], { signal: AbortSignal.timeout(120_000) });

/** Reads objects as JSON; throws a ZodError when they have another shape. */
export const read = async <T>(sandbox: SandboxDocument, schema: z.ZodType<T>, ...what: readonly string[]): Promise<T> =>
  schema.parse(JSON.parse(await kubectl(sandbox, "get", "--output=json", ...what)));

/** Creates or changes objects; throws with the API server's message when one is refused. */
export const apply = async (sandbox: SandboxDocument, ...items: readonly KubernetesObject[]): Promise<void> => {
  const input = JSON.stringify({ apiVersion: "v1", kind: "List", items });
  await runInside(sandbox, ["kubectl", "apply", "--filename=-"], { input, signal: AbortSignal.timeout(60_000) });
};

/** Waits for a condition of `kubectl wait`, 90 seconds at most. */
export const waitFor = (sandbox: SandboxDocument, namespace: string, object: string, condition: string): Promise<string> =>
  kubectl(sandbox, "wait", `--namespace=${namespace}`, object, `--for=${condition}`, "--timeout=90s");

/** Makes a namespace in which pods are admitted at once. */
export const makeNamespace = async (sandbox: SandboxDocument, name: string): Promise<void> => {
  await apply(sandbox, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
  await waitFor(sandbox, name, "serviceaccount/default", "create");
};
