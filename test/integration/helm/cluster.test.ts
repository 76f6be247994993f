import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import type { Helm } from "../../../src/ports/helm.ts";
import { problemOf } from "../../fakes/problem-of.ts";
import { HelmPlane } from "./helm-plane.ts";
import { describeEachHelm, helms } from "./helms.ts";

const signal = new AbortController().signal;
let plane: HelmPlane;

beforeAll(async () => {
  plane = await HelmPlane.start("helm-test");
}, 180_000);
afterAll(() => plane?.stop());

/** Helm's own manifest and the template's, without the document marks around them. */
const trimmed = (manifests: string) => manifests.replace(/^---\n/, "").trimEnd();

const webPath = (namespace: string) => `/apis/apps/v1/namespaces/${namespace}/deployments/web`;

/** Somebody else says how many pods there are, as `kubectl apply --server-side` does. */
const takeReplicas = (namespace: string) =>
  plane.api.request(
    {
      method: "PATCH",
      path: webPath(namespace),
      query: { fieldManager: "somebody", force: true },
      contentType: "application/apply-patch+yaml",
      body: { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web" }, spec: { replicas: 7 } },
      signal,
    },
    z.unknown(),
  );

async function replicas(namespace: string): Promise<number> {
  const schema = z.object({ spec: z.object({ replicas: z.number() }) });
  return (await plane.api.request({ method: "GET", path: webPath(namespace), signal }, schema)).spec.replicas;
}

describeEachHelm("the adapter on a cluster", ({ major, binary }) => {
  /** Namespaces of this helm's own. */
  const own = (name: string) => `${name}-${major}`;
  let helm: Helm;
  beforeAll(() => {
    helm = plane.helm(binary);
  });

  describe("applying", () => {
    test("tells its version", async () => {
      expect(await helm.version(signal)).toMatch(new RegExp(`^${major}\\.\\d+\\.\\d+$`));
    });

    test("installs, byte for byte, what the template gave", async () => {
      const render = await plane.renderIn(own("installs"), { text: "{{ x }}" });
      const rendered = await helm.template(render, signal);
      expect(await helm.apply(render, signal)).toMatchObject({
        name: "r",
        revision: 1,
        status: "deployed",
        chartVersion: "1.2.3",
        appVersion: "4.5.6",
      });
      expect(trimmed(await helm.manifest("r", render.namespace, signal))).toBe(trimmed(rendered));
    });

    test("upgrades to what is told now, not to what was told before", async () => {
      const render = await plane.renderIn(own("upgrades"), { text: "first" });
      await helm.apply(render, signal);
      expect((await helm.apply({ ...render, values: "replicas: 2\n" }, signal)).revision).toBe(2);
      expect(await helm.manifest("r", render.namespace, signal)).not.toContain("first");
      expect((await helm.history("r", render.namespace, signal)).map(({ revision, status }) => [revision, status])).toEqual([
        [1, "superseded"],
        [2, "deployed"],
      ]);
    });

    test("goes back to a revision", async () => {
      const render = await plane.renderIn(own("rollbacks"), { text: "first" });
      await helm.apply(render, signal);
      await helm.apply({ ...render, values: "text: second\n" }, signal);
      await helm.rollback("r", render.namespace, 1, signal);
      expect(await helm.manifest("r", render.namespace, signal)).toContain("first");
      expect((await helm.find("r", render.namespace, signal))?.revision).toBe(3);
    });

    test("finds nothing where nothing was installed, and removes nothing without complaint", async () => {
      expect(await helm.find("r", "default", signal)).toBeUndefined();
      expect(await helm.history("r", "default", signal)).toEqual([]);
      await helm.uninstall("r", "default", signal);
    });

    test("removes a release", async () => {
      const render = await plane.renderIn(own("removes"));
      await helm.apply(render, signal);
      await helm.uninstall("r", render.namespace, signal);
      expect(await helm.find("r", render.namespace, signal)).toBeUndefined();
    });

    test("refuses values against the chart's schema as a mistake of the answers", async () => {
      const render = await plane.renderIn(own("refused"), { replicas: "many" });
      const problem = await problemOf(() => helm.apply(render, signal));
      expect(problem.code).toBe("CHART_REFUSED");
      expect(problem.message).toContain("replicas");
    });
  });

  describe("what stands in the way", () => {
    test("a helm that was killed leaves the release pending, which is found and told", async () => {
      const render = await plane.renderIn(own("stuck"), { hook: true });
      await plane.killInTheMiddle(render, "pending-install", binary);
      const problem = await problemOf(() => helm.apply({ ...render, values: "" }, signal));
      expect(problem.code).toBe("HELM_STUCK");
      expect((await helm.find("r", render.namespace, signal))?.status).toBe("pending-install");
    });

    test("a helm that was cancelled leaves a record that is not pending", async () => {
      const render = await plane.renderIn(own("cancelled"), { hook: true });
      const cancel = new AbortController();
      const applying = helm.apply(render, cancel.signal);
      applying.catch(() => {});
      await plane.waitsInHook(render.namespace);
      cancel.abort(new Error("Ctrl-C"));
      await expect(applying).rejects.toThrow("Ctrl-C");
      await plane.statusIs(helm, render.namespace, "failed");
    });

    test("a field that somebody else owns is taken over when that is asked", async () => {
      const render = await plane.renderIn(own("conflicts"));
      await helm.apply(render, signal);
      await takeReplicas(render.namespace);
      if (major === 4) {
        const problem = await problemOf(() => helm.apply({ ...render, values: "replicas: 3\n" }, signal));
        expect(problem.code).toBe("HELM_CONFLICT");
        expect(problem.message).toContain("somebody");
        expect(await replicas(render.namespace)).toBe(7);
      }
      await helm.apply({ ...render, values: "replicas: 3\n" }, signal, { takeOverConflicts: true });
      expect(await replicas(render.namespace)).toBe(3);
    });

    test("an object of the wanted name that is not helm's is told and left alone", async () => {
      const render = await plane.renderIn(own("foreign"));
      const settings = `/api/v1/namespaces/${render.namespace}/configmaps`;
      const body = { metadata: { name: "settings" }, data: { theirs: "1" } };
      await plane.api.request({ method: "POST", path: settings, body, signal }, z.unknown());
      expect((await problemOf(() => helm.apply(render, signal))).code).toBe("HELM_FOREIGN_OBJECT");
      const schema = z.object({ data: z.record(z.string(), z.string()) });
      const { data } = await plane.api.request({ method: "GET", path: `${settings}/settings`, signal }, schema);
      expect(data).toEqual({ theirs: "1" });
    });
  });
});

describe.skipIf(helms[3] === undefined)("a release that one major made", () => {
  test.each([
    [3, 4],
    [4, 3],
  ] as const)("helm %i is upgraded and rolled back by helm %i", async (maker, other) => {
    const of = (major: 3 | 4) => plane.helm(helms[major] ?? "");
    const render = await plane.renderIn(`made-by-${maker}`, { text: "first" });
    await of(maker).apply(render, signal);
    expect(await of(other).apply({ ...render, values: "replicas: 2\n" }, signal)).toMatchObject({ revision: 2, status: "deployed" });
    expect(await replicas(render.namespace)).toBe(2);
    expect((await of(maker).history("r", render.namespace, signal)).map(({ status }) => status)).toEqual(["superseded", "deployed"]);
    await of(other).rollback("r", render.namespace, 1, signal);
    expect(await replicas(render.namespace)).toBe(1);
    await of(maker).uninstall("r", render.namespace, signal);
    expect(await of(other).find("r", render.namespace, signal)).toBeUndefined();
  });
});
