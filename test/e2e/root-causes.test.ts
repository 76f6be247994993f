import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { runInside } from "../sandbox/index.ts";
import { answersFile } from "./support/answers.ts";
import { chainOfTrouble, type Trouble, troubles } from "./support/root-causes.ts";
import { canary, type Manifest } from "./support/root-causes-pods.ts";
import { type Ended, kubectl, migratectl } from "./support/site.ts";

const site = inject("site");
const provoked = troubles(site.sandbox);
const chain = "cause-chain";
const failing = "cause-install";

interface Told {
  readonly component: string;
  readonly kind: string;
  readonly consequenceOf: readonly string[];
}

/** Applies objects; those that name no namespace go into this one. */
async function apply(namespace: string, objects: readonly Manifest[]): Promise<void> {
  const input = JSON.stringify({ apiVersion: "v1", kind: "List", items: objects });
  await runInside(site.sandbox, ["kubectl", "--namespace", namespace, "apply", "--filename=-"], { input });
}

async function provoke({ name, objects, change }: Trouble): Promise<void> {
  await apply(name, objects);
  if (change === undefined) return;
  await kubectl(site, "wait", "--namespace", name, "deployment/backend", "--for=condition=Available", "--timeout=60s");
  await apply(name, change);
}

const status = (namespace: string, ...args: readonly string[]) => migratectl(site, ["status", "--namespace", namespace, ...args]);

/** The causes that `status` tells; nothing else of it may be wrong. */
async function causes(namespace: string): Promise<readonly Told[]> {
  const { code, stdout, stderr } = await status(namespace, "--json");
  expect(stdout + stderr).not.toContain(canary);
  expect(code, stdout).toBe(5);
  return (JSON.parse(stdout) as { readonly causes: readonly Told[] }).causes;
}

let install: Promise<Ended>;

beforeAll(async () => {
  const namespaces = [
    ...provoked.map(({ name, namespaceLabels }) => ({ name, labels: namespaceLabels })),
    { name: chain },
    { name: failing },
  ];
  await apply(
    "default",
    namespaces.map((metadata) => ({ apiVersion: "v1", kind: "Namespace", metadata })),
  );
  await apply(failing, [{ apiVersion: "v1", kind: "ResourceQuota", metadata: { name: "tenant" }, spec: { hard: { pods: "0" } } }]);
  const answers = await answersFile(site, failing, {
    release: { namespace: failing, createNamespace: false },
    ingress: { enabled: false },
  });
  install = migratectl(site, [
    ...["install", "--airgap", "--bundle", site.bundle, "--answers", answers, "--yes", "--json"],
    ...["--skip-check", "quotas=the test wants to see it fail"],
  ]);
  await Promise.all([...provoked.map(provoke), apply(chain, chainOfTrouble)]);
});

afterAll(async () => {
  const names = [...provoked.map(({ name }) => name), chain, failing];
  await install.catch(() => undefined);
  // Whole, because what waits for a node counts in the next file's preflight.
  await kubectl(site, "delete", "namespace", ...names, "--ignore-not-found", "--timeout=120s");
  await kubectl(site, "delete", "validatingwebhookconfiguration", "cause-webhook", "--ignore-not-found");
});

describe("the root cause that status tells on a real cluster", () => {
  it.each(provoked)("of $title", async ({ name, kind, what, object, fix, line }) => {
    await expect
      .poll(() => causes(name), { timeout: 90_000, interval: 1_000 })
      .toMatchObject([
        {
          kind,
          what: expect.stringMatching(what),
          object: expect.stringMatching(object),
          fix: expect.stringMatching(fix),
          lines: line === undefined ? expect.any(Array) : expect.arrayContaining([line]),
          consequenceOf: [],
        },
      ]);
  });

  it("of a component that follows from another is that other one", async () => {
    const told = async () => (await causes(chain)).map(({ component, kind, consequenceOf }) => ({ component, kind, consequenceOf }));
    await expect.poll(told, { timeout: 90_000, interval: 1_000 }).toEqual([
      { component: "postgres", kind: "scheduling", consequenceOf: [] },
      { component: "pgbouncer", kind: "probe", consequenceOf: ["postgres"] },
    ]);
  });

  it("is told to people with the object, the last lines and the fix, and without the pod's secrets", async () => {
    const { code, stdout, stderr } = await status("cause-crash");
    expect(code).toBe(5);
    expect(stdout).toMatch(/backend {2}container main ended with exit code 3/);
    expect(stdout).toMatch(/on {3}Pod\/backend-\S+ \(/);
    expect(stdout).toContain("log  FATAL: no licence in /etc/licence");
    expect(stdout).toMatch(/fix {2}.*kubectl -n cause-crash logs/);
    expect(stdout + stderr).not.toContain(canary);
  });

  it("ends an installation that cannot succeed, early and with the same words", async () => {
    const { code, stdout } = await install;
    expect(code, stdout).toBe(5);
    expect(JSON.parse(stdout)).toMatchObject({
      error: {
        code: "ROLLOUT_FAILED",
        what: expect.stringMatching(/ResourceQuota leaves no room for the pods.*exceeded quota: tenant/),
        fix: expect.stringContaining(`kubectl -n ${failing} describe resourcequota`),
      },
    });
  });
});
