import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { answersFile } from "./support/answers.ts";
import { fitsSchema } from "./support/schemas.ts";
import { howItEnded, kubectl, migratectl } from "./support/site.ts";

const site = inject("site");
const namespace = site.sandbox.clientNamespace;
const llmKey = "canary-llm-key-5d1f";
let answers = "";
beforeAll(async () => {
  answers = await answersFile(site, "namespaced", {
    release: { namespace, createNamespace: false },
    scope: "namespace",
    llm: { baseUrl: "https://llm.client.example/v1", apiKey: { env: "CANARY_LLM_KEY" } },
  });
});

const run = (...args: readonly string[]) =>
  migratectl(site, [...args, "--answers", answers], { user: "namespaced", env: { CANARY_LLM_KEY: llmKey } });

describe("an admin of one namespace, without cluster rights", () => {
  it("is told by preflight what could not be read, and which right that takes", async () => {
    const ended = await run("preflight", "--bundle", site.bundle, "--json");
    expect(ended.code, ended.stdout).toBe(0);
    const report = fitsSchema("preflight-report", ended.stdout) as {
      readonly findings: readonly { readonly verdict: string; readonly seen: string; readonly fix?: string }[];
    };
    const unknown = report.findings.filter(({ verdict }) => verdict === "unknown");
    expect(unknown.length).toBeGreaterThan(0);
    expect(JSON.stringify(unknown)).toMatch(/nodes/);
  });

  it("installs, sees the smoke test pass, and creates nothing outside the namespace", async () => {
    const before = await clusterScoped();
    const ended = await run("install", "--airgap", "--bundle", site.bundle, "--yes");
    expect(ended.code, howItEnded(ended)).toBe(0);
    const status = await run("status", "--json");
    expect(status.code, status.stdout).toBe(0);
    // What other suites left behind may go meanwhile.
    expect((await clusterScoped()).filter((name) => !before.includes(name))).toEqual([]);
    expect(ended.stdout + ended.stderr + status.stdout).not.toContain(llmKey);
  });

  it("leaves no secret in the run directory, the journal, the record or the pods' environment", async () => {
    const secrets = JSON.parse(await kubectl(site, "-n", namespace, "get", "secrets", "-o", "json")) as {
      readonly items: readonly { readonly type: string; readonly data?: Readonly<Record<string, string>> }[];
    };
    const values = secrets.items
      .filter(({ type }) => type === "Opaque" || type === "kubernetes.io/dockerconfigjson")
      .flatMap(({ data }) => Object.values(data ?? {}))
      .map((encoded) => Buffer.from(encoded, "base64").toString("utf8"));
    const registryPassword = (await readFile(site.sandbox.registry?.passwordFile ?? "", "utf8")).trim();
    const canaries = [llmKey, registryPassword, ...values.filter((value) => value.length >= 12)];
    expect(canaries.length).toBeGreaterThan(8);
    const kept = await kubectl(site, "-n", namespace, "get", "configmaps,pods,leases,events", "-o", "json");
    const runs = await everything(join(site.scratch, "state"));
    expect(runs.length).toBeGreaterThan(100);
    for (const canary of canaries) {
      expect(kept.includes(canary), "in the cluster outside of Secrets").toBe(false);
      expect(runs.includes(canary), "in the run directory").toBe(false);
    }
  });

  it("removes it again with its data", async () => {
    const ended = await run("uninstall", "--delete-data", "--confirm", "migrate-platform", "--yes");
    expect(ended.code, howItEnded(ended)).toBe(0);
    const left = JSON.parse(await kubectl(site, "-n", namespace, "get", "pods,pvc,secrets", "-o", "json")) as {
      readonly items: readonly unknown[];
    };
    expect(left.items).toEqual([]);
  });
});

/** Names of the cluster-scoped objects that a chart might make. */
async function clusterScoped(): Promise<readonly string[]> {
  const names = await kubectl(
    site,
    "get",
    "priorityclasses,clusterroles,clusterrolebindings,namespaces,validatingwebhookconfigurations",
    "-o",
    "name",
  );
  return names.trim().split("\n").sort();
}

/** The text of every file below a folder. */
async function everything(folder: string): Promise<string> {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  return (await Promise.all(files.map(({ parentPath, name }) => readFile(join(parentPath, name), "utf8")))).join("\n");
}
