import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { insideArgv, insideEnv, runInside } from "../sandbox/index.ts";
import { answersFile } from "./support/answers.ts";
import { fitsSchema } from "./support/schemas.ts";
import { cli, howItEnded, kubectl, migratectl } from "./support/site.ts";
import { keys, Terminal } from "./support/terminal.ts";

const site = inject("site");
const namespace = "migrate-platform";
let answers = "";
beforeAll(async () => {
  answers = await answersFile(site, "install", { profile: "small", postgres: { replicas: 1 } });
});

const run = (...args: readonly string[]) => migratectl(site, [...args, "--answers", answers]);

interface Listed {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly resourceVersion: string; readonly uid: string };
    readonly data?: Readonly<Record<string, string>>;
    readonly spec?: { readonly containers?: readonly { readonly image: string }[] };
  }[];
}
const checkIds = (document: string): readonly string[] =>
  (JSON.parse(document) as { readonly checks: readonly { readonly id: string }[] }).checks.map(({ id }) => id);
const list = async (kind: string): Promise<Listed["items"]> =>
  (JSON.parse(await kubectl(site, "-n", namespace, "get", kind, "-o", "json")) as Listed).items;

describe("an air-gapped installation, as a client's admin types it", () => {
  it("passes preflight on a cluster of the supported size", async () => {
    const ended = await run("preflight", "--bundle", site.bundle, "--json");
    expect(ended.code, ended.stdout).toBe(0);
    fitsSchema("preflight-report", ended.stdout);
  });

  it("shows under --dry-run the plan and touches nothing", async () => {
    const ended = await run("install", "--airgap", "--bundle", site.bundle, "--dry-run", "--json");
    expect(ended.code, howItEnded(ended)).toBe(0);
    await expect(kubectl(site, "get", "namespace", namespace)).rejects.toThrow(/NotFound/);
  });

  it("has the plan confirmed by a person, and does nothing without a typed yes", async () => {
    const argv = insideArgv(site.sandbox, [process.execPath, cli, "install", "--airgap", "--bundle", site.bundle, "--answers", answers]);
    const terminal = new Terminal(argv, {
      cwd: site.scratch,
      env: { ...insideEnv(site.sandbox), XDG_STATE_HOME: join(site.scratch, "state") },
    });
    await terminal.answer(/Type yes to carry this out/, "no", keys.enter);
    expect(await terminal.end(), terminal.screen).not.toBe(0);
    expect(terminal.screen).toContain("INSTALL_NOT_CONFIRMED");
    await expect(kubectl(site, "get", "namespace", namespace)).rejects.toThrow(/NotFound/);
  });

  it("installs, and proves it with the smoke test", async () => {
    const planned = JSON.parse((await run("install", "--airgap", "--bundle", site.bundle, "--dry-run", "--json")).stdout) as {
      readonly plan: { readonly actions: readonly { readonly id: string }[] };
    };
    const ended = await run("install", "--airgap", "--bundle", site.bundle, "--yes", "--json");
    expect(ended.code, howItEnded(ended)).toBe(0);
    fitsSchema("install-result", ended.stdout);
    const journal = JSON.parse(await kubectl(site, "-n", namespace, "get", "configmap", "migratectl-journal", "-o", "json")) as {
      readonly data: Readonly<Record<string, string>>;
    };
    const text = Object.values(journal.data).join("");
    for (const { id } of planned.plan.actions) expect(text, id).toContain(`"${id}"`);
  });

  it("runs every pod from the client's registry, by digest", async () => {
    const images = (await list("pods")).flatMap(({ spec }) => spec?.containers?.map(({ image }) => image) ?? []);
    expect(images.length).toBeGreaterThan(5);
    for (const image of images) expect(image).toMatch(new RegExp(`^${site.sandbox.registry?.host}/.+@sha256:[0-9a-f]{64}$`));
  });

  it("is in good health, as far as the doctor can see", async () => {
    const ended = await run("doctor", "--json");
    expect(ended.code, howItEnded(ended)).toBe(0);
    fitsSchema("doctor-report", ended.stdout);
    const { findings } = JSON.parse(ended.stdout) as { readonly findings: readonly { readonly check: string; readonly verdict: string }[] };
    const verdict = (check: string) => findings.find((finding) => finding.check === check)?.verdict;
    for (const check of ["release", "workloads", "image-drift", "certificates", "volumes", "replication", "credentials"])
      expect(verdict(check), check).toBe("pass");
  });

  it("is rid of what a run of migratectl has left behind once doctor is asked to mend it, and of nothing else", async () => {
    const make = (name: string, by: string) =>
      kubectl(site, "-n", namespace, "create", "configmap", name).then(() =>
        kubectl(site, "-n", namespace, "label", "configmap", name, `app.kubernetes.io/managed-by=${by}`),
      );
    await Promise.all([make("left-by-a-run", "migratectl"), make("somebodys", "somebody")]);
    const ended = await run("doctor", "--fix", "--yes", "--json");
    expect(ended.code, howItEnded(ended)).toBe(0);
    fitsSchema("doctor-report", ended.stdout);
    expect(JSON.parse(ended.stdout)).toMatchObject({ fix: { state: "done", texts: ["delete ConfigMap/left-by-a-run: no run needs it"] } });
    const left = (await list("configmaps")).map(({ metadata }) => metadata.name);
    expect([left.includes("left-by-a-run"), left.includes("somebodys")]).toEqual([false, true]);
    await kubectl(site, "-n", namespace, "delete", "configmap", "somebodys");
  });

  it("applied byte for byte what render writes", async () => {
    const out = join(site.scratch, "rendered");
    const ended = await run("render", "--bundle", site.bundle, "--out", out);
    expect(ended.code, howItEnded(ended)).toBe(0);
    const rendered = await readFile(join(out, "manifests.yaml"), "utf8");
    const applied = await helm("get", "manifest", "migrate-platform", "-n", namespace);
    expect(applied.trim()).toBe(rendered.trim());
  });

  it("changes nothing when it is run again, and says so", async () => {
    const before = await list("deployments,statefulsets,secrets");
    const ended = await run("install", "--airgap", "--bundle", site.bundle, "--yes");
    expect(ended.code, howItEnded(ended)).toBe(0);
    expect(ended.stdout).toMatch(/nothing|already/i);
    const after = await list("deployments,statefulsets,secrets");
    expect(after.map(({ metadata }) => [metadata.name, metadata.uid])).toEqual(before.map(({ metadata }) => [metadata.name, metadata.uid]));
    expect(after.map(({ data }) => data)).toEqual(before.map(({ data }) => data));
  });

  it("makes anew what somebody deleted by hand, says so, and then changes nothing any more", async () => {
    const revision = async () =>
      (JSON.parse(await helm("status", "migrate-platform", "-n", namespace, "-o", "json")) as { version: number }).version;
    const before = await revision();
    const [old] = (await list("services")).filter(({ metadata }) => metadata.name === "frontend");
    await kubectl(site, "-n", namespace, "delete", "service", "frontend");
    const again = await run("install", "--airgap", "--bundle", site.bundle, "--yes");
    expect(again.code, howItEnded(again)).toBe(0);
    expect(again.stderr.match(/Not there any more, and made anew: Service\/frontend$/gm), again.stderr).toHaveLength(1);
    expect(again.stdout).toContain("installed");
    const [back] = (await list("services")).filter(({ metadata }) => metadata.name === "frontend");
    expect(back?.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(back?.metadata.uid).not.toBe(old?.metadata.uid);
    expect(await revision()).toBe(before + 1);
    const unchanged = await run("install", "--airgap", "--bundle", site.bundle, "--yes", "--json");
    expect(unchanged.code, howItEnded(unchanged)).toBe(0);
    expect(JSON.parse(unchanged.stdout)).toMatchObject({ outcome: "unchanged" });
    expect(await revision()).toBe(before + 1);
  });

  it("answers smoke with every check, and status with ready components", async () => {
    const smoke = await run("smoke", "--json");
    expect(smoke.code, smoke.stdout).toBe(0);
    fitsSchema("smoke", smoke.stdout);
    const planned = await run("smoke", "--dry-run", "--json");
    expect(planned.code, howItEnded(planned)).toBe(0);
    fitsSchema("smoke-plan", planned.stdout);
    expect(checkIds(planned.stdout)).toEqual(checkIds(smoke.stdout));
    const status = await run("status", "--json");
    expect(status.code, status.stdout).toBe(0);
    fitsSchema("status", status.stdout);
    const history = await run("history", "--verify", "--json");
    expect(history.code, howItEnded(history)).toBe(0);
  });

  it("is told by smoke when one allow rule of the NetworkPolicies is missing", async () => {
    const policies = (await list("networkpolicies")).map(({ metadata }) => metadata.name);
    const name = policies.find((policy) => policy.includes("frontend"));
    if (name === undefined) throw new Error(`no policy for the frontend among ${policies.join(", ")}`);
    const policy = await kubectl(site, "-n", namespace, "get", "networkpolicy", name, "-o", "yaml");
    await kubectl(site, "-n", namespace, "delete", "networkpolicy", name);
    try {
      const ended = await run("smoke", "--json", "--timeout", "3m");
      expect(ended.code).toBe(5);
      expect(ended.stdout).toMatch(/"verdict": ?"fail"/);
    } finally {
      await kubectlApply(policy);
    }
    await expect.poll(async () => (await run("smoke", "--json")).code, { timeout: 120_000, interval: 2000 }).toBe(0);
  });

  it("keeps the data and the secrets through uninstall and a new install", async () => {
    const secrets = await list("secrets");
    const claims = await list("persistentvolumeclaims");
    const gone = await run("uninstall", "--yes");
    expect(gone.code, howItEnded(gone)).toBe(0);
    expect((await list("pods")).length).toBe(0);
    expect((await list("persistentvolumeclaims")).map(({ metadata }) => metadata.uid).sort()).toEqual(
      claims.map(({ metadata }) => metadata.uid).sort(),
    );
    const again = await run("install", "--airgap", "--bundle", site.bundle, "--yes");
    expect(again.code, howItEnded(again)).toBe(0);
    const named = (items: Listed["items"]) =>
      Object.fromEntries(
        items.filter(({ metadata }) => !metadata.name.startsWith("sh.helm")).map(({ metadata, data }) => [metadata.name, data]),
      );
    expect(named(await list("secrets"))).toMatchObject(named(secrets));
  });

  it("deletes the data only when the release's name is given", async () => {
    const refused = await run("uninstall", "--delete-data", "--yes");
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("UNINSTALL_NOT_CONFIRMED");
    expect((await list("pods")).length).toBeGreaterThan(5);
    const gone = await run("uninstall", "--delete-data", "--confirm", "migrate-platform", "--yes");
    expect(gone.code, howItEnded(gone)).toBe(0);
    expect(await list("persistentvolumeclaims")).toEqual([]);
  });
});

function helm(...args: readonly string[]): Promise<string> {
  return runInside(site.sandbox, ["helm", ...args]);
}

async function kubectlApply(manifest: string): Promise<void> {
  await runInside(site.sandbox, ["kubectl", "apply", "--server-side", "--force-conflicts", "-f", "-"], {
    input: manifest.replace(/^ {2}(resourceVersion|uid|creationTimestamp|managedFields):.*\n/gm, ""),
  });
}
