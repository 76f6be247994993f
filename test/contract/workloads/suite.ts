import { afterAll, beforeAll, describe } from "vitest";
import { rightsContract } from "./rights-suite.ts";
import { rolloutContract } from "./rollout-suite.ts";
import { release, type Scene, signal } from "./scene.ts";
import { logContract, surroundingsContract } from "./surroundings-suite.ts";
import { watchContract } from "./watch-suite.ts";
import type { World } from "./world.ts";

/** What every implementation of ClusterWorkloads does; each test works in a namespace of its own. */
export function workloadsContract(name: string, start: () => Promise<World>): void {
  describe(`${name}: ClusterWorkloads`, () => {
    let world: World | undefined;
    let count = 0;
    const scene: Scene = {
      get world() {
        if (world === undefined) throw new Error("the world has not started");
        return world;
      },
      async fresh() {
        const scope = { release, namespace: `workloads-${++count}` };
        await scene.world.makeNamespace(scope.namespace);
        return scope;
      },
      rollout: (scope) => scene.world.workloads.rollout(scope, signal),
    };
    beforeAll(async () => {
      world = await start();
    }, 180_000);
    afterAll(async () => await world?.end());

    rolloutContract(scene);
    watchContract(scene);
    logContract(scene);
    surroundingsContract(scene);
    rightsContract(scene);
  });
}
