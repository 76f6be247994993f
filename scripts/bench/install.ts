import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runInside, type SandboxDocument } from "../../test/sandbox/index.ts";
import type { Site } from "../demo/site.ts";
import { type Sample, type Subject, sample } from "./measure.ts";
import type { BenchResult } from "./page.ts";
import { compared } from "./start.ts";

/** Where the install bench runs. */
export interface InstallBench {
  readonly sandbox: SandboxDocument;
  readonly site: Site;
  readonly answers: string;
  readonly bundle: string;
  readonly rounds: number;
}

const namespace = "migrate-platform";

/**
 * `install` against `helm upgrade --install --wait` of the same values plus `migratectl smoke`, each onto an empty namespace with the images
 * on the node and in the registry already, because pulling and pushing are the same for both.
 */
export async function installBench(bench: InstallBench): Promise<readonly BenchResult[]> {
  const { sandbox, site, answers, bundle, rounds } = bench;
  const folder = await mkdtemp(join(tmpdir(), "migratectl-bench-install-"));
  const subject = (name: string, argv: readonly string[]): Subject => ({
    name,
    argv,
    env: Object.fromEntries(Object.entries(site.env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]]))),
  });
  const ours = subject("install", site.command(["install", "--airgap", "--bundle", bundle, "--answers", answers, "--yes"]));
  try {
    await runInside(sandbox, site.command(["render", "--bundle", bundle, "--answers", answers, "--out", folder]));
    await sample(ours);
    const secrets = await runInside(sandbox, [
      "kubectl",
      "-n",
      namespace,
      "get",
      "secret",
      "-o",
      "json",
      "--field-selector",
      "type!=helm.sh/release.v1",
    ]);
    const chart = join(import.meta.dirname, "../../templates/chart");
    const script =
      'helm upgrade --install migrate-platform "$1" --namespace "$2" --values "$3" --wait --timeout 15m && exec "$4" "$5" smoke --answers "$6"';
    const cli = join(import.meta.dirname, "../../bin/run.js");
    const helm = subject(
      "helm",
      site.inside(["sh", "-c", script, "sh", chart, namespace, join(folder, "values.yaml"), process.execPath, cli, answers]),
    );
    const mine: Sample[] = [];
    const peers: Sample[] = [];
    for (let round = 0; round < rounds; round += 1) {
      await emptyNamespace(sandbox);
      mine.push(await sample(ours));
      await emptyNamespace(sandbox);
      await runInside(sandbox, ["kubectl", "create", "namespace", namespace]);
      await runInside(sandbox, ["kubectl", "create", "-f", "-"], { input: withoutIdentity(secrets) });
      peers.push(await sample(helm));
    }
    return [compared("`install` of small to `helm --wait` plus smoke", mine, peers, 1.1)];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Pods first: a namespace that is deleted with pods in it is looked at again after half of their longest grace period, 150 s. */
async function emptyNamespace(sandbox: SandboxDocument): Promise<void> {
  const inNamespace = ["kubectl", "--namespace", namespace];
  await runInside(sandbox, [...inNamespace, "delete", "deployment,statefulset,cronjob,job", "--all", "--timeout", "5m"]);
  await runInside(sandbox, [...inNamespace, "wait", "pod", "--all", "--for", "delete", "--timeout", "5m"]);
  await runInside(sandbox, ["kubectl", "delete", "namespace", namespace, "--ignore-not-found", "--wait", "--timeout", "5m"]);
}

/** The same Secrets as new objects: without what the API server gave the old ones. */
function withoutIdentity(list: string): string {
  const strip = (key: string, value: unknown): unknown =>
    ["resourceVersion", "uid", "creationTimestamp", "managedFields", "ownerReferences"].includes(key) ? undefined : value;
  return JSON.stringify(JSON.parse(list), strip);
}
