import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { certificates } from "../../../src/adapters/node/certificates.ts";
import { createHttpProbe } from "../../../src/adapters/node/http-probe.ts";
import { commands } from "../../../src/cli/commands.ts";
import { known } from "../../../src/domain/reading.ts";
import { planSmoke, runSmoke } from "../../../src/workflow/smoke/run-smoke.ts";
import { FakePlatform } from "../../fakes/fake-platform.ts";
import { FakeRegistry } from "../../fakes/fake-registry.ts";
import { FakeWorkloads } from "../../fakes/fake-workloads.ts";
import { type MadeBundle, makeBundle } from "../../fakes/made-bundle.ts";
import { deployment, facts, podOf, ready } from "../../fakes/rollout-objects.ts";
import { captured } from "./captured.ts";
import { type EmptyCluster, emptyCluster } from "./empty-cluster.ts";

const folder = mkdtempSync(join(tmpdir(), "migratectl-dry-"));
let bundle: MadeBundle;
let registry: FakeRegistry;
let cluster: EmptyCluster;
beforeAll(async () => {
  [bundle, registry, cluster] = [await makeBundle({ seed: 9, layerSize: 2000 }), await FakeRegistry.start(), await emptyCluster()];
});
afterAll(async () => {
  await Promise.all([registry.close(), cluster.stop()]);
  bundle.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** A helm that renders one object, knows no release, and notes what it is asked. */
const helm = join(folder, "bin/helm");
const helmLog = join(folder, "helm.log");
mkdirSync(join(folder, "bin"));
writeFileSync(
  helm,
  `#!/bin/sh\necho "$1" >> ${helmLog}\ncase "$1" in\nversion) echo v4.0.5;;\ntemplate) echo '{ apiVersion: v1, kind: ConfigMap, metadata: { name: x } }';;\n*) echo 'Error: release: not found' >&2; exit 1;;\nesac\n`,
);
chmodSync(helm, 0o755);

const answers = () => ["--registry", registry.host, "--plain-http", "--ingress-host", "a.example", "--profile", "small"];
const onCluster = () => ["--kubeconfig", cluster.kubeconfig, "--namespace", "shop"];

/** How each command is called; the rest of what it needs stands in the environment. */
const lines: Readonly<Record<string, () => readonly string[]>> = {
  preflight: () => [...answers(), ...onCluster(), "--bundle", bundle.path],
  configure: () => [...answers(), "--yes", "--answers", join(folder, "home/new.yaml")],
  render: () => [...answers(), "--bundle", bundle.path, "--kube-version", "1.34.4", "--out", join(folder, "home/rendered")],
  install: () => [...answers(), ...onCluster(), "--bundle", bundle.path, "--yes"],
  upgrade: () => [...answers(), ...onCluster(), "--bundle", bundle.path, "--yes"],
  rollback: () => [...onCluster(), "--yes"],
  diff: () => [...answers(), ...onCluster(), "--bundle", bundle.path],
  smoke: onCluster,
  status: onCluster,
  doctor: onCluster,
  history: onCluster,
  uninstall: () => [...onCluster(), "--delete-data", "--yes", "--confirm", "migrate-platform"],
  "bundle create": () => ["--release", bundle.release, "--oci-layout", bundle.layout, "--out", join(folder, "home/new.bundle")],
  "bundle inspect": () => [bundle.path],
  "bundle verify": () => [bundle.path],
  "backup create": onCluster,
  "backup list": onCluster,
  "backup verify": onCluster,
  "backup point": () => ["before-cleanup", ...onCluster()],
  "backup drill": () => [...onCluster(), "--seed", "7"],
  "backup export": () => [...onCluster(), "--out", join(folder, "home/backups.export")],
  "backup restore": () => [...onCluster(), "--to-time", "2026-01-01T00:00:00Z", "--yes", "--confirm", "migrate-platform"],
  "backup key": () => [...onCluster(), "--out", join(folder, "home/backup.key")],
  "backup prune": () => [...onCluster(), "--yes", "--confirm", "migrate-platform"],
  "backup undo": () => [...onCluster(), "--yes", "--confirm", "migrate-platform"],
  "preview show": onCluster,
  "preview query": () => ["select 1", ...onCluster()],
  "preview promote": () => [...onCluster(), "--yes", "--confirm", "migrate-platform"],
  "preview drop": onCluster,
  "bundle push": () => [bundle.path, "--registry", registry.host, "--plain-http"],
};

/** Every file below the folder with its content. */
function everything(): ReadonlyMap<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(files.map(({ parentPath, name }) => join(parentPath, name)).map((path) => [path, readFileSync(path, "latin1")]));
}

describe("--dry-run", () => {
  beforeEach(() => {
    mkdirSync(join(folder, "home"), { recursive: true });
    rmSync(helmLog, { force: true });
  });

  it("is tried with every command", () => {
    expect(Object.keys(lines).sort()).toEqual(Object.keys(commands).sort());
  });

  it.each(Object.keys(lines))("writes no file and sends nothing that changes something: %s", async (name) => {
    const environment = { HOME: join(folder, "home"), XDG_STATE_HOME: join(folder, "home/state"), MIGRATECTL_HELM: helm };
    const before = everything();
    const made = readFileSync(bundle.path);
    const seen = registry.requests.length;
    const { stdout, stderr } = await captured([...name.split(" "), ...(lines[name]?.() ?? []), "--dry-run", "--json"], environment);
    expect(JSON.parse(stdout), "one document, of the result or of the error").toBeTypeOf("object");
    expect(stdout, stderr).not.toMatch(/"code": "(USAGE|BUG|ANSWERS_)/);
    const asked = helmAsked();
    expect(everything()).toEqual(before);
    expect(readFileSync(bundle.path).equals(made)).toBe(true);
    expect(cluster.writes).toEqual([]);
    expect(
      registry.requests.slice(seen).filter(({ method, path }) => !(method === "GET" || method === "HEAD" || isProbe(method, path))),
    ).toEqual([]);
    expect(asked.filter((verb) => !["version", "template", "history"].includes(verb))).toEqual([]);
  });

  it("gets as far as the cluster, the registry and helm where a command uses them", () => {
    expect(cluster.reads.length).toBeGreaterThan(50);
    expect(registry.requests.length).toBeGreaterThan(5);
  });
});

/** The verbs that helm was asked; forgotten then, so that only the command's own files are compared. */
function helmAsked(): readonly string[] {
  const log = everything().get(helmLog) ?? "";
  rmSync(helmLog, { force: true });
  return log.split("\n").filter((verb) => verb !== "");
}

/** Whether it may be written to is asked of a registry with an upload that is begun and taken back. */
function isProbe(method: string, path: string): boolean {
  return (method === "POST" || method === "DELETE") && path.includes("/blobs/uploads/");
}

describe("smoke --dry-run", () => {
  it("is a plan, not a report, and opens no way to a pod", async () => {
    const labels = { "app.kubernetes.io/instance": "migrate-platform", "app.kubernetes.io/component": "backend" };
    const template = { metadata: { labels }, spec: { containers: [{ name: "backend", image: "x" }] } };
    const metadata = { name: "backend", namespace: "shop", uid: "u-2", labels, creationTimestamp: "2026-11-25T00:00:00Z" };
    const running = await emptyCluster({
      deployments: [
        {
          apiVersion: "apps/v1",
          kind: "Deployment",
          metadata,
          spec: { replicas: 1, selector: { matchLabels: labels }, template },
          status: {},
        },
      ],
      pods: [
        {
          apiVersion: "v1",
          kind: "Pod",
          metadata: { ...metadata, name: "backend-1" },
          spec: template.spec,
          status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }], containerStatuses: [] },
        },
      ],
    });
    try {
      const { stdout, code } = await captured(["smoke", "--kubeconfig", running.kubeconfig, "-n", "shop", "--dry-run", "--json"]);
      expect(JSON.parse(stdout)).toMatchObject({
        kind: "SmokePlan",
        checks: expect.arrayContaining([expect.objectContaining({ id: "assessment" })]),
      });
      expect(JSON.parse(stdout).checks[0].asked).toBe("GET /health of 1 pod");
      expect([code, running.writes, running.reads.filter((line) => line.includes("portforward"))]).toEqual([0, [], []]);
    } finally {
      await running.stop();
    }
  });

  it("tells every check with what it would ask and what it would leave, and asks nothing of the platform", async () => {
    const pair = await certificates.selfSigned("a.example", new Date(), 30);
    const platform = await FakePlatform.start({ certificate: pair.certificate, key: pair.key });
    try {
      const workloads = new FakeWorkloads();
      const backend = deployment("backend", ready);
      workloads.release.facts = facts({ workloads: [backend], pods: [podOf(backend, { ready: true })] });
      const helmFacts = { revision: 1, status: "deployed", chartName: "m", chartVersion: "1.0.0", appVersion: "1.0.0", profile: "trial" };
      workloads.release.helm = known(helmFacts);
      const clock = { now: () => new Date(), pause: async () => {} };
      const ports = { workloads, tunnels: platform.tunnels(), http: createHttpProbe(), clock, nonce: () => "c0ffee" };
      const target = { release: "migrate-platform", namespace: "client-acme", wanted: {} };
      const plan = await planSmoke(ports, target, AbortSignal.timeout(10_000));
      expect(platform.requests).toEqual([]);
      expect(plan).toMatchObject({ version: "1.0.0", profile: "trial" });
      expect(plan.checks.filter(({ leaves }) => leaves !== undefined).map(({ id, leaves }) => [id, leaves])).toEqual([
        ["cache", "a cache key that expires"],
        ["assessment", "one finished assessment named `smoke test`"],
      ]);
      const report = await runSmoke(ports, target, { onCheck: () => {} }, AbortSignal.timeout(10_000));
      expect(platform.requests.length).toBeGreaterThan(5);
      expect(plan.checks.map(({ id, asked }) => [id, asked])).toEqual(report.checks.map(({ id, asked }) => [id, asked]));
    } finally {
      await platform.stop();
    }
  });
});
