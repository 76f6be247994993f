import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { bundleOpener } from "../../../src/adapters/oci-layout/bundle-opener.ts";
import { journalSchema } from "../../../src/domain/plan/journal.ts";
import { Writer } from "../../../test/campaign/restores/writer.ts";
import { UpgradedPlatform } from "../../../test/campaign/upgrades/platform.ts";
import { gapOf } from "../../../test/campaign/upgrades/round.ts";
import { cli, type E2eSite } from "../../../test/e2e/support/site.ts";
import { runInside } from "../../../test/sandbox/index.ts";
import { run } from "../../../test/sandbox/platform/command.ts";
import type { Loaded, MeasuredUpgrade } from "./measured.ts";

/** Seconds of load without an upgrade. */
const idleSeconds = 60;

const upgradedSchema = z.object({ runFolder: z.string() });
const sentSchema = z.object({ pushed: z.object({ sentBytes: z.number() }) });

/** Measures upgrades from the site's bundle to the newer one and back; each round upgrades once by migratectl and once by helm. */
export async function measureUpgrades(
  site: E2eSite,
  { bundle, rounds }: { readonly bundle: string; readonly rounds: number },
  tell: (text: string) => void,
): Promise<Omit<MeasuredUpgrade, "date" | "machine">> {
  const platform = await UpgradedPlatform.make(site, "upgrades");
  const writer = new Writer(site, await platform.certificate());
  const loaded = async (work: () => Promise<unknown>): Promise<Loaded> => {
    writer.take();
    const began = performance.now();
    await work();
    const seconds = (performance.now() - began) / 1000;
    const rows = writer.take();
    const failed = rows.filter(({ acknowledgedAt }) => acknowledgedAt === undefined).length;
    return { seconds, requests: rows.length, failed, gap: gapOf(rows).milliseconds / 1000 };
  };
  try {
    // The first one pushes, makes a restore point and migrates; from then on only code changes, as for helm.
    const first = JSON.parse(await platform.must("upgrade", "--airgap", "--bundle", bundle, "--yes"));
    const sentBytes = await sentBy(upgradedSchema.parse(first).runFolder);
    const pushed = { sentBytes, ...(await changedBlobs(site.bundle, bundle)) };
    tell(`pushed ${JSON.stringify(pushed)}`);
    const diff = await measureDiff(platform, rounds);
    await platform.must("rollback", "--yes");
    const helm = await helmUpgrade(platform, bundle);
    const pairs: { ours: Loaded; helm: Loaded }[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const ours = await loaded(() => platform.must("upgrade", "--airgap", "--bundle", bundle, "--yes"));
      await platform.must("rollback", "--yes");
      const theirs = await loaded(helm.upgrade);
      await helm.back();
      pairs.push({ ours, helm: theirs });
      tell(`round ${round + 1}: ours ${JSON.stringify(ours)}, helm ${JSON.stringify(theirs)}`);
    }
    const idle = await loaded(() => pause(idleSeconds * 1000));
    tell(`idle ${JSON.stringify(idle)}`);
    const takenBack: number[] = [];
    for (let round = 0; round < rounds; round += 1) takenBack.push(await takenBackAfterCrash(platform, bundle));
    tell(`taken back ${takenBack.join(" ")}`);
    return { pushed, pairs, idle, takenBack, diff };
  } finally {
    await writer.end();
  }
}

/** What the push of a run sent, by its journal. */
async function sentBy(runFolder: string): Promise<number> {
  const journal = journalSchema.parse(JSON.parse(await readFile(join(runFolder, "journal.json"), "utf8")));
  return sentSchema.parse(journal.entries.find(({ id }) => id === "push")?.output).pushed.sentBytes;
}

/** The blobs of the newer bundle's images that the older one lacks. */
async function changedBlobs(older: string, newer: string): Promise<{ readonly changedBytes: number; readonly bundleBytes: number }> {
  const signal = AbortSignal.timeout(60_000);
  const [before, after] = [await bundleOpener.open(older, signal), await bundleOpener.open(newer, signal)];
  try {
    const there = new Set(before.manifest.blobs.map(({ digest }) => digest));
    const sum = (blobs: typeof after.manifest.blobs): number => blobs.reduce((bytes, { size }) => bytes + size, 0);
    return { changedBytes: sum(after.manifest.blobs.filter(({ digest }) => !there.has(digest))), bundleBytes: sum(after.manifest.blobs) };
  } finally {
    await Promise.all([before.close(), after.close()]);
  }
}

const countsSchema = z.object({ counts: z.object({ added: z.int(), removed: z.int(), kept: z.int(), changed: z.int() }) });

/** `diff` of the installation with the site's older bundle. */
async function measureDiff(platform: UpgradedPlatform, rounds: number): Promise<MeasuredUpgrade["diff"]> {
  const seconds: number[] = [];
  let shown = "{}";
  for (let round = 0; round < rounds; round += 1) {
    const began = performance.now();
    shown = await platform.must("diff", "--bundle", platform.site.bundle);
    seconds.push((performance.now() - began) / 1000);
  }
  const { added, removed, kept, changed } = countsSchema.parse(JSON.parse(shown)).counts;
  return { objects: added + removed + kept + changed, seconds };
}

/** An upgrade by helm with exactly the values that ours would render, and the smoke test; and the way back. */
async function helmUpgrade(platform: UpgradedPlatform, bundle: string): Promise<{ upgrade(): Promise<unknown>; back(): Promise<unknown> }> {
  const { site, namespace, answers } = platform;
  const rendered = join(site.scratch, "rendered");
  await platform.must("render", "--bundle", bundle, "--out", rendered);
  const chart = join(site.scratch, "chart.tgz");
  await run(["sh", "-c", 'tar -xOf "$1" --wildcards "chart/*.tgz" > "$2"', "sh", bundle, chart]);
  const release = ["migrate-platform", "--namespace", namespace] as const;
  const smoke = [process.execPath, cli, "smoke", "--answers", answers, "--json"];
  return {
    upgrade: async () => {
      const values = join(rendered, "values.yaml");
      await runInside(site.sandbox, [
        "helm",
        "upgrade",
        release[0],
        chart,
        ...release.slice(1),
        "--values",
        values,
        "--wait",
        "--timeout",
        "15m",
      ]);
      await runInside(site.sandbox, smoke);
    },
    back: () => runInside(site.sandbox, ["helm", "rollback", ...release, "--wait", "--timeout", "15m"]),
  };
}

/** Upgrades to a release whose backend crashes; seconds from when that was told until everything was taken back. */
async function takenBackAfterCrash(platform: UpgradedPlatform, bundle: string): Promise<number> {
  const crashing = platform.with(platform.crashing);
  const { code, stdout } = await crashing.run("upgrade", "--airgap", "--bundle", bundle, "--yes");
  const ended = Date.now();
  if (code !== 4) throw new Error(`a crashing upgrade ended with ${code}: ${stdout}`);
  const runs = join(platform.site.scratch, "state", "migratectl", "runs");
  // Their names begin with the time.
  const runFolder = join(runs, (await readdir(runs)).toSorted().at(-1) ?? "");
  const log = await readFile(join(runFolder, "run.log"), "utf8");
  const told = /^(\S+) !! {2}/m.exec(log)?.[1];
  if (told === undefined) throw new Error(`${runFolder}/run.log tells no failure`);
  return (ended - Date.parse(told)) / 1000;
}
