import { afterAll, beforeAll } from "vitest";
import { ApiClient } from "../../../src/adapters/kubernetes/api-client.ts";
import { loadKubeConfig } from "../../../src/adapters/kubernetes/connection.ts";
import { createClusterObjects } from "../../../src/adapters/kubernetes/objects.ts";
import type { ClusterObjects } from "../../../src/ports/cluster-objects.ts";
import { FakeClusterObjects } from "../../fakes/fake-cluster-objects.ts";
import { HeldClock } from "../../fakes/held-clock.ts";
import { down, ensureToolchain, up } from "../../sandbox/index.ts";
import { clusterObjectsContract } from "./suite.ts";

const name = "objects-test";
let real: ClusterObjects;

beforeAll(async () => {
  const toolchain = await ensureToolchain({ purposes: ["cluster", "tests"] });
  await down(name);
  const { kubeconfigs } = await up({ name, cpus: 2, mode: "control-plane", toolchain });
  real = createClusterObjects(new ApiClient(loadKubeConfig({ kubeconfig: kubeconfigs.admin })));
}, 180_000);
afterAll(() => down(name), 60_000);

clusterObjectsContract("the fake", async () => new FakeClusterObjects(new HeldClock()));
clusterObjectsContract("a real API server", async () => real);
