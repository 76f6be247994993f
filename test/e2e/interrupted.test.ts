import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { answersFile } from "./support/answers.ts";
import { Running } from "./support/running.ts";
import { kubectl, migratectl } from "./support/site.ts";

const site = inject("site");
const namespace = "interrupted";
let install: readonly string[] = [];
beforeAll(async () => {
  const answers = await answersFile(site, namespace, { release: { namespace }, ingress: { enabled: false } });
  install = ["install", "--airgap", "--bundle", site.bundle, "--answers", answers, "--yes"];
});
afterAll(async () => {
  await kubectl(site, "delete", "namespace", namespace, "--ignore-not-found");
});

interface Secrets {
  readonly items: readonly { readonly metadata: { readonly name: string }; readonly data?: Readonly<Record<string, string>> }[];
}
async function secrets(): Promise<Readonly<Record<string, unknown>>> {
  const { items } = JSON.parse(await kubectl(site, "-n", namespace, "get", "secrets", "-o", "json")) as Secrets;
  return Object.fromEntries(
    items.filter(({ metadata }) => !metadata.name.startsWith("sh.helm")).map(({ metadata, data }) => [metadata.name, data]),
  );
}

describe("an installation that is interrupted", () => {
  let kept: Readonly<Record<string, unknown>> = {};

  it.each([3, 5, 6])("goes on after kill -9 in action %i, and loses nothing that was generated", async (action) => {
    const run = new Running(site, install);
    expect(await run.reaches(action), (await Promise.race([run.end(), Promise.resolve(undefined)]))?.stderr).toBe(true);
    run.kill("SIGKILL");
    expect((await run.end()).code).toBe(-1);
    const now = await secrets().catch(() => ({}));
    expect(now).toMatchObject(kept);
    kept = now;
  });

  it("stops on Ctrl-C with exit 130 and says that the same command goes on", async () => {
    const run = new Running(site, install);
    expect(await run.reaches(3)).toBe(true);
    run.kill("SIGINT");
    const ended = await run.end();
    expect(ended.code, ended.stderr).toBe(130);
    expect(ended.stderr).toMatch(/CANCELLED[\s\S]*same command/);
  });

  it("tells a second operator who holds the Lease and since when, while the first one is at it", async () => {
    const first = new Running(site, install);
    expect(await first.reaches(4)).toBe(true);
    const second = await migratectl(site, [...install, "--json"]);
    expect(second.code, second.stdout).not.toBe(0);
    expect(JSON.parse(second.stdout)).toMatchObject({ error: { code: "INSTALL_LOCKED", what: expect.stringMatching(/since/) } });
    const ended = await first.end();
    expect(ended.code, ended.stderr).toBe(0);
    expect(await secrets()).toMatchObject(kept);
  });

  it("has ended in a platform that passes smoke", async () => {
    const ended = await migratectl(site, ["smoke", "--answers", install[5] ?? "", "--json"]);
    expect(ended.code, ended.stdout).toBe(0);
  });
});
