import { expect } from "vitest";
import type { RolloutFacts } from "../../../src/domain/rollout/workload.ts";
import type { ReleaseScope } from "../../../src/ports/cluster-workloads.ts";
import type { World } from "./world.ts";

/** Never aborted. */
export const signal = new AbortController().signal;

/** The release that the suite writes. */
export const release = "migrate-platform";

/** What the parts of the suite play in; `world` is there once the first hook has run. */
export interface Scene {
  readonly world: World;
  /** The release in a new namespace. */
  fresh(): Promise<ReleaseScope>;
  rollout(scope: ReleaseScope): Promise<RolloutFacts>;
}

/** As the cluster tells it: when it was made is the cluster's own. */
export const made = <T extends { readonly createdAt: Date }>(one: T) => ({ ...one, createdAt: expect.any(Date) });

/** A Service with one port. */
export const service = (name: string) => ({
  name,
  component: name,
  type: "ClusterIP",
  ports: [{ name: "http", port: 80, targetPort: "8000" }],
});
