import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { planSchema } from "../../../src/domain/plan/plan.ts";
import type { E2eSite } from "../../e2e/support/site.ts";
import { until } from "../../sandbox/until.ts";
import { Writer } from "../restores/writer.ts";
import { imageOf } from "./image-faults.ts";
import { UpgradedPlatform } from "./platform.ts";
import { playUpgrade, type UpgradeOutcome } from "./round.ts";
import { pairsOf, type UpgradeCampaign, upgradeRound, upgradeRoundInWords } from "./rounds.ts";
import { giveOwnDisk } from "./small-disk.ts";

/** Which rounds are played. */
export interface Upgrades extends UpgradeCampaign {
  /** The bundle of 1.1.0. */
  readonly bundle: string;
  readonly from: number;
  /** Absent: as many as there are pairs of fault and action. */
  readonly rounds: number | undefined;
  /** No round is begun after that many minutes. */
  readonly minutes: number | undefined;
}

const plannedSchema = z.object({ plan: planSchema });

/** Installs 1.0.0, and plays the rounds until one breaks the promise: what comes after it would begin from nobody knows where. */
export async function playUpgrades(site: E2eSite, upgrades: Upgrades, tell: (line: string) => void): Promise<readonly UpgradeOutcome[]> {
  const { bundle, from, minutes = Number.POSITIVE_INFINITY } = upgrades;
  const begun = performance.now();
  const platform = await UpgradedPlatform.make(site, "upgrades");
  await giveOwnDisk(platform);
  const actions = await upgradeActions(platform, bundle);
  const rounds = upgrades.rounds ?? pairsOf(upgrades, actions).length;
  tell(`actions ${actions.join(" ")}; rounds ${from} to ${from + rounds - 1}`);
  const writer = new Writer(site, await platform.certificate());
  const game = { platform, writer, bundle, backend: await imageOf(platform, bundle, "backend") };
  const outcomes: UpgradeOutcome[] = [];
  try {
    for (let number = from; number < from + rounds && (performance.now() - begun) / 60_000 < minutes; number += 1) {
      const round = upgradeRound(upgrades, actions, number);
      tell(`${number}: ${upgradeRoundInWords(round)}`);
      const outcome = await playUpgrade(game, round);
      outcomes.push(outcome);
      const { runs, serves, rows, gap, wrong, seconds } = outcome;
      tell(
        `  ${wrong.length === 0 ? "kept" : "BROKEN"}: ${runs.join("; ")}; ${serves} serves, ${rows} requests, gap ${gap.milliseconds} ms until ${new Date(gap.endedAt).toISOString()}, ${seconds.toFixed(0)} s`,
      );
      for (const one of wrong) tell(`  - ${one}`);
      if (wrong.length > 0) break;
    }
  } finally {
    await writer.end();
  }
  if (outcomes.every(({ wrong }) => wrong.length === 0)) tell(await everyJobOnce(platform));
  return outcomes;
}

/** Ids of the actions of the upgrade, as its dry run tells them. @throws Error when the dry run fails */
export async function upgradeActions(platform: UpgradedPlatform, bundle: string): Promise<readonly string[]> {
  const planned = await platform.must("upgrade", "--airgap", "--bundle", bundle, "--dry-run");
  return plannedSchema.parse(JSON.parse(planned)).plan.actions.map(({ id }) => id);
}

/** Waits until the queue is empty, and tells that every assessment was completed once. @throws Error when it was not */
async function everyJobOnce({ database }: UpgradedPlatform): Promise<string> {
  const open = "select count(*) from migration.assessment where status not in ('completed', 'failed')";
  const empty = async () => {
    const count = await database.sql(open);
    if (count !== "0") await pause(2000);
    return count === "0" ? true : undefined;
  };
  await until("an empty queue", empty, { deadlineMs: 1_800_000 });
  const others = "select count(*) from migration.assessment where status <> 'completed'";
  const twice =
    "select count(*) from (select assessment_id from migration.assessment_event where action = 'completed' group by 1 having count(*) > 1) t";
  const [failed, repeated] = [await database.sql(others), await database.sql(twice)];
  if (failed !== "0" || repeated !== "0") throw new Error(`${failed} assessments failed, ${repeated} were completed more than once`);
  return `${await database.sql("select count(*) from migration.assessment")} assessments, each completed once`;
}
