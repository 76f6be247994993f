import { describe, expect, test } from "vitest";
import { claimSizes } from "../../../src/domain/answers/claim-sizes.ts";
import { agentPoolCost, type Cost, profileCost, replicasCost, sentinelCost } from "../../../src/domain/answers/part-costs.ts";
import { objects, profiles, type Values } from "./render.ts";
import { sizing } from "./sizing.ts";

/** What the wizard tells is what the rendered release requests; for a part, what it requests more with it than without it. */
describe.each(profiles)("in profile %s, the wizard tells the cost of", (profile) => {
  const sizes = claimSizes({ profile, storage: {}, backup: { repository: {} } });

  function more(values: Values, than: Values, when: "rest" | "scaledOut" = "rest"): Cost {
    const [bigger, smaller] = [sizing(objects({ values: { profile, ...values } })), sizing(objects({ values: { profile, ...than } }))];
    return {
      millicores: bigger[when].millicores - smaller[when].millicores,
      mebibytes: bigger[when].mebibytes - smaller[when].mebibytes,
      gibibytes: bigger.storageGi - smaller.storageGi,
    };
  }

  test("the whole", () => {
    const { rest, storageGi } = sizing(objects({ values: { profile } }));
    expect(profileCost[profile]).toEqual({ ...rest, gibibytes: storageGi });
  });

  test.each([1, 2])("%i read replicas", (count) => {
    const rendered = more({ "postgresReplica.replicas": count }, { "postgresReplica.replicas": 0 });
    expect(replicasCost(profile, count, sizes)).toEqual(rendered);
  });

  test("Redis with Sentinel", () => {
    expect(sentinelCost(profile, sizes)).toEqual(more({ "redis.replicas": 3 }, { "redis.replicas": 1 }));
  });

  test("the agent pool, at rest and busy", () => {
    const [on, off] = [{ "agentPool.enabled": true }, { "agentPool.enabled": false }];
    expect(agentPoolCost(profile)).toEqual({ rest: more(on, off), busy: more(on, off, "scaledOut") });
  });
});
