import { afterAll, beforeAll, expect, test } from "vitest";
import { ApiClient } from "../../../src/adapters/kubernetes/api-client.ts";
import { openConnection } from "../../../src/adapters/kubernetes/connection.ts";
import { createReleaseRecords } from "../../../src/adapters/kubernetes/release-records/release-records.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import type { Helm } from "../../../src/ports/helm.ts";
import { mappingHelm } from "../../../src/workflow/release/mapping-helm.ts";
import { problemOf } from "../../fakes/problem-of.ts";
import { RecordingProgress } from "../../fakes/recording-progress.ts";
import { HelmPlane } from "./helm-plane.ts";
import { describeEachHelm } from "./helms.ts";

const signal = new AbortController().signal;
let plane: HelmPlane;

beforeAll(async () => {
  plane = await HelmPlane.start("helm-removed");
}, 180_000);
afterAll(() => plane?.stop());

/** An object of a kind that this cluster has never had, as a CRD leaves it behind that was deleted. */
const gone = "---\napiVersion: gone.example/v1\nkind: Gone\nmetadata:\n  name: never\n";

/** Time passes as soon as somebody waits for it. */
let ahead = 0;
const clock: Clock = { now: () => new Date(Date.now() + ahead), pause: async (ms) => void (ahead += ms) };

describeEachHelm("a release from before the cluster was upgraded", ({ major, binary }) => {
  const records = () => createReleaseRecords(plane.api);
  let helm: Helm;
  beforeAll(() => {
    helm = plane.helm(binary);
  });

  /** Installs the sample chart, and has Helm's record say that it was made in APIs of long ago. */
  async function recordedLongAgo(name: string) {
    const render = await plane.renderIn(`${name}-${major}`, { budget: true });
    const scope = { release: "r", namespace: render.namespace };
    await helm.apply(render, signal);
    await age(scope, 1);
    return { render, scope };
  }
  async function age(scope: { readonly release: string; readonly namespace: string }, revision: number): Promise<void> {
    const found = await records().manifests(scope, revision, signal);
    const old = `${found?.value.replace("policy/v1", "policy/v1beta1")}${gone}`;
    expect(await records().replaceManifests(scope, revision, old, found?.version ?? "", signal)).toMatchObject({ kind: "written" });
  }
  const mapping = (progress = new RecordingProgress()) => mappingHelm({ helm, records: records(), progress, clock });

  test("is not upgraded by helm alone, and is by ours; what it still has stays its own", async () => {
    const { render, scope } = await recordedLongAgo("upgraded");
    const more = { ...render, values: "budget: true\nreplicas: 2\n" };
    expect((await problemOf(() => helm.apply(more, signal))).message).toContain("no matches for kind");
    const progress = new RecordingProgress();
    expect(await mapping(progress).apply(more, signal)).toMatchObject({ status: "deployed" });
    const told = progress.events.flatMap((event) => (event.kind === "note" ? [event.text] : []));
    expect(told).toEqual([
      expect.stringContaining("policy/v1beta1 PodDisruptionBudget (web), now policy/v1; gone.example/v1 Gone (never), which is no more"),
    ]);
    const path = `/apis/policy/v1/namespaces/${scope.namespace}/poddisruptionbudgets`;
    expect(await plane.names(path)).toEqual(["web"]);
    // The old release's own object goes with the release that does not have it any more.
    await mapping().apply({ ...render, values: "replicas: 2\n" }, signal);
    expect(await plane.names(path)).toEqual([]);
  });

  test("is gone back to, although both revisions were recorded long ago", async () => {
    const { render, scope } = await recordedLongAgo("back");
    await mapping().apply({ ...render, values: "budget: true\ntext: second\n" }, signal);
    await age(scope, 1);
    await age(scope, 2);
    expect((await problemOf(() => helm.rollback("r", scope.namespace, 1, signal))).message).toContain("no matches for kind");
    await mapping().rollback("r", scope.namespace, 1, signal);
    expect(await helm.find("r", scope.namespace, signal)).toMatchObject({ revision: expect.any(Number), status: "deployed" });
    expect(await helm.manifest("r", scope.namespace, signal)).not.toContain("second");
  });

  test("is taken down, with its objects", async () => {
    const { scope } = await recordedLongAgo("down");
    await mapping().uninstall("r", scope.namespace, signal);
    expect(await plane.names(`/apis/policy/v1/namespaces/${scope.namespace}/poddisruptionbudgets`)).toEqual([]);
    expect(await helm.find("r", scope.namespace, signal)).toBeUndefined();
  });

  test("is told, not a bug of ours, where its record may not be read", async () => {
    const { config } = openConnection({ kubeconfig: plane.sandbox.kubeconfigs.namespaced });
    const denied = createReleaseRecords(new ApiClient(config));
    const scope = { release: "r", namespace: "kube-system" };
    expect((await problemOf(() => denied.revisions(scope, signal))).code).toBe("CLUSTER_FORBIDDEN");
    expect((await problemOf(() => denied.manifests(scope, 1, signal))).code).toBe("CLUSTER_FORBIDDEN");
    expect((await problemOf(() => denied.replaceManifests(scope, 1, "", "1", signal))).code).toBe("CLUSTER_FORBIDDEN");
  });

  test("has its record left alone where nothing of it was removed", async () => {
    const render = await plane.renderIn(`untouched-${major}`, { budget: true });
    const scope = { release: "r", namespace: render.namespace };
    await mapping().apply(render, signal);
    const before = await records().manifests(scope, 1, signal);
    const progress = new RecordingProgress();
    await mapping(progress).apply({ ...render, values: "budget: true\nreplicas: 2\n" }, signal);
    expect((await records().manifests(scope, 1, signal))?.value).toBe(before?.value);
    expect(progress.events).toEqual([]);
  });
});
