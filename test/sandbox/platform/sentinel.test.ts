import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Container } from "./container.ts";
import { eventually } from "./eventually.ts";
import { buildPlatform } from "./platform.ts";
import { PlatformLab } from "./platform-lab.ts";
import { hostArchitecture } from "./sources.ts";

describe("three Redis pods with a Sentinel each, under the restrictions of the chart", () => {
  let folder: string;
  let lab: PlatformLab;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "platform-sentinel-"));
    await buildPlatform({ release: "1.0.0", out: join(folder, "1.0.0"), images: ["redis"], platforms: [hostArchitecture] });
    lab = await PlatformLab.open(join(folder, "1.0.0"), join(folder, "lab"));
  });

  afterAll(async () => {
    await lab?.pods.close();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  test("Sentinel makes a replica the master when the master dies, and the one that comes back follows it", async () => {
    const names = [0, 1, 2].map((ordinal) => `redis-${ordinal}.redis`);
    const env = (name: string) => ({
      REDIS_MODE: "sentinel",
      POD_NAME: name.split(".")[0] ?? "",
      REDIS_HEADLESS: "redis",
      REDIS_SENTINELS: names.map((one) => `${one}:26379`).join(","),
      REDIS_DOWN_AFTER_MS: "2000",
      // Two Sentinels that ask at the same moment elect nobody, and ask again after twice this time.
      REDIS_FAILOVER_TIMEOUT_MS: "10000",
    });
    for (const name of names) await lab.pods.address(name);
    const servers = await Promise.all(names.map((name) => lab.redis(name, "server", env(name))));
    const sentinels = await Promise.all(names.map((name) => lab.redis(name, "sentinel", env(name))));
    const [first, second] = servers as [Container, Container];
    const watching = sentinels[1] as Container;
    const cli = (container: Container, port: string, ...args: readonly string[]): Promise<string> =>
      container.exec("sh", "-c", '. /usr/local/lib/redis/redis-lib.sh; cli -p "$@"', "cli", port, ...args);
    await Promise.all(
      servers.map((server) =>
        eventually(`${server.name} is ready`, 60, async () => (await server.exec("redis-health", "ready")) !== undefined),
      ),
    );
    await eventually("the Sentinels know each other and both replicas", 60, async () => {
      const master = await cli(watching, "26379", "sentinel", "master", "mymaster");
      return /num-slaves\n2\n/.test(master) && /num-other-sentinels\n2\n/.test(master);
    });
    expect(await cli(first, "6379", "set", "kept", "yes")).toBe("OK\n");
    expect((await cli(first, "6379", "wait", "2", "5000")).trim()).toBe("2");
    await first.kill();
    // On a machine that stalls for two seconds Sentinel trusts nothing it saw for thirty.
    const master = await eventually("another one is master", 150, async () => {
      const found = (await cli(watching, "26379", "sentinel", "get-master-addr-by-name", "mymaster")).split("\n")[0];
      return found !== names[0] && found;
    }).catch((cause: unknown) => {
      throw new Error(sentinels.map(({ name, output }) => `${name}:\n${output.slice(-3000)}`).join("\n"), { cause });
    });
    expect(names).toContain(master);
    expect((await cli(second, "6379", "get", "kept")).trim()).toBe("yes");
    const back = await lab.redis(names[0] ?? "", "server", env(names[0] ?? ""));
    await eventually(
      "the old master follows",
      60,
      async () =>
        /role:slave/.test(await cli(back, "6379", "info", "replication")) && (await back.exec("redis-health", "ready")) !== undefined,
    );
    expect(back.output).toContain(`starting as replica of ${master}`);
  });

  test("no output of them holds the password", () => {
    expect(lab.pods.output()).not.toContain(lab.passwords["redis-password"]);
  });
});
