import { randomInt } from "node:crypto";
import { dirname } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { z } from "zod";
import { repeatingUpgrade } from "../../scripts/campaign/upgrade-options.ts";
import { imagesOf, makeBundle } from "../../scripts/demo/bundle.ts";
import { Writer } from "../campaign/restores/writer.ts";
import { imageOf } from "../campaign/upgrades/image-faults.ts";
import { UpgradedPlatform } from "../campaign/upgrades/platform.ts";
import { upgradeActions } from "../campaign/upgrades/play.ts";
import { playUpgrade } from "../campaign/upgrades/round.ts";
import { upgradeRound, upgradeRoundInWords } from "../campaign/upgrades/rounds.ts";
import { ensureToolchain } from "../sandbox/index.ts";
import { Running } from "./support/running.ts";
import { fitsSchema } from "./support/schemas.ts";
import { howItEnded } from "./support/site.ts";
import { expectUnbroken } from "./support/unbroken.ts";

const site = inject("site");
const namespace = "upgrade";
const seed = Number(process.env["MIGRATECTL_CAMPAIGN_SEED"] ?? randomInt(1_000_000));

/** A slice of `npm run campaign:upgrade`: one round, another one every time, of those that are taken back soon. */
const takenBack = ["image-crashes", "policy"] as const;
const slice = { seed, fault: takenBack[seed % takenBack.length] };

const historySchema = z.object({
  verified: z.boolean(),
  entries: z.array(z.object({ workflow: z.string(), version: z.string(), outcome: z.string() })),
});

describe("an installed platform, written to all the time", () => {
  const bundles = new Map<string, string>();
  let platform: UpgradedPlatform;
  let writer: Writer;
  const bundle = (version: string): readonly string[] => ["--airgap", "--bundle", bundles.get(version) ?? ""];
  const history = async (): Promise<readonly string[]> => {
    const { entries, verified } = historySchema.parse(JSON.parse(await platform.must("history", "--verify")));
    expect(verified).toBe(true);
    return entries.flatMap(({ workflow, version, outcome }) => (workflow === "drill" ? [] : [`${workflow} ${version} ${outcome}`]));
  };
  /** Entries of the history after the fault. */
  let faulted = 0;

  beforeAll(async () => {
    bundles.set("1.0.0", site.bundle);
    for (const release of ["1.1.0", "2.0.0"]) {
      const toolchain = await ensureToolchain({ purposes: ["images", "bundle"], meanwhile: imagesOf(release) });
      bundles.set(release, await makeBundle(release, toolchain.binDir));
    }
    platform = await UpgradedPlatform.make(site, namespace);
    writer = new Writer(site, await platform.certificate());
    await writer.acknowledged(20);
  }, 1_200_000);

  afterAll(async () => {
    await writer?.end();
    await platform?.remove();
  });

  it("is told before anything is touched that another release has to come first, and what would be done", async () => {
    const refused = await platform.run("upgrade", ...bundle("2.0.0"), "--yes");
    expect(refused.code, refused.stdout).toBe(2);
    expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: "UPGRADE_STOP_MISSING", what: expect.stringContaining("1.1.0") } });
    const planned = JSON.parse(await platform.must("upgrade", ...bundle("1.1.0"), "--dry-run")) as {
      readonly plan: { readonly actions: readonly { readonly id: string }[] };
    };
    expect(planned.plan.actions.map(({ id }) => id)).toContain("restore-point");
    const folder = await platform.must("upgrade", "--airgap", "--bundle", dirname(site.bundle), "--to", "2.0.0", "--dry-run");
    expect(JSON.parse(folder)).toMatchObject({ outcome: "planned", stops: ["1.1.0", "2.0.0"] });
    expect(await platform.version()).toMatchObject({ version: "1.0.0", schemaRevision: "0002" });
  });

  it("shows what would change and which pods would be replaced, and no drift where nobody has changed anything", async () => {
    const shown = await platform.must("diff", "--bundle", bundles.get("1.1.0") ?? "");
    fitsSchema("diff", shown);
    const { drift, restarts } = JSON.parse(shown) as {
      readonly drift: readonly unknown[];
      readonly restarts: readonly { readonly object: { readonly name: string } }[];
    };
    expect(drift).toEqual([]);
    const replaced = ["backend", "frontend", "mcp-assessment-tools", "state-manager", "worker"];
    expect(restarts.map(({ object }) => object.name).toSorted()).toEqual(replaced);
  });

  it(`ends as one of both releases, with every row, whatever goes wrong with its upgrade (MIGRATECTL_CAMPAIGN_SEED=${seed})`, async () => {
    const to = bundles.get("1.1.0") ?? "";
    const round = upgradeRound(slice, await upgradeActions(platform, to), 1);
    process.stderr.write(`${upgradeRoundInWords(round)}, of: ${repeatingUpgrade(slice, 1)}\n`);
    const { wrong, runs } = await playUpgrade({ platform, writer, bundle: to, backend: await imageOf(platform, to, "backend") }, round);
    expect(wrong, `${runs.join("\n")}\nrepeat it with: MIGRATECTL_CAMPAIGN_SEED=${seed}`).toEqual([]);
    faulted = (await history()).length;
  });

  it("is upgraded without a request that fails, a row that is lost, or a job that is done twice", async () => {
    writer.take();
    const ended = await platform.run("upgrade", ...bundle("1.1.0"), "--yes");
    expect(ended.code, howItEnded(ended)).toBe(0);
    fitsSchema("upgrade-result", ended.stdout);
    expect(JSON.parse(ended.stdout)).toMatchObject({ outcome: "upgraded", from: "1.0.0", putOff: [] });
    expect(await platform.version()).toMatchObject({ version: "1.1.0", schemaRevision: "0003" });
    await expectUnbroken(platform, writer);
    expect(JSON.parse(await platform.must("upgrade", ...bundle("1.1.0"), "--yes"))).toMatchObject({ outcome: "unchanged" });
  });

  it("goes back to the release of before, and forward over both stops in one call, although that was killed (-9) on its way", async () => {
    writer.take();
    const back = await platform.run("rollback", "--yes");
    expect(back.code, howItEnded(back)).toBe(0);
    fitsSchema("rollback-result", back.stdout);
    expect(JSON.parse(back.stdout)).toMatchObject({ outcome: "rolled-back", from: { version: "1.1.0" }, to: { version: "1.0.0" } });
    expect(await platform.version()).toMatchObject({ version: "1.0.0", schemaRevision: "0003" });

    const command = ["upgrade", "--airgap", "--bundle", dirname(site.bundle), "--to", "2.0.0", "--yes"];
    const killed = new Running(site, [...command, "--answers", platform.answers]);
    while (!killed.started.includes("Wait until everything is ready")) expect(await killed.reaches(killed.started.length + 1)).toBe(true);
    killed.kill("SIGKILL");
    await killed.end();
    const ended = await platform.run(...command);
    expect(ended.code, howItEnded(ended)).toBe(0);
    // What contracts the schema waits: 1.1.0 could still come back.
    expect(JSON.parse(ended.stdout)).toMatchObject({ outcome: "upgraded", stops: ["1.1.0", "2.0.0"], putOff: ["0004"] });
    expect(await platform.version()).toMatchObject({ version: "2.0.0", schemaRevision: "0003" });
    expect(JSON.parse(await platform.must("rollback", "--dry-run"))).toMatchObject({ to: { version: "1.1.0" } });
    await expectUnbroken(platform, writer);
  });

  it("keeps the old schema while the new release proves itself, and only then contracts it; from there nothing leads back but a restore", async () => {
    writer.take();
    const finished = JSON.parse(await platform.must("upgrade", "--finish", ...bundle("2.0.0"), "--yes"));
    expect(finished).toMatchObject({ outcome: "finished", putOff: [], restorePoint: { name: expect.stringContaining("before-2.0.0-") } });
    expect(await platform.version()).toMatchObject({ version: "2.0.0", schemaRevision: "0004" });
    await expectUnbroken(platform, writer);

    const refused = await platform.run("rollback", "--to", "1.1.0", "--yes");
    expect(refused.code).toBe(5);
    expect(JSON.parse(refused.stdout)).toMatchObject({
      error: { code: "ROLLBACK_SCHEMA", fix: expect.stringContaining(finished.restorePoint.name) },
    });
  });

  it("tells who did all that, with which bundle, and how it ended; the chain holds", async () => {
    expect((await history()).slice(faulted)).toEqual([
      "upgrade 1.1.0 succeeded",
      "rollback 1.0.0 succeeded",
      "upgrade 1.1.0 succeeded",
      "upgrade 2.0.0 succeeded",
      "upgrade 2.0.0 succeeded",
    ]);
  });
});
